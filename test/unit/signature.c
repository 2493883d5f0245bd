/* SPDX-License-Identifier: BSD-2-Clause */
#include "test/lib/arrival.h"

#include "base/text.h"
#include "test/lib/check.h"
#include "test/lib/signer.h"

#define HEADER                                                                 \
	"Received: from a by b;\r\n\tFri, 20 Nov 2026 12:00:00 +0000\r\n"      \
	"From: Ann <ann@example.com>\r\n"                                      \
	"To: you@rcv.example\r\n"                                              \
	"SUBJECT:  Two   words \r\n\t and\t more  \r\n"                        \
	"Date:Fri, 20 Nov 2026 12:00:00 +0000\r\n"
#define BODY "Hello \t world \r\n\r\n  indented\r\n\r\n\r\n"

enum { RSA_1024, RSA_2048, ED25519, OTHER, KEYS };

struct scene {
	struct arena *arena;
	struct signature_library *lib;
	struct signer_key *keys[KEYS];
};

static int
setup(void **state)
{
	struct arena *a = arena_new(0);
	struct scene *s = ARENA_NEW(a, struct scene);
	const char *reason = "";
	s->arena = a;
	s->lib = signature_library_open(&reason);
	if (s->lib == NULL)
		fail_msg("%s", reason);
	s->keys[RSA_1024] = signer_key_rsa(1024, a);
	s->keys[RSA_2048] = signer_key_rsa(2048, a);
	s->keys[ED25519] = signer_key_ed25519(a);
	s->keys[OTHER] = signer_key_rsa(1024, a);
	*state = s;
	return 0;
}

static int
teardown(void **state)
{
	struct scene *s = *state;
	signature_library_close(s->lib);
	arena_free(s->arena);
	return 0;
}

/* ---- one signature ---------------------------------------------------------- */

/* A message that is signed, and what of it arrives otherwise. NULL: as signed,
 * and for `record` the key's own. */
struct row {
	const char *c, *h, *more, *field;
	const char *header, *body;
	const char *got_header, *got_body;
	const char *record; /* "$p" is the key */
	const char *want;
	int key;
	enum signature_length length;
};

static struct str
record_of(const struct row *row, const struct signer_key *key,
    struct arena *a)
{
	if (row->record == NULL)
		return signer_key_record(key, a);
	struct str rest = str_of(row->record);
	struct str before = str_cut(&rest, '$');
	struct str p = signer_key_p(key, false, a);
	if (rest.n == 0)
		return before;
	return text_format(a, "%.*s%.*s%.*s", STR_ARG(before), STR_ARG(p),
	    STR_ARG(str_sub(rest, 1, rest.n)));
}

static struct str
play(const struct scene *s, const struct row *row, size_t chunk,
    struct arena *a)
{
	struct arrival_fields fields;
	const char *header = row->header != NULL ? row->header : HEADER;
	const char *body = row->body != NULL ? row->body : BODY;
	arrival_split(str_of(header), &fields);
	struct signer_job job = {.key = s->keys[row->key], .c = row->c,
	    .h = row->h, .more = row->more, .field = row->field,
	    .fields = fields.at, .field_count = fields.count,
	    .body = str_of(body)};
	struct arrival m = {.chunk = chunk, .length = row->length};
	header_init(&m.headers, a);
	arrival_add(&m.headers, "DKIM-Signature", signer_sign(&job, a));
	if (row->got_header != NULL)
		arrival_split(str_of(row->got_header), &fields);
	for (size_t i = 0; i < fields.count; i++)
		header_add(&m.headers, fields.at[i].name, fields.at[i].value);
	m.body = str_of(row->got_body != NULL ? row->got_body : body);
	struct str zone = arrival_key_line("s", "example.com",
	    record_of(row, job.key, a), a);
	return arrival_show(arrival_verify(s->lib, zone, &m, a), a);
}

static void
check_rows(const struct scene *s, const struct row *rows)
{
	for (size_t i = 0; rows[i].want != NULL; i++) {
		static const size_t chunks[] = {0, 1, 3};
		for (size_t j = 0; j < 3; j++) {
			struct arena *a = arena_new(0);
			struct str got = play(s, &rows[i], chunks[j], a);
			if (!str_eq(got, str_of(rows[i].want)))
				fail_msg("row %zu, chunks of %zu: got \"%.*s\","
				    " want \"%s\"", i, chunks[j], STR_ARG(got),
				    rows[i].want);
			arena_free(a);
		}
	}
}

#define CHANGED_BODY "fail the body was changed"
#define CHANGED_HEADER "fail the signature does not match the header"

/* RFC 6376 3.4: every pair of canonical forms, every kind of key, bodies with
 * all that may end a line or not. */
