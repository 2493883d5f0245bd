/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/bounce/dsn_text.h"

#include <string.h>

#include "base/ascii.h"
#include "report/bounce/dsn_code.h"
#include "report/bounce/dsn_outcome.h"
#include "mail/field.h"

/* What follows the first place of a part; empty when it has none. */
static struct str
behind(struct str s, struct str part)
{
	const char *at = s.n > 0 && part.n > 0 ?
	    memmem(s.p, s.n, part.p, part.n) : NULL;

	if (at == NULL)
		return (struct str) {0};
	return str_sub(s, (size_t)(at - s.p) + part.n, s.n);
}

/* The rest of the address's line is of it, when there is more than ">:". */
struct str
dsn_text_about(struct str text, struct str address)
{
	struct str said = behind(text, address), paragraph, unused;
	size_t n = 0;

	while (n < said.n && (ascii_is_wsp(said.p[n]) || said.p[n] == '>' ||
	    said.p[n] == ':' || said.p[n] == ',' || said.p[n] == '\r'))
		n++;
	if (n < said.n && said.p[n] == '\n')
		n++;
	field_split(str_sub(said, n, said.n), &paragraph, &unused);
	return paragraph;
}

/* These forms tell of failures alone. */
static void
keep(struct str recipient, struct str text, struct dsn_outcome *out)
{
	struct str code = dsn_code_find(text, '5');

	*out = (struct dsn_outcome) {
		.status = DSN_FAILED,
		.recipient = recipient,
		.code = code.n > 0 ? code : dsn_code_find(text, '4'),
		.text = text,
	};
}

/* "<" address ">:", and lines that say why. */
static bool
read_recipient(struct str paragraph, struct dsn_outcome *out)
{
	struct str line = str_trim(str_cut(&paragraph, '\n'));

	if (!str_has_prefix(line, STR("<")) ||
	    !str_has_isuffix(line, STR(">:")))
		return false;
	keep(str_sub(line, 1, line.n - 3), paragraph, out);
	return true;
}

bool
dsn_text_read_qmail(struct str text, struct dsn_outcome *out,
    struct str *original)
{
	struct str paragraph, rest = text;
	bool is_read = false;

	if (!str_has_prefix(text, STR("Hi. This is the")))
		return false;
	while (rest.n > 0) {
		field_split(rest, &paragraph, &rest);
		if (str_has_prefix(paragraph, STR("-")))
			break;
		if (!is_read)
			is_read = read_recipient(paragraph, out);
	}
	if (is_read)
		*original = rest;
	return is_read;
}

bool
dsn_text_read_exim(struct str failed_recipients, struct str text,
    struct dsn_outcome *out, struct str *original)
{
	struct str recipient = str_trim(str_cut(&failed_recipients, ','));

	if (recipient.n == 0)
		return false;
	keep(recipient, dsn_text_about(text, recipient), out);
	*original = behind(text, STR("\n------ This is a copy of "));
	str_cut(original, '\n');
	while (original->n > 0 && ascii_is_fws(original->p[0]))
		*original = str_sub(*original, 1, original->n);
	return true;
}
