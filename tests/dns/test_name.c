/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names: text and wire form, comparison, labels. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dns/dns.h"

#define L9  "abcdefghi"
#define L63 L9 L9 L9 L9 L9 L9 L9
#define L61 L9 L9 L9 L9 L9 L9 "abcdefg"
#define L62 L61 "h"
#define L64 L63 "x"

static struct dns_name name_of(const char *text)
{
	struct dns_name name;
	struct err e = { 0 };

	if (!dns_name_parse(str_from(text), &name, &e))
		fail_msg("%s", e.text);
	return name;
}

static void assert_name(const struct dns_name *name, const char *text)
{
	auto_buf struct buf out;

	buf_init(&out, 2000);
	dns_name_write(&out, name);
	assert_string_equal(buf_cstr(&out), text);
}

struct text_case {
	const char *name;
	const char *text;
	const char *written; /* NULL: refused */
	const char *why;
};

static const struct text_case text_cases[] = {
	{ "two labels", "example.com", "example.com", NULL },
	{ "final dot", "example.com.", "example.com", NULL },
	{ "root", ".", ".", NULL },
	{ "case is kept", "ExAmple.COM", "ExAmple.COM", NULL },
	{ "underscore", "_dmarc.example.com", "_dmarc.example.com", NULL },
	/* RFC 4343 section 2.1 */
	{ "dot inside a label", "Donald\\.E\\.Eastlake\\.3rd.example",
	  "Donald\\.E\\.Eastlake\\.3rd.example", NULL },
	{ "dot by number", "a\\046b.example", "a\\.b.example", NULL },
	{ "space by number", "a\\000\\\\\\255z.example", "a\\000\\\\\\255z.example",
	  NULL },
	{ "letter by number", "\\097.example", "a.example", NULL },
	{ "needless escape", "\\a.example", "a.example", NULL },
	{ "characters of master files", "\\@\\$\\;\\(\\)\\\".example",
	  "\\@\\$\\;\\(\\)\\\".example", NULL },
	{ "wildcard", "*.example", "*.example", NULL },
	{ "label of 63", L63 ".example", L63 ".example", NULL },
	{ "255 octets", L63 "." L63 "." L63 "." L61, L63 "." L63 "." L63 "." L61, NULL },
	{ "256 octets", L63 "." L63 "." L63 "." L62, NULL, "255 octets" },
	{ "256 octets by a label", L63 "." L63 "." L63 "." L61 ".a", NULL, "255 octets" },
	{ "label of 64", L64 ".example", NULL, "63 octets" },
	{ "empty", "", NULL, "is empty" },
	{ "two dots", "a..b", NULL, "label is empty" },
	{ "leading dot", ".a", NULL, "label is empty" },
	{ "two final dots", "a..", NULL, "label is empty" },
	{ "only dots", "..", NULL, "label is empty" },
	{ "blank", "a b.example", NULL, "blank" },
	{ "tab", "a\tb", NULL, "control" },
	{ "delete", "a\177b", NULL, "control" },
	{ "UTF-8", "m\xc3\xbcnchen.example", NULL, "A-labels" },
	{ "final backslash", "a\\", NULL, "backslash" },
	{ "backslash before UTF-8", "a\\\xc3\xbc", NULL, "backslash" },
	{ "number above 255", "a\\256", NULL, "255" },
	{ "number too short", "a\\25", NULL, "DDD" },
	{ "number not decimal", "a\\2x5", NULL, "DDD" },
};

static void text_is_parsed_and_written(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(text_cases); i++) {
		const struct text_case *t = &text_cases[i];
		struct dns_name name = { .len = 77 };
		struct err e = { 0 };
		bool ok = dns_name_parse(str_from(t->text), &name, &e);
		if (ok != (t->written != NULL))
			fail_msg("%s: %s", t->name, ok ? "accepted" : e.text);
		if (ok) {
			assert_name(&name, t->written);
			continue;
		}
		if (e.kind != ERR_USAGE || !strstr(e.text, t->why))
			fail_msg("%s: '%s' does not say '%s'", t->name, e.text, t->why);
		assert_int_equal(name.len, 77);
	}
}

static void a_nul_in_text_is_refused(void **state)
{
	struct dns_name name;
	struct err e = { 0 };

	(void)state;
	assert_false(dns_name_parse(STR("a\0b"), &name, &e));
}

static void absolute_form_ends_with_a_dot(void **state)
{
	struct dns_name name = name_of("a.Example");
	struct dns_name root = name_of(".");
	auto_buf struct buf out;

	(void)state;
	buf_init(&out, 100);
	dns_name_write_absolute(&out, &name);
	buf_byte(&out, '|');
	dns_name_write_absolute(&out, &root);
	assert_string_equal(buf_cstr(&out), "a.Example.|.");
}

