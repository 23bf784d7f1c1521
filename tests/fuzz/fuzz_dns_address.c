/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as an address: written and read again it is the same. */
#include <stdlib.h>

#include "dns/dns.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct address a, again;
	auto_buf struct buf text;

	buf_init(&text, 100);
	if (!address_parse(str_of(data, size), 53, &a))
		return 0;
	address_write(&text, &a);
	if (!address_parse(buf_view(&text), 53, &again) || !address_equal(&a, &again))
		abort();
	return 0;
}
