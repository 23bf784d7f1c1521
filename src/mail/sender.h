/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The masked sender that somebody asks for: what he typed, made an address or a domain
 * that can be verified, or the reason why it cannot. Part of mail's door. */
#ifndef MAIL_SENDER_H
#define MAIL_SENDER_H

#include "base/base.h"

/* Domains with all that is below them; A-labels in lower case. */
struct mail_sender_rules {
	const struct str *allow; /* taken although special-use, free mail or a
				    suffix of the list's PRIVATE section */
	size_t allow_count;
	const struct str *deny; /* never taken */
	size_t deny_count;
};

struct mail_sender {
	struct str domain;         /* what is verified; A-labels */
	struct str address;        /* empty: the domain itself was typed */
	struct str organisational; /* of domain: itself, or what it is below */
};
/* Forgives what hands, input methods and clipboards do: blanks and invisible characters
 * around it, full-width forms, quotation marks around all, "mailto:", a display name with
 * <...>, a final dot. Refuses the rest with ERR_USAGE and one of these codes:
 *   bad_sender          no address and no domain can be read
 *   special_use_domain  RFC 6761, 6762, 7686, 8375, 9476
 *   public_suffix       many register below it: nobody owns it
 *   private_suffix      its owner lets others have names below it
 *   free_mail_domain    its operator gives addresses to the public
 *   denied_domain       rules->deny */
bool mail_sender_parse(struct arena *a, struct str typed,
		       const struct mail_sender_rules *rules, struct mail_sender *out,
		       struct err *e) must_check;

/* Who gives addresses of this domain to the public ("Gmail"), or NULL. */
const char *mail_domain_freemail(struct str domain);
/* The day of the table that knows it: "2026-11-22". */
const char *mail_freemail_version(void);
/* A sentence where a person could take the domain for another one (UTS 39): letters of
 * several scripts in one label, or another script's letters that look Latin. Else empty.
 */
struct str mail_domain_caution(struct arena *a, struct str domain, enum lang lang);

#endif
