# SPDX-License-Identifier: BSD-2-Clause
# For ./dev: fresh machines, as roots of Debian made for the purpose.

mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}

# Runs a command line in a root as on a machine of its own: its mounts and its
# processes end with it. The network is that of this machine, for apt.
in_root() { # in_root ROOT COMMAND_LINE
	unshare --mount --pid --fork --kill-child -- bash -ec '
		mount --bind "$0" "$0" # so that its / is a mount, as elsewhere
		mount -t proc proc "$0/proc"
		mount --rbind /dev "$0/dev"
		mount --rbind /sys "$0/sys"
		chroot "$0" /usr/bin/env -i HOME=/root LANG=C.UTF-8 CI=true \
		    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
		    /bin/bash -c "$1"' "$1" "$2" </dev/null
}

make_root() { # make_root RELEASE ROOT
	rm -rf --one-file-system "$2"
	mkdir -p "$2"
	debootstrap --variant=minbase --include=ca-certificates "$1" "$2" "$mirror"
	cp /etc/resolv.conf "$2/etc/resolv.conf"
	git clone -q --no-hardlinks "$top" "$2/root/aplomb"
}

end_root() { # end_root ROOT
	if grep -qF " $1/" /proc/mounts; then
		die "something is still mounted below $1; it is left as it is"
	fi
	rm -rf --one-file-system "$1"
}

# One step on a fresh machine: a result, with its time, and its whole output in
# build/fresh/RELEASE-STEP.log.
fresh_step() { # fresh_step RELEASE STEP COMMAND_LINE
	local log=$top/build/fresh/$1-$2.log start=$SECONDS title took
	title="$1: $3"
	step=$title
	say "$title"
	last_line() { tail -1 "$log" | sed 's/^== *//' | cut -c1-60 | tr '\n' ';'; }
	attend "$log" last_line in_root "$top/build/fresh/$1" "cd /root/aplomb && $3"
	took="$(((SECONDS - start) / 60)) min $(((SECONDS - start) % 60)) s"
	if [ $attend_status -eq 0 ]; then
		count PASS "$title"
	else
		tail -40 "$log"
		count FAIL "$title: exit status $attend_status ($log)"
	fi
	say "$title: $took; its last line: $(tail -1 "$log")"
	grep -E '^(SKIP|FAIL) ' "$log" >&3 || true
}

keep=no
# A new root of a release, and the steps STEP=COMMAND_LINE in it.
fresh() { # fresh RELEASE STEP=COMMAND_LINE...
	local release=$1 root=$top/build/fresh/$1 s; shift
	mkdir -p "$top/build/fresh"
	one "$release: debootstrap" make_root "$release" "$root"
	for s in "$@"; do fresh_step "$release" "${s%%=*}" "${s#*=}"; done
	[ $keep = yes ] || end_root "$root"
}

start_fresh() {
	is_root || die "a new root of Debian is made by root: run it with sudo"
	need debootstrap git
	[ -z "$(git status --porcelain)" ] ||
	    say "what is not committed is not in the clone"
	start_count
}

verb_fresh() {
	if [ "${1:-}" = --keep ]; then keep=yes; shift; fi
	local release
	[ $# -gt 0 ] || set -- bookworm trixie
	for release in "$@"; do
		[[ $release =~ ^[a-z]+$ ]] || die "\"$release\" is no release of Debian"
	done
	start_fresh
	for release in "$@"; do
		fresh "$release" run='./dev run' test='./dev test'
	done
	finish
}

# The two commands, and what README says of installing, before and after them.
verb_long() {
	local release
	start_fresh
	for release in bookworm trixie; do
		fresh "$release" run='./dev run' test='./dev test'
		fresh "$release" install='test/dev/readme_steps.sh' \
		    after='./dev run' again='git clone -q . ../again &&
		    cd ../again && ./dev run && test/dev/readme_steps.sh && ./dev run'
	done
	finish
}
