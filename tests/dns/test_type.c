/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Texts of types and response codes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dns/dns.h"

typedef bool parse_function(struct str text, uint16_t *number_out);
typedef void write_function(struct buf *out, uint16_t number);

struct number_case {
	const char *text;
	int number; /* -1: refused */
	const char *written;
};

static void check_cases(const struct number_case *cases, size_t count,
			parse_function *parse, write_function *write)
{
	auto_buf struct buf out;

	buf_init(&out, 100);
	for (size_t i = 0; i < count; i++) {
		uint16_t number;
		bool ok = parse(str_from(cases[i].text), &number);
		if (ok != (cases[i].number >= 0))
			fail_msg("'%s'", cases[i].text);
		if (!ok)
			continue;
		assert_int_equal(number, cases[i].number);
		buf_clear(&out);
		write(&out, number);
		assert_string_equal(buf_cstr(&out), cases[i].written);
	}
}

static void types_have_names_and_numbers(void **state)
{
	static const struct number_case cases[] = {
		{ "A", DNS_TYPE_A, "A" },
		{ "cname", DNS_TYPE_CNAME, "CNAME" },
		{ "Txt", DNS_TYPE_TXT, "TXT" },
		{ "AAAA", DNS_TYPE_AAAA, "AAAA" },
		{ "NSEC3", DNS_TYPE_NSEC3, "NSEC3" },
		{ "ANY", 255, "ANY" },
		/* RFC 3597 section 5 */
		{ "TYPE65280", 65280, "TYPE65280" },
		{ "type0", 0, "TYPE0" },
		{ "TYPE1", DNS_TYPE_A, "A" },
		{ "TYPE65536", -1, NULL },
		{ "TYPE", -1, NULL },
		{ "TYPE 1", -1, NULL },
		{ "TYPE1x", -1, NULL },
		{ "TYPE-1", -1, NULL },
		{ "", -1, NULL },
		{ "NOSUCH", -1, NULL },
		{ "A ", -1, NULL },
		{ "CNAMECNAMECNAMECNAMECNAMECNAME", -1, NULL },
	};

	(void)state;
	check_cases(cases, ARRAY_LEN(cases), dns_type_parse, dns_type_write);
}

static void response_codes_have_names_and_numbers(void **state)
{
	static const struct number_case cases[] = {
		{ "NOERROR", 0, "NOERROR" },
		{ "nxdomain", DNS_RCODE_NXDOMAIN, "NXDOMAIN" },
		{ "SERVFAIL", DNS_RCODE_SERVFAIL, "SERVFAIL" },
		{ "REFUSED", DNS_RCODE_REFUSED, "REFUSED" },
		{ "BADVERS", DNS_RCODE_BADVERS, "BADVERS" },
		{ "BADCOOKIE", DNS_RCODE_BADCOOKIE, "BADCOOKIE" },
		{ "RCODE4095", 4095, "RCODE4095" },
		{ "RCODE3", DNS_RCODE_NXDOMAIN, "NXDOMAIN" },
		{ "RCODE", -1, NULL },
		{ "RCODE70000", -1, NULL },
		{ "NXDOMAIN ", -1, NULL },
		{ "", -1, NULL },
	};

	(void)state;
	check_cases(cases, ARRAY_LEN(cases), dns_rcode_parse, dns_rcode_write);
}

static void every_number_is_written_so_that_it_is_read_back(void **state)
{
	auto_buf struct buf out;

	(void)state;
	buf_init(&out, 100);
	for (unsigned n = 0; n <= UINT16_MAX; n++) {
		uint16_t type, rcode;
		buf_clear(&out);
		dns_type_write(&out, (uint16_t)n);
		if (!dns_type_parse(buf_view(&out), &type) || type != n)
			fail_msg("type %u is '%s'", n, buf_cstr(&out));
		buf_clear(&out);
		dns_rcode_write(&out, (uint16_t)n);
		if (!dns_rcode_parse(buf_view(&out), &rcode) || rcode != n)
			fail_msg("rcode %u is '%s'", n, buf_cstr(&out));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(types_have_names_and_numbers),
		cmocka_unit_test(response_codes_have_names_and_numbers),
		cmocka_unit_test(every_number_is_written_so_that_it_is_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
