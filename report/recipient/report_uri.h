/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_REPORT_RECIPIENT_REPORT_URI_H
#define APLOMB_REPORT_RECIPIENT_REPORT_URI_H

/* What the owner of a policy domain asks for: the URIs of rua or ruf in its
 * record of today, not verified yet. */

#include "base/str.h"
#include "dmarc/discover.h"
#include "report/recipient/destination.h"

struct arena;
struct lookups;
struct record_uri;

/* Asks for the record and waits. `policy_domain` is in the one form of
 * mail/domain.h. DESTINATION_OK says here that the URI has an address which
 * can be written to. */
void report_uri_find(struct lookups *l, const struct discover_options *o,
    enum destination_kind kind, struct str policy_domain, struct arena *a,
    struct destinations *out);

/* One URI of a record: DESTINATION_OK, _SCHEME or _ADDRESS. */
struct destination report_uri_check(const struct record_uri *u, struct arena *a);

#endif
