# SPDX-License-Identifier: BSD-2-Clause
"""A private mail host: a DNS server, aplombd and an MTA, all of one folder.

Everything listens on loopback, on ports that were free a moment ago; every
process is ended by its pid when the lab closes. Needs root, since Postfix does.
"""
import base64
import datetime
import email.utils
import json
import os
import pwd
import shutil
import signal
import smtplib
import socket
import subprocess
import sys
import tempfile
import time

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

import dkim

# Of every wait: what has not come by then never comes.
START_SECONDS = 60


class LabError(Exception):
    pass


def free_port(kind=socket.SOCK_STREAM, address="127.0.0.1"):
    with socket.socket(socket.AF_INET, kind) as s:
        s.bind((address, 0))
        return s.getsockname()[1]


def wait_for(what, check, seconds=START_SECONDS):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        got = check()
        if got:
            return got
        time.sleep(0.02)
    raise LabError(f"{what}: not within {seconds} s")


def answers(address, port):
    try:
        socket.create_connection((address, port), 1).close()
        return True
    except OSError:
        return False


class Key:
    """A DKIM key pair, made anew for each run."""

    def __init__(self, kind):
        self.kind = kind
        if kind == "rsa":
            pair = rsa.generate_private_key(public_exponent=65537, key_size=2048)
            self.private = pair.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.TraditionalOpenSSL,
                serialization.NoEncryption())
            public = pair.public_key().public_bytes(
                serialization.Encoding.DER,
                serialization.PublicFormat.SubjectPublicKeyInfo)
            self.algorithm = b"rsa-sha256"
        else:
            pair = ed25519.Ed25519PrivateKey.generate()
            seed = pair.private_bytes(
                serialization.Encoding.Raw, serialization.PrivateFormat.Raw,
                serialization.NoEncryption())
            self.private = base64.b64encode(seed)
            public = pair.public_key().public_bytes(
                serialization.Encoding.Raw, serialization.PublicFormat.Raw)
            self.algorithm = b"ed25519-sha256"
        self.record = f"v=DKIM1; k={kind}; p=" + base64.b64encode(public).decode()

    def sign(self, message, domain, selector, canonicalize=(b"relaxed", b"relaxed"),
             **more):
        return dkim.sign(
            message, selector.encode(), domain.encode(), self.private,
            canonicalize=canonicalize, signature_algorithm=self.algorithm,
            **more) + message


class Process:
    """A child of the lab, ended by its own pid."""

    def __init__(self, name, args, log, env=None):
        self.name, self.log = name, log
        self.out = open(log, "ab")
        self.child = subprocess.Popen(
            args, stdin=subprocess.DEVNULL, stdout=self.out, stderr=self.out,
            env=env)
        self.pid = self.child.pid

    def alive(self):
        return self.child.poll() is None

    def stop(self, seconds=START_SECONDS):
        if self.alive():
            self.child.send_signal(signal.SIGTERM)
            try:
                self.child.wait(seconds)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()
                raise LabError(f"{self.name} did not end within {seconds} s of TERM")
            finally:
                self.out.close()
        return self.child.returncode

    def text(self):
        with open(self.log, "r", encoding="utf-8", errors="replace") as f:
            return f.read()


