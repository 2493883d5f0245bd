/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/row/row_text.h"

#include "base/ascii.h"
#include "base/utf8.h"

const struct table_row report_disposition_names[] = {
	{REPORT_NONE, "none"},
	{REPORT_PASS, "pass"},
	{REPORT_QUARANTINE, "quarantine"},
	{REPORT_REJECT, "reject"},
	{0, NULL},
};

static const struct table_row pass_names[] = {
	{false, "fail"}, {true, "pass"}, {0, NULL}};
static const struct table_row strict_names[] = {
	{false, "r"}, {true, "s"}, {0, NULL}};
static const struct table_row yes_names[] = {
	{false, "n"}, {true, "y"}, {0, NULL}};

/* ---- printing ----------------------------------------------------------- */

/* The longest run of good bytes from `at` on. */
static size_t
good_run(struct str s, size_t at)
{
	size_t end = at;
	while (end < s.n) {
		size_t n = utf8_length(s.p + end, s.n - end);
		if (n == 0)
			break;
		end += n;
	}
	return end - at;
}

static void
add_outside(struct text *t, struct str s)
{
	size_t at = 0;
	while (at < s.n) {
		size_t n = good_run(s, at);
		text_add(t, str_sub(s, at, n));
		at += n;
		if (at < s.n) {
			text_add(t, STR(UTF8_REPLACEMENT));
			at++;
		}
	}
}

static void
add_name(struct text *t, const struct table_row *names, int value)
{
	text_add(t, str_of(table_name(names, value)));
}

static void
end_column(struct text *t)
{
	text_add_char(t, ROW_TEXT_SEPARATOR);
}

static void
add_column(struct text *t, struct str s)
{
	add_outside(t, s);
	end_column(t);
}

static void
add_name_column(struct text *t, const struct table_row *names, int value)
{
	add_name(t, names, value);
	end_column(t);
}

static void
add_reasons(struct text *t, const struct reasons *r)
{
	for (size_t i = 0; i < r->count; i++) {
		add_name(t, reason_names, (int)r->at[i].type);
		text_add_char(t, '\t');
		add_outside(t, r->at[i].comment);
		text_add_char(t, '\n');
	}
	end_column(t);
}

static void
add_signatures(struct text *t, const struct report_row *r)
{
	for (size_t i = 0; i < r->dkim_count; i++) {
		const struct report_dkim *d = &r->dkim[i];
		add_outside(t, d->domain);
		text_add_char(t, '\t');
		add_outside(t, d->selector);
		text_add_char(t, '\t');
		add_name(t, signature_result_names, (int)d->result);
		text_add_char(t, '\t');
		add_outside(t, d->human);
		text_add_char(t, '\n');
	}
}

void
row_print(struct text *t, const struct report_row *r)
{
	add_column(t, r->source_ip);
	add_name_column(t, report_disposition_names, (int)r->disposition);
	add_name_column(t, pass_names, r->is_dkim_aligned);
	add_name_column(t, pass_names, r->is_spf_aligned);
	add_reasons(t, &r->reasons);
	add_column(t, r->header_from);
	add_column(t, r->envelope_from);
	add_column(t, r->envelope_to);
	add_column(t, r->spf.domain);
	add_name_column(t, spf_result_names, (int)r->spf.result);
	add_signatures(t, r);
}

void
policy_print(struct text *t, const struct report_policy *p)
{
	add_column(t, p->domain);
	add_name_column(t, discover_method_names, (int)p->method);
	add_name_column(t, record_policy_names, (int)p->p);
	add_name_column(t, record_policy_names, (int)p->sp);
	add_name_column(t, record_policy_names, (int)p->np);
	add_name_column(t, strict_names, p->is_strict_dkim);
	add_name_column(t, strict_names, p->is_strict_spf);
	add_column(t, p->fo);
	add_name_column(t, yes_names, p->is_test);
	add_name_column(t, record_psd_names, (int)p->psd);
	text_printf(t, "%u%c", p->pct, ROW_TEXT_SEPARATOR);
	add_name_column(t, yes_names, p->has_rua);
	add_outside(t, p->error);
}

