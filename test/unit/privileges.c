/* SPDX-License-Identifier: BSD-2-Clause */
#include "test/lib/check.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "milter/privileges.h"

/* Who the daemon becomes. What changes the identity of a process is done in a
 * child. */

#define MAX_GROUPS 256

static int
set_up(void **state)
{
	*state = arena_new(0);
	return 0;
}

static int
tear_down(void **state)
{
	arena_free(*state);
	return 0;
}

static void
need_root(void)
{
	if (geteuid() == 0)
		return;
	check_skip("root is needed to become another user");
}

/* Runs it in a child, which must end with 0. */
static void
check_child(int (*run)(struct arena *a), struct arena *a)
{
	int status;
	pid_t pid = fork();
	if (pid == 0)
		_exit(run(a));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* Not root any more; -1 where that fails. */
static int
leave_root(void)
{
	const struct passwd *pw = getpwnam("nobody");
	if (geteuid() != 0)
		return 0;
	return pw != NULL && setgroups(0, NULL) == 0 &&
	    setresgid(pw->pw_gid, pw->pw_gid, pw->pw_gid) == 0 &&
	    setresuid(pw->pw_uid, pw->pw_uid, pw->pw_uid) == 0 ? 0 : -1;
}

static struct str
refusal(const char *text, struct arena *a)
{
	struct privileges p;
	struct str reason = {NULL, 0};
	assert_false(privileges_find(text, a, &p, &reason));
	return reason;
}

/* ---- names ---------------------------------------------------------------- */

static void
names_that_are_found(void **state)
{
	struct arena *a = *state;
	const struct group *tty = getgrnam("tty");
	struct privileges p;
	struct str reason;
	gid_t gid = 0;
	assert_non_null(tty);
	gid_t tty_gid = tty->gr_gid;
	assert_true(privileges_find("", a, &p, &reason));
	assert_null(p.user);
	assert_int_equal(p.uid, (uid_t)-1);
	assert_int_equal(p.gid, (gid_t)-1);
	/* chown(1) takes the colon at the end the same way. */
	const char *const plain[] = {"nobody", "nobody:"};
	for (size_t i = 0; i < 2; i++) {
		assert_true(privileges_find(plain[i], a, &p, &reason));
		const struct passwd *pw = getpwnam("nobody");
		assert_string_equal(p.user, "nobody");
		assert_int_equal(p.uid, pw->pw_uid);
		assert_int_equal(p.gid, pw->pw_gid);
	}
	assert_true(privileges_find("nobody:tty", a, &p, &reason));
	assert_string_equal(p.user, "nobody");
	assert_int_equal(p.uid, getpwnam("nobody")->pw_uid);
	assert_int_equal(p.gid, tty_gid);
	assert_true(privileges_find_group("", a, &gid, &reason));
	assert_int_equal(gid, (gid_t)-1);
	assert_true(privileges_find_group("tty", a, &gid, &reason));
	assert_int_equal(gid, tty_gid);
}

static void
names_that_are_refused(void **state)
{
	struct arena *a = *state;
	struct str reason = {NULL, 0};
	gid_t gid = 0;
	check_str(refusal("no-such-user", a), "user no-such-user does not "
	    "exist; create it or name another");
	check_str(refusal("no-such-user:tty", a), "user no-such-user does not "
	    "exist; create it or name another");
	check_str(refusal("nobody:no-such-group", a), "group no-such-group "
	    "does not exist; create it or name another");
	check_str(refusal("nobody:tty:tty", a), "group tty:tty does not "
	    "exist; create it or name another");
	assert_false(privileges_find_group("no-such-group", a, &gid, &reason));
	assert_int_equal(gid, (gid_t)-1);
	check_str(reason, "group no-such-group does not exist; create it or "
	    "name another");
}

/* ---- becoming somebody ---------------------------------------------------- */

/* Whether both hold the same groups, in any order and however often. */
static bool
are_same(const gid_t *x, int nx, const gid_t *y, int ny)
{
	for (int side = 0; side < 2; side++) {
		for (int i = 0; i < nx; i++) {
			int k = 0;
			while (k < ny && y[k] != x[i])
				k++;
			if (k == ny)
				return false;
		}
		const gid_t *t = x;
		int n = nx;
		x = y, nx = ny, y = t, ny = n;
	}
	return true;
}

static bool
is_whole(const struct privileges *p)
{
	uid_t u[3];
	gid_t g[3], want[MAX_GROUPS], got[MAX_GROUPS];
	int wanted = MAX_GROUPS;
	if (getresuid(&u[0], &u[1], &u[2]) != 0 ||
	    getresgid(&g[0], &g[1], &g[2]) != 0 ||
	    getgrouplist(p->user, p->gid, want, &wanted) < 0)
		return false;
	for (int i = 0; i < 3; i++)
		if (u[i] != p->uid || g[i] != p->gid)
			return false;
	int count = getgroups(MAX_GROUPS, got);
	return count >= 0 && are_same(got, count, want, wanted);
}

static bool
is_way_back(void)
{
	return setuid(0) == 0 || seteuid(0) == 0 || setreuid(0, 0) == 0 ||
	    setresuid(-1, 0, -1) == 0 || setgid(0) == 0 || setegid(0) == 0 ||
	    setgroups(0, NULL) == 0 || geteuid() == 0;
}

/* From root, with groups that no service has, to the text's user for good. */
static int
become(const char *text, struct arena *a)
{
	const gid_t roots[] = {0, 4711, 4712};
	struct privileges p;
	struct str reason;
	if (setgroups(3, roots) != 0 || !privileges_find(text, a, &p, &reason))
		return 1;
	if (!privileges_drop(&p, a, &reason))
		return 2;
	if (!is_whole(&p))
		return 3;
	if (is_way_back())
		return 4;
	/* Again: it is that user already. */
	return privileges_drop(&p, a, &reason) ? 0 : 5;
}

static int
become_nobody(struct arena *a)
{
	return become("nobody", a);
}

static int
become_nobody_of_tty(struct arena *a)
{
	const struct group *tty = getgrnam("tty");
	gid_t gid = tty != NULL ? tty->gr_gid : 0;
	int code = become("nobody:tty", a);
	return code != 0 || getegid() == gid ? code : 6;
}

/* A user with more groups than his own, where the machine has one. */
static int
become_member(struct arena *a)
{
	struct passwd *pw;
	gid_t groups[MAX_GROUPS];
	setpwent();
	while ((pw = getpwent()) != NULL) {
		int n = MAX_GROUPS;
		if (pw->pw_uid != 0 && getgrouplist(pw->pw_name, pw->pw_gid,
		    groups, &n) >= 0 && n > 1)
			return become(str_cstr(str_of(pw->pw_name), a), a);
	}
	return 77;
}

static void
root_becomes_a_user(void **state)
{
	need_root();
	check_child(become_nobody, *state);
	check_child(become_nobody_of_tty, *state);
}

static void
root_becomes_a_user_of_many_groups(void **state)
{
	int status;
	need_root();
	pid_t pid = fork();
	if (pid == 0)
		_exit(become_member(*state));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		check_skip("no user here is in more than one group");
	assert_int_equal(WEXITSTATUS(status), 0);
}

static int
keep_identity(struct arena *a)
{
	struct privileges p;
	struct str reason;
	uid_t before = geteuid();
	if (!privileges_find("", a, &p, &reason) ||
	    !privileges_drop(&p, a, &reason))
		return 1;
	return geteuid() == before ? 0 : 2;
}

static void
no_user_keeps_the_identity(void **state)
{
	check_child(keep_identity, *state);
}

static int
be_refused(struct arena *a)
{
	struct privileges p;
	struct str reason = {NULL, 0};
	if (leave_root() != 0 || !privileges_find("root", a, &p, &reason))
		return 1;
	if (privileges_drop(&p, a, &reason))
		return 2;
	return str_eq(reason, STR("cannot become user root: Operation not "
	    "permitted; start as root, or as that user")) ? 0 : 3;
}

static void
nobody_else_without_root(void **state)
{
	check_child(be_refused, *state);
}

/* As somebody already, who needs no rights for that; but another group does. */
static int
be_already(struct arena *a)
{
	struct str reason = {NULL, 0};
	if (leave_root() != 0)
		return 1;
	struct privileges p = {"me", geteuid(), getegid()};
	if (!privileges_drop(&p, a, &reason))
		return 2;
	p.gid++;
	if (privileges_drop(&p, a, &reason))
		return 3;
	return str_eq(reason, STR("cannot become user me: Operation not "
	    "permitted; start as root, or as that user")) ? 0 : 4;
}

static void
oneself_without_root(void **state)
{
	check_child(be_already, *state);
}

/* Who has root's id saved, or its group, is not that user for good. */
static int
keep_saved(struct arena *a, bool is_group)
{
	struct privileges p;
	struct str reason;
	if (!privileges_find("nobody", a, &p, &reason) ||
	    setgroups(0, NULL) != 0 ||
	    setresgid(p.gid, p.gid, is_group ? 0 : p.gid) != 0 ||
	    setresuid(p.uid, p.uid, is_group ? p.uid : 0) != 0)
		return 1;
	return privileges_drop(&p, a, &reason) && is_way_back() ? 2 : 0;
}

static int
keep_saved_user(struct arena *a)
{
	return keep_saved(a, false);
}

static int
keep_saved_group(struct arena *a)
{
	return keep_saved(a, true);
}

static void
saved_ids_are_no_way_back(void **state)
{
	need_root();
	check_child(keep_saved_user, *state);
	check_child(keep_saved_group, *state);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(names_that_are_found),
		TEST(names_that_are_refused),
		TEST(root_becomes_a_user),
		TEST(root_becomes_a_user_of_many_groups),
		TEST(no_user_keeps_the_identity),
		TEST(nobody_else_without_root),
		TEST(oneself_without_root),
		TEST(saved_ids_are_no_way_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
