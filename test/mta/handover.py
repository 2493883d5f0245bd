# SPDX-License-Identifier: BSD-2-Clause
"""The scenarios whose recordings lie in test/mta/recorded, and what of them
must reach the verdict.

A scenario is a function of (talk, sign): it speaks SMTP byte by byte. Each has
two signatures where it calls sign(): history's dkim.0 is simple/simple, dkim.1
relaxed/relaxed, over what the client sends. `want` holds what the daemon must
have understood, by MTA where these differ.
"""
import base64
import hashlib
import os
import re
import socket
import subprocess
import threading

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding

from lab import Key, expect, wait_for
from record import Recorder, facts

RECORDED = os.path.join(os.path.dirname(os.path.abspath(__file__)), "recorded")
SETSYMLIST, HDR_LEADSPC = 0x100, 0x100000
FROM, TO = b"From: Ann <ann@acme.example>\r\n", b"To: <you@rcv.example>\r\n"
DATE = (b"Date: Tue, 24 Nov 2026 10:00:00 +0000\r\n"
        b"Message-ID: <m@acme.example>\r\n")


# ---- a signer of bytes as they are (RFC 6376 3.4), odd fields included -----------

def fields_of(head):
    return re.findall(rb"(?s)[^\r\n].*?\r\n(?![ \t])", head)


def relaxed_header(field):
    name, value = field.split(b":", 1)
    value = re.sub(rb"[ \t]+", b" ", value.replace(b"\r\n", b"")).strip(b" ")
    return name.strip(b" \t").lower() + b":" + value + b"\r\n"


def body_hash(body, is_relaxed):
    if is_relaxed:
        body = re.sub(rb"[ \t]+\r\n", b"\r\n", re.sub(rb"[ \t]+", b" ", body))
    body = re.sub(rb"(\r\n)*\Z", b"", body)
    body += b"" if is_relaxed and not body else b"\r\n"
    return base64.b64encode(hashlib.sha256(body).digest())


def signature(key, message, c):
    head, _, body = message.partition(b"\r\n\r\n")
    head = fields_of(head.rstrip(b"\r\n") + b"\r\n")
    names = [f.split(b":", 1)[0].strip(b" \t") for f in head]
    is_relaxed = c == b"relaxed"
    own = (b"DKIM-Signature: v=1; a=rsa-sha256; c=" + c + b"/" + c +
           b"; d=acme.example; s=s1;\r\n\th=" + b":".join(names) + b";\r\n\tbh=" +
           body_hash(body, is_relaxed) + b";\r\n\tb=")
    form = relaxed_header if is_relaxed else bytes
    # Several fields of a name are signed from the last one up.
    signed, left = b"", list(zip(names, head))
    for name in names:
        at = max(i for i, (n, _) in enumerate(left) if n == name)
        signed += form(left.pop(at)[1])
    signed += form(own + b"\r\n")[:-2]
    private = serialization.load_pem_private_key(key.private, None)
    b = base64.b64encode(private.sign(signed, padding.PKCS1v15(), hashes.SHA256()))
    return own + b"\r\n\t ".join(re.findall(rb".{1,64}", b)) + b"\r\n"


class Talk:
    """An SMTP client of bytes."""

    def __init__(self, port, source):
        self.s = socket.create_connection(("127.0.0.1", port), 60, (source, 0))
        self.file = self.s.makefile("rb")
        expect(self.reply()[0], 220, "banner")

    def reply(self):
        text = b""
        while True:
            line = self.file.readline()
            if not line:
                raise EOFError("the MTA hung up")
            text += line[4:]
            if line[3:4] != b"-":
                return int(line[:3]), text.decode("utf-8", "replace")

    def write(self, data):
        self.s.sendall(data)

    def ask(self, line, want=250):
        self.write(line + b"\r\n")
        code, text = self.reply()
        if want:
            expect(code, want, f"{line!r}: {text}")
        return code, text

    def ehlo(self):
        return self.ask(b"EHLO mail.sender.test")[1].split()

    def envelope(self, sender=b"a@acme.example", more=b""):
        self.ask(b"MAIL FROM:<" + sender + b">" + more)
        self.ask(b"RCPT TO:<root@rcv.example>")

    def data(self, message, want=250):
        """want: None where the MTA may refuse, or hang up at once."""
        self.ask(b"DATA", 354)
        self.write(re.sub(rb"(?m)^\.", b"..", message) + b".\r\n")
        try:
            code, text = self.reply()
        except (ConnectionResetError, EOFError):
            expect(want, None, "the MTA hung up")
            return
        if want:
            expect(code, want, text)

    def send(self, message, want=250, **more):
        self.envelope(**more)
        self.data(message, want)

    def close(self):
        self.file.close()
        self.s.close()


