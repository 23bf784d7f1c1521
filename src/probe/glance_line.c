/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Our own compact form of an expectation, read in one pass without a tree. Whatever is
 * not exactly this, or not plain in what it says, is left to the full reader:
 *
 *   {"domain":NAME,"records":[{"purpose":WORD,"type":WORD,"name":NAME,"value":TEXT,
 *    "priority":NUMBER,"required":WORD}, ...]}
 *
 * with a blank behind a colon or comma where another program wrote it; NAME is lower case
 * letters, digits, '-', '_' and dots; TEXT printable ASCII that needs no escape.
 */
#include <jansson.h>

#include "mail/mail.h"
#include "probe/glance.h"

enum {
	TXT_CHUNK = 255,
	PRIORITY_STANDARD = 10,
	MX_FIXED_LEN = 2,
};

/* What is left of the line; bad: it is not of this form. */
struct line {
	const char *at;
	const char *end;
	bool bad;
	size_t head; /* which of the heads the record before had */
};

static bool is_next(const struct line *l, char c)
{
	return l->at < l->end && *l->at == c;
}

#define always_inline __attribute__((always_inline)) inline

/* text is a literal: then this is two or three comparisons. */
static always_inline bool accept_text(struct line *l, struct str text)
{
	if ((size_t)(l->end - l->at) < text.len ||
	    memcmp(l->at, text.data, text.len) != 0)
		return false;
	l->at += text.len;
	return true;
}

static always_inline void expect_text(struct line *l, struct str text)
{
	if (!accept_text(l, text))
		l->bad = true;
}

static void skip_blank(struct line *l)
{
	if (is_next(l, ' '))
		l->at++;
}

/* ",": whether one was there. */
static bool accept_comma(struct line *l)
{
	if (!is_next(l, ','))
		return false;
	l->at++;
	skip_blank(l);
	return true;
}

/* "key": with its quotes. */
static always_inline void expect_key(struct line *l, struct str key)
{
	expect_text(l, key);
	expect_text(l, STR(":"));
	skip_blank(l);
}

static always_inline void expect_next_key(struct line *l, struct str key)
{
	if (!accept_comma(l))
		l->bad = true;
	expect_key(l, key);
}

/* A key, and the quote that begins its value. */
static always_inline void expect_next_text(struct line *l, struct str key)
{
	expect_next_key(l, key);
	expect_text(l, STR("\""));
}

static octets16 are_in_text(octets16 o)
{
	return octets16_between(o, ' ', '~') & (octets16)(o != '"') &
	       (octets16)(o != '\\');
}

/* Lower case letters, digits, '-' and '_'. */
static octets16 are_in_name(octets16 o)
{
	return octets16_between(o, 'a', 'z') | octets16_between(o, '0', '9') |
	       (octets16)(o == '-') | (octets16)(o == '_');
}

/* Fewer than sixteen are left. In a function of its own, since it is rare and needs
 * memory. */
static __attribute__((noinline)) octets16 load_last(const char *c, size_t left)
{
	octets16 o = { 0 };

	memcpy(&o, c, left);
	return o;
}

/* The next sixteen; behind the end, zeros. */
static always_inline octets16 load(const char *c, const char *end)
{
	size_t left = (size_t)(end - c);

	return left >= sizeof(octets16) ? octets16_load(c) : load_last(c, left);
}

/* Behind the octets that are so; 0 is not. */
static always_inline const char *skip(const char *c, const char *end,
				      octets16 (*are)(octets16 o))
{
	size_t count;

	do {
		count = octets16_count(are(load(c, end)));
		c += count;
	} while (count == sizeof(octets16));
	return c;
}

/* Behind the quote that begins it. */
static struct str read_text(struct line *l)
{
	const char *begin = l->at;

	l->at = skip(begin, l->end, are_in_text);
	struct str text = str_of(begin, (size_t)(l->at - begin));
	expect_text(l, STR("\""));
	return text;
}

/* The length of the label whose text ends here, in front of it; *label moves to the next.
 * Where the text has a dot, the wire form has the length of what follows. */
static inline bool end_label(uint8_t *wire, size_t *label, size_t end)
{
	size_t len = end - *label;

	wire[*label] = (uint8_t)len;
	*label = end + 1;
	return len > 0 && len <= DNS_LABEL_MAX;
}

/* Of the text that stands behind the quote at l->at, its wire form into room for
 * DNS_NAME_MAX octets. Gives how many; 0: it is no plain name, or nearly as long as names
 * can be. */
