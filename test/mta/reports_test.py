#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""From mail to a report at its reader: messages through Postfix and aplombd, the
store, the report out by Postfix to a second Postfix, and there Mail::DMARC; and
mail servers, DNS and stores that fail.

Each check prints PASS, FAIL or SKIP and its name; DONE ends the run.
"""
import argparse
import collections
import email
import os
import re
import sqlite3
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab import (Client, Key, Lab, Results, expect, expect_in, free_port, message,  # noqa: E402
                 need_root, wait_for)
from reports_lab import (Command, Pgsql, Sink, attachment, fits_schema, history_of,  # noqa: E402
                         moved_back, totals, write_history)

ACME, STRANGER = "192.0.2.10", "198.51.100.66"
DAY = 86400


class World:
    def __init__(self, lab):
        self.lab, self.key, self.count = lab, Key("rsa"), 0
        self.zone = [
            ("acme.example", "TXT", "v=spf1 ip4:192.0.2.10 -all"),
            ("_dmarc.acme.example", "TXT",
             "v=DMARC1; p=reject; rua=mailto:dmarc@acme.example,mailto:x@stranger.example"),
            ("s1._domainkey.acme.example", "TXT", self.key.record),
            ("told.example", "TXT", "v=spf1 -all"),
            ("_dmarc.told.example", "TXT",
             "v=DMARC1; p=reject; ruf=mailto:ruf@told.example; fo=1"),
        ] + [(f"_dmarc.d{i}.example", "TXT", f"v=DMARC1; p=none; rua=mailto:rua@d{i}.example")
             for i in range(80)]
        self.dns_port = lab.dns(self.zone, broken=["broken.example"])

    def command(self, **settings):
        self.count += 1
        settings.setdefault("dns_servers", f'{{"127.0.0.1:{self.dns_port}"}}')
        return Command(self.lab, f"c{self.count}", **settings)

    def with_reports(self, domains, smtp_port, **settings):
        """A command whose store has a message for each domain, yesterday."""
        c = self.command(report_smtp=f"127.0.0.1:{smtp_port}", report_smtp_tls="off", **settings)
        for serial, domain in enumerate(domains):
            path = self.lab.path("incoming")
            write_history(path, history_of(1, domain, 1, serial))
            c.run("import", path)
        return c


# ---- the way of a message ------------------------------------------------------

def counted(lines):
    """What a report of these history lines must say."""
    got = collections.Counter()
    for line in lines:
        author = line["authors"][0]
        got["messages"] += 1
        got[f"dkim {author['dkim']}"] += 1
        got[f"spf {author['spf']}"] += 1
    return got


def to_mail_dmarc(w):
    """Twelve messages; the report in each form, by sendmail and by SMTP."""
    second = Lab(w.lab.build)
    try:
        receiver = second.postfix("", virtual_mailbox_domains="acme.example", smtpd_milters="",
                                  myhostname="mx.acme.example")
        daemon = w.lab.daemon("full", dns_port=w.dns_port)
        postfix = w.lab.postfix(
            f"unix:{daemon.socket}", relay_domains="acme.example",
            relay_transport=f"relay:[127.0.0.1]:{receiver.port}")
        for n in range(12):
            data = message(f"r{n}", "Ann <ann@acme.example>")
            if n % 3 == 0:
                data = w.key.sign(data, "acme.example", "s1")
            c = Client(postfix.port, ACME if n % 4 == 0 else STRANGER)
            c.send("ann@acme.example", "you@rcv.example", data)
            c.close()
        want = counted(daemon.lines())
        expect(want["messages"], 12, "history lines")
        for form, schema, by_smtp in (("rfc7489", "rfc7489.xsd", False),
                                      ("rfc9990", "rfc9990.xsd", True)):
            check_one_form(w, form, schema, by_smtp, daemon, postfix, receiver, want)
    finally:
        second.close()


def check_one_form(w, form, schema, by_smtp, daemon, postfix, receiver, want):
    how = {"report_smtp": f"127.0.0.1:{postfix.port}"} if by_smtp else \
        {"report_sendmail": f"/usr/sbin/sendmail -C {postfix.etc}"}
    c = w.command(report_format=form, report_smtp_tls="off", **how)
    path = w.lab.path("moved")
    moved_back(daemon.history, path, DAY)
    c.run("import", path)
    expect_in("1 made, 1 sent, 1 not to be written to", c.run("report", "send"), form)
    data = arrived(receiver, c)
    name, _ = attachment(data)
    expect(name.split("!")[:2], ["rcv.example", "acme.example"], "file")
    m = email.message_from_bytes(data)
    expect(m["To"], "<dmarc@acme.example>", "To")
    expect_in("noreply+", m["Return-Path"], "the envelope's sender")
    got, xml = totals("read.py", data, w.lab.path(form))
    if form == "rfc7489":  # Mail::DMARC knows no namespace
        expect(totals("read.pl", data, w.lab.path(form))[0], got, "Mail::DMARC and our reader")
    for key, count in want.items():
        expect(got.get(key), str(count), key)
    fits_schema(xml, schema)
    listed = c.run("report", "list")
    expect_in("sent to 1 of 2", listed, "list")
    shown = c.run("report", "show", listed.split()[-1][:12])
    expect_in("sent        dmarc@acme.example", shown, "show")
    expect_in("x@stranger.example", shown, "show")
    expect_in("stranger.example", shown.split("unusable", 1)[1], "why it is not written to")
    expect(c.run("report", "send"), "reports: nothing to send\n", "a second run")


def arrived(receiver, c):
    """Takes the message with the report that the command lists last."""
    report = c.run("report", "list").split()[-1].encode()

    def look():
        return [p for p in receiver.inbox() if report in read(p)]
    path = wait_for("the report at its receiver", look)[0]
    data = read(path)
    os.unlink(path)
    return data


def read(path):
    with open(path, "rb") as f:
        return f.read()


# ---- mail servers that fail ----------------------------------------------------

def state(c):
    line = c.run("report", "list").splitlines()[1]
    return re.split(r"  +", line)[-1].rsplit(" ", 1)[0]


def again(c):
    """As if the time of the next try had come."""
    db = sqlite3.connect(c.settings["store"].split(":", 1)[1])
    with db:
        db.execute("UPDATE aplomb_report SET next = 0")
        db.execute("UPDATE aplomb_delivery SET next = 0")
    db.close()


def same_report(first, second):
    expect(attachment(first[2]), attachment(second[2]), "the file of another try")
    expect(first, second, "another try")


def put_off(w, behaviour):
    """It fails for a while, then is sent: once, and nothing is lost."""
    sink = Sink(behaviour)
    try:
        c = w.with_reports(["d1.example"], sink.port)
        c.run("report", "send", code=75 if behaviour == "closed" else 0)
        expect_in("waiting (0 of 1 sent)", c.run("report", "list"), behaviour)
        c.run("report", "send")  # it is not tried again so soon
        before = list(sink.messages)
        sink.behaviour = "accept"
        again(c)
        expect_in("1 sent", c.run("report", "send"), "when it works")
        expect(len(sink.messages), len(before) + 1, "messages")
        if before:
            same_report(before[0], sink.messages[-1])
        expect(sink.messages[-1][1], "rua@d1.example", "recipient")
        again(c)
        expect(c.run("report", "send"), "reports: nothing to send\n", "afterwards")
    finally:
        sink.close()


def smarthost_is_full(w):
    put_off(w, "rcpt-452")
    put_off(w, "end-452")


def smarthost_is_down(w):
    put_off(w, "closed")


def smarthost_drops_after_data(w):
    put_off(w, "drop")


def smarthost_hangs(w):
    """Another process goes on meanwhile; the one that waits ends when told."""
    sink = Sink("hang")
    try:
        c = w.with_reports(["d1.example"], sink.port)
        stuck = c.start("report", "send")
        wait_for("its connection", lambda: "new" in c.run("report", "list") or
                 "waiting" in c.run("report", "list"))
        expect(c.run("report", "send"), "reports: nothing to send\n", "while another has it")
        stuck.kill()
        stuck.wait()
        sink.behaviour = "accept"
        db = sqlite3.connect(c.settings["store"].split(":", 1)[1])
        with db:  # as if its claim had run out
            db.execute("UPDATE aplomb_report SET lease = 0")
        db.close()
        expect_in("1 sent", c.run("report", "send"), "after its claim")
        expect(len(sink.messages), 1, "messages")
    finally:
        sink.close()


def smarthost_refuses(w):
    """5xx is final; at RCPT the address is left alone from then on."""
    for behaviour, suppressed in (("end-554", False), ("rcpt-550", True)):
        sink = Sink(behaviour)
        try:
            c = w.with_reports(["d1.example"], sink.port)
            said = c.run("report", "send")
            expect_in("1 refused", said, c.shown())
            again(c)
            expect(c.run("report", "send"), "reports: nothing to send\n", "5xx is final")
            listed = c.run("report", "suppress")
            expect("rua@d1.example" in listed, suppressed, listed)
        finally:
            sink.close()


def one_kill_one_copy_at_most(w):
    """Killed while it sends many: the next run sends the rest, all under the
    names that they have, and at most the one under way twice."""
    domains = [f"d{i}.example" for i in range(30)]
    sink = Sink()
    try:
        c = w.with_reports(domains, sink.port)
        run = c.start("report", "send")
        wait_for("some messages", lambda: len(sink.messages) >= 5)
        run.kill()
        run.wait()
        db = sqlite3.connect(c.settings["store"].split(":", 1)[1])
        with db:
            db.execute("UPDATE aplomb_report SET lease = 0")
        db.close()
        c.run("report", "send")
        names = collections.Counter(attachment(m[2])[0] for m in sink.messages)
        expect(len(names), 30, "reports")
        expect(sum(names.values()) <= 31, True, f"{names}")
    finally:
        sink.close()


# ---- DNS ----------------------------------------------------------------------

def dns_is_down(w):
    sink = Sink()
    try:
        c = w.with_reports(["d1.example"], sink.port,
                           dns_servers=f'{{"127.0.0.1:{free_port()}"}}')
        c.run("report", "send")
        expect_in("new", c.run("report", "list"), "while DNS is down")
        expect(sink.messages, [], "while DNS is down")
        c.set(dns_servers=f'{{"127.0.0.1:{w.dns_port}"}}')
        again(c)
        expect_in("1 sent", c.run("report", "send"), "when it is up")
    finally:
        sink.close()


# ---- several hosts ------------------------------------------------------------

def two_hosts_one_postgresql(w):
    domains = [f"d{i}.example" for i in range(60)]
    sink, pg = Sink(), Pgsql(w.lab)
    try:
        a = w.with_reports(domains, sink.port, store=pg.store)
        b = w.command(report_smtp=f"127.0.0.1:{sink.port}", report_smtp_tls="off",
                      store=pg.store, report_from="other@rcv.example",
                      report_org_name="The other host")
        runs = [a.start("report", "send"), b.start("report", "send")]
        said = [r.communicate(timeout=300) for r in runs]
        expect([r.returncode for r in runs], [0, 0], f"{said}")
        names = collections.Counter(attachment(m[2])[0] for m in sink.messages)
        expect(set(names.values()), {1}, "copies of a report")
        expect(len({n.split("!")[1] for n in names}), 60, "domains")
        expect(len(names), 60, "names")
        sent = [int((re.search(r"(\d+) sent", out) or [0, 0])[1]) for out, _ in said]
        expect(sum(sent), 60, "what both say")
        expect(min(sent) > 0, True, f"both worked: {sent}")
    finally:
        sink.close()


# ---- bounces ------------------------------------------------------------------

def bounce_suppresses(w):
    """Postfix takes the report, which another server then refuses: its bounce
    comes to the report's own sender."""
    second, sink = Lab(w.lab.build), Sink("rcpt-550")
    try:
        away = second.postfix("", relay_domains="d2.example", smtpd_milters="",
                              relay_transport=f"relay:[127.0.0.1]:{sink.port}",
                              recipient_delimiter="+")
        c = w.with_reports(["d2.example"], away.port)
        expect_in("1 sent", c.run("report", "send"), c.shown())
        path = wait_for("the bounce", lambda: (away.inbox() or [None])[0])
        said = c.run("report", "bounce", "-", given=read(path))
        expect_in("rua@d2.example: the report bounced", said, "bounce")
        expect_in("rua@d2.example", c.run("report", "suppress"), "suppressed")
        expect_in("nothing to do", c.run("report", "bounce", path), "a copy of it")
        listed = c.run("report", "list")
        expect_in("sent to 0 of 1", listed, "list")
        expect_in("bounced     rua@d2.example",
                  c.run("report", "show", listed.split()[-1]), "show")
        expect_in("gets reports again",
                  c.run("report", "suppress", "--remove", "rua@d2.example"), "remove")
    finally:
        sink.close()
        second.close()


