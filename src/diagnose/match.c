/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Matching by meaning: one function a purpose. */
#include "diagnose/match.h"

#include "policy/policy.h"

static bool is_dmarc(struct arena *scratch, struct str text)
{
	struct dmarc_record record;
	return dmarc_record_parse(scratch, text, &record);
}

bool match_concerns(struct arena *scratch, const struct expected_record *r,
		    const struct dns_record *record)
{
	struct str text;
	if (r->type != DNS_TYPE_TXT)
		return true;
	if (!dns_record_txt(scratch, record, &text))
		return false;
	if (r->purpose == PURPOSE_SPF)
		return spf_is_record(text);
	if (r->purpose == PURPOSE_DMARC)
		return is_dmarc(scratch, text);
	return true;
}

size_t match_count(struct arena *scratch, const struct expected_record *r,
		   const struct found_records *found)
{
	size_t n = 0;
	for (size_t i = 0; i < found->count; i++)
		n += match_concerns(scratch, r, found->records[i]);
	return n;
}

/* RFC 1034 section 3.6.2: one CNAME at a name; a second that differs makes it undecided.
 */
static bool match_names(const struct expected_record *r,
			const struct found_records *found)
{
	struct cursor c = cursor_over(r->rdata);
	struct dns_name wanted;
	if (!dns_name_read(&c, &wanted))
		return false;
	for (size_t i = 0; i < found->count; i++) {
		struct dns_name target;
		if (!dns_record_target(found->records[i], &target) ||
		    !dns_name_equal(&target, &wanted))
			return false;
	}
	return true;
}

/* MAIL FROM: SES wants exactly one MX; any preference will do (ses.md section 4.3).
 * Elsewhere the host must be among them. */
static bool match_mx(const struct expected_record *r, const struct found_records *found)
{
	const struct dns_record expected = { .type = DNS_TYPE_MX, .rdata = r->rdata };
	struct dns_name wanted;
	uint16_t preference;
	bool is_there = false;
	if (!dns_record_mx(&expected, &preference, &wanted))
		return false;
	for (size_t i = 0; i < found->count; i++) {
		struct dns_name host;
		if (!dns_record_mx(found->records[i], &preference, &host))
			return false;
		is_there |= dns_name_equal(&host, &wanted);
	}
	return is_there && (r->purpose != PURPOSE_MAIL_FROM || found->count == 1);
}

/* The key decides, not how it is written. No key expected: any that receivers use. RFC
 * 6376 section 3.6.2.2: with several keys at one name nobody knows which one is taken.
 */
static bool match_key(struct arena *scratch, const struct expected_record *r,
		      const struct found_records *found)
{
	struct err ignored = { 0 };
	struct policy_dkim_key wanted = { 0 };
	struct policy_dkim_key seen = { 0 };
	size_t keys = 0;
	size_t count = 0;
	if (r->value.len > 0 &&
	    !policy_dkim_key_parse(scratch, r->value, &wanted, &ignored))
		return false;
	for (size_t i = 0; i < found->count; i++) {
		struct str text;
		if (!dns_record_txt(scratch, found->records[i], &text))
			continue;
		bool is_key = policy_dkim_key_parse(scratch, text, &seen, &ignored);
		keys += is_key;
		count += is_key || policy_dkim_is_meant(text) ||
			 policy_dkim_is_taken(scratch, text);
	}
	if (keys != 1 || count != 1 || seen.public_key.len == 0 ||
	    seen.strength == DKIM_UNUSABLE)
		return false;
	return r->value.len == 0 || policy_dkim_key_equal(&seen, &wanted);
}

/* The value of a tag of a DMARC record; data NULL: it has none. What is wrong elsewhere
 * in the record does not matter to receivers (RFC 9989 section 4.8). */
static struct str tag_value(struct str text, struct str name)
{
	struct str part;
	while (str_split(&text, ';', &part)) {
		size_t equals = str_find_byte(part, '=');
		if (equals < part.len &&
		    str_equal_nocase(str_trim(str_sub(part, 0, equals)), name))
			return str_trim(str_sub(part, equals + 1, part.len));
	}
	return (struct str){ NULL, 0 };
}

