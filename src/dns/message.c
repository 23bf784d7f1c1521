/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Messages, read with the cursor. libknot says where the names are in the rdata of a
 * type, checks them and decompresses them. Octets behind the last record are ignored, as
 * resolvers do.
 */
#include "dns/message.h"

#include <libknot/libknot.h>

enum {
	EDNS_DO = 0x8000,
	CLASS_IN = 1,
	RECORD_LEN_MIN = 11, /* root, type, class, TTL, no rdata */
	OPTION_COOKIE = 10,
	OPTION_EDE = 15,
	COOKIE_WITH_SERVER_MIN = 16, /* RFC 7873 section 4 */
};

/* RFC 7873 section 5.1, RFC 6891 section 6.1.2, RFC 3225 section 3 */
static void write_opt(struct buf *out, const struct dns_query *q)
{
	buf_byte(out, 0); /* owner: the root */
	buf_u16(out, DNS_TYPE_OPT);
	buf_u16(out, DNS_EDNS_PAYLOAD);
	buf_u32(out, EDNS_DO);
	buf_u16(out, q->cookie_len > 0 ? (uint16_t)(4 + q->cookie_len) : 0);
	if (q->cookie_len == 0)
		return;
	buf_u16(out, OPTION_COOKIE);
	buf_u16(out, q->cookie_len);
	buf_add(out, q->cookie, q->cookie_len);
}

void dns_query_write(struct buf *out, const struct dns_query *q)
{
	unsigned flags = (q->recursion ? DNS_FLAG_RD : 0) |
			 (q->checking_disabled ? DNS_FLAG_CD : 0);

	buf_u16(out, q->id);
	buf_u16(out, (uint16_t)flags);
	buf_u16(out, 1);
	buf_u16(out, 0);
	buf_u16(out, 0);
	buf_u16(out, q->edns ? 1 : 0);
	buf_add(out, q->name.wire, q->name.len);
	buf_u16(out, q->type);
	buf_u16(out, CLASS_IN);
	if (q->edns)
		write_opt(out, q);
}

/* The message being parsed. */
struct parser {
	struct arena *arena;
	struct str wire;
	size_t at;        /* first octet not read */
	struct buf rdata; /* decompressed rdata of one record */
	struct dns_message message;
};

static bool keep_bytes(struct parser *p, struct str bytes, struct str *out)
{
	char *copy = arena_try(p->arena, bytes.len + 1);

	if (!copy)
		return false;
	if (bytes.len > 0)
		memcpy(copy, bytes.data, bytes.len);
	*out = str_of(copy, bytes.len);
	return true;
}

static bool read_option(struct parser *p, uint16_t code, struct str data)
{
	struct dns_message *m = &p->message;
	struct cursor c = cursor_over(data);

	/* RFC 7873 section 4: 8 octets, or 8 and 8 to 32 more. */
	if (code == OPTION_COOKIE && m->cookie_len == 0 &&
	    (data.len == DNS_COOKIE_CLIENT ||
	     (data.len >= COOKIE_WITH_SERVER_MIN && data.len <= DNS_COOKIE_MAX))) {
		memcpy(m->cookie, data.data, data.len);
		m->cookie_len = (uint8_t)data.len;
	}
	/* RFC 8914 section 2 */
	if (code == OPTION_EDE && !m->has_ede && data.len >= 2) {
		m->has_ede = true;
		m->ede_code = cursor_u16(&c);
		return keep_bytes(p, cursor_bytes(&c, cursor_left(&c)), &m->ede_text);
	}
	return true;
}

/* RFC 6891 section 6.1: at most one, owned by the root; a broken list of options is
 * malformed. */
static bool read_opt(struct parser *p, const struct dns_record *opt)
{
	struct cursor c = cursor_over(opt->rdata);

	if (p->message.has_edns || opt->owner.len != 1)
		return false;
	p->message.has_edns = true;
	p->message.rcode |= (uint16_t)(opt->ttl_s >> 24 << 4);
	while (cursor_left(&c) > 0) {
		uint16_t code = cursor_u16(&c);
		struct str data = cursor_bytes(&c, cursor_u16(&c));
		if (!cursor_ok(&c) || !read_option(p, code, data))
			return false;
	}
	return cursor_ok(&c);
}

