/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Making an expectation record by record: names and values checked, ids given out. */
#include "identity/expect.h"

#include "mail/mail.h"
#include "policy/policy.h"

enum {
	VALUE_MAX = 4096, /* octets of a value as given */
	TXT_CHUNK = 255,
	MX_PRIORITY = 10,
	RECORDS_FIRST = 8, /* room made at first; doubled whenever it is full */
};

bool expectation_empty(struct arena *a, struct str domain, struct expectation *out,
		       struct err *e)
{
	struct expectation x = { 0 };
	if (!mail_domain_parse(a, domain, false, &x.domain, &x.name, e))
		return false;
	x.ses_status = STR_EMPTY;
	*out = x;
	return true;
}

/* Room for one more: the array's size is RECORDS_FIRST times a power of two. */
static struct expected_record *append(struct arena *a, struct expectation *x)
{
	size_t n = x->count;
	bool is_full = n == 0 || (n >= RECORDS_FIRST && (n & (n - 1)) == 0);
	if (is_full) {
		size_t room = n == 0 ? RECORDS_FIRST : n * 2;
		struct expected_record *more = arena_array(a, room, sizeof(*more));
		if (n > 0)
			memcpy(more, x->records, n * sizeof(*more));
		x->records = more;
	}
	return &x->records[x->count++];
}

/* "dkim-1", "dkim-2"; others "spf", then "spf-2": stable when more are added. */
static struct str make_id(struct arena *a, const struct expectation *x,
			  enum purpose purpose)
{
	unsigned n = 1;
	for (size_t i = 0; i < x->count; i++) {
		if (x->records[i].purpose == purpose)
			n++;
	}
	if (n == 1 && purpose != PURPOSE_DKIM)
		return str_from(purpose_name(purpose));
	return str_from(arena_printf(a, "%s-%u", purpose_name(purpose), n));
}

static struct str name_rdata(struct arena *a, const struct dns_name *n)
{
	return arena_str(a, str_of(n->wire, n->len));
}

static bool set_target(struct arena *a, struct str value, struct expected_record *r,
		       struct err *e)
{
	struct dns_name target;
	if (!dns_name_parse(value, &target, e))
		return err_in(e, "value");
	if (target.len < 2)
		return err_set(e, ERR_USAGE, LANG_MARK("value is the root, not a name"));
	target = dns_name_lower(&target);
	r->value = dns_name_text(a, &target);
	r->rdata = name_rdata(a, &target);
	return true;
}

/* "10 host", or "host" with the usual priority. */
static bool set_mx(struct arena *a, struct str value, struct expected_record *r,
		   struct err *e)
{
	struct str host = str_trim(value);
	uint64_t priority = MX_PRIORITY;
	size_t blank = str_find_byte(host, ' ');
	if (blank < host.len) {
		if (!str_number(str_sub(host, 0, blank), UINT16_MAX, &priority))
			return err_set(e, ERR_USAGE,
				       LANG_MARK("MX value is neither 'HOST' nor "
						 "'PRIORITY HOST'"));
		host = str_trim(str_sub(host, blank, host.len));
	}
	if (!set_target(a, host, r, e))
		return false;
	uint8_t *wire = arena_alloc(a, r->rdata.len + 2);
	wire[0] = (uint8_t)(priority >> 8);
	wire[1] = (uint8_t)priority;
	memcpy(wire + 2, r->rdata.data, r->rdata.len);
	r->rdata = str_of(wire, r->rdata.len + 2);
	r->priority = (uint16_t)priority;
	return true;
}

/* One TXT record of strings of at most 255 octets each (RFC 1035 section 3.3.14). */
static struct str txt_rdata(struct arena *a, struct str text)
{
	size_t chunks = text.len == 0 ? 1 : (text.len + TXT_CHUNK - 1) / TXT_CHUNK;
	uint8_t *wire = arena_alloc(a, text.len + chunks);
	size_t at = 0;
	for (size_t i = 0; i < chunks; i++) {
		struct str part = str_sub(text, i * TXT_CHUNK, TXT_CHUNK);
		wire[at++] = (uint8_t)part.len;
		if (part.len > 0)
			memcpy(wire + at, part.data, part.len);
		at += part.len;
	}
	return str_of(wire, at);
}

static bool set_txt(struct arena *a, const struct record_draft *d,
		    struct expected_record *r, struct err *e)
{
	struct str text = d->value;
	if (str_starts(text, STR("\""))) {
		struct dns_record record = { .type = DNS_TYPE_TXT };
		if (!dns_rdata_parse(a, DNS_TYPE_TXT, text, &record.rdata, e))
			return err_in(e, "value");
		if (!dns_record_txt(a, &record, &text))
			return err_set(e, ERR_USAGE,
				       LANG_MARK("value is no quoted text"));
	}
	r->value = arena_str(a, text);
	r->rdata = txt_rdata(a, text);
	if (d->purpose != PURPOSE_DKIM)
		return true;
	struct policy_dkim_key key;
	if (!policy_dkim_key_parse(a, text, &key, e))
		return err_in(e, "value");
	if (key.public_key.len == 0)
		return err_set(e, ERR_USAGE,
			       LANG_MARK("value holds no key ('p=' is empty)"));
	return true;
}

