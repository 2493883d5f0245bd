# SPDX-License-Identifier: BSD-2-Clause
"""docs/QUESTIONS.md, run: questions.py BUILD PAGE.

A real aplombd, to which this program speaks as an MTA, makes the log and the
history; a DNS server of a few names is here, too. Each question begins with its
own pieces of configuration (fenced as conf) in force and with the same mail.
Then each command (fenced as sh) must end well and print something, which must be
what the page shows next (fenced as text), but for times, ids and line ends.

Stand-ins, since there is no systemd: journalctl prints the daemon's log,
systemctl sends it the signals of the sample unit.
"""
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "mta"))
from lab import Key, LabError, message, wait_for  # noqa: E402

PATHS = [("/etc/aplomb/aplomb.conf", "etc/aplomb.conf"), ("/tmp/bounce.eml", "bounce.eml"),
         ("/run/opendmarc/opendmarc.dat", "lib/opendmarc.dat"),
         ("/usr/sbin/sendmail", "bin/sendmail"), ("/var/lib/aplomb/", "lib/")]
STRANGER, LIST, RELAY, ACME = "198.51.100.66", "203.0.113.40", "203.0.113.25", "192.0.2.10"
DAY, FAR = r"\b20\d\d-\d\d-\d\d", "2098-12-31"


# ---- DNS -----------------------------------------------------------------------

class Names:
    """TXT records on UDP; what is not there does not exist."""

    def __init__(self, records):
        self.records = {k.lower(): v for k, v in records.items()}
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            query, client = self.socket.recvfrom(4096)
            try:
                self.socket.sendto(self._answer(query), client)
            except (IndexError, OSError):
                continue

    def _answer(self, query):
        labels, at = [], 12
        while query[at]:
            labels.append(query[at + 1:at + 1 + query[at]].decode("latin-1"))
            at += 1 + query[at]
        question = query[12:at + 5]
        kind = struct.unpack(">H", query[at + 1:at + 3])[0]
        name = ".".join(labels).lower()
        text = self.records.get(name) if kind == 16 else None
        exists = any(n == name or n.endswith("." + name) for n in self.records)
        head = query[:2] + struct.pack(">5H", 0x8180 | (0 if exists else 3), 1,
                                       1 if text else 0, 0, 0)
        if not text:
            return head + question
        data = text.encode()
        data = b"".join(bytes([len(data[i:i + 200])]) + data[i:i + 200]
                        for i in range(0, len(data), 200))
        return head + question + b"\xc0\x0c" + struct.pack(">HHIH", 16, 1, 300, len(data)) + data


# ---- an MTA, as far as a milter sees it ---------------------------------------

class Milter:
    """One session; every step without a reply that the daemon takes is taken."""

    NO_REPLY = {"L": 0x80, "C": 0x1000, "H": 0x2000, "M": 0x4000, "R": 0x8000,
                "N": 0x40000, "B": 0x80000}

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(60)
        self.socket.connect(path)
        self.say("O", struct.pack(">III", 6, 0x1ff, 0x1fffff))
        kind, data = self.hear()
        self.steps = struct.unpack(">III", data[:12])[2]
        if kind != "O":
            raise LabError(f"milter: {kind} in place of options")

    def say(self, kind, data=b""):
        self.socket.sendall(struct.pack(">I", len(data) + 1) + kind.encode() + data)
        if kind in self.NO_REPLY and not self.steps & self.NO_REPLY[kind]:
            self.hear()

    def hear(self):
        def some(n):
            data = b""
            while len(data) < n:
                got = self.socket.recv(n - len(data))
                if not got:
                    raise LabError("milter: the daemon hung up")
                data += got
            return data
        data = some(struct.unpack(">I", some(4))[0])
        return data[:1].decode(), data[1:]

    def send(self, client, mail_from, data, queue_id):
        head, body = data.split(b"\r\n\r\n", 1)
        self.say("D", b"Cj\0mx.example.org\0")
        self.say("C", b"mx.sender.test\0" + b"4" + struct.pack(">H", 25) + client.encode() + b"\0")
        self.say("H", b"mx.sender.test\0")
        self.say("M", b"<" + mail_from.encode() + b">\0")
        self.say("D", b"Ri\0" + queue_id.encode() + b"\0")
        self.say("R", b"<you@rcv.example>\0")
        for field in re.split(rb"\r\n(?![ \t])", head):
            name, value = field.split(b":", 1)
            self.say("L", name + b"\0" + value.replace(b"\r\n", b"\n") + b"\0")
        self.say("N")
        self.say("B", body)
        self.say("E")
        while True:
            kind, _ = self.hear()
            if kind in "acrtyd":
                break
        self.say("Q")
        self.socket.close()


