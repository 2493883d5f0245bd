/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/privileges.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/text.h"

bool
privileges_find_group(const char *name, struct arena *a, gid_t *out,
    struct str *reason)
{
	*out = (gid_t)-1;
	if (name[0] == '\0')
		return true;
	const struct group *g = getgrnam(name);
	if (g == NULL) {
		*reason = text_format(a, "group %s does not exist; create it "
		    "or name another", name);
		return false;
	}
	*out = g->gr_gid;
	return true;
}

bool
privileges_find(const char *text, struct arena *a, struct privileges *out,
    struct str *reason)
{
	struct str group = str_of(text);
	const char *name = str_cstr(str_cut(&group, ':'), a);

	*out = (struct privileges) {.uid = (uid_t)-1, .gid = (gid_t)-1};
	if (text[0] == '\0')
		return true;
	const struct passwd *pw = getpwnam(name);
	if (pw == NULL) {
		*reason = text_format(a, "user %s does not exist; create it or "
		    "name another", name);
		return false;
	}
	*out = (struct privileges) {name, pw->pw_uid, pw->pw_gid};
	return group.n == 0 ||
	    privileges_find_group(str_cstr(group, a), a, &out->gid, reason);
}

/* Saved ids count, too: who has root's there is root when he likes. */
static bool
is_already(const struct privileges *p)
{
	uid_t u[3];
	gid_t g[3];

	return getresuid(&u[0], &u[1], &u[2]) == 0 &&
	    getresgid(&g[0], &g[1], &g[2]) == 0 &&
	    u[0] == p->uid && u[1] == p->uid && u[2] == p->uid &&
	    g[0] == p->gid && g[1] == p->gid && g[2] == p->gid;
}

bool
privileges_drop(const struct privileges *p, struct arena *a,
    struct str *reason)
{
	if (p->user == NULL || is_already(p))
		return true;
	if (initgroups(p->user, p->gid) == 0 &&
	    setresgid(p->gid, p->gid, p->gid) == 0 &&
	    setresuid(p->uid, p->uid, p->uid) == 0)
		return true;
	*reason = text_format(a, "cannot become user %s: %s; start as root, or "
	    "as that user", p->user, strerror(errno));
	return false;
}
