/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reports as people and programs get them, against golden files in golden/:
 * NAME.WIDTH.LANGUAGE.txt and NAME.json. With UNPEND_GOLDEN_WRITE set they are written
 * anew; read
 * the difference then.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>
#include <jansson.h>

#include "seen.h"

#define N1 "k1._domainkey.shop.example.com"
#define N2 "k2._domainkey.shop.example.com"
#define TWO                                                   \
	"dkim CNAME " N1 " k1.t7q2m9.dkim.mail.example.net\n" \
	"dkim CNAME " N2 " k2.t7q2m9.dkim.mail.example.net\n"
#define REST                                                                         \
	"mail_from MX bounce.shop.example.com feedback.mail.example.net\n"           \
	"spf TXT bounce.shop.example.com v=spf1 include:spf.mail.example.net ~all\n" \
	"?dmarc TXT _dmarc.shop.example.com v=DMARC1; p=none\n"
#define SERVERS                                                                          \
	"server ns1.operator.example 192.0.2.1\nserver ns2.operator.example 192.0.2.2\n" \
	"server ns3.operator.example 192.0.2.3\n"
#define V1     "k1.t7q2m9.dkim.mail.example.net."
#define RIGHT1 "all CNAME " N1 " = " V1 "\n"
#define RIGHT2 "all CNAME " N2 " = k2.t7q2m9.dkim.mail.example.net.\n"
#define OTHERS                                                                     \
	"all MX bounce.shop.example.com = 10 feedback.mail.example.net.\n"         \
	"all TXT bounce.shop.example.com = \"v=spf1 include:spf.mail.example.net " \
	"~all\"\n"                                                                 \
	"all TXT _dmarc.shop.example.com = \"v=DMARC1; p=none\"\n"

#define KEY_CUT                                                                         \
	"MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/" \
	"zYtIxN2SnFCjxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v/RtdC2UzJ1lWT947qR+Rcac2gbto"
#define KEY KEY_CUT "/NMqJ0fzfVjH4OuKhitdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB"

