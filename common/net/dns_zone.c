/* SPDX-License-Identifier: BSD-2-Clause */
#include "net/dns_zone.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/ascii.h"
#include "base/table.h"
#include "base/text.h"
#include "mail/domain.h"
#include "net/dns_engine.h"
#include "net/dns_packet.h"
#include "net/ip.h"

#define ZONE_TTL   300u
#define ANY_TYPE   0

/* What a line says of its name. */
enum line_kind { LINE_RECORD, LINE_CNAME, LINE_STATUS, LINE_EXISTS };

struct line_read {
	enum line_kind kind;
	struct str name;
	int type;               /* of a record or a status; ANY_TYPE */
	enum dns_status status; /* of LINE_STATUS */
	struct str target;      /* of a CNAME */
	struct dns_rr rr;
};

struct zone {
	struct line_read *at;
	size_t count, capacity;
};

static const struct table_row type_names[] = {
	{DNS_A, "A"},
	{DNS_AAAA, "AAAA"},
	{DNS_MX, "MX"},
	{DNS_PTR, "PTR"},
	{DNS_TXT, "TXT"},
	{0, NULL},
};

/* Words that stand before a name instead of behind it. */
static const struct table_row status_words[] = {
	{DNS_SERVFAIL, "servfail"},
	{DNS_TIMEOUT, "timeout"},
	{DNS_MALFORMED, "malformed"},
	{DNS_NXDOMAIN, "nxdomain"},
	{DNS_NODATA, "exists"},
	{0, NULL},
};

/* ---- reading ---------------------------------------------------------------- */

static struct str
word(struct str *rest)
{
	size_t n = 0;
	*rest = str_trim(*rest);
	while (n < rest->n && !ascii_is_wsp(rest->p[n]))
		n++;
	struct str w = str_sub(*rest, 0, n);
	*rest = str_trim(str_sub(*rest, n, rest->n));
	return w;
}

/* A name of the zone: "*." in front is kept, the rest in the one form, or as it
 * stands in lower case where it is not one (SPF's macros ask such names). */
static struct str
owner(struct str text, struct arena *a)
{
	struct str name;
	if (str_eq(text, STR(".")))
		return (struct str) {NULL, 0};
	bool is_wild = str_has_prefix(text, STR("*."));
	struct str base = is_wild ? str_sub(text, 2, text.n) : text;
	if (domain_parse(base, a, &name) != DOMAIN_OK) {
		name = str_lower(base, a);
		if (name.n > 0 && name.p[name.n - 1] == '.')
			name.n--;
	}
	return is_wild ? text_format(a, "*.%.*s", STR_ARG(name)) : name;
}

/* One "..." with its escapes (RFC 1035 5.1), added to `t`. */
static bool
quoted(struct str *rest, struct text *t)
{
	size_t i = 1;
	for (; i < rest->n && rest->p[i] != '"'; i++) {
		uint64_t byte;
		if (rest->p[i] == '\\' && i + 3 < rest->n &&
		    ascii_is_digit(rest->p[i + 1])) {
			if (!str_to_uint(str_sub(*rest, i + 1, 3), 255, &byte))
				return false;
			text_add_char(t, (char)byte);
			i += 3;
		} else {
			if (rest->p[i] == '\\' && ++i >= rest->n)
				return false;
			text_add_char(t, rest->p[i]);
		}
	}
	if (i >= rest->n)
		return false;
	*rest = str_trim(str_sub(*rest, i + 1, rest->n));
	return true;
}

static bool
read_txt(struct str rest, struct arena *a, struct str *out)
{
	struct text t;
	text_init(&t, a);
	if (rest.n == 0)
		return false;
	while (rest.n > 0)
		if (rest.p[0] != '"' || !quoted(&rest, &t))
			return false;
	*out = text_str(&t);
	return true;
}

/* The name that a record points to, the line's last word. */
static bool
read_target(struct str rest, struct arena *a, struct str *out)
{
	struct str name = word(&rest);
	*out = owner(name, a);
	return name.n > 0 && rest.n == 0;
}

