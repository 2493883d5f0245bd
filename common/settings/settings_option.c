/* SPDX-License-Identifier: BSD-2-Clause */
#include "settings/settings_option.h"

#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/ascii.h"
#include "base/paths.h"
#include "net/dns_ares.h"
#include "net/ipset.h"
#include "net/listen.h"
#include "settings/nearest.h"
#include "settings/settings.h"

/* ---- the rows ---------------------------------------------------------- */

/* Whether it can be opened, the commands say that need it. */
static const char *
store_problem(struct str text)
{
	return str_has_prefix(text, STR("sqlite:")) ||
	    str_has_prefix(text, STR("postgresql://")) ||
	    str_has_prefix(text, STR("postgres://")) ? NULL :
	    "write sqlite:PATH or postgresql://USER@HOST/DATABASE";
}

static const char *
user_problem(struct str text)
{
	return text.n == 0 || text.p[0] != ':' ? NULL :
	    "it names no user; write USER or USER:GROUP";
}

/* The part of a row that all kinds have in the same way. */
#define ROW(member_, key_, default_, when_, help_)                             \
	.key = (key_), .standard = (default_), .when = OPTION_##when_,         \
	.help = (help_), .member = offsetof(struct settings, member_),         \
	.at = offsetof(struct settings, member_##_at)

const struct option settings_options[] = {
#define OPTION(member_, key_, type_, default_, min_, max_, when_, help_)       \
	{ROW(member_, key_, default_, when_, help_),                           \
	    .type = OPTION_##type_, .min = (min_), .max = (max_)},
#define TEXT(member_, key_, default_, check_, when_, help_)                    \
	{ROW(member_, key_, default_, when_, help_), .type = OPTION_TEXT,      \
	    .check = (check_)},
#define CHOICE(member_, key_, type_, names_, default_, when_, help_)           \
	{ROW(member_, key_, default_, when_, help_), .type = OPTION_CHOICE,    \
	    .names = (names_)},
#include "settings/settings.def"
#undef ROW
};
const size_t settings_option_count =
    sizeof settings_options / sizeof *settings_options;

_Static_assert(sizeof(enum mode) == sizeof(int), "a choice is written as int");

struct unit {
	char suffix;
	uint64_t factor;
};
static const struct unit durations[] = {
	{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}, {0, 0}};
static const struct unit sizes[] = {
	{'k', 1u << 10}, {'m', 1u << 20}, {'g', 1u << 30}, {0, 0}};

/* ---- reading ----------------------------------------------------------- */

bool
option_is_list(const struct option *o)
{
	return o->type == OPTION_SERVERS || o->type == OPTION_NETWORKS ||
	    o->type == OPTION_DOMAINS;
}

/* Digits and, maybe, one suffix. */
static bool
read_units(struct str text, const struct unit *units, uint64_t *out)
{
	uint64_t factor = 1;
	if (text.n > 0 && !ascii_is_digit(text.p[text.n - 1])) {
		char suffix = ascii_lower(text.p[text.n - 1]);
		while (units->suffix != 0 && units->suffix != suffix)
			units++;
		if (units->suffix == 0)
			return false;
		factor = units->factor;
		text.n--;
	}
	return str_to_uint(text, UINT32_MAX, out) &&
	    !__builtin_mul_overflow(*out, factor, out);
}

static bool
read_octal(struct str text, uint64_t *out)
{
	uint64_t v = 0;
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] < '0' || text.p[i] > '7' || v > 0xffff)
			return false;
		v = v * 8 + (uint64_t)(text.p[i] - '0');
	}
	*out = v;
	return text.n > 0;
}

static bool
read_number(const struct option *o, struct str text, uint64_t *out)
{
	switch (o->type) {
	case OPTION_SECONDS:
		return read_units(text, durations, out);
	case OPTION_BYTES:
		return read_units(text, sizes, out);
	case OPTION_OCTAL:
		return read_octal(text, out);
	default:
		return str_to_uint(text, UINT32_MAX, out);
	}
}

static bool
set_number(const struct option *o, void *member, struct str text)
{
	uint64_t v;
	if (!read_number(o, text, &v) || v < o->min || v > o->max)
		return false;
	if (o->type == OPTION_BYTES)
		*(size_t *)member = (size_t)v;
	else
		*(unsigned *)member = (unsigned)v;
	return true;
}

bool
option_read_flag(struct str text, bool *out)
{
	static const struct table_row names[] = {{1, "yes"}, {1, "true"},
	    {1, "on"}, {0, "no"}, {0, "false"}, {0, "off"}, {0, NULL}};
	int v;
	if (!table_value(names, text, &v))
		return false;
	*out = v != 0;
	return true;
}

