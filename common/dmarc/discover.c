/* SPDX-License-Identifier: BSD-2-Clause */
#include "dmarc/discover.h"

#include "base/arena.h"
#include "base/text.h"
#include "mail/domain.h"
#include "net/dns.h"
#include "net/suffix.h"

const struct table_row discover_method_names[] = {
	{DISCOVER_TREEWALK, "treewalk"},
	{DISCOVER_PSL, "psl"},
	{0, NULL},
};

/* The names whose records may matter, from the longest to the shortest. */
struct names {
	struct str at[DISCOVER_MAX_QUERIES];
	size_t count;
};

/* What is published at one name; made once per cached answer. */
struct published {
	size_t count; /* DMARC records: other TXT records do not count */
	struct record record; /* where it is one */
};

/* One search for one name, by one method. */
struct search {
	enum discover_method method;
	bool has_guard;
	bool may_wait;
	const struct suffix_list *suffixes;
	struct names names;
	struct lookup *questions[DISCOVER_MAX_QUERIES]; /* NULL: not asked */
	struct arena *arena;
};

/* What a look at one name saw. */
struct level {
	struct str name;
	enum dns_status status;
	size_t count;                /* DMARC records */
	const struct record *record; /* where it is one, else NULL */
};

/* RFC 9989 4.10: eight labels and more continue with seven. */
static void
walk_names(struct str d, struct names *out)
{
	unsigned labels = domain_labels(d);

	out->at[0] = d;
	out->count = 1;
	while (labels > 1) {
		labels = labels > 7 ? 7 : labels - 1;
		out->at[out->count++] = domain_tail(d, labels);
	}
}

/* RFC 7489 6.6.3: the name, then its organizational domain. */
static void
psl_names(const struct suffix_list *suffixes, struct str d, struct names *out)
{
	struct str org = suffix_registrable(suffixes, d);

	out->at[0] = d;
	out->count = 1;
	if (org.n > 0 && org.n < d.n)
		out->at[out->count++] = org;
}

static bool
has_name(const struct names *names, struct str name)
{
	for (size_t i = 0; i < names->count; i++)
		if (str_eq(names->at[i], name))
			return true;
	return false;
}

static void
list_names(struct search *s, const struct discover_options *o, struct str d)
{
	s->has_guard = o->has_psl_guard;
	s->suffixes = o->suffixes;
	if (s->method == DISCOVER_TREEWALK)
		walk_names(d, &s->names);
	else
		psl_names(s->suffixes, d, &s->names);
}

/* Asks for the records at all names of the search; with `only`, at those of
 * them alone. */
static void
ask_names(struct search *s, struct lookups *l, const struct names *only)
{
	for (size_t i = 0; i < s->names.count; i++) {
		struct str name = s->names.at[i];
		if (only != NULL && !has_name(only, name))
			continue;
		struct str question = text_format(s->arena, "_dmarc.%.*s",
		    STR_ARG(name));
		s->questions[i] = dns_ask(l, DNS_FOR_POLICY, DNS_TXT, question);
	}
}

static void
search_begin(struct search *s, struct lookups *l,
    const struct discover_options *o, struct str d, struct arena *a)
{
	*s = (struct search) {.method = o->method, .may_wait = true,
	    .arena = a};
	list_names(s, o, d);
	ask_names(s, l, NULL);
}

/* RFC 9989 4.7, RFC 7489 6.6.3 step 2: what fails the version test is not
 * counted; of several records none is read. */
static struct published *
publish(const struct dns_answer *answer, bool is_rfc7489, struct arena *a)
{
	struct published *p = ARENA_NEW(a, struct published);
	struct str text = STR("");

	for (size_t i = 0; i < answer->count; i++)
		if (record_is_candidate(answer->rr[i].txt)) {
			text = answer->rr[i].txt;
			p->count++;
		}
	if (p->count == 1 && is_rfc7489)
		record_parse_rfc7489(text, a, &p->record);
	else if (p->count == 1)
		record_parse(text, a, &p->record);
	return p;
}

static void *
make_published(const struct dns_answer *answer, struct arena *a)
{
	return publish(answer, false, a);
}

static void *
make_published_rfc7489(const struct dns_answer *answer, struct arena *a)
{
	return publish(answer, true, a);
}

/* Looks at a name. A search that may not wait counts what it cannot know as a
 * question that failed. */
