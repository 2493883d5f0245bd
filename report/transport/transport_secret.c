/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/transport/transport_secret.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/text.h"

bool
transport_secret_read(const char *key, const char *path, struct arena *a,
    struct str *out, struct str *reason)
{
	struct stat st;
	struct str why;

	/* A pipe would wait for somebody to write. */
	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
		*reason = text_format(a, "%s %s is no file", key, path);
		return false;
	}
	if (!file_read(path, TRANSPORT_SECRET_MAX, a, out, &why)) {
		*reason = text_format(a, "%s %.*s", key, STR_ARG(why));
		return false;
	}
	if (stat(path, &st) == 0 && (st.st_mode & (S_IROTH | S_IWOTH)) == 0)
		return true;
	*reason = text_format(a, "%s %s: every user can read or change it; "
	    "chmod o-rwx it, and take another secret if others may have "
	    "read it", key, path);
	return false;
}
