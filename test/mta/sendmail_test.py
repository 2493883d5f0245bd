#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""aplombd behind a real Sendmail, unpacked from its package, not installed.

Sendmail has no XCLIENT: in a network namespace of the test's own the senders'
addresses are added to lo, and each session binds one as its source.
"""
import argparse
import os
import re
import smtplib
import socket
import subprocess
import sys
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab import (Key, Lab, Process, Results, answers, expect, expect_in,  # noqa: E402
                 message, need_root, wait_for)
from handover import Hall  # noqa: E402
from record import Recorder  # noqa: E402

ACME, STRANGER = "192.0.2.10", "198.51.100.66"
PORT, MILTER_PORT, RECORDER_PORT = 2525, 8893, 8894


class Sendmail:
    def __init__(self, lab, root, milter, port=PORT, name="sendmail"):
        self.mail = lab.path(name, "mail")
        for sub in ("queue", "mail"):
            os.makedirs(lab.path(name, sub), exist_ok=True)
        os.chmod(lab.path(name, "queue"), 0o700)
        deliver = lab.write(f"{name}/deliver", "#!/bin/sh\n"
                            f'exec cat >"{self.mail}/$$"\n', 0o755)
        cf = os.path.join(root, "usr/share/sendmail/cf")
        mc = lab.write(f"{name}/sendmail.mc", "\n".join([
            f"include(`{cf}/m4/cf.m4')", "OSTYPE(`linux')",
            f"define(`LOCAL_MAILER_PATH', `{deliver}')",
            "define(`LOCAL_MAILER_ARGS', `deliver $u')",
            f"define(`QUEUE_DIR', `{lab.path('sendmail/queue')}')",
            f"define(`confPID_FILE', `{lab.path('sendmail/pid')}')",
            f"define(`STATUS_FILE', `{lab.path('sendmail/statistics')}')",
            "MODIFY_MAILER_FLAGS(`LOCAL', `-A')", "define(`confDOMAIN_NAME', `mx.rcv.example')",
            "define(`confDONT_PROBE_INTERFACES', `True')",
            "define(`confTO_IDENT', `0s')", "define(`confCONNECT_ONLY_TO', `127.0.0.1')",
            "define(`confMAX_MESSAGE_SIZE', `60000000')",
            "define(`confAUTH_MECHANISMS', `PLAIN')", "TRUST_AUTH_MECH(`PLAIN')",
            "FEATURE(`nocanonify')", "FEATURE(`accept_unresolvable_domains')",
            "FEATURE(`accept_unqualified_senders')", "FEATURE(`no_default_msa')",
            f"DAEMON_OPTIONS(`Port={port}, Addr=127.0.0.1, Name=MTA')",
            f"INPUT_MAIL_FILTER(`aplomb', `S=inet:{milter}@127.0.0.1, F=T, T=S:4m;R:4m;E:10m')",
            "MAILER(`local')", "MAILER(`smtp')", "LOCAL_CONFIG", "Cwrcv.example", ""]))
        text = subprocess.run(
            ["m4", f"-D_CF_DIR_={cf}/", mc], check=True, stdout=subprocess.PIPE, text=True).stdout
        conf = lab.write(f"{name}/sendmail.cf", text)
        self.process = Process(name, [
            os.path.join(root, "usr/libexec/sendmail/sendmail"), "-bD", f"-C{conf}",
            "-O", "LogLevel=0"], lab.path(f"{name}/log"))
        lab.stops.append(self.process.stop)
        wait_for("sendmail", lambda: answers("127.0.0.1", port) or Lab._dead(self.process), 60)

    def delivered(self, mark):
        def look():
            for name in os.listdir(self.mail):
                with open(os.path.join(self.mail, name), "rb") as f:
                    data = f.read()
                if mark.encode() in data:
                    return data
            return None
        return wait_for(f"delivery of {mark}", look)


class World:
    def __init__(self, lab, root, is_recording):
        self.lab, self.root, self.count = lab, root, 0
        self.is_recording = is_recording
        self.rsa = Key("rsa")
        dns_port = lab.dns([
            ("acme.example", "TXT", "v=spf1 ip4:192.0.2.10 -all"),
            ("_dmarc.acme.example", "TXT", "v=DMARC1; p=reject"),
            ("s1._domainkey.acme.example", "TXT", self.rsa.record),
            ("_dmarc.delta.example", "TXT", "v=DMARC1; p=quarantine"),
            ("plain.example", "A", "192.0.2.1")],
            broken=["slow.example"], port=53)
        self.daemon = lab.daemon(dns_port=dns_port, socket=f"inet:{MILTER_PORT}@127.0.0.1")
        self.sendmail = Sendmail(lab, root, MILTER_PORT)

    def send(self, author, client, mail_from="a@plain.example", sign=False, headers=(),
             body="Good morning.\r\n"):
        self.count += 1
        mark = f"s{os.getpid()}x{self.count}"
        data = message(mark, author, headers=headers, body=body)
        if sign:
            data = self.rsa.sign(data, "acme.example", "s1")
        s = smtplib.SMTP(source_address=(client, 0), timeout=60)
        s.connect("127.0.0.1", PORT)
        s.ehlo("mail.sender.test")
        try:
            s.mail(mail_from)
            expect(s.rcpt("root@rcv.example")[0], 250, "RCPT")
            code, text = s.data(data)
        finally:
            s.close()
        return mark, code, text.decode()


def results(data):
    return [re.sub(r"\s+", " ", v) for v in re.findall(
        r"^Authentication-Results:((?:.*\n)(?:[ \t].*\n)*)", data.decode("utf-8", "replace"), re.M)]


def passes_by_spf(w):
    mark, code, text = w.send("Ann <a@acme.example>", ACME, "a@acme.example")
    expect(code, 250, text)
    got = results(w.sendmail.delivered(mark))
    expect(len(got), 1, f"fields {got}")
    expect_in("spf=pass smtp.mailfrom=acme.example", got[0], "spf")
    expect_in("dmarc=pass", got[0], "dmarc")


def passes_by_dkim(w):
    mark, code, text = w.send("Ann <a@acme.example>", STRANGER, sign=True)
    expect(code, 250, text)
    expect_in("dkim=pass header.d=acme.example", results(w.sendmail.delivered(mark))[0], "dkim")


def rejects_forged(w):
    _, code, text = w.send("Ann <a@acme.example>", STRANGER)
    expect(code, 550, text)
    expect_in("acme.example", text, "domain")
    expect_in("DMARC", text, "word")
    expect(w.daemon.lines()[-1]["disposition"], "reject", "history")


def quarantines(w):
    mark, code, text = w.send("Dora <d@delta.example>", STRANGER)
    expect(code, 250, text)
    expect_in(b"X-Aplomb-Quarantine: yes", w.sendmail.delivered(mark), "field")


def tempfails(w):
    _, code, text = w.send("Sam <s@slow.example>", STRANGER)
    expect(code, 451, text)


def forged_results_are_removed(w):
    mark, code, text = w.send("Paul <p@plain.example>", STRANGER, headers=[
        "Authentication-Results: mx.rcv.example; dmarc=pass",
        "Authentication-Results: other.example; spf=pass"])
    expect(code, 250, text)
    got = results(w.sendmail.delivered(mark))
    expect(len(got), 2, f"fields {got}")
    expect_in("dmarc=none", got[0], "ours")
    expect_in("other.example", got[1], "foreign")


def large_message(w):
    _, code, text = w.send("Ann <a@acme.example>", STRANGER, sign=True,
                           body=("x" * 76 + "\r\n") * 60000)
    expect(code, 250, text)


def log_names_the_queue_id(w):
    w.send("Ann <a@acme.example>", STRANGER)
    line = [l for l in w.daemon.log().splitlines() if "dmarc=" in l][-1]
    expect(bool(re.search(r"[0-9A-Za-z]{14}", line)), True, line)


def hands_over_as_recorded(w):
    """A second Sendmail, all of whose sessions are recorded."""
    recorder = Recorder(f"inet:{RECORDER_PORT}@127.0.0.1", f"inet:{MILTER_PORT}@127.0.0.1")
    w.lab.stops.append(recorder.close)
    Sendmail(w.lab, w.root, RECORDER_PORT, PORT + 1, "recorded")
    program = os.path.join(w.root, "usr/libexec/sendmail/sendmail")
    said = subprocess.run([program, "-d0.1", "-bt", f"-C{w.lab.path('recorded/sendmail.cf')}"],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True).stdout
    version = re.search(r"Version (\S+)", said).group(1)
    Hall("sendmail", f"Sendmail {version}", w.rsa, w.daemon, recorder,
         PORT + 1, STRANGER).check_all(w.is_recording)


ALL = [passes_by_spf, passes_by_dkim, rejects_forged, quarantines, tempfails,
       forged_results_are_removed, large_message, log_names_the_queue_id,
       hands_over_as_recorded]


class Passwords:
    """saslauthd's side: whoever asks is right."""

    def __init__(self, lab):
        path = lab.path("sasl/mux")
        lab.write("sasl/Sendmail.conf", "pwcheck_method: saslauthd\nmech_list: PLAIN\n"
                  f"saslauthd_path: {path}\n")
        subprocess.run(["mount", "--bind", lab.path("sasl"), "/usr/lib/sasl2"], check=True)
        self.s = socket.socket(socket.AF_UNIX)
        self.s.bind(path)
        self.s.listen(8)
        lab.stops.append(self.s.close)
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                c = self.s.accept()[0]
            except OSError:
                return
            with c, c.makefile("rb") as asked:
                for _ in ("user", "password", "service", "realm"):
                    asked.read(int.from_bytes(asked.read(2), "big"))
                c.sendall(b"\0\2OK")


