/* SPDX-License-Identifier: BSD-2-Clause */
#include "test/lib/mta.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/cursor.h"
#include "base/text.h"

#define CHUNK       65535u
#define MAX_PACKET  (2u * 1024 * 1024)
#define TIMEOUT_MS  60000u

/* Steps of a negotiation: the filter sends no reply to this command. */
#define NR_HEADER  0x00000080u
#define NR_CONNECT 0x00001000u
#define NR_HELO    0x00002000u
#define NR_MAIL    0x00004000u
#define NR_RCPT    0x00008000u
#define NR_EOH     0x00040000u
#define NR_BODY    0x00080000u

struct mta {
	struct arena *arena;
	int fd; /* -1: hung up */
	uint32_t actions, steps;
	unsigned timeout_ms;
	struct mta_client client;
};

void
mta_close(struct mta *m)
{
	if (m->fd >= 0)
		close(m->fd);
	m->fd = -1;
}

static void
close_hook(void *arg)
{
	mta_close(arg);
}

static enum mta_reply
lost(struct mta *m)
{
	mta_close(m);
	return MTA_LOST;
}

/* ---- packets ------------------------------------------------------------ */

static bool
send_all(struct mta *m, const char *p, size_t n)
{
	while (n > 0 && m->fd >= 0) {
		ssize_t done = send(m->fd, p, n, MSG_NOSIGNAL);
		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0) {
			mta_close(m);
			return false;
		}
		p += done;
		n -= (size_t)done;
	}
	return m->fd >= 0;
}

bool
mta_packet(struct mta *m, char command, struct str data)
{
	char head[5];
	uint32_t n = htonl((uint32_t)data.n + 1);

	memcpy(head, &n, 4);
	head[4] = command;
	return send_all(m, head, sizeof(head)) && send_all(m, data.p, data.n);
}

