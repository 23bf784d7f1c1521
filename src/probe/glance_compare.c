/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Is this packet the answer that is right? Read where it lies; what dns_message_parse
 * would refuse, or what could mean something else to the judge, is not right here.
 *
 *   header    an answer, authoritative, whole, NOERROR, one question, one record
 *   question  ours
 *   answer    the expected record
 *   others    name servers and their addresses, and EDNS without an error: nothing else
 */
#include "probe/glance.h"

enum {
	HEADER_LEN = 12,
	/* QR, opcode, AA, TC, RCODE */
	FLAGS_SEEN = 0xfe0f,
	FLAGS_RIGHT = 0x8400,
	CLASS_IN = 1,
	POINTER = 0xc0,
	POINTER_TO_QUESTION = 0xc00c,
	RECORD_FIXED_LEN = 10, /* type, class, TTL, length */
	PREFERENCE_LEN = 2,
	OTHERS_MAX = 64, /* records of both sections */
	OPTION_COOKIE = 10,
};

/* A packet being read: past its end everything reads as 0, and it has failed. */
struct packet {
	const uint8_t *wire;
	size_t len;
	size_t at;
	bool failed;
};

static unsigned read_u16(struct packet *p)
{
	if (p->len - p->at < 2 || p->at > p->len) {
		p->failed = true;
		return 0;
	}
	unsigned n = (unsigned)p->wire[p->at] << 8 | p->wire[p->at + 1];
	p->at += 2;
	return n;
}

/* Eight octets that may differ in the case of letters only: where they differ it is by
 * the bit that makes a letter small, and there stands a letter. */
static bool eight_equal(uint64_t a, uint64_t b)
{
	const uint64_t ones = 0x0101010101010101;
	uint64_t differ = a ^ b;
	uint64_t small = a | 0x20 * ones;
	/* In the high bit of each octet: at least 'a', and more than 'z'. Octets above
	 * 127 are no letters, and could carry over: where any differs they are refused.
	 */
	uint64_t from_a = small + (0x80 - 'a') * ones;
	uint64_t behind_z = small + (0x80 - 'z' - 1) * ones;

	if (differ == 0)
		return true;
	if (((a | b) & 0x80 * ones) || (differ & ~(0x20 * ones)))
		return false;
	return !(differ << 2 & ~(from_a & ~behind_z));
}

/* Labels, or names with the lengths of their labels, which are no letters. */
static bool label_equal(const uint8_t *a, const uint8_t *b, size_t len)
{
	const size_t step = sizeof(uint64_t);
	size_t at = 0;
	uint64_t x;
	uint64_t y;

	/* The last eight may overlap those before them. */
	for (; len >= step && at < len; at += step) {
		size_t from = at + step <= len ? at : len - step;
		memcpy(&x, a + from, step);
		memcpy(&y, b + from, step);
		if (!eight_equal(x, y))
			return false;
	}
	for (; at < len; at++)
		if (a[at] != b[at] &&
		    ascii_lower((char)a[at]) != ascii_lower((char)b[at]))
			return false;
	return true;
}

/* Where the pointer at p->at leads; SIZE_MAX: not back behind the header, and to in front
 * of where the name began. RFC 1035 section 4.1.4: "a prior occurance". */
static size_t read_pointer(struct packet *p, size_t before)
{
	size_t to = read_u16(p) & 0x3fff;

	return p->failed || to < HEADER_LEN || to >= before ? SIZE_MAX : to;
}

/* The name at p->at, which ends before `end` but for what it points back to, is the
 * expected one (its wire form, whole); p moves behind it. */
static bool read_expected_name(struct packet *p, size_t end, struct str expected)
{
	const uint8_t *name = (const uint8_t *)expected.data;
	struct packet at = *p;
	size_t before = p->at;
	size_t done = 0;
	bool has_jumped = false;

	/* Mostly it stands there whole. */
	if (end >= expected.len && p->at <= end - expected.len &&
	    label_equal(p->wire + p->at, name, expected.len)) {
		p->at += expected.len;
		return true;
	}
	at.len = end;
	while (done < expected.len && at.at < at.len) {
		unsigned len = at.wire[at.at];
		if (len >= POINTER) {
			size_t to = read_pointer(&at, before);
			if (to == SIZE_MAX)
				return false;
			if (!has_jumped)
				p->at = at.at;
			has_jumped = true;
			at.len = before;
			before = at.at = to;
			continue;
		}
		if (len != name[done] || at.len - at.at <= len ||
		    !label_equal(at.wire + at.at + 1, name + done + 1, len))
			return false;
		at.at += 1 + len;
		done += 1 + len;
	}
	if (!has_jumped)
		p->at = at.at;
	return done == expected.len;
}

/* Any name, whole; p moves behind it. */
static bool skip_name(struct packet *p, size_t end)
{
	struct packet at = *p;
	size_t before = p->at;
	size_t octets = 0;
	bool has_jumped = false;

	at.len = end;
	for (;;) {
		if (at.at >= at.len)
			return false;
		unsigned len = at.wire[at.at];
		if (len >= POINTER) {
			size_t to = read_pointer(&at, before);
			if (to == SIZE_MAX)
				return false;
			if (!has_jumped)
				p->at = at.at;
			has_jumped = true;
			at.len = before;
			before = at.at = to;
			continue;
		}
		octets += 1 + len;
		if (len > DNS_LABEL_MAX || octets > DNS_NAME_MAX || at.len - at.at <= len)
			return false;
		at.at += 1 + len;
		if (len == 0)
			break;
	}
	if (!has_jumped)
		p->at = at.at;
	return true;
}

