#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""./dev run: six messages through a private Postfix with aplombd attached, and
the report that they make."""
import argparse
import glob
import gzip
import json
import os
import re
import shutil
import signal
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab import Client, Key, Lab, LabError, message  # noqa: E402

ACME, STRANGER, FORWARDER = "192.0.2.10", "198.51.100.66", "203.0.113.25"
TXT = {
    "acme.example": "v=spf1 ip4:192.0.2.10 -all",
    "_dmarc.acme.example": "v=DMARC1; p=reject; rua=mailto:dmarc@acme.example",
    "bank.example": "v=spf1 -all",
    "_dmarc.bank.example": "v=DMARC1; p=quarantine",
    "shop.example": "v=spf1 -all",
    "_dmarc.shop.example": "v=DMARC1; p=none",
    "partner.example": "v=spf1 -all",
    "_dmarc.partner.example": "v=DMARC1; p=reject",
}
OVERRIDE = ('override "relay of a partner" {\n    from = {partner.example}\n'
            f'    client = {{{FORWARDER}}}\n    disposition = none\n'
            '    reason = trusted_forwarder\n}\n')


def story(key):
    """who sent it, From, client, MAIL FROM, signed"""
    return [
        ("Acme's own server, signed", "Ann <ann@acme.example>", ACME, "ann@acme.example", key),
        ("a stranger, as Acme", "Ann <ann@acme.example>", STRANGER, "x@spam.example", None),
        ("a stranger, as the bank", "Bank <info@bank.example>", STRANGER, "x@spam.example", None),
        ("a stranger, as the shop", "Shop <hi@shop.example>", STRANGER, "x@spam.example", None),
        ("a partner's relay (overridden)", "Pat <pat@partner.example>", FORWARDER,
         "pat@partner.example", None),
        ("a domain whose DNS is broken", "Sam <sam@broken.example>", STRANGER,
         "x@spam.example", None),
    ]


def publishes(domain):
    if domain == "broken.example":
        return "no answer: its name servers fail"
    return TXT.get("_dmarc." + domain, "nothing")


def found(line):
    dkim = ", ".join(f"dkim={s['result']} ({s['domain']})" for s in line["dkim"]) or "dkim=none"
    return f"spf={line['spf']['result']} ({line['spf']['domain']}), {dkim}, dmarc={line['dmarc']}"


def happened(code, text, quarantined):
    if code == 250:
        return "delivered, marked X-Aplomb-Quarantine" if quarantined else "delivered"
    return f"{'refused' if code >= 500 else 'asked to come back'}: {code} {text}"


def play(lab, key, daemon, postfix):
    for n, (who, author, client, mail_from, signer) in enumerate(story(key), 1):
        mark = f"show{n}x{os.getpid()}"
        data = message(mark, author)
        if signer:
            data = signer.sign(data, "acme.example", "s1")
        c = Client(postfix.port, client)
        code, text = c.send(mail_from, "you@rcv.example", data)
        c.close()
        quarantined = code == 250 and b"X-Aplomb-Quarantine" in postfix.delivered(mark)
        line = daemon.lines()[-1]
        domain = author.split("@")[1].rstrip(">")
        print(f"{n}. From: {author}\n"
              f"   sent by    {who}, {client}\n"
              f"   published  {publishes(domain)}\n"
              f"   found      {found(line)}\n"
              f"   outcome    {happened(code, text, quarantined)}\n"
              f"   why        {why(daemon)}", flush=True)


def why(daemon):
    line = [l for l in daemon.log().splitlines() if " dmarc=" in l][-1]
    return line.split(" reason=", 1)[1].strip('"')


def report(lab, daemon):
    """What the owner of acme.example would be told tomorrow."""
    aplomb = [os.path.join(lab.build, "aplomb"), "-c", daemon.conf]
    history, folder = lab.path("report", "history"), lab.path("report", "files")
    os.makedirs(os.path.dirname(history), exist_ok=True)
    shutil.copy(daemon.history, history)  # an import takes its file away
    subprocess.run(aplomb + ["import", history], check=True, stdout=subprocess.PIPE)
    said = subprocess.run(aplomb + ["report", "preview", "--output-dir", folder],
                          check=True, stdout=subprocess.PIPE, text=True).stdout
    path, = glob.glob(os.path.join(glob.escape(folder), "*!acme.example!*.xml.gz"))
    with gzip.open(path, "rt", encoding="utf-8") as f:
        record = f.read().split("<record>", 1)[1].split("</record>", 1)[0]
    record = re.sub(r">\s+<", "><", record.strip())
    record = re.sub(r"(?=<identifiers>|<auth_results>)", "\n  ", record)
    print(f"""
The report to acme.example (aplomb import, aplomb report preview), and its first record:
  {said.splitlines()[0]}
  {record}
Report         {path}""")


def tail(daemon):
    lines = [l for l in daemon.log().splitlines() if " dmarc=" in l]
    print(f"""
A log line and a history line of this run, those of message 2:
  {lines[1]}
  {json.dumps(daemon.lines()[1])[:300]} ...

Configuration  {daemon.conf}
Log            {daemon.process.log}
History        {daemon.history}

To attach aplombd to your own Postfix (aplombd listens on port 8893 without a configuration), in main.cf:
  smtpd_milters = inet:127.0.0.1:8893
  milter_default_action = tempfail""")


def stay(postfix):
    print(f"""
Up until you press Ctrl-C. Send a message of your own with any address as its sender's:
python3 - <<'END'
import smtplib
s = smtplib.SMTP("127.0.0.1", {postfix.port}); s.ehlo("me.test")
s.docmd("XCLIENT", "ADDR=198.51.100.66 HELO=me.test"); s.ehlo("me.test")
s.sendmail("me@me.test", ["you@rcv.example"],
           "From: ann@acme.example\\r\\nSubject: hi\\r\\n\\r\\nhello\\r\\n")
END
or from loopback as it is: swaks, telnet 127.0.0.1 {postfix.port}. Delivered mail: {postfix.mail}/inbox/new""",
          flush=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        signal.pause()
    except KeyboardInterrupt:
        print()


def main():
    args = argparse.ArgumentParser()
    args.add_argument("--build", required=True)
    args.add_argument("--keep", action="store_true",
                      help="stay up for messages of your own")
    args = args.parse_args()
    if os.geteuid() != 0:
        sys.exit("dev run: Postfix starts as root alone; run it as root (sudo ./dev run)")
    lab = Lab(args.build, keep=True)
    try:
        key = Key("rsa")
        zone = [(n, "TXT", v) for n, v in TXT.items()]
        zone.append(("s1._domainkey.acme.example", "TXT", key.record))
        dns_port = lab.dns(zone, broken=["broken.example"])
        daemon = lab.daemon(dns_port=dns_port, overrides=OVERRIDE,
                            store="sqlite:" + lab.path("report", "store"),
                            report_org_name="Receiver", report_from="noreply@rcv.example")
        postfix = lab.postfix(f"unix:{daemon.socket}")
        play(lab, key, daemon, postfix)
        report(lab, daemon)
        tail(daemon)
        if args.keep:
            stay(postfix)
    except (LabError, OSError, subprocess.CalledProcessError) as e:
        print(f"dev run: {e}\nWhat it left to look at: {lab.folder}", file=sys.stderr)
        sys.exit(1)
    finally:
        lab.close()


if __name__ == "__main__":
    main()
