/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/import/history_read.h"

#include <string.h>

#include "base/arena.h"
#include "base/ascii.h"
#include "base/cursor.h"
#include "base/utf8.h"
#include "judge/history.h"
#include "net/ip.h"

/* Nothing that we write is deeper, and values are skipped by recursion. */
#define MAX_DEPTH 16u
/* 18 digits fit an int64_t. */
#define MAX_DIGITS 18u

struct reader {
	const char *p, *end;
	struct arena *arena;
	bool is_bad;
	bool is_odd;    /* nothing that we write: history_check() decides */
	bool has_dmarc, has_version; /* as keys of the outer object */
};

static bool
fail(struct reader *r)
{
	r->is_bad = true;
	return false;
}

static void
skip_blanks(struct reader *r)
{
	while (r->p < r->end && ascii_is_fws(*r->p))
		r->p++;
}

static bool
take(struct reader *r, char c)
{
	skip_blanks(r);
	if (r->p == r->end || *r->p != c)
		return false;
	r->p++;
	return true;
}

static bool
need(struct reader *r, char c)
{
	return take(r, c) || fail(r);
}

/* ---- strings (RFC 8259 7) ----------------------------------------------- */

static int
hex_value(char c)
{
	if (ascii_is_digit(c))
		return c - '0';
	c = ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Four digits behind "\u"; -1 where there are none. */
static int
take_unit(struct reader *r)
{
	int unit = 0;
	if (r->end - r->p < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		int digit = hex_value(*r->p++);
		if (digit < 0)
			return -1;
		unit = unit * 16 + digit;
	}
	return unit;
}

static size_t
put_utf8(int c, char *out)
{
	if (c < 0x80)
		return out[0] = (char)c, 1;
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3f));
		out[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3f));
	out[2] = (char)(0x80 | (c >> 6 & 0x3f));
	out[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

/* "\uXXXX", or a surrogate pair of them; no NUL. */
static bool
take_code_point(struct reader *r, char **out)
{
	int c = take_unit(r);
	if (c >= 0xd800 && c <= 0xdbff) {
		if (r->end - r->p < 2 || r->p[0] != '\\' || r->p[1] != 'u')
			return fail(r);
		r->p += 2;
		int low = take_unit(r);
		if (low < 0xdc00 || low > 0xdfff)
			return fail(r);
		c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
	} else if (c <= 0 || (c >= 0xdc00 && c <= 0xdfff)) {
		return fail(r);
	}
	*out += put_utf8(c, *out);
	return true;
}

static bool
take_escape(struct reader *r, char **out)
{
	static const char letters[] = "\"\\/bfnrt";
	static const char values[] = "\"\\/\b\f\n\r\t";
	if (r->p == r->end)
		return fail(r);
	char c = *r->p++;
	if (c == 'u')
		return take_code_point(r, out);
	const char *at = memchr(letters, c, sizeof letters - 1);
	if (at == NULL)
		return fail(r);
	*(*out)++ = values[at - letters];
	return true;
}

/* Where the quote at the end, a backslash or a bad byte stands. */
static const char *
plain_end(const struct reader *r, const char *p)
{
	while (p < r->end) {
		if (*p == '"' || *p == '\\')
			return p;
		size_t n = *p == 0x7f ? 1 :
		    utf8_length(p, (size_t)(r->end - p));
		if (n == 0)
			return p;
		p += n;
	}
	return p;
}

/* What begins behind the quote and has escapes; no escape grows. */
static bool
take_escaped(struct reader *r, struct str *out)
{
	char *start = arena_alloc(r->arena, (size_t)(r->end - r->p));
	char *to = start;
	for (;;) {
		const char *stop = plain_end(r, r->p);
		memcpy(to, r->p, (size_t)(stop - r->p));
		to += stop - r->p;
		r->p = stop;
		if (r->p == r->end || (*r->p != '\\' && *r->p != '"'))
			return fail(r);
		if (*r->p++ == '"')
			break;
		if (!take_escape(r, &to))
			return false;
	}
	*out = (struct str) {start, (size_t)(to - start)};
	return true;
}

static bool
take_string(struct reader *r, struct str *out)
{
	if (!need(r, '"'))
		return false;
	const char *stop = plain_end(r, r->p);
	if (stop < r->end && *stop == '\\')
		return take_escaped(r, out);
	if (stop == r->end || *stop != '"')
		return fail(r);
	*out = (struct str) {r->p, (size_t)(stop - r->p)};
	r->p = stop + 1;
	return true;
}

/* ---- other values ------------------------------------------------------- */

static bool
take_word(struct reader *r, struct str word)
{
	skip_blanks(r);
	if ((size_t)(r->end - r->p) < word.n ||
	    memcmp(r->p, word.p, word.n) != 0)
		return false;
	r->p += word.n;
	return true;
}

static bool
take_flag(struct reader *r, bool *out)
{
	*out = take_word(r, STR("true"));
	return *out || take_word(r, STR("false")) || fail(r);
}

/* A whole number; no field has a negative one but -0. */
static bool
take_number(struct reader *r, int64_t *out)
{
	skip_blanks(r);
	bool is_negative = r->p < r->end && *r->p == '-';
	r->p += is_negative;
	const char *start = r->p;
	*out = 0;
	while (r->p < r->end && ascii_is_digit(*r->p) &&
	    r->p - start < (ptrdiff_t)MAX_DIGITS)
		*out = *out * 10 + (*r->p++ - '0');
	if (r->p == start || (*start == '0' && r->p - start > 1))
		return fail(r);
	if (r->p < r->end && (ascii_is_digit(*r->p) || *r->p == '.' ||
	    *r->p == 'e' || *r->p == 'E'))
		return fail(r);
	return !is_negative || *out == 0 || fail(r);
}

static bool skip_value(struct reader *r, unsigned depth);

/* Elements, or members with their keys, up to the closing bracket. */
static bool
skip_members(struct reader *r, char close, unsigned depth)
{
	struct str key;
	if (take(r, close))
		return true;
	do {
		if (close == '}' && (!take_string(r, &key) || !need(r, ':')))
			return false;
		if (!skip_value(r, depth + 1))
			return false;
	} while (take(r, ','));
	return need(r, close);
}

/* Any value: what is behind it is found, whether it is sound is not asked. */
static bool
skip_value(struct reader *r, unsigned depth)
{
	struct str s;
	if (depth > MAX_DEPTH)
		return fail(r);
	if (take(r, '{'))
		return skip_members(r, '}', depth);
	if (take(r, '['))
		return skip_members(r, ']', depth);
	if (r->p < r->end && *r->p == '"')
		return take_string(r, &s);
	const char *start = r->p;
	while (r->p < r->end && (ascii_is_alnum(*r->p) || *r->p == '-' ||
	    *r->p == '+' || *r->p == '.'))
		r->p++;
	return r->p > start || fail(r);
}

/* ---- fields ------------------------------------------------------------- */

static bool
take_name(struct reader *r, const struct history_field *f, int *out)
{
	struct str s;
	if (!take_string(r, &s))
		return false;
	for (const struct table_row *row = f->names; row->name != NULL; row++)
		if (strncmp(row->name, s.p, s.n) == 0 &&
		    row->name[s.n] == '\0') {
			*out = row->value;
			return true;
		}
	return fail(r);
}

static bool
is_uuid(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
		bool is_hex = ascii_is_digit(s.p[i]) ||
		    (s.p[i] >= 'a' && s.p[i] <= 'f');
		if (is_dash ? s.p[i] != '-' : !is_hex)
			return false;
	}
	return s.n == HISTORY_UUID_TEXT;
}

