/* SPDX-License-Identifier: BSD-2-Clause */
/* A bounce: what is made of it is fit for people and for the store, whatever
 * came, and costs no more than a few times its size. */
#include <stdint.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/ascii.h"
#include "mail/address.h"
#include "report/bounce/dsn.h"
#include "report/bounce/dsn_code.h"
#include "report/row/verp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MAILBOX STR("bounce@reports.example")

static void
must(bool condition)
{
	if (!condition)
		abort();
}

static void
check_plain(struct str s, size_t max)
{
	must(s.n <= max);
	for (size_t i = 0; i < s.n; i++)
		must(ascii_is_print(s.p[i]));
}

static void
check_names(const struct dsn *d, struct arena *a)
{
	struct str unused;
	must(d->token.n == 0 || str_eq(d->token, verp_parse(MAILBOX,
	    verp_print(MAILBOX, d->token, a), a)));
	must(d->recipient.n == 0 || address_is_plain(d->recipient, a, &unused));
	must(str_eq(d->code, dsn_code_parse(d->code)));
	check_plain(d->text, DSN_MAX_TEXT);
	must(d->report_id.n == 0 || d->report_id.n >= 32);
	must(d->report_id.n <= 43);
	for (size_t i = 0; i < d->report_id.n; i++)
		must(ascii_is_alnum(d->report_id.p[i]));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new(0);
	struct dsn d;
	dsn_parse((struct str) {(const char *)data, size}, MAILBOX, a, &d);
	must(arena_used(a) <= 4 * size + 16384);
	check_names(&d, a);
	must(d.status <= DSN_UNREADABLE);
	must((d.status == DSN_UNREADABLE) == (d.reason.n > 0));
	must(!d.is_address || (d.status == DSN_FAILED && d.code.n > 0));
	must(d.status <= DSN_DELIVERED ||
	    d.code.n + d.text.n + d.recipient.n == 0);
	arena_free(a);
	return 0;
}
