/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/import/line_reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Beyond the longest line: so many bytes a system call. */
#define READ_BYTES (256u * 1024)

struct line_reader {
	int fd;
	uint64_t at;       /* of the next byte that is given out */
	size_t max, size;  /* of a line, of the buffer */
	size_t start, end; /* what is in the buffer */
	bool is_end;
	char *buffer;
	char *kept;        /* of a long line */
};

struct line_reader *
line_reader_open(int fd, uint64_t at, size_t max)
{
	struct line_reader *l = calloc(1, sizeof *l);
	if (l == NULL || (l->buffer = malloc(max + READ_BYTES)) == NULL ||
	    (l->kept = malloc(max)) == NULL)
		abort();
	l->fd = fd;
	l->at = at;
	l->max = max;
	l->size = max + READ_BYTES;
	return l;
}

void
line_reader_close(struct line_reader *l)
{
	free(l->buffer);
	free(l->kept);
	free(l);
}

/* Puts more bytes behind those that are there, of which there are at most
 * `max`. False with errno in *error. */
static bool
fill(struct line_reader *l, int *error)
{
	size_t n = l->end - l->start;
	memmove(l->buffer, l->buffer + l->start, n);
	l->start = 0;
	l->end = n;
	ssize_t got;
	do
		got = pread(l->fd, l->buffer + n, l->size - n,
		    (off_t)(l->at + n));
	while (got < 0 && errno == EINTR);
	if (got < 0) {
		*error = errno;
		return false;
	}
	l->is_end = got == 0;
	l->end += (size_t)got;
	return true;
}

/* Where the newline is, or NULL: `max` bytes are there and none, or the file
 * ends. False with errno in *error. */
static bool
find_newline(struct line_reader *l, char **out, int *error)
{
	for (size_t seen = 0;;) {
		size_t n = l->end - l->start;
		*out = memchr(l->buffer + l->start + seen, '\n', n - seen);
		if (*out != NULL || l->is_end || n > l->max)
			return true;
		seen = n;
		if (!fill(l, error))
			return false;
	}
}

static void
give(struct line_reader *l, size_t n)
{
	l->start += n;
	l->at += n;
}

/* The rest of a long line is passed over, and only counted. */
static bool
pass_over(struct line_reader *l, struct line_read *out, int *error)
{
	for (;;) {
		size_t n = l->end - l->start;
		char *newline = memchr(l->buffer + l->start, '\n', n);
		if (newline != NULL)
			n = (size_t)(newline - l->buffer) - l->start + 1;
		give(l, n);
		out->size += n;
		if (newline != NULL)
			return true;
		if (!fill(l, error))
			return false;
		out->is_torn = l->is_end;
		if (l->is_end)
			return true;
	}
}

/* Its start is kept aside: the buffer is used again. */
static bool
take_long(struct line_reader *l, struct line_read *out, int *error)
{
	memcpy(l->kept, l->buffer + l->start, l->max);
	out->text = (struct str) {l->kept, l->max};
	out->is_long = true;
	out->size = l->max;
	give(l, l->max);
	return pass_over(l, out, error);
}

bool
line_reader_next(struct line_reader *l, struct line_read *out, int *error)
{
	char *newline;
	*error = 0;
	*out = (struct line_read) {.at = l->at};
	if (!find_newline(l, &newline, error))
		return false;
	size_t n = l->end - l->start;
	if (newline == NULL && n == 0)
		return false;
	char *start = l->buffer + l->start;
	if (newline != NULL)
		n = (size_t)(newline - start);
	if (n > l->max)
		return take_long(l, out, error);
	out->text = (struct str) {start, n};
	out->is_torn = newline == NULL;
	out->size = n + !out->is_torn;
	give(l, out->size);
	return true;
}
