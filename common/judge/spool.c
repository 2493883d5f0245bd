/* SPDX-License-Identifier: BSD-2-Clause */
#include "judge/spool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"

/* Headers of strangers: for their owner, and for who sends reports. */
#define FOLDER_MODE 0750
#define FILE_MODE   0640
#define MAX_TIME    999999999999 /* twelve digits */

struct spool {
	atomic_uint holds;
	char *path;
	size_t max;
	pthread_mutex_t lock; /* over what follows */
	uint64_t used;        /* bytes, as far as is known */
	int64_t looked;       /* milliseconds of the monotonic clock; 0: never */
};

struct spool *
spool_new(const char *path, size_t max)
{
	struct spool *s = calloc(1, sizeof *s);
	if (s == NULL || (s->path = strdup(path)) == NULL)
		abort();
	s->max = max;
	pthread_mutex_init(&s->lock, NULL);
	atomic_init(&s->holds, 1);
	return s;
}

struct spool *
spool_hold(struct spool *s)
{
	if (s != NULL)
		atomic_fetch_add(&s->holds, 1);
	return s;
}

void
spool_drop(struct spool *s)
{
	if (s == NULL || atomic_fetch_sub(&s->holds, 1) > 1)
		return;
	pthread_mutex_destroy(&s->lock);
	free(s->path);
	free(s);
}

bool
spool_is(const struct spool *s, const char *path, size_t max)
{
	return s != NULL && s->max == max && strcmp(s->path, path) == 0;
}

/* False, with the sentence "failure-spool PATH: what: why". */
static bool
refuse(struct arena *a, struct str *reason, const char *path, const char *what,
    int error)
{
	char buffer[128];
	*reason = text_format(a, "failure-spool %s: %s: %s", path, what,
	    strerror_r(error, buffer, sizeof buffer));
	return false;
}

static const char *
parent_of(const char *path, struct arena *a)
{
	struct str s = str_of(path);
	size_t slash = str_find_last(s, '/');
	if (slash == s.n)
		return ".";
	return str_cstr(str_sub(s, 0, slash > 0 ? slash : 1), a);
}

bool
spool_is_usable(const char *path, struct arena *a, struct str *reason)
{
	struct stat st;
	if (stat(path, &st) != 0 && errno != ENOENT)
		return refuse(a, reason, path, "cannot be examined", errno);
	if (stat(path, &st) != 0)
		return faccessat(AT_FDCWD, parent_of(path, a), W_OK | X_OK,
		    AT_EACCESS) == 0 ||
		    refuse(a, reason, path, "cannot be made", errno);
	if (!S_ISDIR(st.st_mode))
		return refuse(a, reason, path, "must be a directory", ENOTDIR);
	if ((st.st_mode & 0007) != 0)
		return refuse(a, reason, path, "holds headers of mail, which "
		    "are nobody else's: chmod o= it", EPERM);
	return faccessat(AT_FDCWD, path, R_OK | W_OK | X_OK, AT_EACCESS) == 0 ||
	    refuse(a, reason, path, "must be writable for this user", errno);
}

bool
spool_prepare(const char *path, struct arena *a, struct str *reason)
{
	if (!spool_is_usable(path, a, reason))
		return false;
	return mkdir(path, FOLDER_MODE) == 0 || errno == EEXIST ||
	    refuse(a, reason, path, "cannot be made", errno);
}

/* ---- how full it is ----------------------------------------------------- */

static uint64_t
size_of(size_t bytes)
{
	return bytes > SPOOL_MIN_FILE ? bytes : SPOOL_MIN_FILE;
}

/* Everything in it counts, whoever put it there. */
static void
look(struct spool *s)
{
	struct stat st;
	DIR *dir = opendir(s->path);
	uint64_t used = 0;
	for (const struct dirent *e;
	    dir != NULL && (e = readdir(dir)) != NULL;)
		if (fstatat(dirfd(dir), e->d_name, &st,
			AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode))
			used += size_of((size_t)st.st_size);
	if (dir != NULL)
		closedir(dir);
	s->used = used;
}

/* Takes room for a file; false when there is none. */
static bool
reserve(struct spool *s, size_t bytes)
{
	int64_t now = clock_mono_ms();
	pthread_mutex_lock(&s->lock);
	if (s->looked == 0 || now - s->looked >= SPOOL_LOOK_MS) {
		look(s);
		s->looked = now;
	}
	bool has_room = s->used + size_of(bytes) <= s->max;
	if (has_room)
		s->used += size_of(bytes);
	pthread_mutex_unlock(&s->lock);
	return has_room;
}

/* ---- files -------------------------------------------------------------- */

/* Opens the directory; what is in its place, or a link, is not followed. */
static int
open_folder(const struct spool *s)
{
	return open(s->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static bool
fill(int fd, struct str bytes)
{
	return file_write_all(fd, bytes) && fchmod(fd, FILE_MODE) == 0;
}

/* False with errno set; then nothing is left of it. */
static bool
put(int folder, const char *draft, const char *name, struct str bytes)
{
	int fd = openat(folder, draft,
	    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return false;
	bool is_done = fill(fd, bytes);
	int error = errno;
	if (close(fd) != 0 && is_done) {
		is_done = false;
		error = errno;
	}
	if (is_done && renameat(folder, draft, folder, name) == 0)
		return true;
	if (is_done)
		error = errno;
	unlinkat(folder, draft, 0);
	errno = error;
	return false;
}

enum spool_status
spool_write(struct spool *s, struct str bytes, int64_t now, struct arena *a,
    struct str *reason)
{
	uint64_t number;
	if (!reserve(s, bytes.n))
		return SPOOL_FULL;
	int folder = open_folder(s);
	if (getrandom(&number, sizeof number, 0) != (ssize_t)sizeof number)
		abort(); /* never short for 256 bytes or less */
	now = now < 0 ? 0 : now > MAX_TIME ? MAX_TIME : now;
	const char *draft = text_format(a, SPOOL_DRAFT "%016" PRIx64,
	    number).p;
	const char *name = text_format(a, SPOOL_PREFIX "%012" PRId64
	    "-%016" PRIx64, now, number).p;
	bool is_put = folder >= 0 && put(folder, draft, name, bytes);
	if (!is_put)
		refuse(a, reason, s->path, "a message to report is lost", errno);
	if (folder >= 0)
		close(folder);
	return is_put ? SPOOL_WRITTEN : SPOOL_FAILED;
}
