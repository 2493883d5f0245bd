/* SPDX-License-Identifier: BSD-2-Clause */
#include "auth/canon.h"

#include <string.h>

#include "base/ascii.h"
#include "mail/header.h"

static void
out_init(struct canon_out *o, canon_sink_fn sink, void *arg)
{
	o->sink = sink;
	o->arg = arg;
	o->length = 0;
	o->n = 0;
}

static void
flush(struct canon_out *o)
{
	if (o->n > 0)
		o->sink(o->arg, o->buffer, o->n);
	o->n = 0;
}

static void
put(struct canon_out *o, const char *bytes, size_t n)
{
	o->length += n;
	if (n > sizeof o->buffer - o->n)
		flush(o);
	if (n > sizeof o->buffer) {
		o->sink(o->arg, bytes, n);
		return;
	}
	memcpy(o->buffer + o->n, bytes, n);
	o->n += n;
}

static void
put_byte(struct canon_out *o, char c)
{
	put(o, &c, 1);
}

/* ---- header fields ------------------------------------------------------- */

/* A relaxed value (RFC 6376 3.4.2), piece by piece. */
struct value {
	struct canon_out *out;
	bool has_text;  /* blanks before it do not count */
	bool has_blank; /* blanks that count only before text */
	bool has_cr;    /* a CR came: LF would make it a fold */
};

static void
add_text(struct value *v, const char *bytes, size_t n)
{
	if (v->has_blank && v->has_text)
		put_byte(v->out, ' ');
	v->has_blank = false;
	v->has_text = true;
	put(v->out, bytes, n);
}

static void
add_special(struct value *v, char c)
{
	bool was_cr = v->has_cr;
	v->has_cr = c == '\r';
	if (was_cr && c != '\n')
		add_text(v, "\r", 1);
	if (ascii_is_wsp(c))
		v->has_blank = true;
	else if (c == '\n' && !was_cr)
		add_text(v, &c, 1);
}

static void
add_piece(struct value *v, struct str s)
{
	for (size_t i = 0; i < s.n; ) {
		size_t run = i;
		while (run < s.n && !ascii_is_fws(s.p[run]))
			run++;
		if (run == i) {
			add_special(v, s.p[i++]);
			continue;
		}
		if (v->has_cr)
			add_text(v, "\r", 1);
		v->has_cr = false;
		add_text(v, s.p + i, run - i);
		i = run;
	}
}

static void
relaxed_field(struct canon_out *o, struct str name, struct str head,
    struct str tail)
{
	struct value v = {.out = o};
	while (name.n > 0 && ascii_is_wsp(name.p[name.n - 1]))
		name.n--;
	for (size_t i = 0; i < name.n; i++)
		put_byte(o, ascii_lower(name.p[i]));
	put_byte(o, ':');
	add_piece(&v, head);
	add_piece(&v, tail);
	if (v.has_cr)
		add_text(&v, "\r", 1);
}

static void
put_str(struct canon_out *o, struct str s)
{
	if (s.n > 0)
		put(o, s.p, s.n);
}

static void
field(struct canon_out *o, bool is_relaxed, struct str name, struct str head,
    struct str tail)
{
	if (is_relaxed) {
		relaxed_field(o, name, head, tail);
	} else {
		put_str(o, name);
		put_byte(o, ':');
		put_str(o, head);
		put_str(o, tail);
	}
}

void
canon_header(bool is_relaxed, const struct header_field *f, canon_sink_fn sink,
    void *arg)
{
	struct canon_out o;
	out_init(&o, sink, arg);
	field(&o, is_relaxed, f->name, f->value, (struct str) {NULL, 0});
	put(&o, "\r\n", 2);
	flush(&o);
}

void
canon_header_own(bool is_relaxed, const struct header_field *f, size_t at,
    size_t n, canon_sink_fn sink, void *arg)
{
	struct canon_out o;
	out_init(&o, sink, arg);
	struct str head = str_sub(f->value, 0, at);
	struct str tail = str_sub(f->value, at, f->value.n);
	field(&o, is_relaxed, f->name, head, str_sub(tail, n, tail.n));
	flush(&o);
}

/* ---- body ---------------------------------------------------------------- */

void
canon_body_init(struct canon_body *b, bool is_relaxed, canon_sink_fn sink,
    void *arg)
{
	b->is_relaxed = is_relaxed;
	b->has_cr = b->has_blank = false;
	b->lines = 0;
	out_init(&b->out, sink, arg);
}

/* What was held back counts now. */
static void
put_text(struct canon_body *b, const char *bytes, size_t n)
{
	for (; b->lines > 0; b->lines--)
		put(&b->out, "\r\n", 2);
	if (b->has_blank)
		put_byte(&b->out, ' ');
	b->has_blank = false;
	put(&b->out, bytes, n);
}

/* What a CR was, now that the byte behind it is known: true when the two end a
 * line. */
static bool
settle_cr(struct canon_body *b, char next)
{
	b->has_cr = false;
	if (next != '\n') {
		put_text(b, "\r", 1);
		return false;
	}
	b->has_blank = false;
	b->lines++;
	return true;
}

static bool
is_text(const struct canon_body *b, char c)
{
	return c != '\r' && !(b->is_relaxed && ascii_is_wsp(c));
}

/* The run of text that begins here. */
static size_t
text_length(const struct canon_body *b, const char *p, size_t n)
{
	size_t i = 0;
	while (i < n && is_text(b, p[i]))
		i++;
	return i;
}

void
canon_body_add(struct canon_body *b, const void *bytes, size_t n)
{
	const char *p = bytes;
	for (size_t i = 0; i < n; ) {
		if (b->has_cr && settle_cr(b, p[i])) {
			i++;
			continue;
		}
		size_t run = text_length(b, p + i, n - i);
		if (run > 0)
			put_text(b, p + i, run);
		i += run;
		if (i == n)
			break;
		if (p[i++] == '\r')
			b->has_cr = true;
		else
			b->has_blank = true;
	}
}

/* RFC 6376 3.4.3: a simple body ends in one CRLF, be it empty. 3.4.4: a relaxed
 * one does when it is not empty. */
uint64_t
canon_body_end(struct canon_body *b)
{
	if (b->has_cr)
		put_text(b, "\r", 1);
	b->has_cr = false;
	if (!b->is_relaxed || b->out.length > 0)
		put(&b->out, "\r\n", 2);
	flush(&b->out);
	return b->out.length;
}
