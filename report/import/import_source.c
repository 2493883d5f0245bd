/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/import/import_source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/text.h"

struct import_source {
	char *path, *away; /* where it is written, and where it is read */
	int lock, fd;      /* -1: not open */
	bool is_taken;     /* the file at the path has been renamed */
};

static enum import_source_status
refuse(struct arena *a, struct str *reason, const char *path, const char *what)
{
	*reason = text_format(a, "history %s: %s: %s", path, what,
	    strerror(errno));
	return IMPORT_SOURCE_FAILED;
}

static char *
joined(const char *path, const char *suffix)
{
	char *s;
	if (asprintf(&s, "%s%s", path, suffix) < 0)
		abort();
	return s;
}

static enum import_source_status
take_lock(struct import_source *in, struct arena *a, struct str *reason)
{
	char *path = str_cstr(text_format(a, "%s.lock", in->path), a);
	in->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (in->lock < 0)
		return refuse(a, reason, path, "cannot be made; its directory "
		    "must be writable for this user");
	if (flock(in->lock, LOCK_EX | LOCK_NB) == 0)
		return IMPORT_SOURCE_OK;
	if (errno != EWOULDBLOCK)
		return refuse(a, reason, path, "cannot be locked");
	*reason = text_format(a, "history %s: another import is running",
	    in->path);
	return IMPORT_SOURCE_BUSY;
}

enum import_source_status
import_source_open(const char *path, struct arena *a, struct import_source **out,
    struct str *reason)
{
	struct import_source *in = calloc(1, sizeof *in);
	if (in == NULL)
		abort();
	in->path = joined(path, "");
	in->away = joined(path, ".importing");
	in->lock = in->fd = -1;
	enum import_source_status status = take_lock(in, a, reason);
	*out = in;
	if (status == IMPORT_SOURCE_OK)
		return status;
	import_source_close(in);
	*out = NULL;
	return status;
}

static void
close_file(struct import_source *in)
{
	if (in->fd >= 0)
		close(in->fd);
	in->fd = -1;
}

void
import_source_close(struct import_source *in)
{
	if (in == NULL)
		return;
	close_file(in);
	if (in->lock >= 0)
		close(in->lock); /* which drops it */
	free(in->path);
	free(in->away);
	free(in);
}

/* What a symbolic link, a folder or a pipe is good for here, nobody knows. */
static enum import_source_status
look_at(const char *path, struct arena *a, struct str *reason)
{
	struct stat st;
	if (lstat(path, &st) != 0)
		return errno == ENOENT ? IMPORT_SOURCE_NOTHING :
		    refuse(a, reason, path, "cannot be examined");
	if (S_ISREG(st.st_mode))
		return IMPORT_SOURCE_OK;
	errno = EINVAL;
	return refuse(a, reason, path, "must be a regular file");
}

/* Renames the file at the path, once. */
static enum import_source_status
take_away(struct import_source *in, struct arena *a, struct str *reason)
{
	if (in->is_taken)
		return IMPORT_SOURCE_NOTHING;
	enum import_source_status status = look_at(in->path, a, reason);
	if (status != IMPORT_SOURCE_OK)
		return status;
	if (rename(in->path, in->away) != 0)
		return errno == ENOENT ? IMPORT_SOURCE_NOTHING :
		    refuse(a, reason, in->path, "cannot be renamed");
	in->is_taken = true;
	return IMPORT_SOURCE_OK;
}

/* Who holds the lock now, or waits for it, is a writer that found the file
 * still in place; whoever comes later finds that it is gone. */
static enum import_source_status
open_quiet(struct import_source *in, struct arena *a, struct str *reason)
{
	in->fd = open(in->away, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (in->fd < 0)
		return refuse(a, reason, in->away, "cannot be opened");
	while (flock(in->fd, LOCK_EX) != 0)
		if (errno != EINTR)
			return refuse(a, reason, in->away, "cannot be locked");
	flock(in->fd, LOCK_UN);
	return IMPORT_SOURCE_OK;
}

enum import_source_status
import_source_next(struct import_source *in, struct arena *a, int *fd, struct str *reason)
{
	close_file(in);
	enum import_source_status status = look_at(in->away, a, reason);
	if (status == IMPORT_SOURCE_NOTHING)
		status = take_away(in, a, reason);
	if (status == IMPORT_SOURCE_OK)
		status = open_quiet(in, a, reason);
	*fd = in->fd;
	return status;
}

bool
import_source_remove(struct import_source *in, struct arena *a, struct str *reason)
{
	close_file(in);
	if (unlink(in->away) == 0)
		return true;
	refuse(a, reason, in->away, "cannot be deleted");
	return false;
}
