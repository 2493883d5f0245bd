/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/text.h"

#define FIRST_CAPACITY 4096u

static bool
refuse(struct arena *a, struct str *reason, const char *path)
{
	*reason = text_format(a, "%s: cannot be read: %s", path,
	    strerror(errno));
	return false;
}

/* Room for the whole file, or for a first piece of what tells no size; one
 * byte more, to see the end. */
static size_t
first_capacity(int fd, size_t max)
{
	struct stat st;
	size_t size = FIRST_CAPACITY;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0)
		size = (size_t)st.st_size;
	return (size < max ? size : max) + 1;
}

/* Reads until the end, or until there is more than `max`; -1 with errno. */
static ssize_t
read_up_to(int fd, size_t max, struct arena *a, struct str *out)
{
	size_t capacity = first_capacity(fd, max), n = 0;
	char *p = arena_alloc(a, capacity);
	ssize_t got;
	while ((got = read(fd, p + n, capacity - n)) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		n += (size_t)got;
		if (n > max)
			break;
		if (n < capacity)
			continue;
		capacity = capacity < max / 2 ? capacity * 2 : max + 1;
		char *more = arena_alloc(a, capacity);
		memcpy(more, p, n);
		p = more;
	}
	*out = (struct str) {p, n};
	return (ssize_t)n;
}

bool
file_read(const char *path, size_t max, struct arena *a, struct str *out,
    struct str *reason)
{
	bool is_stdin = strcmp(path, "-") == 0;
	const char *name = is_stdin ? "standard input" : path;
	int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return refuse(a, reason, name);
	ssize_t n = read_up_to(fd, max, a, out);
	bool is_read = n >= 0 || refuse(a, reason, name);
	if (!is_stdin)
		close(fd);
	if (is_read && out->n > max) {
		*reason = text_format(a, "%s: has more than %zu bytes", name,
		    max);
		return false;
	}
	return is_read;
}

bool
file_write_all(int fd, struct str bytes)
{
	while (bytes.n > 0) {
		ssize_t n = write(fd, bytes.p, bytes.n);
		if (n < 0 && errno != EINTR)
			return false;
		if (n > 0)
			bytes = str_sub(bytes, (size_t)n, bytes.n);
	}
	return true;
}

static bool
fill(int fd, struct str bytes, mode_t mode)
{
	return file_write_all(fd, bytes) && fchmod(fd, mode) == 0 &&
	    fsync(fd) == 0;
}

bool
file_replace(const char *path, struct str bytes, mode_t mode)
{
	char temporary[PATH_MAX];
	int n = snprintf(temporary, sizeof temporary, "%s.XXXXXX", path);
	if (n < 0 || (size_t)n >= sizeof temporary) {
		errno = ENAMETOOLONG;
		return false;
	}
	int fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return false;
	bool is_done = fill(fd, bytes, mode);
	int error = errno;
	if (close(fd) != 0 && is_done) {
		is_done = false;
		error = errno;
	}
	if (is_done && rename(temporary, path) == 0)
		return true;
	if (is_done)
		error = errno;
	unlink(temporary);
	errno = error;
	return false;
}
