/* SPDX-License-Identifier: BSD-2-Clause */
#include "test/lib/check.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "judge/failure.h"
#include "report/failure/failure_spool.h"
#include "report/failure/failure_file.h"
#include "report/failure/failure_limit.h"
#include "report/failure/failure_redact.h"
#include "report/failure/failure_group.h"

/* The spool as its reader has it: files, limits, turns. */

#define NOW 1795219200

struct place {
	struct arena *arena;
	char folder[64];
};

static int
setup(void **state)
{
	struct place *p = calloc(1, sizeof *p);
	p->arena = arena_new(0);
	strcpy(p->folder, "/tmp/report-failures-XXXXXX");
	assert_non_null(mkdtemp(p->folder));
	*state = p;
	return 0;
}

static int
teardown(void **state)
{
	struct place *p = *state;
	DIR *d = opendir(p->folder);
	struct dirent *e;
	while ((e = readdir(d)) != NULL)
		if (unlinkat(dirfd(d), e->d_name, 0) != 0)
			unlinkat(dirfd(d), e->d_name, AT_REMOVEDIR);
	closedir(d);
	rmdir(p->folder);
	arena_free(p->arena);
	free(p);
	return 0;
}

/* ---- what a file says ------------------------------------------------------ */

#define HEAD                                                                   \
	"{\"version\":1,\"type\":\"dmarc\",\"authserv_id\":\"rcv.example\","   \
	"\"mta\":\"\",\"source_port\":0,\"recipients\":[\"ann@rcv.example\"]," \
	"\"faults\":[],\"spf_records\":[],\"is_cut\":false,"
#define LINE_WITH(authors)                                                     \
	"{\"time\":1795219100,\"source_ip\":\"192.0.2.7\","                    \
	"\"envelope_from\":\"esp.example\",\"envelope_to\":[],"                \
	"\"recipients\":1,\"dmarc\":\"fail\","                                 \
	"\"spf\":{\"domain\":\"esp.example\",\"scope\":\"mfrom\","             \
	"\"identity\":\"mailfrom\",\"result\":\"pass\"},\"dkim\":[],"          \
	"\"authors\":[" authors "],\"draw\":1,\"mode\":\"enforce\","           \
	"\"action\":\"reject\",\"reply\":550,\"disposition\":\"reject\","      \
	"\"reasons\":[]"
#define AUTHOR                                                                 \
	"{\"header_from\":\"acme.example\",\"dmarc\":\"fail\","                \
	"\"spf\":\"fail\",\"dkim\":\"fail\",\"aligned_dkim\":[],"              \
	"\"org_domain\":\"acme.example\",\"disposition\":\"reject\","          \
	"\"reasons\":[],\"published\":{\"domain\":\"acme.example\","           \
	"\"discovery_method\":\"treewalk\",\"p\":\"reject\","                  \
	"\"sp\":\"reject\",\"np\":\"reject\",\"adkim\":\"r\","                 \
	"\"aspf\":\"r\",\"fo\":\"0\",\"testing\":\"n\",\"psd\":\"u\","         \
	"\"pct\":100,\"rua\":false,\"ruf\":true},\"tag\":\"p\","               \
	"\"policy\":\"reject\"}"
#define LINE LINE_WITH(AUTHOR) ",\"decisive\":0}"

static const struct {
	const char *bytes, *want; /* NULL: it is read */
} files[] = {
	{HEAD "\"header\":11}\n" LINE "\nFrom: x@y\r\n", NULL},
	{HEAD "\"header\":0,\"later\":[1]}\n" LINE "\n", NULL},
	{"", "it is empty"},
	{"\n", "its first line is none of version 1"},
	{"\n\n\n", "its first line is none of version 1"},
	{HEAD "\"header\":12}\n" LINE "\nFrom: x@y\r\n", "it is torn"},
	{HEAD "\"header\":10}\n" LINE "\nFrom: x@y\r\n", "it is torn"},
	{HEAD "\"header\":11}\n" LINE, "it is torn"},
	{HEAD "\"header\":11}\n", "its second line is no message"},
	{HEAD "\"header\":11}", "its second line is no message"},
	{HEAD "\"header\":11", "its first line"},
	{HEAD "\"header\":65537}\n" LINE "\n", "its first line"},
	{HEAD "\"header\":-1}\n" LINE "\n", "its first line"},
	{HEAD "\"header\":0}\n{\"version\":1}\n", "its second line"},
	{HEAD "\"header\":0}\n{}\n", "its second line"},
	{HEAD "\"header\":0}\n" LINE_WITH("") "}\n", "it has no author"},
	{"{\"version\":2}\n" LINE "\n", "its first line"},
	{"{\"version\":1,\"type\":\"all\"}\n" LINE "\n", "its first line"},
};

