#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Messages a second and CPU a message through the milter socket, warm cache,
beside a libmilter program that does nothing, both in one run.

The message is about 10 KB with 24 fields and one RSA-2048 signature. Figures
are the median of --rounds rounds, played in turn.
"""
import argparse
import os
import statistics
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "mta"))
from lab import Key, Lab, Process, message, wait_for  # noqa: E402

TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def peak_mb(pid):
    with open(f"/proc/{pid}/status") as f:
        return next(int(l.split()[1]) / 1024 for l in f if l.startswith("VmHWM"))


def load(build, socket, sessions, count, path):
    out = subprocess.run(
        [os.path.join(build, "test/bench/load"), socket, str(sessions), str(count),
         "192.0.2.10", "<ann@acme.example>", path],
        stdout=subprocess.PIPE, text=True, check=True).stdout
    return {k: float(v) for k, v in (w.split("=") for w in out.split())}


def main():
    args = argparse.ArgumentParser()
    args.add_argument("--build", required=True)
    args.add_argument("--messages", type=int, default=3000)
    args.add_argument("--rounds", type=int, default=3)
    args.add_argument("--sessions", type=int, nargs="*", default=[1, 16, 64])
    args = args.parse_args()
    with Lab(args.build) as lab:
        key = Key("rsa")
        dns = lab.dns([
            ("acme.example", "TXT", "v=spf1 ip4:192.0.2.10 -all"),
            ("_dmarc.acme.example", "TXT", "v=DMARC1; p=reject"),
            ("s1._domainkey.acme.example", "TXT", key.record)])
        data = key.sign(message("bench", "Ann <ann@acme.example>", body=("x" * 70 + "\r\n") * 100,
                                headers=[f"X-Field-{i}: {'y' * 100}" for i in range(19)]),
                        "acme.example", "s1")
        path = lab.path("message")
        with open(path, "wb") as f:
            f.write(data)
        daemon = lab.daemon(dns_port=dns, log_level="error")
        socket = lab.path("empty.sock")
        empty = Process("empty", [os.path.join(args.build, "test/bench/empty"),
                                  f"unix:{socket}"], lab.path("empty.log"))
        lab.stops.append(empty.stop)
        wait_for("empty", lambda: os.path.exists(socket))
        milters = {"aplombd": (f"unix:{daemon.socket}", daemon.process.pid),
                   "empty": (f"unix:{socket}", empty.pid)}
        for where, _ in milters.values():
            load(args.build, where, 4, 200, path)  # warm-up
        print(f"{'milter':8} {'sessions':>8} {'msg/s':>8} {'cpu ms/msg':>11} {'p50 ms':>8} "
              f"{'p95 ms':>8} {'peak MB':>8}")
        for sessions in args.sessions:
            rows = {name: [] for name in milters}
            for _ in range(args.rounds):
                for name, (where, pid) in milters.items():
                    before = cpu_seconds(pid)
                    got = load(args.build, where, sessions, args.messages, path)
                    cpu = (cpu_seconds(pid) - before) * 1000 / args.messages
                    rows[name].append((args.messages / got["wall_s"], cpu, got["p50_ms"],
                                       got["p95_ms"], peak_mb(pid)))
            middle = {name: [statistics.median(c) for c in zip(*r)] for name, r in rows.items()}
            for name, m in middle.items():
                print(f"{name:8} {sessions:8} {m[0]:8.0f} {m[1]:11.3f} {m[2]:8.2f} {m[3]:8.2f} "
                      f"{m[4]:8.1f}")
            ratios = [a[1] / b[1] for a, b in zip(rows["aplombd"], rows["empty"])]
            print(f"{'ratio':8} {sessions:8} {'':8} {statistics.median(ratios):11.2f}   "
                  "CPU of aplombd over that of empty, median of the rounds", flush=True)


if __name__ == "__main__":
    main()
