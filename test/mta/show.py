#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""./dev run: six messages through a private Postfix with aplombd attached, and
the report that they make, told to somebody who has read nothing yet."""
import argparse
import fcntl
import glob
import gzip
import os
import shutil
import signal
import stat
import subprocess
import sys
import textwrap
import xml.etree.ElementTree as xml

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
try:
    from lab import Client, Key, Lab, LabError, message, wait_for
except ImportError as e:
    sys.exit(f"dev run: Python's module {e.name} is missing, which signs the messages. Install it:"
             " apt-get install python3-dkim python3-cryptography")

FOLDER = "/tmp/aplomb-run"
MARKER = "made-by-dev-run"  # in a folder of ours; locked while it is in use
PROGRAMS = {"knotd": "knot", "postfix": "postfix"}  # and Debian's packages of them
WIDTH = 100

ACME, STRANGER, FORWARDER = "192.0.2.10", "198.51.100.66", "203.0.113.25"
TXT = {
    "acme.example": f"v=spf1 ip4:{ACME} -all",
    "_dmarc.acme.example": "v=DMARC1; p=reject; rua=mailto:dmarc@acme.example",
    "bank.example": "v=spf1 -all",
    "_dmarc.bank.example": "v=DMARC1; p=quarantine",
    "shop.example": "v=spf1 -all",
    "_dmarc.shop.example": "v=DMARC1; p=none",
    "partner.example": "v=spf1 -all",
    "_dmarc.partner.example": "v=DMARC1; p=reject",
    "stranger.example": f"v=spf1 ip4:{STRANGER} -all",
}
BROKEN = "broken.example"
OVERRIDE = ('override "relay of a partner" {\n    from = {partner.example}\n'
            f'    client = {{{FORWARDER}}}\n    disposition = none\n'
            '    reason = trusted_forwarder\n}\n')


def story(key):
    """what it is, From, client, envelope sender, key that signs it"""
    return [
        ("Acme sends its own mail, signed, from its own server.",
         "Ann <ann@acme.example>", ACME, "ann@acme.example", key),
        ("A stranger writes as Ann. He passes SPF, but for a domain of his own.",
         "Ann <ann@acme.example>", STRANGER, "x@stranger.example", None),
        ("The same stranger writes as a bank that wants forgeries in Junk.",
         "Bank <info@bank.example>", STRANGER, "info@bank.example", None),
        ("He writes as a shop that only watches so far.",
         "Shop <hi@shop.example>", STRANGER, "x@stranger.example", None),
        ("A partner's relay forwards mail and breaks SPF; an override lets it in.",
         "Pat <pat@partner.example>", FORWARDER, "pat@partner.example", None),
        ("Somebody writes from a domain whose DNS does not answer.",
         f"Sam <sam@{BROKEN}>", STRANGER, "x@stranger.example", None),
    ]


# ---- the screen ---------------------------------------------------------------

def say(text="", indent=0, hang=0):
    """One paragraph, folded at blanks to the width of the screen."""
    print(textwrap.fill(text, WIDTH, initial_indent=" " * indent,
                        subsequent_indent=" " * (indent + hang),
                        break_long_words=False, break_on_hyphens=False), flush=True)


def row(label, text):
    say(f"{label:<17}{text}", 3, 17)


def record(name):
    if name.removeprefix("_dmarc.") == BROKEN:
        return f"{name}: no answer, its name servers fail"
    return f"{name}: {TXT.get(name, 'none')}"


def found(line):
    """SPF and DKIM, each with the domain that it speaks for."""
    author = line["authors"][0]

    def one(what, got, domain):
        if got != "pass":
            return f"{what} {got}"
        is_other = author[what.lower()] != "pass"
        return f"{what} pass for {domain}" + f", not for {author['header_from']}" * is_other
    parts = [one("SPF", line["spf"]["result"], line["spf"]["domain"])]
    parts += [one("DKIM", s["result"], s["domain"]) for s in line["dkim"]] or ["no DKIM signature"]
    return "; ".join(parts)


def because(line):
    """Why that became of it, from the history's line."""
    author = line["authors"][0]
    domain = author["header_from"]
    if line["dmarc"] == "temperror":
        return (f"nobody can tell now what {domain} wants. The sender's server tries again by"
                " itself. (Setting temperror-action.)")
    if line["dmarc"] == "pass":
        passed = [what for what in ("SPF", "DKIM") if author[what.lower()] == "pass"]
        return f"{' and '.join(passed)} passed for {domain}. One of the two would do."
    failed = f"neither SPF nor DKIM passed for {domain}"
    if "override" in line:
        return (f"{failed}, which asks for p={author['policy']}, but override"
                f' "{line["override"]}" in this server\'s aplomb.conf lets it in.')
    return failed + {
        "none": ", but its record says p=none: deliver such mail, and report it to me.",
        "quarantine": ". Its record says p=quarantine: treat such mail with suspicion.",
        "reject": ". Its record says p=reject: refuse such mail.",
    }[author["policy"]]


