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

/* Skips the test and says why, in the one line that the count of ./dev reads:
 * what is missing, and what brings it. */
void check_skip(const char *reason);

/* The bytes of a view in a heap block of exactly its size, without a NUL
 * behind, so that a sanitizer sees a read of one byte too many. The block is
 * freed with the arena. */
struct str check_exact(struct str s, struct arena *a);

#endif
