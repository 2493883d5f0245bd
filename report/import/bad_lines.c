/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/import/bad_lines.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/ascii.h"
#include "base/file.h"
#include "base/text.h"

#define FILE_MODE  0640
#define MAX_REASON 300u

struct bad_lines {
	char *path;
	int fd;      /* -1: not open */
	bool is_new; /* bytes that are not on the disk yet */
};

struct bad_lines *
bad_lines_new(const char *path)
{
	struct bad_lines *r = calloc(1, sizeof *r);
	if (r == NULL || (r->path = strdup(path)) == NULL)
		abort();
	r->fd = -1;
	return r;
}

void
bad_lines_free(struct bad_lines *r)
{
	if (r->fd >= 0)
		close(r->fd);
	free(r->path);
	free(r);
}

/* False with errno set; *is_full where nothing more is taken. */
static bool
open_file(struct bad_lines *r, bool *is_full)
{
	struct stat st;
	if (r->fd < 0)
		r->fd = open(r->path, O_WRONLY | O_APPEND | O_CREAT |
		    O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, FILE_MODE);
	if (r->fd < 0 || fstat(r->fd, &st) != 0)
		return false;
	if (!S_ISREG(st.st_mode)) {
		errno = EINVAL;
		return false;
	}
	*is_full = st.st_size > (off_t)BAD_LINES_MAX_BYTES;
	return true;
}

/* A reason may quote the line. */
static void
add_printable(struct text *t, struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		text_add_char(t, ascii_is_print(s.p[i]) ? s.p[i] : '?');
}

bool
bad_lines_add(struct bad_lines *r, struct str id, uint64_t at, struct str reason,
    struct str bytes)
{
	bool is_full;
	if (!open_file(r, &is_full))
		return false;
	if (is_full)
		return true;
	struct arena *a = arena_new(0);
	struct text t;
	text_init(&t, a);
	text_printf(&t, "# file=%.*s byte=%llu: ", STR_ARG(id),
	    (unsigned long long)at);
	add_printable(&t, str_sub(reason, 0, MAX_REASON));
	text_add_char(&t, '\n');
	text_add(&t, bytes);
	text_add_char(&t, '\n');
	r->is_new = true;
	bool is_written = file_write_all(r->fd, text_str(&t));
	arena_free(a);
	return is_written;
}

bool
bad_lines_sync(struct bad_lines *r)
{
	if (r->is_new && fdatasync(r->fd) != 0)
		return false;
	r->is_new = false;
	return true;
}
