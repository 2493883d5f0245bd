/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_REPORT_FAILURE_FAILURE_RUN_H
#define APLOMB_REPORT_FAILURE_FAILURE_RUN_H

/*
 * One run over the spool of failures: what is alike is gathered, and told to
 * the addresses that the policy domain's record names today and that agree
 * (RFC 9991 2, 5), within the limits. What cannot be told now stays; what is
 * older than two days goes untold.
 *
 * A report that was handed over and whose file could not be deleted before a
 * crash is sent once more, under the same Message-ID.
 *
 * Threads: blocks for DNS and for the mail server; not in the daemon.
 */

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/str.h"
#include "dmarc/discover.h"

struct arena;
struct dns;
struct sender;
struct settings;
struct transport_result;

/* What is older is of no use to anybody. */
#define FAILURE_RUN_LIFETIME (2 * 86400)

/* Hands a message over to a recipient, from <> (RFC 6650 6). */
typedef void (*failure_run_send_fn)(void *arg, struct str recipient,
    FILE *message, struct arena *a, struct transport_result *out);

/* Takes a sentence for people, without a line end. */
typedef void (*failure_run_say_fn)(void *arg, struct str sentence);

struct failure_counts {
	uint64_t sent;     /* messages */
	uint64_t told;     /* failures that they stand for */
	uint64_t refused;  /* messages, for good */
	uint64_t deferred; /* messages, to be tried again */
	uint64_t unusable; /* destinations that are not to be written to */
	uint64_t dropped;  /* failures nobody wants to be told of any more */
	uint64_t waiting;  /* failures that wait: their kind was just told, or
			      it is not time for another try */
	uint64_t limited;  /* failures that wait for a limit */
	uint64_t expired;  /* failures that waited too long */
	uint64_t bad;      /* files that make no sense */
};

struct failure_run {
	const struct settings *settings;
	const struct sender *sender;
	struct dns *dns;
	struct discover_options discover;
	int64_t now;
	bool is_dry;       /* say what would be sent; send and keep nothing */
	const volatile sig_atomic_t *is_over; /* end soon; may be NULL */
	failure_run_send_fn send;
	failure_run_say_fn say, complain;
	void *arg;         /* of all three */

	struct failure_counts counts;
	struct str reason; /* in the arena; with the last two */
};

enum failure_run_status {
	FAILURE_RUN_OK,
	FAILURE_RUN_BUSY,    /* another run is under way */
	FAILURE_RUN_FOLDER,  /* the directory, or this machine's disk */
	FAILURE_RUN_SERVICE  /* mail cannot be handed over at all */
};
enum failure_run_status failure_run(struct failure_run *r, struct arena *a);

#endif