static size_t take_name(struct line *l, uint8_t *wire)
{
	bool is_name = true;
	size_t label = 0;
	size_t at = 0;
	size_t count;

	do {
		octets16 text = load(l->at + at, l->end);
		octets16 are_dots = (octets16)(text == '.');
		unsigned dots = octets16_bits(are_dots);
		if (at + sizeof(text) >= DNS_NAME_MAX)
			return 0;
		memcpy(wire + 1 + at, &text, sizeof(text));
		count = octets16_count(are_in_name(text) | are_dots);
		for (dots &= (1u << count) - 1; dots != 0; dots &= dots - 1)
			is_name &=
				end_label(wire, &label, at + (size_t)__builtin_ctz(dots));
		at += count;
	} while (count == sizeof(octets16));
	is_name &= end_label(wire, &label, at);
	wire[label] = 0;
	l->at += at;
	return is_name ? label + 1 : 0;
}

static size_t read_name(struct line *l, uint8_t *wire)
{
	size_t len = l->bad ? 0 : take_name(l, wire);

	if (len == 0)
		l->bad = true;
	expect_text(l, STR("\""));
	return l->bad ? 0 : len;
}

/* How the records begin that we print most, compared whole; others are read word by
 * word. */
struct head {
	struct str text;
	enum purpose purpose;
	uint16_t type;
};

#define HEAD(purpose, type)                                                       \
	{                                                                         \
		"{\"purpose\":\"" purpose "\",\"type\":\"" type "\",\"name\":\"", \
			sizeof("{\"purpose\":\"" purpose "\",\"type\":\"" type    \
			       "\",\"name\":\"") -                                \
				1                                                 \
	}

static const struct head heads[] = {
	{ HEAD("dkim", "CNAME"), PURPOSE_DKIM, DNS_TYPE_CNAME },
	{ HEAD("mail_from", "MX"), PURPOSE_MAIL_FROM, DNS_TYPE_MX },
	{ HEAD("mail_from", "TXT"), PURPOSE_MAIL_FROM, DNS_TYPE_TXT },
	{ HEAD("dmarc", "TXT"), PURPOSE_DMARC, DNS_TYPE_TXT },
	{ HEAD("spf", "TXT"), PURPOSE_SPF, DNS_TYPE_TXT },
};

/* From the one that the record before had: what goes together comes in this order. */
static bool accept_head(struct line *l, struct glance_record *r)
{
	size_t at = l->head;

	for (size_t i = 0; i < ARRAY_LEN(heads); i++, at++) {
		if (at == ARRAY_LEN(heads))
			at = 0;
		if (!accept_text(l, heads[at].text))
			continue;
		l->head = at;
		r->purpose = heads[at].purpose;
		r->type = heads[at].type;
		return true;
	}
	return false;
}

static enum purpose read_purpose(struct line *l)
{
	struct str word = read_text(l);

	for (int i = PURPOSE_DKIM; i <= PURPOSE_OTHER; i++)
		if (str_is(word, purpose_name((enum purpose)i)))
			return (enum purpose)i;
	l->bad = true;
	return PURPOSE_OTHER;
}

static uint16_t read_type(struct line *l)
{
	if (accept_text(l, STR("\"CNAME\"")))
		return DNS_TYPE_CNAME;
	if (accept_text(l, STR("\"TXT\"")))
		return DNS_TYPE_TXT;
	expect_text(l, STR("\"MX\""));
	return DNS_TYPE_MX;
}

/* Up to the quote that begins the name. */
static void read_head(struct line *l, struct glance_record *r)
{
	if (accept_head(l, r))
		return;
	expect_text(l, STR("{"));
	expect_key(l, STR("\"purpose\""));
	expect_text(l, STR("\""));
	r->purpose = read_purpose(l);
	expect_next_key(l, STR("\"type\""));
	r->type = read_type(l);
	expect_next_text(l, STR("\"name\""));
}

static unsigned read_number(struct line *l)
{
	const char *begin = l->at;
	uint64_t n = 0;

	while (l->at < l->end && ascii_is_digit((unsigned char)*l->at))
		l->at++;
	struct str digits = str_of(begin, (size_t)(l->at - begin));
	/* JSON has no 010. */
	if (!str_number(digits, UINT16_MAX, &n) || (digits.len > 1 && *begin == '0'))
		l->bad = true;
	return (unsigned)n;
}

/* Rdata of a target, behind as many octets as stand in front of it. */
static struct str read_target(struct line *l, struct glance *g, size_t front)
{
	uint8_t *rdata = g->rdata + g->rdata_len;

	if (GLANCE_RDATA_MAX - g->rdata_len < front + DNS_NAME_MAX) {
		l->bad = true;
		return STR_EMPTY;
	}
	return str_of(rdata, front + read_name(l, rdata + front));
}

