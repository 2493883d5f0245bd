/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_TEST_LIB_MTA_H
#define APLOMB_TEST_LIB_MTA_H

/*
 * The MTA's side of the milter protocol (version 6): what Postfix says to a
 * filter, for tests and benchmarks.
 *
 *   struct mta *mta = mta_connect("unix:/tmp/x/sock", NULL, a);
 *   mta_session(mta, &(struct mta_client) {.address = "192.0.2.7", ...});
 *   mta_message(mta, &(struct mta_message) {.mail_from = "<a@b.test>", ...},
 *       &answer);
 *
 * or step by step, stopping or hanging up anywhere. A connection lives in the
 * arena that it was made with and hangs up when the arena is freed; answers
 * live there too. Nothing here fails a test: a connection that ends or stays
 * silent is the reply MTA_LOST.
 *
 * Threads: a connection belongs to one.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct arena;
struct mta;

/* What Postfix 3.7 offers. */
#define MTA_ACTIONS 0x1ffu
#define MTA_STEPS   0x1fffffu
/* Steps that tests leave out: leading blanks, and all "no reply" steps. */
#define MTA_STEP_LEADSPC  0x100000u
#define MTA_STEPS_NOREPLY 0x0ff080u

struct mta_offer {
	uint32_t version, actions, steps;
	unsigned timeout_ms; /* for each reply; 0: 30 s */
};

enum mta_reply {
	MTA_CONTINUE, /* or the filter has asked not to reply here */
	MTA_ACCEPT,
	MTA_REJECT,
	MTA_TEMPFAIL,
	MTA_DISCARD,
	MTA_LOST /* no connection, no reply in time, or no sense in it */
};

enum mta_edit_kind { MTA_INSERT, MTA_ADD, MTA_CHANGE, MTA_DELETE };

struct mta_edit {
	enum mta_edit_kind kind;
	unsigned index;    /* where to insert, or which field of the name */
	struct str name;
	struct str value;  /* as it stands behind the colon */
};

struct mta_answer {
	enum mta_reply reply;
	struct str code, status, text; /* "550", "5.7.1", words; may be empty */
	const struct mta_edit *edits;  /* in order */
	size_t edit_count;
	bool is_held;                  /* quarantined */
	struct str hold_reason;
	unsigned progress;             /* "still alive" replies on the way */
};

struct mta_client {
	const char *address; /* "192.0.2.7", "2001:db8::1"; NULL: none, local */
	const char *name;    /* NULL: "[ADDRESS]" */
	const char *helo;    /* NULL: not said */
	const char *mta;     /* macro j; NULL: "mx.test.example" */
};

struct mta_message {
	const char *queue_id;      /* macro i from the end of headers on */
	const char *mail_from;     /* "<a@b.example>" */
	const char *login;         /* macro {auth_authen}; NULL: none */
	const char *const *recipients; /* ends with NULL */
	struct str text;           /* fields, empty line, body */
};

/* Connects to a filter ("unix:PATH", "local:PATH", "inet:PORT@ADDRESS") and
 * negotiates; `offer` NULL: what Postfix offers. NULL when either fails. */
struct mta *mta_connect(const char *socket, const struct mta_offer *offer,
    struct arena *a);

/* Connects and says nothing; what follows is up to mta_packet(). */
struct mta *mta_open(const char *socket, struct arena *a);

/* What the filter has chosen of the offer. */
uint32_t mta_actions(const struct mta *m);
uint32_t mta_steps(const struct mta *m);

/* Client and HELO. */
enum mta_reply mta_session(struct mta *m, const struct mta_client *c);

/* A whole message, up to the end-of-message reply or an earlier refusal. */
enum mta_reply mta_message(struct mta *m, const struct mta_message *msg,
    struct mta_answer *out);

/* The steps that these are made of. */
enum mta_reply mta_client(struct mta *m, const struct mta_client *c);
enum mta_reply mta_helo(struct mta *m, const char *name);
enum mta_reply mta_mail(struct mta *m, const char *path, const char *login);
enum mta_reply mta_rcpt(struct mta *m, const char *path);
/* `value` as received: from behind the colon; folding CRLF becomes LF. */
enum mta_reply mta_header(struct mta *m, struct str name, struct str value);
enum mta_reply mta_eoh(struct mta *m, const char *queue_id);
/* In chunks of at most 65535 bytes. */
enum mta_reply mta_body(struct mta *m, struct str bytes);
/* All fields and the body of a text, with the end of headers between. */
enum mta_reply mta_text(struct mta *m, struct str text, const char *queue_id);
enum mta_reply mta_eom(struct mta *m, const char *queue_id,
    struct mta_answer *out);
/* mta_eom() in two halves: the question, and the wait for its answer. */
bool mta_ask_eom(struct mta *m, const char *queue_id);
enum mta_reply mta_await(struct mta *m, struct mta_answer *out);
/* Whether a part of the answer is there by now, or the filter has hung up. */
bool mta_is_answered(const struct mta *m);

void mta_abort(struct mta *m); /* RSET: the session goes on */
void mta_quit(struct mta *m);  /* QUIT, then hangs up */
void mta_close(struct mta *m); /* hangs up without a word */

/* One packet as it stands, for what no MTA says; false when it cannot be
 * sent. And the next one of the filter; false when there is none in time. */
bool mta_packet(struct mta *m, char command, struct str data);
bool mta_receive(struct mta *m, char *command, struct str *data);

/* The value of the first inserted field of a name, without its leading blank;
 * empty when there is none. */
struct str mta_inserted(const struct mta_answer *answer, const char *name);

#endif
