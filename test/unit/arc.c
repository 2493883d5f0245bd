/* SPDX-License-Identifier: BSD-2-Clause */
#include "auth/arc.h"

#include "auth/key.h"
#include "auth/signature.h"
#include "base/text.h"
#include "net/dns.h"
#include "net/dns_zone.h"
#include "test/unit/arc_fixture.h"

#define AAR "ARC-Authentication-Results"
#define AMS "ARC-Message-Signature"
#define AS  "ARC-Seal"

/* RFC 8617 5.2: what is asked of a chain as it is passed on. */
static void
chains(void **state)
{
	static const struct arc_row rows[] = {
		/* step 1 */
		{.want = "none"},
		/* step 7 */
		{.seals = {{0}}, .count = 1, .want = "pass 1 oldest=0"},
		{.seals = {{0}, {.domain = "d2.example"}}, .count = 2,
		    .want = "pass 2 oldest=0"},
		{.seals = {{0}, {.domain = "d2.example"},
		    {.domain = "d3.example"}}, .count = 3,
		    .want = "pass 3 oldest=0"},
		/* step 5: oldest-pass */
		{.seals = {{0}, {.body = "other\r\n"}}, .count = 2,
		    .want = "pass 2 oldest=2"},
		{.seals = {{0}, {.body = "other\r\n"}, {0}}, .count = 3,
		    .want = "pass 3 oldest=2"},
		{.seals = {{0}, {0}, {.body = "other\r\n"}}, .count = 3,
		    .want = "pass 3 oldest=3"},
		/* A change undone later is no change: the first signature
		 * holds again, but the search has stopped above it. */
		{.seals = {{.body = "a\r\n"}, {.body = "b\r\n"},
		    {.body = "a\r\n"}}, .count = 3,
		    .want = "pass 3 oldest=3"},
		/* step 4: only the newest message signature decides */
		{.seals = {{0}, {0}}, .count = 2,
		    .edits = {{ARC_BODY, .to = "other\r\n"}},
		    .want = "fail 2 " AMS " 2: the body has been changed"},
		{.seals = {{0}}, .count = 1,
		    .edits = {{ARC_BODY, .to = ""}},
		    .want = "fail 1 " AMS " 1: the body has been changed"},
		{.seals = {{0}, {0}}, .count = 2,
		    .edits = {{ARC_REPLACE, AMS, 2, "bh=", "z=1; bh="}},
		    .want = "fail 2 " AMS " 2: the signature does not match"},
		/* step 6 and 5.1.1: a seal covers its own set and all below */
		{.seals = {{0}, {0}}, .count = 2,
		    .edits = {{ARC_REPLACE, AS, 1, "t=1000", "t=1001"}},
		    .want = "fail 2 " AS " 1: the signature does not match"},
		{.seals = {{0}, {0}}, .count = 2,
		    .edits = {{ARC_REPLACE, AS, 2, "t=1000", "t=1001"}},
		    .want = "fail 2 " AS " 2: the signature does not match"},
		{.seals = {{0}, {0}}, .count = 2,
		    .edits = {{ARC_REPLACE, AAR, 1, "dmarc=pass",
			"dmarc=fail"}},
		    .want = "fail 2 " AS " 1: the signature does not match"},
		{.seals = {{0}, {0}}, .count = 2,
		    .edits = {{ARC_REPLACE, AAR, 2, "dmarc=pass",
			"dmarc=fail"}},
		    .want = "fail 2 " AS " 2: the signature does not match"},
		{.seals = {{0}, {0}}, .count = 2,
		    .edits = {{ARC_REPLACE, AMS, 1, "bh=", "z=1; bh="}},
		    .want = "fail 2 " AS " 1: the signature does not match"},
		/* 5.1.1: seals are relaxed, so this is no change */
		{.seals = {{0}, {0}}, .count = 2,
		    .edits = {{ARC_REPLACE, AS, 1, "t=1000;",
			"t=1000;\r\n  "},
			{ARC_REPLACE, AAR, 1, "spf=pass", " \tspf=pass"},
			{ARC_REPLACE, AAR, 2, "i=2; ", "i=2;\r\n "}},
		    .want = "pass 2 oldest=0"},
		/* The signed fields, and one that is not signed */
		{.seals = {{0}}, .count = 1,
		    .edits = {{ARC_ADD, "Received", .to = " by d4.example"},
			{ARC_ADD, "X-Spam", .to = " no"}},
		    .want = "pass 1 oldest=0"},
		{.seals = {{.names = "from:subject:subject"}}, .count = 1,
		    .edits = {{ARC_ADD, "Subject", .to = " other"}},
		    .want = "fail 1 " AMS " 1: the signature does not match"},
		{.seals = {{.names = "From : SUBJECT :x-none : from"}},
		    .count = 1, .want = "pass 1 oldest=0"},
		/* RFC 6376 5.4.2: the last field of a name first, then the
		 * one above it */
		{.seals = {{.names = "received:from:to"}}, .count = 1,
		    .edits = {{ARC_ADD, "Received", .to = " x"}},
		    .want = "pass 1 oldest=0"},
		{.seals = {{0}, {.names = AAR ":from:" AAR}}, .count = 2,
		    .want = "pass 2 oldest=0"},
		{.seals = {{0}, {0}, {.names = AAR ":from:" AAR}}, .count = 3,
		    .edits = {{ARC_ADD, "Received", .to = " x"}},
		    .want = "pass 3 oldest=0"},
		{.want = NULL},
	};
	(void)state;
	arc_fixture_check(rows);
}