def text(more=b"", body=b"Good morning.\r\n.a dot\r\n"):
    return FROM + TO + DATE + b"Subject: Hello\r\n" + more + b"\r\n" + body


# ---- scenarios --------------------------------------------------------------------

def plain(t, sign):
    """a message of well-formed fields, with a dot at the start of a line"""
    t.ehlo()
    t.send(sign(text()))
    t.ask(b"QUIT", 221)


def blanks(t, sign):
    """blanks at both ends of values: several, none, tabs, nothing else"""
    t.ehlo()
    t.send(sign(FROM + b"To:<you@rcv.example>\r\n" + DATE + b"Subject:   three\r\n"
                b"X-Tab:\ttab\r\nX-Behind: value \t \r\nX-Inside: a  b\t\tc\r\n"
                b"X-Blank: \r\nX-Blanks:    \r\nX-None:\r\n\r\nGood  morning. \t\r\n\r\n\r\n"))
    t.ask(b"QUIT", 221)


def folded(t, sign):
    """fields folded with blanks and tabs, one from its first line on"""
    t.ehlo()
    t.send(sign(FROM + b"To: <you@rcv.example>,\r\n\t<me@rcv.example>,\r\n   <us@rcv.example>\r\n" + DATE +
                b"Subject:\r\n one\r\n\t\ttwo \r\n  three\r\nX-Odd: a \r\n\t\r\n b\r\n\r\nGood morning.\r\n"))
    t.ask(b"QUIT", 221)


def blank_before_colon(t, sign):
    """a blank between a field's name and its colon (RFC 5322 4.5)"""
    t.ehlo()
    t.send(sign(text(b"X-Odd : value\r\n")))
    t.ask(b"QUIT", 221)


def bare_cr(t, sign):
    """a CR without LF in a field"""
    t.ehlo()
    t.send(sign(text(b"X-Odd: one\rtwo\r\n")), want=None)


def bare_cr_in_body(t, sign):
    """a CR without LF in the body"""
    t.ehlo()
    t.send(sign(text(body=b"a\rb\r\n")), want=None)


def bare_lf_in_body(t, sign):
    """an LF without CR in the body"""
    t.ehlo()
    t.send(sign(text(body=b"a\nb\r\n")), want=None)


def nul(t, sign):
    """a NUL in a field and in the body"""
    t.ehlo()
    t.send(sign(text(b"X-Odd: one\0two\r\n", b"a\0b\r\n")), want=None)
    t.ask(b"QUIT", 221)


def eight_bit(t, sign):
    """8-bit bytes in a field and in the body, BODY=8BITMIME, no SMTPUTF8"""
    t.ehlo()
    t.send(sign(text("X-Odd: Grüße\r\n".encode(), "Grüße\r\n".encode() + b"\xff\x80\r\n")),
           more=b" BODY=8BITMIME")
    t.ask(b"QUIT", 221)


def no_body(t, sign):
    """fields alone: no empty line, no body"""
    t.ehlo()
    t.send(sign(FROM + TO + DATE + b"Subject: Hello\r\n"))
    t.ask(b"QUIT", 221)


def no_colon(t, sign):
    """a line without colon among the fields"""
    t.ehlo()
    t.send(text(b"no field\r\nX-After: one\r\n", b"Good morning.\r\n"), want=550)
    t.ask(b"QUIT", 221)


def few_fields(t, sign):
    """no Date, Message-ID or To, which an MTA might add"""
    t.ehlo()
    t.send(sign(FROM + b"Subject: Hello\r\n\r\nGood morning.\r\n"))
    t.ask(b"QUIT", 221)


def own_fields(t, sign):
    """signed fields that an MTA might take out: Return-Path, Bcc, Content-Length"""
    t.ehlo()
    t.send(sign(text(b"Return-Path: <x@other.example>\r\nBcc: <b@other.example>\r\n"
                     b"Resent-Bcc: <r@other.example>\r\nContent-Length: 24\r\n"
                     b"Full-Name: Ann\r\n")), want=None)
    t.ask(b"QUIT", 221)


