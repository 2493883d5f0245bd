/* SPDX-License-Identifier: BSD-2-Clause */
#include "test/case/script.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/ascii.h"
#include "base/file.h"
#include "base/text.h"

#define MAX_BYTES (4u * 1024 * 1024)

static void
add_line(struct script_lines *l, struct arena *a, struct str text,
    unsigned number)
{
	if (l->count == l->capacity) {
		size_t capacity = l->capacity > 0 ? l->capacity * 2 : 16;
		struct script_line *at =
		    ARENA_ARRAY(a, struct script_line, capacity);
		if (l->count > 0)
			memcpy(at, l->at, l->count * sizeof *at);
		l->at = at;
		l->capacity = capacity;
	}
	l->at[l->count++] = (struct script_line) {text, number};
}

struct str
script_word(struct str *line)
{
	*line = str_trim(*line);
	size_t n = 0;
	bool is_quoted = false;
	while (n < line->n && (is_quoted || !ascii_is_wsp(line->p[n])))
		if (line->p[n++] == '"')
			is_quoted = !is_quoted;
	struct str word = str_sub(*line, 0, n);
	*line = str_trim(str_sub(*line, n, line->n));
	return word;
}

static int
hex(char c)
{
	if (ascii_is_digit(c))
		return c - '0';
	c = ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* \r \n \t \\ \xNN, and \*N{TEXT}: TEXT N times. */
static struct str
unescape(struct str s, struct arena *a)
{
	struct text t;
	text_init(&t, a);
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] != '\\' || i + 1 >= s.n) {
			text_add_char(&t, s.p[i]);
			continue;
		}
		char c = s.p[++i];
		if (c == 'x' && i + 2 < s.n && hex(s.p[i + 1]) >= 0 &&
		    hex(s.p[i + 2]) >= 0) {
			text_add_char(&t,
			    (char)(hex(s.p[i + 1]) * 16 + hex(s.p[i + 2])));
			i += 2;
		} else if (c == '*') {
			struct str rest = str_sub(s, i + 1, s.n);
			struct str number = str_cut(&rest, '{');
			struct str part = str_cut(&rest, '}');
			uint64_t times = 0;
			str_to_uint(number, 1000000, &times);
			part = unescape(part, a);
			while (times-- > 0)
				text_add(&t, part);
			i = s.n - rest.n - 1;
		} else {
			text_add_char(&t, c == 'r' ? '\r' : c == 'n' ? '\n' :
			    c == 't' ? '\t' : c);
		}
	}
	return text_str(&t);
}

/* client IP [name NAME] [helo NAME] [from <PATH>] [authenticated] */
static bool
read_client(struct script *s, struct str rest)
{
	s->client = script_word(&rest);
	if (str_eq(s->client, STR("local")))
		s->client = (struct str) {NULL, 0};
	while (rest.n > 0) {
		struct str key = script_word(&rest);
		if (str_eq(key, STR("helo")))
			s->helo = unescape(script_word(&rest), s->arena);
		else if (str_eq(key, STR("name")))
			s->client_name = script_word(&rest);
		else if (str_eq(key, STR("from")))
			s->mail_from = unescape(script_word(&rest), s->arena);
		else if (str_eq(key, STR("authenticated")))
			s->is_authenticated = true;
		else
			return false;
	}
	return true;
}

static bool
read_expect(struct script *s, struct str rest, unsigned number)
{
	struct str after = rest, mode = script_word(&after);
	unsigned modes = SCRIPT_TREEWALK | SCRIPT_PSL;
	if (str_eq(mode, STR("treewalk")))
		modes = SCRIPT_TREEWALK, rest = after;
	else if (str_eq(mode, STR("psl")))
		modes = SCRIPT_PSL, rest = after;
	if (s->expect_count == s->expect_capacity) {
		size_t capacity = s->expect_capacity * 2 + 8;
		struct script_expect *at =
		    ARENA_ARRAY(s->arena, struct script_expect, capacity);
		if (s->expect_count > 0)
			memcpy(at, s->expects, s->expect_count * sizeof *at);
		s->expects = at;
		s->expect_capacity = capacity;
	}
	s->expects[s->expect_count++] =
	    (struct script_expect) {modes, rest, number};
	s->modes |= modes;
	return rest.n > 0;
}

