/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/failure/failure_fields.h"

#include <inttypes.h>

#include "base/arena.h"
#include "base/ascii.h"
#include "base/date.h"
#include "judge/failure.h"
#include "judge/plan.h"
#include "mail/authres.h"
#include "mail/domain.h"
#include "report/failure/failure_redact.h"

#define MAX_COLUMN 76u
/* A word without a blank is broken so late: 998 with what stands before it. */
#define MAX_WORD   800u

/* ---- folding ------------------------------------------------------------ */

/* On one line: a line end goes, where a blank follows that folded it. */
static struct str
unfold(struct str value, struct arena *a)
{
	struct text t;
	text_init(&t, a);
	for (size_t i = 0; i < value.n; i++) {
		char c = value.p[i];
		bool is_end = c == '\r' || c == '\n';
		if (is_end && i + 1 < value.n && ascii_is_fws(value.p[i + 1]))
			continue;
		text_add_char(&t, is_end || c == '\t' ? ' ' :
		    ascii_is_print(c) ? c : '?');
	}
	return text_str(&t);
}

/* The length of the word that begins at `at`. */
static size_t
word_at(struct str s, size_t at)
{
	size_t n = 0;
	while (at + n < s.n && s.p[at + n] != ' ')
		n++;
	return n;
}

/* RFC 5322 2.2.3: a fold stands in front of a blank that is there anyway, so
 * that nothing is changed by it but a word that fits on no line. */
static void
add_folded(struct text *t, size_t column, struct str value)
{
	size_t start = column, run = 0;
	for (size_t i = 0; i < value.n; i++) {
		char c = value.p[i];
		size_t next = c == ' ' ? word_at(value, i + 1) : 0;
		run = c == ' ' ? 0 : run + 1;
		if (run > MAX_WORD) {
			text_add(t, STR("\r\n "));
			column = run = 1;
		} else if (next > 0 && column > start &&
		    column + 1 + next > MAX_COLUMN) {
			text_add(t, STR("\r\n"));
			column = 0;
			start = 0;
		}
		text_add_char(t, c);
		column++;
	}
	text_add(t, STR("\r\n"));
}

void
failure_fields_add(struct text *t, const char *name, struct str value)
{
	struct str label = str_of(name);
	text_printf(t, "%s: ", name);
	add_folded(t, label.n + 2, unfold(str_trim(value), t->arena));
}

/* ---- what failed -------------------------------------------------------- */

/* Whether an identifier is one that aligns, by the domains that the judgement
 * found. */
static bool
could_align(const struct failure_file *f, struct str domain, bool is_strict)
{
	const struct history_author *a = f->author;
	if (is_strict || a->org_domain.n == 0)
		return str_eq(domain, a->header_from);
	return domain_is_within(domain, a->org_domain);
}

static bool
is_broken(int result)
{
	return result == SIGNATURE_FAIL || result == SIGNATURE_PERMERROR;
}

const struct history_signature *
failure_fields_signature(const struct failure_file *f, size_t *at)
{
	const struct history_signature *other = NULL;
	bool is_strict = f->author->published.adkim != 0;
	for (size_t i = 0; i < f->line.dkim_count; i++) {
		const struct history_signature *s = &f->line.dkim[i];
		bool is_meant = f->type == FAILURE_DKIM ? is_broken(s->result) :
		    s->result != SIGNATURE_PASS;
		if (!is_meant || s->domain.n == 0)
			continue;
		if (could_align(f, s->domain, is_strict)) {
			*at = i;
			return s;
		}
		if (other == NULL) {
			other = s;
			*at = i;
		}
	}
	return f->type == FAILURE_DKIM ? other : NULL;
}

const char *
failure_fields_alignment(const struct failure_file *f)
{
	bool has_dkim = f->author->dkim == 0, has_spf = f->author->spf == 0;
	if (has_dkim && has_spf)
		return "none";
	return has_dkim ? "spf" : has_spf ? "dkim" : "dkim,spf";
}

/* RFC 6591 3.3. */
static const char *
auth_failure(const struct failure_fields *f)
{
	size_t at = 0;
	if (f->file->type == FAILURE_DMARC)
		return "dmarc";
	if (f->file->type == FAILURE_SPF)
		return "spf";
	if (failure_fields_signature(f->file, &at) == NULL ||
	    f->file->head.faults[at] == SIGNATURE_FAULT_NONE)
		return "signature";
	return table_name(signature_fault_names, f->file->head.faults[at]);
}

/* ---- fields ------------------------------------------------------------- */

/* One method alone (RFC 6591 3.1). */
static void
add_results(const struct failure_fields *f, struct text *t)
{
	const struct failure_file *file = f->file;
	const struct history_line *l = &file->line;
	struct authres w;
	size_t at = 0;
	const struct history_signature *s =
	    failure_fields_signature(file, &at);
	authres_begin(&w, t->arena, file->head.authserv_id.n > 0 ?
	    file->head.authserv_id : f->submitter);
	if (f->file->type == FAILURE_DKIM && s != NULL) {
		authres_result(&w, "dkim", table_name(signature_result_names,
		    s->result));
		authres_comment(&w, s->reason);
		authres_property(&w, "header.d", s->domain);
		authres_property(&w, "header.s", s->selector);
		authres_property(&w, "header.b", s->b);
	} else if (f->file->type == FAILURE_SPF) {
		authres_result(&w, "spf", table_name(spf_result_names,
		    l->spf.result));
		authres_property(&w, l->spf.identity != 0 ? "smtp.helo" :
		    "smtp.mailfrom", l->spf.domain);
	} else {
		authres_result(&w, "dmarc", table_name(verdict_result_names,
		    file->author->dmarc));
		authres_property(&w, "header.from", file->author->header_from);
	}
	failure_fields_add(t, "Authentication-Results", authres_end(&w));
}

