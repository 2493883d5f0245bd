/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/session.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/text.h"
#include "milter/draw.h"
#include "milter/transactions.h"
#include "milter/pool_wake.h"
#include "milter/running.h"

struct session *
session_new(unsigned long steps)
{
	struct session *s = calloc(1, sizeof(*s));

	if (s == NULL)
		abort();
	s->steps = steps;
	return s;
}

void
session_free(struct session *s)
{
	if (s == NULL)
		return;
	session_end(s);
	free(s);
}

void
session_set(struct session_word *w, struct str value)
{
	w->n = str_sub(value, 0, sizeof(w->p)).n;
	if (w->n > 0)
		memcpy(w->p, value.p, w->n);
}

static struct str
view(const struct session_word *w)
{
	return (struct str) {w->p, w->n};
}

void
session_begin(struct session *s, struct str path, bool is_authenticated)
{
	session_end(s);
	if (!transactions_begin())
		return;
	s->live = running_hold();
	s->arena = arena_new(MESSAGE_ARENA_CAP);
	s->began = clock_mono_ms();
	s->message = message_new(
	    &(struct message_world) {
		.settings = s->live->settings,
		.dns = s->live->dns,
		.signatures = s->live->signatures,
		.before_wait = pool_wake,
	    },
	    &(struct message_client) {
		.ip = s->client,
		.port = s->client_port,
		.name = view(&s->client_name),
		.helo = view(&s->helo),
		.authserv_id = view(&s->mta),
	    },
	    clock_wall(), draw(), s->arena);
	message_mail(s->message, path, is_authenticated);
}

/* The value as it came from the wire: RFC 5322 2.2.3 folds with CRLF. */
static struct str
restore(struct str value, bool is_exact, struct arena *a)
{
	struct text t;

	text_init(&t, a);
	if (!is_exact)
		text_add_char(&t, ' ');
	while (value.n > 0) {
		size_t n = str_find(value, '\n');
		text_add(&t, str_sub(value, 0, n));
		if (n == value.n)
			break;
		bool has_cr = n > 0 && value.p[n - 1] == '\r';
		text_add(&t, has_cr ? STR("\n") : STR("\r\n"));
		value = str_sub(value, n + 1, value.n);
	}
	return text_str(&t);
}

void
session_header(struct session *s, struct str name, struct str value,
    bool is_exact)
{
	if (is_exact && str_find(value, '\n') == value.n) {
		message_header(s->message, name, value);
		return;
	}
	/* Not in the message's arena: the list keeps its own copy, bounded. */
	struct arena *a = arena_new(value.n);
	message_header(s->message, name, restore(value, is_exact, a));
	arena_free(a);
}

void
session_end(struct session *s)
{
	if (s->message == NULL)
		return;
	arena_free(s->arena);
	running_drop(s->live);
	s->message = NULL;
	s->arena = NULL;
	s->live = NULL;
	transactions_end();
}
