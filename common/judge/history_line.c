/* SPDX-License-Identifier: BSD-2-Clause */
#include "judge/history_line.h"

#include "auth/arc.h"
#include "judge/history.h"
#include "judge/plan.h"
#include "settings/settings.h"

/* Seconds; the year 9999 ends before. */
#define MAX_TIME 253402300800

#define AT(m)   .at = offsetof(struct OF, m)
#define HAS(m)  .has = offsetof(struct OF, m)
#define LIST_OF(n, array, i, m, c)                                             \
	{.name = n, .kind = HISTORY_LIST, .max = m, .item = &(i), AT(array),   \
	    .count = offsetof(struct OF, c)}
#define TEXT(n, m, bound)                                                      \
	{.name = n, .kind = HISTORY_TEXT, .max = bound, AT(m)}
#define MAYBE_TEXT(n, m, bound)                                                \
	{.name = n, .kind = HISTORY_TEXT, .max = bound, .is_optional = true,   \
	    AT(m)}
#define ONE_OF(n, m, t) {.name = n, .kind = HISTORY_NAME, .names = t, AT(m)}
#define COUNT(n, m, bound)                                                     \
	{.name = n, .kind = HISTORY_NUMBER, .max = bound, AT(m)}
#define FLAG(n, m) {.name = n, .kind = HISTORY_FLAG, AT(m)}
#define MAYBE_FLAG(n, m)                                                       \
	{.name = n, .kind = HISTORY_FLAG, .is_optional = true, AT(m)}
#define ITEM(n, k, type, ...)                                                  \
	{.name = n, .kind = k, .size = sizeof(type), __VA_ARGS__}
#define END {.name = NULL}

static const struct table_row strictness[] = {{0, "r"}, {1, "s"}, {0, NULL}};
static const struct table_row yes_no[] = {{0, "n"}, {1, "y"}, {0, NULL}};
static const struct table_row scopes[] = {{0, "mfrom"}, {0, NULL}};
static const struct table_row identities[] = {{0, "mailfrom"}, {1, "helo"},
    {0, NULL}};
static const struct table_row pass_fail[] = {{0, "pass"}, {1, "fail"},
    {0, NULL}};

#define OF history_reason
static const struct history_field reason_fields[] = {
	ONE_OF("type", type, reason_names),
	MAYBE_TEXT("comment", comment, HISTORY_COMMENT),
	END,
};
#undef OF
static const struct history_field reason_item = ITEM("reason", HISTORY_OBJECT,
    struct history_reason, .fields = reason_fields);

#define OF history_spf
static const struct history_field spf_fields[] = {
	TEXT("domain", domain, HISTORY_DOMAIN),
	ONE_OF("scope", scope, scopes),
	ONE_OF("identity", identity, identities),
	ONE_OF("result", result, spf_result_names),
	MAYBE_TEXT("reason", reason, HISTORY_WORD),
	END,
};
#undef OF

#define OF history_signature
static const struct history_field dkim_fields[] = {
	TEXT("domain", domain, HISTORY_DOMAIN),
	TEXT("selector", selector, HISTORY_DOMAIN),
	ONE_OF("result", result, signature_result_names),
	MAYBE_TEXT("identity", identity, HISTORY_WORD),
	MAYBE_TEXT("algorithm", algorithm, HISTORY_SHORT),
	MAYBE_TEXT("b", b, HISTORY_SHORT),
	{.name = "bits", .kind = HISTORY_NUMBER, .max = 1 << 20,
	    .is_optional = true, AT(bits)},
	MAYBE_FLAG("testing", is_testing),
	MAYBE_TEXT("reason", reason, HISTORY_WORD),
	END,
};
#undef OF
static const struct history_field dkim_item = ITEM("signature", HISTORY_OBJECT,
    struct history_signature, .fields = dkim_fields);

#define OF history_sealer
static const struct history_field sealer_fields[] = {
	TEXT("domain", domain, HISTORY_DOMAIN),
	TEXT("selector", selector, HISTORY_DOMAIN),
	END,
};
#undef OF
static const struct history_field sealer_item = ITEM("sealer", HISTORY_OBJECT,
    struct history_sealer, .fields = sealer_fields);

#define OF history_arc
static const struct history_field arc_fields[] = {
	ONE_OF("result", result, arc_status_names),
	COUNT("sets", sets, ARC_MAX_SETS),
	{.name = "oldest_pass", .kind = HISTORY_NUMBER, .max = ARC_MAX_SETS,
	    .is_optional = true, AT(oldest_pass), HAS(has_oldest_pass)},
	LIST_OF("sealers", sealers, sealer_item, HISTORY_MAX_SEALERS,
	    sealer_count),
	MAYBE_TEXT("reason", reason, HISTORY_WORD),
	END,
};
#undef OF

#define OF history_published
static const struct history_field published_fields[] = {
	TEXT("domain", domain, HISTORY_DOMAIN),
	ONE_OF("discovery_method", method, discover_method_names),
	ONE_OF("p", p, record_policy_names),
	ONE_OF("sp", sp, record_policy_names),
	ONE_OF("np", np, record_policy_names),
	ONE_OF("adkim", adkim, strictness),
	ONE_OF("aspf", aspf, strictness),
	{.name = "fo", .kind = HISTORY_TEXT, .min = 1,
	    .max = sizeof "0:1:d:s" - 1, AT(fo)},
	ONE_OF("testing", testing, yes_no),
	ONE_OF("psd", psd, record_psd_names),
	COUNT("pct", pct, 100),
	FLAG("rua", has_rua),
	FLAG("ruf", has_ruf),
	END,
};
#undef OF