# ---- a site --------------------------------------------------------------------

class Site:
    def __init__(self, build):
        self.build = os.path.abspath(build)
        self.dir = tempfile.mkdtemp(prefix="aplomb-q-", dir="/tmp")
        key = Key("rsa")
        self.key = key
        self.names = Names({
            "stranger.example": f"v=spf1 ip4:{STRANGER} -all",
            "_dmarc.acme.example": "v=DMARC1; p=reject; rua=mailto:dmarc@acme.example",
            "acme.example": f"v=spf1 ip4:{ACME} -all",
            "_dmarc.bank.example": "v=DMARC1; p=quarantine", "bank.example": "v=spf1 -all",
            "_dmarc.partner.example": "v=DMARC1; p=reject", "partner.example": "v=spf1 -all",
            "lists.example.org": f"v=spf1 ip4:{LIST} -all",
            "s1._domainkey.lists.example.org": key.record})
        self.conf, self.log = self.path("etc/aplomb.conf"), self.path("log")
        for sub in ("etc", "lib", "bin"):
            os.mkdir(self.path(sub))
        self.stand_ins()
        self.daemon = None
        self.start = 0  # where in the log this question begins
        self.count = 0

    def path(self, name):
        return os.path.join(self.dir, name)

    def stand_ins(self):
        scripts = {
            "aplomb": f'exec "{self.build}/aplomb" -c "{self.conf}" "$@"',
            "journalctl": 'while [ $# -gt 0 ]; do case $1 in\n'
                          '-t) [ "$2" = aplombd ] || exit 64; shift 2 ;;\n'
                          '-o) [ "$2" = cat ] || exit 64; shift 2 ;;\n'
                          '--since | --until) [ "$2" = today ] || [ "$2" = yesterday ] ||\n'
                          'exit 64; shift 2 ;;\n'
                          '*) echo "journalctl: $1?" >&2; exit 64 ;; esac; done\n'
                          f'tail -c "+$(cat {self.path("start")})" "{self.log}"',
            # A signal is over when the log says so: no clock is relied on.
            "systemctl": f'pid=$(cat {self.path("pid")})\n'
                         f'lines() {{ grep -c "$1" "{self.log}"; }}\n'
                         'tell() { n=$(lines "$2"); kill -s $1 $pid; i=0\n'
                         'while [ $(lines "$2") -eq $n ]; do i=$((i + 1))\n'
                         '[ $i -lt 600 ] || exit 1; sleep 0.05; done; }\n'
                         'case "$*" in\n'
                         '"reload aplombd") tell USR1 reload ;;\n'
                         '"kill -s USR2 aplombd") tell USR2 " counters " ;;\n'
                         '"is-active aplombd") kill -0 $pid && echo active ;;\n'
                         '*) echo "systemctl: $*?" >&2; exit 64 ;; esac',
            "sendmail": f'echo "$3" >"{self.path("sender")}"\ncat >"{self.path("sent")}"',
        }
        for name, text in scripts.items():
            with open(self.path("bin/" + name), "w", encoding="utf-8") as f:
                f.write(f"#!/bin/sh\n{text}\n")
            os.chmod(self.path("bin/" + name), 0o755)

    def configure(self, more=""):
        base = {
            "socket": f"unix:{self.path('sock')}", "history": self.path("lib/history"),
            "store": f"sqlite:{self.path('lib/store.db')}", "authserv-id": "mx.example.org",
            "dns-servers": f"127.0.0.1:{self.names.port}", "report-delay": "0",
            "report-pause": "0", "report-org-name": "Example", "log-target": "stderr",
            "report-from": "noreply@reports.example.org",
            "report-sendmail": self.path("bin/sendmail")}
        mine = set(re.findall(r"^([a-z-]+) =", more, re.M))
        with open(self.conf, "w", encoding="utf-8") as f:
            f.writelines(f'{k} = "{v}"\n' for k, v in base.items() if k not in mine)
            f.write(more)

    def begin(self, more):
        """A question: its configuration in force, then the mail of a day."""
        self.configure(more)
        if not self.daemon:
            self.daemon = subprocess.Popen(
                [os.path.join(self.build, "aplombd"), "-f", "-c", self.conf],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=open(self.log, "ab"))
            with open(self.path("pid"), "w", encoding="utf-8") as f:
                f.write(str(self.daemon.pid))
            wait_for("aplombd", lambda: os.path.exists(self.path("sock")))
        else:
            before = self.text().count("reload")
            self.daemon.send_signal(signal.SIGUSR1)
            wait_for("the reload", lambda: self.text().count("reload") > before)
        with open(self.path("start"), "w", encoding="utf-8") as f:
            f.write(str(os.path.getsize(self.log) + 1))
        listed = ("List-Id: News <news.lists.example.org>", )
        for author, client, mail_from, headers in (
                ("Ann <ann@acme.example>", ACME, "ann@acme.example", ()),
                ("Bank <info@bank.example>", STRANGER, "info@bank.example", ()),
                ("Ann <ann@acme.example>", LIST, "bounce@lists.example.org", listed),
                ("Pat <pat@partner.example>", RELAY, "pat@partner.example", ()),
                ("Ann <ann@acme.example>", STRANGER, "x@stranger.example", ()),
                ("Ann <ann@acme.example>", STRANGER, "x@stranger.example", ())):
            self.count += 1
            data = message(f"q{self.count}", author, headers=headers)
            if headers:
                data = self.key.sign(data, "lists.example.org", "s1")
            Milter(self.path("sock")).send(client, mail_from, data, f"4YtK{self.count:07d}")
        wait_for("the log", lambda: len(re.findall(" action=", self.text())) == self.count)

    def text(self):
        with open(self.log, encoding="utf-8", errors="replace") as f:
            return f.read()

    def run(self, script):
        env = dict(os.environ, PATH=self.path("bin") + ":" + os.environ["PATH"])
        done = subprocess.run(["bash", "-eo", "pipefail", "-c", script], cwd=self.dir, env=env,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True)
        for theirs, ours in PATHS:
            done.stdout = done.stdout.replace(self.path(ours), theirs)
        return done

    def reports(self):
        """What was yesterday, as the store has it: imported, reported, bounced."""
        history = self.path("lib/history")
        with open(history, encoding="utf-8") as f:
            data = f.read()
        with open(history, "w", encoding="utf-8") as f:
            f.write(re.sub(r'^\{"time":(\d+)', lambda m: '{"time":%d' % (int(m[1]) - 86400),
                           data, flags=re.M))
        for words in ("aplomb import", "aplomb report send --day yesterday"):
            done = self.run(words)
            if done.returncode != 0:
                raise LabError(f"{words}: {done.stdout}{done.stderr}")
        with open(self.path("sender"), encoding="utf-8") as f:
            sender = f.read().strip()
        with open(self.path("bounce.eml"), "w", encoding="utf-8") as f:
            f.write(f"""From: MAILER-DAEMON@mx.acme.example
To: {sender}
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

Sorry.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.acme.example

Final-Recipient: rfc822; dmarc@acme.example
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 no such user here
--b--
""")

    def opendmarc(self):
        with open(self.path("lib/opendmarc.dat"), "w", encoding="utf-8") as f:
            f.write(f"""job 4A
reporter mx.example.org
received {int(time.time()) - 2 * 86400}
ipaddr 192.0.2.1
from acme.example
mfrom esp.example
dkim esp.example s1 0
spf 2
pdomain acme.example
policy 16
rua mailto:dmarc@acme.example
pct 100
adkim 114
aspf 114
p 114
sp 114
align_dkim 5
align_spf 5
arc 7
action 0
""")

    def close(self):
        if self.daemon:
            self.daemon.send_signal(signal.SIGTERM)
            code = self.daemon.wait(60)
            if code != 0:
                raise LabError(f"aplombd ended with {code}: {self.text()[-2000:]}")
        shutil.rmtree(self.dir)


