/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_TEST_CASE_PLAY_H
#define APLOMB_TEST_CASE_PLAY_H

/* The two ways to play a stage: in process, and through the milter socket of
 * the real daemon. */

#include <stdbool.h>

#include "base/str.h"
#include "test/case/outcome.h"
#include "test/case/stage.h"

struct arena;

/* With the evaluation that the daemon runs, over the zone. False with one line
 * in *problem when the configuration is refused. */
bool play_in_process(const struct stage *st, unsigned mode, unsigned draw,
    const char *folder, struct arena *a, struct outcome *out,
    struct str *problem);

/* Against `daemon`, with the zone served on loopback: started by the first play
 * of the process, reloaded by the others. *draw: the number that it drew. */
bool play_socket(const struct stage *st, unsigned mode, const char *daemon,
    const char *folder, struct arena *a, struct outcome *out, unsigned *draw,
    struct str *problem);

/* Ends that daemon; whether it ended well. */
bool play_socket_end(void);

#endif
