/* SPDX-License-Identifier: BSD-2-Clause */
#include "net/dns_packet.h"

#include "base/table.h"
#include "base/text.h"
#include "test/lib/check.h"

/* Types, the class and times as they stand in a packet. */
#define T_A     "\0\1"
#define T_CNAME "\0\5"
#define T_SOA   "\0\6"
#define T_PTR   "\0\14"
#define T_MX    "\0\17"
#define T_TXT   "\0\20"
#define T_AAAA  "\0\34"
#define IN      "\0\1"
#define TTL_0   "\0\0\0\0"
#define TTL_60  "\0\0\0\74"
#define TTL_300 "\0\0\1\54"
#define TTL_DAY "\0\1\121\200"
#define TTL_MAX "\177\377\377\377"

/* "a.test", the question's name, which stands at byte 12; its "test" at 14. The
 * records begin at byte 24. */
#define A_TEST "\1a\4test\0"
#define AT_A   "\300\14"
#define AT_T   "\300\16"
#define QUESTION(type) A_TEST type IN

/* TXT "one" and "two" of the question's name. */
#define ONE AT_A T_TXT IN TTL_300 "\0\4\3one"
#define TWO AT_A T_TXT IN TTL_60 "\0\4\3two"
/* SOA: two names of the root, 16 bytes of numbers, the MINIMUM. */
#define SOA_NUMBERS "\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4"
#define SOA(ttl, minimum) AT_T T_SOA IN ttl "\0\26\0\0" SOA_NUMBERS minimum

#define FLAGS    0x8180u /* a response, recursion desired and available */
#define NXDOMAIN 0x8183u

static const struct table_row status_names[] = {
	{DNS_OK, "ok"},
	{DNS_NODATA, "nodata"},
	{DNS_NXDOMAIN, "nxdomain"},
	{DNS_SERVFAIL, "servfail"},
	{DNS_MALFORMED, "malformed"},
	{0, NULL},
};

static void
show_rr(struct text *t, enum dns_type type, const struct dns_rr *rr)
{
	char ip[IP_TEXT_MAX];
	text_add(t, STR(" ["));
	switch (type) {
	case DNS_A:
	case DNS_AAAA:
		text_add(t, str_of(ip_print(&rr->ip, ip)));
		break;
	case DNS_MX:
		text_printf(t, "%u ", rr->mx.preference);
		text_add(t, rr->mx.host);
		break;
	case DNS_PTR:
		text_add(t, rr->name);
		break;
	case DNS_TXT:
		text_add(t, rr->txt);
		break;
	}
	text_add_char(t, ']');
}

/* An answer as one line. */
static struct str
show(const struct dns_answer *answer, enum dns_type type, struct arena *a)
{
	struct text t;
	text_init(&t, a);
	text_add(&t, str_of(table_name(status_names, (int)answer->status)));
	if (answer->is_alias)
		text_add(&t, STR(" alias"));
	if (!dns_is_error(answer->status))
		text_printf(&t, " %u", answer->ttl);
	for (size_t i = 0; i < answer->count; i++)
		show_rr(&t, type, &answer->rr[i]);
	return text_str(&t);
}

/* A reply: its header's words, then what follows the header. */
struct row {
	unsigned flags, questions, answers, authorities;
	struct str body;
	const char *want;
};

static struct str
packet(const struct row *r, struct arena *a)
{
	const unsigned words[] = {0x1234, r->flags, r->questions, r->answers,
	    r->authorities, 0};
	struct text t;
	text_init(&t, a);
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		text_add_char(&t, (char)(words[i] >> 8));
		text_add_char(&t, (char)words[i]);
	}
	text_add(&t, r->body);
	return check_exact(text_str(&t), a);
}

static void
check_rows(enum dns_type type, const struct row *rows)
{
	for (size_t i = 0; rows[i].want != NULL; i++) {
		struct arena *a = arena_new(0);
		struct dns_answer got;
		dns_packet_read(packet(&rows[i], a), type, STR("a.test"), a,
		    &got);
		struct str shown = show(&got, type, a);
		if (!str_eq(shown, str_of(rows[i].want)))
			fail_msg("row %zu: got \"%.*s\", want \"%s\"", i,
			    STR_ARG(shown), rows[i].want);
		assert_true(got.status == DNS_OK ? got.count > 0 :
						   got.count == 0);
		arena_free(a);
	}
}

