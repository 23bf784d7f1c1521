/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lint of SPF records (RFC 7208): what can be told without the DNS. */
#include "policy/lint.h"

static void check_begin(struct lint *l)
{
	lint_add(l, LINT_ERROR, str_sub(l->text, 0, 0),
		 lang_text(l->lang,
			   "an SPF record begins with v=spf1 and a blank; receivers "
			   "pass over this one"),
		 "v=spf1 ");
}

/* Each term by itself, so that all that is wrong is said. */
static void check_terms(struct lint *l)
{
	struct str rest = l->text;
	struct str term;

	while (str_split(&rest, ' ', &term)) {
		struct spf_record ignored;
		enum spf_fault fault;
		struct str wrong;

		if (term.len == 0 || term.data == l->text.data)
			continue;
		const char *alone = arena_printf(l->a, "v=spf1 %.*s", STR_ARG(term));
		if (spf_record_parse(l->a, str_from(alone), &ignored, &fault, &wrong))
			continue;
		lint_add(l, LINT_ERROR, term, lang_text(l->lang, spf_fault_text(fault)),
			 lint_shown(l, spf_term_meant(l->a, term)));
		if (l->count == LINT_PROBLEMS_MAX)
			return;
	}
}

/* RFC 7208 section 4.6.4: those that ask the DNS. */
static bool asks(enum spf_kind kind)
{
	return kind == SPF_INCLUDE || kind == SPF_A || kind == SPF_MX ||
	       kind == SPF_PTR || kind == SPF_EXISTS || kind == SPF_REDIRECT;
}

static void check_term(struct lint *l, const struct spf_term *term, bool is_behind_all)
{
	if (term->kind == SPF_ALL && term->qualifier == SPF_PASS)
		lint_add(
			l, LINT_ERROR, term->text,
			lang_text(l->lang, "this lets the whole world send in your name"),
			"~all");
	if (term->kind == SPF_PTR)
		lint_add(l, LINT_NOTE, term->text,
			 lang_text(l->lang, "ptr is slow and not to be used (RFC 7208 "
					    "section 5.5)"),
			 NULL);
	if (is_behind_all && term->kind != SPF_EXP && term->kind != SPF_MODIFIER)
		lint_add(l, LINT_NOTE, term->text,
			 lang_text(l->lang, "what stands behind all has no effect"),
			 NULL);
}

static void check_whole(struct lint *l, const struct spf_record *record)
{
	size_t lookups = 0;
	bool has_all = false;
	bool has_redirect = false;

	for (size_t i = 0; i < record->count; i++) {
		const struct spf_term *term = &record->terms[i];

		check_term(l, term, has_all);
		has_all |= term->kind == SPF_ALL;
		has_redirect |= term->kind == SPF_REDIRECT;
		if (asks(term->kind) && ++lookups == SPF_LOOKUPS_MAX + 1)
			lint_add(l, LINT_ERROR, term->text,
				 lang_text(l->lang,
					   "this is the eleventh term that asks the "
					   "DNS; receivers give up after ten"),
				 NULL);
	}
	if (!has_all && !has_redirect)
		lint_add(l, LINT_NOTE, lint_end(l),
			 lang_text(l->lang, "it does not say what holds for all others"),
			 " ~all");
}

void lint_spf(struct lint *l)
{
	struct spf_record record;
	enum spf_fault fault;
	struct str wrong;

	if (!spf_is_record(l->text))
		check_begin(l);
	else if (spf_record_parse(l->a, l->text, &record, &fault, &wrong))
		check_whole(l, &record);
	else
		check_terms(l);
	if (l->errors == 0 && spf_is_record(l->text) &&
	    !spf_record_parse(l->a, l->text, &record, &fault, &wrong))
		lint_add(l, LINT_ERROR, str_sub(l->text, 0, 0),
			 lang_text(l->lang, spf_fault_text(fault)), NULL);
}
