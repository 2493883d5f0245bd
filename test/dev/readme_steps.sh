#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Does what README says under "Install", as root on a machine of its own, and
# looks at what came of it.
set -euo pipefail
steps=$(mktemp)
sed -n '/^## Install/,/^`/s/^    //p' README.md >"$steps"
grep -q 'make install' "$steps"
sudo() { "$@"; }
id aplomb >/dev/null 2>&1 && userdel aplomb
set -x
. "$steps"
[ "$(stat -c '%a %U %G' /var/lib/aplomb)" = '750 aplomb aplomb' ]
[ -d /etc/aplomb ]
printf '%s\n' 'user = aplomb' 'authserv-id = mx.example.org' >/etc/aplomb/aplomb.conf
aplomb config check
aplombd -t >/dev/null
make -s installcheck
