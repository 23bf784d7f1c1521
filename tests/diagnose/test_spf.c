/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U601 to U608: what is said about SPF records, and what is asked for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "seen.h"

#define AT      "bounce.shop.example.com"
#define SPF     "spf TXT " AT " v=spf1 include:spf.example.net ~all\n"
#define DKIM    "dkim CNAME k1._domainkey.shop.example.com k1.keys.example.net\n"
#define DKIM_OK "all CNAME k1._domainkey.shop.example.com = k1.keys.example.net.\n"
#define FORWARD "forward 203.0.113.53\n"
#define SERVERS                                   \
	"server ns1.operator.example 192.0.2.1\n" \
	"server ns2.operator.example 192.0.2.2\n"
#define HAS(record)  FORWARD "all TXT " AT " = \"" record "\"\n"
#define MORE(n, txt) "all TXT " n " = \"" txt "\"\n"
#define GONE(n)      "all TXT " n " nx\n"
#define X_SILENT     "all TXT x.example timeout\n"
#define X_ALIAS      "all TXT x.example alias z.example.\n"
/* The platform's own. */
#define PLATFORM MORE("spf.example.net", "v=spf1 ip4:192.0.2.0/24 -all")

struct spf_row {
	const char *name;
	const char *expected;
	const char *seen;
	const char *findings;
	const char *states;
};

static void check_spf(const struct spf_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		auto_arena struct arena a;
		arena_init(&a, 64 << 20);
		struct report r;
		struct seen s = seen_make(&a, rows[i].expected, rows[i].seen);
		diagnose_judge(&a, &s.x, &s.o, LANG_EN, &r);
		const char *findings = findings_text(&a, &r);
		const char *states = states_text(&a, &r);
		if (strcmp(findings, rows[i].findings) != 0 ||
		    strcmp(states, rows[i].states) != 0)
			fail_msg("%s: [%s] [%s]", rows[i].name, findings, states);
	}
}

static void a_record_is_right_by_what_it_means(void **state unused_arg)
{
	static const struct spf_row rows[] = {
		{ "the same", SPF, HAS("v=spf1 include:spf.example.net ~all"), "",
		  "spf=ok" },
		{ "among others", SPF,
		  HAS("v=spf1 mx ip4:203.0.113.1 include:spf.example.net -all"), "",
		  "spf=ok" },
		{ "by redirect", SPF,
		  HAS("v=spf1 redirect=_spf.example.com")
			  MORE("_spf.example.com", "v=spf1 include:spf.example.net -all"),
		  "", "spf=ok" },
		{ "inside an include", SPF,
		  HAS("v=spf1 include:_spf.example.com -all")
			  MORE("_spf.example.com", "v=spf1 mx include:spf.example.net"),
		  "", "spf=ok" },
		{ "by its addresses", SPF, HAS("v=spf1 ip4:192.0.2.0/23 -all") PLATFORM,
		  "", "spf=ok" },
		{ "by what is asked for the client", SPF,
		  HAS("v=spf1 exists:%{i}.x.example -all") PLATFORM
		  "all A 192.0.2.1.x.example = 127.0.0.2\n",
		  "", "spf=ok" },
		{ "an include in front that does not answer", SPF,
		  HAS("v=spf1 include:slow.example include:spf.example.net "
		      "-all") "all TXT slow.example timeout\n",
		  "", "spf=ok" },
	};
	check_spf(rows, ARRAY_LEN(rows));
}

