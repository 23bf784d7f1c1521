/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the benchmark's name servers say: a question in wire form goes in, the answer
 * comes out. Names are compared where they stand in the question, and records name their
 * owners by pointers into it, so that an answer costs hardly more than copying it.
 */
#include <arpa/inet.h>

#include "zones.h"

enum {
	HEADER = 12,
	LABELS_MAX = 8,
	NAME_OCTETS_MAX = 255,
	TYPE_A = 1,
	TYPE_NS = 2,
	TYPE_CNAME = 5,
	TYPE_SOA = 6,
	TYPE_MX = 15,
	TYPE_TXT = 16,
	TYPE_OPT = 41,
	CLASS_IN = 1,
	NXDOMAIN = 3,
	REFUSED = 5,
	TTL_S = 3600,
	UDP_BYTES = 1232,
	AT_ROOT = 0,    /* the root's name has no place in the question */
	FLAG_AA = 0x04, /* in the third byte */
	FLAG_RA = 0x80, /* in the fourth */
};

/* In host order. */
#define ROOT_ADDRESS   0xC0000201u /* 192.0.2.1 */
#define TLD_ADDRESS    0xC000020Bu /* 192.0.2.11 */
#define RESOLVER_NET   0xCB007100u /* 203.0.113.0 */
#define TARGET_ADDRESS 0xC63364C8u /* 198.51.100.200 */

const char zones_tlds[ZONES_TLDS][4] = { "com", "net", "org", "dev" };

#define SES_POLICY "v=spf1 ip4:199.255.192.0/22 ip4:54.240.0.0/18 -all"
/* Of 1024 bits: its text is one string. */
#define DKIM_KEY                                                         \
	"p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDpVJKcCDSdnGrsEkfao3ZD" \
	"w/s2yy8xo1Q429wEqi+ggaAS5ahGferX+6Gb/te4V4oz0f+7DWrQTOsP1XCF"   \
	"uGm4SRmQO1W1ZUMhdfQ1c913vXbsYdD+gTqXxAe/Po314mOI91PLQ9ockhF7"   \
	"fW0LQ2IG1mOvnUwzmc51piTVhZmYfQIDAQAB"

/* The question, and where in it the labels begin: label 0 is the last, the TLD. */
struct asked {
	const uint8_t *bytes;
	uint16_t labels[LABELS_MAX];
	unsigned count;
	uint16_t type;
	size_t end; /* of the question section */
	bool edns;
};

struct out {
	uint8_t *bytes;
	size_t len;
	uint8_t answers, authorities, additionals;
};

const char *zones_kind_name(enum zones_kind kind)
{
	static const char *const names[ZONES_KINDS] = {
		[ZONES_ROOT] = "root",
		[ZONES_TLD] = "tld",
		[ZONES_DKIM_NAME] = "dkim",
		[ZONES_MAIL_FROM_MX] = "mail_from_mx",
		[ZONES_MAIL_FROM_TXT] = "mail_from_txt",
		[ZONES_DMARC] = "dmarc",
		[ZONES_APEX] = "apex",
		[ZONES_SERVER] = "server",
		[ZONES_OTHER] = "other",
		[ZONES_RESOLVER] = "resolver",
		[ZONES_BAD] = "bad",
	};
	return names[kind];
}

/* Reading */

static uint16_t read_u16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static bool question_read(struct str q, struct asked *a)
{
	const uint8_t *bytes = (const uint8_t *)q.data;
	uint16_t starts[LABELS_MAX];
	size_t at = HEADER;
	if (q.len < HEADER + 5 || (bytes[2] & 0xF8) != 0 || read_u16(bytes + 4) != 1)
		return false;
	a->bytes = bytes;
	a->count = 0;
	while (at < q.len && bytes[at] != 0) {
		if (bytes[at] > 63 || a->count == LABELS_MAX)
			return false;
		starts[a->count++] = (uint16_t)at;
		at += 1u + bytes[at];
	}
	/* RFC 1035 section 2.3.4 */
	if (at + 5 > q.len || at >= HEADER + NAME_OCTETS_MAX)
		return false;
	for (unsigned i = 0; i < a->count; i++)
		a->labels[i] = starts[a->count - 1 - i];
	a->type = read_u16(bytes + at + 1);
	a->end = at + 5;
	a->edns = read_u16(bytes + 10) == 1 && a->end + 11 <= q.len &&
		  bytes[a->end] == 0 && read_u16(bytes + a->end + 1) == TYPE_OPT;
	return true;
}

