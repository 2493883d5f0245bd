/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/failure/failure_run.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "judge/failure.h"
#include "report/failure/failure_spool.h"
#include "report/failure/failure_fields.h"
#include "report/failure/failure_file.h"
#include "report/failure/failure_limit.h"
#include "report/failure/failure_recipient.h"
#include "report/failure/failure_send.h"
#include "report/failure/failure_redact.h"
#include "report/failure/failure_group.h"
#include "settings/settings.h"

#define TOTAL STR("total")
/* By which the clock of the host that wrote a file may differ. */
#define MAX_AHEAD 86400

/* A file of the spool. */
struct item {
	char key[DIGEST_TEXT]; /* of its kind */
	char name[FAILURE_GROUP_NAME + 1];
};

struct work {
	struct failure_run *run;
	struct arena *arena; /* of the run */
	struct failure_spool *box;
	struct limits limits;
	struct failure_groups turns;
	struct failure_recipient_cache *places;
	struct item *items;
	size_t count;
	char key[REDACT_KEY];
	enum failure_run_status status;
};

/* ---- what is there ------------------------------------------------------ */

/* Failures are alike when these are the same (RFC 9991 8.1). */
static void
make_key(const struct failure_file *f, char out[DIGEST_TEXT])
{
	struct digest *d = digest_new();
	size_t at = 0;
	const struct history_signature *s = failure_fields_signature(f, &at);
	const struct str parts[] = {
		str_of(table_name(failure_type_names, (int)f->type)),
		f->author->published.domain, f->author->header_from,
		f->line.source_ip, str_of(failure_fields_alignment(f)),
		s != NULL ? s->domain : STR(""),
		s != NULL ? s->selector : STR(""),
		f->type == FAILURE_SPF ? f->line.spf.domain : STR(""),
	};
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		digest_add(d, parts[i]);
		digest_add(d, STR("\n"));
	}
	digest_end(d, out);
}

static void
complain(const struct work *w, const char *name, struct str reason)
{
	struct arena *a = arena_new(0);
	w->run->complain(w->run->arg, text_format(a, "%s/%s: %.*s",
	    w->run->settings->failure_spool, name, STR_ARG(reason)));
	arena_free(a);
}

static void
set_aside(struct work *w, const char *name, struct str reason)
{
	w->run->counts.bad++;
	complain(w, name, reason);
	if (!w->run->is_dry)
		failure_spool_set_aside(w->box, name);
}

/* Reads a file; false when it has gone, or makes no sense. */
static bool
read_item(struct work *w, const char *name, struct arena *a,
    struct failure_file *out)
{
	struct str bytes, reason;
	if (failure_spool_read(w->box, name, a, &bytes, &reason) &&
	    failure_file_parse(bytes, a, out, &reason))
		return true;
	if (reason.n > 0)
		set_aside(w, name, reason);
	return false;
}

static void
remove_item(struct work *w, const char *name)
{
	if (!w->run->is_dry)
		failure_spool_remove(w->box, name);
}

/* One from the days to come would wait for ever. */
static void
take_item(struct work *w, const char *name, struct failure_file *f)
{
	struct arena *a = arena_new(0);
	if (!read_item(w, name, a, f)) {
		/* said, or gone */
	} else if (f->line.time > w->run->now + MAX_AHEAD) {
		set_aside(w, name, STR("its message is yet to come"));
	} else if (f->line.time + FAILURE_RUN_LIFETIME < w->run->now) {
		w->run->counts.expired++;
		remove_item(w, name);
	} else {
		struct item *item = &w->items[w->count++];
		make_key(f, item->key);
		memcpy(item->name, name, sizeof item->name);
	}
	arena_free(a);
}

/* Those of a kind together, the oldest first. */
static int
by_key(const void *a, const void *b)
{
	const struct item *x = a, *y = b;
	int order = memcmp(x->key, y->key, DIGEST_TEXT);
	return order != 0 ? order : strcmp(x->name, y->name);
}

static bool
take_stock(struct work *w)
{
	struct failure_spool_name *names;
	size_t count;
	struct failure_file *f = ARENA_NEW(w->arena, struct failure_file);
	if (!failure_spool_list(w->box, &names, &count, &w->run->reason))
		return false;
	w->items = ARENA_ARRAY(w->arena, struct item, count);
	for (size_t i = 0; i < count; i++)
		take_item(w, names[i].p, f);
	if (w->count > 0)
		qsort(w->items, w->count, sizeof *w->items, by_key);
	return true;
}

/* ---- what is kept between runs ------------------------------------------ */

static void
load(struct work *w)
{
	struct str text = failure_spool_state(w->box, w->arena);
	limits_init(&w->limits, w->run->now, w->arena);
	failure_groups_init(&w->turns, w->run->now, w->arena);
	while (text.n > 0) {
		struct str words = str_cut(&text, '\n');
		struct str what = str_cut(&words, ' ');
		if (str_eq(what, STR("limit")))
			limits_parse(&w->limits, words);
		else if (str_eq(what, STR("turn")))
			failure_groups_parse(&w->turns, words);
	}
}