static struct level
look(const struct search *s, size_t i)
{
	struct level level = {.name = s->names.at[i], .status = DNS_LIMIT};
	struct lookup *q = s->questions[i];

	if (q == NULL)
		return level;
	const struct dns_answer *answer =
	    s->may_wait ? dns_wait(q) : dns_peek(q);
	if (answer == NULL)
		return level;
	level.status = answer->status;
	if (answer->status != DNS_OK)
		return level;
	const struct published *p = dns_derived(q,
	    s->method == DISCOVER_PSL ? make_published_rfc7489
				      : make_published);
	level.count = p->count;
	level.record = p->count == 1 ? &p->record : NULL;
	return level;
}

/* A tree walk, as far as it went. */
struct walk {
	struct level levels[DISCOVER_MAX_QUERIES];
	size_t count;        /* levels looked at, at least 1 */
	bool has_failed;     /* at the last of them */
	enum record_psd end; /* y or n: the last of them ended the walk */
	bool is_guarded;
};

/* RFC 9989 11.8: a suffix that publishes without psd=y would become the
 * organizational domain of all its customers, who would align with each
 * other. */
static bool
is_guarded(const struct search *s, size_t i, const struct record *r)
{
	return s->has_guard && i > 0 && r->psd != RECORD_PSD_Y &&
	    suffix_is_listed(s->suffixes, s->names.at[i]);
}

/* RFC 9989 4.10: up to the first psd=n or psd=y; what lies beyond, errors
 * included, does not count. A failure ends it too: the level could have held
 * such a record, so nothing above it is known to be part of the walk. */
static void
walk_up(const struct search *s, struct walk *w)
{
	*w = (struct walk) {.end = RECORD_PSD_U};
	while (w->count < s->names.count && w->end == RECORD_PSD_U) {
		size_t i = w->count++;
		w->levels[i] = look(s, i);
		w->has_failed = dns_is_error(w->levels[i].status);
		if (w->has_failed)
			return;
		const struct record *r = w->levels[i].record;
		if (r == NULL)
			continue;
		w->is_guarded = is_guarded(s, i, r);
		w->end = w->is_guarded ? RECORD_PSD_Y : r->psd;
	}
}

/* RFC 9989 4.10.2, of a walk that did not fail. */
static struct str
walk_org(const struct walk *w)
{
	struct str start = w->levels[0].name;
	struct str last = w->levels[w->count - 1].name;

	if (w->end == RECORD_PSD_N)
		return last;
	/* One label more than the suffix: a name that may never have been
	 * asked, since a walk jumps to seven labels. */
	if (w->end == RECORD_PSD_Y && w->count > 1)
		return domain_tail(start, domain_labels(last) + 1);
	for (size_t i = w->count; i > 0; i--)
		if (w->levels[i - 1].record != NULL)
			return w->levels[i - 1].name;
	return start;
}

static void
set_failed(const struct search *s, const struct level *level,
    struct discovery *out)
{
	out->status = DISCOVER_TEMPERROR;
	out->reason = text_format(s->arena, "the question for _dmarc.%.*s "
	    "failed: %s", STR_ARG(level->name),
	    dns_status_text(level->status));
}

/* RFC 9989 4.10.1, RFC 7489 6.6.3 step 6: the record that was chosen ends the
 * search even where it cannot be used. */
static void
set_record(const struct search *s, const struct level *level,
    enum discover_source source, struct discovery *out)
{
	const struct record *r = level->record;

	if (r->status != RECORD_OK) {
		out->status = DISCOVER_ABSENT;
		out->reason = text_format(s->arena, r->text.n > RECORD_MAX_BYTES
		    ? "the record at %.*s is too long"
		    : "the record at %.*s has no valid policy and no rua",
		    STR_ARG(level->name));
		return;
	}
	out->status = DISCOVER_FOUND;
	out->source = source;
	out->policy_domain = level->name;
	out->record = r;
}

static void
set_absent(const struct search *s, const struct level *levels, size_t count,
    struct discovery *out)
{
	out->status = DISCOVER_ABSENT;
	for (size_t i = 0; i < count; i++)
		if (levels[i].count > 1) {
			out->reason = text_format(s->arena, "%zu records at "
			    "%.*s, where one may stand", levels[i].count,
			    STR_ARG(levels[i].name));
			return;
		}
	out->reason = text_format(s->arena, "no record at %.*s%s",
	    STR_ARG(levels[0].name), s->names.count > 1 ? " or above" : "");
}

