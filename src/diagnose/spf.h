/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What U601 to U608 share: the SPF record that was seen for an expected one, walked over
 * the observation. Private to diagnose.
 */
#ifndef DIAGNOSE_SPF_H
#define DIAGNOSE_SPF_H

#include "diagnose/match.h"
#include "diagnose/rules.h"
#include "policy/policy.h"

/* What the observation knows of the DNS; records live as long as the diagnosis. */
struct policy_source diagnosis_source(const struct diagnosis *d);

/* What the records at the name of an expected SPF record say about it. Where it hangs on
 * an include that was not seen: SAID_ALIAS. */
unsigned spf_said(const struct diagnosis *d, struct arena *scratch,
		  const struct expected_record *r, const struct found_records *found);

struct spf_view {
	const struct answer *answer; /* that shows it */
	struct str text;             /* the SPF record, of which there is exactly one */
	struct str domain;           /* whose record it is */
	struct spf_walk walk;        /* for what is expected */
};
/* A server that has it otherwise comes first. false: no such record, or several. */
bool spf_look(const struct diagnosis *d, struct arena *a, const struct record_case *r,
	      struct spf_view *out);

/* A code for one kind of trouble with a record that is there. */
struct spf_rule {
	const struct rule *row; /* its code and title */
	bool (*fits)(const struct spf_walk *walk);
	/* Sentences in the language; the fix may set more of *fix. */
	const char *(*why)(struct diagnosis *d, const struct spf_view *v);
	const char *(*fix)(struct diagnosis *d, const struct record_case *r,
			   const struct spf_view *v, struct fix *fix);
	/* Where the wanted hosts pass, and the record fails for others: a note of this
	 * title; NULL: none. */
	const char *note_title; /* LANG_MARK */
};
void spf_judge(struct diagnosis *d, const struct spf_rule *rule);

/* The error of the walk as a sentence. */
const char *spf_error_text(struct diagnosis *d, const struct spf_view *v);
/* The error lies in a record that this one leads to. */
bool spf_error_is_inside(const struct spf_view *v);
/* What to do then. */
const char *spf_fix_inside(struct diagnosis *d, const struct spf_view *v,
			   const struct fix *fix);
/* The record with the wanted terms in front of all others. */
struct str spf_value_with_wanted(struct diagnosis *d, const struct record_case *r,
				 const struct spf_view *v);
/* Of several SPF records at the name, one with what is wanted and the terms of all; empty
 * where that cannot be put together (redirect). */
struct str spf_value_merged(struct diagnosis *d, const struct record_case *r);
/* The record with another term in place of the wrong one. */
struct str spf_value_with_meant(struct diagnosis *d, const struct spf_view *v,
				struct str meant);
/* Foreign text made safe to show. */
const char *spf_shown(struct diagnosis *d, struct str foreign);

#endif
