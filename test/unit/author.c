/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/text.h"
#include "mail/author.h"
#include "mail/header.h"
#include "test/lib/check.h"

#define L63 "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffggg"

static struct str
print(const struct author *author, struct arena *a)
{
	struct text t;
	text_init(&t, a);
	for (size_t i = 0; i < author->count; i++)
		text_printf(&t, "%s%.*s", i > 0 ? " " : "",
		    STR_ARG(author->domains[i]));
	return text_str(&t);
}

/* The rows of standards/dmarc.md 5: RFC 9989 5.3.1, RFC 7489 6.6.1. */
static void
one_field(void **state)
{
	(void)state;
	static const struct {
		struct str value;
		enum author_status status;
		const char *want; /* domains, or the reason */
	} rows[] = {
		{STR_INIT(" Ann <u@acme.example>"), AUTHOR_OK, "acme.example"},
		{STR_INIT("a@acme.example, b@ACME.example."), AUTHOR_OK,
		    "acme.example"},
		{STR_INIT("a@acme.example, b@mixed.example, c@acme.example"),
		    AUTHOR_OK, "acme.example mixed.example"},
		{STR_INIT("a@a.test,a@b.test,a@c.test,a@d.test,a@e.test,"
			  "a@f.test,a@g.test,a@h.test,b@h.test"), AUTHOR_OK,
		    "a.test b.test c.test d.test e.test f.test g.test h.test"},
		{STR_INIT("a@a.test,a@b.test,a@c.test,a@d.test,a@e.test,"
			  "a@f.test,a@g.test,a@h.test,a@i.test"),
		    AUTHOR_MANY_DOMAINS,
		    "the From field names more than 8 domains"},
		{STR_INIT("\"x@acme.example\" <u@mixed.example>"), AUTHOR_OK,
		    "mixed.example"},
		{STR_INIT("=?utf-8?q?x=40acme.example?=\r\n <u@mixed.example>"),
		    AUTHOR_OK, "mixed.example"},
		{STR_INIT("\"a@b.test,<\"@acme . (x) example"), AUTHOR_OK,
		    "acme.example"},
		{STR_INIT("<@a.test,@b.test:u@acme.example>"), AUTHOR_OK,
		    "acme.example"},
		{STR_INIT("Team: a@acme.example, b@mixed.example;"), AUTHOR_OK,
		    "acme.example mixed.example"},
		/* RFC 8616 6 */
		{STR_INIT("u@b\xc3\xbc" "cher.example,v@xn--bcher-kva.example"),
		    AUTHOR_OK, "xn--bcher-kva.example"},
		{STR_INIT("u@acme\xe3\x80\x82" "example"), AUTHOR_OK,
		    "acme.example"},

		{STR_INIT(" Team:;"), AUTHOR_NO_MAILBOX,
		    "the From field names no address: \"Team:;\""},
		{STR_INIT(""), AUTHOR_NO_MAILBOX,
		    "the From field names no address: \"\""},
		{STR_INIT("u@[192.0.2.1]"), AUTHOR_DOMAIN,
		    "the domain \"[192.0.2.1]\" in the From field is unusable: "
		    "it is an address, not a name"},
		{STR_INIT("u@192.0.2.1"), AUTHOR_DOMAIN,
		    "the domain \"192.0.2.1\" in the From field is unusable: "
		    "it is an address, not a name"},
		/* One bad address spoils the field. */
		{STR_INIT("u@acme.example, v@[192.0.2.1]"), AUTHOR_DOMAIN,
		    "the domain \"[192.0.2.1]\" in the From field is unusable: "
		    "it is an address, not a name"},
		{STR_INIT("u@" L63 "g.example"), AUTHOR_DOMAIN,
		    "the domain \"" L63 "g...\" in the From field is unusable: "
		    "a label of it is empty or longer than 63 octets"},
		{STR_INIT("u@" L63 "." L63 "." L63 "." L63), AUTHOR_DOMAIN,
		    "the domain \"" L63 "....\" in the From field is unusable: "
		    "it is longer than 253 octets"},
		{STR_INIT("u@b\xfc" "cher.example"), AUTHOR_DOMAIN,
		    "the domain \"b?cher.example\" in the From field is "
		    "unusable: it is no valid internationalized name (IDNA "
		    "2008)"},
		{STR_INIT("u@acme!.example"), AUTHOR_DOMAIN,
		    "the domain \"acme!.example\" in the From field is "
		    "unusable: it holds a character that no host name has"},
		{STR_INIT("u@"), AUTHOR_SYNTAX,
		    "the From field is not an address list: it ends too early"},
		{STR_INIT("<u@acme.example> <v@acme.example>"), AUTHOR_SYNTAX,
		    "the From field is not an address list: from byte 18 on, "
		    "\"<v@acme.example>\" cannot be read"},
		{STR_INIT("u@acme.example\0"), AUTHOR_SYNTAX,
		    "the From field is not an address list: from byte 15 on, "
		    "\"?\" cannot be read"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct arena *a = arena_new(0);
		struct header_list l;
		struct author got;
		header_init(&l, a);
		header_add(&l, STR("From"), rows[i].value);
		author_find(&l, a, &got);
		if (got.status != rows[i].status)
			fail_msg("%.*s: %s", STR_ARG(rows[i].value),
			    author_status_text(got.status));
		bool ok = got.status == AUTHOR_OK;
		check_str(ok ? print(&got, a) : got.reason, rows[i].want);
		check_str(ok ? got.reason : print(&got, a), "");
		arena_free(a);
	}
}

static void
other_counts(void **state)
{
	(void)state;
	struct arena *a = arena_new(0);
	struct header_list l;
	struct author got;
	header_init(&l, a);
	header_add(&l, STR("Sender"), STR(" u@acme.example"));
	header_add(&l, STR("X-From"), STR(" u@acme.example"));
	author_find(&l, a, &got);
	assert_int_equal(got.status, AUTHOR_NO_FIELD);
	check_str(got.reason, "the message has no From field");

	/* RFC 5322 4.5: blanks before the colon. */
	header_add(&l, STR("FROM \t"), STR(" u@acme.example"));
	author_find(&l, a, &got);
	assert_int_equal(got.status, AUTHOR_OK);
	check_str(print(&got, a), "acme.example");

	header_add(&l, STR("from"), STR(" u@acme.example"));
	author_find(&l, a, &got);
	assert_int_equal(got.status, AUTHOR_MANY_FIELDS);
	check_str(got.reason, "the message has 2 From fields");
	assert_int_equal(got.count, 0);
	arena_free(a);
}

/* A From field of 100 kB is judged, even behind a full list; one that is too
 * long is never taken for none. */
static void
long_fields(void **state)
{
	(void)state;
	struct arena *a = arena_new(0);
	struct header_list l;
	struct author got;
	struct text t;
	header_init(&l, a);
	for (unsigned i = 0; i < 3 * HEADER_MAX_FIELDS; i++)
		header_add(&l, STR("X"), STR(""));
	text_init(&t, a);
	while (t.n < 100000)
		text_add(&t, STR(" (padding)\r\n"));
	text_add(&t, STR(" u@acme.example"));
	header_add(&l, STR("From"), text_str(&t));
	author_find(&l, a, &got);
	assert_int_equal(got.status, AUTHOR_OK);
	header_add(&l, STR("From"), STR(" u@mixed.example"));
	author_find(&l, a, &got);
	assert_int_equal(got.status, AUTHOR_MANY_FIELDS);

	while (t.n <= HEADER_MAX_FROM)
		text_add(&t, STR(" (padding)\r\n"));
	header_init(&l, a);
	header_add(&l, STR("From"), text_str(&t));
	author_find(&l, a, &got);
	assert_int_equal(got.status, AUTHOR_SYNTAX);
	check_str(got.reason, "the From field is longer than 131072 bytes");

	t.n = 0;
	for (unsigned i = 0; i < 300; i++)
		text_add(&t, STR("u@acme.example,"));
	header_init(&l, a);
	header_add(&l, STR("From"), text_str(&t));
	author_find(&l, a, &got);
	assert_int_equal(got.status, AUTHOR_MANY_DOMAINS);
	check_str(got.reason, "the From field names more than 256 addresses");
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_field),
		cmocka_unit_test(other_counts),
		cmocka_unit_test(long_fields),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
