/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Referrals read from their bytes, held against cut_read, which reads them parsed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "resolver/referral.h"

enum {
	REFERRAL = 0x8000,
	ANSWER = 0x8400,
	PACKET_MAX = 2048,
	CLASS_IN = 1,
};

struct record_case {
	const char *owner;
	uint16_t type;
	const char *value; /* a name, an address; "" for what is not read */
};

struct message_case {
	const char *name;
	unsigned flags;
	const char *question;
	enum way way;
	struct record_case authority[5];
	struct record_case additional[5];
};

static const struct message_case cases[] = {
	{ "glue for both",
	  REFERRAL,
	  "acme.test",
	  WAY_DOWN,
	  { { "acme.test", DNS_TYPE_NS, "ns2.acme.test" },
	    { "acme.test", DNS_TYPE_NS, "ns1.acme.test" } },
	  { { "ns1.acme.test", DNS_TYPE_A, "192.0.2.1" },
	    { "ns2.acme.test", DNS_TYPE_A, "192.0.2.2" },
	    { "ns2.acme.test", DNS_TYPE_AAAA, "2001:db8::2" },
	    { "ns2.acme.test", DNS_TYPE_A, "192.0.2.3" } } },
	{ "signed, servers elsewhere",
	  REFERRAL,
	  "www.acme.test",
	  WAY_DOWN,
	  { { "acme.test", DNS_TYPE_NS, "a.host.example" },
	    { "acme.test", DNS_TYPE_NS, "b.host.example" },
	    { "acme.test", DNS_TYPE_DS, "" },
	    { "acme.test", DNS_TYPE_RRSIG, "" } },
	  { { "a.host.example", DNS_TYPE_A, "192.0.2.66" } } },
	{ "glue of a neighbour that is a server too",
	  REFERRAL,
	  "acme.test",
	  WAY_DOWN,
	  { { "acme.test", DNS_TYPE_NS, "ns.other.test" } },
	  { { "ns.other.test", DNS_TYPE_A, "192.0.2.1" },
	    { "ns.nobody.test", DNS_TYPE_A, "192.0.2.2" } } },
	{ "no such zone below",
	  ANSWER,
	  "www.acme.test",
	  WAY_INSIDE,
	  { { "test", DNS_TYPE_SOA, "" } },
	  { { 0 } } },
	{ "an SOA of somebody else",
	  ANSWER,
	  "www.acme.test",
	  WAY_UNUSUAL,
	  { { "example", DNS_TYPE_SOA, "" } },
	  { { 0 } } },
	{ "an SOA without authority",
	  REFERRAL,
	  "www.acme.test",
	  WAY_UNUSUAL,
	  { { "test", DNS_TYPE_SOA, "" } },
	  { { 0 } } },
	{ "a referral with authority",
	  ANSWER,
	  "acme.test",
	  WAY_UNUSUAL,
	  { { "acme.test", DNS_TYPE_NS, "ns1.acme.test" } },
	  { { 0 } } },
	{ "to itself",
	  REFERRAL,
	  "acme.test",
	  WAY_UNUSUAL,
	  { { "test", DNS_TYPE_NS, "ns1.acme.test" } },
	  { { 0 } } },
	{ "upwards",
	  REFERRAL,
	  "acme.test",
	  WAY_UNUSUAL,
	  { { ".", DNS_TYPE_NS, "ns1.acme.test" } },
	  { { 0 } } },
	{ "to a neighbour",
	  REFERRAL,
	  "acme.test",
	  WAY_UNUSUAL,
	  { { "other.test", DNS_TYPE_NS, "ns1.acme.test" } },
	  { { 0 } } },
	{ "to two zones",
	  REFERRAL,
	  "www.acme.test",
	  WAY_UNUSUAL,
	  { { "acme.test", DNS_TYPE_NS, "ns1.acme.test" },
	    { "www.acme.test", DNS_TYPE_NS, "ns1.acme.test" } },
	  { { 0 } } },
	{ "a server twice",
	  REFERRAL,
	  "acme.test",
	  WAY_UNUSUAL,
	  { { "acme.test", DNS_TYPE_NS, "ns1.acme.test" },
	    { "acme.test", DNS_TYPE_NS, "NS1.acme.test" } },
	  { { 0 } } },
	{ "the DS of another name",
	  REFERRAL,
	  "www.acme.test",
	  WAY_UNUSUAL,
	  { { "acme.test", DNS_TYPE_NS, "ns1.acme.test" },
	    { "www.acme.test", DNS_TYPE_DS, "" } },
	  { { 0 } } },
	{ "nothing", REFERRAL, "acme.test", WAY_UNUSUAL, { { 0 } }, { { 0 } } },
	{ "no such name",
	  ANSWER | 3,
	  "acme.test",
	  WAY_UNUSUAL,
	  { { "test", DNS_TYPE_SOA, "" } },
	  { { 0 } } },
};

static struct dns_name name_of(const char *text)
{
	struct err e = { 0 };
	struct dns_name n;

	if (!dns_name_parse(str_from(text), &n, &e))
		fail_msg("%s", e.text);
	return n;
}

/* Compressed into the question where the question ends like that. */
static void add_name(struct buf *b, const char *text, const struct dns_name *question)
{
	struct dns_name n = name_of(text);
	size_t back = question->len;

	if (n.len > 1 && dns_name_within(question, &n)) {
		buf_u16(b, (uint16_t)(0xc000 | (12 + back - n.len)));
		return;
	}
	buf_add(b, n.wire, n.len);
}