static bool
take_text(struct reader *r, const struct history_field *f, struct str *out)
{
	struct ip ip;
	if (!take_string(r, out))
		return false;
	if (f->kind == HISTORY_ADDRESS)
		return ip_parse(*out, &ip) || fail(r);
	if (f->kind == HISTORY_UUID)
		return is_uuid(*out) || fail(r);
	return ((int64_t)out->n >= f->min && (int64_t)out->n <= f->max) ||
	    fail(r);
}

static bool take_value(struct reader *r, const struct history_field *f,
    char *at);

static bool
take_list(struct reader *r, const struct history_field *f, char *object)
{
	size_t n = 0;
	if (!need(r, '['))
		return false;
	if (take(r, ']'))
		return true;
	do {
		if ((int64_t)n == f->max)
			return fail(r);
		char *element = object + f->at + n * f->item->size;
		if (!take_value(r, f->item, element))
			return false;
		n++;
	} while (take(r, ','));
	*(size_t *)(void *)(object + f->count) = n;
	return need(r, ']');
}

/* The field of that name; our writer's come in the order of the table. */
static const struct history_field *
field_of(const struct history_field *fields, const struct history_field *next,
    struct str key)
{
	for (const struct history_field *f = next; f->name != NULL; f++)
		if (strncmp(f->name, key.p, key.n) == 0 &&
		    f->name[key.n] == '\0')
			return f;
	for (const struct history_field *f = fields; f != next; f++)
		if (strncmp(f->name, key.p, key.n) == 0 &&
		    f->name[key.n] == '\0')
			return f;
	return NULL;
}

