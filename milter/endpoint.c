/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/endpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/text.h"
#include "net/listen.h"

static bool
fail(struct str *reason, struct str sentence)
{
	*reason = sentence;
	return false;
}

/* The path fits: listen_problem() has looked. */
static void
parse_unix(struct str path, struct arena *a, struct endpoint *out)
{
	struct sockaddr_un *sa = (struct sockaddr_un *)&out->address;

	sa->sun_family = AF_UNIX;
	memcpy(sa->sun_path, path.p, path.n);
	out->length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
	    path.n + 1);
	out->path = str_cstr(path, a);
}

/* "PORT" or "PORT@HOST"; without a host, all addresses. */
static bool
parse_inet(int family, struct str rest, struct arena *a, struct endpoint *out,
    struct str *reason)
{
	struct addrinfo hints = {.ai_family = family, .ai_flags = AI_PASSIVE,
		.ai_socktype = SOCK_STREAM}, *found;
	struct str port = str_cut(&rest, '@'), host = rest;

	/* libmilter takes a literal IPv6 address with or without brackets. */
	if (host.n > 2 && host.p[0] == '[' && host.p[host.n - 1] == ']')
		host = str_sub(host, 1, host.n - 2);
	int rc = getaddrinfo(host.n > 0 ? str_cstr(host, a) : NULL,
	    str_cstr(port, a), &hints, &found);
	if (rc != 0)
		return fail(reason, text_format(a, "socket %s: %s; give a "
		    "port and an address of this host", out->text,
		    gai_strerror(rc)));
	memcpy(&out->address, found->ai_addr, found->ai_addrlen);
	out->length = found->ai_addrlen;
	freeaddrinfo(found);
	return true;
}

bool
endpoint_parse(const char *text, struct arena *a, struct endpoint *out,
    struct str *reason)
{
	struct str rest = str_of(text);
	const char *problem = listen_problem(rest);
	struct str kind = str_cut(&rest, ':');

	*out = (struct endpoint) {.text = text};
	if (problem != NULL)
		return fail(reason, text_format(a, "socket %s: %s", text,
		    problem));
	if (str_eq(kind, STR("inet")))
		return parse_inet(AF_INET, rest, a, out, reason);
	if (str_eq(kind, STR("inet6")))
		return parse_inet(AF_INET6, rest, a, out, reason);
	parse_unix(rest, a, out);
	return true;
}

static const struct sockaddr *
address(const struct endpoint *e)
{
	return (const struct sockaddr *)&e->address;
}

/* Linux connects the wildcard address to loopback, so it needs no case. */
int
endpoint_connect(const struct endpoint *e)
{
	int fd = socket(e->address.ss_family,
	    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -1;
	if (connect(fd, address(e), e->length) == 0 || errno == EINPROGRESS)
		return fd;
	close(fd);
	return -1;
}

/* Whether somebody listens, or may: a full backlog has an owner too, and so
 * has a socket that we may not connect to. A TCP port that is silent for other
 * reasons shows in the trial. */
static bool
is_alive(const struct endpoint *e)
{
	int fd = socket(e->address.ss_family,
	    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool is_taken = fd >= 0 && (connect(fd, address(e), e->length) == 0 ||
	    errno == EAGAIN || (errno == EACCES && access(e->path, F_OK) == 0));

	if (fd >= 0)
		close(fd);
	return is_taken;
}

static bool
remove_stale(const struct endpoint *e, struct arena *a, struct str *reason)
{
	struct stat st;

	if (lstat(e->path, &st) != 0)
		return true; /* the trial says what is wrong, if anything is */
	if (!S_ISSOCK(st.st_mode))
		return fail(reason, text_format(a, "socket %s: a file that is "
		    "no socket is in the way; remove it or choose another path",
		    e->text));
	if (unlink(e->path) != 0)
		return fail(reason, text_format(a, "socket %s: what a dead "
		    "daemon left cannot be removed: %s; remove it, or let the "
		    "user of the daemon write to the directory", e->text,
		    strerror(errno)));
	return true;
}

/* Binds and lets go again: libmilter would tell its reasons to syslog alone.
 * Does not listen: who connects early must be refused, not taken and dropped. */
static bool
try_bind(const struct endpoint *e, struct arena *a, struct str *reason)
{
	int fd = socket(e->address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int on = 1;
	bool done = false;

	if (fd >= 0) {
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
		done = bind(fd, address(e), e->length) == 0;
	}
	if (!done)
		*reason = text_format(a, "socket %s: cannot listen there: %s",
		    e->text, strerror(errno));
	else if (e->path != NULL)
		unlink(e->path);
	if (fd >= 0)
		close(fd);
	return done;
}

bool
endpoint_clear(const struct endpoint *e, struct arena *a, struct str *reason)
{
	if (is_alive(e))
		return fail(reason, text_format(a, "socket %s: another "
		    "program listens there; stop it or choose another "
		    "address", e->text));
	if (e->path != NULL && !remove_stale(e, a, reason))
		return false;
	return try_bind(e, a, reason);
}

bool
endpoint_own(const struct endpoint *e, uid_t owner, gid_t group, mode_t mode,
    struct arena *a, struct str *reason)
{
	if (e->path == NULL)
		return true;
	/* No link is followed: the directory may be the user's that we are to
	 * become, who must not get root to do this to another file. The mode
	 * last: chown clears bits, and until then nobody may in. */
	if (fchownat(AT_FDCWD, e->path, owner, group, AT_SYMLINK_NOFOLLOW) != 0)
		return fail(reason, text_format(a, "socket %s: its group "
		    "cannot be set: %s; start as root, or make the user of the "
		    "daemon a member of socket-group", e->text,
		    strerror(errno)));
	if (fchmodat(AT_FDCWD, e->path, mode, AT_SYMLINK_NOFOLLOW) != 0)
		return fail(reason, text_format(a, "socket %s: its mode cannot "
		    "be set: %s", e->text, strerror(errno)));
	return true;
}

void
endpoint_remove(const struct endpoint *e)
{
	struct stat st;

	if (e->path != NULL && lstat(e->path, &st) == 0 &&
	    S_ISSOCK(st.st_mode))
		unlink(e->path);
}
