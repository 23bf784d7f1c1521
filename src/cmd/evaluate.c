/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A source for evaluators (policy) over what the DNS answers (lookup). */
#include "cmd/evaluate.h"

enum {
	ANSWERS_MAX = 512,
	PATIENCE_US = 20 * 1000 * 1000,
};

/* The answer that the source has for a question; NULL: none. */
static const struct lookup_answer *answer_of(const struct evaluation *ev,
					     const struct dns_name *name, uint16_t type)
{
	for (size_t i = 0; i < ev->count; i++) {
		const struct lookup_answer *x = &ev->answers[i];

		if (x->question.type == type && dns_name_equal(&x->question.name, name))
			return x;
	}
	return NULL;
}

/* What a resolver that validates would have made of it. */
static bool is_usable(const struct lookup_answer *x)
{
	return x->outcome == ASK_ANSWERED && x->security != SECURITY_BOGUS &&
	       (x->rcode == DNS_RCODE_NOERROR || x->rcode == DNS_RCODE_NXDOMAIN);
}

static enum policy_reply find(void *arg, const struct dns_name *name, uint16_t type,
			      struct dns_section *records_out)
{
	const struct evaluation *ev = arg;
	const struct lookup_answer *x = answer_of(ev, name, type);

	if (!x)
		return ev->is_over ? POLICY_FAILED : POLICY_UNKNOWN;
	if (!is_usable(x))
		return POLICY_FAILED;
	if (!lookup_has_records(x))
		return POLICY_VOID;
	records_out->records = x->records.records + x->alias_count;
	records_out->count = x->records.count - x->alias_count;
	return POLICY_FOUND;
}

/* RFC 8020: NXDOMAIN to any type says that the name is not there. */
static enum policy_reply exists(void *arg, const struct dns_name *name)
{
	const struct evaluation *ev = arg;
	enum policy_reply reply = ev->is_over ? POLICY_FAILED : POLICY_UNKNOWN;

	for (size_t i = 0; i < ev->count; i++) {
		const struct lookup_answer *x = &ev->answers[i];

		if (!dns_name_equal(&x->question.name, name))
			continue;
		if (is_usable(x))
			return x->rcode == DNS_RCODE_NXDOMAIN && x->alias_count == 0
				       ? POLICY_VOID
				       : POLICY_FOUND;
		if (x->question.type == DNS_TYPE_A)
			reply = POLICY_FAILED;
	}
	return reply;
}

bool evaluation_open(struct arena *a, const struct config *config,
		     struct evaluation **out, struct err *e)
{
	struct lookup *l;

	if (!lookup_new(config, &l, e))
		return false;
	struct evaluation *ev = arena_alloc(a, sizeof(*ev));
	ev->a = a;
	ev->lookup = l;
	ev->answers = arena_array(a, ANSWERS_MAX, sizeof(*ev->answers));
	/* A resolver that is asked instead has its own mind about signatures. */
	ev->validate = config_text(config, CONFIG_DNS_FORWARD).len == 0;
	ev->end_us = clock_mono_us() + PATIENCE_US;
	ev->source = (struct policy_source){ .find = find, .arg = ev, .exists = exists };
	*out = ev;
	return true;
}

void evaluation_close(struct evaluation **ev)
{
	if (*ev)
		lookup_free(&(*ev)->lookup);
	*ev = NULL;
}

bool evaluation_ask(struct evaluation *ev, const struct policy_wanted *wanted)
{
	size_t count = 0;
	struct question questions[POLICY_WANTED_MAX];

	if (wanted->count == 0 || ev->is_over)
		return false;
	for (size_t i = 0; i < wanted->count; i++) {
		const struct question *q = &wanted->questions[i];

		if (!answer_of(ev, &q->name, q->type))
			questions[count++] = *q;
	}
	if (count == 0 || ev->count + count > ANSWERS_MAX ||
	    clock_mono_us() >= ev->end_us) {
		ev->is_over = true;
		return true;
	}
	lookup_ask(ev->lookup, ev->a, questions, count, ev->validate,
		   &ev->answers[ev->count]);
	for (size_t i = 0; i < count; i++)
		ev->answers[ev->count + i].question = questions[i];
	ev->count += count;
	return true;
}
