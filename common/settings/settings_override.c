/* SPDX-License-Identifier: BSD-2-Clause */
#include "settings/settings_override.h"

#include <inttypes.h>
#include <time.h>

#include "base/arena.h"
#include "settings/settings_option.h"

#define DAY 86400
/* 10000-01-01, the first day that the form of a date cannot give. */
#define END_OF_DATES INT64_C(253402300800)
/* It goes into a line of the history, after the name. */
#define MAX_COMMENT 200u

static bool
read_disposition(struct override_rule *r, struct str v, struct arena *a,
    struct str *reason)
{
	int disposition;
	(void)a;
	*reason = STR("it takes one of none, quarantine, reject, tempfail");
	if (!table_value(disposition_names, v, &disposition))
		return false;
	r->effect = OVERRIDE_DISPOSITION;
	r->disposition = (enum disposition)disposition;
	return true;
}

static bool
read_treat_as(struct override_rule *r, struct str v, struct arena *a,
    struct str *reason)
{
	int policy;
	(void)a;
	*reason = STR("it takes one of none, quarantine, reject");
	if (!table_value(record_policy_names, v, &policy))
		return false;
	r->effect = OVERRIDE_TREAT_AS;
	r->treat_as = (enum record_policy)policy;
	return true;
}

/* The types that an operator may give (RFC 9990 3.1.6). */
static const struct table_row operator_reasons[] = {
	{REASON_LOCAL_POLICY, "local_policy"},
	{REASON_MAILING_LIST, "mailing_list"},
	{REASON_OTHER, "other"},
	{REASON_TRUSTED_FORWARDER, "trusted_forwarder"},
	{0, NULL},
};

static bool
read_reason(struct override_rule *r, struct str v, struct arena *a,
    struct str *reason)
{
	int type;
	(void)a;
	*reason = STR("it takes one of local_policy, mailing_list, other, "
	    "trusted_forwarder");
	if (!table_value(operator_reasons, v, &type))
		return false;
	r->reason = (enum reason_type)type;
	return true;
}

static bool
read_comment(struct override_rule *r, struct str v, struct arena *a,
    struct str *reason)
{
	*reason = STR("it takes at most 200 bytes");
	r->comment = str_copy(v, a);
	return v.n <= MAX_COMMENT;
}

/* A day counts to its end; an instant as it stands. */
static bool
read_until(struct override_rule *r, struct str v, struct arena *a,
    struct str *reason)
{
	struct tm tm = {0};
	char *text = str_cstr(v, a);
	*reason = STR("it takes a day (2027-01-31, to its end in UTC) or an "
	    "instant (2027-01-31T12:00:00Z)");
	const char *end = strptime(text, "%Y-%m-%d", &tm);
	bool is_day = end != NULL && *end == '\0';
	if (!is_day) {
		tm = (struct tm) {0};
		end = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm);
	}
	if (end == NULL || *end != '\0')
		return false;
	struct tm given = tm;
	r->until = (int64_t)timegm(&tm);
	bool is_real = tm.tm_mday == given.tm_mday && tm.tm_mon == given.tm_mon;
	r->until += is_day ? DAY : 0;
	return is_real && r->until > 0 && r->until < END_OF_DATES;
}

static bool
read_dry_run(struct override_rule *r, struct str v, struct arena *a,
    struct str *reason)
{
	(void)a;
	*reason = STR("it takes yes or no");
	return option_read_flag(v, &r->is_dry_run);
}

/* What a block has besides its conditions. */
static const struct override_key others[] = {
	{"disposition", OPTION_CHOICE, disposition_names,
	    "none, quarantine, reject or tempfail",
	    "An effect: what happens to the message.",
	    read_disposition, NULL},
	{"treat-as", OPTION_CHOICE, record_policy_names,
	    "none, quarantine or reject",
	    "An effect: the policy to apply in place of the owner's.",
	    read_treat_as, NULL},
	{"reason", OPTION_CHOICE, operator_reasons,
	    "local_policy (the default), mailing_list, other or "
	    "trusted_forwarder",
	    "The type of reason that the owner's report shows.",
	    read_reason, NULL},
	{"comment", OPTION_TEXT, NULL, "at most 200 bytes",
	    "Words for the history and the owner's report.",
	    read_comment, NULL},
	{"until", OPTION_TEXT, NULL,
	    "a day (2027-01-31, to its end in UTC) or an instant "
	    "(2027-01-31T12:00:00Z)",
	    "When the block is over; without it, never.", read_until, NULL},
	{"dry-run", OPTION_FLAG, NULL, "yes or no (the default)",
	    "Only log that the block would have decided; those after it are "
	    "asked.", read_dry_run, NULL},
};