static void each_trouble_has_its_code(void **state unused_arg)
{
	static const struct spf_row rows[] = {
		{ "none", DKIM SPF, FORWARD DKIM_OK "all TXT " AT " nodata\n",
		  "U601:error", "dkim-1=ok spf=missing" },
		{ "another text", DKIM SPF, HAS("hello") DKIM_OK, "U601:error",
		  "dkim-1=ok spf=missing" },
		{ "two", SPF,
		  HAS("v=spf1 include:spf.example.net ~all\" ;; \"v=spf1 mx -all"),
		  "U602:error", "spf=wrong" },
		{ "not included", SPF, HAS("v=spf1 mx -all"), "U603:error", "spf=wrong" },
		{ "behind all", SPF, HAS("v=spf1 -all include:spf.example.net"),
		  "U603:error", "spf=wrong" },
		{ "refused", SPF, HAS("v=spf1 ?include:spf.example.net -all"),
		  "U603:error", "spf=wrong" },
		{ "not in what is included", SPF,
		  HAS("v=spf1 include:_spf.example.com -all") MORE(
			  "_spf.example.com", "v=spf1 ip4:203.0.113.0/24 -all") PLATFORM,
		  "U603:error", "spf=wrong" },
		{ "eleven look-ups", SPF,
		  HAS("v=spf1 ptr ptr ptr ptr ptr ptr ptr ptr ptr ptr "
		      "include:spf.example.net -all"),
		  "U604:error", "spf=wrong" },
		{ "the platform's own makes it eleven", SPF,
		  HAS("v=spf1 ptr ptr ptr ptr ptr ptr ptr ptr ptr "
		      "include:spf.example.net -all")
			  MORE("spf.example.net", "v=spf1 ptr ip4:192.0.2.0/24 -all"),
		  "U604:error", "spf=wrong" },
		{ "three voids", SPF,
		  HAS("v=spf1 a:a.example a:b.example a:c.example include:spf.example.net"
		      " -all") "all A a.example nx\nall A b.example nx\n"
			       "all A c.example nx\n" PLATFORM,
		  "U605:error", "spf=wrong" },
		{ "syntax", SPF, HAS("v=spf1 include:spf.example.net ~al"), "U606:error",
		  "spf=wrong" },
		{ "syntax inside", SPF,
		  HAS("v=spf1 include:_spf.example.com include:spf.example.net")
			  MORE("_spf.example.com", "v=spf1 ipv4:1 -all") PLATFORM,
		  "U606:error", "spf=wrong" },
		{ "dangling", SPF,
		  HAS("v=spf1 include:old.example include:spf.example.net -all")
			  GONE("old.example") PLATFORM,
		  "U608:error", "spf=wrong" },
		{ "what is asked for the client is not there for the platform's", SPF,
		  HAS("v=spf1 exists:%{i}.x.example -all") PLATFORM
		  "all A 192.0.2.1.x.example nx\n",
		  "U603:error", "spf=wrong" },
		{ "mistyped, and so dangling", SPF,
		  HAS("v=spf1 include:spff.example.net -all") GONE("spff.example.net"),
		  "U603:error", "spf=wrong" },
		{ "not required", "?" SPF, HAS("v=spf1 mx -all"), "U603:note",
		  "spf=wrong" },
	};
	check_spf(rows, ARRAY_LEN(rows));
}

static void what_is_behind_the_platforms_term_is_a_note(void **state unused_arg)
{
	static const struct spf_row rows[] = {
		{ "eleven look-ups", SPF,
		  HAS("v=spf1 include:spf.example.net ptr ptr ptr ptr ptr ptr ptr ptr "
		      "ptr "
		      "ptr -all"),
		  "U604:note", "spf=ok" },
		{ "everybody", SPF, HAS("v=spf1 include:spf.example.net all"),
		  "U607:note", "spf=ok" },
		{ "everybody, and nothing else", SPF, HAS("v=spf1 +all"), "U607:note",
		  "spf=ok" },
		{ "dangling, as was seen", SPF,
		  HAS("v=spf1 include:spf.example.net include:old.example -all")
			  GONE("old.example"),
		  "U608:note", "spf=ok" },
	};
	check_spf(rows, ARRAY_LEN(rows));
}

