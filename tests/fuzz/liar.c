/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "liar.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "crypto/crypto.h"

enum {
	FLAGS_ANSWER = 0x8000,
	FLAGS_AUTHORITATIVE = 0x0400,
	FLAGS_RECURSION = 0x0100,
	FLAGS_MAY_SET = 0x078f, /* AA, TC, RD, RA, RCODE */
	CLASS_IN = 1,
	RECORDS_MAX = 24,
	RAW_MAX = 4096,
};

static const char *const names[] = {
	".",
	"test",
	"nic.test",
	"a.nic.test",
	"victim.test",
	"ns.victim.test",
	"_domainkey.victim.test",
	"liar.test",
	"ns1.liar.test",
	"ns2.liar.test",
	"www.liar.test",
	"k1._domainkey.liar.test",
	"k1.keys.victim.test",
	"mail.liar.test",
	"a.b.c.liar.test",
	"_dmarc.liar.test",
};

static const char *const addresses[] = {
	"192.0.2.1",     "192.0.2.11",  "198.51.100.1",    "198.51.100.66",
	"198.51.100.67", "203.0.113.9", "127.0.0.1",       "0.0.0.0",
	"10.0.0.1",      "224.0.0.1",   "169.254.169.254", "255.255.255.255",
};

static const char *const texts[] = {
	"v=spf1 include:_spf.liar.test -all",
	"v=spf1 redirect=liar.test",
	"v=spf1 a mx ptr exists:%{i}.liar.test ?all",
	"v=DMARC1; p=none; rua=mailto:a@victim.test",
	"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
	"v=DKIM1; p=",
	"",
	"\x1b]0;x\x07<b>\xff\x80",
};

static const uint16_t types[] = {
	DNS_TYPE_A,   DNS_TYPE_NS,   DNS_TYPE_CNAME, DNS_TYPE_SOA, DNS_TYPE_MX,
	DNS_TYPE_TXT, DNS_TYPE_AAAA, DNS_TYPE_DNAME, DNS_TYPE_DS,  DNS_TYPE_OPT,
	46,           65280,
};

struct dns_name liar_name(const char *text)
{
	struct dns_name name;
	struct err e = { 0 };

	if (!dns_name_parse(str_from(text), &name, &e))
		abort();
	return name;
}

static bool is_address(const struct address *a, const char *text)
{
	struct address b;

	return address_parse(str_from(text), 53, &b) && address_equal(a, &b);
}

bool liar_is_victim(const struct address *a)
{
	return is_address(a, "198.51.100.1");
}

/* A file that lives as long as this process. */
static void write_file(struct buf *path, const char *text)
{
	int fd = memfd_create("liar", 0);
	size_t len = strlen(text);

	buf_init(path, 64);
	if (write(fd, text, len) != (ssize_t)len)
		abort();
	buf_printf(path, "/proc/self/fd/%d", fd);
}

static const struct config *make_config(const char *anchor, const char *forward)
{
	struct config *config = config_new();
	auto_buf struct buf hints;

	write_file(&hints, ". NS root.invalid.\nroot.invalid. A 192.0.2.1\n");
	const char *const values[][2] = {
		{ "dns.root_hints", buf_cstr(&hints) },
		{ "dns.trust_anchor", anchor },
		{ "dns.forward", forward },
		{ "dns.resolvers", "" },
		{ "dns.ipv6", "false" },
		{ "dns.allow_addresses", "192.0.2.0/24 198.51.100.0/24 203.0.113.0/24" },
	};
	for (size_t i = 0; i < ARRAY_LEN(values); i++) {
		struct err e = { 0 };
		if (!config_set(config, str_from(values[i][0]), str_from(values[i][1]),
				"fuzz", &e))
			abort();
	}
	return config;
}

const struct config *liar_config(void)
{
	static const struct config *config;

	if (!config)
		config = make_config("", "");
	return config;
}

