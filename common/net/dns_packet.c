/* SPDX-License-Identifier: BSD-2-Clause */
#include "net/dns_packet.h"

#include <string.h>

#include "base/arena.h"
#include "base/ascii.h"
#include "base/cursor.h"
#include "base/text.h"

#define TYPE_CNAME 5
#define TYPE_SOA   6
#define TYPE_OPT   41
#define CLASS_IN   1
#define MAX_NAME   255u /* with the length of every label, and the last 0 */
#define HEADER     12u
/* Compression pointers of one name: each must lead further back. */
#define MAX_POINTERS 64u

#define FLAG_RESPONSE  0x8000u
#define FLAG_TRUNCATED 0x0200u
#define RCODE_MASK     0x000fu
#define RCODE_FORMERR  1u
#define RCODE_NXDOMAIN 3u

/* A record as it lies in the packet. */
struct record {
	struct str owner; /* text, lower case */
	uint16_t type;    /* 0: of another class */
	uint32_t ttl;
	size_t at;        /* of its data */
	size_t n;
};

struct reply {
	struct str packet;
	struct arena *arena;
	unsigned rcode;
	struct record *answers;
	size_t answer_count;
	bool has_soa;
	uint32_t soa_ttl;
};

/* ---- questions -------------------------------------------------------------- */

static uint8_t *
put_u16(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
	return p + 2;
}

/* OPT of the root (RFC 6891 6.1.2). */
static uint8_t *
put_opt(uint8_t *p)
{
	*p++ = 0;
	p = put_u16(p, TYPE_OPT);
	p = put_u16(p, DNS_PACKET_UDP);
	memset(p, 0, 6);
	return p + 6;
}

size_t
dns_packet_question(enum dns_type type, struct str name, bool has_edns,
    uint8_t out[DNS_PACKET_QUESTION_MAX])
{
	static const uint8_t header[HEADER] = {0, 0, 0x01, 0x00, 0, 1};
	if (name.n == 0 || name.n + 2 > MAX_NAME)
		return 0;
	memcpy(out, header, sizeof header);
	out[HEADER - 1] = has_edns; /* additional records */
	uint8_t *p = out + sizeof header;
	while (name.n > 0) {
		struct str label = str_cut(&name, '.');
		if (label.n == 0 || label.n > 63)
			return 0;
		*p++ = (uint8_t)label.n;
		memcpy(p, label.p, label.n);
		p += label.n;
	}
	*p++ = 0;
	p = put_u16(p, (unsigned)type);
	p = put_u16(p, CLASS_IN);
	if (has_edns)
		p = put_opt(p);
	return (size_t)(p - out);
}

/* A letter of either case differs from the other in one bit, which no length of
 * a label is taken for: they end before the letters begin. */
void
dns_packet_mix_case(uint8_t *question, struct str name,
    const uint8_t random[DNS_PACKET_CASES])
{
	uint8_t *p = question + HEADER;
	for (size_t i = 0; i <= name.n; i++)
		if (ascii_is_alpha(p[i]) && (random[i / 8] >> i % 8 & 1) != 0)
			p[i] ^= 0x20;
}

/* A name that is written otherwise, by a pointer say, is no echo either. */
bool
dns_packet_is_echo(struct str packet, const uint8_t *question, struct str name)
{
	size_t n = name.n + 2;
	struct str asked = {(const char *)question + HEADER, n};
	struct str questions = str_sub(packet, 4, 2);
	return str_eq(questions, STR("\0\0")) ||
	    str_eq(str_sub(packet, HEADER, n), asked);
}

/* The flags of a reply without additional records; 0: it has some, or is no
 * reply. */
static unsigned
flags_without_edns(struct str packet)
{
	struct cursor c;
	cursor_init(&c, packet);
	cursor_u16(&c);
	unsigned flags = cursor_u16(&c);
	cursor_bytes(&c, 6);
	unsigned additional = cursor_u16(&c);
	bool is_such = !cursor_failed(&c) && additional == 0;
	return is_such && (flags & FLAG_RESPONSE) != 0 ? flags : 0;
}

bool
dns_packet_lacks_edns(struct str packet)
{
	return flags_without_edns(packet) != 0;
}

bool
dns_packet_refuses_edns(struct str packet)
{
	return (flags_without_edns(packet) & RCODE_MASK) == RCODE_FORMERR;
}

/* ---- names ------------------------------------------------------------------ */

/* One label as text. A byte that no name of ours has becomes a backslash, which
 * dns_ask() refuses, so that such a name never matches another. */
