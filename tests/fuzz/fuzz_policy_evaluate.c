/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPF evaluated and walked over a DNS that the input makes up: a line is an answer, taken
 * in turn; its first letter says what kind. */
#include "policy/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	NAMES = 16
};

struct world {
	struct arena *a;
	struct str lines[NAMES];
};

/* The same question has the same answer. */
static struct str line_of(const struct world *w, const struct dns_name *name,
			  uint16_t type)
{
	struct dns_name lower = dns_name_lower(name);
	size_t sum = type;

	for (size_t i = 0; i < lower.len; i++)
		sum = sum * 31 + lower.wire[i];
	return w->lines[sum % NAMES];
}

static void add_string(struct buf *b, struct str s)
{
	for (; s.len > 0; s = str_sub(s, 255, s.len)) {
		struct str part = str_sub(s, 0, 255);

		buf_byte(b, (uint8_t)part.len);
		buf_str(b, part);
	}
}

static enum policy_reply find(void *arg, const struct dns_name *name, uint16_t type,
			      struct dns_section *out)
{
	struct world *w = arg;
	struct str line = line_of(w, name, type);
	struct dns_record *r = arena_try(w->a, sizeof(*r));
	auto_buf struct buf rdata;
	buf_init(&rdata, UINT16_MAX);

	if (!r || str_starts(line, STR("F")))
		return POLICY_FAILED;
	if (line.len == 0 || str_starts(line, STR("V")))
		return POLICY_VOID;
	if (str_starts(line, STR("U")))
		return POLICY_UNKNOWN;
	if (type == DNS_TYPE_TXT)
		add_string(&rdata, line);
	else
		buf_str(&rdata, line);
	*r = (struct dns_record){ .owner = *name, .type = type };
	r->rdata = arena_str(w->a, buf_view(&rdata));
	*out = (struct dns_section){ .records = r, .count = 1 };
	return POLICY_FOUND;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_arena struct arena a;
	arena_init(&a, 256 * 1024 * 1024);
	struct str rest = str_of(data, size);
	struct world w = { .a = &a };
	struct policy_source source = { .find = find, .arg = &w };
	struct spf_query q = { .receiver = STR_EMPTY, .explain = true };
	struct spf_outcome o;
	struct spf_walk walk;
	auto_buf struct buf why;
	buf_init(&why, 65536);

	if (size > 16 * 1024)
		return 0;
	for (size_t i = 0; i < NAMES; i++)
		if (!str_split(&rest, '\n', &w.lines[i]))
			w.lines[i] = STR_EMPTY;
	q.mail_from = w.lines[0];
	q.helo = w.lines[1];
	q.ip.family = size % 2 ? 4 : 6;
	memcpy(q.ip.bytes, data, size < 16 ? size : 16);
	spf_evaluate(&a, &source, &q, &o);
	if (o.lookups > SPF_LOOKUPS_MAX || o.void_lookups > SPF_VOIDS_MAX + 1)
		__builtin_trap();
	spf_cause_write(&why, &o, LANG_EN);
	if (spf_is_record(w.lines[2]))
		spf_walk(&a, &source, STR("shop.example"), w.lines[2], w.lines[3], &walk);
	return 0;
}
