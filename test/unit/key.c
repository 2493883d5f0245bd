/* SPDX-License-Identifier: BSD-2-Clause */
#include "auth/key.h"

#include "base/text.h"
#include "net/dns.h"
#include "net/dns_zone.h"
#include "test/lib/check.h"
#include "test/lib/signer.h"

/* Keys by name, for the tables: "$spki$" in a record is the first. */
struct keys {
	struct arena *arena;
	struct {
		const char *name;
		struct str p;
	} at[24];
	size_t count;
};

static void
keep(struct keys *k, const char *name, struct str p)
{
	k->at[k->count].name = name;
	k->at[k->count++].p = p;
}

/* An odd number of exactly so many bits. */
static struct str
number(unsigned bits, struct arena *a)
{
	size_t n = (bits + 7) / 8;
	char *p = arena_zalloc(a, n);
	for (size_t i = 0; i < n; i++)
		p[i] = (char)(0x5a + i);
	p[0] = (char)(1u << ((bits - 1) % 8));
	p[n - 1] = (char)(p[n - 1] | 1);
	return (struct str) {p, n};
}

static void
keep_rsa(struct keys *k, const char *name, unsigned bits,
    unsigned exponent_bits)
{
	keep(k, name, signer_rsa_p(number(bits, k->arena),
	    number(exponent_bits, k->arena), false, k->arena));
}

static int
setup(void **state)
{
	struct arena *a = arena_new(0);
	struct keys *k = ARENA_NEW(a, struct keys);
	k->arena = a;
	struct signer_key *rsa = signer_key_rsa(1024, a);
	struct signer_key *ed25519 = signer_key_ed25519(a);
	struct str spki = signer_key_p(rsa, false, a);
	keep(k, "spki", spki);
	keep(k, "bare", signer_key_p(rsa, true, a));
	keep(k, "blanks", text_format(a, " %.*s\t%.*s \r\n %.*s ",
	    STR_ARG(str_sub(spki, 0, 5)), STR_ARG(str_sub(spki, 5, 50)),
	    STR_ARG(str_sub(spki, 55, spki.n))));
	keep(k, "unpadded", str_sub(spki, 0, str_find(spki, '=')));
	keep(k, "cut", str_sub(spki, 0, 100));
	keep(k, "longer", text_format(a, "AAAA%.*s", STR_ARG(spki)));
	keep(k, "ed", signer_key_p(ed25519, false, a));
	keep(k, "ed31", signer_base64(number(31 * 8, a), a));
	keep(k, "ed33", signer_base64(number(33 * 8, a), a));
	keep_rsa(k, "512", 512, 17);
	keep_rsa(k, "1023", 1023, 17);
	keep_rsa(k, "1024", 1024, 17);
	keep_rsa(k, "2048", 2048, 17);
	keep_rsa(k, "4096", 4096, 17);
	keep_rsa(k, "4097", 4097, 17);
	keep_rsa(k, "8192", 8192, 17);
	keep_rsa(k, "e32", 2048, 32);
	keep_rsa(k, "e33", 2048, 33);
	keep_rsa(k, "e3071", 3072, 3071);
	keep(k, "zero", signer_rsa_p((struct str) {"\0", 1},
	    (struct str) {"\3", 1}, true, a));
	keep(k, "e0", signer_rsa_p(number(2048, a), (struct str) {"\0", 1},
	    true, a));
	*state = k;
	return 0;
}

static int
teardown(void **state)
{
	struct keys *k = *state;
	arena_free(k->arena);
	return 0;
}

static struct str
fill_in(const struct keys *k, const char *template, struct arena *a)
{
	struct text t;
	struct str rest = str_of(template);
	text_init(&t, a);
	while (rest.n > 0) {
		text_add(&t, str_cut(&rest, '$'));
		struct str name = str_cut(&rest, '$');
		for (size_t i = 0; name.n > 0 && i < k->count; i++)
			if (str_eq(name, str_of(k->at[i].name)))
				text_add(&t, k->at[i].p);
	}
	return text_str(&t);
}

