/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_REPORT_TRANSPORT_TRANSPORT_COMMAND_H
#define APLOMB_REPORT_TRANSPORT_TRANSPORT_COMMAND_H

/*
 * The command sendmail, as Sendmail, Postfix, Exim and others have it: run
 * without a shell, with the message as a file on its standard input, and judged
 * by its exit status (sysexits.h). For transport.c alone.
 */

#include "base/str.h"

struct arena;
struct transport_command;
struct transport_job;

/* Arguments of the setting, the path included. */
#define TRANSPORT_COMMAND_MAX_ARGUMENTS 16u

/* A path and fixed arguments, separated by blanks. NULL with a sentence in
 * *reason. */
struct transport_command *transport_command_new(struct str words,
    struct arena *a, struct str *reason);

void transport_command_send(const struct transport_command *c,
    struct transport_job *j);

#endif