static const struct history_field index_item = ITEM("index", HISTORY_NUMBER,
    int64_t, .max = SIGNATURES_MAX - 1);

#define OF history_author
static const struct history_field author_fields[] = {
	TEXT("header_from", header_from, HISTORY_DOMAIN),
	ONE_OF("dmarc", dmarc, verdict_result_names),
	ONE_OF("spf", spf, pass_fail),
	ONE_OF("dkim", dkim, pass_fail),
	LIST_OF("aligned_dkim", aligned, index_item, SIGNATURES_MAX,
	    aligned_count),
	MAYBE_TEXT("reason", reason, HISTORY_WORD),
	MAYBE_TEXT("org_domain", org_domain, HISTORY_DOMAIN),
	MAYBE_FLAG("guarded", is_guarded),
	MAYBE_FLAG("differs", differs),
	ONE_OF("disposition", disposition, disposition_names),
	LIST_OF("reasons", reasons.at, reason_item, POLICY_MAX_REASONS,
	    reasons.count),
	{.name = "published", .kind = HISTORY_OBJECT, .is_optional = true,
	    .fields = published_fields, AT(published), HAS(has_published)},
	{.name = "tag", .kind = HISTORY_NAME, .is_optional = true,
	    .names = policy_tag_names, AT(tag), HAS(has_tag)},
	{.name = "policy", .kind = HISTORY_NAME, .is_optional = true,
	    .names = record_policy_names, AT(policy), HAS(has_policy)},
	MAYBE_TEXT("error", error, HISTORY_LONG),
	END,
};
#undef OF
static const struct history_field author_item = ITEM("author", HISTORY_OBJECT,
    struct history_author, .fields = author_fields);

static const struct history_field domain_item = ITEM("domain", HISTORY_TEXT,
    struct str, .max = HISTORY_DOMAIN);
static const struct history_field name_item = ITEM("name", HISTORY_TEXT,
    struct str, .max = HISTORY_WORD);

#define OF history_line
const struct history_field history_line_fields[] = {
	COUNT("time", time, MAX_TIME),
	MAYBE_TEXT("queue_id", queue_id, HISTORY_WORD),
	{.name = "source_ip", .kind = HISTORY_ADDRESS, AT(source_ip)},
	MAYBE_TEXT("client_name", client_name, HISTORY_WORD),
	MAYBE_TEXT("helo", helo, HISTORY_WORD),
	TEXT("envelope_from", envelope_from, HISTORY_DOMAIN),
	MAYBE_TEXT("mail_from", mail_from, HISTORY_LONG),
	LIST_OF("envelope_to", envelope_to, domain_item, HISTORY_MAX_TO,
	    envelope_to_count),
	COUNT("recipients", recipients, MESSAGE_MAX_RECIPIENTS),
	MAYBE_FLAG("report", is_report),
	ONE_OF("dmarc", dmarc, verdict_result_names),
	MAYBE_TEXT("reason", reason, HISTORY_WORD),
	{.name = "spf", .kind = HISTORY_OBJECT, .fields = spf_fields, AT(spf)},
	LIST_OF("dkim", dkim, dkim_item, SIGNATURES_MAX, dkim_count),
	{.name = "arc", .kind = HISTORY_OBJECT, .is_optional = true,
	    .fields = arc_fields, AT(arc), HAS(has_arc)},
	LIST_OF("authors", authors, author_item, AUTHOR_MAX_DOMAINS,
	    author_count),
	{.name = "decisive", .kind = HISTORY_NUMBER, .is_optional = true,
	    .max = AUTHOR_MAX_DOMAINS - 1, AT(decisive), HAS(has_decisive)},
	COUNT("draw", draw, 99),
	ONE_OF("mode", mode, mode_names),
	ONE_OF("action", action, plan_reply_names),
	{.name = "reply", .kind = HISTORY_NUMBER, .min = 200, .max = 599,
	    AT(reply)},
	ONE_OF("disposition", disposition, disposition_names),
	LIST_OF("reasons", reasons.at, reason_item, POLICY_MAX_REASONS,
	    reasons.count),
	MAYBE_TEXT("override", override, HISTORY_WORD),
	{.name = "dry_runs", .kind = HISTORY_LIST, .is_optional = true,
	    .max = VERDICT_MAX_DRY_RUNS, .item = &name_item, AT(dry_runs),
	    .count = offsetof(struct OF, dry_run_count)},
	END,
};
#undef OF

#define OF history_head
const struct history_field history_head_fields[] = {
	{.name = "version", .kind = HISTORY_NUMBER, .min = 1,
	    .max = HISTORY_VERSION, AT(version)},
	TEXT("host", host, HISTORY_WORD),
	{.name = "uuid", .kind = HISTORY_UUID, AT(uuid)},
	COUNT("created", created, MAX_TIME),
	END,
};
#undef OF
