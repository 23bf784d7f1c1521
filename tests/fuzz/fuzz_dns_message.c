/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a message: parsing holds its limits, and what was read can be read on. */
#include <stdlib.h>

#include "dns/dns.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_records(struct arena *a, const struct dns_section *s, struct buf *out)
{
	for (size_t i = 0; i < s->count; i++) {
		const struct dns_record *r = &s->records[i];
		struct dns_name name;
		struct dns_soa soa;
		struct str txt;
		dns_name_write(out, &r->owner);
		dns_rdata_write(out, r->type, r->rdata);
		if (dns_record_target(r, &name) && name.len == 0)
			abort();
		if (dns_record_soa(r, &soa) && soa.rname.len == 0)
			abort();
		if (dns_record_txt(a, r, &txt) && txt.len >= r->rdata.len)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_arena struct arena a;
	auto_buf struct buf out;
	struct dns_message m;

	arena_init(&a, 4 * 1024 * 1024);
	buf_init(&out, 16 * 1024 * 1024);
	if (!dns_message_parse(&a, str_of(data, size), &m))
		return 0;
	if (m.answer.count + m.authority.count + m.additional.count >
	    DNS_MESSAGE_RECORDS_MAX)
		abort();
	read_records(&a, &m.answer, &out);
	read_records(&a, &m.authority, &out);
	read_records(&a, &m.additional, &out);
	struct dns_query q = { .id = m.id,
			       .name = m.question_name,
			       .type = m.question_type };
	bool matches = dns_message_matches(&m, &q);
	if (matches != dns_message_matches_nocase(&m, &q))
		abort();
	if (m.has_question && matches != (m.is_response && m.opcode == 0))
		abort();
	q.id ^= 1;
	if (dns_message_matches_nocase(&m, &q))
		abort();
	return 0;
}