/* RFC 6591 3.2.2. */
static const char *
delivery_result(const struct history_line *l)
{
	switch ((enum plan_reply)l->action) {
	case PLAN_REJECT:
		return "reject";
	case PLAN_HOLD:
		return "policy";
	case PLAN_TEMPFAIL:
		return "other";
	case PLAN_ACCEPT:
		break;
	}
	return l->disposition == DISPOSITION_QUARANTINE ? "spam" :
							  "delivered";
}

static void
add_text(struct text *t, const char *name, struct str value)
{
	if (value.n > 0)
		failure_fields_add(t, name, value);
}

/* RFC 5321 4.1.3, as the grammar of RFC 5965 3.2 has it. */
static void
add_source(const struct failure_file *f, struct text *t)
{
	struct str ip = f->line.source_ip;
	bool is_v6 = str_find(ip, ':') < ip.n;
	text_printf(t, "Source-IP: %s%.*s\r\n", is_v6 ? "IPv6:" : "",
	    STR_ARG(ip));
	if (f->head.source_port > 0) /* RFC 6692 3 */
		text_printf(t, "Source-Port: %" PRId64 "\r\n",
		    f->head.source_port);
	text_printf(t, "Arrival-Date: %.*s\r\n",
	    STR_ARG(date_print_message(f->line.time, t->arena)));
}

static void
add_envelope(const struct failure_fields *f, struct text *t)
{
	const struct failure_file *file = f->file;
	struct str path = redact_text(f->redactor, file->line.mail_from);
	failure_fields_add(t, "Original-Mail-From",
	    text_format(t->arena, "<%.*s>", STR_ARG(path)));
	for (size_t i = 0; f->has_recipients && i < file->head.recipient_count;
	    i++) {
		struct str to = redact_address(f->redactor,
		    file->head.recipients[i]);
		failure_fields_add(t, "Original-Rcpt-To",
		    text_format(t->arena, "<%.*s>", STR_ARG(to)));
	}
	add_text(t, "Original-Envelope-Id", file->line.queue_id);
	if (file->head.mta.n > 0)
		failure_fields_add(t, "Reporting-MTA", text_format(t->arena,
		    "dns; %.*s", STR_ARG(file->head.mta)));
}

static void
add_signature(const struct failure_fields *f, struct text *t)
{
	size_t at;
	const struct history_signature *s =
	    failure_fields_signature(f->file, &at);
	if (f->file->type == FAILURE_SPF || s == NULL)
		return;
	struct str identity = s->identity.n > 0 ?
	    redact_text(f->redactor, s->identity) :
	    text_format(t->arena, "@%.*s", STR_ARG(s->domain));
	failure_fields_add(t, "DKIM-Domain", s->domain);
	failure_fields_add(t, "DKIM-Identity", identity);
	add_text(t, "DKIM-Selector", s->selector);
}

/* RFC 6591 4: a quoted-string, so that these two need a backslash. */
static void
add_record(struct text *t, const struct failure_source *s)
{
	struct text v;
	text_init(&v, t->arena);
	text_printf(&v, "txt : %.*s : \"", STR_ARG(s->domain));
	for (size_t i = 0; i < s->text.n; i++) {
		if (s->text.p[i] == '"' || s->text.p[i] == '\\')
			text_add_char(&v, '\\');
		text_add_char(&v, s->text.p[i]);
	}
	text_add_char(&v, '"');
	failure_fields_add(t, "SPF-DNS", text_str(&v));
}

/* RFC 9991 4: where SPF of an aligned identifier failed. */
static void
add_records(const struct failure_fields *f, struct text *t)
{
	const struct failure_file *file = f->file;
	bool is_meant = f->file->type == FAILURE_SPF ||
	    (f->file->type == FAILURE_DMARC && file->line.spf.result != SPF_PASS &&
	    could_align(file, file->line.spf.domain,
		file->author->published.aspf != 0));
	for (size_t i = 0; is_meant && i < file->head.source_count; i++)
		add_record(t, &file->head.sources[i]);
}

void
failure_fields_print(const struct failure_fields *f, struct text *t)
{
	const struct failure_file *file = f->file;
	text_add(t, STR("Feedback-Type: auth-failure\r\nVersion: 1\r\n"
	    "User-Agent: aplomb/" APLOMB_VERSION "\r\n"));
	text_printf(t, "Auth-Failure: %s\r\n", auth_failure(f));
	add_results(f, t);
	if (f->file->type == FAILURE_DMARC)
		text_printf(t, "Identity-Alignment: %s\r\n",
		    failure_fields_alignment(file));
	text_printf(t, "Delivery-Result: %s\r\n",
	    delivery_result(&file->line));
	failure_fields_add(t, "Reported-Domain", file->author->header_from);
	add_source(file, t);
	add_envelope(f, t);
	if (f->incidents > 1)
		text_printf(t, "Incidents: %" PRIu64 "\r\n",
		    f->incidents < UINT32_MAX ? f->incidents : UINT32_MAX);
	add_signature(f, t);
	add_records(f, t);
}