/* An AAAA record is IPv6, an IPv4-mapped address too, as in a packet. */
static bool
read_aaaa(struct str text, struct ip *out)
{
	struct ip ip;
	if (str_find(text, ':') == text.n || !ip_parse(text, &ip))
		return false;
	*out = ip;
	if (ip.family == IP_V6)
		return true;
	*out = (struct ip) {.family = IP_V6, .bytes = {[10] = 0xff, 0xff}};
	memcpy(out->bytes + 12, ip.bytes, 4);
	return true;
}

static bool
read_data(struct line_read *l, struct str rest, struct arena *a)
{
	uint64_t preference;
	switch (l->type) {
	case DNS_A:
		return ip_parse(rest, &l->rr.ip) && l->rr.ip.family == IP_V4;
	case DNS_AAAA:
		return read_aaaa(rest, &l->rr.ip);
	case DNS_PTR:
		return read_target(rest, a, &l->rr.name);
	case DNS_MX:
		if (!str_to_uint(word(&rest), 65535, &preference))
			return false;
		l->rr.mx.preference = (uint16_t)preference;
		return read_target(rest, a, &l->rr.mx.host);
	default:
		return read_txt(rest, a, &l->rr.txt);
	}
}

/* "servfail NAME [TYPE]" and its like. */
static const char *
read_status(struct line_read *l, int status, struct str rest, struct arena *a)
{
	l->kind = status == DNS_NODATA ? LINE_EXISTS : LINE_STATUS;
	l->status = (enum dns_status)status;
	struct str name = word(&rest);
	l->name = owner(name, a);
	if (name.n == 0)
		return "a name is missing";
	if (rest.n > 0 && (status == DNS_NODATA || status == DNS_NXDOMAIN))
		return "whether a name exists is not said of a type";
	if (rest.n > 0 && !table_value(type_names, rest, &l->type))
		return "the type is none of A, AAAA, MX, PTR, TXT";
	return NULL;
}

static const char *
read_line(struct line_read *l, struct str text, struct arena *a)
{
	struct str rest = text, first = word(&rest);
	int status;
	*l = (struct line_read) {.type = ANY_TYPE};
	if (table_value(status_words, first, &status))
		return read_status(l, status, rest, a);
	struct str type = word(&rest);
	l->name = owner(first, a);
	if (str_ieq(type, STR("CNAME"))) {
		l->kind = LINE_CNAME;
		return read_target(rest, a, &l->target) ? NULL :
		    "a CNAME needs one target";
	}
	if (!table_value(type_names, type, &l->type))
		return "neither a record (NAME TYPE DATA) nor a statement of "
		       "a zone";
	return read_data(l, rest, a) ? NULL : "the data does not fit the type";
}

static struct line_read *
append(struct zone *z, struct arena *a)
{
	if (z->count == z->capacity) {
		size_t capacity = z->capacity > 0 ? z->capacity * 2 : 32;
		struct line_read *at = ARENA_ARRAY(a, struct line_read, capacity);
		if (z->count > 0)
			memcpy(at, z->at, z->count * sizeof *at);
		z->at = at;
		z->capacity = capacity;
	}
	return &z->at[z->count++];
}

struct zone *
zone_parse(struct str text, struct arena *a, size_t *error_line,
    const char **reason)
{
	struct zone *z = ARENA_NEW(a, struct zone);
	for (size_t number = 1; text.n > 0; number++) {
		struct str line = str_trim(str_cut(&text, '\n'));
		if (line.n == 0 || line.p[0] == '#')
			continue;
		*reason = read_line(append(z, a), line, a);
		if (*reason != NULL) {
			*error_line = number;
			return NULL;
		}
	}
	return z;
}

/* ---- answering -------------------------------------------------------------- */

static bool
is_below(struct str name, struct str ancestor)
{
	return name.n > ancestor.n + 1 && ancestor.n > 0 &&
	    name.p[name.n - ancestor.n - 1] == '.' &&
	    str_eq(str_sub(name, name.n - ancestor.n, ancestor.n), ancestor);
}

static const struct line_read *
status_of(const struct zone *z, struct str name, int type)
{
	for (size_t i = 0; i < z->count; i++) {
		const struct line_read *l = &z->at[i];
		if (l->kind == LINE_STATUS && str_eq(l->name, name) &&
		    (l->type == ANY_TYPE || l->type == type))
			return l;
	}
	return NULL;
}

