#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What `make install` has put in place (make installcheck): it is all there, the
# programs run, and no program, page, sample or script names a path of Aplomb
# that configure did not choose.
# usage: installed.sh BINDIR SBINDIR PKGLIBEXECDIR DOCDIR MANDIR CONFDIR
#        STATEDIR RUNDIR SENDMAIL
set -u
bindir=$1 sbindir=$2 libexec=$3 docdir=$4 mandir=$5
confdir=$6 statedir=$7 rundir=$8 sendmail=$9
bad=0
fail() { echo "installed: $*" >&2; bad=1; }

examples=$docdir/examples
files="$bindir/aplomb $sbindir/aplombd $libexec/aplomb-reports
$mandir/man1/aplomb.1 $mandir/man5/aplomb.conf.5 $mandir/man8/aplombd.8
$examples/aplomb.conf $examples/aplombd.service
$examples/aplomb-reports.service $examples/aplomb-reports.timer
$examples/aplomb.cron $examples/aplomb.sysusers $examples/aplomb.tmpfiles"

# Where the administrator puts a copy: these are not for configure to choose.
is_places_of_others() {
	case $1 in
	/etc/cron.d/aplomb | /etc/sysusers.d/aplomb.conf) ;;
	/etc/tmpfiles.d/aplomb.conf | /etc/systemd/system/*) ;;
	*) return 1 ;;
	esac
}

for f in $files; do
	[ -s "$f" ] || { fail "$f is missing"; continue; }
	! grep -aqE '@(bin|sbin|pkglibexec|doc|conf|state|run)dir@|@sendmail@' "$f" ||
	    fail "$f holds a path that was not filled in"
	# Debugging information tells of the folder of the build.
	for path in $(grep -aoE "/[A-Za-z0-9_./=+-]*aplomb[A-Za-z0-9_./-]*" "$f" |
	    grep -vE '\.[ch]$|/(common|milter|report|cli|build)(/|$)' |
	    sed 's/[.]$//' | sort -u); do
		case $path in
		//*) ;; # of a URI
		"$PWD") ;; # the folder of the build, in debugging information
		"$bindir"/* | "$sbindir"/* | "$libexec"/* | "$docdir"/*) ;;
		"$confdir" | "$confdir"/* | "$statedir" | "$statedir"/*) ;;
		"$rundir" | "$rundir"/*) ;;
		*) is_places_of_others "$path" || fail "$f names $path" ;;
		esac
	done
done

[ "$(stat -c %a "$statedir")" = 750 ] ||
    fail "$statedir is not there with mode 0750, so that only its user reads it"
[ -d "$confdir" ] || fail "$confdir is not there"

"$sbindir/aplombd" -V >/dev/null || fail "aplombd does not start"
shown=$("$bindir/aplomb" -c /dev/null config show) || fail "aplomb does not start"
for want in "history = \"$statedir/history\"" \
    "store = \"sqlite:$statedir/store.db\"" \
    "failure-spool = \"$statedir/failures\"" \
    "report-sendmail = \"$sendmail\""; do
	printf '%s\n' "$shown" | grep -qxF "$want" ||
	    fail "aplomb config show does not say: $want"
done
"$bindir/aplomb" -c "$examples/aplomb.conf" config check >/dev/null ||
    fail "the sample configuration has mistakes"
exit $bad
