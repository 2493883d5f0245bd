#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""A second implementation of discovery, alignment and policy, slow and plain,
written from the standards alone and sharing no code with the product.

It reads worlds in the text form of test/differential/README.md on stdin and
prints what test/differential/judge prints. Section numbers are RFC 9989's
unless another RFC is named. Where no RFC speaks, the comment says "ours".
"""
import re
import sys

from second_world import (BadFrom, DnsError, World, ask, author_domains,
                          is_at_or_below, parent, read_worlds, spf_identity,
                          tail)

SEVERITY = ["none", "quarantine", "reject"]


# ---- section 2: the record --------------------------------------------------

WSP = " \t"
VERSION = re.compile(r"[ \t]*[vV][ \t]*=[ \t]*DMARC1(?=[ \t;]|\Z)")
TAG = re.compile("([A-Za-z]+)[ \t]*=([^;]*)", re.DOTALL)
KNOWN_9989 = {"p", "sp", "np", "adkim", "aspf", "fo", "rua", "ruf", "psd", "t",
              "pct", "ri", "rf"}
KNOWN_7489 = KNOWN_9989 - {"np", "psd", "t"}
URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:"
                 r"(?:[A-Za-z0-9._~:/?#\[\]@$&'()*+;=-]|%[0-9A-Fa-f]{2})+")


def passes_version_test(text):
    """4.7: a record that does not begin with v=DMARC1 is none at all."""
    return VERSION.match(text) is not None


def read_tags(text, known):
    """4.8: known tags in lower case. A segment that is no tag is dropped, an
    unknown tag too. A known tag that has no value, or one that the grammar
    does not allow, is there all the same, with an invalid value: 4.10.1 asks
    for more than 4.8 where it is p, sp or np. One that is repeated counts as
    malformed (RFC 6376 3.2 and ours): its value is None."""
    tags = {}
    for segment in text.split(";")[1:]:
        m = TAG.fullmatch(segment.strip(WSP))
        if m is None:
            continue
        name, value = m.group(1).lower(), m.group(2).strip(WSP)
        if name in known:
            tags[name] = None if name in tags else value
    return tags


def has_valid_uri(value):
    """4.7 rua: any URI of the list; an obsolete "!size" is stripped."""
    for uri in value.split(","):
        uri = re.sub(r"![0-9]+[kmgtKMGT]?$", "", uri.strip(WSP))
        if URI.fullmatch(uri):
            return True
    return False


def choice(tags, name, values, default):
    value = (tags.get(name) or "").lower()
    return value if value in values else default


class Record:
    """4.7; RFC 7489 6.3 where is_7489: np, psd and t are unknown tags there."""

    def __init__(self, text, is_7489):
        tags = read_tags(text, KNOWN_7489 if is_7489 else KNOWN_9989)
        self.adkim = choice(tags, "adkim", ["r", "s"], "r")
        self.aspf = choice(tags, "aspf", ["r", "s"], "r")
        self.psd = choice(tags, "psd", ["y", "n", "u"], "u")
        self.t = choice(tags, "t", ["y", "n"], "n")
        self.pct = 100
        if re.fullmatch("[0-9]{1,3}", tags.get("pct") or ""):
            if int(tags["pct"]) <= 100:
                self.pct = int(tags["pct"])
        self.read_policies(tags)

    def read_policies(self, tags):
        """4.10.1, RFC 7489 6.6.3 step 6: a missing or invalid p, or an invalid
        sp or np, leaves p=none when there is somebody to report to, and else
        no DMARC at all."""
        self.is_usable = True
        self.p = choice(tags, "p", SEVERITY, None)
        self.sp = choice(tags, "sp", SEVERITY, None)
        self.np = choice(tags, "np", SEVERITY, None)
        is_broken = self.p is None
        for name in ("sp", "np"):
            if tags.get(name) is not None and \
                    tags[name].lower() not in SEVERITY:
                is_broken = True
        if is_broken:
            self.p, self.sp, self.np = "none", None, None
            self.is_usable = has_valid_uri(tags.get("rua") or "")


# ---- section 4.10: discovery ------------------------------------------------

def dmarc_texts(zone, name):
    """4.5, 4.10: what _dmarc.NAME publishes and passes the version test."""
    _, _, values = ask(zone, "_dmarc." + name)
    return [v for v in values if passes_version_test(v)]


class TreeWalk:
    """RFC 9989 4.10."""

    is_7489 = False

    def __init__(self, world):
        self.world = world

    def walk(self, start):
        """4.10: the records from the name up, [(name, record)]; the last one
        alone may have psd=y or psd=n."""
        found, target = [], start
        while True:
            texts = dmarc_texts(self.world.zone, target)
            if len(texts) == 1:
                record = Record(texts[0], False)
                # 11.8 and ours: the guard against careless suffixes.
                if self.world.guard and target != start and \
                        is_listed(self.world.rules, target):
                    record.psd = "y"
                found.append((target, record))
                if record.psd != "u":
                    return found
            labels = target.count(".") + 1
            if labels == 1:
                return found
            target = tail(target, 7) if labels >= 8 else parent(target)

    def org_of_walk(self, start, found):
        """4.10.2."""
        for name, record in found:
            if record.psd == "n":
                return name
            if record.psd == "y" and name != start:
                return tail(start, name.count(".") + 2)
        if found:
            return found[-1][0]
        return start

    def org(self, name):
        return self.org_of_walk(name, self.walk(name))

    def discover(self, author):
        """4.10.1: (source, name, record), or None."""
        own = dmarc_texts(self.world.zone, author)
        if len(own) == 1:
            return "own", author, Record(own[0], False)
        found = self.walk(author)
        org = self.org_of_walk(author, found)
        for name, record in found:
            if name == org:
                return "org", name, record
        for name, record in found:
            if record.psd == "y":
                return "psd", name, record
        return None


def psl_suffix(rules, name):
    """publicsuffix.org: the public suffix of a name, and whether a rule of the
    list says so. The longest rule wins, an exception before all; without any
    the rule is "*". The list leaves open whether "*.foo" makes foo a suffix as
    well; libpsl says yes."""
    labels = name.split(".")
    for i in range(len(labels)):
        at = ".".join(labels[i:])
        if "!" + at in rules:
            return parent(at), True
    for i in range(len(labels)):
        at = ".".join(labels[i:])
        if at in rules or "*." + at in rules or "*." + parent(at) in rules:
            return at, True
    return labels[-1], False


def is_listed(rules, name):
    suffix, is_explicit = psl_suffix(rules, name)
    return is_explicit and suffix == name


class SuffixList:
    """RFC 7489 3.2, 6.6.3."""

    is_7489 = True

    def __init__(self, world):
        self.world = world

    def org(self, name):
        """3.2: the suffix and one label more; None for a suffix."""
        suffix, _ = psl_suffix(self.world.rules, name)
        return None if suffix == name else \
            tail(name, suffix.count(".") + 2)

    def discover(self, author):
        """6.6.3: steps 1 to 5."""
        source, name = "own", author
        texts = dmarc_texts(self.world.zone, name)
        org = self.org(author)
        if not texts and org is not None and org != author:
            source, name = "org", org
            texts = dmarc_texts(self.world.zone, name)
        if len(texts) != 1:
            return None
        return source, name, Record(texts[0], True)


# ---- section 4.4: alignment -------------------------------------------------

def org_or_unknown(method, name):
    """(org, is known)"""
    try:
        return method.org(name), True
    except DnsError:
        return None, False


def align(method, author, identifier, strictness):
    """4.4, 4.10.2, RFC 7489 3.1: "yes", "no", or "error" where the answer hangs
    on a DNS question that failed."""
    if identifier == author:
        return "yes"
    if strictness == "s" or identifier == "":
        return "no"
    org, is_known = org_or_unknown(method, author)
    # 5.3.6 and ours: an organizational domain is the name or an ancestor of
    # it, so what is not below the author's can never align; while that is
    # unknown, what shares two labels may.
    reach = org if is_known else tail(author, 2)
    if reach is None or not is_at_or_below(identifier, reach):
        return "no"
    other, is_other_known = org_or_unknown(method, identifier)
    if not is_known or not is_other_known:
        return "error"
    return "yes" if other == org else "no"


# ---- section 5.3, 5.4: one author's judgement -------------------------------

class Judgement:
    def __init__(self, author):
        self.author, self.result = author, "none"
        self.source = self.domain = self.tag = self.owner = "-"
        self.policy = "-"
        self.org, self.reasons, self.is_due = "", [], False
        self.spf, self.dkim = False, []
        self.disposition = "none"

    def __str__(self):
        return (f"author={self.author} result={self.result} "
                f"source={self.source} domain={self.domain} "
                f"org={self.org or '-'} "
                f"spf={'yes' if self.spf else 'no'} "
                f"dkim={','.join(map(str, self.dkim)) or '-'} "
                f"tag={self.tag} owner={self.owner} policy={self.policy} "
                f"reasons={','.join(self.reasons) or '-'} "
                f"due={'yes' if self.is_due else 'no'}")


def owner_policy(world, method, found, author):
    """4.7, 4.10.1: (tag, policy, is known): which tag speaks for the author
    domain. Unknown where np matters and existence could not be asked."""
    source, _, record = found
    if source == "own":
        return "p", record.p, True
    tag, policy = ("p", record.p) if record.sp is None else ("sp", record.sp)
    if method.is_7489 or record.np is None or record.np == policy:
        return tag, policy, True
    try:
        exists, is_alias, _ = ask(world.zone, author)
    except DnsError:
        return tag, policy, False
    # RFC 8020 2: an alias exists, whatever becomes of its target.
    if exists or is_alias:
        return tag, policy, True
    return "np", record.np, True


def one_below(policy):
    return SEVERITY[max(0, SEVERITY.index(policy) - 1)]


def soften(world, method, record, policy):
    """4.7 t, or else RFC 7489 6.3 and 6.6.4 pct, of which t=y is the successor
    (App. A.6): (policy, reasons)."""
    if policy == "none":
        return policy, []
    if not method.is_7489 and record.t == "y":
        return one_below(policy), ["policy_test_mode"]
    if world.pct and not world.draw < record.pct:
        return one_below(policy), ["sampled_out" if method.is_7489 else
                                   "local_policy"]
    return policy, []


def check_identifiers(world, method, record, j):
    """4.3, 4.4: notes the aligned ones; True where one that could have aligned
    failed for want of an answer."""
    is_error = False
    domain, result = spf_identity(world)
    how = align(method, j.author, domain, record.aspf)
    if result == "pass":
        j.spf = how == "yes"
        is_error |= how == "error"
    elif result == "temperror":
        is_error |= how != "no"
    for i, (result, domain) in enumerate(world.dkim):
        how = align(method, j.author, domain, record.adkim)
        if result == "pass" and how == "yes":
            j.dkim.append(i)
        elif result == "pass":
            is_error |= how == "error"
        elif result == "temperror":
            is_error |= how != "no"
    return is_error


def judge_author(world, method, author):
    """5.3 and 5.4."""
    j = Judgement(author)
    org, is_known = org_or_unknown(method, author)
    if is_known:
        j.org = author if org is None else org
    try:
        found = method.discover(author)
    except DnsError:
        # 5.3.6: no conclusion; the policy itself is not known.
        j.result, j.is_due = "temperror", True
        return j
    if found is None or not found[2].is_usable:
        return j  # 4.10.1: DMARC does not apply
    j.source, j.domain, record = found
    is_error = check_identifiers(world, method, record, j)
    j.tag, j.owner, is_policy_known = \
        owner_policy(world, method, found, author)
    j.policy, reasons = soften(world, method, record, j.owner)
    if j.spf or j.dkim:
        j.result, j.policy = "pass", "none"
    elif is_error or not is_policy_known:
        j.result = "temperror"
        j.is_due = j.policy != "none" or not is_policy_known
    else:
        j.result = "fail"
        j.disposition, j.reasons = j.policy, reasons
    return j


# ---- 11.5: the message ------------------------------------------------------

def decisive(judgements):
    """11.5 and ours (judge/verdict.h): the first with the strictest failing
    policy; else what leaves no verdict although one was due, under a known
    policy first; a failure, another error, an author without a record, a
    pass."""
    for holds in (lambda j: j.disposition == "reject",
                  lambda j: j.disposition == "quarantine",
                  lambda j: j.is_due and j.source != "-",
                  lambda j: j.is_due,
                  lambda j: j.result == "fail",
                  lambda j: j.result == "temperror",
                  lambda j: j.result == "none",
                  lambda j: True):
        for j in judgements:
            if holds(j):
                return j
    raise ValueError("no judgement")


METHODS = {"treewalk": TreeWalk, "psl": SuffixList}


def judge(world, mode):
    """The line of one world in one mode."""
    head = f"{world.number} {mode} "
    try:
        authors = author_domains(world.froms)
    except BadFrom:
        return head + "permerror - none due=no"
    method = METHODS[mode](world)
    judgements = [judge_author(world, method, a) for a in authors]
    d = decisive(judgements)
    return head + " | ".join(
        [f"{d.result} {d.author} {d.disposition} "
         f"due={'yes' if d.is_due else 'no'}"] + [str(j) for j in judgements])


def main():
    for block in read_worlds(sys.stdin):
        world = World(block)
        for mode in METHODS:
            print(judge(world, mode))


if __name__ == "__main__":
    main()