def mbox_line(t, sign):
    """a "From " line of a mailbox file before the fields"""
    t.ehlo()
    t.send(b"From ann Tue Nov 24 10:00:00 2026\r\n" + sign(text()))
    t.ask(b"QUIT", 221)


def unqualified(t, sign):
    """addresses without a domain, comments and a group, which an MTA might rewrite"""
    t.ehlo()
    t.send(sign(text(b"Cc: bob, (a comment) carl (another),\"D E\" <de>\r\nReply-To: us:a,b;\r\n")))
    t.ask(b"QUIT", 221)


def several(t, sign):
    """two messages in one session"""
    t.ehlo()
    t.send(sign(text()))
    t.send(text(), sender=b"b@plain.example", want=550)
    t.ask(b"QUIT", 221)


def rset(t, sign):
    """RSET after MAIL, RSET after RCPT, EHLO after RCPT, then a message"""
    t.ehlo()
    t.ask(b"MAIL FROM:<x@other.example>")
    t.ask(b"RSET")
    t.envelope(b"y@other.example")
    t.ask(b"RSET")
    t.envelope(b"z@other.example")
    t.ask(b"EHLO again.sender.test")
    t.send(sign(text()))
    t.ask(b"QUIT", 221)


def pipelined(t, sign):
    """MAIL, RCPT and DATA in one write (RFC 2920), with SIZE"""
    t.ehlo()
    t.write(b"MAIL FROM:<a@acme.example> SIZE=1000\r\nRCPT TO:<root@rcv.example>\r\nDATA\r\n")
    for want in (250, 250, 354):
        expect(t.reply()[0], want, "pipelined")
    t.write(sign(text(body=b"Good morning.\r\n")) + b".\r\nQUIT\r\n")
    expect(t.reply()[0], 250, "end of message")
    expect(t.reply()[0], 221, "QUIT")


def bdat(t, sign):
    """BDAT in three chunks, split within a field and within CRLF (RFC 3030)"""
    t.ehlo()
    t.envelope()
    data = sign(text(body=b"Good morning.\r\n.a dot\r\n"))
    at = data.index(b"Hello") + 2, data.index(b"morning.\r") + 9
    for part in (data[:at[0]], data[at[0]:at[1]]):
        t.write(b"BDAT %d\r\n" % len(part) + part)
        expect(t.reply()[0], 250, "BDAT")
    t.write(b"BDAT %d LAST\r\n" % len(data[at[1]:]) + data[at[1]:])
    expect(t.reply()[0], 250, "BDAT LAST")
    t.ask(b"QUIT", 221)


def bdat_no_end(t, sign):
    """BDAT whose body does not end with a line end"""
    t.ehlo()
    t.envelope()
    data = sign(text(body=b"Good morning."))
    t.write(b"BDAT %d LAST\r\n" % len(data) + data)
    expect(t.reply()[0], 250, "BDAT LAST")
    t.ask(b"QUIT", 221)


def smtputf8(t, sign):
    """UTF-8 in the sender and in fields (RFC 6531)"""
    t.ehlo()
    data = ("From: Bücher <übung@bücher.example>\r\n".encode() + TO + DATE +
            "Subject: Grüße\r\n\r\nGood morning.\r\n".encode())
    t.send(data, sender="übung@bücher.example".encode(), more=b" SMTPUTF8 BODY=8BITMIME")
    t.ask(b"QUIT", 221)


def auth(t, sign):
    """a client that logged in (RFC 4954)"""
    t.ehlo()
    t.ask(b"AUTH PLAIN " + base64.b64encode(b"\0ann\0secret"), 235)
    t.send(text(), sender=b"ann@acme.example")
    t.ask(b"QUIT", 221)


def null_sender(t, sign):
    """the null reverse-path"""
    t.ehlo()
    t.send(sign(text()), sender=b"")
    t.ask(b"QUIT", 221)


def helo(t, sign):
    """HELO instead of EHLO"""
    t.ask(b"HELO mail.sender.test")
    t.send(sign(text()))
    t.ask(b"QUIT", 221)


