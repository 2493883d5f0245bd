/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_MAIL_ADDRESS_H
#define APLOMB_MAIL_ADDRESS_H

/*
 * Addresses of header fields and of the envelope, read by the grammar of RFC
 * 5322 3.4 with its obsolete forms (4.4) and RFC 6532's UTF-8. Display names,
 * comments and encoded-words are passed over, never decoded: only an addr-spec
 * names a domain (RFC 9989 11.4).
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct arena;

/* Mailboxes read of one field; what follows is not looked at. */
#define ADDRESS_MAX_MAILBOXES 256u

enum address_status {
	ADDRESS_OK,
	ADDRESS_EMPTY,  /* no mailbox: nothing, or groups without members */
	ADDRESS_SYNTAX, /* not an address list */
	ADDRESS_LONG    /* more mailboxes than are read */
};

struct address {
	struct str local;  /* local-part; quotes and quoted-pairs undone */
	struct str domain; /* as written, comments and blanks taken out; may
			      end in one dot */
};

struct address_list {
	struct address *at;
	size_t count;
	size_t error_at; /* byte of the value, with ADDRESS_SYNTAX */
};

/* Reads a From (or To ...) value. One leniency beyond the RFC: dots may stand
 * anywhere between the words of a local-part, as in addresses of Japanese
 * carriers; it does not move the domain. With ADDRESS_SYNTAX *out holds the mailboxes
 * read before the error. */
enum address_status address_parse_list(struct str value, struct arena *a,
    struct address_list *out);

/* Reads a reverse-path or forward-path as a milter gives it: "<a@b>", "a@b",
 * "<>", with or without a source route (RFC 5321 4.1.2). The null path gives
 * empty parts and ADDRESS_EMPTY. A local-part alone gives an empty domain. */
enum address_status address_parse_path(struct str path, struct arena *a,
    struct address *out);

/* The longest address that mail is written to (RFC 5321 4.5.3.1.3, without the
 * angle brackets). */
#define ADDRESS_MAX_PLAIN 254u

/* Whether an address can stand in a field or an SMTP command as it is: one
 * mailbox with a domain, printable ASCII, nothing to be quoted, at most
 * ADDRESS_MAX_PLAIN octets. *domain is what follows the "@", in the canonical
 * form of mail/domain.h, in the arena. */
bool address_is_plain(struct str address, struct arena *a, struct str *domain);

const char *address_status_text(enum address_status s);

#endif
