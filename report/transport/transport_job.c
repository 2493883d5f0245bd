/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/transport/transport_job.h"

#include "base/arena.h"
#include "base/ascii.h"
#include "base/text.h"

void
transport_job_say(struct transport_job *j, enum transport_status status, int code,
    struct str text)
{
	*j->out = (struct transport_result) {
		.status = status, .code = code, .text = text,
	};
}

void
transport_job_no_service(struct transport_job *j, struct str text)
{
	transport_job_say(j, TRANSPORT_DEFERRED, 0, text);
	j->out->is_service = true;
}

struct str
transport_job_words(struct str outside, struct arena *a)
{
	struct str shown = str_trim(str_sub(outside, 0, TRANSPORT_MAX_WORDS));
	struct text t;

	text_init(&t, a);
	for (size_t i = 0; i < shown.n; i++)
		if (ascii_is_print(shown.p[i]))
			text_add_char(&t, shown.p[i]);
		else
			text_printf(&t, "\\x%02x", (unsigned char)shown.p[i]);
	if (outside.n > TRANSPORT_MAX_WORDS)
		text_add(&t, STR("..."));
	return text_str(&t);
}
