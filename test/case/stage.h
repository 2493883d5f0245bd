/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_TEST_CASE_STAGE_H
#define APLOMB_TEST_CASE_STAGE_H

/*
 * A script made ready to play: facts turned into zone lines and signatures,
 * the message as bytes, the configuration as text.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "mail/header.h"
#include "net/dns_zone.h"

struct arena;
struct script;

struct stage {
	const struct script *script;
	struct str zone_text;
	struct zone *zone;
	struct header_field *fields; /* values from behind the colon */
	size_t field_count;
	struct str body;
	struct str text;             /* fields, empty line, body */
	const char *mail_from;       /* "<a@b>" */
	const char **recipients;     /* ends with NULL */
};

/* Makes keys, signatures, zone and message. False with one line in *problem. */
bool stage_build(const struct script *s, struct arena *a, struct stage *out,
    struct str *problem);

/* The configuration for one mode; `folder` holds the suffix list, the socket
 * and the history. `dns_port` 0: none is named. */
struct str stage_config(const struct stage *st, unsigned mode,
    const char *folder, unsigned dns_port, struct arena *a);

#endif
