/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_JUDGE_HISTORY_FIELD_H
#define APLOMB_JUDGE_HISTORY_FIELD_H

/*
 * Bounds of the fields of a history line, in bytes of UTF-8, for who writes and
 * who checks. The longest line they allow, every byte of text escaped, stays
 * under HISTORY_MAX_LINE.
 */

#define HISTORY_SHORT  64u  /* an algorithm, the start of b= */
#define HISTORY_WORD   255u /* a name, a sentence; RFC 9990 consumers' bound */
#define HISTORY_DOMAIN 255u /* a domain, or what stands where one should */
#define HISTORY_LONG   512u /* a reverse-path, problems of a record */
#define HISTORY_COMMENT 1000u /* of a reason: it may list a chain */

/* Distinct recipient domains kept: mail to more is rare, and they only serve
 * envelope_to. */
#define HISTORY_MAX_TO 20u

/* Sealers kept, the outermost first: nobody trusts a longer chain. */
#define HISTORY_MAX_SEALERS 10u

#endif
