/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_MILTER_ENDPOINT_H
#define APLOMB_MILTER_ENDPOINT_H

/*
 * The address where the MTA reaches us: "inet:PORT@HOST", "inet6:PORT@HOST",
 * "unix:PATH" or "local:PATH". libmilter opens it; before and after that, here
 * is done what libmilter does not: to leave a living daemon's socket alone, to
 * say why an address cannot be had, and to set owner, group and mode.
 */

#include <stdbool.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "base/str.h"

struct arena;

struct endpoint {
	const char *text; /* as written */
	const char *path; /* of a unix socket, else NULL */
	struct sockaddr_storage address;
	socklen_t length;
};

/* Reads the text, and resolves HOST. False with a sentence in *reason. */
bool endpoint_parse(const char *text, struct arena *a, struct endpoint *out,
    struct str *reason);

/* Makes sure that the address can be listened on: nobody answers there, what a
 * dead daemon left is removed, and a trial succeeds. False with a sentence. */
bool endpoint_clear(const struct endpoint *e, struct arena *a,
    struct str *reason);

/* Gives an opened unix socket its owner, group (-1: unchanged) and mode; does
 * nothing for others. False with a sentence. */
bool endpoint_own(const struct endpoint *e, uid_t owner, gid_t group,
    mode_t mode, struct arena *a, struct str *reason);

/* Removes a unix socket that we own. */
void endpoint_remove(const struct endpoint *e);

/* A new connection to it that never blocks; -1 when there is none. */
int endpoint_connect(const struct endpoint *e);

#endif
