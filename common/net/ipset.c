/* SPDX-License-Identifier: BSD-2-Clause */
#include "net/ipset.h"

#include <string.h>

#include "base/arena.h"

#define FIRST_CAPACITY 8u
/* What stands before the IPv4 address in an IPv4-mapped one (RFC 4291 2.5.5.2):
 * a prefix written for the mapped form is longer by this. */
#define MAPPED_BITS 96u

static struct ip
masked(const struct ip *ip, unsigned bits)
{
	struct ip net = {.family = ip->family};
	memcpy(net.bytes, ip->bytes, bits / 8);
	if (bits % 8 != 0)
		net.bytes[bits / 8] =
		    ip->bytes[bits / 8] & (uint8_t)(0xffu << (8 - bits % 8));
	return net;
}

/* The prefix length behind the "/", counted in the family that ip is held in. */
static bool
parse_bits(struct str text, const struct ip *ip, bool is_mapped, unsigned *out)
{
	uint64_t bits, skip = is_mapped ? MAPPED_BITS : 0;
	if (!str_to_uint(text, ip_bits(ip) + skip, &bits) || bits < skip)
		return false;
	*out = (unsigned)(bits - skip);
	return true;
}

static bool
parse(struct str cidr, struct ipset_entry *out)
{
	bool has_bits = str_find(cidr, '/') < cidr.n;
	struct str address = str_cut(&cidr, '/');
	if (!ip_parse(address, &out->net))
		return false;
	out->bits = ip_bits(&out->net);
	bool is_mapped =
	    out->net.family == IP_V4 && str_find(address, ':') < address.n;
	if (has_bits && !parse_bits(cidr, &out->net, is_mapped, &out->bits))
		return false;
	struct ip net = masked(&out->net, out->bits);
	return ip_eq(&net, &out->net);
}

bool
ipset_add(struct ipset *s, struct str cidr, struct arena *a)
{
	struct ipset_entry entry;
	if (!parse(cidr, &entry))
		return false;
	if (s->count == s->capacity) {
		size_t more = s->capacity > 0 ? s->capacity * 2 : FIRST_CAPACITY;
		struct ipset_entry *at = ARENA_ARRAY(a, struct ipset_entry, more);
		if (s->count > 0)
			memcpy(at, s->at, s->count * sizeof *at);
		s->at = at;
		s->capacity = more;
	}
	s->at[s->count++] = entry;
	return true;
}

bool
ipset_has(const struct ipset *s, const struct ip *ip)
{
	for (size_t i = 0; i < s->count; i++)
		if (ip_has_prefix(ip, &s->at[i].net, s->at[i].bits))
			return true;
	return false;
}

bool
ipset_covers(const struct ipset *wide, const struct ipset *narrow)
{
	for (size_t i = 0; i < narrow->count; i++) {
		const struct ipset_entry *n = &narrow->at[i];
		size_t j = 0;
		while (j < wide->count && (wide->at[j].bits > n->bits ||
		    !ip_has_prefix(&n->net, &wide->at[j].net,
			wide->at[j].bits)))
			j++;
		if (j == wide->count)
			return false;
	}
	return true;
}