static bool
take_member(struct reader *r, const struct history_field *fields,
    const struct history_field **next, uint32_t *seen, char *object)
{
	struct str key;
	if (!take_string(r, &key) || !need(r, ':'))
		return false;
	const struct history_field *f = field_of(fields, *next, key);
	if (f == NULL) {
		r->is_odd = true;
		r->has_dmarc |= str_eq(key, STR("dmarc"));
		r->has_version |= str_eq(key, STR("version"));
		return skip_value(r, 1);
	}
	uint32_t bit = (uint32_t)1 << (f - fields);
	if ((*seen & bit) != 0)
		return fail(r);
	*seen |= bit;
	*next = f + 1;
	if (f->has != 0)
		*(bool *)(object + f->has) = true;
	return f->kind == HISTORY_LIST ? take_list(r, f, object) :
	    take_value(r, f, object + f->at);
}

static bool
take_object(struct reader *r, const struct history_field *fields, char *object)
{
	const struct history_field *next = fields;
	uint32_t seen = 0;
	if (!need(r, '{'))
		return false;
	if (!take(r, '}')) {
		do {
			if (!take_member(r, fields, &next, &seen, object))
				return false;
		} while (take(r, ','));
		if (!need(r, '}'))
			return false;
	}
	for (const struct history_field *f = fields; f->name != NULL; f++)
		if (!f->is_optional && (seen & 1u << (f - fields)) == 0)
			return fail(r);
	return true;
}

static bool
take_value(struct reader *r, const struct history_field *f, char *at)
{
	void *value = at;
	switch (f->kind) {
	case HISTORY_NUMBER:
		return take_number(r, value) &&
		    ((*(int64_t *)value >= f->min &&
		    *(int64_t *)value <= f->max) || fail(r));
	case HISTORY_FLAG:
		return take_flag(r, value);
	case HISTORY_NAME:
		return take_name(r, f, value);
	case HISTORY_OBJECT:
		return take_object(r, f->fields, at);
	case HISTORY_TEXT:
	case HISTORY_ADDRESS:
	case HISTORY_UUID:
		return take_text(r, f, value);
	case HISTORY_LIST: /* no list of lists */
		break;
	}
	return fail(r);
}

/* ---- lines -------------------------------------------------------------- */

/* As history_check(): one author's fields fit together, and the signatures. */
static bool
author_is_sound(const struct history_author *a, size_t signatures)
{
	bool is_fail = a->dmarc == VERDICT_FAIL;
	if ((is_fail || a->dmarc == VERDICT_PASS) && !a->has_published)
		return false;
	for (size_t i = 0; i < a->aligned_count; i++)
		if ((size_t)a->aligned[i] >= signatures)
			return false;
	return !is_fail || a->has_policy;
}

static bool
message_is_sound(const struct history_line *m)
{
	for (size_t i = 0; i < m->author_count; i++)
		if (!author_is_sound(&m->authors[i], m->dkim_count))
			return false;
	if (!m->has_decisive)
		return m->author_count == 0;
	return (size_t)m->decisive < m->author_count &&
	    m->authors[m->decisive].dmarc == m->dmarc;
}

static bool
read_object(struct reader *r, struct str line,
    const struct history_field *fields, void *out, size_t size)
{
	memset(out, 0, size);
	r->p = line.p;
	r->end = line.p + line.n;
	r->is_bad = r->is_odd = false;
	if (!take_object(r, fields, out))
		return false;
	skip_blanks(r);
	return r->p == r->end;
}

static bool
is_newer(struct reader *r, struct str line)
{
	static const struct history_field fields[] = {
		{.name = "version", .kind = HISTORY_NUMBER,
		    .min = HISTORY_VERSION + 1, .max = INT64_MAX},
		{.name = NULL},
	};
	int64_t version;
	return read_object(r, line, fields, &version, sizeof version);
}

/* What is no message: the first line of a file, or bad. */
static enum history_read
read_other(struct reader *r, struct str line, union history_entry *out,
    struct str *reason)
{
	bool is_head;
	bool is_good = history_check(line, r->arena, &is_head, reason);
	if (is_head && !is_good && is_newer(r, line))
		return HISTORY_READ_NEWER;
	if (is_good && is_head && read_object(r, line, history_head_fields,
	    &out->head, sizeof out->head))
		return HISTORY_READ_HEAD;
	if (is_good)
		*reason = STR("it is nested deeper than any writer nests");
	return HISTORY_READ_BAD;
}

enum history_read
history_read(struct str line, struct arena *a, union history_entry *out,
    struct str *reason)
{
	struct reader r = {.arena = a};
	bool is_head;
	if (line.n < HISTORY_MAX_LINE &&
	    read_object(&r, line, history_line_fields, &out->message,
	    sizeof out->message) && message_is_sound(&out->message) &&
	    (!r.is_odd || history_check(line, a, &is_head, reason)))
		return HISTORY_READ_MESSAGE;
	return read_other(&r, line, out, reason);
}

bool
history_read_object(struct str line, const struct history_field *fields,
    struct arena *a, void *out, size_t size)
{
	struct reader r = {.arena = a};
	return read_object(&r, line, fields, out, size);
}