/* "rsa 1024 testing": what a key record comes to. */
static struct str
show(const struct key *k, struct arena *a)
{
	static const char *const statuses[] = {
		[KEY_TEMPFAIL] = "tempfail",
		[KEY_ABSENT] = "absent",
		[KEY_MANY] = "many",
		[KEY_SYNTAX] = "syntax",
		[KEY_REVOKED] = "revoked",
		[KEY_SERVICE] = "service",
		[KEY_TYPE] = "type",
		[KEY_SMALL] = "small",
		[KEY_LARGE] = "large",
	};
	struct text t;
	text_init(&t, a);
	if (k->status == KEY_OK)
		text_add(&t, k->type == KEY_RSA ? STR("rsa") : STR("ed25519"));
	else
		text_add(&t, str_of(statuses[k->status]));
	if (k->bits > 0)
		text_printf(&t, " %u", k->bits);
	if (k->is_testing)
		text_add(&t, STR(" testing"));
	if (k->is_strict)
		text_add(&t, STR(" strict"));
	if (k->status == KEY_OK && !k->has_sha256)
		text_add(&t, STR(" no-sha256"));
	return text_str(&t);
}

struct row {
	const char *record, *want;
};

static void
check_rows(const struct keys *k, const struct row *rows)
{
	for (; rows->record != NULL; rows++) {
		struct arena *a = arena_new(0);
		struct key key;
		struct str record =
		    check_exact(fill_in(k, rows->record, a), a);
		key_parse(record, a, &key);
		struct str got = show(&key, a);
		if (!str_eq(got, str_of(rows->want)))
			fail_msg("%s\ngot  \"%.*s\"\nwant \"%s\"",
			    rows->record, STR_ARG(got), rows->want);
		assert_int_equal(key.pkey != NULL, key.status == KEY_OK);
		arena_free(a);
	}
}

/* RFC 6376 3.2: the tag list. */
static void
lists(void **state)
{
	static const struct row rows[] = {
		{"p=$spki$", "rsa 1024"},
		{"p=$spki$;", "rsa 1024"},
		{" p = $spki$ ; ", "rsa 1024"},
		{"n=any text; x=unknown; p=$spki$", "rsa 1024"},
		{"", "syntax"},
		{";", "syntax"},
		{"p", "syntax"},
		{"$spki$", "syntax"},
		{"k=rsa", "syntax"},
		{"k=rsa; junk; p=$spki$", "syntax"},
		{";p=$spki$", "syntax"},
		{"k=rsa;;p=$spki$", "syntax"},
		{"p=$spki$; p=$spki$", "syntax"},
		{"k=rsa; k=rsa; p=$spki$", "syntax"},
		{"x=1; x=2; p=$spki$", "syntax"},
		{"=1; p=$spki$", "syntax"},
		{"1=1; p=$spki$", "syntax"},
		{"n=a\x01; p=$spki$", "syntax"},
		{"n=\xc3\xbc; p=$spki$", "rsa 1024"},
		/* Names are case-sensitive: these are unknown tags. */
		{"P=$spki$", "syntax"},
		{"K=ed25519; p=$spki$", "rsa 1024"},
		{"P=x; p=$spki$", "rsa 1024"},
		/* What a wildcard answers (standards/spf-dkim.md B3). */
		{"v=spf1 include:_spf.example.com ~all", "syntax"},
		{"v=DMARC1; p=reject", "syntax"},
		{NULL, NULL},
	};
	check_rows(*state, rows);
}

