/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_REPORT_AGGREGATE_XML_H
#define APLOMB_REPORT_AGGREGATE_XML_H

/*
 * An XML document under construction, streamed: UTF-8, one element a line.
 * Outside text is escaped, cut to a bound, and what is no character of XML 1.0
 * (section 2.2), or a control character, becomes U+FFFD.
 *
 * When the sink fails the rest is dropped, and xml_close() says so.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "report/row/sink.h"

struct xml;

/* No text may be longer, in bytes: what comes from a domain's owner or a
 * sender needs far less. */
#define XML_MAX_TEXT 1000u

/* A new document; the declaration is written. */
struct xml *xml_open(struct sink to);

/* Names and words are ours, never from outside. */
void xml_begin(struct xml *x, const char *name);
void xml_attribute(struct xml *x, const char *name, const char *word);
void xml_end(struct xml *x);

/* A whole element: outside text of at most `max` bytes (at most XML_MAX_TEXT),
 * a word, a number. */
void xml_text(struct xml *x, const char *name, struct str outside, size_t max);
void xml_word(struct xml *x, const char *name, const char *word);
void xml_number(struct xml *x, const char *name, uint64_t number);

/* Nothing has failed so far. */
bool xml_is_good(const struct xml *x);

/* Writes what is left and frees; false when any byte is lost. */
bool xml_close(struct xml *x);

#endif
