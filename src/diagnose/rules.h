/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The table of rules. A row is a code: how it is judged, what to ask more for it, and its
 * explanation. Rows stand in the order of judging: the deepest cause first; what a
 * finding covers is passed over by the rows below. Private to diagnose.
 */
#ifndef DIAGNOSE_RULES_H
#define DIAGNOSE_RULES_H

#include "diagnose/case.h"

enum {
	MORE_MAX = 8
}; /* questions of the second phase for one record */

struct rule {
	const char *code;
	const char *title;  /* what is wrong, one line, lower case */
	const char *remedy; /* "error, fix in the DNS panel" */
	void (*judge)(struct diagnosis *d);
	/* A question that would prove it for a record that is not there; false: none.
	 * NULL: none. */
	bool (*more)(const struct diagnosis *d, const struct record_case *r,
		     struct question *out);
	/* The six headings of the explanation; blank lines part paragraphs, and lines
	 * that begin with two blanks are kept as they are. */
	const char *meaning;
	const char *why;
	const char *how;
	const char *fix;
	const char *check;
	const char *see_also;
};

/* The nth row in the order of judging; NULL behind the last. */
const struct rule *rule_at(size_t index);
const struct rule *rule_find(struct str code);

/* The families: each a table of its own. */
const struct rule *delegation_rules(size_t *count_out);
const struct rule *servers_rules(size_t *count_out);
const struct rule *name_rules(size_t *count_out);
const struct rule *target_rules(size_t *count_out);
const struct rule *value_rules(size_t *count_out);
const struct rule *cache_rules(size_t *count_out);
const struct rule *transport_rules(size_t *count_out);

#endif
