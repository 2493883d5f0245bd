/* SPDX-License-Identifier: BSD-2-Clause */
#include "judge/history.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "auth/arc.h"
#include "base/arena.h"
#include "base/text.h"
#include "judge/history_field.h"
#include "judge/message.h"
#include "judge/plan.h"
#include "judge/verdict.h"
#include "net/ip.h"
#include "settings/settings.h"

/* Seconds; the year 9999 ends before. */
#define MAX_TIME 253402300800
#define MAX_UUID 36u

enum kind {
	TEXT,   /* at most `max` bytes */
	NAME,   /* one of `names` */
	NUMBER, /* `min` to `max` */
	FLAG,
	ADDRESS,
	UUID,
	OBJECT, /* of `fields` */
	LIST    /* at most `max` elements like `item` */
};

struct field {
	const char *name;
	enum kind kind;
	bool is_optional;
	int64_t min, max;
	const struct table_row *names;
	const struct field *fields;
	const struct field *item;
};

#define WORD(n)      {.name = n, .kind = TEXT, .max = HISTORY_WORD}
#define DOMAIN(n)    {.name = n, .kind = TEXT, .max = HISTORY_DOMAIN}
#define ONE_OF(n, t) {.name = n, .kind = NAME, .names = t}
#define COUNT(n, m)  {.name = n, .kind = NUMBER, .max = m}
#define MAYBE(n, k, m)                                                         \
	{.name = n, .kind = k, .max = m, .is_optional = true}
#define ARRAY(n, m, i) {.name = n, .kind = LIST, .max = m, .item = &(i)}
#define END          {.name = NULL}

static const struct table_row strictness[] = {{0, "r"}, {1, "s"}, {0, NULL}};
static const struct table_row yes_no[] = {{0, "n"}, {1, "y"}, {0, NULL}};
static const struct table_row scopes[] = {{0, "mfrom"}, {0, NULL}};
static const struct table_row identities[] = {{0, "mailfrom"}, {1, "helo"},
    {0, NULL}};
static const struct table_row pass_fail[] = {{0, "pass"}, {1, "fail"},
    {0, NULL}};

static const struct field reason_fields[] = {
	ONE_OF("type", reason_names),
	MAYBE("comment", TEXT, HISTORY_COMMENT),
	END,
};
static const struct field reason_item = {
	.name = "reason", .kind = OBJECT, .fields = reason_fields};

static const struct field spf_fields[] = {
	DOMAIN("domain"),
	ONE_OF("scope", scopes),
	ONE_OF("identity", identities),
	ONE_OF("result", spf_result_names),
	MAYBE("reason", TEXT, HISTORY_WORD),
	END,
};

static const struct field dkim_fields[] = {
	DOMAIN("domain"),
	DOMAIN("selector"),
	ONE_OF("result", signature_result_names),
	MAYBE("identity", TEXT, HISTORY_WORD),
	MAYBE("algorithm", TEXT, HISTORY_SHORT),
	MAYBE("b", TEXT, HISTORY_SHORT),
	MAYBE("bits", NUMBER, 1 << 20),
	MAYBE("testing", FLAG, 0),
	MAYBE("reason", TEXT, HISTORY_WORD),
	END,
};
static const struct field dkim_item = {
	.name = "signature", .kind = OBJECT, .fields = dkim_fields};

static const struct field sealer_fields[] = {
	DOMAIN("domain"),
	DOMAIN("selector"),
	END,
};
static const struct field sealer_item = {
	.name = "sealer", .kind = OBJECT, .fields = sealer_fields};

static const struct field arc_fields[] = {
	ONE_OF("result", arc_status_names),
	COUNT("sets", ARC_MAX_SETS),
	MAYBE("oldest_pass", NUMBER, ARC_MAX_SETS),
	ARRAY("sealers", HISTORY_MAX_SEALERS, sealer_item),
	MAYBE("reason", TEXT, HISTORY_WORD),
	END,
};

static const struct field published_fields[] = {
	DOMAIN("domain"),
	ONE_OF("discovery_method", discover_method_names),
	ONE_OF("p", record_policy_names),
	ONE_OF("sp", record_policy_names),
	ONE_OF("np", record_policy_names),
	ONE_OF("adkim", strictness),
	ONE_OF("aspf", strictness),
	{.name = "fo", .kind = TEXT, .min = 1, .max = sizeof "0:1:d:s" - 1},
	ONE_OF("testing", yes_no),
	ONE_OF("psd", record_psd_names),
	COUNT("pct", 100),
	{.name = "rua", .kind = FLAG},
	{.name = "ruf", .kind = FLAG},
	END,
};

static const struct field index_item = COUNT("index", SIGNATURES_MAX - 1);

