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
	mta=$(dpkg-query -W -f '${db:Status-Abbrev} ${Package} ${Provides}\n' |
	    awk '$1 == "ii" && / mail-transport-agent/ { print $2; exit }')
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

# Installs packages. What has to be changed for that alone is changed back on
# every way out: no service starts meanwhile, Postfix gets no configuration.
install_packages() (
	policy=/usr/sbin/policy-rc.d log=$(mktemp) made=no
	undo() {
		[ $made = no ] || as_root rm -f $policy
		printf '%s postfix/main_mailer_type %s\n' RESET '' FSET 'seen false' |
		    as_root env DEBIAN_FRONTEND=noninteractive \
		    debconf-communicate postfix >/dev/null 2>&1
	}
	trap undo EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM
	if [ ! -e $policy ]; then
		made=yes
		printf '#!/bin/sh\nexit 101\n' | as_root tee $policy >/dev/null
		as_root chmod 755 $policy
	fi
	if ! {
		as_root apt-get update &&
		    printf 'postfix postfix/main_mailer_type select No configuration\n' |
		    as_root debconf-set-selections &&
		    as_root env DEBIAN_FRONTEND=noninteractive \
		    apt-get install -y --no-install-recommends --no-remove "$@"
	} >"$log" 2>&1 </dev/null; then
		tail -5 "$log" >&2
		die "apt-get could not install: $* (its log: $log)"
	fi
	rm -f "$log"
	mkdir -p build
	printf '%s\n' "$@" >>build/installed
	local s
	for s in $services; do
		[[ " $* " != *" $s "* ]] || as_root update-rc.d "$s" disable
	done >/dev/null 2>&1
)

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