/* RFC 1035 4.1.1: the header. Failure and absence stay apart. */
static void
header(void **state)
{
	static const struct row rows[] = {
		{FLAGS, 1, 1, 0, STR_INIT(QUESTION(T_TXT) ONE),
		    "ok 300 [one]"},
		{0x8580, 1, 1, 0, STR_INIT(QUESTION(T_TXT) ONE),
		    "ok 300 [one]"}, /* AA */
		{0x8000, 1, 1, 0, STR_INIT(QUESTION(T_TXT) ONE),
		    "ok 300 [one]"},
		{0x0180, 1, 1, 0, STR_INIT(QUESTION(T_TXT) ONE),
		    "malformed"}, /* a question */
		/* TC: not all of it is here (RFC 2181 9). */
		{0x8380, 1, 1, 0, STR_INIT(QUESTION(T_TXT) ONE),
		    "malformed"},
		{0x8380, 1, 0, 0, STR_INIT(QUESTION(T_TXT)), "malformed"},
		{NXDOMAIN, 1, 0, 0, STR_INIT(QUESTION(T_TXT)), "nxdomain 60"},
		{0x8181, 1, 0, 0, STR_INIT(QUESTION(T_TXT)), "servfail"},
		{0x8182, 1, 0, 0, STR_INIT(QUESTION(T_TXT)), "servfail"},
		{0x8184, 1, 0, 0, STR_INIT(QUESTION(T_TXT)), "servfail"},
		{0x8185, 1, 0, 0, STR_INIT(QUESTION(T_TXT)), "servfail"},
		{0x818f, 1, 0, 0, STR_INIT(QUESTION(T_TXT)), "servfail"},
		{0x8182, 1, 1, 0, STR_INIT(QUESTION(T_TXT) ONE), "servfail"},
		/* A failure needs no question; an absence says of what. */
		{0x8181, 0, 0, 0, STR_INIT(""), "servfail"},
		{0x8185, 0, 0, 0, STR_INIT(""), "servfail"},
		{NXDOMAIN, 0, 0, 0, STR_INIT(""), "malformed"},
		{FLAGS, 0, 0, 0, STR_INIT(""), "malformed"},
		{FLAGS, 0, 1, 0, STR_INIT(ONE), "malformed"},
		/* Not our question. */
		{FLAGS, 1, 0, 0, STR_INIT("\1a\4Test\0" T_TXT IN),
		    "nodata 60"},
		{FLAGS, 1, 0, 0, STR_INIT("\1b\4test\0" T_TXT IN),
		    "malformed"},
		{FLAGS, 1, 0, 0, STR_INIT("\1a\0" T_TXT IN), "malformed"},
		{FLAGS, 1, 0, 0, STR_INIT(QUESTION(T_A)), "malformed"},
		{FLAGS, 1, 0, 0, STR_INIT(A_TEST T_TXT "\0\3"), "malformed"},
		{NXDOMAIN, 1, 0, 0, STR_INIT("\1b\4test\0" T_TXT IN),
		    "malformed"},
		{FLAGS, 2, 0, 0, STR_INIT(QUESTION(T_TXT) QUESTION(T_TXT)),
		    "malformed"},
		/* Counts. */
		{FLAGS, 1, 2, 0, STR_INIT(QUESTION(T_TXT) ONE), "malformed"},
		{FLAGS, 1, 65535, 0, STR_INIT(QUESTION(T_TXT) ONE),
		    "malformed"},
		{FLAGS, 1, 1, 0, STR_INIT(QUESTION(T_TXT) ONE "junk"),
		    "ok 300 [one]"},
		{FLAGS, 1, 0, 0, STR_INIT(""), "malformed"},
		{0, 0, 0, 0, STR_INIT(""), NULL},
	};
	(void)state;
	check_rows(DNS_TXT, rows);
}

/* RFC 1035 3.3.14, RFC 9989 4.5: the character-strings of a record are joined,
 * records never. */
