/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * send: the gate, and what happens behind it: mask, hold, release, sign, relay. A message
 * is accepted when it is committed to the store; header From and envelope sender must
 * both be covered by an identity of the tenant.
 */
#ifndef SEND_SEND_H
#define SEND_SEND_H

#include <stdatomic.h>

#include "config/config.h"
#include "crypto/crypto.h"
#include "mail/mail.h"
#include "store/store.h"

struct send_request {
	int64_t tenant_id;
	struct str from; /* mailbox; empty with raw: taken from its From header */
	const struct str
		*recipients; /* envelope: To, Cc and Bcc addresses as mailboxes */
	size_t recipient_count;
	const struct mail_draft *draft; /* Simple; or NULL */
	struct str raw; /* Raw: message bytes (bare LF is made CRLF); or empty */
	int64_t now_ms;
};
struct send_result {
	struct str message_id; /* SES's form (ses.md 5.4) */
	struct str refused;    /* the identity as SES lists it */
	bool held;             /* accepted, but waits for the identity to be verified */
};
/* Why a message is refused, for the API's mapping (ses.md section 5). */
enum send_refusal {
	SEND_ACCEPTED,
	SEND_NOT_VERIFIED, /* result->refused is the identity as SES lists it */
	/* The identity refuses mail while its MAIL FROM domain is not verified; that is
	 * result->refused. */
	SEND_MAIL_FROM_NOT_VERIFIED,
	SEND_BAD_REQUEST, /* e says what */
	SEND_TOO_MANY_HELD,
	SEND_FAILED, /* store: e */
};
/* Accepted: committed. With send.until_verified = hold a message for an identity that
 * exists but is not verified yet is HELD. */
enum send_refusal send_submit(struct store *s, struct arena *a,
			      const struct config *config,
			      const struct send_request *request, struct send_result *out,
			      struct err *e);

/* Whether a message that waited may still go: meanwhile another tenant may have proved a
 * domain that it claims to come from. */
bool send_may_go(struct store *s, struct arena *a, const struct config *config,
		 const struct message_row *m, bool *may_out, struct err *e) must_check;

/* Blocking work for a worker thread: hands one queued message (store_message_next) to
 * relay.url, signed by `signer` (found by the caller: keys and send do not know each
 * other), and notes the result (retries 1, 2, 4 ... 60 min, 5 days). */
struct send_relay_options {
	const struct config *config;
	const struct mail_dkim_signer *signer; /* NULL: whoever takes it signs */
	int64_t now_s;
	const atomic_bool *stop; /* may be NULL; see struct smtp_job */
};
bool send_relay(struct store *s, struct message_row *message,
		const struct send_relay_options *options, struct err *e) must_check;

#endif
