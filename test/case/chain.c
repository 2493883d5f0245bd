/* SPDX-License-Identifier: BSD-2-Clause */
#include "test/case/chain.h"

#include <string.h>

#include "base/arena.h"
#include "test/case/script.h"
#include "test/case/stage.h"
#include "test/lib/sealer.h"

static void
add_key(struct str sealer, struct text *zone, struct arena *a)
{
	struct str record = sealer_record(SEALER_RSA, a);
	text_printf(zone, "s._domainkey.%.*s TXT", STR_ARG(sealer));
	for (size_t at = 0; at < record.n; at += 255)
		text_printf(zone, " \"%.*s\"",
		    STR_ARG(str_sub(record, at, 255)));
	text_add_char(zone, '\n');
}

/* arc pass|fail SEALER RESULTS: a seal fails for want of its key. */
static bool
seal(struct sealed *m, struct str line, struct text *zone, struct arena *a)
{
	struct str result = script_word(&line), sealer = script_word(&line);
	bool is_pass = str_eq(result, STR("pass"));
	if (sealer.n == 0 || (!is_pass && !str_eq(result, STR("fail"))))
		return false;
	if (is_pass)
		add_key(sealer, zone, a);
	sealed_seal(m, &(struct seal) {.domain = str_cstr(sealer, a),
	    .payload = text_format(a, "%.*s; %.*s", STR_ARG(sealer),
		STR_ARG(line)).p});
	return true;
}

bool
chain_add(const struct script *s, struct stage *st, struct text *zone,
    struct arena *a, struct str *problem)
{
	if (s->chain.count == 0)
		return true;
	struct sealed *m = ARENA_NEW(a, struct sealed);
	m->arena = a;
	m->body = st->body;
	m->count = st->field_count;
	if (m->count > SEALER_MAX_FIELDS / 2)
		return *problem = STR("too many fields to be sealed"), false;
	memcpy(m->fields, st->fields, m->count * sizeof *st->fields);
	for (size_t i = 0; i < s->chain.count; i++)
		if (!seal(m, s->chain.at[i].text, zone, a)) {
			*problem = text_format(a, "%s:%u: arc takes pass or "
			    "fail, a sealer, and what it says", s->file,
			    s->chain.at[i].number);
			return false;
		}
	st->fields = m->fields;
	st->field_count = m->count;
	return true;
}
