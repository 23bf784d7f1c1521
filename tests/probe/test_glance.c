/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers at a glance: what is right in every encoding, and what never is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "glances.h"

enum {
	PACKET_MAX = 4096,
	RECORDS = 7,
	RECORD_CNAME = 0,
	RECORD_INSIDE = 1, /* its target is in the question */
	RECORD_MX = 2,
	RECORD_SPF = 3,
	RECORD_KEY = 5,
	MUTATIONS = 20000, /* of each right packet */
};

/* How a server may write the answer. */
struct form {
	const char *name;
	bool whole_owner; /* not as a pointer */
	bool packed;      /* the target points into the question where it can */
	bool upper;       /* letters of the answer */
	uint8_t split;    /* octets of each string; 0: as few strings as can be */
	bool edns;        /* an OPT record, with a cookie */
	bool servers;     /* NS and addresses in the other sections */
	uint16_t preference;
};

static const struct form forms[] = {
	{ .name = "plain", .preference = 10 },
	{ .name = "nothing is compressed", .whole_owner = true, .preference = 10 },
	{ .name = "everything is compressed", .packed = true, .preference = 10 },
	{ .name = "in other letters",
	  .upper = true,
	  .whole_owner = true,
	  .packed = true,
	  .preference = 10 },
	{ .name = "text in strings of ten", .split = 10, .preference = 10 },
	{ .name = "text in strings of one", .split = 1, .preference = 10 },
	{ .name = "with EDNS", .edns = true, .preference = 10 },
	{ .name = "with name servers", .servers = true, .preference = 10 },
	{ .name = "with all of that",
	  .edns = true,
	  .servers = true,
	  .packed = true,
	  .preference = 10 },
	{ .name = "another preference", .preference = 77 },
};

static void add_name(struct buf *b, struct str wire, const struct form *f)
{
	for (size_t i = 0; i < wire.len; i++)
		buf_byte(b,
			 (uint8_t)(f->upper ? ascii_upper(wire.data[i]) : wire.data[i]));
}

/* Where the wire form of `shop.example` stands in the question; 0: nowhere. */
static size_t domain_at(const struct glance *g, const struct glance_record *r)
{
	return 12u + r->name.len - g->domain.len;
}

static void add_target(struct buf *b, const struct glance *g,
		       const struct glance_record *r, struct str target,
		       const struct form *f)
{
	struct str domain = str_of(g->domain.wire, g->domain.len);

	if (!f->packed || !str_ends(target, domain)) {
		add_name(b, target, f);
		return;
	}
	add_name(b, str_sub(target, 0, target.len - domain.len), f);
	buf_u16(b, (uint16_t)(0xc000 | domain_at(g, r)));
}

/* The strings of the rdata joined, and split again. */
static void add_text(struct buf *b, struct str rdata, const struct form *f)
{
	auto_buf struct buf joined;
	size_t each = f->split ? f->split : 255;
	buf_init(&joined, PACKET_MAX);
	for (size_t at = 0; at < rdata.len; at += 1 + (uint8_t)rdata.data[at])
		buf_str(&joined, str_sub(rdata, at + 1, (uint8_t)rdata.data[at]));
	for (size_t at = 0; at < joined.len; at += each) {
		struct str part = str_sub(buf_view(&joined), at, each);
		buf_byte(b, (uint8_t)part.len);
		buf_str(b, part);
	}
}

static void add_answer(struct buf *b, const struct glance *g,
		       const struct glance_record *r, const struct form *f)
{
	struct str rdata = glance_rdata(g, r);
	auto_buf struct buf body;

	if (f->whole_owner)
		add_name(b, str_of(r->name.wire, r->name.len), f);
	else
		buf_u16(b, 0xc00c);
	buf_u16(b, r->type);
	buf_u16(b, 1);
	buf_u32(b, 300);
	buf_init(&body, PACKET_MAX);
	if (r->type == DNS_TYPE_TXT) {
		add_text(&body, rdata, f);
	} else if (r->type == DNS_TYPE_MX) {
		buf_u16(&body, f->preference);
		add_target(&body, g, r, str_sub(rdata, 2, rdata.len), f);
	} else {
		add_target(&body, g, r, rdata, f);
	}
	buf_u16(b, (uint16_t)body.len);
	buf_str(b, buf_view(&body));
}

