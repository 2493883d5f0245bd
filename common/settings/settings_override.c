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
read_domain(struct override_patterns *p, struct str v, struct arena *a,
    struct str *reason)
{
	*reason = STR("it takes domains: example.com, \"*.example.com\" for "
	    "every name below it, \"*\" for all");
	return override_add_domain(p, v, a);
}

static bool
read_from(struct override_rule *r, struct str v, struct arena *a,
    struct str *reason)
{
	return read_domain(&r->from, v, a, reason);
}

static bool
read_dkim(struct override_rule *r, struct str v, struct arena *a,
    struct str *reason)
{
	return read_domain(&r->dkim_domain, v, a, reason);
}

static bool
read_spf(struct override_rule *r, struct str v, struct arena *a,
    struct str *reason)
{
	return read_domain(&r->spf_domain, v, a, reason);
}

static bool
read_client(struct override_rule *r, struct str v, struct arena *a,
    struct str *reason)
{
	*reason = STR("it takes networks without host bits: 192.0.2.0/24, "
	    "\"2001:db8::/32\"");
	return ipset_add(&r->client, v, a);
}

static bool
read_recipient(struct override_rule *r, struct str v, struct arena *a,
    struct str *reason)
{
	*reason = STR("it takes addresses (\"you@example.org\"), "
	    "\"@example.org\", or domains as from does");
	return override_add_recipient(&r->recipient, v, a);
}

static bool
read_policy(struct override_rule *r, struct str v, struct arena *a,
    struct str *reason)
{
	int policy;
	(void)a;
	*reason = STR("it takes none, quarantine, reject");
	if (!table_value(record_policy_names, v, &policy))
		return false;
	r->policies |= 1u << policy;
	return true;
}

static bool
read_result(struct override_rule *r, struct str v, struct arena *a,
    struct str *reason)
{
	int result;
	(void)a;
	*reason = STR("it takes fail, temperror");
	if (!table_value(override_result_names, v, &result))
		return false;
	r->results |= 1u << result;
	return true;
}

static bool
read_sealer(struct override_rule *r, struct str v, struct arena *a,
    struct str *reason)
{
	return read_domain(&r->arc_sealer, v, a, reason);
}

static bool
read_list(struct override_rule *r, struct str v, struct arena *a,
    struct str *reason)
{
	return read_domain(&r->list_id, v, a, reason);
}

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

const struct override_key settings_override_keys[] = {
	{"from", true, OPTION_DOMAINS, NULL, read_from, "domains",
	    "The author domain, of the From field."},
	{"client", true, OPTION_NETWORKS, NULL, read_client,
	    "networks without host bits",
	    "The address of the SMTP client."},
	{"recipient", true, OPTION_TEXT, NULL, read_recipient,
	    "addresses (\"you@example.org\"), \"@example.org\" for all of a "
	    "domain, or domains",
	    "The envelope recipients; every one of the message must match, and "
	    "of more than 1000 none does."},
	{"dkim-domain", true, OPTION_DOMAINS, NULL, read_dkim, "domains",
	    "The domain of a signature that verified."},
	{"spf-domain", true, OPTION_DOMAINS, NULL, read_spf, "domains",
	    "The domain that passed SPF."},
	{"arc-sealer", true, OPTION_DOMAINS, NULL, read_sealer, "domains",
	    "Who sealed the message last (RFC 8617), in a chain that holds, and "
	    "says that it passed DMARC for this author domain; needs arc = "
	    "yes."},
	{"list-id", true, OPTION_DOMAINS, NULL, read_list, "domains",
	    "The identifier in the List-Id field; it counts only with a "
	    "signature that verified, of the same domain or one above it."},
	{"policy", true, OPTION_CHOICE, record_policy_names, read_policy,
	    "none, quarantine and reject",
	    "What the domain's owner asks for."},
	{"result", true, OPTION_CHOICE, override_result_names, read_result,
	    "fail and temperror",
	    "What DMARC came to: fail, or a DNS error that would send the "
	    "message away (temperror). Without it, both."},
	{"disposition", false, OPTION_CHOICE, disposition_names, read_disposition,
	    "none, quarantine, reject or tempfail",
	    "An effect: what happens to the message."},
	{"treat-as", false, OPTION_CHOICE, record_policy_names, read_treat_as,
	    "none, quarantine or reject",
	    "An effect: the policy to apply in place of the owner's."},
	{"reason", false, OPTION_CHOICE, operator_reasons, read_reason,
	    "local_policy (the default), mailing_list, other or "
	    "trusted_forwarder",
	    "The type of reason that the owner's report shows."},
	{"comment", false, OPTION_TEXT, NULL, read_comment, "at most 200 bytes",
	    "Words for the history and the owner's report."},
	{"until", false, OPTION_TEXT, NULL, read_until,
	    "a day (2027-01-31, to its end in UTC) or an instant "
	    "(2027-01-31T12:00:00Z)",
	    "When the block is over; without it, never."},
	{"dry-run", false, OPTION_FLAG, NULL, read_dry_run,
	    "yes or no (the default)",
	    "Only log that the block would have decided; those after it are "
	    "asked."},
};
const size_t settings_override_key_count =
    sizeof settings_override_keys / sizeof *settings_override_keys;

/* ---- printing ---------------------------------------------------------- */

static void
print_patterns(struct text *t, const char *key,
    const struct override_patterns *p)
{
	if (p->count == 0)
		return;
	text_printf(t, "    %s = ", key);
	option_print_domains(t, p);
	text_add_char(t, '\n');
}

static void
print_client(struct text *t, const struct ipset *s)
{
	if (s->count == 0)
		return;
	text_add(t, STR("    client = {"));
	for (size_t i = 0; i < s->count; i++) {
		char ip[IP_TEXT_MAX];
		text_printf(t, "%s\"%s/%u\"", i > 0 ? ", " : "",
		    ip_print(&s->at[i].net, ip), s->at[i].bits);
	}
	text_add(t, STR("}\n"));
}

static void
print_names(struct text *t, const char *key, const struct table_row *names,
    unsigned bits)
{
	const char *sep = "{";
	if (bits == 0)
		return;
	text_printf(t, "    %s = ", key);
	for (const struct table_row *r = names; r->name; r++) {
		if ((bits & 1u << r->value) == 0)
			continue;
		text_printf(t, "%s%s", sep, r->name);
		sep = ", ";
	}
	text_add(t, STR("}\n"));
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
	print_patterns(t, "from", &r->from);
	print_client(t, &r->client);
	print_patterns(t, "recipient", &r->recipient);
	print_patterns(t, "dkim-domain", &r->dkim_domain);
	print_patterns(t, "spf-domain", &r->spf_domain);
	print_patterns(t, "arc-sealer", &r->arc_sealer);
	print_patterns(t, "list-id", &r->list_id);
	print_names(t, "policy", record_policy_names, r->policies);
	print_names(t, "result", override_result_names, r->results);
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