static void add_rdata(struct buf *b, const struct record_case *r,
		      const struct dns_name *question)
{
	static const uint8_t ds[36] = { 1, 2, 13, 2 };
	static const uint8_t soa[22] = { 0 }; /* both names the root */
	static const uint8_t rrsig[20] = { 0, 43, 13, 2 };
	struct address a;

	if (r->type == DNS_TYPE_NS) {
		add_name(b, r->value, question);
	} else if (r->type == DNS_TYPE_DS) {
		buf_add(b, ds, sizeof(ds));
	} else if (r->type == DNS_TYPE_SOA) {
		buf_add(b, soa, sizeof(soa));
	} else if (r->type == DNS_TYPE_RRSIG) {
		buf_add(b, rrsig, sizeof(rrsig));
	} else {
		assert_true(address_parse(str_from(r->value), 53, &a));
		buf_add(b, a.bytes, a.family == 4 ? 4 : 16);
	}
}

static uint16_t add_section(struct buf *b, const struct record_case *records,
			    const struct dns_name *question)
{
	uint16_t count = 0;

	for (; count < 5 && records[count].owner; count++) {
		auto_buf struct buf rdata;
		buf_init(&rdata, 512);
		add_rdata(&rdata, &records[count], question);
		add_name(b, records[count].owner, question);
		buf_u16(b, records[count].type);
		buf_u16(b, CLASS_IN);
		buf_u32(b, 300u + count);
		buf_u16(b, (uint16_t)rdata.len);
		buf_str(b, buf_view(&rdata));
	}
	return count;
}

static void write_message(struct buf *b, const struct message_case *t)
{
	struct dns_name question = name_of(t->question);
	auto_buf struct buf sections;

	buf_init(&sections, PACKET_MAX);
	uint16_t authority = add_section(&sections, t->authority, &question);
	uint16_t additional = add_section(&sections, t->additional, &question);
	buf_u16(b, 1);
	buf_u16(b, (uint16_t)t->flags);
	buf_u16(b, 1);
	buf_u16(b, 0);
	buf_u16(b, authority);
	buf_u16(b, additional);
	buf_add(b, question.wire, question.len);
	buf_u16(b, DNS_TYPE_NS);
	buf_u16(b, CLASS_IN);
	buf_str(b, buf_view(&sections));
}

static void expect_same_cut(const char *name, const struct cut *ours,
			    const struct cut *theirs)
{
	if (!dns_name_equal(&ours->zone, &theirs->zone) ||
	    !dns_name_equal(&ours->parent, &theirs->parent) ||
	    ours->signed_here != theirs->signed_here || ours->ttl_s != theirs->ttl_s ||
	    ours->server_count != theirs->server_count)
		fail_msg("%s: another cut", name);
	for (size_t i = 0; i < ours->server_count; i++) {
		const struct cut_server *a = &ours->servers[i];
		const struct cut_server *b = &theirs->servers[i];
		if (!dns_name_equal(&a->name, &b->name) || a->v4.family != b->v4.family ||
		    a->v6.family != b->v6.family ||
		    (a->v4.family && !address_equal(&a->v4, &b->v4)) ||
		    (a->v6.family && !address_equal(&a->v6, &b->v6)))
			fail_msg("%s: another server", name);
	}
}

/* What we read of these bytes, cut_read must read alike, if the message is one. */
static enum way read_both(const struct message_case *t, struct str packet)
{
	static struct cut ours;
	auto_arena struct arena a;
	struct dns_name zone = name_of("test");
	struct dns_name name = name_of(t->question);
	struct dns_message m;
	struct cut *theirs = NULL;

	arena_init(&a, 1 << 20);
	enum way way = referral_read(packet, &zone, &name, &ours);
	if (way == WAY_UNUSUAL || !dns_message_parse(&a, packet, &m))
		return way;
	enum referral referral = cut_read(&a, &m, &zone, &name, &theirs);
	if (way == WAY_INSIDE && (referral != REFERRAL_NONE || !m.authoritative))
		fail_msg("%s: not inside", t->name);
	if (way == WAY_DOWN && referral != REFERRAL_CUT)
		fail_msg("%s: no cut", t->name);
	if (way == WAY_DOWN)
		expect_same_cut(t->name, &ours, theirs);
	return way;
}

static void the_usual_is_read_and_all_else_is_not(unused_arg void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_buf struct buf packet;
		buf_init(&packet, PACKET_MAX);
		write_message(&packet, &cases[i]);
		if (read_both(&cases[i], buf_view(&packet)) != cases[i].way)
			fail_msg("%s", cases[i].name);
	}
}

/* Behind the question, whatever octet changes into whatever is likely to matter. */
static void no_changed_octet_is_read_otherwise(unused_arg void **state)
{
	static const uint8_t changes[] = { 0x01, 0x02, 0x04, 0x20, 0x40,
					   0x80, 0xc0, 0xff, 0x0c, 0x10 };

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_buf struct buf packet;
		buf_init(&packet, PACKET_MAX);
		write_message(&packet, &cases[i]);
		struct dns_name question = name_of(cases[i].question);
		size_t from = 12u + question.len + 4;
		for (size_t at = from; at < packet.len; at++) {
			for (size_t k = 0; k < ARRAY_LEN(changes); k++) {
				packet.data[at] = (char)(packet.data[at] ^ changes[k]);
				read_both(&cases[i], buf_view(&packet));
				packet.data[at] = (char)(packet.data[at] ^ changes[k]);
			}
		}
		for (size_t len = from; len < packet.len; len++)
			if (cases[i].way == WAY_DOWN &&
			    read_both(&cases[i], str_of(packet.data, len)) != WAY_UNUSUAL)
				fail_msg("%s: cut at %zu", cases[i].name, len);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_usual_is_read_and_all_else_is_not),
		cmocka_unit_test(no_changed_octet_is_read_otherwise),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
