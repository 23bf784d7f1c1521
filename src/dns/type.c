/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Texts of record types (libknot's table) and response codes. */
#include "dns/type.h"

#include <libknot/descriptor.h>

enum {
	TYPE_TEXT_MAX = 24
}; /* the longest mnemonic has 10 characters */

void dns_type_write(struct buf *out, uint16_t type)
{
	char text[TYPE_TEXT_MAX];

	if (knot_rrtype_to_string(type, text, sizeof(text)) > 0)
		buf_text(out, text);
	else
		buf_printf(out, "TYPE%u", type); /* RFC 3597 section 5 */
}

/* "<prefix><number up to 65535>" */
static bool parse_numbered(struct str text, struct str prefix, uint16_t *number_out)
{
	uint64_t n;

	if (text.len <= prefix.len ||
	    !str_equal_nocase(str_sub(text, 0, prefix.len), prefix) ||
	    !str_number(str_sub(text, prefix.len, text.len), UINT16_MAX, &n))
		return false;
	*number_out = (uint16_t)n;
	return true;
}

bool dns_type_parse(struct str text, uint16_t *type_out)
{
	char name[TYPE_TEXT_MAX] = "";
	uint16_t type;

	if (parse_numbered(text, STR("TYPE"), type_out))
		return true;
	if (text.len == 0 || text.len >= sizeof(name) ||
	    str_equal_nocase(str_sub(text, 0, 4), STR("TYPE")))
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (!ascii_is_alnum((unsigned char)text.data[i]) && text.data[i] != '-')
			return false;
		name[i] = text.data[i];
	}
	if (knot_rrtype_from_string(name, &type) != 0)
		return false;
	*type_out = type;
	return true;
}

struct rcode_text {
	uint16_t rcode;
	struct str text;
};

/* IANA "DNS RCODEs", those that can stand in an answer without TSIG or TKEY. */
static const struct rcode_text rcode_texts[] = {
	{ DNS_RCODE_NOERROR, { "NOERROR", 7 } },
	{ DNS_RCODE_FORMERR, { "FORMERR", 7 } },
	{ DNS_RCODE_SERVFAIL, { "SERVFAIL", 8 } },
	{ DNS_RCODE_NXDOMAIN, { "NXDOMAIN", 8 } },
	{ DNS_RCODE_NOTIMP, { "NOTIMP", 6 } },
	{ DNS_RCODE_REFUSED, { "REFUSED", 7 } },
	{ 6, { "YXDOMAIN", 8 } },
	{ 7, { "YXRRSET", 7 } },
	{ 8, { "NXRRSET", 7 } },
	{ 9, { "NOTAUTH", 7 } },
	{ 10, { "NOTZONE", 7 } },
	{ 11, { "DSOTYPENI", 9 } },
	{ DNS_RCODE_BADVERS, { "BADVERS", 7 } },
	{ DNS_RCODE_BADCOOKIE, { "BADCOOKIE", 9 } },
};

void dns_rcode_write(struct buf *out, uint16_t rcode)
{
	for (size_t i = 0; i < ARRAY_LEN(rcode_texts); i++) {
		if (rcode_texts[i].rcode == rcode) {
			buf_str(out, rcode_texts[i].text);
			return;
		}
	}
	buf_printf(out, "RCODE%u", rcode);
}

bool dns_rcode_parse(struct str text, uint16_t *rcode_out)
{
	for (size_t i = 0; i < ARRAY_LEN(rcode_texts); i++) {
		if (str_equal_nocase(rcode_texts[i].text, text)) {
			*rcode_out = rcode_texts[i].rcode;
			return true;
		}
	}
	return parse_numbered(text, STR("RCODE"), rcode_out);
}
