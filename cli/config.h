/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_CLI_CONFIG_H
#define APLOMB_CLI_CONFIG_H

/* The commands that are about the configuration itself. */

#include "cli/command.h"

int config_check(const struct command *self, const struct options *o, int argc,
    char **argv);
int config_show(const struct command *self, const struct options *o, int argc,
    char **argv);

#endif