static void
test_files(void **state)
{
	struct place *p = *state;
	struct failure_file *f = ARENA_NEW(p->arena, struct failure_file);
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		struct str reason = {NULL, 0};
		bool is_read = failure_file_parse(check_exact(
		    str_of(files[i].bytes), p->arena), p->arena, f, &reason);
		if (is_read != (files[i].want == NULL) || (!is_read &&
		    !str_has_prefix(reason, str_of(files[i].want))))
			fail_msg("row %zu: %d: %.*s", i, is_read,
			    STR_ARG(reason));
	}
	assert_true(failure_file_parse(str_of(files[0].bytes), p->arena, f,
	    &(struct str) {0}));
	assert_int_equal(f->type, FAILURE_DMARC);
	check_str(f->author->header_from, "acme.example");
	check_str(f->head.recipients[0], "ann@rcv.example");
	check_str(f->header, "From: x@y\r\n");
}

/* Faults that do not belong to signatures would be read beside them. */
static void
test_faults_fit(void **state)
{
	struct place *p = *state;
	struct failure_file *f = ARENA_NEW(p->arena, struct failure_file);
	struct str reason;
	struct text t;
	text_init(&t, p->arena);
	text_add(&t, STR("{\"version\":1,\"type\":\"dkim\","
	    "\"authserv_id\":\"\",\"mta\":\"\",\"source_port\":0,"
	    "\"recipients\":[],\"faults\":[\"bodyhash\"],"
	    "\"spf_records\":[],\"is_cut\":false,\"header\":0}\n" LINE "\n"));
	assert_false(failure_file_parse(text_str(&t), p->arena, f, &reason));
	check_str(reason, "faults do not fit the signatures");
}

/* ---- the directory --------------------------------------------------------- */

static const char *
path_of(const struct place *p, const char *name)
{
	return text_format(p->arena, "%s/%s", p->folder, name).p;
}

static void
put(const struct place *p, const char *name, const char *bytes)
{
	assert_true(file_replace(path_of(p, name), str_of(bytes), 0600));
}

static void
make_old(const struct place *p, const char *name, int64_t seconds)
{
	struct timespec times[2] = {{.tv_sec = NOW - seconds},
	    {.tv_sec = NOW - seconds}};
	assert_int_equal(utimensat(AT_FDCWD, path_of(p, name), times, 0), 0);
}

static bool
is_there(const struct place *p, const char *name)
{
	return faccessat(AT_FDCWD, path_of(p, name), F_OK,
	    AT_SYMLINK_NOFOLLOW) == 0;
}

static struct failure_spool *
open_box(const struct place *p)
{
	struct failure_spool *b = NULL;
	struct str reason = {NULL, 0};
	if (failure_spool_open(p->folder, NOW, p->arena, &b, &reason) !=
	    FAILURE_SPOOL_OPEN)
		fail_msg("%.*s", STR_ARG(reason));
	return b;
}

#define F1 "f-001795219100-0123456789abcdef"
#define F2 "f-001795219101-0000000000000000"
#define F3 "f-001795219102-ffffffffffffffff"

static void
test_list(void **state)
{
	struct place *p = *state;
	static const char *const foreign[] = {"f-", "f-001795219100",
	    "f-001795219100-0123456789abcdeF",
	    "f-001795219100-0123456789abcdef0", "g-001795219100-"
	    "0123456789abcdef", "f-00179521910x-0123456789abcdef", "notes",
	    "bad-" F1};
	struct failure_spool_name *names;
	size_t count;
	struct str reason;
	put(p, F3, "3");
	put(p, F1, "1");
	put(p, F2, "2");
	for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++)
		put(p, foreign[i], "x");
	struct failure_spool *b = open_box(p);
	assert_true(failure_spool_list(b, &names, &count, &reason));
	assert_int_equal(count, 3);
	assert_string_equal(names[0].p, F1);
	assert_string_equal(names[1].p, F2);
	assert_string_equal(names[2].p, F3);
	failure_spool_remove(b, F2);
	assert_false(is_there(p, F2));
	failure_spool_set_aside(b, F3);
	assert_true(is_there(p, "bad-" F3));
	assert_true(failure_spool_list(b, &names, &count, &reason));
	assert_int_equal(count, 1);
	failure_spool_close(b);
	for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++)
		assert_true(is_there(p, foreign[i]));
}

