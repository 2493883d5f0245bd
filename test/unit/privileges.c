/* SPDX-License-Identifier: BSD-2-Clause */
#include "test/lib/check.h"

#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "milter/privileges.h"

#define MAX_GROUPS 100

static void
names(void **state)
{
	static const struct {
		const char *text, *reason; /* NULL: it is found */
	} rows[] = {
		{"nobody", NULL},
		{"nobody:", NULL},
		{"nobody:mail", NULL},
		{"no-such", "user no-such does not exist; create it or name "
		    "another"},
		{"no-such:mail", "user no-such does not exist; create it or "
		    "name another"},
		{"nobody:no-such", "group no-such does not exist; create it "
		    "or name another"},
		{"nobody:mail:x", "group mail:x does not exist; create it or "
		    "name another"},
	};
	const struct passwd *nobody = getpwnam("nobody");
	const struct group *mail = getgrnam("mail");
	struct arena *a = arena_new(0);
	(void)state;
	assert_non_null(nobody);
	assert_non_null(mail);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct privileges p;
		struct str reason = STR("");
		bool is_found = privileges_find(rows[i].text, a, &p, &reason);
		check_str(reason,
		    rows[i].reason == NULL ? "" : rows[i].reason);
		assert_int_equal(is_found, rows[i].reason == NULL);
		if (!is_found)
			continue;
		assert_string_equal(p.user, "nobody");
		assert_int_equal(p.uid, nobody->pw_uid);
		assert_int_equal(p.gid, strstr(rows[i].text, "mail") != NULL ?
		    mail->gr_gid : nobody->pw_gid);
	}
	arena_free(a);
}

static void
groups(void **state)
{
	struct arena *a = arena_new(0);
	struct str reason = STR("");
	gid_t gid = 7;
	(void)state;
	assert_true(privileges_find_group("", a, &gid, &reason));
	assert_int_equal(gid, (gid_t)-1);
	assert_true(privileges_find_group("mail", a, &gid, &reason));
	assert_int_equal(gid, getgrnam("mail")->gr_gid);
	assert_false(privileges_find_group("no-such", a, &gid, &reason));
	assert_int_equal(gid, (gid_t)-1);
	check_str(reason, "group no-such does not exist; create it or name "
	    "another");
	arena_free(a);
}

static void
nobody_is_named(void **state)
{
	struct arena *a = arena_new(0);
	struct privileges p;
	struct str reason = STR("");
	uid_t uid = geteuid();
	gid_t gid = getegid();
	(void)state;
	assert_true(privileges_find("", a, &p, &reason));
	assert_null(p.user);
	assert_true(privileges_drop(&p, a, &reason));
	assert_int_equal(geteuid(), uid);
	assert_int_equal(getegid(), gid);
	arena_free(a);
}

/* Runs a check in a process of its own, which may become somebody else, and
 * fails with what it says. */
static void
apart(const char *(*check)(struct arena *a))
{
	int status;
	fflush(NULL);
	pid_t pid = fork();
	if (pid == 0) {
		struct arena *a = arena_new(0);
		const char *complaint = check(a);
		if (complaint != NULL)
			fprintf(stderr, "%s\n", complaint);
		arena_free(a);
		_exit(complaint == NULL ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static int
compare(const void *a, const void *b)
{
	gid_t x = *(const gid_t *)a, y = *(const gid_t *)b;
	return (x > y) - (x < y);
}

/* The groups of this process are those of the user and no other. */
static bool
has_groups_of(const char *user, gid_t gid)
{
	gid_t want[MAX_GROUPS], got[MAX_GROUPS];
	int want_count = MAX_GROUPS;
	getgrouplist(user, gid, want, &want_count);
	int got_count = getgroups(MAX_GROUPS, got);
	if (got_count != want_count)
		return false;
	qsort(want, (size_t)want_count, sizeof *want, compare);
	qsort(got, (size_t)got_count, sizeof *got, compare);
	return memcmp(want, got, (size_t)got_count * sizeof *got) == 0;
}

static const char *
becomes_for_good(struct arena *a)
{
	static const gid_t of_root[] = {0, 4, 6};
	struct privileges p;
	struct str reason;
	uid_t u[3];
	gid_t g[3];
	if (setgroups(3, of_root) != 0)
		return "setgroups";
	if (!privileges_find("nobody:mail", a, &p, &reason) ||
	    !privileges_drop(&p, a, &reason))
		return str_cstr(reason, a);
	if (getresuid(&u[0], &u[1], &u[2]) != 0 ||
	    getresgid(&g[0], &g[1], &g[2]) != 0)
		return "getresuid";
	for (int i = 0; i < 3; i++)
		if (u[i] != p.uid || g[i] != p.gid)
			return "an id is another's";
	if (!has_groups_of("nobody", p.gid))
		return "the supplementary groups are not the user's";
	if (setuid(0) == 0 || setgid(0) == 0 || seteuid(0) == 0)
		return "root comes back";
	/* Once more is no change, and needs no right. */
	return privileges_drop(&p, a, &reason) ? NULL : "not already";
}

static void
root_becomes_another(void **state)
{
	(void)state;
	if (geteuid() != 0)
		check_skip("root is needed to become another user");
	apart(becomes_for_good);
}

/* Neither another user, nor the same with another group. */
static const char *
stays(struct arena *a)
{
	struct privileges p = {"daemon", 1, 1};
	struct str reason = STR("");
	if (geteuid() == 0 && (setgroups(0, NULL) != 0 ||
	    setresgid(65534, 65534, 65534) != 0 ||
	    setresuid(65534, 65534, 65534) != 0))
		return "this test cannot leave root";
	uid_t uid = geteuid();
	for (int i = 0; i < 2; i++) {
		if (privileges_drop(&p, a, &reason))
			return "it became somebody else";
		if (!str_eq(reason, STR("cannot become user daemon: Operation "
		    "not permitted; start as root, or as that user")))
			return str_cstr(reason, a);
		if (geteuid() != uid || getuid() != uid)
			return "it is somebody else";
		p = (struct privileges) {"daemon", uid, getegid() + 1};
	}
	return NULL;
}

static void
others_need_root(void **state)
{
	(void)state;
	apart(stays);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(groups),
		cmocka_unit_test(nobody_is_named),
		cmocka_unit_test(root_becomes_another),
		cmocka_unit_test(others_need_root),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