/* RFC 6376 3.6.1: v, h, k, s, t. */
static void
tags(void **state)
{
	static const struct row rows[] = {
		{"v=DKIM1; p=$spki$", "rsa 1024"},
		{"v = DKIM1 ; p=$spki$", "rsa 1024"},
		{"v=dkim1; p=$spki$", "syntax"},
		{"v=DKIM2; p=$spki$", "syntax"},
		{"v=; p=$spki$", "syntax"},
		{"p=$spki$; v=DKIM1", "syntax"},
		{"k=rsa; v=DKIM1; p=$spki$", "syntax"},
		{"h=sha256; p=$spki$", "rsa 1024"},
		{"h=sha1:sha256; p=$spki$", "rsa 1024"},
		{"h=sha1 : sha256 ; p=$spki$", "rsa 1024"},
		{"h=sha512:sha256; p=$spki$", "rsa 1024"},
		{"h=sha1; p=$spki$", "rsa 1024 no-sha256"},
		{"h=; p=$spki$", "rsa 1024 no-sha256"},
		{"h=sha2567; p=$spki$", "rsa 1024 no-sha256"},
		{"k=rsa; p=$spki$", "rsa 1024"},
		{"k=RSA; p=$spki$", "rsa 1024"},
		{"k=; p=$spki$", "type"},
		{"k=dsa; p=$spki$", "type"},
		{"k=rsa:ed25519; p=$spki$", "type"},
		{"s=*; p=$spki$", "rsa 1024"},
		{"s=email; p=$spki$", "rsa 1024"},
		{"s=other : email; p=$spki$", "rsa 1024"},
		{"s=other:*; p=$spki$", "rsa 1024"},
		{"s=other; p=$spki$", "service"},
		{"s=emails; p=$spki$", "service"},
		{"s=; p=$spki$", "service"},
		{"t=y; p=$spki$", "rsa 1024 testing"},
		{"t=s; p=$spki$", "rsa 1024 strict"},
		{"t=y:s; p=$spki$", "rsa 1024 testing strict"},
		{"t= s : y ; p=$spki$", "rsa 1024 testing strict"},
		{"t=x:yes:; p=$spki$", "rsa 1024"},
		{"t=; p=$spki$", "rsa 1024"},
		{"t=y; p=", "revoked testing"},
		{NULL, NULL},
	};
	check_rows(*state, rows);
}

/* RFC 6376 3.6.1, RFC 8301 3.2, RFC 8463 4.2: p. */
static void
keys(void **state)
{
	static const struct row rows[] = {
		{"p=$bare$", "rsa 1024"},
		{"p=$blanks$", "rsa 1024"},
		{"p=$unpadded$", "rsa 1024"},
		{"p=", "revoked"},
		{"p=;", "revoked"},
		{"p= \t ; k=rsa", "revoked"},
		{"p=$cut$", "syntax"},
		{"p=$longer$", "syntax"},
		{"p=!!!!", "syntax"},
		{"p=A", "syntax"},
		{"p=====", "syntax"},
		{"p=AAAA=AAAA", "syntax"},
		{"p=AAAA", "syntax"},
		{"p=MAA=", "syntax"},
		{"p=$512$", "small 512"},
		{"p=$1023$", "small 1023"},
		{"p=$1024$", "rsa 1024"},
		{"p=$2048$", "rsa 2048"},
		{"p=$4096$", "rsa 4096"},
		{"p=$4097$", "large 4097"},
		{"p=$8192$", "large 8192"},
		/* libraries.md 2.6, O3 */
		{"p=$e32$", "rsa 2048"},
		{"p=$e33$", "large 2048"},
		{"p=$e3071$", "large 3072"},
		{"p=$zero$", "syntax"},
		{"p=$e0$", "syntax"},
		{"k=ed25519; p=$ed$", "ed25519 256"},
		{"k=ED25519; p=$ed$", "ed25519 256"},
		{"k=ed25519; p=$ed31$", "syntax"},
		{"k=ed25519; p=$ed33$", "syntax"},
		{"k=ed25519; p=$spki$", "syntax"},
		{"k=ed25519; p=", "revoked"},
		{"p=$ed$", "syntax"},
		{NULL, NULL},
	};
	check_rows(*state, rows);
}

/* Every cut and every changed octet of a key: nothing is read beyond it. */
static void
mangled(void **state)
{
	struct keys *k = *state;
	for (unsigned form = 0; form < 2; form++) {
		struct arena *a = arena_new(0);
		struct str p = k->at[form].p;
		for (size_t i = 0; i < p.n; i++) {
			struct key key;
			char *copy = str_cstr(p, a);
			key_parse(text_format(a, "p=%.*s", (int)i, copy), a,
			    &key);
			assert_true(key.status == KEY_SYNTAX ||
			    key.status == KEY_REVOKED ||
			    p.p[i] == '=');
			copy[i] = copy[i] == 'A' ? 'B' : 'A';
			key_parse(text_format(a, "p=%s", copy), a, &key);
		}
		arena_free(a);
	}
}

