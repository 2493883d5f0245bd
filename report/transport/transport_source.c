/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/transport/transport_source.h"

#include <string.h>

bool
transport_source_init(struct transport_source *s, FILE *file)
{
	char last[2] = "";

	*s = (struct transport_source) {.file = file, .end = STR("\r\n")};
	if (fseeko(file, 0, SEEK_END) != 0)
		return false;
	s->file_size = ftello(file);
	if (s->file_size < 0)
		return false;
	if (s->file_size >= 2 && (fseeko(file, -2, SEEK_END) != 0 ||
	    fread(last, 1, 2, file) != 2))
		return false;
	if (memcmp(last, "\r\n", 2) == 0)
		s->end = STR("");
	transport_source_rewind(s);
	return !s->has_failed;
}

void
transport_source_rewind(struct transport_source *s)
{
	s->front_at = s->end_at = 0;
	clearerr(s->file);
	s->has_failed = fseeko(s->file, 0, SEEK_SET) != 0;
}

/* What is left of a piece that lies in memory. */
static size_t
take(struct str piece, size_t *at, char *out, size_t n)
{
	struct str rest = str_sub(piece, *at, n);

	if (rest.n > 0)
		memcpy(out, rest.p, rest.n);
	*at += rest.n;
	return rest.n;
}

size_t
transport_source_read(struct transport_source *s, char *out, size_t n)
{
	size_t got = s->has_failed ? 0 : take(s->front, &s->front_at, out, n);

	if (got > 0 || s->has_failed)
		return got;
	got = fread(out, 1, n, s->file);
	s->has_failed = ferror(s->file) != 0;
	if (s->has_failed)
		return 0;
	return got > 0 ? got : take(s->end, &s->end_at, out, n);
}

int64_t
transport_source_size(const struct transport_source *s)
{
	return (int64_t)(s->front.n + s->end.n) + s->file_size;
}
