/* SPDX-License-Identifier: BSD-2-Clause */
#include "net/ip.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#define V4_BITS 32u
#define V6_BITS 128u
/* What one customer has: RFC 4291 2.5.4 for IPv6, custom for IPv4. */
#define V4_NETWORK_BITS 24u
#define V6_NETWORK_BITS 64u

static struct ip
from_v4(const void *bytes)
{
	struct ip ip = {.family = IP_V4};
	memcpy(ip.bytes, bytes, 4);
	return ip;
}

/* RFC 4291 2.5.5.2: ::ffff:a.b.c.d stands for the IPv4 address. */
static struct ip
from_v6(const uint8_t bytes[16])
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	if (memcmp(bytes, mapped, sizeof mapped) == 0)
		return from_v4(bytes + sizeof mapped);
	struct ip ip = {.family = IP_V6};
	memcpy(ip.bytes, bytes, 16);
	return ip;
}

struct ip
ip_from_sockaddr(const struct sockaddr *sa)
{
	if (sa != NULL && sa->sa_family == AF_INET) {
		struct sockaddr_in in;
		memcpy(&in, sa, sizeof in);
		return from_v4(&in.sin_addr);
	}
	if (sa != NULL && sa->sa_family == AF_INET6) {
		struct sockaddr_in6 in6;
		memcpy(&in6, sa, sizeof in6);
		return from_v6(in6.sin6_addr.s6_addr);
	}
	return (struct ip) {.family = IP_NONE};
}

unsigned
ip_port_of(const struct sockaddr *sa)
{
	if (sa != NULL && sa->sa_family == AF_INET) {
		struct sockaddr_in in;
		memcpy(&in, sa, sizeof in);
		return ntohs(in.sin_port);
	}
	if (sa != NULL && sa->sa_family == AF_INET6) {
		struct sockaddr_in6 in6;
		memcpy(&in6, sa, sizeof in6);
		return ntohs(in6.sin6_port);
	}
	return 0;
}

bool
ip_parse(struct str text, struct ip *out)
{
	char c[IP_TEXT_MAX];
	uint8_t bytes[16];
	if (text.n == 0 || text.n >= sizeof c || str_find(text, 0) < text.n)
		return false;
	memcpy(c, text.p, text.n);
	c[text.n] = '\0';
	if (inet_pton(AF_INET, c, bytes) == 1)
		*out = from_v4(bytes);
	else if (inet_pton(AF_INET6, c, bytes) == 1)
		*out = from_v6(bytes);
	else
		return false;
	return true;
}

const char *
ip_print(const struct ip *ip, char out[IP_TEXT_MAX])
{
	out[0] = '\0';
	if (ip->family != IP_NONE)
		inet_ntop(ip->family == IP_V4 ? AF_INET : AF_INET6, ip->bytes,
		    out, IP_TEXT_MAX);
	return out;
}

bool
ip_eq(const struct ip *a, const struct ip *b)
{
	return a->family == b->family &&
	    memcmp(a->bytes, b->bytes, ip_bits(a) / 8) == 0;
}

bool
ip_has_prefix(const struct ip *ip, const struct ip *net, unsigned bits)
{
	if (ip->family == IP_NONE || ip->family != net->family ||
	    bits > ip_bits(ip))
		return false;
	unsigned whole = bits / 8, rest = bits % 8;
	if (memcmp(ip->bytes, net->bytes, whole) != 0)
		return false;
	return rest == 0 ||
	    (ip->bytes[whole] ^ net->bytes[whole]) >> (8 - rest) == 0;
}

unsigned
ip_bits(const struct ip *ip)
{
	switch (ip->family) {
	case IP_V4:
		return V4_BITS;
	case IP_V6:
		return V6_BITS;
	case IP_NONE:
		break;
	}
	return 0;
}

struct ip
ip_network(const struct ip *ip)
{
	unsigned bits = ip->family == IP_V4 ? V4_NETWORK_BITS : V6_NETWORK_BITS;
	struct ip net = {.family = ip->family};
	if (ip->family != IP_NONE)
		memcpy(net.bytes, ip->bytes, bits / 8);
	return net;
}
