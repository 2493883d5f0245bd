/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_JUDGE_SPOOL_H
#define APLOMB_JUDGE_SPOOL_H

/*
 * A directory in which messages wait to be reported, a file each, put there by
 * several threads and taken away by another program. A file appears whole or
 * not at all; what a crash of the machine tears is found out by who reads it,
 * since nothing here waits for a disk. docs/FORMATS states the protocol.
 *
 * Threads: any; it locks itself.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct arena;
struct spool;

/* A file takes at least a block of the disk, however short it is. */
#define SPOOL_MIN_FILE 4096u
/* How often, at most, the directory is looked through for what it holds;
 * between, only one's own files are added. */
#define SPOOL_LOOK_MS 10000
/* Names: this, the time as twelve digits, "-", and a random number. */
#define SPOOL_PREFIX "f-"
/* Files under way, which no reader may take. */
#define SPOOL_DRAFT  ".draft-"

enum spool_status {
	SPOOL_WRITTEN,
	SPOOL_FULL,  /* `max` bytes are there */
	SPOOL_FAILED /* the disk, or rights */
};

/* A spool of at most `max` bytes in the directory; nothing is opened yet. It is
 * held once. */
struct spool *spool_new(const char *path, size_t max);
struct spool *spool_hold(struct spool *s);
void spool_drop(struct spool *s); /* NULL is fine */

bool spool_is(const struct spool *s, const char *path, size_t max);

/* Whether files could be made now, in the directory or in one that could be
 * made. False with a sentence in *reason. Makes nothing: whoever asks may be
 * another user than who will write. */
bool spool_is_usable(const char *path, struct arena *a, struct str *reason);

/* The same, and makes the directory (mode 0750) where it is missing. */
bool spool_prepare(const char *path, struct arena *a, struct str *reason);

/* Puts a file there; `now` in seconds names it. With SPOOL_FAILED a sentence in
 * *reason, in the arena. */
enum spool_status spool_write(struct spool *s, struct str bytes, int64_t now,
    struct arena *a, struct str *reason);

#endif
