/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/action.h"

#include "base/arena.h"
#include "base/text.h"
#include "judge/plan.h"

/* libmilter folds at a bare LF, as it gives folded fields. */
static char *
field_value(struct str value, bool is_exact, struct arena *a)
{
	struct text t;

	text_init(&t, a);
	if (is_exact)
		text_add_char(&t, ' ');
	for (size_t i = 0; i < value.n; i++)
		if (value.p[i] != '\r')
			text_add_char(&t, value.p[i]);
	return str_cstr(text_str(&t), a);
}

static bool
edit(SMFICTX *ctx, const struct plan_edit *e, bool is_exact, struct arena *a)
{
	char *name = str_cstr(e->name, a);

	if (e->kind == PLAN_DELETE)
		return smfi_chgheader(ctx, name, (int)e->instance, NULL) ==
		    MI_SUCCESS;
	return smfi_insheader(ctx, 0, name,
	    field_value(e->value, is_exact, a)) == MI_SUCCESS;
}

static bool
make_edits(SMFICTX *ctx, const struct plan *p, bool is_exact, struct arena *a)
{
	for (size_t i = 0; i < p->edit_count; i++)
		if (!edit(ctx, &p->edits[i], is_exact, a))
			return false;
	return true;
}

/* A reply's text is a format for the MTA: "%" is written twice. */
static char *
reply_text(struct str words, struct arena *a)
{
	struct text t;

	text_init(&t, a);
	for (size_t i = 0; i < words.n; i++) {
		if (words.p[i] == '%')
			text_add_char(&t, '%');
		text_add_char(&t, words.p[i]);
	}
	return str_cstr(text_str(&t), a);
}

static bool
set_reply(SMFICTX *ctx, const struct plan *p, struct arena *a)
{
	return smfi_setreply(ctx, str_cstr(p->code, a), str_cstr(p->status, a),
	    reply_text(p->text, a)) == MI_SUCCESS;
}

bool
action_perform(SMFICTX *ctx, const struct plan *p, bool is_exact,
    struct arena *a, sfsistat *out)
{
	bool done = false;

	*out = SMFIS_TEMPFAIL;
	switch (p->reply) {
	case PLAN_REJECT:
		*out = SMFIS_REJECT;
		return set_reply(ctx, p, a);
	case PLAN_TEMPFAIL:
		return set_reply(ctx, p, a);
	case PLAN_HOLD:
		done = make_edits(ctx, p, is_exact, a) && smfi_quarantine(ctx,
		    str_cstr(p->hold_reason, a)) == MI_SUCCESS;
		break;
	case PLAN_ACCEPT:
		done = make_edits(ctx, p, is_exact, a);
		break;
	}
	if (done)
		*out = SMFIS_ACCEPT;
	return done;
}

sfsistat
action_come_back(SMFICTX *ctx)
{
	char code[] = "451", status[] = "4.3.2";
	char text[] = "The mail filter is being stopped; please try again";

	smfi_setreply(ctx, code, status, text);
	return SMFIS_TEMPFAIL;
}
