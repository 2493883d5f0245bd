/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_REPORT_TRANSPORT_TRANSPORT_RELAY_H
#define APLOMB_REPORT_TRANSPORT_TRANSPORT_RELAY_H

/* The server that relays, as the settings say it: for transport*.c alone. */

#include <stdbool.h>

#include "base/str.h"
#include "settings/settings.h"

struct arena;

struct transport_relay {
	const char *name; /* "HOST:PORT", for people */
	const char *url;  /* smtp://HOST:PORT/HELO, or smtps: */
	enum report_tls tls; /* with a user, one that checks the server */
	const char *user, *password; /* "": none */
	const char *ca;   /* "": the system's */
};

/* False with a sentence in *reason. */
bool transport_relay_init(const struct settings *s, struct arena *a,
    struct transport_relay *out, struct str *reason);

#endif
