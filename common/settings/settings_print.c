/* SPDX-License-Identifier: BSD-2-Clause */
/* What is printed from the tables: the dump, the sample, the manual. */
#include "settings/settings.h"

#include "base/ascii.h"
#include "base/text.h"
#include "settings/settings_option.h"
#include "settings/settings_override.h"

#define WIDTH 78u

/* ---- the dump ----------------------------------------------------------- */

struct str
settings_dump(const struct settings *s, struct arena *a)
{
	struct text t;
	text_init(&t, a);
	for (size_t i = 0; i < settings_option_count; i++) {
		const struct option *o = &settings_options[i];
		text_printf(&t, "%s = ", o->key);
		option_print(o, s, &t);
		text_add_char(&t, '\n');
	}
	for (size_t i = 0; i < s->overrides.count; i++) {
		text_add_char(&t, '\n');
		settings_override_print(&s->overrides.at[i], &t);
	}
	return text_str(&t);
}

struct str
settings_pending(const struct settings *old, const struct settings *new,
    struct arena *a)
{
	struct text t;
	text_init(&t, a);
	for (size_t i = 0; i < settings_option_count; i++) {
		const struct option *o = &settings_options[i];
		if (o->when == OPTION_RESTART &&
		    !option_is_same(o, old, new, a))
			text_printf(&t, "%s%s", t.n > 0 ? ", " : "", o->key);
	}
	return text_str(&t);
}

/* ---- words -------------------------------------------------------------- */

/* Takes one sentence off the text: it ends with a dot before a capital. */
static struct str
sentence(struct str *rest)
{
	struct str all = *rest;
	size_t n = 0;
	while (n < all.n && !(n > 1 && all.p[n - 2] == '.' &&
	    all.p[n - 1] == ' ' && all.p[n] >= 'A' && all.p[n] <= 'Z'))
		n++;
	*rest = str_sub(all, n, all.n);
	return str_trim(str_sub(all, 0, n));
}

/* Adds words in lines that begin with the prefix. */
static void
wrap(struct text *t, const char *prefix, struct str words)
{
	size_t column = 0;
	while (words.n > 0) {
		struct str word = str_cut(&words, ' ');
		bool is_first = column == 0;
		if (!is_first && column + 1 + word.n > WIDTH) {
			text_add_char(t, '\n');
			is_first = true;
		}
		text_printf(t, "%s%.*s", is_first ? prefix : " ",
		    STR_ARG(word));
		column = (is_first ? str_of(prefix).n : column + 1) + word.n;
	}
	text_add_char(t, '\n');
}

/* ---- the sample --------------------------------------------------------- */

static const char sample_head[] =
    "# The configuration of aplombd(8) and aplomb(1), explained in\n"
    "# aplomb.conf(5). Every setting stands here with its default, after a\n"
    "# \"#\": remove it to give another value. \"aplomb config check\" looks "
    "for\n# mistakes, \"aplomb config show\" prints what is in force.\n";

static const char sample_tail[] =
    "\n"
    "# Exceptions, compared in this order with each message that fails: the\n"
    "# first whose conditions all hold decides. With dry-run = yes it is only\n"
    "# logged.\n"
    "#override \"newsletter partner\" {\n"
    "#    from = {news.partner.example}\n"
    "#    client = {192.0.2.0/24}\n"
    "#    treat-as = none\n"
    "#    comment = \"their relay breaks signatures\"\n"
    "#    until = 2027-06-30\n"
    "#    dry-run = yes\n"
    "#}\n";

/* The default as a file gives it. */
static struct str
standard(const struct option *o, struct arena *a)
{
	struct text t;
	text_init(&t, a);
	if (o->type == OPTION_TEXT)
		option_print_string(&t, str_of(o->standard));
	else
		text_add(&t, str_of(o->standard));
	return text_str(&t);
}

static void
print_sample_option(const struct option *o, struct text *t)
{
	struct str help = str_of(o->help);
	text_add_char(t, '\n');
	wrap(t, "# ", sentence(&help));
	if (o->when == OPTION_RESTART)
		text_add(t, STR("# A change needs a restart.\n"));
	text_printf(t, "#%s = %.*s\n", o->key,
	    STR_ARG(standard(o, t->arena)));
}

struct str
settings_sample(struct arena *a)
{
	struct text t;
	text_init(&t, a);
	text_add(&t, str_of(sample_head));
	for (size_t i = 0; i < settings_option_count; i++)
		print_sample_option(&settings_options[i], &t);
	text_add(&t, str_of(sample_tail));
	return text_str(&t);
}

/* ---- the manual --------------------------------------------------------- */

/* New sentence, new line, as mdoc(7) asks. */
static void
print_sentences(struct text *t, struct str words)
{
	while (words.n > 0)
		wrap(t, "", sentence(&words));
}

/* One argument of a macro. */
static void
print_argument(struct text *t, struct str s)
{
	bool is_quoted = str_find(s, ' ') < s.n;
	text_add(t, is_quoted ? STR("\"") : STR(""));
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"')
			text_add(t, STR("\\(dq"));
		else if (s.p[i] == '\\')
			text_add(t, STR("\\e"));
		else
			text_add_char(t, s.p[i]);
	}
	text_add(t, is_quoted ? STR("\"") : STR(""));
}

static void
print_manual_option(const struct option *o, struct text *t)
{
	struct text range;
	text_init(&range, t->arena);
	text_add(&range, STR("Takes "));
	option_print_range(o, &range);
	if (o->standard[0] == '\0')
		text_add(&range, STR("; empty by default."));
	else
		text_add(&range, STR("; the default is"));
	text_printf(t, ".It Cm %s\n", o->key);
	print_sentences(t, str_of(o->help));
	wrap(t, "", text_str(&range));
	if (o->standard[0] != '\0') {
		text_add(t, STR(".Ql "));
		print_argument(t, str_of(o->standard));
		text_add(t, STR(" .\n"));
	}
	if (o->when == OPTION_RESTART)
		text_add(t, STR("A change needs a restart.\n"));
}

struct str
settings_manual(struct arena *a)
{
	struct text t;
	text_init(&t, a);
	for (size_t i = 0; i < settings_option_count; i++)
		print_manual_option(&settings_options[i], &t);
	return text_str(&t);
}

struct str
settings_manual_override(struct arena *a)
{
	struct text t, range;
	struct override_key k;
	text_init(&t, a);
	for (size_t i = 0; settings_override_key(i, &k); i++) {
		text_init(&range, a);
		text_add(&range, STR("Takes "));
		settings_override_print_range(&k, &range);
		text_add_char(&range, '.');
		text_printf(&t, ".It Cm %s\n", k.key);
		print_sentences(&t, str_of(k.help));
		wrap(&t, "", text_str(&range));
	}
	return text_str(&t);
}