static void
add_label(struct text *t, struct str label)
{
	if (t->n > 0)
		text_add_char(t, '.');
	for (size_t i = 0; i < label.n; i++) {
		char c = label.p[i];
		bool is_plain = ascii_is_print(c) && c != '.';
		text_add_char(t, is_plain ? ascii_lower(c) : '\\');
	}
}

/* Octets of the name of `t` in a packet, once it has a label of n more. */
static size_t
wire_size(const struct text *t, size_t n)
{
	return (t->n > 0 ? t->n + 2 : 1) + n + 1;
}

/* A name, pointers followed: each must lead before the one it was read from,
 * so there is no loop, and not into the header (RFC 1035 4.1.4). */
static struct str
read_name(struct cursor *c, struct arena *a)
{
	struct cursor jumped;
	struct cursor *in = c;
	size_t limit = c->at, pointers = 0;
	struct text t;
	text_init(&t, a);
	for (;;) {
		uint8_t n = cursor_u8(in);
		if (cursor_failed(in) || n == 0)
			break;
		if (n >= 0xc0) {
			size_t to = (size_t)(n & 0x3f) << 8 | cursor_u8(in);
			if (cursor_failed(in) || to < HEADER || to >= limit ||
			    ++pointers > MAX_POINTERS) {
				cursor_fail(c);
				break;
			}
			jumped = *in;
			jumped.at = limit = to;
			in = &jumped;
			continue;
		}
		struct str label = cursor_bytes(in, n);
		if (n > 63 || wire_size(&t, n) > MAX_NAME)
			cursor_fail(c);
		if (cursor_failed(in) || cursor_failed(c))
			break;
		add_label(&t, label);
	}
	if (cursor_failed(in))
		cursor_fail(c);
	return text_str(&t);
}

/* ---- replies ---------------------------------------------------------------- */

static void
read_record(struct cursor *c, struct arena *a, struct record *out)
{
	out->owner = read_name(c, a);
	out->type = cursor_u16(c);
	if (cursor_u16(c) != CLASS_IN)
		out->type = 0;
	out->ttl = cursor_u32(c);
	if (out->ttl > INT32_MAX)
		out->ttl = 0; /* RFC 2181 8 */
	out->n = cursor_u16(c);
	out->at = c->at;
	cursor_bytes(c, out->n);
}

/* The SOA of the authority section bounds how long absence is known: the less
 * of its TTL and its MINIMUM (RFC 2308 5). */
static void
read_soa(struct reply *r, const struct record *rec)
{
	struct cursor c;
	cursor_init(&c, r->packet);
	c.at = rec->at;
	read_name(&c, r->arena);
	read_name(&c, r->arena);
	cursor_bytes(&c, 16);
	uint32_t minimum = cursor_u32(&c);
	if (cursor_failed(&c))
		return;
	r->has_soa = true;
	r->soa_ttl = minimum < rec->ttl ? minimum : rec->ttl;
}

static bool
is_question(struct cursor *c, enum dns_type type, struct str name,
    struct arena *a)
{
	struct str got = read_name(c, a);
	uint16_t got_type = cursor_u16(c), got_class = cursor_u16(c);
	return str_ieq(got, name) && got_type == (uint16_t)type &&
	    got_class == CLASS_IN && !cursor_failed(c);
}

/* Header, question, answers, and the authority section as far as it reads, which
 * nothing but the time of an absence depends on. */
static bool
read_reply(struct reply *r, enum dns_type type, struct str name)
{
	struct cursor c;
	cursor_init(&c, r->packet);
	cursor_u16(&c);
	unsigned flags = cursor_u16(&c);
	unsigned questions = cursor_u16(&c), answers = cursor_u16(&c);
	unsigned authorities = cursor_u16(&c);
	cursor_u16(&c);
	r->rcode = flags & RCODE_MASK;
	/* Of a reply that was cut off nothing is known to be absent. */
	if (cursor_failed(&c) || (flags & FLAG_RESPONSE) == 0 ||
	    (flags & FLAG_TRUNCATED) != 0 || answers > DNS_PACKET_MAX_RECORDS)
		return false;
	/* A server that fails early may leave the question out; one that says
	 * "no such name" must say which. */
	if (questions == 0 && r->rcode != 0 && r->rcode != RCODE_NXDOMAIN)
		return true;
	if (questions != 1 || !is_question(&c, type, name, r->arena))
		return false;
	r->answers = ARENA_ARRAY(r->arena, struct record, answers + 1);
	for (unsigned i = 0; i < answers; i++)
		read_record(&c, r->arena, &r->answers[r->answer_count++]);
	if (cursor_failed(&c))
		return false;
	for (unsigned i = 0; i < authorities && i < DNS_PACKET_MAX_RECORDS &&
	    !r->has_soa; i++) {
		struct record rec = {0};
		read_record(&c, r->arena, &rec);
		if (cursor_failed(&c))
			break;
		if (rec.type == TYPE_SOA)
			read_soa(r, &rec);
	}
	return true;
}

