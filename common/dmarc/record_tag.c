/* SPDX-License-Identifier: BSD-2-Clause */
#include "dmarc/record_tag.h"

#include "base/arena.h"
#include "base/ascii.h"
#include "base/cursor.h"
#include "dmarc/record_reader.h"
#include "dmarc/uri.h"

static const struct table_row alignment_names[] = {
	{false, "r"},
	{true, "s"},
	{0, NULL},
};

static const struct table_row test_names[] = {
	{false, "n"},
	{true, "y"},
	{0, NULL},
};

static bool
read_word(struct record_reader *r, const struct tag *t, const struct table_row *rows,
    enum record_finding_id id, int *out)
{
	if (table_value(rows, t->value, out))
		return true;
	record_reader_note_value(r, id, t);
	return false;
}

static bool
read_policy(struct record_reader *r, const struct tag *t, enum record_policy *out)
{
	int value;
	if (!read_word(r, t, record_policy_names, RECORD_POLICY_INVALID,
	    &value))
		return false;
	*out = (enum record_policy)value;
	return true;
}

static void
read_p(struct record_reader *r, const struct tag *t)
{
	r->has_p = read_policy(r, t, &r->out->p);
	/* RFC 7489 6.3 wants it there, RFC 9989 4.7 does not. */
	if (t != &r->tags.at[1])
		record_reader_note_segment(r, RECORD_P_NOT_SECOND, t);
}

static void
read_sp(struct record_reader *r, const struct tag *t)
{
	r->out->has_sp = read_policy(r, t, &r->out->sp);
	r->is_policy_wrong |= !r->out->has_sp;
}

static void
read_np(struct record_reader *r, const struct tag *t)
{
	r->out->has_np = read_policy(r, t, &r->out->np);
	r->is_policy_wrong |= !r->out->has_np;
}

static bool
is_strict(struct record_reader *r, const struct tag *t)
{
	int value = false;
	read_word(r, t, alignment_names, RECORD_ALIGN_INVALID, &value);
	return value;
}

static void
read_adkim(struct record_reader *r, const struct tag *t)
{
	r->out->is_strict_dkim = is_strict(r, t);
}

static void
read_aspf(struct record_reader *r, const struct tag *t)
{
	r->out->is_strict_spf = is_strict(r, t);
}

static void
read_psd(struct record_reader *r, const struct tag *t)
{
	int value = RECORD_PSD_U;
	read_word(r, t, record_psd_names, RECORD_PSD_INVALID, &value);
	r->out->psd = (enum record_psd)value;
}

static void
read_t(struct record_reader *r, const struct tag *t)
{
	int value = false;
	read_word(r, t, test_names, RECORD_T_INVALID, &value);
	r->out->is_test = value;
}

static void
read_pct(struct record_reader *r, const struct tag *t)
{
	uint64_t pct;
	if (!str_to_uint(t->value, 100, &pct)) {
		record_reader_note_value(r, RECORD_PCT_INVALID, t);
		return;
	}
	r->out->pct = (unsigned)pct;
	r->out->has_pct = true;
}

static void
read_ri(struct record_reader *r, const struct tag *t)
{
	uint64_t seconds;
	if (!str_to_uint(t->value, UINT32_MAX, &seconds))
		record_reader_note_value(r, RECORD_RI_INVALID, t);
}

static void
read_rf(struct record_reader *r, const struct tag *t)
{
	struct cursor c;

	cursor_init(&c, t->value);
	do {
		cursor_span(&c, ascii_is_wsp);
		if (!cursor_take_lit(&c, "afrf"))
			cursor_fail(&c);
		cursor_span(&c, ascii_is_wsp);
	} while (cursor_take(&c, ':'));
	if (cursor_failed(&c) || !cursor_at_end(&c))
		record_reader_note_value(r, RECORD_RF_INVALID, t);
}

static unsigned
fo_flag(int c)
{
	switch (c) {
	case '0':
		return RECORD_FO_0;
	case '1':
		return RECORD_FO_1;
	case 'd':
	case 'D':
		return RECORD_FO_D;
	case 's':
	case 'S':
		return RECORD_FO_S;
	}
	return 0;
}

