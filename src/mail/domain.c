/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A domain as people type it: IDNA by libidn2, public suffixes by libpsl, special
 * names here. */
#include <arpa/inet.h>
#include <idn2.h>
#include <libpsl.h>

#include "mail/mail.h"

enum {
	TYPED_MAX = 1024,
	DOMAIN_MAX = 253, /* octets of text without final dot: 255 on the wire */
	SHOWN_MAX = 100,
};

static bool refuse(struct str text, struct err *e, const char *why)
{
	return err_set(e, ERR_USAGE, LANG_MARK("'%.*s' is not a domain for mail: %s"),
		       STR_ARG(str_sub(text, 0, SHOWN_MAX)), lang_text(e->lang, why));
}

/* Mistakes that deserve a sentence of their own; NULL: none of them. */
static const char *find_mistake(struct str text)
{
	static const struct {
		char byte;
		const char *why;
	} mistakes[] = {
		{ '\0', LANG_MARK("there is a NUL in it") },
		{ '/', LANG_MARK("leave out everything but the domain, such as "
				 "'customer.example'") },
		{ '@', LANG_MARK("that is an address; give what stands behind the @") },
		{ ':', LANG_MARK("leave out the port") },
		{ '*',
		  LANG_MARK("a wildcard cannot be verified; give the domain itself") },
		{ ' ', LANG_MARK("there is a blank in it") },
		{ ',', LANG_MARK("give one domain at a time") },
		{ '[', LANG_MARK("an IP address has no records of its own") },
	};

	for (size_t i = 0; i < ARRAY_LEN(mistakes); i++) {
		if (str_find_byte(text, mistakes[i].byte) < text.len)
			return mistakes[i].why;
	}
	return NULL;
}

static bool is_plain_ascii(struct str text)
{
	for (size_t i = 0; i < text.len; i++) {
		if ((unsigned char)text.data[i] > 127 ||
		    str_equal_nocase(str_sub(text, i, 4), STR("xn--")))
			return false;
	}
	return true;
}

/* UTS 46, non-transitional: to A-labels, with full-width forms folded. Plain ASCII
 * does not come here: libidn2 would refuse "r3---sn.example", which the DNS has. */
static bool to_a_labels(struct arena *a, struct str text, struct str *out, struct err *e)
{
	char *ascii = NULL;
	int rc = idn2_to_ascii_8z(arena_text(a, text), &ascii, IDN2_NONTRANSITIONAL);

	if (rc != IDN2_OK)
		return refuse(text, e,
			      LANG_MARK("it has a character, or a label, that "
					"international domain names may not have"));
	*out = arena_str(a, str_from(ascii));
	idn2_free(ascii);
	return true;
}

/* Lower case, no final dot. */
static struct str tidy(struct arena *a, struct str ascii)
{
	char *bytes = arena_text(a, ascii);

	for (size_t i = 0; i < ascii.len; i++)
		bytes[i] = ascii_lower(bytes[i]);
	if (ascii.len > 0 && bytes[ascii.len - 1] == '.')
		bytes[--ascii.len] = '\0';
	return str_of(bytes, ascii.len);
}

static const char *check_label(struct str label)
{
	struct cursor c = cursor_over(label);

	if (label.len == 0)
		return LANG_MARK(
			"there is an empty label, two dots in a row or one in front");
	if (label.len > DNS_LABEL_MAX)
		return LANG_MARK("a label has more than 63 characters");
	cursor_while(&c, "abcdefghijklmnopqrstuvwxyz0123456789-_");
	if (!cursor_at_end(&c))
		return LANG_MARK(
			"there is a character other than letters, digits, '-' and '_' in "
			"it");
	if (label.data[0] == '-' || label.data[label.len - 1] == '-')
		return LANG_MARK("a label begins or ends with a hyphen");
	return NULL;
}

/* An address, or what nobody can tell from one: a last label of digits (RFC 3696
 * section 2). */
static bool ends_in_number(struct str last_label)
{
	for (size_t i = 0; i < last_label.len; i++) {
		if (!ascii_is_digit(last_label.data[i]))
			return false;
	}
	return last_label.len > 0;
}

static const char *check_labels(struct str text, size_t least)
{
	struct str rest = text;
	struct str label = STR_EMPTY;
	size_t count = 0;

	if (text.len == 0)
		return LANG_MARK("it is empty");
	if (text.len > DOMAIN_MAX)
		return LANG_MARK("it has more than 253 characters");
	for (; str_split(&rest, '.', &label); count++) {
		const char *why = check_label(label);

		if (why)
			return why;
	}
	if (ends_in_number(label))
		return LANG_MARK("an IP address has no records of its own");
	return count < least
		       ? LANG_MARK("it needs a dot: a name below a top-level domain")
		       : NULL;
}

static bool is_within(struct str domain, struct str zone)
{
	return str_ends(domain, zone) &&
	       (domain.len == zone.len || domain.data[domain.len - zone.len - 1] == '.');
}

