/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_REPORT_DSN_CODE_H
#define APLOMB_REPORT_DSN_CODE_H

/* Enhanced status codes: class "." subject "." detail (RFC 3463 2). */

#include <stdbool.h>

#include "base/str.h"

/* The code that s begins with, as a view; empty when it begins with none. */
struct str dsn_code_parse(struct str s);

/* The first code of a class ('2', '4', '5'; 0 for any) in a text for people. */
struct str dsn_code_find(struct str text, char class);

/* X.0.0: nothing is said but the class. */
bool dsn_code_is_general(struct str code);

/* The address cannot be written to, whatever the message. */
bool dsn_code_is_address(struct str code);

#endif