static void
texts(void **state)
{
	static const struct row rows[] = {
		{FLAGS, 1, 2, 0, STR_INIT(QUESTION(T_TXT) ONE TWO),
		    "ok 60 [one] [two]"},
		{FLAGS, 1, 1, 0, STR_INIT(QUESTION(T_TXT) AT_A T_TXT IN TTL_60
		    "\0\13\3v=D\0\5MARC1"), "ok 60 [v=DMARC1]"},
		{FLAGS, 1, 1, 0, STR_INIT(QUESTION(T_TXT) AT_A T_TXT IN TTL_60
		    "\0\1\0"), "ok 60 []"},
		/* A string longer than its record, in the packet or not. */
		{FLAGS, 1, 1, 0, STR_INIT(QUESTION(T_TXT) AT_A T_TXT IN TTL_60
		    "\0\4\4one"), "malformed"},
		{FLAGS, 1, 2, 0, STR_INIT(QUESTION(T_TXT) AT_A T_TXT IN TTL_60
		    "\0\4\11one" TWO), "malformed"},
		{FLAGS, 1, 1, 0, STR_INIT(QUESTION(T_TXT) AT_A T_TXT IN TTL_60
		    "\0\11\3one"), "malformed"},
		/* Another owner, another type: not ours. */
		{FLAGS, 1, 2, 0, STR_INIT(QUESTION(T_TXT) AT_T T_TXT IN TTL_60
		    "\0\4\3two" ONE), "ok 300 [one]"},
		{FLAGS, 1, 2, 0, STR_INIT(QUESTION(T_TXT) AT_A T_A IN TTL_60
		    "\0\4abcd" ONE), "ok 300 [one]"},
		{FLAGS, 1, 1, 0, STR_INIT(QUESTION(T_TXT) AT_T T_TXT IN TTL_60
		    "\0\4\3two"), "nodata 60"},
		/* Another class: not ours (RFC 1035 3.2.4). */
		{FLAGS, 1, 2, 0, STR_INIT(QUESTION(T_TXT) AT_A T_TXT "\0\3"
		    TTL_60 "\0\4\3two" ONE), "ok 300 [one]"},
		/* The case of a name does not matter: RFC 4343. */
		{FLAGS, 1, 1, 0, STR_INIT(QUESTION(T_TXT) "\1A\4tEST\0" T_TXT
		    IN TTL_60 "\0\4\3two"), "ok 60 [two]"},
		{0, 0, 0, 0, STR_INIT(""), NULL},
	};
	(void)state;
	check_rows(DNS_TXT, rows);
}

/* RFC 1035 4.1.4: pointers lead back, labels are short, names are too. */
static void
names(void **state)
{
#define PTR(n, data) STR_INIT(QUESTION(T_PTR) AT_A T_PTR IN TTL_60 n data)
	static const struct row rows[] = {
		{FLAGS, 1, 1, 0, PTR("\0\5", "\1h\1t\0"), "ok 60 [h.t]"},
		{FLAGS, 1, 1, 0, PTR("\0\5", "\1H\1T\0"), "ok 60 [h.t]"},
		{FLAGS, 1, 1, 0, PTR("\0\2", AT_A), "ok 60 [a.test]"},
		{FLAGS, 1, 1, 0, PTR("\0\4", "\1x" AT_T), "ok 60 [x.test]"},
		{FLAGS, 1, 1, 0, PTR("\0\1", "\0"), "ok 60 []"},
		/* A byte that no name of ours has never matches one. */
		{FLAGS, 1, 1, 0, PTR("\0\6", "\4a.b \0"), "ok 60 [a\\b ]"},
		{FLAGS, 1, 1, 0, PTR("\0\4", "\2\0\377\0"), "ok 60 [\\\\]"},
		/* The data ends before or behind the name. */
		{FLAGS, 1, 1, 0, PTR("\0\6", "\1h\1t\0x"), "malformed"},
		{FLAGS, 1, 1, 0, PTR("\0\4", "\1h\1t\0"), "malformed"},
		/* To itself, forward, out of the packet. The data begins at
		 * byte 36. */
		{FLAGS, 1, 1, 0, PTR("\0\2", "\300\44"), "malformed"},
		{FLAGS, 1, 1, 0, PTR("\0\4", "\1x\300\44"), "malformed"},
		{FLAGS, 1, 1, 0, PTR("\0\2", "\300\46"), "malformed"},
		{FLAGS, 1, 1, 0, PTR("\0\2", "\377\377"), "malformed"},
		{FLAGS, 1, 1, 0, PTR("\0\1", "\300"), "malformed"},
		/* Into the header, where no name stands. */
		{FLAGS, 1, 1, 0, PTR("\0\2", "\300\0"), "malformed"},
		/* Label types that do not exist (RFC 6891 5). */
		{FLAGS, 1, 1, 0, PTR("\0\3", "\101x\0"), "malformed"},
		{FLAGS, 1, 1, 0, PTR("\0\3", "\200x\0"), "malformed"},
		{0, 0, 0, 0, STR_INIT(""), NULL},
	};
	(void)state;
	check_rows(DNS_PTR, rows);
}

