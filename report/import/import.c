/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/import/import.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/text.h"
#include "report/import/import_file.h"
#include "report/import/import_source.h"

/* A file whose first line says that only a newer aplomb knows it stays where
 * it is, for that one to take. */
static bool
is_newer(const char *path, struct arena *a)
{
	char buffer[4096];
	struct str reason;
	union history_entry entry;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	ssize_t n = fd >= 0 ? read(fd, buffer, sizeof buffer) : -1;
	if (fd >= 0)
		close(fd);
	if (n <= 0)
		return false;
	struct str s = {buffer, (size_t)n};
	return history_read(str_cut(&s, '\n'), a, &entry, &reason) ==
	    HISTORY_READ_NEWER;
}

static enum import_status
refuse_newer(const struct import_options *o, struct arena *a,
    struct str *reason)
{
	*reason = text_format(a, "history %s: a newer aplombd has written it; "
	    "it is left alone: import it with the aplomb of that version",
	    o->path);
	return IMPORT_NEWER;
}

/* Reads one file that was taken away, and deletes it. */
static enum import_status
import_one(struct store *s, const struct import_options *o, struct import_source *in,
    int fd, struct arena *a, struct import_result *out, struct str *reason)
{
	enum import_status status =
	    import_file(s, o, fd, a, out, reason);
	if (status == IMPORT_NEWER)
		return refuse_newer(o, a, reason);
	if (status != IMPORT_OK)
		return status;
	out->files++;
	return import_source_remove(in, a, reason) ? IMPORT_OK : IMPORT_FAILED;
}

static enum import_status
import_all(struct store *s, const struct import_options *o, struct import_source *in,
    struct arena *a, struct import_result *out, struct str *reason)
{
	int fd;
	for (;;) {
		if (o->format == IMPORT_APLOMB && is_newer(o->path, a))
			return refuse_newer(o, a, reason);
		enum import_source_status found = import_source_next(in, a, &fd, reason);
		if (found == IMPORT_SOURCE_NOTHING)
			return IMPORT_OK;
		if (found != IMPORT_SOURCE_OK)
			return IMPORT_FAILED;
		enum import_status status =
		    import_one(s, o, in, fd, a, out, reason);
		if (status != IMPORT_OK)
			return status;
	}
}

enum import_status
import_run(struct store *s, const struct import_options *o, struct arena *a,
    struct import_result *out, struct str *reason)
{
	struct import_source *in;
	*out = (struct import_result) {0};
	switch (import_source_open(o->path, a, &in, reason)) {
	case IMPORT_SOURCE_OK:
		break;
	case IMPORT_SOURCE_BUSY:
		return IMPORT_BUSY;
	default:
		return IMPORT_FAILED;
	}
	enum import_status status = import_all(s, o, in, a, out, reason);
	import_source_close(in);
	return status;
}
