/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Outside text in a report and in its names: each line of the input is one
 * text. Both forms must be well-formed, nothing may be longer than its bound,
 * and the message must be ASCII in short lines.
 */
#include <stdint.h>
#include <stdlib.h>

#include <libxml/parser.h>

#include "base/arena.h"
#include "base/text.h"
#include "report/aggregate/aggregate.h"
#include "report/aggregate/report_message.h"

#define MAX_BYTES 16384u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool holds)
{
	if (!holds)
		abort();
}

static bool
add_to_text(void *arg, struct str bytes)
{
	text_add(arg, bytes);
	return true;
}

static void
check_node(const xmlNode *n)
{
	for (; n != NULL; n = n->next) {
		if (n->type == XML_TEXT_NODE)
			must(str_of((const char *)n->content).n <=
			    AGGREGATE_MAX_SENTENCE);
		else
			must(n->type == XML_ELEMENT_NODE);
		check_node(n->children);
	}
}

static void
check_xml(struct str xml)
{
	xmlDocPtr doc = xmlReadMemory(xml.p, (int)xml.n, "report", NULL,
	    XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);

	must(doc != NULL);
	check_node(xmlDocGetRootElement(doc));
	xmlFreeDoc(doc);
}

static struct str
write_xml(enum report_format format, struct str in, struct arena *a)
{
	struct text t;
	struct report_policy p = {.domain = str_cut(&in, '\n'),
	    .fo = str_cut(&in, '\n'), .error = str_cut(&in, '\n')};
	struct aggregate_head h = {.format = format, .policy = &p,
	    .org_name = str_cut(&in, '\n'), .email = str_cut(&in, '\n'),
	    .contact = str_cut(&in, '\n'), .error = str_cut(&in, '\n')};
	struct report_row *r = ARENA_NEW(a, struct report_row);

	text_init(&t, a);
	struct aggregate *g =
	    aggregate_open(&h, (struct sink) {add_to_text, &t});
	do {
		r->source_ip = str_cut(&in, '\n');
		r->header_from = str_cut(&in, '\n');
		r->envelope_from = str_cut(&in, '\n');
		r->envelope_to = str_cut(&in, '\n');
		r->spf.domain = str_cut(&in, '\n');
		r->reasons.count = 0;
		reasons_add(&r->reasons, (enum reason_type)(in.n %
		    (REASON_FORWARDED + 1u)), str_cut(&in, '\n'));
		r->dkim[0] = (struct report_dkim) {str_cut(&in, '\n'),
		    str_cut(&in, '\n'), SIGNATURE_FAIL, str_cut(&in, '\n')};
		r->dkim_count = 1;
		must(aggregate_add(g, r));
	} while (in.n > 0);
	must(aggregate_close(g));
	return text_str(&t);
}

static void
check_letter(struct str in, struct str body, struct arena *a)
{
	struct report_name p;
	struct text t;

	report_name_make(&(struct report_name_facts) {
	    .submitter = str_sub(str_cut(&in, '\n'), 0, 253),
	    .domain = str_sub(in, 0, 253)}, a, &p);
	text_init(&t, a);
	struct report_message *l = report_message_open(&(struct report_message_head) {
	    .from = STR("a@b.example"), .report_name = &p, .text = STR("x\n")},
	    a, (struct sink) {add_to_text, &t});
	must(sink_write(report_message_sink(l), body) && report_message_close(l));
	struct str rest = text_str(&t);
	while (rest.n > 0) {
		struct str line = str_cut(&rest, '\n');
		must(line.n > 0 && line.n <= 999 && line.p[line.n - 1] == '\r');
		for (size_t i = 0; i + 1 < line.n; i++)
			must(line.p[i] >= 0x20 && line.p[i] < 0x7f);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > MAX_BYTES)
		return 0;
	struct arena *a = arena_new(0);
	struct str in = {(const char *)data, size};

	check_xml(write_xml(REPORT_RFC9990, in, a));
	struct str old = write_xml(REPORT_RFC7489, in, a);
	check_xml(old);
	check_letter(in, old, a);
	arena_free(a);
	return 0;
}
