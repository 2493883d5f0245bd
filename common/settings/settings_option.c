/* SPDX-License-Identifier: BSD-2-Clause */
#include "settings/settings_option.h"

#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/ascii.h"
#include "base/paths.h"
#include "net/dns_ares.h"
#include "net/ipset.h"
#include "settings/settings.h"

#define TYPE_TEXT     OPTION_TEXT
#define TYPE_FLAG     OPTION_FLAG
#define TYPE_COUNT    OPTION_COUNT
#define TYPE_SECONDS  OPTION_SECONDS
#define TYPE_BYTES    OPTION_BYTES
#define TYPE_OCTAL    OPTION_OCTAL
#define TYPE_SERVERS  OPTION_SERVERS
#define TYPE_NETWORKS OPTION_NETWORKS
#define TYPE_DOMAINS  OPTION_DOMAINS
#define TYPE_CHOICE_mode              OPTION_CHOICE
#define TYPE_CHOICE_discover_method   OPTION_CHOICE
#define TYPE_CHOICE_failure           OPTION_CHOICE
#define TYPE_CHOICE_reject_action     OPTION_CHOICE
#define TYPE_CHOICE_quarantine_action OPTION_CHOICE
#define TYPE_CHOICE_bad_from_action   OPTION_CHOICE
#define TYPE_CHOICE_signature_length  OPTION_CHOICE
#define TYPE_CHOICE_report_format     OPTION_CHOICE
#define TYPE_CHOICE_report_tls        OPTION_CHOICE
#define TYPE_CHOICE_log_target        OPTION_CHOICE
#define TYPE_CHOICE_log_level         OPTION_CHOICE
#define NAMES_TEXT     NULL
#define NAMES_FLAG     NULL
#define NAMES_COUNT    NULL
#define NAMES_SECONDS  NULL
#define NAMES_BYTES    NULL
#define NAMES_OCTAL    NULL
#define NAMES_SERVERS  NULL
#define NAMES_NETWORKS NULL
#define NAMES_DOMAINS  NULL
#define NAMES_CHOICE_mode              mode_names
#define NAMES_CHOICE_discover_method   discover_method_names
#define NAMES_CHOICE_failure           failure_names
#define NAMES_CHOICE_reject_action     reject_action_names
#define NAMES_CHOICE_quarantine_action quarantine_action_names
#define NAMES_CHOICE_bad_from_action   bad_from_action_names
#define NAMES_CHOICE_signature_length  signature_length_names
#define NAMES_CHOICE_report_format     report_format_names
#define NAMES_CHOICE_report_tls        report_tls_names
#define NAMES_CHOICE_log_target        log_target_names
#define NAMES_CHOICE_log_level         log_level_names

const struct option settings_options[] = {
#define OPTION(member_, key_, type_, default_, min_, max_, when_, help_)       \
	{.key = (key_), .type = TYPE_##type_, .names = NAMES_##type_,          \
	    .standard = (default_), .min = (min_), .max = (max_),              \
	    .when = OPTION_##when_, .help = (help_),                           \
	    .member = offsetof(struct settings, member_),                      \
	    .is_set = offsetof(struct settings, is_##member_##_set)},
#include "settings/settings.def"
#undef OPTION
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
	bool is_good = true;
	switch (o->type) {
	case OPTION_TEXT:
		*(const char **)member = str_cstr(text, a);
		break;
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
	text_add(&t, STR("takes "));
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

static void
print_networks(struct text *t, const struct ipset *l)
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
		print_networks(t, member);
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
