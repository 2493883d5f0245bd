# SPDX-License-Identifier: BSD-2-Clause
"""What the test of reports has beside the lab: an SMTP server that misbehaves as
it is told, a PostgreSQL, and readers of what arrives."""
import email
import email.policy
import glob
import gzip
import json
import os
import pwd
import re
import signal
import socket
import subprocess
import threading
import time

from lab import LabError, wait_for

HERE = os.path.dirname(os.path.abspath(__file__))


class Sink:
    """An SMTP server. `behaviour`: accept; rcpt-452, rcpt-550, end-452, end-554
    (a reply at RCPT, or after the final dot); drop (the connection, after the
    final dot, the message kept); hang (no reply to DATA); closed (nobody
    listens)."""

    def __init__(self, behaviour="accept"):
        self.behaviour = behaviour
        self.messages = []  # (sender, recipient, bytes)
        self.lock = threading.Lock()
        self.over = threading.Event()
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def close(self):
        self.over.set()
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        except OSError:
            pass
        self.server.close()
        self.thread.join(10)

    def _serve(self):
        while not self.over.is_set():
            try:
                c, _ = self.server.accept()
            except OSError:
                return
            threading.Thread(target=self._session, args=(c,), daemon=True).start()

    def _session(self, c):
        try:
            with c, c.makefile("rb") as f:
                self._talk(c, f)
        except OSError:
            pass

    def _talk(self, c, f):
        def say(text):
            c.sendall(text.encode() + b"\r\n")
        if self.behaviour == "closed" or self.over.is_set():
            return
        say("220 sink.test ESMTP")
        sender = recipient = None
        for line in f:
            word = line.strip().upper()
            if word.startswith((b"EHLO", b"HELO")):
                say("250 sink.test")
            elif word.startswith(b"MAIL"):
                sender = line.split(b"<")[1].split(b">")[0].decode()
                say("250 2.1.0 ok")
            elif word.startswith(b"RCPT"):
                recipient = line.split(b"<")[1].split(b">")[0].decode()
                say({"rcpt-452": "452 4.2.2 mailbox full",
                     "rcpt-550": "550 5.1.1 no such user"}.get(self.behaviour, "250 2.1.5 ok"))
            elif word == b"DATA":
                if self.behaviour == "hang":
                    self.over.wait(300)
                    return
                say("354 go")
                data = self._data(f)
                if not self._end(say, sender, recipient, data):
                    return
            elif word == b"QUIT":
                say("221 bye")
                return
            else:
                say("250 ok")

    @staticmethod
    def _data(f):
        lines = []
        for line in f:
            if line == b".\r\n":
                return b"".join(lines)
            lines.append(line[1:] if line.startswith(b".") else line)
        raise OSError("the client left")

    def _end(self, say, sender, recipient, data):
        if self.behaviour == "end-452":
            say("452 4.3.1 no room")
        elif self.behaviour == "end-554":
            say("554 5.7.1 not wanted")
        else:
            with self.lock:
                self.messages.append((sender, recipient, data))
            if self.behaviour == "drop":
                return False
            say("250 2.0.0 taken")
        return True


class Pgsql:
    """A PostgreSQL of its own, which refuses to run as root."""

    def __init__(self, lab):
        programs = sorted(glob.glob("/usr/lib/postgresql/*/bin"))
        if not programs:
            raise LabError("PostgreSQL is missing (package postgresql)")
        self.folder = lab.path("pg")
        user = pwd.getpwnam("postgres")
        os.makedirs(self.folder)
        os.chown(self.folder, user.pw_uid, user.pw_gid)
        self.log = open(lab.path("pg.log"), "ab")
        as_user = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": [], "cwd": "/",
                   "stdin": subprocess.DEVNULL, "stdout": self.log, "stderr": self.log}
        data = os.path.join(self.folder, "data")
        subprocess.run([programs[-1] + "/initdb", "-D", data, "-A", "trust", "-U", "aplomb",
                        "-E", "UTF8", "--locale=C", "-N"], check=True, **as_user)
        self.server = subprocess.Popen(
            [programs[-1] + "/postgres", "-D", data, "-k", self.folder,
             "-c", "listen_addresses=", "-F"], **as_user)
        lab.stops.append(self.stop)
        self.store = f"postgresql://aplomb@/postgres?host={self.folder}"
        wait_for("PostgreSQL", lambda: os.path.exists(self.folder + "/.s.PGSQL.5432"))
        wait_for("PostgreSQL's answer", lambda: subprocess.run(
            [programs[-1] + "/pg_isready", "-q", "-h", self.folder], check=False).returncode == 0)

    def stop(self):
        self.server.send_signal(signal.SIGQUIT)
        self.server.wait(60)
        self.log.close()