/* RFC 8617 4.1.2, RFC 6376 3.4, 3.5, 8.2: canonical forms and l=. */
static void
forms(void **state)
{
#define SIGNATURE(c) " i={i}; a={a}; d={d}; s={s}; h={h}; bh={bh};" c " b={b}"
	static const struct arc_row rows[] = {
		{.seals = {{.is_simple_header = true}}, .count = 1,
		    .want = "pass 1 oldest=0"},
		{.seals = {{.is_simple_body = true}}, .count = 1,
		    .want = "pass 1 oldest=0"},
		{.seals = {{.is_simple_header = true, .is_simple_body = true}},
		    .count = 1, .want = "pass 1 oldest=0"},
		{.seals = {{.is_simple_header = true, .is_simple_body = true,
		    .signature = SIGNATURE("")}}, .count = 1,
		    .want = "pass 1 oldest=0"},
		{.seals = {{.is_simple_body = true,
		    .signature = SIGNATURE("c=relaxed;")}}, .count = 1,
		    .want = "pass 1 oldest=0"},
		{.seals = {{.signature = SIGNATURE("c = Relaxed/RELAXED ;")}},
		    .count = 1, .want = "pass 1 oldest=0"},
		{.seals = {{.signature = SIGNATURE("c=relaxed/nowsp;")}},
		    .count = 1, .want = "fail 1 " AMS
		    " 1: c= is no known canonicalization"},
		{.seals = {{.signature = SIGNATURE("c=;")}}, .count = 1,
		    .want = "fail 1 " AMS
		    " 1: c= is no known canonicalization"},
		{.seals = {{.signature = SIGNATURE("c=relaxed/;")}},
		    .count = 1, .want = "fail 1 " AMS
		    " 1: c= is no known canonicalization"},
		/* Both forms in one chain */
		{.seals = {{.is_simple_body = true}, {0}, {.is_simple_body =
		    true, .is_simple_header = true}}, .count = 3,
		    .want = "pass 3 oldest=0"},
		/* Blanks: a change to simple, none to relaxed */
		{.seals = {{0}}, .count = 1, .edits = {{ARC_BODY,
		    .to = "Hey gang,  \r\nThis is\ta  test message.\r\n--J."}},
		    .want = "pass 1 oldest=0"},
		{.seals = {{.is_simple_body = true}}, .count = 1,
		    .edits = {{ARC_BODY, .to = "Hey gang,\r\nThis is a test "
			"message. \r\n--J.\r\n"}},
		    .want = "fail 1 " AMS " 1: the body has been changed"},
		{.seals = {{.body = ""}}, .count = 1,
		    .want = "pass 1 oldest=0"},
		{.seals = {{.body = "", .is_simple_body = true}}, .count = 1,
		    .want = "pass 1 oldest=0"},
		{.seals = {{.body = "no end"}}, .count = 1,
		    .want = "pass 1 oldest=0"},
		/* l= must have all of the body */
		{.seals = {{.body = "abc\r\n", .length = 5,
		    .signature = SIGNATURE("c={c}; l={l};")}}, .count = 1,
		    .want = "pass 1 oldest=0"},
		{.seals = {{.body = "abc\r\n", .length = 4,
		    .signature = SIGNATURE("c={c}; l={l};")}}, .count = 1,
		    .want = "fail 1 " AMS
		    " 1: l= leaves a part of the body unsigned"},
		{.seals = {{.body = "abc\r\n", .length = 6,
		    .signature = SIGNATURE("c={c}; l={l};")}}, .count = 1,
		    .want = "fail 1 " AMS " 1: l= is longer than the body"},
		{.seals = {{.signature = SIGNATURE("c={c}; "
		    "l=99999999999999999999999999;")}}, .count = 1,
		    .want = "fail 1 " AMS " 1: l= is longer than the body"},
		{.seals = {{.signature = SIGNATURE("c={c}; l=;")}},
		    .count = 1, .want = "fail 1 " AMS " 1: l= is no number"},
		{.seals = {{.signature = SIGNATURE("c={c}; l=-1;")}},
		    .count = 1, .want = "fail 1 " AMS " 1: l= is no number"},
		{.seals = {{.body = "abc\r\n", .length = 4,
		    .signature = SIGNATURE("c={c}; l={l};")}, {0}},
		    .count = 2, .want = "pass 2 oldest=2"},
		{.want = NULL},
	};
	(void)state;
	arc_fixture_check(rows);
}

