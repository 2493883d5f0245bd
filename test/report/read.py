#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""read.py FORMAT DIR: holds what test/report/write wrote against its own words.
read.py --totals DIR: the totals of the report, as read.pl prints them."""
import collections
import email
import email.policy
import email.utils
import glob
import gzip
import os
import sys
import xml.etree.ElementTree as ET

NAMESPACE = "{urn:ietf:params:xml:ns:dmarc-2.0}"
WORD, SENTENCE = 255, 1000
bad = False


def check(what, got, want):
    global bad
    if got != want:
        print(f"{what}: got {got!r}, want {want!r}", file=sys.stderr)
        bad = True


def is_character(c):
    n = ord(c)
    return n > 0x1F and n != 0x7F and n not in (0xFFFE, 0xFFFF)


def cleaned(raw, limit):
    """Outside bytes as XML may hold them, at most `limit` of them."""
    text, i = "", 0
    while i < len(raw):
        for n in (1, 2, 3, 4):  # the one length at which it is UTF-8
            try:
                c = raw[i:i + n].decode("utf-8")
            except UnicodeDecodeError:
                continue
            if is_character(c):
                break
            c = "\ufffd" * n if n > 1 else "\ufffd"
            break
        else:
            c, n = "\ufffd", 1
        if len((text + c).encode()) > limit:
            break
        text, i = text + c, i + n
    return text


def said(rows):
    """The rows as the writer meant them."""
    for line in rows:
        count, *fields = line.split()
        yield int(count), [bytes.fromhex(f[1:]) for f in fields]


def strip_namespaces(root, prefix):
    for e in root.iter():
        check("namespace", e.tag.startswith(prefix), True)
        e.tag = e.tag[len(prefix):]


def text(e, path):
    found = e.find(path)
    return None if found is None else found.text or ""


def check_record(form, e, count, fields):
    ip, header_from, envelope_from, spf, comment, *dkim = fields
    check("count", int(text(e, "row/count")), count)
    check("source_ip", text(e, "row/source_ip"), ip.decode())
    check("header_from", text(e, "identifiers/header_from"),
          cleaned(header_from, WORD))
    check("envelope_from", text(e, "identifiers/envelope_from"),
          cleaned(envelope_from, WORD))
    if spf or form == "rfc7489":
        check("spf", text(e, "auth_results/spf/domain"), cleaned(spf, WORD))
    else:
        check("spf", e.find("auth_results/spf"), None)
    reason = e.find("row/policy_evaluated/reason")
    got = "" if reason is None else text(reason, "comment") or ""
    for meant in ("pct", "forwarded", "policy_test_mode"):
        if got == meant and not comment:
            got = ""
        if got.startswith(meant + ": "):
            got = got[len(meant) + 2:]
    check("comment", got, cleaned(comment, SENTENCE))
    signatures = [dkim[i:i + 3] for i in range(0, len(dkim), 3) if dkim[i]]
    check("dkim", [(text(d, "domain"), text(d, "selector") or "",
                    text(d, "human_result") or "")
                   for d in e.findall("auth_results/dkim")],
          [(cleaned(d, WORD), cleaned(s, WORD), cleaned(h, SENTENCE))
           for d, s, h in signatures])


def check_xml(form, xml, rows, name):
    root = ET.fromstring(xml)
    strip_namespaces(root, NAMESPACE if form == "rfc9990" else "")
    check("root", root.tag, "feedback")
    records = root.findall("record")
    wanted = list(said(rows))
    check("records", len(records), len(wanted))
    for e, (count, fields) in zip(records, wanted):
        check_record(form, e, count, fields)
    receiver, domain, begin, end, rest = name.split("!")
    check("receiver", receiver, "mx.rcv.example")
    check("domain", text(root, "policy_published/domain"), domain)
    check("begin", text(root, "report_metadata/date_range/begin"), begin)
    check("end", text(root, "report_metadata/date_range/end"), end)
    check("id", text(root, "report_metadata/report_id") + ".xml.gz", rest)
    return rest.split(".")[0]


def check_letter(raw, gz, name, ident):
    check("bare line ends", raw.replace(b"\r\n", b"").count(b"\n"), 0)
    letter = email.message_from_bytes(raw, policy=email.policy.default)
    check("defects", letter.defects, [])
    check("From", letter["From"].addresses[0].addr_spec,
          "noreply@mx.rcv.example")
    check("To", letter["To"].addresses[0].addr_spec, "rua@acme.example")
    check("Subject", letter["Subject"].split(),
          ["Report", "Domain:", "acme.example", "Submitter:",
           "mx.rcv.example", "Report-ID:", f"<{ident}>"])
    check("Message-ID", letter["Message-ID"], f"<{ident}@mx.rcv.example>")
    check("Auto-Submitted", letter["Auto-Submitted"], "auto-generated")
    check("Date", int(letter["Date"].datetime.timestamp()), 1795305600)
    check("type", letter.get_content_type(), "multipart/mixed")
    parts = list(letter.iter_parts())
    check("parts", [p.get_content_type() for p in parts],
          ["text/plain", "application/gzip"])
    check("text", parts[0].get_content().strip(), "For people.")
    check("disposition", parts[1].get_content_disposition(), "attachment")
    check("filename", parts[1].get_filename(), name)
    check("attachment", parts[1].get_content(), gz)
    for part in parts:
        check("defects", part.defects, [])


def check_all(form, folder):
    path, = glob.glob(os.path.join(glob.escape(folder), "*.xml.gz"))
    name = os.path.basename(path)
    with open(path, "rb") as f:
        gz = f.read()
    with open(os.path.join(folder, "rows"), encoding="ascii") as f:
        ident = check_xml(form, gzip.decompress(gz), f, name)
    with open(os.path.join(folder, "letter.eml"), "rb") as f:
        check_letter(f.read(), gz, name, ident)


def totals(folder):
    root = ET.parse(os.path.join(folder, "report.xml")).getroot()
    for e in root.iter():  # of either form
        e.tag = e.tag.split("}")[-1]
    count = collections.Counter()
    records = root.findall("record")
    for e in records:
        n = int(text(e, "row/count"))
        count["messages"] += n
        for key in ("disposition", "dkim", "spf"):
            word = text(e, "row/policy_evaluated/" + key)
            count[f"{key} {word}"] += n
        count["signatures"] += len(e.findall("auth_results/dkim"))
    print("id", text(root, "report_metadata/report_id"))
    print("policy", *(text(root, "policy_published/" + k)
                      for k in "domain p sp adkim aspf pct".split()))
    print("records", len(records))
    print("messages", count.pop("messages"))
    for key in sorted(count):
        print(key, count[key])


if sys.argv[1] == "--totals":
    totals(sys.argv[2])
else:
    check_all(sys.argv[1], sys.argv[2])
sys.exit(bad)
