/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_CLI_EXPIRE_H
#define APLOMB_CLI_EXPIRE_H

/* What is old leaves the store. */

#include "cli/command.h"

int expire(const struct command *self, const struct options *o, int argc,
    char **argv);

#endif