/* A limit that cannot be kept is none: then nothing more is sent. */
static void
save(struct work *w)
{
	struct arena *a = arena_new(0);
	struct text t;
	text_init(&t, a);
	limits_print(&w->limits, &t);
	failure_groups_print(&w->turns, &t);
	if (!w->run->is_dry &&
	    !failure_spool_save(w->box, text_str(&t), &w->run->reason))
		w->status = FAILURE_RUN_FOLDER;
	arena_free(a);
}

/* ---- limits ------------------------------------------------------------- */

static struct str
limit_name(const char *what, struct str of, struct arena *a)
{
	return text_format(a, "%s %.*s", what, STR_ARG(of));
}

static bool
has_room(struct work *w, struct str domain, struct str address,
    struct arena *a)
{
	const struct settings *s = w->run->settings;
	return limits_have(&w->limits, TOTAL, s->failure_total) &&
	    limits_have(&w->limits, limit_name("domain", domain, a),
		s->failure_per_domain) &&
	    (address.n == 0 || limits_have(&w->limits,
		limit_name("address", address, a),
		s->failure_per_destination));
}

static void
take_room(struct work *w, struct str domain, struct str address,
    struct arena *a)
{
	const struct settings *s = w->run->settings;
	limits_take(&w->limits, TOTAL, s->failure_total);
	limits_take(&w->limits, limit_name("domain", domain, a),
	    s->failure_per_domain);
	limits_take(&w->limits, limit_name("address", address, a),
	    s->failure_per_destination);
}

/* ---- one kind ----------------------------------------------------------- */

/* Failures of a kind, to be told as one. */
struct group {
	const struct item *at;
	size_t count;
	struct failure_group *turn; /* NULL: there is none yet */
};

/* Of a report under way, those that it covers: what came later is another's. */
static void
narrow(struct group *g)
{
	size_t n = 0;
	if (g->turn == NULL || g->turn->tries == 0)
		return;
	while (n < g->count &&
	    memcmp(g->at[n].name, g->turn->last, FAILURE_GROUP_NAME) <= 0)
		n++;
	if (n > 0)
		g->count = n;
	else
		failure_group_end(g->turn, g->turn->told);
}

static void
finish(struct work *w, struct group *g)
{
	for (size_t i = 0; i < g->count; i++)
		remove_item(w, g->at[i].name);
	if (g->turn != NULL)
		failure_group_end(g->turn, w->run->now);
}

/* Its turn, to be written in; false when too many are under way. */
static bool
has_turn(struct work *w, struct group *g)
{
	if (g->turn == NULL)
		g->turn = failure_groups_make(&w->turns, g->at[0].key);
	return g->turn != NULL;
}

static void
put_off(struct work *w, struct group *g)
{
	if (!has_turn(w, g))
		return;
	if (g->turn->tries == 0)
		memcpy(g->turn->last, g->at[g->count - 1].name, FAILURE_GROUP_NAME);
	failure_group_put_off(g->turn, w->run->now);
}

/* Sends to one address, and notes what came of it. */
static void
send_one(struct work *w, struct group *g, struct failure_send *p,
    struct str address, struct arena *a)
{
	struct failure_counts *c = &w->run->counts;
	struct str domain = p->file->author->published.domain;
	switch (failure_send(p, address, a)) {
	case FAILURE_SEND_SENT:
		c->sent++;
		break;
	case FAILURE_SEND_REFUSED:
		c->refused++;
		break;
	case FAILURE_SEND_SERVICE:
		w->status = FAILURE_RUN_SERVICE;
		w->run->reason = str_copy(p->reason, w->arena);
		c->deferred++;
		return;
	case FAILURE_SEND_LOCAL:
		w->status = FAILURE_RUN_FOLDER;
		w->run->reason = str_copy(p->reason, w->arena);
		return;
	case FAILURE_SEND_DEFERRED:
		c->deferred++;
		return;
	}
	failure_group_add(g->turn, address);
	take_room(w, domain, address, a);
}

/* What became of those addresses that did not have it yet. */
struct outcome {
	bool is_left;    /* somebody still has not */
	bool is_limited; /* because of a limit alone, as far as is known */
};

/* RFC 9991 2: an attempt for each. */
static struct outcome
send_all(struct work *w, struct group *g, struct failure_send *p,
    const struct failure_recipient *to, struct arena *a)
{
	struct outcome o = {.is_left = to->is_unsure};
	struct str domain = p->file->author->published.domain;
	for (size_t i = 0; i < to->count; i++) {
		struct str address = to->addresses[i];
		if (g->turn != NULL && failure_group_has(g->turn, address))
			continue;
		if (!has_room(w, domain, address, a)) {
			o.is_limited = true;
			continue;
		}
		if (w->status == FAILURE_RUN_OK && has_turn(w, g))
			send_one(w, g, p, address, a);
		o.is_left |= g->turn == NULL || !failure_group_has(g->turn, address);
	}
	return o;
}