static bool set_value(struct arena *a, const struct record_draft *d,
		      struct expected_record *r, struct err *e)
{
	if (d->value.len > VALUE_MAX)
		return err_set(e, ERR_USAGE, LANG_MARK("value is longer than %d octets"),
			       VALUE_MAX);
	if (d->value.len == 0) {
		if (d->purpose == PURPOSE_DKIM && d->type == DNS_TYPE_TXT) {
			r->value = STR_EMPTY;
			r->rdata = STR_EMPTY;
			return true;
		}
		return err_set(e, ERR_USAGE, LANG_MARK("value is empty"));
	}
	switch (d->type) {
	case DNS_TYPE_CNAME:
	case DNS_TYPE_NS:
		return set_target(a, str_trim(d->value), r, e);
	case DNS_TYPE_MX:
		return set_mx(a, d->value, r, e);
	case DNS_TYPE_TXT:
		return set_txt(a, d, r, e);
	default:
		if (!dns_rdata_parse(a, d->type, d->value, &r->rdata, e))
			return err_in(e, "value");
		r->value = arena_str(a, str_trim(d->value));
		return true;
	}
}

/* A name outside the organisation's domain is a relative name that was given by mistake.
 */
static bool check_name(const struct expectation *x, const struct dns_name *name,
		       struct err *e)
{
	struct dns_name top;
	struct str organisation = mail_domain_organisational(x->domain);
	if (!dns_name_parse(organisation, &top, e))
		return false;
	if (!dns_name_within(name, &top))
		return err_set(
			e, ERR_USAGE,
			LANG_MARK(
				"name does not end in '%.*s' (give the whole name, with "
				"the domain)"),
			STR_ARG(organisation));
	return true;
}

static bool is_there(const struct expectation *x, const struct expected_record *r)
{
	for (size_t i = 0; i < x->count; i++) {
		const struct expected_record *o = &x->records[i];
		if (o->type == r->type && dns_name_equal(&o->name, &r->name) &&
		    str_equal(o->rdata, r->rdata))
			return true;
	}
	return false;
}

bool expectation_add(struct arena *a, struct expectation *x, const struct record_draft *d,
		     struct err *e)
{
	struct expected_record r = {
		.purpose = d->purpose,
		.type = d->type,
		.required = !d->optional,
	};
	if (x->count >= EXPECT_RECORDS_MAX)
		return err_set(e, ERR_LIMIT,
			       LANG_MARK("more than %d records are expected"),
			       EXPECT_RECORDS_MAX);
	if (!dns_name_parse(str_trim(d->name), &r.name, e))
		return false; /* the failure says "name" itself */
	r.name = dns_name_lower(&r.name);
	if (!check_name(x, &r.name, e) || !set_value(a, d, &r, e))
		return false;
	if (is_there(x, &r))
		return err_set(e, ERR_USAGE,
			       LANG_MARK("the same record is expected twice"));
	r.id = make_id(a, x, d->purpose);
	*append(a, x) = r;
	return true;
}

/* TOKEN -> TOKEN._domainkey.DOMAIN CNAME TOKEN.ZONE; SELECTOR=TARGET says both itself. */
static bool add_token(struct arena *a, struct expectation *x, struct str token,
		      struct str zone, struct err *e)
{
	size_t equals = str_find_byte(token, '=');
	struct str selector = str_sub(token, 0, equals);
	struct str target = STR_EMPTY;
	if (equals < token.len) {
		target = str_sub(token, equals + 1, token.len);
	} else {
		if (zone.len == 0)
			return err_set(
				e, ERR_USAGE,
				LANG_MARK("no zone is known for the target: give it as "
					  "'SELECTOR=TARGET'"));
		target = str_from(
			arena_printf(a, "%.*s.%.*s", STR_ARG(token), STR_ARG(zone)));
	}
	if (selector.len == 0)
		return err_set(e, ERR_USAGE, LANG_MARK("the selector is empty"));
	const char *name = arena_printf(a, "%.*s._domainkey.%.*s", STR_ARG(selector),
					STR_ARG(x->domain));
	const struct record_draft d = {
		.purpose = PURPOSE_DKIM,
		.type = DNS_TYPE_CNAME,
		.name = str_from(name),
		.value = target,
	};
	return expectation_add(a, x, &d, e);
}

bool expectation_from_tokens(struct arena *a, struct str domain,
			     const struct dkim_tokens *tokens, struct expectation *out,
			     struct err *e)
{
	struct expectation x;
	if (!expectation_empty(a, domain, &x, e))
		return false;
	for (size_t i = 0; i < tokens->count; i++) {
		struct str token = str_trim(tokens->tokens[i]);
		if (token.len > DNS_NAME_MAX * 2)
			return err_set(e, ERR_USAGE,
				       LANG_MARK("DKIM token %zu is too long"), i + 1);
		if (!add_token(a, &x, token, tokens->zone, e))
			return err_in(e, LANG_MARK("DKIM token '%.*s'"), STR_ARG(token));
	}
	*out = x;
	return true;
}
