/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Servers that hold the zone, or held it, and that nobody is sent to. */
#include "diagnose/elsewhere.h"

bool view_is_elsewhere(const struct view *v)
{
	return v->kind == VIEW_AUTHORITY && !v->in_parent && !v->in_child;
}

bool server_is_stranger(const struct diagnosis *d, size_t server)
{
	bool is_stranger = false;
	for (size_t i = 0; i < d->o->view_count; i++) {
		const struct view *v = &d->o->views[i];
		if (d->server_of[i] != server)
			continue;
		if (v->in_parent || v->kind != VIEW_AUTHORITY)
			return false;
		is_stranger |= v->in_child;
	}
	return is_stranger;
}

const struct answer *found_elsewhere(struct diagnosis *d, const struct record_case *r)
{
	const struct answer *found = NULL;
	for (size_t i = 0; i < d->o->answer_count; i++) {
		const struct answer *answer = &d->o->answers[i];
		const struct view *v = &d->o->views[answer->view];
		/* A server of another domain has no say. */
		if (v->kind != VIEW_AUTHORITY ||
		    (d->server_of[answer->view] == SIZE_MAX && !view_is_elsewhere(v)) ||
		    answer->question.type != r->expected->type ||
		    !dns_name_equal(&answer->question.name, &r->expected->name) ||
		    answer_said(d, r->expected, &r->expected->name, answer) != SAID_RIGHT)
			continue;
		if (v->in_parent)
			return NULL;
		if (!found)
			found = answer;
	}
	return found;
}
