/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * SPF records to terms. The grammar (RFC 7208 section 12):
 *
 *   record    = "v=spf1" *( 1*SP ( directive / modifier ) ) *SP
 *   directive = [ "+" / "-" / "?" / "~" ] mechanism
 *   mechanism = all / include / a / mx / ptr / ip4 / ip6 / exists
 *   modifier  = redirect / explanation / unknown-modifier
 */
#include "policy/spf_macro.h"

enum {
	TERMS_MAX = 512
};

static const struct str version = { "v=spf1", 6 };

/* What may stand behind a mechanism's name. */
enum value_form {
	FORM_NONE,
	FORM_DOMAIN,          /* ":" domain-spec */
	FORM_OPTIONAL_DOMAIN, /* [ ":" domain-spec ] */
	FORM_HOST,            /* [ ":" domain-spec ] [ dual-cidr-length ] */
	FORM_NETWORK,         /* ":" network [ cidr-length ] */
};
struct mechanism {
	const char *name;
	enum spf_kind kind;
	enum value_form form;
};
static const struct mechanism mechanisms[] = {
	{ "all", SPF_ALL, FORM_NONE },
	{ "include", SPF_INCLUDE, FORM_DOMAIN },
	{ "a", SPF_A, FORM_HOST },
	{ "mx", SPF_MX, FORM_HOST },
	{ "ptr", SPF_PTR, FORM_OPTIONAL_DOMAIN },
	{ "ip4", SPF_IP4, FORM_NETWORK },
	{ "ip6", SPF_IP6, FORM_NETWORK },
	{ "exists", SPF_EXISTS, FORM_DOMAIN },
};

const char *spf_fault_text(enum spf_fault fault)
{
	switch (fault) {
	case SPF_FAULT_NONE:
		break;
	case SPF_FAULT_MECHANISM:
		return LANG_MARK("SPF knows no term of this name");
	case SPF_FAULT_EMPTY:
		return LANG_MARK("this term needs a value, and there is none");
	case SPF_FAULT_VALUE:
		return LANG_MARK("this term takes no such value");
	case SPF_FAULT_DOMAIN:
		return LANG_MARK("the value of this term is not a domain name");
	case SPF_FAULT_MACRO:
		return LANG_MARK("there is a character or a macro that SPF does not "
				 "allow here");
	case SPF_FAULT_NETWORK:
		return LANG_MARK(
			"the value of this term is not an IP address of its kind");
	case SPF_FAULT_PREFIX:
		return LANG_MARK("the number behind the slash is not a length that an "
				 "address of this kind can have");
	case SPF_FAULT_TWICE:
		return LANG_MARK("this term may stand in a record only once");
	case SPF_FAULT_BYTES:
		return LANG_MARK("there is a character that is not printable ASCII");
	case SPF_FAULT_TOO_MANY:
		return LANG_MARK("the record has too many terms");
	}
	return "";
}

bool spf_is_record(struct str txt)
{
	/* Section 4.5: exactly "v=spf1", ended by a space or the record's end. */
	if (!str_equal_nocase(str_sub(txt, 0, version.len), version))
		return false;
	return txt.len == version.len || txt.data[version.len] == ' ';
}

static const struct mechanism *mechanism_find(struct str name)
{
	for (size_t i = 0; i < ARRAY_LEN(mechanisms); i++) {
		if (str_equal_nocase(name, str_from(mechanisms[i].name)))
			return &mechanisms[i];
	}
	return NULL;
}

static bool fault(enum spf_fault *out, enum spf_fault what)
{
	*out = what;
	return false;
}

/* "0", or digits without a zero in front. */
static bool read_prefix(struct cursor *c, unsigned max, uint8_t *out)
{
	struct str digits = cursor_while(c, "0123456789");
	uint64_t n;

	if (!str_number(digits, max, &n) || (digits.len > 1 && digits.data[0] == '0'))
		return false;
	*out = (uint8_t)n;
	return true;
}

/* dual-cidr-length = [ "/" ip4 ] [ "//" ip6 ] */
static bool read_dual_prefix(struct str s, struct spf_term *t)
{
	struct cursor c = cursor_over(s);

	if (str_starts(s, STR("/")) && !str_starts(s, STR("//"))) {
		(void)cursor_u8(&c);
		if (!read_prefix(&c, 32, &t->prefix4))
			return false;
	}
	if (cursor_accept(&c, '/') &&
	    (!cursor_accept(&c, '/') || !read_prefix(&c, 128, &t->prefix6)))
		return false;
	return cursor_at_end(&c);
}

/* Where the CIDR lengths begin: the first slash behind all that they cannot hold. */
static size_t find_prefix(struct str s)
{
	size_t from = s.len;

	while (from > 0 && (ascii_is_digit((unsigned char)s.data[from - 1]) ||
			    s.data[from - 1] == '/'))
		from--;
	return from + str_find_byte(str_sub(s, from, s.len), '/');
}

static bool read_domain(struct str value, struct spf_term *t, enum spf_fault *fault_out)
{
	if (value.len == 0)
		return fault(fault_out, SPF_FAULT_EMPTY);
	t->domain = value;
	return macro_is_domain(value, fault_out);
}

static bool read_network(struct str value, struct spf_term *t, enum spf_fault *fault_out)
{
	size_t slash = str_find_byte(value, '/');
	struct str network = str_sub(value, 0, slash);
	struct cursor c = cursor_over(str_sub(value, slash, value.len));
	struct address address;

	if (value.len == 0)
		return fault(fault_out, SPF_FAULT_EMPTY);
	if (str_find_byte(network, '@') < network.len ||
	    !address_parse(network, 53, &address) ||
	    address.family != (t->kind == SPF_IP6 ? 6 : 4))
		return fault(fault_out, SPF_FAULT_NETWORK);
	memcpy(t->network, address.bytes, sizeof(t->network));
	if (slash == value.len)
		return true;
	(void)cursor_u8(&c);
	if (!read_prefix(&c, t->kind == SPF_IP6 ? 128 : 32,
			 t->kind == SPF_IP6 ? &t->prefix6 : &t->prefix4) ||
	    !cursor_at_end(&c))
		return fault(fault_out, SPF_FAULT_PREFIX);
	return true;
}

