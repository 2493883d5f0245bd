/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_MILTER_SESSION_H
#define APLOMB_MILTER_SESSION_H

/*
 * One connection of the MTA: who its client is, and the message under way.
 *
 * Threads: one at a time, but not always the same one (libmilter's pool), so
 * nothing of it is thread-local.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "judge/message.h"
#include "net/ip.h"

struct running;
struct sockaddr;

/* A word that may be said again and again: kept in place, bounded. */
struct session_word {
	size_t n;
	char p[MESSAGE_MAX_WORD];
};

struct session {
	unsigned long steps;     /* SMFIP_ bits agreed with the MTA */
	struct ip client;        /* IP_NONE: local */
	unsigned client_port;    /* 0: not known */
	struct session_word client_name, helo, mta; /* mta: macro j */

	/* The message under way; all NULL between messages. */
	struct running *live;       /* held */
	struct arena *arena;
	struct message *message;
	int64_t began;           /* milliseconds of the monotonic clock */
};

struct session *session_new(unsigned long steps);
void session_free(struct session *s); /* NULL is fine */

void session_set(struct session_word *w, struct str value);

/* MAIL: begins a message, and forgets one that was under way. While the daemon
 * stops, none begins: s->message stays NULL. */
void session_begin(struct session *s, struct str path, bool is_authenticated);

/* A field as libmilter gives it: folded by bare LF, and without the blank
 * behind the colon unless `is_exact`. */
void session_header(struct session *s, struct str name, struct str value,
    bool is_exact);

/* The message is answered or given up; nothing of it is left. */
void session_end(struct session *s);

#endif
