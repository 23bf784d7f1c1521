/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is to be sent, out of what was asked: the bytes of the message as it will be
 * signed, who it says it is from, and to whom it goes. Pure.
 */
#ifndef SEND_COMPOSE_H
#define SEND_COMPOSE_H

#include "send/send.h"

enum {
	SEND_RECIPIENTS_MAX = 50,
	SEND_CLAIMS_MAX = 8,
};

/* An address that the message claims to come from: From, Sender, Resent-From and -Sender,
 * Return-Path, the envelope. */
struct claim {
	struct str address;
	struct str domain;
};

struct composed {
	struct str content;                   /* CRLF, no Bcc, with Message-ID and Date */
	struct claim claims[SEND_CLAIMS_MAX]; /* the first is the header From */
	size_t claim_count;
	struct str sender;      /* envelope */
	struct str *recipients; /* addr-specs */
	size_t recipient_count;
};

/* ERR_USAGE in words for whoever made the message, ERR_LIMIT when it is too large. */
bool compose(struct arena *a, const struct send_request *request, struct str message_id,
	     struct composed *out, struct err *e) must_check;

/* Who a composed message claims to come from: claims and sender of *out. */
bool compose_claims(struct arena *a, struct str content, struct str sender,
		    struct composed *out, struct err *e) must_check;

/* Appends the mailboxes of a list ("A <a@b>, \"B, C\" <c@d>") as addr-specs; at most
 * SEND_RECIPIENTS_MAX in all. */
bool recipients_add(struct arena *a, struct composed *c, struct str list, struct err *e)
	must_check;

/* Message-ID, in SES's form (60 characters): region, time, random. Appends. */
void message_id_write(struct buf *out, struct str region, int64_t now_ms);

#endif
