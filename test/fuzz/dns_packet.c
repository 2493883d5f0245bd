/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A DNS reply: the first byte chooses the type that was asked, the rest is the
 * packet; the question was for "a.test". What is read of it is written as a
 * reply again, which must read the same. The same bytes serve as a name to ask.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/ascii.h"
#include "base/text.h"
#include "net/dns_packet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const enum dns_type types[] = {
	DNS_TXT, DNS_A, DNS_AAAA, DNS_MX, DNS_PTR};

static void
must(bool holds)
{
	if (!holds)
		abort();
}

/* A name as text: labels of 1 to 63 octets, 253 in all. */
static void
check_name(struct str name)
{
	size_t label = 0;
	must(name.n <= 253);
	for (size_t i = 0; i < name.n; i++) {
		must(ascii_is_print(name.p[i]) &&
		    ascii_lower(name.p[i]) == name.p[i]);
		label = name.p[i] == '.' ? 0 : label + 1;
		must(label <= 63);
	}
}

static void
check_rr(enum dns_type type, const struct dns_rr *rr, size_t packet_size)
{
	switch (type) {
	case DNS_A:
		must(rr->ip.family == IP_V4);
		break;
	case DNS_AAAA:
		must(rr->ip.family == IP_V6);
		break;
	case DNS_MX:
		check_name(rr->mx.host);
		break;
	case DNS_PTR:
		check_name(rr->name);
		break;
	case DNS_TXT:
		must(rr->txt.n < packet_size);
		break;
	}
}

static void
check_answer(enum dns_type type, const struct dns_answer *a, size_t packet_size)
{
	must(a->status == DNS_OK || a->status == DNS_NODATA ||
	    a->status == DNS_NXDOMAIN || a->status == DNS_SERVFAIL ||
	    a->status == DNS_MALFORMED);
	must((a->status == DNS_OK) == (a->count > 0));
	must(a->count <= DNS_PACKET_MAX_RECORDS);
	must(a->ttl <= (a->status == DNS_OK ? DNS_PACKET_MAX_TTL :
					      DNS_PACKET_MAX_NEGATIVE_TTL));
	must(!dns_is_error(a->status) || (!a->is_alias && a->ttl == 0));
	for (size_t i = 0; i < a->count; i++)
		check_rr(type, &a->rr[i], packet_size);
}

/* ---- round trip ------------------------------------------------------------- */

static void
put(struct text *t, uint64_t v, unsigned bytes)
{
	while (bytes-- > 0)
		text_add_char(t, (char)(v >> (8 * bytes)));
}

static void
put_name(struct text *t, struct str name)
{
	while (name.n > 0) {
		struct str label = str_cut(&name, '.');
		put(t, label.n, 1);
		text_add(t, label);
	}
	put(t, 0, 1);
}

static struct str
data_of(enum dns_type type, const struct dns_rr *rr, struct arena *a)
{
	struct text t;
	text_init(&t, a);
	switch (type) {
	case DNS_A:
	case DNS_AAAA:
		text_add(&t, (struct str) {(const char *)rr->ip.bytes,
		    type == DNS_A ? 4 : 16});
		break;
	case DNS_MX:
		put(&t, rr->mx.preference, 2);
		put_name(&t, rr->mx.host);
		break;
	case DNS_PTR:
		put_name(&t, rr->name);
		break;
	case DNS_TXT:
		for (size_t at = 0; at == 0 || at < rr->txt.n; at += 255) {
			struct str part = str_sub(rr->txt, at, 255);
			put(&t, part.n, 1);
			text_add(&t, part);
		}
		break;
	}
	return text_str(&t);
}

static void
put_record(struct text *t, const char *owner, unsigned type, uint32_t ttl,
    struct str data)
{
	put_name(t, str_of(owner));
	put(t, type, 2), put(t, 1, 2), put(t, ttl, 4), put(t, data.n, 2);
	text_add(t, data);
}

/* An absence has the TTL of its SOA, an alias the same. */
static struct str
write_reply(enum dns_type type, const struct dns_answer *answer,
    struct arena *a)
{
	static const char names_and_numbers[2 + 16];
	const char *owner = answer->is_alias ? "b" : "a.test";
	struct text t, soa;
	text_init(&t, a);
	put(&t, 0, 2);
	put(&t, answer->status == DNS_NXDOMAIN ? 0x8183 : 0x8180, 2);
	put(&t, 1, 2), put(&t, answer->count + answer->is_alias, 2);
	put(&t, 1, 2), put(&t, 0, 2);
	put_name(&t, STR("a.test"));
	put(&t, type, 2), put(&t, 1, 2);
	if (answer->is_alias)
		put_record(&t, "A.Test", 5, answer->ttl, STR("\1b\0"));
	for (size_t i = 0; i < answer->count; i++)
		put_record(&t, owner, type, answer->ttl,
		    data_of(type, &answer->rr[i], a));
	text_init(&soa, a);
	text_add(&soa, (struct str) {names_and_numbers,
	    sizeof names_and_numbers});
	put(&soa, answer->ttl, 4);
	put_record(&t, "test", 6, UINT32_C(86400), text_str(&soa));
	return text_str(&t);
}

static void
check_same(enum dns_type type, const struct dns_answer *x,
    const struct dns_answer *y, struct arena *a)
{
	must(x->status == y->status && x->is_alias == y->is_alias &&
	    x->ttl == y->ttl && x->count == y->count);
	for (size_t i = 0; i < x->count; i++)
		must(str_eq(data_of(type, &x->rr[i], a),
		    data_of(type, &y->rr[i], a)));
}

/* ---- questions -------------------------------------------------------------- */

/* A question read as its own reply: no data, or a name that is not read as it
 * was written. */
static void
check_question(enum dns_type type, struct str name, struct arena *a)
{
	uint8_t out[DNS_PACKET_QUESTION_MAX];
	struct dns_answer answer;
	for (unsigned has_edns = 0; has_edns < 2; has_edns++) {
		size_t n = dns_packet_question(type, name, has_edns, out);
		must(n <= sizeof out);
		if (n == 0)
			continue;
		out[2] |= 0x80;
		dns_packet_read((struct str) {(char *)out, n}, type, name, a,
		    &answer);
		must(answer.status == DNS_NODATA ||
		    answer.status == DNS_MALFORMED);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dns_answer answer, again;
	if (size == 0)
		return 0;
	struct arena *a = arena_new(0);
	enum dns_type type = types[data[0] % (sizeof types / sizeof types[0])];
	struct str packet = {(const char *)data + 1, size - 1};
	dns_packet_read(packet, type, STR("a.test"), a, &answer);
	check_answer(type, &answer, size);
	if (dns_packet_refuses_edns(packet))
		must(answer.status == DNS_SERVFAIL ||
		    answer.status == DNS_MALFORMED);
	struct str reply = {NULL, 0};
	if (!dns_is_error(answer.status))
		reply = write_reply(type, &answer, a);
	if (reply.n > 0 && answer.count < DNS_PACKET_MAX_RECORDS) {
		dns_packet_read(reply, type, STR("a.test"), a, &again);
		check_same(type, &answer, &again, a);
	}
	check_question(type, str_sub(packet, 0, 300), a);
	arena_free(a);
	return 0;
}
