/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/row/verp.h"

#include "base/arena.h"
#include "base/ascii.h"
#include "base/text.h"

static bool
is_token(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_is_alnum(s.p[i]))
			return false;
	return s.n == VERP_TOKEN;
}

struct str
verp_print(struct str mailbox, struct str token, struct arena *a)
{
	size_t at = str_find_last(mailbox, '@');

	if (at == mailbox.n || at > VERP_MAX_LOCAL ||
	    mailbox.n > VERP_MAX_MAILBOX || !is_token(token))
		return (struct str) {0};
	return text_format(a, "%.*s+%.*s%.*s", STR_ARG(str_sub(mailbox, 0, at)),
	    STR_ARG(token), STR_ARG(str_sub(mailbox, at, mailbox.n)));
}

struct str
verp_parse(struct str mailbox, struct str address, struct arena *a)
{
	size_t at = str_find_last(mailbox, '@');
	struct str domain = str_sub(mailbox, at, mailbox.n);

	if (at == mailbox.n || address.n != mailbox.n + 1 + VERP_TOKEN ||
	    !str_has_iprefix(address, str_sub(mailbox, 0, at)) ||
	    address.p[at] != '+' || !str_has_isuffix(address, domain))
		return (struct str) {0};
	return verp_parse_token(str_sub(address, at + 1, VERP_TOKEN), a);
}

struct str
verp_parse_token(struct str s, struct arena *a)
{
	return is_token(s) ? str_lower(s, a) : (struct str) {0};
}
