/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/transport/transport_relay.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/ascii.h"
#include "base/cursor.h"
#include "base/text.h"
#include "net/ip.h"
#include "report/transport/transport_secret.h"

#define HOST_MAX 255u /* RFC 1035 2.3.4 */

/* Letters of a host's name or of an address; "_" for the names of containers.
 * None of them means anything else in a URL. */
static bool
is_host_byte(int c)
{
	return ascii_is_alnum(c) || c == '.' || c == '-' || c == '_';
}

static bool
is_host(struct str s)
{
	struct cursor c;

	cursor_init(&c, s);
	struct str host = cursor_span(&c, is_host_byte);
	return host.n > 0 && host.n == s.n && s.n <= HOST_MAX;
}

/* Takes HOST or [ADDRESS] off *s. */
static bool
take_host(struct str *s, struct str *host)
{
	struct str rest = *s;
	struct ip ip;

	if (!str_has_prefix(rest, STR("["))) {
		*host = str_sub(rest, 0, str_find(rest, ':'));
		*s = str_sub(rest, host->n, rest.n);
		return is_host(*host);
	}
	size_t end = str_find(rest, ']');
	*host = str_sub(rest, 0, end + 1);
	*s = str_sub(rest, end + 1, rest.n);
	return end < rest.n && ip_parse(str_sub(rest, 1, end - 1), &ip) &&
	    ip.family == IP_V6;
}

static bool
read_server(struct str s, struct str *host, uint64_t *port)
{
	if (!take_host(&s, host))
		return false;
	return s.n == 0 || (str_has_prefix(s, STR(":")) &&
	    str_to_uint(str_sub(s, 1, s.n), 65535, port) && *port > 0);
}

/* ---- who we say we are ----------------------------------------------- */

/* EHLO's argument (RFC 5321 4.1.1.1): a name, or an address in brackets. */
static bool
is_helo(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is_host_byte(s.p[i]) && s.p[i] != '[' &&
		    s.p[i] != ']' && s.p[i] != ':')
			return false;
	return s.n > 0 && s.n <= HOST_MAX;
}

static bool
read_helo(const char *setting, struct arena *a, const char **out,
    struct str *reason)
{
	char own[HOST_MAX + 1] = "";
	struct str helo = str_of(setting);
	struct text t;

	if (helo.n == 0 && gethostname(own, sizeof own - 1) == 0)
		helo = str_of(own);
	if (!is_helo(helo)) {
		*reason = text_format(a, "report-smtp-helo \"%s\" is no name "
		    "of a host; write one like mx.example.org", setting);
		return false;
	}
	/* As a part of a URL. */
	text_init(&t, a);
	for (size_t i = 0; i < helo.n; i++)
		if (is_host_byte(helo.p[i]))
			text_add_char(&t, helo.p[i]);
		else
			text_printf(&t, "%%%02X", (unsigned)helo.p[i]);
	*out = text_cstr(&t);
	return true;
}

static bool
take_word(struct str *rest, struct arena *a, const char **out)
{
	struct str line = str_cut(rest, '\n');

	if (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	*out = str_cstr(line, a);
	return line.n > 0 && strlen(*out) == line.n;
}

static bool
read_auth(const char *path, struct arena *a, struct transport_relay *out,
    struct str *reason)
{
	struct str rest;

	if (!transport_secret_read("report-smtp-auth", path, a, &rest,
	    reason))
		return false;
	if (take_word(&rest, a, &out->user) &&
	    take_word(&rest, a, &out->password))
		return true;
	*reason = text_format(a, "report-smtp-auth %s: the first line has to "
	    "be the user and the second the password", path);
	return false;
}

static bool
read_security(const struct settings *s, struct arena *a,
    struct transport_relay *out, struct str *reason)
{
	out->tls = s->report_smtp_tls;
	if (s->report_smtp_ca[0] != '\0' &&
	    access(s->report_smtp_ca, R_OK) != 0) {
		*reason = text_format(a, "report-smtp-ca %s cannot be read: "
		    "%s", s->report_smtp_ca, strerror(errno));
		return false;
	}
	if (s->report_smtp_auth[0] == '\0')
		return true;
	if (out->tls == REPORT_TLS_OFF) {
		*reason = STR("report-smtp-auth with report-smtp-tls = off "
		    "would give the password in clear: set report-smtp-tls = "
		    "required");
		return false;
	}
	/* A server that is not checked could be anybody, and one that offers
	 * no STARTTLS is what somebody on the way makes of it. */
	if (out->tls == REPORT_TLS_OPPORTUNISTIC)
		out->tls = REPORT_TLS_REQUIRED;
	return read_auth(s->report_smtp_auth, a, out, reason);
}

bool
transport_relay_init(const struct settings *s, struct arena *a,
    struct transport_relay *out, struct str *reason)
{
	struct str host;
	bool is_implicit = s->report_smtp_tls == REPORT_TLS_IMPLICIT;
	uint64_t port = is_implicit ? 465 : 25; /* RFC 8314 3.3 */
	const char *helo;

	*out = (struct transport_relay) {.user = "", .password = ""};
	if (!read_server(str_of(s->report_smtp), &host, &port)) {
		*reason = text_format(a, "report-smtp \"%s\" is no server; "
		    "write HOST, HOST:PORT or [ADDRESS]:PORT",
		    s->report_smtp);
		return false;
	}
	if (!read_helo(s->report_smtp_helo, a, &helo, reason))
		return false;
	out->name = text_format(a, "%.*s:%u", STR_ARG(host),
	    (unsigned)port).p;
	out->url = text_format(a, "%s://%.*s:%u/%s", is_implicit ? "smtps" :
	    "smtp", STR_ARG(host), (unsigned)port, helo).p;
	out->ca = str_cstr(str_of(s->report_smtp_ca), a);
	return read_security(s, a, out, reason);
}
