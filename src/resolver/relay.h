/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What libunbound believes to be its forwarder: a socket on the loopback interface,
 * behind which its questions are answered by what the checks have been told
 * themselves, or asked as all others are: on our walk, inside a check's budget,
 * through the guard.
 *
 * A proof is what is asked and known for the sake of one check's validations; it
 * belongs to the check's budget and ends with it.
 */
#ifndef RESOLVER_RELAY_H
#define RESOLVER_RELAY_H

#include "resolver/state.h"

enum {
	RELAY_TTL_MAX_S = 60, /* keys and DS are asked for again so often at least */
};

struct relay;
struct proof;

/* NULL: there is no socket to be had. */
struct relay *relay_new(struct resolver *r);
/* All proofs must have ended; the loop must run once more. */
void relay_free(struct relay **relay);
struct address relay_address(const struct relay *relay);

/* The check's, made at the first call. */
struct proof *proof_get(struct relay *relay, struct budget *b, struct arena *a);
void proof_free(struct proof **p);
/* This is going to be validated. */
void proof_add_name(struct proof *p, const struct dns_name *name);
/* An answer that the check has been given; *proven as in resolver_validate_show. */
void proof_add_evidence(struct proof *p, const struct question *q,
			const struct resolver_reply *reply, bool *proven);
/* The answer is secure: so is the evidence that says the same. False: nobody has given
 * the check this answer, but others to this question. What libunbound was told a minute
 * ago, by a check before, is not about what this one saw. */
bool proof_settle(struct proof *p, const struct question *q, struct str packet);
/* Asks, if the answer is not known, so that it is there when libunbound wants it. */
void proof_fetch(struct proof *p, const struct question *q);
/* Something that libunbound needed for its verdict could not be asked, or nobody
 * answered; or it never came for what the check was told, having no socket left. */
bool proof_lacks(const struct proof *p, const struct question *q);

#endif
