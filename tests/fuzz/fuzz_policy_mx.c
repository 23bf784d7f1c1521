/* SPDX-License-Identifier: GPL-3.0-or-later */
/* MX records of any bytes against the one that should be there. */
#include "policy/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_arena struct arena a;
	arena_init(&a, 1024 * 1024);
	static const struct dns_name expected = {
		39, "\15feedback-smtp\11eu-west-1\11amazonses\3com"
	};
	const struct dns_record records[] = {
		{ .type = DNS_TYPE_MX, .rdata = str_of(data, size / 2) },
		{ .type = DNS_TYPE_MX,
		  .rdata = str_of(data + size / 2, size - size / 2) },
	};
	struct mx_seen seen;

	policy_mx_judge(&a, records, ARRAY_LEN(records), &expected, &seen);
	return 0;
}