/* RFC 8617 4.1, RFC 8301 3.1 and 3.2, RFC 8463 3: algorithms and keys. */
static void
algorithms(void **state)
{
	static const struct arc_row rows[] = {
		{.seals = {{.key = SEALER_ED25519, .selector = "ed"}},
		    .count = 1, .want = "pass 1 oldest=0"},
		{.seals = {{.key = SEALER_RSA_2048, .selector = "big"},
		    {.key = SEALER_ED25519, .selector = "ed"}},
		    .count = 2, .want = "pass 2 oldest=0"},
		{.seals = {{.algorithm = "RSA-SHA256"}}, .count = 1,
		    .want = "pass 1 oldest=0"},
		{.seals = {{.key = SEALER_RSA_512, .selector = "tiny"}},
		    .count = 1, .want = "fail 1 " AMS
		    " 1: the RSA key is shorter than 1024 bits"},
		{.seals = {{.algorithm = "rsa-sha1"}}, .count = 1,
		    .want = "fail 1 " AMS " 1: rsa-sha1 is not accepted"},
		{.seals = {{.algorithm = "rsa-sha1"}, {0}}, .count = 2,
		    .want = "fail 2 " AS " 1: rsa-sha1 is not accepted"},
		{.seals = {{.algorithm = "rsa-sha512"}}, .count = 1,
		    .want = "fail 1 " AMS " 1: a= is no known algorithm"},
		{.seals = {{.algorithm = ""}}, .count = 1,
		    .want = "fail 1 " AMS " 1: a= is no known algorithm"},
		{.seals = {{.selector = "ed"}}, .count = 1,
		    .want = "fail 1 " AMS
		    " 1: the key is of another type than a="},
		{.seals = {{.key = SEALER_ED25519}}, .count = 1,
		    .want = "fail 1 " AMS
		    " 1: the key is of another type than a="},
		{.seals = {{.selector = "other"}}, .count = 1,
		    .want = "fail 1 " AMS " 1: the signature does not match"},
		{.seals = {{.selector = "nowhere"}}, .count = 1,
		    .want = "fail 1 " AMS " 1: there is no key"},
		{.seals = {{.selector = "other"}, {0}}, .count = 2,
		    .want = "fail 2 " AS " 1: the signature does not match"},
		/* RFC 6376 3.5: a name of one label has no keys. */
		{.seals = {{.domain = "example"}}, .count = 1,
		    .want = "fail 1 " AMS " 1: d= is no domain name"},
		/* RFC 8617 4.1.4, RFC 5890 2.3: names in any form */
		{.seals = {{.domain = "D1.Example.", .selector = "S"}},
		    .count = 1, .want = "pass 1 oldest=0"},
		{.want = NULL},
	};
	(void)state;
	arc_fixture_check(rows);
}

