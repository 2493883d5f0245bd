/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_MILTER_LINE_H
#define APLOMB_MILTER_LINE_H

/*
 * The log line of a message: its queue id, then key=value words, the reason
 * last. The keys are documented in aplombd(8); scripts depend on them.
 */

#include <stdint.h>

#include "base/str.h"

struct message;
struct plan;
struct verdict;

/* Outside text takes at most so many bytes of a line, each time. */
#define LINE_MAX_WORD 255u

/* `ms`: from MAIL to the answer. `is_lost`: its history line is. Lives in the
 * message's arena. */
struct str line_print(const struct message *m, const struct verdict *v,
    const struct plan *p, int64_t ms, bool is_lost);

/* The queue id as it begins a line, for other lines about a message. */
struct str line_id(const struct message *m);

#endif
