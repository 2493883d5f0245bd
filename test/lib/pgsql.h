/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_TEST_LIB_PGSQL_H
#define APLOMB_TEST_LIB_PGSQL_H

/* A PostgreSQL server of a test's own: Debian's package, run as an ordinary
 * user in a temporary folder, on a unix socket alone. It dies with the test. */

#include <stdbool.h>
#include <sys/types.h>

struct pgsql_server {
	pid_t pid;
	char folder[64];
	unsigned databases;
};

/* False with the reason, where there is no PostgreSQL or it does not start. */
bool pgsql_start(struct pgsql_server *out, const char **reason);
void pgsql_stop(struct pgsql_server *s);

/* Makes an empty database, and writes the name of a store there. */
void pgsql_database(struct pgsql_server *s, char out[256]);

#endif
