/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/store/store_schema.h"

#include <string.h>

/* Columns are BIGINT or TEXT: what every engine has. */
static const char *const version_1[] = {
	"CREATE TABLE aplomb_file ("
	"id TEXT NOT NULL PRIMARY KEY, host TEXT NOT NULL, "
	"taken BIGINT NOT NULL, finished BIGINT NOT NULL, "
	"imported BIGINT NOT NULL, lines BIGINT NOT NULL, "
	"messages BIGINT NOT NULL, deferred BIGINT NOT NULL, "
	"unreported BIGINT NOT NULL, bad BIGINT NOT NULL)",

	"CREATE TABLE aplomb_policy ("
	"id TEXT NOT NULL PRIMARY KEY, last_day BIGINT NOT NULL, "
	"domain TEXT NOT NULL, method TEXT NOT NULL, p TEXT NOT NULL, "
	"sp TEXT NOT NULL, np TEXT NOT NULL, adkim TEXT NOT NULL, "
	"aspf TEXT NOT NULL, fo TEXT NOT NULL, testing TEXT NOT NULL, "
	"psd TEXT NOT NULL, pct TEXT NOT NULL, rua TEXT NOT NULL, "
	"error TEXT NOT NULL)",

	"CREATE TABLE aplomb_tally ("
	"id BIGINT NOT NULL PRIMARY KEY, day BIGINT NOT NULL, "
	"domain TEXT NOT NULL, policy TEXT NOT NULL, "
	"sequence BIGINT NOT NULL, frozen BIGINT NOT NULL, "
	"row_count BIGINT NOT NULL, messages BIGINT NOT NULL, "
	"optional BIGINT NOT NULL, remainder BIGINT NOT NULL, "
	"UNIQUE (day, policy, sequence))",

	"CREATE INDEX aplomb_tally_domain ON aplomb_tally (day, domain)",

	"CREATE TABLE aplomb_row ("
	"tally BIGINT NOT NULL, row_key TEXT NOT NULL, "
	"messages BIGINT NOT NULL, optional BIGINT NOT NULL, "
	"source_ip TEXT NOT NULL, disposition TEXT NOT NULL, "
	"dkim TEXT NOT NULL, spf TEXT NOT NULL, reasons TEXT NOT NULL, "
	"header_from TEXT NOT NULL, envelope_from TEXT NOT NULL, "
	"envelope_to TEXT NOT NULL, spf_domain TEXT NOT NULL, "
	"spf_result TEXT NOT NULL, signatures TEXT NOT NULL, "
	"PRIMARY KEY (tally, row_key))",

	NULL,
};

static const char *const version_2[] = {
	"CREATE TABLE aplomb_report ("
	"id TEXT NOT NULL PRIMARY KEY, tally BIGINT NOT NULL, "
	"made BIGINT NOT NULL, state TEXT NOT NULL, reason TEXT NOT NULL, "
	"attempts BIGINT NOT NULL, next BIGINT NOT NULL, "
	"owner TEXT NOT NULL, lease BIGINT NOT NULL, "
	"format TEXT NOT NULL, generator TEXT NOT NULL, "
	"org_name TEXT NOT NULL, sender TEXT NOT NULL, "
	"email TEXT NOT NULL, contact TEXT NOT NULL, UNIQUE (tally))",

	"CREATE INDEX aplomb_report_next ON aplomb_report (next, id)",

	"CREATE TABLE aplomb_delivery ("
	"token TEXT NOT NULL PRIMARY KEY, report TEXT NOT NULL, "
	"address TEXT NOT NULL, domain TEXT NOT NULL, fate TEXT NOT NULL, "
	"attempts BIGINT NOT NULL, next BIGINT NOT NULL, "
	"changed BIGINT NOT NULL, reason TEXT NOT NULL, "
	"UNIQUE (report, address))",

	"CREATE INDEX aplomb_delivery_domain "
	"ON aplomb_delivery (domain, changed)",

	"CREATE TABLE aplomb_suppression ("
	"address TEXT NOT NULL PRIMARY KEY, since BIGINT NOT NULL, "
	"until BIGINT NOT NULL, bounces BIGINT NOT NULL, "
	"reason TEXT NOT NULL)",

	NULL,
};

/* versions[n] leads from n to n + 1. */
static const char *const *const versions[STORE_SCHEMA_VERSION] = {
	version_1,
	version_2,
};

static void
take_version(void *arg, const struct engine_value *columns)
{
	*(int64_t *)arg = columns[0].number;
}

static enum engine_status
run(struct engine *e, const char *sql)
{
	return e->verbs->run(e, sql, NULL, 0, NULL, NULL, NULL);
}

enum engine_status
store_schema_version(struct engine *e, int64_t *out)
{
	*out = -1;
	enum engine_status status = e->verbs->run(e,
	    "SELECT version FROM aplomb_schema", NULL, 0, take_version, out,
	    NULL);
	return status == ENGINE_NO_TABLE ? ENGINE_OK : status;
}

/* Commits what went well, and takes back what did not. */
static enum engine_status
end(struct engine *e, enum engine_status status)
{
	char reason[ENGINE_REASON];
	if (status == ENGINE_OK)
		status = run(e, "COMMIT");
	if (status == ENGINE_OK)
		return status;
	memcpy(reason, e->reason, sizeof reason);
	run(e, "ROLLBACK");
	memcpy(e->reason, reason, sizeof reason);
	return status;
}

static enum engine_status
climb(struct engine *e, int64_t from)
{
	const struct engine_value values[] = {
		ENGINE_NUMBER(STORE_SCHEMA_VERSION), ENGINE_NUMBER(from)};
	int64_t changed = 0;
	enum engine_status status = e->verbs->run(e,
	    "UPDATE aplomb_schema SET version = $1 WHERE version = $2", values,
	    2, NULL, NULL, &changed);
	if (status == ENGINE_OK && changed != 1)
		return ENGINE_CONFLICT;
	for (int64_t v = from; v < STORE_SCHEMA_VERSION; v++)
		for (size_t i = 0; status == ENGINE_OK &&
		    versions[v][i] != NULL; i++)
			status = run(e, versions[v][i]);
	return status;
}

enum engine_status
store_schema_make(struct engine *e)
{
	enum engine_status status = run(e, e->verbs->begin);
	if (status == ENGINE_OK)
		status = run(e, "CREATE TABLE aplomb_schema ("
		    "id BIGINT NOT NULL PRIMARY KEY, version BIGINT NOT NULL)");
	if (status == ENGINE_OK)
		status = run(e, "INSERT INTO aplomb_schema (id, version) "
		    "VALUES (1, 0)");
	if (status == ENGINE_OK)
		status = climb(e, 0);
	return end(e, status);
}

enum engine_status
store_schema_upgrade(struct engine *e, int64_t from)
{
	enum engine_status status = run(e, e->verbs->begin);
	if (status == ENGINE_OK)
		status = climb(e, from);
	return end(e, status);
}
