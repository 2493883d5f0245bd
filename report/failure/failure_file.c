/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/failure/failure_file.h"

#include "base/arena.h"
#include "base/text.h"
#include "judge/failure.h"
#include "judge/history_field.h"
#include "report/import/history_read.h"

#define AT(m)                                                                  \
	.at = offsetof(struct failure_head, m)
#define TEXT(n, m, bound)                                                      \
	{.name = n, .kind = HISTORY_TEXT, .max = bound, AT(m)}
#define NUMBER(n, m, least, most)                                              \
	{.name = n, .kind = HISTORY_NUMBER, .min = least, .max = most, AT(m)}
#define LIST_OF(n, array, i, most, c)                                          \
	{.name = n, .kind = HISTORY_LIST, .max = most, .item = &(i),           \
	    AT(array), .count = offsetof(struct failure_head, c)}

static const struct history_field source_fields[] = {
	{.name = "domain", .kind = HISTORY_TEXT, .max = HISTORY_DOMAIN,
	    .at = offsetof(struct failure_source, domain)},
	{.name = "text", .kind = HISTORY_TEXT, .max = SPF_MAX_RECORD,
	    .at = offsetof(struct failure_source, text)},
	{.name = NULL},
};

static const struct history_field fault_item = {.name = "fault",
    .kind = HISTORY_NAME, .names = signature_fault_names,
    .size = sizeof(int)};
static const struct history_field recipient_item = {.name = "recipient",
    .kind = HISTORY_TEXT, .max = FAILURE_RECIPIENT,
    .size = sizeof(struct str)};
static const struct history_field source_item = {.name = "record",
    .kind = HISTORY_OBJECT, .fields = source_fields,
    .size = sizeof(struct failure_source)};

static const struct history_field head_fields[] = {
	NUMBER("version", version, 1, FAILURE_VERSION),
	{.name = "type", .kind = HISTORY_NAME, .names = failure_type_names,
	    AT(type)},
	TEXT("authserv_id", authserv_id, HISTORY_WORD),
	TEXT("mta", mta, HISTORY_WORD),
	NUMBER("source_port", source_port, 0, 65535),
	LIST_OF("recipients", recipients, recipient_item,
	    FAILURE_MAX_RECIPIENTS, recipient_count),
	LIST_OF("faults", faults, fault_item, SIGNATURES_MAX, fault_count),
	LIST_OF("spf_records", sources, source_item, SPF_MAX_SOURCES,
	    source_count),
	{.name = "is_cut", .kind = HISTORY_FLAG, AT(is_cut)},
	NUMBER("header", header, 0, FAILURE_MAX_HEADER),
	{.name = NULL},
};

static bool
refuse(struct str *reason, const char *sentence)
{
	*reason = str_of(sentence);
	return false;
}

/* What the two lines say must fit together. */
static bool
is_sound(struct failure_file *f, struct str *reason)
{
	f->type = (unsigned)f->head.type;
	if (f->head.fault_count != f->line.dkim_count)
		return refuse(reason, "faults do not fit the signatures");
	if (!f->line.has_decisive)
		return refuse(reason, "it has no author");
	f->author = &f->line.authors[f->line.decisive];
	if (!f->author->has_published ||
	    str_is_empty(f->author->published.domain))
		return refuse(reason, "its author publishes no policy");
	if ((size_t)f->head.header != f->header.n)
		return refuse(reason, "it is torn: the header is shorter or "
				      "longer than its first line says");
	return true;
}

bool
failure_file_parse(struct str bytes, struct arena *a,
    struct failure_file *out, struct str *reason)
{
	union history_entry *entry = ARENA_NEW(a, union history_entry);
	struct str why;
	*out = (struct failure_file) {.type = 0};
	if (bytes.n == 0)
		return refuse(reason, "it is empty");
	if (bytes.n > FAILURE_FILE_MAX)
		return refuse(reason, "it is longer than any that is written");
	struct str head = str_cut(&bytes, '\n');
	if (!history_read_object(head, head_fields, a, &out->head,
		sizeof out->head))
		return refuse(reason, "its first line is none of version 1");
	struct str line = str_cut(&bytes, '\n');
	out->header = bytes;
	if (history_read(line, a, entry, &why) != HISTORY_READ_MESSAGE) {
		*reason = text_format(a, "its second line is no message of the "
		    "history: %.*s", STR_ARG(why));
		return false;
	}
	out->line = entry->message;
	return is_sound(out, reason);
}
