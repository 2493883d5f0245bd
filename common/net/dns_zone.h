/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_NET_DNS_ZONE_H
#define APLOMB_NET_DNS_ZONE_H

/*
 * The engine that answers from a text: for cases, offline checks and fuzzing.
 * It answers at once, and never from anywhere else.
 *
 *   NAME A ADDRESS           NAME AAAA ADDRESS       NAME PTR NAME
 *   NAME MX PREFERENCE NAME  NAME CNAME NAME         NAME TXT "..." ["..."]
 *   servfail NAME [TYPE]     timeout NAME [TYPE]     malformed NAME [TYPE]
 *   exists NAME              nxdomain NAME
 *
 * One line each; "#" starts a comment line. In strings \" \\ and \DDD (decimal)
 * are escapes (RFC 1035 5.1). A name may be UTF-8. "*.NAME" is a wildcard (RFC
 * 4592), and what is said of it is said of every name that it covers. A name
 * exists when a line gives it data, names a descendant, or says so; `nxdomain`
 * makes it not exist though it has descendants. All other names do not exist. A
 * timeout is answered as such at once.
 */

#include <stddef.h>

#include "base/str.h"
#include "net/dns.h"

struct arena;
struct zone;

/* Reads a zone text. NULL with *error_line (1, 2, ...) and *reason (static). */
struct zone *zone_parse(struct str text, struct arena *a, size_t *error_line,
    const char **reason);

/* What the zone says of a question: follows CNAMEs inside the zone. Fills *out
 * in the arena. Pure: no engine needed, so a test's DNS server uses it too. */
void zone_answer(const struct zone *z, enum dns_type type, struct str name,
    struct arena *a, struct dns_answer *out);

/* An engine over a zone that outlives it; the caller holds it once. */
struct dns *dns_zone_new(const struct zone *z);

#endif
