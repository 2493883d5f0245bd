/* SPDX-License-Identifier: BSD-2-Clause */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "net/ip.h"
#include "test/lib/check.h"

static void
parse_and_print(void **state)
{
	(void)state;
	static const struct {
		struct str text;
		const char *want; /* NULL: refused */
	} rows[] = {
		{STR_INIT("192.0.2.1"), "192.0.2.1"},
		{STR_INIT("0.0.0.0"), "0.0.0.0"},
		{STR_INIT("2001:DB8:0:0:0:0:0:1"), "2001:db8::1"},
		{STR_INIT("::"), "::"},
		/* RFC 4291 2.5.5.2 */
		{STR_INIT("::ffff:192.0.2.1"), "192.0.2.1"},
		{STR_INIT("::FFFF:c000:201"), "192.0.2.1"},
		{STR_INIT("::192.0.2.1"), "::192.0.2.1"},
		{STR_INIT("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255"),
		    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
		{STR_INIT(""), NULL},
		{STR_INIT("192.0.2"), NULL},
		{STR_INIT("192.0.2.256"), NULL},
		{STR_INIT("192.0.02.1"), NULL},
		{STR_INIT("192.0.2.1 "), NULL},
		{STR_INIT("192.0.2.1\0"), NULL},
		{STR_INIT("192.0.2.1\0x"), NULL},
		{STR_INIT("[::1]"), NULL},
		{STR_INIT("fe80::1%eth0"), NULL},
		{STR_INIT("1::2::3"), NULL},
		{STR_INIT("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.2555"),
		    NULL},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct arena *a = arena_new(0);
		struct ip got = {.family = IP_NONE};
		char text[IP_TEXT_MAX];
		bool ok = ip_parse(check_exact(rows[i].text, a), &got);
		assert_int_equal(ok, rows[i].want != NULL);
		assert_string_equal(ip_print(&got, text),
		    ok ? rows[i].want : "");
		arena_free(a);
	}
}

static void
from_sockaddr(void **state)
{
	(void)state;
	char text[IP_TEXT_MAX];
	struct sockaddr_in in = {.sin_family = AF_INET};
	in.sin_addr.s_addr = htonl(0xc0000201);
	struct ip ip = ip_from_sockaddr((const struct sockaddr *)&in);
	assert_string_equal(ip_print(&ip, text), "192.0.2.1");

	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
	inet_pton(AF_INET6, "2001:db8::7", &in6.sin6_addr);
	ip = ip_from_sockaddr((const struct sockaddr *)&in6);
	assert_string_equal(ip_print(&ip, text), "2001:db8::7");
	inet_pton(AF_INET6, "::ffff:192.0.2.9", &in6.sin6_addr);
	ip = ip_from_sockaddr((const struct sockaddr *)&in6);
	assert_int_equal(ip.family, IP_V4);
	assert_string_equal(ip_print(&ip, text), "192.0.2.9");

	struct sockaddr_un un = {.sun_family = AF_UNIX};
	ip = ip_from_sockaddr((const struct sockaddr *)&un);
	assert_int_equal(ip.family, IP_NONE);
	assert_int_equal(ip_from_sockaddr(NULL).family, IP_NONE);
	in.sin_port = htons(4711);
	in6.sin6_port = htons(4712);
	assert_int_equal(ip_port_of((const struct sockaddr *)&in), 4711);
	assert_int_equal(ip_port_of((const struct sockaddr *)&in6), 4712);
	assert_int_equal(ip_port_of((const struct sockaddr *)&un), 0);
	assert_int_equal(ip_port_of(NULL), 0);
}

static struct ip
ip_of(const char *text)
{
	struct ip ip = {.family = IP_NONE};
	if (text[0] != '\0')
		assert_true(ip_parse(str_of(text), &ip));
	return ip;
}

static void
compare(void **state)
{
	(void)state;
	static const struct {
		const char *a, *b;
		unsigned bits;
		bool want;
	} rows[] = {
		{"192.0.2.1", "192.0.2.255", 24, true},
		{"192.0.2.1", "192.0.3.1", 24, false},
		{"192.0.2.1", "192.0.3.1", 23, true},
		{"192.0.2.1", "192.0.2.2", 31, false},
		{"192.0.2.2", "192.0.2.3", 31, true},
		{"192.0.2.1", "192.0.2.1", 32, true},
		{"192.0.2.1", "192.0.2.1", 33, false},
		{"192.0.2.1", "10.0.0.0", 0, true},
		{"192.0.2.1", "::", 0, false},
		{"2001:db8::1", "2001:db8::2", 64, true},
		{"2001:db8::1", "2001:db8::2", 128, false},
		{"2001:db8::1", "2001:db8::1", 128, true},
		{"2001:db8:8000::", "2001:db8::", 33, false},
		{"", "", 0, false},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct ip a = ip_of(rows[i].a), b = ip_of(rows[i].b);
		assert_int_equal(ip_has_prefix(&a, &b, rows[i].bits),
		    rows[i].want);
	}
	struct ip a = ip_of("192.0.2.1"), b = ip_of("::ffff:192.0.2.1"),
		  c = ip_of("192.0.2.2"), none = ip_of("");
	assert_true(ip_eq(&a, &b));
	assert_false(ip_eq(&a, &c));
	assert_false(ip_eq(&a, &none));
	assert_true(ip_eq(&none, &none));
}

static void
network(void **state)
{
	(void)state;
	static const struct {
		const char *text, *want;
		unsigned bits;
	} rows[] = {
		{"192.0.2.77", "192.0.2.0", 32},
		{"2001:db8:1:2:3:4:5:6", "2001:db8:1:2::", 128},
		{"", "", 0},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char text[IP_TEXT_MAX];
		struct ip ip = ip_of(rows[i].text), net = ip_network(&ip);
		assert_string_equal(ip_print(&net, text), rows[i].want);
		assert_int_equal(ip_bits(&ip), rows[i].bits);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parse_and_print),
		cmocka_unit_test(from_sockaddr),
		cmocka_unit_test(compare),
		cmocka_unit_test(network),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
