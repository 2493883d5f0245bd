# SPDX-License-Identifier: BSD-2-Clause
# For ./dev: root's rights, and Debian's packages.

# ---- root -------------------------------------------------------------------

is_root() { [ "$(id -u)" -eq 0 ]; }
as_root() { if is_root; then "$@"; else sudo "$@"; fi; }

# Asks for root's rights before anything is done: now, not in the middle.
want_root() { # want_root WHY
	is_root && return
	command -v sudo >/dev/null ||
	    die "$1. Run it as root: you are $(id -un), and sudo is not installed"
	sudo -n true 2>/dev/null || { [ -t 0 ] && sudo -v; } ||
	    die "$1. Run it as root: sudo does not let $(id -un) do that here"
}

# ---- packages ---------------------------------------------------------------

packages_build='autoconf automake pkg-config make gcc libc6-dev
	libmilter-dev libspf2-dev libopendkim-dev libc-ares-dev libpsl-dev
	publicsuffix libssl-dev libidn2-dev libjansson-dev
	libxml2-dev zlib1g-dev libsqlite3-dev libpq-dev libcurl4-openssl-dev
	uthash-dev libcmocka-dev'
packages_lab='postfix knot python3 python3-dkim python3-nacl
	python3-cryptography iproute2 m4 procps'
packages_test="clang libclang-rt-dev llvm mandoc git xz-utils binutils
	libmail-dmarc-perl postgresql libxml2-utils swaks $packages_lab"
# What these start at each boot, which only tests need: it is switched off
# where this script has installed it.
services='postfix knot postgresql'

is_installed() {
	[ "$(dpkg-query -W -f '${db:Status-Abbrev}' "$1" 2>/dev/null)" = 'ii ' ]
}

# Says, before anything is installed, what stands in the way of it.
check_installable() {
	command -v apt-get >/dev/null ||
	    die "this is not Debian; install by hand what matches: $*"
	local mta
	# awk reads to the end: dpkg-query would fail on a closed pipe.
	mta=$(dpkg-query -W -f '${db:Status-Abbrev} ${Package} ${Provides}\n' |
	    awk '$1 == "ii" && / mail-transport-agent/ { mta = $2 } END { print mta }')
	case " $* " in
	*' postfix '*)
		[ -z "$mta" ] || die "this needs Debian's package postfix, and" \
		    "to install that would remove $mta from this machine." \
		    "Nothing was installed or removed. Use a machine without" \
		    "another MTA, or a container"
		;;
	esac
	want_root "these packages are missing: $*"
}

policy=/usr/sbin/policy-rc.d
policy_mark='# Made by dev of Aplomb while it installs packages.'

# No service starts while packages are installed. One of ours that a killed run
# left behind is used and removed.
hold_services() {
	[ ! -e $policy ] || grep -qF "$policy_mark" $policy || return 0
	printf '#!/bin/sh\n%s\nexit 101\n' "$policy_mark" |
	    as_root tee $policy >/dev/null
	as_root chmod 755 $policy
}
release_services() {
	! grep -qF "$policy_mark" $policy 2>/dev/null || as_root rm -f $policy
}

# Postfix gets no configuration, unless somebody has told debconf of one. The
# answer goes with the package when that is purged.
answer_for_postfix() {
	[[ " $* " = *' postfix '* ]] || return 0
	! dpkg-query -W postfix >/dev/null 2>&1 || return 0
	has_answered=yes
	printf 'postfix postfix/main_mailer_type select No configuration\n' |
	    as_root debconf-set-selections
}
forget_answer_for_postfix() { # where the package did not come after all
	[ $has_answered = yes ] || return 0
	! dpkg-query -W postfix >/dev/null 2>&1 || return 0
	echo PURGE | as_root env DEBIAN_FRONTEND=noninteractive \
	    debconf-communicate postfix >/dev/null 2>&1 || true
}

# Installs packages, and lists them in build/installed.
install_packages() {
	local log s status=0
	log=$(mktemp)
	mkdir -p build
	printf '%s\n' "$@" >>build/installed
	is_installing=yes has_answered=no
	hold_services
	answer_for_postfix "$@"
	as_root apt-get update >"$log" 2>&1 </dev/null || status=$?
	[ $status -ne 0 ] ||
	    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y \
	    --no-install-recommends --no-remove "$@" >>"$log" 2>&1 </dev/null ||
	    status=$?
	end_installing
	if [ $status -ne 0 ]; then
		tail -5 "$log" >&2
		die "apt-get could not install: $* (its log: $log)"
	fi
	rm -f "$log"
	for s in $services; do
		[[ " $* " = *" $s "* ]] || continue
		as_root update-rc.d "$s" disable >/dev/null 2>&1 ||
		    say "the service $s could not be switched off: it starts at the next boot"
	done
}

# Also on every way out of the script (test/dev/count.sh).
is_installing=no
end_installing() {
	[ $is_installing = yes ] || return 0
	is_installing=no
	release_services
	forget_answer_for_postfix
}

# Installs what is missing of the packages named. Nothing that is installed is
# removed.
need() {
	local missing=() p
	for p in "$@"; do is_installed "$p" || missing+=("$p"); done
	[ ${#missing[@]} -eq 0 ] && return
	check_installable "${missing[@]}"
	say "installing: ${missing[*]}"
	install_packages "${missing[@]}"
}

# Sendmail is unpacked beside, since its package would remove Postfix's.
sendmail_root=$top/build/sendmail
need_sendmail() {
	[ ! -x "$sendmail_root/usr/libexec/sendmail/sendmail" ] || return 0
	apt-cache show sendmail-bin >/dev/null 2>&1 || as_root apt-get update >/dev/null
	# Its libraries are ordinary packages; without libsasl2-modules it does
	# not offer AUTH.
	need libsasl2-modules $(apt-cache depends sendmail-bin |
	    sed -n 's/^ *Depends: \(lib[^ ]*\)$/\1/p')
	say "unpacking sendmail into build/sendmail"
	mkdir -p "$sendmail_root"
	(cd "$sendmail_root" && apt-get download sendmail-bin sendmail-cf \
	    >download.log 2>&1 && for d in ./*.deb; do dpkg -x "$d" .; done) ||
	    die "sendmail's packages could not be downloaded ($sendmail_root/download.log)"
}

need_build() { need $packages_build; }
need_test() { need $packages_build $packages_test; }
need_lab() {
	want_root "Postfix starts only as root"
	need "$@"
}
