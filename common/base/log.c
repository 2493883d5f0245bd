/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "base/ascii.h"
#include "base/file.h"

/* rsyslog cuts what is longer than 8 KiB, its own words included. */
#define MAX_LINE  8000u
#define MAX_IDENT 32u

struct severity {
	int priority;
	const char *word; /* before the message */
};
static const struct severity severities[] = {
	[LOG_AT_ERROR] = {LOG_ERR, "error: "},
	[LOG_AT_WARNING] = {LOG_WARNING, "warning: "},
	[LOG_AT_INFO] = {LOG_INFO, ""},
	[LOG_AT_DEBUG] = {LOG_DEBUG, "debug: "},
};

/* syslog(3) keeps a pointer to the name. */
static char name[MAX_IDENT] = "aplomb";
static atomic_int to = LOG_TO_STDERR;
static atomic_int least = LOG_AT_INFO;

void
log_open(enum log_target target, const char *ident, enum log_level level)
{
	snprintf(name, sizeof name, "%s", ident);
	if (target == LOG_TO_SYSLOG)
		openlog(name, LOG_PID | LOG_NDELAY, LOG_MAIL);
	atomic_store(&to, (int)target);
	log_set_level(level);
}

void
log_set_level(enum log_level level)
{
	atomic_store(&least, (int)level);
}

bool
log_is_on(enum log_level level)
{
	return (int)level <= atomic_load_explicit(&least, memory_order_relaxed);
}

/* A message that vsnprintf cut at `max`, or that holds line ends of whoever
 * forgot log_escape(), is one line all the same. */
static size_t
tidy(char *p, int wanted, size_t max)
{
	size_t n = wanted < 0 ? 0 : (size_t)wanted;
	if (n >= max) {
		n = max - 1;
		memcpy(p + n - 3, "...", 3);
	}
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)p[i] < ' ' || p[i] == 0x7f)
			p[i] = ' ';
	return n;
}

/* One write, so that lines of threads and processes do not mix. */
static void
write_stderr(const struct severity *s, const char *message, size_t n)
{
	char line[MAX_IDENT + sizeof "[2147483647]: warning: \n" + MAX_LINE];
	int head = snprintf(line, sizeof line, "%s[%ld]: %s", name,
	    (long)getpid(), s->word);
	memcpy(line + head, message, n);
	line[(size_t)head + n] = '\n';
	file_write_all(STDERR_FILENO, (struct str) {line, (size_t)head + n + 1});
}

static void __attribute__((format(printf, 2, 0)))
say(enum log_level level, const char *format, va_list args)
{
	const struct severity *s = &severities[level];
	char message[MAX_LINE];
	if (!log_is_on(level))
		return;
	size_t n = tidy(message, vsnprintf(message, sizeof message, format,
	    args), sizeof message);
	if (atomic_load(&to) == LOG_TO_SYSLOG)
		syslog(s->priority, "%s%.*s", s->word, (int)n, message);
	else
		write_stderr(s, message, n);
}

void
log_error(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	say(LOG_AT_ERROR, format, args);
	va_end(args);
}

void
log_warning(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	say(LOG_AT_WARNING, format, args);
	va_end(args);
}

void
log_info(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	say(LOG_AT_INFO, format, args);
	va_end(args);
}

void
log_debug(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	say(LOG_AT_DEBUG, format, args);
	va_end(args);
}

void
log_escape(struct text *t, struct str outside, size_t max)
{
	struct str shown = str_sub(outside, 0, max);
	if (outside.n == 0)
		text_add_char(t, '-');
	for (size_t i = 0; i < shown.n; i++) {
		unsigned char c = (unsigned char)shown.p[i];
		if (ascii_is_print(c) && c != ' ' && c != '"' && c != '\\')
			text_add_char(t, (char)c);
		else
			text_printf(t, "\\x%02x", c);
	}
	if (shown.n < outside.n)
		text_add(t, STR("..."));
}

void
log_pair(struct text *t, const char *key, struct str value)
{
	text_printf(t, "%s%s=", t->n > 0 ? " " : "", key);
	log_escape(t, value, value.n);
}