/* RFC 1035 section 3.3.14: strings of at most 255 octets. */
static struct str write_text(struct line *l, struct glance *g, struct str text)
{
	size_t strings = text.len == 0 ? 1 : (text.len + TXT_CHUNK - 1) / TXT_CHUNK;
	uint8_t *rdata = g->rdata + g->rdata_len;
	size_t at = 0;

	if (GLANCE_RDATA_MAX - g->rdata_len < text.len + strings) {
		l->bad = true;
		return STR_EMPTY;
	}
	for (size_t i = 0; i < strings; i++) {
		struct str part = str_sub(text, i * TXT_CHUNK, TXT_CHUNK);
		rdata[at++] = (uint8_t)part.len;
		memcpy(rdata + at, part.data, part.len);
		at += part.len;
	}
	return str_of(rdata, at);
}

/* The rdata lies where glance_add will put it. */
static struct str read_value(struct line *l, const struct glance_record *r,
			     struct glance *g, struct str *text_out)
{
	*text_out = STR_EMPTY;
	if (r->type == DNS_TYPE_CNAME)
		return read_target(l, g, 0);
	if (r->type == DNS_TYPE_MX)
		return read_target(l, g, MX_FIXED_LEN);
	*text_out = read_text(l);
	return write_text(l, g, *text_out);
}

static void read_rest(struct line *l, const struct glance_record *r, struct str rdata)
{
	unsigned priority = PRIORITY_STANDARD;

	if (r->type != DNS_TYPE_MX && accept_text(l, STR(",\"required\":true}")))
		return;
	bool has_comma = accept_comma(l);
	if (has_comma && r->type == DNS_TYPE_MX && is_next(l, '"') &&
	    accept_text(l, STR("\"priority\":"))) {
		skip_blank(l);
		priority = read_number(l);
		has_comma = accept_comma(l);
	}
	if (r->type == DNS_TYPE_MX && !l->bad) {
		uint8_t *preference = (uint8_t *)(uintptr_t)rdata.data;
		preference[0] = (uint8_t)(priority >> 8);
		preference[1] = (uint8_t)priority;
	}
	if (has_comma) {
		expect_key(l, STR("\"required\""));
		if (!accept_text(l, STR("true")))
			expect_text(l, STR("false"));
	}
	expect_text(l, STR("}"));
}

/* Names outside the domain: the full reader knows how far outside. */
static bool is_within(const struct dns_name *n, const struct dns_name *domain)
{
	size_t at = 0;

	while (n->len > at + domain->len)
		at += 1 + n->wire[at];
	return n->len == at + domain->len &&
	       memcmp(n->wire + at, domain->wire, domain->len) == 0;
}

static void read_record(struct line *l, struct glance_texts *known, struct str domain,
			struct glance *g)
{
	struct glance_record *r = &g->records[g->count];
	struct str text;

	if (g->count == GLANCE_RECORDS_MAX)
		l->bad = true;
	if (l->bad)
		return;
	read_head(l, r);
	r->name.len = (uint8_t)read_name(l, r->name.wire);
	if (!accept_text(l, STR(",\"value\":\"")))
		expect_next_text(l, STR("\"value\""));
	struct str rdata = l->bad ? STR_EMPTY : read_value(l, r, g, &text);
	if (l->bad)
		return;
	read_rest(l, r, rdata);
	if (!l->bad && (!is_within(&r->name, &g->domain) ||
			(r->type == DNS_TYPE_TXT &&
			 !glance_text_is_plain(known, r->purpose, text, domain)) ||
			!glance_take(g, rdata.len)))
		l->bad = true;
}

/* Registries that let people register directly below: no suffix of theirs (the ICANN
 * section of the list) stands below these, and to look for one costs as much as to read
 * half the line. */
static bool is_directly_below(struct str top)
{
	static const struct str tops[] = {
		{ "com", 3 }, { "net", 3 }, { "org", 3 },
		{ "dev", 3 }, { "app", 3 }, { "info", 4 },
	};

	for (size_t i = 0; i < ARRAY_LEN(tops); i++)
		if (str_equal(top, tops[i]))
			return true;
	return false;
}

/* A name that means something of its own, or an address. */
static bool is_special(struct str top)
{
	static const char *const specials[] = { "local", "onion", "alt", "internal",
						"arpa" };
	bool has_letter = false;

	for (size_t i = 0; i < top.len; i++)
		has_letter |= !ascii_is_digit((unsigned char)top.data[i]);
	for (size_t i = 0; i < ARRAY_LEN(specials); i++)
		if (str_is(top, specials[i]))
			return true;
	return !has_letter;
}

