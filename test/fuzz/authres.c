/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Authentication-Results: a received value, and our own field written with
 * values from outside. The input's parts are set apart by 0xff bytes: the own
 * id, the received value, then comments and properties in turn.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/ascii.h"
#include "mail/authres.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool holds)
{
	if (!holds)
		abort();
}

/* Printable ASCII, the fold apart, and no line longer than RFC 5322 2.1.1 lets
 * it be. */
static void
check_lines(struct str field)
{
	must(field.n <= AUTHRES_MAX_FIELD && field.p[0] != ' ');
	for (unsigned line = 0; field.n > 0; line++) {
		struct str s = str_cut(&field, '\n');
		must(s.n > 1 && s.n <= 998);
		must(line == 0 || s.p[0] == '\t');
		for (size_t i = line > 0; i < s.n; i++)
			must(ascii_is_print(s.p[i]));
	}
}

/* Outside of quoted-strings no comment is nested or left open; and each ";" is
 * one that the writer set. */
static void
check_structure(struct str field, unsigned results)
{
	bool is_quoted = false, is_comment = false;
	for (size_t i = 0; i < field.n; i++) {
		char c = field.p[i];
		if (is_quoted && c == '\\') {
			i++;
		} else if (c == '"' && !is_comment) {
			is_quoted = !is_quoted;
		} else if (c == '(' && !is_quoted) {
			must(!is_comment);
			is_comment = true;
		} else if (c == ')' && !is_quoted) {
			must(is_comment);
			is_comment = false;
		} else if (c == ';' && !is_quoted && !is_comment) {
			must(results-- > 0);
		}
	}
	must(!is_quoted && !is_comment);
}

static void
write_field(struct str id, struct str in, struct arena *a)
{
	struct authres w;
	unsigned results = 0;
	authres_begin(&w, a, id);
	while (in.n > 0) {
		authres_result(&w, "dkim", "pass");
		authres_comment(&w, str_cut(&in, '\xff'));
		authres_property(&w, "header.d", str_cut(&in, '\xff'));
		results++;
	}
	struct str field = authres_end(&w);
	check_lines(field);
	check_structure(field, results > 0 ? results : 1);
	/* Everybody who can read fields sees that it is ours; an id that has
	 * odd bytes is not written as it is. */
	for (size_t i = 0; i < id.n; i++)
		if (!ascii_is_print(id.p[i]))
			return;
	if (id.n > 0 && id.n <= AUTHRES_MAX_VALUE)
		must(authres_is_forged(field, id, a));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new(0);
	struct str in = {(const char *)data, size};
	struct str own = str_cut(&in, '\xff'), value = str_cut(&in, '\xff');
	struct str id = {NULL, 0};
	enum authres_status st = authres_parse_id(value, a, &id);
	must((id.n > 0) == (st != AUTHRES_SYNTAX));
	bool is_forged = authres_is_forged(value, own, a);
	must(st == AUTHRES_OK || is_forged);
	if (st == AUTHRES_OK)
		must(authres_is_forged(value, id, a));
	write_field(own, in, a);
	arena_free(a);
	return 0;
}