/* dkim RESULT DOMAIN [option=value ...] */
static bool
read_signature(struct script *s, struct str rest, unsigned number)
{
	if (s->signature_count == SCRIPT_MAX_SIGNATURES)
		return false;
	struct script_signature *g = &s->signatures[s->signature_count++];
	g->result = script_word(&rest);
	g->domain = script_word(&rest);
	g->options = rest;
	g->line = number;
	return g->domain.n > 0;
}

static bool
read_time(struct script *s, struct str rest)
{
	struct tm tm = {0};
	const char *end = strptime(str_cstr(rest, s->arena),
	    "%Y-%m-%dT%H:%M:%SZ", &tm);
	s->has_time = end != NULL && *end == '\0';
	s->time = timegm(&tm);
	return s->has_time;
}

static bool
read_line(struct script *s, struct str key, struct str rest, unsigned number)
{
	struct arena *a = s->arena;
	uint64_t draw;
	if (str_eq(key, STR("zone")))
		add_line(&s->zone, a, rest, number);
	else if (str_eq(key, STR("psl")))
		s->psl = rest;
	else if (str_eq(key, STR("client")))
		return read_client(s, rest);
	else if (str_eq(key, STR("rcpt")))
		add_line(&s->recipients, a, unescape(rest, a), number);
	else if (str_eq(key, STR("header")))
		add_line(&s->headers, a, unescape(rest, a), number);
	else if (str_eq(key, STR("body")))
		add_line(&s->body, a, unescape(rest, a), number);
	else if (str_eq(key, STR("spf")))
		s->spf_result = script_word(&rest), s->spf_domain = rest;
	else if (str_eq(key, STR("dkim")))
		return read_signature(s, rest, number);
	else if (str_eq(key, STR("arc")))
		add_line(&s->chain, a, rest, number);
	else if (str_eq(key, STR("set")))
		add_line(&s->config, a, rest, number);
	else if (str_eq(key, STR("expect")))
		return read_expect(s, rest, number);
	else if (str_eq(key, STR("time")))
		return read_time(s, rest);
	else if (str_eq(key, STR("draw")) && str_to_uint(rest, 99, &draw))
		s->has_draw = true, s->draw = (unsigned)draw;
	else
		return false;
	return true;
}

bool
script_read(const char *file, struct arena *a, struct script *out,
    struct str *problem)
{
	struct str in;
	if (!file_read(file, MAX_BYTES, a, &in, problem))
		return false;
	*out = (struct script) {.arena = a, .file = file,
	    .psl = STR("example test"), .client = STR("192.0.2.7"),
	    .helo = STR("mx.sender.test"), .mail_from = STR("<a@sender.test>")};
	for (unsigned number = 1; in.n > 0; number++) {
		struct str line = str_trim(str_cut(&in, '\n'));
		if (out->title.n == 0 && str_has_prefix(line, STR("#")))
			out->title = str_trim(str_sub(line, 1, line.n));
		if (line.n == 0 || line.p[0] == '#')
			continue;
		struct str rest = line, key = script_word(&rest);
		if (str_eq(key, STR("extra"))) /* for us alone */
			key = script_word(&rest);
		if (!read_line(out, key, rest, number)) {
			*problem = text_format(a, "%s:%u: this line is not one "
			    "of a case: %.*s", file, number, STR_ARG(line));
			return false;
		}
	}
	if (out->expect_count == 0) {
		*problem = text_format(a, "%s: it expects nothing", file);
		return false;
	}
	return true;
}