static void
matrix(void **state)
{
	static const char *const forms[] = {"simple/simple", "simple/relaxed",
	    "relaxed/simple", "relaxed/relaxed", "simple", "relaxed", ""};
	static const char *const bodies[] = {
		"", "\r\n", "\r\n\r\n\r\n", " ", " \r\n", "\t\r\n \r\n", "a",
		"a\r\n", "a\r\n\r\n\r\n", "a \t", "a \t \r\n\t\r\n", BODY,
		"\r\n\r\na\r\n", "a\nb\n", "a \nb\r\n\n", "\n", "\n\r\n",
		"a\rb", "\r", "a \r", "a \r b\r\n", "\r\r\n", "a\r\r\n\r\n",
		"a \r\r\n", "\r\n\r", "\xff\x80 \xc3\xbc\r\n", "a\x01\x0b\x0c b",
	};
	const struct scene *s = *state;
	for (size_t f = 0; f < sizeof forms / sizeof *forms; f++)
		for (size_t b = 0; b < sizeof bodies / sizeof *bodies; b++) {
			const struct row rows[] = {
				{.c = forms[f], .body = bodies[b],
				    .h = "from:to:subject:date",
				    .key = (int)(b % OTHER), .want = "pass"},
				{.want = NULL},
			};
			check_rows(s, rows);
		}
}

/* RFC 6376 3.4.3, 3.4.4, and 3.4.6's example. */
static void
bodies(void **state)
{
	static const struct row rows[] = {
		{.c = "simple/simple", .body = " C \r\nD \t E\r\n\r\n\r\n",
		    .got_body = " C \r\nD \t E\r\n", .want = "pass"},
		{.c = "simple/simple", .body = " C \r\nD \t E\r\n",
		    .got_body = " C \r\nD \t E", .want = "pass"},
		{.c = "simple/simple", .body = " C \r\nD \t E\r\n",
		    .got_body = " C\r\nD \t E\r\n", .want = CHANGED_BODY},
		{.c = "simple/simple", .body = "", .got_body = "\r\n\r\n",
		    .want = "pass"},
		{.c = "simple/simple", .body = "", .got_body = " \r\n",
		    .want = CHANGED_BODY},
		{.c = "simple/simple", .body = "a\r\n", .got_body = "\r\na\r\n",
		    .want = CHANGED_BODY},
		{.c = "simple/simple", .body = "a\r\n", .got_body = "a\n",
		    .want = CHANGED_BODY},
		/* A line of one CR is not empty. */
		{.c = "simple/simple", .body = "a\r\n",
		    .got_body = "a\r\n\r\r\n", .want = CHANGED_BODY},
		{.c = "relaxed/relaxed", .body = " C \r\nD \t E\r\n\r\n\r\n",
		    .got_body = "\tC\r\nD E   \r\n \r\n\r\n", .want = "pass"},
		{.c = "relaxed/relaxed", .body = " C \r\nD \t E\r\n",
		    .got_body = " C\r\nDE\r\n", .want = CHANGED_BODY},
		{.c = "relaxed/relaxed", .body = " C\r\n",
		    .got_body = "C\r\n", .want = CHANGED_BODY},
		{.c = "relaxed/relaxed", .body = "", .got_body = " \r\n\t\r\n",
		    .want = "pass"},
		{.c = "relaxed/relaxed", .body = "", .got_body = "",
		    .want = "pass"},
		{.c = "relaxed/relaxed", .body = "", .got_body = "\n",
		    .want = CHANGED_BODY},
		{.c = "relaxed/relaxed", .body = "a\r\n", .got_body = "a",
		    .want = "pass"},
		/* Hashed as received: no line end is made of half of one. */
		{.c = "relaxed/relaxed", .body = "a\r\nb\r\n",
		    .got_body = "a\nb\n", .want = CHANGED_BODY},
		{.c = "relaxed/relaxed", .body = "ab\r\n",
		    .got_body = "a\rb\r\n", .want = CHANGED_BODY},
		{.c = "relaxed/relaxed", .body = "a\r\n",
		    .got_body = "a \r\r\n", .want = CHANGED_BODY},
		{.c = "relaxed/relaxed", .body = "a\rb\r\n",
		    .got_body = "a \rb\r\n", .want = CHANGED_BODY},
		/* RFC 6376 3.5: "relaxed" alone is relaxed/simple. */
		{.c = "relaxed", .body = "a \r\n", .got_body = "a\r\n",
		    .want = CHANGED_BODY},
		{.want = NULL},
	};
	check_rows(*state, rows);
}

#define ONE(name, value) name ":" value "\r\n"
#define FROM "From: ann@example.com\r\n"

