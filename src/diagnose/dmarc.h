/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What U801 to U807 share: the DMARC record that was seen for an expected one. Private to
 * diagnose.
 */
#ifndef DIAGNOSE_DMARC_H
#define DIAGNOSE_DMARC_H

#include "diagnose/rules.h"
#include "policy/policy.h"

struct dmarc_view {
	const struct answer *answer; /* NULL: nobody told */
	struct dns_name domain;      /* without the _dmarc label */
	size_t count;                /* DMARC records there */
	struct dmarc_record record;  /* the first; texts live with the diagnosis */
	struct str text;
	bool has_reporting; /* of several exactly one says where reports go (rua): */
	struct str reporting;
	bool is_meant;    /* none is a DMARC record, and one was meant to be */
	struct str meant; /* that one */
};
/* false: it is not an expected DMARC record. */
bool dmarc_look(const struct diagnosis *d, const struct record_case *r,
		struct dmarc_view *out);
/* Two names have the same registrable domain. */
bool dmarc_same_owner(const struct diagnosis *d, const struct dns_name *a,
		      const struct dns_name *b);

/* A note on a record that works; sentence: what might be better. */
struct fix *dmarc_add_note(struct diagnosis *d, const struct record_case *r,
			   const char *code, const char *title, const char *sentence);

#endif
