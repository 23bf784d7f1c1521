/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any packet that fits its question as the answer of a parent: what is read of it from
 * its bytes, cut_read reads alike of the parsed message. */
#include <stdlib.h>

#include "resolver/referral.h"
#include "resolver/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Its question, where it fits that. */
static bool read_question(struct str packet, struct dns_name *name)
{
	static const uint8_t coins[WIRE_COINS];
	uint8_t bytes[DNS_NAME_MAX + WIRE_AROUND_NAME];
	struct cursor c = cursor_over(packet);
	struct wire_query q = { .id = cursor_u16(&c), .bytes = bytes };
	struct str cookie;

	(void)cursor_bytes(&c, WIRE_HEADER - 2);
	if (!dns_name_read(&c, name))
		return false;
	q.type = cursor_u16(&c);
	*name = dns_name_lower(name);
	wire_query_write(&q, name, STR("8 octets"), coins);
	return wire_answer_fit(packet, &q, true, &cookie) == WIRE_FITS;
}

static void compare(const struct cut *a, const struct cut *b)
{
	if (!dns_name_equal(&a->zone, &b->zone) || a->ttl_s != b->ttl_s ||
	    a->signed_here != b->signed_here || a->server_count != b->server_count)
		abort();
	for (size_t i = 0; i < a->server_count; i++) {
		const struct cut_server *s = &a->servers[i];
		const struct cut_server *t = &b->servers[i];
		if (!dns_name_equal(&s->name, &t->name) || s->v4.family != t->v4.family ||
		    s->v6.family != t->v6.family ||
		    (s->v4.family && !address_equal(&s->v4, &t->v4)) ||
		    (s->v6.family && !address_equal(&s->v6, &t->v6)))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_arena struct arena a;
	arena_init(&a, 4 << 20);
	struct str packet = str_of(data, size);
	struct dns_message m;
	struct cut read;
	struct cut *parsed;
	struct dns_name name;

	if (!read_question(packet, &name))
		return 0;
	bool is_parsed = dns_message_parse(&a, packet, &m);
	for (size_t up = 0; up <= dns_name_labels(&name); up++) {
		struct dns_name zone = dns_name_parent(&name, up);
		enum way way = referral_read(packet, &zone, &name, &read);
		if (way == WAY_UNUSUAL || !is_parsed)
			continue;
		bool is_cut = cut_read(&a, &m, &zone, &name, &parsed) == REFERRAL_CUT;
		if (is_cut != (way == WAY_DOWN))
			abort();
		if (is_cut)
			compare(&read, parsed);
	}
	return 0;
}
