/* SPDX-License-Identifier: BSD-2-Clause */
#include "test/lib/check.h"

#include "auth/signature.h"
#include "base/text.h"
#include "judge/message.h"
#include "net/dns_zone.h"
#include "net/suffix.h"
#include "settings/settings.h"

#define ARENA_CAP (8u << 20)

/* Doubles of SPF and DKIM, which count what they are asked. */
static unsigned spf_asked, keys_asked, started;
static size_t body_fed;

struct signatures {
	bool need_body;
};
static struct signatures double_of_signatures;

void
spf_prefetch(const struct spf_input *in, struct lookups *l, struct arena *a)
{
	assert_true(in->client.family == IP_V4);
	spf_asked++;
	(void)l, (void)a;
}

void
signature_prefetch(struct str value, struct lookups *l, struct arena *a)
{
	assert_false(str_is_empty(value));
	keys_asked++;
	(void)l, (void)a;
}

struct signatures *
signatures_start(struct signature_library *lib,
    const struct header_list *headers, const struct author *author,
    struct lookups *l, int64_t now, struct arena *a)
{
	assert_int_equal(now, 1795219201);
	started++;
	(void)lib, (void)headers, (void)author, (void)l, (void)a;
	return &double_of_signatures;
}

bool
signatures_need_body(const struct signatures *s)
{
	return s->need_body;
}

void
signatures_body(struct signatures *s, const void *bytes, size_t n)
{
	assert_true(s->need_body && bytes != NULL);
	body_fed += n;
}

struct scene {
	struct arena *arena;
	struct dns *dns;
	struct settings settings;
};

static int
setup(void **state)
{
	struct arena *a = arena_new(ARENA_CAP);
	struct scene *s = ARENA_NEW(a, struct scene);
	size_t line;
	const char *reason;
	struct zone *z = zone_parse(STR("exists acme.example\n"), a, &line,
	    &reason);
	assert_non_null(z);
	s->arena = a;
	s->dns = dns_zone_new(z);
	s->settings = (struct settings) {
		.authserv_id = "",
		.discovery = DISCOVER_TREEWALK,
		.dns_timeout = 10,
		.skip_authenticated = true,
	};
	s->settings.suffixes = suffix_load("", &reason);
	assert_non_null(s->settings.suffixes);
	assert_true(ipset_add(&s->settings.trusted_networks,
	    STR("10.0.0.0/8"), a));
	spf_asked = keys_asked = started = 0;
	body_fed = 0;
	double_of_signatures.need_body = true;
	*state = s;
	return 0;
}

static int
teardown(void **state)
{
	struct scene *s = *state;
	struct dns *dns = s->dns;
	suffix_drop(s->settings.suffixes);
	arena_free(s->arena);
	dns_drop(dns);
	return 0;
}

static struct message *
message_from(struct scene *s, const char *ip)
{
	struct message_world world = {.settings = &s->settings,
	    .dns = s->dns};
	struct message_client client = {.name = STR("mx.esp.example"),
	    .helo = STR("helo.esp.example"), .authserv_id = STR("mta.example")};
	if (ip[0] != '\0')
		assert_true(ip_parse(str_of(ip), &client.ip));
	return message_new(&world, &client, 1795219201, 42, s->arena);
}

static void
feed(struct message *m, const char *name, const char *value)
{
	message_header(m, str_of(name), str_of(value));
}

/* RFC 7208 2.4: only the null reverse-path is checked as postmaster@HELO, and a
 * name is never one that the cut of a long path has made. */
static void
test_long_path(void **state)
{
	static const char *const domains[] = {"esp.example",
	    "acme.example.evil.example"};
	for (size_t i = 0; i < 2; i++) {
		struct scene *s = *state;
		struct message *m = message_from(s, "192.0.2.7");
		struct text t;
		text_init(&t, s->arena);
		text_add_char(&t, '<');
		/* The second cut falls behind "acme.example". */
		size_t n = i == 0 ? MESSAGE_MAX_WORD :
		    MESSAGE_MAX_WORD - sizeof "acme.example";
		while (n-- > 0)
			text_add_char(&t, 'x');
		text_printf(&t, "@%s>", domains[i]);
		message_mail(m, text_str(&t), false);
		check_str(m->spf.domain, domains[i]);
		assert_in_range(m->mail_from.n, 1, MESSAGE_MAX_WORD);
		assert_in_range(m->mail_local.n, 1, MESSAGE_MAX_WORD);
	}
}

