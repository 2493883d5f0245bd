/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_BASE_LOG_H
#define APLOMB_BASE_LOG_H

/*
 * The log: syslog (facility mail) or stderr. Only milter/, report/ and cli/ may
 * include this; common/ returns reasons. The one module with writable statics,
 * which are set at start and changed by a reload alone.
 *
 * Severity is a contract: error, an operator must act; warning, service is
 * degraded; info, one line a message; debug, steps.
 *
 * Threads: any.
 */

#include <stdbool.h>

#include "base/str.h"
#include "base/text.h"

enum log_target { LOG_TO_SYSLOG, LOG_TO_STDERR };
enum log_level { LOG_AT_ERROR, LOG_AT_WARNING, LOG_AT_INFO, LOG_AT_DEBUG };

void log_open(enum log_target target, const char *ident, enum log_level level);
void log_set_level(enum log_level level);
bool log_is_on(enum log_level level);

/* One line; what came from outside must have passed log_escape(). */
void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Adds outside text to a line as one word: bytes that are not printable ASCII,
 * the space, the quote and the backslash become \xNN; at most `max` bytes of
 * it, then "...". An empty text becomes "-". */
void log_escape(struct text *t, struct str outside, size_t max);

/* Adds " key=value" (no blank before the first), the value escaped. */
void log_pair(struct text *t, const char *key, struct str value);

#endif