const struct config *liar_config_validating(bool forwards)
{
	static const struct config *configs[2];
	auto_buf struct buf anchor;

	write_file(&anchor,
		   ". DS 20326 8 2 "
		   "E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D"
		   "\n");
	if (!configs[forwards])
		configs[forwards] =
			make_config(buf_cstr(&anchor), forwards ? "198.51.100.66" : "");
	return configs[forwards];
}

/* Writing messages */

struct question_seen {
	uint16_t id;
	uint16_t flags;
	struct dns_name name;
	uint16_t type;
	struct str rest; /* OPT */
};

static bool read_query(struct str query, struct question_seen *out)
{
	struct cursor c = cursor_over(query);

	out->id = cursor_u16(&c);
	out->flags = cursor_u16(&c);
	(void)cursor_bytes(&c, 8);
	if (!dns_name_read(&c, &out->name))
		return false;
	out->type = cursor_u16(&c);
	(void)cursor_u16(&c);
	out->rest = cursor_bytes(&c, cursor_left(&c));
	return cursor_ok(&c);
}

static void put_head(struct buf *out, const struct question_seen *q, uint16_t flags,
		     const uint16_t counts[3])
{
	buf_u16(out, q->id);
	buf_u16(out, flags);
	buf_u16(out, 1);
	for (size_t i = 0; i < 3; i++)
		buf_u16(out, counts[i]);
	buf_add(out, q->name.wire, q->name.len);
	buf_u16(out, q->type);
	buf_u16(out, CLASS_IN);
}

static void put_record(struct buf *out, const struct dns_name *owner, uint16_t type,
		       uint32_t ttl_s, struct str rdata)
{
	buf_add(out, owner->wire, owner->len);
	buf_u16(out, type);
	buf_u16(out, CLASS_IN);
	buf_u32(out, ttl_s);
	buf_u16(out, (uint16_t)rdata.len);
	buf_str(out, rdata);
}

static void put_name_record(struct buf *out, const char *owner, uint16_t type,
			    const char *target)
{
	struct dns_name o = liar_name(owner);
	struct dns_name t = liar_name(target);

	put_record(out, &o, type, 300, dns_name_key(&t));
}

static void put_address_record(struct buf *out, const char *owner, const char *address)
{
	struct dns_name o = liar_name(owner);
	struct address a;

	if (!address_parse(str_from(address), 53, &a))
		abort();
	put_record(out, &o, DNS_TYPE_A, 300, str_of(a.bytes, 4));
}

/* The honest */

struct delegation_row {
	const char *parent; /* address of who refers */
	const char *zone;
	const char *ns[2];
	const char *glue[2];
};

static const struct delegation_row delegations[] = {
	{ "192.0.2.1", "test", { "a.nic.test" }, { "192.0.2.11" } },
	{ "192.0.2.11", "victim.test", { "ns.victim.test" }, { "198.51.100.1" } },
	{ "192.0.2.11",
	  "liar.test",
	  { "ns1.liar.test", "ns2.liar.test" },
	  { "198.51.100.66", "198.51.100.67" } },
};

static void refer(struct buf *out, const struct question_seen *q,
		  const struct delegation_row *d)
{
	uint16_t count = d->ns[1] ? 2 : 1;
	const uint16_t counts[3] = { 0, count, count };

	put_head(out, q, FLAGS_ANSWER, counts);
	for (size_t i = 0; i < count; i++)
		put_name_record(out, d->zone, DNS_TYPE_NS, d->ns[i]);
	for (size_t i = 0; i < count; i++)
		put_address_record(out, d->ns[i], d->glue[i]);
}

/* Everything of victim.test has one address, its servers', and no other record. */
static void answer_for_victim(struct buf *out, const struct question_seen *q)
{
	const uint16_t one[3] = { 1, 0, 0 };
	const uint16_t none[3] = { 0, 0, 0 };
	struct dns_name ns = liar_name("ns.victim.test");
	static const uint8_t address[4] = { 198, 51, 100, 1 };

	if (q->type == DNS_TYPE_A) {
		put_head(out, q, FLAGS_ANSWER | FLAGS_AUTHORITATIVE, one);
		put_record(out, &q->name, DNS_TYPE_A, 300, str_of(address, 4));
	} else if (q->type == DNS_TYPE_NS && dns_name_labels(&q->name) == 2) {
		put_head(out, q, FLAGS_ANSWER | FLAGS_AUTHORITATIVE, one);
		put_record(out, &q->name, DNS_TYPE_NS, 300, dns_name_key(&ns));
	} else {
		put_head(out, q, FLAGS_ANSWER | FLAGS_AUTHORITATIVE, none);
	}
}

