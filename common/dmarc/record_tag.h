/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_DMARC_RECORD_TAG_H
#define APLOMB_DMARC_RECORD_TAG_H

/* The kinds of tags that records have, each with the reader of its value (RFC
 * 9989 4.7; RFC 7489 6.3). The version tag is not among them. */

#include <stdbool.h>

#include "base/str.h"

struct record_reader;
struct tag;

enum record_tag_age {
	RECORD_TAG_AGE_CURRENT,
	RECORD_TAG_AGE_HISTORIC,     /* removed by RFC 9989 */
	RECORD_TAG_AGE_SINCE_RFC9989 /* psd and t; np came with RFC 9091 */
};

struct record_tag {
	const char *name;
	void (*read)(struct record_reader *r, const struct tag *t);
	enum record_tag_age age;
};

/* The kind of a tag's name, or NULL for an unknown one; RFC 7489 knows no kind
 * that came later. */
const struct record_tag *record_tag_find(struct str name, bool is_rfc7489);

#endif
