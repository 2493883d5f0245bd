/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_MILTER_DRAW_H
#define APLOMB_MILTER_DRAW_H

/* A uniform number from 0 to 99, which nobody outside can foresee: what a
 * record's pct is compared with. Threads: any. */
unsigned draw(void);

#endif
