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
	&rule_u107,
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
	/* somebody answers in its place */
	&rule_u205,
	&rule_u402,
	&rule_u401,
	&rule_u403,
	/* the name of the record */
	&rule_u201,
	&rule_u202,
	&rule_u203,
	&rule_u204,
	&rule_u206,
	&rule_u207,
	/* its kind, or its absence */
	&rule_u952,
	&rule_u306,
	&rule_u305,
	&rule_u304,
	&rule_u803,
	&rule_u701,
	&rule_u801,
	&rule_u601,
	&rule_u301,
	/* its value */
	&rule_u502,
	&rule_u509,
	&rule_u503,
	&rule_u504,
	&rule_u505,
	&rule_u501,
	&rule_u511,
	&rule_u510,
	&rule_u508,
	&rule_u506,
	&rule_u507,
	&rule_u602,
	&rule_u606,
	&rule_u608,
	&rule_u605,
	&rule_u604,
	&rule_u603,
	&rule_u607,
	&rule_u705,
	&rule_u704,
	&rule_u703,
	&rule_u303,
	&rule_u309,
	&rule_u307,
	&rule_u702,
	&rule_u802,
	&rule_u804,
	&rule_u302,
	&rule_u308,
	/* what caches remember; who does not answer */
	&rule_u805,
	&rule_u806,
	&rule_u807,
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
