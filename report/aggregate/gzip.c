/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/aggregate/gzip.h"

#include <stdlib.h>

#include <zlib.h>

#define OUT_BYTES 16384u
/* zlib's number for the largest window, behind gzip's header. */
#define WINDOW_GZIP (15 + 16)
#define MEMORY_LEVEL 8 /* zlib's default */

struct gzip {
	struct sink to;
	z_stream stream;
	bool has_failed;
	unsigned char out[OUT_BYTES];
};

struct gzip *
gzip_open(struct sink to)
{
	struct gzip *z = calloc(1, sizeof *z);

	if (z == NULL || deflateInit2(&z->stream, Z_DEFAULT_COMPRESSION,
	    Z_DEFLATED, WINDOW_GZIP, MEMORY_LEVEL, Z_DEFAULT_STRATEGY) != Z_OK)
		abort();
	z->to = to;
	return z;
}

/* Compresses what the stream has, as far as `flush` asks for. */
static void
press(struct gzip *z, int flush)
{
	do {
		z->stream.next_out = z->out;
		z->stream.avail_out = sizeof z->out;
		if (deflate(&z->stream, flush) == Z_STREAM_ERROR)
			abort(); /* a fault of ours */
		struct str got = {(const char *)z->out,
		    sizeof z->out - z->stream.avail_out};
		if (got.n > 0 && !z->has_failed)
			z->has_failed = !sink_write(z->to, got);
	} while (z->stream.avail_out == 0);
}

static bool
take(void *arg, struct str bytes)
{
	struct gzip *z = arg;

	while (bytes.n > 0 && !z->has_failed) {
		struct str piece = str_sub(bytes, 0, OUT_BYTES);
		/* zlib reads only, and asks for no const. */
		z->stream.next_in = (Bytef *)(uintptr_t)piece.p;
		z->stream.avail_in = (uInt)piece.n;
		press(z, Z_NO_FLUSH);
		bytes = str_sub(bytes, piece.n, bytes.n);
	}
	return !z->has_failed;
}

struct sink
gzip_sink(struct gzip *z)
{
	return (struct sink) {take, z};
}

bool
gzip_close(struct gzip *z)
{
	press(z, Z_FINISH);
	deflateEnd(&z->stream);
	bool is_whole = !z->has_failed;
	free(z);
	return is_whole;
}