# ---- failure reports ----------------------------------------------------------

def failure_report_arrives(w):
    """A forged message through Postfix and aplombd; what its owner is told."""
    sink = Sink()
    try:
        spool = w.lab.path("failures")
        with Lab(w.lab.build) as other:
            daemon = other.daemon("failing", dns_port=w.dns_port, failure_reports="yes",
                                  failure_spool=spool)
            postfix = other.postfix(f"unix:{daemon.socket}")
            client = Client(postfix.port, STRANGER)
            code, _ = client.send("x@spam.example", "you@rcv.example",
                                  message("forged1", "Boss <boss@told.example>"))
            client.close()
            expect(code, 550, "the forged message")
            wait_for("its file", lambda: any(not n.startswith(".") for n in os.listdir(spool)))
        c = w.command(report_smtp=f"127.0.0.1:{sink.port}", report_smtp_tls="off",
                      failure_reports="yes", failure_spool=spool)
        c.run("report", "send-failures", "--dry-run")
        expect(sink.messages, [], "after a dry run")
        c.run("report", "send-failures")
        c.run("report", "send-failures")
        (sender, recipient, data), = sink.messages
        expect((sender, recipient), ("", "ruf@told.example"), "envelope")
        m = email.message_from_bytes(data)
        expect((m.get_content_type(), m.get_param("report-type")),
               ("multipart/report", "feedback-report"), "type")
        _, fields, header = m.get_payload()
        fields = fields.as_string()
        for part in ("Feedback-Type: auth-failure", "Auth-Failure: dmarc",
                     "Reported-Domain: told.example", f"Source-IP: {STRANGER}",
                     "Identity-Alignment: dkim,spf", "Delivery-Result: reject"):
            expect_in(part, fields, "fields")
        expect(header.get_content_type(), "text/rfc822-headers", "third part")
        expect(b"you@rcv.example" in data, False, "the recipient is unreadable")
        expect(b"Good morning" in data, False, "the body is not told")
    finally:
        sink.close()


