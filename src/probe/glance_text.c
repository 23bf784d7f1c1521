/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Texts that are told by meaning (SPF, DMARC, keys) may be wrong even where they are
 * published exactly as expected: a key too short, a policy that is none. So the judge is
 * shown a zone in which the text is published, once a text; platforms give all their
 * customers the same few.
 */
#include "diagnose/diagnose.h"
#include "probe/glance.h"

enum {
	TEXTS_MAX = 64,      /* remembered: a power of 2 */
	TEXT_LEN_MAX = 512,  /* of those */
	JUDGE_MAX = 8 << 20, /* octets that one judgement takes */
	SERVERS = 2,
};

struct text {
	enum purpose purpose;
	bool is_plain;
	size_t len; /* 0: nothing is remembered here */
	char bytes[TEXT_LEN_MAX];
};

struct glance_texts {
	struct text texts[TEXTS_MAX];
};

struct glance_texts *glance_texts_new(void)
{
	return xalloc(1, sizeof(struct glance_texts));
}

void glance_texts_free(struct glance_texts **t)
{
	xfree(*t);
	*t = NULL;
}

static bool add_expected(struct arena *a, enum purpose purpose, struct str text,
			 struct expectation *x)
{
	struct err ignored = { 0 };
	struct record_draft d = { .purpose = purpose,
				  .type = DNS_TYPE_TXT,
				  .name = STR("t.shop.example"),
				  .value = text };

	return expectation_empty(a, STR("shop.example"), x, &ignored) &&
	       expectation_add(a, x, &d, &ignored);
}

/* What is expected is there, at both servers of the zone. */
static void publish(struct arena *a, const struct expectation *x, struct observation *out)
{
	const struct expected_record *e = &x->records[0];
	struct dns_record *record = arena_alloc(a, sizeof(*record));

	*record = (struct dns_record){ e->name, e->type, 300, e->rdata };
	*out = (struct observation){ .domain = x->name, .zone = x->name, .at_s = 1 };
	out->walk = WALK_DONE;
	out->views = arena_array(a, SERVERS, sizeof(*out->views));
	out->answers = arena_array(a, SERVERS, sizeof(*out->answers));
	for (size_t i = 0; i < SERVERS; i++) {
		struct view *v = &out->views[out->view_count++];
		struct answer *answer = &out->answers[out->answer_count++];
		*v = (struct view){ .kind = VIEW_AUTHORITY,
				    .zone = x->name,
				    .in_parent = true };
		v->address = (struct address){ 4, { 192, 0, 2, (uint8_t)(1 + i) }, 53 };
		v->server = x->name;
		*answer = (struct answer){ .question = { e->name, e->type },
					   .view = (uint16_t)i,
					   .outcome = ASK_ANSWERED,
					   .authoritative = true,
					   .records = { record, 1 } };
	}
}

static bool judge(enum purpose purpose, struct str text)
{
	struct expectation x;
	struct observation o;
	struct report r;
	auto_arena struct arena a;

	arena_init(&a, JUDGE_MAX);
	if (!add_expected(&a, purpose, text, &x))
		return false;
	publish(&a, &x, &o);
	diagnose_judge(&a, &x, &o, LANG_EN, &r);
	return r.verdict == VERDICT_OK && r.records[0].state == RECORD_OK;
}

static struct text *find_place(struct glance_texts *known, enum purpose purpose,
			       struct str text)
{
	uint32_t hash = 2166136261; /* FNV-1a, over few octets: it need not be good */

	for (size_t i = 0; i < text.len; i += 1 + text.len / 16)
		hash = (hash ^ (unsigned char)text.data[i]) * 16777619;
	return &known->texts[(hash + (uint32_t)purpose + text.len) % TEXTS_MAX];
}

/* Its meaning hangs on the domain that it is for. */
static bool is_about(struct str text, struct str domain)
{
	if (str_find_byte(text, '%') < text.len)
		return true;
	for (size_t at = 0; at + domain.len <= text.len; at++)
		if (str_equal_nocase(str_sub(text, at, domain.len), domain))
			return true;
	return false;
}

bool glance_text_is_plain(struct glance_texts *known, enum purpose purpose,
			  struct str text, struct str domain)
{
	/* Here the exact text is all that is wanted. */
	if (purpose == PURPOSE_OWNERSHIP || purpose == PURPOSE_MAIL_FROM ||
	    purpose == PURPOSE_OTHER)
		return text.len > 0;
	if (text.len == 0 || text.len > TEXT_LEN_MAX)
		return false;
	if (purpose == PURPOSE_SPF && is_about(text, domain))
		return false;
	struct text *t = find_place(known, purpose, text);
	if (t->len == text.len && t->purpose == purpose &&
	    memcmp(t->bytes, text.data, text.len) == 0)
		return t->is_plain;
	t->purpose = purpose;
	t->is_plain = judge(purpose, text);
	t->len = text.len;
	memcpy(t->bytes, text.data, text.len);
	return t->is_plain;
}