def refused_recipient(t, sign):
    """a recipient that the MTA refuses, between two that it takes"""
    t.ehlo()
    t.envelope()
    expect(t.ask(b"RCPT TO:<you@elsewhere.example>", None)[0] // 100, 5, "a foreign recipient")
    t.ask(b"RCPT TO:<root@rcv.example>")
    t.data(sign(text()))
    t.ask(b"QUIT", 221)


def huge_field(t, sign):
    """a field of 70 KB in one line"""
    t.ehlo()
    t.send(sign(text(b"X-Pad: " + b"z" * 70000 + b"\r\n")), want=None)
    t.ask(b"QUIT", 221)


def huge_fold(t, sign):
    """a field of 150 KB in lines of 900"""
    t.ehlo()
    t.send(sign(text(b"X-Pad: " + b"\r\n ".join([b"z" * 900] * 166) + b"\r\n")), want=None)
    t.ask(b"QUIT", 221)


def long_body(t, sign):
    """a body of one line of 150 KB"""
    t.ehlo()
    t.send(sign(text(body=b"y" * 150000 + b"\r\n")))
    t.ask(b"QUIT", 221)


def no_message(t, sign):
    """QUIT at once"""
    t.ehlo()
    t.ask(b"QUIT", 221)


def drop(t, sign):
    """the client hangs up within DATA"""
    t.ehlo()
    t.envelope()
    t.ask(b"DATA", 354)
    t.write(FROM + b"\r\nhalf a")


def xclient(t, sign):
    """XCLIENT: another client's address, name and HELO"""
    t.ehlo()
    t.ask(b"XCLIENT ADDR=192.0.2.10 NAME=mx.acme.example HELO=mx.acme.example", 220)
    t.ask(b"EHLO mx.acme.example")
    t.send(sign(text()))
    t.ask(b"QUIT", 221)


def xclient_ipv6(t, sign):
    """XCLIENT: a client with an IPv6 address and no name"""
    t.ehlo()
    t.ask(b"XCLIENT ADDR=IPV6:2001:db8::10 NAME=[UNAVAILABLE] HELO=mx.acme.example", 220)
    t.ask(b"EHLO mx.acme.example")
    t.send(sign(text()))
    t.ask(b"QUIT", 221)


def no_leading_blanks(t, sign):
    """the usual fields, where the filter is not offered to see leading blanks"""
    plain(t, sign)


def no_leading_blanks_odd(t, sign):
    """the fields of "blanks", where the filter is not offered to see leading blanks"""
    blanks(t, sign)


def default_macros(t, sign):
    """the MTA's own choice of macros: it is not offered to the filter to choose"""
    t.ehlo()
    t.send(sign(text()))
    t.ask(b"QUIT", 221)


def default_macros_auth(t, sign):
    """the MTA's own choice of macros for a client that logged in"""
    auth(t, sign)


# Extensions of SMTP that a scenario needs of EHLO's answer.
NEEDS = {bdat: "CHUNKING", bdat_no_end: "CHUNKING", smtputf8: "SMTPUTF8", auth: "AUTH",
         default_macros_auth: "AUTH",
         xclient: "XCLIENT", xclient_ipv6: "XCLIENT", pipelined: "PIPELINING"}
SCENARIOS = [plain, blanks, folded, blank_before_colon, bare_cr, bare_cr_in_body,
             bare_lf_in_body, nul, eight_bit, few_fields, own_fields, mbox_line, unqualified,
             no_body, no_colon, several, rset, pipelined, bdat, bdat_no_end, smtputf8, auth,
             null_sender, helo, refused_recipient, huge_field, huge_fold, long_body,
             no_message, drop, xclient, xclient_ipv6, default_macros, default_macros_auth,
             no_leading_blanks, no_leading_blanks_odd]
# What is left out of the MTA's offer: actions, steps.
HIDDEN = {default_macros: (SETSYMLIST, 0), default_macros_auth: (SETSYMLIST, 0),
          no_leading_blanks: (0, HDR_LEADSPC), no_leading_blanks_odd: (0, HDR_LEADSPC)}
EXTENSIONS = {"postfix": {"AUTH", "CHUNKING", "PIPELINING", "SMTPUTF8", "XCLIENT"},
              "sendmail": {"AUTH", "PIPELINING"}}

# What the daemon has understood, by path in the history line of message 1.
USUAL = {"source_ip": "198.51.100.66", "helo": "mail.sender.test", "queue_id": "QUEUE1",
         "mail_from": "a@acme.example", "recipients": "1", "dkim.0.result": "pass",
         "dkim.1.result": "pass", "dmarc": "pass", "spf.result": "fail"}
BOTH_FAIL = {"dkim.0.result": "fail", "dkim.1.result": "fail", "dmarc": "fail"}
UNSIGNED = {"dkim.0.result": "", "dkim.1.result": "", "dmarc": "fail"}
WANT = {
    # One blank is taken off by the MTA and put back by us, there or not.
    no_leading_blanks_odd: {"dkim.0.result": "fail"},
    blank_before_colon: {"dkim.0.result": "fail"},
    nul: BOTH_FAIL,
    (own_fields, "postfix"): BOTH_FAIL,
    (bare_cr, "postfix"): BOTH_FAIL, (bare_cr_in_body, "postfix"): BOTH_FAIL,
    (bare_lf_in_body, "postfix"): BOTH_FAIL,
    no_colon: UNSIGNED,
    several: {"messages": 2, "2 queue_id": "QUEUE2", "2 helo": "mail.sender.test",
              "2 source_ip": "198.51.100.66", "2 mail_from": "b@plain.example",
              "2 dmarc": "fail", "2 recipients": "1"},
    rset: {"helo": "again.sender.test"},
    (rset, "sendmail"): {"queue_id": "QUEUE4"},
    smtputf8: {**UNSIGNED, "dmarc": "none", "mail_from": "übung@bücher.example",
               "envelope_from": "xn--bcher-kva.example",
               "authors.0.header_from": "xn--bcher-kva.example", "spf.result": "none"},
    # Who logged in is exempt: no verdict, no line.
    auth: {"messages": 0}, default_macros_auth: {"messages": 0},
    no_message: {"messages": 0}, drop: {"messages": 0},
    null_sender: {"mail_from": "", "spf.identity": "helo", "spf.domain": "mail.sender.test",
                  "spf.result": "none"},
    refused_recipient: {"recipients": "2"},
    (huge_field, "postfix"): BOTH_FAIL, (huge_fold, "postfix"): BOTH_FAIL,
    # Sendmail refuses these by itself.
    (huge_field, "sendmail"): {"messages": 0}, (huge_fold, "sendmail"): {"messages": 0},
    (bare_cr, "sendmail"): {"messages": 0}, (bare_cr_in_body, "sendmail"): {"messages": 0},
    (bare_lf_in_body, "sendmail"): {"messages": 0},
    xclient: {"source_ip": "192.0.2.10", "client_name": "mx.acme.example",
              "helo": "mx.acme.example", "spf.result": "pass"},
    xclient_ipv6: {"source_ip": "2001:db8::10", "helo": "mx.acme.example"},
}


def wants(scenario, mta):
    out = dict(USUAL)
    out.update(WANT.get(scenario, {}))
    out.update(WANT.get((scenario, mta), {}))
    if mta == "postfix" and scenario not in (xclient, xclient_ipv6):
        for path in ("source_ip", "2 source_ip"):
            if path in out:
                out[path] = "127.0.0.1"
    messages = int(out.pop("messages", 1))
    lines = [f"expect messages {messages}"]
    if messages > 0:
        for path, value in out.items():
            n, path = path.split(" ") if " " in path else ("1", path)
            lines.append(f"expect {n} {path} {value}".rstrip(" "))
    return lines


def at(line, path):
    """The text of a value of a history line; empty where there is none."""
    for part in path.split("."):
        try:
            line = line[int(part)] if isinstance(line, list) else line[part]
        except (KeyError, IndexError):
            return ""
    return str(line)


def check_wants(lines, history, ids, name):
    for line in lines:
        _, n, rest = (line + " ").split(" ", 2)
        if n == "messages":
            expect(len(history), int(rest), f"{name}: messages")
            continue
        path, value = rest.split(" ", 1)
        got = at(history[int(n) - 1], path)
        got = ids.get(got.encode(), got.encode()).decode()  # a queue id's name
        expect(got, value.strip(" "), f"{name}: {n} {path}")


class Hall:
    """One MTA with the recorder between it and the daemon."""

    def __init__(self, mta, version, key, daemon, recorder, port, source="127.0.0.1"):
        self.mta, self.version, self.key, self.daemon = mta, version, key, daemon
        self.recorder, self.port, self.source = recorder, port, source

    def extensions(self):
        t = Talk(self.port, self.source)
        try:
            return set(w.upper() for w in t.ehlo())
        finally:
            t.close()

    def sign(self, message):
        first = signature(self.key, message, b"simple")
        return first + signature(self.key, message, b"relaxed") + message

    def play(self, scenario):
        before = len(self.daemon.lines())
        self.settle()
        self.recorder.start(HIDDEN.get(scenario, (0, 0)))
        t = Talk(self.port, self.source)
        try:
            scenario(t, self.sign)
        finally:
            t.close()
        self.settle()
        return self.recorder.lines(), self.daemon.lines()[before:]

    def settle(self):
        wait_for("the end of the milter's session", self.recorder.is_quiet)

    def zone(self):
        return ['zone acme.example TXT "v=spf1 ip4:192.0.2.10 -all"',
                'zone _dmarc.acme.example TXT "v=DMARC1; p=reject"',
                "zone s1._domainkey.acme.example TXT " + " ".join(
                    f'"{part}"' for part in re.findall(".{1,200}", self.key.record))]

    def name(self, scenario):
        return f"{self.mta}-{scenario.__name__.replace('_', '-')}.milter"

    def check(self, scenario, is_kept):
        """Plays one scenario; keeps what it gave, or holds it against what was
        kept."""
        lines, history = self.play(scenario)
        path = os.path.join(RECORDED, self.name(scenario))
        want = wants(scenario, self.mta)
        if is_kept:
            head = [f"# {self.version}: {scenario.__doc__}."]
            with open(path, "w", encoding="utf-8") as f:
                f.write("\n".join(head + self.zone() + want + lines) + "\n")
        check_wants(want, history, self.recorder.normal.ids, self.name(scenario))
        with open(path, encoding="utf-8") as f:
            kept = f.read().split("\n")
        differs = [f"now {a!r}, kept {b!r}" for a, b in zip(
            facts(lines) + ["end"], facts(kept) + ["end"]) if a != b]
        expect(differs[:3], [], self.name(scenario))

    def check_all(self, is_kept=False):
        offered = self.extensions()
        known = set(NEEDS.values())
        expect(offered & known, EXTENSIONS[self.mta], "extensions of SMTP")
        problems = []
        for scenario in SCENARIOS:
            if NEEDS.get(scenario, "PIPELINING") not in offered:
                continue
            try:
                self.check(scenario, is_kept)
            except Exception as e:  # the others are worth seeing too
                problems.append(f"{self.name(scenario)}: {type(e).__name__}: {e}")
        expect(problems, [], "recordings (kept anew with --record)")


class Logins:
    """Dovecot's side of SASL for Postfix: whoever asks is ann."""

    def __init__(self):
        self.s = socket.create_server(("127.0.0.1", 0))
        self.port = self.s.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                c = self.s.accept()[0]
            except OSError:
                return
            threading.Thread(target=self._answer, args=(c,), daemon=True).start()

    @staticmethod
    def _answer(c):
        c.sendall(b"VERSION\t1\t1\nMECH\tPLAIN\tplaintext\nSPID\t1\nCUID\t1\n"
                  b"COOKIE\t0123456789abcdef0123456789abcdef\nDONE\n")
        for line in c.makefile("rb"):
            words = line.split(b"\t")
            if words[0] == b"AUTH":
                c.sendall(b"OK\t" + words[1] + b"\tuser=ann\n")

    def close(self):
        self.s.close()


def postfix_hall(lab):
    """A Postfix of its own with all that the scenarios need."""
    key = Key("rsa")
    dns_port = lab.dns([("acme.example", "TXT", "v=spf1 ip4:192.0.2.10 -all"),
                        ("_dmarc.acme.example", "TXT", "v=DMARC1; p=reject"),
                        ("s1._domainkey.acme.example", "TXT", key.record)])
    daemon = lab.daemon(dns_port=dns_port)
    recorder = Recorder("unix:" + lab.path("recorder"), "unix:" + daemon.socket)
    logins = Logins()
    lab.stops += [recorder.close, logins.close]
    postfix = lab.postfix("unix:" + lab.path("recorder"), smtpd_sasl_auth_enable="yes",
                          smtpd_sasl_type="dovecot",
                          smtpd_sasl_path=f"inet:127.0.0.1:{logins.port}")
    version = subprocess.run(["postconf", "-h", "-c", postfix.etc, "mail_version"], check=True,
                             stdout=subprocess.PIPE, text=True).stdout.strip()
    return Hall("postfix", f"Postfix {version}", key, daemon, recorder, postfix.port)
