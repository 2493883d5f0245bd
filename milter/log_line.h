/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_MILTER_LOG_LINE_H
#define APLOMB_MILTER_LOG_LINE_H

/*
 * The log line of a message: its queue id, then key=value words, the reason
 * last. The keys are documented in aplombd(8); scripts depend on them.
 */

#include <stdint.h>

#include "base/str.h"

struct judgement;
struct message;
struct plan;
struct verdict;

/* Outside text takes at most so many bytes of a line, each time. */
#define LOG_LINE_MAX_WORD 255u

/* `ms`: from MAIL to the answer. `is_lost`: its history line is. Lives in the
 * message's arena. */
struct str log_line_print(const struct message *m, const struct verdict *v,
    const struct plan *p, int64_t ms, bool is_lost);

/* What became of each override rule that was asked in a judgement, in their
 * order: the condition that did not hold, "dry-run" or "decides". Empty when
 * none was. */
struct str log_line_rules(const struct message *m, const struct verdict *v,
    const struct judgement *j);

/* The queue id as it begins a line, for other lines about a message. */
struct str log_line_id(const struct message *m);

#endif