static void text_in_an_arena_is_lower_case(void **state)
{
	struct dns_name name = name_of("A.ExamPLE");
	auto_arena struct arena a;

	(void)state;
	arena_init(&a, 4096);
	assert_string_equal(dns_name_text(&a, &name).data, "a.example");
}

struct wire_case {
	const char *name;
	struct str wire;
	const char *text; /* NULL: refused */
	size_t left;
};

static const struct wire_case wire_cases[] = {
	{ "root", { "\0", 1 }, ".", 0 },
	{ "two labels", { "\1a\2bc\0", 6 }, "a.bc", 0 },
	{ "something behind", { "\1a\0xyz", 6 }, "a", 3 },
	{ "bytes that need escapes", { "\4a.\0\x80\0", 6 }, "a\\.\\000\\128", 0 },
	{ "no bytes", { "", 0 }, NULL, 0 },
	{ "no root", { "\1a", 2 }, NULL, 0 },
	{ "cut label", { "\5abc", 4 }, NULL, 0 },
	{ "pointer", { "\xc0\0", 2 }, NULL, 0 },
	{ "label type 01", { "\x41\1\0", 3 }, NULL, 0 },
	{ "label of 63", { "\x3f" L63 "\0", 65 }, L63, 0 },
	{ "label of 64", { "\x40" L64 "\0", 66 }, NULL, 0 },
};

static void wire_form_is_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wire_cases); i++) {
		const struct wire_case *t = &wire_cases[i];
		struct cursor c = cursor_over(t->wire);
		struct dns_name name;
		bool ok = dns_name_read(&c, &name);
		if (ok != (t->text != NULL) || ok != cursor_ok(&c))
			fail_msg("%s", t->name);
		if (!ok)
			continue;
		assert_name(&name, t->text);
		assert_int_equal(cursor_left(&c), t->left);
	}
}

static void wire_form_ends_at_255_octets(void **state)
{
	const char *longest = L63 "." L63 "." L63 "." L61;
	struct dns_name name = name_of(longest);
	struct dns_name again;
	auto_buf struct buf wire;

	(void)state;
	assert_int_equal(name.len, DNS_NAME_MAX);
	struct cursor c = cursor_over(str_of(name.wire, name.len));
	assert_true(dns_name_read(&c, &again));
	assert_name(&again, longest);
	buf_init(&wire, 300);
	buf_text(&wire, "\1x");
	buf_add(&wire, name.wire, name.len);
	c = cursor_over(buf_view(&wire));
	assert_false(dns_name_read(&c, &again));
}

struct pair_case {
	const char *a;
	const char *b;
	bool equal;
	bool within; /* a within b */
};

static const struct pair_case pair_cases[] = {
	{ "example.com", "EXAMPLE.com", true, true },
	{ "example.com", "example.com", true, true },
	{ "a.example.com", "example.COM", false, true },
	{ "a.b.c.example.com", "example.com", false, true },
	{ "example.com", ".", false, true },
	{ ".", ".", true, true },
	{ ".", "com", false, false },
	{ "example.com", "a.example.com", false, false },
	{ "badexample.com", "example.com", false, false },
	{ "example.com", "example.org", false, false },
	{ "a\\.example.com", "example.com", false, false },
	/* a label that holds the bytes of another name's wire form */
	{ "x\\007example\\003com", "example.com", false, false },
	/* RFC 4343 section 3: only ASCII letters fold; '[' and '{' differ in the
	 * same bit */
	{ "a[.example", "a{.example", false, false },
	{ "\\225.example", "\\193.example", false, false },
};

static void names_are_compared_without_case_and_by_labels(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(pair_cases); i++) {
		struct dns_name a = name_of(pair_cases[i].a);
		struct dns_name b = name_of(pair_cases[i].b);
		if (dns_name_equal(&a, &b) != pair_cases[i].equal ||
		    dns_name_equal(&b, &a) != pair_cases[i].equal ||
		    dns_name_within(&a, &b) != pair_cases[i].within)
			fail_msg("%s and %s", pair_cases[i].a, pair_cases[i].b);
	}
}

static void an_unset_name_is_no_zone(void **state)
{
	struct dns_name unset = { 0 };
	struct dns_name root = name_of(".");

	(void)state;
	assert_false(dns_name_within(&root, &unset));
	assert_false(dns_name_within(&unset, &root));
	assert_false(dns_name_equal(&root, &unset));
	assert_int_equal(dns_name_labels(&unset), 0);
	assert_int_equal(dns_name_first_label(&unset).len, 0);
}