struct key_row {
	const char *zone, *want;
};

/* RFC 8617 5.2.1: an error of any kind is for good; the one that time may heal
 * is told apart. RFC 6376 3.6. */
static void
keys(void **state)
{
#define KEY "s._domainkey.d2.example"
#define WANT(text) "fail 2 " AMS " 2: " text
	static const struct key_row rows[] = {
		{"servfail k1._domainkey.d2.example\n",
		    "fail 2 temperror " AMS
		    " 2: the key could not be looked up"},
		{"timeout k1._domainkey.d2.example\n", "fail 2 temperror " AMS
		    " 2: the key could not be looked up"},
		{"malformed k1._domainkey.d2.example\n",
		    "fail 2 temperror " AMS
		    " 2: the key could not be looked up"},
		{"nxdomain k1._domainkey.d2.example\n",
		    WANT("there is no key")},
		{"exists k1._domainkey.d2.example\n",
		    WANT("there is no key")},
		{"k1._domainkey.d2.example TXT \"v=DKIM1; p=\"\n",
		    WANT("the key is revoked")},
		{"k1._domainkey.d2.example TXT \"v=DKIM1; h=sha1; p=%KEY%\"\n",
		    WANT("the key is not for SHA-256")},
		{"k1._domainkey.d2.example TXT \"v=DKIM1; s=tlsrpt; "
		    "p=%KEY%\"\n", WANT("the key is not for e-mail")},
		{"k1._domainkey.d2.example TXT \"v=DKIM2; p=%KEY%\"\n",
		    WANT("the key record cannot be read")},
		{"k1._domainkey.d2.example TXT \"h=sha1:sha256; p=%KEY%\"\n",
		    "pass 2 oldest=0"},
		{"k1._domainkey.d2.example TXT \"p=%KEY%; t=s\"\n",
		    "pass 2 oldest=0"},
		{NULL, NULL},
	};
	(void)state;
	for (const struct key_row *r = rows; r->zone != NULL; r++) {
		struct arena *a = arena_new(1 << 20);
		struct sealed m;
		struct str zone = str_of(r->zone);
		struct str record = sealer_record(SEALER_RSA, a);
		struct str p = str_sub(record, str_find_last(record, ' ') + 3,
		    record.n);
		size_t at = str_find(zone, '%');
		if (at < zone.n)
			zone = text_format(a, "%.*s%.*s%.*s",
			    STR_ARG(str_sub(zone, 0, at)), STR_ARG(p),
			    STR_ARG(str_sub(zone, at + 5, zone.n)));
		arc_fixture_make(&(struct arc_row) {.count = 2, .seals = {{0},
		    {.domain = "d2.example", .selector = "k1"}}}, a, &m);
		check_str(arc_fixture_show(arc_fixture_verify(&m,
		    str_cstr(zone, a), 9, a), a), r->want);
		arena_free(a);
	}
}

