#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Holds the product's verdicts against those of a second implementation, over
random worlds in both discovery modes. A world on which they disagree is made
smaller while they do, and written as a case file with both answers.
"""
import argparse
import multiprocessing
import os
import re
import subprocess
import sys
import time

import second
import second_world
import worlds

CHUNK = 500
SHOWN = 20  # disagreements that are made small and written
MODES = ["treewalk", "psl"]


# ---- both answers -----------------------------------------------------------

def second_answers(block):
    world = second_world.World(block)
    return [second.judge(world, mode) for mode in MODES]


def product_answers(judge, blocks):
    text = "".join("\n".join(block) + "\nend\n" for block in blocks)
    done = subprocess.run([judge], input=text.encode(), stdout=subprocess.PIPE)
    lines = done.stdout.decode().splitlines()
    if done.returncode != 0 or len(lines) != len(MODES) * len(blocks):
        raise RuntimeError(f"judge: status {done.returncode}, {len(lines)} "
                           f"answers to the worlds from {blocks[0][0]}")
    return [lines[i:i + len(MODES)] for i in range(0, len(lines), len(MODES))]


def is_agreed(wanted, got):
    """The same, and where the product says that the other method would have
    chosen another policy domain or organizational domain, it would have."""
    if [re.sub(" differs=[a-z]+", "", line) for line in got] != wanted:
        return False
    found = [re.findall(r" (domain=\S+) (org=\S+) ", line) for line in wanted]
    return all(said != "yes" or a != b for line in got for said, a, b in
               zip(re.findall(" differs=([a-z]+)", line), *found))


class Judge:
    """The product, kept running: one world at a time."""

    def __init__(self, path):
        self.path = path
        self.start()

    def start(self):
        self.process = subprocess.Popen([self.path], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL)

    def answers(self, block):
        """ValueError for what the product takes for no world."""
        text = "\n".join(block) + "\nend\n"
        self.process.stdin.write(text.encode())
        self.process.stdin.flush()
        lines = [self.process.stdout.readline().decode().rstrip("\n")
                 for _ in MODES]
        if "" in lines:
            self.process.communicate()
            self.start()
            raise ValueError("no world")
        return lines

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def play_chunk(task):
    """The worlds of a chunk on which the two disagree, and how many results
    of each kind there were."""
    judge, seed, first, count = task
    blocks = [worlds.world(seed, n) for n in range(first, first + count)]
    bad, seen = [], {}
    for block, got in zip(blocks, product_answers(judge, blocks)):
        wanted = second_answers(block)
        for line in wanted:
            kind = " ".join(line.split()[1:3])
            seen[kind] = seen.get(kind, 0) + 1
        if not is_agreed(wanted, got):
            bad.append(block)
    return bad, seen


# ---- making a world smaller -------------------------------------------------

def differing(wanted, got):
    """What the two disagree about, as "mode word", whichever author it is of:
    a smaller world must keep to that."""
    keys = set()
    for mode, one, other in zip(MODES, wanted, got):
        a = one.split()
        b = re.sub(" differs=[a-z]+", "", other).split()
        if len(a) != len(b):
            keys.add(mode + " authors")
        for i, (x, y) in enumerate(zip(a, b)):
            if x != y:
                keys.add(f"{mode} {x.partition('=')[0] if i > 5 else i}")
    if not keys and not is_agreed(wanted, got):
        keys.add("differs")
    return keys


def weighty(keys):
    """An organizational domain on which nothing hangs stands for no more."""
    return {key for key in keys if not key.endswith(" org")}


def has_sound_rules(block):
    """A suffix list that worlds.py could make: each rule once, none beside its
    wildcard, exceptions to a wildcard and none below them."""
    rules = [line.split()[2] for line in block if line.startswith("psl ")]
    names = [rule.removeprefix("*.").removeprefix("!") for rule in rules]
    for rule in rules:
        name = rule[1:]
        if rule.startswith("!") and (
                "*." + second_world.parent(name) not in rules or
                any(n.endswith("." + name) for n in names)):
            return False
    return len(set(names)) == len(names)


class Shrinker:
    def __init__(self, judge, block):
        self.judge, self.block = judge, block
        self.kind = self.kind_of(block)

    def kind_of(self, block):
        if not has_sound_rules(block):
            return set()
        try:
            return differing(second_answers(block), self.judge.answers(block))
        except (ValueError, IndexError, UnicodeError, AttributeError,
                TypeError):
            return set()  # no world any more

    def take(self, block):
        """Keeps the smaller world if the two disagree about it as before."""
        kind = self.kind_of(block)
        if block == self.block or not kind or not kind <= self.kind:
            return False
        if weighty(self.kind) and not weighty(kind):
            return False
        self.block, self.kind = block, kind
        return True

    def drop_lines(self):
        i = 0
        while i < len(self.block):
            if self.block[i].startswith("world ") or \
                    not self.take(self.block[:i] + self.block[i + 1:]):
                i += 1

    def change_line(self, i, line):
        return self.take(self.block[:i] + [line] + self.block[i + 1:])

    def plain_records(self):
        """TXT data without odd blanks, one tag fewer at a time."""
        for i in range(len(self.block)):
            m = re.fullmatch(r'(zone \S+ TXT )("(?:[^"\\]|\\.)*" ?)+',
                             self.block[i])
            if m is None:
                continue
            text = second_world.read_strings(self.block[i][len(m.group(1)):])
            if not text.isprintable() or not text.isascii():
                text = "".join(c for c in text if " " <= c <= "~")
            tags = [t.strip() for t in text.split(";") if t.strip()]
            self.change_line(i, txt(m.group(1), tags))
            n = 0
            while n < len(tags):
                if self.change_line(i, txt(m.group(1),
                                           tags[:n] + tags[n + 1:])):
                    del tags[n]
                else:
                    n += 1

    def plain_mail(self):
        for i, line in enumerate(self.block):
            if line.startswith("from "):
                try:
                    domains = second_world.author_domains([line[5:]])
                except second_world.BadFrom:
                    continue
                for n in range(len(domains) + 1):
                    fewer = domains[:n] + domains[n + 1:]
                    self.change_line(i, "from " + ", ".join(
                        "u@" + d for d in fewer))
            elif line.startswith(("mail ", "helo ")):
                self.change_line(i, line.lower())
            elif line.startswith("dkim "):
                self.change_line(i, re.sub("^dkim (?!pass|temp)[a-z]+",
                                           "dkim fail", line))

    def shorter_names(self):
        """One label of a name fewer, wherever the name stands."""
        names = set(re.findall(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+",
                               " ".join(self.block)))
        for name in sorted(names, key=len, reverse=True):
            pattern = re.compile(r"(?<![a-z0-9-])" + re.escape(name) +
                                 r"(?![a-z0-9.-])")
            self.take([pattern.sub(second_world.parent(name), line)
                       for line in self.block])

    def run(self):
        before = None
        while before != self.block:
            before = self.block
            self.drop_lines()
            self.plain_records()
            self.plain_mail()
            self.shorter_names()
        return self.block


def txt(head, tags):
    text = "; ".join(tags).replace("\\", "\\\\").replace('"', '\\"')
    return f'{head}"{text}"'


# ---- a world as a case file (test/cases/README.md) --------------------------

SPF_RECORDS = {"pass": "v=spf1 ip4:192.0.2.7 -all", "fail": "v=spf1 -all",
               "softfail": "v=spf1 ~all", "neutral": "v=spf1 ?all",
               "permerror": "v=spf1 nonsense"}


def case_of_spf(world):
    domain, result = second_world.spf_identity(world)
    lines = [f"client  192.0.2.7 helo {world.helo} from {world.path}"]
    if domain == "" or result == "none":
        return lines
    if world.path != "<>":
        return lines + [f"spf     {result} {domain}"]
    if result == "temperror":
        return lines + [f"zone    servfail {domain} TXT"]
    return lines + [f'zone    {domain} TXT "{SPF_RECORDS[result]}"']


def case_of_expectation(line):
    words = line.split()
    out = f"expect  {words[1]} dmarc={words[2]}"
    for part in line.split(" | ")[1:]:
        facts = dict(w.split("=", 1) for w in part.split())
        if facts["author"] == words[3] and facts["domain"] != "-":
            out += f" policy-domain={facts['domain']} policy={facts['policy']}"
            for reason in facts["reasons"].split(","):
                out += f" reason={reason}" if reason != "-" else ""
            break
    return out


def case_text(block, title, wanted, got):
    world = second_world.World(block)
    lines = ["# " + title]
    lines += [f"# second:  {line}" for line in wanted]
    lines += [f"# product: {line}" for line in got]
    lines += ["# " + line for line in block]
    lines += ["zone    " + line[5:] for line in block
              if line.startswith("zone ")]
    if any(line.startswith("psl ") for line in block):
        lines.append("psl     " + " ".join(world.rules))
    lines += case_of_spf(world)
    lines += [f"dkim    {result} {domain or '-'}"
              for result, domain in world.dkim]
    lines += ["header  From: " + value for value in world.froms]
    if world.draw:
        lines.append(f"draw    {world.draw}")
    if not world.guard:
        lines.append("extra set psl-guard = no")
    if not world.pct:
        lines.append("extra set honour-pct = no")
    lines += [case_of_expectation(line) for line in wanted]
    return "\n".join(lines) + "\n"


def write_case(judge, block, seed, folder):
    small = Shrinker(judge, block).run()
    number = block[0].split()[1]
    text = case_text(small, f"world {number} of seed {seed}",
                     second_answers(small), judge.answers(small))
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, f"world-{seed}-{number}.case")
    with open(path, "w") as f:
        f.write(text)
    print(f"---- {path}\n{text}")


# ---- the run ----------------------------------------------------------------

def main():
    args = argparse.ArgumentParser(description=__doc__)
    args.add_argument("--judge", required=True)
    args.add_argument("--worlds", type=int, default=5000)
    args.add_argument("--seed", type=int, default=1)
    args.add_argument("--jobs", type=int, default=1)
    args.add_argument("--shown", type=int, default=SHOWN)
    args.add_argument("--out", default="differential.out")
    args = args.parse_args()
    start = time.monotonic()
    tasks = [(args.judge, args.seed, first, min(CHUNK, args.worlds - first))
             for first in range(0, args.worlds, CHUNK)]
    bad, seen = [], {}
    with multiprocessing.Pool(args.jobs) as pool:
        for more, kinds in pool.imap(play_chunk, tasks):
            bad += more
            for kind, n in kinds.items():
                seen[kind] = seen.get(kind, 0) + n
    judge = Judge(args.judge)
    for block in bad[:args.shown]:
        write_case(judge, block, args.seed, args.out)
    judge.close()
    print(", ".join(f"{kind} {seen[kind]}" for kind in sorted(seen)))
    print(f"{args.worlds} worlds of seed {args.seed} in both modes, "
          f"{len(bad)} disagreements, {time.monotonic() - start:.0f} s")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