/* ---- parsing ------------------------------------------------------------ */

void
row_text_split(struct str text, struct str *columns, size_t count)
{
	for (size_t i = 0; i < count; i++)
		columns[i] = str_cut(&text, ROW_TEXT_SEPARATOR);
}

static bool
read_flag(const struct table_row *names, struct str s, bool *out)
{
	int value;
	if (!table_value(names, s, &value))
		return false;
	*out = value;
	return true;
}

/* An enum lies in an unsigned int; the tables give an int. */
#define READ_NAME(names, text, out)                                            \
	(table_value((names), (text), &value) && ((out) = value, true))

static bool
parse_reasons(struct str list, struct reasons *out)
{
	int value;
	for (out->count = 0; list.n > 0; out->count++) {
		struct str comment = str_cut(&list, '\n');
		struct str type = str_cut(&comment, '\t');
		if (out->count == POLICY_MAX_REASONS ||
		    !READ_NAME(reason_names, type, out->at[out->count].type))
			return false;
		out->at[out->count].comment = comment;
	}
	return true;
}

static bool
parse_signatures(struct str list, struct report_row *out)
{
	int value;
	for (out->dkim_count = 0; list.n > 0; out->dkim_count++) {
		struct str rest = str_cut(&list, '\n');
		if (out->dkim_count == REPORT_MAX_DKIM)
			return false;
		struct report_dkim *d = &out->dkim[out->dkim_count];
		d->domain = str_cut(&rest, '\t');
		d->selector = str_cut(&rest, '\t');
		struct str result = str_cut(&rest, '\t');
		if (!READ_NAME(signature_result_names, result, d->result))
			return false;
		d->human = rest;
	}
	return true;
}

bool
row_parse(const struct str c[ROW_COLUMNS], struct report_row *out)
{
	int value;
	out->source_ip = c[ROW_SOURCE_IP];
	out->header_from = c[ROW_HEADER_FROM];
	out->envelope_from = c[ROW_ENVELOPE_FROM];
	out->envelope_to = c[ROW_ENVELOPE_TO];
	out->spf.domain = c[ROW_SPF_DOMAIN];
	out->spf.scope = STR("mfrom");
	return READ_NAME(report_disposition_names, c[ROW_DISPOSITION],
		   out->disposition) &&
	    READ_NAME(spf_result_names, c[ROW_SPF_RESULT], out->spf.result) &&
	    read_flag(pass_names, c[ROW_DKIM], &out->is_dkim_aligned) &&
	    read_flag(pass_names, c[ROW_SPF], &out->is_spf_aligned) &&
	    parse_reasons(c[ROW_REASONS], &out->reasons) &&
	    parse_signatures(c[ROW_SIGNATURES], out);
}

bool
policy_parse(const struct str c[POLICY_COLUMNS], struct report_policy *out)
{
	int value;
	uint64_t pct;
	out->domain = c[POLICY_DOMAIN];
	out->fo = c[POLICY_FO];
	out->error = c[POLICY_ERROR];
	if (!str_to_uint(c[POLICY_PCT], 100, &pct))
		return false;
	out->pct = (unsigned)pct;
	return READ_NAME(discover_method_names, c[POLICY_METHOD],
		   out->method) &&
	    READ_NAME(record_policy_names, c[POLICY_COLUMN_P], out->p) &&
	    READ_NAME(record_policy_names, c[POLICY_COLUMN_SP], out->sp) &&
	    READ_NAME(record_policy_names, c[POLICY_COLUMN_NP], out->np) &&
	    READ_NAME(record_psd_names, c[POLICY_PSD], out->psd) &&
	    read_flag(strict_names, c[POLICY_ADKIM], &out->is_strict_dkim) &&
	    read_flag(strict_names, c[POLICY_ASPF], &out->is_strict_spf) &&
	    read_flag(yes_names, c[POLICY_TESTING], &out->is_test) &&
	    read_flag(yes_names, c[POLICY_RUA], &out->has_rua);
}
