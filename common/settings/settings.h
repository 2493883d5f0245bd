/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_SETTINGS_SETTINGS_H
#define APLOMB_SETTINGS_SETTINGS_H

/*
 * The configuration: read from one file, checked as a whole, then immutable
 * and shared by counting. settings.def is the table of everything in it;
 * `override` blocks follow it in the file (dmarc/override.h).
 *
 * Threads: a loaded snapshot may be held, read and dropped by any thread.
 * settings_lint() asks for users and groups: one thread at a time.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/signature.h"
#include "base/str.h"
#include "base/table.h"
#include "dmarc/discover.h"
#include "dmarc/override.h"
#include "net/dns_ares.h"
#include "net/ipset.h"

struct arena;
struct suffix_list;

#define SETTINGS_MAX_BYTES (1024u * 1024) /* a thousand long rules */
#define SETTINGS_MAX_PROBLEMS 50u /* more than anyone mends at once */
/* c-ares asks one after the other: who comes last is never reached in time. */
#define SETTINGS_MAX_SERVERS DNS_ARES_MAX_SERVERS

enum mode { MODE_ENFORCE, MODE_MONITOR };
enum failure { FAILURE_ACCEPT, FAILURE_TEMPFAIL };
enum reject_action { REJECT_REJECT, REJECT_QUARANTINE, REJECT_TEMPFAIL };
enum quarantine_action {
	QUARANTINE_HEADER,
	QUARANTINE_HOLD,
	QUARANTINE_REJECT
};
enum bad_from_action { BAD_FROM_REJECT, BAD_FROM_QUARANTINE, BAD_FROM_ACCEPT };
enum report_format { REPORT_RFC9990, REPORT_RFC7489 };
enum report_tls {
	REPORT_TLS_REQUIRED,
	REPORT_TLS_IMPLICIT,
	REPORT_TLS_OPPORTUNISTIC,
	REPORT_TLS_OFF
};
/* log_target and log_level: values of base/log.h. */
extern const struct table_row mode_names[], failure_names[],
    reject_action_names[], quarantine_action_names[], bad_from_action_names[],
    report_format_names[], report_tls_names[], log_target_names[],
    log_level_names[];

struct settings_servers {
	struct str *at;
	size_t count;
};

/* The C types of settings.def's TYPEs. TEXT is NUL-terminated, never NULL. */
#define SETTINGS_FLAG     bool
#define SETTINGS_COUNT    unsigned
#define SETTINGS_SECONDS  unsigned
#define SETTINGS_BYTES    size_t
#define SETTINGS_OCTAL    unsigned
#define SETTINGS_SERVERS  struct settings_servers
#define SETTINGS_NETWORKS struct ipset
#define SETTINGS_DOMAINS  struct override_patterns

/* A place in the file, both numbers from 1 on. */
struct settings_at {
	unsigned line, column;
};

/* Of each member, where the file has its key; line 0: the default is in
 * force. */
struct settings {
#define MEMBER(type, member) type member; struct settings_at member##_at;
#define OPTION(member, key, type, default_, min, max, when, help)              \
	MEMBER(SETTINGS_##type, member)
#define TEXT(member, key, default_, check, when, help)                         \
	MEMBER(const char *, member)
#define CHOICE(member, key, type, names, default_, when, help)                 \
	MEMBER(type, member)
#include "settings/settings.def"
#undef MEMBER
	struct override_rules overrides;
	struct settings_at *overrides_at; /* where each block begins */
	struct suffix_list *suffixes; /* loaded with the file; never NULL */
	const char *file;             /* where it was read; "" for defaults */
};

/* A complete line for people, "FILE:LINE:COLUMN: what, why, what to do". A
 * warning begins with the word, and does not keep anybody from his work. */
struct settings_problem {
	bool is_warning;
	struct str text;
};

/* In the order of the file. What does not fit is counted in a last line. */
struct settings_problems {
	struct settings_problem at[SETTINGS_MAX_PROBLEMS + 1];
	size_t count, errors; /* errors: those that are no warnings */
};

/* The file to read: the one given, or if NULL the default file, or "" when that
 * does not exist. */
const char *settings_file(const char *given);

/* Reads and checks a file. NULL when anything is wrong; then *problems has at
 * least one line, in the arena. An empty path gives the defaults. The caller
 * holds the result once. */
struct settings *settings_load(const char *path, struct arena *a,
    struct settings_problems *problems);

/* The same from a text, for tests, fuzzing and cases; `name` stands for the
 * file in problems. */
struct settings *settings_parse(struct str text, const char *name,
    struct arena *a, struct settings_problems *problems);

struct settings *settings_hold(struct settings *s);
void settings_drop(struct settings *s);

/* Looks at what no file can tell of itself: at this machine (users, groups,
 * directories), at today, and at settings that surprise. Fills *out with lines
 * in the arena; false when one is no warning, and then the settings are not to
 * be used. */
bool settings_lint(const struct settings *s, struct arena *a,
    struct settings_problems *out);

/* Where the file has a key; line 0: it has not, or there is no such key. */
struct settings_at settings_find(const struct settings *s, struct str key);

/* The names of settings that differ but are taken over by a restart only,
 * separated by commas; empty when there are none. */
struct str settings_pending(const struct settings *old,
    const struct settings *new, struct arena *a);

/* The configuration in force, in the syntax of the file, every key, overrides
 * at the end: what -t and `aplomb config show` print. */
struct str settings_dump(const struct settings *s, struct arena *a);

/* Made from the tables: conf/aplomb.conf.in, and the items of the two lists of
 * aplomb.conf(5), of settings and of the keys of a block, in mdoc. */
struct str settings_sample(struct arena *a);
struct str settings_manual(struct arena *a);
struct str settings_manual_override(struct arena *a);

#endif
