#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""transport.py TRANSMIT: reports by a command and by SMTP.

Each test is a function that returns when all is well; it gets a directory of
its own. They run side by side, on ports that the kernel picks."""
import base64
import concurrent.futures
import datetime
import ipaddress
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import traceback

import dkim
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from relay import DROP, HANG, Relay

TRANSMIT = os.path.abspath(sys.argv[1])
SENDER, TO = "bounce=x+1@reports.example", "dmarc@owner.example"
MESSAGE = (b"From: \"DMARC reports\" <noreply@reports.example>\r\n"
           b"To: <dmarc@owner.example>\r\n"
           b"Subject: Report Domain: owner.example\r\n"
           b" Submitter: reports.example Report-ID: <1>\r\n"
           b"Date: Sat, 21 Nov 2026 00:00:00 +0000\r\n"
           b"Message-ID: <1@reports.example>\r\n"
           b"Auto-Submitted: auto-generated\r\n"
           b"MIME-Version: 1.0\r\n"
           b"Content-Type: text/plain\r\n\r\n"
           b"text\r\n.\r\n..\r\n.a dot\r\n\r\n" + b"x" * 16000 +
           b"\r\n.late\r\n.\r\n")
# Ends what would never end, and is never waited for else.
HANG_GUARD = 300
TESTS = []


def test(f):
    TESTS.append(f)
    return f


def same(what, got, want):
    if got != want:
        raise AssertionError(f"{what}: got {got!r}, want {want!r}")


def match(what, got, pattern):
    if not re.fullmatch(pattern, got, re.S):
        raise AssertionError(f"{what}: got {got!r}, want {pattern!r}")


class Room:
    """A directory, and calls of transmit there."""

    def __init__(self, path):
        self.path = path

    def file(self, name, content, mode=0o600):
        path = os.path.join(self.path, name)
        with open(path, "wb") as f:
            f.write(content if isinstance(content, bytes) else
                    content.encode())
        os.chmod(path, mode)
        return path

    def transmit(self, settings, to=(TO,), sender=SENDER, limit=60000,
                 message=MESSAGE, env=None, **more):
        """The lines that it prints."""
        conf = self.file("conf", "".join(f"{k} = \"{v}\"\n"
                                         for k, v in settings.items()))
        run = subprocess.run(
            [TRANSMIT, conf, str(limit), sender, self.file("m", message), *to],
            stdin=subprocess.DEVNULL, capture_output=True, timeout=HANG_GUARD,
            env={**os.environ, **(env or {})}, check=False, **more)
        same("exit status, " + run.stderr.decode(), run.returncode, 0)
        return run.stdout.decode().splitlines()


# ---- certificates -----------------------------------------------------------

def new_key(bits=2048):
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def pem_of(key):
    return key.private_bytes(serialization.Encoding.PEM,
                             serialization.PrivateFormat.PKCS8,
                             serialization.NoEncryption())


def certificate(name, key, issuer, issuer_key, is_ca=False):
    now = datetime.datetime.utcnow()
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(
        issuer).public_key(key.public_key()).serial_number(
        x509.random_serial_number()).not_valid_before(
        now - datetime.timedelta(days=1)).not_valid_after(
        now + datetime.timedelta(days=2)).add_extension(
        x509.BasicConstraints(is_ca, None), True)
    common = name.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value
    if not is_ca:
        names = [x509.DNSName(common)]
        if common == "localhost":
            names.append(x509.IPAddress(ipaddress.ip_address("127.0.0.1")))
        builder = builder.add_extension(x509.SubjectAlternativeName(names),
                                        False)
    return builder.sign(issuer_key, hashes.SHA256())


def named(common):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


class Authority:
    """A CA, whose file is .file, and contexts for servers of a name."""

    def __init__(self, folder):
        self.folder, self.key = folder, new_key()
        self.name = named("CA of " + folder[-40:])
        cert = certificate(self.name, self.key, self.name, self.key, True)
        self.file = os.path.join(folder, "ca.pem")
        with open(self.file, "wb") as f:
            f.write(cert.public_bytes(serialization.Encoding.PEM))

    def server(self, host):
        key = new_key()
        cert = certificate(named(host), key, self.name, self.key)
        path = os.path.join(self.folder, host + ".pem")
        with open(path, "wb") as f:
            f.write(pem_of(key) + cert.public_bytes(
                serialization.Encoding.PEM))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context


def authority(room):
    ca = Authority(room.path)
    return ca, ca.server("localhost")


# ---- SMTP: answers ----------------------------------------------------------

def smtp(room, scripts, want, settings=None, relay=None, **more):
    """Sends, and holds each line against a pattern; gives the closed relay."""
    r = Relay([scripts] if isinstance(scripts, dict) else scripts,
              **(relay or {}))
    try:
        given = {"report-smtp": f"127.0.0.1:{r.port}",
                 "report-smtp-helo": "mx.reports.example",
                 **(settings or {})}
        given = {k: v.replace("PORT", str(r.port)) for k, v in given.items()}
        lines = room.transmit(given, **more)
    finally:
        r.close()
    want = [want] if isinstance(want, str) else want
    same("lines of output", len(lines), len(want))
    for got, pattern in zip(lines, want):
        match("result", got, pattern)
    return r


NAME = r"127\.0\.0\.1:\d+"
TAKEN = r"sent 250 - 2\.0\.0 taken as 4711"


@test
def plain(room):
    r = smtp(room, {}, TAKEN)
    same("dialogue", r.lines, [
        "EHLO mx.reports.example", f"MAIL FROM:<{SENDER}>",
        f"RCPT TO:<{TO}>", "DATA", "QUIT"])
    same("message", r.messages, [MESSAGE])
    # What the server undoes has been done.
    same("stuffed", r.raw[0].count(b"\r\n.."), MESSAGE.count(b"\r\n."))


@test
def first_byte_a_dot(room):
    m = b".x: y\r\n\r\n.\r\n"
    same("message", smtp(room, {}, TAKEN, message=m).messages, [m])


@test
def last_line_without_end(room):
    for end in (b"", b"\r", b"\n"):
        r = smtp(room, {}, TAKEN, message=b"A: b\r\n\r\nlast" + end)
        match("message", r.messages[0].decode(), "A: b\r\n\r\nlast[\r\n]*\r\n")


@test
def null_sender_and_size(room):
    r = smtp(room, {}, TAKEN, sender="", relay={"offers": ["SIZE 99999"]})
    same("MAIL", r.lines[1], f"MAIL FROM:<> SIZE={len(MESSAGE)}")


@test
def dots_at_every_place(room):
    """Wherever the pieces end in which libcurl reads."""
    body = b"".join(b"." * (i % 4) + b"y" * (i % 97) + b"\r\n"
                    for i in range(9000))
    m = b"From: a@reports.example\r\n\r\n" + body
    same("is whole", smtp(room, {}, TAKEN, message=m).messages[0] == m, True)


@test
def environment_is_not_asked(room):
    smtp(room, {}, TAKEN, env={"ALL_PROXY": "http://127.0.0.1:9",
                               "smtp_proxy": "http://127.0.0.1:9"})


@test
def ipv6(room):
    try:
        socket.socket(socket.AF_INET6).bind(("::1", 0))
    except OSError:
        return  # a host without
    smtp(room, {}, TAKEN, {"report-smtp": "[::1]:PORT"},
         relay={"family": socket.AF_INET6})


ANSWERS = [
    # step, answer, want
    ("greeting", b"421 4.3.2 too busy\r\n",
     f"deferred 421 service {NAME} answered connecting with "
     "\"421 4.3.2 too busy\""),
    ("greeting", b"554 5.7.1 you are listed\r\n", "deferred 554 service .*"),
    ("greeting", DROP, "deferred 0 service .*"),
    ("EHLO", b"550 5.7.1 not you\r\n", "deferred 550 service .*"),
    ("EHLO", DROP, "deferred 0 service .*"),
    ("MAIL", b"451 4.7.1 slow down\r\n",
     f"deferred 451 service {NAME} answered MAIL FROM with .*"),
    ("MAIL", b"550 5.7.1 not your domain\r\n", "deferred 550 service .*"),
    ("MAIL", b"530 5.7.0 authenticate first\r\n", "deferred 530 service .*"),
    ("MAIL", b"552 5.3.4 too large\r\n", "refused 552 - .*"),
    ("MAIL", DROP, "deferred 0 service .*"),
    ("RCPT", b"421 4.3.2 closing\r\n", "deferred 421 service .*"),
    ("RCPT", b"450 4.2.0 greylisted\r\n",
     f"deferred 450 - {NAME} answered RCPT TO with "
     "\"450 4\\.2\\.0 greylisted\""),
    ("RCPT", b"451 4.3.0 try again\r\n", "deferred 451 - .*"),
    ("RCPT", b"452 4.2.2 mailbox full\r\n", "deferred 452 - .*"),
    ("RCPT", b"530 5.7.0 authenticate first\r\n", "deferred 530 service .*"),
    ("RCPT", b"550 5.1.1 no such user\r\n", "refused 550 address .*"),
    ("RCPT", b"550-5.1.1 no\r\n550-5.1.1 such\r\n550 5.1.1 user\r\n",
     "refused 550 address .*\"550 5.1.1 no 5.1.1 such 5.1.1 user\""),
    ("RCPT", b"550 no such user\r\n", "refused 550 address .*"),
    ("RCPT", b"550 5.4.1 access denied\r\n", "refused 550 address .*"),
    ("RCPT", b"550 5.7.1 blocked\r\n", "refused 550 - .*"),
    ("RCPT", b"551 not here\r\n", "refused 551 address .*"),
    ("RCPT", b"552 5.2.2 over quota\r\n", "refused 552 address .*"),
    ("RCPT", b"554 5.7.1 relay access denied\r\n", "refused 554 - .*"),
    ("RCPT", b"554 5.2.1 disabled\r\n", "refused 554 address .*"),
    ("RCPT", b"354 what\r\n", "deferred 0 - .*"),
    ("RCPT", DROP, "deferred 0 - .*"),
    ("DATA", b"452 4.3.1 disk full\r\n",
     f"deferred 452 - {NAME} answered DATA with .*"),
    ("DATA", b"554 5.5.1 no recipients\r\n", "refused 554 - .*"),
    ("DATA", b"250 ok\r\n", "deferred 0 - .*"),
    ("DATA", DROP, "deferred 0 - .*"),
    ("message", b"421 4.3.0 later\r\n", "deferred 421 - .*"),
    ("message", b"451 4.7.1 later\r\n",
     f"deferred 451 - {NAME} answered the message with .*"),
    ("message", b"552 5.3.4 too large\r\n", "refused 552 - .*"),
    ("message", b"554 5.6.0 no\r\n", "refused 554 - .*"),
    ("message", b"550 5.1.1 unknown\r\n", "refused 550 - .*"),
    ("message", b"354 more\r\n", "deferred 0 - .*"),
    ("message", DROP, "deferred 0 - .*"),
    ("message", [b"25"], "deferred 0 - .*"),
    ("message", b"250\r\n", "sent 250 - "),
    ("QUIT", b"550 no\r\n", TAKEN),
    ("QUIT", DROP, TAKEN),
    # Whatever bytes come, a line of text is one line of printable ASCII.
    ("RCPT", b"550 5.1.1 a\0b\x1b[31m\x7f\xff\tc\r\n",
     r'refused 550 address .* with "550 5\.1\.1 a\\x00b\\x1b\[31m\\x7f\\xff'
     r'\\x09c"'),
    ("greeting", b"220 \0\r\n", TAKEN),
]


@test
def answers(room):
    for i, (step, answer, want) in enumerate(ANSWERS):
        script = {step: answer}
        try:
            smtp(room, script, want)
        except AssertionError as e:
            raise AssertionError(f"answer {i} ({step}, {answer}): {e}") from e


@test
def server_of_something_else(room):
    """What it says is no reply, nor the end of one: the limit ends it."""
    smtp(room, {"greeting": b"SSH-2.0-OpenSSH_9.2\r\n"},
         "deferred 0 service .*", limit=5000)


@test
def early_data_is_not_taken_for_an_answer(room):
    """Who answers RCPT TO and DATA at once cannot make a message sent."""
    smtp(room, {"RCPT": b"250 ok\r\n354 go\r\n", "DATA": DROP},
         "deferred 0 - .*")


@test
def endless_reply(room):
    junk = b"x" * 65536
    for step, answer, want in (
            ("RCPT", [b"550 5.1.1 "] + [junk] * 64 + [b"\r\n"],
             "refused|deferred"),
            ("RCPT", [b"550-5.1.1 no\r\n" * 4096] * 64 + [b"550 5.1.1 no\r\n"],
             "refused|deferred"),
            ("message", [b"250-" + junk + b"\r\n"] * 64 + [b"250 ok\r\n"],
             "sent|deferred"),
            ("EHLO", [b"250-" + b"A" * 900 + b"\r\n"] * 4096 + [b"250 x\r\n"],
             "sent|deferred")):
        r = smtp(room, {step: answer}, rf"({want}) \d+ \S+ .{{0,1200}}")
        same("connections", r.connections, 1)


@test
def two_in_a_row(room):
    r = smtp(room, {}, [TAKEN, TAKEN], to=[TO, "b@owner.example"])
    same("messages", r.messages, [MESSAGE, MESSAGE])
    r = smtp(room, [{}, {"greeting": DROP}, {}],
             [TAKEN, "deferred 0 service .*", TAKEN], to=[TO, TO, TO])
    same("messages", len(r.messages), 2)
    smtp(room, [{"RCPT": b"550 5.1.1 no\r\n"}, {}],
         ["refused 550 address .*", TAKEN], to=[TO, TO])


@test
def nobody_listens(room):
    s = socket.socket()
    s.bind(("127.0.0.1", 0))
    lines = room.transmit({"report-smtp": f"127.0.0.1:{s.getsockname()[1]}"})
    match("result", lines[0], f"deferred 0 service {NAME}, at connecting: .*"
          "; see whether report-smtp is right and the server runs")
    s.close()


@test
def no_such_host(room):
    lines = room.transmit({"report-smtp": "no-such-host.invalid:1"})
    match("result", lines[0], "deferred 0 service no-such-host.invalid:1, .*")


@test
def addresses_that_are_no_lines(room):
    for to in ("a@b\r\nDATA", "a@b>\r\n", "<a@b>", "a b@c.example", "a",
               "@b.example", "a@", "a@b c", "a,b@c.example", "\u00e4@b.example",
               "a" * 300 + "@b.example"):
        r = smtp(room, {}, "refused 0 address the recipient is no address .*",
                 to=[to])
        same("connections", r.connections, 0)
    smtp(room, {}, "refused 0 - the sender is no address .*",
         sender="a@b.example>\r\nRCPT TO:<c@d.example")


# ---- SMTP: time -------------------------------------------------------------

def hang_at(step, want):
    def run(room):
        # The server would wait for ever: the limit ends it, or HANG_GUARD.
        smtp(room, {step: HANG}, want, limit=5000)
    run.__name__ = f"hang_at_{step}"
    TESTS.append(run)


for _step, _want in (("greeting", "deferred 0 service .*"),
                     ("EHLO", "deferred 0 service .*"),
                     ("MAIL", "deferred 0 service .*"),
                     ("RCPT", "deferred 0 - .*"),
                     ("DATA", "deferred 0 - .*"),
                     ("message", "deferred 0 - .*"), ("QUIT", TAKEN)):
    hang_at(_step, _want)


@test
def slow_drip(room):
    """A reply that goes on for ever ends with the limit."""
    class Drip:
        def __iter__(self):
            while True:
                yield b"250-x\r\n"
                time.sleep(0.1)
    smtp(room, {"RCPT": Drip()}, "deferred 0 - .*", limit=5000)


# ---- SMTP: TLS --------------------------------------------------------------

@test
def tls_required(room):
    ca, context = authority(room)
    for host in ("localhost", "127.0.0.1"):
        r = smtp(room, {}, TAKEN, {
            "report-smtp": host + ":PORT", "report-smtp-tls": "required",
            "report-smtp-ca": ca.file}, {"tls": context})
        same("dialogue", r.lines[:4], [
            "EHLO mx.reports.example", "STARTTLS", "EHLO mx.reports.example",
            f"MAIL FROM:<{SENDER}>"])
        same("message", r.messages, [MESSAGE])


REQUIRED = {"report-smtp": "localhost:PORT", "report-smtp-tls": "required"}


@test
def tls_required_is_not_offered(room):
    r = smtp(room, {}, r"deferred 0 service localhost:\d+, at connecting: .*"
             "; it offers no STARTTLS, which report-smtp-tls or "
             "report-smtp-auth requires", REQUIRED)
    same("dialogue", r.lines, ["EHLO mx.reports.example"])


@test
def tls_required_is_refused(room):
    ca, context = authority(room)
    r = smtp(room, {"STARTTLS": b"454 4.7.0 not now\r\n"},
             "deferred 454 service .*",
             {**REQUIRED, "report-smtp-ca": ca.file}, {"tls": context})
    same("dialogue", r.lines[:2], ["EHLO mx.reports.example", "STARTTLS"])
    same("MAIL", any("MAIL" in x for x in r.lines), False)


@test
def tls_wrong_name(room):
    ca = Authority(room.path)
    r = smtp(room, {}, "deferred 0 service .*; its certificate is not one for "
             "this name that is trusted; see report-smtp and report-smtp-ca",
             {**REQUIRED, "report-smtp-ca": ca.file},
             {"tls": ca.server("other.example")})
    same("dialogue", r.lines, ["EHLO mx.reports.example", "STARTTLS"])


@test
def tls_unknown_authority(room):
    _, context = authority(room)
    smtp(room, {}, "deferred 0 service .*; its certificate is not one .*",
         REQUIRED, {"tls": context})
    other = os.path.join(room.path, "other")
    os.mkdir(other)
    smtp(room, {}, "deferred 0 service .*; its certificate is not one .*",
         {**REQUIRED, "report-smtp-ca": Authority(other).file},
         {"tls": context})


@test
def tls_implicit(room):
    ca, context = authority(room)
    given = {"report-smtp": "localhost:PORT", "report-smtp-tls": "implicit",
             "report-smtp-ca": ca.file}
    relay = {"tls": context, "is_implicit": True}
    r = smtp(room, {}, TAKEN, given, relay)
    same("dialogue", r.lines[:2],
         ["EHLO mx.reports.example", f"MAIL FROM:<{SENDER}>"])
    r = smtp(room, {}, TAKEN, {**given, **auth(room)},
             {**relay, "users": {"user@example": "secret: pass"}})
    match("AUTH", r.lines[1], "AUTH PLAIN.*")
    for server in ({"tls": context}, {},
                   {"tls": ca.server("other.example"), "is_implicit": True}):
        r = smtp(room, {}, "deferred 0 service .*", {**given, **auth(room)},
                 server, limit=3000)
        same("dialogue", [x for x in r.lines if x.isprintable()], [])


@test
def tls_opportunistic(room):
    ca = Authority(room.path)
    r = smtp(room, {}, TAKEN, relay={"tls": ca.server("other.example")})
    same("STARTTLS", r.lines[1], "STARTTLS")
    r = smtp(room, {"STARTTLS": b"454 4.7.0 not now\r\n"}, TAKEN,
             relay={"tls": ca.server("other.example")})
    r = smtp(room, {}, TAKEN, {"report-smtp-tls": "off"},
             {"tls": ca.server("other.example")})
    same("STARTTLS", "STARTTLS" in r.lines, False)


@test
def tls_injection(room):
    """What was sent in clear behind the answer to STARTTLS is not believed."""
    _, context = authority(room)
    smtp(room, {"STARTTLS": b"220 go\r\n250 x\r\n250 x\r\n354 x\r\n250 x\r\n"},
         "deferred 0 service .*", relay={"tls": context})


# ---- SMTP: AUTH -------------------------------------------------------------

def auth(room, content="user@example\nsecret: pass\n"):
    return {"report-smtp": "localhost:PORT",
            "report-smtp-auth": room.file("auth", content)}


@test
def auth_right(room):
    ca, context = authority(room)
    for mechanisms in ("PLAIN", "LOGIN", "CRAM-MD5 LOGIN PLAIN"):
        for given in ({}, {"report-smtp-tls": "required"}):
            r = smtp(room, {"mechanisms": mechanisms}, TAKEN,
                     {**auth(room), "report-smtp-ca": ca.file, **given},
                     {"tls": context,
                      "users": {"user@example": "secret: pass"}})
            match("AUTH", r.lines[3], "AUTH (PLAIN|LOGIN).*")


@test
def auth_wrong(room):
    ca, context = authority(room)
    for mechanisms in ("PLAIN", "LOGIN"):
        r = smtp(room, {"mechanisms": mechanisms},
                 "deferred 535 service localhost.*\"535 5.7.8 no such user or "
                 "password\"; see the user and password in the file of "
                 "report-smtp-auth",
                 {**auth(room), "report-smtp-ca": ca.file},
                 {"tls": context, "users": {"user@example": "other"}})
        same("MAIL", any("MAIL" in x for x in r.lines), False)


@test
def auth_mechanisms_that_we_lack(room):
    ca, context = authority(room)
    smtp(room, {"mechanisms": "CRAM-MD5 XOAUTH2"}, "deferred 0 service .*",
         {**auth(room), "report-smtp-ca": ca.file},
         {"tls": context, "users": {"user@example": "x"}})


@test
def auth_never_in_clear(room):
    """Opportunistic gives the password to no server that is not checked."""
    secret = base64.b64encode(b"secret: pass").decode().strip("=")
    ca = Authority(room.path)
    for tls, offers in ((None, ["AUTH PLAIN LOGIN"]),
                        (ca.server("other.example"), ["AUTH PLAIN LOGIN"])):
        r = smtp(room, {}, "deferred 0 service .*",
                 {**auth(room), "report-smtp-ca": ca.file},
                 {"tls": tls, "offers": offers})
        same("AUTH", any("AUTH" in x or secret in x for x in r.lines), False)
    r = smtp(room, {}, "closed report-smtp-auth with report-smtp-tls = off .*",
             {**auth(room), "report-smtp-tls": "off"},
             {"offers": ["AUTH PLAIN"]})
    same("connections", r.connections, 0)


# ---- the command ------------------------------------------------------------

def command(room, script, want, **more):
    """Runs a shell script as sendmail; $D is the directory."""
    path = room.file("sendmail", f"#!/bin/sh\nD={room.path}\n{script}\n",
                     0o700)
    settings = {"report-sendmail": path + more.pop("arguments", ""),
                **more.pop("settings", {})}
    lines = room.transmit(settings, **more)
    want = [want] if isinstance(want, str) else want
    same("lines of output", len(lines), len(want))
    for got, pattern in zip(lines, want):
        match("result", got.replace(path, "SENDMAIL"), pattern)


def read(room, name):
    with open(os.path.join(room.path, name), "rb") as f:
        return f.read()


RECORD = "printf '%s\\n' \"$@\" >$D/arguments; cat >$D/got"


@test
def command_arguments(room):
    command(room, RECORD, "sent 0 - SENDMAIL accepted")
    same("arguments", read(room, "arguments").decode().split("\n"),
         ["-i", "-f", SENDER, "--", TO, ""])
    same("message", read(room, "got"), MESSAGE.replace(b"\r\n", b"\n"))
    command(room, RECORD, "sent 0 - SENDMAIL accepted", sender="",
            arguments="  -C /x  -O$HOME;id ", to=["-bv@owner.example"])
    same("arguments", read(room, "arguments").decode().split("\n"),
         ["-C", "/x", "-O$HOME;id", "-i", "-f", "<>", "--",
          "-bv@owner.example", ""])


@test
def command_line_ends(room):
    body = b"".join(b"z" * (i % 113) + (b"\r" * (i % 3)) + b"\r\n"
                    for i in range(3000))
    m = b"From: a@reports.example\r\n\r\n" + body
    command(room, RECORD, "sent 0 .*", message=m)
    same("is whole", read(room, "got") == m.replace(b"\r\n", b"\n"), True)


STATUSES = {
    1: "deferred 1 -", 64: "deferred 64 service", 65: "refused 65 -",
    66: "deferred 66 -", 67: "refused 67 address", 68: "refused 68 address",
    69: "refused 69 -", 70: "deferred 70 -", 71: "deferred 71 -",
    72: "deferred 72 service", 73: "deferred 73 service", 74: "deferred 74 -",
    75: "deferred 75 -", 76: "deferred 76 -", 77: "deferred 77 service",
    78: "deferred 78 service", 126: "deferred 126 service",
    127: "deferred 127 service", 255: "deferred 255 -",
}


@test
def command_statuses(room):
    for code, want in STATUSES.items():
        command(room, f"printf '\\n \\033why\\nmore\\n' >&2; exit {code}",
                rf"{want} SENDMAIL .*, exit status {code}: \\x1bwhy")


@test
def command_signals(room):
    for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGPIPE):
        command(room, f"kill -{int(number)} $$; sleep 5",
                f"deferred 0 - SENDMAIL was ended by signal {int(number)}")


@test
def command_reads_nothing(room):
    big = MESSAGE + b"0123456789abcdef\r\n" * 100000
    command(room, "exit 0", ["sent 0 - SENDMAIL accepted"] * 2,
            to=[TO, TO], message=big)
    command(room, "exec <&-; exit 75", "deferred 75 .*", message=big)


@test
def command_talks_without_end(room):
    command(room, "yes $(printf '%01000d' 7) | head -c 3000000 >&2; exit 65",
            "refused 65 - .{0,600}")
    command(room, "exec yes >&2", "deferred 0 service .*", limit=1000)


@test
def command_hangs(room):
    command(room, "echo $$ >$D/pid; trap '' TERM; sleep 900 & echo $! >$D/child"
            "; wait; sleep 900", "deferred 0 service SENDMAIL did not end within"
            " 5 seconds .*", limit=5000)
    for name in ("pid", "child"):
        pid = int(read(room, name))
        for _ in range(600):
            if not os.path.exists(f"/proc/{pid}") or "Z" in open(
                    f"/proc/{pid}/stat", encoding="ascii").read().split()[2]:
                break
            time.sleep(0.1)
        else:
            raise AssertionError(f"{name} {pid} lives on")


@test
def command_leaves_a_child(room):
    """Who keeps standard error open does not keep us waiting: we are done, and
    the child is still there."""
    command(room, "sleep 900 & echo $! >$D/child; exit 0", "sent 0 .*")
    child = int(read(room, "child"))
    with open(f"/proc/{child}/stat", encoding="ascii") as f:
        state = f.read().rsplit(")", 1)[1].split()[0]
    same("it has ended", state in "ZX", False)
    os.kill(child, signal.SIGKILL)


@test
def command_is_no_program(room):
    path = room.file("text", "no program\n", 0o700)
    lines = room.transmit({"report-sendmail": path})
    match("result", lines[0], "deferred 0 service .* cannot be run: .*")
    os.chmod(path, 0o600)
    if os.getuid() == 0:
        lines = room.transmit({"report-sendmail": path})
        match("result", lines[0], "closed report-sendmail .*")


@test
def command_when_children_are_ignored(room):
    def ignore():
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    command(room, "exit 67", "refused 67 address .*", preexec_fn=ignore)


@test
def command_without_room(room):
    """No copy of the message, no sending."""
    command(room, "exit 0", "deferred 0 service the message cannot be copied "
            "to a temporary file for SENDMAIL: .*",
            env={"TMPDIR": "/none"}, preexec_fn=no_files)


def no_files():
    import resource
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))


# ---- signatures -------------------------------------------------------------

def check_signature(key, received):
    public = key.public_key().public_bytes(
        serialization.Encoding.DER,
        serialization.PublicFormat.SubjectPublicKeyInfo)
    record = b"v=DKIM1; p=" + base64.b64encode(public)

    def txt(name, timeout=5):
        same("name of the key", name, b"s1._domainkey.reports.example.")
        return record
    if not dkim.verify(received, dnsfunc=txt):
        raise AssertionError("dkimpy does not accept the signature")
    match("field", received.decode(), "DKIM-Signature: v=1; a=rsa-sha256; "
          "c=relaxed/relaxed; d=reports.example;.*")
    head = received.split(b"\r\n\r\n")[0].split(b"From: ")[0]
    names = re.search(rb"[;\s]h=([^;]*);", head).group(1)
    names = re.sub(rb"\s", b"", names).decode().lower().split(":")
    same("h=", sorted(names), sorted([
        "from", "from", "to", "subject", "date", "message-id", "mime-version",
        "content-type", "auto-submitted"]))
    if dkim.verify(b"From: b@reports.example\r\n" + received, dnsfunc=txt):
        raise AssertionError("a second From is not denied")
    if dkim.verify(received.replace(b"text", b"texts"), dnsfunc=txt):
        raise AssertionError("dkimpy accepts another body")


@test
def signed(room):
    for bits in (1024, 2048, 4096):
        key = new_key(bits)
        settings = {"report-dkim-selector": "s1",
                    "report-dkim-key": room.file("key", pem_of(key))}
        r = smtp(room, {}, [TAKEN, TAKEN], settings, to=[TO, TO],
                 relay={"offers": ["SIZE 99999"]})
        for i, received in enumerate(r.messages):
            same("the rest", received.endswith(MESSAGE), True)
            check_signature(key, received)
            sizes = [x for x in r.lines if "SIZE=" in x]
            same("SIZE", sizes[i].split("=")[-1], str(len(received)))
        command(room, RECORD, "sent 0 .*", settings=settings)
        check_signature(key, read(room, "got").replace(b"\n", b"\r\n"))
        for m in (b"", b"\r\n", b"a", b"a\r\n\r\n\r\n", b"a  b\t\r\n \r\n"):
            m = MESSAGE.split(b"\r\n\r\n")[0] + b"\r\n\r\ntext" + m
            check_signature(key, smtp(room, {}, TAKEN, settings,
                                      message=m).messages[0])


@test
def cannot_be_signed(room):
    settings = {"report-dkim-selector": "s1",
                "report-dkim-key": room.file("key", pem_of(new_key()))}
    for m in (b"From: a@reports.example\r\n", b"", b"no header\r\n\r\nx\r\n",
              b"To: a@b.example\r\n\r\nx\r\n"):
        command(room, "exit 0", "deferred 0 - the message could not be signed"
                ": .*", settings=settings, message=m)


# Of 768 bits: newer versions of cryptography make none.
SHORT_KEY = """\
-----BEGIN PRIVATE KEY-----
MIIB4wIBADANBgkqhkiG9w0BAQEFAASCAc0wggHJAgEAAmEAnI/W/GB9/ez8fp6U
X53IFYUpK8mPhk63p26zYNxxPOAnJPuLa1C72/iiPSq2a2YuMjEr8ywR2qzZPPEf
1vAA8l3OKVx1dpKHUcTwmIXh/kBFtcBl8Y87hYlKcpxOVsSHAgMBAAECYELzmCJR
OU/vmoKjWhwRo1Dgoxygk4oB+7PUOU2At8Qqr1K3Z4W6/rsw9mBl9aC0Dv4UQ1bm
ZviVFicgjkHs8ssyBIz6kYVtO7TpfZzGpNpEYxUNRIyNzr1Qd69xb56FkQIxAMtV
2Co7YW96I4Kt+IsujsL4JtgqI8y4Dd1KcVuSNgHxg8pKcXVpFvKRv6PhVPiNGwIx
AMUcrg73d9ArP9+5nRtQbdFOPEDRSgJJGYGVo7yTMqw5cZ2PQslUyhjUT5luIEM5
BQIwQlr6VxXXvzRhoES7xlfkONYYfxSJaEZsJ9oiUhrNyyaQtpRCoGkyFujfXFCt
lQsfAjAZrqnzI0VGJ0x0Pv/8Xhdg7Rumql5FO/cJzlB+MoOosvdduxvNlbGbWJZi
fFnRyG0CMCNMF1TbbIG3xEvrozhl/Fd+isZC6PnYH2vxS2eXhnmR5pc+yfOrvu9X
fkSqGxyCzA==
-----END PRIVATE KEY-----
"""


@test
def keys_that_do_not_do(room):
    other = room.file("short", SHORT_KEY)
    locked = room.file("locked", new_key().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"x")))
    from cryptography.hazmat.primitives.asymmetric import ed25519
    edwards = room.file("edwards", pem_of(
        ed25519.Ed25519PrivateKey.generate()))
    for path, want in ((other, "fewer than 1024 bits"),
                       (locked, "has a passphrase"),
                       (edwards, "is no RSA key"),
                       ("/none", "cannot be read")):
        lines = room.transmit({"report-dkim-selector": "s1",
                               "report-dkim-key": path})
        match("result", lines[0], f"closed report-dkim-key {path}: .*{want}.*")


# ---- running ----------------------------------------------------------------

def run(f, folder):
    path = os.path.join(folder, f.__name__)
    os.mkdir(path)
    try:
        f(Room(path))
    except Exception:  # pylint: disable=broad-except
        return f"{f.__name__}: {traceback.format_exc(limit=-3)}"
    return None


def main():
    with tempfile.TemporaryDirectory() as folder:
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            bad = [x for x in pool.map(lambda f: run(f, folder), TESTS) if x]
    for x in bad:
        print(x, file=sys.stderr)
    print(f"{len(TESTS) - len(bad)} of {len(TESTS)} hold")
    sys.exit(1 if bad else 0)


main()
