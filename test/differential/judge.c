/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Judges worlds: reads blocks of lines (test/differential/README.md) on stdin
 * and prints, for each world and each discovery method, what the product's
 * verdict is. SPF and DKIM are doubles that hand out the results the world
 * gives, so discovery, alignment and policy alone are at work.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/str.h"
#include "base/text.h"
#include "judge/message.h"
#include "judge/verdict.h"
#include "mail/domain.h"
#include "net/dns_zone.h"
#include "net/suffix.h"
#include "settings/settings.h"

#define ARENA_CAP (8u << 20)
#define MAX_FROMS 8u

const struct table_row spf_result_names[] = {
	{SPF_NONE, "none"}, {SPF_NEUTRAL, "neutral"}, {SPF_PASS, "pass"},
	{SPF_FAIL, "fail"}, {SPF_SOFTFAIL, "softfail"},
	{SPF_TEMPERROR, "temperror"}, {SPF_PERMERROR, "permerror"}, {0, NULL},
};
const struct table_row signature_result_names[] = {
	{SIGNATURE_NONE, "none"}, {SIGNATURE_PASS, "pass"},
	{SIGNATURE_FAIL, "fail"}, {SIGNATURE_POLICY, "policy"},
	{SIGNATURE_NEUTRAL, "neutral"}, {SIGNATURE_TEMPERROR, "temperror"},
	{SIGNATURE_PERMERROR, "permerror"}, {0, NULL},
};

struct signatures {
	struct signature at[SIGNATURES_MAX];
	size_t count;
};

struct world {
	struct arena *arena;
	struct str number, path, helo;
	struct text zone, rules;
	struct str froms[MAX_FROMS];
	size_t from_count;
	enum spf_result spf_mail, spf_helo;
	struct signatures dkim;
	unsigned draw;
	bool has_guard, is_pct_honoured;
};

/* The world under judgement, for the doubles below. */
static struct world *current;

static void
die(const char *what, struct str line)
{
	fprintf(stderr, "judge: %s: %.*s\n", what, STR_ARG(line));
	exit(2);
}

/* ---- doubles ---------------------------------------------------------- */

void
spf_prefetch(const struct spf_input *in, struct lookups *l, struct arena *a)
{
	(void)in, (void)l, (void)a;
}

/* RFC 7208 2.4: the identity follows from the reverse-path. */
void
spf_evaluate(const struct spf_input *in, struct lookups *l, struct arena *a,
    struct spf_check *out)
{
	*out = (struct spf_check) {.is_helo = str_is_empty(in->domain)};
	if (domain_parse(out->is_helo ? in->helo : in->domain, a,
	    &out->domain) == DOMAIN_OK)
		out->result =
		    out->is_helo ? current->spf_helo : current->spf_mail;
	(void)l;
}

void
signature_prefetch(struct str value, struct lookups *l, struct arena *a)
{
	(void)value, (void)l, (void)a;
}

struct signatures *
signatures_start(struct signature_library *lib,
    const struct header_list *headers, const struct author *author,
    struct lookups *l, int64_t now, struct arena *a)
{
	(void)lib, (void)headers, (void)author, (void)l, (void)now, (void)a;
	return &current->dkim;
}

bool
signatures_need_body(const struct signatures *s)
{
	(void)s;
	return false;
}

void
signatures_body(struct signatures *s, const void *bytes, size_t n)
{
	(void)s, (void)bytes, (void)n;
}

void
signatures_end(struct signatures *s)
{
	(void)s;
}

void
signatures_verify(struct signatures *s, enum signature_length length)
{
	(void)length;
	(void)s;
}

size_t
signatures_count(const struct signatures *s)
{
	return s->count;
}

const struct signature *
signatures_at(const struct signatures *s, size_t i)
{
	return &s->at[i];
}

size_t
signatures_left_out(const struct signatures *s)
{
	(void)s;
	return 0;
}

/* ---- reading a world -------------------------------------------------- */

static int
value_of(const struct table_row *rows, struct str word)
{
	int value;
	if (!table_value(rows, word, &value))
		die("no such result", word);
	return value;
}

static void
read_spf(struct world *w, struct str rest)
{
	struct str which = str_cut(&rest, ' ');
	enum spf_result result =
	    (enum spf_result)value_of(spf_result_names, rest);

	if (str_eq(which, STR("helo")))
		w->spf_helo = result;
	else
		w->spf_mail = result;
}

