#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""The first message of an admin, as README.md tells it under "Try it": its
commands, a Postfix as Debian configures it, and what they lead to.

It runs in network and mount namespaces of its own: there the ports 25, 53 and
8893 are free, /etc is a copy, and the host has an address besides 127.0.0.1.
Each check prints PASS, FAIL or SKIP and its name; DONE ends the run.
"""
import argparse
import os
import re
import shutil
import signal
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from lab import (Lab, LabError, Process, Results, answers, expect, expect_in,  # noqa: E402
                 need_root, wait_for)

TOP = os.path.join(HERE, "..", "..")
ADDRESS, HOST = "192.0.2.25", "mx.example.org"
ZONE = [("example.com", "TXT", "v=spf1 -all"), ("example.com", "MX", "0 ."),
        ("_dmarc.example.com", "TXT", "v=DMARC1;p=reject;sp=reject;adkim=s;aspf=s")]
# What Debian's package asks for and adds to main.cf.debian ("Internet Site").
INTERNET_SITE = f"""
alias_maps = hash:/etc/aliases
alias_database = hash:/etc/aliases
myhostname = {HOST}
mydestination = $myhostname, {HOST}, localhost.example.org, , localhost
relayhost =
mynetworks = 127.0.0.0/8 [::ffff:127.0.0.0]/104 [::1]/128
mailbox_size_limit = 0
recipient_delimiter = +
inet_interfaces = all
inet_protocols = all
maillog_file = /var/log/mail.log
"""


# ---- what README.md says --------------------------------------------------------

class Section:
    """A section of README.md: its blocks of indented lines, in order."""

    def __init__(self, title):
        with open(os.path.join(TOP, "README.md"), encoding="utf-8") as f:
            self.readme = f.read()
        found = re.search(rf"^## {title}\n(.*?)(?=^## )", self.readme, re.M | re.S)
        if not found:
            raise LabError(f'README.md has no section "{title}"')
        self.text = found.group(1)
        self.blocks = [re.sub(r"^ {4}", "", b, flags=re.M).rstrip("\n") for b in
                       re.findall(r"(?:^ {4}.*\n)+", self.text, re.M)]

    def block(self, start):
        got = [b for b in self.blocks if b.startswith(start)]
        if len(got) != 1:
            raise LabError(f'README.md has {len(got)} blocks that begin with "{start}"')
        return got[0]


def postfix_lines(readme):
    """The lines for main.cf, from wherever README.md has them."""
    lines = []
    for key in ("smtpd_milters", "milter_default_action"):
        found = re.search(rf"^ +({key} = .*)$", readme, re.M)
        if not found:
            raise LabError(f"README.md does not tell what {key} has to be")
        lines.append(found.group(1))
    return "\n".join(lines) + "\n"


def flat(text):
    return " ".join(text.split())


def masked(line):
    """A line of the log without what differs from run to run."""
    line = re.sub(r"^(?:aplombd\[\d+\]: )?\S+ (?=from=|client=)", "ID ", flat(line))
    return re.sub(r"\bms=\d+", "ms=N", line)


# ---- a host of our own ----------------------------------------------------------

def sh(command, **more):
    return subprocess.run(["sh", "-ec", command], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **more)


def must(command):
    done = sh(command)
    if done.returncode != 0:
        raise LabError(f"{command}: {done.stdout}")


class Host:
    """A Debian host after README.md's Install, with the private /etc at hand."""

    def __init__(self, lab, section):
        self.lab, self.section = lab, section
        # As systemd sets it: with the kernel's 10, master and postlogd of Postfix
        # 3.10 wait for each other at a reload.
        must("echo 512 >/proc/sys/net/unix/max_dgram_qlen")
        must(f"ip link set lo up; ip link add lan0 type veth peer name lan1;"
             f"ip addr add {ADDRESS}/24 dev lan0; ip link set lan0 up; ip link set lan1 up;"
             f"hostname {HOST}")
        etc = lab.path("etc")
        must(f"mkdir '{etc}'; mount -t tmpfs -o mode=755 none '{etc}'; cp -a /etc/. '{etc}';"
             f"rm -f '{etc}/resolv.conf'; mount --bind '{etc}' /etc;"
             "for d in spool mail log lib; do mount -t tmpfs -o mode=755 none /var/$d; done;"
             "chown root:mail /var/mail; chmod 2775 /var/mail;"
             "install -d -o postfix /var/lib/postfix; install -d /var/spool/postfix;"
             f"echo 'nameserver 127.0.0.1' >/etc/resolv.conf; echo {HOST} >/etc/mailname;"
             f"echo '127.0.0.1 localhost\n{ADDRESS} {HOST}' >/etc/hosts;"
             "echo 'postmaster: root' >/etc/aliases")
        lab.stops.append(lambda: must(f"umount -l /etc '{etc}'"))  # else it cannot be removed
        self.put("/etc/postfix/master.cf", "/usr/share/postfix/master.cf.dist")
        self.put("/etc/postfix/main.cf", "/usr/share/postfix/main.cf.debian",
                 INTERNET_SITE + postfix_lines(section.readme))
        lab.dns(ZONE, port=53)
        self.conf = "/etc/aplomb/aplomb.conf"
        self.history = lab.path("history")
        os.makedirs(os.path.dirname(self.conf), exist_ok=True)
        self.configure()
        self.daemon = Process(
            "aplombd", [os.path.join(lab.build, "aplombd"), "-f", "-c", self.conf],
            lab.path("log"))
        lab.stops.append(self.daemon.stop)
        wait_for("aplombd", lambda: answers("127.0.0.1", 8893) or Lab._dead(self.daemon))
        must("newaliases")
        # From Debian 13 on, Postfix's own start does this.
        must("grep -q configure-instance /usr/lib/postfix/sbin/post-install ||"
             " /usr/lib/postfix/configure-instance.sh ''; postfix start")
        lab.stops.append(lambda: must("postfix stop"))
        wait_for("postfix", lambda: answers(ADDRESS, 25))

    @staticmethod
    def put(path, source, more=""):
        with open(source, encoding="utf-8") as f, open(path, "w", encoding="utf-8") as out:
            out.write(f.read() + more)

    def configure(self, *more):
        with open(self.conf, "w", encoding="utf-8") as f:
            lines = (f"authserv-id = {HOST}", "socket = inet:8893@127.0.0.1",
                     f'history = "{self.history}"') + more
            f.write("\n".join(lines) + "\n")

    def reload(self, *more):
        self.configure(*more)
        before = self.daemon.text().count("reload")
        self.daemon.child.send_signal(signal.SIGUSR1)
        wait_for("reload", lambda: self.daemon.text().count("reload") > before)

    def last_line(self):
        return [l for l in self.daemon.text().splitlines() if " action=" in l][-1]