def own_names(lab):
    """Sendmail waits a minute at start unless its host has a full name: here,
    in the test's own namespaces, it has one."""
    subprocess.run(["hostname", "mx.rcv.example"], check=True)
    for name, text in (("resolv.conf", "nameserver 127.0.0.1\n"),
                       ("hosts", "127.0.0.1 mx.rcv.example localhost\n")):
        subprocess.run(["mount", "--bind", lab.write(name, text), f"/etc/{name}"], check=True)


def main():
    args = argparse.ArgumentParser()
    args.add_argument("--build", required=True)
    args.add_argument("--sendmail", required=True, help="where its package is unpacked")
    args.add_argument("--inside", action="store_true")
    args.add_argument("--only", nargs="*")
    args.add_argument("--record", action="store_true", help="keep test/mta/recorded anew")
    args = args.parse_args()
    need_root()
    if not args.inside:
        os.execvp("unshare", ["unshare", "--net", "--mount", "--uts", sys.executable, *sys.argv, "--inside"])
    for command in (["ip", "link", "set", "lo", "up"],
                    ["ip", "addr", "add", ACME, "dev", "lo"],
                    ["ip", "addr", "add", STRANGER, "dev", "lo"]):
        subprocess.run(command, check=True)
    r = Results()
    lab = Lab(args.build)
    try:
        own_names(lab)
        Passwords(lab)
        world = World(lab, args.sendmail, args.record)
        for check in ALL:
            if args.only and check.__name__ not in args.only:
                continue
            r.run("sendmail: " + check.__name__.replace("_", " "), check, world)
    finally:
        r.run("sendmail: everything ends cleanly", lab.close)
    sys.exit(r.done())


if __name__ == "__main__":
    main()
