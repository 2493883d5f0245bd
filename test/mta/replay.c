/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Plays a recording of an MTA to the daemon, without the MTA.
 * usage: replay FILE
 *
 * A recording (test/mta/recorded/MTA-SCENARIO.milter, written by record.py) has
 * a packet a line, in the order in which they were seen:
 *
 *   # comment                    the MTA's version and what was sent to it
 *   zone LINE                    DNS, as in net/dns_zone.h
 *   expect messages N            so many lines in the history
 *   expect N PATH [VALUE]        what line N holds ("dkim.0.result"), or nothing
 *   > connects                   a new connection to the filter
 *   > O VERSION ACTIONS STEPS    what the MTA offers
 *   > C NAME FAMILY PORT ADDRESS
 *   > D COMMAND MACROS           macros for the command that follows
 *   > COMMAND DATA               any other packet of the MTA
 *   > hangs up
 *   < COMMAND DATA               the daemon's answer, due here and nowhere else
 *
 * In DATA stand \0 \n \r \t \\ \xHH, and \*N*c for N times the byte c. Of an
 * answer must hold: the command; what is taken of an offer; the name and
 * the authserv-id of a new field; the codes of a reply.
 */
#include <arpa/inet.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/text.h"
#include "net/dns_zone.h"
#include "test/lib/daemon.h"
#include "test/lib/mta.h"
#include "test/lib/responder.h"

#define MAX_FILE   (4u * 1024 * 1024)
#define PATIENCE_S 60

struct replay {
	struct arena *arena;
	struct daemon daemon;
	struct mta *mta; /* NULL: not connected */
	const char *problem; /* the first one */
	char sent;           /* command of the last packet */
};

static void
fault(struct replay *r, const char *what, struct str got, struct str want)
{
	if (r->problem == NULL)
		r->problem = text_format(r->arena, "%s: got \"%.*s\", want "
		    "\"%.*s\"", what, STR_ARG(got), STR_ARG(want)).p;
}

static void
check(struct replay *r, const char *what, struct str got, struct str want)
{
	if (!str_eq(got, want))
		fault(r, what, got, want);
}

static uint32_t
number(struct str s, struct arena *a)
{
	return (uint32_t)strtoul(str_cstr(s, a), NULL, 0);
}

/* ---- the text of a packet ------------------------------------------------- */

static char
hex_byte(struct str *s)
{
	char digits[3] = {s->p[0], s->p[1], '\0'};

	*s = str_sub(*s, 2, s->n);
	return (char)strtoul(digits, NULL, 16);
}

/* Takes one byte, escaped or not. */
static char
byte(struct str *s)
{
	static const char names[] = "0nrt\\", bytes[] = "\0\n\r\t\\";
	char c = s->p[0];

	*s = str_sub(*s, 1, s->n);
	if (c != '\\' || s->n == 0)
		return c;
	c = s->p[0];
	*s = str_sub(*s, 1, s->n);
	if (c == 'x' && s->n >= 2)
		return hex_byte(s);
	const char *at = strchr(names, c);
	return at != NULL ? bytes[at - names] : c;
}

static struct str
unescape(struct str s, struct arena *a)
{
	struct text t;

	text_init(&t, a);
	while (s.n > 0) {
		uint32_t times = 1;
		if (str_has_prefix(s, STR("\\*"))) {
			s = str_sub(s, 2, s.n);
			times = number(str_cut(&s, '*'), a);
		}
		char c = byte(&s);
		while (times-- > 0)
			text_add_char(&t, c);
	}
	return text_str(&t);
}

static void
add_u32(struct text *t, uint32_t n)
{
	n = htonl(n);
	text_add(t, (struct str) {(const char *)&n, sizeof(n)});
}

static struct str
offer(struct str words, struct arena *a)
{
	struct text t;

	text_init(&t, a);
	for (int i = 0; i < 3; i++)
		add_u32(&t, number(str_cut(&words, ' '), a));
	return text_str(&t);
}