def outcome(code, text, quarantined):
    if code == 250:
        return "DELIVERED, with the header X-Aplomb-Quarantine: yes" if quarantined else "DELIVERED"
    return f"{'REFUSED' if code >= 500 else 'DEFERRED'}: {code} {text}"


def header_lines(data, name):
    """A field of a delivered message, as it stands there."""
    lines, inside = [], False
    for line in data.split(b"\n\n", 1)[0].decode("utf-8", "replace").split("\n"):
        inside = line.startswith((" ", "\t")) and inside or line.startswith(name + ":")
        if inside:
            lines.append(line.replace("\t", "        "))
    return lines


# ---- what is shown ------------------------------------------------------------

def opening():
    say("Aplomb, at work: aplombd asks of each message that arrives whether the domain in its From"
        " field sent it, and does with a forgery what that domain asks for (DMARC).")
    print()
    say("Now a private Postfix with aplombd and a private DNS server take six messages. All of it"
        " listens on 127.0.0.1 only; no mail server of yours is touched, and nothing is sent.")


def play(key, daemon, postfix):
    """Sends the six; what Postfix delivered, by number."""
    delivered = {}
    for n, (what, author, client, mail_from, signer) in enumerate(story(key), 1):
        mark = f"show{n}x{os.getpid()}"
        data = message(mark, author)
        if signer:
            data = signer.sign(data, "acme.example", "s1")
        c = Client(postfix.port, client)
        code, text = c.send(mail_from, "you@rcv.example", data)
        c.close()
        if code == 250:
            delivered[n] = postfix.delivered(mark)
        line = daemon.lines()[-1]
        print()
        say(f"{n}. {what}")
        row("From field", author)
        row("envelope sender", mail_from)
        row("client", client)
        row("SPF record", record(line["spf"]["domain"]))
        row("DMARC record", record("_dmarc." + line["authors"][0]["header_from"]))
        row("SPF and DKIM", found(line))
        row("DMARC result", line["dmarc"])
        row("what happened", outcome(code, text, b"X-Aplomb-Quarantine" in delivered.get(n, b"")))
        row("why", because(line))
    return delivered


def traces(delivered, daemon):
    print()
    say("What aplombd wrote into message 3, for mail programs and filters:")
    for name in ("Authentication-Results", "X-Aplomb-Quarantine"):
        for line in header_lines(delivered[3], name):
            print("   " + line)
    say("contrib/junk.sieve is a Sieve filter that files mail with X-Aplomb-Quarantine under Junk.")
    print()
    say("What it wrote into the log about message 2 (one line, folded here):")
    logged = [l for l in daemon.log().splitlines() if " dmarc=" in l]
    say(logged[1], 3, 3)


