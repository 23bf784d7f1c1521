/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any message as an answer of an authority: what is kept of it lies in its zone, and
 * survives the journey through JSON. */
#include <jansson.h>
#include <stdlib.h>

#include "probe/seen.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_json(struct arena *a, struct view *view, struct answer *answer)
{
	struct observation again;
	struct err e = { 0 };
	struct observation o = { .domain = view->zone,
				 .walk = WALK_DONE,
				 .zone = view->zone,
				 .views = view,
				 .view_count = 1,
				 .answers = answer,
				 .answer_count = 1 };
	json_t *json = observation_to_json(&o);

	if (!observation_from_json(a, json, &again, &e))
		abort();
	if (again.answers[0].records.count != answer->records.count)
		abort();
	json_decref(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_arena struct arena a;
	struct dns_message m;
	struct dns_name target;

	arena_init(&a, 16 << 20);
	if (!dns_message_parse(&a, str_of(data, size), &m) || !m.has_question)
		return 0;
	struct view view = { .kind = VIEW_AUTHORITY,
			     .server = m.question_name,
			     .address = { .family = 4, .port = 53 },
			     .zone = dns_name_parent(&m.question_name, 1) };
	struct resolver_reply reply = { .outcome = ASK_ANSWERED, .message = &m };
	struct answer answer = { .question = { .name = m.question_name,
					       .type = m.question_type } };
	seen_take(&a, &view, &reply, &answer);
	for (size_t i = 0; i < answer.records.count; i++)
		if (!dns_name_within(&answer.records.records[i].owner, &view.zone))
			abort();
	if (seen_leaves(&answer, &view.zone, &target) &&
	    dns_name_within(&target, &view.zone))
		abort();
	check_json(&a, &view, &answer);
	return 0;
}
