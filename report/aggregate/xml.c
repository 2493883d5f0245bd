/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/aggregate/xml.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libxml/xmlwriter.h>

#include "base/utf8.h"

/* Digits of the largest number, and the NUL. */
#define NUMBER_BYTES 21u

struct xml {
	struct sink to;
	xmlTextWriterPtr writer;
	bool has_failed;
};

/* libxml2's writer fails for want of memory or by a fault of ours alone, since
 * take() never fails towards it. */
static void
must(int result)
{
	if (result < 0)
		abort();
}

/* libxml2 would print to stderr what the sink refuses: it is told that all is
 * well, and the failure is kept. */
static int
take(void *arg, const char *bytes, int n)
{
	struct xml *x = arg;

	if (!x->has_failed)
		x->has_failed =
		    !sink_write(x->to, (struct str) {bytes, (size_t)n});
	return n;
}

static int
finish(void *arg)
{
	(void)arg;
	return 0;
}

struct xml *
xml_open(struct sink to)
{
	struct xml *x = malloc(sizeof *x);

	if (x == NULL)
		abort();
	*x = (struct xml) {.to = to};
	xmlOutputBufferPtr out =
	    xmlOutputBufferCreateIO(take, finish, x, NULL);
	x->writer = out != NULL ? xmlNewTextWriter(out) : NULL;
	if (x->writer == NULL)
		abort();
	must(xmlTextWriterSetIndent(x->writer, 1));
	must(xmlTextWriterStartDocument(x->writer, "1.0", "UTF-8", NULL));
	return x;
}

void
xml_begin(struct xml *x, const char *name)
{
	must(xmlTextWriterStartElement(x->writer, BAD_CAST name));
}

void
xml_attribute(struct xml *x, const char *name, const char *word)
{
	must(xmlTextWriterWriteAttribute(x->writer, BAD_CAST name,
	    BAD_CAST word));
}

void
xml_end(struct xml *x)
{
	must(xmlTextWriterEndElement(x->writer));
}

void
xml_word(struct xml *x, const char *name, const char *word)
{
	must(xmlTextWriterWriteElement(x->writer, BAD_CAST name,
	    BAD_CAST word));
}

void
xml_number(struct xml *x, const char *name, uint64_t number)
{
	char digits[NUMBER_BYTES];

	snprintf(digits, sizeof digits, "%" PRIu64, number);
	xml_word(x, name, digits);
}

/* Bytes of the character at p that XML 1.0 section 2.2 allows, or 0: UTF-8
 * without control characters still has U+FFFE and U+FFFF. */
static size_t
character_length(const char *p, size_t n)
{
	size_t length = utf8_length(p, n);

	if (length == 3 && (memcmp(p, "\xef\xbf\xbe", 3) == 0 ||
	    memcmp(p, "\xef\xbf\xbf", 3) == 0))
		return 0;
	return length;
}

void
xml_text(struct xml *x, const char *name, struct str outside, size_t max)
{
	char text[XML_MAX_TEXT + 1];
	size_t n = 0;

	if (max > XML_MAX_TEXT)
		max = XML_MAX_TEXT;
	for (size_t i = 0; i < outside.n;) {
		const char *piece = outside.p + i;
		size_t length = character_length(piece, outside.n - i);
		i += length > 0 ? length : 1;
		if (length == 0) {
			piece = UTF8_REPLACEMENT;
			length = sizeof UTF8_REPLACEMENT - 1;
		}
		if (n + length > max)
			break;
		memcpy(text + n, piece, length);
		n += length;
	}
	text[n] = '\0';
	xml_word(x, name, text);
}

bool
xml_is_good(const struct xml *x)
{
	return !x->has_failed;
}

bool
xml_close(struct xml *x)
{
	must(xmlTextWriterEndDocument(x->writer));
	xmlFreeTextWriter(x->writer); /* flushes */
	bool is_whole = !x->has_failed;
	free(x);
	return is_whole;
}