def report(lab, daemon):
    """What the owner of acme.example would be told tomorrow."""
    aplomb = [os.path.join(lab.build, "aplomb"), "-c", daemon.conf]
    history, folder = lab.path("report", "history"), lab.path("report")
    os.makedirs(folder, exist_ok=True)
    shutil.copy(daemon.history, history)  # an import takes its file away
    for words in (["import", history], ["report", "preview", "--output-dir", folder]):
        subprocess.run(aplomb + words, check=True, stdout=subprocess.PIPE)
    path, = glob.glob(os.path.join(glob.escape(folder), "*!acme.example!*.xml.gz"))
    with gzip.open(path, "rb") as f:
        rows = xml.parse(f).getroot().findall("{*}record/{*}row")
    print()
    say("The report that acme.example asked for (its rua=): who used its name today, and how that"
        " ended. aplomb would send it tomorrow; this one stays here. SPF and DKIM as they count for"
        " acme.example:")
    for r in sorted(rows, key=lambda r: r.findtext("{*}source_ip")):
        got = {tag: r.findtext(f".//{{*}}{tag}")
               for tag in ("source_ip", "count", "spf", "dkim", "disposition")}
        print("   {source_ip:<16} messages: {count}   SPF: {spf}   DKIM: {dkim}"
              "   disposition: {disposition}".format(**got))


def what_stays(lab):
    print()
    say(f"All of it stays in {lab.folder} until the next ./dev run takes its place:")
    for path, what in (
            ("aplombd/aplomb.conf", "the configuration, with the override"),
            ("aplombd/log", "the log, a line a message"),
            ("aplombd/history", "the history, a line of JSON a message: reports are made of it"),
            ("report/", "the reports, as XML (*.xml.gz, read with zcat) and as mail (*.eml)"),
            ("postfix/mail/inbox/new/", "the mail that was delivered"),
            ("postfix/log", "what Postfix said")):
        print(f"   {path:<25}{what}")


def attach():
    print()
    say("To attach aplombd to a Postfix of your own, install it (README.md, Install), and add to"
        " /etc/postfix/main.cf:")
    print("   smtpd_milters = inet:127.0.0.1:8893\n   milter_default_action = tempfail")
    say("With this line in /etc/aplomb/aplomb.conf it judges and logs, but refuses nothing yet:")
    print("   mode = monitor")
    say("README.md, Try it, has a first message for it.")


def stay(lab, postfix):
    print()
    say("It stays up until you press Ctrl-C. Send it a message of your own, from any address:")
    print(f"""python3 - <<'END'
import smtplib
s = smtplib.SMTP("127.0.0.1", {postfix.port}); s.ehlo("me.test")
s.docmd("XCLIENT", "ADDR={STRANGER} HELO=me.test"); s.ehlo("me.test")
s.sendmail("me@me.test", ["you@rcv.example"],
           "From: ann@acme.example\\r\\nSubject: hi\\r\\n\\r\\nhello\\r\\n")
END
tail -n 1 {lab.path("aplombd/log")}""")
    sys.stdout.flush()
    while True:
        signal.pause()


# ---- its folder, and what it needs --------------------------------------------

def missing(programs):
    """A sentence about the first of the programs that is not there, or None."""
    for program, package in programs.items():
        if not shutil.which(program):
            return (f"the program {program} is not there, and nothing can be shown without it."
                    f" Install it: apt-get install {package}")
    return None


def left_over(path):
    """The servers of a run in this folder, by pid."""
    pids = []
    for entry in os.listdir("/proc"):
        try:
            words = [open(f"/proc/{int(entry)}/{n}", "rb").read() for n in
                     ("comm", "cmdline", "environ")]
        except (OSError, ValueError):  # no process, or one that has ended
            continue
        if words[0].strip() in (b"knotd", b"aplombd", b"master") and \
                (path + "/").encode() in words[1] + words[2]:
            pids.append(int(entry))
    return pids


def end_left_over(path):
    """A run that was killed (SIGKILL) could not end its servers: this one does."""
    for pid in left_over(path):
        os.kill(pid, signal.SIGTERM)
    wait_for(f"the servers of an earlier run in {path} to end", lambda: not left_over(path))


