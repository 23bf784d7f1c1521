/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Addresses and their text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dns/dns.h"

struct address_case {
	const char *text;
	const char *written; /* NULL: refused */
	uint16_t port;
};

static const struct address_case address_cases[] = {
	{ "192.0.2.1", "192.0.2.1", 53 },
	{ "192.0.2.1@5353", "192.0.2.1@5353", 5353 },
	{ "192.0.2.1@53", "192.0.2.1", 53 },
	{ "2001:DB8:0::1", "2001:db8::1", 53 },
	{ "2001:db8::1@65535", "2001:db8::1@65535", 65535 },
	{ "::ffff:192.0.2.1", "::ffff:192.0.2.1", 53 },
	{ "::", "::", 53 },
	{ "", NULL, 0 },
	{ "@53", NULL, 0 },
	{ "192.0.2.1@", NULL, 0 },
	{ "192.0.2.1@0", NULL, 0 },
	{ "192.0.2.1@65536", NULL, 0 },
	{ "192.0.2.1@5x", NULL, 0 },
	{ "192.0.2.1:53", NULL, 0 },
	{ "192.0.2", NULL, 0 },
	{ "192.0.2.256", NULL, 0 },
	{ " 192.0.2.1", NULL, 0 },
	{ "2001:db8::1%lo", NULL, 0 },
	{ "[2001:db8::1]", NULL, 0 },
	{ "localhost", NULL, 0 },
	{ "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb", NULL, 0 },
};

static void text_is_parsed_and_written(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(address_cases); i++) {
		const struct address_case *t = &address_cases[i];
		auto_buf struct buf out;
		struct address a = { .port = 7 };
		buf_init(&out, 100);
		bool ok = address_parse(str_from(t->text), 53, &a);
		if (ok != (t->written != NULL))
			fail_msg("'%s'", t->text);
		assert_int_equal(a.port, ok ? t->port : 7);
		if (!ok)
			continue;
		address_write(&out, &a);
		assert_string_equal(buf_cstr(&out), t->written);
	}
}

static void a_nul_behind_an_address_is_refused(void **state)
{
	struct address a;

	(void)state;
	assert_false(address_parse(STR("192.0.2.1\0x"), 53, &a));
}

static void the_default_port_is_the_callers(void **state)
{
	struct address a;

	(void)state;
	assert_true(address_parse(STR("192.0.2.1"), 25, &a));
	assert_int_equal(a.port, 25);
	assert_int_equal(a.family, 4);
}

static void equal_addresses_have_family_bytes_and_port_in_common(void **state)
{
	struct address a, b;

	(void)state;
	assert_true(address_parse(STR("192.0.2.1"), 53, &a));
	assert_true(address_parse(STR("192.0.2.1@53"), 53, &b));
	assert_true(address_equal(&a, &b));
	b.bytes[15] = 9; /* behind the four octets */
	assert_true(address_equal(&a, &b));
	assert_true(address_parse(STR("192.0.2.2"), 53, &b));
	assert_false(address_equal(&a, &b));
	assert_true(address_parse(STR("192.0.2.1@54"), 53, &b));
	assert_false(address_equal(&a, &b));
	assert_true(address_parse(STR("::ffff:192.0.2.1"), 53, &b));
	assert_false(address_equal(&a, &b));
}

static void an_unset_address_has_no_text(void **state)
{
	struct address unset = { 0 };
	auto_buf struct buf out;

	(void)state;
	buf_init(&out, 100);
	address_write(&out, &unset);
	assert_int_equal(out.len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_parsed_and_written),
		cmocka_unit_test(a_nul_behind_an_address_is_refused),
		cmocka_unit_test(the_default_port_is_the_callers),
		cmocka_unit_test(equal_addresses_have_family_bytes_and_port_in_common),
		cmocka_unit_test(an_unset_address_has_no_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
