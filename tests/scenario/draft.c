/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "draft.h"

enum {
	UDP_LEAST = 512,
	MESSAGE_MAX = 1 << 17, /* lies may be longer than a message can be */
	CLASS_IN = 1,
	COOKIE_CODE = 10,
	COOKIE_OWN = 8, /* octets of the server's part */
	POINTER_TO_QUESTION = 0xc00c,
};

void draft_begin(struct draft *d, const struct asking_of *q)
{
	const struct question question = { q->query.question_name,
					   q->query.question_type };
	struct str star = d->star;
	uint32_t turn = d->turn;

	*d = (struct draft){
		.q = q,
		.star = star,
		.turn = turn,
		.id = q->query.id,
		.flags = FLAG_QR,
		.class = CLASS_IN,
		.questions = 1,
		.question_name = question.name,
		.question_type = question.type,
		.opts = q->query.has_edns ? 1 : 0,
		.payload = DNS_EDNS_PAYLOAD,
		.cut = SIZE_MAX,
		.mtu = SIZE_MAX,
		.copies = 1,
		.packet = { .tcp_length = SIZE_MAX, .tcp_stop = SIZE_MAX },
	};
	struct cursor c = cursor_over(q->wire);
	cursor_u16(&c);
	d->flags |= cursor_u16(&c) & FLAG_RD;
	world_answer(q->world, q->arena, &q->server, &question, q->query.has_edns,
		     &d->reply);
	if (d->reply.authoritative)
		d->flags |= FLAG_AA;
}

static void write_record(struct buf *out, const struct draft *d,
			 const struct dns_record *r)
{
	if (!d->is_plain && d->questions == 1 &&
	    dns_name_equal(&r->owner, &d->question_name))
		buf_u16(out, POINTER_TO_QUESTION);
	else
		buf_add(out, r->owner.wire, r->owner.len);
	buf_u16(out, r->type);
	buf_u16(out, d->class);
	buf_u32(out, r->ttl_s);
	buf_u16(out, (uint16_t)r->rdata.len);
	buf_str(out, r->rdata);
}

static void write_cookie(struct buf *out, const struct draft *d)
{
	buf_u16(out, COOKIE_CODE);
	buf_u16(out, DNS_COOKIE_CLIENT + COOKIE_OWN);
	buf_add(out, d->q->query.cookie, DNS_COOKIE_CLIENT);
	buf_fill(out, 's', COOKIE_OWN);
}

static void write_opt(struct buf *out, const struct draft *d)
{
	size_t len = 0;
	bool has_cookie = d->has_cookie && d->q->query.cookie_len > 0;

	for (size_t i = 0; i < d->option_count; i++)
		len += d->options[i].len;
	if (has_cookie)
		len += 4 + DNS_COOKIE_CLIENT + COOKIE_OWN;
	buf_byte(out, 0);
	buf_u16(out, DNS_TYPE_OPT);
	buf_u16(out, d->payload);
	buf_byte(out, (uint8_t)(d->reply.rcode >> 4));
	buf_byte(out, d->version);
	buf_u16(out, 0x8000); /* DO */
	buf_u16(out, (uint16_t)len);
	if (has_cookie)
		write_cookie(out, d);
	for (size_t i = 0; i < d->option_count; i++)
		buf_str(out, d->options[i]);
}

static void write_header(struct buf *out, const struct draft *d, bool is_truncated)
{
	const struct reply *r = &d->reply;
	size_t counts[4] = { d->questions, r->answer.count, r->authority.count,
			     r->additional.count + d->opts };
	unsigned flags = d->flags | (unsigned)(d->opcode & 15) << 11 | (r->rcode & 15);

	buf_u16(out, d->id);
	buf_u16(out, (uint16_t)(flags | (is_truncated ? FLAG_TC : 0)));
	for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
		bool is_there = !is_truncated || i == 0;
		size_t count = is_there ? counts[i] : i == 3 ? d->opts : 0;
		buf_u16(out, (uint16_t)((int)count + d->count_more[i]));
	}
}

static void write_rows(struct buf *out, const struct draft *d, const struct rows *rows)
{
	for (size_t i = 0; i < rows->count; i++)
		write_record(out, d, &rows->records[i]);
}

static void write_message(struct buf *out, const struct draft *d, bool is_truncated)
{
	write_header(out, d, is_truncated);
	for (unsigned i = 0; i < d->questions; i++) {
		buf_add(out, d->question_name.wire, d->question_name.len);
		buf_u16(out, d->question_type);
		buf_u16(out, d->class);
	}
	if (!is_truncated) {
		write_rows(out, d, &d->reply.answer);
		write_rows(out, d, &d->reply.authority);
		write_rows(out, d, &d->reply.additional);
	}
	for (unsigned i = 0; i < d->opts; i++)
		write_opt(out, d);
}

static void write_raw(struct buf *out, const struct draft *d)
{
	buf_str(out, d->raw);
	if (out->len >= 2) {
		out->data[0] = (char)(d->id >> 8);
		out->data[1] = (char)d->id;
	}
}

struct str draft_write(const struct draft *d)
{
	size_t room = d->q->over_tcp         ? UINT16_MAX
		      : d->q->query.has_edns ? DNS_EDNS_PAYLOAD
					     : UDP_LEAST;
	auto_buf struct buf out;
	buf_init(&out, MESSAGE_MAX);

	if (d->has_raw)
		write_raw(&out, d);
	else
		write_message(&out, d, false);
	/* RFC 2181 section 9: what does not fit is told by TC. Lies are as long as they
	 * are meant to be. */
	if (!d->has_raw && out.len > room && d->mtu == SIZE_MAX && !d->q->over_tcp) {
		buf_clear(&out);
		write_message(&out, d, true);
	}
	for (size_t i = 0; i < d->patch_count; i++) {
		const struct patch *p = &d->patches[i];
		if (p->at + p->bytes.len <= out.len)
			memcpy(out.data + p->at, p->bytes.data, p->bytes.len);
	}
	buf_str(&out, d->tail);
	if (d->cut < out.len)
		buf_cut(&out, d->cut);
	return arena_str(d->q->arena, buf_view(&out));
}
