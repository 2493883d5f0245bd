/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/row/sender.h"

#include "base/text.h"
#include "mail/address.h"
#include "report/row/verp.h"

#define UNSET_FROM "noreply@report-from-is-not-set.invalid"
#define UNSET_NAME "(report-org-name is not set)"

static struct str
or_else(const char *value, struct str otherwise)
{
	return value[0] != '\0' ? str_of(value) : otherwise;
}

static bool
is_address(const char *key, struct str value, struct arena *a,
    struct str *domain, struct str *reason)
{
	if (address_is_plain(value, a, domain))
		return true;
	*reason = text_format(a, "%s \"%.*s\" is no address that reports can "
	    "have; write one like noreply@reports.example.org", key,
	    STR_ARG(value));
	return false;
}

/* With a token in it, it must be an address still; and SPF, which checks its
 * domain, must count for that of report-from. */
static bool
is_mailbox(const struct sender *s, struct arena *a, struct str *reason)
{
	struct str domain;
	if (!is_address("report-bounce", s->bounce, a, &domain, reason))
		return false;
	bool is_below = str_has_isuffix(domain, s->domain) &&
	    (domain.n == s->domain.n ||
		domain.p[domain.n - s->domain.n - 1] == '.');
	if (is_below && str_find_last(s->bounce, '@') <= VERP_MAX_LOCAL &&
	    s->bounce.n <= VERP_MAX_MAILBOX)
		return true;
	*reason = text_format(a, "report-bounce \"%.*s\": %s",
	    STR_ARG(s->bounce), is_below ? "no room is left for a token; use "
	    "a shorter one" : "its domain is not that of report-from, nor "
	    "below it, so SPF would not count; use another one");
	return false;
}

bool
sender_init(const struct settings *s, struct arena *a, struct sender *out,
    struct str *reason)
{
	struct str ignored;

	*out = (struct sender) {
		.format = s->report_format,
		.org_name = or_else(s->report_org_name, STR(UNSET_NAME)),
		.from = or_else(s->report_from, STR(UNSET_FROM)),
		.contact = str_of(s->report_extra_contact),
		.generator = STR("aplomb " APLOMB_VERSION),
		.is_set = s->report_from[0] != '\0' &&
		    s->report_org_name[0] != '\0',
	};
	out->email = or_else(s->report_contact, out->from);
	out->bounce = or_else(s->report_bounce, out->from);
	return is_address("report-from", out->from, a, &out->domain, reason) &&
	    is_address("report-contact", out->email, a, &ignored, reason) &&
	    is_mailbox(out, a, reason);
}
