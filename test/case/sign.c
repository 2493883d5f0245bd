/* SPDX-License-Identifier: BSD-2-Clause */
#include "test/case/sign.h"

#include "base/arena.h"
#include "test/case/script.h"
#include "test/case/stage.h"
#include "test/lib/signer.h"

/* Small enough to be made in a moment, large enough to be accepted (RFC 8301
 * 3.2). */
#define RSA_BITS 1024u

/* The options of a fact; everything else goes into the field as it stands. */
struct options {
	const char *a, *s, *c, *h;
	struct text more;
	struct str length; /* l= */
};

static bool
read_options(struct str rest, struct arena *a, struct options *out)
{
	*out = (struct options) {.a = "rsa-sha256", .c = "relaxed/relaxed",
	    .h = "from"};
	text_init(&out->more, a);
	while (rest.n > 0) {
		struct str value = script_word(&rest), word = value;
		struct str name = str_cut(&value, '=');
		if (name.n == 0 || name.n == word.n)
			return false;
		if (str_eq(name, STR("a")))
			out->a = str_cstr(value, a);
		else if (str_eq(name, STR("s")))
			out->s = str_cstr(value, a);
		else if (str_eq(name, STR("c")))
			out->c = str_cstr(value, a);
		else if (str_eq(name, STR("h")))
			out->h = str_cstr(value, a);
		else if (str_eq(name, STR("l")))
			out->length = value;
		else
			text_printf(&out->more, " %.*s;", STR_ARG(word));
	}
	return true;
}

/* One key of each type for all signatures of the process. */
static const struct signer_key *
key_of(const char *algorithm)
{
	static struct arena *arena;
	static struct signer_key *rsa, *ed25519;
	struct str a = str_of(algorithm);
	if (arena == NULL) {
		arena = arena_new(0);
		rsa = signer_key_rsa(RSA_BITS, arena);
		ed25519 = signer_key_ed25519(arena);
	}
	if (str_has_prefix(a, STR("rsa-")))
		return rsa;
	return str_has_prefix(a, STR("ed25519-")) ? ed25519 : NULL;
}

/* What DNS says of the key: a record in strings of at most 255 octets, a
 * failure, or nothing. */
static bool
add_key(const struct script_signature *g, const char *selector,
    const struct signer_key *key, struct text *zone, struct arena *a)
{
	struct str name = text_format(a, "%s._domainkey.%.*s", selector,
	    STR_ARG(g->domain));
	if (str_eq(g->result, STR("permerror")))
		return true;
	if (str_eq(g->result, STR("temperror"))) {
		text_printf(zone, "servfail %.*s TXT\n", STR_ARG(name));
		return true;
	}
	struct str record = signer_key_record(key, a);
	text_printf(zone, "%.*s TXT", STR_ARG(name));
	for (size_t at = 0; at < record.n; at += 255)
		text_printf(zone, " \"%.*s\"",
		    STR_ARG(str_sub(record, at, 255)));
	text_add_char(zone, '\n');
	return str_eq(g->result, STR("pass")) ||
	    str_eq(g->result, STR("fail"));
}

bool
sign_fact(const struct script_signature *g, unsigned number,
    const struct stage *st, struct text *zone, struct arena *a,
    struct header_field *out)
{
	struct options o;
	uint64_t length = 0;
	if (!read_options(g->options, a, &o) || (o.length.n > 0 &&
	    !str_to_uint(o.length, st->body.n, &length)))
		return false;
	const struct signer_key *key = key_of(o.a);
	if (o.s == NULL)
		o.s = text_format(a, "case%u", number).p;
	if (key == NULL || !add_key(g, o.s, key, zone, a))
		return false;
	struct signer_job job = {.key = key, .domain = str_cstr(g->domain, a),
	    .selector = o.s, .a = o.a, .c = o.c, .h = o.h,
	    .more = text_cstr(&o.more), .has_length = o.length.n > 0,
	    .length = (size_t)length, .fields = st->fields,
	    .field_count = st->field_count, .body = st->body};
	/* A signature of another body. */
	if (str_eq(g->result, STR("fail")))
		job.body = text_format(a, "%.*sP.S.\r\n", STR_ARG(st->body));
	*out = (struct header_field) {.name = STR("DKIM-Signature"),
	    .value = signer_sign(&job, a), .instance = 1};
	return true;
}