static const struct {
	const char *name;
	const char *expected;
	const char *seen;
} cases[] = {
	{ "ok", TWO REST, SERVERS RIGHT1 RIGHT2 OTHERS },
	{ "ok-one-dead", TWO,
	  SERVERS "ns1 CNAME " N1 " timeout\nns1 CNAME " N2 " timeout\nns2 CNAME " N1
		  " = " V1 "\nns3 CNAME " N1 " = " V1 "\nns2 CNAME " N2
		  " = k2.t7q2m9.dkim.mail.example.net.\nns3 CNAME " N2
		  " = k2.t7q2m9.dkim.mail.example.net.\n" },
	{ "u101", TWO REST, "walk nxdomain example.com\n" },
	{ "u103", TWO,
	  "server ns9.former.example 192.0.2.9\n" SERVERS "ns9 CNAME " N1
	  " refused\nns9 CNAME " N2 " refused\n"
	  "ns1 CNAME " N1 " = " V1 "\nns2 CNAME " N1 " = " V1 "\nns3 CNAME " N1 " = " V1
	  "\n"
	  "ns1 CNAME " N2 " = k2.t7q2m9.dkim.mail.example.net.\nns2 CNAME " N2
	  " = k2.t7q2m9.dkim.mail.example.net.\nns3 CNAME " N2
	  " = k2.t7q2m9.dkim.mail.example.net.\n" },
	{ "u104", TWO,
	  SERVERS
	  "serial ns1 2026112102\nserial ns2 2026112102\nserial ns3 2026112101\n" RIGHT1
	  "ns1 CNAME " N2 " = k2.t7q2m9.dkim.mail.example.net.\nns2 CNAME " N2
	  " = k2.t7q2m9.dkim.mail.example.net.\nns3 CNAME " N2 " nx\n" },
	{ "u106", TWO, SERVERS RIGHT1 RIGHT2 "bogus CNAME " N1 "\nbogus CNAME " N2 "\n" },
	{ "u201", TWO REST,
	  SERVERS "all CNAME " N1 " nx\nall CNAME " N2 " nx\n" OTHERS "all CNAME " N1
		  ".example.com = " V1 "\nall CNAME " N2
		  ".example.com = k2.t7q2m9.dkim.mail.example.net.\n" },
	{ "u301", TWO REST,
	  SERVERS
	  "all CNAME " N1 " nx\nall CNAME " N2 " nx\nall MX bounce.shop.example.com nx\n"
	  "all TXT bounce.shop.example.com nx\nall TXT _dmarc.shop.example.com nx\n" },
	{ "u301-one-cache", TWO,
	  "forward 203.0.113.53\n" RIGHT1 "all CNAME " N2 " nx 184\n" },
	{ "u302", TWO,
	  SERVERS "all CNAME " N1
		  " = k1.t7q2m9.dkim.mail.example.net.example.com.\n" RIGHT2 },
	{ "u304", TWO,
	  SERVERS "all CNAME " N1 " nodata\n" RIGHT2 "all TXT " N1 " = \"" V1 "\"\n" },
	{ "hostile", TWO,
	  SERVERS RIGHT2
	  "all CNAME " N1 " nodata\nall TXT " N1
	  " = \"\\027]0;owned\\007\\027[2J<script>\\226\\128\\174\\226\\128\\139\\255 "
	  "\\\"quoted\\\"\"\n" },
	{ "u602",
	  "spf TXT bounce.shop.example.com v=spf1 include:spf.mail.example.net ~all\n",
	  SERVERS "all TXT bounce.shop.example.com = \"v=spf1 mx ~all\" ;; \"v=spf1 "
		  "include:spf.mail.example.net ~all\"\n" },
	{ "u901", TWO,
	  SERVERS "resolver 203.0.113.53\nresolver 203.0.113.54\n" RIGHT1 RIGHT2
		  "203.0.113.53 CNAME " N1 " nx 184\n203.0.113.54 CNAME " N1
		  " nx 107\n" },
	{ "u904", TWO, SERVERS "all CNAME " N1 " timeout\nall CNAME " N2 " timeout\n" },
	{ "u905", TWO, SERVERS "all CNAME " N1 " servfail\nall CNAME " N2 " servfail\n" },
	{ "u102", TWO REST,
	  "walk nxdomain example.com\nregistry found inactive\n"
	  "registry registered 1554199200\n" },
	{ "u108", TWO REST,
	  "walk nxdomain example.com\nregistry found client hold\n"
	  "registry registered 1554199200\nregistry expires 1796083200\n" },
	{ "u201-muumuu", TWO REST,
	  "server dns01.muumuu-domain.com 192.0.2.1\n"
	  "server dns02.muumuu-domain.com 192.0.2.2\nall CNAME " N1 " nx\nall CNAME " N2
	  " nx\n" OTHERS "all CNAME " N1 ".example.com = " V1 "\nall CNAME " N2
	  ".example.com = k2.t7q2m9.dkim.mail.example.net.\n" },
	{ "u401", TWO,
	  "server gina.ns.cloudflare.com 192.0.2.1\n"
	  "server hugh.ns.cloudflare.com 192.0.2.2\nall CNAME " N1 " nodata\nall A " N1
	  " = 104.16.0.10 ;; 172.67.0.10\n"
	  "all A 05a3e0693f4e78bc._domainkey.shop.example.com nx\n" RIGHT2 },
	{ "u501", "dkim TXT s1._domainkey.shop.example.com v=DKIM1; p=" KEY "\n",
	  SERVERS "all TXT s1._domainkey.shop.example.com = \"v=DKIM1; p=" KEY_CUT
		  "\"\n" },
	{ "u701", TWO REST,
	  SERVERS RIGHT1 RIGHT2
	  "all MX bounce.shop.example.com nodata\nall TXT bounce.shop.example.com = "
	  "\"v=spf1 include:spf.mail.example.net ~all\"\n"
	  "all TXT _dmarc.shop.example.com = \"v=DMARC1; p=none\"\n" },
	{ "u803", "dmarc TXT _dmarc.shop.example.com v=DMARC1; p=reject\n",
	  SERVERS "all TXT _dmarc.shop.example.com = \"v=DMARC1 p=reject\"\n" },
	{ "u902", TWO,
	  SERVERS "resolver 203.0.113.53\n" RIGHT1 RIGHT2 "203.0.113.53 CNAME " N1
		  " = old.mail.example.net.\n203.0.113.53 CNAME " N2
		  " = k2.t7q2m9.dkim.mail.example.net.\n" },
	{ "u904-root", TWO, "walk silent .\n" },
	{ "u905-root", TWO, "walk servfail .\n" },
	{ "byodkim", "dkim TXT s1._domainkey.shop.example.com\n",
	  SERVERS "all TXT s1._domainkey.shop.example.com = \"v=DKIM1; k=ed25519; "
		  "p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\"\n" },
	{ "nothing-expected", "",
	  SERVERS
	  "all MX shop.example.com = 10 mail.example.\n"
	  "all TXT shop.example.com = \"other\" ;; \"v=spf1 mx -all\"\n"
	  "all TXT _dmarc.shop.example.com nx\nall TXT _domainkey.shop.example.com "
	  "nodata\n" },
};

