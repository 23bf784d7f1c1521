/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The form that SES gives. Private to identity. */
#ifndef IDENTITY_RECORD_H
#define IDENTITY_RECORD_H

#include "identity/expect.h"

/* Adds what the AWS CLI prints for `sesv2 get-email-identity` (ses.md section 4) to x,
 * whose domain is set. ERR_USAGE. */
bool expect_from_ses(struct arena *a, const struct json_t *json, struct str region,
		     struct expectation *x, struct err *e) must_check;

#endif
