/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/failure/failure_send.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/text.h"
#include "judge/failure.h"
#include "base/digest.h"
#include "report/failure/failure_redact.h"
#include "report/failure/failure_report.h"
#include "report/row/sender.h"
#include "report/transport/transport.h"
#include "settings/settings.h"

/* The same for each try, and nobody else can know it. */
static struct str
make_id(const struct failure_send *p, struct str address, struct arena *a)
{
	unsigned char mac[DIGEST_OCTETS];
	char id[DIGEST_TEXT];
	struct str facts = text_format(a, "report\n%.*s\n%.*s",
	    STR_ARG(p->name), STR_ARG(address));
	digest_keyed((struct str) {p->key, REDACT_KEY}, facts, mac);
	digest_of((struct str) {(const char *)mac, sizeof mac}, id);
	return str_copy((struct str) {id, sizeof id}, a);
}

static struct str
write_report(const struct failure_send *p, struct str address,
    struct arena *a)
{
	const struct failure_run *r = p->run;
	const struct failure_file *f = p->file;
	const struct redact_options o = {
		.key = p->key,
		.recipients = f->head.recipients,
		.recipient_count = f->head.recipient_count,
		.reported = f->author->org_domain.n > 0 ?
		    f->author->org_domain : f->author->header_from,
		.is_sender_hidden = r->settings->failure_redact_sender,
		.is_message_id_hidden = !r->settings->failure_message_id,
	};
	const struct failure_report report = {
		.fields = {
			.file = f,
			.incidents = p->incidents,
			.has_recipients = r->settings->failure_recipients,
			.submitter = r->sender->domain,
			.redactor = redact_new(&o, f->header,
			    f->line.mail_from, a),
		},
		.from = r->sender->from,
		.to = address,
		.org_name = r->sender->org_name,
		.email = r->sender->email,
		.date = r->now,
		.id = make_id(p, address, a),
	};
	return failure_report_print(&report, a);
}

/* ---- what is said ------------------------------------------------------- */

static void
say_dry(const struct failure_send *p, struct str address, struct arena *a)
{
	struct text t, who;
	const struct failure_run *r = p->run;
	text_init(&t, a);
	text_init(&who, a);
	log_escape(&who, p->file->author->header_from, 255);
	text_printf(&t, "would tell %.*s of %" PRIu64 " %s failure%s of %s "
	    "from ", STR_ARG(address), p->incidents,
	    table_name(failure_type_names, (int)p->file->type),
	    p->incidents == 1 ? "" : "s", text_cstr(&who));
	text_add(&t, p->file->line.source_ip);
	r->say(r->arg, text_str(&t));
}

static void
log_result(const struct failure_send *p, struct str address,
    const char *result, const struct transport_result *t, struct arena *a)
{
	struct text line;
	text_init(&line, a);
	log_pair(&line, "to", address);
	log_pair(&line, "from", p->file->author->header_from);
	log_pair(&line, "client", p->file->line.source_ip);
	log_pair(&line, "about",
	    str_of(table_name(failure_type_names, (int)p->file->type)));
	text_printf(&line, " incidents=%" PRIu64 " result=%s", p->incidents,
	    result);
	if (t->code != 0)
		text_printf(&line, " code=%d", t->code);
	if (t->status != TRANSPORT_SENT)
		log_pair(&line, "reason", t->text);
	log_info("failure-report %s", text_cstr(&line));
}

static enum failure_send_status
status_of(const struct transport_result *t, const char **word)
{
	switch (t->status) {
	case TRANSPORT_SENT:
		*word = "sent";
		return FAILURE_SEND_SENT;
	case TRANSPORT_REFUSED:
		*word = "refused";
		return FAILURE_SEND_REFUSED;
	case TRANSPORT_DEFERRED:
		break;
	}
	*word = "deferred";
	return t->is_service ? FAILURE_SEND_SERVICE : FAILURE_SEND_DEFERRED;
}

enum failure_send_status
failure_send(struct failure_send *p, struct str address,
    struct arena *a)
{
	struct transport_result result = {.code = 0};
	const char *word;
	if (p->run->is_dry) {
		say_dry(p, address, a);
		return FAILURE_SEND_SENT;
	}
	struct str letter = write_report(p, address, a);
	FILE *file = tmpfile();
	if (file == NULL ||
	    fwrite(letter.p, 1, letter.n, file) != letter.n ||
	    fflush(file) != 0) {
		p->reason = text_format(a, "no room for a message of %zu "
		    "bytes: %s", letter.n, strerror(errno));
		if (file != NULL)
			fclose(file);
		return FAILURE_SEND_LOCAL;
	}
	rewind(file);
	p->run->send(p->run->arg, address, file, a, &result);
	fclose(file);
	enum failure_send_status status = status_of(&result, &word);
	log_result(p, address, word, &result, a);
	p->reason = result.text;
	return status;
}
