#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""./dev run: that its screen says what it must, to a reader without a terminal,
and that nothing is left of it but its own folder.

Each check prints PASS, FAIL or SKIP and its name; DONE ends the run.
"""
import argparse
import glob
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import show  # noqa: E402
from lab import Results, expect, expect_in, need_root, wait_for  # noqa: E402

SHOW = os.path.join(os.path.dirname(os.path.abspath(__file__)), "show.py")

# Of each message: parts of its paragraph, in their order.
MESSAGES = [
    ["From field       Ann <ann@acme.example>", "envelope sender  ann@acme.example",
     "SPF record       acme.example: v=spf1 ip4:192.0.2.10 -all",
     "DMARC record     _dmarc.acme.example: v=DMARC1; p=reject",
     "SPF pass for acme.example; DKIM pass for acme.example",
     "DMARC result     pass", "DELIVERED",
     "SPF and DKIM passed for acme.example"],
    ["envelope sender  x@stranger.example", "SPF record       stranger.example: v=spf1",
     "DMARC record     _dmarc.acme.example: v=DMARC1; p=reject",
     "SPF pass for stranger.example, not for acme.example;", "DMARC result     fail",
     "REFUSED: 550 5.7.1 rejected per DMARC policy of acme.example", "p=reject: refuse"],
    ["envelope sender  info@bank.example", "SPF record       bank.example: v=spf1 -all",
     "p=quarantine", "SPF fail; no DKIM signature", "DMARC result     fail",
     "DELIVERED, with the header X-Aplomb-Quarantine: yes", "p=quarantine: treat"],
    ["DMARC record     _dmarc.shop.example: v=DMARC1; p=none", "DMARC result     fail", "DELIVERED",
     "p=none: deliver such mail"],
    ["client           203.0.113.25", "p=reject", "DMARC result     fail", "DELIVERED",
     'override "relay of a partner" in this server\'s aplomb.conf lets it in'],
    ["broken.example: no answer", "DMARC result     temperror",
     "DEFERRED: 451 4.7.1", "tries again"],
]
ONCE = [
    "All of it listens on 127.0.0.1 only",
    "Authentication-Results: mx.rcv.example; spf=fail smtp.mailfrom=bank.example; dkim=none;"
    " dmarc=fail (p=quarantine dis=quarantine) header.from=bank.example policy.dmarc=quarantine"
    " X-Aplomb-Quarantine: yes; DMARC policy of bank.example (dmarc=fail)",
    "contrib/junk.sieve", "disposition=reject action=reject",
    "198.51.100.66 messages: 1 SPF: fail DKIM: fail disposition: reject",
    "192.0.2.10 messages: 1 SPF: pass DKIM: pass",
    "smtpd_milters = inet:127.0.0.1:8893", "milter_default_action = tempfail",
]


class Stage:
    def __init__(self, build):
        self.build = build
        self.top = tempfile.mkdtemp(prefix="aplomb-show-", dir="/tmp")
        os.chmod(self.top, 0o755)
        self.folder = os.path.join(self.top, "run")

    def words(self, *more, folder=None):
        return [sys.executable, SHOW, "--build", self.build,
                "--folder", folder or self.folder, *more]

    def run(self, *more, folder=None):
        return subprocess.run(self.words(*more, folder=folder), stdin=subprocess.DEVNULL,
                              capture_output=True, text=True)

    def processes(self):
        """Those that name the folder in their arguments or environment."""
        found = []
        for path in glob.glob("/proc/[0-9]*"):
            try:
                text = b"".join(open(os.path.join(path, n), "rb").read()
                                for n in ("cmdline", "environ"))
            except OSError:
                continue
            if self.folder.encode() in text:
                found.append(text.replace(b"\0", b" ")[:200])
        return found


def flat(text):
    return " ".join(text.split())


def tells_all(s):
    done = s.run()
    expect(done.stderr, "", "complaints")
    expect(done.returncode, 0, "exit status")
    wide = [line for line in done.stdout.splitlines() if len(line) > show.WIDTH]
    expect(wide, [], "lines that are too wide")
    expect(re.search(r"[^\n -~]", done.stdout), None, "bytes for a terminal only")
    parts = re.split(r"\n(?=[1-6]\. )", done.stdout)
    expect(len(parts), 7, "an opening and six messages")
    for number, (part, wanted) in enumerate(zip(parts[1:], MESSAGES), 1):
        rest = flat(part.split("\n\n")[0])
        for text in wanted:
            expect_in(flat(text), rest, f"message {number}")
            rest = rest.split(flat(text), 1)[1]
    for text in ONCE + [f"stays in {s.folder} until the next"]:
        expect_in(text, flat(done.stdout), "the screen")
    expect(done.stdout.splitlines()[-1], "Postfix, aplombd and the DNS server have ended.", "end")
    expect(s.processes(), [], "processes left")


def names_what_is_there(s):
    for name in ("aplombd/aplomb.conf", "aplombd/log", "aplombd/history", "postfix/log"):
        expect(os.path.getsize(os.path.join(s.folder, name)) > 0, True, name)
    expect(len(os.listdir(os.path.join(s.folder, "postfix/mail/inbox/new"))), 4, "delivered mail")
    expect(len(glob.glob(os.path.join(glob.escape(s.folder), "report/*.xml.gz"))), 1, "reports")


def takes_the_place_of_the_first(s):
    """Stays up, keeps others out of its folder meanwhile, and ends when told."""
    old = os.path.join(s.folder, "aplombd", "old")
    open(old, "w").close()
    with tempfile.TemporaryFile("w+") as out:
        child = subprocess.Popen(s.words("--keep"), stdin=subprocess.DEVNULL, stdout=out,
                                 stderr=out)

        def printed():
            out.seek(0)
            return out.read()
        try:
            wait_for("the run to stay up",
                     lambda: child.poll() is not None or "It stays up" in printed())
            expect(child.poll(), None, f"ended early: {printed()[-500:]}")
            expect(os.path.exists(old), False, "the first run's files are there")
            second = s.run()
            expect(second.returncode, 1, "a second one's exit status")
            expect_in(f"another ./dev run is using {s.folder}", second.stderr, "a second one")
        finally:
            child.send_signal(signal.SIGTERM)
            child.wait(60)
        expect(child.returncode, 128 + signal.SIGTERM, f"exit status: {printed()[-500:]}")
    expect(s.processes(), [], "processes left")


def ends_what_a_killed_one_left(s):
    with tempfile.TemporaryFile("w+") as out:
        child = subprocess.Popen(s.words("--keep"), stdin=subprocess.DEVNULL, stdout=out,
                                 stderr=out)
        def printed():
            out.seek(0)
            return out.read()
        try:  # while Postfix starts, there are more masters than one for a moment
            wait_for("the run to stay up",
                     lambda: child.poll() is not None or "It stays up" in printed())
        finally:
            child.kill()
            child.wait(60)
    expect(len(show.left_over(s.folder)), 3, "servers of the killed run")
    done = s.run()
    expect(done.returncode, 0, f"exit status: {done.stderr}")
    expect(s.processes(), [], "processes left")


def leaves_folders_of_others(s):
    other = os.path.join(s.top, "other")
    os.mkdir(other)
    mine = os.path.join(other, "mine")
    open(mine, "w").close()
    os.symlink(s.folder, os.path.join(s.top, "link"))
    for path in (other, mine, os.path.join(s.top, "link")):
        done = s.run(folder=path)
        expect(done.returncode, 1, "exit status")
        expect_in(f"{path} is there already, and ./dev run did not make it", done.stderr, path)
        expect_in("--folder", done.stderr, "what to do")
    expect(os.listdir(other), ["mine"], "the other folder")
    expect(os.path.exists(os.path.join(s.folder, "aplombd")), True, "what the link leads to")


def a_port_that_is_taken(s):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        done = s.run("--port", str(port))
    expect(done.returncode, 1, "exit status")
    expect_in(f"port {port} of 127.0.0.1 is taken by another program", done.stderr, "complaint")
    expect_in(f"its logs are in {s.folder}", done.stderr, "complaint")
    expect("Traceback" in done.stderr, False, "traceback")
    expect(s.processes(), [], "processes left")


def what_is_missing(s):
    said = show.missing({"sh": "dash", "no-such-program": "its-package"})
    expect_in("the program no-such-program is not there", said, "sentence")
    expect_in("apt-get install its-package", said, "sentence")
    done = subprocess.run([sys.executable, SHOW, "--build", s.top], capture_output=True, text=True)
    expect(done.returncode, 1, "exit status")
    expect_in(f"{s.top} has no aplombd", done.stderr, "complaint")


def main():
    args = argparse.ArgumentParser()
    args.add_argument("--build", required=True)
    args = args.parse_args()
    need_root()
    results = Results()
    stage = Stage(os.path.abspath(args.build))
    try:
        for check in (tells_all, names_what_is_there, takes_the_place_of_the_first,
                      ends_what_a_killed_one_left, leaves_folders_of_others,
                      a_port_that_is_taken, what_is_missing):
            results.run("./dev run: " + check.__name__.replace("_", " "), check, stage)
    finally:
        shutil.rmtree(stage.top, ignore_errors=True)
    sys.exit(results.done())


if __name__ == "__main__":
    main()
