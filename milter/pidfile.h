/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_MILTER_PIDFILE_H
#define APLOMB_MILTER_PIDFILE_H

/*
 * The file that tells scripts our process id. It stays the property of who
 * started us: a script of root's must not end what an unprivileged user wrote.
 */

#include <stdbool.h>

#include "base/str.h"

struct arena;

/* Writes the file; an empty path needs none. False with a sentence. */
bool pidfile_write(const char *path, struct arena *a, struct str *reason);

/* Removes it where the rights that are left allow that, and unless another
 * process has written it since. */
void pidfile_remove(const char *path, struct arena *a);

#endif
