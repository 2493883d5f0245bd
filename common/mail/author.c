/* SPDX-License-Identifier: BSD-2-Clause */
#include "mail/author.h"

#include "base/arena.h"
#include "base/ascii.h"
#include "base/table.h"
#include "base/text.h"
#include "mail/address.h"
#include "mail/domain.h"
#include "mail/header.h"

/* Bytes of the field that a reason shows. */
#define MAX_SHOWN 64u

static const struct str from = STR_INIT("From");

static const struct table_row texts[] = {
	{AUTHOR_OK, "the author domain is known"},
	{AUTHOR_NO_FIELD, "no From field"},
	{AUTHOR_MANY_FIELDS, "multiple From fields"},
	{AUTHOR_NO_MAILBOX, "no address in the From field"},
	{AUTHOR_SYNTAX, "the From field is not an address list"},
	{AUTHOR_DOMAIN, "an address in the From field has no valid domain"},
	{AUTHOR_MANY_DOMAINS, "too many domains in the From field"},
	{0, NULL},
};

const char *
author_status_text(enum author_status s)
{
	return table_name(texts, (int)s);
}

/* Outside text within a reason: short, printable, in quotes. */
static struct str
shown(struct str outside, struct arena *a)
{
	struct text t;
	text_init(&t, a);
	text_add_char(&t, '"');
	for (size_t i = 0; i < outside.n && i < MAX_SHOWN; i++)
		text_add_char(&t,
		    ascii_is_print(outside.p[i]) ? outside.p[i] : '?');
	text_add(&t, outside.n > MAX_SHOWN ? STR("...\"") : STR("\""));
	return text_str(&t);
}

/* No field can be evaluated in part, so no domain stays. */
static void
fail(struct author *out, enum author_status status, struct str reason)
{
	*out = (struct author) {.status = status, .reason = reason};
}

static void
add(struct author *out, struct str domain, struct arena *a)
{
	for (size_t i = 0; i < out->count; i++)
		if (str_eq(out->domains[i], domain))
			return;
	if (out->count < AUTHOR_MAX_DOMAINS)
		out->domains[out->count++] = domain;
	else
		fail(out, AUTHOR_MANY_DOMAINS, text_format(a,
		    "the From field names more than %u domains",
		    AUTHOR_MAX_DOMAINS));
}

static void
add_all(struct author *out, const struct address_list *l, struct arena *a)
{
	for (size_t i = 0; i < l->count && out->status == AUTHOR_OK; i++) {
		struct str domain;
		enum domain_status st =
		    domain_parse(l->at[i].domain, a, &domain);
		if (st == DOMAIN_OK)
			add(out, domain, a);
		else
			fail(out, AUTHOR_DOMAIN, text_format(a,
			    "the domain %.*s in the From field is unusable: %s",
			    STR_ARG(shown(l->at[i].domain, a)),
			    domain_status_text(st)));
	}
}

static void
fail_syntax(struct author *out, struct str value, size_t at, struct arena *a)
{
	struct str rest = shown(str_sub(value, at, value.n), a);
	fail(out, AUTHOR_SYNTAX, at < value.n ? text_format(a,
	    "the From field is not an address list: from byte %zu on, %.*s "
	    "cannot be read", at + 1, STR_ARG(rest)) :
	    STR("the From field is not an address list: it ends too early"));
}

static void
read_value(struct str value, struct arena *a, struct author *out)
{
	struct address_list l;
	switch (address_parse_list(value, a, &l)) {
	case ADDRESS_OK:
		add_all(out, &l, a);
		break;
	case ADDRESS_EMPTY: /* also RFC 6854 2.1: a group without members */
		fail(out, AUTHOR_NO_MAILBOX,
		    text_format(a, "the From field names no address: %.*s",
		    STR_ARG(shown(str_trim(value), a))));
		break;
	case ADDRESS_SYNTAX:
		fail_syntax(out, value, l.error_at, a);
		break;
	case ADDRESS_LONG:
		fail(out, AUTHOR_MANY_DOMAINS, text_format(a,
		    "the From field names more than %u addresses",
		    ADDRESS_MAX_MAILBOXES));
		break;
	}
}

static const struct header_field *
find_field(const struct header_list *headers)
{
	for (size_t i = 0; i < headers->count; i++)
		if (header_is(&headers->at[i], from))
			return &headers->at[i];
	return NULL;
}

/* RFC 9989 5.3.1: exactly one field. */
void
author_find(const struct header_list *headers, struct arena *a,
    struct author *out)
{
	*out = (struct author) {.status = AUTHOR_OK};
	size_t count = header_count(headers, from);
	const struct header_field *field = find_field(headers);
	if (count == 0)
		fail(out, AUTHOR_NO_FIELD, STR("the message has no From field"));
	else if (count > 1)
		fail(out, AUTHOR_MANY_FIELDS, text_format(a,
		    "the message has %zu From fields", count));
	else if (field == NULL)
		fail(out, AUTHOR_SYNTAX, text_format(a,
		    "the From field is longer than %u bytes", HEADER_MAX_FROM));
	else
		read_value(field->value, a, out);
}
