/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_MAIL_FEEDBACK_H
#define APLOMB_MAIL_FEEDBACK_H

/* Mail that is itself a report about mail. */

#include <stdbool.h>

struct header_list;

/* Whether the header is that of a report: its Subject begins as that of an
 * aggregate report does, "Report Domain: NAME Submitter: NAME" (RFC 9990 3.5.2,
 * RFC 7489 7.2.1.1), or the message is a multipart/report (RFC 6522: failure
 * reports, bounces, receipts). Anybody can write such a header. Of a field that
 * is there twice none counts.
 *
 * The words of the Subject are taken in any letter case, though the RFCs have
 * one: Google writes "Report domain:". What follows the submitter's first word
 * is not read: some write an organization's name there, or no Report-ID. */
bool feedback_is_report(const struct header_list *headers);

#endif
