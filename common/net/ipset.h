/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_NET_IPSET_H
#define APLOMB_NET_IPSET_H

/* A set of networks (CIDR), read once and then only asked. */

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "net/ip.h"

struct arena;

struct ipset_entry {
	struct ip net;
	unsigned bits;
};

struct ipset {
	struct ipset_entry *at;
	size_t count, capacity;
};

/* Adds "192.0.2.0/24", "2001:db8::/32" or a bare address. False, and nothing
 * added, for anything else, set host bits included. */
bool ipset_add(struct ipset *s, struct str cidr, struct arena *a);

/* Every address of `narrow` is in one network of `wide`; may say no where it
 * takes several. */
bool ipset_covers(const struct ipset *wide, const struct ipset *narrow);

/* IP_NONE is in no set. */
bool ipset_has(const struct ipset *s, const struct ip *ip);

#endif
