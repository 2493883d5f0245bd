/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_REPORT_FAILURE_FAILURE_TURN_H
#define APLOMB_REPORT_FAILURE_FAILURE_TURN_H

/*
 * Whose turn it is: failures that are alike share a key, and this remembers of
 * each key when it was told last, and of a report under way who has it already
 * and when the others are tried again. It lives on between runs as lines of
 * text. The first failure of a kind is told at once; those of the next quarter
 * of an hour are counted and told as one (RFC 9991 8.1, RFC 6591 6.5).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "base/text.h"
#include "base/digest.h"

struct arena;

#define TURN_QUIET 900 /* seconds in which failures alike are gathered */
#define TURN_FIRST 300 /* seconds until the second try; then twice as long */
#define TURN_LAST  14400 /* and at most so long */
/* Keys kept; the failures of others wait. */
#define TURN_MAX 5000u
#define TURN_MAX_DONE 10u /* as many as there are destinations */
#define TURN_NAME 31u     /* of a spool file: "f-", 12, "-", 16 */

struct turn {
	char key[DIGEST_TEXT];
	int64_t told;    /* when a report was complete; 0: never */
	int64_t next;    /* not before; 0: at once */
	unsigned tries;  /* that failed, of the report under way; 0: none is */
	char last[TURN_NAME]; /* with tries: the last file it covers */
	char done[TURN_MAX_DONE][DIGEST_TEXT]; /* with tries: digests of the
						  addresses that have it */
	size_t done_count;
};

struct turns {
	struct turn *at;
	size_t count;
	int64_t now;
};

void turns_init(struct turns *t, int64_t now, struct arena *a);

/* Takes the words of a line behind "turn"; one that makes no sense, or is over,
 * is left out. Times that have not come yet are now, or what is the longest
 * wait. */
void turns_parse(struct turns *t, struct str words);
void turns_print(const struct turns *t, struct text *out);

/* That of a key; NULL where there is none. */
struct turn *turns_find(struct turns *t, const char key[DIGEST_TEXT]);

/* The same, made where there is none; NULL where there are TURN_MAX. */
struct turn *turns_make(struct turns *t, const char key[DIGEST_TEXT]);

bool turn_is_due(const struct turn *t, int64_t now);
bool turn_has(const struct turn *t, struct str address);
void turn_add(struct turn *t, struct str address);

/* The report is complete, or must be tried again. */
void turn_end(struct turn *t, int64_t now);
void turn_put_off(struct turn *t, int64_t now);

#endif
