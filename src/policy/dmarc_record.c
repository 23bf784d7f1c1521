/* SPDX-License-Identifier: GPL-3.0-or-later */
/* DMARC policy records (RFC 9989 sections 4.7 and 4.8). */
#include "policy/policy.h"

enum {
	ADDRESS_MAX = 320,
	HOST_MAX = 254,
};

const char *dmarc_policy_name(enum dmarc_policy p)
{
	static const char *const names[] = {
		[DMARC_POLICY_NONE] = "none",
		[DMARC_POLICY_QUARANTINE] = "quarantine",
		[DMARC_POLICY_REJECT] = "reject",
	};
	return names[p];
}

/* Section 4.8: the three words are written in any case. */
static bool policy_parse(struct str value, enum dmarc_policy *out)
{
	static const enum dmarc_policy all[] = {
		DMARC_POLICY_NONE,
		DMARC_POLICY_QUARANTINE,
		DMARC_POLICY_REJECT,
	};
	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		if (str_equal_nocase(value, str_from(dmarc_policy_name(all[i])))) {
			*out = all[i];
			return true;
		}
	}
	return false;
}

static bool is_word(struct str value, const char *word)
{
	return str_equal_nocase(value, str_from(word));
}

static void take_policy(struct str value, bool *has, enum dmarc_policy *policy, bool *bad)
{
	*has = policy_parse(value, policy);
	*bad = *bad || !*has;
}

static bool has_address(struct str list)
{
	struct dmarc_address address;
	struct err ignored = { 0 };
	struct str item;

	while (str_split(&list, ',', &item))
		if (dmarc_address_parse(item, &address, &ignored))
			return true;
	return false;
}

/* RFC 9989 appendix C.5.2. */
static bool is_removed(struct str name)
{
	return is_word(name, "pct") || is_word(name, "rf") || is_word(name, "ri");
}

static void take_tag(struct dmarc_record *r, struct str name, struct str value)
{
	if (is_word(name, "p")) {
		take_policy(value, &r->has_p, &r->p, &r->has_bad_policy);
	} else if (is_word(name, "sp")) {
		take_policy(value, &r->has_sp, &r->sp, &r->has_bad_policy);
	} else if (is_word(name, "np")) {
		take_policy(value, &r->has_np, &r->np, &r->has_bad_policy);
	} else if (is_word(name, "adkim")) {
		r->strict_dkim = is_word(value, "s");
	} else if (is_word(name, "aspf")) {
		r->strict_spf = is_word(value, "s");
	} else if (is_word(name, "t")) {
		r->testing = is_word(value, "y");
	} else if (is_word(name, "psd")) {
		r->psd = is_word(value, "y");
		r->has_psd = r->psd || is_word(value, "n");
	} else if (is_word(name, "fo")) {
		r->fo = value;
	} else if (is_word(name, "rua")) {
		r->rua = value;
		r->has_report_address = has_address(value);
	} else if (is_word(name, "ruf")) {
		r->ruf = value;
	} else if (r->removed.len == 0 && is_removed(name)) {
		r->removed = name;
	}
}

/* Section 4.7: v= MUST be the first tag; its value is case sensitive. */
static bool takes_version(struct str *rest)
{
	struct str part;

	if (!str_split(rest, ';', &part))
		return false;
	size_t equals = str_find_byte(part, '=');
	return equals < part.len && is_word(str_trim(str_sub(part, 0, equals)), "v") &&
	       str_is(str_trim(str_sub(part, equals + 1, part.len)), "DMARC1");
}

bool dmarc_record_parse(struct arena *a, struct str txt, struct dmarc_record *out)
{
	struct dmarc_record r = {
		.fo = STR_EMPTY,
		.rua = STR_EMPTY,
		.ruf = STR_EMPTY,
		.removed = STR_EMPTY,
	};
	struct str rest = arena_str(a, txt);
	struct str part;
	enum {
		TAGS_MAX = 64
	};
	struct str seen[TAGS_MAX];
	size_t count = 0;

	if (!takes_version(&rest))
		return false;
	/* Section 4.8: syntax errors in the remainder MUST be discarded in favour of
	 * default values (if any) or ignored outright. */
	while (str_split(&rest, ';', &part) && count < TAGS_MAX) {
		size_t equals = str_find_byte(part, '=');
		struct str name = str_trim(str_sub(part, 0, equals));
		bool is_again = false;

		/* Of a tag given twice the first counts. */
		for (size_t i = 0; i < count; i++)
			is_again = is_again || str_equal_nocase(seen[i], name);
		if (equals == part.len || is_again)
			continue;
		seen[count++] = name;
		take_tag(&r, name, str_trim(str_sub(part, equals + 1, part.len)));
	}
	*out = r;
	return true;
}