static const struct field author_fields[] = {
	DOMAIN("header_from"),
	ONE_OF("dmarc", verdict_result_names),
	ONE_OF("spf", pass_fail),
	ONE_OF("dkim", pass_fail),
	ARRAY("aligned_dkim", SIGNATURES_MAX, index_item),
	MAYBE("reason", TEXT, HISTORY_WORD),
	MAYBE("org_domain", TEXT, HISTORY_DOMAIN),
	MAYBE("guarded", FLAG, 0),
	MAYBE("differs", FLAG, 0),
	{.name = "published", .kind = OBJECT, .is_optional = true,
	    .fields = published_fields},
	{.name = "tag", .kind = NAME, .is_optional = true,
	    .names = policy_tag_names},
	{.name = "policy", .kind = NAME, .is_optional = true,
	    .names = record_policy_names},
	ONE_OF("disposition", disposition_names),
	ARRAY("reasons", POLICY_MAX_REASONS, reason_item),
	MAYBE("error", TEXT, HISTORY_LONG),
	END,
};
static const struct field author_item = {
	.name = "author", .kind = OBJECT, .fields = author_fields};

static const struct field domain_item = DOMAIN("domain");
static const struct field name_item = WORD("name");

static const struct field line_fields[] = {
	COUNT("time", MAX_TIME),
	MAYBE("queue_id", TEXT, HISTORY_WORD),
	{.name = "source_ip", .kind = ADDRESS},
	MAYBE("client_name", TEXT, HISTORY_WORD),
	MAYBE("helo", TEXT, HISTORY_WORD),
	DOMAIN("envelope_from"),
	MAYBE("mail_from", TEXT, HISTORY_LONG),
	ARRAY("envelope_to", HISTORY_MAX_TO, domain_item),
	COUNT("recipients", MESSAGE_MAX_RECIPIENTS),
	ONE_OF("dmarc", verdict_result_names),
	MAYBE("reason", TEXT, HISTORY_WORD),
	{.name = "spf", .kind = OBJECT, .fields = spf_fields},
	ARRAY("dkim", SIGNATURES_MAX, dkim_item),
	{.name = "arc", .kind = OBJECT, .is_optional = true,
	    .fields = arc_fields},
	ARRAY("authors", AUTHOR_MAX_DOMAINS, author_item),
	MAYBE("decisive", NUMBER, AUTHOR_MAX_DOMAINS - 1),
	COUNT("draw", 99),
	ONE_OF("mode", mode_names),
	ONE_OF("action", plan_reply_names),
	{.name = "reply", .kind = NUMBER, .min = 200, .max = 599},
	ONE_OF("disposition", disposition_names),
	ARRAY("reasons", POLICY_MAX_REASONS, reason_item),
	MAYBE("override", TEXT, HISTORY_WORD),
	{.name = "dry_runs", .kind = LIST, .is_optional = true,
	    .max = VERDICT_MAX_DRY_RUNS, .item = &name_item},
	END,
};

static const struct field head_fields[] = {
	{.name = "version", .kind = NUMBER, .min = 1, .max = HISTORY_VERSION},
	WORD("host"),
	{.name = "uuid", .kind = UUID},
	COUNT("created", MAX_TIME),
	END,
};

struct check {
	struct arena *arena;
	struct str *reason;
};

static bool
refuse(struct check *c, const struct field *f, const char *what)
{
	*c->reason = text_format(c->arena, "%s %s", f->name, what);
	return false;
}

static struct str
string_of(const json_t *v)
{
	return (struct str) {json_string_value(v), json_string_length(v)};
}

static bool
is_uuid(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
		if (is_dash ? s.p[i] != '-' :
		    memchr("0123456789abcdef", s.p[i], 16) == NULL)
			return false;
	}
	return s.n == MAX_UUID;
}

/* As written, in lower case: who reads the field need not fold it. */
static bool
is_name(const struct table_row *names, struct str s)
{
	int value;
	return table_value(names, s, &value) &&
	    str_eq(s, str_of(table_name(names, value)));
}

static bool
check_string(struct check *c, const struct field *f, const json_t *v)
{
	struct str s = string_of(v);
	struct ip ip;
	if (!json_is_string(v))
		return refuse(c, f, "is not a string");
	if (f->kind == NAME)
		return is_name(f->names, s) ||
		    refuse(c, f, "is none of the names it may have");
	if (f->kind == ADDRESS)
		return ip_parse(s, &ip) || refuse(c, f, "is no IP address");
	if (f->kind == UUID)
		return is_uuid(s) || refuse(c, f, "is no UUID");
	if ((int64_t)s.n > f->max)
		return refuse(c, f, "is longer than allowed");
	return (int64_t)s.n >= f->min || refuse(c, f, "is empty");
}

static bool
check_number(struct check *c, const struct field *f, const json_t *v)
{
	if (!json_is_integer(v))
		return refuse(c, f, "is not a whole number");
	int64_t n = json_integer_value(v);
	return (n >= f->min && n <= f->max) || refuse(c, f, "is out of range");
}

static bool check_value(struct check *c, const struct field *f,
    const json_t *v);

