/* SPDX-License-Identifier: GPL-3.0-or-later */
/* IP addresses with a port, as values. */
#ifndef DNS_ADDRESS_H
#define DNS_ADDRESS_H

#include "base/base.h"

/* An IP address and port; family 0: unset. Text form "192.0.2.1", "2001:db8::1",
 * "192.0.2.1@5353". */
struct address {
	uint8_t family; /* 0, 4, 6 */
	uint8_t bytes[16];
	uint16_t port; /* host order; 53 is not written */
};
bool address_parse(struct str text, uint16_t default_port, struct address *out)
	must_check;
void address_write(struct buf *out, const struct address *a);
/* In line: it is asked of every packet. */
static inline bool address_equal(const struct address *a, const struct address *b)
{
	if (a->family != b->family || a->port != b->port)
		return false;
	if (a->family == 4)
		return memcmp(a->bytes, b->bytes, 4) == 0;
	return a->family == 0 || memcmp(a->bytes, b->bytes, 16) == 0;
}

/* A number below 2^bits, mostly another one for another address: for a memo. */
static inline size_t address_mix(const struct address *a, unsigned bits)
{
	uint64_t front;
	uint64_t back;

	memcpy(&front, a->bytes, sizeof(front));
	memcpy(&back, a->bytes + sizeof(front), sizeof(back));
	front = a->family == 4 ? (uint32_t)front : front ^ (back << 1 | back >> 63);
	return (size_t)(front * 0x9e3779b97f4a7c15 >> (64 - bits));
}

#endif
