#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Every command of docs/QUESTIONS.md runs and prints what the page shows; every
# piece of configuration on it is one.
set -u
python=/usr/bin/python3
$python -c 'import cryptography, dkim' 2>/dev/null || {
	echo "skipped: packages python3-cryptography and python3-dkim" \
	    "are missing"; exit 77; }
exec $python -B "${srcdir:-.}/test/cli/questions.py" \
    "${top_builddir:-.}" "${srcdir:-.}/docs/QUESTIONS.md"