static void add_servers(struct buf *b, const struct glance *g,
			const struct glance_record *r)
{
	uint16_t domain = (uint16_t)(0xc000 | domain_at(g, r));

	buf_u16(b, domain);
	buf_u16(b, DNS_TYPE_NS);
	buf_u16(b, 1);
	buf_u32(b, 300);
	buf_u16(b, 6);
	buf_add(b, "\3ns1", 4);
	buf_u16(b, domain);
	buf_add(b, "\3ns1", 4);
	buf_u16(b, domain);
	buf_u16(b, DNS_TYPE_A);
	buf_u16(b, 1);
	buf_u32(b, 300);
	buf_u16(b, 4);
	buf_add(b, "\xc0\0\2\1", 4);
}

static void add_edns(struct buf *b, uint32_t ttl)
{
	buf_byte(b, 0);
	buf_u16(b, DNS_TYPE_OPT);
	buf_u16(b, 1232);
	buf_u32(b, ttl);
	buf_u16(b, 20);
	buf_u16(b, 10);
	buf_u16(b, 16);
	buf_add(b, "0123456789abcdef", 16);
}

/* Of one answer in that form. */
static void write_packet(struct buf *b, const struct glance *g, size_t index,
			 const struct form *f)
{
	const struct glance_record *r = &g->records[index];

	buf_u16(b, 4711);
	buf_u16(b, 0x8400);
	buf_u16(b, 1);
	buf_u16(b, 1);
	buf_u16(b, f->servers);
	buf_u16(b, (uint16_t)(f->servers + f->edns));
	buf_add(b, r->name.wire, r->name.len);
	buf_u16(b, r->type);
	buf_u16(b, 1);
	add_answer(b, g, r, f);
	if (f->servers)
		add_servers(b, g, r);
	if (f->edns)
		add_edns(b, 0);
}

static bool is_right(const struct glance_subject *s, size_t index, struct str packet)
{
	return glance_is_right(&s->g, &s->g.records[index], packet);
}

static void the_expected_answer_is_right_in_every_encoding(unused_arg void **state)
{
	struct glance_subject s;
	glance_subject_init(&s);
	assert_int_equal(s.g.count, RECORDS);
	for (size_t i = 0; i < RECORDS * ARRAY_LEN(forms); i++) {
		const struct form *f = &forms[i / RECORDS];
		auto_buf struct buf packet;
		buf_init(&packet, PACKET_MAX);
		write_packet(&packet, &s.g, i % RECORDS, f);
		if (!is_right(&s, i % RECORDS, buf_view(&packet)))
			fail_msg("%s: record %zu", f->name, i % RECORDS);
		if (!glances_judge(&s, i % RECORDS, buf_view(&packet)))
			fail_msg("the judge: %s: record %zu", f->name, i % RECORDS);
	}
	glance_subject_done(&s);
}

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

/* Octets changed, taken out, put in or repeated. */
static void mutate(struct buf *b, uint32_t *seed)
{
	unsigned changes = 1 + next_random(seed) % 3;

	while (changes-- > 0 && b->len > 0) {
		size_t at = next_random(seed) % b->len;
		char c = (char)next_random(seed);
		switch (next_random(seed) % 6) {
		case 0:
			buf_cut(b, at);
			break;
		case 1:
			b->data[at] = (char)(b->data[at] ^ 0x20);
			break;
		case 2:
			b->data[at] = (char)(b->data[at] ^ 1 << (c & 7));
			break;
		case 3:
			buf_byte(b, (uint8_t)c);
			memmove(b->data + at + 1, b->data + at, b->len - at - 1);
			break;
		default:
			b->data[at] = c;
		}
	}
}

