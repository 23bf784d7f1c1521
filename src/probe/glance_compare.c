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
	QUESTION_FIXED_LEN = 4, /* type, class */
	RECORD_FIXED_LEN = 10,  /* type, class, TTL, length */
	PREFERENCE_LEN = 2,
	OTHERS_MAX = 64, /* records of both sections */
	OPTION_COOKIE = 10,
};

/* A packet being read; at is at most len. */
struct packet {
	const uint8_t *wire;
	size_t len;
	size_t at;
};

/* The next n octets; NULL: there are not so many. */
static inline const uint8_t *take(struct packet *p, size_t n)
{
	const uint8_t *octet = p->wire + p->at;

	if (p->len - p->at < n)
		return NULL;
	p->at += n;
	return octet;
}

static inline unsigned two(const uint8_t *octet)
{
	return (unsigned)octet[0] << 8 | octet[1];
}

/* Where a and b differ in the case of letters only: by the bit that makes a letter small,
 * and there stands a letter. */
static inline octets16 same_letters(octets16 a, octets16 b)
{
	octets16 differ = a ^ b;

	return (octets16)(differ == 0) |
	       ((octets16)(differ == 0x20) & octets16_between(a | 0x20, 'a', 'z'));
}

/* Labels, or names with the lengths of their labels, which are no letters. */
static bool label_equal(const uint8_t *a, const uint8_t *b, size_t len)
{
	const size_t step = sizeof(octets16);
	octets16 same;
	size_t at = 0;

	if (len >= step) {
		/* The last sixteen may be some of those before them, too. */
		same = same_letters(octets16_load(a + len - step),
				    octets16_load(b + len - step));
		for (; at + step < len; at += step)
			same &= same_letters(octets16_load(a + at),
					     octets16_load(b + at));
		return octets16_all(same);
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
	const uint8_t *pointer = take(p, 2);
	size_t to = pointer ? two(pointer) & 0x3fff : 0;

	return to < HEADER_LEN || to >= before ? SIZE_MAX : to;
}

/* The name at p->at, which ends before `end` but for what it points back to, is the
 * expected one (its wire form, whole); p moves behind it. */
static bool read_expected_name(struct packet *p, size_t end, struct str expected)
{
	const uint8_t *name = (const uint8_t *)expected.data;
	size_t before = p->at;
	size_t done = 0;
	bool has_jumped = false;

	/* Mostly it stands there whole, letter for letter. */
	if (end >= expected.len && p->at <= end - expected.len &&
	    (memcmp(p->wire + p->at, name, expected.len) == 0 ||
	     label_equal(p->wire + p->at, name, expected.len))) {
		p->at += expected.len;
		return true;
	}
	struct packet at = *p;
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
	const uint8_t *header = take(p, HEADER_LEN);

	if (!header)
		return false;
	out->authority = two(header + 8);
	out->additional = two(header + 10);
	return (two(header + 2) & FLAGS_SEEN) == FLAGS_RIGHT && two(header + 4) == 1 &&
	       two(header + 6) == 1 && out->authority + out->additional <= OTHERS_MAX;
}

static bool read_question(struct packet *p, const struct glance_record *r)
{
	const uint8_t *name = take(p, r->name.len);
	const uint8_t *fixed = name ? take(p, QUESTION_FIXED_LEN) : NULL;

	return fixed && label_equal(name, r->name.wire, r->name.len) &&
	       two(fixed) == r->type && two(fixed + 2) == CLASS_IN;
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
	const uint8_t *fixed = take(p, RECORD_FIXED_LEN);
	if (!fixed || two(fixed) != r->type || two(fixed + 2) != CLASS_IN)
		return false;
	size_t len = two(fixed + 8);
	return len <= p->len - p->at && read_rdata(p, r->type, len, glance_rdata(g, r));
}

/* RFC 6891 section 6.1.2: the list of options, whole. */
static bool read_options(struct packet *p, size_t end)
{
	while (p->at < end) {
		const uint8_t *option = end - p->at < 4 ? NULL : take(p, 4);
		if (!option || two(option + 2) > end - p->at)
			return false;
		p->at += two(option + 2);
	}
	return true;
}

/* A record of the other sections, where EDNS may be or not. */
static bool read_other(struct packet *p, bool *may_be_edns)
{
	bool is_at_root = p->at < p->len && p->wire[p->at] == 0;

	if (is_at_root)
		p->at++;
	else if (!skip_name(p, p->len))
		return false;
	const uint8_t *fixed = take(p, RECORD_FIXED_LEN);
	size_t len = fixed ? two(fixed + 8) : 0;
	if (!fixed || len > p->len - p->at)
		return false;
	size_t end = p->at + len;
	unsigned class = two(fixed + 2);
	switch (two(fixed)) {
	case DNS_TYPE_OPT:
		/* The high byte: of the response code; the low one: the version. */
		if (!*may_be_edns || !is_at_root || two(fixed + 4) != 0)
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
	struct packet p = { (const uint8_t *)packet.data, packet.len, 0 };
	struct others others;
	bool never_edns = false;
	bool may_be_edns = true;

	if (packet.len > DNS_MESSAGE_MAX || !read_header(&p, &others) ||
	    !read_question(&p, r) || !read_answer(&p, g, r))
		return false;
	while (others.authority-- > 0)
		if (!read_other(&p, &never_edns))
			return false;
	while (others.additional-- > 0)
		if (!read_other(&p, &may_be_edns))
			return false;
	return p.at == p.len;
}
