/* SPDX-License-Identifier: BSD-2-Clause */
#include "test/unit/dmarc_fixture.h"

#include <unistd.h>

#include "net/dns_zone.h"
#include "net/suffix.h"
#include "test/lib/check.h"

/* Longer than any test; nothing in a zone text waits. */
#define TIMEOUT_MS 60000u

static const char zone_of_examples[] =
	RECORD("acme.example", "p=reject; sp=quarantine; np=reject; "
	    "rua=mailto:d@acme.example")
	"exists news.acme.example\n"
	RECORD("sub.beta.example", "p=quarantine; rua=mailto:d@beta.example")
	"exists www.beta.example\n"
	RECORD("strict.example", "p=reject; adkim=s; aspf=s")
	RECORD("delta.example", "p=quarantine")
	RECORD("eu.delta.example", "p=reject")
	RECORD("eu.delta.example", "p=none")
	RECORD("twin.example", "p=reject")
	RECORD("twin.example", "p=none")
	RECORD("mixed.example", "p=reject")
	"_dmarc.mixed.example TXT \"v=spf1 -all\"\n"
	RECORD("bank.example", "p=reject; sp=quarantine; np=reject; psd=y")
	RECORD("giant.bank.example", "p=none")
	"exists mega.bank.example\n"
	RECORD("uni.example", "p=none")
	RECORD("cs.uni.example", "p=reject; psd=n")
	"exists lab.cs.uni.example\n"
	RECORD("deep.example", "p=reject")
	"exists a.b.c.d.e.f.g.h.i.j.mail.deep.example\n"
	RECORD("cut.example", "p=reject")
	RECORD("b.c.d.e.f.g.cut.example", "p=none; psd=n")
	"exists mail.a.b.c.d.e.f.g.cut.example\n"
	RECORD("nine.example", "p=quarantine")
	RECORD("b.c.d.e.f.g.nine.example", "p=none; psd=n")
	"exists a.b.c.d.e.f.g.nine.example\n"
	RECORD("multi.example", "p=reject; sp=quarantine")
	RECORD("b.multi.example", "p=none")
	"exists a.b.multi.example\n"
	RECORD("co.example", "p=reject")
	"exists victim.co.example\n"
	RECORD("nop.example", "rua=mailto:x@nop.example")
	RECORD("nop2.example", "sp=reject")
	RECORD("badsp.example", "p=reject; sp=rejct; "
	    "rua=mailto:x@badsp.example")
	RECORD("badsp2.example", "p=reject; sp=rejct")
	RECORD("test.example", "p=reject; t=y")
	RECORD("testq.example", "p=quarantine; t=y")
	RECORD("pct.example", "p=reject; pct=0")
	"_dmarc.late.example TXT \"p=reject; v=DMARC1\"\n"
	"_dmarc.lower.example TXT \"v=dmarc1; p=reject\"\n"
	RECORD("xn--bcher-kva.example", "p=reject")
	"servfail _dmarc.slow.example\n"
	"_dmarc.split.example TXT \"v=DMAR\" \"C1; p=rej\" \"ect\"\n"
	"_dmarc.alias.example CNAME target.other.example\n"
	"target.other.example TXT \"v=DMARC1; p=quarantine\"\n"
	RECORD("d.e.f.g.h.reg.example", "p=reject; psd=y")
	"exists a.b.c.d.e.f.g.h.reg.example\n";

/* The list of the worked examples; then a wildcard with its exception, and a
 * suffix of the private section. */
static const char list[] = "// ===BEGIN ICANN DOMAINS===\n"
			   "example\n"
			   "co.example\n"
			   "bank.example\n"
			   "*.wild.example\n"
			   "!city.wild.example\n"
			   "// ===END ICANN DOMAINS===\n"
			   "// ===BEGIN PRIVATE DOMAINS===\n"
			   "pages.example\n"
			   "// ===END PRIVATE DOMAINS===\n";

static struct suffix_list *
load_list(void)
{
	char path[] = "/tmp/aplomb-suffix-XXXXXX";
	const char *reason;
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, list, strlen(list)), strlen(list));
	close(fd);
	struct suffix_list *l = suffix_load(path, &reason);
	unlink(path);
	assert_non_null(l);
	return l;
}

void
fixture_begin(struct fixture *f, const char *zone)
{
	size_t line = 0;
	const char *reason = "";
	*f = (struct fixture) {.arena = arena_new(SIZE_MAX)};
	struct zone *z = zone_parse(
	    str_of(zone != NULL ? zone : zone_of_examples), f->arena, &line,
	    &reason);
	if (z == NULL)
		fail_msg("line %zu of the zone: %s", line, reason);
	f->dns = dns_zone_new(z);
	f->suffixes = load_list();
}

void
fixture_end(struct fixture *f)
{
	arena_free(f->message);
	dns_drop(f->dns);
	suffix_drop(f->suffixes);
	arena_free(f->arena);
}

void
fixture_message(struct fixture *f)
{
	arena_free(f->message);
	f->message = arena_new(SIZE_MAX);
	f->lookups = lookups_new(f->dns, TIMEOUT_MS, NULL, NULL, f->message);
}

struct discover_options
fixture_options(const struct fixture *f, enum discover_method method)
{
	return (struct discover_options) {.method = method,
	    .has_psl_guard = true, .suffixes = f->suffixes};
}

void
fixture_discover(struct fixture *f, enum discover_method method,
    const char *author, struct discovery *out)
{
	struct discover_options o = fixture_options(f, method);
	fixture_message(f);
	discover_policy(f->lookups, &o, str_copy(str_of(author), f->message),
	    f->message, out);
}