/* Exactly n bytes before the deadline. */
static bool
read_all(struct mta *m, char *p, size_t n, int64_t deadline)
{
	while (n > 0) {
		struct pollfd pfd = {.fd = m->fd, .events = POLLIN};
		int64_t left = deadline - clock_mono_ms();
		if (left <= 0 || m->fd < 0)
			return false;
		if (poll(&pfd, 1, (int)left) <= 0)
			continue;
		ssize_t got = read(m->fd, p, n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		p += got;
		n -= (size_t)got;
	}
	return true;
}

bool
mta_is_answered(const struct mta *m)
{
	struct pollfd pfd = {.fd = m->fd, .events = POLLIN};
	return poll(&pfd, 1, 0) > 0;
}

bool
mta_receive(struct mta *m, char *command, struct str *data)
{
	int64_t deadline = clock_mono_ms() + m->timeout_ms;
	uint32_t n;

	if (!read_all(m, (char *)&n, sizeof(n), deadline))
		return false;
	n = ntohl(n);
	if (n == 0 || n > MAX_PACKET)
		return false;
	char *bytes = arena_alloc(m->arena, n);
	if (!read_all(m, bytes, n, deadline))
		return false;
	*command = bytes[0];
	*data = (struct str) {bytes + 1, n - 1};
	return true;
}

static void
add_z(struct text *t, const char *word)
{
	text_add(t, str_of(word));
	text_add_char(t, '\0');
}

static void
add_u32(struct text *t, uint32_t n)
{
	n = htonl(n);
	text_add(t, (struct str) {(const char *)&n, sizeof(n)});
}

/* The text up to the next NUL of a packet. */
static struct str
z(struct str *data)
{
	return str_cut(data, '\0');
}

/* ---- replies ------------------------------------------------------------ */

struct gathering {
	struct mta_answer *out;
	struct mta_edit *edits;
	size_t count, capacity;
};

static struct mta_edit *
new_edit(struct mta *m, struct gathering *g)
{
	if (g->count == g->capacity) {
		size_t capacity = g->capacity * 2 + 4;
		struct mta_edit *more =
		    ARENA_ARRAY(m->arena, struct mta_edit, capacity);
		if (g->count > 0)
			memcpy(more, g->edits, g->count * sizeof(*more));
		g->edits = more;
		g->capacity = capacity;
	}
	return &g->edits[g->count++];
}

static void
take_edit(struct mta *m, struct gathering *g, char command, struct str data)
{
	struct mta_edit *e = new_edit(m, g);
	struct cursor c;

	cursor_init(&c, data);
	e->index = command == 'h' ? 0 : cursor_u32(&c);
	data = cursor_rest(&c);
	e->name = z(&data);
	e->value = z(&data);
	e->kind = command == 'h' ? MTA_ADD :
	    command == 'i'       ? MTA_INSERT :
	    e->value.n == 0      ? MTA_DELETE :
				   MTA_CHANGE;
}

/* "550 5.7.1 words": the status is there if it looks like one. */
static enum mta_reply
take_reply_code(struct mta_answer *out, struct str data)
{
	struct str line = z(&data), rest;

	out->code = str_cut(&line, ' ');
	rest = line;
	out->status = str_cut(&rest, ' ');
	if (out->status.n >= 5 && out->status.p[1] == '.')
		out->text = rest;
	else
		out->status = (struct str) {NULL, 0}, out->text = line;
	return out->code.n == 3 && out->code.p[0] == '4' ? MTA_TEMPFAIL :
							   MTA_REJECT;
}

/* Takes what is no final reply; false for what is none of these. */
static bool
take_action(struct mta *m, struct gathering *g, char command, struct str data)
{
	switch (command) {
	case 'h':
	case 'i':
	case 'm':
		take_edit(m, g, command, data);
		return true;
	case 'q':
		g->out->is_held = true;
		g->out->hold_reason = z(&data);
		return true;
	case 'p':
		g->out->progress++;
		return true;
	default:
		return false;
	}
}

static enum mta_reply
final_reply(struct mta_answer *out, char command, struct str data)
{
	switch (command) {
	case 'c':
		return MTA_CONTINUE;
	case 'a':
		return MTA_ACCEPT;
	case 'r':
		return MTA_REJECT;
	case 't':
		return MTA_TEMPFAIL;
	case 'd':
		return MTA_DISCARD;
	case 'y':
		return take_reply_code(out, data);
	default:
		return MTA_LOST;
	}
}

enum mta_reply
mta_await(struct mta *m, struct mta_answer *out)
{
	struct gathering g = {.out = out};
	char command;
	struct str data;

	*out = (struct mta_answer) {.reply = MTA_LOST};
	do {
		if (m->fd < 0 || !mta_receive(m, &command, &data))
			return lost(m);
	} while (take_action(m, &g, command, data));
	out->edits = g.edits;
	out->edit_count = g.count;
	out->reply = final_reply(out, command, data);
	return out->reply == MTA_LOST ? lost(m) : out->reply;
}

/* Sends a command, and reads its reply unless the filter sends none. */
static enum mta_reply
command_reply(struct mta *m, char command, struct str data, uint32_t no_reply)
{
	struct mta_answer answer;

	if (!mta_packet(m, command, data))
		return MTA_LOST;
	return (m->steps & no_reply) != 0 ? MTA_CONTINUE : mta_await(m, &answer);
}

/* ---- connection --------------------------------------------------------- */

static int
connect_unix(const char *path)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	memcpy(sa.sun_path, path, strnlen(path, sizeof(sa.sun_path) - 1));
	if (fd >= 0 && connect(fd, (struct sockaddr *)&sa, sizeof(sa)) == 0)
		return fd;
	close(fd);
	return -1;
}

static int
connect_inet(struct str port, const char *address)
{
	struct sockaddr_in sa = {.sin_family = AF_INET};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
	uint64_t number = 0;

	str_to_uint(port, 65535, &number);
	sa.sin_port = htons((uint16_t)number);
	if (fd >= 0 && inet_pton(AF_INET, address, &sa.sin_addr) == 1 &&
	    connect(fd, (struct sockaddr *)&sa, sizeof(sa)) == 0) {
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
		return fd;
	}
	close(fd);
	return -1;
}

static int
connect_socket(const char *socket_text, struct arena *a)
{
	struct str rest = str_of(socket_text);
	struct str kind = str_cut(&rest, ':');

	if (!str_eq(kind, STR("inet")))
		return connect_unix(str_cstr(rest, a));
	struct str port = str_cut(&rest, '@');
	return connect_inet(port, str_cstr(rest, a));
}

