/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "diagnose/chain.h"

enum {
	STEPS_MAX = 64 /* links inside one answer */
};

/* From somebody who may speak about it: a name server of the zone, or the forwarder. */
static bool may_speak(const struct diagnosis *d, const struct answer *answer)
{
	const struct view *v = &d->o->views[answer->view];
	if (answer->outcome != ASK_ANSWERED ||
	    (answer->rcode != DNS_RCODE_NOERROR && answer->rcode != DNS_RCODE_NXDOMAIN))
		return false;
	if (v->kind == VIEW_FORWARD)
		return true;
	return v->kind == VIEW_AUTHORITY && answer->authoritative &&
	       (v->in_parent || v->in_child);
}

static bool find_alias(const struct answer *answer, const struct dns_name *at,
		       struct dns_name *out)
{
	for (size_t i = 0; i < answer->records.count; i++) {
		const struct dns_record *r = &answer->records.records[i];
		if (r->type == DNS_TYPE_CNAME && dns_name_equal(&r->owner, at))
			return dns_record_target(r, out);
	}
	return false;
}

/* The answer that is followed tells by itself where its aliases lead, not what others
 * say of the same name. Else false where nobody has one, or where they differ: one
 * server's alias is not that of the others. */
static bool find_next(const struct diagnosis *d, const struct answer *own,
		      const struct dns_name *at, struct dns_name *out)
{
	bool is_found = false;
	if (own && find_alias(own, at, out))
		return true;
	for (size_t i = 0; i < d->o->answer_count; i++) {
		const struct answer *answer = &d->o->answers[i];
		struct dns_name next;
		if (!may_speak(d, answer) || !find_alias(answer, at, &next))
			continue;
		if (is_found && !dns_name_equal(&next, out))
			return false;
		*out = next;
		is_found = true;
	}
	return is_found;
}

static bool has_records(const struct answer *answer, const struct dns_name *at,
			uint16_t type)
{
	for (size_t i = 0; i < answer->records.count; i++) {
		const struct dns_record *r = &answer->records.records[i];
		if (r->type == type && dns_name_equal(&r->owner, at))
			return true;
	}
	return false;
}

struct dns_name chain_last_name(const struct answer *answer)
{
	struct dns_name at = answer->question.name;
	struct dns_name next;
	for (size_t i = 0; i < STEPS_MAX && find_alias(answer, &at, &next); i++)
		at = next;
	return at;
}

/* What the answer says of the name; CHAIN_OPEN: nothing. */
static enum chain_end end_of(const struct diagnosis *d, const struct answer *answer,
			     const struct dns_name *at, uint16_t type)
{
	const struct view *v = &d->o->views[answer->view];
	struct dns_name last;
	if (!may_speak(d, answer) || answer->question.type != type)
		return CHAIN_OPEN;
	if (has_records(answer, at, type))
		return CHAIN_FOUND;
	last = chain_last_name(answer);
	if (!dns_name_equal(&last, at) ||
	    (v->kind == VIEW_AUTHORITY && !dns_name_within(at, &v->zone)))
		return CHAIN_OPEN;
	if (answer->rcode == DNS_RCODE_NXDOMAIN)
		return CHAIN_NO_NAME;
	/* RFC 2308 section 2.2: without an SOA it may be anything. */
	return answer->has_soa ? CHAIN_NO_TYPE : CHAIN_OPEN;
}

const struct answer *chain_answer(const struct diagnosis *d, const struct chain *c,
				  uint16_t type, const struct answer *before)
{
	size_t i = before ? (size_t)(before - d->o->answers) + 1 : 0;
	for (; i < d->o->answer_count; i++) {
		const struct answer *answer = &d->o->answers[i];
		if (end_of(d, answer, &c->names[c->links], type) != CHAIN_OPEN)
			return answer;
	}
	return NULL;
}

/* One server that has it is enough: the others may lag. */
static void settle_end(const struct diagnosis *d, uint16_t type, struct chain *c)
{
	const struct answer *answer = NULL;
	while ((answer = chain_answer(d, c, type, answer)) != NULL) {
		enum chain_end end = end_of(d, answer, &c->names[c->links], type);
		if (c->end != CHAIN_OPEN && end != CHAIN_FOUND)
			continue;
		c->end = end;
		c->answer = answer;
		if (end == CHAIN_FOUND)
			return;
	}
}

/* Somebody who may speak about the name says that it leads elsewhere, or nowhere. */
static bool is_disputed(const struct diagnosis *d, const struct dns_name *at,
			const struct dns_name *next, uint16_t type)
{
	for (size_t i = 0; i < d->o->answer_count; i++) {
		const struct answer *answer = &d->o->answers[i];
		struct dns_name other;
		if (!may_speak(d, answer))
			continue;
		if (find_alias(answer, at, &other)
			    ? !dns_name_equal(&other, next)
			    : end_of(d, answer, at, type) != CHAIN_OPEN)
			return true;
	}
	return false;
}

static bool was_passed(const struct chain *c, const struct dns_name *name)
{
	for (size_t i = 0; i <= c->links; i++) {
		if (dns_name_equal(&c->names[i], name))
			return true;
	}
	return false;
}

static void follow(const struct diagnosis *d, const struct answer *own,
		   const struct dns_name *from, uint16_t type, struct chain *out)
{
	struct dns_name next;
	*out = (struct chain){ .end = CHAIN_OPEN };
	out->names[0] = *from;
	while (find_next(d, own, &out->names[out->links], &next)) {
		const struct dns_name *at = &out->names[out->links];
		struct dns_name ignored;
		if (own && !find_alias(own, at, &ignored) &&
		    is_disputed(d, at, &next, type))
			return;
		bool is_passed = was_passed(out, &next);
		out->names[++out->links] = next;
		if (is_passed || out->links > CHAIN_LINKS_MAX) {
			out->end = is_passed ? CHAIN_LOOP : CHAIN_LONG;
			return;
		}
	}
	settle_end(d, type, out);
	/* More of it is not looked at. */
	if (out->end == CHAIN_OPEN && out->links == CHAIN_LINKS_MAX)
		out->end = CHAIN_LONG;
}

void chain_follow(const struct diagnosis *d, const struct dns_name *from, uint16_t type,
		  struct chain *out)
{
	follow(d, NULL, from, type, out);
}

void chain_follow_answer(const struct diagnosis *d, const struct answer *answer,
			 struct chain *out)
{
	follow(d, answer, &answer->question.name, answer->question.type, out);
}

struct str chain_text(struct diagnosis *d, const struct chain *c)
{
	auto_buf struct buf b;
	buf_init(&b, 16 * 1024);
	for (size_t i = 0; i <= c->links; i++) {
		buf_text(&b, i > 0 ? " -> " : "");
		buf_str(&b, shown_name(d, &c->names[i]));
	}
	return arena_str(d->a, buf_view(&b));
}
