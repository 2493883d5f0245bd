/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_AUTH_CANON_H
#define APLOMB_AUTH_CANON_H

/*
 * The canonical forms of RFC 6376 3.4, as they stream by: header fields and
 * body, simple and relaxed, in constant memory. Bytes that no rule names (a CR
 * or LF alone, NUL, bytes over 127) pass unchanged.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct header_field;

/* Takes canonical bytes as they come, in pieces of any size. */
typedef void (*canon_sink_fn)(void *arg, const void *bytes, size_t n);

/* Spares the sink most calls for a few bytes. */
#define CANON_BUFFER 1024u

/* Bytes on their way to the sink: for canon.c alone. */
struct canon_out {
	canon_sink_fn sink;
	void *arg;
	uint64_t length; /* so far */
	size_t n;        /* waiting in the buffer */
	char buffer[CANON_BUFFER];
};

/* One field with its CRLF. */
void canon_header(bool is_relaxed, const struct header_field *f,
    canon_sink_fn sink, void *arg);

/* A signature's own field (RFC 6376 3.7): without the n bytes of its value at
 * `at`, where the value of b= stands, and without CRLF. */
void canon_header_own(bool is_relaxed, const struct header_field *f, size_t at,
    size_t n, canon_sink_fn sink, void *arg);

struct canon_body {
	bool is_relaxed;
	bool has_cr;    /* a CR came: the next byte tells what it is */
	bool has_blank; /* relaxed: blanks that count only before text */
	uint64_t lines; /* line ends that count only before text */
	struct canon_out out;
};

void canon_body_init(struct canon_body *b, bool is_relaxed, canon_sink_fn sink,
    void *arg);
void canon_body_add(struct canon_body *b, const void *bytes, size_t n);

/* The end of the body: the sink has got everything. The length of the canonical
 * body is returned. */
uint64_t canon_body_end(struct canon_body *b);

#endif
