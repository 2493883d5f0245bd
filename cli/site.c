/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/site.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/text.h"
#include "net/listen.h"
#include "report/sender.h"
#include "report/transport.h"
#include "settings/settings.h"

static void
add(struct findings *out, bool is_warning, struct str text)
{
	if (out->count == SITE_MAX_FINDINGS)
		return;
	out->at[out->count++] = (struct finding) {is_warning, text};
	out->problems += !is_warning;
}

static void
check_socket(const struct settings *s, struct arena *a, struct findings *out)
{
	const char *problem = listen_problem(str_of(s->socket));

	if (problem != NULL)
		add(out, false, text_format(a, "socket %s: %s", s->socket,
		    problem));
}

/* Whether it can be opened, the commands say that need it. */
static void
check_store(const struct settings *s, struct arena *a, struct findings *out)
{
	struct str name = str_of(s->store);

	if (str_has_prefix(name, STR("sqlite:")) ||
	    str_has_prefix(name, STR("postgresql://")) ||
	    str_has_prefix(name, STR("postgres://")))
		return;
	add(out, false, text_format(a, "store %s: write sqlite:PATH or "
	    "postgresql://USER@HOST/DATABASE", s->store));
}

static void
check_group(const char *name, struct arena *a, struct findings *out)
{
	if (name[0] != '\0' && getgrnam(name) == NULL)
		add(out, false, text_format(a, "group %s does not exist; "
		    "create it or name another", name));
}

static void
check_user(const struct settings *s, struct arena *a, struct findings *out)
{
	struct str group = str_of(s->user);
	const char *name = str_cstr(str_cut(&group, ':'), a);

	if (s->user[0] != '\0' && name[0] == '\0')
		add(out, false, text_format(a, "user %s names no user; write "
		    "USER or USER:GROUP", s->user));
	else if (s->user[0] != '\0' && getpwnam(name) == NULL)
		add(out, false, text_format(a, "user %s does not exist; "
		    "create it or name another", name));
	check_group(str_cstr(group, a), a, out);
}

static struct str
folder_of(struct str path)
{
	size_t slash = str_find_last(path, '/');

	if (slash == path.n)
		return STR(".");
	return slash == 0 ? STR("/") : str_sub(path, 0, slash);
}

/* What keeps a directory from being there, or 0. Who else may not see it, the
 * daemon's user may. */
static int
missing(const char *folder)
{
	struct stat st;

	if (stat(folder, &st) == 0)
		return S_ISDIR(st.st_mode) ? 0 : ENOTDIR;
	return errno == ENOENT || errno == ENOTDIR ? errno : 0;
}

/* Whether the daemon may write there is for the daemon to try. */
static void
check_history(const struct settings *s, struct arena *a, struct findings *out)
{
	struct str path = str_of(s->history);
	const char *folder = str_cstr(folder_of(path), a);
	int error = path.n > 0 ? missing(folder) : 0;

	if (error == 0)
		return;
	add(out, !s->is_history_set, text_format(a, "%s %s: the directory "
	    "%s: %s; make it, or set history to another path, or to \"\"",
	    s->is_history_set ? "history" : "no history is kept at",
	    s->history, folder, strerror(error)));
}

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

/* It lets in what is let in anyway, and keeps it from no block behind it. */
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
		    "fails, and no block behind it is asked";
	if (override_is_impossible(r))
		return "can never decide anything: with policy = {none} alone "
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
check_override(const struct settings *s, size_t i, struct arena *a,
    struct findings *out)
{
	const struct override_rule *r = &s->overrides.at[i];
	const struct override_rule *shadow = shadow_of(&s->overrides, i);
	const char *fault = fault_of(s, i);
	if (is_over(r))
		fault = "is over, its until has passed: remove it";
	if (shadow != NULL && !is_over(r))
		add(out, true, text_format(a, "override \"%.*s\" is never "
		    "asked: all that it matches is decided by \"%.*s\" before "
		    "it; move it up, or remove it", STR_ARG(r->name),
		    STR_ARG(shadow->name)));
	else if (fault != NULL)
		add(out, true, text_format(a, "override \"%.*s\" %s",
		    STR_ARG(r->name), fault));
}

static bool
has_everybody(const struct override_patterns *sealers)
{
	for (size_t i = 0; i < sealers->count; i++)
		if (str_eq(sealers->at[i], STR("*")))
			return true;
	return false;
}

static void
check_sealers(const struct settings *s, struct findings *out)
{
	if (s->arc_trusted_sealers.count > 0 && !s->arc)
		add(out, true, STR("arc-trusted-sealers are named, but chains "
		    "are not looked at: set arc = yes"));
	if (has_everybody(&s->arc_trusted_sealers))
		add(out, true, STR("arc-trusted-sealers has \"*\": whoever "
		    "seals his own mail gets past every policy; name the "
		    "forwarders that you trust"));
}

/* Opening it is the check: files of secrets, the command, words. */
static void
check_transport(const struct settings *s, struct str domain, struct arena *a,
    struct findings *out)
{
	struct str reason;
	struct transport *t = transport_open(s, domain, a, &reason);

	if (t == NULL)
		add(out, true, text_format(a, "no report can be sent: %.*s",
		    STR_ARG(reason)));
	transport_close(t);
}

static void
check_reports(const struct settings *s, struct arena *a, struct findings *out)
{
	struct sender sender;
	struct str reason;

	if (!sender_init(s, a, &sender, &reason))
		add(out, true, reason);
	else if ((s->report_from[0] != '\0') != (s->report_org_name[0] != '\0'))
		add(out, true, STR("report-from and report-org-name are not "
		    "both set: no report is sent before they are"));
	else if (sender.is_set)
		check_transport(s, sender.domain, a, out);
}

static void
check_failures(const struct settings *s, struct arena *a, struct findings *out)
{
	struct str path = str_of(s->failure_spool);
	const char *folder = str_cstr(folder_of(path), a);
	int error = missing(folder);

	if (!s->failure_reports)
		return;
	if (error != 0)
		add(out, false, text_format(a, "failure-spool %s: the "
		    "directory %s: %s; make it, or set failure-spool to "
		    "another path", s->failure_spool, folder,
		    strerror(error)));
	if (s->report_from[0] == '\0' || s->report_org_name[0] == '\0')
		add(out, true, STR("failure-reports is on, but report-from and "
		    "report-org-name are not both set: headers of mail are "
		    "written down, and nobody is told"));
}

void
site_check(const struct settings *s, struct arena *a, struct findings *out)
{
	*out = (struct findings) {.count = 0};
	check_socket(s, a, out);
	check_store(s, a, out);
	check_user(s, a, out);
	check_group(s->socket_group, a, out);
	check_history(s, a, out);
	check_reports(s, a, out);
	check_failures(s, a, out);
	for (size_t i = 0; i < s->overrides.count; i++)
		check_override(s, i, a, out);
	check_sealers(s, out);
}