static void
test_odd_files(void **state)
{
	struct place *p = *state;
	struct str bytes, reason;
	put(p, "elsewhere", "secret");
	assert_int_equal(symlink(path_of(p, "elsewhere"), path_of(p, F1)), 0);
	assert_int_equal(mkdir(path_of(p, F2), 0700), 0);
	assert_int_equal(mkfifo(path_of(p, F3), 0600), 0);
	put(p, "f-001795219103-0000000000000000", "");
	struct failure_spool *b = open_box(p);
	assert_false(failure_spool_read(b, F1, p->arena, &bytes, &reason));
	check_str(reason, "it is no regular file");
	assert_false(failure_spool_read(b, F2, p->arena, &bytes, &reason));
	check_str(reason, "it is no regular file");
	assert_false(failure_spool_read(b, F3, p->arena, &bytes, &reason));
	check_str(reason, "it is no regular file");
	assert_false(failure_spool_read(b, "f-001795219109-0000000000000000",
	    p->arena, &bytes, &reason));
	check_str(reason, "");
	assert_true(failure_spool_read(b, "f-001795219103-0000000000000000",
	    p->arena, &bytes, &reason));
	assert_int_equal(bytes.n, 0);
	assert_int_equal(truncate(path_of(p,
	    "f-001795219103-0000000000000000"), FAILURE_FILE_MAX + 1), 0);
	assert_false(failure_spool_read(b, "f-001795219103-0000000000000000",
	    p->arena, &bytes, &reason));
	check_str(reason, "it is longer than any that is written");
	failure_spool_close(b);
}

static void
test_one_run_at_a_time(void **state)
{
	struct place *p = *state;
	struct failure_spool *b = open_box(p), *other;
	struct str reason;
	assert_int_equal(failure_spool_open(p->folder, NOW, p->arena, &other,
	    &reason), FAILURE_SPOOL_BUSY);
	failure_spool_close(b);
	failure_spool_close(open_box(p));
	assert_int_equal(failure_spool_open("/nonexistent/x", NOW, p->arena,
	    &other, &reason), FAILURE_SPOOL_MISSING);
	put(p, "file", "x");
	assert_int_equal(failure_spool_open(path_of(p, "file"), NOW, p->arena,
	    &other, &reason), FAILURE_SPOOL_FAILED);
	assert_int_equal(unlink(path_of(p, "lock")), 0);
	assert_int_equal(symlink("file", path_of(p, "lock")), 0);
	assert_int_equal(failure_spool_open(p->folder, NOW, p->arena, &other,
	    &reason), FAILURE_SPOOL_FAILED);
	failure_spool_close(NULL);
}

static void
test_leftovers(void **state)
{
	struct place *p = *state;
	put(p, ".draft-0123456789abcdef", "old");
	put(p, ".draft-0000000000000000", "young");
	put(p, "state.XyZabc", "old");
	put(p, "bad-" F1, "old");
	put(p, "bad-" F2, "young");
	make_old(p, ".draft-0123456789abcdef", 3601);
	make_old(p, ".draft-0000000000000000", 3599);
	make_old(p, "state.XyZabc", 3601);
	make_old(p, "bad-" F1, FAILURE_SPOOL_KEEP_BAD + 1);
	make_old(p, "bad-" F2, FAILURE_SPOOL_KEEP_BAD - 1);
	failure_spool_close(open_box(p));
	assert_false(is_there(p, ".draft-0123456789abcdef"));
	assert_true(is_there(p, ".draft-0000000000000000"));
	assert_false(is_there(p, "state.XyZabc"));
	assert_false(is_there(p, "bad-" F1));
	assert_true(is_there(p, "bad-" F2));
}

