/* SPDX-License-Identifier: BSD-2-Clause */
#include "mail/domain.h"

#include <idn2.h>

#include "base/arena.h"
#include "base/ascii.h"
#include "base/table.h"

/* What is longer than this as UTF-8 is longer than 253 octets as A-labels. It
 * bounds what libidn2 is given: its cost grows with the square of a label. */
#define MAX_UTF8 (4u * DOMAIN_MAX_OCTETS)

static const struct table_row texts[] = {
	{DOMAIN_OK, "it is a domain name"},
	{DOMAIN_EMPTY, "there is no name"},
	{DOMAIN_LITERAL, "it is an address, not a name"},
	{DOMAIN_LABEL, "a label of it is empty or longer than 63 octets"},
	{DOMAIN_LONG, "it is longer than 253 octets"},
	{DOMAIN_CHARACTER, "it holds a character that no host name has"},
	{DOMAIN_IDN, "it is no valid internationalized name (IDNA 2008)"},
	{0, NULL},
};

const char *
domain_status_text(enum domain_status s)
{
	return table_name(texts, (int)s);
}

static bool
is_utf8(char c)
{
	return (unsigned char)c >= 0x80;
}

/* A name has letters, digits, hyphens (RFC 1123 2.1), and the underscore of
 * service names. Where the hyphens stand is not judged: names that break that
 * rule exist. */
static bool
is_foreign(char c)
{
	return !is_utf8(c) && !ascii_is_alnum(c) && c != '-' && c != '_' &&
	    c != '.';
}

static bool
has(struct str s, bool (*is_member)(char c))
{
	for (size_t i = 0; i < s.n; i++)
		if (is_member(s.p[i]))
			return true;
	return false;
}

static bool
is_number(struct str label)
{
	for (size_t i = 0; i < label.n; i++)
		if (!ascii_is_digit(label.p[i]))
			return false;
	return true;
}

/* Each label has 1 to 63 octets (RFC 1035 2.3.4); a last one of digits alone
 * means that the name is IPv4 text (RFC 3696 2). */
static enum domain_status
check_labels(struct str name)
{
	struct str label = name;
	for (unsigned left = domain_labels(name); left > 0; left--) {
		label = str_cut(&name, '.');
		if (label.n == 0 || label.n > DOMAIN_MAX_LABEL)
			return DOMAIN_LABEL;
	}
	return is_number(label) ? DOMAIN_LITERAL : DOMAIN_OK;
}

/* An A-label is taken as it is: one that does not decode can only fail to
 * match, since no registry and no signer has it. */
static enum domain_status
parse_ascii(struct str name, struct arena *a, struct str *out)
{
	if (name.n > 0 && name.p[name.n - 1] == '.')
		name.n--;
	if (name.n == 0)
		return DOMAIN_EMPTY;
	if (has(name, is_foreign))
		return DOMAIN_CHARACTER;
	enum domain_status st = check_labels(name);
	if (st == DOMAIN_OK && name.n > DOMAIN_MAX_OCTETS)
		st = DOMAIN_LONG;
	if (st == DOMAIN_OK)
		*out = str_lower(name, a);
	return st;
}

static enum domain_status
status_of_idn2(int rc)
{
	switch (rc) {
	case IDN2_OK:
		return DOMAIN_OK;
	case IDN2_TOO_BIG_LABEL:
	case IDN2_PUNYCODE_BIG_OUTPUT:
		return DOMAIN_LABEL;
	case IDN2_TOO_BIG_DOMAIN:
		return DOMAIN_LONG;
	default:
		return DOMAIN_IDN;
	}
}

/* RFC 5891 after the mapping of UTS 46: upper case, full-width forms and the
 * ideographic full stops become what mail clients take them for. What comes out
 * is checked like any name: it may hold new dots, digits, "/". What goes in is
 * checked too, since the mapping ends at a NUL. */
static enum domain_status
parse_utf8(struct str name, struct arena *a, struct str *out)
{
	char *ascii;
	if (has(name, is_foreign))
		return DOMAIN_CHARACTER;
	if (name.n > MAX_UTF8)
		return DOMAIN_LONG;
	enum domain_status st = status_of_idn2(idn2_to_ascii_8z(
	    str_cstr(name, a), &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL));
	if (st != DOMAIN_OK)
		return st;
	st = parse_ascii(str_of(ascii), a, out);
	idn2_free(ascii);
	return st;
}

enum domain_status
domain_parse(struct str name, struct arena *a, struct str *out)
{
	if (name.n > 0 && name.p[0] == '[')
		return DOMAIN_LITERAL; /* RFC 5322 3.4.1 */
	if (has(name, is_utf8))
		return parse_utf8(name, a, out);
	return parse_ascii(name, a, out);
}

unsigned
domain_labels(struct str d)
{
	unsigned labels = d.n > 0;
	for (size_t i = 0; i < d.n; i++)
		labels += d.p[i] == '.';
	return labels;
}

struct str
domain_tail(struct str d, unsigned labels)
{
	for (unsigned have = domain_labels(d); have > labels; have--)
		d = domain_parent(d);
	return d;
}

struct str
domain_parent(struct str d)
{
	str_cut(&d, '.');
	return d;
}

/* The empty name is an ancestor of none, so that a missing one aligns with
 * nothing. */
bool
domain_is_within(struct str d, struct str ancestor)
{
	if (ancestor.n == 0 || d.n < ancestor.n)
		return false;
	struct str tail = str_sub(d, d.n - ancestor.n, ancestor.n);
	return str_eq(tail, ancestor) &&
	    (d.n == ancestor.n || d.p[d.n - ancestor.n - 1] == '.');
}
