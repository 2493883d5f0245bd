/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A DMARC record: the input is one TXT value. What is read of it is printed as
 * a record without a fault, which must read the same.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/text.h"
#include "dmarc/record.h"
#include "dmarc/uri.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool holds)
{
	if (!holds)
		abort();
}

static bool
is_inside(struct str part, struct str whole)
{
	return part.p >= whole.p && part.n <= whole.n &&
	    (size_t)(part.p - whole.p) <= whole.n - part.n;
}

static void
check_uris(const struct record *r, const struct record_uri *uris, size_t count)
{
	must(count <= RECORD_MAX_URIS);
	for (size_t i = 0; i < count; i++) {
		must(uris[i].uri.n > 1 && is_inside(uris[i].uri, r->text));
		must(str_find(uris[i].uri, ',') == uris[i].uri.n);
		must(str_find(uris[i].uri, '!') == uris[i].uri.n);
		must(str_find(uris[i].uri, ';') == uris[i].uri.n);
		must(uris[i].is_mailto ==
		    str_has_iprefix(uris[i].uri, STR("mailto:")));
	}
}

static void
check_findings(const struct record *r)
{
	must(r->finding_count <= RECORD_MAX_FINDINGS);
	for (size_t i = 0; i < r->finding_count; i++) {
		const struct record_finding *f = &r->findings[i];
		must(f->id < RECORD_FINDINGS);
		must(f->at <= r->text.n && f->n <= r->text.n - f->at);
		must(f->id == RECORD_P_MISSING || f->n > 0 ||
		    f->id == RECORD_TAG_EMPTY || f->id == RECORD_TAG_SYNTAX ||
		    f->id == RECORD_URI_INVALID);
	}
}

static void
check_record(struct str text, const struct record *r, struct arena *a)
{
	must(r->text.p == text.p && r->text.n == text.n);
	must((r->status != RECORD_FOREIGN) == record_is_candidate(text));
	must(r->status == RECORD_OK || r->p == RECORD_NONE);
	must(r->status != RECORD_FOREIGN || r->finding_count == 0);
	must(text.n <= RECORD_MAX_BYTES || r->status != RECORD_OK);
	if (r->status == RECORD_OK && r->is_fallback)
		must(r->p == RECORD_NONE && !r->has_sp && !r->has_np &&
		    r->rua_count > 0);
	must(r->pct <= 100 && (r->has_pct || r->pct == 100));
	must(r->fo != 0 && r->fo < 16 &&
	    (r->fo & (RECORD_FO_0 | RECORD_FO_1)) !=
		(RECORD_FO_0 | RECORD_FO_1));
	check_uris(r, r->rua, r->rua_count);
	check_uris(r, r->ruf, r->ruf_count);
	check_findings(r);
	struct str problems = record_problems(r, a);
	must(r->finding_count > 0 || problems.n == 0);
}

/* ---- round trip ------------------------------------------------------------- */

static void
add_policy(struct text *t, const char *tag, enum record_policy p)
{
	text_printf(t, ";%s=%s", tag, table_name(record_policy_names, (int)p));
}

static void
add_uris(struct text *t, const char *tag, const struct record_uri *uris,
    size_t count)
{
	for (size_t i = 0; i < count; i++) {
		text_printf(t, i == 0 ? ";%s=" : ",", tag);
		text_add(t, uris[i].uri);
		if (uris[i].max_bytes > 0)
			text_printf(t, "!%ju", (uintmax_t)uris[i].max_bytes);
	}
}

static void
add_fo(struct text *t, unsigned fo)
{
	static const char letters[] = "01ds";
	const char *before = ";fo=";
	for (unsigned i = 0; fo != RECORD_FO_0 && i < 4; i++)
		if ((fo & 1u << i) != 0) {
			text_printf(t, "%s%c", before, letters[i]);
			before = ":";
		}
}

