/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_TEST_LIB_PGSQL_H
#define APLOMB_TEST_LIB_PGSQL_H

/* A PostgreSQL server of a test's own: Debian's package, run as an ordinary
 * user in a temporary folder, on a unix socket alone. It dies with the test. */

#include <sys/types.h>

struct pgsql_server {
	pid_t pid;
	char folder[64];
	unsigned databases;
};

enum pgsql_state {
	PGSQL_UP,
	PGSQL_MISSING, /* the package is not installed */
	PGSQL_BROKEN,  /* it is, but does not start; stderr has its log */
};

enum pgsql_state pgsql_start(struct pgsql_server *out);
void pgsql_stop(struct pgsql_server *s);

/* Makes an empty database, and writes the name of a store there. */
void pgsql_database(struct pgsql_server *s, char out[256]);

#endif