/* RFC 9989 4.7: each at most once, and 0 and 1 exclude each other. */
static void
read_fo(struct record_reader *r, const struct tag *t)
{
	struct cursor c;
	unsigned fo = 0;

	cursor_init(&c, t->value);
	do {
		cursor_span(&c, ascii_is_wsp);
		unsigned flag = fo_flag(cursor_next(&c));
		if (flag == 0 || (fo & flag) != 0)
			cursor_fail(&c);
		fo |= flag;
		cursor_span(&c, ascii_is_wsp);
	} while (cursor_take(&c, ':'));
	if (cursor_failed(&c) || !cursor_at_end(&c) ||
	    (fo & RECORD_FO_0 && fo & RECORD_FO_1))
		record_reader_note_value(r, RECORD_FO_INVALID, t);
	else
		r->out->fo = fo;
}

/* One entry of a list, which stands at byte `at` of the text. */
static bool
read_uri(struct record_reader *r, struct str entry, size_t at, struct record_uri *out)
{
	if (!uri_parse(entry, r->scratch, out)) {
		record_reader_note(r, RECORD_URI_INVALID, at, entry.n);
		return false;
	}
	if (!out->is_mailto)
		record_reader_note(r, RECORD_URI_SCHEME, at, out->uri.n);
	if (out->uri.n < entry.n)
		record_reader_note(r, RECORD_URI_SIZE, at + out->uri.n,
		    entry.n - out->uri.n);
	return true;
}

/* RFC 9989 4.8: URIs, separated by commas; a bad one is skipped. */
static void
read_uris(struct record_reader *r, const struct tag *t, const struct record_uri **out,
    size_t *count)
{
	struct record_uri uris[RECORD_MAX_URIS];
	size_t n = 0, at = 0;
	bool is_last = t->value.n == 0;

	if (is_last)
		record_reader_note_value(r, RECORD_URI_INVALID, t);
	while (!is_last) {
		struct str rest = str_sub(t->value, at, t->value.n);
		struct str raw = str_sub(rest, 0, str_find(rest, ','));
		struct str entry = str_trim(raw);
		size_t skipped = raw.n > 0 ? (size_t)(entry.p - raw.p) : 0;
		if (n == RECORD_MAX_URIS) {
			record_reader_note(r, rest.n > 0 ? RECORD_TOO_MANY_URIS
						  : RECORD_URI_INVALID,
			    t->value_at + at, rest.n);
			break;
		}
		n += read_uri(r, entry, t->value_at + at + skipped, &uris[n]);
		is_last = raw.n == rest.n;
		at += raw.n + 1;
	}
	*out = (const void *)arena_copy(r->arena, uris, n * sizeof uris[0]);
	*count = n;
}

static void
read_rua(struct record_reader *r, const struct tag *t)
{
	read_uris(r, t, &r->out->rua, &r->out->rua_count);
}

static void
read_ruf(struct record_reader *r, const struct tag *t)
{
	read_uris(r, t, &r->out->ruf, &r->out->ruf_count);
}

static const struct record_tag kinds[] = {
	{"p", read_p, RECORD_TAG_AGE_CURRENT},
	{"sp", read_sp, RECORD_TAG_AGE_CURRENT},
	{"np", read_np, RECORD_TAG_AGE_SINCE_RFC9989},
	{"adkim", read_adkim, RECORD_TAG_AGE_CURRENT},
	{"aspf", read_aspf, RECORD_TAG_AGE_CURRENT},
	{"fo", read_fo, RECORD_TAG_AGE_CURRENT},
	{"rua", read_rua, RECORD_TAG_AGE_CURRENT},
	{"ruf", read_ruf, RECORD_TAG_AGE_CURRENT},
	{"psd", read_psd, RECORD_TAG_AGE_SINCE_RFC9989},
	{"t", read_t, RECORD_TAG_AGE_SINCE_RFC9989},
	{"pct", read_pct, RECORD_TAG_AGE_HISTORIC},
	{"ri", read_ri, RECORD_TAG_AGE_HISTORIC},
	{"rf", read_rf, RECORD_TAG_AGE_HISTORIC},
};

const struct record_tag *
record_tag_find(struct str name, bool is_rfc7489)
{
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		const struct record_tag *k = &kinds[i];
		/* RFC 9989 4.8: names compare without regard to case. */
		if (str_ieq(name, str_of(k->name)))
			return is_rfc7489 && k->age == RECORD_TAG_AGE_SINCE_RFC9989
			    ? NULL
			    : k;
	}
	return NULL;
}
