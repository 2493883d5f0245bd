/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_REPORT_STORE_STORE_IMPORT_H
#define APLOMB_REPORT_STORE_STORE_IMPORT_H

/* What goes into the store: how far each history file was read, and counted
 * rows. To be called in a transaction, so that the two go together. */

#include <stdbool.h>
#include <stdint.h>

#include "report/store/store.h"

struct tally;

struct store_counts {
	uint64_t lines;      /* all but empty ones and the first */
	uint64_t messages;   /* counted for reports */
	uint64_t deferred;   /* answered 4xx: the client comes again */
	uint64_t unreported; /* no policy was published for them */
	uint64_t bad;
	uint64_t remainder;  /* of messages: without a row of their own */
};

struct store_file {
	struct str id;       /* its UUID, or one made from its content */
	struct str host;
	uint64_t taken;      /* bytes that are in the store */
	bool is_finished;
};

/* What is known of a file; *is_known is false for nothing. */
bool store_file_find(struct store *s, struct str id, bool *is_known,
    struct store_file *out);

/* The file was read from `from` up to f->taken; what was read is in `c`. A
 * conflict when it was not at `from`: somebody else reads it too. */
bool store_file_advance(struct store *s, const struct store_file *f,
    uint64_t from, const struct store_counts *c);

/* Adds the rows. A day of a policy domain has at most max_rows rows; what has
 * no place is counted in *remainder too. */
bool store_add(struct store *s, struct tally *f, uint64_t max_rows,
    uint64_t *remainder);

/* Deletes what is older than that day: tallies with their rows, and what is
 * known of files; in transactions of its own. */
bool store_expire(struct store *s, store_day_number before,
    uint64_t *tallies, uint64_t *rows);

#endif
