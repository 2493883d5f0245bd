#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Some thousand worlds of a fixed seed, in both modes: what `make check` can
# afford. ./dev differential plays more.
set -eu
command -v python3 >/dev/null || {
	echo "skipped: python3 is missing (package python3)"; exit 77; }
here=${srcdir:-.}/test/differential
# -B: the source tree may not be writable.
exec python3 -B "$here/differential.py" --judge ./test/differential/judge \
    --worlds 3000 --seed 9989 --out test/differential/disagreements
