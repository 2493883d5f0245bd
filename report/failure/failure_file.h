/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_REPORT_FAILURE_FAILURE_FILE_H
#define APLOMB_REPORT_FAILURE_FAILURE_FILE_H

/*
 * A file of the spool of failures (judge/failure_print.h, docs/FORMATS), read.
 * Whoever may write to the directory may have written it: everything in it is
 * outside text, and nothing in it says where a report goes.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "judge/failure_print.h"
#include "judge/history.h"
#include "judge/history_line.h"

struct arena;

/* The longest file that is read. */
#define FAILURE_FILE_MAX                                                       \
	(FAILURE_MAX_HEAD + HISTORY_MAX_LINE + FAILURE_MAX_HEADER)

struct failure_source {
	struct str domain, text;
};

struct failure_head {
	int64_t version;
	int type;                      /* one of judge/failure.h */
	struct str authserv_id, mta;
	int64_t source_port;
	struct str recipients[FAILURE_MAX_RECIPIENTS];
	size_t recipient_count;
	int faults[SIGNATURES_MAX];    /* of signature_fault_names */
	size_t fault_count;
	struct failure_source sources[SPF_MAX_SOURCES];
	size_t source_count;
	bool is_cut;
	int64_t header;
};

struct failure_file {
	struct failure_head head;
	struct history_line line;
	const struct history_author *author; /* the decisive one; it has a
						published policy */
	unsigned type;                       /* one of judge/failure.h */
	struct str header;
};

/* Reads a file's bytes; texts are views into them, or copies in the arena.
 * False with a sentence in *reason. */
bool failure_file_parse(struct str bytes, struct arena *a,
    struct failure_file *out, struct str *reason);

#endif
