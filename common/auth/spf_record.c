/* SPDX-License-Identifier: BSD-2-Clause */
#include "auth/spf_record.h"

#include "auth/spf_macro.h"
#include "base/ascii.h"
#include "base/cursor.h"

#define SPF_VERSION "v=spf1"

/* What stands behind the name of a mechanism (5). */
enum operand { NOTHING, NETWORK, DOMAIN, MAYBE_DOMAIN };

static const struct mechanism {
	const char *name;
	enum spf_term_kind kind;
	enum operand operand;
	bool has_prefix; /* dual-cidr-length */
} mechanisms[] = {
	{"all", SPF_ALL, NOTHING, false},
	{"include", SPF_INCLUDE, DOMAIN, false},
	{"a", SPF_A, MAYBE_DOMAIN, true},
	{"mx", SPF_MX, MAYBE_DOMAIN, true},
	{"ptr", SPF_PTR, MAYBE_DOMAIN, false},
	{"ip4", SPF_IP4, NETWORK, false},
	{"ip6", SPF_IP6, NETWORK, false},
	{"exists", SPF_EXISTS, DOMAIN, false},
};

struct reader {
	const struct ip *client;
	struct spf_record *out;
	struct spf_term redirect;
	bool has_redirect, has_exp;
};

/* ---- prefixes and networks -------------------------------------------------- */

/* ip4-cidr-length = "/" ("0" / %x31-39 0*1DIGIT), and so for ip6 (5.6). */
static const char *
prefix_length(struct str digits, unsigned max, unsigned *out)
{
	uint64_t bits;
	if ((digits.n > 1 && digits.p[0] == '0') ||
	    !str_to_uint(digits, max, &bits))
		return "the prefix length is not valid";
	*out = (unsigned)bits;
	return NULL;
}

/* The digits that end *s behind `slashes`, taken off with them. */
static bool
take_prefix(struct str *s, struct str slashes, struct str *digits)
{
	size_t n = s->n;
	while (n > 0 && ascii_is_digit(s->p[n - 1]))
		n--;
	struct str before = str_sub(*s, 0, n);
	if (n == s->n || !str_has_isuffix(before, slashes))
		return false;
	*digits = str_sub(*s, n, s->n);
	*s = str_sub(before, 0, n - slashes.n);
	return true;
}

/* dual-cidr-length = [ ip4-cidr-length ] [ "/" ip6-cidr-length ], at the end:
 * a domain-spec holds "/" too, but never ends in it and digits (7.1). */
static const char *
dual_prefix(struct str *s, const struct ip *client, unsigned *bits)
{
	unsigned v4 = 32, v6 = 128;
	struct str digits;
	const char *problem = NULL;
	if (take_prefix(s, STR("//"), &digits))
		problem = prefix_length(digits, 128, &v6);
	if (problem == NULL && take_prefix(s, STR("/"), &digits))
		problem = prefix_length(digits, 32, &v4);
	*bits = client->family == IP_V4 ? v4 : v6;
	return problem;
}

/* An address of one family. IPv4 in IPv6 text is held as IPv4 (net/ip.h), but
 * as a network of IPv6 it stands for no IPv4 client (5). */
static bool
read_network(struct str text, enum ip_family family, struct ip *out)
{
	bool is_v6 = str_find(text, ':') < text.n;
	if (is_v6 != (family == IP_V6) || !ip_parse(text, out))
		return false;
	if (out->family != family) {
		struct ip mapped = {.family = IP_V6,
		    .bytes = {[10] = 0xff, [11] = 0xff}};
		for (unsigned i = 0; i < 4; i++)
			mapped.bytes[12 + i] = out->bytes[i];
		*out = mapped;
	}
	return true;
}

/* ip4 = "ip4" ":" ip4-network [ ip4-cidr-length ], and so for ip6 (5.6). */
static const char *
network(struct str operand, enum ip_family family, const struct ip *client,
    bool *is_match)
{
	struct ip net;
	unsigned bits = family == IP_V4 ? 32 : 128;
	const char *problem = NULL;
	if (operand.n == 0 || operand.p[0] != ':')
		return "the network is missing";
	struct str rest = str_sub(operand, 1, operand.n);
	struct str address = str_cut(&rest, '/');
	if (!read_network(address, family, &net))
		return "the network is not valid";
	if (1 + address.n < operand.n)
		problem = prefix_length(rest, bits, &bits);
	*is_match = problem == NULL && ip_has_prefix(client, &net, bits);
	return problem;
}

/* ---- terms ------------------------------------------------------------------ */

/* The domain-spec of a mechanism, with what may stand in its place. */
static const char *
target(struct str operand, enum operand wanted, struct str *out)
{
	*out = (struct str) {NULL, 0};
	if (operand.n == 0)
		return wanted == MAYBE_DOMAIN || wanted == NOTHING ?
		    NULL : "the domain is missing";
	if (wanted == NOTHING || operand.p[0] != ':')
		return "what follows the mechanism's name is not valid";
	*out = str_sub(operand, 1, operand.n);
	return spf_macro_check_domain(*out);
}

/* Puts a mechanism where it counts; past its end a record has none. */
static void
keep(struct reader *r, const struct spf_term *t, bool is_end)
{
	struct spf_record *out = r->out;
	if (out->has_end)
		return;
	if (is_end) {
		out->has_end = true;
		out->end = *t;
	} else if (t->kind < SPF_IP4 && out->count < SPF_RECORD_TERMS) {
		out->terms[out->count++] = *t;
	}
}

