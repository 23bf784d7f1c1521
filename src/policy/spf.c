/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPF records by their terms (RFC 7208 section 4.6.1). Evaluation would need the DNS. */
#include "policy/policy.h"

enum {
	TERMS_MAX = 512
};

bool policy_spf_parse(struct arena *a, struct str txt, struct policy_spf *out)
{
	struct str version = STR("v=spf1");
	struct str rest = str_sub(txt, version.len, txt.len);
	struct cursor c = cursor_over(rest);
	struct policy_spf spf = { .terms = NULL };

	/* RFC 7208 section 4.5: exactly "v=spf1", ended by a space or the record's
	 * end. */
	if (!str_equal_nocase(str_sub(txt, 0, version.len), version))
		return false;
	if (rest.len > 0 && rest.data[0] != ' ')
		return false;
	spf.terms = arena_array(a, TERMS_MAX, sizeof(*spf.terms));
	for (;;) {
		cursor_while(&c, " ");
		struct str term = cursor_until(&c, " ");
		if (term.len == 0)
			break;
		if (spf.count == TERMS_MAX)
			return false;
		spf.terms[spf.count++] = term;
	}
	*out = spf;
	return true;
}

/* Without the qualifier that is meant when none is there, and without a final dot. */
static struct str plain_term(struct str term)
{
	if (term.len > 0 && term.data[0] == '+')
		term = str_sub(term, 1, term.len);
	if (term.len > 1 && term.data[term.len - 1] == '.')
		term.len--;
	return term;
}

static bool is_all(struct str term)
{
	if (term.len > 0 && strchr("+-~?", term.data[0]))
		term = str_sub(term, 1, term.len);
	return str_equal_nocase(term, STR("all"));
}

/* RFC 7208 section 5.1: mechanisms behind "all" are never looked at; modifiers
 * (section 6) have an equals sign and count wherever they stand. */
static bool has_term(const struct policy_spf *seen, struct str wanted)
{
	bool ended = false;

	for (size_t i = 0; i < seen->count; i++) {
		struct str term = seen->terms[i];
		bool is_modifier = str_find_byte(term, '=') < term.len;

		if ((!ended || is_modifier) &&
		    str_equal_nocase(plain_term(term), plain_term(wanted)))
			return true;
		ended = ended || is_all(term);
	}
	return false;
}

bool policy_spf_covers(const struct policy_spf *seen, const struct policy_spf *wanted)
{
	for (size_t i = 0; i < wanted->count; i++) {
		if (!is_all(wanted->terms[i]) && !has_term(seen, wanted->terms[i]))
			return false;
	}
	return true;
}
