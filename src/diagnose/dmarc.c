/* SPDX-License-Identifier: GPL-3.0-or-later */
/* DMARC records as they were seen. */
#include "diagnose/dmarc.h"

#include "diagnose/chain.h"
#include "mail/mail.h"

enum {
	TEXT_MAX = 8 * 1024,
};

/* Somewhere in the text, in any case. */
static bool has_text(struct str text, struct str wanted)
{
	for (size_t i = 0; i + wanted.len <= text.len; i++)
		if (str_equal_nocase(str_sub(text, i, wanted.len), wanted))
			return true;
	return false;
}

static bool is_meant(struct str text)
{
	return dmarc_record_is_meant(text) || has_text(text, STR("v=DMARC1"));
}

static void take_text(const struct diagnosis *d, struct str text, struct dmarc_view *out)
{
	struct dmarc_record record;
	if (!dmarc_record_parse(d->a, text, &record)) {
		if (!out->is_meant && is_meant(text)) {
			out->is_meant = true;
			out->meant = text;
		}
		return;
	}
	if (record.rua.len > 0) {
		out->has_reporting = out->reporting.len == 0;
		out->reporting = text;
	}
	if (out->count++ > 0)
		return;
	out->record = record;
	out->text = text;
}

/* The texts at the end of the name's aliases; a server of ours that has it otherwise
 * comes first. */
static const struct answer *find_answer(const struct diagnosis *d,
					const struct record_case *r,
					struct dns_name *at_out)
{
	struct chain chain;
	*at_out = r->expected->name;
	for (size_t i = 0; i < d->o->answer_count; i++) {
		const struct answer *answer = &d->o->answers[i];
		size_t server = d->server_of[answer->view];
		if (server != SIZE_MAX && (r->tally.said[server] & SAID_OTHER) &&
		    answer->question.type == DNS_TYPE_TXT &&
		    dns_name_equal(&answer->question.name, &r->expected->name))
			return answer;
	}
	chain_follow(d, &r->expected->name, DNS_TYPE_TXT, &chain);
	*at_out = chain.names[chain.links];
	return chain.end == CHAIN_FOUND ? chain.answer : NULL;
}

bool dmarc_look(const struct diagnosis *d, const struct record_case *r,
		struct dmarc_view *out)
{
	struct dns_name at;
	*out = (struct dmarc_view){ .text = STR_EMPTY,
				    .reporting = STR_EMPTY,
				    .meant = STR_EMPTY };
	if (r->expected->purpose != PURPOSE_DMARC || r->expected->type != DNS_TYPE_TXT)
		return false;
	out->domain = dns_name_parent(&r->expected->name, 1);
	out->answer = find_answer(d, r, &at);
	for (size_t i = 0; out->answer && i < out->answer->records.count; i++) {
		const struct dns_record *record = &out->answer->records.records[i];
		struct str text;
		if (record->type == DNS_TYPE_TXT && record->rdata.len <= TEXT_MAX &&
		    dns_record_txt(d->a, record, &text))
			take_text(d, text, out);
	}
	out->is_meant = out->is_meant && out->count == 0;
	return true;
}

bool dmarc_same_owner(const struct diagnosis *d, const struct dns_name *a,
		      const struct dns_name *b)
{
	return str_equal(mail_domain_organisational(dns_name_text(d->a, a)),
			 mail_domain_organisational(dns_name_text(d->a, b)));
}

struct fix *dmarc_add_note(struct diagnosis *d, const struct record_case *r,
			   const char *code, const char *title, const char *sentence)
{
	struct finding *f = finding_add(d, code, SEVERITY_NOTE, title);
	f->records = case_grow(d->a, f->records, f->record_count, sizeof(*f->records));
	f->records[f->record_count++] = r->expected;
	finding_evidence(d, f, &r->tally, SAID_RIGHT);
	struct fix *fix = finding_fix(d, f, "set_value", sentence);
	fix->field = STR("value");
	fix->name = shown_relative(d, r);
	return fix;
}
