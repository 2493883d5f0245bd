/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_CLI_RESOLVER_H
#define APLOMB_CLI_RESOLVER_H

/* DNS, and how records are found, as the settings say. */

#include "dmarc/discover.h"
#include "net/dns.h"

struct settings;

/* An engine, to be dropped; NULL after a sentence on stderr. */
struct dns *resolver_open(const struct settings *s);

/* Views into the settings. */
struct discover_options resolver_discover(const struct settings *s);

#endif
