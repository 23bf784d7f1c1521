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
	NAME_TEXT_MAX = 253,
	TXT_CHUNK = 255,
	PRIORITY_STANDARD = 10,
	MX_FIXED_LEN = 2,
};

/* What is left of the line; bad: it is not of this form. */
struct line {
	const char *at;
	const char *end;
	bool bad;
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

static struct str read_text(struct line *l)
{
	expect_text(l, STR("\""));
	const char *begin = l->at;
	const char *c = begin;
	while (c < l->end && *c >= ' ' && *c <= '~' && *c != '"' && *c != '\\')
		c++;
	struct str text = str_of(begin, (size_t)(c - begin));
	l->at = c;
	expect_text(l, STR("\""));
	return text;
}

/* Lower case letters, digits, '-' and '_'. */
static const bool name_octets[256] = {
	['-'] = true, ['_'] = true, ['0'] = true, ['1'] = true, ['2'] = true,
	['3'] = true, ['4'] = true, ['5'] = true, ['6'] = true, ['7'] = true,
	['8'] = true, ['9'] = true, ['a'] = true, ['b'] = true, ['c'] = true,
	['d'] = true, ['e'] = true, ['f'] = true, ['g'] = true, ['h'] = true,
	['i'] = true, ['j'] = true, ['k'] = true, ['l'] = true, ['m'] = true,
	['n'] = true, ['o'] = true, ['p'] = true, ['q'] = true, ['r'] = true,
	['s'] = true, ['t'] = true, ['u'] = true, ['v'] = true, ['w'] = true,
	['x'] = true, ['y'] = true, ['z'] = true,
};

static bool is_name_octet(char c)
{
	return name_octets[(unsigned char)c];
}

/* The lengths of the labels, in the places of the dots, and the root's. The quote behind
 * the text ends its last label. */
static bool set_lengths(const char *text, uint8_t *wire)
{
	const char *c = text;

	for (;; c++) {
		const char *label = c;
		while (is_name_octet(*c))
			c++;
		size_t len = (size_t)(c - label);
		if (len == 0 || len > DNS_LABEL_MAX)
			return false;
		wire[label - text] = (uint8_t)len;
		if (*c != '.')
			break;
	}
	wire[c - text + 1] = 0;
	return *c == '"';
}

/* The wire form into room for DNS_NAME_MAX octets. Gives how many; 0: it is no plain
 * name. */
static size_t read_name(struct line *l, uint8_t *wire)
{
	expect_text(l, STR("\""));
	size_t room = (size_t)(l->end - l->at);
	const char *end =
		memchr(l->at, '"', room < NAME_TEXT_MAX + 1 ? room : NAME_TEXT_MAX + 1);

	if (l->bad || !end) {
		l->bad = true;
		return 0;
	}
	struct str text = str_of(l->at, (size_t)(end - l->at));
	memcpy(wire + 1, text.data, text.len);
	l->at = end + 1;
	l->bad = !set_lengths(text.data, wire);
	return l->bad ? 0 : text.len + 2;
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
	bool has_comma = accept_comma(l);
	unsigned priority = PRIORITY_STANDARD;

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
	expect_text(l, STR("{"));
	expect_key(l, STR("\"purpose\""));
	r->purpose = read_purpose(l);
	expect_next_key(l, STR("\"type\""));
	r->type = read_type(l);
	expect_next_key(l, STR("\"name\""));
	r->name.len = (uint8_t)read_name(l, r->name.wire);
	expect_next_key(l, STR("\"value\""));
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

/* What mail_domain_parse would look at more closely. */
static bool is_plain_domain(struct str domain)
{
	static const char *const specials[] = { "local", "onion", "alt", "internal",
						"arpa" };
	struct str rest = domain;
	struct str label = STR_EMPTY;
	size_t labels = 0;
	bool has_letter = false;

	for (; str_split(&rest, '.', &label); labels++)
		if (label.len == 0 || label.data[0] == '-' ||
		    label.data[label.len - 1] == '-')
			return false;
	for (size_t i = 0; i < label.len; i++)
		has_letter |= !ascii_is_digit((unsigned char)label.data[i]);
	for (size_t i = 0; i < ARRAY_LEN(specials); i++)
		if (str_is(label, specials[i]))
			return false;
	return labels > 1 && has_letter && !memmem(domain.data, domain.len, "--", 2) &&
	       (is_directly_below(label) || !mail_domain_is_suffix(domain));
}

bool glance_read(struct glance_texts *known, struct str line, struct glance *out)
{
	struct line l = { line.data, line.data + line.len, false };

	out->count = 0;
	out->rdata_len = 0;
	expect_text(&l, STR("{"));
	expect_key(&l, STR("\"domain\""));
	const char *domain = l.at + 1;
	out->domain.len = (uint8_t)read_name(&l, out->domain.wire);
	if (l.bad || !is_plain_domain(str_of(domain, out->domain.len - 2u)))
		return false;
	expect_next_key(&l, STR("\"records\""));
	expect_text(&l, STR("["));
	do
		read_record(&l, known, str_of(domain, out->domain.len - 2u), out);
	while (!l.bad && accept_comma(&l));
	expect_text(&l, STR("]}"));
	return !l.bad && l.at == l.end;
}

static bool is_plain_name(const struct dns_name *n)
{
	for (size_t at = 0; n->wire[at] != 0; at += 1 + n->wire[at])
		for (size_t i = 1; i <= n->wire[at]; i++)
			if (!is_name_octet((char)n->wire[at + i]))
				return false;
	return n->len > 1;
}

static bool is_plain_text(struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] < ' ' || text.data[i] > '~' || text.data[i] == '"' ||
		    text.data[i] == '\\')
			return false;
	return true;
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
