/* SPDX-License-Identifier: BSD-2-Clause */
#include "test/lib/pgsql.h"

#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <libpq-fe.h>

#define START_MS 60000

/* ".../bin/", of the newest version; false where there is none. */
static bool
find_programs(char *out, size_t size)
{
	glob_t g;
	bool is_found =
	    glob("/usr/lib/postgresql/*/bin/initdb", 0, NULL, &g) == 0;
	if (is_found)
		snprintf(out, size, "%.*s",
		    (int)(strlen(g.gl_pathv[g.gl_pathc - 1]) - 6),
		    g.gl_pathv[g.gl_pathc - 1]);
	globfree(&g);
	return is_found;
}

/* PostgreSQL refuses to run as root, and for a user without a name. Its own user
 * may have been removed; nobody belongs to every Debian. */
static void
become_ordinary(void)
{
	const struct passwd *p;
	if (getuid() != 0)
		return;
	if ((p = getpwnam("postgres")) == NULL &&
	    (p = getpwnam("nobody")) == NULL) {
		fputs("neither user postgres nor nobody exists\n", stderr);
		_exit(126);
	}
	if (setgroups(0, NULL) != 0 || setgid(p->pw_gid) != 0 ||
	    setuid(p->pw_uid) != 0) {
		perror("becoming an ordinary user");
		_exit(126);
	}
}

/* The program is argv[0] with its whole path: both look beside it for programs
 * and files of theirs, and Debian has them in no folder of PATH. */
static pid_t
spawn(const char *folder, const char **argv)
{
	pid_t pid = fork();
	if (pid != 0)
		return pid;
	char log[128];
	snprintf(log, sizeof log, "%s/log", folder);
	int fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
	dup2(fd, STDOUT_FILENO);
	dup2(fd, STDERR_FILENO);
	become_ordinary();
	prctl(PR_SET_PDEATHSIG, SIGQUIT);
	if (chdir("/") == 0)
		execv(argv[0], (char **)(uintptr_t)argv);
	perror(argv[0]);
	_exit(127);
}

static bool
make_cluster(const struct pgsql_server *s, const char *programs)
{
	char program[256], data[128];
	int status;
	snprintf(program, sizeof program, "%sinitdb", programs);
	snprintf(data, sizeof data, "%s/data", s->folder);
	const char *argv[] = {program, "-D", data, "-A", "trust", "-U", "aplomb",
	    "-E", "UTF8", "--locale=C", "-N", NULL};
	pid_t pid = spawn(s->folder, argv);
	return waitpid(pid, &status, 0) == pid && status == 0;
}

static void
name_store(const struct pgsql_server *s, const char *database, char out[256])
{
	snprintf(out, 256, "postgresql://aplomb@/%s?host=%s", database,
	    s->folder);
}

static bool
wait_until_up(struct pgsql_server *s)
{
	char name[256];
	name_store(s, "postgres", name);
	for (int ms = 0; ms < START_MS; ms += 50) {
		if (PQping(name) == PQPING_OK)
			return true;
		if (waitpid(s->pid, NULL, WNOHANG) != 0) {
			s->pid = 0;
			return false;
		}
		usleep(50000);
	}
	return false;
}

static void
show_log(const struct pgsql_server *s)
{
	char path[128], tail[2000];
	snprintf(path, sizeof path, "%s/log", s->folder);
	FILE *f = fopen(path, "r");
	if (f == NULL) {
		fprintf(stderr, "PostgreSQL wrote no log\n");
		return;
	}
	if (fseek(f, -(long)sizeof tail, SEEK_END) != 0)
		rewind(f);
	size_t n = fread(tail, 1, sizeof tail, f);
	fclose(f);
	fprintf(stderr, "the end of PostgreSQL's log:\n%.*s\n", (int)n, tail);
}

enum pgsql_state
pgsql_start(struct pgsql_server *out)
{
	char programs[200], program[256], data[128];
	*out = (struct pgsql_server) {.folder = "/tmp/aplomb-pg-XXXXXX"};
	if (!find_programs(programs, sizeof programs))
		return PGSQL_MISSING;
	if (mkdtemp(out->folder) == NULL || chmod(out->folder, 0777) != 0) {
		perror(out->folder);
		return PGSQL_BROKEN;
	}
	snprintf(program, sizeof program, "%spostgres", programs);
	snprintf(data, sizeof data, "%s/data", out->folder);
	const char *argv[] = {program, "-D", data, "-k", out->folder, "-c",
	    "listen_addresses=", "-F", NULL};
	if (make_cluster(out, programs)) {
		out->pid = spawn(out->folder, argv);
		if (wait_until_up(out))
			return PGSQL_UP;
	}
	show_log(out);
	return PGSQL_BROKEN;
}

static int
unlink_one(const char *path, const struct stat *st, int kind, struct FTW *f)
{
	(void)st, (void)kind, (void)f;
	return remove(path);
}

void
pgsql_stop(struct pgsql_server *s)
{
	if (s->pid > 0) {
		kill(s->pid, SIGQUIT);
		waitpid(s->pid, NULL, 0);
	}
	nftw(s->folder, unlink_one, 16, FTW_DEPTH | FTW_PHYS);
}

void
pgsql_database(struct pgsql_server *s, char out[256])
{
	char sql[64], database[32];
	name_store(s, "postgres", out);
	PGconn *c = PQconnectdb(out);
	snprintf(database, sizeof database, "t%u", s->databases++);
	snprintf(sql, sizeof sql, "CREATE DATABASE %s", database);
	PGresult *r = PQexec(c, sql);
	if (PQresultStatus(r) != PGRES_COMMAND_OK) {
		fprintf(stderr, "%s", PQerrorMessage(c));
		abort();
	}
	PQclear(r);
	PQfinish(c);
	name_store(s, database, out);
}
