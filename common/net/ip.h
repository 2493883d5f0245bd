/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_NET_IP_H
#define APLOMB_NET_IP_H

/* An IP address. An IPv4-mapped IPv6 address is always held as IPv4. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct sockaddr;

#define IP_TEXT_MAX 46u /* INET6_ADDRSTRLEN */

enum ip_family { IP_NONE, IP_V4, IP_V6 };

struct ip {
	enum ip_family family;
	uint8_t bytes[16]; /* network order; the first 4 for IPv4 */
};

/* IP_NONE for a family that is no IP, and for NULL. */
struct ip ip_from_sockaddr(const struct sockaddr *sa);

/* The port beside the address; 0 where there is none. */
unsigned ip_port_of(const struct sockaddr *sa);

/* Text of RFC 4291 2.2 or dotted decimal; false leaves *out. */
bool ip_parse(struct str text, struct ip *out);

/* Writes the address into `out` and returns it; "" for IP_NONE. */
const char *ip_print(const struct ip *ip, char out[IP_TEXT_MAX]);

bool ip_eq(const struct ip *a, const struct ip *b);

/* The first `bits` bits are equal and the families are the same. */
bool ip_has_prefix(const struct ip *ip, const struct ip *net, unsigned bits);

/* 32, 128, or 0 for IP_NONE. */
unsigned ip_bits(const struct ip *ip);

/* The network that an address stands for where networks are counted: /24 or
 * /64, the other bits zero. */
struct ip ip_network(const struct ip *ip);

#endif
