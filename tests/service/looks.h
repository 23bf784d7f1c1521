/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Looks at identities of the bench, without a network. */
#ifndef TESTS_SERVICE_LOOKS_H
#define TESTS_SERVICE_LOOKS_H

#include "../diagnose/seen.h"
#include "bench.h"
#include "service/inside.h"

/* A service without its loop. */
struct service *service_make(struct bench *b);
/* A new identity, as of now. */
struct identity_row pending(struct bench *b, const char *domain);
/* What two servers say of the identity's three records: SAID as in seen.h, the identity's
 * own targets where it is "right". */
struct observation observe(struct bench *b, const struct identity_row *row,
			   const char *said);
struct shown {
	const char *said;
	struct authority_result result; /* beside the observation */
};
/* Judges one and writes it, as the service does with many. */
bool look_write(struct bench *b, struct service *v, const struct looked *looked,
		struct err *e) must_check;
/* Written at once. */
void look(struct bench *b, struct service *v, const struct identity_row *row,
	  struct shown shown);
enum status dkim_of(struct bench *b, int64_t id);
struct store_counts counts(struct bench *b);
/* A message of the identity's that waits. */
void hold(struct bench *b, int64_t identity_id, const char *id);

#endif