/* RFC 6376 3.4.1, 3.4.2, 3.7, 5.4, 5.4.2. */
static void
headers(void **state)
{
	static const struct row rows[] = {
		{.c = "relaxed", .h = "from:subject", .header = FROM
		    "SUBJect : AbC\r\n\t d \t e \r\n",
		    .got_header = FROM "subject:AbC d e\r\n", .want = "pass"},
		{.c = "relaxed", .h = "from:subject", .header = FROM
		    "Subject: abc\r\n", .got_header = FROM "Subject: Abc\r\n",
		    .want = CHANGED_HEADER},
		{.c = "relaxed", .h = "from:subject", .header = FROM
		    "Subject: a b\r\n", .got_header = FROM "Subject: ab\r\n",
		    .want = CHANGED_HEADER},
		{.c = "relaxed", .h = "from:subject", .header = FROM
		    "Subject:\r\n", .got_header = FROM "Subject: \t\r\n \r\n",
		    .want = "pass"},
		/* The first line of the value is empty. */
		{.c = "relaxed", .h = "from:subject", .header = FROM
		    "Subject:\r\n a\r\n", .want = "pass"},
		{.c = "simple", .h = "from:subject", .header = FROM
		    "Subject:\r\n a \r\n\t b\r\n", .want = "pass"},
		{.c = "simple", .h = "from:subject", .header = FROM
		    "Subject: a\r\n", .got_header = FROM "Subject:  a\r\n",
		    .want = CHANGED_HEADER},
		{.c = "simple", .h = "from:subject", .header = FROM
		    "Subject: a\r\n", .got_header = FROM "subject: a\r\n",
		    .want = CHANGED_HEADER},
		{.c = "simple", .h = "FROM : Subject", .header = FROM
		    "Subject : a \r\n", .want = "pass"},
		{.c = "relaxed", .h = "from:subject", .header = FROM
		    "Subject\t:a\r\n", .want = "pass"},
		{.c = "relaxed", .h = "from:from", .header = FROM,
		    .got_header = "From\t: eve@test\r\n" FROM,
		    .want = CHANGED_HEADER},
		/* What h= does not name may change. */
		{.h = "from", .got_header = FROM, .header = FROM
		    "Subject: a\r\n", .want = "pass"},
		/* Absent fields count as nothing: they must stay absent. */
		{.h = "from:cc:cc", .header = FROM, .want = "pass"},
		{.h = "from:cc", .header = FROM, .got_header = FROM
		    "Cc: x@test\r\n", .want = CHANGED_HEADER},
		{.h = "from:subject", .header = FROM "Subject: a\r\n",
		    .got_header = FROM, .want = CHANGED_HEADER},
		/* From the bottom up. */
		{.h = "from:x:x", .header = FROM ONE("x", "1") ONE("x", "2")
		    ONE("x", "3"), .got_header = FROM ONE("x", "0")
		    ONE("x", "2") ONE("x", "3"), .want = "pass"},
		{.h = "from:x:x", .header = FROM ONE("x", "1") ONE("x", "2"),
		    .got_header = FROM ONE("x", "2") ONE("x", "1"),
		    .want = CHANGED_HEADER},
		{.h = "from:x", .header = FROM ONE("x", "1"),
		    .got_header = FROM ONE("x", "1") ONE("x", "2"),
		    .want = CHANGED_HEADER},
		/* RFC 6376 8.15: another From, on top; unless it is signed
		 * that there is one alone. */
		{.h = "from", .header = FROM, .got_header =
		    "From: eve@test\r\n" FROM, .want = "pass"},
		{.h = "from:from", .header = FROM, .got_header =
		    "From: eve@test\r\n" FROM, .want = CHANGED_HEADER},
		{.h = "from:from", .header = FROM, .want = "pass"},
		/* Other signatures may be signed, its own is not (3.5). */
		{.h = "from:dkim-signature", .header = FROM
		    "DKIM-Signature: v=1; a=x; b=;\r\n",
		    .want = "pass; permerror bh= is missing"},
		{.h = "from:DKIM-Signature:DKIM-Signature", .header = FROM,
		    .want = "pass"},
		/* Odd bytes are hashed as they are. */
		{.c = "relaxed", .h = "from:subject", .header = FROM
		    "Subject: a\x0b" "b\x0c c \xff\r\n", .want = "pass"},
		{.c = "relaxed", .h = "from:subject", .header = FROM
		    "Subject: a b\r\n", .got_header = FROM
		    "Subject: a\x0b" "b\r\n", .want = CHANGED_HEADER},
		{.c = "relaxed", .h = "from:subject", .header = FROM
		    "Subject: a\rb\r\n", .want = "pass"},
		{.c = "relaxed", .h = "from:subject", .header = FROM
		    "Subject: a b\r\n", .got_header = FROM
		    "Subject: a\rb\r\n", .want = CHANGED_HEADER},
		{.c = "relaxed", .h = "from:subject", .header = FROM
		    "Subject: a\nb\r\n", .want = "pass"},
		{.want = NULL},
	};
	check_rows(*state, rows);
}

