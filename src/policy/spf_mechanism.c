/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The mechanisms of SPF that compare addresses (RFC 7208 sections 5.3 to 5.7). */
#include "policy/spf_check.h"
#include "policy/wanted.h"

enum {
	HOSTS_MAX = 10 /* of MX and of PTR, RFC 7208 section 4.6.4 */
};

bool check_is_unfinished(const struct spf_check *c)
{
	return c->out->wanted.count > 0;
}

enum spf_match check_stop(struct spf_check *c, enum spf_result result,
			  enum spf_cause cause)
{
	c->out->result = result;
	c->out->cause = cause;
	return SPF_MATCH_STOP;
}

enum policy_reply check_find(struct spf_check *c, const struct dns_name *name,
			     uint16_t type, struct dns_section *out)
{
	*out = (struct dns_section){ .count = 0 };
	enum policy_reply reply = c->source->find(c->source->arg, name, type, out);

	if (reply == POLICY_UNKNOWN)
		wanted_add(&c->out->wanted, name, type);
	return reply;
}

enum spf_match check_count(struct spf_check *c)
{
	if (c->out->lookups == SPF_LOOKUPS_MAX)
		return check_stop(c, SPF_PERMERROR, SPF_CAUSE_LOOKUPS);
	c->out->lookups++;
	return SPF_MATCH_NO;
}

/* Section 4.6.4: the third term that finds nothing is one too many. */
static enum spf_match count_void(struct spf_check *c)
{
	if (++c->out->void_lookups > SPF_VOIDS_MAX)
		return check_stop(c, SPF_PERMERROR, SPF_CAUSE_VOID_LOOKUPS);
	return SPF_MATCH_NO;
}

static enum spf_match failed(struct spf_check *c, const struct dns_name *name)
{
	c->out->target = dns_name_text(c->a, name);
	return check_stop(c, SPF_TEMPERROR, SPF_CAUSE_DNS);
}

bool check_has_prefix(const uint8_t *a, const uint8_t *b, unsigned bits)
{
	unsigned whole = bits / 8;
	unsigned rest = bits % 8;

	if (memcmp(a, b, whole) != 0)
		return false;
	return rest == 0 || ((a[whole] ^ b[whole]) >> (8 - rest)) == 0;
}

static uint16_t address_type(const struct spf_check *c)
{
	return c->ip.family == 6 ? DNS_TYPE_AAAA : DNS_TYPE_A;
}

static bool address_is_among(const struct spf_check *c, const struct dns_section *found,
			     unsigned prefix)
{
	size_t len = c->ip.family == 6 ? 16 : 4;

	for (size_t i = 0; i < found->count; i++) {
		struct str rdata = found->records[i].rdata;

		if (rdata.len == len &&
		    check_has_prefix((const uint8_t *)rdata.data, c->ip.bytes, prefix))
			return true;
	}
	return false;
}

static unsigned prefix_of(const struct spf_check *c, const struct spf_term *t)
{
	return c->ip.family == 6 ? t->prefix6 : t->prefix4;
}

/* Section 5.3. */
static enum spf_match match_a(struct spf_check *c, const struct spf_term *t,
			      const struct dns_name *name)
{
	struct dns_section found;

	switch (check_find(c, name, address_type(c), &found)) {
	case POLICY_UNKNOWN:
		return SPF_MATCH_STOP;
	case POLICY_FAILED:
		return failed(c, name);
	case POLICY_VOID:
		return count_void(c);
	case POLICY_FOUND:
		break;
	}
	return address_is_among(c, &found, prefix_of(c, t)) ? SPF_MATCH_YES
							    : SPF_MATCH_NO;
}

struct mx_host {
	uint16_t preference;
	struct dns_name name;
};

/* By preference; false: more than ten (section 4.6.4). Null MX is no host. */
static bool read_hosts(const struct dns_section *found, struct mx_host *hosts,
		       size_t *count_out)
{
	size_t count = 0;

	for (size_t i = 0; i < found->count; i++) {
		struct mx_host host;
		size_t at = count;

		if (!dns_record_mx(&found->records[i], &host.preference, &host.name) ||
		    host.name.len == 1)
			continue;
		if (count == HOSTS_MAX)
			return false;
		while (at > 0 && hosts[at - 1].preference > host.preference) {
			hosts[at] = hosts[at - 1];
			at--;
		}
		hosts[at] = host;
		count++;
	}
	*count_out = count;
	return true;
}