/* Whenever the glance says that it is right, so does the judge. */
static void what_is_right_at_a_glance_is_right_to_the_judge(unused_arg void **state)
{
	struct glance_subject s;
	uint32_t seed = 1;
	size_t right = 0;
	size_t refused = 0;
	glance_subject_init(&s);
	for (size_t i = 0; i < MUTATIONS; i++) {
		size_t index = i % RECORDS;
		auto_buf struct buf packet;
		buf_init(&packet, PACKET_MAX);
		write_packet(&packet, &s.g, index,
			     &forms[i / RECORDS % ARRAY_LEN(forms)]);
		mutate(&packet, &seed);
		if (!is_right(&s, index, buf_view(&packet))) {
			refused++;
			continue;
		}
		right++;
		if (!glances_judge(&s, index, buf_view(&packet)))
			fail_msg("mutation %zu of record %zu", i, index);
	}
	/* Letters, identifiers and times may differ. */
	assert_true(right > MUTATIONS / 50);
	assert_true(refused > MUTATIONS / 2);
	glance_subject_done(&s);
}

struct wrong_case {
	const char *name;
	size_t index;
	size_t at; /* octet that is changed ... */
	char to;
};

static const struct wrong_case wrong_cases[] = {
	{ "a question, not an answer", RECORD_CNAME, 2, 0x04 },
	{ "not authoritative", RECORD_CNAME, 2, (char)0x80 },
	{ "truncated", RECORD_CNAME, 2, (char)0x86 },
	{ "another opcode", RECORD_CNAME, 2, (char)0x8c },
	{ "a response code", RECORD_CNAME, 3, 2 },
	{ "no such name", RECORD_CNAME, 3, 3 },
	{ "no question", RECORD_CNAME, 5, 0 },
	{ "two questions", RECORD_CNAME, 5, 2 },
	{ "no answer", RECORD_CNAME, 7, 0 },
	{ "more answers than there are", RECORD_CNAME, 7, 2 },
	{ "an authority that is not there", RECORD_CNAME, 9, 1 },
	{ "another letter in the question", RECORD_CNAME, 14, '2' },
	{ "another letter in the text", RECORD_SPF, 70, 'x' },
};

static void what_differs_is_not_right(unused_arg void **state)
{
	struct glance_subject s;
	glance_subject_init(&s);
	for (size_t i = 0; i < ARRAY_LEN(wrong_cases); i++) {
		const struct wrong_case *c = &wrong_cases[i];
		auto_buf struct buf packet;
		buf_init(&packet, PACKET_MAX);
		write_packet(&packet, &s.g, c->index, &forms[0]);
		assert_true(packet.data[c->at] != c->to);
		packet.data[c->at] = c->to;
		if (is_right(&s, c->index, buf_view(&packet)))
			fail_msg("%s", c->name);
	}
	glance_subject_done(&s);
}

static void every_shorter_packet_is_not_right(unused_arg void **state)
{
	struct glance_subject s;
	auto_buf struct buf packet;
	glance_subject_init(&s);
	buf_init(&packet, PACKET_MAX);
	write_packet(&packet, &s.g, RECORD_MX, &forms[8]);
	assert_true(is_right(&s, RECORD_MX, buf_view(&packet)));
	for (size_t len = 0; len < packet.len; len++)
		assert_false(is_right(&s, RECORD_MX, str_sub(buf_view(&packet), 0, len)));
	buf_byte(&packet, 0);
	assert_false(is_right(&s, RECORD_MX, buf_view(&packet)));
	glance_subject_done(&s);
}

static void a_second_record_is_not_right(unused_arg void **state)
{
	struct glance_subject s;
	auto_buf struct buf packet;
	glance_subject_init(&s);
	buf_init(&packet, PACKET_MAX);
	write_packet(&packet, &s.g, RECORD_KEY, &forms[0]);
	add_answer(&packet, &s.g, &s.g.records[RECORD_KEY], &forms[4]);
	packet.data[7] = 2;
	assert_false(is_right(&s, RECORD_KEY, buf_view(&packet)));
	glance_subject_done(&s);
}