/* The kinds of conditions, in words. */
static const struct kind {
	enum option_type type;
	const char *values, *takes; /* NULL: the names */
} kinds[] = {
	[OVERRIDE_DOMAINS] = {OPTION_DOMAINS, "domains",
	    "domains: example.com, \"*.example.com\" for every name below it, "
	    "\"*\" for all"},
	[OVERRIDE_HOSTS] = {OPTION_DOMAINS,
	    "domains, or addresses in brackets as the client writes them "
	    "(\"[192.0.2.1]\")",
	    "domains as from does, or addresses in brackets: \"[192.0.2.1]\""},
	[OVERRIDE_RECIPIENTS] = {OPTION_TEXT,
	    "addresses (\"you@example.org\"), \"@example.org\" for all of a "
	    "domain, or domains",
	    "addresses (\"you@example.org\"), \"@example.org\", or domains as "
	    "from does"},
	[OVERRIDE_NETWORKS] = {OPTION_NETWORKS, "networks without host bits",
	    "networks without host bits: 192.0.2.0/24, \"2001:db8::/32\""},
	[OVERRIDE_WORDS] = {OPTION_CHOICE, NULL, NULL},
};

bool
settings_override_key(size_t i, struct override_key *out)
{
	size_t conditions = override_condition_count;
	if (i < conditions) {
		const struct override_condition *c = &override_conditions[i];
		*out = (struct override_key) {.key = c->key,
		    .type = kinds[c->kind].type, .names = c->names,
		    .values = kinds[c->kind].values, .help = c->help,
		    .condition = c};
		return true;
	}
	if (i - conditions >= sizeof others / sizeof *others)
		return false;
	*out = others[i - conditions];
	return true;
}

/* The names, with something else before the last. */
static void
join(struct text *t, const struct table_row *names, const char *last)
{
	for (const struct table_row *r = names; r->name != NULL; r++)
		text_printf(t, "%s%s", r == names ? "" :
		    r[1].name == NULL ? last : ", ", r->name);
}

void
settings_override_print_range(const struct override_key *k, struct text *t)
{
	text_add(t, k->condition != NULL ? STR("a list of ") : STR(""));
	if (k->values != NULL)
		text_add(t, str_of(k->values));
	else
		join(t, k->names, " and ");
}

bool
settings_override_read(const struct override_key *k, struct override_rule *r,
    struct str value, struct arena *a, struct str *reason)
{
	struct text t;
	if (k->condition == NULL)
		return k->read(r, value, a, reason);
	if (override_add(k->condition, r, value, a))
		return true;
	const char *takes = kinds[k->condition->kind].takes;
	text_init(&t, a);
	text_add(&t, STR("it takes "));
	if (takes != NULL)
		text_add(&t, str_of(takes));
	else
		join(&t, k->names, ", ");
	*reason = text_str(&t);
	return false;
}

/* ---- printing ---------------------------------------------------------- */

static void
print_words(struct text *t, const struct table_row *names, unsigned bits)
{
	const char *sep = "{";
	for (const struct table_row *r = names; r->name; r++) {
		if ((bits & 1u << r->value) == 0)
			continue;
		text_printf(t, "%s%s", sep, r->name);
		sep = ", ";
	}
	text_add_char(t, '}');
}

static void
print_condition(struct text *t, const struct override_condition *c,
    const void *given)
{
	text_printf(t, "    %s = ", c->key);
	switch (c->kind) {
	case OVERRIDE_DOMAINS:
	case OVERRIDE_HOSTS:
	case OVERRIDE_RECIPIENTS:
		option_print_domains(t, given);
		break;
	case OVERRIDE_NETWORKS:
		option_print_networks(t, given);
		break;
	case OVERRIDE_WORDS:
		print_words(t, c->names, *(const unsigned *)given);
		break;
	}
	text_add_char(t, '\n');
}

static void
print_until(struct text *t, int64_t until)
{
	struct tm tm;
	char out[32];
	time_t at = (time_t)until;
	if (until == 0 || gmtime_r(&at, &tm) == NULL)
		return;
	strftime(out, sizeof out, "%Y-%m-%dT%H:%M:%SZ", &tm);
	text_printf(t, "    until = \"%s\"\n", out);
}

void
settings_override_print(const struct override_rule *r, struct text *t)
{
	text_add(t, STR("override "));
	option_print_string(t, r->name);
	text_add(t, STR(" {\n"));
	for (size_t i = 0; i < override_condition_count; i++) {
		const struct override_condition *c = &override_conditions[i];
		const void *given = override_given(c, r);
		if (given != NULL)
			print_condition(t, c, given);
	}
	if (r->effect == OVERRIDE_DISPOSITION)
		text_printf(t, "    disposition = %s\n",
		    table_name(disposition_names, (int)r->disposition));
	else
		text_printf(t, "    treat-as = %s\n",
		    table_name(record_policy_names, (int)r->treat_as));
	text_printf(t, "    reason = %s\n",
	    table_name(reason_names, (int)r->reason));
	if (r->comment.n > 0) {
		text_add(t, STR("    comment = "));
		option_print_string(t, r->comment);
		text_add_char(t, '\n');
	}
	print_until(t, r->until);
	text_printf(t, "    dry-run = %s\n}\n", r->is_dry_run ? "yes" : "no");
}
