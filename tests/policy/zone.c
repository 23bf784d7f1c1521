/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "zone.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static bool is_about(const struct zone_row *row, const struct dns_name *name,
		     uint16_t type)
{
	struct err e = { 0 };
	struct dns_name owner;
	uint16_t row_type = 0;

	if (!dns_name_parse(str_from(row->name), &owner, &e) ||
	    !dns_type_parse(str_from(row->type), &row_type))
		fail_msg("the table is wrong at %s %s", row->name, row->type);
	return row_type == type && dns_name_equal(&owner, name);
}

static enum policy_reply find(void *arg, const struct dns_name *name, uint16_t type,
			      struct dns_section *out)
{
	struct zone *z = arg;
	struct dns_record *records = arena_array(z->a, z->count + 1, sizeof(*records));
	size_t count = 0;

	z->asked++;
	for (size_t i = 0; i < z->count; i++) {
		struct dns_record *r = &records[count];
		struct err e = { 0 };

		if (!is_about(&z->rows[i], name, type))
			continue;
		if (strcmp(z->rows[i].rdata, "FAIL") == 0)
			return POLICY_FAILED;
		if (strcmp(z->rows[i].rdata, "LATER") == 0)
			return POLICY_UNKNOWN;
		*r = (struct dns_record){ .owner = *name, .type = type, .ttl_s = 300 };
		if (!dns_rdata_parse(z->a, type, str_from(z->rows[i].rdata), &r->rdata,
				     &e))
			fail_msg("the table is wrong: %s", e.text);
		count++;
	}
	*out = (struct dns_section){ .records = records, .count = count };
	return count > 0 ? POLICY_FOUND : POLICY_VOID;
}

struct policy_source zone_source(struct zone *z)
{
	return (struct policy_source){ .find = find, .arg = z };
}