static struct str label(const struct asked *a, unsigned number)
{
	const uint8_t *at = a->bytes + a->labels[number];
	return str_of(at + 1, at[0]);
}

/* Letters in either case; good enough for names that we make ourselves. */
static bool label_is(const struct asked *a, unsigned number, const char *text, size_t len)
{
	struct str l = label(a, number);
	if (l.len != len)
		return false;
	for (size_t i = 0; i < len; i++)
		if ((l.data[i] | 0x20) != (text[i] | 0x20))
			return false;
	return true;
}
#define LABEL_IS(a, number, literal) label_is(a, number, literal, sizeof(literal) - 1)

/* What label 1 says after its first letters: that many digits; -1 if it does not. */
static int label_number(const struct asked *a, const char *front, size_t digits)
{
	size_t len = strlen(front);
	struct str l = label(a, 1);
	int n = 0;
	if (l.len != len + digits)
		return -1;
	for (size_t i = 0; i < len; i++)
		if ((l.data[i] | 0x20) != front[i])
			return -1;
	for (size_t i = len; i < l.len; i++) {
		if (!ascii_is_digit((unsigned char)l.data[i]))
			return -1;
		n = 10 * n + (l.data[i] - '0');
	}
	return n;
}

static int tld_of(const struct asked *a)
{
	for (int i = 0; i < ZONES_TLDS; i++)
		if (a->count > 0 && label_is(a, 0, zones_tlds[i], 3))
			return i;
	return -1;
}

/* Who serves the zone that labels 1 and 0 name; -1 if there is none. */
static int hoster_of(const struct asked *a, int tld)
{
	int n;
	if (tld < 0 || a->count < 2)
		return -1;
	if ((n = label_number(a, "d", ZONES_DIGITS)) >= 0)
		return n % ZONES_TLDS == tld ? n / ZONES_TLDS % ZONES_HOSTERS : -1;
	if ((n = label_number(a, "host", 2)) >= 0)
		return n < ZONES_HOSTERS && n % ZONES_TLDS == tld ? n : -1;
	return tld == 0 && LABEL_IS(a, 1, "amazonses") ? 0 : -1;
}

/* Writing */

static void put(struct out *o, const void *data, size_t len)
{
	memcpy(o->bytes + o->len, data, len);
	o->len += len;
}

static void put_u8(struct out *o, unsigned n)
{
	o->bytes[o->len++] = (uint8_t)n;
}

static void put_u16(struct out *o, unsigned n)
{
	put_u8(o, n >> 8);
	put_u8(o, n & 0xFF);
}

static void put_u32(struct out *o, uint32_t n)
{
	put_u16(o, n >> 16);
	put_u16(o, n & 0xFFFF);
}

/* "a.b" as labels, with the root's zero. */
static void put_name(struct out *o, const char *text)
{
	while (*text) {
		size_t len = strcspn(text, ".");
		put_u8(o, (unsigned)len);
		put(o, text, len);
		text += len + (text[len] == '.');
	}
	put_u8(o, 0);
}

static void put_owner(struct out *o, size_t owner)
{
	if (owner == AT_ROOT)
		put_u8(o, 0);
	else
		put_u16(o, 0xC000u | (unsigned)owner);
}

/* Gives where the rdata begins; rdata_end fills its length in. */
static size_t record_begin(struct out *o, size_t owner, unsigned type)
{
	put_owner(o, owner);
	put_u16(o, type);
	put_u16(o, CLASS_IN);
	put_u32(o, TTL_S);
	put_u16(o, 0);
	return o->len;
}

static void rdata_end(struct out *o, size_t start)
{
	o->bytes[start - 2] = (uint8_t)((o->len - start) >> 8);
	o->bytes[start - 1] = (uint8_t)(o->len - start);
}