/* RFC 6376 3.5, 3.7: where b= stands and how it is written. */
static void
forms_of_b(void **state)
{
	static const struct row rows[] = {
		{.field = "v=1;a=rsa-sha256;c=relaxed/relaxed;d=example.com;"
		    "s=s;h=from;bh=$bh;b=$b", .want = "pass"},
		{.field = " b=$b; bh=$bh; h=from; s=s; d=example.com;"
		    " c=relaxed/relaxed; a=rsa-sha256; v=1;", .want = "pass"},
		{.field = " v=1; a=rsa-sha256; c=relaxed/relaxed; b=\r\n\t$b "
		    "\r\n ;\r\n d=example.com; s=s; h=from; bh= $bh ;",
		    .want = "pass"},
		{.field = " v=1; a=rsa-sha256; c=relaxed/relaxed; b =$b;"
		    " d=example.com; s=s; h=from; bh=$bh", .want = "pass"},
		{.field = " v=1; a=rsa-sha256; c=relaxed/relaxed; b\r\n = $b;"
		    " d=example.com; s=s; h=from; bh=$bh", .want = "pass"},
		{.c = "simple/simple", .field = " v=1; a=rsa-sha256; b\t=\t$b ;"
		    " d=example.com; s=s; h=from; bh=$bh", .want = "pass"},
		{.c = "simple/simple", .field = " v=1; a=rsa-sha256; "
		    " d=example.com; s=s; h=from; bh=$bh;\r\n b=$b\r\n ",
		    .want = "pass"},
		/* Other tags whose names end in "b", or differ in case. */
		{.more = " xb=unknown; zb=a=b;", .want = "pass"},
		{.more = " B=x; H=x; D=evil.test; C=x; BH=x;", .want = "pass"},
		{.more = " D=evil.test;", .field = " D=evil.test; v=1;"
		    " a=rsa-sha256; c=relaxed/relaxed; d=example.com; s=s;"
		    " h=from; bh=$bh; b=$b", .want = "pass"},
		{.want = NULL},
	};
	check_rows(*state, rows);
}

