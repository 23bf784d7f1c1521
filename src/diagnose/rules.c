/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of rules, put together from its families in the order of judging. */
#include "diagnose/rules.h"

typedef const struct rule *family_fn(size_t *count_out);

/* Does the domain exist, does anybody answer, may it be believed, do all say the same;
 * then the single record: its name, its kind, its value; and last, what is left or worth
 * a note. */
static family_fn *const families[] = {
	delegation_rules, servers_rules, name_rules,      target_rules,
	value_rules,      cache_rules,   transport_rules,
};

const struct rule *rule_at(size_t index)
{
	for (size_t i = 0; i < ARRAY_LEN(families); i++) {
		size_t count;
		const struct rule *rules = families[i](&count);
		if (index < count)
			return &rules[index];
		index -= count;
	}
	return NULL;
}

const struct rule *rule_find(struct str code)
{
	const struct rule *rule;
	for (size_t i = 0; (rule = rule_at(i)) != NULL; i++) {
		if (str_equal_nocase(str_trim(code), str_from(rule->code)))
			return rule;
	}
	return NULL;
}

const char *diagnose_code_at(size_t index)
{
	const struct rule *rule;
	for (size_t i = 0; (rule = rule_at(i)) != NULL; i++) {
		const struct rule *other;
		size_t smaller = 0;
		for (size_t j = 0; (other = rule_at(j)) != NULL; j++)
			smaller += strcmp(other->code, rule->code) < 0;
		if (smaller == index)
			return rule->code;
	}
	return NULL;
}
