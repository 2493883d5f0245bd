/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_JUDGE_MESSAGE_H
#define APLOMB_JUDGE_MESSAGE_H

/*
 * One message: what is known of it, and the lookups that are under way. Fed in
 * the order of the SMTP dialogue; questions go out as soon as their names are
 * known, and nothing waits before the verdict is asked for.
 *
 *   message_new → message_mail → message_recipient … → message_header … →
 *   message_end_of_headers → message_body … → verdict_reach (judge/verdict.h)
 *
 * The daemon, `aplomb explain` and the cases use this same code.
 *
 * Threads: one at a time.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/spf.h"
#include "base/str.h"
#include "base/table.h"
#include "dmarc/discover.h"
#include "mail/author.h"
#include "mail/header.h"
#include "net/dns.h"
#include "net/ip.h"

struct arc;
struct arena;
struct settings;
struct signature_library;
struct signatures;

/* Recipients kept; with more, a rule on recipients does not match. */
#define MESSAGE_MAX_RECIPIENTS 1000u
/* Bounds of outside words that are kept: queue id, HELO, host name, path. */
#define MESSAGE_MAX_WORD 1024u
/* Outside bytes that one message's arena may take beside its headers. */
#define MESSAGE_ARENA_CAP (2u * 1024 * 1024)

/* Why a message is not judged at all. */
enum message_exempt {
	MESSAGE_JUDGED,
	MESSAGE_LOCAL,        /* a client without an address */
	MESSAGE_TRUSTED,      /* client in trusted-networks */
	MESSAGE_AUTHENTICATED /* SMTP AUTH and skip-authenticated */
};
extern const struct table_row message_exempt_names[];

/* What a message needs of the process; all outlive it. */
struct message_world {
	const struct settings *settings;
	struct dns *dns;
	struct signature_library *signatures;
	dns_wait_fn before_wait; /* may be NULL */
	void *wait_arg;
};

struct message {
	struct arena *arena;
	struct message_world world;
	struct lookups *lookups;
	enum message_exempt exempt;

	struct ip client;
	unsigned client_port;     /* 0: not known */
	struct str client_name;   /* as the MTA says; may be empty */
	struct str helo;
	struct str authserv_id;   /* in force for this message */
	struct str mta;           /* the MTA's own name; may be empty */
	struct str queue_id;      /* may become known late */
	struct str mail_from;     /* local@domain as given; "" for <> */
	struct str mail_local, mail_domain;
	struct str *recipients;   /* without < >, domains in the one form */
	size_t recipient_count;
	bool has_more_recipients; /* than MESSAGE_MAX_RECIPIENTS */

	struct header_list headers;
	bool has_all_headers;     /* message_end_of_headers() was called */
	struct author author;     /* after message_end_of_headers() */
	struct signatures *signatures; /* the same; NULL when exempt */
	struct arc *arc;          /* the same; NULL too without arc = yes */
	struct spf_input spf;
	bool is_spf_asked;
	bool is_spf_decisive;     /* what it checks could align with an author */

	int64_t received;         /* seconds, when the message began */
	unsigned draw;            /* 0 to 99, for pct */
	uint64_t body_bytes;
};

/* A message of a client. The strings are copied; `received` and `draw` are
 * facts that the caller fixes. `authserv_id` is the MTA's own name, used where
 * the settings have none. Lives in the arena. */
struct message_client {
	struct ip ip; /* IP_NONE: local */
	unsigned port; /* 0: not known */
	struct str name, helo, authserv_id;
};
struct message *message_new(const struct message_world *world,
    const struct message_client *client, int64_t received, unsigned draw,
    struct arena *a);

/* MAIL FROM. `path` as the MTA gives it; `is_authenticated`: SMTP AUTH. */
void message_mail(struct message *m, struct str path, bool is_authenticated);

/* An accepted recipient; the first one starts SPF's questions. */
void message_recipient(struct message *m, struct str path);

/* The queue id, as soon as the MTA tells it. */
void message_queue_id(struct message *m, struct str id);

/* A field: the value byte for byte as received, from behind the colon, folding
 * as CRLF. From fields start the walk, signatures their keys. */
void message_header(struct message *m, struct str name, struct str value);

/* A second call does nothing. The milter protocol lets a peer leave the step
 * out, and any local process may be the peer: verdict_reach() makes up for it. */
void message_end_of_headers(struct message *m);

/* Body bytes as received. */
void message_body(struct message *m, const void *bytes, size_t n);

/* How the settings of this message want records to be found. */
struct discover_options message_discovery(const struct message *m);

#endif
