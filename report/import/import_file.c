/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/import/import_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/text.h"
#include "judge/history.h"
#include "base/digest.h"
#include "report/row/tally.h"
#include "report/import/history_row.h"
#include "report/import/line_reader.h"
#include "report/import/opendmarc.h"
#include "report/import/bad_lines.h"

/* Conflicts with other processes, each after a longer pause, in all more than
 * ten seconds. */
#define MAX_TRIES    10
#define PAUSE_US     5000u
/* Of escaped texts, before their memory is used again. */
#define SCRATCH_BYTES (256u * 1024)

struct import {
	struct store *store;
	const struct import_options *o;
	struct arena *arena;       /* the caller's: reasons */
	struct arena *scratch;     /* of lines */
	struct import_result *out;
	struct str *reason;
	struct store_file file;
	uint64_t committed;        /* bytes that are in the store */
	struct store_counts counts; /* of what is not there yet */
	struct tally *fold;
	struct bad_lines *rejects;
	struct opendmarc *opendmarc;
	struct text kept;          /* the lines of the message at hand */
	uint64_t kept_at;
	struct arena *kept_arena;
	struct message_row row;
	union history_entry entry;
};

static enum import_status
refuse(struct import *i, const char *what, int error)
{
	*i->reason = text_format(i->arena, "history %s: %s: %s; nothing is "
	    "lost, run the command again", i->o->path, what, strerror(error));
	return IMPORT_FAILED;
}

static enum import_status
refuse_store(struct import *i)
{
	*i->reason = str_copy(store_reason(i->store), i->arena);
	return IMPORT_FAILED;
}

/* ---- into the store ----------------------------------------------------- */

static bool
try_commit(struct import *i, uint64_t *remainder)
{
	*remainder = 0;
	if (!store_begin(i->store))
		return false;
	if (store_add(i->store, i->fold, i->o->max_rows, remainder) &&
	    store_file_advance(i->store, &i->file, i->committed, &i->counts) &&
	    store_commit(i->store))
		return true;
	store_rollback(i->store);
	return false;
}

static void
pause_a_while(unsigned tries)
{
	uint16_t jitter = 0;
	(void)!getrandom(&jitter, sizeof jitter, 0);
	usleep((PAUSE_US << tries) + jitter % PAUSE_US);
}

static void
add_counts(struct store_counts *sum, const struct store_counts *c)
{
	sum->lines += c->lines;
	sum->messages += c->messages;
	sum->deferred += c->deferred;
	sum->unreported += c->unreported;
	sum->bad += c->bad;
	sum->remainder += c->remainder;
}

/* What was read so far becomes true, with the place up to which that is. */
static enum import_status
commit(struct import *i, uint64_t taken, bool is_finished)
{
	if (!bad_lines_sync(i->rejects))
		return refuse(i, "its bad lines cannot be kept aside", errno);
	i->file.taken = taken;
	i->file.is_finished = is_finished;
	unsigned tries = 0;
	while (!try_commit(i, &i->counts.remainder)) {
		if (!store_is_conflict(i->store) || ++tries == MAX_TRIES)
			return refuse_store(i);
		pause_a_while(tries);
	}
	i->committed = taken;
	add_counts(&i->out->counts, &i->counts);
	i->counts = (struct store_counts) {0};
	tally_clear(i->fold);
	return IMPORT_OK;
}

/* ---- messages ----------------------------------------------------------- */

static enum import_status
reject(struct import *i, uint64_t at, struct str bytes, struct str reason)
{
	i->counts.bad++;
	if (bad_lines_add(i->rejects, i->file.id, at, reason, bytes))
		return IMPORT_OK;
	return refuse(i, "a bad line cannot be kept aside", errno);
}

static void
count(struct import *i, enum message_kind kind)
{
	switch (kind) {
	case MESSAGE_COUNTS:
		i->counts.messages++;
		tally_add(i->fold, i->row.day, &i->row.policy, &i->row.row);
		break;
	case MESSAGE_DEFERRED:
		i->counts.deferred++;
		break;
	case MESSAGE_UNREPORTED:
		i->counts.unreported++;
		break;
	}
}

