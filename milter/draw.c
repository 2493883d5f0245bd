/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/draw.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/random.h>

unsigned
draw(void)
{
	uint8_t byte;

	do {
		if (getrandom(&byte, sizeof(byte), 0) != sizeof(byte))
			abort(); /* a single byte cannot be interrupted */
	} while (byte >= 200); /* 200 is the largest multiple of 100 */
	return byte % 100u;
}