/* RFC 6376 3.2, 3.5, 6.1.1; standards/spf-dkim.md B1, B2, B8. */
static void
tags(void **state)
{
	static const char no_list[] = "neutral the field is not a tag list";
	static const struct row rows[] = {
		{.more = " z=From:a|To:b; unknown=value; r=y;", .want = "pass"},
		{.more = " d=example.com;", .want = no_list},
		{.more = " x1=1; x1=2;", .want = no_list},
		{.more = " ;", .want = no_list},
		{.more = " junk;", .want = no_list},
		{.more = " 1=1;", .want = no_list},
		{.more = " z=\x01;", .want = no_list},
		{.field = "", .want = no_list},
		{.field = "$bh", .want = no_list},
		{.field = " a=rsa-sha256; d=example.com; s=s; h=from; bh=$bh; "
		    "b=$b", .want = "permerror v= is missing"},
		{.field = " v=1; d=example.com; s=s; h=from; bh=$bh; b=$b",
		    .want = "permerror a= is missing"},
		{.field = " v=1; a=rsa-sha256; d=example.com; s=s; h=from; "
		    "bh=$bh", .want = "permerror b= is missing"},
		{.field = " v=1; a=rsa-sha256; d=example.com; s=s; h=from; "
		    "b=$b", .want = "permerror bh= is missing"},
		{.field = " v=1; a=rsa-sha256; s=s; h=from; bh=$bh; b=$b",
		    .want = "permerror d= is missing"},
		{.field = " v=1; a=rsa-sha256; d=example.com; s=s; bh=$bh; "
		    "b=$b", .want = "permerror h= is missing"},
		{.field = " v=1; a=rsa-sha256; d=example.com; h=from; bh=$bh; "
		    "b=$b", .want = "permerror s= is missing"},
		{.field = " V=1; a=rsa-sha256; d=example.com; s=s; h=from; "
		    "bh=$bh; b=$b", .want = "permerror v= is missing"},
		{.field = " v=2; a=rsa-sha256; d=example.com; s=s; h=from; "
		    "bh=$bh; b=$b", .want = "neutral v= is not 1"},
		{.field = " v=1; a=rsa-sha512; d=example.com; s=s; h=from; "
		    "bh=$bh; b=$b", .want = "neutral a= is an unknown algorithm"},
		{.field = " v=1; a=; d=example.com; s=s; h=from; bh=$bh; b=$b",
		    .want = "neutral a= is an unknown algorithm"},
		{.field = " v=1; a=RSA-SHA256; c=RELAXED/Relaxed; "
		    "d=EXAMPLE.com; s=S; h=FROM; bh=$bh; b=$b", .want = "pass"},
		{.field = " v=1; a=rsa-sha256; d=; s=s; h=from; bh=$bh; b=$b",
		    .want = "neutral d= is not a domain name"},
		{.field = " v=1; a=rsa-sha256; d=com; s=s; h=from; bh=$bh; "
		    "b=$b", .want = "neutral d= has a single label"},
		{.field = " v=1; a=rsa-sha256; d=a..b; s=s; h=from; bh=$bh; "
		    "b=$b", .want = "neutral d= is not a domain name"},
		{.field = " v=1; a=rsa-sha256; d=[192.0.2.1]; s=s; h=from; "
		    "bh=$bh; b=$b", .want = "neutral d= is not a domain name"},
		{.field = " v=1; a=rsa-sha256; d=a b.example; s=s; h=from; "
		    "bh=$bh; b=$b", .want = "neutral d= is not a domain name"},
		{.field = " v=1; a=rsa-sha256; d=example.com; s=; h=from; "
		    "bh=$bh; b=$b", .want = "neutral s= is not a selector"},
		{.field = " v=1; a=rsa-sha256; d=example.com; s=a..b; h=from; "
		    "bh=$bh; b=$b", .want = "neutral s= is not a selector"},
		{.field = " v=1; a=rsa-sha256; d=example.com; s=*; h=from; "
		    "bh=$bh; b=$b", .want = "neutral s= is not a selector"},
		{.field = " v=1; a=rsa-sha256; d=example.com; s=other; h=from; "
		    "bh=$bh; b=$b", .want = "permerror there is no key"},
		{.field = " v=1; a=rsa-sha256; c=; d=example.com; s=s; h=from; "
		    "bh=$bh; b=$b",
		    .want = "neutral c= is an unknown canonicalization"},
		{.field = " v=1; a=rsa-sha256; c=simple/nowsp; d=example.com; "
		    "s=s; h=from; bh=$bh; b=$b",
		    .want = "neutral c= is an unknown canonicalization"},
		{.field = " v=1; a=rsa-sha256; c=simple/; d=example.com; "
		    "s=s; h=from; bh=$bh; b=$b",
		    .want = "neutral c= is an unknown canonicalization"},
		{.h = "to", .want = "permerror From is not signed"},
		{.h = "to:from2", .want = "permerror From is not signed"},
		{.h = "", .want = "neutral h= is not a list of field names"},
		{.h = "from:", .want = "neutral h= is not a list of field "
		    "names"},
		{.h = "from:a b", .want = "neutral h= is not a list of field "
		    "names"},
		{.field = " v=1; a=rsa-sha256; d=example.com; s=s; h=from; "
		    "bh=*; b=$b", .want = "neutral bh= is not base64"},
		{.field = " v=1; a=rsa-sha256; d=example.com; s=s; h=from; "
		    "bh=; b=$b", .want = "neutral bh= is not base64"},
		{.field = " v=1; a=rsa-sha256; d=example.com; s=s; h=from; "
		    "bh=AAAA; b=$b", .want = CHANGED_BODY},
		{.field = " v=1; a=rsa-sha256; d=example.com; s=s; h=from; "
		    "bh=$bh; b=", .c = "simple",
		    .want = "neutral b= is not base64"},
		{.field = " v=1; a=rsa-sha256; d=example.com; s=s; h=from; "
		    "bh=$bh; b=A", .c = "simple",
		    .want = "neutral b= is not base64"},
		{.field = " v=1; a=rsa-sha256; d=example.com; s=s; h=from; "
		    "bh=$bh; b=AAAA", .c = "simple", .want = CHANGED_HEADER},
		{.more = " q=dns/txt;", .want = "pass"},
		{.more = " q=x : dns/txt;", .want = "pass"},
		{.more = " q=dns;", .want = "neutral q= is an unknown method"},
		{.more = " q=;", .want = "neutral q= is an unknown method"},
		{.want = NULL},
	};
	check_rows(*state, rows);
}

/* RFC 6376 3.5: i=, with RFC 6376 2.11 and RFC 8616 5. */
static void
identities(void **state)
{
	static const struct row rows[] = {
		{.more = " i=@example.com;", .want = "pass"},
		{.more = " i=ann@Example.COM;", .want = "pass"},
		{.more = " i=ann@mail.example.com;", .want = "pass"},
		{.more = " i=a=20b=40c@mail.=\r\n\t65xample.com;",
		    .want = "neutral i= is not an identity"},
		{.more = " i=a=20b=40c@mail.=65xample.\r\n\tcom;",
		    .want = "pass"},
		{.more = " i=\"a@evil.test\"@example.com;", .want = "pass"},
		{.more = " i=ann@notexample.com;",
		    .want = "permerror i= is outside d="},
		{.more = " i=ann@com;", .want = "permerror i= is outside d="},
		{.more = " i=example.com;",
		    .want = "neutral i= is not an identity"},
		{.more = " i=;", .want = "neutral i= is not an identity"},
		{.more = " i=ann@;", .want = "neutral i= is not an identity"},
		{.more = " i=@example.com;", .record = "t=s; p=$p",
		    .want = "pass"},
		{.more = " i=@mail.example.com;", .record = "t=s; p=$p",
		    .want = "permerror the key does not allow i= below d="},
		{.record = "t=s; p=$p", .want = "pass"},
		{.want = NULL},
	};
	check_rows(*state, rows);
}

