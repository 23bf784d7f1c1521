/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the codes about single records share. */
#include "diagnose/case.h"

#include "diagnose/match.h"

bool record_is_absent(const struct diagnosis *d, const struct record_case *r)
{
	return !d->searching && record_is_denied(r) && !r->report->is_unproven;
}

bool record_is_denied(const struct record_case *r)
{
	return r->tally.answered > 0 && !(r->tally.all & SAID_ANSWERED & ~SAID_ABSENT);
}

bool record_is_other(const struct record_case *r)
{
	return r->report->state == RECORD_WRONG && (r->tally.all & SAID_OTHER);
}

size_t record_count_there(struct diagnosis *d, const struct record_case *r)
{
	for (size_t i = 0; i < d->o->answer_count; i++) {
		const struct answer *answer = &d->o->answers[i];
		size_t server = d->server_of[answer->view];
		size_t n = 0;
		if (server == SIZE_MAX || !(r->tally.said[server] & SAID_OTHER) ||
		    answer->question.type != r->expected->type ||
		    !dns_name_equal(&answer->question.name, &r->expected->name))
			continue;
		auto_arena struct arena scratch;
		arena_init(&scratch, 1 << 20);
		for (size_t j = 0; j < answer->records.count; j++) {
			const struct dns_record *record = &answer->records.records[j];
			if (record->type != r->expected->type)
				continue;
			n += match_concerns(&scratch, r->expected, record);
			arena_reset(&scratch);
		}
		return n;
	}
	return 0;
}

bool record_is_open(const struct diagnosis *d, const struct record_case *r)
{
	return !r->explained && r->report->state == RECORD_UNKNOWN &&
	       (r->expected->required || d->searching);
}

static const char *set_sentence(struct diagnosis *d, const struct record_case *r)
{
	const char *value = shown_expected(d->a, r->expected).data;
	const char *name = shown_relative(d, r).data;
	if (r->expected->value.len == 0)
		return arena_printf(d->a,
				    lang_text(d->lang,
					      "put the public key (v=DKIM1; p=...) "
					      "into the TXT record named %s"),
				    name);
	if (r->expected->purpose == PURPOSE_SPF)
		return arena_printf(d->a,
				    lang_text(d->lang,
					      "in the TXT record named %s have what "
					      "stands in %s, beside whatever else is "
					      "needed"),
				    name, value);
	return arena_printf(
		d->a, lang_text(d->lang, "set the value of the %s record named %s to %s"),
		shown_type(d->a, r->expected->type).data, name, value);
}

struct fix *finding_set_value(struct diagnosis *d, struct finding *f,
			      const struct record_case *r)
{
	struct evidence *ev = finding_evidence(d, f, &r->tally, SAID_OTHER);
	struct str value = shown_expected(d->a, r->expected);
	struct fix *fix = finding_fix(d, f, "set_value", set_sentence(d, r));
	fix->field = STR("value");
	fix->name = shown_relative(d, r);
	fix->value = value;
	fix->from = ev && ev->value_count > 0 ? ev->values[0] : STR_EMPTY;
	fix->to = value;
	fix->exact = value.len > 0 && r->expected->purpose != PURPOSE_SPF;
	return fix;
}
