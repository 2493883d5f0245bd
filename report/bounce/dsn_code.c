/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/bounce/dsn_code.h"

#include "base/ascii.h"
#include "base/cursor.h"

/* "." 1*3DIGIT */
static void
number(struct cursor *c)
{
	cursor_need(c, '.');
	for (unsigned i = 0; i < 3; i++)
		if (i == 0 && !ascii_is_digit(cursor_peek(c)))
			cursor_fail(c);
		else if (ascii_is_digit(cursor_peek(c)))
			cursor_next(c);
}

/* Neither a longer number nor an IPv4 address. */
static bool
ends(struct cursor *c)
{
	if (cursor_take(c, '.'))
		return !ascii_is_digit(cursor_peek(c));
	return !ascii_is_alnum(cursor_peek(c));
}

/* status-code = ("2" / "4" / "5") "." 1*3DIGIT "." 1*3DIGIT */
struct str
dsn_code_parse(struct str s)
{
	struct cursor c;

	cursor_init(&c, s);
	if (!cursor_take(&c, '2') && !cursor_take(&c, '4'))
		cursor_need(&c, '5');
	number(&c);
	number(&c);
	struct str code = cursor_since(&c, 0);
	if (cursor_failed(&c) || !ends(&c))
		return (struct str) {0};
	return code;
}

struct str
dsn_code_find(struct str text, char class)
{
	char before = ' ';

	for (size_t i = 0; i < text.n; before = text.p[i], i++) {
		if (ascii_is_alnum(before) || before == '.' ||
		    (class != 0 && text.p[i] != class))
			continue;
		struct str code = dsn_code_parse(str_sub(text, i, text.n));
		if (code.n > 0)
			return code;
	}
	return (struct str) {0};
}

struct str
dsn_code_refine(struct str code, struct str text)
{
	if (code.n > 0 && !str_has_isuffix(code, STR(".0.0")))
		return code;
	struct str said = dsn_code_find(text, code.n > 0 ? code.p[0] : 0);
	return said.n > 0 ? said : code;
}

bool
dsn_code_is_address(struct str code)
{
	static const struct str codes[] = {
		STR_INIT("5.1.1"),  /* no such mailbox */
		STR_INIT("5.1.2"),  /* no such domain */
		STR_INIT("5.1.3"),  /* no address at all */
		STR_INIT("5.1.4"),  /* ambiguous */
		STR_INIT("5.1.6"),  /* moved, nobody knows where to */
		STR_INIT("5.1.10"), /* the domain takes no mail (RFC 7505) */
		STR_INIT("5.2.1"),  /* disabled */
		/* Microsoft's hosts, of an address that they do not know;
		 * others, of one whose hosts never answer. */
		STR_INIT("5.4.1"),
		STR_INIT("5.4.4"),  /* no host to send to */
	};

	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
		if (str_eq(code, codes[i]))
			return true;
	return false;
}