static bool
check_list(struct check *c, const struct field *f, const json_t *v)
{
	if (!json_is_array(v))
		return refuse(c, f, "is not an array");
	if ((int64_t)json_array_size(v) > f->max)
		return refuse(c, f, "has too many elements");
	for (size_t i = 0; i < json_array_size(v); i++) {
		if (check_value(c, f->item, json_array_get(v, i)))
			continue;
		*c->reason = text_format(c->arena, "%s[%zu]: %.*s", f->name, i,
		    STR_ARG(*c->reason));
		return false;
	}
	return true;
}

/* Fields that the table does not name are passed over, so that a field can be
 * added without a new version. */
static bool
check_fields(struct check *c, const struct field *fields, const json_t *v)
{
	for (const struct field *f = fields; f->name != NULL; f++) {
		const json_t *value = json_object_get(v, f->name);
		if (value == NULL && f->is_optional)
			continue;
		if (value == NULL)
			return refuse(c, f, "is missing");
		if (!check_value(c, f, value))
			return false;
	}
	return true;
}

static bool
check_object(struct check *c, const struct field *f, const json_t *v)
{
	if (!json_is_object(v))
		return refuse(c, f, "is not an object");
	if (check_fields(c, f->fields, v))
		return true;
	*c->reason = text_format(c->arena, "%s: %.*s", f->name,
	    STR_ARG(*c->reason));
	return false;
}

static bool
check_value(struct check *c, const struct field *f, const json_t *v)
{
	switch (f->kind) {
	case NUMBER:
		return check_number(c, f, v);
	case FLAG:
		return json_is_boolean(v) ||
		    refuse(c, f, "is neither true nor false");
	case OBJECT:
		return check_object(c, f, v);
	case LIST:
		return check_list(c, f, v);
	case TEXT:
	case NAME:
	case ADDRESS:
	case UUID:
		return check_string(c, f, v);
	}
	abort();
}

static bool
say(struct check *c, const char *sentence)
{
	*c->reason = str_of(sentence);
	return false;
}

static const char *
text_in(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

/* One author's fields must fit together, and fit the signatures. The fields are
 * there and of their kinds. */
static bool
author_is_sound(struct check *c, const json_t *author, size_t signatures)
{
	const char *result = text_in(author, "dmarc");
	bool is_fail = strcmp(result, "fail") == 0;
	if ((is_fail || strcmp(result, "pass") == 0) &&
	    json_object_get(author, "published") == NULL)
		return say(c, "published is missing beside pass or fail");
	if (is_fail && json_object_get(author, "policy") == NULL)
		return say(c, "policy is missing beside fail");
	const json_t *aligned = json_object_get(author, "aligned_dkim");
	for (size_t i = 0; i < json_array_size(aligned); i++) {
		const json_t *at = json_array_get(aligned, i);
		if ((size_t)json_integer_value(at) >= signatures)
			return say(c, "aligned_dkim names a signature that is "
				      "not in dkim");
	}
	return true;
}

static bool
line_is_sound(struct check *c, const json_t *line)
{
	const json_t *authors = json_object_get(line, "authors");
	size_t signatures = json_array_size(json_object_get(line, "dkim"));
	for (size_t i = 0; i < json_array_size(authors); i++)
		if (!author_is_sound(c, json_array_get(authors, i), signatures))
			return false;
	const json_t *decisive = json_object_get(line, "decisive");
	if (decisive == NULL)
		return json_array_size(authors) == 0 ||
		    say(c, "decisive is missing beside authors");
	const json_t *author =
	    json_array_get(authors, (size_t)json_integer_value(decisive));
	if (author == NULL)
		return say(c, "decisive names an author that is not there");
	return strcmp(text_in(author, "dmarc"), text_in(line, "dmarc")) == 0 ||
	    say(c, "dmarc differs from that of the decisive author");
}

static bool
check_json(struct check *c, const json_t *line, bool *is_head)
{
	if (!json_is_object(line))
		return say(c, "the line is not an object");
	*is_head = json_object_get(line, "dmarc") == NULL &&
	    json_object_get(line, "version") != NULL;
	if (*is_head)
		return check_fields(c, head_fields, line);
	return check_fields(c, line_fields, line) && line_is_sound(c, line);
}

bool
history_check(struct str line, struct arena *a, bool *is_head,
    struct str *reason)
{
	struct check c = {a, reason};
	*is_head = false;
	*reason = (struct str) {0};
	if (line.n >= HISTORY_MAX_LINE) /* the newline counts */
		return say(&c, "the line is longer than allowed");
	json_error_t error;
	json_t *json = json_loadb(line.p != NULL ? line.p : "", line.n,
	    JSON_REJECT_DUPLICATES, &error);
	if (json == NULL) {
		*reason = text_format(a, "no JSON at byte %d: %s",
		    error.position, error.text);
		return false;
	}
	bool is_good = check_json(&c, json, is_head);
	json_decref(json);
	return is_good;
}