/* RFC 4035 section 3.1.4.1: there is no DS, says the parent; keys are short. */
static bool answer_validator(struct buf *out, const struct address *to,
			     const struct question_seen *q)
{
	const uint16_t one[3] = { 1, 0, 0 };
	const uint16_t none[3] = { 0, 0, 0 };
	struct dns_name test = liar_name("test");
	bool is_apex = (is_address(to, "192.0.2.1") && dns_name_labels(&q->name) == 0) ||
		       (is_address(to, "192.0.2.11") && dns_name_equal(&q->name, &test));

	for (size_t i = 0; i < ARRAY_LEN(delegations); i++) {
		struct dns_name cut = liar_name(delegations[i].zone);
		if (q->type == DNS_TYPE_DS && is_address(to, delegations[i].parent) &&
		    dns_name_equal(&q->name, &cut)) {
			put_head(out, q, FLAGS_ANSWER | FLAGS_AUTHORITATIVE, none);
			return true;
		}
	}
	if (q->type != DNS_TYPE_DNSKEY || !is_apex)
		return false;
	put_head(out, q, FLAGS_ANSWER | FLAGS_AUTHORITATIVE, one);
	put_record(out, &q->name, DNS_TYPE_DNSKEY, 300, STR("\1\1\3\x0d key"));
	return true;
}

static void answer_honestly(struct buf *out, const struct address *to,
			    const struct question_seen *q)
{
	const uint16_t none[3] = { 0, 0, 0 };
	struct dns_name zone = liar_name("victim.test");

	if (answer_validator(out, to, q))
		return;
	for (size_t i = 0; i < ARRAY_LEN(delegations); i++) {
		struct dns_name cut = liar_name(delegations[i].zone);
		if (is_address(to, delegations[i].parent) &&
		    dns_name_within(&q->name, &cut)) {
			refer(out, q, &delegations[i]);
			return;
		}
	}
	if (liar_is_victim(to) && dns_name_within(&q->name, &zone))
		answer_for_victim(out, q);
	else
		put_head(out, q, FLAGS_ANSWER | DNS_RCODE_REFUSED, none);
}

/* The liar */

static struct dns_name pick_name(struct cursor *c, const struct question_seen *q)
{
	uint8_t n = cursor_u8(c);
	struct dns_name picked = q->name;
	struct dns_name front;
	auto_buf struct buf text;

	buf_init(&text, 64);
	if (n < ARRAY_LEN(names))
		return liar_name(names[n]);
	if (n < 32)
		return dns_name_parent(&q->name, n % 8);
	if (n < 160)
		return picked;
	buf_printf(&text, "n%u", n);
	front = liar_name(buf_cstr(&text));
	if (!dns_name_join(&front, &q->name, &picked))
		picked = q->name;
	return picked;
}

static void put_text(struct buf *out, struct cursor *c)
{
	uint8_t n = cursor_u8(c);
	struct str text = n < 128 ? str_from(texts[n % ARRAY_LEN(texts)])
				  : cursor_bytes(c, n & 0x3f);

	buf_byte(out, (uint8_t)text.len);
	buf_str(out, text);
}

