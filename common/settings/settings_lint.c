/* SPDX-License-Identifier: BSD-2-Clause */
/* What settings say of this machine and of today, and what may surprise. */
#include "settings/settings.h"

#include <arpa/inet.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/clock.h"
#include "net/ip.h"
#include "settings/settings_problem.h"

struct lint {
	const struct settings *settings;
	struct arena *arena;
	struct problems problems;
};

/* Of the file, as a line may have it. */
#define SHOWN(l, text) STR_ARG(problem_excerpt((l)->arena, str_of(text)))

/* ---- the socket and other paths ----------------------------------------- */

/* No host, or one that stands for all addresses in any notation that aplombd's
 * getaddrinfo() takes. A name is not looked up. */
static bool
is_open_host(struct str host, bool is_inet6, struct arena *a)
{
	static const struct ip any = {.family = IP_V6};
	struct in_addr v4;
	struct ip ip;
	if (host.n > 2 && host.p[0] == '[' && host.p[host.n - 1] == ']')
		host = str_sub(host, 1, host.n - 2);
	if (host.n == 0 || str_eq(host, STR("*")))
		return true;
	if (is_inet6)
		return ip_parse(host, &ip) && ip_eq(&ip, &any);
	return inet_aton(str_cstr(host, a), &v4) != 0 &&
	    v4.s_addr == INADDR_ANY;
}

static void
check_path(struct lint *l, const char *key, struct settings_at at,
    struct str path)
{
	if (path.n > 0 && path.p[0] != '/')
		problem_warn(&l->problems, at, "%s %.*s does not begin with "
		    "\"/\": where it is depends on the folder in which a "
		    "program is started; write the whole path", key,
		    STR_ARG(problem_excerpt(l->arena, path)));
}

static void
check_socket(struct lint *l)
{
	const struct settings *s = l->settings;
	struct str host = str_of(s->socket), kind = str_cut(&host, ':');
	if (str_eq(kind, STR("unix")) || str_eq(kind, STR("local"))) {
		check_path(l, "socket", s->socket_at, host);
		return;
	}
	struct str port = str_cut(&host, '@');
	if (is_open_host(host, kind.n == 5, l->arena))
		problem_warn(&l->problems, s->socket_at, "socket %s is open on "
		    "every address of this host, and whoever reaches it can "
		    "pose as the MTA: write %.*s:%.*s@%s, or let a firewall "
		    "keep others out", s->socket, STR_ARG(kind),
		    STR_ARG(port), kind.n == 5 ? "::1" : "127.0.0.1");
}

static void
check_paths(struct lint *l)
{
	const struct settings *s = l->settings;
	struct str store = str_of(s->store);
	check_path(l, "pid-file", s->pid_file_at, str_of(s->pid_file));
	check_path(l, "public-suffix-list", s->public_suffix_list_at,
	    str_of(s->public_suffix_list));
	check_path(l, "history", s->history_at, str_of(s->history));
	if (str_has_prefix(store, STR("sqlite:")))
		check_path(l, "store", s->store_at,
		    str_sub(store, strlen("sqlite:"), store.n));
	check_path(l, "report-smtp-auth", s->report_smtp_auth_at,
	    str_of(s->report_smtp_auth));
	check_path(l, "report-smtp-ca", s->report_smtp_ca_at,
	    str_of(s->report_smtp_ca));
	check_path(l, "report-dkim-key", s->report_dkim_key_at,
	    str_of(s->report_dkim_key));
	if (s->failure_reports)
		check_path(l, "failure-spool", s->failure_spool_at,
		    str_of(s->failure_spool));
}

/* The word by which OpenDMARC means the host's name. */
static void
check_authserv_id(struct lint *l)
{
	const struct settings *s = l->settings;
	if (str_ieq(str_of(s->authserv_id), STR("HOSTNAME")))
		problem_warn(&l->problems, s->authserv_id_at, "authserv-id %s "
		    "is taken as it stands, not replaced by the name of this "
		    "host: write authserv-id = \"\" for that", s->authserv_id);
}

/* ---- users, groups, directories ----------------------------------------- */

static void
check_group(struct lint *l, struct settings_at at, const char *name)
{
	if (name[0] != '\0' && getgrnam(name) == NULL)
		problem_add(&l->problems, at, "group %.*s does not "
		    "exist; create it or name another", SHOWN(l, name));
}

static void
check_user(struct lint *l)
{
	const struct settings *s = l->settings;
	struct str group = str_of(s->user);
	const char *name = str_cstr(str_cut(&group, ':'), l->arena);
	if (name[0] != '\0' && getpwnam(name) == NULL)
		problem_add(&l->problems, s->user_at, "user %.*s does "
		    "not exist; create it or name another", SHOWN(l, name));
	check_group(l, s->user_at, str_cstr(group, l->arena));
	check_group(l, s->socket_group_at, s->socket_group);
}

/* What keeps a file's directory from being there, or 0. Who else may not see
 * it, the daemon's user may. */
static int
missing(struct str path, struct arena *a, const char **folder)
{
	struct stat st;
	size_t slash = str_find_last(path, '/');
	*folder = slash == path.n ? "." : slash == 0 ? "/" :
	    str_cstr(str_sub(path, 0, slash), a);
	if (stat(*folder, &st) == 0)
		return S_ISDIR(st.st_mode) ? 0 : ENOTDIR;
	return errno == ENOENT || errno == ENOTDIR ? errno : 0;
}

/* Whether the daemon may write there is for the daemon to try; where nobody
 * has named a history, it says so itself if there is none. */
