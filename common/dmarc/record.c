/* SPDX-License-Identifier: BSD-2-Clause */
#include "dmarc/record.h"

#include "base/arena.h"
#include "base/ascii.h"
#include "base/cursor.h"
#include "dmarc/record_tag.h"
#include "dmarc/record_reader.h"

const struct table_row record_policy_names[] = {
	{RECORD_NONE, "none"},
	{RECORD_QUARANTINE, "quarantine"},
	{RECORD_REJECT, "reject"},
	{0, NULL},
};

const struct table_row record_psd_names[] = {
	{RECORD_PSD_U, "u"},
	{RECORD_PSD_Y, "y"},
	{RECORD_PSD_N, "n"},
	{0, NULL},
};

static bool
is_unprintable(int c)
{
	return !ascii_is_print(c) && c != '\t';
}

static bool
is_printable(int c)
{
	return !is_unprintable(c);
}

static void
note_bytes(struct record_reader *r, const struct tag *t)
{
	struct cursor c;

	cursor_init(&c, str_sub(r->out->text, t->at, t->n));
	while (!cursor_at_end(&c)) {
		cursor_span(&c, is_printable);
		size_t from = c.at;
		if (cursor_span(&c, is_unprintable).n > 0)
			record_reader_note(r, RECORD_NON_ASCII, t->at + from,
			    c.at - from);
	}
}

/* dmarc-tag = 1*ALPHA equals 1*dmarc-value (RFC 9989 4.8) */
static bool
has_tag_name(const struct tag *t)
{
	for (size_t i = 0; i < t->name.n; i++)
		if (!ascii_is_alpha(t->name.p[i]))
			return false;
	return t->has_equals && t->name.n > 0;
}

/* A later tag of the same name makes this one malformed too: no reader of RFC
 * 6376 3.2 tag lists may choose among them. */
static bool
is_followed_by_twin(const struct tags *tags, size_t i)
{
	for (size_t j = i + 1; j < tags->count; j++)
		if (str_ieq(tags->at[j].name, tags->at[i].name))
			return true;
	return false;
}

static void
read_tag(struct record_reader *r, size_t i)
{
	const struct tag *t = &r->tags.at[i];

	if (!has_tag_name(t)) {
		record_reader_note_segment(r, RECORD_TAG_SYNTAX, t);
		return;
	}
	if (t->is_repeated)
		record_reader_note_segment(r, RECORD_TAG_REPEATED, t);
	const struct record_tag *kind = record_tag_find(t->name, r->is_rfc7489);
	if (kind == NULL && !str_ieq(t->name, STR("v")))
		record_reader_note_segment(r, RECORD_TAG_UNKNOWN, t);
	if (kind == NULL)
		return;
	if (kind->age == RECORD_TAG_AGE_HISTORIC)
		record_reader_note_segment(r, RECORD_TAG_HISTORIC, t);
	if (!t->is_repeated && !is_followed_by_twin(&r->tags, i))
		kind->read(r, t);
}

/* Blanks before the version tag, and what follows "DMARC1" up to the first ";":
 * "v=DMARC1 p=none" passes the version test and is one tag. */
static void
note_version(struct record_reader *r, const struct tag *t)
{
	struct cursor c;
	size_t version = STR("DMARC1").n;

	cursor_init(&c, r->out->text);
	size_t blanks = cursor_span(&c, ascii_is_wsp).n;
	if (blanks > 0)
		record_reader_note(r, RECORD_LEADING_SPACE, 0, blanks);
	note_bytes(r, t);
	struct str tail = str_trim(str_sub(t->value, version, t->value.n));
	if (tail.n > 0)
		record_reader_note(r, RECORD_TAG_SYNTAX,
		    t->value_at + (size_t)(tail.p - t->value.p), tail.n);
}

static void
read_tags(struct record_reader *r)
{
	struct str text = r->out->text;

	tags_parse(text, r->scratch, &r->tags);
	const struct tag *t = &r->tags.at[0];
	note_version(r, t);
	for (size_t i = 1; i < r->tags.count; i++) {
		t = &r->tags.at[i];
		note_bytes(r, t);
		if (!t->is_empty)
			read_tag(r, i);
		else if (t->at + t->n < text.n) /* a last ";" is usual */
			record_reader_note(r, RECORD_TAG_EMPTY, t->at, t->n);
	}
	if (r->tags.too_many)
		record_reader_note(r, RECORD_TOO_MANY_TAGS, t->at + t->n,
		    text.n - t->at - t->n);
}

static void
note_fo(struct record_reader *r)
{
	const struct tag *fo = tags_find(&r->tags, "fo");
	if (fo != NULL && r->out->ruf_count == 0)
		record_reader_note_segment(r, RECORD_FO_WITHOUT_RUF, fo);
}

/* RFC 9989 4.10.1, RFC 7489 6.6.3 step 6. */
static void
settle_policy(struct record_reader *r)
{
	struct record *out = r->out;

	if (tags_find(&r->tags, "p") == NULL)
		record_reader_note(r, RECORD_P_MISSING, out->text.n, 0);
	if (r->has_p && !r->is_policy_wrong)
		return;
	out->p = RECORD_NONE;
	out->has_sp = out->has_np = false;
	if (out->rua_count > 0)
		out->is_fallback = true;
	else
		out->status = RECORD_UNUSABLE;
}

static void
read_record(struct record_reader *r)
{
	struct record *out = r->out;

	if (!record_is_candidate(out->text)) {
		out->status = RECORD_FOREIGN;
	} else if (out->text.n > RECORD_MAX_BYTES) {
		out->status = RECORD_UNUSABLE;
		record_reader_note(r, RECORD_TOO_LONG, RECORD_MAX_BYTES,
		    out->text.n - RECORD_MAX_BYTES);
	} else {
		read_tags(r);
		note_fo(r);
		settle_policy(r);
	}
}

static enum record_status
parse(struct str text, bool is_rfc7489, struct arena *a, struct record *out)
{
	/* The DNS cache keeps results, and counts on their being small. */
	struct arena *scratch = arena_new(0);
	struct record_reader r = {.arena = a, .scratch = scratch, .out = out,
	    .is_rfc7489 = is_rfc7489};

	*out = (struct record) {.text = text, .pct = 100, .fo = RECORD_FO_0};
	read_record(&r);
	out->findings = (const void *)arena_copy(a, r.findings,
	    r.finding_count * sizeof r.findings[0]);
	out->finding_count = r.finding_count;
	arena_free(scratch);
	return out->status;
}

enum record_status
record_parse(struct str text, struct arena *a, struct record *out)
{
	return parse(text, false, a, out);
}

enum record_status
record_parse_rfc7489(struct str text, struct arena *a, struct record *out)
{
	return parse(text, true, a, out);
}

/* dmarc-version = "v" *WSP "=" *WSP %s"DMARC1" (RFC 9989 4.8), after blanks,
 * which RFC 6376 3.2 allows, and before the end, a blank or ";". */
bool
record_is_candidate(struct str text)
{
	struct cursor c;

	cursor_init(&c, text);
	cursor_span(&c, ascii_is_wsp);
	if (!cursor_take(&c, 'v'))
		cursor_need(&c, 'V');
	cursor_span(&c, ascii_is_wsp);
	cursor_need(&c, '=');
	cursor_span(&c, ascii_is_wsp);
	struct str word = cursor_bytes(&c, STR("DMARC1").n);
	int next = cursor_peek(&c);
	return !cursor_failed(&c) && str_eq(word, STR("DMARC1")) &&
	    (next == -1 || next == ';' || ascii_is_wsp(next));
}
