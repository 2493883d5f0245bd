/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_REPORT_STORE_STORE_SCHEMA_H
#define APLOMB_REPORT_STORE_STORE_SCHEMA_H

/* The tables of the store, and the steps from each version of them to the next.
 * docs/FORMATS says what they mean. */

#include "report/store/store_engine.h"

#define STORE_SCHEMA_VERSION 2

/* The version in the database; -1 where there are no tables. */
enum engine_status store_schema_version(struct engine *e, int64_t *out);

/* Makes the tables in an empty database. ENGINE_CONFLICT: another process was
 * first. */
enum engine_status store_schema_make(struct engine *e);

/* From the version `from` to ours. ENGINE_CONFLICT as above. */
enum engine_status store_schema_upgrade(struct engine *e, int64_t from);

#endif
