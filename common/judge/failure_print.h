/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_JUDGE_FAILURE_PRINT_H
#define APLOMB_JUDGE_FAILURE_PRINT_H

/*
 * A report that a message is to make, as the text of a spool file: a line of JSON
 * with what a report needs beyond the history, the line of the history, and the
 * header as it came. docs/FORMATS specifies it.
 */

#include "auth/spf.h"
#include "base/str.h"

struct arena;
struct message;
struct plan;
struct verdict;

#define FAILURE_VERSION 1
/* Of the header; what does not fit is left out field by field. */
#define FAILURE_MAX_HEADER (64u * 1024)
/* Recipients kept: they only serve to find what must be made unreadable, and
 * mail to more seldom names more. */
#define FAILURE_MAX_RECIPIENTS 50u
#define FAILURE_RECIPIENT 320u /* RFC 5321 4.5.3.1: 64 + 1 + 255 */
/* The first line with its newline: eleven records of SPF_MAX_RECORD and fifty
 * recipients, every byte escaped, stay below. */
#define FAILURE_MAX_HEAD (256u * 1024)

/* `type`: one of judge/failure.h. */
struct str failure_print(const struct message *m, const struct verdict *v,
    const struct plan *p, unsigned type, struct arena *a);

#endif
