/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/aggregate/report_name.h"

#include <inttypes.h>

#include "base/arena.h"
#include "base/ascii.h"
#include "base/text.h"
#include "base/digest.h"

/* A domain as it may stand in a file's name and in a header field. */
static struct str
plain(struct str domain, struct arena *a)
{
	char *p = arena_copy(a, domain.p, domain.n);

	for (size_t i = 0; i < domain.n; i++)
		if (!ascii_is_alnum(p[i]) && p[i] != '-' && p[i] != '.' &&
		    p[i] != '_')
			p[i] = '_';
	return (struct str) {p, domain.n};
}

/* A hash, since the id has only letters and digits and is to be unique; "s" and
 * a number tell the further reports of the same facts apart. */
static struct str
make_id(const struct report_name_facts *f, struct arena *a)
{
	char digest[DIGEST_TEXT];
	struct str facts = text_format(a, "%.*s\n%.*s\n%.*s\n%" PRId64
	    "\n%" PRId64, STR_ARG(f->submitter), STR_ARG(f->domain),
	    STR_ARG(f->policy), f->begin, f->end);

	digest_of(facts, digest);
	struct str id = str_copy((struct str) {digest, sizeof digest}, a);
	if (f->sequence == 0)
		return id;
	return text_format(a, "%.*ss%u", STR_ARG(id), f->sequence);
}

void
report_name_make(const struct report_name_facts *f, struct arena *a,
    struct report_name *out)
{
	struct str submitter = plain(f->submitter, a);
	struct str domain = plain(f->domain, a);

	out->domain = domain;
	out->id = make_id(f, a);
	out->stem = text_format(a, "%.*s!%.*s!%" PRId64 "!%" PRId64 "!%.*s",
	    STR_ARG(submitter), STR_ARG(domain), f->begin, f->end,
	    STR_ARG(out->id));
	out->file = text_format(a, "%.*s.xml.gz", STR_ARG(out->stem));
	out->subject = text_format(a, "Report Domain: %.*s Submitter: %.*s "
	    "Report-ID: <%.*s>", STR_ARG(domain), STR_ARG(submitter),
	    STR_ARG(out->id));
	out->message_id = text_format(a, "<%.*s@%.*s>", STR_ARG(out->id),
	    STR_ARG(submitter));
}
