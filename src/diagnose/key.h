/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What U501 to U511 share: the DKIM key that was seen for a record, in its place or
 * behind its alias, and which of these codes it is. Private to diagnose.
 */
#ifndef DIAGNOSE_KEY_H
#define DIAGNOSE_KEY_H

#include "diagnose/rules.h"
#include "policy/policy.h"

enum key_trouble {
	KEY_FINE,    /* or there is nothing that could be judged */
	KEY_CUT,     /* U501 */
	KEY_SPLIT,   /* U502 */
	KEY_QUOTED,  /* U503 */
	KEY_SPACED,  /* U504 */
	KEY_REVOKED, /* U505 */
	KEY_WEAK,    /* U506 */
	KEY_OTHER,   /* U508 */
	KEY_SEVERAL, /* U509 */
	KEY_DAMAGED, /* U510 */
	KEY_MISUSED, /* U511 */
};

struct key_view {
	enum key_trouble trouble;
	const struct answer *answer; /* NULL: no text was seen */
	bool is_behind;              /* an alias leads to it: the platform's, not ours */
	struct dns_name at;          /* where it stands */
	size_t keys;                 /* DKIM keys there */
	size_t missing;              /* KEY_CUT: characters; 0: not known */
	size_t position; /* from 1, where it begins to be wrong; 0: not known */
	size_t count;    /* records there */
	bool is_case;    /* KEY_DAMAGED: only capitals and small letters differ */
	struct str why;  /* what the parser says; may be empty */
	unsigned bits;   /* RSA */
	bool is_weak;    /* works, and should be longer */
	bool is_testing;
	bool has_breaks;
};

/* A code of this family. */
struct key_rule {
	enum key_trouble trouble;
	const struct rule *row; /* its code and title */
	/* A sentence more, or NULL. */
	const char *(*why)(struct diagnosis *d, const struct key_view *v);
	/* What to do in one's own zone; NULL: set the value to the expected one. */
	const char *(*remedy)(struct diagnosis *d, const struct record_case *r,
			      const struct key_view *v);
	const char *action; /* of the remedy: "remove" */
};
/* Finds the trouble in all records that no other finding explains. Behind aliases it is
 * an error only if no key that could be seen is usable. */
void key_judge(struct diagnosis *d, const struct key_rule *rule);

/* key_rule.remedy: one record, and the others away. */
const char *key_tell_one_left(struct diagnosis *d, const struct record_case *r,
			      const struct key_view *v);
/* key_rule.why: where the text begins to be wrong; NULL: not known. */
const char *key_tell_position(struct diagnosis *d, const struct key_view *v);

/* A note on keys that work. */
struct key_note {
	const char *code;
	const char *title; /* LANG_MARK */
	bool (*fits)(const struct key_view *v);
	/* What to do about the record of that name. */
	const char *(*remedy)(struct diagnosis *d, const char *name);
};
void key_add_note(struct diagnosis *d, const struct key_note *note);

#endif