static struct str
print(const struct record *r, struct arena *a)
{
	struct text t;
	text_init(&t, a);
	text_add(&t, STR("v=DMARC1"));
	add_policy(&t, "p", r->p);
	if (r->has_sp)
		add_policy(&t, "sp", r->sp);
	if (r->has_np)
		add_policy(&t, "np", r->np);
	text_printf(&t, "%s%s", r->is_strict_dkim ? ";adkim=s" : "",
	    r->is_strict_spf ? ";aspf=s" : "");
	if (r->psd != RECORD_PSD_U)
		text_printf(&t, ";psd=%s",
		    table_name(record_psd_names, (int)r->psd));
	text_add(&t, r->is_test ? STR(";t=y") : STR(""));
	if (r->has_pct)
		text_printf(&t, ";pct=%u", r->pct);
	add_fo(&t, r->fo);
	add_uris(&t, "rua", r->rua, r->rua_count);
	add_uris(&t, "ruf", r->ruf, r->ruf_count);
	return text_str(&t);
}

static void
check_same_uris(const struct record_uri *x, size_t x_count,
    const struct record_uri *y, size_t y_count)
{
	must(x_count == y_count);
	for (size_t i = 0; i < x_count; i++)
		must(str_eq(x[i].uri, y[i].uri) &&
		    x[i].max_bytes == y[i].max_bytes &&
		    x[i].is_mailto == y[i].is_mailto);
}

static void
check_same(const struct record *x, const struct record *y)
{
	must(y->status == RECORD_OK && !y->is_fallback && x->p == y->p);
	must(x->has_sp == y->has_sp && (!x->has_sp || x->sp == y->sp));
	must(x->has_np == y->has_np && (!x->has_np || x->np == y->np));
	must(x->is_strict_dkim == y->is_strict_dkim &&
	    x->is_strict_spf == y->is_strict_spf && x->psd == y->psd &&
	    x->is_test == y->is_test && x->has_pct == y->has_pct &&
	    x->pct == y->pct && x->fo == y->fo);
	check_same_uris(x->rua, x->rua_count, y->rua, y->rua_count);
	check_same_uris(x->ruf, x->ruf_count, y->ruf, y->ruf_count);
}

/* Of what was printed nothing is found fault with, but what it says. */
static void
check_tidy(const struct record *r)
{
	for (size_t i = 0; i < r->finding_count; i++)
		switch (r->findings[i].id) {
		case RECORD_TAG_HISTORIC:
		case RECORD_FO_WITHOUT_RUF:
		case RECORD_URI_SCHEME:
		case RECORD_URI_SIZE:
			break;
		default:
			abort();
		}
}

typedef enum record_status (*parse_fn)(struct str text, struct arena *a,
    struct record *out);

static void
read_as(parse_fn parse, struct str text, struct arena *a, struct record *out)
{
	struct record again;
	must(parse(text, a, out) == out->status);
	check_record(text, out, a);
	struct str printed = print(out, a);
	if (out->status != RECORD_OK || printed.n > RECORD_MAX_BYTES)
		return;
	parse(printed, a, &again);
	check_record(printed, &again, a);
	check_same(out, &again);
	check_tidy(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new(0);
	struct str text = {(const char *)data, size};
	struct record today, rfc7489;
	struct record_uri uri;
	struct str mailbox;
	read_as(record_parse, text, a, &today);
	read_as(record_parse_rfc7489, text, a, &rfc7489);
	must(!rfc7489.has_np && !rfc7489.is_test &&
	    rfc7489.psd == RECORD_PSD_U);
	/* Only np can make a record useless to one of the two. */
	must(rfc7489.status == RECORD_OK || today.status == rfc7489.status);
	if (uri_parse(text, a, &uri)) {
		must(uri.uri.p == text.p && uri.uri.n <= text.n);
		must(uri_mailbox(uri.uri, a, &mailbox) == uri.is_mailto);
		must(!uri.is_mailto || mailbox.n > 0);
	}
	arena_free(a);
	return 0;
}