# ---- the page ------------------------------------------------------------------

def questions(page):
    """(title, [(fence, text)]) of each question."""
    with open(page, encoding="utf-8") as f:
        parts = re.split(r"^## (?=\d)", f.read(), flags=re.M)[1:]
    for part in parts:
        title, rest = part.split("\n", 1)
        yield title, rest, re.findall(r"^```(\w+)\n(.*?)^```$", rest, re.M | re.S)


def plain(text):
    """Without what differs from run to run, and from line end to line end."""
    text = re.sub(r"(?<= counters ).*", lambda m: re.sub(r"\d+", "N", m[0]), text,
                  flags=re.S)
    text = re.sub(r"\b4YtK\w+", "ID", text)
    text = re.sub(r"aplombd\[\d+\]", "aplombd[N]", text)
    text = re.sub(r"\bms=\d+", "ms=N", text)
    text = re.sub(r"\+[0-9a-z]{20}@", "+TOKEN@", text)
    text = re.sub(r"\b[0-9a-f]{32}\b", "ID", text)
    text = re.sub(r"![0-9]{10}(?=!)", "!SECONDS", text)
    text = re.sub(r"\d\d:\d\d:\d\dZ?\b", "TIME", re.sub(DAY, "DAY", text))
    return " ".join(text.split())


