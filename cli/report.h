/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_CLI_REPORT_H
#define APLOMB_CLI_REPORT_H

/* The commands about reports to others. */

#include "cli/command.h"

int report_bounce(const struct command *self, const struct options *o,
    int argc, char **argv);
int report_list(const struct command *self, const struct options *o, int argc,
    char **argv);
int report_preview(const struct command *self, const struct options *o,
    int argc, char **argv);
int report_send(const struct command *self, const struct options *o, int argc,
    char **argv);
int report_send_failures(const struct command *self, const struct options *o,
    int argc, char **argv);
int report_show(const struct command *self, const struct options *o, int argc,
    char **argv);
int report_suppress(const struct command *self, const struct options *o,
    int argc, char **argv);

#endif
