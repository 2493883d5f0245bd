/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_JUDGE_HISTORY_LINE_H
#define APLOMB_JUDGE_HISTORY_LINE_H

/*
 * The lines of the history as values, and the tables of their fields: one row a
 * field, for who checks a line and who reads it into these values. docs/FORMATS
 * says what each means. Names are values of the enums that their tables hold.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/signature.h"
#include "base/str.h"
#include "base/table.h"
#include "dmarc/policy.h"
#include "judge/history_field.h"
#include "judge/message.h"
#include "judge/verdict.h"
#include "mail/author.h"

struct history_reason {
	int type;
	struct str comment;
};

struct history_reasons {
	struct history_reason at[POLICY_MAX_REASONS];
	size_t count;
};

struct history_spf {
	struct str domain;
	int scope, identity, result;
	struct str reason;
};

struct history_signature {
	struct str domain, selector;
	int result;
	struct str identity, algorithm, b;
	int64_t bits;
	bool is_testing;
	struct str reason;
};

struct history_sealer {
	struct str domain, selector;
};

struct history_arc {
	int result;
	int64_t sets, oldest_pass;
	bool has_oldest_pass;
	struct history_sealer sealers[HISTORY_MAX_SEALERS];
	size_t sealer_count;
	struct str reason;
};

struct history_published {
	struct str domain;
	int method, p, sp, np, adkim, aspf; /* alignment: 1 is strict */
	struct str fo;
	int testing, psd;                   /* testing: 1 is t=y */
	int64_t pct;
	bool has_rua, has_ruf;
};

struct history_author {
	struct str header_from;
	int dmarc, spf, dkim;               /* spf, dkim: 0 is pass */
	int64_t aligned[SIGNATURES_MAX];
	size_t aligned_count;
	struct str reason, org_domain;
	bool is_guarded, differs;
	bool has_published, has_tag, has_policy;
	struct history_published published;
	int tag, policy;
	int disposition;
	struct history_reasons reasons;
	struct str error;
};

struct history_line {
	int64_t time;
	struct str queue_id, source_ip, client_name, helo;
	struct str envelope_from, mail_from;
	struct str envelope_to[HISTORY_MAX_TO];
	size_t envelope_to_count;
	int64_t recipients;
	bool is_report; /* by its header, which anybody can write */
	int dmarc;
	struct str reason;
	struct history_spf spf;
	struct history_signature dkim[SIGNATURES_MAX];
	size_t dkim_count;
	bool has_arc;
	struct history_arc arc;
	struct history_author authors[AUTHOR_MAX_DOMAINS];
	size_t author_count;
	int64_t decisive;
	bool has_decisive;
	int64_t draw;
	int mode, action;
	int64_t reply;
	int disposition;
	struct history_reasons reasons;
	struct str override;
	struct str dry_runs[VERDICT_MAX_DRY_RUNS];
	size_t dry_run_count;
};

struct history_head {
	int64_t version;
	struct str host, uuid;
	int64_t created;
};

#define HISTORY_UUID_TEXT 36u

enum history_kind {
	HISTORY_TEXT,    /* struct str: at most `max` bytes */
	HISTORY_NAME,    /* int: one of `names` */
	HISTORY_NUMBER,  /* int64_t: `min` to `max` */
	HISTORY_FLAG,    /* bool */
	HISTORY_ADDRESS, /* struct str */
	HISTORY_UUID,    /* struct str */
	HISTORY_OBJECT,  /* a struct: of `fields` */
	HISTORY_LIST     /* an array: at most `max` elements like `item` */
};

struct history_field {
	const char *name;
	enum history_kind kind;
	bool is_optional;
	int64_t min, max;
	const struct table_row *names;
	const struct history_field *fields;
	const struct history_field *item;
	size_t at;    /* where the value lies in its struct */
	size_t has;   /* bool: whether it is there; 0: nobody asks */
	size_t count; /* size_t: the elements of a list */
	size_t size;  /* of an item */
};

/* Each ends with a field without a name; none has more than 32. */
extern const struct history_field history_line_fields[];
extern const struct history_field history_head_fields[];

#endif
