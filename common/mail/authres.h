/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_MAIL_AUTHRES_H
#define APLOMB_MAIL_AUTHRES_H

/*
 * Authentication-Results fields (RFC 8601): whose a received one claims to be,
 * and the writing of ours.
 */

#include <stdbool.h>

#include "base/str.h"
#include "base/text.h"

struct arena;

/* Bounds of one value and of the whole field that we write. */
#define AUTHRES_MAX_VALUE 255u
#define AUTHRES_MAX_FIELD 8192u

enum authres_status {
	AUTHRES_OK,
	AUTHRES_SYNTAX, /* no authserv-id followed by ";" can be read */
	AUTHRES_VERSION /* an authserv-id with a version other than 1 */
};

/* Reads the authserv-id of a received value (RFC 8601 2.2): comments passed
 * over, a quoted-string unescaped. *id is set but with AUTHRES_SYNTAX. */
enum authres_status authres_parse_id(struct str value, struct arena *a,
    struct str *id);

/* A received field that must be removed, because it claims to be ours, cannot
 * be read, or has a version that nobody supports (RFC 8601 5). Compares A-label
 * forms, without regard to case. An id that is no domain and not printable ASCII
 * counts as unreadable: what one reader keeps the next one trims off. */
bool authres_is_forged(struct str value, struct str own_id, struct arena *a);

/* The writer. It folds before a result, comment or property that would exceed
 * 78 columns (a tab counts as one), and quotes what is no token. A byte that is
 * not printable ASCII, or would end a comment early, becomes "?". Lines end in
 * "\n" followed by a tab, which is what libmilter wants; the value starts with
 * no blank of its own. */
struct authres {
	struct text text;
	size_t column;
	bool has_result;
	bool is_full; /* AUTHRES_MAX_FIELD reached: what comes later is left out */
};

void authres_begin(struct authres *w, struct arena *a, struct str id);
void authres_result(struct authres *w, const char *method, const char *result);
void authres_comment(struct authres *w, struct str comment);
/* `name` is "ptype.property". An empty value is left out. */
void authres_property(struct authres *w, const char *name, struct str value);
/* The finished value; "id; none" when no result was added (RFC 8601 4). */
struct str authres_end(struct authres *w);

#endif
