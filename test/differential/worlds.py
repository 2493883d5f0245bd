#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Makes random worlds in the text form of test/differential/README.md: valid,
small and full of collisions, so that rules meet each other. The same seed and
number always give the same world.

usage: worlds.py SEED FIRST COUNT
"""
import random
import sys

LABELS = ["a", "b", "c", "d", "mail", "co", "xn--bcher-kva"]
TOPS = ["example", "example", "example", "test", "zz"]
POLICIES = ["none", "quarantine", "reject"]
RESULTS_DKIM = ["pass"] * 5 + ["fail", "temperror", "temperror", "permerror",
                               "neutral", "policy", "none"]
RESULTS_SPF = ["pass"] * 5 + ["fail", "softfail", "neutral", "none",
                              "temperror", "temperror", "permerror"]
URIS = ["mailto:d@acme.example", "mailto:a%2Bb@acme.example!10m",
        "https://acme.example/dmarc", "mailto:x@y.example?subject=z"]
NO_URIS = ["d@acme.example", "1mailto:d@acme.example", "nonsense", "",
           "mail to:d@acme.example"]


class Maker:
    """One world, from one generator of random numbers."""

    def __init__(self, seed, number):
        self.r = random.Random(seed * 1000003 + number)
        self.number = number

    def chance(self, per_cent):
        return self.r.random() * 100 < per_cent

    # ---- names --------------------------------------------------------------

    def label(self):
        return self.r.choice(LABELS[:-1] if self.chance(97) else LABELS[-1:])

    def spine(self):
        """The author domain: 1 to 9 labels, now and then more."""
        count = self.r.choice([1, 2, 2, 2, 3, 3, 3, 3, 4, 4, 5, 6, 7, 8, 8, 9,
                               9, 10, 13])
        labels = [self.label() for _ in range(count - 1)]
        if self.chance(0.5) and count > 4:  # near the 253 octets of a name
            labels[:4] = [self.r.choice("ab") * self.r.randint(55, 63)
                          for _ in labels[:4]]
        name = ".".join(labels + [self.r.choice(TOPS)])
        while len(name) > 253:
            name = name.partition(".")[2]
        return name

    def ancestors(self, name):
        labels = name.split(".")
        return [".".join(labels[i:]) for i in range(len(labels))]

    def related(self, name):
        """A name that may collide with `name`: itself, below, above, beside."""
        kind = self.r.randrange(10)
        above = self.r.choice(self.ancestors(name))
        if kind < 3:
            return name
        if kind < 5:
            return self.below(name)
        if kind < 7:
            return above
        if kind < 9:
            return self.below(above)
        return self.r.choice(["esp.example", "dead.test", "zz", "a.b.zz"])

    def below(self, name):
        for _ in range(self.r.choice([1, 1, 2, 3])):
            longer = self.label() + "." + name
            name = longer if len(longer) <= 253 else name
        return name

    def written(self, name):
        """The name as mail may write it: another case, a dot at the end."""
        if self.chance(8):
            name = name.upper() if self.chance(50) else name.title()
        if self.chance(3):
            name += "."
        if self.chance(30):
            name = name.replace("xn--bcher-kva", "b\u00fccher")
        return name

    # ---- records ------------------------------------------------------------

    def blank(self):
        return self.r.choice([" ", " ", "", "", "", "\t", "  "])

    def policy(self):
        if self.chance(93):
            return self.cased(self.r.choice(POLICIES))
        return self.r.choice(["", "nonsense", "r", "rejects", "none none",
                              "re\u00e9ject"])

    def cased(self, word):
        return word if self.chance(92) else self.r.choice(
            [word.upper(), word.title()])

    def tag(self, name):
        r = self.r
        if name in ("p", "sp", "np"):
            return self.policy()
        if name in ("adkim", "aspf"):
            return r.choice(["s", "s", "r", "S", "R", "strict", "", "x"])
        if name == "psd":
            return r.choice(["y", "y", "y", "n", "n", "n", "u", "Y", "N", "yes",
                             ""])
        if name == "t":
            return r.choice(["y", "y", "n", "Y", "yes", ""])
        if name == "pct":
            return r.choice(["0", "1", "50", "50", "99", "100", "050", "101",
                             "-1", "+5", "5 0", "x", "", "50%", "4294967297"])
        if name in ("rua", "ruf"):
            uris = [r.choice(URIS if self.chance(75) else NO_URIS)
                    for _ in range(r.choice([1, 1, 1, 2, 3]))]
            return (self.blank() + ",").join(uris)
        if name == "fo":
            return r.choice(["0", "1", "d:s", "0:1", "x"])
        return r.choice(["1", "a=b", "\u00fc", "", "x\ty", "v=DMARC1"])

    def names_of_tags(self):
        chances = [("p", 95), ("sp", 45), ("np", 35), ("psd", 35), ("t", 18),
                   ("pct", 22), ("adkim", 25), ("aspf", 25), ("rua", 40),
                   ("ruf", 8), ("fo", 8), ("ri", 4), ("x", 8), ("p2", 2)]
        names = [n for n, c in chances if self.chance(c)]
        if self.chance(6) and names:  # a tag that comes twice
            names.append(self.r.choice(names))
        if self.chance(25):
            self.r.shuffle(names)
        return names

    def version(self):
        if self.chance(93):
            return self.r.choice(["v=DMARC1"] * 6 + [
                "v = DMARC1", " v=DMARC1", "V=DMARC1", "v=\tDMARC1 "])
        return self.r.choice(["v=dmarc1", "v=DMARC12", "v=DMARC1 x",
                              "v=DMARC", "=DMARC1", "DMARC1", "v=DMARC1x",
                              "v=DMARC1,", "vv=DMARC1"])

    def record(self):
        segments = [self.version()]
        for name in self.names_of_tags():
            segments.append(self.cased(name) + self.blank() + "=" +
                            self.blank() + self.tag(name))
        for odd in ("", "nonsense", "=x", "p", "p reject", "v=DMARC1"):
            if self.chance(1.5):
                segments.insert(self.r.randint(1, len(segments)), odd)
        if self.chance(1):
            segments[0], segments[-1] = segments[-1], segments[0]
        text = segments[0]
        for segment in segments[1:]:
            text += self.blank() + ";" + self.blank() + segment
        return text + self.r.choice(["", "", ";", " ;", "; ", " ", ";;"])

    def unrelated(self):
        return self.r.choice(["v=spf1 -all", "", "hello; p=reject",
                              "v=TLSRPTv1; rua=mailto:x@acme.example",
                              "p=reject; v=DMARC1"])

    def strings(self, text):
        """The data of a TXT line: one string, or several that join."""
        cuts = [0, len(text)]
        if self.chance(8):
            cuts += [self.r.randint(0, len(text)) for _ in range(2)]
        cuts.sort()
        return " ".join('"' + "".join(map(escaped, text[a:b])) + '"'
                        for a, b in zip(cuts, cuts[1:]))

    # ---- the zone -----------------------------------------------------------

    def lines_of(self, name, names):
        """What stands at _dmarc.NAME."""
        at, kind = "_dmarc." + name, self.r.randrange(100)
        if kind < 70:
            return [f"{at} TXT {self.strings(self.record())}"]
        if kind < 77:
            return [f"{at} TXT {self.strings(self.record())}",
                    f"{at} TXT {self.strings(self.unrelated())}"]
        if kind < 83:
            return [f"{at} TXT {self.strings(self.record())}"
                    for _ in range(self.r.choice([2, 2, 3]))]
        if kind < 87:
            return [f"{at} TXT {self.strings(self.unrelated())}"]
        if kind < 92:
            return self.alias(at, names)
        failure = self.r.choice(["servfail", "timeout", "malformed"])
        return [f"{failure} {at}" + self.r.choice(["", " TXT"])]

    def alias(self, at, names):
        """A CNAME: to a record, to another _dmarc name, to nothing, a loop."""
        kind = self.r.randrange(5)
        if kind < 2:
            target = f"t{self.number % 7}.hosted.test"
            return [f"{at} CNAME {target}",
                    f"{target} TXT {self.strings(self.record())}"]
        if kind == 2:
            target = "_dmarc." + self.r.choice(names)
            return [f"{at} CNAME {target if len(target) <= 253 else 'zz'}"]
        if kind == 3:
            return [f"{at} CNAME nowhere.hosted.test"]
        return [f"{at} CNAME {at}"]

    def existence(self, name):
        return self.r.choice([
            f"exists {name}", f"exists {name}", f"{name} A 192.0.2.1",
            f"nxdomain {name}", f"servfail {name}", f"timeout {name}",
            f"{name} CNAME nowhere.hosted.test",
            f"{name} CNAME target.hosted.test"])

    def zone(self, spine, names):
        """Records at names of the spine and at some beside it, one kind of
        line at each owner."""
        lines, owners = [], set()
        density = self.r.choice([15, 40, 40, 70, 100])
        for name in names:
            if name in owners or len(name) > 246 or \
                    not self.chance(density if name in spine else 50):
                continue
            owners.add(name)
            lines += self.lines_of(name, names)
        if self.chance(60):
            lines.append(self.existence(names[0]))
        if self.chance(8):
            up = self.r.choice(self.ancestors(names[0])[-3:])
            lines.append(f"*.{up} TXT {self.strings(self.unrelated())}"
                         if self.chance(60) else
                         f"*.{up} TXT {self.strings(self.record())}")
        if self.chance(10):
            lines.append("exists target.hosted.test")
        self.r.shuffle(lines)
        return lines

    def rules(self, name):
        """A public suffix list that cuts the spine somewhere."""
        if self.chance(15):
            return []
        rules = [("icann", top) for top in ("example", "test")]
        for up in self.ancestors(name)[-6:-1][::-1]:
            if len(up) > 60 or not self.chance(25):
                continue
            section = self.r.choice(["icann", "private"])
            if self.chance(75):
                rules.append((section, up))
                continue
            # The list never has a rule beside its wildcard or below its
            # exception, and libpsl does not cope with either.
            rules.append((section, "*." + up))
            exception = self.label() + "." + up
            if self.chance(60) and exception not in name:
                rules.append((section, "!" + exception))
            elif self.chance(30):
                rules.append((section, "!" + exception))
                return rules
        return rules

    # ---- the message --------------------------------------------------------

    def mailbox(self, domain):
        domain = self.written(domain)
        return self.r.choice([
            f"u@{domain}", f"u@{domain}", f"Ann <ann@{domain}>",
            f'"x@esp.example, y" <u@{domain}>', f"(c@d) u@{domain} (x)",
            f'"a@b"@{domain}', f"<@r.example:u@{domain}>",
            f"Ann (x <y@zz>) <ann@{domain}>"])

    def from_value(self, authors):
        boxes = [self.mailbox(a) for a in authors]
        kind = self.r.randrange(100)
        if kind < 90:
            return ", ".join(boxes)
        if kind < 95:
            return "Team: " + ", ".join(boxes) + ";"
        if kind < 97:
            return "Team:;"
        bad = self.r.choice(["u@[192.0.2.1]", "nonsense", "", "u@", "u@a..b",
                             "u@" + "a" * 64 + ".example"])
        return ", ".join(boxes + [bad]) if self.chance(50) else bad

    def authors(self, name):
        count = self.r.choice([1] * 17 + [2, 2, 3])
        if self.chance(0.5):
            count = self.r.randint(7, 10)
        return [name] + [self.related(name) for _ in range(count - 1)]

    def froms(self, authors):
        count = self.r.choice([0, 2, 3]) if self.chance(2) else 1
        return ["from " + self.from_value(authors) for _ in range(count)]

    def envelope(self, name):
        lines = []
        if self.chance(20):
            lines.append("mail <>")
        elif self.chance(80):
            lines.append(f"mail <a@{self.written(self.related(name))}>")
        if self.chance(60):
            helo = self.written(self.related(name))
            lines.append("helo " + (helo if self.chance(95) else
                                    self.r.choice(["[192.0.2.7]", "a b"])))
        for which in ("mail", "helo"):
            if self.chance(70):
                lines.append(f"spf {which} {self.r.choice(RESULTS_SPF)}")
        return lines

    def signatures(self, name):
        count = self.r.choice([0, 0, 1, 1, 1, 2, 2, 3])
        if self.chance(1):
            count = 10
        out = []
        for _ in range(count):
            result = self.r.choice(RESULTS_DKIM)
            domain = self.related(name)
            if self.chance(1) and result != "pass":
                domain = "-"
            out.append(f"dkim {result} {domain}")
        return out

    def lines(self):
        name = self.spine()
        authors = self.authors(name)
        spine = self.ancestors(name)
        names = spine + authors[1:] + \
            [self.related(name) for _ in range(self.r.randint(0, 4))]
        out = [f"world {self.number}"]
        if self.chance(40):
            out.append("guard no")
        if self.chance(30):
            out.append("pct no")
        draw = self.r.choice([0, 1, 49, 50, 98, 99, self.r.randrange(100)])
        out.append(f"draw {draw}")
        out += [f"psl {section} {rule}" for section, rule in self.rules(name)]
        out += ["zone " + line for line in self.zone(spine, names)]
        out += self.froms(authors)
        out += self.envelope(name)
        out += self.signatures(name)
        return out


def escaped(c):
    if c in '"\\':
        return "\\" + c
    if " " <= c <= "~":
        return c
    return "".join(f"\\{byte:03d}" for byte in c.encode())


def world(seed, number):
    """The lines of one world, without its "end"."""
    return Maker(seed, number).lines()


def main():
    seed, first, count = map(int, sys.argv[1:])
    for number in range(first, first + count):
        print("\n".join(world(seed, number)) + "\nend")


if __name__ == "__main__":
    main()
