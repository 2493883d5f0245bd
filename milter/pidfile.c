/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/pidfile.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"

bool
pidfile_write(const char *path, struct arena *a, struct str *reason)
{
	struct str line = text_format(a, "%ld\n", (long)getpid());

	if (path[0] == '\0' || file_replace(path, line, 0644))
		return true;
	*reason = text_format(a, "pid-file %s cannot be written: %s; create "
	    "its directory or choose another path", path, strerror(errno));
	return false;
}

void
pidfile_remove(const char *path)
{
	if (path[0] != '\0')
		unlink(path);
}
