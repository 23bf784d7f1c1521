/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "glances.h"

#include <stdlib.h>

#include "diagnose/diagnose.h"
#include "probe/glance_input.h"
#include "probe/seen.h"

enum {
	ARENA_MAX = 64 << 20,
};

const char glances_line[] =
	"{\"domain\":\"shop.example\",\"records\":["
	"{\"purpose\":\"dkim\",\"type\":\"CNAME\",\"name\":\"k1._domainkey.shop."
	"example\","
	"\"value\":\"k1.dkim.mailer.example\",\"required\":true},"
	"{\"purpose\":\"dkim\",\"type\":\"CNAME\",\"name\":\"k2._domainkey.shop."
	"example\","
	"\"value\":\"shop.example\",\"required\":true},"
	"{\"purpose\":\"mail_from\",\"type\":\"MX\",\"name\":\"bounce.shop.example\","
	"\"value\":\"feedback.shop.example\",\"priority\":10,\"required\":true},"
	"{\"purpose\":\"spf\",\"type\":\"TXT\",\"name\":\"bounce.shop.example\","
	"\"value\":\"v=spf1 include:spf.mailer.example ~all\",\"required\":true},"
	"{\"purpose\":\"dmarc\",\"type\":\"TXT\",\"name\":\"_dmarc.shop.example\","
	"\"value\":\"v=DMARC1; p=reject\",\"required\":true},"
	"{\"purpose\":\"dkim\",\"type\":\"TXT\",\"name\":\"own._domainkey.shop.example\","
	"\"value\":\"v=DKIM1; k=ed25519; "
	"p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\",\"required\":true},"
	"{\"purpose\":\"ownership\",\"type\":\"TXT\",\"name\":\"shop.example\","
	"\"value\":\"token=0123456789\",\"required\":false}]}";

void glance_subject_init(struct glance_subject *s)
{
	struct err e = { 0 };
	struct str domain;

	arena_init(&s->arena, ARENA_MAX);
	s->texts = glance_texts_new();
	if (!glance_input_read(&s->arena, str_from(glances_line), STR_EMPTY, &s->x,
			       &domain, &e) ||
	    !glance_compile(s->texts, &s->x, &s->g))
		abort();
}

void glance_subject_done(struct glance_subject *s)
{
	glance_texts_free(&s->texts);
	arena_done(&s->arena);
}

/* The message that the packet is, if it answers the question: what the resolver sees
 * to. */
static bool read_message(struct arena *a, const struct expected_record *r,
			 struct str packet, struct dns_message *out)
{
	struct dns_query q = { .name = r->name, .type = r->type };

	if (!dns_message_parse(a, packet, out))
		return false;
	q.id = out->id;
	return dns_message_matches_nocase(out, &q) && !out->truncated;
}

bool glances_judge(const struct glance_subject *s, size_t index, struct str packet)
{
	const struct expected_record *r = &s->x.records[index];
	struct expectation one = s->x;
	struct dns_message m;
	struct report report;
	auto_arena struct arena a;
	arena_init(&a, ARENA_MAX);
	if (!read_message(&a, r, packet, &m))
		return false;
	struct view view = { .kind = VIEW_AUTHORITY,
			     .server = s->x.name,
			     .address = { 4, { 192, 0, 2, 1 }, 53 },
			     .zone = s->x.name,
			     .in_parent = true };
	struct resolver_reply reply = { .outcome = ASK_ANSWERED, .message = &m };
	struct answer answer = { .question = { r->name, r->type } };
	seen_take(&a, &view, &reply, &answer);
	struct observation o = { .domain = s->x.name,
				 .at_s = 1,
				 .walk = WALK_DONE,
				 .zone = s->x.name,
				 .views = &view,
				 .view_count = 1,
				 .answers = &answer,
				 .answer_count = 1 };
	one.records = &s->x.records[index];
	one.count = 1;
	diagnose_judge(&a, &one, &o, LANG_EN, &report);
	return report.records[0].state == RECORD_OK;
}

bool glances_equal(const struct glance *a, const struct glance *b)
{
	if (!dns_name_equal(&a->domain, &b->domain) || a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		const struct glance_record *r = &a->records[i];
		const struct glance_record *s = &b->records[i];
		if (r->type != s->type || r->purpose != s->purpose ||
		    r->number != s->number || r->name.len != s->name.len ||
		    memcmp(r->name.wire, s->name.wire, r->name.len) != 0 ||
		    !str_equal(glance_rdata(a, r), glance_rdata(b, s)))
			return false;
	}
	return true;
}

bool glances_agree(struct glance_texts *texts, struct str line)
{
	struct expectation x;
	struct str domain;
	struct err e = { 0 };
	struct glance quick;
	struct glance full;
	auto_arena struct arena a;
	arena_init(&a, ARENA_MAX);
	if (!glance_read(texts, line, &quick))
		return true;
	return glance_input_read(&a, line, STR_EMPTY, &x, &domain, &e) &&
	       !x.held_elsewhere && x.registered_at == 0 && x.previous_count == 0 &&
	       x.ses_status.len == 0 && glance_compile(texts, &x, &full) &&
	       glances_equal(&quick, &full);
}