/* "-" stands for a d= that could not be read. */
static void
read_dkim(struct world *w, struct str domain)
{
	struct str result = str_cut(&domain, ' ');
	if (w->dkim.count == SIGNATURES_MAX)
		die("too many signatures", domain);
	w->dkim.at[w->dkim.count++] = (struct signature) {
		.result = (enum signature_result)value_of(
		    signature_result_names, result),
		.domain = str_eq(domain, STR("-")) ? STR("") : domain};
}

/* "icann RULE" or "private RULE", in the sections of the list's file. */
static void
read_rule(struct world *w, struct str rule)
{
	struct str section = str_cut(&rule, ' ');
	const char *name =
	    str_eq(section, STR("private")) ? "PRIVATE" : "ICANN";
	text_printf(&w->rules, "// ===BEGIN %s DOMAINS===\n%.*s\n"
	    "// ===END %s DOMAINS===\n", name, STR_ARG(rule), name);
}

static void
read_from(struct world *w, struct str value)
{
	if (w->from_count == MAX_FROMS)
		die("too many From fields", value);
	w->froms[w->from_count++] = value;
}

static void
read_draw(struct world *w, struct str number)
{
	uint64_t draw;
	if (!str_to_uint(number, 99, &draw))
		die("no draw", number);
	w->draw = (unsigned)draw;
}

static void
read_line(struct world *w, struct str line)
{
	struct str rest = line, word = str_cut(&rest, ' ');
	if (str_eq(word, STR("world")))
		w->number = rest;
	else if (str_eq(word, STR("guard")))
		w->has_guard = str_eq(rest, STR("yes"));
	else if (str_eq(word, STR("pct")))
		w->is_pct_honoured = str_eq(rest, STR("yes"));
	else if (str_eq(word, STR("draw")))
		read_draw(w, rest);
	else if (str_eq(word, STR("psl")))
		read_rule(w, rest);
	else if (str_eq(word, STR("zone")))
		text_printf(&w->zone, "%.*s\n", STR_ARG(rest));
	else if (str_eq(word, STR("from")))
		read_from(w, rest);
	else if (str_eq(word, STR("mail")))
		w->path = rest;
	else if (str_eq(word, STR("helo")))
		w->helo = rest;
	else if (str_eq(word, STR("spf")))
		read_spf(w, rest);
	else if (str_eq(word, STR("dkim")))
		read_dkim(w, rest);
	else
		die("no line of a world", line);
}

/* The next world, NULL at the end. */
static struct world *
read_world(void)
{
	static char *line;
	static size_t room;
	struct arena *a = arena_new(ARENA_CAP);
	struct world *w = ARENA_NEW(a, struct world);
	*w = (struct world) {.arena = a, .number = STR("0"),
	    .path = STR("<a@sender.test>"), .helo = STR("mx.sender.test"),
	    .has_guard = true, .is_pct_honoured = true};
	text_init(&w->zone, a);
	text_init(&w->rules, a);
	ssize_t n;
	while ((n = getline(&line, &room, stdin)) > 0) {
		struct str s = {line, (size_t)n};
		if (s.p[s.n - 1] == '\n')
			s.n--;
		if (str_eq(s, STR("end")))
			return w;
		read_line(w, str_copy(s, a));
	}
	arena_free(a);
	free(line);
	line = NULL;
	return NULL;
}

/* ---- the suffix list -------------------------------------------------- */

/* libpsl reads files alone. Neighbouring worlds share lists. */
static struct {
	char *rules;
	struct suffix_list *list;
} suffixes;

static void
drop_suffixes(void)
{
	suffix_drop(suffixes.list);
	free(suffixes.rules);
	suffixes.list = NULL;
	suffixes.rules = NULL;
}

static void
load_suffixes(const char *rules)
{
	char path[] = "/tmp/aplomb-differential-XXXXXX";
	const char *reason = "";
	size_t n = strlen(rules);
	int fd = mkstemp(path);
	if (fd < 0 || write(fd, rules, n) != (ssize_t)n)
		die("no room for a suffix list", str_of(path));
	close(fd);
	drop_suffixes();
	suffixes.rules = strdup(rules);
	suffixes.list = suffix_load(path, &reason);
	unlink(path);
	if (suffixes.list == NULL)
		die(reason, str_of(rules));
}

static struct suffix_list *
suffixes_of(const struct world *w)
{
	const char *rules = text_cstr(&w->rules);
	if (rules[0] == '\0')
		rules = "example\ntest\n";
	if (suffixes.rules == NULL || strcmp(suffixes.rules, rules) != 0)
		load_suffixes(rules);
	return suffixes.list;
}

