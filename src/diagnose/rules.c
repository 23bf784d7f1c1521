/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of rules, in the order of judging. */
#include "diagnose/rules.h"

/* Does the domain exist, may it be believed, does anybody answer, do all say the same;
 * then the single record: its name, its kind, its value; last, what is worth a note. */
static const struct rule *const rules[] = {
	/* the domain and its servers */
	&rule_u953,
	&rule_u951,
	&rule_u954,
	&rule_u108,
	&rule_u102,
	&rule_u101,
	&rule_u106,
	&rule_u904,
	&rule_u905,
	&rule_u908,
	&rule_u103,
	&rule_u105,
	&rule_u109,
	&rule_u104,
	&rule_u907,
	/* the name of the record */
	&rule_u201,
	/* its kind, or its absence */
	&rule_u952,
	&rule_u304,
	&rule_u301,
	/* its value */
	&rule_u602,
	&rule_u703,
	&rule_u302,
	/* what caches remember; who does not answer */
	&rule_u901,
	&rule_u902,
	&rule_u903,
	&rule_u909,
	&rule_u906,
};

const struct rule *rule_at(size_t index)
{
	return index < ARRAY_LEN(rules) ? rules[index] : NULL;
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
