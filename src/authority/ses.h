/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The SES v2 endpoint of authority.endpoint: its calls, and its words read. */
#ifndef AUTHORITY_SES_H
#define AUTHORITY_SES_H

#include "authority/authority.h"

/* What SES says of an identity (GetEmailIdentity, CreateEmailIdentity). */
struct ses_identity {
	struct str tokens[EXPECT_DKIM_TOKENS];
	struct str zone;
	enum status status; /* DkimAttributes.Status */
	struct str status_text;
	int64_t checked_at;   /* VerificationInfo.LastCheckedTimestamp, 0 unknown */
	int64_t succeeded_at; /* LastSuccessTimestamp, 0 never */
};
/* Foreign bytes; everything into the arena. `region` gives the zone where SES names none.
 * ERR_UNAVAILABLE with what is missing. */
bool ses_identity_parse(struct arena *a, struct str json, struct str region,
			struct ses_identity *out, struct err *e) must_check;

/* Blocking. ERR_EXISTS, ERR_NOT_FOUND, ERR_DENIED, ERR_USAGE, ERR_UNAVAILABLE with SES's
 * words. */
bool ses_create(struct arena *a, const struct config *config, struct str domain,
		struct ses_identity *out, struct err *e) must_check;
bool ses_get(struct arena *a, const struct config *config, struct str domain,
	     struct ses_identity *out, struct err *e) must_check;
bool ses_resubmit(struct arena *a, const struct config *config, struct str domain,
		  struct err *e) must_check;
bool ses_delete(struct arena *a, const struct config *config, struct str domain,
		struct err *e) must_check;

#endif
