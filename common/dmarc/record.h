/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_DMARC_RECORD_H
#define APLOMB_DMARC_RECORD_H

/*
 * DMARC records (RFC 9989 4.7, 4.8; RFC 7489 6.3, 6.4). One tolerant reader
 * serves the daemon and the checker: it gives what a receiver does with the
 * record, and every finding with its position.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "base/table.h"

struct arena;

/* RFCs set no bound; real records stay under 1 KB. A longer one is unusable. */
#define RECORD_MAX_BYTES 8192u
#define RECORD_MAX_URIS  64u
/* Later findings are dropped; what a receiver does is not affected. */
#define RECORD_MAX_FINDINGS 256u

enum record_status {
	RECORD_OK,
	RECORD_FOREIGN, /* fails the version test: not a DMARC record at all */
	RECORD_UNUSABLE /* p, sp or np missing or invalid, and no valid rua; or
			   too long: DMARC does not apply (RFC 9989 4.10.1) */
};

enum record_policy { RECORD_NONE, RECORD_QUARANTINE, RECORD_REJECT };
enum record_psd { RECORD_PSD_U, RECORD_PSD_Y, RECORD_PSD_N };

extern const struct table_row record_policy_names[];
extern const struct table_row record_psd_names[];

/* Flags of fo=. */
#define RECORD_FO_0 1u
#define RECORD_FO_1 2u
#define RECORD_FO_D 4u
#define RECORD_FO_S 8u

struct record_uri {
	struct str uri;     /* without the "!size" suffix */
	uint64_t max_bytes; /* of that suffix; 0 when absent */
	bool is_mailto;
};

enum record_finding_id {
	RECORD_LEADING_SPACE,  /* blanks before "v" */
	RECORD_TAG_SYNTAX,     /* a segment that is no tag */
	RECORD_TAG_EMPTY,      /* ";;" */
	RECORD_TAG_UNKNOWN,
	RECORD_TAG_REPEATED,
	RECORD_TAG_HISTORIC,   /* pct, ri, rf */
	RECORD_TOO_MANY_TAGS,
	RECORD_TOO_LONG,
	RECORD_NON_ASCII,      /* a run of bytes that ASCII cannot print */
	RECORD_P_MISSING,      /* n is 0, at the end of the text */
	RECORD_P_NOT_SECOND,
	RECORD_POLICY_INVALID, /* p, sp or np */
	RECORD_ALIGN_INVALID,  /* adkim, aspf */
	RECORD_FO_INVALID,
	RECORD_FO_WITHOUT_RUF,
	RECORD_PCT_INVALID,
	RECORD_RI_INVALID,
	RECORD_RF_INVALID,
	RECORD_PSD_INVALID,
	RECORD_T_INVALID,
	RECORD_URI_INVALID,
	RECORD_URI_SCHEME,     /* not mailto: */
	RECORD_URI_SIZE,       /* "!10m" */
	RECORD_TOO_MANY_URIS,
	RECORD_FINDINGS
};

struct record_finding {
	enum record_finding_id id;
	size_t at, n; /* bytes of the record text; n may be 0 */
};

struct record {
	enum record_status status;
	struct str text;          /* the record as published */
	enum record_policy p;
	enum record_policy sp, np; /* count only with has_sp, has_np */
	bool has_sp, has_np;
	bool is_fallback;         /* p, sp or np was missing or invalid, and a
				     rua turned that into p=none alone */
	bool is_strict_dkim, is_strict_spf;
	enum record_psd psd;
	bool is_test;             /* t=y */
	unsigned pct;             /* 0 to 100; 100 by default */
	bool has_pct;             /* a valid one */
	unsigned fo;              /* flags; RECORD_FO_0 by default; means
				     nothing without ruf */
	const struct record_uri *rua, *ruf; /* valid ones, of any scheme */
	size_t rua_count, ruf_count;
	const struct record_finding *findings;
	size_t finding_count;
};

/* Reads one TXT value (character-strings joined). Always fills *out, in the
 * arena, with views into `text`; never stops at the first finding. A record
 * that is not RECORD_OK has p=none, and a foreign one no findings. */
enum record_status record_parse(struct str text, struct arena *a,
    struct record *out);

/* The same as RFC 7489 to the letter has it: np, psd and t are unknown tags. */
enum record_status record_parse_rfc7489(struct str text, struct arena *a,
    struct record *out);

/* The version test alone (RFC 9989 4.7): a candidate among TXT values. */
bool record_is_candidate(struct str text);

/* What a finding means to the owner, one sentence; for reports and checks. */
const char *record_finding_text(enum record_finding_id id);

/* Findings that made the reader ignore something the owner wrote, one of each
 * kind, "TEXT: what" joined by "; ": for the report's error element. Empty when
 * there is none. It quotes the record: escape it as outside text. */
struct str record_problems(const struct record *r, struct arena *a);

#endif