static const unsigned widths[] = { 60, 80, 120 };

static void compare(const char *file, struct str got)
{
	auto_arena struct arena a;
	auto_buf struct buf wanted;
	struct err e = { 0 };
	arena_init(&a, 1 << 20);
	buf_init(&wanted, 4 << 20);
	const char *path = arena_printf(&a, "%s/%s", GOLDEN_DIR, file);
	if (getenv("UNPEND_GOLDEN_WRITE")) {
		assert_true(file_replace(path, got, 0644, &e));
		return;
	}
	if (!file_read(path, &wanted, &e))
		fail_msg("%s", e.text);
	if (!str_equal(buf_view(&wanted), got))
		fail_msg("%s differs; now:\n%.*s", file, STR_ARG(got));
}

static struct report report_in(enum lang lang, struct arena *a, struct seen *s, size_t i)
{
	struct report r;
	*s = seen_make(a, cases[i].expected, cases[i].seen);
	diagnose_judge(a, &s->x, &s->o, lang, &r);
	return r;
}

static struct report report_of(struct arena *a, struct seen *s, size_t i)
{
	return report_in(LANG_EN, a, s, i);
}

static void compare_text(enum lang lang, size_t i, unsigned columns)
{
	auto_arena struct arena a;
	auto_buf struct buf out;
	struct seen s;
	arena_init(&a, 16 << 20);
	buf_init(&out, 4 << 20);
	struct report r = report_in(lang, &a, &s, i);
	const struct report_style style = { .columns = columns };
	report_write_text(&out, &r, &style);
	compare(arena_printf(&a, "%s.%u.%s.txt", cases[i].name, columns, lang_name(lang)),
		buf_view(&out));
}

static void texts_are_as_in_the_golden_files(void **state unused_arg)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		for (size_t w = 0; w < ARRAY_LEN(widths); w++) {
			compare_text(LANG_EN, i, widths[w]);
			compare_text(LANG_JA, i, widths[w]);
		}
	}
}

/* A page of each family. */
static void pages_are_as_in_the_golden_files(void **state unused_arg)
{
	static const char *const codes[] = { "U102", "U201", "U303", "U401",
					     "U501", "U602", "U901" };
	for (size_t i = 0; i < 2 * ARRAY_LEN(codes); i++) {
		auto_arena struct arena a;
		auto_buf struct buf out;
		const enum lang lang = i % 2 == 0 ? LANG_EN : LANG_JA;
		arena_init(&a, 1 << 20);
		buf_init(&out, 1 << 20);
		assert_true(diagnose_explain(&out, str_from(codes[i / 2]), lang));
		compare(arena_printf(&a, "explain-%s.%s.txt", codes[i / 2],
				     lang_name(lang)),
			buf_view(&out));
	}
}