static bool
has_line(const struct zone *z, struct str name)
{
	for (size_t i = 0; i < z->count; i++)
		if (str_eq(z->at[i].name, name))
			return true;
	return false;
}

/* Data, a statement of any kind, or a descendant: a line is to be looked for
 * at the name itself (RFC 8020 2). */
static bool
exists(const struct zone *z, struct str name)
{
	for (size_t i = 0; i < z->count; i++)
		if (str_eq(z->at[i].name, name) ||
		    is_below(z->at[i].name, name))
			return true;
	return false;
}

/* The name that owns the data of `name`: itself, or the wildcard below its
 * closest encloser (RFC 4592 3.3.1). False when it does not exist. */
static bool
source_of(const struct zone *z, struct str name, struct arena *a,
    struct str *out)
{
	*out = name;
	if (exists(z, name))
		return true;
	for (struct str up = domain_parent(name); up.n > 0;
	     up = domain_parent(up)) {
		struct str wild = text_format(a, "*.%.*s", STR_ARG(up));
		if (has_line(z, wild)) {
			*out = wild;
			return true;
		}
		if (exists(z, up))
			return false;
	}
	return false;
}

static const struct line_read *
alias_of(const struct zone *z, struct str name)
{
	for (size_t i = 0; i < z->count; i++)
		if (z->at[i].kind == LINE_CNAME && str_eq(z->at[i].name, name))
			return &z->at[i];
	return NULL;
}

static void
collect(const struct zone *z, enum dns_type type, struct str name,
    struct arena *a, struct dns_answer *out)
{
	struct dns_rr *rr = ARENA_ARRAY(a, struct dns_rr, z->count + 1);
	for (size_t i = 0; i < z->count; i++) {
		const struct line_read *l = &z->at[i];
		if (l->kind == LINE_RECORD && l->type == (int)type &&
		    str_eq(l->name, name))
			rr[out->count++] = l->rr;
	}
	out->rr = rr;
	out->status = out->count > 0 ? DNS_OK : DNS_NODATA;
}

void
zone_answer(const struct zone *z, enum dns_type type, struct str name,
    struct arena *a, struct dns_answer *out)
{
	*out = (struct dns_answer) {.status = DNS_MALFORMED, .ttl = ZONE_TTL};
	/* A longer chain is a loop. */
	for (unsigned hop = 0; hop <= DNS_PACKET_MAX_ALIASES; hop++) {
		struct str source;
		if (!source_of(z, name, a, &source)) {
			out->status = DNS_NXDOMAIN;
			return;
		}
		const struct line_read *status = status_of(z, source, (int)type);
		if (status != NULL) {
			out->status = status->status;
			return;
		}
		const struct line_read *alias = alias_of(z, source);
		if (alias == NULL) {
			collect(z, type, source, a, out);
			return;
		}
		out->is_alias = true;
		name = alias->target;
	}
}

/* ---- the engine ------------------------------------------------------------- */

struct zone_engine {
	struct dns dns;
	const struct zone *zone;
};

static struct dns_entry *
ask(struct dns *dns, enum dns_type type, struct str name)
{
	const struct zone_engine *e = (const struct zone_engine *)dns;
	struct arena *a = arena_new(0);
	struct dns_entry *entry = dns_entry_new(type, name);
	struct dns_answer answer;
	zone_answer(e->zone, type, name, a, &answer);
	dns_entry_settle(entry, &answer);
	arena_free(a);
	return entry;
}

static void
count(struct dns *dns, struct dns_counters *out)
{
	(void)dns, (void)out; /* nothing is cached or sent */
}

static void
release(struct dns *dns)
{
	free(dns);
}

static const struct dns_engine engine = {
	.ask = ask, .count = count, .free = release};

struct dns *
dns_zone_new(const struct zone *z)
{
	struct zone_engine *e = calloc(1, sizeof *e);
	if (e == NULL)
		abort();
	e->dns.engine = &engine;
	atomic_init(&e->dns.holders, 1);
	e->zone = z;
	return &e->dns;
}
