/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_REPORT_SEND_QUEUE_H
#define APLOMB_REPORT_SEND_QUEUE_H

/*
 * The outbox: which reports were made, where each of them goes, and what became
 * of it there. All of it lies in the store and is committed before a message is
 * sent, so that another process, or the next try, goes on from it.
 *
 * A report is made by freezing a tally. From then on its name, and all that its
 * bytes are made from, are fixed: every host and every try sends the same. Who
 * works on a report claims it for a while; no transaction is open meanwhile.
 *
 * Times are seconds UTC. A call that fails gives false, with a sentence in
 * store_reason(); views live in the arena given.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "base/table.h"
#include "report/row/sender.h"
#include "report/store/store.h"

struct arena;

/* How long a claim holds. One transaction with a mail server ends far sooner;
 * a claim is renewed before each. */
#define QUEUE_LEASE 900
/* Tallies in one answer of queue_due(). */
#define QUEUE_PAGE 100u
/* Letters and digits of a delivery's token. */
#define QUEUE_TOKEN 20u

/* ---- making reports ----------------------------------------------------- */

/* What a tally must have, to be reported. */
struct queue_gates {
	store_day_number first, last; /* days */
	uint64_t min_messages;        /* of a tally */
	bool is_only_if_passed;       /* of its day and domain, a message did */
};

/* Tallies that are open and pass the gates: at most QUEUE_PAGE of those whose
 * number is above `after`, by number. */
bool queue_due(struct store *s, const struct queue_gates *g,
    const struct store_filter *f, int64_t after, struct arena *a,
    struct store_day **out, size_t *count);

/* Freezes tallies and makes their reports, in one transaction. *made: of how
 * many; the others were made by another process. */
bool queue_make(struct store *s, const struct store_day *days, size_t count,
    const struct sender *sender, int64_t now, struct arena *a, uint64_t *made);

/* ---- reports ------------------------------------------------------------ */

enum queue_state {
	QUEUE_NEW,  /* its destinations are not all known */
	QUEUE_SENDING,
	QUEUE_DONE  /* nothing more is to be done; the reason may say why */
};
extern const struct table_row queue_state_names[];

struct queue_report {
	struct str id;           /* as in struct report_name */
	struct store_day day;    /* the frozen tally */
	struct sender sender;    /* as it was when the report was made */
	int64_t made;
	enum queue_state state;
	struct str reason;
	unsigned attempts;       /* at finding its destinations */
};

/* The claim of one process. */
struct queue_claim {
	struct str owner; /* as no other process calls itself */
	int64_t now;
};

/* Claims the report that has waited longest of those where something is to be
 * done now. *is_found is false when there is none. */
bool queue_take(struct store *s, const struct queue_claim *c,
    const struct store_filter *f, struct arena *a, struct queue_report *out,
    bool *is_found);

/* Holds a claim for another while. *is_ours is false when it was lost. */
bool queue_renew(struct store *s, const struct queue_claim *c,
    struct str id, bool *is_ours);

/* Ends a claim, if it is still held: the report's state, its attempts and
 * reason are as in `r`; it is looked at again at `next`, INT64_MAX when it is
 * done. */
bool queue_release(struct store *s, const struct queue_claim *c,
    const struct queue_report *r, int64_t next);

/* The report with this id, or whose id begins so and no other's does. */
bool queue_find(struct store *s, struct str id, struct arena *a,
    struct queue_report *out, bool *is_found);

/* ---- deliveries --------------------------------------------------------- */

enum queue_fate {
	QUEUE_WAITING,    /* for the first or the next attempt */
	QUEUE_UNVERIFIED, /* DNS did not say whether it may be written to */
	QUEUE_UNUSABLE,   /* it is not to be written to */
	QUEUE_SUPPRESSED, /* the same, by the list of suppressed addresses */
	QUEUE_SENT,
	QUEUE_REFUSED,    /* for good, by the mail server */
	QUEUE_GIVEN_UP,
	QUEUE_BOUNCED     /* it was sent, and a bounce came */
};
extern const struct table_row queue_fate_names[];

struct queue_delivery {
	struct str token;   /* its own, in the envelope's sender */
	struct str report;  /* id */
	struct str address; /* or the URI, where no address is in it */
	struct str domain;  /* of the address */
	enum queue_fate fate;
	unsigned attempts;
	int64_t next;       /* not before */
	int64_t changed;    /* when the fate was found */
	struct str reason;  /* for people; outside text */
};

/* Adds a destination of a report, with a token of its own. One that was added
 * before keeps its fate, unless DNS had not told it or it was unusable. */
bool queue_add(struct store *s, const struct queue_delivery *d);

bool queue_deliveries(struct store *s, struct str report, struct arena *a,
    struct queue_delivery **out, size_t *count);

/* Writes fate, attempts, next, changed and reason of a delivery. */
bool queue_record(struct store *s, const struct queue_delivery *d);

/* The delivery with this token. */
bool queue_find_token(struct store *s, struct str token, struct arena *a,
    struct queue_delivery *out, bool *is_found);

/* How many messages were sent to a domain since then. */
bool queue_count_sent(struct store *s, struct str domain, int64_t since,
    uint64_t *out);

/* ---- lists -------------------------------------------------------------- */

/* A tally, and its report if it has one. */
struct queue_line {
	struct store_day day;
	struct str id;           /* of the report; empty: none is made */
	enum queue_state state;
	struct str reason;
	uint64_t sent, waiting, failed; /* destinations */
};

/* Called for each, by day, domain, policy and sequence; views are good during
 * the call. */
typedef void (*queue_line_fn)(void *arg, const struct queue_line *l);
bool queue_list(struct store *s, const struct store_filter *f,
    store_day_number first, queue_line_fn fn, void *arg);

#endif
