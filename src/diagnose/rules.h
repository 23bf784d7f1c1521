/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The rules: a code each, each in a file of its own (codes/). A rule says how the code is
 * judged, what to ask more for it, and how it is explained. They are applied in the order
 * of the table in rules.c, the deepest cause first: what a finding covers
 * (record_case.explained) is passed over by the rules behind. Private to diagnose.
 *
 * Texts of a rule are in LANG_MARK; what judge writes is in the diagnosis' language:
 * lang_text(d->lang, "a whole sentence with %s").
 */
#ifndef DIAGNOSE_RULES_H
#define DIAGNOSE_RULES_H

#include "diagnose/case.h"

enum {
	MORE_MAX = 8
}; /* questions that a rule may have for one record, and a record in one round */

struct rule {
	const char *code;
	const char *title;  /* what is wrong, one line, lower case */
	const char *remedy; /* "error, fix in the DNS panel" */
	void (*judge)(struct diagnosis *d);
	/* Called once all rules have judged: for what is left over. */
	void (*judge_rest)(struct diagnosis *d);
	/* Questions that would prove it, for one record (right or not: the rule decides,
	 * see record_is_absent and report->state). Those that were asked already are left
	 * out for it. Asked again after each round, until no rule wants more. */
	size_t (*more)(const struct diagnosis *d, const struct record_case *r,
		       struct question out[MORE_MAX]);
	/* The same once for the whole domain. */
	size_t (*more_domain)(const struct diagnosis *d, struct question out[MORE_MAX]);
	/* The headings of the explanation; blank lines part paragraphs, and lines that
	 * begin with two blanks are kept as they are. */
	const char *meaning;
	const char *why;
	const char *how;
	const char *fix;
	const char *check;    /* commands */
	const char *see_also; /* codes: "U301 U302" */
};

/* The nth row in the order of judging; NULL behind the last. */
const struct rule *rule_at(size_t index);
const struct rule *rule_find(struct str code);

extern const struct rule rule_u101;
extern const struct rule rule_u102;
extern const struct rule rule_u103;
extern const struct rule rule_u104;
extern const struct rule rule_u105;
extern const struct rule rule_u106;
extern const struct rule rule_u107;
extern const struct rule rule_u108;
extern const struct rule rule_u109;
extern const struct rule rule_u201;
extern const struct rule rule_u202;
extern const struct rule rule_u203;
extern const struct rule rule_u204;
extern const struct rule rule_u205;
extern const struct rule rule_u206;
extern const struct rule rule_u207;
extern const struct rule rule_u301;
extern const struct rule rule_u302;
extern const struct rule rule_u303;
extern const struct rule rule_u304;
extern const struct rule rule_u305;
extern const struct rule rule_u306;
extern const struct rule rule_u307;
extern const struct rule rule_u308;
extern const struct rule rule_u309;
extern const struct rule rule_u401;
extern const struct rule rule_u402;
extern const struct rule rule_u403;
extern const struct rule rule_u501;
extern const struct rule rule_u502;
extern const struct rule rule_u503;
extern const struct rule rule_u504;
extern const struct rule rule_u505;
extern const struct rule rule_u506;
extern const struct rule rule_u507;
extern const struct rule rule_u508;
extern const struct rule rule_u509;
extern const struct rule rule_u510;
extern const struct rule rule_u511;
extern const struct rule rule_u601;
extern const struct rule rule_u602;
extern const struct rule rule_u603;
extern const struct rule rule_u604;
extern const struct rule rule_u605;
extern const struct rule rule_u606;
extern const struct rule rule_u607;
extern const struct rule rule_u608;
extern const struct rule rule_u701;
extern const struct rule rule_u702;
extern const struct rule rule_u703;
extern const struct rule rule_u704;
extern const struct rule rule_u705;
extern const struct rule rule_u801;
extern const struct rule rule_u802;
extern const struct rule rule_u803;
extern const struct rule rule_u804;
extern const struct rule rule_u805;
extern const struct rule rule_u806;
extern const struct rule rule_u807;
extern const struct rule rule_u901;
extern const struct rule rule_u902;
extern const struct rule rule_u903;
extern const struct rule rule_u904;
extern const struct rule rule_u905;
extern const struct rule rule_u906;
extern const struct rule rule_u907;
extern const struct rule rule_u908;
extern const struct rule rule_u909;
extern const struct rule rule_u951;
extern const struct rule rule_u952;
extern const struct rule rule_u953;
extern const struct rule rule_u954;

#endif
