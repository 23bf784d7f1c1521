/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * check_host() (RFC 7208 section 4):
 *
 *   4.3  the domain, or none
 *   4.4  its TXT records, or temperror
 *   4.5  the one that is SPF: none, or permerror when there are several
 *   4.6  its terms from left to right; a syntax error anywhere is permerror
 *   4.7  no match: redirect, or neutral
 *
 * include and redirect are the same again for another domain. An answer that is not
 * there yet ends it; what the terms behind would ask is wanted too then.
 */
#include "policy/spf_check.h"
#include "policy/wanted.h"

static enum spf_match check_host(struct spf_check *c, struct str domain);

const char *spf_result_name(enum spf_result r)
{
	static const char *const names[] = {
		[SPF_NONE] = "none",           [SPF_NEUTRAL] = "neutral",
		[SPF_PASS] = "pass",           [SPF_FAIL] = "fail",
		[SPF_SOFTFAIL] = "softfail",   [SPF_TEMPERROR] = "temperror",
		[SPF_PERMERROR] = "permerror",
	};

	return names[r];
}

/* Sections 4.4 and 4.5: the text of the one SPF record. STOP: there is none. */
static enum spf_match find_record(struct spf_check *c, struct str domain, struct str *out)
{
	struct dns_section found;
	struct dns_name name;
	size_t count = 0;

	c->out->domain = domain;
	c->out->term = STR_EMPTY;
	/* Section 4.3. */
	if (!macro_name(domain, &name) || dns_name_labels(&name) < 2)
		return check_stop(c, SPF_NONE, SPF_CAUSE_NO_DOMAIN);
	switch (check_find(c, &name, DNS_TYPE_TXT, &found)) {
	case POLICY_UNKNOWN:
		return SPF_MATCH_STOP;
	case POLICY_FAILED:
		c->out->target = domain;
		return check_stop(c, SPF_TEMPERROR, SPF_CAUSE_DNS);
	case POLICY_VOID:
	case POLICY_FOUND:
		break;
	}
	for (size_t i = 0; i < found.count; i++) {
		struct str text;

		if (!dns_record_txt(c->a, &found.records[i], &text) ||
		    !spf_is_record(text))
			continue;
		*out = text;
		count++;
	}
	if (count == 0)
		return check_stop(c, SPF_NONE, SPF_CAUSE_NO_RECORD);
	if (count > 1)
		return check_stop(c, SPF_PERMERROR, SPF_CAUSE_TWO_RECORDS);
	return SPF_MATCH_YES;
}

/* The target of include or redirect has no policy: that is an error of the record that
 * names it (sections 5.2 and 6.1). */
static enum spf_match refuse_none(struct spf_check *c, const struct spf_term *t,
				  struct str domain, struct str target)
{
	c->out->domain = domain;
	c->out->term = t->text;
	c->out->target = target;
	return check_stop(c, SPF_PERMERROR, SPF_CAUSE_TARGET_NONE);
}

/* Section 5.2. */
static enum spf_match match_include(struct spf_check *c, const struct spf_term *t,
				    struct str domain)
{
	struct str target;

	if (check_count(c) == SPF_MATCH_STOP ||
	    check_target(c, t, domain, &target) == SPF_MATCH_STOP)
		return SPF_MATCH_STOP;
	c->includes++;
	(void)check_host(c, target);
	c->includes--;
	if (check_is_unfinished(c))
		return SPF_MATCH_STOP;
	switch (c->out->result) {
	case SPF_PASS:
		return SPF_MATCH_YES;
	case SPF_FAIL:
	case SPF_SOFTFAIL:
	case SPF_NEUTRAL:
		return SPF_MATCH_NO;
	case SPF_NONE:
		return refuse_none(c, t, domain, target);
	case SPF_TEMPERROR:
	case SPF_PERMERROR:
		break;
	}
	return SPF_MATCH_STOP;
}

static enum spf_match match_term(struct spf_check *c, const struct spf_term *t,
				 struct str domain)
{
	c->out->domain = domain;
	c->out->term = t->text;
	c->out->target = STR_EMPTY;
	return t->kind == SPF_INCLUDE ? match_include(c, t, domain)
				      : check_mechanism(c, t, domain);
}

/* What this record would have asked next, so that all is asked at once. */
static void want_ahead(struct spf_check *c, const struct spf_record *r, size_t from,
		       struct str domain)
{
	bool has_all = spf_term_find(r, SPF_ALL) != NULL;
	unsigned left = SPF_LOOKUPS_MAX - c->out->lookups;
	struct dns_section ignored;

	for (size_t i = from; i < r->count && left > 0; i++) {
		const struct spf_term *t = &r->terms[i];
		struct question q;

		if (t->kind == SPF_ALL)
			return;
		if (t->kind == SPF_IP4 || t->kind == SPF_IP6 ||
		    (has_all && t->kind == SPF_REDIRECT))
			continue;
		left--;
		if (check_first_question(c, t, domain, &q))
			(void)check_find(c, &q.name, q.type, &ignored);
	}
}

/* Section 6.1. */
static enum spf_match follow_redirect(struct spf_check *c, const struct spf_term *t,
				      struct str domain)
{
	struct str target;

