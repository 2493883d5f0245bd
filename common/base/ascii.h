/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_BASE_ASCII_H
#define APLOMB_BASE_ASCII_H

/* Character classes of ASCII alone: <ctype.h> asks the locale, we never do. */

#include <stdbool.h>

static inline bool
ascii_is_digit(int c)
{
	return c >= '0' && c <= '9';
}

static inline bool
ascii_is_alpha(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline bool
ascii_is_alnum(int c)
{
	return ascii_is_alpha(c) || ascii_is_digit(c);
}

/* WSP of RFC 5234: space and tab. */
static inline bool
ascii_is_wsp(int c)
{
	return c == ' ' || c == '\t';
}

/* What folding white space is made of: WSP, CR and LF. */
static inline bool
ascii_is_fws(int c)
{
	return ascii_is_wsp(c) || c == '\r' || c == '\n';
}

/* A character that ASCII can print, the space included. */
static inline bool
ascii_is_print(int c)
{
	return c >= 0x20 && c <= 0x7e;
}

static inline char
ascii_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

#endif