static bool
set_choice(const struct option *o, void *member, struct str text)
{
	int v;
	if (!table_value(o->names, text, &v))
		return false;
	memcpy(member, &v, sizeof v);
	return true;
}

static bool
add_server(struct settings_servers *l, struct str text, struct arena *a)
{
	if (l->count == SETTINGS_MAX_SERVERS || !dns_ares_is_server(text))
		return false;
	struct str *at = ARENA_ARRAY(a, struct str, l->count + 1);
	if (l->count > 0)
		memcpy(at, l->at, l->count * sizeof *at);
	at[l->count] = str_copy(text, a);
	l->at = at;
	l->count++;
	return true;
}

bool
option_read(const struct option *o, struct settings *s, struct str text,
    struct arena *a, struct str *reason)
{
	void *member = (char *)s + o->member;
	const char *problem;
	bool is_good = true;
	switch (o->type) {
	case OPTION_TEXT:
		*(const char **)member = str_cstr(text, a);
		problem = o->check != NULL ? o->check(text) : NULL;
		*reason = str_of(problem);
		return problem == NULL;
	case OPTION_FLAG:
		is_good = option_read_flag(text, member);
		break;
	case OPTION_CHOICE:
		is_good = set_choice(o, member, text);
		break;
	case OPTION_SERVERS:
		is_good = add_server(member, text, a);
		break;
	case OPTION_NETWORKS:
		is_good = ipset_add(member, text, a);
		break;
	case OPTION_DOMAINS:
		is_good = override_add_domain(member, text, a);
		break;
	default:
		is_good = set_number(o, member, text);
	}
	if (is_good)
		return true;
	struct text t;
	text_init(&t, a);
	text_add(&t, STR("it takes "));
	option_print_range(o, &t);
	*reason = text_str(&t);
	return false;
}

void
option_clear(const struct option *o, struct settings *s)
{
	void *member = (char *)s + o->member;
	if (o->type == OPTION_SERVERS)
		*(struct settings_servers *)member =
		    (struct settings_servers) {NULL, 0};
	else if (o->type == OPTION_NETWORKS)
		*(struct ipset *)member = (struct ipset) {NULL, 0, 0};
	else if (o->type == OPTION_DOMAINS)
		*(struct override_patterns *)member =
		    (struct override_patterns) {NULL, 0, 0};
}

/* ---- what was meant ---------------------------------------------------- */

/* Words for the suffixes of numbers, and others for so many of them. */
struct unit_word {
	const char *word;
	unsigned factor;
	char suffix;
};
static const struct unit_word time_words[] = {
	{"s", 1, 's'}, {"sec", 1, 's'}, {"second", 1, 's'}, {"m", 1, 'm'},
	{"min", 1, 'm'}, {"minute", 1, 'm'}, {"h", 1, 'h'}, {"hr", 1, 'h'},
	{"hour", 1, 'h'}, {"d", 1, 'd'}, {"day", 1, 'd'}, {"w", 7, 'd'},
	{"week", 7, 'd'}, {"month", 30, 'd'}, {"y", 365, 'd'},
	{"year", 365, 'd'}, {NULL, 0, 0}};
static const struct unit_word size_words[] = {
	{"b", 1, 0}, {"byte", 1, 0}, {"k", 1, 'k'}, {"kb", 1, 'k'},
	{"kib", 1, 'k'}, {"kbyte", 1, 'k'}, {"m", 1, 'm'}, {"mb", 1, 'm'},
	{"mib", 1, 'm'}, {"mbyte", 1, 'm'}, {"g", 1, 'g'}, {"gb", 1, 'g'},
	{"gib", 1, 'g'}, {"gbyte", 1, 'g'}, {NULL, 0, 0}};

static const struct unit_word *
find_word(const struct unit_word *words, struct str unit)
{
	struct str one = str_has_isuffix(unit, STR("s")) && unit.n > 1 ?
	    str_sub(unit, 0, unit.n - 1) : unit;
	for (; words->word != NULL; words++)
		if (str_ieq(one, str_of(words->word)))
			return words;
	return NULL;
}

static struct str
suggest_units(struct str text, const struct unit_word *words, struct arena *a)
{
	uint64_t count;
	size_t n = 0;
	while (n < text.n && ascii_is_digit(text.p[n]))
		n++;
	const struct unit_word *w =
	    find_word(words, str_trim(str_sub(text, n, text.n)));
	if (w == NULL || !str_to_uint(str_sub(text, 0, n), UINT32_MAX, &count))
		return STR("");
	const char suffix[2] = {w->suffix, 0};
	return text_format(a, "%" PRIu64 "%s", count * w->factor, suffix);
}

