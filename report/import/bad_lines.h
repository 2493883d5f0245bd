/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_REPORT_IMPORT_BAD_LINES_H
#define APLOMB_REPORT_IMPORT_BAD_LINES_H

/*
 * Bad lines, kept aside in a file beside the history: for each a line that
 * begins with "#" and says where it stood and what is wrong, and then the line
 * itself.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

/* The file takes no more once it is as long: who has not looked by then has
 * enough to look at. */
#define BAD_LINES_MAX_BYTES (64u << 20)

struct bad_lines;

/* Nothing is opened yet. */
struct bad_lines *bad_lines_new(const char *path);
void bad_lines_free(struct bad_lines *r);

/* Keeps bytes that stood at byte `at` of the file named `id`. False with errno
 * set. */
bool bad_lines_add(struct bad_lines *r, struct str id, uint64_t at,
    struct str reason, struct str bytes);

/* What was added is on the disk. False with errno set. */
bool bad_lines_sync(struct bad_lines *r);

#endif