static void
test_exempt(void **state)
{
	static const struct {
		const char *name, *ip;
		bool is_authenticated, skips;
		enum message_exempt want;
	} rows[] = {
		{"a stranger", "192.0.2.7", false, true, MESSAGE_JUDGED},
		{"local", "", false, true, MESSAGE_LOCAL},
		{"trusted", "10.1.2.3", false, true, MESSAGE_TRUSTED},
		{"authenticated", "192.0.2.7", true, true,
		    MESSAGE_AUTHENTICATED},
		{"authenticated, judged", "192.0.2.7", true, false,
		    MESSAGE_JUDGED},
	};
	struct scene *s = *state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		s->settings.skip_authenticated = rows[i].skips;
		struct message *m = message_from(s, rows[i].ip);
		message_mail(m, STR("<a@acme.example>"),
		    rows[i].is_authenticated);
		if (m->exempt != rows[i].want)
			fail_msg("%s: got %d", rows[i].name, (int)m->exempt);
	}
}

/* Mail that is not judged costs no question and no hashing. */
static void
test_exempt_asks_nothing(void **state)
{
	struct message *m = message_from(*state, "10.1.2.3");
	message_mail(m, STR("<a@acme.example>"), false);
	message_recipient(m, STR("<b@rcv.example>"));
	feed(m, "From", " a@acme.example");
	feed(m, "DKIM-Signature", " d=acme.example; s=s");
	message_end_of_headers(m);
	message_body(m, "x", 1);
	assert_int_equal(spf_asked + keys_asked + started, 0);
	assert_int_equal(lookups_asked(m->lookups, DNS_FOR_POLICY), 0);
	assert_int_equal(body_fed, 0);
	assert_int_equal(m->headers.count, 2); /* forged results are sought */
}

