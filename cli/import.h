/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_CLI_IMPORT_H
#define APLOMB_CLI_IMPORT_H

/* History files go into the store. */

#include "cli/command.h"

int import(const struct command *self, const struct options *o, int argc,
    char **argv);

#endif
