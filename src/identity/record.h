/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Making expected records. Private to identity. */
#ifndef IDENTITY_RECORD_H
#define IDENTITY_RECORD_H

#include "identity/expect.h"

struct record_draft {
	enum purpose purpose;
	uint16_t type;
	struct str name;  /* whole, text */
	struct str value; /* presentation form, or plain text for TXT */
	int32_t priority; /* MX: -1 when it stands in the value or is the usual 10 */
	bool optional;
};

/* Checks, gives it an id and appends it. ERR_USAGE. */
bool record_add(struct arena *a, struct expectation *x, const struct record_draft *d,
		struct err *e) must_check;

/* What the AWS CLI prints for `sesv2 get-email-identity` (ses.md section 4). x->domain is
 * set. */
bool expect_from_ses(struct arena *a, const struct json_t *json, struct str region,
		     struct expectation *x, struct err *e) must_check;

#endif