static void put_address(struct out *o, size_t owner, uint32_t address)
{
	size_t start = record_begin(o, owner, TYPE_A);
	put_u32(o, address);
	rdata_end(o, start);
}

static void put_text(struct out *o, size_t owner, const char *text)
{
	size_t start = record_begin(o, owner, TYPE_TXT);
	size_t len = strlen(text);
	put_u8(o, (unsigned)len);
	put(o, text, len);
	rdata_end(o, start);
	o->answers++;
}

/* "ns1.host07.dev"; gives where it stands. */
static size_t put_hoster_name(struct out *o, int hoster, int server)
{
	char text[] = "\3ns1\6host00\3com";
	text[3] = (char)('1' + server);
	text[9] = (char)('0' + hoster / 10);
	text[10] = (char)('0' + hoster % 10);
	memcpy(text + 12, zones_tlds[hoster % ZONES_TLDS], 3);
	put(o, text, sizeof(text));
	return o->len - sizeof(text);
}

/* NS records of `owner`; where their names stand. */
static void put_hoster_servers(struct out *o, size_t owner, int hoster,
			       size_t names_out[2])
{
	for (int i = 0; i < 2; i++) {
		size_t start = record_begin(o, owner, TYPE_NS);
		names_out[i] = put_hoster_name(o, hoster, i);
		rdata_end(o, start);
	}
}

static uint32_t hoster_address(int hoster, int server)
{
	return (uint32_t)(ZONES_HOSTER_ADDRESS + 2 * hoster + server);
}

static void put_no_data(struct out *o, size_t zone)
{
	size_t start = record_begin(o, zone, TYPE_SOA);
	put(o, "\2ns\7invalid", 12);
	put(o, "\12hostmaster\7invalid", 20);
	put_u32(o, 1);
	for (int i = 0; i < 4; i++)
		put_u32(o, TTL_S);
	rdata_end(o, start);
	o->authorities++;
}

static void set_rcode(struct out *o, unsigned rcode)
{
	o->bytes[3] = (uint8_t)((o->bytes[3] & 0xF0) | rcode);
}

static void put_no_name(struct out *o, size_t zone)
{
	set_rcode(o, NXDOMAIN);
	put_no_data(o, zone);
}

static void be_authoritative(struct out *o)
{
	o->bytes[2] |= FLAG_AA;
}

/* The root and the TLDs */

static void put_root_servers(struct out *o)
{
	size_t start = record_begin(o, AT_ROOT, TYPE_NS);
	put_name(o, "a.root");
	rdata_end(o, start);
	o->answers++;
	put_address(o, start, ROOT_ADDRESS);
	o->additionals++;
}

static void refer_to_tld(const struct asked *a, struct out *o, int tld)
{
	size_t names[2];
	for (unsigned i = 0; i < 2; i++) {
		size_t start = record_begin(o, a->labels[0], TYPE_NS);
		names[i] = start;
		put(o, i == 0 ? "\1a\3nic\3" : "\1b\3nic\3", 7);
		put(o, zones_tlds[tld], 4);
		rdata_end(o, start);
		o->authorities++;
	}
	for (unsigned i = 0; i < 2; i++) {
		put_address(o, names[i], TLD_ADDRESS + i);
		o->additionals++;
	}
}

static void answer_root(const struct asked *a, struct out *o)
{
	int tld = tld_of(a);
	if (tld >= 0) {
		refer_to_tld(a, o, tld);
		return;
	}
	be_authoritative(o);
	if (a->count == 0 && a->type == TYPE_NS) {
		put_root_servers(o);
	} else if (a->count == 2 && LABEL_IS(a, 0, "root") && LABEL_IS(a, 1, "a")) {
		if (a->type == TYPE_A) {
			put_address(o, HEADER, ROOT_ADDRESS);
			o->answers++;
		} else {
			put_no_data(o, AT_ROOT);
		}
	} else if (a->count == 0 || LABEL_IS(a, 0, "root")) {
		put_no_data(o, AT_ROOT);
	} else {
		put_no_name(o, AT_ROOT);
	}
}