/* RFC 8617 5.2 steps 5 and 6: keys that only older fields need. */
static void
older_keys(void **state)
{
	static const struct key_row rows[] = {
		/* of the older seal: the chain */
		{"servfail s._domainkey.d1.example\n",
		    "fail 2 temperror " AS
		    " 1: the key could not be looked up"},
		{"nxdomain s._domainkey.d1.example\n",
		    "fail 2 " AS " 1: there is no key"},
		/* of the older message signature: its age alone */
		{"servfail big._domainkey.d1.example\n", "pass 2 oldest=?"},
		{"nxdomain big._domainkey.d1.example\n", "pass 2 oldest=2"},
		{"", "pass 2 oldest=0"},
		{NULL, NULL},
	};
	(void)state;
	for (const struct key_row *r = rows; r->zone != NULL; r++) {
		struct arena *a = arena_new(1 << 20);
		struct sealed m;
		sealed_init(&m, a);
		/* A set whose two fields have keys of their own. */
		sealed_seal(&m, &(struct seal) {.key = SEALER_RSA_2048,
		    .selector = "big"});
		struct header_field signature = m.sets[0][1];
		sealed_init(&m, a);
		sealed_seal(&m, &(struct seal) {.signature = str_cstr(
		    signature.value, a)});
		sealed_seal(&m, &(struct seal) {.domain = "d2.example"});
		check_str(arc_fixture_show(arc_fixture_verify(&m, r->zone, 9,
		    a), a), r->want);
		arena_free(a);
	}
}

/* RFC 6376 3.5: t= and x=, with a drift of 300 seconds. */
static void
times(void **state)
{
#define TIMES(t) " i={i}; a={a}; c={c}; d={d}; s={s}; h={h}; bh={bh};" t       \
	" b={b}"
#define SEAL(t) " i={i}; a={a}; cv={cv}; d={d}; s={s};" t " b={b}"
	static const struct arc_row rows[] = {
		{.seals = {{.signature = TIMES("t=1500000300;")}}, .count = 1,
		    .want = "pass 1 oldest=0"},
		{.seals = {{.signature = TIMES("t=1500000301;")}}, .count = 1,
		    .want = "fail 1 " AMS " 1: it is of the future"},
		{.seals = {{.signature = TIMES("x=1499999700;")}}, .count = 1,
		    .want = "pass 1 oldest=0"},
		{.seals = {{.signature = TIMES("x=1499999699;")}}, .count = 1,
		    .want = "fail 1 " AMS " 1: it has expired"},
		{.seals = {{.signature = TIMES("x=0;")}}, .count = 1,
		    .want = "fail 1 " AMS " 1: it has expired"},
		{.seals = {{.signature = TIMES("t=5; x=5;")}}, .count = 1,
		    .want = "fail 1 " AMS " 1: x= is not later than t="},
		{.seals = {{.signature = TIMES("t=1.5;")}}, .count = 1,
		    .want = "fail 1 " AMS " 1: t= is no time"},
		{.seals = {{.signature = TIMES("x=1499999999999;")}},
		    .count = 1, .want = "fail 1 " AMS " 1: x= is no time"},
		{.seals = {{.seal = SEAL("t=1500000300;")}}, .count = 1,
		    .want = "pass 1 oldest=0"},
		{.seals = {{.seal = SEAL("t=1500000301;")}}, .count = 1,
		    .want = "fail 1 " AS " 1: it is of the future"},
		{.seals = {{.seal = SEAL("t=;")}}, .count = 1,
		    .want = "fail 1 " AS " 1: t= is no time"},
		{.seals = {{.seal = SEAL("")}}, .count = 1,
		    .want = "pass 1 oldest=0"},
		/* An old signature may have expired: the chain holds. */
		{.seals = {{.signature = TIMES("x=1000;")}, {0}}, .count = 2,
		    .want = "pass 2 oldest=2"},
		{.want = NULL},
	};
	(void)state;
	arc_fixture_check(rows);
}