static struct str
client(struct str words, struct arena *a)
{
	struct text t;

	text_init(&t, a);
	text_add(&t, str_cut(&words, ' '));
	text_add_char(&t, '\0');
	text_add(&t, str_cut(&words, ' '));
	if (words.n == 0)
		return text_str(&t);
	uint16_t port = htons((uint16_t)number(str_cut(&words, ' '), a));
	text_add(&t, (struct str) {(const char *)&port, sizeof(port)});
	text_add(&t, words);
	text_add_char(&t, '\0');
	return text_str(&t);
}

static struct str
macros(struct str words, struct arena *a)
{
	struct text t;

	text_init(&t, a);
	text_add(&t, str_cut(&words, ' '));
	text_add(&t, unescape(words, a));
	return text_str(&t);
}

static struct str
packet_data(char command, struct str rest, struct arena *a)
{
	switch (command) {
	case 'O':
		return offer(rest, a);
	case 'C':
		return client(rest, a);
	case 'D':
		return macros(rest, a);
	default:
		return unescape(rest, a);
	}
}

/* ---- the conversation ----------------------------------------------------- */

/* The daemon ends a session that the MTA quit, without another word. */
static void
hang_up(struct replay *r)
{
	char command;
	struct str data;

	if (r->sent == 'Q' && mta_receive(r->mta, &command, &data))
		fault(r, "after QUIT", (struct str) {&command, 1}, STR(""));
	mta_close(r->mta);
	r->mta = NULL;
}

static void
say(struct replay *r, struct str line)
{
	if (str_eq(line, STR("connects"))) {
		r->mta = mta_open(r->daemon.socket, r->arena);
		if (r->mta == NULL)
			fault(r, "connects", STR("nothing"), STR("a socket"));
		return;
	}
	if (r->mta == NULL) {
		fault(r, "connection", STR("none"), line);
		return;
	}
	if (str_eq(line, STR("hangs up"))) {
		hang_up(r);
		return;
	}
	r->sent = line.p[0];
	if (!mta_packet(r->mta, r->sent,
	    packet_data(r->sent, str_sub(line, 2, line.n), r->arena)))
		fault(r, "packet", STR("connection lost"), line);
}

static struct str
up_to(struct str s, char end)
{
	return str_sub(s, 0, str_find(s, end));
}

static void
check_answer(struct replay *r, char command, struct str got, struct str want)
{
	switch (command) {
	case 'O':
		check(r, "offer taken", str_sub(got, 0, 12),
		    offer(want, r->arena));
		break;
	case 'i':
		check(r, "new field", up_to(got, ';'),
		    up_to(unescape(want, r->arena), ';'));
		break;
	case 'y':
		check(r, "reply", str_sub(got, 0, 9), str_sub(want, 0, 9));
		break;
	default:
		break;
	}
}

static void
hear(struct replay *r, struct str line)
{
	char command;
	struct str data;

	if (r->mta == NULL || !mta_receive(r->mta, &command, &data)) {
		fault(r, "answer", STR("none"), line);
		return;
	}
	check(r, "answer", (struct str) {&command, 1}, str_sub(line, 0, 1));
	check_answer(r, command, data, str_sub(line, 2, line.n));
}

/* ---- what came of it ------------------------------------------------------ */

static const json_t *
member(const json_t *o, struct str name, struct arena *a)
{
	if (json_is_array(o))
		return json_array_get(o, number(name, a));
	return json_object_get(o, str_cstr(name, a));
}

static struct str
at(const json_t *o, struct str path, struct arena *a)
{
	while (path.n > 0 && o != NULL)
		o = member(o, str_cut(&path, '.'), a);
	if (json_is_string(o))
		return str_of(json_string_value(o));
	if (json_is_integer(o))
		return text_format(a, "%lld",
		    (long long)json_integer_value(o));
	return STR("");
}

/* Line `n` of the history, counted from 1 behind its head line. */
static struct str
history_line(struct str text, size_t n)
{
	str_cut(&text, '\n');
	while (--n > 0)
		str_cut(&text, '\n');
	return str_cut(&text, '\n');
}

static size_t
count_messages(struct str text)
{
	size_t n = 0;

	while (history_line(text, n + 1).n > 0)
		n++;
	return n;
}

