/* SPDX-License-Identifier: BSD-2-Clause */
#include "test/case/stage.h"

#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "net/dns_zone.h"
#include "test/case/chain.h"
#include "test/case/script.h"
#include "test/case/sign.h"

/* The record that makes an "spf" fact true for the client. */
static void
add_spf_fact(const struct script *s, struct text *zone)
{
	static const struct {
		struct str result;
		const char *policy;
	} rows[] = {
		{STR_INIT("fail"), "-all"},
		{STR_INIT("softfail"), "~all"},
		{STR_INIT("neutral"), "?all"},
		{STR_INIT("permerror"), "nonsense"},
	};
	struct str d = s->spf_domain, result = s->spf_result;
	if (str_eq(result, STR("temperror")))
		text_printf(zone, "servfail %.*s TXT\n", STR_ARG(d));
	if (str_eq(result, STR("pass")))
		text_printf(zone, "%.*s TXT \"v=spf1 %s:%.*s -all\"\n",
		    STR_ARG(d), str_find(s->client, ':') < s->client.n ?
		    "ip6" : "ip4", STR_ARG(s->client));
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (str_eq(result, rows[i].result))
			text_printf(zone, "%.*s TXT \"v=spf1 %s\"\n",
			    STR_ARG(d), rows[i].policy);
}

static struct header_field
split_field(struct str line)
{
	struct str value = line, name = str_cut(&value, ':');
	return (struct header_field) {.name = name, .value = value};
}

static void
compose(const struct script *s, struct stage *st, struct arena *a)
{
	size_t room = s->headers.count + s->signature_count;
	st->fields = ARENA_ARRAY(a, struct header_field, room + 1);
	for (size_t i = 0; i < s->headers.count; i++)
		st->fields[st->field_count++] =
		    split_field(s->headers.at[i].text);
	struct text body;
	text_init(&body, a);
	for (size_t i = 0; i < s->body.count; i++) {
		text_add(&body, s->body.at[i].text);
		text_add(&body, STR("\r\n"));
	}
	if (s->body.count == 0)
		text_add(&body, STR("Good morning.\r\n"));
	st->body = text_str(&body);
}

static void
envelope(const struct script *s, struct stage *st, struct arena *a)
{
	struct str path = s->mail_from;
	if (s->spf_domain.n > 0)
		path = text_format(a, "<a@%.*s>", STR_ARG(s->spf_domain));
	st->mail_from = str_cstr(path, a);
	st->recipients =
	    ARENA_ARRAY(a, const char *, s->recipients.count + 2);
	for (size_t i = 0; i < s->recipients.count; i++)
		st->recipients[i] = text_format(a, "<%.*s>",
		    STR_ARG(s->recipients.at[i].text)).p;
	if (s->recipients.count == 0)
		st->recipients[0] = "<you@rcv.example>";
}

static void
join(struct stage *st, struct arena *a)
{
	struct text t;
	text_init(&t, a);
	for (size_t i = 0; i < st->field_count; i++) {
		text_add(&t, st->fields[i].name);
		text_add_char(&t, ':');
		text_add(&t, st->fields[i].value);
		text_add(&t, STR("\r\n"));
	}
	text_add(&t, STR("\r\n"));
	text_add(&t, st->body);
	st->text = text_str(&t);
}

/* Signs from the last line to the first, each signature on top. */
static bool
add_signatures(const struct script *s, struct stage *st, struct text *zone,
    struct arena *a, struct str *problem)
{
	for (size_t i = s->signature_count; i > 0; i--) {
		struct header_field f;
		if (!sign_fact(&s->signatures[i - 1], (unsigned)i, st, zone, a,
		    &f)) {
			*problem = text_format(a, "%s:%u: this signature "
			    "cannot be made", s->file,
			    s->signatures[i - 1].line);
			return false;
		}
		memmove(st->fields + 1, st->fields,
		    st->field_count * sizeof *st->fields);
		st->fields[0] = f;
		st->field_count++;
	}
	return true;
}

bool
stage_build(const struct script *s, struct arena *a, struct stage *out,
    struct str *problem)
{
	struct text zone;
	text_init(&zone, a);
	for (size_t i = 0; i < s->zone.count; i++)
		text_printf(&zone, "%.*s\n", STR_ARG(s->zone.at[i].text));
	if (s->spf_domain.n > 0)
		add_spf_fact(s, &zone);
	*out = (struct stage) {.script = s};
	compose(s, out, a);
	envelope(s, out, a);
	if (!add_signatures(s, out, &zone, a, problem) ||
	    !chain_add(s, out, &zone, a, problem))
		return false;
	join(out, a);
	size_t line = 0;
	const char *reason = "";
	out->zone_text = text_str(&zone);
	out->zone = zone_parse(out->zone_text, a, &line, &reason);
	if (out->zone == NULL) {
		unsigned number = line > 0 && line <= s->zone.count ?
		    s->zone.at[line - 1].number : 0;
		*problem = text_format(a, "%s:%u: %s", s->file, number,
		    reason);
	}
	return out->zone != NULL;
}

struct str
stage_config(const struct stage *st, unsigned mode, const char *folder,
    unsigned dns_port, struct arena *a)
{
	const struct script *s = st->script;
	struct text t;
	text_init(&t, a);
	text_printf(&t, "discovery = %s\npublic-suffix-list = \"%s/psl\"\n"
	    "socket = \"unix:%s/sock\"\nhistory = \"%s/history\"\n",
	    mode == SCRIPT_PSL ? "psl" : "treewalk", folder, folder, folder);
	if (dns_port > 0)
		text_printf(&t, "dns-servers = {\"127.0.0.1:%u\"}\n",
		    dns_port);
	for (size_t i = 0; i < s->config.count; i++)
		text_printf(&t, "%.*s\n", STR_ARG(s->config.at[i].text));
	return text_str(&t);
}