# ---- the checks -----------------------------------------------------------------

def is_refused(host):
    done = sh(host.section.block("server="))
    answer = host.section.block("550 ")
    expect_in("<** " + answer + "\n", done.stdout, "swaks")
    expect(masked(host.last_line()), masked(host.section.block("4YtK")), "the line of the log")


def comes_in_with_monitor(host):
    expect_in("With `mode = monitor` and a reload", host.section.text, "README.md")
    host.reload("mode = monitor")
    done = sh(host.section.block("server="))
    expect(done.returncode, 0, f"swaks: {done.stdout}")
    end = re.search(r"`(action=accept .*?)`", host.section.text, re.S).group(1)
    expect_in(masked(end), masked(host.last_line()) + "\n", "the line of the log")
    header = host.section.block("Authentication-Results: ")

    def mailbox():
        if not os.path.exists("/var/mail/root"):
            return None
        with open("/var/mail/root", encoding="utf-8") as f:
            return f.read()
    expect_in(flat(header), flat(wait_for("delivery to root", mailbox)), "the message")


def from_loopback_is_exempt(host):
    expect_in("for it the log says `exempt=trusted`", host.section.text, "README.md")
    host.reload()
    done = sh("swaks --server 127.0.0.1 --from ann@example.com --to postmaster")
    expect(done.returncode, 0, f"swaks: {done.stdout}")
    expect_in(" exempt=trusted ", host.last_line(), "the line of the log")


def with_its_address_trusted(host):
    host.reload(f"trusted-networks = {{127.0.0.0/8, {ADDRESS}}}")
    expect(sh(host.section.block("server=")).returncode, 0, "swaks")
    expect_in(f"client={ADDRESS}", host.last_line(), "the line of the log")
    expect_in(" exempt=trusted ", host.last_line(), "the line of the log")


def with_restrictions_of_its_own(host):
    """Those of many sites, which refuse example.com for what its DNS says."""
    must("postconf -e smtpd_sender_restrictions=reject_unknown_sender_domain; postfix reload")
    host.reload()
    other = "swaks --server $(hostname -I | cut -d' ' -f1) --from ann@example.com --to root@" + HOST
    wait_for("the restriction", lambda: "Domain example.com does not accept mail" in
             sh(other).stdout)
    is_refused(host)


def main():
    args = argparse.ArgumentParser()
    args.add_argument("--build", required=True)
    args.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    args = args.parse_args()
    need_root()
    if not shutil.which("swaks"):
        print("SKIP the first message: swaks is missing (apt-get install swaks)\nDONE")
        return
    if not args.inside:
        apart = ["unshare", "--net", "--mount", "--uts"]
        probe = subprocess.run(apart + ["true"], capture_output=True, text=True)
        if probe.returncode != 0:
            print(f"SKIP the first message: no namespaces here ({probe.stderr.strip()})\nDONE")
            return
        os.execvp(apart[0], apart + [sys.executable, os.path.abspath(__file__), "--inside",
                                     "--build", os.path.abspath(args.build)])
    results = Results()
    with Lab(args.build) as lab:
        try:
            host = Host(lab, Section("Try it"))
        except (LabError, OSError) as e:
            print(f"FAIL the first message: {flat(str(e))}")
            results.failed += 1
        else:
            for check in (is_refused, comes_in_with_monitor, from_loopback_is_exempt,
                          with_its_address_trusted, with_restrictions_of_its_own):
                results.run("the first message: " + check.__name__.replace("_", " "), check, host)
    sys.exit(results.done())


if __name__ == "__main__":
    main()
