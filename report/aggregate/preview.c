/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/aggregate/preview.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/text.h"
#include "report/aggregate/report_message.h"

#define FOLDER_MODE 0755
#define FILE_MODE   0644
#define SUFFIX_GZIP ".xml.gz"
#define SUFFIX_MAIL ".eml"

/* A file under a name that nobody looks for, until it is whole. */
struct draft {
	FILE *file;
	char *path;
	int error; /* errno of the first failure, or 0 */
};

static bool
draft_open(struct draft *d, const char *folder, struct arena *a)
{
	struct str name = text_format(a, "%s/.preview-XXXXXX", folder);

	*d = (struct draft) {.path = str_cstr(name, a)};
	int fd = mkstemp(d->path);
	if (fd >= 0)
		d->file = fdopen(fd, "w");
	if (d->file == NULL)
		d->error = errno;
	return d->file != NULL;
}

static void
draft_write(struct draft *d, struct str bytes)
{
	if (d->error == 0 &&
	    fwrite(bytes.p, 1, bytes.n, d->file) != bytes.n)
		d->error = errno;
}

static bool
draft_take(void *arg, struct str bytes)
{
	struct draft *d = arg;

	draft_write(d, bytes);
	return d->error == 0;
}

/* Gives the file its name, or removes it. */
static void
draft_close(struct draft *d, const char *name)
{
	if (d->file == NULL)
		return;
	if (fchmod(fileno(d->file), FILE_MODE) != 0 && d->error == 0)
		d->error = errno;
	if (fclose(d->file) != 0 && d->error == 0)
		d->error = errno;
	if (name != NULL && d->error == 0 && rename(d->path, name) != 0)
		d->error = errno;
	if (name == NULL || d->error != 0)
		unlink(d->path);
}

bool
preview_folder(const char *path, struct arena *a, struct str *reason)
{
	struct stat st;

	if (mkdir(path, FOLDER_MODE) == 0)
		return true;
	int error = errno;
	if (error == EEXIST && stat(path, &st) == 0 && !S_ISDIR(st.st_mode))
		error = ENOTDIR;
	if (error == EEXIST)
		return true;
	*reason = text_format(a, "%s: the directory cannot be made: %s", path,
	    strerror(error));
	return false;
}

/* Both files at once, since the rows are read once. */
struct tee {
	struct draft gz, eml;
	struct report_message *letter;
};

static bool
tee_take(void *arg, struct str bytes)
{
	struct tee *t = arg;

	draft_write(&t->gz, bytes);
	return sink_write(report_message_sink(t->letter), bytes) && t->gz.error == 0;
}

static enum aggregate_report_status
write_both(struct store *s, const struct aggregate_report *o, int64_t now,
    struct arena *a, struct tee *t)
{
	struct report_message_head h = {
		.from = o->sender->from,
		.date = now,
		.report_name = &o->report_name,
		.text = o->text,
	};

	t->letter = report_message_open(&h, a, (struct sink) {draft_take, &t->eml});
	enum aggregate_report_status status =
	    aggregate_report_write(s, o, a, (struct sink) {tee_take, t});
	if (!report_message_close(t->letter) && status == AGGREGATE_REPORT_OK)
		status = AGGREGATE_REPORT_SINK;
	return status;
}

/* Two domains of 253 octets make a name that no file system has. */
static struct str
stem_of(const struct report_name *p)
{
	return p->stem.n + sizeof SUFFIX_GZIP - 1 <= NAME_MAX ? p->stem : p->id;
}

static struct str
reason_of(struct store *s, enum aggregate_report_status status, const struct tee *t,
    const char *folder, struct arena *a)
{
	int error = t->gz.error != 0 ? t->gz.error : t->eml.error;

	if (status == AGGREGATE_REPORT_STORE)
		return str_copy(store_reason(s), a);
	if (status == AGGREGATE_REPORT_EMPTY)
		return STR("the rows are gone");
	return text_format(a, "%s: a file cannot be written: %s", folder,
	    strerror(error));
}

bool
preview_write(struct store *s, const struct aggregate_report *o, const char *folder,
    int64_t now, struct arena *a, struct str *stem, struct str *reason)
{
	struct tee t = {.letter = NULL};
	enum aggregate_report_status status = AGGREGATE_REPORT_SINK;

	*stem = stem_of(&o->report_name);
	if (draft_open(&t.gz, folder, a) && draft_open(&t.eml, folder, a))
		status = write_both(s, o, now, a, &t);
	bool is_whole = status == AGGREGATE_REPORT_OK;
	draft_close(&t.gz, is_whole ? text_format(a, "%s/%.*s" SUFFIX_GZIP,
	    folder, STR_ARG(*stem)).p : NULL);
	draft_close(&t.eml, is_whole ? text_format(a, "%s/%.*s" SUFFIX_MAIL,
	    folder, STR_ARG(*stem)).p : NULL);
	if (is_whole && (t.gz.error != 0 || t.eml.error != 0))
		status = AGGREGATE_REPORT_SINK;
	if (status != AGGREGATE_REPORT_OK)
		*reason = reason_of(s, status, &t, folder, a);
	return status == AGGREGATE_REPORT_OK;
}