static void put_rdata(struct buf *out, struct cursor *c, const struct question_seen *q,
		      uint16_t type)
{
	struct dns_name name;
	struct address a;

	switch (type) {
	case DNS_TYPE_A:
		if (!address_parse(
			    str_from(addresses[cursor_u8(c) % ARRAY_LEN(addresses)]), 53,
			    &a))
			abort();
		buf_add(out, a.bytes, 4);
		return;
	case DNS_TYPE_TXT:
		put_text(out, c);
		return;
	case DNS_TYPE_MX:
		buf_u16(out, cursor_u8(c));
		break;
	case DNS_TYPE_SOA:
		name = pick_name(c, q);
		buf_add(out, name.wire, name.len);
		break;
	case DNS_TYPE_NS:
	case DNS_TYPE_CNAME:
	case DNS_TYPE_DNAME:
		break;
	default:
		buf_str(out, cursor_bytes(c, cursor_u8(c) & 0x3f));
		return;
	}
	name = pick_name(c, q);
	buf_add(out, name.wire, name.len);
	if (type == DNS_TYPE_SOA)
		buf_fill(out, (char)cursor_u8(c), 20);
}

static void put_records(struct buf *out, struct cursor *c, const struct question_seen *q,
			uint16_t count)
{
	for (uint16_t i = 0; i < count; i++) {
		auto_buf struct buf rdata;
		buf_init(&rdata, UINT16_MAX);
		struct dns_name owner = pick_name(c, q);
		uint8_t n = cursor_u8(c);
		uint16_t type = n < 128 ? types[n % ARRAY_LEN(types)] : q->type;
		uint32_t ttl_s = n & 0x40 ? 0x7fffffff : cursor_u8(c);
		put_rdata(&rdata, c, q, type);
		put_record(out, &owner, type, ttl_s, buf_view(&rdata));
	}
}

/* RFC 1035 section 4.1.2 wants it, but errors often come without. */
static void drop_question(struct buf *out)
{
	buf_cut(out, 12);
	out->data[5] = 0;
}

/* Six bytes of head, then its records; a program that has ended says nothing. */
static enum network_fate answer_lying(struct cursor *c, const struct question_seen *q,
				      struct buf *out)
{
	uint8_t fate = cursor_u8(c);
	uint16_t flags = FLAGS_ANSWER | (cursor_u16(c) & FLAGS_MAY_SET);
	uint16_t counts[3];

	for (size_t i = 0; i < 3; i++)
		counts[i] = cursor_u8(c) % RECORDS_MAX;
	if (!cursor_ok(c) || fate == 0)
		return NETWORK_SILENCE;
	if (fate == 1)
		return NETWORK_NEAR_MISS;
	if (fate == 2)
		return NETWORK_ERROR;
	if (!(flags & FLAGS_AUTHORITATIVE) && !(q->flags & FLAGS_RECURSION))
		flags |= LIAR_FLAG_Z;
	put_head(out, q, flags, counts);
	if (fate == 5)
		drop_question(out);
	if (fate == 3)
		buf_str(out, cursor_bytes(c, cursor_u16(c) % RAW_MAX));
	for (size_t i = 0; i < 3 && fate != 3; i++)
		put_records(out, c, q, counts[i]);
	return NETWORK_ANSWER;
}

enum network_fate liar_serve(void *arg, const struct address *to, struct str query,
			     unused_arg bool over_tcp, struct buf *answer)
{
	struct liar *liar = arg;
	struct question_seen q;

	if (!read_query(query, &q))
		abort();
	bool is_documentation = is_address(to, "203.0.113.9") ||
				(to->bytes[0] == 198 && to->bytes[1] == 51) ||
				(to->bytes[0] == 192 && to->bytes[2] == 2);
	liar->has_strayed = liar->has_strayed || to->family != 4 || !is_documentation;
	liar->packets_to_victim += liar_is_victim(to);
	bool is_keys = q.type == DNS_TYPE_DNSKEY || q.type == DNS_TYPE_DS;
	liar->keys_asked += is_keys && dns_name_labels(&q.name) > 1;
	liar->registry_asked += is_keys && dns_name_labels(&q.name) <= 1;
	if (liar_is_victim(to) || is_address(to, "192.0.2.1") ||
	    is_address(to, "192.0.2.11")) {
		answer_honestly(answer, to, &q);
		return NETWORK_ANSWER;
	}
	return answer_lying(&liar->program, &q, answer);
}
