/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/utf8.h"

#include "base/ascii.h"

/* RFC 3629 4. */
static const struct {
	unsigned char first, last;  /* range of the first byte */
	unsigned char low, high;    /* range of the second */
	unsigned char length;
} rows[] = {
	{0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
	{0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3},
	{0xee, 0xef, 0x80, 0xbf, 3}, {0xf0, 0xf0, 0x90, 0xbf, 4},
	{0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
};

size_t
utf8_length(const char *text, size_t n)
{
	const unsigned char *p = (const unsigned char *)text;
	if (ascii_is_print(p[0]))
		return 1;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (p[0] < rows[i].first || p[0] > rows[i].last)
			continue;
		size_t length = rows[i].length;
		if (n < length || p[1] < rows[i].low || p[1] > rows[i].high)
			return 0;
		for (size_t k = 2; k < length; k++)
			if (p[k] < 0x80 || p[k] > 0xbf)
				return 0;
		return length;
	}
	return 0;
}
