/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Macro-strings of SPF (RFC 7208 section 7). Private to policy. */
#ifndef POLICY_SPF_MACRO_H
#define POLICY_SPF_MACRO_H

#include "policy/spf.h"

enum macro_place {
	MACRO_DOMAIN, /* a domain-spec: c, r and t are not allowed (section 7.2) */
	MACRO_TEXT,   /* an unknown modifier's value */
	MACRO_EXPLAIN /* what exp= names: blanks too (section 6.2) */
};
/* The macro-string is well-formed. */
bool macro_is_valid(struct str spec, enum macro_place place);
/* The rule domain-spec of section 7.1, without the CIDR lengths. */
bool macro_is_domain(struct str spec, enum spf_fault *fault_out);
/* Expanding it needs the client's name in the DNS. */
bool macro_needs_name(struct str spec);
/* ... or more of the message than the domain whose record it is. */
bool macro_needs_client(struct str spec);

/* What the letters stand for. */
struct macro_values {
	const struct address *ip;
	struct str local;
	struct str sender_domain;
	struct str domain;
	struct str helo;
	struct str receiver;
	struct str validated; /* %{p} */
	int64_t now_s;
};
/* In the arena; spec must be valid. Empty if it becomes longer than any use. */
struct str macro_expand(struct arena *a, struct str spec, const struct macro_values *v);
/* The expansion as a name to look up: labels from the front removed until it fits 253
 * octets (section 7.3). false: empty labels, or one of more than 63 octets. */
bool macro_name(struct str expanded, struct dns_name *out) must_check;
/* 192.0.2.1 -> "1.2.0.192.in-addr.arpa". */
bool macro_reverse_name(struct arena *a, const struct address *ip, struct dns_name *out)
	must_check;

#endif