static void refer_to_hoster(const struct asked *a, struct out *o, int tld, int hoster)
{
	size_t names[2];
	put_hoster_servers(o, a->labels[1], hoster, names);
	o->authorities = 2;
	if (hoster % ZONES_TLDS != tld)
		return;
	for (int i = 0; i < 2; i++) {
		put_address(o, names[i], hoster_address(hoster, i));
		o->additionals++;
	}
}

static bool is_nic(const struct asked *a)
{
	return a->count == 3 && LABEL_IS(a, 1, "nic") && label(a, 2).len == 1;
}

static void answer_tld(const struct asked *a, struct out *o)
{
	int tld = tld_of(a);
	int hoster = hoster_of(a, tld);
	if (tld < 0) {
		set_rcode(o, REFUSED);
		return;
	}
	if (hoster >= 0) {
		refer_to_hoster(a, o, tld, hoster);
		return;
	}
	be_authoritative(o);
	if (is_nic(a) && a->type == TYPE_A) {
		put_address(o, HEADER, TLD_ADDRESS + !LABEL_IS(a, 2, "a"));
		o->answers++;
	} else if (a->count == 1 && a->type == TYPE_NS) {
		be_authoritative(o);
		refer_to_tld(a, o, tld);
		o->answers = o->authorities;
		o->authorities = 0;
	} else if (a->count == 1 || is_nic(a)) {
		put_no_data(o, a->labels[0]);
	} else {
		put_no_name(o, a->labels[0]);
	}
}

/* The hosters */

/* False: nothing of this name and type is in the zone's own name. */
static bool answer_apex(const struct asked *a, struct out *o, int hoster)
{
	size_t names[2];
	if (a->type == TYPE_NS) {
		put_hoster_servers(o, HEADER, hoster, names);
		o->answers = 2;
	} else if (a->type == TYPE_SOA) {
		put_no_data(o, HEADER);
		o->answers = 1;
		o->authorities = 0;
	} else {
		return false;
	}
	return true;
}

static void answer_mail_from(const struct asked *a, struct out *o, enum zones_kind *kind)
{
	if (a->type == TYPE_MX) {
		*kind = ZONES_MAIL_FROM_MX;
		size_t start = record_begin(o, HEADER, TYPE_MX);
		put_u16(o, ZONES_MX_PRIORITY);
		put_name(o, ZONES_FEEDBACK);
		rdata_end(o, start);
		o->answers++;
	} else if (a->type == TYPE_TXT) {
		*kind = ZONES_MAIL_FROM_TXT;
		put_text(o, HEADER, ZONES_MAIL_FROM);
	} else {
		put_no_data(o, a->labels[1]);
	}
}

static bool is_dkim_name(const struct asked *a)
{
	return a->count == 4 && LABEL_IS(a, 2, "_domainkey") &&
	       label(a, 3).len == ZONES_TOKEN;
}

static void answer_customer(const struct asked *a, struct out *o, enum zones_kind *kind)
{
	if (is_dkim_name(a)) {
		*kind = ZONES_DKIM_NAME;
		size_t start = record_begin(o, HEADER, TYPE_CNAME);
		put_u8(o, ZONES_TOKEN);
		for (int i = 0; i < ZONES_TOKEN; i++)
			put_u8(o, label(a, 3).data[i] | 0x20u);
		put_name(o, ZONES_DKIM_ZONE);
		rdata_end(o, start);
		o->answers++;
	} else if (a->count == 3 && LABEL_IS(a, 2, "bounce")) {
		answer_mail_from(a, o, kind);
	} else if (a->count == 3 && LABEL_IS(a, 2, "_dmarc") && a->type == TYPE_TXT) {
		*kind = ZONES_DMARC;
		put_text(o, HEADER, ZONES_POLICY);
	} else if (a->count == 3 &&
		   (LABEL_IS(a, 2, "_dmarc") || LABEL_IS(a, 2, "_domainkey"))) {
		put_no_data(o, a->labels[1]);
	} else {
		put_no_name(o, a->labels[1]);
	}
}

