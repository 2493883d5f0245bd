/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/failure/failure_spool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/ascii.h"
#include "base/file.h"
#include "base/text.h"
#include "judge/spool.h"
#include "report/failure/failure_file.h"
#include "report/failure/failure_redact.h"

#define LOCK_FILE  "lock"
#define KEY_FILE   "key"
#define STATE_FILE "state"
#define BAD_PREFIX "bad-"
/* A draft so old is of a daemon that was killed. */
#define DRAFT_AGE  3600
#define MAX_STATE  (4u * 1024 * 1024)
#define KEY_TEXT   (2 * REDACT_KEY + 1) /* in hexadecimal, and a newline */

struct failure_spool {
	struct arena *arena;
	const char *path;
	int folder, lock; /* -1: not open */
	size_t bad;       /* files that are kept */
};

static bool
refuse(const struct failure_spool *b, struct str *reason, const char *name,
    const char *what, int error)
{
	*reason = text_format(b->arena, "%s%s%s: %s: %s", b->path,
	    name[0] != '\0' ? "/" : "", name, what, strerror(error));
	return false;
}

/* ---- files -------------------------------------------------------------- */

/* Opens a regular file; whatever else has the name is left alone. -1 with
 * errno. */
static int
open_file(const struct failure_spool *b, const char *name, int flags)
{
	struct stat st;
	int fd = openat(b->folder, name, flags | O_CLOEXEC | O_NOFOLLOW |
	    O_NONBLOCK | O_NOCTTY, 0600);
	if (fd < 0)
		return -1;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		return fd;
	close(fd);
	errno = EINVAL;
	return -1;
}

/* All of a file of at most `max` bytes; false with errno. */
static bool
read_all(int fd, size_t max, struct arena *a, struct str *out)
{
	struct stat st;
	if (fstat(fd, &st) != 0)
		return false;
	if (st.st_size < 0 || (uint64_t)st.st_size > max) {
		errno = EFBIG;
		return false;
	}
	char *p = arena_alloc(a, (size_t)st.st_size + 1);
	size_t n = 0;
	while (n < (size_t)st.st_size) {
		ssize_t got = read(fd, p + n, (size_t)st.st_size - n);
		if (got < 0 && errno != EINTR)
			return false;
		if (got == 0)
			break;
		n += got > 0 ? (size_t)got : 0;
	}
	*out = (struct str) {p, n};
	return true;
}

static bool
read_file(const struct failure_spool *b, const char *name, size_t max,
    struct arena *a, struct str *out)
{
	int fd = open_file(b, name, O_RDONLY);
	if (fd < 0)
		return false;
	bool is_read = read_all(fd, max, a, out);
	int error = errno;
	close(fd);
	errno = error;
	return is_read;
}

/* ---- names -------------------------------------------------------------- */

static bool
is_hex(char c)
{
	return ascii_is_digit(c) || (c >= 'a' && c <= 'f');
}

static bool
is_ours(const char *name)
{
	const size_t prefix = sizeof SPOOL_PREFIX - 1, dash = prefix + 12;
	if (strlen(name) != FAILURE_GROUP_NAME ||
	    memcmp(name, SPOOL_PREFIX, prefix) != 0 || name[dash] != '-')
		return false;
	for (size_t i = prefix; i < FAILURE_GROUP_NAME; i++)
		if (i < dash ? !ascii_is_digit(name[i]) :
		    i > dash && !is_hex(name[i]))
			return false;
	return true;
}

static bool
has_prefix(const char *name, const char *prefix)
{
	return strncmp(name, prefix, strlen(prefix)) == 0;
}

/* Of the daemon, or of file_replace(). */
static bool
is_draft(const char *name)
{
	return has_prefix(name, SPOOL_DRAFT) ||
	    has_prefix(name, STATE_FILE ".") || has_prefix(name, KEY_FILE ".");
}

