/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any names of name servers, and an SOA of them: whose they are is found or is not. */
#include <assert.h>

#include "provider/provider.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dns_name names[40];
	size_t count = 0;
	struct cursor c = cursor_over(str_of(data, size));
	while (count < ARRAY_LEN(names) && dns_name_read(&c, &names[count]))
		count++;
	struct provider_match m;
	struct dns_soa soa = { 0 };
	if (count > 1) {
		soa.mname = names[0];
		soa.rname = names[1];
	}
	provider_match(names, count, count > 1 ? &soa : NULL, &m);
	assert(!m.other || m.provider);
	return 0;
}
