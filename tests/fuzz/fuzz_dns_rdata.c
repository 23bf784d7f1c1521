/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Two octets of type, then rdata or its text. Written rdata is read back to the same
 * bytes; parsed text gives rdata whose text is parsed to the same.
 */
#include <stdlib.h>

#include "dns/dns.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_round_trip(struct arena *a, uint16_t type, struct str rdata)
{
	auto_buf struct buf text;
	struct str again;
	struct err e = { 0 };

	buf_init(&text, 1024 * 1024);
	dns_rdata_write(&text, type, rdata);
	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] < ' ' || text.data[i] > '~')
			abort();
	if (!dns_rdata_parse(a, type, buf_view(&text), &again, &e) ||
	    !str_equal(rdata, again) || !dns_rdata_equal(type, rdata, again))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_arena struct arena a;
	struct cursor c = cursor_over(str_of(data, size));
	uint16_t type = cursor_u16(&c);
	struct str rest = cursor_bytes(&c, cursor_left(&c));
	struct str rdata;
	struct err e = { 0 };

	arena_init(&a, 1024 * 1024);
	if (!cursor_ok(&c) || rest.len > UINT16_MAX)
		return 0;
	check_round_trip(&a, type, rest);
	if (dns_rdata_parse(&a, type, rest, &rdata, &e))
		check_round_trip(&a, type, rdata);
	return 0;
}
