/* SPDX-License-Identifier: BSD-2-Clause */
#include "test/lib/responder.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/cursor.h"
#include "base/text.h"
#include "net/dns_zone.h"

#define MAX_PACKET 65535u
#define PLAIN_UDP  512u
#define MAX_UDP    1232u
#define MAX_DELAYED 4096u
#define MAX_DISTINCT 4096u

struct question {
	uint16_t id, type;
	struct str wire;  /* name, type and class as they came */
	struct str name;
	unsigned udp_max;
	bool has_edns;
};

/* An answer that waits for its time. */
struct delayed {
	int64_t at;
	struct sockaddr_in to;
	size_t n;
	unsigned char *packet;
};

struct responder {
	const struct zone *zone;
	struct responder_options options;
	int udp, tcp, stop[2];
	unsigned port;
	pthread_t thread;
	atomic_uint questions, tcp_questions, policy_questions, distinct;
	atomic_bool is_held;
	uint64_t seen[MAX_DISTINCT]; /* hashes of names and types */
	struct delayed waiting[MAX_DELAYED];
	size_t waiting_count;
};

static void
must(bool is_well, const char *what)
{
	if (is_well)
		return;
	perror(what);
	abort();
}

/* ---- packets ---------------------------------------------------------------- */

static bool
read_question(struct str packet, struct arena *a, struct question *q)
{
	struct cursor c;
	struct text name;
	cursor_init(&c, packet);
	text_init(&name, a);
	q->id = cursor_u16(&c);
	cursor_bytes(&c, 8);
	q->has_edns = cursor_u16(&c) > 0;
	size_t from = c.at;
	for (uint8_t n; (n = cursor_u8(&c)) > 0 && !cursor_failed(&c);) {
		if (name.n > 0)
			text_add_char(&name, '.');
		text_add(&name, cursor_bytes(&c, n));
	}
	q->type = cursor_u16(&c);
	cursor_u16(&c);
	q->wire = cursor_since(&c, from);
	q->name = text_str(&name);
	q->udp_max = PLAIN_UDP;
	cursor_bytes(&c, q->has_edns ? 3 : 0);
	if (q->has_edns)
		q->udp_max = cursor_u16(&c);
	return !cursor_failed(&c);
}

static void
put(struct text *t, uint64_t v, unsigned bytes)
{
	while (bytes-- > 0)
		text_add_char(t, (char)(v >> (8 * bytes)));
}

static void
put_name(struct text *t, struct str name)
{
	while (name.n > 0) {
		struct str label = str_cut(&name, '.');
		put(t, label.n, 1);
		text_add(t, label);
	}
	put(t, 0, 1);
}

static void
put_data(struct text *t, uint16_t type, const struct dns_rr *rr,
    struct arena *a)
{
	struct text data;
	text_init(&data, a);
	if (type == DNS_A || type == DNS_AAAA)
		text_add(&data, (struct str) {(const char *)rr->ip.bytes,
		    type == DNS_A ? 4 : 16});
	if (type == DNS_MX)
		put(&data, rr->mx.preference, 2);
	if (type == DNS_MX || type == DNS_PTR)
		put_name(&data, type == DNS_MX ? rr->mx.host : rr->name);
	for (size_t at = 0; type == DNS_TXT && (at == 0 || at < rr->txt.n);
	     at += 255) {
		struct str part = str_sub(rr->txt, at, 255);
		put(&data, part.n, 1);
		text_add(&data, part);
	}
	put(t, data.n, 2);
	text_add(t, text_str(&data));
}

static void
put_records(struct text *t, const struct responder *r, const struct question *q,
    const struct dns_answer *answer, struct arena *a)
{
	uint32_t ttl = r->options.has_zero_ttl ? 0 :
	    r->options.ttl > 0 ? r->options.ttl : 300;
	uint64_t owner = 0xc00c; /* the name of the question */
	if (answer->is_alias) {
		put(t, owner, 2);
		put(t, 5, 2), put(t, 1, 2), put(t, ttl, 4);
		put(t, 7, 2);
		size_t at = t->n;
		put_name(t, STR("alias"));
		owner = 0xc000 | at;
	}
	for (size_t i = 0; i < answer->count; i++) {
		put(t, owner, 2);
		put(t, q->type, 2), put(t, 1, 2), put(t, ttl, 4);
		put_data(t, q->type, &answer->rr[i], a);
	}
}

/* RFC 6891 6.1.1: who is asked with an OPT record answers with one. */
static void
put_opt(struct text *t)
{
	put(t, 0, 1);
	put(t, 41, 2), put(t, MAX_UDP, 2), put(t, 0, 4), put(t, 0, 2);
}

