/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any packet held against the question that it repeats: what fits without being parsed
 * is read alike by the parser, and what the parser finds to fit, fits. */
#include <stdlib.h>

#include "resolver/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The question of the packet, or one of ours. */
static struct dns_query question_of(const struct dns_message *m, struct str packet)
{
	struct cursor c = cursor_over(packet);
	struct dns_query q = { .id = cursor_u16(&c), .type = DNS_TYPE_TXT, .edns = true };
	struct err e = { 0 };

	if (m->has_question) {
		q.name = m->question_name;
		q.type = m->question_type;
	} else if (!dns_name_parse(STR("customer.test"), &q.name, &e)) {
		abort();
	}
	return q;
}

static void check(const struct dns_message *m, struct str packet)
{
	static const uint8_t coins[WIRE_COINS];
	uint8_t bytes[DNS_NAME_MAX + WIRE_AROUND_NAME];
	struct dns_query q = question_of(m, packet);
	struct wire_query w = { .id = q.id, .type = q.type, .bytes = bytes };
	struct str cookie;

	wire_query_write(&w, &q.name, STR("8 octets"), coins);
	enum wire_fit fit = wire_answer_fit(packet, &w, true, &cookie);
	bool is_whole = m->has_question && !m->truncated;
	if (is_whole && dns_message_matches_nocase(m, &q) != (fit == WIRE_FITS))
		abort();
	if (fit == WIRE_FITS && m->cookie_len > 0 &&
	    !str_equal(cookie, str_of(m->cookie, m->cookie_len)) &&
	    (cookie.len == DNS_COOKIE_CLIENT ||
	     (cookie.len >= 2 * DNS_COOKIE_CLIENT && cookie.len <= DNS_COOKIE_MAX)))
		abort();
	/* With the letters that were sent: none but they will do. */
	if (wire_answer_fit(packet, &w, false, &cookie) == WIRE_FITS &&
	    memcmp(bytes + WIRE_HEADER, packet.data + WIRE_HEADER, q.name.len) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_arena struct arena a;
	struct dns_message m = { 0 };
	struct str packet = str_of(data, size);

	arena_init(&a, 4 << 20);
	if (dns_message_parse(&a, packet, &m)) {
		check(&m, packet);
	} else {
		m = (struct dns_message){ .truncated = true };
		check(&m, packet);
	}
	return 0;
}
