/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_SETTINGS_SETTINGS_SCAN_H
#define APLOMB_SETTINGS_SETTINGS_SCAN_H

/*
 * A look over the text of a configuration before libconfuse reads it: where
 * everything stands, and what libconfuse would accept without a word, such as
 * repeated keys, or explain badly, such as a missing brace. For the files of
 * settings/ alone.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct arena;
struct problems;

/* Rules that a message is compared with, one after the other. */
#define SCAN_MAX_BLOCKS 1000u
/* A list is compared with in the same way, and libconfuse makes room for each
 * value anew. */
#define SCAN_MAX_VALUES 10000u
/* Of the top level, or of one block; far more than the tables have. */
#define SCAN_MAX_KEYS 200u
/* The name of a block stands in each log line and report that it decides. */
#define SCAN_MAX_TITLE 100u

struct scan_key {
	struct str key;
	unsigned line;
	bool is_in_block;
	bool is_unknown;
	bool is_list;                 /* in braces */
	size_t first_value, values;   /* in scan.lines */
};

/* override "title" { ... } */
struct scan_block {
	struct str title;
	unsigned line;
	size_t first_key, key_count;  /* in scan.keys */
};

struct scan {
	struct scan_key *keys;
	struct scan_block *blocks;
	unsigned *lines;   /* of each value */
	size_t key_count, key_capacity;
	size_t block_count, block_capacity;
	size_t line_count, line_capacity;
	char *text;        /* without comments, for libconfuse; a C string */
	bool is_readable;  /* libconfuse would read what we have read */
};

/* Fills *out, which lives in the arena; adds what must be refused to *p. */
void scan_text(struct str text, struct arena *a, struct scan *out,
    struct problems *p);

/* A key of the top level, or of a block; the last if repeated; NULL: not
 * there. */
const struct scan_key *scan_find(const struct scan *s, const char *key);
const struct scan_key *scan_find_in(const struct scan *s,
    const struct scan_block *b, const char *key);

/* The line of a key's i-th value. */
unsigned scan_line(const struct scan *s, const struct scan_key *k, size_t i);

#endif