static enum import_status
take_history_line(struct import *i, const struct line_read *l)
{
	struct str reason = STR("it is longer than allowed");
	enum history_read kind = HISTORY_READ_BAD;
	if (arena_used(i->scratch) > SCRATCH_BYTES) {
		arena_free(i->scratch);
		i->scratch = arena_new(0);
	}
	if (l->is_torn)
		reason = STR("it is torn: no newline ends it");
	else if (!l->is_long)
		kind = history_read(l->text, i->scratch, &i->entry, &reason);
	if (l->at == 0 && kind == HISTORY_READ_HEAD)
		return IMPORT_OK;
	i->counts.lines++;
	if (kind == HISTORY_READ_MESSAGE) {
		count(i, history_row(&i->entry.message, i->o->has_envelope_to,
		    &i->row));
		return IMPORT_OK;
	}
	if (kind != HISTORY_READ_BAD)
		reason = STR("a file's first line stands in its middle");
	return reject(i, l->at, l->text, reason);
}

static enum import_status
end_message(struct import *i)
{
	enum message_kind kind;
	struct str reason;
	if (opendmarc_is_empty(i->opendmarc))
		return IMPORT_OK;
	enum import_status status = IMPORT_OK;
	if (opendmarc_end(i->opendmarc, &kind, &i->row, &reason))
		count(i, kind);
	else
		status = reject(i, i->kept_at, text_str(&i->kept), reason);
	i->counts.lines++;
	opendmarc_clear(i->opendmarc);
	arena_free(i->kept_arena);
	i->kept_arena = arena_new(0);
	text_init(&i->kept, i->kept_arena);
	return status;
}

/* The lines of a message are kept until it is known to be good; what is too
 * long for one is cut. */
static void
keep_line(struct import *i, const struct line_read *l)
{
	if (i->kept.n == 0)
		i->kept_at = l->at;
	if (i->kept.n > HISTORY_MAX_LINE)
		return;
	text_add(&i->kept, l->text);
	text_add_char(&i->kept, '\n');
}

static enum import_status
take_opendmarc_line(struct import *i, const struct line_read *l)
{
	enum import_status status = IMPORT_OK;
	if (opendmarc_is_first(l->text))
		status = end_message(i);
	keep_line(i, l);
	opendmarc_take(i->opendmarc, l->text);
	if (l->is_torn)
		opendmarc_spoil(i->opendmarc,
		    "it is torn: no newline ends it");
	if (l->is_long)
		opendmarc_spoil(i->opendmarc, "a line is longer than allowed");
	return status;
}

/* ---- files -------------------------------------------------------------- */

static enum import_status
take_line(struct import *i, const struct line_read *l)
{
	if (l->text.n == 0 && !l->is_torn)
		return IMPORT_OK;
	return i->o->format == IMPORT_OPENDMARC ? take_opendmarc_line(i, l) :
	    take_history_line(i, l);
}

/* Up to where what was read is complete: a message that has begun is read
 * again. */
static uint64_t
place_behind(const struct import *i, const struct line_read *l)
{
	return opendmarc_is_empty(i->opendmarc) ? l->at + l->size : i->kept_at;
}

static enum import_status
read_lines(struct import *i, struct line_reader *lines, uint64_t *end)
{
	struct line_read l;
	int error;
	enum import_status status = IMPORT_OK;
	while (status == IMPORT_OK && line_reader_next(lines, &l, &error)) {
		status = take_line(i, &l);
		*end = l.at + l.size;
		if (status == IMPORT_OK && tally_is_full(i->fold))
			status = commit(i, place_behind(i, &l), false);
	}
	if (status == IMPORT_OK && error != 0)
		return refuse(i, "cannot be read", error);
	return status;
}

