/* SPDX-License-Identifier: BSD-2-Clause */
#include "judge/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "judge/history.h"

/* The group may read, so that an importer needs no rights of the daemon. */
#define FILE_MODE 0640
/* Mail waits no longer than this for someone who holds the lock and sleeps. */
#define LOCK_WAIT_MS 2000
#define LOCK_POLL_US 5000
#define UUID_TEXT 37u

struct journal {
	pthread_mutex_t lock; /* over all that follows */
	char *path;
	int fd;               /* -1: not open */
	uint64_t written, lost;
};

struct journal *
journal_new(const char *path)
{
	struct journal *j = calloc(1, sizeof *j);
	if (j == NULL || (j->path = strdup(path)) == NULL)
		abort();
	pthread_mutex_init(&j->lock, NULL);
	j->fd = -1;
	return j;
}

static void
close_file(struct journal *j)
{
	if (j->fd >= 0)
		close(j->fd); /* which drops its lock too */
	j->fd = -1;
}

void
journal_free(struct journal *j)
{
	if (j == NULL)
		return;
	close_file(j);
	pthread_mutex_destroy(&j->lock);
	free(j->path);
	free(j);
}

/* False, with the sentence "history PATH: what: why". */
static bool
refuse(struct arena *a, struct str *reason, const char *path, const char *what,
    int error)
{
	char buffer[128];
	*reason = text_format(a, "history %s: %s: %s", path, what,
	    strerror_r(error, buffer, sizeof buffer));
	return false;
}

static struct str
folder_of(const char *path, struct arena *a)
{
	struct str s = str_of(path);
	size_t slash = str_find_last(s, '/');
	if (slash == s.n)
		return STR(".");
	return str_copy(str_sub(s, 0, slash > 0 ? slash : 1), a);
}

bool
journal_is_writable(const char *path, struct arena *a, struct str *reason)
{
	const char *folder = str_cstr(folder_of(path, a), a);
	if (faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) != 0)
		return refuse(a, reason, path,
		    "its directory must be writable for this user, so that the "
		    "file can be made anew after each import", errno);
	struct stat st;
	if (stat(path, &st) != 0)
		return errno == ENOENT ||
		    refuse(a, reason, path, "cannot be examined", errno);
	if (!S_ISREG(st.st_mode))
		return refuse(a, reason, path, "must be a regular file",
		    EINVAL);
	if (faccessat(AT_FDCWD, path, R_OK | W_OK, AT_EACCESS) != 0)
		return refuse(a, reason, path,
		    "must be readable and writable for this user", errno);
	return true;
}

/* A random UUID (RFC 9562 5.4). */
static void
make_uuid(char out[UUID_TEXT])
{
	uint8_t b[16];
	if (getrandom(b, sizeof b, 0) != (ssize_t)sizeof b)
		abort(); /* never short for 256 bytes or less */
	b[6] = (uint8_t)((b[6] & 0x0f) | 0x40);
	b[8] = (uint8_t)((b[8] & 0x3f) | 0x80);
	char *p = out;
	for (unsigned i = 0; i < sizeof b; i++) {
		const char *dash =
		    i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "";
		p += snprintf(p, UUID_TEXT - (size_t)(p - out), "%s%02x", dash,
		    b[i]);
	}
}

static struct str
first_line(struct arena *a)
{
	char uuid[UUID_TEXT], host[256] = "";
	make_uuid(uuid);
	gethostname(host, sizeof host - 1);
	return history_print_head(host, uuid, clock_wall(), a);
}

/* Makes the file, complete with its first line or not at all; one that another
 * process has made meanwhile is as good. False with errno set. */
static bool
create(const struct journal *j, struct arena *a)
{
	char *temporary = str_cstr(text_format(a, "%s.new-XXXXXX", j->path), a);
	int fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return false;
	bool is_made = file_write_all(fd, first_line(a)) &&
	    fchmod(fd, FILE_MODE) == 0 &&
	    (link(temporary, j->path) == 0 || errno == EEXIST);
	int error = errno;
	unlink(temporary);
	close(fd);
	errno = error;
	return is_made;
}

/* False with errno set; EAGAIN when the new file was taken away at once. */
static bool
open_file(struct journal *j, struct arena *a)
{
	int flags = O_RDWR | O_APPEND | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
	struct stat st;
	j->fd = open(j->path, flags);
	if (j->fd < 0 && errno == ENOENT && create(j, a)) {
		j->fd = open(j->path, flags);
		if (j->fd < 0 && errno == ENOENT)
			errno = EAGAIN;
	}
	if (j->fd < 0 || fstat(j->fd, &st) != 0)
		return false;
	if (S_ISREG(st.st_mode))
		return true;
	close_file(j);
	errno = EINVAL;
	return false;
}

