/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_REPORT_ROW_SENDER_H
#define APLOMB_REPORT_ROW_SENDER_H

/* Who reports, as the settings say it. */

#include <stdbool.h>

#include "base/str.h"
#include "settings/settings.h"

struct arena;

struct sender {
	enum report_format format;
	struct str org_name;
	struct str from;    /* an address that address_is_plain() takes */
	struct str domain;  /* of `from`: the submitter of reports */
	struct str email;   /* whom to ask */
	struct str contact; /* extra_contact_info; may be empty */
	struct str generator; /* name and version of the software */
	struct str bounce;  /* the mailbox of bounces */
	bool is_set;        /* report-from and report-org-name are: without
			       them nothing may be sent, and what is missing
			       is words that say so */
};

/* False with a sentence in *reason when an address is none. */
bool sender_init(const struct settings *s, struct arena *a,
    struct sender *out, struct str *reason);

#endif
