/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as IANA's list of RDAP servers: none, or an https URL that ends in '/'. */
#include "registry/registry.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_arena struct arena a;
	struct dns_name asked;
	struct str url;
	struct err e = { 0 };

	arena_init(&a, 16 * 1024 * 1024);
	if (!dns_name_parse(STR("held.co.example"), &asked, &e))
		__builtin_trap();
	if (registry_bootstrap_find(&a, str_of(data, size), &asked, &url) &&
	    (!str_starts(url, STR("https://")) || !str_ends(url, STR("/"))))
		__builtin_trap();
	return 0;
}
