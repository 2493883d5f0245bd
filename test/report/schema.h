/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_TEST_REPORT_SCHEMA_H
#define APLOMB_TEST_REPORT_SCHEMA_H

/* Holds a report against test/report/rfc9990.xsd or rfc7489.xsd. */

#include <stdbool.h>

#include "base/str.h"
#include "settings/settings.h"

/* False when it is not valid; libxml2 says on stderr why. */
bool schema_holds(enum report_format format, struct str xml);

#endif
