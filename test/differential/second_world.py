#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""What the second implementation knows of a world: its text form, names, what
its DNS says, the author domains and the SPF identity. Section numbers are RFC
9989's unless another RFC is named. Where no RFC speaks, the comment says
"ours".
"""
import re

MAX_AUTHORS = 8  # ours (11.5: cap the number)


class DnsError(Exception):
    """SERVFAIL, a timeout or an answer that cannot be read: not absence."""


class BadFrom(Exception):
    """There is no author domain."""


# ---- the world: the text form -----------------------------------------------

class World:
    def __init__(self, lines):
        self.number, self.guard, self.pct, self.draw = "0", True, True, 0
        self.rules, self.zone, self.froms, self.dkim = [], [], [], []
        self.path, self.helo = "<a@sender.test>", "mx.sender.test"
        self.spf = {"mail": "none", "helo": "none"}
        for line in lines:
            word, _, rest = line.partition(" ")
            if word == "world":
                self.number = rest
            elif word == "guard":
                self.guard = rest == "yes"
            elif word == "pct":
                self.pct = rest == "yes"
            elif word == "draw":
                self.draw = int(rest)
            elif word == "psl":
                self.rules.append(rest.split()[1])
            elif word == "zone":
                self.zone.append(read_zone_line(rest))
            elif word == "from":
                self.froms.append(rest)
            elif word == "mail":
                self.path = rest
            elif word == "helo":
                self.helo = rest
            elif word == "spf":
                which, result = rest.split()
                self.spf[which] = result
            elif word == "dkim":
                result, domain = rest.split()
                self.dkim.append((result, "" if domain == "-" else domain))
            else:
                raise ValueError(line)
        if not self.rules:
            self.rules = ["example", "test"]


def read_worlds(lines):
    """Blocks of lines, each ended by "end"."""
    block = []
    for line in lines:
        line = line.rstrip("\n")
        if line == "end":
            yield block
            block = []
        else:
            block.append(line)


# ---- names ------------------------------------------------------------------

def a_label(label):
    """RFC 5890 2.3.2.1: the A-label of a U-label, in lower case."""
    if all(ord(c) < 128 for c in label):
        return label.lower()
    return label.lower().encode("idna").decode("ascii")


def one_form(name):
    """5.3.1, RFC 8616 6: A-labels, lower case, one trailing dot stripped. None
    for what is no domain."""
    if name.startswith("["):
        return None
    if name.endswith("."):
        name = name[:-1]
    labels = [a_label(label) for label in name.split(".")]
    if any(len(label) == 0 or len(label) > 63 for label in labels):
        return None
    if any(not re.fullmatch("[a-z0-9_-]+", label) for label in labels):
        return None
    name = ".".join(labels)
    return name if len(name) <= 253 else None


def tail(name, count):
    return ".".join(name.split(".")[-count:])


def parent(name):
    return name.partition(".")[2]


def is_at_or_below(name, ancestor):
    return name == ancestor or name.endswith("." + ancestor)


# ---- DNS: what the zone lines say (common/net/dns_zone.h) -------------------

def read_zone_line(line):
    """(what, name, data): what is a type, "CNAME", "exists" or a failure."""
    words = line.split(None, 2)
    if words[0] in ("servfail", "timeout", "malformed", "nxdomain", "exists"):
        return words[0], owner(words[1]), words[2] if len(words) > 2 else ""
    if words[1] == "TXT":
        return "TXT", owner(words[0]), read_strings(words[2])
    if words[1] == "CNAME":
        return "CNAME", owner(words[0]), owner(words[2])
    return words[1], owner(words[0]), words[2]


def owner(name):
    if name.startswith("*."):
        return "*." + one_form(name[2:])
    return one_form(name)


def read_strings(text):
    """Section 4.5: the character-strings of one record, joined."""
    out, i, inside = "", 0, False
    while i < len(text):
        c = text[i]
        if c == '"':
            inside = not inside
        elif c == "\\" and text[i + 1].isdigit():
            out += chr(int(text[i + 1:i + 4]))
            i += 3
        elif c == "\\":
            out += text[i + 1]
            i += 1
        elif inside:
            out += c
        i += 1
    return out


def zone_exists(zone, name):
    """RFC 8020 2: a name exists when it or a descendant is in the zone."""
    return any(is_at_or_below(owned, name) for _, owned, _ in zone)


def zone_source(zone, name):
    """RFC 4592 3.3.1: the name that has the data of `name`, None for no such
    name: itself, or the wildcard at its closest encloser."""
    if zone_exists(zone, name):
        return name
    up = parent(name)
    while up:
        if zone_exists(zone, up):
            wild = "*." + up
            return wild if any(o == wild for _, o, _ in zone) else None
        up = parent(up)
    return None


def ask(zone, name):
    """(exists, is_alias, TXT values) of a name; follows aliases."""
    is_alias = False
    for _ in range(16):
        if len(name) > 253:  # no such name can be asked for
            return False, is_alias, []
        for what, owned, data in zone:
            if owned != name or data not in ("", "TXT"):
                continue
            if what in ("servfail", "timeout", "malformed"):
                raise DnsError(name)
            if what == "nxdomain":
                return False, is_alias, []
        source = zone_source(zone, name)
        if source is None:
            return False, is_alias, []
        target = [d for w, o, d in zone if w == "CNAME" and o == source]
        if not target:
            return True, is_alias, [d for w, o, d in zone
                                    if w == "TXT" and o == source]
        name, is_alias = target[0], True
    raise DnsError(name)


# ---- section 3.2.2, 5.3.1: the author domains -------------------------------

def split_outside(text, separators):
    """Splits where a separator stands outside quotes, comments and < >."""
    parts, depth, quoted, angle, i = [""], 0, False, False, 0
    while i < len(text):
        c = text[i]
        if c == "\\" and (quoted or depth):
            if not depth:
                parts[-1] += text[i:i + 2]
            i += 2
            continue
        if quoted:
            quoted = c != '"'
        elif c == "(":
            depth += 1
        elif c == ")" and depth:
            depth -= 1
            i += 1
            continue
        elif not depth and c == '"':
            quoted = True
        elif not depth and c in "<>":
            angle = c == "<"
        elif not depth and not angle and c in separators:
            parts += [c, ""]
            i += 1
            continue
        if not depth:
            parts[-1] += c
        i += 1
    return parts


def mailbox_domain(text):
    """RFC 5322 3.4: the domain of "Name <local@domain>" or local@domain."""
    text = text.strip()
    m = re.fullmatch(r'(?:[^<>"]|"(?:[^"\\]|\\.)*")*<([^<>]*)>', text)
    if m is not None:
        text = m.group(1).strip()
        if text.startswith("@"):
            text = text.partition(":")[2]
    local, at, domain = text.rpartition("@")
    domain = domain.strip()
    if not at or local.strip() == "" or " " in domain:
        raise BadFrom(text)
    domain = one_form(domain)
    if domain is None:
        raise BadFrom(text)
    return domain


def author_domains(froms):
    """5.3.1: the distinct domains of the one From field, in order."""
    if len(froms) != 1:
        raise BadFrom("no From field, or several")
    domains = []
    parts = split_outside(froms[0], ",:;")
    for i, part in enumerate(parts):
        is_group_name = i + 1 < len(parts) and parts[i + 1] == ":"
        if part in (",", ":", ";") or part.strip() == "" or is_group_name:
            continue
        domain = mailbox_domain(part)
        if domain not in domains:
            domains.append(domain)
    if not domains or len(domains) > MAX_AUTHORS:
        raise BadFrom("no address, or too many domains")
    return domains


# ---- the SPF identity -------------------------------------------------------

def spf_identity(world):
    """RFC 7208 2.4: MAIL FROM, which is postmaster@HELO for "<>"."""
    path = world.path.strip()[1:-1]
    if path == "":
        domain, result = one_form(world.helo), world.spf["helo"]
    else:
        domain, result = one_form(path.rpartition("@")[2]), world.spf["mail"]
    return (domain, result) if domain is not None else ("", "none")