static bool
negotiate(struct mta *m, const struct mta_offer *o)
{
	struct text t;
	struct str data;
	struct cursor c;
	char command;

	text_init(&t, m->arena);
	add_u32(&t, o->version);
	add_u32(&t, o->actions);
	add_u32(&t, o->steps);
	if (!mta_packet(m, 'O', text_str(&t)) ||
	    !mta_receive(m, &command, &data) || command != 'O')
		return false;
	cursor_init(&c, data);
	cursor_u32(&c);
	m->actions = cursor_u32(&c);
	m->steps = cursor_u32(&c);
	return !cursor_failed(&c);
}

struct mta *
mta_open(const char *socket_text, struct arena *a)
{
	struct mta *m = ARENA_NEW(a, struct mta);

	m->arena = a;
	m->timeout_ms = TIMEOUT_MS;
	m->fd = connect_socket(socket_text, a);
	arena_on_free(a, close_hook, m);
	return m->fd >= 0 ? m : NULL;
}

struct mta *
mta_connect(const char *socket_text, const struct mta_offer *offer,
    struct arena *a)
{
	static const struct mta_offer postfix = {
		.version = 6, .actions = MTA_ACTIONS, .steps = MTA_STEPS};
	struct mta *m = mta_open(socket_text, a);

	if (m == NULL)
		return NULL;
	if (offer == NULL)
		offer = &postfix;
	if (offer->timeout_ms != 0)
		m->timeout_ms = offer->timeout_ms;
	if (negotiate(m, offer))
		return m;
	mta_close(m);
	return NULL;
}

uint32_t
mta_actions(const struct mta *m)
{
	return m->actions;
}

uint32_t
mta_steps(const struct mta *m)
{
	return m->steps;
}

/* ---- the dialogue ------------------------------------------------------- */

/* One macro for the command that follows; without a value, none. */
static bool
macro(struct mta *m, char command, const char *name, const char *value)
{
	struct text t;

	text_init(&t, m->arena);
	text_add_char(&t, command);
	if (value != NULL) {
		add_z(&t, name);
		add_z(&t, value);
	}
	return mta_packet(m, 'D', text_str(&t));
}

enum mta_reply
mta_client(struct mta *m, const struct mta_client *c)
{
	struct text t;
	const char *address = c->address;

	macro(m, 'C', "j", c->mta != NULL ? c->mta : "mx.test.example");
	text_init(&t, m->arena);
	if (c->name != NULL)
		text_add(&t, str_of(c->name));
	else
		text_printf(&t, "[%s]", address != NULL ? address : "local");
	text_add_char(&t, '\0');
	if (address == NULL) {
		text_add_char(&t, 'U');
		return command_reply(m, 'C', text_str(&t), NR_CONNECT);
	}
	text_add_char(&t, strchr(address, ':') != NULL ? '6' : '4');
	text_add(&t, (struct str) {"\x30\x39", 2}); /* port 12345 */
	add_z(&t, address);
	return command_reply(m, 'C', text_str(&t), NR_CONNECT);
}

/* A command whose only argument is a word. */
static enum mta_reply
word(struct mta *m, char command, const char *argument, uint32_t no_reply)
{
	return command_reply(m, command,
	    (struct str) {argument, strlen(argument) + 1}, no_reply);
}

enum mta_reply
mta_helo(struct mta *m, const char *name)
{
	return word(m, 'H', name, NR_HELO);
}

enum mta_reply
mta_mail(struct mta *m, const char *path, const char *login)
{
	macro(m, 'M', "{auth_authen}", login);
	return word(m, 'M', path, NR_MAIL);
}

enum mta_reply
mta_rcpt(struct mta *m, const char *path)
{
	return word(m, 'R', path, NR_RCPT);
}

enum mta_reply
mta_header(struct mta *m, struct str name, struct str value)
{
	struct text t;

	if ((m->steps & MTA_STEP_LEADSPC) == 0 && value.n > 0 &&
	    value.p[0] == ' ')
		value = str_sub(value, 1, value.n);
	text_init(&t, m->arena);
	text_add(&t, name);
	text_add_char(&t, '\0');
	for (size_t i = 0; i < value.n; i++) {
		bool is_fold = value.p[i] == '\r' && i + 1 < value.n &&
		    value.p[i + 1] == '\n';
		if (!is_fold)
			text_add_char(&t, value.p[i]);
	}
	text_add_char(&t, '\0');
	return command_reply(m, 'L', text_str(&t), NR_HEADER);
}