/* Names that never lead to anybody's records in the public DNS. */
static const char *check_special(struct str domain, bool strict)
{
	static const struct {
		const char *zone;
		bool strict_only;
		const char *why;
	} specials[] = {
		{ "example.com", true, LANG_MARK("it is for documents (RFC 6761)") },
		{ "example.net", true, LANG_MARK("it is for documents (RFC 6761)") },
		{ "example.org", true, LANG_MARK("it is for documents (RFC 6761)") },
		{ "local", false,
		  LANG_MARK("'.local' names stay in one network (RFC 6762)") },
		{ "onion", false,
		  LANG_MARK("'.onion' names are not in the DNS (RFC 7686)") },
		{ "alt", false, LANG_MARK("'.alt' names are not in the DNS (RFC 9476)") },
		{ "internal", false, LANG_MARK("'.internal' is for private networks") },
		{ "arpa", false,
		  LANG_MARK("'.arpa' is for the infrastructure (RFC 3172, RFC 8375)") },
		{ "test", true, LANG_MARK("'.test' is for tests (RFC 6761)") },
		{ "example", true, LANG_MARK("'.example' is for documents (RFC 6761)") },
		{ "invalid", true, LANG_MARK("'.invalid' never exists (RFC 6761)") },
		{ "localhost", true,
		  LANG_MARK("'.localhost' is one's own machine (RFC 6761)") },
	};

	for (size_t i = 0; i < ARRAY_LEN(specials); i++) {
		if ((strict || !specials[i].strict_only) &&
		    is_within(domain, str_from(specials[i].zone)))
			return specials[i].why;
	}
	return NULL;
}

bool mail_domain_parse(struct arena *a, struct str text, bool strict,
		       struct str *text_out, struct dns_name *name_out, struct err *e)
{
	struct str typed = str_trim(text);
	struct dns_name name;
	struct str ascii = typed;

	if (typed.len == 0 || typed.len > TYPED_MAX)
		return refuse(typed, e,
			      typed.len ? LANG_MARK("it is too long")
					: LANG_MARK("it is empty"));
	const char *why = find_mistake(typed);
	if (why)
		return refuse(typed, e, why);
	if (!is_plain_ascii(typed) && !to_a_labels(a, typed, &ascii, e))
		return false;
	ascii = tidy(a, ascii);
	why = check_labels(ascii, 2);
	if (why)
		return refuse(typed, e, why);
	why = check_special(ascii, strict);
	if (why)
		return refuse(typed, e, why) || err_code(e, "special_use_domain");
	if (!dns_name_parse(ascii, &name, e))
		return err_in(e, "domain");
	*text_out = ascii;
	*name_out = name;
	return true;
}

bool mail_suffix_parse(struct arena *a, struct str text, struct mail_suffix *out,
		       struct err *e)
{
	struct str typed = str_trim(text);
	struct str ascii = typed;

	if (typed.len == 0 || typed.len > TYPED_MAX)
		return refuse(typed, e,
			      typed.len ? LANG_MARK("it is too long")
					: LANG_MARK("it is empty"));
	const char *why = find_mistake(typed);
	if (!why && !is_plain_ascii(typed) && !to_a_labels(a, typed, &ascii, e))
		return false;
	ascii = tidy(a, ascii);
	if (!why)
		why = check_labels(ascii, 1);
	if (why)
		return refuse(typed, e, why);
	const char *found = psl_unregistrable_domain(psl_builtin(), ascii.data);
	size_t at = found ? (size_t)(found - ascii.data) : 0;
	size_t begin = at > 0 ? at - 1 : 0;
	while (begin > 0 && ascii.data[begin - 1] != '.')
		begin--;
	*out = (struct mail_suffix){
		.domain = ascii,
		.suffix = str_sub(ascii, at, ascii.len),
		.registrable = at > 0 ? str_sub(ascii, begin, ascii.len) : STR_EMPTY,
	};
	return true;
}

struct str mail_domain_unicode(struct arena *a, struct str domain)
{
	char *unicode = NULL;

	if (idn2_to_unicode_8z8z(arena_text(a, domain), &unicode, 0) != IDN2_OK)
		return domain;
	struct str out = arena_str(a, str_from(unicode));
	idn2_free(unicode);
	return out;
}

bool mail_domain_is_suffix(struct str domain)
{
	char text[DOMAIN_MAX + 1] = "";

	if (domain.len > DOMAIN_MAX)
		return false;
	memcpy(text, domain.data, domain.len);
	return psl_is_public_suffix2(psl_builtin(), text,
				     PSL_TYPE_ICANN | PSL_TYPE_NO_STAR_RULE) == 1;
}

struct str mail_domain_organisational(struct str domain)
{
	char text[DOMAIN_MAX + 1] = "";

	if (domain.len > DOMAIN_MAX)
		return domain;
	memcpy(text, domain.data, domain.len);
	const char *found = psl_registrable_domain(psl_builtin(), text);
	return found ? str_sub(domain, (size_t)(found - text), domain.len) : domain;
}