/* Thousands that are set apart. */
static struct str
suggest_count(struct str text, struct arena *a)
{
	struct text t;
	size_t group = 0;
	bool is_first = true;
	text_init(&t, a);
	for (size_t i = 0; i <= text.n; i++) {
		if (i < text.n && ascii_is_digit(text.p[i])) {
			text_add_char(&t, text.p[i]);
			group++;
			continue;
		}
		if (group == 0 || group > 3 || (!is_first && group != 3))
			return STR("");
		is_first = false;
		group = 0;
		if (i < text.n && memchr(" .,'_", text.p[i], 5) == NULL)
			return STR("");
	}
	return text_str(&t);
}

static struct str
suggest_flag(struct str text)
{
	static const struct table_row names[] = {{1, "1"}, {1, "y"}, {1, "t"},
	    {1, "enable"}, {1, "enabled"}, {1, "always"}, {0, "0"}, {0, "n"},
	    {0, "f"}, {0, "disable"}, {0, "disabled"}, {0, "never"},
	    {0, "none"}, {0, NULL}};
	int v;
	if (!table_value(names, text, &v))
		return STR("");
	return v != 0 ? STR("yes") : STR("no");
}

/* The name that is near, or the one that begins so. */
static struct str
suggest_name(const struct table_row *names, struct str text)
{
	struct str longer = {NULL, 0};
	struct nearest n;
	size_t count = 0;
	nearest_init(&n, text);
	for (; names->name != NULL; names++) {
		nearest_try(&n, str_of(names->name));
		if (str_has_iprefix(str_of(names->name), text)) {
			longer = str_of(names->name);
			count++;
		}
	}
	bool is_short = n.name.n == 0 && text.n >= 3 && count == 1;
	return is_short ? longer : n.name;
}

/* The network of an address that has host bits. */
static struct str
suggest_network(struct str text, struct arena *a)
{
	char printed[IP_TEXT_MAX];
	struct ip ip;
	uint64_t bits;
	struct str rest = text, address = str_cut(&rest, '/');
	if (!ip_parse(address, &ip) || !str_to_uint(rest, ip_bits(&ip), &bits))
		return STR("");
	for (unsigned i = (unsigned)bits; i < ip_bits(&ip); i++)
		ip.bytes[i / 8] &= (uint8_t)~(0x80u >> i % 8);
	return text_format(a, "%s/%u", ip_print(&ip, printed), (unsigned)bits);
}

struct str
option_suggest(const struct option *o, struct str text, struct arena *a)
{
	struct str s = {NULL, 0};
	uint64_t v;
	switch (o->type) {
	case OPTION_FLAG:
		return suggest_flag(text);
	case OPTION_CHOICE:
		return suggest_name(o->names, text);
	case OPTION_NETWORKS:
		return suggest_network(text, a);
	case OPTION_SECONDS:
		s = suggest_units(text, time_words, a);
		break;
	case OPTION_BYTES:
		s = suggest_units(text, size_words, a);
		break;
	case OPTION_COUNT:
		s = suggest_count(text, a);
		break;
	default:
		return s;
	}
	bool is_good = s.n > 0 && read_number(o, s, &v) && v >= o->min &&
	    v <= o->max;
	return is_good ? s : STR("");
}

/* ---- printing ---------------------------------------------------------- */

void
option_print_string(struct text *t, struct str s)
{
	text_add_char(t, '"');
	for (size_t i = 0; i < s.n; i++) {
		bool is_environment =
		    str_has_prefix(str_sub(s, i, 2), STR("${"));
		if (s.p[i] == '"' || s.p[i] == '\\' || is_environment)
			text_add_char(t, '\\');
		text_add_char(t, s.p[i]);
	}
	text_add_char(t, '"');
}

static void
print_units(struct text *t, uint64_t v, const struct unit *units)
{
	const struct unit *best = NULL;
	for (; units->suffix != 0; units++)
		if (v > 0 && v % units->factor == 0 && units->factor > 1)
			best = units;
	if (best != NULL)
		text_printf(t, "%" PRIu64 "%c", v / best->factor,
		    best->suffix);
	else
		text_printf(t, "%" PRIu64, v);
}

static void
print_servers(struct text *t, const struct settings_servers *l)
{
	text_add_char(t, '{');
	for (size_t i = 0; i < l->count; i++) {
		text_add(t, i > 0 ? STR(", ") : STR(""));
		option_print_string(t, l->at[i]);
	}
	text_add_char(t, '}');
}