static void
check_folder(struct lint *l, const char *key, struct settings_at at,
    const char *path, const char *none)
{
	const char *folder;
	int error = missing(str_of(path), l->arena, &folder);
	if (path[0] != '\0' && error != 0)
		problem_add(&l->problems, at, "%s %.*s: the directory "
		    "%.*s: %s; make it, or set %s to another path%s", key,
		    SHOWN(l, path), SHOWN(l, folder), strerror(error), key,
		    none);
}

/* ---- override blocks ---------------------------------------------------- */

static bool
is_over(const struct override_rule *r)
{
	return r->until != 0 && r->until <= clock_wall();
}

/* The block in force in front of the i-th that takes whatever it could match,
 * or NULL. */
static const struct override_rule *
shadow_of(const struct override_rules *rules, size_t i)
{
	for (size_t j = 0; j < i; j++) {
		const struct override_rule *r = &rules->at[j];
		if (!r->is_dry_run && !is_over(r) && (r->until == 0 ||
			(rules->at[i].until != 0 &&
			    rules->at[i].until <= r->until)) &&
		    override_covers(r, &rules->at[i]))
			return r;
	}
	return NULL;
}

/* It lets in what is let in anyway, and keeps it from no block after it. */
static bool
is_idle(const struct override_rules *rules, size_t i)
{
	const struct override_rule *r = &rules->at[i];
	bool is_none = r->effect == OVERRIDE_DISPOSITION ?
	    r->disposition == DISPOSITION_NONE : r->treat_as == RECORD_NONE;
	if (r->policies != 1u << RECORD_NONE || !is_none)
		return false;
	for (size_t j = i + 1; j < rules->count; j++)
		if (!rules->at[j].is_dry_run && !is_over(&rules->at[j]))
			return false;
	return true;
}

/* What is wrong with a rule by itself, or NULL. */
static const char *
fault_of(const struct settings *s, size_t i)
{
	const struct override_rule *r = &s->overrides.at[i];
	if (!override_has_condition(r) && !r->is_dry_run)
		return "has no condition: it decides every message that "
		    "fails, and no block after it is asked";
	if (override_is_impossible(r))
		return "can never decide anything: with only policy = {none} "
		    "an error sends nothing away, so result = {temperror} "
		    "cannot hold; remove one of the two";
	if (r->client.count > 0 &&
	    ipset_covers(&s->trusted_networks, &r->client))
		return "can never decide anything: its clients are in "
		    "trusted-networks, whose mail is not judged";
	if (is_idle(&s->overrides, i))
		return "changes nothing: what fails under policy = {none} is "
		    "let in anyway; remove it";
	return NULL;
}

static void
check_override(struct lint *l, size_t i)
{
	const struct settings *s = l->settings;
	const struct override_rule *r = &s->overrides.at[i];
	const struct override_rule *shadow = shadow_of(&s->overrides, i);
	const char *fault = fault_of(s, i);
	struct str name = problem_excerpt(l->arena, r->name);
	if (is_over(r))
		fault = "is over, its until has passed: remove it";
	if (shadow != NULL && !is_over(r))
		problem_warn(&l->problems, s->overrides_at[i], "override "
		    "\"%.*s\" is never asked: all that it matches is decided "
		    "by \"%.*s\" before it; move it up, or remove it",
		    STR_ARG(name),
		    STR_ARG(problem_excerpt(l->arena, shadow->name)));
	else if (fault != NULL)
		problem_warn(&l->problems, s->overrides_at[i],
		    "override \"%.*s\" %s", STR_ARG(name), fault);
}

/* ------------------------------------------------------------------------- */

static bool
has_everybody(const struct override_patterns *sealers)
{
	for (size_t i = 0; i < sealers->count; i++)
		if (str_eq(sealers->at[i], STR("*")))
			return true;
	return false;
}

static void
check_sealers(struct lint *l)
{
	const struct settings *s = l->settings;
	if (s->arc_trusted_sealers.count > 0 && !s->arc)
		problem_warn(&l->problems, s->arc_trusted_sealers_at,
		    "arc-trusted-sealers are named, but chains are not looked "
		    "at: set arc = yes");
	if (has_everybody(&s->arc_trusted_sealers))
		problem_warn(&l->problems, s->arc_trusted_sealers_at,
		    "arc-trusted-sealers has \"*\": anybody who seals "
		    "mail gets past every policy; name the forwarders that you "
		    "trust");
}

static void
check_reports(struct lint *l)
{
	const struct settings *s = l->settings;
	bool has_from = s->report_from[0] != '\0';
	bool has_name = s->report_org_name[0] != '\0';
	if (has_from != has_name)
		problem_warn(&l->problems, has_from ? s->report_from_at :
		    s->report_org_name_at, "report-from and report-org-name "
		    "are not both set: no report is sent before they are");
	if (s->failure_reports && !(has_from && has_name))
		problem_warn(&l->problems, s->failure_reports_at,
		    "failure-reports is on, but report-from and "
		    "report-org-name are not both set: headers of mail are "
		    "written down, and nobody is told");
}

bool
settings_lint(const struct settings *s, struct arena *a,
    struct settings_problems *out)
{
	struct lint l = {.settings = s, .arena = a};
	problems_init(&l.problems, s->file, a);
	check_socket(&l);
	check_paths(&l);
	check_authserv_id(&l);
	check_user(&l);
	if (s->history_at.line > 0)
		check_folder(&l, "history", s->history_at, s->history,
		    ", or to \"\"");
	if (s->failure_reports)
		check_folder(&l, "failure-spool", s->failure_spool_at,
		    s->failure_spool, "");
	check_reports(&l);
	for (size_t i = 0; i < s->overrides.count; i++)
		check_override(&l, i);
	check_sealers(&l);
	problems_list(&l.problems, out);
	return out->errors == 0;
}
