#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""aplombd behind a real Postfix, with a real DNS server and fresh keys.

Each check prints PASS, FAIL or SKIP and its name; DONE ends the run.
"""
import argparse
import os
import re
import sys
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab import (Client, Key, Lab, Results, expect, expect_in, message,  # noqa: E402
                 need_root, wait_for)
from handover import postfix_hall  # noqa: E402

ACME, STRANGER, FORWARDER = "192.0.2.10", "198.51.100.66", "203.0.113.25"


class World:
    """One lab for all checks: zone, keys, daemon, Postfix."""

    def __init__(self, lab, is_recording=False):
        self.is_recording = is_recording
        self.rsa, self.ed = Key("rsa"), Key("ed25519")
        self.lab = lab
        self.count = 0
        zone = [
            ("acme.example", "A", "192.0.2.1"),
            ("acme.example", "TXT", "v=spf1 ip4:192.0.2.10 ip6:2001:db8::10 -all"),
            ("_dmarc.acme.example", "TXT", "v=DMARC1; p=reject; sp=quarantine; rua=mailto:d@acme.example"),
            ("s1._domainkey.acme.example", "TXT", self.rsa.record),
            ("e1._domainkey.acme.example", "TXT", self.ed.record),
            ("news.acme.example", "A", "192.0.2.1"),
            ("delta.example", "TXT", "v=spf1 -all"),
            ("_dmarc.delta.example", "TXT", "v=DMARC1; p=quarantine"),
            ("partner.example", "TXT", "v=spf1 -all"),
            ("_dmarc.partner.example", "TXT", "v=DMARC1; p=reject"),
            ("none.example", "TXT", "v=spf1 -all"),
            ("_dmarc.none.example", "TXT", "v=DMARC1; p=none"),
            ("xn--bcher-kva.example", "TXT", "v=spf1 ip4:192.0.2.10 -all"),
            ("_dmarc.xn--bcher-kva.example", "TXT", "v=DMARC1; p=reject"),
            ("plain.example", "A", "192.0.2.1"),
        ]
        self.dns_port = lab.dns(zone, broken=["slow.example"])
        self.daemon = lab.daemon(dns_port=self.dns_port)
        self.postfix = lab.postfix(f"unix:{self.daemon.socket}")

    def mark(self):
        self.count += 1
        return f"m{os.getpid()}x{self.count}"

    def send(self, author, client=STRANGER, mail_from="a@bounce.test",
             to="you@rcv.example", sign=(), data=None, options=(), **more):
        """Sends one message in a session of its own: (mark, code, text)."""
        mark = self.mark()
        data = data(mark) if data else message(mark, author, **more)
        for key, domain, selector in sign:
            data = key.sign(data, domain, selector)
        c = Client(self.postfix.port, client)
        try:
            code, text = c.send(mail_from, to, data, options)
        finally:
            c.close()
        return mark, code, text

    def last(self):
        return self.daemon.lines()[-1]


def field(data, name):
    """The values of a field of a delivered message, unfolded, topmost first."""
    head = data.split(b"\n\n", 1)[0].decode("utf-8", "replace")
    head = re.sub(r"\n[ \t]+", " ", head)
    return [line.split(":", 1)[1].strip() for line in head.split("\n")
            if line.lower().startswith(name.lower() + ":")]


def results(data):
    got = field(data, "Authentication-Results")
    expect(len(got), 1, "Authentication-Results fields")
    return got[0]


# ---- the main job -------------------------------------------------------------

def passes_by_spf(w):
    mark, code, _ = w.send("Ann <ann@acme.example>", ACME, "ann@acme.example")
    expect(code, 250, "reply")
    got = results(w.postfix.delivered(mark))
    expect_in("mx.rcv.example;", got, "authserv-id")
    expect_in("spf=pass smtp.mailfrom=acme.example", got, "spf")
    expect_in("dkim=none", got, "dkim")
    expect_in("dmarc=pass", got, "dmarc")
    expect_in("header.from=acme.example", got, "author")
    expect(w.last()["dmarc"], "pass", "history")


def results_are_topmost(w):
    mark, code, _ = w.send("Ann <ann@acme.example>", ACME, "ann@acme.example")
    expect(code, 250, "reply")
    lines = w.postfix.delivered(mark).split(b"\n")
    # Postfix puts Return-Path, X-Original-To and Delivered-To above at delivery.
    names = [l.split(b":")[0] for l in lines[:6] if b":" in l and l[:1] not in b" \t"]
    own = names.index(b"Authentication-Results")
    expect(own < names.index(b"Received") if b"Received" in names else True, True,
           f"order of {names}")


def passes_by_rsa_and_ed25519(w):
    mark, code, _ = w.send("Ann <ann@acme.example>", sign=[
        (w.rsa, "acme.example", "s1"), (w.ed, "acme.example", "e1")])
    expect(code, 250, "reply")
    got = results(w.postfix.delivered(mark))
    expect(got.count("dkim=pass"), 2, got)
    expect_in("header.a=ed25519-sha256", got, "ed25519")
    expect_in("header.a=rsa-sha256", got, "rsa")
    expect_in("dmarc=pass", got, "dmarc")


def all_canonicalisations(w):
    for head in (b"simple", b"relaxed"):
        for body in (b"simple", b"relaxed"):
            for key, selector in ((w.rsa, "s1"), (w.ed, "e1")):
                def data(mark):
                    return key.sign(message(
                        mark, "Ann <ann@acme.example>", subject="Folded\r\n  and  spaced ",
                        body="One  two \t three \r\n\r\n.dot\r\n\r\n\r\n"),
                        "acme.example", selector, (head, body))
                _, code, text = w.send(None, data=data)
                expect(code, 250, f"{head}/{body} {selector}: {text}")


def broken_signature_is_rejected(w):
    def data(mark):
        return w.rsa.sign(message(mark, "Ann <ann@acme.example>"), "acme.example",
                          "s1").replace(b"Good morning", b"Bad morning")
    _, code, text = w.send(None, data=data)
    expect(code, 550, "reply")
    expect(w.last()["dkim"][0]["result"], "fail", "history")


def rejects_forged(w):
    _, code, text = w.send("Ann <ann@acme.example>")
    expect(code, 550, "reply")
    expect_in("5.7.1", text, "status")
    expect_in("acme.example", text, "domain")
    expect_in("DMARC", text, "word")
    line = w.last()
    expect((line["dmarc"], line["disposition"]), ("fail", "reject"), "history")


def subdomain_policy(w):
    mark, code, _ = w.send("News <n@news.acme.example>")
    expect(code, 250, "reply")
    got = w.postfix.delivered(mark)
    expect_in("dmarc=fail (p=reject sp=quarantine dis=quarantine)", results(got), "comment")
    expect(len(field(got, "X-Aplomb-Quarantine")), 1, "quarantine field")


def quarantine_by_header(w):
    mark, code, _ = w.send("Dora <d@delta.example>",
                           headers=["X-Aplomb-Quarantine: no; forged"])
    expect(code, 250, "reply")
    got = field(w.postfix.delivered(mark), "X-Aplomb-Quarantine")
    expect(len(got), 1, f"fields {got}")
    expect(got[0].startswith("yes"), True, got[0])


def quarantine_by_hold(w):
    w.daemon.reload(quarantine_action="hold")
    try:
        mark, code, _ = w.send("Dora <d@delta.example>")
        expect(code, 250, "reply")
        held = wait_for("the hold queue", lambda: [
            m for m in w.postfix.queue() if m["queue_name"] == "hold"])
        expect(held[-1]["sender"], "a@bounce.test", "held sender")
    finally:
        w.daemon.reload()


def quarantine_by_reject(w):
    w.daemon.reload(quarantine_action="reject")
    try:
        _, code, text = w.send("Dora <d@delta.example>")
        expect(code, 550, "reply")
        expect_in("delta.example", text, "domain")
    finally:
        w.daemon.reload()


def tempfails_on_dns_trouble(w):
    _, code, text = w.send("Sam <s@slow.example>")
    expect(code, 451, "reply")
    expect_in("4.7.1", text, "status")
    expect(w.last()["dmarc"], "temperror", "history")


def override_lets_in(w):
    w.daemon.reload(overrides='override "partner" {\n from = {partner.example}\n'
                    f' client = {{{FORWARDER}}}\n disposition = none\n'
                    ' reason = trusted_forwarder\n comment = "known relay"\n}\n')
    try:
        mark, code, _ = w.send("Pat <p@partner.example>", FORWARDER)
        expect(code, 250, "reply")
        expect_in("dis=none", results(w.postfix.delivered(mark)), "comment")
        expect(w.last()["disposition"], "none", "history")
        _, code, _ = w.send("Pat <p@partner.example>", STRANGER)
        expect(code, 550, "another client")
    finally:
        w.daemon.reload()


def monitor_mode_lets_in(w):
    w.daemon.reload(mode="monitor")
    try:
        mark, code, _ = w.send("Ann <ann@acme.example>")
        expect(code, 250, "reply")
        expect_in("dmarc=fail", results(w.postfix.delivered(mark)), "result")
    finally:
        w.daemon.reload()


def policy_none_lets_in(w):
    mark, code, _ = w.send("Nora <n@none.example>")
    expect(code, 250, "reply")
    expect_in("dmarc=fail (p=none dis=none)", results(w.postfix.delivered(mark)), "comment")


def no_record(w):
    mark, code, _ = w.send("Paul <p@plain.example>")
    expect(code, 250, "reply")
    expect_in("dmarc=none", results(w.postfix.delivered(mark)), "result")


def forged_results_are_removed(w):
    forged = ["Authentication-Results: mx.rcv.example; dmarc=pass header.from=evil.example",
              "authentication-results: \"MX.rcv.EXAMPLE\" 1; dmarc=pass",
              "Authentication-Results:\r\n (x) mx.rcv.example; spf=pass",
              "Authentication-Results: other.example; spf=pass smtp.mailfrom=kept.example"]
    mark, code, _ = w.send("Ann <ann@acme.example>", ACME, "ann@acme.example", headers=forged)
    expect(code, 250, "reply")
    got = field(w.postfix.delivered(mark), "Authentication-Results")
    expect(len(got), 2, f"fields {got}")
    expect_in("mx.rcv.example; spf=pass smtp.mailfrom=acme.example", got[0], "ours")
    expect_in("kept.example", got[1], "foreign")


def null_sender_uses_helo(w):
    mark, code, _ = w.send("Paul <p@plain.example>", mail_from="")
    expect(code, 250, "reply")
    expect_in("smtp.helo=mail.sender.test", results(w.postfix.delivered(mark)), "identity")


def ipv6_client(w):
    _, code, text = w.send("Ann <ann@acme.example>", "2001:db8::10", "ann@acme.example")
    expect(code, 250, text)
    expect(w.last()["dmarc"], "pass", "history")


def eight_bit(w):
    def data(mark):
        return w.rsa.sign(message(mark, "Ann <ann@acme.example>", body="Grüße\r\n"),
                          "acme.example", "s1")
    mark, code, text = w.send(None, data=data, options=["BODY=8BITMIME"])
    expect(code, 250, text)
    expect_in("Grüße".encode(), w.postfix.delivered(mark), "body")


def ten_megabytes(w):
    body = ("x" * 76 + "\r\n") * (10 * 1024 * 1024 // 78)
    def data(mark):
        return w.rsa.sign(message(mark, "Ann <ann@acme.example>", body=body),
                          "acme.example", "s1")
    _, code, text = w.send(None, data=data)
    expect(code, 250, text)
    expect(w.last()["dmarc"], "pass", "history")


def smtputf8(w):
    mark, code, text = w.send("Bücher <übung@bücher.example>", ACME, "a@xn--bcher-kva.example",
                              options=["SMTPUTF8"])
    expect(code, 250, text)
    expect_in("header.from=xn--bcher-kva.example", results(w.postfix.delivered(mark)), "A-label")
    _, code, _ = w.send("Bücher <übung@bücher.example>", options=["SMTPUTF8"])
    expect(code, 550, "forged")


def several_messages_a_session(w):
    c = Client(w.postfix.port, STRANGER)
    try:
        for author, want in (("a@acme.example", 550), ("n@none.example", 250),
                             ("a@acme.example", 550), ("p@plain.example", 250)):
            code, text = c.send("x@bounce.test", "you@rcv.example", message(w.mark(), author))
            expect(code, want, f"{author}: {text}")
            c.smtp.docmd("MAIL", "FROM:<y@acme.example>")
            c.smtp.docmd("RCPT", "TO:<you@rcv.example>")
            expect(c.smtp.docmd("RSET")[0], 250, "RSET")
    finally:
        c.close()


def concurrent(w):
    """Twenty sessions at once, five messages each, of every outcome."""
    plan = [("a@acme.example", ACME, "a@acme.example", 250),
            ("a@acme.example", STRANGER, "a@acme.example", 550),
            ("n@none.example", STRANGER, "x@bounce.test", 250),
            ("s@slow.example", STRANGER, "x@bounce.test", 451),
            ("d@delta.example", STRANGER, "x@bounce.test", 250)]
    before = len(w.daemon.lines())
    bad = []

    def session(n):
        try:
            for i in range(len(plan)):
                author, client, mail_from, want = plan[(n + i) % len(plan)]
                c = Client(w.postfix.port, client)
                code, text = c.send(mail_from, "you@rcv.example",
                                    message(f"c{n}x{i}x{os.getpid()}", author))
                c.close()
                if code != want:
                    bad.append(f"{author} {client}: {code} {text}")
        except Exception as e:
            bad.append(repr(e))
    threads = [threading.Thread(target=session, args=(n,)) for n in range(20)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    expect(bad, [], "answers")
    expect(len(w.daemon.lines()) - before, 100, "history lines")


# ---- bad input ------------------------------------------------------------------

def without_from(w):
    def data(mark):
        return f"To: you@rcv.example\r\nMessage-ID: <{mark}@x>\r\n\r\nHi\r\n".encode()
    _, code, text = w.send(None, data=data)
    expect(code, 550, text)
    expect(w.last()["dmarc"], "permerror", "history")


def three_froms(w):
    _, code, text = w.send("a@acme.example", ACME, "a@acme.example",
                           headers=["From: b@none.example", "FROM: c@plain.example"])
    expect(code, 550, text)


def huge_from_is_seen(w):
    """milter_default_action is accept: a From that does not arrive would pass."""
    padding = ",\r\n ".join(f'"{"x" * 60}" <u{i}@acme.example>' for i in range(1200))
    _, code, text = w.send(padding)
    expect(code, 550, text)


def ten_thousand_fields(w):
    _, code, text = w.send("a@acme.example", headers=[f"X-Pad-{i}: y" for i in range(10000)])
    expect(code, 550, text)


def one_field_of_a_megabyte(w):
    _, code, text = w.send("a@acme.example",
                           headers=["X-Pad: " + "\r\n ".join(["z" * 900] * 1100)])
    expect(code, 550, text)


def nul_and_bare_line_ends(w):
    for odd in (b"a\0b", b"a\rb", b"a\nb", b"\xff\xfe"):
        def data(mark):
            return message(mark, "a@acme.example").replace(b"Hello", b"He" + odd + b"llo") + odd
        before = len(w.daemon.lines())
        _, code, text = w.send(None, data=data)
        expect(code, 550, f"{odd!r}: {text}")
        expect(len(w.daemon.lines()), before + 1, "history lines")
    for odd in ("a\0b", "a\x01b"):
        _, code, text = w.send(f"x <a@acme{odd}.example>")
        expect(code, 550, f"{odd!r} in From: {text}")


def sixty_signatures(w):
    junk = [f"DKIM-Signature: v=1; a=rsa-sha256; d=j{i}.test; s=s; h=from; bh=AAAA; b=AAAA"
            for i in range(60)]
    def data(mark):
        m = message(mark, "Ann <ann@acme.example>", headers=junk[30:])
        m = w.rsa.sign(m, "acme.example", "s1")
        return "".join(f"{j}\r\n" for j in junk[:30]).encode() + m
    _, code, text = w.send(None, data=data)
    expect(code, 250, text)
    expect(w.last()["dmarc"], "pass", "the aligned signature is found among sixty")


def long_signature_domain(w):
    _, code, text = w.send("a@acme.example", headers=[
        f"DKIM-Signature: v=1; a=rsa-sha256; d={'d' * 300}; s=s; h=from; bh=AAAA; b=AAAA"])
    expect(code, 550, text)


def client_leaves_at_every_step(w):
    steps = [[], ["MAIL FROM:<a@x.test>"], ["MAIL FROM:<a@x.test>", "RCPT TO:<you@rcv.example>"],
             ["MAIL FROM:<a@x.test>", "RCPT TO:<you@rcv.example>", "DATA"]]
    for commands in steps:
        c = Client(w.postfix.port, STRANGER)
        for command in commands:
            c.smtp.docmd(command)
        if commands and commands[-1] == "DATA":
            c.smtp.sock.sendall(b"From: a@acme.example\r\n\r\nhalf a")
        c.smtp.sock.close()
    rejects_forged(w)


def log_line_says_why(w):
    w.send("Ann <ann@acme.example>")
    line = [l for l in w.daemon.log().splitlines() if "acme.example" in l][-1]
    for part in ("dmarc=fail", "from=acme.example", "spf=", "dkim="):
        expect_in(part, line, "log line")


def hands_over_as_recorded(w):
    """A lab of its own, with a Postfix all of whose sessions are recorded."""
    with Lab(w.lab.build) as lab:
        postfix_hall(lab).check_all(w.is_recording)


QUICK = [passes_by_spf, passes_by_rsa_and_ed25519, rejects_forged, quarantine_by_header,
         tempfails_on_dns_trouble, forged_results_are_removed, log_line_says_why]
ALL = [passes_by_spf, results_are_topmost, passes_by_rsa_and_ed25519, all_canonicalisations,
       broken_signature_is_rejected, rejects_forged, subdomain_policy, quarantine_by_header,
       quarantine_by_hold, quarantine_by_reject, tempfails_on_dns_trouble, override_lets_in,
       monitor_mode_lets_in, policy_none_lets_in, no_record, forged_results_are_removed,
       null_sender_uses_helo, ipv6_client, eight_bit, ten_megabytes, smtputf8,
       several_messages_a_session, concurrent, without_from, three_froms, huge_from_is_seen,
       ten_thousand_fields, one_field_of_a_megabyte, nul_and_bare_line_ends, sixty_signatures,
       long_signature_domain, client_leaves_at_every_step, log_line_says_why, hands_over_as_recorded]


def main():
    args = argparse.ArgumentParser()
    args.add_argument("--build", required=True)
    args.add_argument("--quick", action="store_true")
    args.add_argument("--only", nargs="*")
    args.add_argument("--record", action="store_true", help="keep test/mta/recorded anew")
    args = args.parse_args()
    need_root()
    checks = QUICK if args.quick else ALL
    if args.only:
        checks = [c for c in ALL if c.__name__ in args.only]
    r = Results()
    lab = Lab(args.build)
    try:
        world = World(lab, args.record)
        for check in checks:
            r.run("postfix: " + check.__name__.replace("_", " "), check, world)
    finally:
        r.run("postfix: everything ends cleanly", lab.close)
    sys.exit(r.done())


if __name__ == "__main__":
    main()