enum mta_reply
mta_eoh(struct mta *m, const char *queue_id)
{
	macro(m, 'N', "i", queue_id);
	return command_reply(m, 'N', (struct str) {NULL, 0}, NR_EOH);
}

enum mta_reply
mta_body(struct mta *m, struct str bytes)
{
	enum mta_reply reply = MTA_CONTINUE;

	while (bytes.n > 0 && reply == MTA_CONTINUE) {
		struct str chunk = str_sub(bytes, 0, CHUNK);
		reply = command_reply(m, 'B', chunk, NR_BODY);
		bytes = str_sub(bytes, chunk.n, bytes.n);
	}
	return reply;
}

bool
mta_ask_eom(struct mta *m, const char *queue_id)
{
	macro(m, 'E', "i", queue_id);
	return mta_packet(m, 'E', (struct str) {NULL, 0});
}

enum mta_reply
mta_eom(struct mta *m, const char *queue_id, struct mta_answer *out)
{
	mta_ask_eom(m, queue_id);
	return mta_await(m, out);
}

void
mta_abort(struct mta *m)
{
	mta_packet(m, 'A', (struct str) {NULL, 0});
}

void
mta_quit(struct mta *m)
{
	mta_packet(m, 'Q', (struct str) {NULL, 0});
	mta_close(m);
}

enum mta_reply
mta_session(struct mta *m, const struct mta_client *c)
{
	enum mta_reply reply = mta_client(m, c);

	if (reply == MTA_CONTINUE && c->helo != NULL)
		reply = mta_helo(m, c->helo);
	return reply;
}

/* ---- whole messages ----------------------------------------------------- */

/* Takes the next line with its ending off a text. */
static struct str
next_line(struct str *text)
{
	size_t end = str_find(*text, '\n');
	struct str line = str_sub(*text, 0, end < text->n ? end + 1 : end);

	*text = str_sub(*text, line.n, text->n);
	return line;
}

static struct str
without_ending(struct str s)
{
	if (s.n > 0 && s.p[s.n - 1] == '\n')
		s.n--;
	if (s.n > 0 && s.p[s.n - 1] == '\r')
		s.n--;
	return s;
}

/* Takes a field with its folded lines; false at the empty line or the end. */
static bool
next_field(struct str *text, struct str *name, struct str *value)
{
	struct str line = next_line(text), field = line;

	if (without_ending(line).n == 0)
		return false;
	while (text->n > 0 && (text->p[0] == ' ' || text->p[0] == '\t'))
		field.n += next_line(text).n;
	*value = without_ending(field);
	*name = str_cut(value, ':');
	return true;
}

enum mta_reply
mta_text(struct mta *m, struct str text, const char *queue_id)
{
	enum mta_reply reply = MTA_CONTINUE;
	struct str name, value;

	while (reply == MTA_CONTINUE && next_field(&text, &name, &value))
		reply = mta_header(m, name, value);
	if (reply == MTA_CONTINUE)
		reply = mta_eoh(m, queue_id);
	if (reply == MTA_CONTINUE)
		reply = mta_body(m, text);
	return reply;
}

enum mta_reply
mta_message(struct mta *m, const struct mta_message *msg,
    struct mta_answer *out)
{
	enum mta_reply reply = mta_mail(m, msg->mail_from, msg->login);

	*out = (struct mta_answer) {.reply = MTA_LOST};
	for (const char *const *r = msg->recipients;
	     r != NULL && *r != NULL && reply == MTA_CONTINUE; r++)
		reply = mta_rcpt(m, *r);
	if (reply == MTA_CONTINUE)
		reply = mta_text(m, msg->text, msg->queue_id);
	if (reply == MTA_CONTINUE)
		return mta_eom(m, msg->queue_id, out);
	return out->reply = reply;
}

struct str
mta_inserted(const struct mta_answer *answer, const char *name)
{
	for (size_t i = 0; i < answer->edit_count; i++) {
		const struct mta_edit *e = &answer->edits[i];
		bool is_new = e->kind == MTA_INSERT || e->kind == MTA_ADD;
		if (is_new && str_ieq(e->name, str_of(name)))
			return str_trim(e->value);
	}
	return (struct str) {NULL, 0};
}
