/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A verification takes as long as the exponent and the square of the modulus. */
#include "resolver/costly.h"

enum {
	/* Octets. OpenSSL draws the line of exponents there, too. */
	EXPONENT_MAX = 8,
	MODULUS_MAX = 512,
};

/* RFC 3110 section 2: the length of the exponent, the exponent, the modulus. */
static bool is_costly_key(const struct dns_record *r)
{
	struct cursor c = cursor_over(r->rdata);

	if (r->type != DNS_TYPE_DNSKEY)
		return false;
	cursor_bytes(&c, 3); /* flags, protocol */
	switch (cursor_u8(&c)) {
	case 1: /* RSA with MD5, SHA-1, SHA-1 and NSEC3, SHA-256, SHA-512 */
	case 5:
	case 7:
	case 8:
	case 10:
		break;
	default:
		return false;
	}
	size_t len = cursor_u8(&c);
	if (len == 0)
		len = cursor_u16(&c);
	return len > EXPONENT_MAX || cursor_left(&c) > EXPONENT_MAX + MODULUS_MAX;
}

bool costly_has_key(const struct dns_message *m)
{
	for (size_t i = 0; i < m->answer.count; i++)
		if (is_costly_key(&m->answer.records[i]))
			return true;
	return false;
}