/* RFC 8617 4.2.1: 1 to 50 sets; the age of a long chain is not sought. */
static void
lengths(void **state)
{
	static const struct {
		unsigned sets;
		const char *want;
	} rows[] = {
		{9, "pass 9 oldest=0"},
		{10, "pass 10 oldest=0"},
		{11, "pass 11 oldest=?"},
		{50, "pass 50 oldest=?"},
		{51, "fail 0 there are more than 50 sets"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct arena *a = arena_new(1 << 20);
		struct sealed m;
		sealed_init(&m, a);
		for (unsigned n = 0; n < rows[i].sets; n++)
			sealed_seal(&m, &(struct seal) {0});
		check_str(arc_fixture_show(arc_fixture_verify(&m, "", 50, a),
		    a), rows[i].want);
		arena_free(a);
	}
}

/* A chain of `keys` domains of their own, one set each, whose keys are in the
 * zone that is returned. */
static struct str
chain_of_keys(struct sealed *m, unsigned keys, struct arena *a)
{
	struct text zone;
	text_init(&zone, a);
	sealed_init(m, a);
	for (unsigned n = 1; n <= keys; n++) {
		sealed_seal(m, &(struct seal) {.domain = str_cstr(text_format(
		    a, "e%u.example", n), a)});
		text_printf(&zone, "s._domainkey.e%u.example TXT \"%.*s\"\n",
		    n, STR_ARG(sealer_record(SEALER_RSA, a)));
	}
	return text_str(&zone);
}

/* RFC 8617 9.2: keys are bounded, and no chain gets more by being long. */
static void
many_keys(void **state)
{
	struct arena *a = arena_new(1 << 20);
	struct sealed m;
	(void)state;
	struct str zone = chain_of_keys(&m, ARC_MAX_KEYS + 1, a);
	check_str(arc_fixture_show(arc_fixture_verify(&m, str_cstr(zone, a),
	    50, a), a), "fail 21 the chain has too many keys");
	zone = chain_of_keys(&m, 6, a);
	check_str(arc_fixture_show(arc_fixture_verify(&m, str_cstr(zone, a),
	    50, a), a), "pass 6 oldest=0");
	arena_free(a);
}

/* RFC 8617 9.2: a chain has its keys beside all that signatures ask for: ten as
 * they arrive, and ten others that are chosen. */
static void
beside_signatures(void **state)
{
	struct arena *a = arena_new(1 << 20);
	struct sealed m;
	(void)state;
	struct str zone = chain_of_keys(&m, ARC_MAX_KEYS, a);
	struct lookups *l = arc_fixture_lookups(str_cstr(zone, a), a);
	for (unsigned i = 0; i < 2 * SIGNATURES_MAX; i++)
		key_ask(l, text_format(a, "k%u", i), STR("d1.example"), a);
	check_str(arc_fixture_show(arc_fixture_ask(&m, l, 50, a), a),
	    "pass 20 oldest=?");
	arena_free(a);
}

/* RFC 8617 5.2: the order of fields in the header means nothing. */
static void
shuffled(void **state)
{
	struct arena *a = arena_new(1 << 20);
	struct sealed m;
	(void)state;
	arc_fixture_make(&(struct arc_row) {.count = 3}, a, &m);
	for (unsigned round = 1; round < m.count; round++) {
		struct header_field last = m.fields[m.count - 1];
		memmove(m.fields + 1, m.fields,
		    (m.count - 1) * sizeof last);
		m.fields[0] = last;
		check_str(arc_fixture_show(arc_fixture_verify(&m, "", 50, a),
		    a), "pass 3 oldest=0");
	}
	for (size_t i = 0; i < m.count / 2; i++) {
		struct header_field f = m.fields[i];
		m.fields[i] = m.fields[m.count - 1 - i];
		m.fields[m.count - 1 - i] = f;
	}
	check_str(arc_fixture_show(arc_fixture_verify(&m, "", 50, a), a),
	    "pass 3 oldest=0");
	arena_free(a);
}

/* The result of a pass: who sealed, and what the newest says of its client. */
static void
facts(void **state)
{
	struct arena *a = arena_new(1 << 20);
	struct sealed m;
	char ip[IP_TEXT_MAX];
	(void)state;
	arc_fixture_make(&(struct arc_row) {.count = 2, .seals = {
	    {.payload = "d1.example; spf=pass smtp.remote-ip=192.0.2.1"},
	    {.domain = "D2.example", .selector = "big",
	    .key = SEALER_RSA_2048, .payload = "d2.example; arc=pass "
	    "smtp.remote-ip=\"2001:DB8::1\" header.oldest-pass=0"}}}, a, &m);
	const struct arc_result *r = arc_fixture_verify(&m, "", 50, a);
	check_str(arc_fixture_show(r, a), "pass 2 oldest=0");
	assert_int_equal(r->sealers[0].instance, 2);
	check_str(r->sealers[0].domain, "d2.example");
	check_str(r->sealers[0].selector, "big");
	assert_true(str_has_prefix(r->sealers[0].results,
	    STR(" i=2; d2.example; arc=pass")));
	assert_int_equal(r->sealers[1].instance, 1);
	check_str(r->sealers[1].domain, "d1.example");
	check_str(r->sealers[1].selector, "s");
	check_str(r->domain, "d2.example");
	assert_string_equal(ip_print(&r->remote_ip, ip), "2001:db8::1");
	arena_free(a);
}

/* A chain that cannot pass asks nothing, and wants no body. */
static void
asks_nothing(void **state)
{
	struct arena *a = arena_new(1 << 20);
	struct header_list l;
	(void)state;
	header_init(&l, a);
	header_add(&l, STR("ARC-Seal"), STR(" i=1; cv=fail"));
	struct arc *arc = arc_start(&l, NULL, ARC_FIXTURE_NOW, a);
	assert_false(arc_need_body(arc));
	arc_end(arc);
	arc_verify(arc);
	assert_int_equal(arc_result(arc)->status, ARC_FAIL);
	header_init(&l, a);
	arc = arc_start(&l, NULL, ARC_FIXTURE_NOW, a);
	assert_false(arc_need_body(arc));
	arc_end(arc);
	arc_verify(arc);
	assert_int_equal(arc_result(arc)->status, ARC_NONE);
	arena_free(a);
}

/* Bytes that come after the end are nobody's. */
static void
body_ends(void **state)
{
	static const char *const fields[][2] = {
		{AAR, " i=1; x.example; none"},
		{AMS, " i=1; a=rsa-sha256; d=d1.example; s=none; h=from; "
		    "bh=AAAA; b=AAAA"},
		{AS, " i=1; a=rsa-sha256; d=d1.example; s=none; cv=none; "
		    "b=AAAA"},
	};
	struct arena *a = arena_new(1 << 20);
	struct header_list l;
	struct zone *zone;
	size_t line;
	const char *reason;
	(void)state;
	header_init(&l, a);
	for (size_t i = 0; i < 3; i++)
		header_add(&l, str_of(fields[i][0]), str_of(fields[i][1]));
	zone = zone_parse(STR(""), a, &line, &reason);
	struct dns *dns = dns_zone_new(zone);
	struct arc *arc = arc_start(&l, lookups_new(dns, 1000, NULL, NULL, a),
	    ARC_FIXTURE_NOW, a);
	assert_true(arc_need_body(arc));
	arc_end(arc);
	assert_false(arc_need_body(arc));
	arc_verify(arc);
	check_str(arc_result(arc)->reason, AMS
	    " 1: the body has been changed");
	dns_drop(dns);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chains),
		cmocka_unit_test(forms),
		cmocka_unit_test(algorithms),
		cmocka_unit_test(keys),
		cmocka_unit_test(older_keys),
		cmocka_unit_test(times),
		cmocka_unit_test(lengths),
		cmocka_unit_test(many_keys),
		cmocka_unit_test(beside_signatures),
		cmocka_unit_test(shuffled),
		cmocka_unit_test(facts),
		cmocka_unit_test(asks_nothing),
		cmocka_unit_test(body_ends),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
