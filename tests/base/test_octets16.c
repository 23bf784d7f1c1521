/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/base.h"

static const char text[] = "az{`AZ09./-_\x80\xff \x7f";

static void each_octet_has_its_bit(unused_arg void **state)
{
	octets16 o = octets16_load(text);
	for (unsigned first = 0; first < 256; first += 3)
		for (unsigned last = first; last < 256; last += 5) {
			unsigned bits = octets16_bits(
				octets16_between(o, (uint8_t)first, (uint8_t)last));
			for (size_t i = 0; i < sizeof(o); i++) {
				uint8_t octet = (uint8_t)text[i];
				assert_int_equal(bits >> i & 1,
						 octet >= first && octet <= last);
			}
			assert_int_equal(bits >> sizeof(o), 0);
		}
}

static void what_holds_is_counted_up_to_the_first_that_does_not(unused_arg void **state)
{
	char all_a[] = "aaaaaaaaaaaaaaaa";
	assert_true(octets16_all(octets16_between(octets16_load(all_a), 'a', 'a')));
	for (size_t i = sizeof(octets16); i-- > 0;) {
		all_a[i] = 'b';
		octets16 are_a = octets16_between(octets16_load(all_a), 'a', 'a');
		assert_false(octets16_all(are_a));
		assert_int_equal(octets16_count(are_a), i);
	}
	octets16 are_letters =
		octets16_between(octets16_load("aaaaaaaaaaaaaaaa"), 'a', 'z');
	assert_int_equal(octets16_count(are_letters), sizeof(octets16));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_octet_has_its_bit),
		cmocka_unit_test(what_holds_is_counted_up_to_the_first_that_does_not),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
