/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The formats: their texts byte for byte, what they refuse, and hostile values. What the
 * tools themselves make of them is tests/e2e/test_records.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "publish/publish.h"

struct written {
	struct arena *a;
	struct expectation x;
	struct publication p;
	struct buf out;
	struct err e;
};

static void add(struct written *w, enum purpose purpose, uint16_t type, const char *name,
		struct str value)
{
	const struct record_draft d = {
		.purpose = purpose, .type = type, .name = str_from(name), .value = value
	};
	if (!expectation_add(w->a, &w->x, &d, &w->e))
		fail_msg("%s: %s", name, w->e.text);
}

static void begin(struct written *w, struct arena *a, const char *domain,
		  const char *zone)
{
	arena_init(a, 16 << 20);
	*w = (struct written){ .a = a };
	buf_init(&w->out, 1 << 20);
	w->p = (struct publication){ .a = a, .x = &w->x };
	if (!expectation_empty(a, str_from(domain), &w->x, &w->e) ||
	    !dns_name_parse(str_from(zone), &w->p.zone, &w->e))
		fail_msg("%s", w->e.text);
}

static void end(struct written *w)
{
	buf_done(&w->out);
	arena_done(w->a);
}

static const char *write(struct written *w, const char *format)
{
	buf_clear(&w->out);
	if (!publish_write(&w->out, &w->p, str_from(format), &w->e))
		fail_msg("%s: %s", format, w->e.text);
	return buf_cstr(&w->out);
}

static void common(struct written *w, struct arena *a)
{
	begin(w, a, "shop.example.com", "example.com");
	add(w, PURPOSE_DKIM, DNS_TYPE_CNAME, "k1._domainkey.shop.example.com",
	    STR("k1.keys.example.net"));
	add(w, PURPOSE_MAIL_FROM, DNS_TYPE_MX, "bounce.shop.example.com",
	    STR("10 mx.example.net"));
	add(w, PURPOSE_OWNERSHIP, DNS_TYPE_TXT, "example.com",
	    STR("say \"hi\"; \\ ${x}"));
}

static void each_format_writes_its_own_text(void **state unused_arg)
{
	static const struct {
		const char *format;
		const char *text;
	} cases[] = {
		{ "zone", "$ORIGIN example.com.\n"
			  "k1._domainkey.shop\t3600\tIN\tCNAME\tk1.keys.example.net.\n"
			  "bounce.shop\t3600\tIN\tMX\t10 mx.example.net.\n"
			  "@\t3600\tIN\tTXT\t\"say \\\"hi\\\"; \\\\ ${x}\"\n" },
		{ "cloudflare",
		  "k1._domainkey.shop.example.com.\t3600\tIN\tCNAME\tk1.keys.example.net."
		  " "
		  "; cf_tags=cf-proxied:false\n"
		  "bounce.shop.example.com.\t3600\tIN\tMX\t10 mx.example.net.\n"
		  "example.com.\t3600\tIN\tTXT\t\"say \\\"hi\\\"; \\\\ ${x}\"\n" },
		{ "nsupdate",
		  "zone example.com.\n"
		  "prereq nxdomain k1._domainkey.shop.example.com.\n"
		  "update add k1._domainkey.shop.example.com. 3600 CNAME "
		  "k1.keys.example.net.\nsend\n"
		  "zone example.com.\n"
		  "prereq nxrrset bounce.shop.example.com. MX\n"
		  "update add bounce.shop.example.com. 3600 MX 10 mx.example.net.\nsend\n"
		  "zone example.com.\n"
		  "prereq nxrrset example.com. TXT\n"
		  "update add example.com. 3600 TXT \"say \\\"hi\\\"; \\\\ "
		  "${x}\"\nsend\n" },
		{ "octodns", "---\n'':\n  - ttl: 3600\n    type: TXT\n    values:\n"
			     "    - 'say \"hi\"\\; \\ ${x}'\n"
			     "'bounce.shop':\n  - ttl: 3600\n    type: MX\n    values:\n"
			     "    - exchange: 'mx.example.net.'\n      preference: 10\n"
			     "'k1._domainkey.shop':\n  - ttl: 3600\n    type: CNAME\n"
			     "    value: 'k1.keys.example.net.'\n" },
		{ "table", "k1._domainkey.shop  CNAME  k1.keys.example.net\n"
			   "bounce.shop         MX     10 mx.example.net\n"
			   "@                   TXT    say \"hi\"; \\\\ ${x}\n" },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct arena a;
		struct written w;
		common(&w, &a);
		const char *text = write(&w, cases[i].format);
		if (strcmp(text, cases[i].text) != 0)
			fail_msg("%s:\n%s", cases[i].format, text);
		end(&w);
	}
}

