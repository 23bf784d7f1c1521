/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lint of DKIM key records. */
#include "policy/lint.h"

static const char *fault_text(enum dkim_fault fault, enum lang lang)
{
	switch (fault) {
	case DKIM_FAULT_NONE:
		break;
	case DKIM_FAULT_SYNTAX:
		return lang_text(lang, "it is not a list of tag=value with semicolons "
				       "between, or a tag stands there twice");
	case DKIM_FAULT_NO_KEY:
		return lang_text(lang, "there is no p= with the key");
	case DKIM_FAULT_VERSION:
		return lang_text(lang, "v= is DKIM1 in capitals, and comes first");
	case DKIM_FAULT_USE:
		return lang_text(lang, "this tag keeps receivers from using the key for "
				       "mail (k=, h=, s=)");
	case DKIM_FAULT_BASE64:
		return lang_text(lang,
				 "p= is not base64: letters, digits, + and /, and = "
				 "at its end");
	case DKIM_FAULT_SHORT:
		return lang_text(lang, "the key in p= ends too early: it was cut off");
	case DKIM_FAULT_KEY:
		return lang_text(lang, "what p= holds is not a public key");
	}
	return "";
}

/* What to write in its place, where that is sure. */
static const char *fault_instead(enum dkim_fault fault)
{
	return fault == DKIM_FAULT_VERSION ? "v=DKIM1;" : NULL;
}

static void add_damage(struct lint *l)
{
	struct dkim_seen seen;

	policy_dkim_damage(l->a, l->text, STR_EMPTY, &seen);
	struct str at = str_sub(l->text, seen.at, 1);
	if (seen.damage == DKIM_QUOTED)
		lint_add(l, LINT_ERROR, at,
			 lang_text(l->lang,
				   "quotes and backslashes are part of the value; "
				   "without them it is a key"),
			 NULL);
	else if (seen.damage == DKIM_SPACED)
		lint_add(l, LINT_ERROR, at,
			 lang_text(l->lang, "odd quotes or blanks are part of the value; "
					    "without them it is a key"),
			 NULL);
}

static struct str tag_part(struct lint *l, const char *name)
{
	struct policy_tag *tags;
	size_t count;

	if (!policy_tags_parse(l->a, l->text, &tags, &count))
		return str_sub(l->text, 0, 0);
	for (size_t i = 0; i < count; i++)
		if (str_is(tags[i].name, name))
			return tags[i].value;
	return str_sub(l->text, 0, 0);
}

static void check_strength(struct lint *l, const struct policy_dkim_key *key)
{
	struct str p = tag_part(l, "p");

	switch (key->strength) {
	case DKIM_STRONG:
		break;
	case DKIM_WEAK:
		lint_add(l, LINT_NOTE, p,
			 arena_printf(l->a,
				      lang_text(l->lang, "an RSA key of %u bits works; "
							 "2048 bits are the advice of "
							 "RFC 8301"),
				      key->bits),
			 NULL);
		break;
	case DKIM_UNUSABLE:
		lint_add(l, LINT_ERROR, p,
			 arena_printf(l->a,
				      lang_text(l->lang,
						"receivers refuse this RSA key of "
						"%u bits: less than 1024, or "
						"numbers that no such key has"),
				      key->bits),
			 NULL);
		break;
	}
	if (key->bits > 4096)
		lint_add(l, LINT_NOTE, p,
			 lang_text(l->lang,
				   "receivers need not take RSA keys of more than "
				   "4096 bits"),
			 NULL);
	if (key->kind == DKIM_ED25519)
		lint_add(l, LINT_NOTE, tag_part(l, "k"),
			 lang_text(l->lang,
				   "many receivers do not know Ed25519 yet: sign "
				   "with an RSA key beside it"),
			 NULL);
}

static void check_tags(struct lint *l)
{
	static const char *const known[] = { "v", "h", "k", "n", "p", "s", "t" };
	struct policy_tag *tags;
	size_t count;

	if (!policy_tags_parse(l->a, l->text, &tags, &count))
		return;
	for (size_t i = 0; i < count; i++) {
		bool is_known = false;

		for (size_t j = 0; j < ARRAY_LEN(known); j++)
			is_known |= str_is(tags[i].name, known[j]);
		if (!is_known)
			lint_add(l, LINT_NOTE, tags[i].name,
				 arena_printf(l->a,
					      lang_text(l->lang,
							"receivers do not know the "
							"tag '%s'"),
					      lint_shown(l, tags[i].name)),
				 NULL);
	}
}

void lint_dkim(struct lint *l)
{
	struct policy_dkim_key key;
	struct dkim_problem problem;
	struct err ignored = { 0 };

	if (!policy_dkim_key_read(l->a, l->text, &key, &problem, &ignored)) {
		struct str part = str_sub(l->text, problem.at, l->text.len);

		lint_add(l, LINT_ERROR, str_sub(part, 0, str_find_byte(part, ';')),
			 fault_text(problem.fault, l->lang),
			 fault_instead(problem.fault));
		add_damage(l);
		return;
	}
	if (key.public_key.len == 0)
		lint_add(l, LINT_ERROR, tag_part(l, "p"),
			 lang_text(l->lang, "p= is empty: the key is revoked"), NULL);
	else
		check_strength(l, &key);
	if (key.testing)
		lint_add(l, LINT_NOTE, tag_part(l, "t"),
			 lang_text(l->lang,
				   "t=y: receivers may take signatures for tests"),
			 NULL);
	if (key.has_breaks)
		lint_add(l, LINT_NOTE, tag_part(l, "p"),
			 lang_text(l->lang, "there are line breaks in the key"), NULL);
	check_tags(l);
}
