/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_REPORT_IMPORT_REJECTS_H
#define APLOMB_REPORT_IMPORT_REJECTS_H

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
#define REJECTS_MAX_BYTES (64u << 20)

struct rejects;

/* Nothing is opened yet. */
struct rejects *rejects_new(const char *path);
void rejects_free(struct rejects *r);

/* Keeps bytes that stood at byte `at` of the file named `id`. False with errno
 * set. */
bool rejects_add(struct rejects *r, struct str id, uint64_t at,
    struct str reason, struct str bytes);

/* What was added is on the disk. False with errno set. */
bool rejects_sync(struct rejects *r);

#endif