static enum import_status
read_file(struct import *i, int fd)
{
	uint64_t end = i->committed;
	struct line_reader *lines =
	    line_reader_open(fd, i->committed, HISTORY_MAX_LINE - 1);
	enum import_status status = read_lines(i, lines, &end);
	line_reader_close(lines);
	if (status == IMPORT_OK)
		status = end_message(i);
	return status == IMPORT_OK ? commit(i, end, true) : status;
}

/* A file without a UUID is known by what it holds. */
static enum import_status
digest_file(struct import *i, int fd)
{
	enum { SIZE = 65536 };
	char *buffer = malloc(SIZE), name[DIGEST_TEXT];
	struct digest *d = digest_new();
	ssize_t n;
	off_t at = 0;
	if (buffer == NULL)
		abort();
	while ((n = pread(fd, buffer, SIZE, at)) > 0) {
		digest_add(d, (struct str) {buffer, (size_t)n});
		at += n;
	}
	int error = errno;
	free(buffer);
	digest_end(d, name);
	i->file.id = text_format(i->arena, "content-%.*s", (int)sizeof name,
	    name);
	return n < 0 ? refuse(i, "cannot be read", error) : IMPORT_OK;
}

/* Who the file is: what its first line says, or what it holds. */
static enum import_status
identify(struct import *i, int fd)
{
	struct line_read l;
	struct str reason;
	int error = 0;
	enum history_read kind = HISTORY_READ_BAD;
	struct line_reader *lines = line_reader_open(fd, 0, HISTORY_MAX_LINE - 1);
	if (i->o->format == IMPORT_APLOMB && line_reader_next(lines, &l, &error) &&
	    !l.is_torn && !l.is_long)
		kind = history_read(l.text, i->scratch, &i->entry, &reason);
	if (kind == HISTORY_READ_HEAD) {
		i->file.id = str_copy(i->entry.head.uuid, i->arena);
		i->file.host = str_copy(i->entry.head.host, i->arena);
	}
	line_reader_close(lines);
	if (error != 0)
		return refuse(i, "cannot be read", error);
	if (kind == HISTORY_READ_NEWER)
		return IMPORT_NEWER;
	if (kind == HISTORY_READ_HEAD)
		return IMPORT_OK;
	i->out->has_no_uuid |= i->o->format == IMPORT_APLOMB;
	return digest_file(i, fd);
}

static enum import_status
run(struct import *i, int fd)
{
	bool is_known;
	struct stat st;
	if (fstat(fd, &st) == 0 && st.st_size == 0)
		return IMPORT_OK; /* emptied in place: nothing to be known */
	enum import_status status = identify(i, fd);
	if (status != IMPORT_OK)
		return status;
	struct str host = i->file.host;
	if (!store_file_find(i->store, i->file.id, &is_known, &i->file))
		return refuse_store(i);
	i->file.host = host;
	i->committed = i->file.taken;
	if (!i->file.is_finished)
		return read_file(i, fd);
	i->out->is_known = true;
	return IMPORT_OK;
}

enum import_status
import_file(struct store *s, const struct import_options *o, int fd,
    struct arena *a, struct import_result *out, struct str *reason)
{
	struct import *i = calloc(1, sizeof *i);
	if (i == NULL)
		abort();
	i->store = s;
	i->o = o;
	i->arena = a;
	i->out = out;
	i->reason = reason;
	i->scratch = arena_new(0);
	i->kept_arena = arena_new(0);
	text_init(&i->kept, i->kept_arena);
	i->fold = tally_new();
	i->opendmarc = opendmarc_new();
	i->rejects = bad_lines_new(
	    str_cstr(text_format(a, "%s.bad", o->path), a));
	enum import_status status = run(i, fd);
	bad_lines_free(i->rejects);
	opendmarc_free(i->opendmarc);
	tally_free(i->fold);
	arena_free(i->kept_arena);
	arena_free(i->scratch);
	free(i);
	return status;
}
