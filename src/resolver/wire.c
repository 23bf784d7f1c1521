/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "resolver/wire.h"

enum {
	CLASS_IN = 1,
	OPTION_COOKIE = 10,
	EDNS_DO = 0x8000,
	OPCODE_AND_QR = 0xf800,
	POINTER = 0xc0,
	RECORD_FIXED = 10, /* octets between a record's name and its rdata */
	RDATA_LENGTH = 8,  /* of them, where the rdata's length stands */
};

/* Writing */

static uint8_t *put_u16(uint8_t *to, uint16_t n)
{
	to[0] = (uint8_t)(n >> 8);
	to[1] = (uint8_t)n;
	return to + 2;
}

/* Every octet that is a letter becomes lower case, or upper where its coin says so. An
 * octet of length is at most 63 and so never a letter. */
static octets16 mix(octets16 text, octets16 heads)
{
	octets16 letters = octets16_between(text | 0x20, 'a', 'z') & 0x20;

	return (text | letters) ^ (letters & heads);
}

/* The coins of sixteen letters, each in an octet of its own. */
static octets16 spread_coins(const uint8_t coins[2])
{
	const uint64_t ones = 0x0101010101010101;
	const octets16 bits = {
		1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128
	};
	uint64_t spread[2] = { coins[0] * ones, coins[1] * ones };

	return (octets16)((octets16_load(spread) & bits) != 0);
}

/* Copies while it mixes: what has just been written is slow to be read in other pieces.
 * Up to fifteen octets too many are written, and read behind a name's end where its own
 * memory goes on. */
static void put_mixed(uint8_t *to, const struct dns_name *name,
		      const uint8_t coins[WIRE_COINS])
{
	size_t i = 0;

	for (; i < name->len && i + sizeof(octets16) <= sizeof(name->wire);
	     i += sizeof(octets16)) {
		octets16 text =
			mix(octets16_load(name->wire + i), spread_coins(coins + i / 8));
		memcpy(to + i, &text, sizeof(text));
	}
	if (i >= name->len)
		return;
	octets16 text = { 0 };
	memcpy(&text, name->wire + i, sizeof(name->wire) - i);
	text = mix(text, spread_coins(coins + i / 8));
	memcpy(to + i, &text, sizeof(text));
}

/* RFC 7873 section 5.1, RFC 6891 section 6.1.2, RFC 3225 section 3 */
static uint8_t *put_opt(uint8_t *to, struct str cookie)
{
	*to++ = 0; /* owner: the root */
	to = put_u16(to, DNS_TYPE_OPT);
	to = put_u16(to, DNS_EDNS_PAYLOAD);
	to = put_u16(to, 0);
	to = put_u16(to, EDNS_DO);
	to = put_u16(to, (uint16_t)(4 + cookie.len));
	to = put_u16(to, OPTION_COOKIE);
	to = put_u16(to, (uint16_t)cookie.len);
	memcpy(to, cookie.data, cookie.len);
	return to + cookie.len;
}

void wire_query_write(struct wire_query *q, const struct dns_name *name,
		      struct str cookie, const uint8_t coins[WIRE_COINS])
{
	uint8_t *at = put_u16(q->bytes, q->id);

	at = put_u16(at, 0);
	at = put_u16(at, 1);
	at = put_u16(at, 0);
	at = put_u16(at, 0);
	at = put_u16(at, cookie.data ? 1 : 0);
	put_mixed(at, name, coins);
	at = put_u16(at + name->len, q->type);
	at = put_u16(at, CLASS_IN);
	if (cookie.data)
		at = put_opt(at, cookie);
	q->len = (uint16_t)(at - q->bytes);
	q->question_len = (uint16_t)(name->len + 4);
	q->has_edns = cookie.data;
}

/* Reading */

void wire_name_skip(struct cursor *c)
{
	for (;;) {
		uint8_t len = cursor_u8(c);
		if (len == 0)
			return; /* the root, or failed */
		if (len >= POINTER) {
			cursor_u8(c);
			return;
		}
		/* RFC 1035 section 4.1.4: 01 and 10 are reserved. */
		if (len > DNS_LABEL_MAX)
			cursor_fail(c);
		cursor_bytes(c, len);
	}
}