static void json_is_as_in_the_golden_files(void **state unused_arg)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_arena struct arena a;
		struct seen s;
		arena_init(&a, 16 << 20);
		struct report r = report_of(&a, &s, i);
		json_t *json = report_to_json(&r);
		char *text = json_dumps(json, JSON_INDENT(1) | JSON_ENSURE_ASCII);
		compare(arena_printf(&a, "%s.json", cases[i].name), str_from(text));
		xfree(text);
		json_decref(json);
	}
}

/* A line is too long only when it holds one word that must stay whole. */
static void assert_narrow(const char *name, struct str text, unsigned columns)
{
	struct str line;
	while (str_split(&text, '\n', &line)) {
		struct str words = str_trim(line);
		if (page_width(line) <= columns || str_find_byte(words, ' ') == words.len)
			continue;
		/* "found        NAME", "  CNAME  NAME", "  ok  DKIM 1  CNAME  NAME" */
		const char *last = memrchr(words.data, ' ', words.len);
		size_t word = (size_t)(words.data + words.len - last) - 1;
		if (word + 27 < columns)
			fail_msg("%s at %u: %.*s", name, columns, STR_ARG(line));
	}
}

/* Printable ASCII, the one character that shortens, and a panel's own Japanese labels. */
static void assert_safe(struct str text)
{
	const struct str dots = STR("\xe2\x80\xa6");
	for (size_t i = 0; i < text.len; i++) {
		unsigned char octet = (unsigned char)text.data[i];
		if (str_starts(str_sub(text, i, text.len), dots) ||
		    (octet >= 0xe3 && octet <= 0xe9))
			i += dots.len - 1;
		else
			assert_true(text.data[i] == '\n' ||
				    (text.data[i] >= ' ' && text.data[i] <= '~'));
	}
}

static void columns_are_respected_and_bytes_are_safe(void **state unused_arg)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		for (unsigned columns = 60; columns <= 120; columns += 7) {
			auto_arena struct arena a;
			auto_buf struct buf out;
			struct seen s;
			arena_init(&a, 16 << 20);
			buf_init(&out, 4 << 20);
			struct report r = report_of(&a, &s, i);
			const struct report_style style = { .columns = columns };
			report_write_text(&out, &r, &style);
			assert_narrow(cases[i].name, buf_view(&out), columns);
			assert_safe(buf_view(&out));
		}
	}
}

/* Colour repeats what the words say: without it the text is the same. */
static void colour_adds_nothing_but_colour(void **state unused_arg)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_arena struct arena a;
		auto_buf struct buf plain;
		auto_buf struct buf coloured;
		auto_buf struct buf stripped;
		struct seen s;
		arena_init(&a, 16 << 20);
		buf_init(&plain, 4 << 20);
		buf_init(&coloured, 4 << 20);
		buf_init(&stripped, 4 << 20);
		struct report r = report_of(&a, &s, i);
		report_write_text(&plain, &r, &(struct report_style){ .columns = 80 });
		report_write_text(
			&coloured, &r,
			&(struct report_style){ .columns = 80, .colour = true });
		assert_non_null(memchr(coloured.data, '\x1b', coloured.len));
		struct cursor c = cursor_over(buf_view(&coloured));
		while (cursor_left(&c) > 0) {
			buf_str(&stripped, cursor_until(&c, "\x1b"));
			if (cursor_accept(&c, '\x1b')) {
				cursor_until(&c, "m");
				cursor_accept(&c, 'm');
			}
		}
		assert_string_equal(buf_cstr(&stripped), buf_cstr(&plain));
	}
}

static void a_saved_observation_gives_the_same_bytes(void **state unused_arg)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_arena struct arena a;
		auto_buf struct buf one;
		auto_buf struct buf two;
		struct seen s;
		struct seen again;
		struct err e = { 0 };
		arena_init(&a, 16 << 20);
		buf_init(&one, 4 << 20);
		buf_init(&two, 4 << 20);
		struct report r = report_of(&a, &s, i);
		report_write_text(&one, &r, &(struct report_style){ 0 });
		json_t *bundle = bundle_to_json(&s.x, &s.o);
		char *text = json_dumps(bundle, JSON_COMPACT);
		if (!bundle_parse(&a, str_from(text), &again.x, &again.o, &e))
			fail_msg("%s: %s", cases[i].name, e.text);
		diagnose_judge(&a, &again.x, &again.o, LANG_EN, &r);
		report_write_text(&two, &r, &(struct report_style){ 0 });
		assert_string_equal(buf_cstr(&two), buf_cstr(&one));
		xfree(text);
		json_decref(bundle);
	}
}