/* Questions and what becomes of answers (RFC 6376 3.6.2, 6.1.2). */
static void
questions(void **state)
{
	static const struct {
		const char *selector, *domain, *want;
	} rows[] = {
		{"one", "a.example", "rsa 1024"},
		{"split", "a.example", "rsa 1024"},
		{"20261125", "a.example", "rsa 1024"},
		{"alias", "a.example", "rsa 1024"},
		{"two", "a.example", "many"},
		{"none", "a.example", "absent"},
		{"nodata", "a.example", "absent"},
		{"failing", "a.example", "tempfail"},
		{"silent", "a.example", "tempfail"},
		{"garbled", "a.example", "tempfail"},
		{"x", "wild.example", "syntax"},
	};
	struct keys *k = *state;
	struct arena *a = arena_new(0);
	size_t line;
	const char *reason;
	struct str p = k->at[0].p;
	struct zone *zone = zone_parse(text_format(a,
	    "one._domainkey.a.example TXT \"p=%.*s\"\n"
	    "split._domainkey.a.example TXT \"p=%.*s\" \"%.*s\"\n"
	    "20261125._domainkey.a.example TXT \"p=%.*s\"\n"
	    "alias._domainkey.a.example CNAME one._domainkey.a.example\n"
	    "two._domainkey.a.example TXT \"p=%.*s\"\n"
	    "two._domainkey.a.example TXT \"v=spf1 -all\"\n"
	    "exists nodata._domainkey.a.example\n"
	    "servfail failing._domainkey.a.example TXT\n"
	    "timeout silent._domainkey.a.example TXT\n"
	    "malformed garbled._domainkey.a.example TXT\n"
	    "*.wild.example TXT \"v=spf1 -all\"\n",
	    STR_ARG(p), STR_ARG(str_sub(p, 0, 60)),
	    STR_ARG(str_sub(p, 60, p.n)), STR_ARG(p), STR_ARG(p)), a, &line,
	    &reason);
	if (zone == NULL)
		fail_msg("line %zu: %s", line, reason);
	struct dns *dns = dns_zone_new(zone);
	struct lookups *l = lookups_new(dns, 1000, NULL, NULL, a);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct lookup *q = key_ask(l, str_of(rows[i].selector),
		    str_of(rows[i].domain), a);
		const struct key *key = key_wait(q);
		check_str(show(key, a), rows[i].want);
		/* Decoded once. */
		assert_ptr_equal(key, key_wait(q));
	}
	arena_free(a);
	dns_drop(dns);
}

/* A name beyond 253 octets cannot exist (RFC 1035 2.3.4). */
static void
long_name(void **state)
{
	(void)state;
	struct arena *a = arena_new(0);
	size_t line;
	const char *reason;
	struct dns *dns = dns_zone_new(zone_parse(STR(""), a, &line, &reason));
	struct lookups *l = lookups_new(dns, 1000, NULL, NULL, a);
	struct text d;
	text_init(&d, a);
	for (int i = 0; i < 4; i++)
		text_add(&d, STR("aaaaaaaaaabbbbbbbbbbccccccccccdddddddddd"
		    "eeeeeeeeeeffffffffff."));
	text_add(&d, STR("test"));
	const struct key *k =
	    key_wait(key_ask(l, STR("s"), text_str(&d), a));
	assert_int_equal(k->status, KEY_ABSENT);
	arena_free(a);
	dns_drop(dns);
}

static void
statuses(void **state)
{
	(void)state;
	for (int s = KEY_OK; s <= KEY_LARGE; s++) {
		size_t n = strlen(key_status_text((enum key_status)s));
		assert_true(n > 5 && n < 60);
	}
}

int
main(void)
{
	const struct CMUnitTest all[] = {
		cmocka_unit_test(lists),
		cmocka_unit_test(tags),
		cmocka_unit_test(keys),
		cmocka_unit_test(mangled),
		cmocka_unit_test(questions),
		cmocka_unit_test(long_name),
		cmocka_unit_test(statuses),
	};
	return cmocka_run_group_tests(all, setup, teardown);
}
