/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "resolver/wire.h"

enum {
	CLASS_IN = 1,
	OPTION_COOKIE = 10,
	EDNS_DO = 0x8000,
	FLAG_QR = 0x8000,
	FLAG_TC = 0x0200,
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

/* Every octet of `word` that is a letter becomes lower case, or upper where its bit of
 * the coins says so: eight octets at a time. An octet of length is at most 63 and so
 * never a letter. */
static uint64_t mix_word(uint64_t word, uint8_t coins)
{
	const uint64_t ones = 0x0101010101010101;
	const uint64_t highs = 0x8080808080808080;
	uint64_t lower = word | 0x20 * ones;
	uint64_t seven = lower & ~highs;
	uint64_t from_a = seven + (0x80 - 'a') * ones;
	uint64_t past_z = seven + (0x80 - 'z' - 1) * ones;
	/* 0x20 in each octet that is a letter */
	uint64_t letters = (from_a & ~past_z & ~word & highs) >> 2;
	/* Each bit of the coins at its place in an octet of its own, then as its 0x80. */
	uint64_t spread = coins * ones & 0x8040201008040201;
	uint64_t heads = (spread + ~highs) & highs;

	return (word | letters) ^ (letters & heads >> 2);
}

static void mix_case(uint8_t *name, size_t len, const uint8_t coins[WIRE_COINS])
{
	for (size_t i = 0; i < len; i += 8) {
		uint64_t word;
		memcpy(&word, name + i, sizeof(word));
		word = mix_word(word, coins[i / 8]);
		memcpy(name + i, &word, sizeof(word));
	}
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
	memcpy(at, name->wire, name->len);
	mix_case(at, name->len, coins);
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

static uint16_t get_u16(const char *at)
{
	return (uint16_t)((uint8_t)at[0] << 8 | (uint8_t)at[1]);
}

unsigned wire_flags(struct str packet)
{
	return packet.len < WIRE_HEADER ? 0 : get_u16(packet.data + 2);
}

/* RFC 6891 section 6.1.2. The first COOKIE option counts. */
static bool read_options(struct str rdata, struct str *cookie_out)
{
	struct cursor c = cursor_over(rdata);

	while (cursor_left(&c) > 0) {
		uint16_t code = cursor_u16(&c);
		struct str data = cursor_bytes(&c, cursor_u16(&c));
		if (code == OPTION_COOKIE && cookie_out->len == 0)
			*cookie_out = data;
	}
	return cursor_ok(&c);
}

/* Over all records; RFC 6891 section 6.1.1: one OPT at most. */
static bool read_records(struct cursor *c, size_t count, struct str *cookie_out)
{
	size_t opts = 0;

	for (size_t i = 0; i < count && cursor_ok(c); i++) {
		wire_name_skip(c);
		struct str fixed = cursor_bytes(c, RECORD_FIXED);
		if (!cursor_ok(c))
			return false;
		struct str rdata = cursor_bytes(c, get_u16(fixed.data + RDATA_LENGTH));
		if (get_u16(fixed.data) == DNS_TYPE_OPT &&
		    (++opts > 1 || !read_options(rdata, cookie_out)))
			return false;
	}
	return cursor_ok(c);
}

static bool is_question(struct str there, const struct wire_query *q, bool ignores_case)
{
	struct str ours = str_of(q->bytes + WIRE_HEADER, q->question_len);
	size_t name_len = q->question_len - 4u;

	if (str_equal(there, ours))
		return true;
	return ignores_case && there.len == ours.len &&
	       str_equal_nocase(str_sub(there, 0, name_len),
				str_sub(ours, 0, name_len)) &&
	       str_equal(str_sub(there, name_len, 4), str_sub(ours, name_len, 4));
}

enum wire_fit wire_answer_fit(struct str packet, const struct wire_query *q,
			      bool ignores_case, struct str *cookie_out)
{
	struct cursor c = cursor_over(packet);
	struct str header = cursor_bytes(&c, WIRE_HEADER);

	*cookie_out = STR_EMPTY;
	if (!cursor_ok(&c))
		return WIRE_CAME_CLOSE;
	unsigned flags = get_u16(header.data + 2);
	unsigned questions = get_u16(header.data + 4);
	size_t records = (size_t)get_u16(header.data + 6) + get_u16(header.data + 8) +
			 get_u16(header.data + 10);
	if ((flags & OPCODE_AND_QR) != FLAG_QR)
		return WIRE_CAME_CLOSE;
	if (questions == 0 && (flags & WIRE_RCODE) != DNS_RCODE_NOERROR)
		return WIRE_OF_NO_USE;
	if (questions != 1 ||
	    !is_question(cursor_bytes(&c, q->question_len), q, ignores_case))
		return WIRE_CAME_CLOSE;
	if (flags & FLAG_TC)
		return WIRE_OF_NO_USE;
	return read_records(&c, records, cookie_out) ? WIRE_FITS : WIRE_CAME_CLOSE;
}