static void
put_label(struct text *t, size_t n)
{
	text_add_char(t, (char)n);
	while (n-- > 0)
		text_add_char(t, 'x');
}

/* RFC 1035 2.3.4: a label has 63 octets, a name 255 with its lengths. */
static void
name_sizes(void **state)
{
	static const struct {
		size_t labels[5];
		enum dns_status want;
	} rows[] = {
		{{63}, DNS_OK},
		{{64}, DNS_MALFORMED},
		{{63, 63, 63, 61}, DNS_OK}, /* 64 + 64 + 64 + 62 + 1 */
		{{63, 63, 63, 62}, DNS_MALFORMED},
		{{63, 63, 63, 63}, DNS_MALFORMED},
		{{63, 63, 63, 59, 1}, DNS_OK},
		{{63, 63, 63, 60, 1}, DNS_MALFORMED},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct arena *a = arena_new(0);
		struct dns_answer got;
		struct text name, body;
		text_init(&name, a);
		for (size_t k = 0; k < 5 && rows[i].labels[k] > 0; k++)
			put_label(&name, rows[i].labels[k]);
		text_add_char(&name, '\0');
		text_init(&body, a);
		text_add(&body, STR(QUESTION(T_PTR) AT_A T_PTR IN TTL_60));
		text_add_char(&body, (char)(name.n >> 8));
		text_add_char(&body, (char)name.n);
		text_add(&body, text_str(&name));
		struct row r = {FLAGS, 1, 1, 0, text_str(&body), ""};
		dns_packet_read(packet(&r, a), DNS_PTR, STR("a.test"), a, &got);
		if (got.status != rows[i].want)
			fail_msg("row %zu: %s", i, dns_status_text(got.status));
		if (got.status == DNS_OK)
			assert_true(got.rr[0].name.n == name.n - 2);
		arena_free(a);
	}
}

/* Addresses have their size and nothing else (RFC 1035 3.4.1, RFC 3596 2.2). */
static void
addresses(void **state)
{
#define V4(n, data) STR_INIT(QUESTION(T_A) AT_A T_A IN TTL_60 n data)
#define V6(n, data) STR_INIT(QUESTION(T_AAAA) AT_A T_AAAA IN TTL_60 n data)
	static const struct row v4[] = {
		{FLAGS, 1, 1, 0, V4("\0\4", "\300\0\2\1"), "ok 60 [192.0.2.1]"},
		{FLAGS, 1, 1, 0, V4("\0\3", "\300\0\2"), "malformed"},
		{FLAGS, 1, 1, 0, V4("\0\5", "\300\0\2\1\1"), "malformed"},
		{FLAGS, 1, 1, 0, V4("\0\0", ""), "malformed"},
		{0, 0, 0, 0, STR_INIT(""), NULL},
	};
	static const struct row v6[] = {
		{FLAGS, 1, 1, 0, V6("\0\20", "\40\1\15\270\0\0\0\0\0\0\0\0\0\0"
		    "\0\1"), "ok 60 [2001:db8::1]"},
		/* An AAAA record is IPv6, whatever it holds. */
		{FLAGS, 1, 1, 0, V6("\0\20", "\0\0\0\0\0\0\0\0\0\0\377\377"
		    "\300\0\2\1"), "ok 60 [::ffff:192.0.2.1]"},
		{FLAGS, 1, 1, 0, V6("\0\4", "\300\0\2\1"), "malformed"},
		{0, 0, 0, 0, STR_INIT(""), NULL},
	};
	(void)state;
	check_rows(DNS_A, v4);
	check_rows(DNS_AAAA, v6);
}

