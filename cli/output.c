/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/ascii.h"
#include "base/text.h"

/* Not to be written to, so that output is not lost without a word. */
void
output_begin(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

int
output_end(int code)
{
	int is_lost = ferror(stdout);

	errno = 0;
	if (fclose(stdout) == 0 && !is_lost)
		return code;
	fprintf(stderr, "aplomb: standard output: %s\n",
	    errno != 0 ? strerror(errno) : "cannot be written");
	return EX_IOERR;
}

struct str
output_plain(struct str outside, struct arena *a)
{
	struct text t;

	text_init(&t, a);
	for (size_t i = 0; i < outside.n; i++)
		if (ascii_is_print(outside.p[i]) && outside.p[i] != '\\')
			text_add_char(&t, outside.p[i]);
		else
			text_printf(&t, "\\x%02X",
			    (unsigned)(unsigned char)outside.p[i]);
	return text_str(&t);
}

void
output_count(struct text *t, uint64_t n, const char *what)
{
	if (n > 0)
		text_printf(t, "%s%" PRIu64 " %s", t->n > 0 ? ", " : "", n,
		    what);
}
