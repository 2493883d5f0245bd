/* SPDX-License-Identifier: BSD-2-Clause */
/* The names of what settings choose among, where no lower room has them. */
#include "base/log.h"
#include "settings/settings.h"

const struct table_row mode_names[] = {
	{MODE_ENFORCE, "enforce"},
	{MODE_MONITOR, "monitor"},
	{0, NULL},
};

const struct table_row failure_names[] = {
	{FAILURE_ACCEPT, "accept"},
	{FAILURE_TEMPFAIL, "tempfail"},
	{0, NULL},
};

const struct table_row reject_action_names[] = {
	{REJECT_REJECT, "reject"},
	{REJECT_QUARANTINE, "quarantine"},
	{REJECT_TEMPFAIL, "tempfail"},
	{0, NULL},
};

const struct table_row quarantine_action_names[] = {
	{QUARANTINE_HEADER, "header"},
	{QUARANTINE_HOLD, "hold"},
	{QUARANTINE_REJECT, "reject"},
	{0, NULL},
};

const struct table_row bad_from_action_names[] = {
	{BAD_FROM_REJECT, "reject"},
	{BAD_FROM_QUARANTINE, "quarantine"},
	{BAD_FROM_ACCEPT, "accept"},
	{0, NULL},
};

const struct table_row report_format_names[] = {
	{REPORT_RFC9990, "rfc9990"},
	{REPORT_RFC7489, "rfc7489"},
	{0, NULL},
};

const struct table_row report_tls_names[] = {
	{REPORT_TLS_REQUIRED, "required"},
	{REPORT_TLS_IMPLICIT, "implicit"},
	{REPORT_TLS_OPPORTUNISTIC, "opportunistic"},
	{REPORT_TLS_OFF, "off"},
	{0, NULL},
};

const struct table_row log_target_names[] = {
	{LOG_TO_SYSLOG, "syslog"},
	{LOG_TO_STDERR, "stderr"},
	{0, NULL},
};

const struct table_row log_level_names[] = {
	{LOG_AT_ERROR, "error"},
	{LOG_AT_WARNING, "warning"},
	{LOG_AT_INFO, "info"},
	{LOG_AT_DEBUG, "debug"},
	{0, NULL},
};