static void a_file_that_is_no_bundle_is_refused(void **state unused_arg)
{
	static const char schema[] = "https://unpend.example/schemas/observation/v1";
	static const char *const texts[] = {
		"",
		"{",
		"[]",
		"{}",
		"{\"schema\": 5}",
		"{\"schema\": \"%s\"}",
		"{\"schema\": \"%s\", \"expect\": {}, \"observation\": {}}",
		("{\"schema\": \"%s\", \"expect\": {\"domain\": "
		 "\"shop.example.com\", \"records\": []}}"),
	};
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		auto_arena struct arena a;
		struct expectation x;
		struct observation o;
		struct err e = { 0 };
		arena_init(&a, 16 << 20);
		const char *hole = strstr(texts[i], "%s");
		const char *text =
			hole ? arena_printf(&a, "%.*s%s%s", (int)(hole - texts[i]),
					    texts[i], schema, hole + 2)
			     : texts[i];
		assert_false(bundle_parse(&a, str_from(text), &x, &o, &e));
		assert_int_equal(e.kind, ERR_USAGE);
	}
}

/* Explanations */

static void each_code_is_explained_under_six_headings(void **state unused_arg)
{
	static const char *const headings[] = { "What it means",     "Why it happens",
						"How we know",       "Fix",
						"Check it yourself", "See also" };
	static const char *const members[] = { "code",           "title",
					       "meaning",        "why",
					       "how_we_know",    "fix",
					       "check_yourself", "see_also" };
	const char *code;
	const char *before = "";
	size_t n = 0;
	for (; (code = diagnose_code_at(n)) != NULL; n++) {
		auto_buf struct buf out;
		buf_init(&out, 1 << 20);
		assert_true(strcmp(before, code) < 0);
		before = code;
		assert_true(diagnose_explain(&out, str_from(code), LANG_EN));
		assert_true(str_starts(buf_view(&out), str_from(code)));
		assert_narrow(code, buf_view(&out), 80);
		for (size_t i = 0; i < ARRAY_LEN(headings); i++)
			assert_non_null(strstr(buf_cstr(&out), headings[i]));
		json_t *json = diagnose_explain_json(str_from(code), LANG_EN);
		for (size_t i = 0; i < ARRAY_LEN(members); i++)
			assert_true(json_string_length(
					    json_object_get(json, members[i])) > 0);
		json_decref(json);
	}
	assert_true(n >= 15);
}

static void a_code_is_found_without_case_and_others_are_not(void **state unused_arg)
{
	auto_buf struct buf out;
	buf_init(&out, 1 << 20);
	assert_true(diagnose_explain(&out, STR(" u201 "), LANG_EN));
	buf_clear(&out);
	assert_false(diagnose_explain(&out, STR("U000"), LANG_EN));
	assert_false(diagnose_explain(&out, STR(""), LANG_EN));
	assert_int_equal(out.len, 0);
	assert_null(diagnose_explain_json(STR("U20"), LANG_EN));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_are_as_in_the_golden_files),
		cmocka_unit_test(pages_are_as_in_the_golden_files),
		cmocka_unit_test(json_is_as_in_the_golden_files),
		cmocka_unit_test(columns_are_respected_and_bytes_are_safe),
		cmocka_unit_test(colour_adds_nothing_but_colour),
		cmocka_unit_test(a_saved_observation_gives_the_same_bytes),
		cmocka_unit_test(a_file_that_is_no_bundle_is_refused),
		cmocka_unit_test(each_code_is_explained_under_six_headings),
		cmocka_unit_test(a_code_is_found_without_case_and_others_are_not),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