void
option_print_networks(struct text *t, const struct ipset *l)
{
	text_add_char(t, '{');
	for (size_t i = 0; i < l->count; i++) {
		char ip[IP_TEXT_MAX];
		text_printf(t, "%s\"%s/%u\"", i > 0 ? ", " : "",
		    ip_print(&l->at[i].net, ip), l->at[i].bits);
	}
	text_add_char(t, '}');
}

void
option_print_domains(struct text *t, const struct override_patterns *l)
{
	text_add_char(t, '{');
	for (size_t i = 0; i < l->count; i++) {
		text_add(t, i > 0 ? STR(", ") : STR(""));
		option_print_string(t, l->at[i]);
	}
	text_add_char(t, '}');
}

void
option_print(const struct option *o, const struct settings *s, struct text *t)
{
	const void *member = (const char *)s + o->member;
	switch (o->type) {
	case OPTION_TEXT:
		option_print_string(t, str_of(*(const char *const *)member));
		break;
	case OPTION_FLAG:
		text_add(t, *(const bool *)member ? STR("yes") : STR("no"));
		break;
	case OPTION_CHOICE:
		text_printf(t, "%s", table_name(o->names,
		    *(const int *)member));
		break;
	case OPTION_SERVERS:
		print_servers(t, member);
		break;
	case OPTION_NETWORKS:
		option_print_networks(t, member);
		break;
	case OPTION_DOMAINS:
		option_print_domains(t, member);
		break;
	case OPTION_BYTES:
		print_units(t, *(const size_t *)member, sizes);
		break;
	case OPTION_SECONDS:
		print_units(t, *(const unsigned *)member, durations);
		break;
	case OPTION_OCTAL:
		text_printf(t, "%04o", *(const unsigned *)member);
		break;
	default:
		text_printf(t, "%u", *(const unsigned *)member);
	}
}

static void
print_bounds(const struct option *o, struct text *t, const struct unit *units)
{
	if (o->max <= 60) {
		text_printf(t, ", %" PRIu64 " to %" PRIu64, o->min, o->max);
		return;
	}
	text_add(t, STR(", "));
	print_units(t, o->min, units);
	text_add(t, STR(" to "));
	print_units(t, o->max, units);
}

void
option_print_range(const struct option *o, struct text *t)
{
	switch (o->type) {
	case OPTION_TEXT:
		text_add(t, STR("a string"));
		break;
	case OPTION_FLAG:
		text_add(t, STR("yes or no"));
		break;
	case OPTION_CHOICE:
		text_add(t, STR("one of "));
		for (const struct table_row *r = o->names; r->name; r++)
			text_printf(t, "%s%s", r == o->names ? "" : ", ",
			    r->name);
		break;
	case OPTION_SECONDS:
		text_add(t, STR("a time (90, 15m, 4h, 2d)"));
		print_bounds(o, t, durations);
		break;
	case OPTION_BYTES:
		text_add(t, STR("a size (65536, 64k, 16m)"));
		print_bounds(o, t, sizes);
		break;
	case OPTION_OCTAL:
		text_add(t, STR("an octal number, 0000 to 0777"));
		break;
	case OPTION_SERVERS:
		text_printf(t, "a list of at most %u addresses, each with an "
		    "optional port: {192.0.2.1, \"[::1]:5353\"}",
		    SETTINGS_MAX_SERVERS);
		break;
	case OPTION_NETWORKS:
		text_add(t, STR("a list of networks without host bits: "
		    "{192.0.2.0/24, \"2001:db8::/32\"}"));
		break;
	case OPTION_DOMAINS:
		text_add(t, STR("a list of domains: {example.com, "
		    "\"*.example.com\"}, the second for every name below"));
		break;
	default:
		text_printf(t, "a number, %" PRIu64 " to %" PRIu64, o->min,
		    o->max);
	}
}

bool
option_is_same(const struct option *o, const struct settings *x,
    const struct settings *y, struct arena *a)
{
	struct text s, t;
	text_init(&s, a);
	text_init(&t, a);
	option_print(o, x, &s);
	option_print(o, y, &t);
	return str_eq(text_str(&s), text_str(&t));
}

struct settings_at
settings_find(const struct settings *s, struct str key)
{
	for (size_t i = 0; i < settings_option_count; i++)
		if (str_eq(str_of(settings_options[i].key), key))
			return *(const struct settings_at *)((const char *)s +
			    settings_options[i].at);
	return (struct settings_at) {0, 0};
}