/* None at the ends of a label, no two together. */
static bool has_plain_hyphens(struct str domain)
{
	struct str rest = domain;
	struct str label;

	if (!memchr(domain.data, '-', domain.len))
		return true;
	while (str_split(&rest, '.', &label))
		if (label.len == 0 || label.data[0] == '-' ||
		    label.data[label.len - 1] == '-')
			return false;
	return !memmem(domain.data, domain.len, "--", 2);
}

/* What mail_domain_parse would look at more closely. */
static bool is_plain_domain(const struct dns_name *name, struct str text)
{
	const uint8_t *label = name->wire;

	while (label[1 + label[0]] != 0)
		label += 1 + label[0];
	struct str top = str_of(label + 1, label[0]);
	if (label == name->wire || !has_plain_hyphens(text))
		return false;
	return is_directly_below(top) ||
	       (!is_special(top) && !mail_domain_is_suffix(text));
}

/* Up to its closing quote. */
static struct str read_domain(struct line *l, struct dns_name *out)
{
	if (!accept_text(l, STR("{\"domain\":\""))) {
		expect_text(l, STR("{"));
		expect_key(l, STR("\"domain\""));
		expect_text(l, STR("\""));
	}
	const char *begin = l->at;
	out->len = (uint8_t)read_name(l, out->wire);
	return l->bad ? STR_EMPTY : str_of(begin, out->len - 2u);
}

bool glance_read(struct glance_texts *known, struct str line, struct glance *out)
{
	struct line l = { .at = line.data, .end = line.data + line.len };

	out->count = 0;
	out->rdata_len = 0;
	struct str domain = read_domain(&l, &out->domain);
	if (l.bad || !is_plain_domain(&out->domain, domain))
		return false;
	expect_next_key(&l, STR("\"records\""));
	expect_text(&l, STR("["));
	do
		read_record(&l, known, domain, out);
	while (!l.bad && accept_comma(&l));
	expect_text(&l, STR("]}"));
	return !l.bad && l.at == l.end;
}

static bool is_plain_name(const struct dns_name *n)
{
	for (size_t at = 0; n->wire[at] != 0; at += 1 + n->wire[at]) {
		const char *label = (const char *)n->wire + at + 1;
		const char *end = label + n->wire[at];
		if (skip(label, end, are_in_name) != end)
			return false;
	}
	return n->len > 1;
}

static bool is_plain_text(struct str text)
{
	const char *end = text.data + text.len;

	return skip(text.data, end, are_in_text) == end;
}

static bool is_plain(const struct expectation *x)
{
	for (size_t i = 0; i < x->count; i++) {
		const struct expected_record *r = &x->records[i];
		bool is_known_type = r->type == DNS_TYPE_CNAME ||
				     r->type == DNS_TYPE_MX || r->type == DNS_TYPE_TXT;
		if (!is_known_type || !is_plain_name(&r->name) ||
		    !is_plain_text(r->value))
			return false;
	}
	return true;
}

static void write_name(struct buf *out, const struct dns_name *n)
{
	char *text = buf_room(out, n->len);

	if (!text)
		return;
	memcpy(text, n->wire + 1, n->len - 1u);
	for (size_t at = 1 + n->wire[0]; n->wire[at] != 0; at += 1 + n->wire[at])
		text[at - 1] = '.';
	buf_wrote(out, n->len - 2u);
}

static void write_record(struct buf *out, const struct expected_record *r)
{
	buf_str(out, STR("{\"purpose\":\""));
	buf_text(out, purpose_name(r->purpose));
	buf_str(out, STR("\",\"type\":\""));
	dns_type_write(out, r->type);
	buf_str(out, STR("\",\"name\":\""));
	write_name(out, &r->name);
	buf_str(out, STR("\",\"value\":\""));
	buf_str(out, r->value);
	buf_str(out, STR("\""));
	if (r->type == DNS_TYPE_MX)
		buf_printf(out, ",\"priority\":%u", r->priority);
	buf_str(out,
		r->required ? STR(",\"required\":true}") : STR(",\"required\":false}"));
}

static int add_text(const char *text, size_t len, void *out)
{
	buf_add(out, text, len);
	return 0;
}

static void write_any(struct buf *out, const struct expectation *x)
{
	json_t *json = expectation_to_json(x);

	json_dump_callback(json, add_text, out, JSON_COMPACT);
	json_decref(json);
}

void glance_write(struct buf *out, const struct expectation *x)
{
	if (!is_plain(x)) {
		write_any(out, x);
		return;
	}
	buf_str(out, STR("{\"domain\":\""));
	buf_str(out, x->domain);
	buf_str(out, STR("\",\"records\":["));
	for (size_t i = 0; i < x->count; i++) {
		if (i > 0)
			buf_byte(out, ',');
		write_record(out, &x->records[i]);
	}
	buf_str(out, STR("]}"));
}