/* The name at p->at, which stands before `end` but for what it points back to. */
static bool read_name(struct parser *p, size_t end, struct dns_name *out)
{
	const uint8_t *wire = (const uint8_t *)p->wire.data;
	int packed = knot_dname_wire_check(wire + p->at, wire + end, wire);

	if (packed <= 0)
		return false;
	int len = knot_dname_unpack(out->wire, wire + p->at, DNS_NAME_MAX, wire);
	if (len <= 0)
		return false;
	out->len = (uint8_t)len;
	p->at += (size_t)packed;
	return true;
}

/* One part of the rdata that ends at `end`: a name, as many octets, or all that is
 * left. */
static bool read_block(struct parser *p, int block, size_t end)
{
	size_t left = end - p->at;
	size_t len = block > 0 ? (size_t)block : left;
	struct dns_name name = { 0 };

	if (block == KNOT_RDATA_WF_FIXED_DNAME ||
	    block == KNOT_RDATA_WF_COMPRESSIBLE_DNAME ||
	    block == KNOT_RDATA_WF_DECOMPRESSIBLE_DNAME) {
		if (!read_name(p, end, &name))
			return false;
		buf_add(&p->rdata, name.wire, name.len);
		return true;
	}
	if (len > left)
		return false;
	buf_str(&p->rdata, str_sub(p->wire, p->at, len));
	p->at += len;
	return true;
}

/* Into the arena, with its names decompressed (RFC 3597 section 4). */
static bool read_rdata(struct parser *p, uint16_t type, size_t end, struct str *out)
{
	const knot_rdata_descriptor_t *layout = knot_get_rdata_descriptor(type);

	buf_clear(&p->rdata);
	for (size_t i = 0; layout->block_types[i] != KNOT_RDATA_WF_END; i++) {
		/* Strings with a name behind them: nobody here reads it. */
		bool is_naptr = layout->block_types[i] == KNOT_RDATA_WF_NAPTR_HEADER;
		if (!read_block(p, layout->block_types[i], end))
			return false;
		if (is_naptr)
			break;
	}
	return p->at == end && !p->rdata.failed &&
	       keep_bytes(p, buf_view(&p->rdata), out);
}

/* The next record. Of OPT and of other classes than IN the rdata is as it stands in
 * the wire. */
static bool read_record(struct parser *p, struct dns_record *out, uint16_t *class_out)
{
	if (!read_name(p, p->wire.len, &out->owner))
		return false;
	struct cursor c = cursor_over(str_sub(p->wire, p->at, p->wire.len));
	out->type = cursor_u16(&c);
	*class_out = cursor_u16(&c);
	out->ttl_s = cursor_u32(&c);
	out->rdata = cursor_bytes(&c, cursor_u16(&c));
	if (!cursor_ok(&c))
		return false;
	size_t end = p->wire.len - cursor_left(&c);
	p->at = end - out->rdata.len;
	if (out->type != DNS_TYPE_OPT && *class_out == CLASS_IN)
		return read_rdata(p, out->type, end, &out->rdata);
	p->at = end;
	return true;
}

/* Puts the record where it belongs; class and TTL of OPT mean other things. */
static bool keep_record(struct parser *p, struct dns_record *record, uint16_t class,
			size_t *kept)
{
	if (record->type == DNS_TYPE_OPT)
		return read_opt(p, record);
	if (class != CLASS_IN)
		return true;
	/* RFC 2181 section 8: a TTL with the high bit set is zero. */
	if (record->ttl_s > INT32_MAX)
		record->ttl_s = 0;
	(*kept)++;
	return true;
}

static bool read_section(struct parser *p, size_t count, bool opt_allowed,
			 struct dns_section *out)
{
	size_t room = (p->wire.len - p->at) / RECORD_LEN_MIN;
	size_t kept = 0;

