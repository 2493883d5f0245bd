/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_CLI_INTERRUPT_H
#define APLOMB_CLI_INTERRUPT_H

/* SIGINT and SIGTERM as a wish to end soon: the message under way is still sent,
 * and written down. A second signal ends the process as usual. */

#include <signal.h>

/* From here on; the flag that it returns is set when the wish comes. */
const volatile sig_atomic_t *interrupt_watch(void);

#endif