/* Section 5.4: no fall back to an address of the name itself. */
static enum spf_match match_hosts(struct spf_check *c, const struct spf_term *t,
				  const struct mx_host *hosts, size_t count)
{
	struct dns_section found;

	for (size_t i = 0; i < count; i++)
		(void)check_find(c, &hosts[i].name, address_type(c), &found);
	if (check_is_unfinished(c))
		return SPF_MATCH_STOP;
	for (size_t i = 0; i < count; i++) {
		enum policy_reply reply =
			check_find(c, &hosts[i].name, address_type(c), &found);

		if (reply == POLICY_FAILED)
			return failed(c, &hosts[i].name);
		if (address_is_among(c, &found, prefix_of(c, t)))
			return SPF_MATCH_YES;
	}
	return SPF_MATCH_NO;
}

static enum spf_match match_mx(struct spf_check *c, const struct spf_term *t,
			       const struct dns_name *name)
{
	struct mx_host hosts[HOSTS_MAX];
	struct dns_section found;
	size_t count;

	switch (check_find(c, name, DNS_TYPE_MX, &found)) {
	case POLICY_UNKNOWN:
		return SPF_MATCH_STOP;
	case POLICY_FAILED:
		return failed(c, name);
	case POLICY_VOID:
		return count_void(c);
	case POLICY_FOUND:
		break;
	}
	if (!read_hosts(&found, hosts, &count))
		return check_stop(c, SPF_PERMERROR, SPF_CAUSE_MX_HOSTS);
	return match_hosts(c, t, hosts, count);
}

/* Section 5.5: the client's names that have its address, of the first ten. STOP: wanted.
 * YES: there is a PTR record. */
static enum spf_match find_names(struct spf_check *c, struct dns_name *names,
				 size_t *count_out)
{
	struct dns_section found;
	struct dns_section hosts;
	struct dns_name name;

	*count_out = 0;
	if (!macro_reverse_name(c->a, &c->ip, &name))
		return SPF_MATCH_NO;
	enum policy_reply reply = check_find(c, &name, DNS_TYPE_PTR, &found);
	if (reply != POLICY_FOUND)
		return reply == POLICY_UNKNOWN ? SPF_MATCH_STOP : SPF_MATCH_NO;
	for (size_t i = 0; i < found.count && i < HOSTS_MAX; i++) {
		if (!dns_record_target(&found.records[i], &name))
			continue;
		(void)check_find(c, &name, address_type(c), &hosts);
		if (address_is_among(c, &hosts, c->ip.family == 6 ? 128 : 32))
			names[(*count_out)++] = name;
	}
	return check_is_unfinished(c) ? SPF_MATCH_STOP : SPF_MATCH_YES;
}

static enum spf_match match_ptr(struct spf_check *c, const struct dns_name *target)
{
	struct dns_name names[HOSTS_MAX];
	size_t count;

	switch (find_names(c, names, &count)) {
	case SPF_MATCH_STOP:
		return SPF_MATCH_STOP;
	case SPF_MATCH_NO:
		return count_void(c);
	case SPF_MATCH_YES:
		break;
	}
	for (size_t i = 0; i < count; i++) {
		if (dns_name_within(&names[i], target))
			return SPF_MATCH_YES;
	}
	return SPF_MATCH_NO;
}

/* Section 5.7: A whatever the client's family is. */
static enum spf_match match_exists(struct spf_check *c, const struct dns_name *name)
{
	struct dns_section found;

	switch (check_find(c, name, DNS_TYPE_A, &found)) {
	case POLICY_UNKNOWN:
		return SPF_MATCH_STOP;
	case POLICY_FAILED:
		return failed(c, name);
	case POLICY_VOID:
		return count_void(c);
	case POLICY_FOUND:
		break;
	}
	return SPF_MATCH_YES;
}