/* RFC 6891 section 6.1.3: the high bits of the response code are in the OPT record. */
static void an_extended_error_is_not_right(unused_arg void **state)
{
	struct glance_subject s;
	auto_buf struct buf packet;
	glance_subject_init(&s);
	buf_init(&packet, PACKET_MAX);
	write_packet(&packet, &s.g, RECORD_CNAME, &forms[0]);
	packet.data[11] = 1;
	size_t without = packet.len;
	add_edns(&packet, 0);
	assert_true(is_right(&s, RECORD_CNAME, buf_view(&packet)));
	buf_cut(&packet, without);
	add_edns(&packet, 0x01000000);
	assert_false(is_right(&s, RECORD_CNAME, buf_view(&packet)));
	buf_cut(&packet, without);
	add_edns(&packet, 0);
	add_edns(&packet, 0);
	packet.data[11] = 2;
	assert_false(is_right(&s, RECORD_CNAME, buf_view(&packet)));
	/* In the authority section it has no business. */
	buf_cut(&packet, without);
	add_edns(&packet, 0);
	packet.data[11] = 0;
	packet.data[9] = 1;
	assert_false(is_right(&s, RECORD_CNAME, buf_view(&packet)));
	glance_subject_done(&s);
}

static void a_pointer_that_goes_round_is_not_right(unused_arg void **state)
{
	struct glance_subject s;
	glance_subject_init(&s);
	for (unsigned to = 0; to < 120; to++) {
		auto_buf struct buf packet;
		const struct glance_record *r = &s.g.records[RECORD_INSIDE];
		buf_init(&packet, PACKET_MAX);
		write_packet(&packet, &s.g, RECORD_INSIDE, &forms[2]);
		/* Its rdata is the pointer to the domain. */
		packet.data[packet.len - 2] = (char)0xc0;
		packet.data[packet.len - 1] = (char)to;
		bool is_there = to == domain_at(&s.g, r);
		assert_int_equal(is_right(&s, RECORD_INSIDE, buf_view(&packet)),
				 is_there);
	}
	glance_subject_done(&s);
}

struct text_case {
	const char *text;
	enum purpose purpose;
	bool is_plain;
};

static const struct text_case text_cases[] = {
	{ "v=spf1 include:spf.mailer.example ~all", PURPOSE_SPF, true },
	{ "v=spf1 include:amazonses.com ~all", PURPOSE_SPF, true },
	{ "v=spf1 include:%{d}.mailer.example ~all", PURPOSE_SPF, false },
	{ "v=spf1 include:bounce.shop.example ~all", PURPOSE_SPF, false },
	{ "v=spf1 nonsense -all", PURPOSE_SPF, false },
	{ "no spf at all", PURPOSE_SPF, false },
	{ "v=DMARC1; p=reject", PURPOSE_DMARC, true },
	{ "v=DMARC1; p=none;", PURPOSE_DMARC, true },
	{ "v=DMARC1; p=whatever", PURPOSE_DMARC, false },
	{ "p=reject", PURPOSE_DMARC, false },
	{ "v=DKIM1; p=", PURPOSE_DKIM, false },
	{ "v=DKIM1; p=MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAKAb", PURPOSE_DKIM, false },
	{ "whatever it is", PURPOSE_OWNERSHIP, true },
};

/* Twice: once judged, once remembered. */
static void texts_are_plain_where_the_judge_finds_them_right(unused_arg void **state)
{
	struct glance_texts *texts = glance_texts_new();
	for (size_t i = 0; i < 2 * ARRAY_LEN(text_cases); i++) {
		const struct text_case *c = &text_cases[i % ARRAY_LEN(text_cases)];
		if (glance_text_is_plain(texts, c->purpose, str_from(c->text),
					 STR("shop.example")) != c->is_plain)
			fail_msg("'%s'", c->text);
	}
	glance_texts_free(&texts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_expected_answer_is_right_in_every_encoding),
		cmocka_unit_test(what_is_right_at_a_glance_is_right_to_the_judge),
		cmocka_unit_test(what_differs_is_not_right),
		cmocka_unit_test(every_shorter_packet_is_not_right),
		cmocka_unit_test(a_second_record_is_not_right),
		cmocka_unit_test(an_extended_error_is_not_right),
		cmocka_unit_test(a_pointer_that_goes_round_is_not_right),
		cmocka_unit_test(texts_are_plain_where_the_judge_finds_them_right),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
