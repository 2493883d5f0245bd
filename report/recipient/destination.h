/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_REPORT_RECIPIENT_DESTINATION_H
#define APLOMB_REPORT_RECIPIENT_DESTINATION_H

/*
 * Where the reports about a policy domain go: the addresses that its record
 * names today, and that agree to it (RFC 9990 3.5, 4; RFC 9991 2, 5). The
 * record is asked for anew, since the one by which mail was judged may be days
 * old. It and all that follows from it is outside text, bounded here.
 */

#include <stddef.h>

#include "base/str.h"
#include "base/table.h"
#include "dmarc/discover.h"

struct arena;
struct lookups;

/* Addresses taken of a record (RFC 9990 3.5 lets one stop); those that are not
 * known yet count too, so that the next try takes no other ones. */
#define DESTINATION_MAX 10u
/* Hosts asked for their consent: with their walks they stay within what one
 * `struct lookups` may ask for policies, so give each call one of its own. */
#define DESTINATION_MAX_HOSTS 20u

enum destination_kind { DESTINATION_RUA, DESTINATION_RUF };

enum destination_status {
	DESTINATION_OK,        /* address is to be written to */
	DESTINATION_TEMPERROR, /* not known now: ask again later */
	DESTINATION_MALFORMED, /* no URI, or a mailto: without an address */
	DESTINATION_SCHEME,    /* a URI that is not mailto: */
	DESTINATION_ADDRESS,   /* it cannot stand in an envelope and a field */
	DESTINATION_NO_CONSENT,    /* its host has not agreed */
	DESTINATION_FOREIGN,   /* its host names addresses of other hosts */
	DESTINATION_LONG_NAME, /* its host can publish no consent */
	DESTINATION_REPLACED,  /* its host names others, which follow */
	DESTINATION_REPEATED,  /* stands in the list before */
	DESTINATION_LIMIT      /* beyond DESTINATION_MAX or _MAX_HOSTS */
};
extern const struct table_row destination_status_names[];

struct destination {
	struct str uri;     /* as published, without a size; outside text */
	/* LOCAL@DOMAIN, with OK fit for an envelope and a To: field (see
	 * address_is_plain()): the domain as A-labels in lower case, percent
	 * escapes undone. Empty with MALFORMED, SCHEME and ADDRESS. */
	struct str address;
	struct str domain;
	enum destination_status status;
	struct str reason;  /* a sentence for people; empty with OK */
};

enum destinations_status {
	DESTINATIONS_FOUND, /* there are URIs, maybe none of them OK */
	DESTINATIONS_NONE,  /* nobody asks for reports of this kind now */
	DESTINATIONS_TEMPERROR /* not known now: ask again later */
};

struct destinations {
	enum destinations_status status;
	struct str reason;      /* a sentence; empty with FOUND */
	struct destination *at; /* in the record's order; of one with more than
				   RECORD_MAX_URIS URIs not the later ones */
	size_t count;
};

/* Finds them; waits for DNS. `o` says how organizational domains are found,
 * which must be as the report's policy was. Always fills *out, with views as
 * good as `l` and `a`. Failure reports never go to who publishes for others
 * (psd=y, RFC 9991 2). */
void destinations_find(struct lookups *l, const struct discover_options *o,
    enum destination_kind kind, struct str policy_domain, struct arena *a,
    struct destinations *out);

#endif