/* RFC 9989 section 4.10.1: without a valid p tag, or with an sp or np that is not valid,
 * a record that says where to report counts as p=none; any other is not applied. */
bool dmarc_record_applies(const struct dmarc_record *r)
{
	return (r->has_p && !r->has_bad_policy) || r->has_report_address;
}

bool dmarc_record_is_meant(struct str txt)
{
	struct str text = str_trim(txt);
	struct cursor c = cursor_over(text);

	cursor_while(&c, "\"\\' \t\r\n");
	struct str name = cursor_while(&c, "vV");
	cursor_while(&c, " \t\r\n");
	if (name.len != 1 || !cursor_accept(&c, '='))
		return false;
	cursor_while(&c, " \t\r\n\"");
	return cursor_left(&c) >= 5 &&
	       str_equal_nocase(cursor_bytes(&c, 5), STR("DMARC"));
}

/* --- addresses of rua and ruf --- */

/* Section 4.8: obs-dmarc-report-size, "!" 1*DIGIT and a unit. */
static struct str without_size(struct str uri, bool *has_out)
{
	size_t at = str_find_byte(uri, '!');

	*has_out = at < uri.len;
	return str_sub(uri, 0, at);
}

/* The authority's host: behind user information, before port and path. */
static struct str authority_host(struct str rest)
{
	struct cursor c = cursor_over(rest);

	if (!str_starts(rest, STR("//")))
		return STR_EMPTY;
	cursor_bytes(&c, 2);
	struct str authority = cursor_until(&c, "/?#");
	struct str host = authority;
	while (str_split(&authority, '@', &host))
		continue;
	return str_sub(host, 0, str_find_byte(host, ':'));
}

/* RFC 6068: local@domain, before any "?"; several addresses are not for reports. */
static struct str mail_host(struct str mailbox)
{
	struct str host = STR_EMPTY;
	struct str rest = mailbox;
	size_t parts = 0;

	while (str_split(&rest, '@', &host))
		parts++;
	bool is_whole = parts == 2 && str_find_byte(mailbox, '@') > 0;
	return is_whole ? host : STR_EMPTY;
}

static bool is_printable(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.data[i] <= ' ' || s.data[i] >= 127)
			return false;
	return s.len > 0;
}

bool dmarc_address_parse(struct str item, struct dmarc_address *out, struct err *e)
{
	struct dmarc_address r = { .mailbox = STR_EMPTY };
	struct str uri = without_size(str_trim(item), &r.has_size);
	size_t colon = str_find_byte(uri, ':');
	struct str scheme = str_sub(uri, 0, colon);
	struct str rest = str_sub(uri, colon + 1, uri.len);
	struct str host;

	if (uri.len == 0)
		return err_set(e, ERR_USAGE, "an address is empty");
	if (uri.len > ADDRESS_MAX || !is_printable(uri))
		return err_set(e, ERR_USAGE, "an address holds what no address can hold");
	if (colon == uri.len || colon == 0)
		return err_set(e, ERR_USAGE, "an address has no 'mailto:' in front");
	if (str_equal_nocase(scheme, STR("mailto"))) {
		r.mailbox = str_sub(rest, 0, str_find_byte(rest, '?'));
		host = mail_host(r.mailbox);
	} else {
		host = authority_host(rest);
	}
	if (host.len == 0 || host.len > HOST_MAX || host.data[0] == '.' ||
	    !dns_name_parse(host, &r.host, e) || r.host.len <= 1)
		return err_set(e, ERR_USAGE, "an address has no domain to report to");
	r.uri = uri;
	*out = r;
	return true;
}