class Lab:
    def __init__(self, build, keep=False, folder=None):
        """folder: one that is there, in place of a new one."""
        self.build = build
        self.keep = keep
        self.folder = folder or tempfile.mkdtemp(prefix="aplomb-", dir="/tmp")
        os.chmod(self.folder, 0o755)
        self.stops = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        problems = []
        for stop in reversed(self.stops):
            try:
                stop()
            except Exception as e:  # all must be stopped, whatever one says
                problems.append(str(e))
        self.stops = []
        if not self.keep:
            shutil.rmtree(self.folder, ignore_errors=True)
        if problems:
            raise LabError("; ".join(problems))

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def write(self, name, text, mode=0o644):
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        os.chmod(path, mode)
        return path

    # ---- DNS: knot serves one root zone, so that every name has an answer ----

    def dns(self, records, broken=(), port=0):
        """records: (name, type, text) or (name, 'TXT', value); broken: zones
        whose file is missing, so that the server answers SERVFAIL."""
        port = port or free_port(socket.SOCK_DGRAM)
        lines = ["$TTL 300",
                 ". SOA ns.lab.test. hostmaster.lab.test. 1 3600 600 86400 30",
                 ". NS ns.lab.test.", "ns.lab.test. A 127.0.0.1"]
        for name, kind, value in records:
            if kind == "TXT":
                value = " ".join(
                    '"%s"' % value[i:i + 200].replace("\\", "\\\\").replace('"', '\\"')
                    for i in range(0, len(value), 200))
            lines.append(f"{name}. {kind} {value}")
        self.write("dns/root.zone", "\n".join(lines) + "\n")
        zones = ['  - domain: "."', f'    file: "{self.path("dns/root.zone")}"']
        for zone in broken:
            zones += [f'  - domain: "{zone}."', f'    file: "{self.path("dns/missing")}"']
        for sub in ("dns/run", "dns/db"):
            os.makedirs(self.path(sub), exist_ok=True)
        conf = self.write("dns/knot.conf", "\n".join([
            "server:", f'  rundir: "{self.path("dns/run")}"',
            f"  listen: 127.0.0.1@{port}", "  udp-workers: 1", "  tcp-workers: 1",
            "  background-workers: 1",
            "database:", f'  storage: "{self.path("dns/db")}"',
            "  journal-db-max-size: 16M", "  kasp-db-max-size: 16M",
            "  timer-db-max-size: 16M", "  catalog-db-max-size: 16M",
            "log:", "  - target: stderr", "    any: info",
            "zone:"] + zones) + "\n")
        knot = Process("knotd", ["knotd", "-c", conf], self.path("dns/log"))
        self.stops.append(knot.stop)
        wait_for("knotd", lambda: self._dns_answers(port) or self._dead(knot))
        return port

    @staticmethod
    def _dead(process):
        if not process.alive():
            raise LabError(f"{process.name} ended at once: {process.text()[-2000:]}")
        return False

    @staticmethod
    def _dns_answers(port):
        query = b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x06\x00\x01"
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.settimeout(0.3)
            try:
                s.sendto(query, ("127.0.0.1", port))
                return s.recv(512)[:2] == b"\x12\x34"
            except OSError:
                return False

    # ---- aplombd -------------------------------------------------------------

    def daemon(self, name="aplombd", dns_port=None, **settings):
        return Daemon(self, name, dns_port, settings)

    def postfix(self, milter, port=0, **settings):
        return Postfix(self, milter, settings, port)


class Daemon:
    """aplombd in the foreground, with a configuration that may be rewritten."""

    def __init__(self, lab, name, dns_port, settings):
        self.lab, self.name = lab, name
        os.makedirs(lab.path(name), exist_ok=True)
        self.socket = lab.path(name, "sock")
        self.history = lab.path(name, "history")
        self.conf = lab.path(name, "aplomb.conf")
        self.base = {
            "socket": f"unix:{self.socket}", "socket-mode": "0666",
            "history": self.history, "authserv-id": "mx.rcv.example"}
        if dns_port:
            self.base["dns-servers"] = f'{{"127.0.0.1:{dns_port}"}}'
        # Tests reach us from loopback: nothing is trusted unless one says so.
        self.base["trusted-networks"] = "{}"
        self.base["socket"] = settings.pop("socket", self.base["socket"])
        self.configure(**settings)
        env = dict(os.environ)
        env.setdefault("ASAN_OPTIONS", "detect_leaks=1:exitcode=99")
        env.setdefault("TSAN_OPTIONS", "exitcode=98:halt_on_error=0:suppressions=" +
                       os.path.join(os.path.dirname(__file__), "..", "tsan.supp"))
        self.process = Process(
            name, [os.path.join(lab.build, "aplombd"), "-f", "-c", self.conf],
            lab.path(name, "log"), env)
        lab.stops.append(self.stop)
        wait_for(name, lambda: self._answers() or Lab._dead(self.process))

    def _answers(self):
        kind, where = self.base["socket"].split(":", 1)
        if kind == "inet":
            port, host = where.split("@")
            return answers(host, int(port))
        with socket.socket(socket.AF_UNIX) as s:
            try:
                s.connect(where)
                return True
            except OSError:
                return False

    def configure(self, overrides="", **settings):
        values = dict(self.base)
        values.update({k.replace("_", "-"): v for k, v in settings.items()})
        text = "".join(
            f"{k} = {v if str(v).startswith('{') else json.dumps(str(v))}\n"
            for k, v in values.items())
        with open(self.conf, "w", encoding="utf-8") as f:
            f.write(text + overrides)

    def reload(self, overrides="", **settings):
        """Rewrites the configuration and waits until the log says it is in."""
        self.configure(overrides, **settings)
        before = self.log().count("reload")
        self.process.child.send_signal(signal.SIGUSR1)
        wait_for("reload", lambda: self.log().count("reload") > before)

    def log(self):
        return self.process.text()

    def lines(self):
        """The history: one object a message, the head line left out."""
        try:
            with open(self.history, "rb") as f:
                rows = [json.loads(line) for line in f.read().splitlines()]
        except FileNotFoundError:
            return []
        return [r for r in rows if "dmarc" in r]

    def stop(self):
        """Ends the daemon; a sanitizer's report is a failure."""
        code = self.process.stop()
        log = self.log()
        for mark in ("ERROR: AddressSanitizer", "runtime error:",
                     "ERROR: LeakSanitizer", "WARNING: ThreadSanitizer"):
            if mark in log:
                raise LabError(f"{self.name}: {log[log.index(mark):][:6000]}")
        if code != 0:
            raise LabError(f"{self.name} ended with {code}: {log[-3000:]}")


