/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_JUDGE_PLAN_H
#define APLOMB_JUDGE_PLAN_H

/*
 * The plan: a verdict put into the MTA's terms. Reply, quarantine and header
 * edits, in words; nothing is performed here (milter/action.h does that). The
 * one place where errors of the outside become "accept" or "come back".
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "base/table.h"
#include "dmarc/policy.h"

struct deferrals;
struct message;
struct verdict;

enum plan_reply {
	PLAN_ACCEPT,   /* edits are made, then the message goes on */
	PLAN_REJECT,   /* 5yz */
	PLAN_TEMPFAIL, /* 4yz */
	PLAN_HOLD      /* edits are made, then the MTA's hold queue */
};
extern const struct table_row plan_reply_names[];

enum plan_edit_kind { PLAN_DELETE, PLAN_INSERT };

/* Edits stand in the order in which they must be made: deletions from the last
 * field to the first, then insertions, the topmost last. */
struct plan_edit {
	enum plan_edit_kind kind;
	struct str name;
	unsigned instance; /* of a deletion: 1 is the topmost of that name */
	struct str value;  /* of an insertion, always at index 0; without the
			      leading blank */
};

struct plan {
	enum plan_reply reply;
	struct str code, status, text; /* of a reply: "550", "5.7.1", words */
	struct str hold_reason;
	enum disposition applied;  /* what happens because of DMARC, after the
				      operator's actions */
	struct reasons reasons;    /* the verdict's, and the operator's */
	struct str why;            /* for the log: the deciding step */
	const struct plan_edit *edits;
	size_t edit_count;
};

/* Fields that this program writes and trusts; inbound copies go. */
#define PLAN_QUARANTINE_FIELD "X-Aplomb-Quarantine"

/* Fields removed from one message at most; with more it is refused. For each,
 * Postfix reads the queue file from its beginning: what grows with the square
 * must not be the sender's to choose. Real mail has a few. */
#define PLAN_MAX_DELETIONS 500u

/* Words a verdict. `deferrals` may be NULL: then nothing was asked before.
 * Fills *out, which lives as long as the message. */
void plan_make(const struct message *m, const struct verdict *v,
    struct deferrals *deferrals, struct plan *out);

/* The plan for a message whose history line could not be written, where the
 * settings ask for that: 451, no edits. */
void plan_defer_for_history(const struct message *m, struct plan *out);

#endif
