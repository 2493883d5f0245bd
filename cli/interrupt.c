/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/interrupt.h"

static volatile sig_atomic_t is_asked;

static void
ask(int number)
{
	(void)number;
	is_asked = 1;
}

const volatile sig_atomic_t *
interrupt_watch(void)
{
	struct sigaction a = {.sa_handler = ask,
	    .sa_flags = (int)SA_RESETHAND};

	sigemptyset(&a.sa_mask);
	sigaction(SIGINT, &a, NULL);
	sigaction(SIGTERM, &a, NULL);
	return &is_asked;
}