/* The character-strings of a TXT record, joined (RFC 9989 4.5). */
static bool
read_txt(struct cursor *c, size_t end, struct arena *a, struct str *out)
{
	struct text t;
	text_init(&t, a);
	while (c->at < end && !cursor_failed(c)) {
		size_t n = cursor_u8(c);
		text_add(&t, cursor_bytes(c, n));
	}
	*out = text_str(&t);
	return !cursor_failed(c) && c->at == end;
}

static bool
read_data(const struct reply *r, const struct record *rec, struct dns_rr *out)
{
	struct cursor c;
	struct str bytes;
	cursor_init(&c, r->packet);
	c.at = rec->at;
	*out = (struct dns_rr) {.txt = {NULL, 0}};
	switch (rec->type) {
	case DNS_A:
	case DNS_AAAA:
		bytes = cursor_bytes(&c, rec->n);
		if (bytes.n != (rec->type == DNS_A ? 4u : 16u))
			return false;
		out->ip.family = rec->type == DNS_A ? IP_V4 : IP_V6;
		memcpy(out->ip.bytes, bytes.p, bytes.n);
		return true;
	case DNS_MX:
		out->mx.preference = cursor_u16(&c);
		out->mx.host = read_name(&c, r->arena);
		break;
	case DNS_PTR:
		out->name = read_name(&c, r->arena);
		break;
	default:
		return read_txt(&c, rec->at + rec->n, r->arena, &out->txt);
	}
	return !cursor_failed(&c) && c.at == rec->at + rec->n;
}

static const struct record *
alias_of(const struct reply *r, struct str owner)
{
	for (size_t i = 0; i < r->answer_count; i++)
		if (r->answers[i].type == TYPE_CNAME &&
		    str_ieq(r->answers[i].owner, owner))
			return &r->answers[i];
	return NULL;
}

static void
lower_ttl(struct dns_answer *out, uint32_t ttl)
{
	if (ttl < out->ttl)
		out->ttl = ttl;
}

/* Follows the aliases of the reply; the last name, or false for a loop. */
static bool
follow(const struct reply *r, struct str name, struct dns_answer *out,
    struct str *last)
{
	*last = name;
	for (unsigned hop = 0; hop <= DNS_PACKET_MAX_ALIASES; hop++) {
		const struct record *alias = alias_of(r, *last);
		if (alias == NULL)
			return true;
		struct cursor c;
		cursor_init(&c, r->packet);
		c.at = alias->at;
		*last = read_name(&c, r->arena);
		if (cursor_failed(&c))
			return false;
		out->is_alias = true;
		lower_ttl(out, alias->ttl);
	}
	return false;
}

/* The records of the last name; false when one cannot be read. */
static bool
collect(const struct reply *r, enum dns_type type, struct str last,
    struct dns_answer *out)
{
	struct dns_rr *rr =
	    ARENA_ARRAY(r->arena, struct dns_rr, r->answer_count + 1);
	for (size_t i = 0; i < r->answer_count; i++) {
		const struct record *rec = &r->answers[i];
		if (rec->type != (uint16_t)type || !str_ieq(rec->owner, last))
			continue;
		if (!read_data(r, rec, &rr[out->count]))
			return false;
		lower_ttl(out, rec->ttl);
		out->count++;
	}
	out->rr = rr;
	return true;
}

static void
absent(const struct reply *r, struct dns_answer *out)
{
	out->status = r->rcode == RCODE_NXDOMAIN ? DNS_NXDOMAIN : DNS_NODATA;
	lower_ttl(out, r->has_soa ? r->soa_ttl : DNS_PACKET_NEGATIVE_TTL);
	lower_ttl(out, DNS_PACKET_MAX_NEGATIVE_TTL);
}

void
dns_packet_read(struct str packet, enum dns_type type, struct str name,
    struct arena *a, struct dns_answer *out)
{
	struct reply r = {.packet = packet, .arena = a};
	struct dns_answer answer = {.ttl = DNS_PACKET_MAX_TTL};
	struct str last;
	*out = (struct dns_answer) {.status = DNS_MALFORMED};
	if (!read_reply(&r, type, name))
		return;
	if (r.rcode != 0 && r.rcode != RCODE_NXDOMAIN) {
		out->status = DNS_SERVFAIL;
		return;
	}
	if (!follow(&r, name, &answer, &last) ||
	    !collect(&r, type, last, &answer))
		return;
	if (answer.count > 0)
		answer.status = DNS_OK;
	else
		absent(&r, &answer);
	*out = answer;
}
