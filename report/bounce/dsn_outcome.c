/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/bounce/dsn_outcome.h"

#include "base/ascii.h"
#include "base/table.h"
#include "report/bounce/dsn_code.h"
#include "mail/field.h"

/* RFC 3464 2.3.3 */
static const struct table_row actions[] = {
	{DSN_FAILED, "failed"},
	{DSN_DELAYED, "delayed"},
	{DSN_DELIVERED, "delivered"},
	{DSN_DELIVERED, "relayed"},
	{DSN_DELIVERED, "expanded"},
	{0, NULL},
};

struct group {
	struct str final, original, action, status, diagnostic;
	struct str envelope_id;
};

/* The first field of a name counts. */
static void
read_group(struct str lines, struct group *g)
{
	const struct {
		const char *name;
		struct str *value;
	} wanted[] = {
		{"Final-Recipient", &g->final},
		{"Original-Recipient", &g->original},
		{"Action", &g->action},
		{"Status", &g->status},
		{"Diagnostic-Code", &g->diagnostic},
		{"Original-Envelope-Id", &g->envelope_id},
	};
	struct field f;

	*g = (struct group) {0};
	while (field_next(&lines, &f))
		for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
			if (wanted[i].value->n == 0 &&
			    field_is(&f, wanted[i].name))
				*wanted[i].value = f.value;
}

/* Without "rfc822;" or "smtp;" in front (RFC 3464 2.1.2). */
static struct str
without_type(struct str value)
{
	size_t n = 0;

	while (n < value.n && (ascii_is_alnum(value.p[n]) || value.p[n] == '-'))
		n++;
	if (n > 0 && n < value.n && value.p[n] == ';')
		value = str_sub(value, n + 1, value.n);
	return str_trim(value);
}

/* A comment may follow the word. */
static struct str
first_word(struct str s)
{
	size_t n = 0;

	while (n < s.n && ascii_is_alpha(s.p[n]))
		n++;
	return str_sub(s, 0, n);
}

/* The Action decides: a host that gives up says "failed" beside a status of
 * class 4. */
static bool
judge(const struct group *g, enum dsn_status *out)
{
	struct str code = dsn_code_parse(g->status);
	int value;

	if (table_value(actions, first_word(g->action), &value))
		*out = (enum dsn_status)value;
	else if (code.n == 0)
		return false;
	else
		*out = code.p[0] == '5' ? DSN_FAILED :
		    code.p[0] == '4' ? DSN_DELAYED : DSN_DELIVERED;
	return true;
}

static void
keep(const struct group *g, enum dsn_status status, struct dsn_outcome *out)
{
	out->status = status;
	out->recipient = without_type(g->final.n > 0 ? g->final : g->original);
	out->code = dsn_code_refine(dsn_code_parse(g->status), g->diagnostic);
	out->text = without_type(g->diagnostic);
}

bool
dsn_outcome_read(struct str content, struct dsn_outcome *out)
{
	struct group g;
	struct str lines;
	enum dsn_status status;
	bool has_any = false;

	*out = (struct dsn_outcome) {.status = DSN_UNREADABLE};
	while (content.n > 0) {
		field_split(content, &lines, &content);
		read_group(lines, &g);
		if (out->envelope_id.n == 0)
			out->envelope_id = g.envelope_id;
		if (!judge(&g, &status))
			continue;
		has_any = true;
		out->has_success |= status == DSN_DELIVERED;
		if (status < out->status)
			keep(&g, status, out);
	}
	return has_any;
}