def matches(sample, got):
    """`...` stands for anything."""
    wanted = ".*".join(re.escape(p) for p in re.split(r"(?<!\S)\.\.\.(?!\S)", plain(sample)))
    return re.fullmatch(wanted, plain(got)) is not None


class Page:
    def __init__(self, site):
        self.site, self.bad, self.rows = site, 0, 0

    def fail(self, title, what):
        self.bad += 1
        print(f"questions: {title}: {what}", file=sys.stderr)

    def here(self, script):
        """A command of the page, with this site's paths and report."""
        for theirs, ours in PATHS:
            script = script.replace(theirs, self.site.path(ours))
        if "report show" in script:
            said = self.site.run("aplomb report list --day yesterday --domain acme.example").stdout
            ids = re.findall(r"\b[0-9a-f]{32}\b", said)
            script = re.sub(r"(?<=report show )[0-9a-f]+", (ids or ["none"])[0][:8], script)
        return script

    def configuration(self, title, conf):
        done = self.site.run("aplomb config check")
        if done.returncode != 0 or done.stderr:
            self.fail(title, f"configuration: {done.stderr}{done.stdout}of: {conf}")

    def table(self, title, rest):
        """Settings in the second column of a table: each is one."""
        for setting in re.findall(r"^\|[^|]*\|.*?`([a-z-]+ = [^`]+)`", rest, re.M):
            self.rows += 1
            self.site.configure(setting + "\n")
            self.configuration(title, setting)

    def answer(self, title, rest, blocks):
        if len(re.findall("^```", rest, re.M)) != 2 * len(blocks):
            self.fail(title, "a fence that is neither sh, text nor conf")
        conf = "".join(text for fence, text in blocks if fence == "conf")
        conf = re.sub(f"(?<=until = ){DAY}", FAR, conf)
        self.table(title, rest)
        self.site.begin(conf)
        self.configuration(title, conf)
        self.site.opendmarc()
        shown = 0
        for i, (fence, script) in enumerate(blocks):
            if fence != "sh":
                continue
            self.rows += 1
            done = self.site.run(self.here(script))
            if done.returncode != 0 or not done.stdout:
                self.fail(title, f"{script}exit {done.returncode}: {done.stdout}{done.stderr}")
            sample = blocks[i + 1] if i + 1 < len(blocks) else ("", "")
            if sample[0] != "text":
                self.fail(title, f"no sample of: {script}")
            elif not matches(sample[1], done.stdout):
                self.fail(title, f"{script}prints:\n{done.stdout}")
            shown += 1
        if shown == 0:
            self.fail(title, "no command")


def run(build, path):
    """The number of rows, and of those that went wrong."""
    site = Site(build)
    page = Page(site)
    titles = []
    try:
        site.begin("")
        site.reports()
        for title, rest, blocks in questions(path):
            titles.append(title)
            page.answer(title, rest, blocks)
    finally:
        site.close()
    if [t.split(".")[0] for t in titles] != [str(n) for n in range(1, 11)]:
        page.fail("the page", f"not ten questions: {titles}")
    if page.rows < 20:
        page.fail("the page", f"only {page.rows} commands and settings were run")
    return page.bad


def main():
    while True:
        day = time.time() // 86400
        bad = run(*sys.argv[1:])
        if day == time.time() // 86400:  # else "yesterday" has changed its meaning
            sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