static const char *
mechanism(struct reader *r, const struct mechanism *m, struct str operand,
    struct spf_term *t)
{
	bool is_end = m->kind == SPF_ALL;
	const char *problem = NULL;
	t->kind = m->kind;
	if (m->operand == NETWORK) {
		problem = network(operand, m->kind == SPF_IP4 ? IP_V4 : IP_V6,
		    r->client, &is_end);
	} else {
		if (m->has_prefix)
			problem = dual_prefix(&operand, r->client, &t->bits);
		if (problem == NULL)
			problem = target(operand, m->operand, &t->domain);
	}
	if (problem == NULL)
		keep(r, t, is_end);
	return problem;
}

/* directive = [ qualifier ] mechanism (4.6.1). */
static const char *
directive(struct reader *r, struct str text)
{
	static const enum spf_result meanings[] = {SPF_PASS, SPF_FAIL,
	    SPF_NEUTRAL, SPF_SOFTFAIL};
	struct spf_term t = {.qualifier = SPF_PASS, .text = text};
	size_t sign = str_find(STR("+-?~"), text.p[0]), n = 0;
	if (sign < sizeof meanings / sizeof meanings[0]) {
		t.qualifier = meanings[sign];
		text = str_sub(text, 1, text.n);
	}
	while (n < text.n && text.p[n] != ':' && text.p[n] != '/')
		n++;
	struct str name = str_sub(text, 0, n);
	for (size_t i = 0; i < sizeof mechanisms / sizeof mechanisms[0]; i++)
		if (str_ieq(name, str_of(mechanisms[i].name)))
			return mechanism(r, &mechanisms[i],
			    str_sub(text, n, text.n), &t);
	return "there is no such mechanism";
}

/* redirect and explanation take a domain-spec, and appear once; what else has
 * the form of a modifier is ignored (6). */
static const char *
modifier(struct reader *r, struct str name, struct str value, struct str text)
{
	bool is_redirect = str_ieq(name, STR("redirect"));
	if (!is_redirect && !str_ieq(name, STR("exp")))
		return spf_macro_check_string(value);
	if (is_redirect ? r->has_redirect : r->has_exp)
		return "the modifier appears twice";
	if (is_redirect) {
		r->has_redirect = true;
		r->redirect = (struct spf_term) {.kind = SPF_REDIRECT,
		    .qualifier = SPF_PASS, .text = text, .domain = value};
	} else {
		r->has_exp = true; /* never asked for, nor printed */
	}
	return spf_macro_check_domain(value);
}

static bool
is_name(int c)
{
	return ascii_is_alnum(c) || c == '-' || c == '_' || c == '.';
}

/* name = ALPHA *( ALPHA / DIGIT / "-" / "_" / "." ), then "=" (6). */
static const char *
term(struct reader *r, struct str text)
{
	struct cursor c;
	cursor_init(&c, text);
	struct str name = cursor_span(&c, is_name);
	if (name.n > 0 && ascii_is_alpha(name.p[0]) && cursor_take(&c, '='))
		return modifier(r, name, cursor_rest(&c), text);
	return directive(r, text);
}

/* ---- records ---------------------------------------------------------------- */

static bool
is_visible(int c)
{
	return ascii_is_print(c) && c != ' ';
}

static bool
is_space(int c)
{
	return c == ' ';
}

/* record = version terms *SP; terms = *( 1*SP ( directive / modifier ) ). Every
 * term is read, whatever matched before: an error anywhere counts (4.6). */
static void
read_terms(struct reader *r, struct str text)
{
	struct spf_record *out = r->out;
	struct cursor c;
	cursor_init(&c, text);
	while (out->problem == NULL) {
		cursor_span(&c, is_space);
		if (cursor_at_end(&c))
			break;
		size_t from = c.at;
		out->at = cursor_span(&c, is_visible);
		if (!cursor_at_end(&c) && cursor_peek(&c) != ' ') {
			cursor_next(&c);
			out->at = cursor_since(&c, from);
			out->problem = "it holds a byte that is not printable "
				       "ASCII";
		} else {
			out->problem = term(r, out->at);
		}
	}
	/* An "all" anywhere, which is an end, makes a redirect void (6.1). */
	if (out->problem != NULL)
		out->status = SPF_RECORD_SYNTAX;
	else if (r->has_redirect && !out->has_end &&
	    out->count < SPF_RECORD_TERMS)
		out->terms[out->count++] = r->redirect;
}

/* The version, without regard to case, then a space or the end (4.5). */
static bool
is_spf(struct str txt)
{
	struct str version = STR(SPF_VERSION);
	return str_has_iprefix(txt, version) &&
	    (txt.n == version.n || txt.p[version.n] == ' ');
}

void
spf_record_read(const struct dns_answer *txt, struct str domain,
    const struct ip *client, struct spf_record *out)
{
	struct reader r = {.client = client, .out = out};
	struct str text = {NULL, 0};
	size_t found = 0;
	*out = (struct spf_record) {.domain = domain};
	for (size_t i = 0; i < txt->count; i++) {
		if (!is_spf(txt->rr[i].txt))
			continue;
		text = txt->rr[i].txt;
		found++;
	}
	if (found != 1) {
		out->status = found == 0 ? SPF_RECORD_NONE : SPF_RECORD_SEVERAL;
		return;
	}
	out->text = text;
	if (text.n > SPF_MAX_RECORD) {
		out->status = SPF_RECORD_SYNTAX;
		out->problem = "it is too long";
	} else {
		read_terms(&r, str_sub(text, sizeof SPF_VERSION - 1, text.n));
	}
}
