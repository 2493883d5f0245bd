/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_SETTINGS_SETTINGS_OPTION_H
#define APLOMB_SETTINGS_SETTINGS_OPTION_H

/*
 * The rows of settings.def as data, and the reading and printing of one value
 * by its type: for the files of settings/ alone.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "base/table.h"
#include "base/text.h"

struct arena;
struct ipset;
struct override_patterns;
struct settings;

enum option_type {
	OPTION_TEXT,
	OPTION_FLAG,
	OPTION_COUNT,
	OPTION_SECONDS,
	OPTION_BYTES,
	OPTION_OCTAL,
	OPTION_CHOICE,
	OPTION_SERVERS,
	OPTION_NETWORKS,
	OPTION_DOMAINS
};

enum option_when { OPTION_RELOAD, OPTION_RESTART };

struct option {
	const char *key;
	enum option_type type;
	const struct table_row *names; /* of a choice */
	const char *standard;          /* the default, as a file gives it */
	uint64_t min, max;
	const char *(*check)(struct str text); /* of a text, or NULL */
	enum option_when when;
	const char *help;
	size_t member, at;             /* offsets in struct settings */
};

/* The rows, in the order of the table. */
extern const struct option settings_options[];
extern const size_t settings_option_count;

bool option_is_list(const struct option *o);

/* Sets the member from one text, or adds one entry to a list. False with a
 * sentence that goes on after "KEY cannot be VALUE: ". */
bool option_read(const struct option *o, struct settings *s, struct str text,
    struct arena *a, struct str *reason);

/* Empties a list member. */
void option_clear(const struct option *o, struct settings *s);

/* What may have been meant by a value that is not taken, such as 30d by "30
 * days"; empty if nothing is near. */
struct str option_suggest(const struct option *o, struct str text,
    struct arena *a);

/* The values are equal. */
bool option_is_same(const struct option *o, const struct settings *x,
    const struct settings *y, struct arena *a);

/* Adds the value as a file gives it. */
void option_print(const struct option *o, const struct settings *s,
    struct text *t);

/* Adds a quoted string of the file's syntax. */
void option_print_string(struct text *t, struct str s);

/* Adds a list in braces. */
void option_print_domains(struct text *t, const struct override_patterns *l);
void option_print_networks(struct text *t, const struct ipset *l);

/* Adds what values the row takes: "seconds, 1 to 60", "one of a, b". */
void option_print_range(const struct option *o, struct text *t);

/* yes, no, and the other words for them. */
bool option_read_flag(struct str text, bool *out);

#endif
