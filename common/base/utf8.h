/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_BASE_UTF8_H
#define APLOMB_BASE_UTF8_H

/* UTF-8 (RFC 3629) in text from outside. */

#include <stddef.h>

/* U+FFFD, for what cannot be kept. */
#define UTF8_REPLACEMENT "\xef\xbf\xbd"

/* Bytes of the character at p, of which n are there: 1 to 4, or 0 where there
 * is none, or a control character of ASCII. n is at least 1. */
size_t utf8_length(const char *p, size_t n);

#endif
