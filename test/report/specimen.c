/* SPDX-License-Identifier: BSD-2-Clause */
#include "test/report/specimen.h"

#define POLICY(p_, ...)                                                        \
	{.domain = STR_INIT("acme.example"), .method = DISCOVER_TREEWALK,      \
	 .p = p_, .sp = p_, .np = p_, .fo = STR_INIT("0"),                     \
	 .has_rua = true, __VA_ARGS__}

static const struct report_policy
    none = POLICY(RECORD_NONE, .pct = 100),
    quarantine = POLICY(RECORD_QUARANTINE, .pct = 100),
    reject = POLICY(RECORD_REJECT, .pct = 100),
    testing = POLICY(RECORD_REJECT, .pct = 100, .is_test = true),
    sampled = POLICY(RECORD_REJECT, .pct = 25),
    every_tag = {
	.domain = STR_INIT("acme.example"),
	.method = DISCOVER_PSL,
	.p = RECORD_REJECT,
	.sp = RECORD_QUARANTINE,
	.np = RECORD_NONE,
	.is_strict_dkim = true,
	.is_strict_spf = true,
	.fo = STR_INIT("1:d:s"),
	.is_test = true,
	.pct = 0,
	.has_rua = true,
	.error = STR_INIT("aspf: invalid value, default used"),
    };

#define FROM_ACME                                                              \
	.source_ip = STR_INIT("192.0.2.7"), .count = 1,                        \
	.header_from = STR_INIT("acme.example"),                               \
	.envelope_from = STR_INIT("acme.example")
#define SPF(domain_, result_)                                                  \
	.spf = {STR_INIT(domain_), STR_INIT("mfrom"), result_}
#define DKIM(domain_, selector_, result_, human_)                              \
	{STR_INIT(domain_), STR_INIT(selector_), result_, STR_INIT(human_)}
#define REASON(type_, comment_)                                                \
	.reasons = {.at = {{type_, STR_INIT(comment_)}}, .count = 1}
#define NO_COMMENT(type_) .reasons = {.at = {{.type = type_}}, .count = 1}
/* A stranger's message, or a forwarder's: nothing is aligned. */
#define FORGED                                                                 \
	.source_ip = STR_INIT("198.51.100.66"), .count = 3,                    \
	.header_from = STR_INIT("acme.example"),                               \
	.envelope_from = STR_INIT("esp.example"),                              \
	SPF("esp.example", SPF_PASS)

#define X10(s) s s s s s s s s s s
#define LONG X10("abcdefghi ") X10("abcdefghi ") X10("abcdefghi ")

