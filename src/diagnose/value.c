/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the codes about single records share. */
#include "diagnose/case.h"

#include "diagnose/match.h"

bool record_is_absent(const struct diagnosis *d, const struct record_case *r)
{
	return !d->searching && r->tally.answered > 0 &&
	       !(r->tally.all & SAID_ANSWERED & ~SAID_ABSENT);
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