# ---- before it is set up --------------------------------------------------------

def sending_is_off(w):
    sink = Sink()
    try:
        c = w.with_reports(["d1.example"], sink.port, report_from="")
        expect_in("sending is off", c.run("report", "send"), "off")
        expect_in("not made", c.run("report", "list"), "nothing is frozen")
        c.set(report_from="noreply@rcv.example")
        before = c.run("report", "list")
        expect_in("to rua@d1.example", c.run("report", "send", "--dry-run"), "dry run")
        expect(c.run("report", "list"), before, "a dry run changes nothing")
        expect(sink.messages, [], "sent")
        c.run("report", "send", "--day", "today", code=64)
        expect_in("1 sent", c.run("report", "send", "--day", "yesterday"), "named day")
    finally:
        sink.close()


ALL = [to_mail_dmarc, smarthost_is_full, smarthost_is_down, smarthost_drops_after_data,
       smarthost_hangs, smarthost_refuses, one_kill_one_copy_at_most, dns_is_down,
       two_hosts_one_postgresql, bounce_suppresses, failure_report_arrives,
       sending_is_off]


def main():
    args = argparse.ArgumentParser()
    args.add_argument("--build", required=True)
    args.add_argument("--only", nargs="*")
    args = args.parse_args()
    need_root()
    r = Results()
    lab = Lab(args.build)
    try:
        world = World(lab)
        for check in ALL:
            if not args.only or check.__name__ in args.only:
                r.run("reports: " + check.__name__.replace("_", " "), check, world)
    finally:
        r.run("reports: everything ends cleanly", lab.close)
    sys.exit(r.done())


if __name__ == "__main__":
    main()