/* So that nobody fills the disk with nonsense that is kept. */
static void
test_bad_files_are_bounded(void **state)
{
	struct place *p = *state;
	struct failure_spool *b = open_box(p);
	size_t count = 0;
	for (unsigned i = 0; i < FAILURE_SPOOL_MAX_BAD + 5; i++) {
		const char *name = text_format(p->arena,
		    "f-001795219100-%016x", i).p;
		put(p, name, "x");
		failure_spool_set_aside(b, name);
		assert_false(is_there(p, name));
	}
	failure_spool_close(b);
	DIR *d = opendir(p->folder);
	struct dirent *e;
	while ((e = readdir(d)) != NULL)
		count += strncmp(e->d_name, "bad-", 4) == 0;
	closedir(d);
	assert_int_equal(count, FAILURE_SPOOL_MAX_BAD);
}

static void
test_key(void **state)
{
	struct place *p = *state;
	char first[REDACT_KEY], second[REDACT_KEY];
	struct str reason = {NULL, 0};
	struct stat st;
	struct failure_spool *b = open_box(p);
	assert_true(failure_spool_key(b, first, &reason));
	assert_true(failure_spool_key(b, second, &reason));
	assert_memory_equal(first, second, REDACT_KEY);
	assert_int_equal(stat(path_of(p, "key"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(st.st_size, 65);
	put(p, "key", "00112233445566778899aabbccddeeff"
	    "00112233445566778899aabbccddeefe\n");
	assert_true(failure_spool_key(b, second, &reason));
	assert_int_equal((unsigned char)second[0], 0);
	assert_int_equal((unsigned char)second[31], 0xfe);
	put(p, "key", "short\n");
	assert_false(failure_spool_key(b, second, &reason));
	put(p, "key", "");
	assert_false(failure_spool_key(b, second, &reason));
	put(p, "key", "zz112233445566778899aabbccddeeff"
	    "00112233445566778899aabbccddeefe\n");
	assert_false(failure_spool_key(b, second, &reason));
	assert_non_null(strstr(reason.p, "delete it, and one is made"));
	failure_spool_close(b);
}

static void
test_state(void **state)
{
	struct place *p = *state;
	struct str reason;
	struct failure_spool *b = open_box(p);
	assert_int_equal(failure_spool_state(b, p->arena).n, 0);
	assert_true(failure_spool_save(b, STR("one\n"), &reason));
	assert_true(failure_spool_save(b, STR("two\n"), &reason));
	check_str(failure_spool_state(b, p->arena), "two\n");
	assert_int_equal(unlink(path_of(p, "state")), 0);
	assert_int_equal(symlink("key", path_of(p, "state")), 0);
	assert_int_equal(failure_spool_state(b, p->arena).n, 0);
	failure_spool_close(b);
}

/* ---- limits ---------------------------------------------------------------- */

static unsigned
take_all(struct limits *l, const char *name, unsigned per_hour)
{
	unsigned n = 0;
	for (; limits_have(l, str_of(name), per_hour); n++)
		limits_take(l, str_of(name), per_hour);
	return n;
}

/* Written down, and read by a run at another time. */
static void
next_run(struct limits *l, int64_t now, struct arena *a)
{
	struct text t;
	text_init(&t, a);
	limits_print(l, &t);
	struct str lines = text_str(&t);
	limits_init(l, now, a);
	while (lines.n > 0) {
		struct str words = str_cut(&lines, '\n');
		check_str(str_cut(&words, ' '), "limit");
		limits_parse(l, words);
	}
}

static void
test_limits(void **state)
{
	struct place *p = *state;
	struct limits l;
	limits_init(&l, NOW, p->arena);
	assert_int_equal(take_all(&l, "a", 10), 10);
	assert_int_equal(take_all(&l, "b", 3), 3);
	assert_int_equal(take_all(&l, "a", 10), 0);
	next_run(&l, NOW, p->arena);
	assert_int_equal(take_all(&l, "a", 10), 0);
	/* One in six minutes. */
	next_run(&l, NOW + 359, p->arena);
	assert_int_equal(take_all(&l, "a", 10), 0);
	next_run(&l, NOW + 360, p->arena);
	assert_int_equal(take_all(&l, "a", 10), 1);
	assert_int_equal(take_all(&l, "b", 3), 0);
	/* Half an hour. */
	next_run(&l, NOW + 360 + 1800, p->arena);
	assert_int_equal(take_all(&l, "a", 10), 5);
	/* A setting that changes. */
	assert_int_equal(take_all(&l, "a", 12), 2);
	next_run(&l, NOW + 20000, p->arena);
	assert_int_equal(l.count, 0);
	assert_int_equal(take_all(&l, "a", 10), 10);
}

static void
test_limits_and_clocks(void **state)
{
	struct place *p = *state;
	struct limits l;
	limits_init(&l, NOW, p->arena);
	take_all(&l, "a", 10);
	/* A year back: nothing is gained, nothing is lost for ever. */
	next_run(&l, NOW - 31536000, p->arena);
	assert_int_equal(take_all(&l, "a", 10), 0);
	next_run(&l, NOW - 31536000 + 360, p->arena);
	assert_int_equal(take_all(&l, "a", 10), 1);
	/* A year on: full, and no more. */
	next_run(&l, NOW + 31536000, p->arena);
	assert_int_equal(take_all(&l, "a", 10), 10);
	/* A smaller setting is not starved by what a larger one took. */
	take_all(&l, "big", 10000);
	next_run(&l, l.now + 360, p->arena);
	assert_int_equal(take_all(&l, "big", 10), 1);
}

static void
test_limits_of_strangers(void **state)
{
	struct place *p = *state;
	static const char *const lines[] = {"", "x", "x 1 1",
	    "0123456789abcdef0123456789abcdef",
	    "0123456789abcdef0123456789abcdef 1795219200",
	    "0123456789abcdef0123456789abcdef 1795219200 -1",
	    "0123456789abcdef0123456789abcdef -1 1",
	    "0123456789abcdef0123456789abcdef 1795219200 99999999999999999999",
	    "0123456789abcdef0123456789abcdef 1795219200 1 1"};
	struct limits l;
	limits_init(&l, NOW, p->arena);
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
		limits_parse(&l, str_of(lines[i]));
	assert_int_equal(l.count, 0);
	limits_parse(&l, STR("0123456789abcdef0123456789abcdef "
	    "1795219200 1"));
	limits_parse(&l, STR("0123456789abcdef0123456789abcdef "
	    "1795219200 2"));
	assert_int_equal(l.count, 1);
	for (unsigned i = 1; i < LIMIT_MAX; i++)
		limits_take(&l, text_format(p->arena, "%u", i), 5);
	assert_int_equal(l.count, LIMIT_MAX);
	assert_false(limits_have(&l, STR("one more"), 5));
	limits_take(&l, STR("one more"), 5);
	assert_int_equal(l.count, LIMIT_MAX);
	assert_true(limits_have(&l, STR("1"), 5));
}

/* ---- turns ----------------------------------------------------------------- */

#define KEY_A "0123456789abcdef0123456789abcdef"
#define KEY_B "ffffffffffffffffffffffffffffffff"

static void
next_turns(struct failure_groups *t, int64_t now, struct arena *a)
{
	struct text out;
	text_init(&out, a);
	failure_groups_print(t, &out);
	struct str lines = text_str(&out);
	failure_groups_init(t, now, a);
	while (lines.n > 0) {
		struct str words = str_cut(&lines, '\n');
		check_str(str_cut(&words, ' '), "turn");
		failure_groups_parse(t, words);
	}
}

static void
test_turns(void **state)
{
	struct place *p = *state;
	struct failure_groups t;
	failure_groups_init(&t, NOW, p->arena);
	assert_null(failure_groups_find(&t, KEY_A));
	struct failure_group *a = failure_groups_make(&t, KEY_A);
	assert_true(failure_group_is_due(a, NOW));
	failure_group_end(a, NOW);
	assert_false(failure_group_is_due(a, NOW));
	next_turns(&t, NOW + FAILURE_GROUP_QUIET - 1, p->arena);
	a = failure_groups_find(&t, KEY_A);
	assert_false(failure_group_is_due(a, t.now));
	assert_true(failure_group_is_due(a, t.now + 1));
	next_turns(&t, NOW + FAILURE_GROUP_QUIET, p->arena);
	assert_null(failure_groups_find(&t, KEY_A));
}

static void
test_turns_that_failed(void **state)
{
	struct place *p = *state;
	static const int64_t waits[] = {300, 600, 1200, 2400, 4800, 9600,
	    14400, 14400};
	struct failure_groups t;
	int64_t now = NOW;
	failure_groups_init(&t, now, p->arena);
	struct failure_group *a = failure_groups_make(&t, KEY_A);
	memcpy(a->last, F1, FAILURE_GROUP_NAME);
	failure_group_add(a, STR("x@one.example"));
	for (size_t i = 0; i < sizeof waits / sizeof *waits; i++) {
		failure_group_put_off(a, now);
		now += waits[i] - 1;
		next_turns(&t, now, p->arena);
		a = failure_groups_find(&t, KEY_A);
		assert_non_null(a);
		assert_false(failure_group_is_due(a, now));
		assert_true(failure_group_is_due(a, ++now));
		assert_int_equal(a->tries, i + 1);
	}
	assert_memory_equal(a->last, F1, FAILURE_GROUP_NAME);
	assert_true(failure_group_has(a, STR("x@one.example")));
	assert_false(failure_group_has(a, STR("x@two.example")));
	failure_group_end(a, now);
	assert_false(failure_group_has(a, STR("x@one.example")));
}

static void
test_turns_and_clocks(void **state)
{
	struct place *p = *state;
	struct failure_groups t;
	failure_groups_init(&t, NOW, p->arena);
	failure_group_end(failure_groups_make(&t, KEY_A), NOW);
	struct failure_group *b = failure_groups_make(&t, KEY_B);
	memcpy(b->last, F1, FAILURE_GROUP_NAME);
	failure_group_put_off(b, NOW);
	/* A year back: both are waited for once more, and no longer. */
	next_turns(&t, NOW - 31536000, p->arena);
	assert_true(failure_group_is_due(failure_groups_find(&t, KEY_A), t.now + FAILURE_GROUP_QUIET));
	assert_true(failure_group_is_due(failure_groups_find(&t, KEY_B), t.now + FAILURE_GROUP_LAST));
}

static void
test_turns_of_strangers(void **state)
{
	struct place *p = *state;
	static const char *const lines[] = {"", "x 1 1 0",
	    KEY_A " 1795219200 0", KEY_A " 1795219200 0 1",
	    KEY_A " 1795219200 0 1 short", KEY_A " 1795219200 0 1001 " F1,
	    KEY_A " 1795219200 0 1 " F1 " short", KEY_A " -1 0 1 " F1,
	    KEY_A " 0 0 0"};
	struct failure_groups t;
	failure_groups_init(&t, NOW, p->arena);
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
		failure_groups_parse(&t, str_of(lines[i]));
	assert_int_equal(t.count, 0);
	failure_groups_parse(&t, STR(KEY_A " 1795219200 0 1 " F1 " " KEY_B));
	failure_groups_parse(&t, STR(KEY_A " 1795219200 0 1 " F1));
	assert_int_equal(t.count, 1);
	assert_int_equal(t.at[0].done_count, 1);
	char key[DIGEST_TEXT + 1];
	for (unsigned i = 1; i < FAILURE_GROUP_MAX; i++) {
		snprintf(key, sizeof key, "%032u", i);
		assert_non_null(failure_groups_make(&t, key));
	}
	assert_null(failure_groups_make(&t, KEY_B));
	struct failure_group *a = failure_groups_find(&t, KEY_A);
	for (unsigned i = 0; i < 20; i++)
		failure_group_add(a, STR("x"));
	assert_int_equal(a->done_count, FAILURE_GROUP_MAX_DONE);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_files),
		TEST(test_faults_fit),
		TEST(test_list),
		TEST(test_odd_files),
		TEST(test_one_run_at_a_time),
		TEST(test_leftovers),
		TEST(test_bad_files_are_bounded),
		TEST(test_key),
		TEST(test_state),
		TEST(test_limits),
		TEST(test_limits_and_clocks),
		TEST(test_limits_of_strangers),
		TEST(test_turns),
		TEST(test_turns_that_failed),
		TEST(test_turns_and_clocks),
		TEST(test_turns_of_strangers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
