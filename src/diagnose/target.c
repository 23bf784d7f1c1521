/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "diagnose/target.h"

static bool target_of(const struct dns_record *record, struct dns_name *out)
{
	uint16_t preference;
	if (record->type == DNS_TYPE_MX)
		return dns_record_mx(record, &preference, out);
	return dns_record_target(record, out);
}

static void read_answer(const struct answer *answer, const struct record_case *r,
			struct target *t)
{
	for (size_t i = 0; i < answer->records.count; i++) {
		const struct dns_record *record = &answer->records.records[i];
		struct dns_name name;
		if (record->type != r->expected->type ||
		    !dns_name_equal(&record->owner, &r->expected->name) ||
		    !target_of(record, &name))
			continue;
		if (t->count == 0)
			t->seen = name;
		t->count++;
	}
}

bool target_find(const struct diagnosis *d, const struct record_case *r,
		 struct target *out)
{
	const struct expected_record *x = r->expected;
	const struct dns_record wanted = { .type = x->type, .rdata = x->rdata };
	*out = (struct target){ .r = r };
	if ((x->type != DNS_TYPE_CNAME && x->type != DNS_TYPE_MX) ||
	    !record_is_other(r) || !target_of(&wanted, &out->wanted))
		return false;
	for (size_t i = 0; i < d->o->answer_count && out->count == 0; i++) {
		const struct answer *answer = &d->o->answers[i];
		size_t server = d->server_of[answer->view];
		if (server == SIZE_MAX || !(r->tally.said[server] & SAID_OTHER) ||
		    answer->question.type != x->type ||
		    !dns_name_equal(&answer->question.name, &x->name))
			continue;
		read_answer(answer, r, out);
	}
	return out->count > 0;
}

struct str target_typed(struct arena *a, const struct dns_name *name)
{
	auto_buf struct buf b;
	size_t labels = dns_name_labels(name);
	buf_init(&b, DNS_NAME_MAX + 1);
	for (size_t i = 0; i < labels; i++) {
		struct dns_name rest = dns_name_parent(name, i);
		if (i > 0)
			buf_byte(&b, '.');
		buf_str(&b, dns_name_first_label(&rest));
	}
	return arena_str(a, buf_view(&b));
}

void target_judge(struct diagnosis *d, const struct target_rule *rule)
{
	struct finding *slots[2] = { NULL };
	for (size_t i = 0; i < d->record_count; i++) {
		struct record_case *r = &d->records[i];
		struct target t;
		if (r->explained || !target_find(d, r, &t) || !rule->is_it(d, &t))
			continue;
		struct finding *f = finding_for(d, slots, r, rule->code,
						lang_text(d->lang, rule->title));
		if (rule->confidence > f->confidence)
			f->confidence = rule->confidence;
		finding_set_value(d, f, r);
		if (rule->why && f->why.len == 0)
			f->why = str_from(rule->why(d, &t));
	}
}
