/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_TEST_LIB_CHECK_H
#define APLOMB_TEST_LIB_CHECK_H

/* What every unit test includes: cmocka, and checks of our own types. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/str.h"

/* Fails, showing both, unless the view holds exactly the C string. */
#define check_str(got, want)                                                   \
	check_str_at((got), str_of(want), __FILE__, __LINE__)
void check_str_at(struct str got, struct str want, const char *file, int line);

/* The bytes of a view in a heap block of exactly its size, without a NUL
 * behind, so that a sanitizer sees a read of one byte too many. The block is
 * freed with the arena. */
struct str check_exact(struct str s, struct arena *a);

/* Ends the test as skipped and says why: what is missing on this machine. Each
 * is a SKIP of its own in the count of ./dev test; skip() gives no reason. */
#define check_skip(reason)                                                     \
	do {                                                                   \
		print_message("SKIP: %s\n", (reason));                         \
		skip();                                                        \
	} while (0)

#endif
