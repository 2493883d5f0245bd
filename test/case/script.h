/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_TEST_CASE_SCRIPT_H
#define APLOMB_TEST_CASE_SCRIPT_H

/*
 * A case file: one behaviour as zone, message and expected result. The format
 * is described in test/cases/README.md.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct arena;

/* The modes in which a case is played; a bit each. */
#define SCRIPT_TREEWALK 1u
#define SCRIPT_PSL      2u

struct script_line {
	struct str text;
	unsigned number; /* in the file, from 1 */
};

struct script_lines {
	struct script_line *at;
	size_t count, capacity;
};

/* A "dkim" line: a signature that the runner makes. */
struct script_signature {
	struct str domain;
	struct str result;  /* pass, fail, temperror, permerror */
	struct str options; /* "a=rsa-sha256 c=simple/simple ..." */
	unsigned line;
};

#define SCRIPT_MAX_SIGNATURES 16u

/* An "expect" line: its words without the mode. */
struct script_expect {
	unsigned modes;
	struct str words;
	unsigned line;
};

struct script {
	struct arena *arena;
	const char *file;
	struct str title;            /* the first comment line */
	struct script_lines zone, headers, body, recipients, config, chain;
	struct str psl;              /* suffixes, blank-separated */
	struct str client, client_name, helo, mail_from;
	bool is_authenticated;
	struct str spf_domain, spf_result; /* of an "spf" line */
	struct script_signature signatures[SCRIPT_MAX_SIGNATURES];
	size_t signature_count;
	bool has_draw, has_time;
	unsigned draw;
	int64_t time;
	struct script_expect *expects;
	size_t expect_count, expect_capacity;
	unsigned modes;              /* that some expect line speaks of */
};

/* Reads a case file. False with one line for people in *problem. */
bool script_read(const char *file, struct arena *a, struct script *out,
    struct str *problem);

/* The next word of a line, blanks skipped; empty at the end. A word may hold a
 * "quoted part". */
struct str script_word(struct str *line);

#endif
