#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The suite is not for Aplomb alone: a driver plays it with another program.
# Skipped where Mail::DMARC is not installed.
command -v perl >/dev/null || {
	echo "skipped: perl is missing (package perl)"; exit 77; }
exec perl "${srcdir:-.}/test/suite/mail-dmarc.pl"