const struct specimen specimens[] = {
	/* RFC 9990 3.1.1.9: pass, since a policy would have acted. */
	{"pass-under-reject", &reject, {FROM_ACME,
	    .disposition = REPORT_PASS, .is_dkim_aligned = true,
	    .is_spf_aligned = true, SPF("acme.example", SPF_PASS),
	    .dkim = {DKIM("acme.example", "s1", SIGNATURE_PASS, "")},
	    .dkim_count = 1}},
	{"pass-by-spf", &quarantine, {FROM_ACME, .disposition = REPORT_PASS,
	    .is_spf_aligned = true, SPF("acme.example", SPF_PASS)}},
	{"pass-by-dkim", &quarantine, {FROM_ACME, .disposition = REPORT_PASS,
	    .is_dkim_aligned = true, SPF("acme.example", SPF_SOFTFAIL),
	    .dkim = {DKIM("acme.example", "s1", SIGNATURE_PASS, "")},
	    .dkim_count = 1}},
	{"pass-under-none", &none, {FROM_ACME, .disposition = REPORT_NONE,
	    .is_spf_aligned = true, SPF("acme.example", SPF_PASS)}},
	{"fail-under-none", &none, {FORGED, .disposition = REPORT_NONE}},
	{"fail-quarantine", &quarantine, {FORGED,
	    .disposition = REPORT_QUARANTINE}},
	{"fail-reject", &reject, {FORGED, .disposition = REPORT_REJECT}},
	/* RFC 9989 7.4. */
	{"reject-as-quarantine", &reject, {FORGED,
	    .disposition = REPORT_QUARANTINE,
	    REASON(REASON_LOCAL_POLICY, "reject handled as quarantine")}},
	/* RFC 9990 3.1.6; RFC 7489 has no such type. */
	{"test-mode", &testing, {FORGED, .disposition = REPORT_QUARANTINE,
	    NO_COMMENT(REASON_POLICY_TEST_MODE)}},
	/* RFC 7489 6.6.4; RFC 9990 has no such type. */
	{"sampled-out", &sampled, {FORGED, .disposition = REPORT_QUARANTINE,
	    NO_COMMENT(REASON_SAMPLED_OUT)}},
	{"sampled-out-in-walk", &sampled, {FORGED,
	    .disposition = REPORT_QUARANTINE,
	    REASON(REASON_LOCAL_POLICY, "pct")}},
	{"trusted-forwarder", &reject, {FORGED, .disposition = REPORT_NONE,
	    REASON(REASON_TRUSTED_FORWARDER, "override partner: ticket 7")}},
	{"mailing-list", &reject, {FORGED, .disposition = REPORT_NONE,
	    NO_COMMENT(REASON_MAILING_LIST)}},
	{"forwarded", &reject, {FORGED, .disposition = REPORT_NONE,
	    REASON(REASON_FORWARDED, "override alumni")}},
	/* RFC 8617 7.2.2. */
	{"arc", &reject, {FORGED, .disposition = REPORT_NONE,
	    REASON(REASON_LOCAL_POLICY, "arc=pass as[2].d=d2.example "
	    "as[2].s=s2 as[1].d=d1.example as[1].s=s3 "
	    "remote-ip[1]=2001:db8::1a")}},
	{"temperror", &reject, {FROM_ACME, .disposition = REPORT_NONE,
	    REASON(REASON_OTHER, "spf=temperror"),
	    SPF("acme.example", SPF_TEMPERROR),
	    .dkim = {DKIM("acme.example", "s1", SIGNATURE_TEMPERROR,
		"the key could not be asked for")}, .dkim_count = 1}},
	{"two-reasons", &testing, {FORGED, .disposition = REPORT_NONE,
	    .reasons = {.at = {{.type = REASON_POLICY_TEST_MODE},
		{REASON_LOCAL_POLICY, STR_INIT("monitor mode")}},
		.count = 2}}},
	/* RFC 7208 2.4, RFC 9990 3.1.1.10: `<>`. */
	{"null-path", &reject, {.source_ip = STR_INIT("2001:db8::25"),
	    .count = 12, .disposition = REPORT_REJECT,
	    .header_from = STR_INIT("acme.example"),
	    SPF("mx.acme.example", SPF_NONE)}},
	{"no-spf-domain", &reject, {.source_ip = STR_INIT("::ffff:192.0.2.7"),
	    .count = 1, .disposition = REPORT_REJECT,
	    .header_from = STR_INIT("acme.example"), .spf = {.result = SPF_NONE}}},
	{"envelope-to", &reject, {FORGED, .disposition = REPORT_REJECT,
	    .envelope_to = STR_INIT("rcv.example")}},
	/* RFC 9990 3.1.3: in the row's order. A signature without a domain
	 * names nobody; one without a selector is RFC 9990's alone to show. */
	{"several-signatures", &reject, {FORGED,
	    .disposition = REPORT_REJECT,
	    .dkim = {DKIM("esp.example", "e2", SIGNATURE_PASS, ""),
		DKIM("acme.example", "s1", SIGNATURE_FAIL,
		    "body hash did not verify"),
		DKIM("acme.example", "s2", SIGNATURE_POLICY, "rsa-sha1"),
		DKIM("acme.example", "s3", SIGNATURE_NEUTRAL, "no"),
		DKIM("acme.example", "s4", SIGNATURE_PERMERROR, "no key"),
		DKIM("acme.example", "", SIGNATURE_PERMERROR, "no s="),
		DKIM("", "s5", SIGNATURE_PERMERROR, "no d=")},
	    .dkim_count = 7}},
	{"every-tag", &every_tag, {FORGED, .disposition = REPORT_QUARANTINE,
	    NO_COMMENT(REASON_POLICY_TEST_MODE)}},
	/* XML 1.0 2.2, 2.4: markup, "]]>", controls, bytes that are no UTF-8,
	 * a surrogate, a noncharacter, an overlong form. */
	{"hostile", &reject, {.source_ip = STR_INIT("192.0.2.7"),
	    .count = 4294967297, .disposition = REPORT_REJECT,
	    REASON(REASON_LOCAL_POLICY, "<![CDATA[ &lt; ]]> \"'\r\n\t" LONG),
	    .header_from = STR_INIT("\xc3\xa4<acme>.example"),
	    .envelope_from = STR_INIT("a&b;\x01\x1f\x7f.example"),
	    SPF("\xff\xfe\xc0\x80" "e\xed\xa0\x80.example", SPF_PERMERROR),
	    .dkim = {DKIM("a\xef\xbf\xbe" "b\xef\xbf\xbf" "c\xf0\x9f\x98\x80",
		"<!--\x00-->\xe2\x82", SIGNATURE_FAIL,
		X10(LONG) "this is cut")},
	    .dkim_count = 1}},
	/* Names that end in the middle of a character at the bound. */
	{"long", &reject, {.source_ip = STR_INIT("192.0.2.7"), .count = 1,
	    .disposition = REPORT_REJECT,
	    .header_from = STR_INIT(LONG),
	    .envelope_from = STR_INIT(X10(X10("\xc3\xa4")) X10(X10("\xc3\xa4"))),
	    SPF(X10(X10("\xff")), SPF_FAIL)}},
	{.name = NULL},
};

void
specimen_head(enum report_format format, const struct report_policy *policy,
    struct aggregate_head *out)
{
	*out = (struct aggregate_head) {
		.format = format,
		.org_name = STR("Receiver & Sons <Example>"),
		.email = STR("postmaster@rcv.example"),
		.contact = STR("https://rcv.example/dmarc"),
		.generator = STR("aplomb 1.2.3"),
		.id = STR("0123456789abcdef0123456789abcdef"),
		.begin = 1795219200,
		.end = 1795305599,
		.policy = policy,
	};
	if (!str_is_empty(policy->error))
		out->error = STR("7 messages of rare kinds are left out");
}