/* RFC 1035 3.3.9, RFC 7505: mail exchangers, the null one among them. */
static void
exchangers(void **state)
{
#define MX(n, data) STR_INIT(QUESTION(T_MX) AT_A T_MX IN TTL_60 n data)
	static const struct row rows[] = {
		{FLAGS, 1, 1, 0, MX("\0\6", "\0\12\1m" AT_T),
		    "ok 60 [10 m.test]"},
		{FLAGS, 1, 1, 0, MX("\0\6", "\377\377\1M" AT_T),
		    "ok 60 [65535 m.test]"},
		{FLAGS, 1, 1, 0, MX("\0\3", "\0\0\0"), "ok 60 [0 ]"},
		{FLAGS, 1, 1, 0, MX("\0\2", "\0\0"), "malformed"},
		{FLAGS, 1, 1, 0, MX("\0\1", "\0"), "malformed"},
		{FLAGS, 1, 1, 0, MX("\0\7", "\0\12\1m" AT_T "x"), "malformed"},
		{0, 0, 0, 0, STR_INIT(""), NULL},
	};
	(void)state;
	check_rows(DNS_MX, rows);
}

/* RFC 1034 3.6.2, RFC 6604 3, RFC 8020 2: aliases inside the reply. */
static void
aliases(void **state)
{
/* a.test is b.test; the record of b.test that follows it. */
#define TO_B AT_A T_CNAME IN TTL_60 "\0\4\1b" AT_T
#define B_ONE "\1b" AT_T T_TXT IN TTL_300 "\0\4\3one"
	static const struct row rows[] = {
		{FLAGS, 1, 2, 0, STR_INIT(QUESTION(T_TXT) TO_B B_ONE),
		    "ok alias 60 [one]"},
		/* In any order. */
		{FLAGS, 1, 2, 0, STR_INIT(QUESTION(T_TXT) B_ONE TO_B),
		    "ok alias 60 [one]"},
		{FLAGS, 1, 1, 0, STR_INIT(QUESTION(T_TXT) TO_B),
		    "nodata alias 60"},
		{NXDOMAIN, 1, 1, 0, STR_INIT(QUESTION(T_TXT) TO_B),
		    "nxdomain alias 60"},
		{0x8182, 1, 1, 0, STR_INIT(QUESTION(T_TXT) TO_B), "servfail"},
		/* An alias of another name is none of ours. */
		{NXDOMAIN, 1, 1, 0, STR_INIT(QUESTION(T_TXT) AT_T T_CNAME IN
		    TTL_60 "\0\4\1b" AT_T), "nxdomain 60"},
		{FLAGS, 1, 2, 0, STR_INIT(QUESTION(T_TXT) AT_A T_CNAME IN
		    TTL_60 "\0\4\1c" AT_T B_ONE), "nodata alias 60"},
		/* a is b, b is a; a is a. */
		{FLAGS, 1, 2, 0, STR_INIT(QUESTION(T_TXT) TO_B "\1b" AT_T
		    T_CNAME IN TTL_60 "\0\2" AT_A), "malformed"},
		{FLAGS, 1, 1, 0, STR_INIT(QUESTION(T_TXT) AT_A T_CNAME IN
		    TTL_60 "\0\2" AT_A), "malformed"},
		/* Its target cannot be read. */
		{FLAGS, 1, 1, 0, STR_INIT(QUESTION(T_TXT) AT_A T_CNAME IN
		    TTL_60 "\0\2\377\377"), "malformed"},
		/* The least TTL of the chain. */
		{FLAGS, 1, 2, 0, STR_INIT(QUESTION(T_TXT) TO_B "\1b" AT_T T_TXT
		    IN TTL_0 "\0\4\3one"), "ok alias 0 [one]"},
		{0, 0, 0, 0, STR_INIT(""), NULL},
	};
	(void)state;
	check_rows(DNS_TXT, rows);
}

