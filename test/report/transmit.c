/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * transmit CONFIG LIMIT_MS SENDER FILE RECIPIENT...: sends the message of a
 * file to each recipient, one after the other, by one transport, and prints a
 * line for each:
 *
 *   sent|deferred|refused CODE -|address|service TEXT
 *
 * or "closed REASON" when there is no transport. Signatures are for the domain
 * reports.example.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"
#include "report/transport/transport.h"
#include "settings/settings.h"

static void
print(const struct transport_result *r)
{
	static const char *const names[] = {
		[TRANSPORT_SENT] = "sent",
		[TRANSPORT_DEFERRED] = "deferred",
		[TRANSPORT_REFUSED] = "refused",
	};

	printf("%s %d %s%s%s %.*s\n", names[r->status], r->code,
	    r->is_address ? "address" : "", r->is_service ? "service" : "",
	    r->is_address || r->is_service ? "" : "-", STR_ARG(r->text));
	fflush(stdout);
}

int
main(int argc, char **argv)
{
	struct arena *a = arena_new(0);
	struct settings_problems problems;
	struct str reason;

	if (argc < 6)
		return 64;
	struct settings *s = settings_load(argv[1], a, &problems);
	FILE *message = fopen(argv[4], "r");
	if (s == NULL || message == NULL)
		return 66;
	struct transport *t = transport_open(s, STR("reports.example"), a,
	    &reason);
	settings_drop(s);
	if (t == NULL)
		printf("closed %.*s\n", STR_ARG(reason));
	else
		transport_set_limit(t, (unsigned)strtoul(argv[2], NULL, 10));
	for (int i = 5; t != NULL && i < argc; i++) {
		struct arena *scratch = arena_new(0);
		struct transport_result result;
		transport_send(t, str_of(argv[3]), str_of(argv[i]), message,
		    scratch, &result);
		print(&result);
		arena_free(scratch);
	}
	transport_close(t);
	fclose(message);
	arena_free(a);
	return 0;
}
