/* SPDX-License-Identifier: BSD-2-Clause */
#include "judge/failure_print.h"

#include "base/arena.h"
#include "base/text.h"
#include "base/utf8.h"
#include "judge/failure.h"
#include "judge/history.h"
#include "judge/history_field.h"
#include "judge/message.h"
#include "judge/verdict.h"
#include "mail/authres.h"

/* ---- JSON --------------------------------------------------------------- */

/* Outside text as a string of at most `max` bytes of UTF-8: what is none, and
 * control characters, become U+FFFD, so that two characters alone need an
 * escape (RFC 8259 7). */
static void
add_string(struct text *t, struct str s, size_t max)
{
	text_add_char(t, '"');
	for (size_t i = 0, taken = 0; i < s.n;) {
		size_t n = utf8_length(s.p + i, s.n - i);
		struct str piece = n > 0 ? str_sub(s, i, n) :
		    STR(UTF8_REPLACEMENT);
		taken += piece.n;
		if (taken > max)
			break;
		if (piece.p[0] == '"' || piece.p[0] == '\\')
			text_add_char(t, '\\');
		text_add(t, piece);
		i += n > 0 ? n : 1;
	}
	text_add_char(t, '"');
}

static void
add_key(struct text *t, const char *name)
{
	text_printf(t, ",\"%s\":", name);
}

static void
add_faults(struct text *t, const struct verdict *v)
{
	add_key(t, "faults");
	text_add_char(t, '[');
	for (size_t i = 0; i < v->dkim_count; i++)
		text_printf(t, "%s\"%s\"", i > 0 ? "," : "",
		    table_name(signature_fault_names,
			(int)v->dkim[i]->fault));
	text_add_char(t, ']');
}

static void
add_sources(struct text *t, const struct spf_check *spf)
{
	add_key(t, "spf_records");
	text_add_char(t, '[');
	for (size_t i = 0; i < spf->source_count; i++) {
		text_add(t, i > 0 ? STR(",{") : STR("{"));
		text_add(t, STR("\"domain\":"));
		add_string(t, spf->sources[i].domain, HISTORY_DOMAIN);
		add_key(t, "text");
		add_string(t, spf->sources[i].text, SPF_MAX_RECORD);
		text_add_char(t, '}');
	}
	text_add_char(t, ']');
}

static void
add_recipients(struct text *t, const struct message *m)
{
	add_key(t, "recipients");
	text_add_char(t, '[');
	for (size_t i = 0; i < m->recipient_count &&
	    i < FAILURE_MAX_RECIPIENTS; i++) {
		if (i > 0)
			text_add_char(t, ',');
		add_string(t, m->recipients[i], FAILURE_RECIPIENT);
	}
	text_add_char(t, ']');
}

/* ---- header ------------------------------------------------------------- */

/* One that says it is ours is not: the MTA removes it, and a report under our
 * name must not show it. */
static bool
is_forged(const struct message *m, const struct header_field *f)
{
	return header_is(f, STR("Authentication-Results")) &&
	    authres_is_forged(f->value, m->authserv_id, m->arena);
}

/* The fields as they came; *is_cut when one was left out for its size. */
static struct str
header_block(const struct message *m, struct arena *a, bool *is_cut)
{
	struct text t;
	text_init(&t, a);
	*is_cut = m->headers.dropped > 0;
	for (size_t i = 0; i < m->headers.count; i++) {
		const struct header_field *f = &m->headers.at[i];
		if (is_forged(m, f))
			continue;
		if (f->name.n + f->value.n + 3 > FAILURE_MAX_HEADER - t.n) {
			*is_cut = true;
			continue;
		}
		text_add(&t, f->name);
		text_add_char(&t, ':');
		text_add(&t, f->value);
		text_add(&t, STR("\r\n"));
	}
	return text_str(&t);
}

struct str
failure_print(const struct message *m, const struct verdict *v,
    const struct plan *p, unsigned type, struct arena *a)
{
	bool is_cut;
	struct text t;
	struct str header = header_block(m, a, &is_cut);
	text_init(&t, a);
	text_printf(&t, "{\"version\":%d", FAILURE_VERSION);
	add_key(&t, "type");
	text_printf(&t, "\"%s\"", table_name(failure_type_names, (int)type));
	add_key(&t, "authserv_id");
	add_string(&t, m->authserv_id, HISTORY_WORD);
	add_key(&t, "mta");
	add_string(&t, m->mta, HISTORY_WORD);
	add_key(&t, "source_port");
	text_printf(&t, "%u", m->client_port);
	add_recipients(&t, m);
	add_faults(&t, v);
	add_sources(&t, &v->spf);
	add_key(&t, "is_cut");
	text_add(&t, is_cut ? STR("true") : STR("false"));
	add_key(&t, "header");
	text_printf(&t, "%zu}\n", header.n);
	text_add(&t, history_print(m, v, p, a));
	text_add(&t, header);
	return text_str(&t);
}
