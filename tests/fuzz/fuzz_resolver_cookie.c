/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages, each behind two octets of length, as what one server sends: whatever cookies
 * are in them, our own part stays, and what is kept is what the server said last. */
#include <stdlib.h>

#include "resolver/peer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void take(struct peer *p, const struct dns_message *m)
{
	uint8_t ours[DNS_COOKIE_CLIENT];
	enum cookie_match match = cookie_match(p, str_of(m->cookie, m->cookie_len));

	memcpy(ours, p->cookie, sizeof(ours));
	if (match == COOKIE_FITS && m->cookie_len > 0 &&
	    memcmp(m->cookie, ours, sizeof(ours)) != 0)
		abort();
	if (match == COOKIE_MISSING &&
	    (m->cookie_len > 0 || p->cookie_len == sizeof(ours)))
		abort();
	if (match != COOKIE_FITS)
		return;
	cookie_learn(p, str_of(m->cookie, m->cookie_len));
	if (memcmp(p->cookie, ours, sizeof(ours)) != 0 ||
	    p->cookie_len > DNS_COOKIE_MAX ||
	    (p->cookie_len > sizeof(ours) && p->cookie_len < 2 * sizeof(ours)))
		abort();
	if (m->cookie_len >= 2 * sizeof(ours) &&
	    (p->cookie_len != m->cookie_len ||
	     memcmp(p->cookie, m->cookie, m->cookie_len) != 0))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cursor c = cursor_over(str_of(data, size));
	/* The cookie that the seeds have. */
	struct peer peer = { .cookie_len = DNS_COOKIE_CLIENT,
			     .cookie = { 1, 2, 3, 4, 5, 6, 7, 8 } };

	while (cursor_left(&c) > 0) {
		auto_arena struct arena a;
		struct dns_message m;
		arena_init(&a, 4 << 20);
		struct str wire = cursor_bytes(&c, cursor_u16(&c));
		if (dns_message_parse(&a, wire, &m))
			take(&peer, &m);
	}
	return 0;
}