	c->out->term = t->text;
	if (check_count(c) == SPF_MATCH_STOP ||
	    check_target(c, t, domain, &target) == SPF_MATCH_STOP)
		return SPF_MATCH_STOP;
	(void)check_host(c, target);
	if (c->out->result == SPF_NONE && !check_is_unfinished(c))
		return refuse_none(c, t, domain, target);
	return SPF_MATCH_STOP;
}

/* A term matched. */
static enum spf_match decide(struct spf_check *c, const struct spf_record *r,
			     const struct spf_term *t, struct str domain)
{
	if (t->kind != SPF_INCLUDE) {
		c->out->inner_domain = domain;
		c->out->inner_term = t->text;
	}
	c->out->domain = domain;
	c->out->term = t->text;
	/* Section 6.2: not the exp= of a record that was included. */
	if (c->includes == 0) {
		c->exp = spf_term_find(r, SPF_EXP);
		c->exp_domain = domain;
	}
	return check_stop(c, t->qualifier, SPF_CAUSE_MATCH);
}

/* Sections 4.6 and 4.7. */
static enum spf_match check_record(struct spf_check *c, struct str text,
				   struct str domain)
{
	struct spf_record r;

	if (!spf_record_parse(c->a, text, &r, &c->out->fault, &c->out->term))
		return check_stop(c, SPF_PERMERROR, SPF_CAUSE_SYNTAX);
	for (size_t i = 0; i < r.count; i++) {
		const struct spf_term *t = &r.terms[i];

		if (t->kind >= SPF_REDIRECT)
			continue;
		switch (match_term(c, t, domain)) {
		case SPF_MATCH_NO:
			break;
		case SPF_MATCH_YES:
			return decide(c, &r, t, domain);
		case SPF_MATCH_STOP:
			if (check_is_unfinished(c))
				want_ahead(c, &r, i + 1, domain);
			return SPF_MATCH_STOP;
		}
	}
	const struct spf_term *redirect = spf_term_find(&r, SPF_REDIRECT);
	if (redirect)
		return follow_redirect(c, redirect, domain);
	c->out->domain = domain;
	c->out->term = STR_EMPTY;
	return check_stop(c, SPF_NEUTRAL, SPF_CAUSE_NO_MATCH);
}

static enum spf_match check_host(struct spf_check *c, struct str domain)
{
	struct str text;

	if (domain.len > 1 && str_ends(domain, STR(".")))
		domain.len--;
	if (find_record(c, domain, &text) == SPF_MATCH_STOP)
		return SPF_MATCH_STOP;
	return check_record(c, text, domain);
}

/* Section 6.2: whatever goes wrong here, there is no explanation then. */
static void explain(struct spf_check *c)
{
	struct dns_section found;
	struct dns_name name;
	struct str target;
	struct str text;

	if (!c->exp ||
	    check_target(c, c->exp, c->exp_domain, &target) == SPF_MATCH_STOP ||
	    !macro_name(target, &name) ||
	    check_find(c, &name, DNS_TYPE_TXT, &found) != POLICY_FOUND ||
	    found.count != 1 || !dns_record_txt(c->a, &found.records[0], &text) ||
	    !macro_is_valid(text, MACRO_EXPLAIN))
		return;
	if (check_expand(c, text, c->exp_domain, &text) == SPF_MATCH_YES)
		c->out->explanation = text;
}

/* Section 5: an IPv4 address mapped into IPv6 is IPv4. */
static struct address plain_address(const struct address *ip)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	struct address plain = *ip;

	plain.port = 53; /* not written */
	if (ip->family == 6 && memcmp(ip->bytes, mapped, sizeof(mapped)) == 0) {
		plain.family = 4;
		memcpy(plain.bytes, ip->bytes + sizeof(mapped), 4);
	}
	return plain;
}

/* Section 4.3, and 2.4 for an empty sender: "postmaster" where there is no local part. */
static struct str take_sender(struct spf_check *c)
{
	const struct spf_query *q = c->query;
	struct str sender = q->mail_from.len > 0 ? q->mail_from : q->helo;
	size_t at = sender.len;

	while (q->mail_from.len > 0 && at > 0 && sender.data[at - 1] != '@')
		at--;
	if (q->mail_from.len == 0)
		at = 0;
	c->local = at > 1 ? str_sub(sender, 0, at - 1) : STR("postmaster");
	c->sender_domain = str_sub(sender, at, sender.len);
	return c->sender_domain;
}

static bool is_ascii(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.data[i] <= ' ' || s.data[i] > '~')
			return false;
	}
	return true;
}

void spf_evaluate(struct arena *a, const struct policy_source *source,
		  const struct spf_query *query, struct spf_outcome *out)
{
	struct spf_check c = { .a = a, .source = source, .query = query, .out = out };

	*out = (struct spf_outcome){ .domain = STR_EMPTY,
				     .term = STR_EMPTY,
				     .inner_domain = STR_EMPTY,
				     .inner_term = STR_EMPTY,
				     .target = STR_EMPTY,
				     .explanation = STR_EMPTY };
	c.ip = plain_address(&query->ip);
	struct str domain = take_sender(&c);
	/* An address in brackets is no domain. */
	if (str_starts(domain, STR("[")) || !is_ascii(domain)) {
		out->domain = domain;
		check_stop(&c, SPF_NONE, SPF_CAUSE_NO_DOMAIN);
		return;
	}
	(void)check_host(&c, domain);
	if (query->explain && out->result == SPF_FAIL && !check_is_unfinished(&c))
		explain(&c);
}
