/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One evaluation of SPF while it is made. Private to policy. */
#ifndef POLICY_SPF_CHECK_H
#define POLICY_SPF_CHECK_H

#include "policy/spf_macro.h"

struct spf_check {
	struct arena *a;
	const struct policy_source *source;
	const struct spf_query *query;
	struct spf_outcome *out;
	struct address ip; /* IPv4 also where it came mapped into IPv6 */
	struct str local;
	struct str sender_domain;
	unsigned includes;          /* how deep inside them */
	const struct spf_term *exp; /* of the record that decided; may be NULL */
	struct str exp_domain;      /* whose record that is */
};

enum spf_match {
	SPF_MATCH_NO,
	SPF_MATCH_YES,
	SPF_MATCH_STOP, /* the result is in out->result, or something is wanted */
};
bool check_is_unfinished(const struct spf_check *c);
/* Ends the evaluation. */
enum spf_match check_stop(struct spf_check *c, enum spf_result result,
			  enum spf_cause cause);
/* POLICY_UNKNOWN is wanted then. */
enum policy_reply check_find(struct spf_check *c, const struct dns_name *name,
			     uint16_t type, struct dns_section *out);

/* a, mx, ptr, ip4, ip6, exists (section 5) of the record of `domain`. */
enum spf_match check_mechanism(struct spf_check *c, const struct spf_term *t,
			       struct str domain);
/* What the first question of the term will be; false: it has none that can be known
 * beforehand. */
bool check_first_question(struct spf_check *c, const struct spf_term *t,
			  struct str domain, struct question *out) must_check;
/* The term's domain-spec, or the record's domain, in text. STOP while %{p} is wanted. */
enum spf_match check_target(struct spf_check *c, const struct spf_term *t,
			    struct str domain, struct str *out);
enum spf_match check_expand(struct spf_check *c, struct str spec, struct str domain,
			    struct str *out);
/* The first bits are the same. */
bool check_has_prefix(const uint8_t *a, const uint8_t *b, unsigned bits);
/* One more term that asks the DNS (section 4.6.4). */
enum spf_match check_count(struct spf_check *c);

#endif