static void labels_are_counted_and_cut_off(void **state)
{
	struct dns_name name = name_of("a.bc.def");
	struct dns_name root = name_of(".");

	(void)state;
	assert_int_equal(dns_name_labels(&name), 3);
	assert_int_equal(dns_name_labels(&root), 0);
	assert_true(str_is(dns_name_first_label(&name), "a"));
	assert_int_equal(dns_name_first_label(&root).len, 0);
	struct dns_name parent = dns_name_parent(&name, 0);
	assert_name(&parent, "a.bc.def");
	parent = dns_name_parent(&name, 2);
	assert_name(&parent, "def");
	parent = dns_name_parent(&name, 3);
	assert_name(&parent, ".");
	parent = dns_name_parent(&name, 9);
	assert_name(&parent, ".");
}

static void labels_up_to_the_last_underscore_are_cut_off(void **state)
{
	static const struct {
		const char *name;
		const char *rest;
	} cases[] = {
		{ "k1._domainkey.shop.example", "shop.example" },
		{ "a.example._report._dmarc.reports.example", "reports.example" },
		{ "shop.example", "shop.example" },
		{ "_dmarc", "." },
		{ ".", "." },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct dns_name name = name_of(cases[i].name);
		struct dns_name rest = dns_name_without_underscores(&name);
		assert_name(&rest, cases[i].rest);
	}
}

static void names_are_joined_up_to_255_octets(void **state)
{
	struct dns_name front = name_of("_dmarc");
	struct dns_name back = name_of("example.com");
	struct dns_name root = name_of(".");
	struct dns_name longest = name_of(L63 "." L63 "." L63 "." L61);
	struct dns_name out;

	(void)state;
	assert_true(dns_name_join(&front, &back, &out));
	assert_name(&out, "_dmarc.example.com");
	assert_true(dns_name_join(&front, &root, &out));
	assert_name(&out, "_dmarc");
	assert_true(dns_name_join(&root, &back, &out));
	assert_name(&out, "example.com");
	assert_true(dns_name_join(&root, &longest, &out));
	assert_false(dns_name_join(&front, &longest, &out));
	assert_true(dns_name_equal(&out, &longest));
}

static void the_labels_before_a_zone_are_found(void **state)
{
	struct dns_name name = name_of("a.b.C.example");
	struct dns_name zone = name_of("c.EXAMPLE");
	struct dns_name root = name_of(".");

	(void)state;
	struct dns_name front = dns_name_relative(&name, &zone);
	assert_name(&front, "a.b");
	front = dns_name_relative(&zone, &zone);
	assert_name(&front, ".");
	front = dns_name_relative(&name, &root);
	assert_name(&front, "a.b.C.example");
}

static void keys_of_equal_names_are_equal_bytes(void **state)
{
	struct dns_name a = name_of("A.Example");
	struct dns_name b = name_of("a.eXAMPLE");

	(void)state;
	a = dns_name_lower(&a);
	b = dns_name_lower(&b);
	assert_true(str_equal(dns_name_key(&a), dns_name_key(&b)));
}

static void every_octet_but_capital_letters_stays_in_lower_case(unused_arg void **state)
{
	/* At every place of sixteen. */
	for (size_t place = 0; place < 20; place++) {
		for (unsigned octet = 0; octet < 256; octet++) {
			struct dns_name n = { .len = 22, .wire = { 20 } };
			n.wire[1 + place] = (uint8_t)octet;
			struct dns_name lower = dns_name_lower(&n);
			n.wire[1 + place] = (uint8_t)ascii_lower((char)octet);
			assert_int_equal(lower.len, n.len);
			assert_memory_equal(lower.wire, n.wire, n.len);
		}
	}
}

static void the_longest_name_is_lowered_to_its_end(unused_arg void **state)
{
	for (size_t len = DNS_NAME_MAX - 20; len <= DNS_NAME_MAX; len++) {
		struct dns_name n = { .len = (uint8_t)len };
		memset(n.wire, 'Z', len);
		struct dns_name lower = dns_name_lower(&n);
		memset(n.wire, 'z', len);
		assert_memory_equal(lower.wire, n.wire, len);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_parsed_and_written),
		cmocka_unit_test(a_nul_in_text_is_refused),
		cmocka_unit_test(absolute_form_ends_with_a_dot),
		cmocka_unit_test(text_in_an_arena_is_lower_case),
		cmocka_unit_test(every_octet_but_capital_letters_stays_in_lower_case),
		cmocka_unit_test(the_longest_name_is_lowered_to_its_end),
		cmocka_unit_test(wire_form_is_read),
		cmocka_unit_test(wire_form_ends_at_255_octets),
		cmocka_unit_test(names_are_compared_without_case_and_by_labels),
		cmocka_unit_test(an_unset_name_is_no_zone),
		cmocka_unit_test(labels_are_counted_and_cut_off),
		cmocka_unit_test(labels_up_to_the_last_underscore_are_cut_off),
		cmocka_unit_test(names_are_joined_up_to_255_octets),
		cmocka_unit_test(the_labels_before_a_zone_are_found),
		cmocka_unit_test(keys_of_equal_names_are_equal_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
