/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A small reader of DER: as much as an RSA public key needs (X.690 sections 8 and 10). */
#include "policy/der.h"

enum {
	TAG_INTEGER = 0x02,
	TAG_BIT_STRING = 0x03,
	TAG_SEQUENCE = 0x30,
};

/* rsaEncryption 1.2.840.113549.1.1.1, and NULL. */
static const uint8_t rsa_algorithm[] = {
	0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00,
};

struct reader {
	struct cursor c;
	struct str whole;
	size_t missing;
};

static size_t position(const struct reader *r)
{
	return (size_t)(r->c.at - (const uint8_t *)r->whole.data);
}

static bool short_by(struct reader *r, size_t octets)
{
	if (r->missing == 0)
		r->missing = octets;
	return false;
}

static bool read_length(struct reader *r, size_t *len_out)
{
	if (cursor_left(&r->c) == 0)
		return short_by(r, 1);
	size_t first = cursor_u8(&r->c);
	if (first < 0x80) {
		*len_out = first;
		return true;
	}
	/* Keys need no more than two octets of length. */
	size_t octets = first & 0x7f;
	if (octets == 0 || octets > 2)
		return false;
	if (cursor_left(&r->c) < octets)
		return short_by(r, octets - cursor_left(&r->c));
	*len_out = 0;
	while (octets-- > 0)
		*len_out = *len_out << 8 | cursor_u8(&r->c);
	return true;
}

/* The header of an element: tag and length; what it holds has to follow whole. */
static bool enter(struct reader *r, uint8_t tag, size_t *len_out)
{
	if (cursor_left(&r->c) == 0)
		return short_by(r, 1);
	if (cursor_peek(&r->c) != tag)
		return false;
	(void)cursor_u8(&r->c);
	if (!read_length(r, len_out))
		return false;
	if (cursor_left(&r->c) < *len_out)
		return short_by(r, *len_out - cursor_left(&r->c));
	return true;
}

/* The same for an element with nothing behind it. */
static bool enter_last(struct reader *r, uint8_t tag)
{
	size_t len;

	return enter(r, tag, &len) && len == cursor_left(&r->c);
}

/* A positive number, without the zeros in front. */
static bool read_number(struct reader *r, struct str *out)
{
	size_t len;

	if (!enter(r, TAG_INTEGER, &len) || len == 0 || cursor_peek(&r->c) >= 0x80)
		return false;
	struct str number = cursor_bytes(&r->c, len);
	while (number.len > 0 && number.data[0] == 0)
		number = str_sub(number, 1, number.len);
	*out = number;
	return number.len > 0;
}

static unsigned count_bits(struct str number)
{
	unsigned bits = (unsigned)number.len * 8;

	for (unsigned top = (unsigned char)number.data[0]; top < 0x80; top <<= 1)
		bits--;
	return bits;
}

/* The algorithm and the bit string's header, up to the RSAPublicKey in it. */
static bool enter_info(struct reader *r)
{
	size_t len;

	if (!enter(r, TAG_SEQUENCE, &len))
		return false;
	struct str algorithm = cursor_bytes(&r->c, len);
	/* RFC 3279 section 2.3.1: the parameters are NULL; some leave them out. */
	if (!str_equal(algorithm, str_of(rsa_algorithm, sizeof(rsa_algorithm))) &&
	    !str_equal(algorithm, str_of(rsa_algorithm, sizeof(rsa_algorithm) - 2)))
		return false;
	/* The first octet of a bit string counts the bits that are left over: none. */
	return enter_last(r, TAG_BIT_STRING) && cursor_left(&r->c) > 0 &&
	       cursor_u8(&r->c) == 0 && enter_last(r, TAG_SEQUENCE);
}

static bool read_key(struct reader *r, struct der_rsa *out)
{
	if (!enter_last(r, TAG_SEQUENCE))
		return false;
	if (cursor_peek(&r->c) == TAG_SEQUENCE && !enter_info(r))
		return false;
	if (!read_number(r, &out->modulus) || !read_number(r, &out->exponent))
		return false;
	out->bits = count_bits(out->modulus);
	return cursor_at_end(&r->c);
}

enum der_result der_rsa_read(struct str der, struct der_rsa *out)
{
	struct reader r = { .c = cursor_over(der), .whole = der };

	*out = (struct der_rsa){ 0 };
	if (der.len > 0 && read_key(&r, out))
		return DER_KEY;
	out->at = der.len > 0 ? position(&r) : 0;
	out->missing = r.missing;
	return r.missing > 0 || der.len == 0 ? DER_SHORT : DER_OTHER;
}
