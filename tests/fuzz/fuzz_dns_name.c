/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a name, in text and in wire form: written and read again it is the
 * same. */
#include <stdlib.h>

#include "dns/dns.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_round_trip(const struct dns_name *n)
{
	auto_buf struct buf text;
	struct dns_name again;
	struct err e = { 0 };

	buf_init(&text, 4096);
	dns_name_write(&text, n);
	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] <= ' ' || text.data[i] > '~')
			abort();
	if (!dns_name_parse(buf_view(&text), &again, &e) || again.len != n->len ||
	    memcmp(again.wire, n->wire, n->len) != 0)
		abort();
	if (!dns_name_equal(n, &again) || !dns_name_within(n, &again))
		abort();
	struct dns_name parent = dns_name_parent(n, 1);
	struct dns_name front = dns_name_relative(n, &parent);
	if (!dns_name_join(&front, &parent, &again) || !dns_name_equal(n, &again))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str bytes = str_of(data, size);
	struct cursor c = cursor_over(bytes);
	struct dns_name name;
	struct err e = { 0 };

	if (dns_name_read(&c, &name))
		check_round_trip(&name);
	if (dns_name_parse(bytes, &name, &e))
		check_round_trip(&name);
	return 0;
}
