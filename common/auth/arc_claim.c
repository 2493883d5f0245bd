/* SPDX-License-Identifier: BSD-2-Clause */
#include "auth/arc_claim.h"

#include <string.h>

#include "base/arena.h"
#include "base/ascii.h"
#include "base/cursor.h"
#include "base/text.h"
#include "mail/domain.h"
#include "mail/lexeme.h"

/* One result while it is read. */
struct result {
	struct str method, result;
	struct str from, mailfrom, domain, remote_ip; /* of its properties */
};

struct reader {
	struct cursor c;
	struct arena *scratch;
	struct arena *arena;
	struct arc_claim *out;
};

/* Keyword of RFC 5321 4.1.2, with the "." that parts ptype and property. */
static bool
is_keyword(int c)
{
	return ascii_is_alnum(c) || c == '-' || c == '_' || c == '.';
}

/* More than RFC 8601 2.2 lets stand without quotes: sealers do not quote. */
static bool
is_bare(int c)
{
	return c > ' ' && c != 127 && strchr(";()\"", c) == NULL;
}

/* [CFWS] value [CFWS], where a local-part may be quoted. */
static struct str
value(struct reader *r)
{
	struct text t;
	text_init(&t, r->scratch);
	lexeme_cfws(&r->c);
	do {
		if (cursor_peek(&r->c) == '"')
			lexeme_quoted_string(&r->c, &t);
		text_add(&t, cursor_span(&r->c, is_bare));
	} while (cursor_peek(&r->c) == '"');
	lexeme_cfws(&r->c);
	return text_str(&t);
}

/* [CFWS] Keyword [ "/" version ] [CFWS] "=" */
static struct str
name(struct reader *r)
{
	lexeme_cfws(&r->c);
	struct str s = cursor_span(&r->c, is_keyword);
	if (s.n == 0)
		cursor_fail(&r->c);
	if (cursor_take(&r->c, '/'))
		cursor_span(&r->c, ascii_is_digit);
	lexeme_cfws(&r->c);
	cursor_need(&r->c, '=');
	return s;
}

/* A property that counts; the first of a name stands. */
static void
property(struct reader *r, struct result *out)
{
	const struct {
		struct str name;
		struct str *to;
	} rows[] = {
		{STR("header.from"), &out->from},
		{STR("smtp.mailfrom"), &out->mailfrom},
		{STR("header.d"), &out->domain},
		{STR("smtp.remote-ip"), &out->remote_ip},
	};
	struct str key = name(r), v = value(r);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (str_ieq(key, rows[i].name) && str_is_empty(*rows[i].to))
			*rows[i].to = v;
}

/* The domain of an address, or what stands alone, in the one form. */
static struct str
domain_of(const struct reader *r, struct str s)
{
	struct str d;
	size_t at = str_find_last(s, '@');
	if (at < s.n)
		s = str_sub(s, at + 1, s.n);
	return domain_parse(s, r->arena, &d) == DOMAIN_OK ? d :
							    (struct str) {0};
}

static void
note_dmarc(struct reader *r, const struct result *res)
{
	struct arc_claim *out = r->out;
	bool is_pass = str_ieq(res->result, STR("pass"));
	/* Which of several would count is not ours to choose. */
	out->is_dmarc_pass = !out->has_dmarc && is_pass;
	out->has_dmarc = true;
	out->from = domain_of(r, res->from);
}

static void
note(struct reader *r, const struct result *res)
{
	struct arc_claim *out = r->out;
	bool is_pass = str_ieq(res->result, STR("pass"));
	if (str_ieq(res->method, STR("dmarc")))
		note_dmarc(r, res);
	if (is_pass && str_ieq(res->method, STR("spf")) &&
	    str_is_empty(out->spf))
		out->spf = domain_of(r, res->mailfrom);
	if (is_pass && str_ieq(res->method, STR("dkim")) &&
	    out->dkim_count < ARC_CLAIM_MAX_DKIM) {
		struct str d = domain_of(r, res->domain);
		if (!str_is_empty(d))
			out->dkim[out->dkim_count++] = d;
	}
	if (out->remote_ip.family == IP_NONE)
		ip_parse(res->remote_ip, &out->remote_ip);
}

/* methodspec [ reasonspec ] [ propspec ], behind a ";" */
static void
result(struct reader *r)
{
	struct result res = {.method = {NULL, 0}};
	lexeme_cfws(&r->c);
	if (cursor_at_end(&r->c) || cursor_take_lit(&r->c, "none")) {
		lexeme_cfws(&r->c);
		return;
	}
	res.method = name(r);
	lexeme_cfws(&r->c);
	res.result = cursor_span(&r->c, is_keyword);
	lexeme_cfws(&r->c);
	while (!cursor_at_end(&r->c) && cursor_peek(&r->c) != ';')
		property(r, &res);
	if (!cursor_failed(&r->c))
		note(r, &res);
}

/* "i" "=" instance ";" authserv-id [ version ], as arc_field.c reads it */
static void
head(struct reader *r)
{
	name(r);
	value(r);
	cursor_need(&r->c, ';');
	if (value(r).n == 0)
		cursor_fail(&r->c);
	cursor_span(&r->c, ascii_is_digit);
	lexeme_cfws(&r->c);
}

void
arc_claim_read(struct str field, struct arena *a, struct arc_claim *out)
{
	struct reader r = {.scratch = arena_new(0), .arena = a, .out = out};
	*out = (struct arc_claim) {.is_readable = false};
	cursor_init(&r.c, field);
	head(&r);
	while (cursor_take(&r.c, ';'))
		result(&r);
	out->is_readable = !cursor_failed(&r.c) && cursor_at_end(&r.c);
	if (!out->is_readable)
		*out = (struct arc_claim) {.is_readable = false};
	arena_free(r.scratch);
}
