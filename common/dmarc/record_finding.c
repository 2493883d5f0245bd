/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/text.h"
#include "dmarc/record.h"

/* Bytes of the record that a problem quotes. */
#define MAX_QUOTE 40u

/* What a finding means; is_loss: the owner wrote something for nothing. */
static const struct {
	const char *text;
	bool is_loss;
} meanings[RECORD_FINDINGS] = {
	[RECORD_LEADING_SPACE] = {"blanks before the version tag; some "
	    "receivers ignore such a record", false},
	[RECORD_TAG_SYNTAX] = {"not a tag of the form name=value; ignored",
	    true},
	[RECORD_TAG_EMPTY] = {"nothing between two semicolons", false},
	[RECORD_TAG_UNKNOWN] = {"unknown tag; receivers ignore it", false},
	[RECORD_TAG_REPEATED] = {"the tag stands more than once; all of its "
	    "values are ignored", true},
	[RECORD_TAG_HISTORIC] = {"tag of RFC 7489 that RFC 9989 removed",
	    false},
	[RECORD_TOO_MANY_TAGS] = {"too many tags; the rest is ignored", true},
	[RECORD_TOO_LONG] = {"the record is too long to be used", true},
	[RECORD_NON_ASCII] = {"bytes that are not printable ASCII", false},
	[RECORD_P_MISSING] = {"no p tag; read as none if there is a valid rua, "
	    "else the record is not used", true},
	[RECORD_P_NOT_SECOND] = {"p is not the second tag; readers of RFC 7489 "
	    "want it there", false},
	[RECORD_POLICY_INVALID] = {"not none, quarantine or reject; the policy "
	    "is read as none if there is a valid rua, else the record is not "
	    "used", true},
	[RECORD_ALIGN_INVALID] = {"not r or s; read as r", true},
	[RECORD_FO_INVALID] = {"not a list of 0 or 1, d and s with colons "
	    "between; read as 0", true},
	[RECORD_FO_WITHOUT_RUF] = {"fo means nothing without a valid ruf",
	    false},
	[RECORD_PCT_INVALID] = {"not a number from 0 to 100; read as 100",
	    true},
	[RECORD_RI_INVALID] = {"not a number of seconds", false},
	[RECORD_RF_INVALID] = {"not afrf, the only report format", false},
	[RECORD_PSD_INVALID] = {"not y, n or u; read as u", true},
	[RECORD_T_INVALID] = {"not y or n; read as n", true},
	[RECORD_URI_INVALID] = {"not a valid URI; no report goes there", true},
	[RECORD_URI_SCHEME] = {"not a mailto: URI; no report goes there",
	    true},
	[RECORD_URI_SIZE] = {"size limits are obsolete; ignored", false},
	[RECORD_TOO_MANY_URIS] = {"too many URIs; the rest is ignored", true},
};

const char *
record_finding_text(enum record_finding_id id)
{
	return meanings[id].text;
}

static void
add_problem(struct text *t, struct str record, const struct record_finding *f)
{
	struct str quote = str_sub(record, f->at, f->n);
	if (t->n > 0)
		text_add(t, STR("; "));
	/* What is too long is not quoted: its text is no use to anybody. */
	if (quote.n > 0 && f->id != RECORD_TOO_LONG) {
		text_add(t, str_sub(quote, 0, MAX_QUOTE));
		text_add(t, quote.n > MAX_QUOTE ? STR("...: ") : STR(": "));
	}
	text_add(t, str_of(meanings[f->id].text));
}

struct str
record_problems(const struct record *r, struct arena *a)
{
	struct text t;
	bool is_told[RECORD_FINDINGS] = {false};

	text_init(&t, a);
	for (size_t i = 0; i < r->finding_count; i++) {
		const struct record_finding *f = &r->findings[i];
		if (!meanings[f->id].is_loss || is_told[f->id])
			continue;
		is_told[f->id] = true;
		add_problem(&t, r->text, f);
	}
	return text_str(&t);
}
