/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_NET_LISTEN_H
#define APLOMB_NET_LISTEN_H

/*
 * The form of the address at which a milter listens, for whoever looks at a
 * configuration and for the daemon.
 */

#include "base/str.h"

/* What is wrong with the form, as a sentence, or NULL. Whether this host has
 * the address, the service and the directory is for the daemon to find out. */
const char *listen_problem(struct str address);

#endif
