/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_DMARC_KIND_H
#define APLOMB_DMARC_KIND_H

/* The kinds of tags that records have, each with the reader of its value (RFC
 * 9989 4.7; RFC 7489 6.3). The version tag is not among them. */

#include <stdbool.h>

#include "base/str.h"

struct reader;
struct tag;

enum kind_age {
	KIND_CURRENT,
	KIND_HISTORIC,     /* removed by RFC 9989 */
	KIND_SINCE_RFC9989 /* psd and t; np came with RFC 9091 */
};

struct kind {
	const char *name;
	void (*read)(struct reader *r, const struct tag *t);
	enum kind_age age;
};

/* The kind of a tag's name, or NULL for an unknown one; RFC 7489 knows no kind
 * that came later. */
const struct kind *kind_find(struct str name, bool is_rfc7489);

#endif
