/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lint of MX records: "10 host". */
#include "policy/lint.h"

static bool is_address(struct str host)
{
	struct address ignored;

	return address_parse(host, 53, &ignored);
}

static void check_host(struct lint *l, struct str host)
{
	struct dns_name name;
	struct err e = { 0 };

	if (is_address(host)) {
		lint_add(l, LINT_ERROR, host,
			 lang_text(l->lang,
				   "an MX record names a host, not an IP address"),
			 NULL);
		return;
	}
	if (!dns_name_parse(host, &name, &e)) {
		lint_add(l, LINT_ERROR, host,
			 lang_text(l->lang, "this is not the name of a host"), NULL);
		return;
	}
	if (name.len == 1)
		lint_add(l, LINT_NOTE, host,
			 lang_text(l->lang,
				   "a null MX (RFC 7505): the name takes no mail at "
				   "all"),
			 NULL);
	else if (dns_name_labels(&name) == 1)
		lint_add(l, LINT_NOTE, host,
			 lang_text(l->lang,
				   "a host of one label: in a zone file the zone's "
				   "name is put behind it"),
			 NULL);
	struct str text = dns_name_text(l->a, &name);
	if (str_starts(text, STR("feedback-smtp.")) &&
	    str_ends(text, STR(".amazonaws.com")))
		lint_add(l, LINT_ERROR, host,
			 lang_text(l->lang,
				   "the host that takes bounces for Amazon SES ends "
				   "in amazonses.com"),
			 arena_printf(
				 l->a, "%.*s.amazonses.com",
				 STR_ARG(str_sub(text, 0,
						 text.len - STR(".amazonaws.com").len))));
}

void lint_mx(struct lint *l)
{
	struct str text = str_trim(l->text);
	struct cursor c = cursor_over(text);
	struct str number = cursor_until(&c, " \t");
	uint64_t preference;

	cursor_while(&c, " \t");
	struct str host = cursor_until(&c, " \t\r\n");
	if (text.len == 0) {
		lint_add(l, LINT_ERROR, lint_end(l), lang_text(l->lang, "it is empty"),
			 "10 mail.example.com");
		return;
	}
	if (host.len == 0) {
		lint_add(l, LINT_ERROR, str_sub(number, 0, 0),
			 lang_text(
				 l->lang,
				 "the number (priority) in front of the host is missing"),
			 arena_printf(l->a, "10 %s", lint_shown(l, number)));
		check_host(l, number);
		return;
	}
	if (!str_number(number, UINT16_MAX, &preference))
		lint_add(l, LINT_ERROR, number,
			 lang_text(l->lang, "the priority is a number from 0 to 65535"),
			 "10");
	check_host(l, host);
	cursor_while(&c, " \t\r\n");
	if (cursor_left(&c) > 0)
		lint_add(l, LINT_ERROR,
			 str_sub(text, text.len - cursor_left(&c), text.len),
			 lang_text(l->lang, "nothing may stand behind the host"), NULL);
}
