#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Reports leave by a command and by SMTP, and what happens to them is told as it
# is, whatever the other side does.
set -u
python=/usr/bin/python3
$python -c 'import cryptography, dkim' 2>/dev/null || {
	echo "skipped: packages python3-cryptography and python3-dkim" \
	    "are missing"; exit 77; }
exec $python -B "${srcdir:-.}/test/report/transport.py" \
    "${top_builddir:-.}/test/report/transmit"
