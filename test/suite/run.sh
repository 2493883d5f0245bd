#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Plays one area of the suite, test/suite/AREA-*.case, in process and through
# the socket. usage: run.sh .../AREA.area
set -eu
area=$(basename "$1" .area)
printf '%s: ' "$area"
cat "$1"
exec test/case/case "${srcdir:-.}/test/suite/$area"-*.case