def take_folder(path):
    """Makes the folder, or empties the one that an earlier run left; the lock is
    held as long as the file that is returned is open. A folder that no run made
    is left alone."""
    marker = os.path.join(path, MARKER)
    try:
        os.mkdir(path, 0o755)
        flags = os.O_CREAT | os.O_EXCL
    except FileExistsError:
        flags = 0
    try:
        kind = os.lstat(path)
        if not stat.S_ISDIR(kind.st_mode) or kind.st_uid != os.geteuid():
            raise FileNotFoundError
        lock = os.open(marker, os.O_RDWR | os.O_NOFOLLOW | flags, 0o644)
    except FileNotFoundError:
        raise LabError(f"{path} is there already, and ./dev run did not make it, so it stays as it"
                       " is. Move it away, or give another one with --folder") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        raise LabError(f"another ./dev run is using {path}. End that one first (Ctrl-C), or give"
                       " this one another folder with --folder") from None
    end_left_over(path)
    for name in os.listdir(path):
        inner = os.path.join(path, name)
        if name == MARKER:
            continue
        if os.path.isdir(inner) and not os.path.islink(inner):
            shutil.rmtree(inner)
        else:
            os.remove(inner)
    return lock


def show(lab, args):
    key = Key("rsa")
    zone = [(n, "TXT", v) for n, v in TXT.items()]
    zone.append(("s1._domainkey.acme.example", "TXT", key.record))
    opening()
    dns_port = lab.dns(zone, broken=[BROKEN])
    daemon = lab.daemon(dns_port=dns_port, overrides=OVERRIDE,
                        store="sqlite:" + lab.path("report", "store"),
                        report_org_name="Receiver", report_from="noreply@rcv.example")
    postfix = lab.postfix(f"unix:{daemon.socket}", port=args.port)
    delivered = play(key, daemon, postfix)
    traces(delivered, daemon)
    report(lab, daemon)
    if args.keep:
        stay(lab, postfix)


def run(args):
    folder = os.path.abspath(args.folder)
    lock = take_folder(folder)
    lab = Lab(args.build, keep=True, folder=folder)
    try:
        show(lab, args)
    except BrokenPipeError:
        raise
    except (LabError, OSError, subprocess.CalledProcessError):
        print(f"dev run: it stopped half way; its logs are in {folder}", file=sys.stderr)
        raise
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)  # nothing is left half ended
        lab.close()
        os.close(lock)
    what_stays(lab)
    attach()
    print()
    say("Postfix, aplombd and the DNS server have ended.")


def interrupted(number, _):
    sys.exit(128 + number)


def main():
    args = argparse.ArgumentParser(prog="./dev run", description=
                                   "Six messages through a private Postfix with aplombd attached,"
                                   " and the report that they make.")
    args.add_argument("--build", required=True, help=argparse.SUPPRESS)
    args.add_argument("--keep", action="store_true",
                      help="stay up for messages of your own")
    args.add_argument("--port", type=int, default=0,
                      help="of the private Postfix (default: one that is free)")
    args.add_argument("--folder", default=FOLDER,
                      help="for all of its files (default: %(default)s)")
    args = args.parse_args()
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    problem = missing(PROGRAMS)
    if not os.access(os.path.join(args.build, "aplombd"), os.X_OK):
        problem = f"{args.build} has no aplombd. ./dev run, without --build, builds it first"
    if os.geteuid() != 0:
        problem = "Postfix can only be started by root. Run it as root: sudo ./dev run"
    if problem:
        sys.exit("dev run: " + problem)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupted)
    try:
        run(args)
    except BrokenPipeError:  # whoever read this has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        sys.exit(1)
    except (LabError, OSError, subprocess.CalledProcessError) as e:
        sys.exit(f"dev run: {e}")


if __name__ == "__main__":
    main()
