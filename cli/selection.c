/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/selection.h"

#include "base/date.h"
#include "cli/command.h"
#include "mail/domain.h"

#define DAY 86400

void
selection_read_day(const char *written, int64_t now, struct store_filter *out)
{
	out->has_day = true;
	out->day = now / DAY;
	if (str_eq(str_of(written), STR("yesterday")))
		out->day--;
	else if (!str_eq(str_of(written), STR("today")) &&
	    !date_parse(str_of(written), &out->day))
		command_misuse("--day is a date like 2026-11-25, today or "
		    "yesterday, not ", written);
}

void
selection_read_domain(const char *written, struct arena *a,
    struct store_filter *out)
{
	if (domain_parse(str_of(written), a, &out->domain) != DOMAIN_OK)
		command_misuse("--domain is no domain: ", written);
}