/* The level whose record is at the organizational domain, or NULL. */
static const struct level *
org_level(const struct walk *w, struct str org)
{
	for (size_t i = 0; i < w->count; i++)
		if (w->levels[i].record != NULL &&
		    str_eq(w->levels[i].name, org))
			return &w->levels[i];
	return NULL;
}

/* RFC 9989 4.10.1: the author domain's own record, which needs no other level;
 * else that of its organizational domain, else that of its PSD. */
static void
find_by_walk(const struct search *s, struct discovery *out)
{
	struct walk w;

	walk_up(s, &w);
	const struct level *last = &w.levels[w.count - 1];
	out->is_guarded = w.is_guarded;
	if (!w.has_failed)
		out->org_domain = walk_org(&w);
	const struct level *org = org_level(&w, out->org_domain);
	if (w.levels[0].record != NULL)
		set_record(s, &w.levels[0], DISCOVER_OWN, out);
	else if (w.has_failed)
		set_failed(s, last, out);
	else if (org != NULL)
		set_record(s, org, DISCOVER_ORG, out);
	else if (w.end == RECORD_PSD_Y)
		set_record(s, last, DISCOVER_PSD, out);
	else
		set_absent(s, w.levels, w.count, out);
}

/* RFC 7489 6.6.3: the organizational domain is asked only where the author
 * domain has no record at all; several there end the search. */
static void
find_by_suffix(const struct search *s, struct discovery *out)
{
	struct level levels[2];
	size_t i = 0;

	out->org_domain = s->names.at[s->names.count - 1];
	out->is_suffix = str_is_empty(
	    suffix_registrable(s->suffixes, s->names.at[0]));
	levels[0] = look(s, 0);
	if (levels[0].count == 0 && !dns_is_error(levels[0].status) &&
	    s->names.count > 1)
		levels[++i] = look(s, 1);
	if (dns_is_error(levels[i].status))
		set_failed(s, &levels[i], out);
	else if (levels[i].record != NULL)
		set_record(s, &levels[i], i == 0 ? DISCOVER_OWN : DISCOVER_ORG,
		    out);
	else
		set_absent(s, levels, i + 1, out);
}

static void
find(const struct search *s, struct discovery *out)
{
	*out = (struct discovery) {.status = DISCOVER_ABSENT};
	if (s->method == DISCOVER_TREEWALK)
		find_by_walk(s, out);
	else
		find_by_suffix(s, out);
}

void
discover_prefetch(struct lookups *l, const struct discover_options *o,
    struct str d, struct arena *a)
{
	struct search s;
	search_begin(&s, l, o, d, a);
}

void
discover_policy(struct lookups *l, const struct discover_options *o,
    struct str d, struct arena *a, struct discovery *out)
{
	struct search s;
	search_begin(&s, l, o, str_copy(d, a), a);
	find(&s, out);
}

bool
discover_org(struct lookups *l, const struct discover_options *o,
    struct str d, struct arena *a, struct str *org)
{
	struct search s;
	struct walk w;

	if (o->method == DISCOVER_PSL) {
		*org = suffix_registrable(o->suffixes, d);
		return true;
	}
	search_begin(&s, l, o, d, a);
	walk_up(&s, &w);
	if (!w.has_failed)
		*org = walk_org(&w);
	return !w.has_failed;
}

bool
discover_differs(struct lookups *l, const struct discover_options *o,
    struct str d, const struct discovery *found, struct arena *a)
{
	struct search mine = {.method = o->method};
	struct search other = {.method = o->method == DISCOVER_PSL
		? DISCOVER_TREEWALK : DISCOVER_PSL, .arena = a};
	struct discovery theirs;

	list_names(&mine, o, d);
	list_names(&other, o, d);
	ask_names(&other, l, &mine.names);
	find(&other, &theirs);
	if (found->status == DISCOVER_TEMPERROR ||
	    theirs.status == DISCOVER_TEMPERROR)
		return false;
	return !str_eq(found->policy_domain, theirs.policy_domain) ||
	    (found->org_domain.n > 0 && theirs.org_domain.n > 0 &&
		!str_eq(found->org_domain, theirs.org_domain));
}
