/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_TEST_CASE_OUTCOME_H
#define APLOMB_TEST_CASE_OUTCOME_H

/*
 * What came of a message: the answer, the header edits and the history line,
 * in one form whether it was played in process or through the socket, so that
 * the two can be compared and the same expectations held against both.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "judge/plan.h"

struct arena;
struct verdict;

struct outcome {
	enum plan_reply reply;
	struct str code, status, text; /* of a reply */
	const struct plan_edit *edits;
	size_t edit_count;
	struct str history;            /* without its newline; empty: none */

	/* Known in process alone. */
	const struct verdict *verdict; /* NULL: played through the socket */
	enum disposition applied;
	struct reasons reasons;
	const struct signatures *signatures;
	struct str log;                /* its line, without the time it took */
	unsigned policy_questions;
};

/* Holds every expectation for the mode against an outcome played in process.
 * False with one line a fault in *problem. */
struct script;
bool outcome_meets(const struct outcome *o, const struct script *s,
    unsigned mode, struct arena *a, struct str *problem);

/* Whether two outcomes are the same to the outside: answer, edits and history,
 * time and the like left out. False with one line in *problem. */
bool outcome_is_same(const struct outcome *in_process,
    const struct outcome *socket, struct arena *a, struct str *problem);

#endif