/* RFC 6376 3.5: l=; standards/spf-dkim.md B5. */
static void
lengths(void **state)
{
	static const char over[] = "fail the body is shorter than l=";
	static const char unsigned_content[] = "policy unsigned content";
	static const char ignored[] =
	    "policy signatures with l= do not count here";
	static const struct row rows[] = {
		/* "abc" CRLF is five octets. */
		{.c = "relaxed", .more = " l=5;", .body = "abc\r\n",
		    .want = "pass"},
		{.c = "relaxed", .more = " l=0005;", .body = "abc\r\n",
		    .want = "pass"},
		{.c = "relaxed", .more = " l=5;", .body = "abc\r\n",
		    .got_body = "abc\r\n\r\n", .want = "pass"},
		{.c = "relaxed", .more = " l=5;", .body = "abc\r\n",
		    .got_body = "abc\r\nmore\r\n", .want = unsigned_content},
		{.c = "relaxed/relaxed", .more = " l=5;", .body = "abc\r\n",
		    .got_body = "abc \r\n\r\n\r\nmore\r\n",
		    .want = unsigned_content},
		{.c = "relaxed", .more = " l=5;", .body = "abc\r\n",
		    .got_body = "abd\r\nmore\r\n", .want = CHANGED_BODY},
		{.c = "relaxed", .more = " l=6;", .body = "abc\r\n",
		    .want = over},
		{.c = "relaxed", .more = " l=18446744073709551615;",
		    .body = "abc\r\n", .want = over},
		{.c = "relaxed", .more = " l=99999999999999999999999999;",
		    .body = "abc\r\n", .want = over},
		{.c = "relaxed", .more = " l=;",
		    .want = "neutral l= is not a number"},
		{.c = "relaxed", .more = " l=-1;",
		    .want = "neutral l= is not a number"},
		{.c = "relaxed", .more = " l=5x;",
		    .want = "neutral l= is not a number"},
		{.c = "relaxed", .more = " l=00000000000000000000000000000000"
		    "000000000000000000000000000000000000000000001;",
		    .want = "neutral l= is not a number"},
		{.c = "relaxed/relaxed", .more = " l=0;", .body = "",
		    .want = "pass"},
		{.c = "relaxed/relaxed", .more = " l=0;", .body = "",
		    .got_body = "x", .want = unsigned_content},
		{.c = "relaxed", .more = " l=5;", .body = "abc\r\n",
		    .length = SIGNATURE_LENGTH_IGNORE, .want = ignored},
		{.c = "relaxed", .body = "abc\r\n",
		    .length = SIGNATURE_LENGTH_IGNORE, .want = "pass"},
		{.c = "relaxed", .more = " l=5;", .body = "abc\r\n",
		    .got_body = "abd\r\n",
		    .length = SIGNATURE_LENGTH_IGNORE, .want = CHANGED_BODY},
		{.c = "relaxed", .more = " l=5;", .body = "abc\r\n",
		    .got_body = "abc\r\nmore\r\n",
		    .length = SIGNATURE_LENGTH_ACCEPT, .want = "pass"},
		{.c = "relaxed", .more = " l=6;", .body = "abc\r\n",
		    .length = SIGNATURE_LENGTH_ACCEPT, .want = over},
		{.want = NULL},
	};
	check_rows(*state, rows);
}

/* l= within the body as its signer counts. */
static void
partial_lengths(void **state)
{
	static const char *const forms[] = {"simple/simple",
	    "relaxed/relaxed"};
	const struct scene *s = *state;
	for (unsigned f = 0; f < 2; f++)
		for (size_t n = 0; n < 30; n++) {
			struct arena *a = arena_new(0);
			struct arrival_fields fields;
			struct arrival m = {.chunk = n, .body = STR(BODY)};
			struct str canonical =
			    signer_body(m.body, f == 1, a);
			arrival_split(STR(HEADER), &fields);
			struct signer_job job = {.key = s->keys[ED25519],
			    .c = forms[f], .has_length = true, .length = n,
			    .fields = fields.at, .field_count = fields.count,
			    .body = m.body};
			header_init(&m.headers, a);
			arrival_add(&m.headers, "DKIM-Signature",
			    signer_sign(&job, a));
			for (size_t i = 0; i < fields.count; i++)
				header_add(&m.headers, fields.at[i].name,
				    fields.at[i].value);
			struct signatures *g = arrival_verify(s->lib,
			    arrival_key_line("s", "example.com",
				signer_key_record(job.key, a), a), &m, a);
			check_str(arrival_show(g, a), n < canonical.n ?
			    "policy unsigned content" : n == canonical.n ?
			    "pass" : "fail the body is shorter than l=");
			arena_free(a);
		}
}