class Command:
    """aplomb with a configuration of its own."""

    def __init__(self, lab, name, **settings):
        self.lab = lab
        self.program = os.path.join(lab.build, "aplomb")
        self.conf = lab.path(name, "aplomb.conf")
        self.settings = {
            "store": "sqlite:" + lab.path(name, "store"), "log-target": "stderr",
            "report-delay": "0", "report-pause": "0", "dns-timeout": "20",
            "report-org-name": "Receiver & Sons", "report-from": "noreply@rcv.example"}
        self.set(**settings)

    def set(self, **settings):
        self.settings.update({k.replace("_", "-"): v for k, v in settings.items()})
        text = "".join(f"{k} = {v if str(v).startswith('{') else json.dumps(str(v))}\n"
                       for k, v in self.settings.items())
        self.lab.write(os.path.relpath(self.conf, self.lab.folder), text)

    def start(self, *words):
        return subprocess.Popen(
            [self.program, "-c", self.conf, *words], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def run(self, *words, code=0, given=None):
        """Standard output; the exit status must be `code`."""
        done = subprocess.run(
            [self.program, "-c", self.conf, *words], input=given, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300)
        if done.returncode != code:
            raise AssertionError(f"aplomb {' '.join(words)}: exit {done.returncode}, not {code}: "
                                 f"{done.stdout.decode()}{done.stderr.decode()}")
        return done.stdout.decode()

    def shown(self):
        """The last report of the list."""
        return self.run("report", "show", self.run("report", "list").split()[-1])


def attachment(data):
    """(file name, bytes) of the gzip file in a message."""
    m = email.message_from_bytes(data, policy=email.policy.SMTP)
    part, = [p for p in m.walk() if p.get_content_type() == "application/gzip"]
    return part.get_filename(), part.get_payload(decode=True)


def totals(reader, data, folder):
    """What read.pl or read.py says of the report in a message."""
    name, packed = attachment(data)
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, "report.xml")
    with open(path, "wb") as f:
        f.write(gzip.decompress(packed))
    for old in glob.glob(os.path.join(folder, "*.eml")) + \
            glob.glob(os.path.join(folder, "*.gz")):
        os.unlink(old)
    with open(os.path.join(folder, "report.eml"), "wb") as f:
        f.write(data)
    with open(os.path.join(folder, name), "wb") as f:
        f.write(packed)
    script = os.path.join(HERE, "..", "report", reader)
    words = ["perl", script, path] if reader == "read.pl" else \
        ["/usr/bin/python3", "-B", script, "--totals", folder]
    done = subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True)
    return dict(line.rsplit(" ", 1) for line in done.stdout.splitlines()
                if not line.startswith("policy")), path


def fits_schema(path, schema):
    done = subprocess.run(
        ["xmllint", "--noout", "--schema", os.path.join(HERE, "..", "report", schema), path],
        check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        raise AssertionError(f"{path}: {done.stdout}")


def history_of(days_ago, domain, count, serial=0):
    """History lines of a domain's day, all of which fail."""
    midnight = int(time.time()) // 86400 * 86400 - days_ago * 86400
    published = {"domain": domain, "discovery_method": "treewalk", "p": "none", "sp": "none",
                 "np": "none", "adkim": "r", "aspf": "r", "fo": "0", "testing": "n", "psd": "u",
                 "pct": 100, "rua": True, "ruf": False}
    author = {"header_from": domain, "dmarc": "fail", "spf": "fail", "dkim": "fail",
              "aligned_dkim": [], "org_domain": domain, "disposition": "none", "reasons": [],
              "published": published, "tag": "p", "policy": "none"}
    line = {"time": midnight + 60, "source_ip": "192.0.2.7", "envelope_from": "esp.example",
            "envelope_to": ["rcv.example"], "recipients": 1, "dmarc": "fail", "reason": "x",
            "spf": {"domain": "esp.example", "scope": "mfrom", "identity": "mailfrom",
                    "result": "pass"},
            "dkim": [], "authors": [author], "decisive": 0, "draw": 17, "mode": "enforce",
            "action": "accept", "reply": 250, "disposition": "none", "reasons": []}
    head = {"version": 1, "host": "h", "created": 1,
            "uuid": f"0f8fad5b-d9cb-469f-a165-{serial:012x}"}
    return [head] + [line] * count


def write_history(path, lines):
    with open(path, "w", encoding="utf-8") as f:
        f.writelines(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)


def moved_back(path, out, seconds):
    """The history with every message so much earlier."""
    with open(path, "rb") as f:
        data = f.read()
    with open(out, "wb") as f:
        f.write(re.sub(rb'^\{"time":(\d+)', lambda m: b'{"time":%d' % (int(m[1]) - seconds),
                       data, flags=re.M))