static void
check_expect(struct replay *r, struct str history, struct str words)
{
	struct str n = str_cut(&words, ' ');

	if (str_eq(n, STR("messages"))) {
		check(r, "messages", text_format(r->arena, "%zu",
		    count_messages(history)), words);
		return;
	}
	struct str line = history_line(history, number(n, r->arena));
	struct str path = str_cut(&words, ' ');
	json_t *o = json_loadb(line.p, line.n, 0, NULL);
	check(r, str_cstr(path, r->arena), str_copy(at(o, path, r->arena),
	    r->arena), words);
	json_decref(o);
}

/* ---- files ---------------------------------------------------------------- */

/* What stands behind a first word, line by line; an empty line otherwise, so
 * that line numbers stay those of the file. */
static struct str
section(struct str text, struct str word, struct arena *a)
{
	struct text t;

	text_init(&t, a);
	while (text.n > 0) {
		struct str line = str_cut(&text, '\n');
		if (str_has_prefix(line, word))
			text_add(&t, str_sub(line, word.n, line.n));
		text_add_char(&t, '\n');
	}
	return text_str(&t);
}

static void
complain(const char *file, size_t line, const char *what)
{
	fprintf(stderr, "%s:%zu: %s\n", file, line, what);
}

/* Both sides' packets, until the first problem; false when there is one. */
static bool
play(struct replay *r, const char *file, struct str text)
{
	for (size_t n = 1; text.n > 0 && r->problem == NULL; n++) {
		struct str line = str_cut(&text, '\n');
		if (str_has_prefix(line, STR("> ")))
			say(r, str_sub(line, 2, line.n));
		else if (str_has_prefix(line, STR("< ")))
			hear(r, str_sub(line, 2, line.n));
		if (r->problem != NULL)
			complain(file, n, r->problem);
	}
	return r->problem == NULL;
}

static bool
meets(struct replay *r, const char *file, struct str text)
{
	struct str history = {NULL, 0}, reason;
	bool is_met = true, has_expect = false;

	file_read(r->daemon.history, MAX_FILE, r->arena, &history, &reason);
	text = section(text, STR("expect "), r->arena);
	for (size_t n = 1; text.n > 0; n++) {
		struct str line = str_cut(&text, '\n');
		if (line.n == 0)
			continue;
		has_expect = true;
		r->problem = NULL;
		check_expect(r, history, line);
		if (r->problem != NULL)
			complain(file, n, r->problem);
		is_met = is_met && r->problem == NULL;
	}
	if (!has_expect)
		complain(file, 1, "it expects nothing");
	return is_met && has_expect;
}

static bool
serve(struct replay *r, const char *file, struct str text)
{
	if (!daemon_start(&r->daemon)) {
		complain(file, 1, "aplombd does not serve");
		return false;
	}
	bool is_good = play(r, file, text);
	daemon_signal(&r->daemon, SIGTERM);
	/* A sanitizer's report ends it with another status. */
	if (daemon_wait(&r->daemon, PATIENCE_S * 1000) != 0) {
		complain(file, 1, "aplombd does not end well");
		is_good = false;
	}
	return is_good && meets(r, file, text);
}

static bool
play_file(const char *file, struct str text, struct arena *a)
{
	struct replay r = {.arena = a};
	const char *why;
	size_t line;
	struct zone *zone =
	    zone_parse(section(text, STR("zone "), a), a, &line, &why);

	if (zone == NULL) {
		complain(file, line, why);
		return false;
	}
	struct responder *dns = responder_start(zone, NULL);
	daemon_init(&r.daemon, a);
	daemon_configure(&r.daemon, responder_port(dns), "");
	bool is_good = serve(&r, file, text);
	if (!is_good)
		fprintf(stderr, "%s\n", daemon_log(&r.daemon).p);
	daemon_free(&r.daemon);
	responder_stop(dns);
	return is_good;
}

int
main(int argc, char **argv)
{
	struct arena *a = arena_new(0);
	struct str text, reason;
	bool is_good = false;

	if (argc != 2)
		fprintf(stderr, "usage: replay FILE\n");
	else if (!file_read(argv[1], MAX_FILE, a, &text, &reason))
		fprintf(stderr, "%s: %.*s\n", argv[1], STR_ARG(reason));
	else
		is_good = play_file(argv[1], text, a);
	arena_free(a);
	return is_good ? EXIT_SUCCESS : EXIT_FAILURE;
}