static bool
is_old(const struct failure_spool *b, const char *name, int64_t before)
{
	struct stat st;
	return fstatat(b->folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    st.st_mtime < before;
}

/* A directory of its own: readdir() moves what it reads from. */
static DIR *
open_list(const struct failure_spool *b)
{
	int fd = openat(b->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	if (dir == NULL && fd >= 0)
		close(fd);
	return dir;
}

static void
clear_away(struct failure_spool *b, int64_t now)
{
	DIR *dir = open_list(b);
	for (const struct dirent *e;
	    dir != NULL && (e = readdir(dir)) != NULL;) {
		bool is_bad = has_prefix(e->d_name, BAD_PREFIX SPOOL_PREFIX);
		if ((is_bad && is_old(b, e->d_name, now - FAILURE_SPOOL_KEEP_BAD)) ||
		    (is_draft(e->d_name) &&
			is_old(b, e->d_name, now - DRAFT_AGE)))
			unlinkat(b->folder, e->d_name, 0);
		else
			b->bad += is_bad;
	}
	if (dir != NULL)
		closedir(dir);
}

/* ---- the box ------------------------------------------------------------ */

static enum failure_spool_status
take_lock(struct failure_spool *b, struct str *reason)
{
	b->lock = open_file(b, LOCK_FILE, O_RDWR | O_CREAT);
	if (b->lock < 0) {
		refuse(b, reason, LOCK_FILE, "cannot be opened", errno);
		return FAILURE_SPOOL_FAILED;
	}
	if (flock(b->lock, LOCK_EX | LOCK_NB) == 0)
		return FAILURE_SPOOL_OPEN;
	if (errno == EWOULDBLOCK)
		return FAILURE_SPOOL_BUSY;
	refuse(b, reason, LOCK_FILE, "cannot be locked", errno);
	return FAILURE_SPOOL_FAILED;
}

enum failure_spool_status
failure_spool_open(const char *path, int64_t now, struct arena *a,
    struct failure_spool **out, struct str *reason)
{
	struct failure_spool *b = ARENA_NEW(a, struct failure_spool);
	b->arena = a;
	b->path = path;
	b->lock = -1;
	b->folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (b->folder < 0 && errno == ENOENT)
		return FAILURE_SPOOL_MISSING;
	if (b->folder < 0) {
		refuse(b, reason, "", "cannot be opened", errno);
		return FAILURE_SPOOL_FAILED;
	}
	enum failure_spool_status status = take_lock(b, reason);
	if (status != FAILURE_SPOOL_OPEN) {
		failure_spool_close(b);
		return status;
	}
	clear_away(b, now);
	*out = b;
	return FAILURE_SPOOL_OPEN;
}

void
failure_spool_close(struct failure_spool *b)
{
	if (b == NULL)
		return;
	if (b->lock >= 0)
		close(b->lock); /* which drops the lock */
	if (b->folder >= 0)
		close(b->folder);
}

/* ---- the key ------------------------------------------------------------ */

static int
digit_of(char c)
{
	return ascii_is_digit(c) ? c - '0' : c - 'a' + 10;
}

static bool
parse_key(struct str text, char *out)
{
	if (text.n != KEY_TEXT || text.p[KEY_TEXT - 1] != '\n')
		return false;
	for (size_t i = 0; i < REDACT_KEY; i++) {
		char high = text.p[2 * i], low = text.p[2 * i + 1];
		if (!is_hex(high) || !is_hex(low))
			return false;
		out[i] = (char)(digit_of(high) * 16 + digit_of(low));
	}
	return true;
}

/* Written whole or not at all: a key of which half is there is none. */
static bool
make_key(struct failure_spool *b, struct str *reason)
{
	unsigned char bytes[REDACT_KEY];
	struct text t;
	if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
		abort(); /* never short for 256 bytes or less */
	text_init(&t, b->arena);
	for (size_t i = 0; i < sizeof bytes; i++)
		text_printf(&t, "%02x", bytes[i]);
	text_add_char(&t, '\n');
	const char *path =
	    text_format(b->arena, "%s/" KEY_FILE, b->path).p;
	return file_replace(path, text_str(&t), 0600) ||
	    refuse(b, reason, KEY_FILE, "cannot be made", errno);
}

bool
failure_spool_key(struct failure_spool *b, char *out, struct str *reason)
{
	struct str text;
	bool is_read = read_file(b, KEY_FILE, KEY_TEXT, b->arena, &text);
	if (!is_read && errno == ENOENT) {
		if (!make_key(b, reason))
			return false;
		is_read = read_file(b, KEY_FILE, KEY_TEXT, b->arena, &text);
	}
	if (!is_read)
		return refuse(b, reason, KEY_FILE, "cannot be read", errno);
	return parse_key(text, out) || refuse(b, reason, KEY_FILE, "is no key "
	    "of 64 hexadecimal digits; delete it, and one is made", EINVAL);
}

/* ---- files -------------------------------------------------------------- */

static int
order(const void *a, const void *b)
{
	return strcmp(((const struct failure_spool_name *)a)->p,
	    ((const struct failure_spool_name *)b)->p);
}

/* A larger array with the old one's names. */
static struct failure_spool_name *
grown(struct arena *a, const struct failure_spool_name *old, size_t count,
    size_t *capacity)
{
	*capacity = *capacity > 0 ? *capacity * 2 : 256;
	struct failure_spool_name *new = ARENA_ARRAY(a, struct failure_spool_name, *capacity);
	if (count > 0)
		memcpy(new, old, count * sizeof *new);
	return new;
}

bool
failure_spool_list(struct failure_spool *b, struct failure_spool_name **out, size_t *count,
    struct str *reason)
{
	struct failure_spool_name *names = NULL;
	size_t n = 0, capacity = 0;
	DIR *dir = open_list(b);
	if (dir == NULL)
		return refuse(b, reason, "", "cannot be read", errno);
	for (const struct dirent *e;
	    n < FAILURE_SPOOL_MAX_FILES && (e = readdir(dir)) != NULL;) {
		if (!is_ours(e->d_name))
			continue;
		if (n == capacity)
			names = grown(b->arena, names, n, &capacity);
		memcpy(names[n++].p, e->d_name, FAILURE_GROUP_NAME + 1);
	}
	closedir(dir);
	if (n > 0)
		qsort(names, n, sizeof *names, order);
	*out = names;
	*count = n;
	return true;
}

bool
failure_spool_read(struct failure_spool *b, const char *name, struct arena *a,
    struct str *out, struct str *reason)
{
	*reason = (struct str) {0};
	if (read_file(b, name, FAILURE_FILE_MAX, a, out))
		return true;
	if (errno == EFBIG)
		*reason = STR("it is longer than any that is written");
	else if (errno == EINVAL || errno == ELOOP || errno == ENXIO)
		*reason = STR("it is no regular file");
	else if (errno != ENOENT)
		*reason = text_format(a, "it cannot be read: %s",
		    strerror(errno));
	return false;
}

void
failure_spool_remove(struct failure_spool *b, const char *name)
{
	unlinkat(b->folder, name, 0);
}

void
failure_spool_set_aside(struct failure_spool *b, const char *name)
{
	char aside[sizeof BAD_PREFIX + FAILURE_GROUP_NAME + 1];
	snprintf(aside, sizeof aside, BAD_PREFIX "%s", name);
	if (b->bad < FAILURE_SPOOL_MAX_BAD &&
	    renameat(b->folder, name, b->folder, aside) == 0)
		b->bad++;
	else
		unlinkat(b->folder, name, 0);
}

/* ---- state -------------------------------------------------------------- */

struct str
failure_spool_state(struct failure_spool *b, struct arena *a)
{
	struct str text = {NULL, 0};
	return read_file(b, STATE_FILE, MAX_STATE, a, &text) ? text :
	    (struct str) {NULL, 0};
}

bool
failure_spool_save(struct failure_spool *b, struct str text, struct str *reason)
{
	struct arena *scratch = arena_new(0);
	const char *path =
	    text_format(scratch, "%s/" STATE_FILE, b->path).p;
	bool is_saved = file_replace(path, text, 0600) ||
	    refuse(b, reason, STATE_FILE, "cannot be written", errno);
	arena_free(scratch);
	return is_saved;
}