/* Chains up to the cap are followed. */
static void
long_chains(void **state)
{
	static const struct {
		unsigned aliases;
		enum dns_status want;
	} rows[] = {
		{1, DNS_OK},
		{DNS_PACKET_MAX_ALIASES, DNS_OK},
		{DNS_PACKET_MAX_ALIASES + 1, DNS_MALFORMED},
		{1000, DNS_MALFORMED},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct arena *a = arena_new(0);
		struct dns_answer got;
		struct text body;
		text_init(&body, a);
		text_add(&body, STR(QUESTION(T_TXT)));
		/* Names of one label: its second byte counts. */
		for (unsigned k = 0; k < rows[i].aliases; k++) {
			char to[] = {2, (char)('a' + k / 26 % 26),
			    (char)('a' + k % 26), 0};
			char from[] = {2, (char)('a' + (k - 1) / 26 % 26),
			    (char)('a' + (k - 1) % 26), 0};
			text_add(&body, k == 0 ? STR(AT_A) :
			    (struct str) {from, 4});
			text_add(&body, STR(T_CNAME IN TTL_60 "\0\4"));
			text_add(&body, (struct str) {to, 4});
			if (k + 1 < rows[i].aliases)
				continue;
			text_add(&body, (struct str) {to, 4});
			text_add(&body, STR(T_TXT IN TTL_60 "\0\4\3one"));
		}
		struct row r = {FLAGS, 1, rows[i].aliases + 1, 0,
		    text_str(&body), ""};
		dns_packet_read(packet(&r, a), DNS_TXT, STR("a.test"), a, &got);
		if (got.status != rows[i].want)
			fail_msg("%u aliases: %s", rows[i].aliases,
			    dns_status_text(got.status));
		arena_free(a);
	}
}

/* As many records as are read, and one more. */
static void
many_records(void **state)
{
	(void)state;
	for (unsigned extra = 0; extra < 2; extra++) {
		struct arena *a = arena_new(0);
		unsigned n = DNS_PACKET_MAX_RECORDS + extra;
		struct dns_answer got;
		struct text body;
		text_init(&body, a);
		text_add(&body, STR(QUESTION(T_A)));
		for (unsigned i = 0; i < n; i++)
			text_add(&body, STR(AT_A T_A IN TTL_60
			    "\0\4\300\0\2\1"));
		struct row r = {FLAGS, 1, n, 0, text_str(&body), ""};
		dns_packet_read(packet(&r, a), DNS_A, STR("a.test"), a, &got);
		assert_int_equal(got.status, extra > 0 ? DNS_MALFORMED :
							 DNS_OK);
		assert_int_equal(got.count, extra > 0 ? 0 : n);
		arena_free(a);
	}
}

/* RFC 2181 8, RFC 2308 5: how long an answer holds. */
static void
times(void **state)
{
#define TXT(ttl) AT_A T_TXT IN ttl "\0\4\3one"
#define NONE(rest) STR_INIT(QUESTION(T_TXT) rest)
	static const struct row rows[] = {
		{FLAGS, 1, 1, 0, NONE(TXT(TTL_0)), "ok 0 [one]"},
		{FLAGS, 1, 1, 0, NONE(TXT(TTL_DAY)), "ok 86400 [one]"},
		{FLAGS, 1, 1, 0, NONE(TXT("\0\1\121\201")), "ok 86400 [one]"},
		{FLAGS, 1, 1, 0, NONE(TXT(TTL_MAX)), "ok 86400 [one]"},
		/* The top bit is set: as 0. */
		{FLAGS, 1, 1, 0, NONE(TXT("\200\0\0\0")), "ok 0 [one]"},
		{FLAGS, 1, 1, 0, NONE(TXT("\377\377\377\377")), "ok 0 [one]"},
		/* Absence: the less of the SOA's TTL and its MINIMUM. */
		{FLAGS, 1, 0, 1, NONE(SOA(TTL_300, TTL_60)), "nodata 60"},
		{FLAGS, 1, 0, 1, NONE(SOA(TTL_60, TTL_300)), "nodata 60"},
		{NXDOMAIN, 1, 0, 1, NONE(SOA(TTL_300, TTL_300)),
		    "nxdomain 300"},
		{NXDOMAIN, 1, 0, 1, NONE(SOA(TTL_300, TTL_0)), "nxdomain 0"},
		{NXDOMAIN, 1, 0, 1, NONE(SOA(TTL_DAY, TTL_DAY)),
		    "nxdomain 3600"},
		{NXDOMAIN, 1, 0, 1, NONE(SOA(TTL_DAY, "\377\377\377\377")),
		    "nxdomain 3600"},
		{NXDOMAIN, 1, 0, 1, NONE(SOA("\377\377\377\377", TTL_DAY)),
		    "nxdomain 0"},
		{NXDOMAIN, 1, 0, 0, NONE(""), "nxdomain 60"},
		/* Behind another authority; in the answers it is data. */
		{NXDOMAIN, 1, 0, 2, NONE(AT_T "\0\2" IN TTL_60 "\0\3\1n\0"
		    SOA(TTL_300, TTL_300)), "nxdomain 300"},
		{FLAGS, 1, 1, 0, NONE(SOA(TTL_300, TTL_300)), "nodata 60"},
		/* An authority that cannot be read spoils no answer. */
		{NXDOMAIN, 1, 0, 1, NONE(""), "nxdomain 60"},
		{NXDOMAIN, 1, 0, 1, NONE(AT_T T_SOA IN TTL_300 "\0\2\0\0"),
		    "nxdomain 60"},
		{FLAGS, 1, 1, 1, NONE(ONE "\377"), "ok 300 [one]"},
		{0, 0, 0, 0, STR_INIT(""), NULL},
	};
	(void)state;
	check_rows(DNS_TXT, rows);
}

