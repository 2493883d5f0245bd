/* SPDX-License-Identifier: BSD-2-Clause */
/* Replies of SMTP servers: any bytes end in a judgement that holds together,
 * and in words that can be shown. The first byte is the stage. */
#include <stdlib.h>

#include "base/arena.h"
#include "base/ascii.h"
#include "report/transport/transport_job.h"
#include "report/transport/transport_reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool condition)
{
	if (!condition)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new(0);
	struct transport_reply r = {.code = 0};
	struct transport_result got;
	struct str rest = {(const char *)data, size};

	if (size == 0)
		goto out;
	enum transport_stage stage = data[0] % (TRANSPORT_MESSAGE + 1);
	rest = str_sub(rest, 1, size);
	while (rest.n > 0)
		transport_reply_add(&r, str_cut(&rest, '\n'));
	must(r.n <= sizeof r.text && r.code >= 0 && r.code <= 999);
	transport_reply_judge(&r, stage, &got);
	must(got.status != TRANSPORT_SENT && got.code == r.code);
	must((got.status == TRANSPORT_REFUSED) <=
	    (r.code >= 500 && r.code <= 599 && stage != TRANSPORT_CONNECT));
	must(!got.is_address || (got.status == TRANSPORT_REFUSED &&
	    stage == TRANSPORT_RCPT));
	must(!got.is_service || got.status == TRANSPORT_DEFERRED);
	struct str words = transport_job_words((struct str) {r.text, r.n}, a);
	must(words.n <= 4 * TRANSPORT_MAX_WORDS + 3);
	for (size_t i = 0; i < words.n; i++)
		must(ascii_is_print(words.p[i]));
out:
	arena_free(a);
	return 0;
}