static void answer_server(const struct asked *a, struct out *o, int hoster,
			  enum zones_kind *kind)
{
	bool first = LABEL_IS(a, 2, "ns1");
	*kind = ZONES_SERVER;
	if (a->count != 3 || (!first && !LABEL_IS(a, 2, "ns2"))) {
		put_no_name(o, a->labels[1]);
	} else if (a->type == TYPE_A) {
		put_address(o, HEADER, hoster_address(hoster, !first));
		o->answers++;
	} else {
		put_no_data(o, a->labels[1]);
	}
}

/* amazonses.com: what the records of others point to. */
static void answer_ses(const struct asked *a, struct out *o)
{
	if (a->count == 2 && a->type == TYPE_TXT) {
		put_text(o, HEADER, SES_POLICY);
	} else if (a->count == 4 && LABEL_IS(a, 2, "dkim") && a->type == TYPE_TXT) {
		put_text(o, HEADER, DKIM_KEY);
	} else if (a->count == 4 && LABEL_IS(a, 3, "feedback-smtp") &&
		   a->type == TYPE_A) {
		put_address(o, HEADER, TARGET_ADDRESS);
		o->answers++;
	} else {
		put_no_data(o, a->labels[1]);
	}
}

static void answer_hoster(const struct asked *a, struct out *o, enum zones_kind *kind)
{
	int hoster = hoster_of(a, tld_of(a));
	if (hoster < 0) {
		set_rcode(o, REFUSED);
		return;
	}
	be_authoritative(o);
	if (a->count == 2)
		*kind = ZONES_APEX;
	if (a->count == 2 && answer_apex(a, o, hoster))
		return;
	if (LABEL_IS(a, 1, "amazonses"))
		answer_ses(a, o);
	else if (label(a, 1).data[0] != 'd' && label(a, 1).data[0] != 'D' && a->count > 2)
		answer_server(a, o, hoster, kind);
	else if (a->count == 2)
		put_no_data(o, a->labels[1]);
	else
		answer_customer(a, o, kind);
}

/* As one that has everything in its cache. */
static void answer_resolver(const struct asked *a, struct out *o)
{
	enum zones_kind unused;
	int tld = tld_of(a);
	if (hoster_of(a, tld) >= 0)
		answer_hoster(a, o, &unused);
	else if (tld >= 0)
		answer_tld(a, o);
	else
		answer_root(a, o);
	o->bytes[2] &= (uint8_t)~FLAG_AA;
	o->bytes[3] |= FLAG_RA;
}

static enum zones_kind answer_at(uint32_t to, const struct asked *a, struct out *o)
{
	enum zones_kind kind = ZONES_OTHER;
	if (to == ROOT_ADDRESS) {
		answer_root(a, o);
		return ZONES_ROOT;
	}
	if (to == TLD_ADDRESS || to == TLD_ADDRESS + 1) {
		answer_tld(a, o);
		return ZONES_TLD;
	}
	if ((to & 0xFFFFFF00) == RESOLVER_NET) {
		answer_resolver(a, o);
		return ZONES_RESOLVER;
	}
	if (to - ZONES_HOSTER_ADDRESS >= ZONES_ADDRESSES)
		return ZONES_BAD;
	answer_hoster(a, o, &kind);
	return kind;
}

static void put_options(struct out *o)
{
	put_u8(o, 0);
	put_u16(o, TYPE_OPT);
	put_u16(o, UDP_BYTES);
	put_u32(o, 0);
	put_u16(o, 0);
	o->additionals++;
}

size_t zones_answer(uint32_t to, struct str question, uint8_t *answer,
		    enum zones_kind *kind_out)
{
	struct asked a;
	struct out o = { .bytes = answer };
	*kind_out = ZONES_BAD;
	if (!question_read(question, &a))
		return 0;
	put(&o, question.data, a.end);
	answer[2] = (uint8_t)(0x80 | (answer[2] & 0x01));
	answer[3] = 0;
	memset(answer + 6, 0, 6);
	*kind_out = answer_at(to, &a, &o);
	if (*kind_out == ZONES_BAD)
		return 0;
	if (a.edns)
		put_options(&o);
	answer[7] = o.answers;
	answer[9] = o.authorities;
	answer[11] = o.additionals;
	return o.len;
}
