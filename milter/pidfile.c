/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/pidfile.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"

#define MAX_LINE 32

static struct str
our_line(struct arena *a)
{
	return text_format(a, "%ld\n", (long)getpid());
}

bool
pidfile_write(const char *path, struct arena *a, struct str *reason)
{
	if (path[0] == '\0' || file_replace(path, our_line(a), 0644))
		return true;
	*reason = text_format(a, "pid-file %s cannot be written: %s; create "
	    "its directory or choose another path", path, strerror(errno));
	return false;
}

void
pidfile_remove(const char *path, struct arena *a)
{
	struct str line, reason;

	if (path[0] != '\0' && file_read(path, MAX_LINE, a, &line, &reason) &&
	    str_eq(line, our_line(a)))
		unlink(path);
}
