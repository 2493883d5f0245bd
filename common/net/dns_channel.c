/* SPDX-License-Identifier: BSD-2-Clause */
#include "net/dns_channel.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "net/dns_packet.h"
#include "net/ip.h"

#define SOCKET_BUFFER (1024 * 1024)
/* From 1.28 on, c-ares takes and gives records instead of packets, and calls the
 * functions for packets deprecated. */
#define HAS_RECORDS (ARES_VERSION >= 0x011c00)

/* "1.2.3.4", "1.2.3.4:53", "[::1]:53", "::1": address and port, or false. */
static bool
split_server(struct str server, struct ip *ip, unsigned *port)
{
	struct str host = server, rest = {NULL, 0};
	uint64_t number = 53;
	if (str_has_prefix(server, STR("["))) {
		rest = str_sub(server, 1, server.n);
		host = str_cut(&rest, ']');
		if (rest.n == 0 && server.p[server.n - 1] != ']')
			return false;
	} else if (!ip_parse(server, ip)) {
		rest = server;
		host = str_cut(&rest, ':');
		rest = str_sub(server, host.n, server.n);
	}
	if (rest.n > 0 && (rest.p[0] != ':' ||
	    !str_to_uint(str_sub(rest, 1, rest.n), 65535, &number)))
		return false;
	*port = (unsigned)number;
	return number > 0 && ip_parse(host, ip);
}

bool
dns_channel_server(struct str server, char out[DNS_CHANNEL_SERVER])
{
	char text[IP_TEXT_MAX];
	struct ip ip;
	unsigned port;
	if (!split_server(server, &ip, &port))
		return false;
	snprintf(out, DNS_CHANNEL_SERVER, ip.family == IP_V6 ? "[%s]:%u" :
	    "%s:%u", ip_print(&ip, text), port);
	return true;
}

int
dns_channel_open(ares_channel *out, const struct dns_channel_options *options)
{
	struct ares_options o = {
		/* The packet of every RCODE, no search list, no system file:
		 * the answer is what this one server says. Sockets that are
		 * idle are closed, so that ports change (RFC 5452 9.2). */
		.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES |
		    ARES_FLAG_EDNS | ARES_FLAG_NOCHECKRESP,
		.timeout = options->timeout_ms,
		.tries = options->tries,
		.ednspsz = DNS_PACKET_UDP,
		.lookups = (char[]) {"b"},
		.socket_receive_buffer_size = SOCKET_BUFFER,
		.sock_state_cb = options->watch,
		.sock_state_cb_data = options->watch_arg,
	};
	int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
	    ARES_OPT_EDNSPSZ | ARES_OPT_LOOKUPS | ARES_OPT_SOCK_RCVBUF |
	    ARES_OPT_SOCK_STATE_CB | ARES_OPT_DOMAINS;
#ifdef ARES_OPT_QUERY_CACHE
	/* 0 seconds: the cache is ours. A second one would answer a question
	 * in the case of another. */
	mask |= ARES_OPT_QUERY_CACHE;
#endif
#ifdef ARES_OPT_UDP_MAX_QUERIES
	o.udp_max_queries = 1;
	mask |= options->has_own_sockets ? ARES_OPT_UDP_MAX_QUERIES : 0;
#endif
	*out = NULL;
	int status = ares_init_options(out, &o, mask);
	return status != ARES_SUCCESS ? status :
	    ares_set_servers_ports_csv(*out, options->server);
}

#if HAS_RECORDS

static void
on_record(void *arg, ares_status_t status, size_t timeouts,
    const ares_dns_record_t *record)
{
	struct dns_channel_asker *asker = arg;
	unsigned char *bytes = NULL;
	size_t n = 0;
	(void)timeouts;
	if (record != NULL && ares_dns_write(record, &bytes, &n) != ARES_SUCCESS)
		status = ARES_EBADRESP;
	asker->take(asker, (int)status, (struct str) {(const char *)bytes, n});
	ares_free_string(bytes);
}

void
dns_channel_ask(ares_channel channel, const uint8_t *question, size_t n,
    struct dns_channel_asker *asker)
{
	ares_dns_record_t *record = NULL;
	ares_status_t status = ares_dns_parse(question, n, 0, &record);
	if (status == ARES_SUCCESS)
		ares_send_dnsrec(channel, record, on_record, asker, NULL);
	else
		on_record(asker, status, 0, NULL);
	ares_dns_record_destroy(record);
}

/* The list is "192.0.2.1:53,[fe80::1%eth0]:53". */
static size_t
list_servers(ares_channel channel, char servers[][DNS_CHANNEL_SERVER],
    size_t max)
{
	char *list = ares_get_servers_csv(channel);
	struct str rest = str_of(list != NULL ? list : "");
	size_t count = 0;
	while (rest.n > 0 && count < max) {
		struct str server = str_cut(&rest, ',');
		if (server.n > 0 && server.n < DNS_CHANNEL_SERVER)
			snprintf(servers[count++], DNS_CHANNEL_SERVER, "%.*s",
			    (int)server.n, server.p);
	}
	ares_free_string(list);
	return count;
}

#else

static void
on_packet(void *arg, int status, int timeouts, unsigned char *packet, int n)
{
	struct dns_channel_asker *asker = arg;
	(void)timeouts;
	asker->take(asker, status, (struct str) {(const char *)packet,
	    packet != NULL && n > 0 ? (size_t)n : 0});
}

void
dns_channel_ask(ares_channel channel, const uint8_t *question, size_t n,
    struct dns_channel_asker *asker)
{
	ares_send(channel, question, (int)n, on_packet, asker);
}

static size_t
list_servers(ares_channel channel, char servers[][DNS_CHANNEL_SERVER],
    size_t max)
{
	struct ares_addr_port_node *list = NULL;
	size_t count = 0;
	ares_get_servers_ports(channel, &list);
	for (struct ares_addr_port_node *s = list; s != NULL && count < max;
	     s = s->next) {
		char address[INET6_ADDRSTRLEN];
		inet_ntop(s->family, &s->addr, address, sizeof address);
		snprintf(servers[count++], DNS_CHANNEL_SERVER,
		    s->family == AF_INET6 ? "[%s]:%d" : "%s:%d", address,
		    s->udp_port > 0 ? s->udp_port : 53);
	}
	ares_free_data(list);
	return count;
}

#endif

size_t
dns_channel_system(char servers[][DNS_CHANNEL_SERVER], size_t max)
{
	ares_channel channel = NULL;
	size_t count = 0;
	if (ares_init_options(&channel, NULL, 0) != ARES_SUCCESS)
		return 0;
	count = list_servers(channel, servers, max);
	ares_destroy(channel);
	return count;
}