/* No part of an answer is taken for a whole one. */
static void
every_prefix(void **state)
{
	static const struct row whole = {FLAGS, 1, 3, 1,
	    STR_INIT(QUESTION(T_TXT) TO_B B_ONE "\1b" AT_T T_TXT IN TTL_60
	    "\0\4\3two" SOA(TTL_300, TTL_300)), ""};
	struct arena *a = arena_new(0);
	struct str p = packet(&whole, a);
	struct dns_answer got;
	size_t soa = STR(SOA(TTL_300, TTL_300)).n;
	(void)state;
	dns_packet_read(p, DNS_TXT, STR("a.test"), a, &got);
	check_str(show(&got, DNS_TXT, a), "ok alias 60 [one] [two]");
	for (size_t n = 0; n < p.n - soa; n++) {
		struct arena *b = arena_new(0);
		dns_packet_read(check_exact(str_sub(p, 0, n), b), DNS_TXT,
		    STR("a.test"), b, &got);
		if (got.status != DNS_MALFORMED)
			fail_msg("%zu bytes: %s", n,
			    dns_status_text(got.status));
		arena_free(b);
	}
	arena_free(a);
}

/* Questions: header, name, type, class, and the OPT record (RFC 6891 6.1.2). */
static void
questions(void **state)
{
#define OPT "\0\0\51\4\320\0\0\0\0\0\0"
	static const char edns[] = "\0\0\1\0\0\1\0\0\0\0\0\1"
	    QUESTION(T_TXT) OPT;
	static const char plain[] = "\0\0\1\0\0\1\0\0\0\0\0\0"
	    QUESTION(T_TXT);
	uint8_t out[DNS_PACKET_QUESTION_MAX];
	size_t n = dns_packet_question(DNS_TXT, STR("a.test"), true, out);
	(void)state;
	assert_int_equal(n, sizeof edns - 1);
	assert_memory_equal(out, edns, n);
	n = dns_packet_question(DNS_TXT, STR("a.test"), false, out);
	assert_int_equal(n, sizeof plain - 1);
	assert_memory_equal(out, plain, n);
}

/* RFC 6891 7: a server that does not know EDNS. */
static void
refusals(void **state)
{
	static const struct {
		struct str packet;
		bool want, lacks;
	} rows[] = {
		{STR_INIT("id\201\201\0\0\0\0\0\0\0\0"), true, true},
		{STR_INIT("id\201\201\0\1\0\0\0\0\0\0" QUESTION(T_TXT)),
		    true, true},
		{STR_INIT("id\201\201\0\1\0\0\0\0\0\1" QUESTION(T_TXT)
		    OPT), false, false},
		{STR_INIT("id\201\202\0\0\0\0\0\0\0\0"), false, true},
		{STR_INIT("id\201\200\0\0\0\0\0\0\0\1" OPT), false,
		    false},
		{STR_INIT("id\1\201\0\0\0\0\0\0\0\0"), false, false},
		{STR_INIT("id\201\201\0\0\0\0\0\0\0"), false, false},
		{STR_INIT(""), false, false},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct arena *a = arena_new(0);
		struct str packet = check_exact(rows[i].packet, a);
		if (dns_packet_refuses_edns(packet) != rows[i].want ||
		    dns_packet_lacks_edns(packet) != rows[i].lacks)
			fail_msg("row %zu", i);
		arena_free(a);
	}
}