/* How many records there are besides the answer. */
struct others {
	unsigned authority;
	unsigned additional;
};

static bool read_header(struct packet *p, struct others *out)
{
	p->at = 2;
	unsigned flags = read_u16(p);
	unsigned questions = read_u16(p);
	unsigned answers = read_u16(p);
	out->authority = read_u16(p);
	out->additional = read_u16(p);
	return !p->failed && (flags & FLAGS_SEEN) == FLAGS_RIGHT && questions == 1 &&
	       answers == 1 && out->authority + out->additional <= OTHERS_MAX;
}

static bool read_question(struct packet *p, const struct glance_record *r)
{
	size_t len = r->name.len;

	if (p->len - p->at < len || !label_equal(p->wire + p->at, r->name.wire, len))
		return false;
	p->at += len;
	return read_u16(p) == r->type && read_u16(p) == CLASS_IN && !p->failed;
}

/* The character-strings of both, joined, say the same. */
static bool text_equal(const uint8_t *seen, size_t seen_len, struct str expected)
{
	const uint8_t *wanted = (const uint8_t *)expected.data;
	size_t at = 0;
	size_t wanted_at = 0;
	size_t left = 0; /* of the expected string */

	if (seen_len == expected.len && memcmp(seen, wanted, seen_len) == 0)
		return true;
	while (at < seen_len) {
		size_t len = seen[at++];
		if (len > seen_len - at)
			return false;
		for (; len > 0; len--, left--) {
			while (left == 0) {
				if (wanted_at == expected.len)
					return false;
				left = wanted[wanted_at++];
			}
			if (seen[at++] != wanted[wanted_at++])
				return false;
		}
	}
	while (left == 0 && wanted_at < expected.len)
		left = wanted[wanted_at++];
	return left == 0;
}

static bool read_rdata(struct packet *p, uint16_t type, size_t len, struct str expected)
{
	size_t end = p->at + len;

	switch (type) {
	case DNS_TYPE_CNAME:
		return read_expected_name(p, end, expected) && p->at == end;
	case DNS_TYPE_MX:
		/* Any preference will do, as it does to the judge. */
		if (len <= PREFERENCE_LEN)
			return false;
		p->at += PREFERENCE_LEN;
		return read_expected_name(
			       p, end, str_sub(expected, PREFERENCE_LEN, expected.len)) &&
		       p->at == end;
	case DNS_TYPE_TXT:
		p->at = end;
		return len > 0 && text_equal(p->wire + end - len, len, expected);
	default:
		return false;
	}
}

static bool read_answer(struct packet *p, const struct glance *g,
			const struct glance_record *r)
{
	struct str owner = str_of(r->name.wire, r->name.len);

	if (p->len - p->at >= 2 && p->wire[p->at] == POINTER_TO_QUESTION >> 8 &&
	    p->wire[p->at + 1] == (POINTER_TO_QUESTION & 0xff))
		p->at += 2;
	else if (!read_expected_name(p, p->len, owner))
		return false;
	if (read_u16(p) != r->type || read_u16(p) != CLASS_IN)
		return false;
	p->at += 4; /* TTL */
	size_t len = read_u16(p);
	return !p->failed && len <= p->len - p->at &&
	       read_rdata(p, r->type, len, glance_rdata(g, r));
}

/* RFC 6891 section 6.1.2: the list of options, whole. */
static bool read_options(struct packet *p, size_t end)
{
	while (p->at < end) {
		if (end - p->at < 4)
			return false;
		(void)read_u16(p);
		size_t len = read_u16(p);
		if (len > end - p->at)
			return false;
		p->at += len;
	}
	return true;
}

/* A record of the other sections, where EDNS may be or not. */
static bool read_other(struct packet *p, bool *may_be_edns)
{
	bool is_at_root = p->at < p->len && p->wire[p->at] == 0;

	if (!skip_name(p, p->len) || p->len - p->at < RECORD_FIXED_LEN)
		return false;
	unsigned type = read_u16(p);
	unsigned class = read_u16(p);
	unsigned ttl_high = read_u16(p);
	(void)read_u16(p);
	size_t len = read_u16(p);
	if (p->failed || len > p->len - p->at)
		return false;
	size_t end = p->at + len;
	switch (type) {
	case DNS_TYPE_OPT:
		/* The high byte: of the response code; the low one: the version. */
		if (!*may_be_edns || !is_at_root || ttl_high != 0)
			return false;
		*may_be_edns = false;
		return read_options(p, end);
	case DNS_TYPE_NS:
		return class == CLASS_IN && skip_name(p, end) && p->at == end;
	case DNS_TYPE_A:
		p->at = end;
		return class == CLASS_IN && len == 4;
	case DNS_TYPE_AAAA:
		p->at = end;
		return class == CLASS_IN && len == 16;
	default:
		return false;
	}
}

bool glance_is_right(const struct glance *g, const struct glance_record *r,
		     struct str packet)
{
	struct packet p = { (const uint8_t *)packet.data, packet.len, 0, false };
	struct others others;
	bool never_edns = false;
	bool may_be_edns = true;

	if (packet.len < HEADER_LEN || packet.len > DNS_MESSAGE_MAX ||
	    !read_header(&p, &others) || !read_question(&p, r) || !read_answer(&p, g, r))
		return false;
	while (others.authority-- > 0)
		if (!read_other(&p, &never_edns))
			return false;
	while (others.additional-- > 0)
		if (!read_other(&p, &may_be_edns))
			return false;
	return !p.failed && p.at == p.len;
}
