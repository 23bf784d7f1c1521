/* SPDX-License-Identifier: GPL-3.0-or-later */
/* DMARC records and the addresses in them (RFC 9989 sections 4.7 and 4.8). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "policy/policy.h"

/* "p=none adkim=s ..." of what the record says; "-" where it is no DMARC record. */
static struct str read_back(struct arena *a, struct str txt)
{
	struct dmarc_record r;
	auto_buf struct buf b;

	buf_init(&b, 4096);
	if (!dmarc_record_parse(a, txt, &r))
		return STR("-");
	buf_printf(&b, "%s", r.has_p ? dmarc_policy_name(r.p) : "?");
	if (r.has_sp)
		buf_printf(&b, " sp=%s", dmarc_policy_name(r.sp));
	if (r.has_np)
		buf_printf(&b, " np=%s", dmarc_policy_name(r.np));
	buf_text(&b, r.has_bad_policy ? " bad" : "");
	buf_text(&b, r.strict_dkim ? " adkim=s" : "");
	buf_text(&b, r.strict_spf ? " aspf=s" : "");
	buf_text(&b, r.testing ? " t=y" : "");
	if (r.has_psd)
		buf_text(&b, r.psd ? " psd=y" : " psd=n");
	if (r.fo.len > 0)
		buf_printf(&b, " fo=%.*s", STR_ARG(r.fo));
	buf_text(&b, r.has_report_address ? " rua" : "");
	if (!dmarc_record_applies(&r))
		buf_text(&b, " void");
	return arena_str(a, buf_view(&b));
}

static void records_are_read_as_receivers_do(void **state unused_arg)
{
	static const struct {
		const char *name;
		const char *txt;
		const char *is;
	} cases[] = {
		{ "RFC 9989 appendix B.2.1",
		  "v=DMARC1; p=none; rua=mailto:dmarc-feedback@example.com", "none rua" },
		{ "RFC 9989 appendix B.2.2",
		  "v=DMARC1; p=none; rua=mailto:dmarc-feedback@example.com; "
		  "ruf=mailto:auth-reports@example.com",
		  "none rua" },
		{ "RFC 9989 appendix B.2.5",
		  "v=DMARC1; p=quarantine; rua=mailto:dmarc-feedback@example.com,"
		  "mailto:tld-test@thirdparty.example.net; t=y",
		  "quarantine t=y rua" },
		{ "policies", "v=DMARC1;p=reject;sp=quarantine;np=reject",
		  "reject sp=quarantine np=reject" },
		{ "alignment", "v=DMARC1; p=none; adkim=s; aspf=s",
		  "none adkim=s aspf=s" },
		{ "relaxed in words", "v=DMARC1; p=none; adkim=r; aspf=r", "none" },
		{ "public suffix", "v=DMARC1; p=reject; psd=y", "reject psd=y" },
		{ "no public suffix", "v=DMARC1; p=reject; psd=n", "reject psd=n" },
		{ "undecided", "v=DMARC1; p=reject; psd=u", "reject" },
		{ "failure options", "v=DMARC1; p=none; fo=1:d:s", "none fo=1:d:s" },
		{ "blanks", "v = DMARC1 ; p = reject ;", "reject" },
		{ "words in capitals", "v=DMARC1; p=REJECT", "reject" },
		{ "any order behind v", "v=DMARC1; adkim=s; p=reject", "reject adkim=s" },
		{ "unknown tags", "v=DMARC1; p=none; x=y; pct=50; rf=afrf; ri=3600",
		  "none" },
		{ "no p", "v=DMARC1; rua=mailto:a@b.example", "? rua" },
		{ "no p and no rua", "v=DMARC1", "? void" },
		{ "bad p", "v=DMARC1; p=monitor", "? bad void" },
		{ "bad p with rua", "v=DMARC1; p=monitor; rua=mailto:a@b.example",
		  "? bad rua" },
		{ "bad sp", "v=DMARC1; p=reject; sp=x", "reject bad void" },
		{ "rubbish behind", "v=DMARC1; p=reject; rubbish; =; ;;", "reject" },
		{ "twice", "v=DMARC1; p=reject; p=none", "reject" },
		{ "bad alignment counts as relaxed", "v=DMARC1; p=none; aspf=strict",
		  "none" },
		{ "small v", "v=dmarc1; p=none", "-" },
		{ "capital V of the tag", "V=DMARC1; p=none", "none" },
		{ "not in front", "p=none; v=DMARC1", "-" },
		{ "longer version", "v=DMARC10; p=none", "-" },
		{ "no semicolon", "v=DMARC1 p=none", "-" },
		{ "SPF", "v=spf1 -all", "-" },
		{ "DKIM", "v=DKIM1; p=", "-" },
		{ "quoted", "\"v=DMARC1; p=none\"", "-" },
		{ "empty", "", "-" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_arena struct arena a;
		arena_init(&a, 65536);
		struct str is = read_back(&a, str_from(cases[i].txt));

		if (!str_is(is, cases[i].is))
			fail_msg("%s: '%.*s'", cases[i].name, STR_ARG(is));
	}
}

static void what_was_meant_as_a_record_is_told(void **state unused_arg)
{
	static const struct {
		const char *txt;
		bool meant;
	} cases[] = {
		{ "v=DMARC1; p=none", true },
		{ "v=dmarc1; p=none", true },
		{ " v = DMARC1", true },
		{ "\"v=DMARC1; p=none\"", true },
		{ "v=DMARC2", true },
		{ "p=none; v=DMARC1", false },
		{ "v=spf1 include:dmarc", false },
		{ "", false },
		{ "hello", false },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		if (dmarc_record_is_meant(str_from(cases[i].txt)) != cases[i].meant)
			fail_msg("'%s'", cases[i].txt);
}

static void addresses_give_the_host_of_reports(void **state unused_arg)
{
	static const struct {
		const char *item;
		const char *host; /* NULL: refused */
		bool has_size;
	} cases[] = {
		{ "mailto:dmarc@example.com", "example.com", false },
		{ " MAILTO:dmarc@Example.com ", "example.com", false },
		{ "mailto:dmarc@example.com!10m", "example.com", true },
		{ "mailto:a@b.example?subject=x", "b.example", false },
		{ "https://reports.example/dmarc", "reports.example", false },
		{ "https://u:p@reports.example:8443/x", "reports.example", false },
		{ "dmarc@example.com", NULL, false },
		{ "mailto:", NULL, false },
		{ "mailto:dmarc", NULL, false },
		{ "mailto:@example.com", NULL, false },
		{ "mailto:a@b@example.com", NULL, false },
		{ "mailto:a@.example.com", NULL, false },
		{ "mailto:a b@example.com", NULL, false },
		{ "https:reports.example", NULL, false },
		{ "", NULL, false },
		{ ":", NULL, false },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_arena struct arena a;
		struct dmarc_address out;
		struct err e = { 0 };

		arena_init(&a, 4096);
		bool ok = dmarc_address_parse(str_from(cases[i].item), &out, &e);
		if (ok != (cases[i].host != NULL))
			fail_msg("'%s': %s", cases[i].item, ok ? "taken" : e.text);
		if (ok && (!str_is(dns_name_text(&a, &out.host), cases[i].host) ||
			   out.has_size != cases[i].has_size))
			fail_msg("'%s': %.*s", cases[i].item,
				 STR_ARG(dns_name_text(&a, &out.host)));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_are_read_as_receivers_do),
		cmocka_unit_test(what_was_meant_as_a_record_is_told),
		cmocka_unit_test(addresses_give_the_host_of_reports),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