static bool is_plain(struct str text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i];
		if ((c < ' ' && c != '\n' && c != '\t' && c != '\r') || c > '~')
			return false;
	}
	return true;
}

static void hostile_octets_never_come_out_as_they_are(void **state unused_arg)
{
	static const char *const refusing[] = { "csv", "dnscontrol", "octodns" };
	for (size_t i = 0; publish_format_at(i); i++) {
		const char *name = publish_format_at(i)->name;
		bool is_refused = false;
		struct arena a;
		struct written w;
		begin(&w, &a, "shop.example.com", "example.com");
		add(&w, PURPOSE_OWNERSHIP, DNS_TYPE_TXT, "shop.example.com",
		    STR("\x1b]0;x\x07\xe2\x80\xae\n\xff<b>\x7f"));
		for (size_t j = 0; j < ARRAY_LEN(refusing); j++)
			is_refused |= strcmp(refusing[j], name) == 0;
		if (publish_write(&w.out, &w.p, str_from(name), &w.e) == is_refused)
			fail_msg("%s: %s", name, w.e.text);
		if (is_refused)
			assert_int_equal(w.e.kind, ERR_USAGE);
		else if (!is_plain(buf_view(&w.out)) || w.out.len == 0)
			fail_msg("%s: %s", name, buf_cstr(&w.out));
		end(&w);
	}
}

static void a_tool_gets_only_what_lies_in_the_zone(void **state unused_arg)
{
	for (size_t i = 0; publish_format_at(i); i++) {
		const struct publish_format *f = publish_format_at(i);
		struct arena a;
		struct written w;
		begin(&w, &a, "shop.example.com", "shop.example.com");
		add(&w, PURPOSE_DMARC, DNS_TYPE_TXT, "_dmarc.example.com",
		    STR("v=DMARC1; p=none"));
		if (publish_write(&w.out, &w.p, str_from(f->name), &w.e) != f->for_people)
			fail_msg("%s", f->name);
		end(&w);
	}
}

static void names_are_shown_as_the_panel_wants_them(void **state unused_arg)
{
	static const struct {
		const char *provider;
		enum publish_names names;
		const char *shown;
	} cases[] = {
		{ "muumuu", PUBLISH_NAMES_AUTO, "k1._domainkey.shop " },
		{ "hurricane-electric", PUBLISH_NAMES_AUTO,
		  "k1._domainkey.shop.example.com " },
		{ "hurricane-electric", PUBLISH_NAMES_RELATIVE, "k1._domainkey.shop " },
		{ "muumuu", PUBLISH_NAMES_WHOLE, "k1._domainkey.shop.example.com " },
		{ "", PUBLISH_NAMES_AUTO, "k1._domainkey.shop " },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct arena a;
		struct written w;
		common(&w, &a);
		w.p.provider.provider = provider_find(str_from(cases[i].provider));
		w.p.names = cases[i].names;
		if (!str_starts(str_from(write(&w, "table")), str_from(cases[i].shown)))
			fail_msg("%zu: %s", i, buf_cstr(&w.out));
		end(&w);
	}
}

static void cards_have_the_labels_and_dots_of_the_panel(void **state unused_arg)
{
	struct arena a;
	struct written w;
	common(&w, &a);
	w.p.provider.provider = provider_find(STR("muumuu"));
	const char *text = write(&w, "cards");
	assert_non_null(strstr(text, "Name (サブドメイン)  k1._domainkey.shop\n"));
	assert_non_null(strstr(text, "Value (内容)         k1.keys.example.net\n"));
	w.p.provider.provider = provider_find(STR("network-solutions"));
	assert_non_null(strstr(write(&w, "cards"), "k1.keys.example.net.\n"));
	end(&w);
}

static void names_with_numbers_stand_in_natural_order(void **state unused_arg)
{
	struct arena a;
	struct written w;
	begin(&w, &a, "example.com", "example.com");
	add(&w, PURPOSE_DKIM, DNS_TYPE_CNAME, "k10._domainkey.example.com",
	    STR("a.example.net"));
	add(&w, PURPOSE_DKIM, DNS_TYPE_CNAME, "k9._domainkey.example.com",
	    STR("b.example.net"));
	const char *text = write(&w, "octodns");
	assert_true(strstr(text, "'k9.") < strstr(text, "'k10."));
	end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_format_writes_its_own_text),
		cmocka_unit_test(hostile_octets_never_come_out_as_they_are),
		cmocka_unit_test(a_tool_gets_only_what_lies_in_the_zone),
		cmocka_unit_test(names_are_shown_as_the_panel_wants_them),
		cmocka_unit_test(cards_have_the_labels_and_dots_of_the_panel),
		cmocka_unit_test(names_with_numbers_stand_in_natural_order),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
