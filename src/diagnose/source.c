/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The observation as a source for what policy evaluates. */
#include "diagnose/chain.h"
#include "diagnose/spf.h"

static bool was_asked(const struct diagnosis *d, const struct dns_name *name,
		      uint16_t type)
{
	for (size_t i = 0; i < d->o->answer_count; i++) {
		const struct answer *x = &d->o->answers[i];
		if (d->o->views[x->view].kind != VIEW_RESOLVER &&
		    x->question.type == type && dns_name_equal(&x->question.name, name))
			return true;
	}
	return false;
}

static bool is_wanted(const struct dns_record *r, const struct dns_name *name,
		      uint16_t type)
{
	return r->type == type && dns_name_equal(&r->owner, name);
}

/* In the answer itself where they stand together, as they do nearly always. */
static void take_records(const struct diagnosis *d, const struct dns_section *all,
			 const struct dns_name *name, uint16_t type,
			 struct dns_section *out)
{
	size_t first = 0;
	size_t count = 0;
	size_t total = 0;
	*out = (struct dns_section){ .count = 0 };
	if (all->count == 0)
		return;
	while (first < all->count && !is_wanted(&all->records[first], name, type))
		first++;
	while (first + count < all->count &&
	       is_wanted(&all->records[first + count], name, type))
		count++;
	for (size_t i = 0; i < all->count; i++)
		total += is_wanted(&all->records[i], name, type);
	*out = (struct dns_section){ .records = all->records + first, .count = count };
	if (total == count)
		return;
	struct dns_record *records = arena_array(d->a, total, sizeof(*records));
	out->records = records;
	out->count = 0;
	for (size_t i = 0; i < all->count; i++) {
		if (is_wanted(&all->records[i], name, type))
			records[out->count++] = all->records[i];
	}
}

/* Another server says otherwise: which of them a receiver asks is chance. */
static bool is_disputed(const struct diagnosis *d, const struct chain *chain,
			uint16_t type)
{
	const struct dns_name *last = &chain->names[chain->links];
	const struct answer *answer = NULL;
	struct dns_section first;
	struct dns_section other;
	take_records(d, &chain->answer->records, last, type, &first);
	while ((answer = chain_answer(d, chain, type, answer)) != NULL) {
		take_records(d, &answer->records, last, type, &other);
		if (first.count != other.count)
			return true;
		for (size_t i = 0; i < first.count; i++) {
			if (!str_equal(first.records[i].rdata, other.records[i].rdata))
				return true;
		}
	}
	return false;
}

static enum policy_reply find(void *arg, const struct dns_name *name, uint16_t type,
			      struct dns_section *records_out)
{
	const struct diagnosis *d = arg;
	struct chain chain;
	chain_follow(d, name, type, &chain);
	switch (chain.end) {
	case CHAIN_OPEN:
		return was_asked(d, &chain.names[chain.links], type) ? POLICY_FAILED
								     : POLICY_UNKNOWN;
	case CHAIN_NO_TYPE:
	case CHAIN_NO_NAME:
		return POLICY_VOID;
	case CHAIN_LOOP:
	case CHAIN_LONG:
		return POLICY_FAILED;
	case CHAIN_FOUND:
		break;
	}
	if (is_disputed(d, &chain, type))
		return POLICY_FAILED;
	take_records(d, &chain.answer->records, &chain.names[chain.links], type,
		     records_out);
	return POLICY_FOUND;
}

struct policy_source diagnosis_source(const struct diagnosis *d)
{
	return (struct policy_source){ .find = find, .arg = (void *)(uintptr_t)d };
}