static enum spf_match match_network(const struct spf_check *c, const struct spf_term *t)
{
	unsigned family = t->kind == SPF_IP6 ? 6 : 4;

	return c->ip.family == family &&
			       check_has_prefix(t->network, c->ip.bytes, prefix_of(c, t))
		       ? SPF_MATCH_YES
		       : SPF_MATCH_NO;
}

/* Section 7.2: %{p} is the domain itself, else one below it, else any; "unknown". */
static enum spf_match find_validated(struct spf_check *c, struct str domain,
				     struct str *out)
{
	struct dns_name names[HOSTS_MAX];
	struct dns_name target;
	size_t count;
	const struct dns_name *best = NULL;

	if (find_names(c, names, &count) == SPF_MATCH_STOP)
		return SPF_MATCH_STOP;
	if (!macro_name(domain, &target))
		count = 0;
	for (size_t i = 0; i < count; i++) {
		if (!best || dns_name_equal(&names[i], &target) ||
		    (dns_name_within(&names[i], &target) &&
		     !dns_name_within(best, &target)))
			best = &names[i];
	}
	*out = best ? dns_name_text(c->a, best) : STR("unknown");
	return SPF_MATCH_YES;
}

enum spf_match check_expand(struct spf_check *c, struct str spec, struct str domain,
			    struct str *out)
{
	struct macro_values v = {
		.ip = &c->ip,
		.local = c->local,
		.sender_domain = c->sender_domain,
		.domain = domain,
		.helo = c->query->helo,
		.receiver = c->query->receiver.len ? c->query->receiver : STR("unknown"),
		.validated = STR("unknown"),
		.now_s = c->query->now_s,
	};

	if (macro_needs_name(spec) &&
	    find_validated(c, domain, &v.validated) == SPF_MATCH_STOP)
		return SPF_MATCH_STOP;
	*out = macro_expand(c->a, spec, &v);
	return SPF_MATCH_YES;
}

enum spf_match check_target(struct spf_check *c, const struct spf_term *t,
			    struct str domain, struct str *out)
{
	*out = domain;
	return t->domain.len > 0 ? check_expand(c, t->domain, domain, out)
				 : SPF_MATCH_YES;
}

bool check_first_question(struct spf_check *c, const struct spf_term *t,
			  struct str domain, struct question *out)
{
	static const uint16_t types[] = {
		[SPF_INCLUDE] = DNS_TYPE_TXT, [SPF_REDIRECT] = DNS_TYPE_TXT,
		[SPF_A] = DNS_TYPE_A,         [SPF_MX] = DNS_TYPE_MX,
		[SPF_EXISTS] = DNS_TYPE_A,    [SPF_MODIFIER] = 0
	};
	struct str target;

	out->type = t->kind == SPF_A ? address_type(c) : types[t->kind];
	return out->type != 0 && !macro_needs_name(t->domain) &&
	       check_target(c, t, domain, &target) == SPF_MATCH_YES &&
	       macro_name(target, &out->name);
}

enum spf_match check_mechanism(struct spf_check *c, const struct spf_term *t,
			       struct str domain)
{
	struct dns_name name;
	struct str target;

	if (t->kind == SPF_ALL)
		return SPF_MATCH_YES;
	if (t->kind == SPF_IP4 || t->kind == SPF_IP6)
		return match_network(c, t);
	if (check_count(c) == SPF_MATCH_STOP ||
	    check_target(c, t, domain, &target) == SPF_MATCH_STOP)
		return SPF_MATCH_STOP;
	/* A name that cannot be asked for is one that is not there (section 4.8 leaves
	 * it open). */
	if (!macro_name(target, &name))
		return SPF_MATCH_NO;
	switch (t->kind) {
	case SPF_A:
		return match_a(c, t, &name);
	case SPF_MX:
		return match_mx(c, t, &name);
	case SPF_PTR:
		return match_ptr(c, &name);
	case SPF_EXISTS:
		return match_exists(c, &name);
	case SPF_ALL:
	case SPF_INCLUDE:
	case SPF_IP4:
	case SPF_IP6:
	case SPF_REDIRECT:
	case SPF_EXP:
	case SPF_MODIFIER:
		break;
	}
	return SPF_MATCH_NO;
}
