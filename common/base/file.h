/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_BASE_FILE_H
#define APLOMB_BASE_FILE_H

/* Files, read whole and written whole. */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/str.h"

struct arena;

/* Reads a file (or "-", standard input) of at most `max` bytes. False with a
 * sentence in *reason (in the arena): what happened, to which file. */
bool file_read(const char *path, size_t max, struct arena *a, struct str *out,
    struct str *reason);

/* Writes all bytes, through short writes and EINTR; false with errno set. */
bool file_write_all(int fd, struct str bytes);

/* Replaces a file at once: a temporary beside it, then rename. False with
 * errno set. */
bool file_replace(const char *path, struct str bytes, mode_t mode);

#endif