/* The next n octets, in line: a few of these for each of a million packets. */
static inline const uint8_t *take(struct cursor *c, size_t n)
{
	const uint8_t *at = c->at;

	if ((size_t)(c->end - at) < n) {
		c->failed = true;
		return NULL;
	}
	c->at += n;
	return at;
}

static inline uint16_t two(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

unsigned wire_flags(struct str packet)
{
	return two((const uint8_t *)packet.data + 2);
}

/* RFC 6891 section 6.1.2. The first COOKIE option counts. */
static bool read_options(const uint8_t *rdata, size_t len, struct str *cookie_out)
{
	struct cursor c = { rdata, rdata + len, false };

	while (c.at < c.end) {
		const uint8_t *head = take(&c, 4);
		const uint8_t *data = head ? take(&c, two(head + 2)) : NULL;
		if (!data)
			return false;
		if (two(head) == OPTION_COOKIE && cookie_out->len == 0)
			*cookie_out = str_of(data, two(head + 2));
	}
	return true;
}

/* Over all records; RFC 6891 section 6.1.1: one OPT at most. */
static bool read_records(struct cursor *c, size_t count, struct str *cookie_out)
{
	size_t opts = 0;

	for (size_t i = 0; i < count; i++) {
		/* A pointer, the root (of an OPT), or written out. */
		if (c->end - c->at >= 2 && *c->at >= POINTER)
			c->at += 2;
		else if (c->at < c->end && *c->at == 0)
			c->at++;
		else
			wire_name_skip(c);
		const uint8_t *fixed = c->failed ? NULL : take(c, RECORD_FIXED);
		const uint8_t *rdata = fixed ? take(c, two(fixed + RDATA_LENGTH)) : NULL;
		if (!rdata)
			return false;
		if (two(fixed) == DNS_TYPE_OPT &&
		    (++opts > 1 ||
		     !read_options(rdata, two(fixed + RDATA_LENGTH), cookie_out)))
			return false;
	}
	return true;
}

/* there: as long as ours. */
static bool is_question(struct str there, const struct wire_query *q, bool ignores_case)
{
	struct str ours = str_of(q->bytes + WIRE_HEADER, q->question_len);
	size_t name_len = q->question_len - 4u;

	if (memcmp(there.data, ours.data, ours.len) == 0)
		return true;
	return ignores_case &&
	       str_equal_nocase(str_sub(there, 0, name_len),
				str_sub(ours, 0, name_len)) &&
	       str_equal(str_sub(there, name_len, 4), str_sub(ours, name_len, 4));
}

enum wire_fit wire_answer_fit(struct str packet, const struct wire_query *q,
			      bool ignores_case, struct str *cookie_out)
{
	struct cursor c = cursor_over(packet);
	const uint8_t *header = take(&c, WIRE_HEADER);

	*cookie_out = STR_EMPTY;
	if (!header)
		return WIRE_CAME_CLOSE;
	unsigned flags = two(header + 2);
	unsigned questions = two(header + 4);
	size_t records = (size_t)two(header + 6) + two(header + 8) + two(header + 10);
	if ((flags & OPCODE_AND_QR) != DNS_FLAG_QR)
		return WIRE_CAME_CLOSE;
	if (questions == 0 && (flags & WIRE_RCODE) != DNS_RCODE_NOERROR)
		return WIRE_OF_NO_USE;
	const uint8_t *question = take(&c, q->question_len);
	if (questions != 1 || !question ||
	    !is_question(str_of(question, q->question_len), q, ignores_case))
		return WIRE_CAME_CLOSE;
	if (flags & DNS_FLAG_TC)
		return WIRE_OF_NO_USE;
	return read_records(&c, records, cookie_out) ? WIRE_FITS : WIRE_CAME_CLOSE;
}