/* RFC 1035 2.3.4: what no question can be written for. */
static void
question_sizes(void **state)
{
	static const struct {
		size_t labels[5];
		bool is_name;
	} rows[] = {
		{{1}, true},
		{{63}, true},
		{{64}, false},
		{{63, 63, 63, 61}, true}, /* 253 */
		{{63, 63, 63, 62}, false},
		{{63, 63, 63, 59, 1}, true},
		{{63, 63, 63, 60, 1}, false},
	};
	static const char *const odd[] = {"", ".", "a..b", ".a"};
	uint8_t out[DNS_PACKET_QUESTION_MAX];
	struct arena *a = arena_new(0);
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct text name;
		text_init(&name, a);
		for (size_t k = 0; k < 5 && rows[i].labels[k] > 0; k++) {
			if (k > 0)
				text_add_char(&name, '.');
			for (size_t c = 0; c < rows[i].labels[k]; c++)
				text_add_char(&name, 'x');
		}
		size_t n = dns_packet_question(DNS_A, text_str(&name), true,
		    out);
		assert_int_equal(n, rows[i].is_name ? 12 + name.n + 2 + 4 + 11 :
						      0);
	}
	for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++)
		assert_int_equal(
		    dns_packet_question(DNS_A, str_of(odd[i]), true, out), 0);
	arena_free(a);
}

/* draft-vixie-dnsext-dns0x20: what comes back must be the question to the
 * octet; a server that fails early may leave it out. */
static void
echoes(void **state)
{
	static const uint8_t all[DNS_PACKET_CASES] = {0xff, 0xff};
	static const uint8_t none[DNS_PACKET_CASES] = {0};
	static const struct str header = STR_INIT("\1\2\201\200\0\1\0\0\0\0\0\0");
	static const struct {
		struct str rest;
		bool want;
	} rows[] = {
		{STR_INIT("\2A1\4TEST\0\0\20\0\1"), true},
		{STR_INIT("\2a1\4TEST\0\0\20\0\1"), false},
		{STR_INIT("\2A1\4tEST\0\0\20\0\1"), false},
		{STR_INIT("\2A1\300\26\0\20\0\1\4TEST\0"), false},
		{STR_INIT("\2A1\4TEST"), false},
		{STR_INIT(""), false},
	};
	struct str name = STR("a1.test");
	uint8_t q[DNS_PACKET_QUESTION_MAX];
	struct arena *a = arena_new(0);
	(void)state;
	size_t n = dns_packet_question(DNS_TXT, name, false, q);
	dns_packet_mix_case(q, name, none);
	assert_int_equal(n, 12 + 9 + 4);
	assert_memory_equal(q + 12, "\2a1\4test", 9);
	dns_packet_mix_case(q, name, all);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct text t;
		text_init(&t, a);
		text_add(&t, header);
		text_add(&t, rows[i].rest);
		if (dns_packet_is_echo(text_str(&t), q, name) != rows[i].want)
			fail_msg("row %zu", i);
	}
	assert_true(dns_packet_is_echo(
	    STR("\1\2\201\202\0\0\0\0\0\0\0\0"), q, name));
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(header),
		cmocka_unit_test(texts),
		cmocka_unit_test(names),
		cmocka_unit_test(name_sizes),
		cmocka_unit_test(addresses),
		cmocka_unit_test(exchangers),
		cmocka_unit_test(aliases),
		cmocka_unit_test(long_chains),
		cmocka_unit_test(many_records),
		cmocka_unit_test(times),
		cmocka_unit_test(every_prefix),
		cmocka_unit_test(questions),
		cmocka_unit_test(refusals),
		cmocka_unit_test(question_sizes),
		cmocka_unit_test(echoes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