/* A limit alone is no reason to come back later than at the next run, but for
 * those who have the report already. */
static void
settle(struct work *w, struct group *g, struct outcome o)
{
	struct failure_counts *c = &w->run->counts;
	bool is_begun = g->turn != NULL && g->turn->done_count > 0;
	if (!o.is_left && !o.is_limited) {
		c->told += g->count;
		finish(w, g);
		return;
	}
	if (o.is_left)
		c->waiting += g->count;
	else
		c->limited += g->count;
	if (o.is_left || is_begun)
		put_off(w, g);
}

static void
tell(struct work *w, struct group *g, const struct failure_file *f,
    struct arena *a)
{
	struct failure_send p = {
		.run = w->run,
		.file = f,
		.incidents = g->count,
		.name = str_of(g->at[0].name),
		.key = w->key,
	};
	const struct history_published *policy = &f->author->published;
	const struct failure_recipient *to = failure_recipient_find(w->places, policy->domain,
	    (enum discover_method)policy->method);
	w->run->counts.unusable += to->unusable;
	if (to->count > 0 || to->is_unsure) {
		uint64_t before = w->run->counts.sent;
		settle(w, g, send_all(w, g, &p, to, a));
		if (w->run->counts.sent > before)
			save(w);
	} else {
		w->run->counts.dropped += g->count;
		finish(w, g);
	}
}

/* A kind whose turn it may be. */
static void
visit(struct work *w, struct group *g)
{
	struct arena *a = arena_new(0);
	struct failure_counts *c = &w->run->counts;
	struct failure_file *f = ARENA_NEW(a, struct failure_file);
	if (g->turn != NULL && !failure_group_is_due(g->turn, w->run->now)) {
		c->waiting += g->count;
	} else if (read_item(w, g->at[0].name, a, f)) {
		narrow(g);
		if (!has_room(w, f->author->published.domain, STR(""), a))
			c->limited += g->count;
		else
			tell(w, g, f, a);
	}
	arena_free(a);
}

/* ---- the run ------------------------------------------------------------ */

static bool
is_over(const struct failure_run *r)
{
	return r->is_over != NULL && *r->is_over != 0;
}

/* Kinds that were not tried yet, then those that failed; of each the one whose
 * first failure is the oldest, so that none waits behind those that come again
 * and again. */
static int
by_age(const void *a, const void *b)
{
	const struct group *x = a, *y = b;
	bool is_x_tried = x->turn != NULL && x->turn->tries > 0;
	bool is_y_tried = y->turn != NULL && y->turn->tries > 0;
	if (is_x_tried != is_y_tried)
		return is_x_tried ? 1 : -1;
	return strcmp(x->at[0].name, y->at[0].name);
}

static struct group *
make_groups(struct work *w, size_t *count)
{
	struct group *all = ARENA_ARRAY(w->arena, struct group, w->count);
	*count = 0;
	for (size_t i = 0; i < w->count; i++) {
		struct group *g = *count > 0 ? &all[*count - 1] : NULL;
		if (g != NULL && memcmp(g->at[0].key, w->items[i].key,
		    DIGEST_TEXT) == 0)
			g->count++;
		else
			all[(*count)++] = (struct group) {
			    .at = &w->items[i], .count = 1,
			    .turn = failure_groups_find(&w->turns, w->items[i].key)};
	}
	if (*count > 0)
		qsort(all, *count, sizeof *all, by_age);
	return all;
}

static void
visit_all(struct work *w)
{
	size_t count;
	struct group *groups = make_groups(w, &count);
	for (size_t i = 0; i < count; i++) {
		if (is_over(w->run) || w->status != FAILURE_RUN_OK)
			w->run->counts.waiting += groups[i].count;
		else
			visit(w, &groups[i]);
	}
}

enum failure_run_status
failure_run(struct failure_run *r, struct arena *a)
{
	struct work w = {.run = r, .arena = a, .status = FAILURE_RUN_OK};
	switch (failure_spool_open(r->settings->failure_spool, r->now, a,
	    &w.box, &r->reason)) {
	case FAILURE_SPOOL_MISSING:
		return FAILURE_RUN_OK;
	case FAILURE_SPOOL_BUSY:
		return FAILURE_RUN_BUSY;
	case FAILURE_SPOOL_FAILED:
		return FAILURE_RUN_FOLDER;
	case FAILURE_SPOOL_OPEN:
		break;
	}
	load(&w);
	w.places = failure_recipient_open(&(struct failure_recipient_world) {
	    .settings = r->settings,
	    .sender = r->sender,
	    .dns = r->dns,
	    .discover = r->discover,
	}, a);
	if (failure_spool_key(w.box, w.key, &r->reason) && take_stock(&w))
		visit_all(&w);
	else
		w.status = FAILURE_RUN_FOLDER;
	/* Though nothing was sent: a clock that was put back is noted. */
	if (w.status != FAILURE_RUN_FOLDER)
		save(&w);
	failure_recipient_close(w.places);
	failure_spool_close(w.box);
	return w.status;
}