static void what_could_not_be_asked_is_not_a_trouble(void **state unused_arg)
{
	static const struct spf_row rows[] = {
		{ "not asked", SPF, HAS("v=spf1 include:_spf.example.com -all"),
		  "U603:unsure", "spf=unknown" },
		{ "no answer", SPF,
		  HAS("v=spf1 include:_spf.example.com -all") "all TXT _spf.example.com "
							      "timeout\n",
		  "U603:unsure", "spf=unknown" },
		{ "the client's address", SPF, HAS("v=spf1 include:%{i}.x.example -all"),
		  "U603:unsure", "spf=unknown" },
	};
	check_spf(rows, ARRAY_LEN(rows));
}

static void what_is_there_is_judged_where_nothing_is_expected(void **state unused_arg)
{
	static const struct {
		const char *name;
		const char *record;
		const char *finding; /* among others */
	} rows[] = {
		{ "syntax", "v=spf1 ipv4:192.0.2.1 -all", "U606:error" },
		{ "everybody", "v=spf1 +all", "U607:note" },
		{ "eleven", "v=spf1 ptr ptr ptr ptr ptr ptr ptr ptr ptr ptr ptr -all",
		  "U604:error" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		auto_arena struct arena a;
		arena_init(&a, 64 << 20);
		struct report r;
		struct seen s = seen_make(
			&a, "",
			arena_printf(&a,
				     FORWARD "all TXT shop.example.com = \"%s\"\n"
					     "all MX shop.example.com nodata\n"
					     "all TXT _dmarc.shop.example.com nx\n"
					     "all TXT _domainkey.shop.example.com nx\n",
				     rows[i].record));
		diagnose_judge(&a, &s.x, &s.o, LANG_EN, &r);
		if (!strstr(findings_text(&a, &r), rows[i].finding))
			fail_msg("%s: [%s]", rows[i].name, findings_text(&a, &r));
	}
}

/* Other rules ask below the domain itself, and what is nobody's. */
static bool is_of_spf(const struct dns_name *name)
{
	struct dns_name other;
	struct err e = { 0 };
	static const char *const others[] = { "shop.example.com", "invalid" };
	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		assert_true(dns_name_parse(str_from(others[i]), &other, &e));
		if (dns_name_within(name, &other))
			return false;
	}
	return true;
}

/* "TXT spf.example.net" ... */
static const char *more_text(struct arena *a, const char *expected, const char *seen)
{
	struct question *questions;
	struct seen s = seen_make(a, expected, seen);
	size_t count = diagnose_more(a, &s.x, &s.o, &questions);
	auto_buf struct buf b;
	buf_init(&b, 4096);
	for (size_t i = 0; i < count; i++) {
		if (!is_of_spf(&questions[i].name))
			continue;
		buf_text(&b, b.len > 0 ? " " : "");
		dns_type_write(&b, questions[i].type);
		buf_byte(&b, ' ');
		dns_name_write(&b, &questions[i].name);
	}
	return arena_text(a, buf_view(&b));
}

