/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_NET_DNS_PACKET_H
#define APLOMB_NET_DNS_PACKET_H

/*
 * DNS packets (RFC 1035 4): questions written, replies read through a bounded
 * reader. c-ares 1.18 reads TXT, MX and PTR without their TTL, so we read the
 * packet ourselves.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "net/dns.h"

struct arena;

/* UDP payload that we offer (RFC 6891 6.2.5: no fragments). */
#define DNS_PACKET_UDP 1232u
/* A question: header, name, type and class, and the OPT record. */
#define DNS_PACKET_QUESTION_MAX (12u + 255 + 4 + 11)
/* A bit for each octet of a name. */
#define DNS_PACKET_CASES 32u
/* Records read of one reply; no honest one has more. */
#define DNS_PACKET_MAX_RECORDS 1024u
/* Aliases followed inside one reply. */
#define DNS_PACKET_MAX_ALIASES 16u

/* TTL of absence where the reply has no SOA, and the bounds of any TTL. */
#define DNS_PACKET_NEGATIVE_TTL     60u
#define DNS_PACKET_MAX_NEGATIVE_TTL 3600u
#define DNS_PACKET_MAX_TTL          86400u

/* Writes a question with recursion desired, and with EDNS or without; its
 * length, or 0 when the name does not fit. The id is the sender's to fill in
 * (first two bytes). */
size_t dns_packet_question(enum dns_type type, struct str name, bool has_edns,
    uint8_t out[DNS_PACKET_QUESTION_MAX]);

/* Changes the case of some letters of a question's name: `random` has a bit for
 * each octet of it. Who cannot see the question cannot give them back so. */
void dns_packet_mix_case(uint8_t *question, struct str name,
    const uint8_t random[DNS_PACKET_CASES]);

/* The reply gives the question's name back octet for octet, or names none, as an
 * error may. */
bool dns_packet_is_echo(struct str packet, const uint8_t *question,
    struct str name);

/* The reply has no record in which its server could say that it knows EDNS, as
 * it must to a question with it (RFC 6891 6.1.1). */
bool dns_packet_lacks_edns(struct str packet);

/* The reply says FORMERR and nothing of EDNS: its server may know questions
 * without EDNS alone (RFC 6891 7). */
bool dns_packet_refuses_edns(struct str packet);

/* Reads a reply to that question. Always fills *out, in the arena: a reply that
 * cannot be read, or answers something else, is DNS_MALFORMED; every RCODE but
 * NOERROR and NXDOMAIN is DNS_SERVFAIL. Aliases are followed inside the reply;
 * the TTL is the least of the chain (RFC 2308 5 for absence). */
void dns_packet_read(struct str packet, enum dns_type type, struct str name,
    struct arena *a, struct dns_answer *out);

#endif