/* FNV-1a: no two names of a test have the same. */
static void
note_question(struct responder *r, uint16_t type, struct str name)
{
	unsigned n = atomic_load(&r->distinct);
	uint64_t h = 14695981039346656037u ^ type;
	for (size_t i = 0; i < name.n; i++)
		h = (h ^ (unsigned char)name.p[i]) * 1099511628211u;
	for (unsigned i = 0; i < n; i++)
		if (r->seen[i] == h)
			return;
	if (n == MAX_DISTINCT)
		return;
	r->seen[n] = h;
	atomic_store(&r->distinct, n + 1);
}

/* The reply, or an empty view for none. */
static struct str
reply_to(struct responder *r, const struct question *q, bool is_tcp,
    struct arena *a)
{
	struct dns_answer answer;
	struct text t;
	unsigned n = atomic_fetch_add(&r->questions, 1);
	if (is_tcp)
		atomic_fetch_add(&r->tcp_questions, 1);
	if (str_has_iprefix(q->name, STR("_dmarc.")))
		atomic_fetch_add(&r->policy_questions, 1);
	struct str name = str_lower(q->name, a);
	note_question(r, q->type, name);
	zone_answer(r->zone, (enum dns_type)q->type, name, a, &answer);
	if (n < r->options.servfail_first)
		answer = (struct dns_answer) {.status = DNS_SERVFAIL};
	if (answer.status == DNS_TIMEOUT)
		return (struct str) {NULL, 0};
	text_init(&t, a);
	put(&t, q->id, 2);
	put(&t, 0x8180 | (answer.status == DNS_SERVFAIL ? 2u :
	    answer.status == DNS_NXDOMAIN ? 3u : 0u), 2);
	size_t records = answer.count + (answer.is_alias ? 1 : 0);
	put(&t, 1, 2), put(&t, records, 2), put(&t, 0, 2);
	put(&t, q->has_edns, 2);
	text_add(&t, q->wire);
	if (answer.status == DNS_MALFORMED)
		text_add(&t, STR("\xff\xff garbage"));
	else
		put_records(&t, r, q, &answer, a);
	if (answer.status == DNS_MALFORMED)
		t.p[7] = 1;
	else if (q->has_edns)
		put_opt(&t);
	if (!is_tcp && t.n > q->udp_max) { /* TC: come back over TCP */
		t.n = 12 + q->wire.n;
		t.p[2] = (char)(t.p[2] | 0x02);
		memset(t.p + 6, 0, 4);
		if (q->has_edns)
			put_opt(&t);
	}
	return text_str(&t);
}

/* ---- sockets ---------------------------------------------------------------- */

static void
send_udp(struct responder *r, const struct sockaddr_in *to, struct str packet)
{
	/* Lost is lost, as on a network. */
	if (sendto(r->udp, packet.p, packet.n, 0, (const struct sockaddr *)to,
	    sizeof *to) < 0)
		return;
}

static void
serve_udp(struct responder *r)
{
	char in[4096];
	struct sockaddr_in from;
	socklen_t size = sizeof from;
	ssize_t n = recvfrom(r->udp, in, sizeof in, MSG_DONTWAIT,
	    (struct sockaddr *)&from, &size);
	if (n <= 0)
		return;
	struct arena *a = arena_new(0);
	struct question q;
	struct str out = {NULL, 0};
	if (read_question((struct str) {in, (size_t)n}, a, &q))
		out = reply_to(r, &q, false, a);
	bool is_delayed = r->options.delay_ms > 0 || atomic_load(&r->is_held);
	if (out.n > 0 && !is_delayed) {
		send_udp(r, &from, out);
	} else if (out.n > 0 && r->waiting_count < MAX_DELAYED) {
		struct delayed *d = &r->waiting[r->waiting_count++];
		*d = (struct delayed) {.to = from, .n = out.n,
		    .at = clock_mono_ms() + r->options.delay_ms,
		    .packet = malloc(out.n)};
		must(d->packet != NULL, "malloc");
		memcpy(d->packet, out.p, out.n);
	}
	arena_free(a);
}

/* Sends what is due; milliseconds until the next, or -1. */
static int
send_due(struct responder *r)
{
	int64_t now = clock_mono_ms();
	size_t done = 0;
	if (atomic_load(&r->is_held))
		return -1;
	while (done < r->waiting_count && r->waiting[done].at <= now) {
		struct delayed *d = &r->waiting[done++];
		send_udp(r, &d->to, (struct str) {(char *)d->packet, d->n});
		free(d->packet);
	}
	r->waiting_count -= done;
	memmove(r->waiting, r->waiting + done,
	    r->waiting_count * sizeof *r->waiting);
	return r->waiting_count > 0 ? (int)(r->waiting[0].at - now) : -1;
}

static bool
read_all(int fd, char *out, size_t n)
{
	for (size_t got = 0; got < n;) {
		ssize_t more = recv(fd, out + got, n - got, 0);
		if (more <= 0)
			return false;
		got += (size_t)more;
	}
	return true;
}

