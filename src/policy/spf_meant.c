/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a wrong term of an SPF record was probably meant to be. */
#include "policy/spf.h"

enum {
	SLIP_MAX = 2 /* letters */
};

static const char *const names[] = {
	"include:", "a:",      "mx:",       "ptr:", "ip4:",
	"ip6:",     "exists:", "redirect=", "exp=", "all",
};

static bool is_well_formed(struct arena *a, struct str term)
{
	struct spf_record ignored;
	enum spf_fault fault;
	struct str wrong;
	struct str txt = str_from(arena_printf(a, "v=spf1 %.*s", STR_ARG(term)));

	return spf_record_parse(a, txt, &ignored, &fault, &wrong) && ignored.count == 1 &&
	       ignored.terms[0].kind != SPF_MODIFIER;
}

/* The part up to ":" or "=" ("ipv4:"), or all. */
static size_t name_end(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.data[i] == ':' || s.data[i] == '=')
			return i + 1;
	}
	return s.len;
}

static struct str without_tail(struct str s)
{
	while (s.len > 0 && (s.data[s.len - 1] == ',' || s.data[s.len - 1] == ';' ||
			     s.data[s.len - 1] == '.'))
		s.len--;
	return s;
}

static bool is_sign(char c)
{
	return c == '+' || c == '-' || c == '~' || c == '?';
}

struct str spf_term_meant(struct arena *a, struct str term)
{
	struct str sign = STR_EMPTY;
	struct str best = STR_EMPTY;
	unsigned best_distance = SLIP_MAX + 1;
	struct str rest = without_tail(term);

	for (; rest.len > 0 && is_sign(rest.data[0]); rest = str_sub(rest, 1, rest.len))
		sign = str_sub(rest, 0, 1);
	struct str name = str_sub(rest, 0, name_end(rest));
	struct str value = str_sub(rest, name.len, rest.len);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		unsigned distance = str_distance(name, str_from(names[i]));
		struct str meant = str_from(arena_printf(a, "%.*s%s%.*s", STR_ARG(sign),
							 names[i], STR_ARG(value)));

		/* More than half of the name is no slip. */
		if (distance >= best_distance || distance * 2 > name.len ||
		    !is_well_formed(a, meant))
			continue;
		best = meant;
		best_distance = distance;
	}
	return best;
}