/* RFC 6376 3.5: t= and x= against the time of arrival. */
static void
times(void **state)
{
	static const char expired[] = "permerror the signature has expired";
	static const char future[] = "permerror the signature is of the future";
	static const char no_time[] = "neutral t= or x= is not a time";
	static const char order[] = "neutral x= is not later than t=";
	static const struct row rows[] = {
		{.more = " t=1795219201;", .want = "pass"},
		{.more = " t=0;", .want = "pass"},
		{.more = " t=1;", .want = "pass"},
		{.more = " t=1795219501;", .want = "pass"},
		{.more = " t=1795219502;", .want = future},
		{.more = " t=999999999999;", .want = future},
		{.more = " x=1795219201;", .want = "pass"},
		{.more = " x=1795218901;", .want = "pass"},
		{.more = " x=1795218900;", .want = expired},
		{.more = " x=999999999999;", .want = "pass"},
		{.more = " x=0;", .want = expired},
		{.more = " t=1795219200; x=1795219201;", .want = "pass"},
		{.more = " t=1795219200; x=1795219200;", .want = order},
		{.more = " t=1795219201; x=1795219200;", .want = order},
		{.more = " t=;", .want = no_time},
		{.more = " t=-1;", .want = no_time},
		{.more = " x=1e9;", .want = no_time},
		{.more = " t=1000000000000;", .want = no_time},
		{.want = NULL},
	};
	check_rows(*state, rows);
}

/* RFC 6376 3.6.1, 6.1.2, RFC 8301 3, RFC 8463; standards/spf-dkim.md B2, B3. */
static void
key_records(void **state)
{
	static const struct row rows[] = {
		{.key = RSA_2048, .want = "pass"},
		{.key = ED25519, .want = "pass"},
		{.record = "v=spf1 -all",
		    .want = "permerror the key record cannot be read"},
		{.record = "v=DKIM1; p=",
		    .want = "permerror the key is revoked"},
		{.record = "s=other; p=$p",
		    .want = "permerror the key is not for e-mail"},
		{.record = "k=x; p=$p",
		    .want = "permerror the key is of an unknown type"},
		{.record = "h=sha1; p=$p",
		    .want = "permerror the key does not allow SHA-256"},
		{.record = "h=sha1:sha256; p=$p", .want = "pass"},
		{.record = "k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaP"
		    "cHURo=",
		    .want = "permerror the key is of another type than a="},
		{.record = "p=MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBALRiMLAh9iimur8VA"
		    "7qVvdqxevEuUkW4K+2KdMXmnQbG9Aa7k7eBjK1S+0LYmVjPKlJGNXHDGuy5"
		    "Fw/d7rjVJ0BLB+ubPK8iA/Tw3hLQgXMRRGRXXCn8ikfuQfjUS1uZSatdLB8"
		    "1mydBETlJhI6GH4twrbDJCR2Bwy/XWXgqgGRzAgMBAAE=",
		    .want = "permerror the key record cannot be read"},
		/* RFC 6376 3.6.1: who is testing is not signing when it
		 * fails, and is when it passes. */
		{.record = "t=y; p=$p", .want = "pass"},
		{.record = "t=y; p=$p", .got_body = "other",
		    .want = "none the key is being tested"},
		{.record = "t=y:s; p=$p", .got_header = "From: x@test\r\n",
		    .want = "none the key is being tested"},
		{.record = "t=y; p=",
		    .want = "permerror the key is revoked"},
		{.want = NULL},
	};
	check_rows(*state, rows);
}

/* Another key than the signer's. */
static void
wrong_key(void **state)
{
	const struct scene *s = *state;
	struct arena *a = arena_new(0);
	struct str other = text_format(a, "p=%.*s",
	    STR_ARG(signer_key_p(s->keys[OTHER], false, a)));
	const struct row rows[] = {
		{.record = other.p, .want = CHANGED_HEADER},
		{.record = other.p, .key = ED25519,
		    .want = "permerror the key is of another type than a="},
		{.want = NULL},
	};
	check_rows(s, rows);
	arena_free(a);
}