/* RFC 5321 4.1.2. */
static void
test_paths(void **state)
{
	static const struct {
		const char *path, *mail_from, *local, *domain;
	} rows[] = {
		{"<a@acme.example>", "a@acme.example", "a", "acme.example"},
		{"a@Acme.example", "a@Acme.example", "a", "Acme.example"},
		{"<>", "", "", ""},
		{"", "", "", ""},
		{"<@r1,@r2:a@acme.example>", "a@acme.example", "a",
		    "acme.example"},
		{"<\"a b\"@acme.example>", "\"a b\"@acme.example", "a b",
		    "acme.example"},
		{"<a..b@acme.example>", "a..b@acme.example", "a..b",
		    "acme.example"},
		{"<a@b@acme.example>", "a@b@acme.example", "a@b",
		    "acme.example"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct message *m = message_from(*state, "192.0.2.7");
		message_mail(m, str_of(rows[i].path), false);
		check_str(m->mail_from, rows[i].mail_from);
		check_str(m->mail_local, rows[i].local);
		check_str(m->mail_domain, rows[i].domain);
		check_str(m->spf.domain, rows[i].domain);
		check_str(m->spf.helo, "helo.esp.example");
	}
}

static void
test_recipients(void **state)
{
	struct scene *s = *state;
	struct message *m = message_from(s, "192.0.2.7");
	message_mail(m, STR("<a@acme.example>"), false);
	message_recipient(m, STR("<Bob@Rcv.EXAMPLE>"));
	message_recipient(m, STR("x@b\xc3\xbc" "cher.example"));
	message_recipient(m, STR("<postmaster>"));
	message_recipient(m, STR("<c@[192.0.2.1]>"));
	check_str(m->recipients[0], "Bob@rcv.example");
	check_str(m->recipients[1], "x@xn--bcher-kva.example");
	check_str(m->recipients[2], "postmaster");
	check_str(m->recipients[3], "c@[192.0.2.1]");
	assert_int_equal(spf_asked, 1); /* with the first one alone */
	for (unsigned i = 4; i < MESSAGE_MAX_RECIPIENTS; i++)
		message_recipient(m, STR("d@rcv.example"));
	assert_false(m->has_more_recipients);
	message_recipient(m, STR("e@rcv.example"));
	assert_true(m->has_more_recipients);
	assert_int_equal(m->recipient_count, MESSAGE_MAX_RECIPIENTS);
}

static void
test_words_are_bounded(void **state)
{
	struct scene *s = *state;
	char *big = arena_alloc(s->arena, MESSAGE_MAX_WORD + 1);
	memset(big, 'x', MESSAGE_MAX_WORD + 1);
	struct str long_word = {big, MESSAGE_MAX_WORD + 1};
	struct message *m = message_from(s, "192.0.2.7");
	message_mail(m, long_word, false);
	assert_int_equal(m->mail_from.n, MESSAGE_MAX_WORD);
	message_queue_id(m, STR(""));
	message_queue_id(m, long_word);
	message_queue_id(m, STR("second"));
	assert_int_equal(m->queue_id.n, MESSAGE_MAX_WORD);
	message_recipient(m, long_word);
	assert_true(m->has_more_recipients);
	check_str(m->authserv_id, "mta.example");
	s->settings.authserv_id = "rcv.example";
	check_str(message_from(s, "192.0.2.7")->authserv_id, "rcv.example");
}

static void
test_early_questions(void **state)
{
	struct message *m = message_from(*state, "192.0.2.7");
	message_mail(m, STR("<a@bounce.acme.example>"), false);
	feed(m, "from", " =?utf-8?q?x?= <a@news.acme.example>");
	/* _dmarc of three names: RFC 9989 4.10. */
	assert_int_equal(lookups_asked(m->lookups, DNS_FOR_POLICY), 3);
	for (unsigned i = 0; i < SIGNATURES_MAX + 2; i++)
		feed(m, "DKIM-Signature",
		    i == 0 ? " d=esp.example; s=s" :
		    i == 1 ? " v=1; d=Mail.acme.example; s=s" : " d=x; s=s");
	assert_int_equal(keys_asked, SIGNATURES_MAX);
	feed(m, "From", " b@other.example"); /* a second one is not evaluable */
	assert_int_equal(lookups_asked(m->lookups, DNS_FOR_POLICY), 3);
	message_end_of_headers(m);
	assert_int_equal(started, 1);
	assert_int_equal(spf_asked, 1); /* no recipient: here at last */
	assert_int_equal(m->author.status, AUTHOR_MANY_FIELDS);
}

/* Walks of what could align are asked for, those of strangers are not. */
static void
test_identifiers(void **state)
{
	struct message *m = message_from(*state, "192.0.2.7");
	message_mail(m, STR("<a@bounce.acme.example>"), false);
	feed(m, "From", " a@acme.example");
	feed(m, "DKIM-Signature", " d=esp.other; s=s");
	feed(m, "DKIM-Signature", " v=1; d=Mail.Acme.example; s=s");
	feed(m, "DKIM-Signature", " no tags");
	assert_int_equal(lookups_asked(m->lookups, DNS_FOR_POLICY), 2);
	message_end_of_headers(m);
	/* and _dmarc.bounce.acme.example, _dmarc.mail.acme.example */
	assert_int_equal(lookups_asked(m->lookups, DNS_FOR_POLICY), 4);
}

static void
test_body(void **state)
{
	struct message *m = message_from(*state, "192.0.2.7");
	message_mail(m, STR("<a@acme.example>"), false);
	feed(m, "From", " a@acme.example");
	message_end_of_headers(m);
	message_body(m, "12345", 5);
	double_of_signatures.need_body = false;
	message_body(m, "67", 2);
	assert_int_equal(body_fed, 5);
	assert_int_equal(m->body_bytes, 7);
}

/* RFC 8617: a chain is looked at where it is asked for, and a message that is
 * not judged has none. */
static void
test_arc(void **state)
{
	static const struct {
		const char *ip;
		bool is_on, want;
	} rows[] = {
		{"192.0.2.7", true, true},
		{"192.0.2.7", false, false},
		{"10.1.2.3", true, false},
		{"", true, false},
	};
	struct scene *s = *state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		s->settings.arc = rows[i].is_on;
		struct message *m = message_from(s, rows[i].ip);
		message_mail(m, STR("<a@acme.example>"), false);
		feed(m, "From", " a@acme.example");
		message_end_of_headers(m);
		message_body(m, "12345", 5);
		assert_int_equal(m->arc != NULL, rows[i].want);
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_long_path),
		TEST(test_exempt),
		TEST(test_exempt_asks_nothing),
		TEST(test_paths),
		TEST(test_recipients),
		TEST(test_words_are_bounded),
		TEST(test_early_questions),
		TEST(test_identifiers),
		TEST(test_body),
		TEST(test_arc),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
