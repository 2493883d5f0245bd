/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_CLI_STORE_H
#define APLOMB_CLI_STORE_H

/* The store itself. */

#include "cli/command.h"

int store_upgrade(const struct command *self, const struct options *o, int argc,
    char **argv);

#endif
