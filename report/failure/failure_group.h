/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_REPORT_FAILURE_FAILURE_GROUP_H
#define APLOMB_REPORT_FAILURE_FAILURE_GROUP_H

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

#define FAILURE_GROUP_QUIET 900 /* seconds in which failures alike are gathered */
#define FAILURE_GROUP_FIRST 300 /* seconds until the second try; then twice as long */
#define FAILURE_GROUP_LAST  14400 /* and at most so long */
/* Keys kept; the failures of others wait. */
#define FAILURE_GROUP_MAX 5000u
#define FAILURE_GROUP_MAX_DONE 10u /* as many as there are destinations */
#define FAILURE_GROUP_NAME 31u     /* of a spool file: "f-", 12, "-", 16 */

struct failure_group {
	char key[DIGEST_TEXT];
	int64_t told;    /* when a report was complete; 0: never */
	int64_t next;    /* not before; 0: at once */
	unsigned tries;  /* that failed, of the report under way; 0: none is */
	char last[FAILURE_GROUP_NAME]; /* with tries: the last file it covers */
	char done[FAILURE_GROUP_MAX_DONE][DIGEST_TEXT]; /* with tries: digests of the
						  addresses that have it */
	size_t done_count;
};

struct failure_groups {
	struct failure_group *at;
	size_t count;
	int64_t now;
};

void failure_groups_init(struct failure_groups *t, int64_t now, struct arena *a);

/* Takes the words of a line behind "turn"; one that makes no sense, or is over,
 * is left out. Times that have not come yet are now, or what is the longest
 * wait. */
void failure_groups_parse(struct failure_groups *t, struct str words);
void failure_groups_print(const struct failure_groups *t, struct text *out);

/* That of a key; NULL where there is none. */
struct failure_group *failure_groups_find(struct failure_groups *t, const char key[DIGEST_TEXT]);

/* The same, made where there is none; NULL where there are FAILURE_GROUP_MAX. */
struct failure_group *failure_groups_make(struct failure_groups *t, const char key[DIGEST_TEXT]);

bool failure_group_is_due(const struct failure_group *t, int64_t now);
bool failure_group_has(const struct failure_group *t, struct str address);
void failure_group_add(struct failure_group *t, struct str address);

/* The report is complete, or must be tried again. */
void failure_group_end(struct failure_group *t, int64_t now);
void failure_group_put_off(struct failure_group *t, int64_t now);

#endif
