/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_REPORT_TRANSPORT_TRANSPORT_SECRET_H
#define APLOMB_REPORT_TRANSPORT_TRANSPORT_SECRET_H

/* Files with a secret in them: for transport*.c alone. */

#include <stdbool.h>

#include "base/str.h"

struct arena;

/* A password or a private key has no more. */
#define TRANSPORT_SECRET_MAX 65536u

/* Reads the file that the setting `key` names. False with a sentence in
 * *reason when it cannot be read, or when everybody can read or change it. */
bool transport_secret_read(const char *key, const char *path, struct arena *a,
    struct str *out, struct str *reason);

#endif
