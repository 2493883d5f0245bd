/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_REPORT_FAILURE_FAILURE_REPORT_H
#define APLOMB_REPORT_FAILURE_FAILURE_REPORT_H

/*
 * A failure report as a message (RFC 9991, RFC 6591, RFC 5965): a text for
 * people, the fields for machines, and the header of the message it is about,
 * without its body. Lines end in CRLF, are ASCII, and none has more than 998
 * characters.
 */

#include <stdint.h>

#include "base/str.h"
#include "report/failure/failure_fields.h"

struct arena;

struct failure_report {
	struct failure_fields fields;
	struct str from, to; /* addresses that address_is_plain() takes */
	struct str org_name; /* outside text may not be in it */
	struct str email;    /* whom to ask */
	int64_t date;        /* seconds UTC */
	/* Letters and digits, for Message-ID and boundary: the same for each
	 * try, and nobody who wrote the message knew them. */
	struct str id;
};

struct str failure_report_print(const struct failure_report *r,
    struct arena *a);

#endif
