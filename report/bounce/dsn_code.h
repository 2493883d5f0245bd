/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_REPORT_BOUNCE_DSN_CODE_H
#define APLOMB_REPORT_BOUNCE_DSN_CODE_H

/* Enhanced status codes: class "." subject "." detail (RFC 3463 2). */

#include <stdbool.h>

#include "base/str.h"

/* The code that s begins with, as a view; empty when it begins with none. */
struct str dsn_code_parse(struct str s);

/* The first code of a class ('2', '4', '5'; 0 for any) in a text for people. */
struct str dsn_code_find(struct str text, char class);

/* `code`, but where it is empty or says no more than the class (X.0.0), the one
 * of that class that the text has, if any. */
struct str dsn_code_refine(struct str code, struct str text);

/* The address cannot be written to, whatever the message. */
bool dsn_code_is_address(struct str code);

#endif