/* ---- judging and printing --------------------------------------------- */

static const char *
yes_no(bool b)
{
	return b ? "yes" : "no";
}

static void
print_str(const char *key, struct str s)
{
	printf(" %s=%.*s", key, STR_ARG(s.n > 0 ? s : STR("-")));
}

static void
print_bits(const char *key, unsigned bits)
{
	printf(" %s=", key);
	const char *between = "";
	for (unsigned i = 0; i < SIGNATURES_MAX; i++)
		if ((bits & 1u << i) != 0) {
			printf("%s%u", between, i);
			between = ",";
		}
	if (bits == 0)
		printf("-");
}

static void
print_reasons(const struct reasons *r)
{
	printf(" reasons=");
	for (size_t i = 0; i < r->count; i++)
		printf("%s%s", i > 0 ? "," : "",
		    table_name(reason_names, (int)r->at[i].type));
	if (r->count == 0)
		printf("-");
}

static const struct table_row source_names[] = {
	{DISCOVER_OWN, "own"}, {DISCOVER_ORG, "org"}, {DISCOVER_PSD, "psd"},
	{0, NULL},
};

static void
print_judgement(const struct judgement *j)
{
	const struct discovery *d = &j->discovery;
	printf("author=%.*s result=%s source=%s", STR_ARG(j->author),
	    table_name(verdict_result_names, (int)j->result),
	    j->has_policy ? table_name(source_names, (int)d->source) : "-");
	print_str("domain", j->has_policy ? d->policy_domain : STR(""));
	print_str("org", d->org_domain);
	printf(" spf=%s", yes_no(j->is_spf_aligned));
	print_bits("dkim", j->dkim_aligned);
	printf(" tag=%s owner=%s policy=%s",
	    j->has_policy ?
	    table_name(policy_tag_names, (int)j->policy.tag) : "-",
	    j->has_policy ?
	    table_name(record_policy_names, (int)j->policy.owner) : "-",
	    j->has_policy ?
	    table_name(disposition_names, (int)j->policy.disposition) : "-");
	print_reasons(&j->reasons);
	printf(" due=%s differs=%s", yes_no(j->is_temperror_due),
	    yes_no(j->differs));
}

static void
print_verdict(const struct world *w, enum discover_method method,
    const struct verdict *v)
{
	const struct judgement *d = v->decisive;
	struct str author = d != NULL ? d->author : STR("-");
	printf("%.*s %s %s %.*s %s due=%s", STR_ARG(w->number),
	    table_name(discover_method_names, (int)method),
	    table_name(verdict_result_names, (int)v->result), STR_ARG(author),
	    table_name(disposition_names, (int)v->disposition),
	    yes_no(v->is_temperror_due));
	for (size_t i = 0; i < v->judgement_count; i++) {
		printf(" | ");
		print_judgement(&v->judgements[i]);
	}
	printf("\n");
}

static void
judge(struct world *w, const struct zone *zone, enum discover_method method)
{
	struct settings settings = {
		.authserv_id = "rcv.example",
		.dns_timeout = 10,
		.discovery = method,
		.psl_guard = w->has_guard,
		.honour_pct = w->is_pct_honoured,
		.suffixes = suffixes_of(w),
	};
	struct message_world world = {.settings = &settings,
	    .dns = dns_zone_new(zone)};
	struct message_client client = {
		.ip = {IP_V4, {192, 0, 2, 7}}, .helo = w->helo};
	struct arena *a = arena_new(ARENA_CAP);
	struct message *m =
	    message_new(&world, &client, 1795219201, w->draw, a);
	message_mail(m, w->path, false);
	message_recipient(m, STR("<ann@rcv.example>"));
	for (size_t i = 0; i < w->from_count; i++)
		message_header(m, STR("From"), w->froms[i]);
	message_end_of_headers(m);
	struct verdict v;
	verdict_reach(m, &v);
	print_verdict(w, method, &v);
	arena_free(a);
	dns_drop(world.dns);
}

int
main(void)
{
	struct world *w;
	while ((w = read_world()) != NULL) {
		size_t line;
		const char *reason = "";
		struct zone *zone = zone_parse(text_str(&w->zone), w->arena,
		    &line, &reason);
		if (zone == NULL)
			die(reason, text_str(&w->zone));
		current = w;
		judge(w, zone, DISCOVER_TREEWALK);
		judge(w, zone, DISCOVER_PSL);
		arena_free(w->arena);
		fflush(stdout);
	}
	drop_suffixes();
	return 0;
}