static void only_what_is_needed_is_asked(void **state unused_arg)
{
	static const struct {
		const char *name;
		const char *seen;
		const char *more;
	} rows[] = {
		{ "right as it stands",
		  HAS("v=spf1 ip4:203.0.113.1 include:spf.example.net include:x.example"),
		  "" },
		{ "two in front, the platform's own costs too",
		  HAS("v=spf1 include:x.example a include:spf.example.net -all"),
		  "TXT x.example TXT spf.example.net" },
		{ "the next round",
		  HAS("v=spf1 include:x.example include:spf.example.net -all")
			  MORE("x.example", "v=spf1 include:y.example -all") PLATFORM,
		  "TXT y.example" },
		{ "what was asked in vain is not asked again",
		  HAS("v=spf1 include:x.example -all") X_SILENT, "" },
		{ "nowhere to go", HAS("v=spf1 -all"), "" },
		{ "its addresses may be there", HAS("v=spf1 ip4:203.0.113.1 -all"),
		  "TXT spf.example.net" },
		{ "where the alias leads",
		  HAS("v=spf1 include:x.example include:spf.example.net -all")
			  X_ALIAS PLATFORM,
		  "TXT z.example" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		auto_arena struct arena a;
		arena_init(&a, 64 << 20);
		const char *more = more_text(&a, SPF, rows[i].seen);
		if (strcmp(more, rows[i].more) != 0)
			fail_msg("%s: [%s]", rows[i].name, more);
	}
}

static void the_fix_puts_the_platform_in_front(void **state unused_arg)
{
	auto_arena struct arena a;
	arena_init(&a, 64 << 20);
	struct report r;
	struct seen s = seen_make(&a, SPF,
				  HAS("v=spf1 mx ?include:other.example -all")
					  MORE("other.example", "v=spf1 -all"));
	diagnose_judge(&a, &s.x, &s.o, LANG_EN, &r);
	assert_string_equal(
		r.findings[0].fixes[0].to.data,
		"v=spf1 include:spf.example.net mx ?include:other.example -all");
}

static void a_mistyped_term_is_replaced(void **state unused_arg)
{
	auto_arena struct arena a;
	arena_init(&a, 64 << 20);
	struct report r;
	struct seen s = seen_make(&a, SPF,
				  HAS("v=spf1 mx include:spff.example.net -all")
					  GONE("spff.example.net"));
	diagnose_judge(&a, &s.x, &s.o, LANG_EN, &r);
	assert_string_equal(r.findings[0].fixes[0].to.data,
			    "v=spf1 include:spf.example.net mx -all");
	assert_non_null(strstr(r.findings[0].why.data, "spff.example.net"));
}

static void a_slip_is_corrected(void **state unused_arg)
{
	auto_arena struct arena a;
	arena_init(&a, 64 << 20);
	struct report r;
	struct seen s = seen_make(
		&a, SPF, HAS("v=spf1 ipv4:203.0.113.1 include:spf.example.net ~all"));
	diagnose_judge(&a, &s.x, &s.o, LANG_EN, &r);
	assert_string_equal(r.findings[0].fixes[0].to.data,
			    "v=spf1 ip4:203.0.113.1 include:spf.example.net ~all");
}

static void two_records_are_put_together(void **state unused_arg)
{
	static const struct {
		const char *records;
		const char *merged;
	} rows[] = {
		{ "v=spf1 mx -all\" ;; \"v=spf1 include:spf.example.net ~all",
		  "v=spf1 include:spf.example.net mx ~all" },
		{ "v=spf1 mx a\" ;; \"v=spf1 MX +all",
		  "v=spf1 include:spf.example.net mx a ~all" },
		{ "v=spf1 redirect=x.example\" ;; \"v=spf1 -all", "" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		auto_arena struct arena a;
		arena_init(&a, 64 << 20);
		struct report r;
		struct seen s =
			seen_make(&a, SPF,
				  arena_printf(&a, FORWARD "all TXT " AT " = \"%s\"\n",
					       rows[i].records));
		diagnose_judge(&a, &s.x, &s.o, LANG_EN, &r);
		assert_string_equal(r.findings[0].code, "U602");
		assert_true(str_is(r.findings[0].fixes[0].to, rows[i].merged));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_record_is_right_by_what_it_means),
		cmocka_unit_test(each_trouble_has_its_code),
		cmocka_unit_test(what_is_behind_the_platforms_term_is_a_note),
		cmocka_unit_test(what_could_not_be_asked_is_not_a_trouble),
		cmocka_unit_test(what_is_there_is_judged_where_nothing_is_expected),
		cmocka_unit_test(only_what_is_needed_is_asked),
		cmocka_unit_test(the_fix_puts_the_platform_in_front),
		cmocka_unit_test(a_mistyped_term_is_replaced),
		cmocka_unit_test(a_slip_is_corrected),
		cmocka_unit_test(two_records_are_put_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