/* One connection, all its questions. */
static void
serve_tcp(struct responder *r)
{
	struct timeval second = {.tv_sec = 1};
	int fd = accept4(r->tcp, NULL, NULL, SOCK_CLOEXEC);
	unsigned char size[2];
	if (fd < 0)
		return;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &second, sizeof second);
	char *in = malloc(MAX_PACKET);
	must(in != NULL, "malloc");
	while (read_all(fd, (char *)size, 2)) {
		size_t n = (size_t)size[0] << 8 | size[1];
		struct arena *a = arena_new(0);
		struct question q;
		struct text out;
		struct str reply = {NULL, 0};
		text_init(&out, a);
		if (read_all(fd, in, n) &&
		    read_question((struct str) {in, n}, a, &q))
			reply = reply_to(r, &q, true, a);
		put(&out, reply.n, 2);
		text_add(&out, reply);
		bool is_sent = reply.n > 0 && reply.n <= MAX_PACKET &&
		    send(fd, out.p, out.n, MSG_NOSIGNAL) == (ssize_t)out.n;
		arena_free(a);
		if (!is_sent)
			break;
	}
	free(in);
	close(fd);
}

static void *
run(void *arg)
{
	struct responder *r = arg;
	struct pollfd fds[3] = {
		{.fd = r->udp, .events = POLLIN},
		{.fd = r->tcp, .events = POLLIN},
		{.fd = r->stop[0], .events = POLLIN},
	};
	for (;;) {
		if (poll(fds, 3, send_due(r)) < 0)
			continue;
		char order = 'w';
		if (fds[2].revents != 0 && read(r->stop[0], &order, 1) == 1 &&
		    order == 's')
			return NULL;
		if (fds[0].revents != 0)
			serve_udp(r);
		if (fds[1].revents != 0)
			serve_tcp(r);
	}
}

/* Room for all that a test asks at once: a datagram that is lost is asked again
 * only seconds later. */
static void
make_room(int udp)
{
	static const int octets = 4 * 1024 * 1024;
	if (setsockopt(udp, SOL_SOCKET, SO_RCVBUFFORCE, &octets,
		sizeof octets) != 0)
		setsockopt(udp, SOL_SOCKET, SO_RCVBUF, &octets, sizeof octets);
}

/* UDP takes a free port, TCP the same; another try when that one is taken. */
static void
bind_both(struct responder *r)
{
	static const int one = 1;
	for (int tries = 0; tries < 100; tries++) {
		struct sockaddr_in sa = {.sin_family = AF_INET,
		    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
		socklen_t size = sizeof sa;
		r->udp = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		r->tcp = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		must(r->udp >= 0 && r->tcp >= 0, "socket");
		make_room(r->udp);
		setsockopt(r->tcp, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
		must(bind(r->udp, (struct sockaddr *)&sa, sizeof sa) == 0 &&
		    getsockname(r->udp, (struct sockaddr *)&sa, &size) == 0,
		    "bind");
		if (bind(r->tcp, (struct sockaddr *)&sa, sizeof sa) == 0 &&
		    listen(r->tcp, 64) == 0) {
			r->port = ntohs(sa.sin_port);
			return;
		}
		close(r->udp);
		close(r->tcp);
	}
	must(false, "no port for UDP and TCP");
}

struct responder *
responder_start(const struct zone *zone, const struct responder_options *o)
{
	struct responder *r = calloc(1, sizeof *r);
	must(r != NULL, "calloc");
	r->zone = zone;
	if (o != NULL)
		r->options = *o;
	bind_both(r);
	must(pipe(r->stop) == 0, "pipe");
	must(pthread_create(&r->thread, NULL, run, r) == 0, "thread");
	return r;
}

void
responder_stop(struct responder *r)
{
	must(write(r->stop[1], "s", 1) == 1, "stop");
	pthread_join(r->thread, NULL);
	for (size_t i = 0; i < r->waiting_count; i++)
		free(r->waiting[i].packet);
	close(r->udp);
	close(r->tcp);
	close(r->stop[0]);
	close(r->stop[1]);
	free(r);
}

void
responder_hold(struct responder *r, bool is_held)
{
	atomic_store(&r->is_held, is_held);
	must(write(r->stop[1], "w", 1) == 1, "wake");
}

unsigned
responder_port(const struct responder *r)
{
	return r->port;
}

unsigned
responder_questions(struct responder *r)
{
	return atomic_load(&r->questions);
}

unsigned
responder_distinct(struct responder *r)
{
	return atomic_load(&r->distinct);
}

unsigned
responder_tcp_questions(struct responder *r)
{
	return atomic_load(&r->tcp_questions);
}

unsigned
responder_policy_questions(struct responder *r)
{
	return atomic_load(&r->policy_questions);
}
