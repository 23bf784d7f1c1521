/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a name's aliases lead, over all answers that were seen. Private to diagnose. */
#ifndef DIAGNOSE_CHAIN_H
#define DIAGNOSE_CHAIN_H

#include "diagnose/case.h"

enum chain_end {
	CHAIN_OPEN,    /* nobody who serves the last name was heard */
	CHAIN_FOUND,   /* records of the type are there */
	CHAIN_NO_TYPE, /* the name is there, the type is not */
	CHAIN_NO_NAME,
	CHAIN_LOOP,
	CHAIN_LONG, /* more links than resolvers follow */
};

enum {
	CHAIN_LINKS_MAX = 8 /* as resolvers have it at least */
};

struct chain {
	enum chain_end end;
	struct dns_name names[CHAIN_LINKS_MAX + 2]; /* from the first to the last */
	size_t links;
	const struct answer
		*answer; /* the one that tells the end; NULL where none does */
};

void chain_follow(const struct diagnosis *d, const struct dns_name *from, uint16_t type,
		  struct chain *out);
/* From an answer's own aliases on. CHAIN_OPEN also where the servers of a zone that they
 * lead through differ: which of them a receiver asks is chance. */
void chain_follow_answer(const struct diagnosis *d, const struct answer *answer,
			 struct chain *out);
/* The last name that the answer's own aliases lead to. */
struct dns_name chain_last_name(const struct answer *answer);
/* "a -> b -> c", made safe to show. */
struct str chain_text(struct diagnosis *d, const struct chain *c);
/* Its next answer behind `before` (NULL: the first) that tells the chain's end. */
const struct answer *chain_answer(const struct diagnosis *d, const struct chain *c,
				  uint16_t type, const struct answer *before);

#endif