static int policy_rank(struct str policy)
{
	static const char *const ranks[] = { "none", "quarantine", "reject" };
	for (size_t i = 0; i < ARRAY_LEN(ranks); i++) {
		if (str_equal_nocase(policy, str_from(ranks[i])))
			return (int)i;
	}
	return -1;
}

/* Each member of the comma list `wanted` is a member of `seen`. */
static bool list_covers(struct str seen, struct str wanted)
{
	struct str want;
	while (str_split(&wanted, ',', &want)) {
		struct str rest = seen;
		struct str have;
		bool is_there = false;
		while (str_split(&rest, ',', &have))
			is_there |= str_equal_nocase(str_trim(have), str_trim(want));
		if (!is_there)
			return false;
	}
	return true;
}

/* A policy at least as strict, report addresses among others; other tags equal. */
static bool tag_covers(struct str seen, const struct policy_tag *wanted)
{
	if (str_equal_nocase(wanted->name, STR("p"))) {
		int rank = policy_rank(seen);
		return rank >= 0 && rank >= policy_rank(wanted->value);
	}
	if (str_equal_nocase(wanted->name, STR("rua")) ||
	    str_equal_nocase(wanted->name, STR("ruf")))
		return list_covers(seen, wanted->value);
	return str_equal_nocase(seen, wanted->value);
}

static bool dmarc_covers(struct arena *scratch, struct str seen, struct str wanted_text)
{
	struct policy_tag *wanted;
	size_t wanted_count;
	if (!policy_tags_parse(scratch, wanted_text, &wanted, &wanted_count))
		return false;
	for (size_t i = 0; i < wanted_count; i++) {
		struct str value = tag_value(seen, wanted[i].name);
		if (!value.data || !tag_covers(value, &wanted[i]))
			return false;
	}
	return true;
}

/* RFC 9989: more than one DMARC record is as none. */
static bool match_dmarc(struct arena *scratch, const struct expected_record *r,
			const struct found_records *found)
{
	struct str seen = STR_EMPTY;
	size_t count = 0;
	for (size_t i = 0; i < found->count; i++) {
		struct str text;
		if (dns_record_txt(scratch, found->records[i], &text) &&
		    is_dmarc(scratch, text)) {
			seen = text;
			count++;
		}
	}
	return count == 1 && (r->value.len == 0 || dmarc_covers(scratch, seen, r->value));
}

/* Ownership tokens and other texts: one record says exactly this, whatever else is there.
 */
static bool match_text(struct arena *scratch, const struct expected_record *r,
		       const struct found_records *found)
{
	for (size_t i = 0; i < found->count; i++) {
		struct str text;
		if (dns_record_txt(scratch, found->records[i], &text) &&
		    (r->value.len == 0 || str_equal(text, r->value)))
			return true;
	}
	return false;
}

static bool match_txt(struct arena *scratch, const struct expected_record *r,
		      const struct found_records *found)
{
	switch (r->purpose) {
	case PURPOSE_DKIM:
		return match_key(scratch, r, found);
	case PURPOSE_DMARC:
		return match_dmarc(scratch, r, found);
	case PURPOSE_SPF: /* spf_said: the text alone does not tell */
		return false;
	case PURPOSE_MAIL_FROM:
	case PURPOSE_OWNERSHIP:
	case PURPOSE_OTHER:
		return match_text(scratch, r, found);
	}
	return false;
}

static bool match_rdata(const struct expected_record *r,
			const struct found_records *found)
{
	for (size_t i = 0; i < found->count; i++) {
		if (dns_rdata_equal(r->type, found->records[i]->rdata, r->rdata))
			return true;
	}
	return false;
}

bool match_records(struct arena *scratch, const struct expected_record *r,
		   const struct found_records *found)
{
	if (r->type == DNS_TYPE_TXT)
		return match_txt(scratch, r, found);
	if (r->value.len == 0)
		return true;
	if (r->type == DNS_TYPE_CNAME)
		return match_names(r, found);
	if (r->type == DNS_TYPE_MX)
		return match_mx(r, found);
	return match_rdata(r, found);
}