	if (count > room) {
		if (!p->message.truncated)
			return false;
		count = room;
	}
	if (count == 0)
		return true;
	struct dns_record *records = arena_try(p->arena, count * sizeof(*records));
	if (!records)
		return false;
	for (size_t i = 0; i < count; i++) {
		uint16_t class;
		if (!read_record(p, &records[kept], &class)) {
			if (!p->message.truncated)
				return false;
			p->at = p->wire.len; /* nothing whole follows */
			break;
		}
		if (records[kept].type == DNS_TYPE_OPT && !opt_allowed)
			return false;
		if (!keep_record(p, &records[kept], class, &kept))
			return false;
	}
	*out = (struct dns_section){ records, kept };
	return true;
}

/* No question, or one of class IN; its name, the first of the message, cannot be
 * compressed. */
static bool read_question(struct parser *p, struct cursor *c, uint16_t count)
{
	struct dns_message *m = &p->message;

	if (count == 0)
		return true;
	if (count > 1 || !dns_name_read(c, &m->question_name))
		return false;
	m->question_type = cursor_u16(c);
	if (cursor_u16(c) != CLASS_IN || !cursor_ok(c))
		return false;
	m->has_question = true;
	return true;
}

static void read_flags(struct dns_message *m, uint16_t flags)
{
	m->is_response = flags & DNS_FLAG_QR;
	m->opcode = flags >> 11 & 0xf;
	m->authoritative = flags & DNS_FLAG_AA;
	m->truncated = flags & DNS_FLAG_TC;
	m->recursion_available = flags & DNS_FLAG_RA;
	m->authenticated = flags & DNS_FLAG_AD;
	m->rcode = flags & 0xf;
}

static bool read_message(struct parser *p)
{
	struct cursor c = cursor_over(p->wire);
	uint16_t counts[4];

	p->message.id = cursor_u16(&c);
	read_flags(&p->message, cursor_u16(&c));
	for (size_t i = 0; i < ARRAY_LEN(counts); i++)
		counts[i] = cursor_u16(&c);
	if (!cursor_ok(&c) || counts[1] + counts[2] + counts[3] > DNS_MESSAGE_RECORDS_MAX)
		return false;
	if (!read_question(p, &c, counts[0]))
		return false;
	p->at = p->wire.len - cursor_left(&c);
	return read_section(p, counts[1], false, &p->message.answer) &&
	       read_section(p, counts[2], false, &p->message.authority) &&
	       read_section(p, counts[3], true, &p->message.additional);
}

bool dns_message_parse(struct arena *a, struct str wire, struct dns_message *out)
{
	struct parser p = { .arena = a, .wire = wire };

	if (wire.len > DNS_MESSAGE_MAX)
		return false;
	buf_init(&p.rdata, DNS_MESSAGE_MAX);
	bool ok = read_message(&p);
	buf_done(&p.rdata);
	if (ok)
		*out = p.message;
	return ok;
}

static bool matches_header(const struct dns_message *m, const struct dns_query *q)
{
	return m->id == q->id && m->is_response && m->opcode == 0;
}

/* A server that could not or would not read the question may leave it out. */
static bool may_omit_question(uint16_t rcode)
{
	return rcode == DNS_RCODE_FORMERR || rcode == DNS_RCODE_NOTIMP ||
	       rcode == DNS_RCODE_SERVFAIL || rcode == DNS_RCODE_REFUSED;
}

bool dns_message_matches_nocase(const struct dns_message *m, const struct dns_query *q)
{
	if (!matches_header(m, q))
		return false;
	if (!m->has_question)
		return may_omit_question(m->rcode);
	return m->question_type == q->type && dns_name_equal(&m->question_name, &q->name);
}

bool dns_message_matches(const struct dns_message *m, const struct dns_query *q)
{
	if (!dns_message_matches_nocase(m, q))
		return false;
	return !m->has_question ||
	       memcmp(m->question_name.wire, q->name.wire, q->name.len) == 0;
}