/* flock() that gives up at `end`: a stopped importer must not stop mail. */
static bool
lock_file(int fd, int operation, int64_t end)
{
	while (flock(fd, operation | LOCK_NB) != 0) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return false;
		if (clock_mono_ms() >= end) {
			errno = ETIMEDOUT;
			return false;
		}
		usleep(LOCK_POLL_US);
	}
	return true;
}

/* The file that is open is still the one at the path. */
static bool
is_in_place(const struct journal *j)
{
	struct stat ours, theirs;
	return fstat(j->fd, &ours) == 0 && stat(j->path, &theirs) == 0 &&
	    ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino;
}

/* Opens and locks the file at the path. A reader renames it first and locks it
 * then: whoever holds the lock and still finds the file in place writes before
 * that reader reads. Tries once at least. False with errno set. */
static bool
open_locked(struct journal *j, int64_t end, struct arena *a)
{
	do {
		if (j->fd < 0 && !open_file(j, a)) {
			if (errno != EAGAIN)
				return false;
			continue;
		}
		if (lock_file(j->fd, LOCK_SH, end) && is_in_place(j))
			return true;
		/* Also after a timeout: who holds it may have renamed it. */
		close_file(j);
		errno = ETIMEDOUT;
	} while (clock_mono_ms() < end);
	return false;
}

static bool
has_newline_before(int fd, off_t end)
{
	char last;
	return end <= 0 || pread(fd, &last, 1, end - 1) != 1 || last == '\n';
}

/* Takes back what a short write left behind `end - n`. Others may append
 * until the lock is ours alone; then the torn line stays, closed. */
static void
take_back(struct journal *j, off_t end, off_t n)
{
	struct stat st;
	int64_t wait_end = clock_mono_ms() + LOCK_WAIT_MS;
	bool is_alone = lock_file(j->fd, LOCK_EX, wait_end) &&
	    fstat(j->fd, &st) == 0;
	if (is_alone && st.st_size == end && ftruncate(j->fd, end - n) == 0)
		return;
	/* Where this fails too, the next writer closes the line. */
	if (fstat(j->fd, &st) == 0 && !has_newline_before(j->fd, st.st_size))
		(void)!write(j->fd, "\n", 1);
}

/* One write, of all or nothing. False with errno set. */
static bool
write_once(struct journal *j, struct str bytes)
{
	ssize_t n;
	do
		n = write(j->fd, bytes.p, bytes.n);
	while (n < 0 && errno == EINTR);
	if (n == (ssize_t)bytes.n)
		return true;
	if (n > 0)
		take_back(j, lseek(j->fd, 0, SEEK_CUR), n);
	if (n >= 0)
		errno = ENOSPC; /* what a short write to a file means */
	return false;
}

static struct str
behind_newline(struct str line, struct arena *a)
{
	struct text t;
	text_init(&t, a);
	text_add_char(&t, '\n');
	text_add(&t, line);
	return text_str(&t);
}

/* A line that starts in column one: a torn line before it is closed in the
 * same write. (One that another process is still writing looks torn too; the
 * empty line that comes of it harms nobody.) Between the look and the write
 * another process may tear a line; then ours is glued to it, which spoils both,
 * and is written once more. */
static bool
write_line(struct journal *j, struct str line, struct arena *a)
{
	struct stat st;
	if (fstat(j->fd, &st) != 0)
		return false;
	if (!has_newline_before(j->fd, st.st_size))
		return write_once(j, behind_newline(line, a));
	if (!write_once(j, line))
		return false;
	off_t start = lseek(j->fd, 0, SEEK_CUR) - (off_t)line.n;
	return has_newline_before(j->fd, start) ||
	    write_once(j, behind_newline(line, a));
}

static bool
append(struct journal *j, struct str line, int64_t end, struct arena *a,
    struct str *reason)
{
	if (!open_locked(j, end, a))
		return refuse(a, reason, j->path,
		    "cannot be opened or locked, the line is lost", errno);
	bool is_written = write_line(j, line, a);
	int error = errno;
	flock(j->fd, LOCK_UN);
	return is_written || refuse(a, reason, j->path,
	    "cannot be written, the line is lost", error);
}

bool
journal_append(struct journal *j, struct str line, struct arena *a,
    struct str *reason)
{
	/* From here on, so that threads which find another one waiting do not
	 * each wait anew behind it. */
	int64_t end = clock_mono_ms() + LOCK_WAIT_MS;
	pthread_mutex_lock(&j->lock);
	bool is_written = append(j, line, end, a, reason);
	if (is_written)
		j->written++;
	else
		j->lost++;
	pthread_mutex_unlock(&j->lock);
	return is_written;
}

void
journal_count(struct journal *j, uint64_t *written, uint64_t *lost)
{
	pthread_mutex_lock(&j->lock);
	*written = j->written;
	*lost = j->lost;
	pthread_mutex_unlock(&j->lock);
}
