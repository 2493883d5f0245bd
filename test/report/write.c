/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * write FORMAT DIR: a report of all specimens as DIR/report.xml, its package as
 * DIR/NAME.xml.gz and DIR/letter.eml. Each row goes to standard output as it
 * was meant, for other readers to be held against: fields in hexadecimal,
 * separated by blanks.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/text.h"
#include "report/aggregate/gzip.h"
#include "report/aggregate/report_message.h"
#include "test/report/specimen.h"

static const struct report_name_facts facts = {
	.submitter = STR_INIT("mx.rcv.example"),
	.domain = STR_INIT("acme.example"),
	.policy = STR_INIT("0"),
	.begin = 1795219200,
	.end = 1795305599,
};

static bool
add_to_text(void *arg, struct str bytes)
{
	text_add(arg, bytes);
	return true;
}

static void
show(struct str s)
{
	putchar('=');
	for (size_t i = 0; i < s.n; i++)
		printf("%02x", (unsigned char)s.p[i]);
	putchar(' ');
}

static void
show_row(const struct report_row *r)
{
	printf("%ju ", (uintmax_t)r->count);
	show(r->source_ip);
	show(r->header_from);
	show(r->envelope_from);
	show(r->spf.domain);
	show(r->reasons.count > 0 ? r->reasons.at[0].comment : STR(""));
	for (size_t i = 0; i < r->dkim_count; i++) {
		show(r->dkim[i].domain);
		show(r->dkim[i].selector);
		show(r->dkim[i].human);
	}
	putchar('\n');
}

static void
save(const char *folder, const char *name, const struct text *t,
    struct arena *a)
{
	const char *path = text_format(a, "%s/%s", folder, name).p;

	if (!file_replace(path, text_str(t), 0644)) {
		perror(path);
		exit(1);
	}
}

int
main(int argc, char **argv)
{
	struct arena *a = arena_new(0);
	struct text xml, gz, eml;
	struct report_name p;
	struct aggregate_head h;
	int format;

	if (argc != 3 || !table_value(report_format_names, str_of(argv[1]),
	    &format))
		return 64;
	text_init(&xml, a), text_init(&gz, a), text_init(&eml, a);
	report_name_make(&facts, a, &p);
	specimen_head((enum report_format)format, specimens[0].policy, &h);
	h.id = p.id;
	struct aggregate *g =
	    aggregate_open(&h, (struct sink) {add_to_text, &xml});
	for (const struct specimen *s = specimens; s->name != NULL; s++) {
		aggregate_add(g, &s->row);
		show_row(&s->row);
	}
	struct gzip *z = gzip_open((struct sink) {add_to_text, &gz});
	struct report_message_head lh = {STR("noreply@mx.rcv.example"),
	    STR("rua@acme.example"), 1795305600, &p, STR("For people.\n")};
	struct report_message *l =
	    report_message_open(&lh, a, (struct sink) {add_to_text, &eml});
	if (!aggregate_close(g) ||
	    !sink_write(gzip_sink(z), text_str(&xml)) || !gzip_close(z) ||
	    !sink_write(report_message_sink(l), text_str(&gz)) || !report_message_close(l))
		return 1;
	save(argv[2], "report.xml", &xml, a);
	save(argv[2], str_cstr(p.file, a), &gz, a);
	save(argv[2], "letter.eml", &eml, a);
	arena_free(a);
	return 0;
}
