/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether what is published means what is expected. Never a substring, never the
 * spelling. */
#ifndef DIAGNOSE_MATCH_H
#define DIAGNOSE_MATCH_H

#include "identity/identity.h"

/* One answer's records of the expected type, already at the right name. */
struct found_records {
	const struct dns_record **records;
	size_t count;
};

/* count is at least 1. With nothing expected (value empty) it asks only whether the
 * records are well-formed. Scratch is used freely. SPF in TXT
 * is not for here: spf_said (spf.h). */
bool match_records(struct arena *scratch, const struct expected_record *r,
		   const struct found_records *found);
/* TXT only: of the records there, how many speak for the purpose (SPF: v=spf1, DMARC:
 * v=DMARC1). */
size_t match_count(struct arena *scratch, const struct expected_record *r,
		   const struct found_records *found);
/* This one record speaks for the purpose. */
bool match_concerns(struct arena *scratch, const struct expected_record *r,
		    const struct dns_record *record);

#endif