/* RFC 8301 3.1, 3.2: what verifies and must not count. */
static void
weak(void **state)
{
	static const struct {
		unsigned bits;
		const char *a, *want;
	} rows[] = {
		{512, "rsa-sha256", "policy the RSA key is shorter than 1024 "
		    "bits"},
		{1023, "rsa-sha256", "policy the RSA key is shorter than 1024 "
		    "bits"},
		{1024, "rsa-sha1", "policy rsa-sha1 is not accepted"},
		{1024, "rsa-sha256", "pass"},
		{4096, "rsa-sha256", "pass"},
	};
	const struct scene *s = *state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct arena *a = arena_new(0);
		struct signer_key *key = signer_key_rsa(rows[i].bits, a);
		struct header_field from = {STR("From"), STR(" a@b.c"), 1};
		struct signer_job job = {.key = key, .a = rows[i].a,
		    .fields = &from, .field_count = 1};
		struct arrival m = {.chunk = 0};
		header_init(&m.headers, a);
		arrival_add(&m.headers, "DKIM-Signature",
		    signer_sign(&job, a));
		arrival_add(&m.headers, "From", from.value);
		struct signatures *g = arrival_verify(s->lib,
		    arrival_key_line("s", "example.com",
			signer_key_record(key, a), a), &m, a);
		check_str(arrival_show(g, a), rows[i].want);
		assert_int_equal(signatures_at(g, 0)->key_bits,
		    rows[i].a[7] == '1' ? 0 : rows[i].bits);
		arena_free(a);
	}
}

/* RFC 8463 A: keys, message and signatures of the RFC. */
static void
published(void **state)
{
	static const char zone[] =
	    "brisbane._domainkey.football.example.com TXT \"v=DKIM1; k=ed25519;"
	    " p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\"\n"
	    "test._domainkey.football.example.com TXT \"v=DKIM1; k=rsa; p=MIGfM"
	    "A0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5q"
	    "hdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+"
	    "yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+"
	    "l/K4w3QIDAQAB\"\n";
	static const char header[] =
	    "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n"
	    " d=football.example.com; i=@football.example.com;\r\n"
	    " q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r\n"
	    " subject : date : message-id : from : subject : date;\r\n"
	    " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"
	    " b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus\r\n"
	    " Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==\r\n"
	    "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;\r\n"
	    " d=football.example.com; i=@football.example.com;\r\n"
	    " q=dns/txt; s=test; t=1528637909; h=from : to : subject :\r\n"
	    " date : message-id : from : subject : date;\r\n"
	    " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"
	    " b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3\r\n"
	    " DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz\r\n"
	    " dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=\r\n"
	    "From: Joe SixPack <joe@football.example.com>\r\n"
	    "To: Suzie Q <suzie@shopping.example.net>\r\n"
	    "Subject: Is dinner ready?\r\n"
	    "Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\n"
	    "Message-ID: <20030712040037.46341.5F8J@football.example.com>\r\n";
	const struct scene *s = *state;
	struct arena *a = arena_new(0);
	struct arrival_fields fields;
	struct arrival m = {.body = STR("Hi.\r\n\r\nWe lost the game.  Are you "
	    "hungry yet?\r\n\r\nJoe.\r\n")};
	arrival_split(STR(header), &fields);
	header_init(&m.headers, a);
	for (size_t i = 0; i < fields.count; i++)
		header_add(&m.headers, fields.at[i].name, fields.at[i].value);
	struct signatures *g = arrival_verify(s->lib, STR(zone), &m, a);
	check_str(arrival_show(g, a), "pass; pass");
	const struct signature *one = signatures_at(g, 0);
	check_str(one->domain, "football.example.com");
	check_str(one->selector, "brisbane");
	check_str(one->identity, "@football.example.com");
	check_str(one->algorithm, "ed25519-sha256");
	check_str(one->b, "/gCrinpc");
	check_str(signatures_at(g, 1)->b, "F45dVWDf");
	assert_int_equal(one->key_bits, 256);
	assert_int_equal(signatures_at(g, 1)->key_bits, 1024);
	arena_free(a);
}

/* The same body in pieces of any size, and all cuts in two. */
static void
chunks(void **state)
{
	const struct scene *s = *state;
	static const char body[] = "a \r\n\r\n \tb\r\rc \r\n\r\n\r\n d\r\n\r";
	static const char *const forms[] = {"simple/simple",
	    "relaxed/relaxed"};
	for (unsigned f = 0; f < 2; f++)
		for (size_t n = 1; n < sizeof body; n++) {
			struct arena *a = arena_new(0);
			struct row row = {.c = forms[f], .body = body,
			    .key = ED25519};
			check_str(play(s, &row, n, a), "pass");
			arena_free(a);
		}
}

int
main(void)
{
	const struct CMUnitTest all[] = {
		cmocka_unit_test(matrix),
		cmocka_unit_test(bodies),
		cmocka_unit_test(headers),
		cmocka_unit_test(forms_of_b),
		cmocka_unit_test(tags),
		cmocka_unit_test(identities),
		cmocka_unit_test(lengths),
		cmocka_unit_test(partial_lengths),
		cmocka_unit_test(times),
		cmocka_unit_test(key_records),
		cmocka_unit_test(wrong_key),
		cmocka_unit_test(weak),
		cmocka_unit_test(published),
		cmocka_unit_test(chunks),
	};
	return cmocka_run_group_tests(all, setup, teardown);
}