/* rest: what stands behind the name, from ":" or "/" on. */
static bool read_value(enum value_form form, struct str rest, struct spf_term *t,
		       enum spf_fault *fault_out)
{
	bool has_colon = str_starts(rest, STR(":"));
	struct str value = str_sub(rest, has_colon, rest.len);
	size_t slash = form == FORM_HOST ? find_prefix(value) : value.len;

	if (form == FORM_NONE)
		return rest.len == 0 || fault(fault_out, SPF_FAULT_VALUE);
	if (!has_colon && rest.len > 0 && form != FORM_HOST)
		return fault(fault_out, SPF_FAULT_VALUE);
	if (form == FORM_NETWORK)
		return read_network(value, t, fault_out);
	if (!read_dual_prefix(str_sub(value, slash, value.len), t))
		return fault(fault_out, SPF_FAULT_PREFIX);
	value = str_sub(value, 0, slash);
	if (has_colon || form == FORM_DOMAIN)
		return read_domain(value, t, fault_out);
	return value.len == 0 || fault(fault_out, SPF_FAULT_PREFIX);
}

static bool read_mechanism(struct str text, struct spf_term *t, enum spf_fault *fault_out)
{
	static const struct {
		char sign;
		enum spf_result result;
	} qualifiers[] = { { '+', SPF_PASS },
			   { '-', SPF_FAIL },
			   { '~', SPF_SOFTFAIL },
			   { '?', SPF_NEUTRAL } };
	size_t end;

	for (size_t i = 0; i < ARRAY_LEN(qualifiers); i++) {
		if (text.len > 0 && text.data[0] == qualifiers[i].sign) {
			t->qualifier = qualifiers[i].result;
			text = str_sub(text, 1, text.len);
			break;
		}
	}
	for (end = 0; end < text.len && !strchr(":/", text.data[end]); end++)
		;
	const struct mechanism *m = mechanism_find(str_sub(text, 0, end));
	if (!m)
		return fault(fault_out, SPF_FAULT_MECHANISM);
	t->kind = m->kind;
	return read_value(m->form, str_sub(text, end, text.len), t, fault_out);
}

/* name = ALPHA *( ALPHA / DIGIT / "-" / "_" / "." ) */
static bool is_modifier_name(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.data[i];

		if (!ascii_is_alnum(c) && (c == '\0' || !strchr("-_.", c)))
			return false;
	}
	return s.len > 0 && ascii_is_alpha((unsigned char)s.data[0]);
}

static bool read_term(struct str text, struct spf_term *t, enum spf_fault *fault_out)
{
	size_t equals = str_find_byte(text, '=');
	struct str name = str_sub(text, 0, equals);
	struct str value = str_sub(text, equals + 1, text.len);

	*t = (struct spf_term){ .text = text,
				.qualifier = SPF_PASS,
				.domain = STR_EMPTY,
				.prefix4 = 32,
				.prefix6 = 128 };
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] < '!' || text.data[i] > '~')
			return fault(fault_out, SPF_FAULT_BYTES);
	}
	if (equals == text.len || !is_modifier_name(name))
		return read_mechanism(text, t, fault_out);
	t->kind = str_equal_nocase(name, STR("redirect")) ? SPF_REDIRECT
		  : str_equal_nocase(name, STR("exp"))    ? SPF_EXP
							  : SPF_MODIFIER;
	if (t->kind != SPF_MODIFIER)
		return read_domain(value, t, fault_out);
	return macro_is_valid(value, MACRO_TEXT) || fault(fault_out, SPF_FAULT_MACRO);
}

static size_t count_terms(struct str rest)
{
	struct str term;
	size_t count = 0;

	while (str_split(&rest, ' ', &term))
		count += term.len > 0;
	return count;
}

const struct spf_term *spf_term_find(const struct spf_record *r, enum spf_kind kind)
{
	for (size_t i = 0; i < r->count; i++) {
		if (r->terms[i].kind == kind)
			return &r->terms[i];
	}
	return NULL;
}

/* Section 6: redirect and exp at most once each. */
static bool is_second(const struct spf_record *r, const struct spf_term *t)
{
	return (t->kind == SPF_REDIRECT || t->kind == SPF_EXP) &&
	       spf_term_find(r, t->kind);
}

bool spf_record_parse(struct arena *a, struct str txt, struct spf_record *out,
		      enum spf_fault *fault_out, struct str *term_out)
{
	struct str rest = str_sub(txt, version.len, txt.len);
	struct spf_record r = { .count = 0 };
	size_t room = count_terms(rest);
	struct str text;

	*fault_out = SPF_FAULT_NONE;
	*term_out = STR_EMPTY;
	if (room > TERMS_MAX)
		return fault(fault_out, SPF_FAULT_TOO_MANY);
	r.terms = arena_array(a, room + 1, sizeof(*r.terms));
	while (str_split(&rest, ' ', &text)) {
		struct spf_term *t = &r.terms[r.count];

		if (text.len == 0)
			continue;
		*term_out = text;
		if (!read_term(text, t, fault_out))
			return false;
		if (is_second(&r, t))
			return fault(fault_out, SPF_FAULT_TWICE);
		r.count++;
	}
	*term_out = STR_EMPTY;
	*out = r;
	return true;
}
