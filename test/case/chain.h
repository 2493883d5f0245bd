/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_TEST_CASE_CHAIN_H
#define APLOMB_TEST_CASE_CHAIN_H

/* The "arc" lines of a case made true: sets of ARC fields on top of the
 * message, each sealed by its sealer, and the keys in the zone. */

#include <stdbool.h>

#include "base/str.h"
#include "base/text.h"

struct arena;
struct script;
struct stage;

/* Seals from the first line to the last. False with one line in *problem. */
bool chain_add(const struct script *s, struct stage *st, struct text *zone,
    struct arena *a, struct str *problem);

#endif