class Postfix:
    """A Postfix of its own: configuration, queue, data and mailboxes."""

    def __init__(self, lab, milter, settings, port=0):
        self.lab = lab
        self.port = port or free_port()
        self.etc = lab.path("postfix/etc")
        self.mail = lab.path("postfix/mail")
        owner = pwd.getpwnam("postfix")
        nobody = pwd.getpwnam("nobody")
        for sub in ("etc", "queue", "data", "mail"):
            os.makedirs(lab.path("postfix", sub), exist_ok=True)
        os.chmod(lab.path("postfix"), 0o755)
        os.chown(lab.path("postfix/data"), owner.pw_uid, owner.pw_gid)
        os.chown(self.mail, nobody.pw_uid, nobody.pw_gid)
        main = {
            "compatibility_level": "3.6",
            "queue_directory": lab.path("postfix/queue"),
            "data_directory": lab.path("postfix/data"),
            "command_directory": "/usr/sbin",
            "daemon_directory": "/usr/lib/postfix/sbin",
            "mail_owner": "postfix", "setgid_group": "postdrop",
            "myhostname": "mx.rcv.example", "mydestination": "",
            "mynetworks": "127.0.0.0/8",
            "inet_interfaces": "127.0.0.1", "inet_protocols": "all",
            # XCLIENT comes too late to make a local client a stranger here.
            "local_header_rewrite_clients": "",
            "smtpd_peername_lookup": "no", "smtp_dns_support_level": "disabled",
            "smtpd_authorized_xclient_hosts": "127.0.0.1",
            "smtpd_recipient_restrictions": "reject_unauth_destination, permit",
            "alias_maps": "", "alias_database": "",
            "virtual_alias_maps": "",
            "smtpd_relay_restrictions": "reject_unauth_destination, permit",
            "smtpd_client_connection_count_limit": "0",
            "smtpd_forbid_bare_newline": "no",
            "default_process_limit": "60",
            "virtual_mailbox_domains": "rcv.example, xn--rcv-lna.example",
            "virtual_mailbox_base": self.mail,
            "virtual_mailbox_maps": "static:inbox/",
            "virtual_uid_maps": f"static:{nobody.pw_uid}",
            "virtual_gid_maps": f"static:{nobody.pw_gid}",
            "virtual_mailbox_limit": "0", "message_size_limit": "60000000",
            "mailbox_size_limit": "0",
            "smtputf8_enable": "yes",
            "smtpd_milters": milter, "milter_default_action": "accept",
            "maillog_file": lab.path("postfix/log"),
            "maillog_file_prefixes": lab.folder,
        }
        main.update(settings)
        lab.write("postfix/etc/main.cf", "".join(
            f"{k} = {v}\n" for k, v in main.items()))
        services = [
            f"127.0.0.1:{self.port} inet n - n - - smtpd",
            "pickup unix n - n 60 1 pickup", "cleanup unix n - n - 0 cleanup",
            "qmgr unix n - n 300 1 qmgr", "rewrite unix - - n - - trivial-rewrite",
            "bounce unix - - n - 0 bounce", "defer unix - - n - 0 bounce",
            "trace unix - - n - 0 bounce", "verify unix - - n - 1 verify",
            "flush unix n - n 1000? 0 flush", "proxymap unix - - n - - proxymap",
            "smtp unix - - n - - smtp", "relay unix - - n - - smtp",
            "showq unix n - n - - showq", "error unix - - n - - error",
            "retry unix - - n - - error", "discard unix - - n - - discard",
            "local unix - n n - - local", "virtual unix - n n - - virtual",
            "anvil unix - - n - 1 anvil", "scache unix - - n - 1 scache",
            "tlsmgr unix - - n 1000? 1 tlsmgr",
            "postlog unix-dgram n - n - 1 postlogd"]
        lab.write("postfix/etc/master.cf", "\n".join(services) + "\n")
        self._complain_of_port()
        lab.stops.append(self.stop)
        self.command("start")
        wait_for("postfix", lambda: answers("127.0.0.1", self.port))

    def _complain_of_port(self):
        """Whoever has the port would answer in Postfix's place; Postfix 3.10 does
        not tell the cause where one could read it."""
        with socket.socket() as s:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                s.bind(("127.0.0.1", self.port))
                return
            except OSError:
                pass
            raise LabError(
                f"port {self.port} of 127.0.0.1 is taken by another program, so Postfix"
                " cannot listen there. Run it again, or give a free one with --port")

    def _postfix(self, *words):
        return subprocess.run(
            ["postfix", "-c", self.etc, *words], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def _runs(self):
        return self._postfix("status").returncode == 0

    def command(self, *words):
        done = self._postfix(*words)
        if done.returncode != 0:
            raise LabError(f"postfix {' '.join(words)}: {done.stdout}{self.log()[-1500:]}")

    def stop(self):
        try:
            with open(self.lab.path("postfix/queue/pid/master.pid")) as f:
                pid = int(f.read())
        except (OSError, ValueError):
            return
        if not self._runs():
            return
        self.command("stop")
        wait_for("postfix to end", lambda: not os.path.exists(f"/proc/{pid}"))

    def log(self):
        try:
            with open(self.lab.path("postfix/log"), errors="replace") as f:
                return f.read()
        except FileNotFoundError:
            return ""

    def queue(self):
        done = subprocess.run(["postqueue", "-c", self.etc, "-j"], check=True,
                              stdout=subprocess.PIPE, text=True)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def inbox(self):
        folder = os.path.join(self.mail, "inbox", "new")
        return sorted(os.path.join(folder, n) for n in os.listdir(folder)) \
            if os.path.isdir(folder) else []

    def delivered(self, mark, seconds=START_SECONDS):
        """The bytes of the delivered message that holds `mark`."""
        def look():
            for path in self.inbox():
                with open(path, "rb") as f:
                    data = f.read()
                if mark.encode() in data:
                    return data
            return None
        return wait_for(f"delivery of {mark}", look, seconds)


class Client:
    """One SMTP session with Postfix as somebody with another address."""

    def __init__(self, port, address, helo="mail.sender.test", name="[UNAVAILABLE]"):
        self.smtp = smtplib.SMTP("127.0.0.1", port, timeout=120)
        self.smtp.ehlo("lab.test")
        ip = f"IPV6:{address}" if ":" in address else address
        code, text = self.smtp.docmd("XCLIENT", f"ADDR={ip} NAME={name} HELO={helo}")
        if code != 220:
            raise LabError(f"XCLIENT: {code} {text}")
        self.smtp.ehlo(helo)

    def send(self, mail_from, recipients, data, options=()):
        """Sends bytes as they are (CRLF lines, not dot-stuffed); the reply that
        ended it."""
        code, text = self.smtp.docmd(
            "MAIL", "FROM:<%s>%s" % (mail_from, "".join(" " + o for o in options)))
        if code != 250:
            return code, text.decode()
        for r in [recipients] if isinstance(recipients, str) else recipients:
            code, text = self.smtp.docmd("RCPT", f"TO:<{r}>")
            if code != 250:
                return code, text.decode()
        code, text = self.smtp.docmd("DATA")
        if code != 354:
            return code, text.decode()
        stuffed = b"\r\n".join(
            b"." + l if l.startswith(b".") else l for l in data.split(b"\r\n"))
        if not stuffed.endswith(b"\r\n"):
            stuffed += b"\r\n"
        self.smtp.sock.sendall(stuffed + b".\r\n")
        code, text = self.smtp.getreply()
        return code, text.decode()

    def close(self):
        try:
            self.smtp.quit()
        except (OSError, smtplib.SMTPException):
            pass


def message(mark, author, subject="Hello", body="Good morning.\r\n", headers=()):
    """A plain message; `mark` is its Message-Id's local part."""
    date = email.utils.format_datetime(datetime.datetime.now(datetime.timezone.utc))
    lines = [f"From: {author}", "To: You <you@rcv.example>", f"Subject: {subject}",
             f"Date: {date}", f"Message-ID: <{mark}@sender.test>", *headers]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode("utf-8", "surrogateescape")


class Results:
    """Runs named checks one by one and prints what ./dev counts."""

    def __init__(self):
        self.failed = 0

    def run(self, name, check, *args):
        try:
            check(*args)
            print(f"PASS {name}", flush=True)
        except Exception as e:
            self.failed += 1
            import traceback
            traceback.print_exc(file=sys.stdout)
            print(f"FAIL {name}: {str(e)[:500]}".replace("\n", " "), flush=True)

    def done(self):
        print("DONE", flush=True)
        return 1 if self.failed else 0


def need_root():
    if os.geteuid() != 0:
        print("SKIP all of it: Postfix starts as root alone; run as root")
        print("DONE")
        sys.exit(0)


def expect(got, want, what):
    if got != want:
        raise AssertionError(f"{what}: got {got!r}, want {want!r}")


def expect_in(part, whole, what):
    if part not in whole:
        raise AssertionError(f"{what}: no {part!r} in {whole!r}")
