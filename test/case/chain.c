/* SPDX-License-Identifier: BSD-2-Clause */
#include "test/case/chain.h"

#include <string.h>

#include "base/arena.h"
#include "test/case/script.h"
#include "test/case/stage.h"
#include "test/lib/sealer.h"

static void
add_key(struct str sealer, struct str result, struct text *zone,
    struct arena *a)
{
	if (str_eq(result, STR("temperror")))
		text_printf(zone, "servfail s._domainkey.%.*s TXT\n",
		    STR_ARG(sealer));
	if (!str_eq(result, STR("pass")) && !str_eq(result, STR("changed")))
		return;
	struct str record = sealer_record(SEALER_RSA, a);
	text_printf(zone, "s._domainkey.%.*s TXT", STR_ARG(sealer));
	for (size_t at = 0; at < record.n; at += 255)
		text_printf(zone, " \"%.*s\"",
		    STR_ARG(str_sub(record, at, 255)));
	text_add_char(zone, '\n');
}

static bool
is_result(struct str s)
{
	return str_eq(s, STR("pass")) || str_eq(s, STR("fail")) ||
	    str_eq(s, STR("temperror")) || str_eq(s, STR("changed"));
}

/* arc pass|fail|temperror|changed SEALER RESULTS: a seal fails for want of its
 * key; what was changed since it was sealed is the body. */
static bool
seal(struct sealed *m, struct str line, struct text *zone, struct arena *a)
{
	struct str result = script_word(&line), sealer = script_word(&line);
	struct str body = m->body;
	struct seal how = {.domain = str_cstr(sealer, a),
	    .payload = text_format(a, "%.*s; %.*s", STR_ARG(sealer),
		STR_ARG(line)).p};
	if (sealer.n == 0 || !is_result(result))
		return false;
	if (str_eq(result, STR("changed")))
		how.body = text_format(a, "%.*sP.S.\r\n", STR_ARG(body)).p;
	add_key(sealer, result, zone, a);
	sealed_seal(m, &how);
	m->body = body;
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
			*problem = text_format(a, "%s:%u: arc takes a "
			    "result, a sealer, and what it says", s->file,
			    s->chain.at[i].number);
			return false;
		}
	st->fields = m->fields;
	st->field_count = m->count;
	return true;
}
