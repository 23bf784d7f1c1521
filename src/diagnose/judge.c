/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The questions of both phases, and the judgement:
 *
 *   1. tally what each server said about each record; from that a state per record
 *   2. rules in order of depth: each covers the records that it explains
 *   3. findings ranked, verdict and what next from them
 */
#include "diagnose/agree.h"
#include "diagnose/panel.h"
#include "diagnose/places.h"
#include "diagnose/rules.h"

enum {
	RETRY_S = 60,
	WEIGHT_MOST = 5,
};

static bool question_equal(const struct question *a, const struct question *b)
{
	return a->type == b->type && dns_name_equal(&a->name, &b->name);
}

/* Adds a question once; to a list with room for it. */
static void add_question(struct question *list, size_t *count, const struct question *q)
{
	for (size_t i = 0; i < *count; i++) {
		if (question_equal(&list[i], q))
			return;
	}
	list[(*count)++] = *q;
}

size_t diagnose_plan(struct arena *a, const struct expectation *x, struct question **out)
{
	static const struct observation nothing_seen = { .walk = WALK_DONE };
	struct diagnosis d;
	size_t count = 0;
	diagnosis_init(&d, a, x, &nothing_seen);
	struct question *list = arena_array(a, d.record_count + 1, sizeof(*list));
	for (size_t i = 0; i < d.record_count; i++)
		add_question(list, &count, &d.records[i].tally.question);
	*out = list;
	return count;
}

/* Beside an alias nothing may stand, and behind it is the key. Whoever answers at a name
 * that nobody has made answers at any. */
size_t diagnose_plan_once(struct arena *a, const struct expectation *x,
			  struct question **out)
{
	size_t count = 0;
	struct question *list = arena_array(a, 2 * x->count + 1, sizeof(*list));
	for (size_t i = 0; i < x->count; i++) {
		const struct expected_record *r = &x->records[i];
		if (r->purpose == PURPOSE_DKIM && r->type == DNS_TYPE_CNAME)
			add_question(list, &count,
				     &(struct question){ r->name, DNS_TYPE_TXT });
	}
	for (size_t i = 0; i < x->count; i++) {
		const struct expected_record *r = &x->records[i];
		struct question q = { .type = r->type };
		if (wildcard_counts(r, &x->name) && wildcard_name(&r->name, &q.name))
			add_question(list, &count, &q);
	}
	*out = list;
	return count;
}

/* What one record (or, r NULL, the domain) is asked more in this round. */
struct more {
	struct question questions[MORE_MAX];
	size_t count;
};

static void collect_more(const struct diagnosis *d, const struct record_case *r,
			 struct more *out)
{
	const struct rule *rule;
	*out = (struct more){ .count = 0 };
	for (size_t i = 0; (rule = rule_at(i)) != NULL; i++) {
		struct question q[MORE_MAX];
		size_t count = 0;
		if (r && rule->more)
			count = rule->more(d, r, q);
		else if (!r && rule->more_domain)
			count = rule->more_domain(d, q);
		for (size_t j = 0; j < count && out->count < MORE_MAX; j++) {
			if (!observation_asked(d->o, &q[j].name, q[j].type))
				add_question(out->questions, &out->count, &q[j]);
		}
	}
}

size_t diagnose_more(struct arena *a, const struct expectation *x,
		     const struct observation *o, struct question **out)
{
	struct diagnosis d;
	size_t count = 0;
	diagnosis_init(&d, a, x, o);
	diagnosis_set_states(&d);
	struct more *more = arena_array(a, d.record_count + 1, sizeof(*more));
	struct question *list =
		arena_array(a, (d.record_count + 1) * MORE_MAX, sizeof(*list));
	collect_more(&d, NULL, &more[0]);
	for (size_t i = 0; i < d.record_count; i++)
		collect_more(&d, &d.records[i], &more[i + 1]);
	/* The first candidates of all records come first: room may end. */
	for (size_t n = 0; n < MORE_MAX; n++) {
		for (size_t i = 0; i <= d.record_count; i++) {
			if (n < more[i].count)
				add_question(list, &count, &more[i].questions[n]);
		}
	}
	*out = list;
	return count;
}

static enum record_state searched_state(const struct record_case *r)
{
	const struct tally *t = &r->tally;
	/* Nothing to be read at _domainkey itself: that the name exists is what tells. */
	bool is_found_by_name = r->expected->purpose == PURPOSE_DKIM;
	if (t->answered == 0)
		return RECORD_UNKNOWN;
	if (t->right > 0 && t->right < t->answered)
		return RECORD_WRONG;
	if (t->all & SAID_OTHER)
		return is_found_by_name ? RECORD_FOUND : RECORD_WRONG;
	if (t->right > 0 || (t->all & SAID_ALIAS))
		return RECORD_FOUND;
	if (is_found_by_name && (t->all & SAID_NO_TYPE))
		return RECORD_FOUND;
	return RECORD_ABSENT;
}

/* The zone above names the server; what only the zone itself names may be made up. */
static bool is_named_above(const struct diagnosis *d, size_t server)
{
	for (size_t i = 0; i < d->o->view_count; i++) {
		const struct view *v = &d->o->views[i];
		if (d->server_of[i] == server &&
		    (v->in_parent || v->kind == VIEW_FORWARD))
			return true;
	}
	return false;
}

/* A server of the zone sends us to a deeper one, and nobody there has the record. */
static bool is_sent_in_vain(const struct diagnosis *d, const struct tally *t,
			    size_t referring)
{
	const struct dns_name *zone = &d->servers[referring].zone;
	for (size_t i = 0; i < d->server_count; i++) {
		const struct server *s = &d->servers[i];
		if ((t->said[i] & SAID_RIGHT) && s->zone.len > zone->len &&
		    dns_name_within(&s->zone, zone))
			return false;
	}
	return true;
}

/* All that answered have it right. Is that enough? Not where a server that serves the
 * zone fails at this very question, nor where too few that the parent names have it; one
 * that there was no room to ask does not make the others more. */
static bool is_sure(const struct diagnosis *d, const struct tally *t)
{
	size_t asked = 0;
	size_t left_out = 0;
	size_t right = 0;
	for (size_t i = 0; i < d->server_count; i++) {
		unsigned said = t->said[i];
		if ((said & SAID_ERROR) && d->servers[i].standing == STANDING_GOOD)
			return false;
		if ((said & SAID_REFERRAL) && is_sent_in_vain(d, t, i))
			return false;
		if (!is_named_above(d, i))
			continue;
		bool is_left_out = server_was_left_out(d, t, i);
		/* Not even whether it serves the zone, and the same, is known. */
		if (is_left_out && !d->servers[i].was_asked)
			return false;
		left_out += is_left_out;
		asked += said != 0 && said != SAID_REFERRAL;
		right += (said & SAID_ANSWERED) == SAID_RIGHT;
	}
	if (left_out > 0 && asked < 2)
		return false;
	return right > 0 && right >= servers_needed(asked + left_out);
}

static enum record_state expected_state(const struct diagnosis *d,
					const struct record_case *r)
{
	const struct tally *t = &r->tally;
	if (t->answered == 0)
		return RECORD_UNKNOWN;
	if (t->right == t->answered)
		return is_sure(d, t) ? RECORD_OK : RECORD_UNKNOWN;
	if ((t->all & SAID_OTHER) || ((t->all & SAID_RIGHT) && (t->all & SAID_ABSENT)))
		return RECORD_WRONG;
	return t->all & SAID_ALIAS ? RECORD_UNKNOWN : RECORD_MISSING;
}

/* The walk ended at a name that does not exist, below what is registered: nothing can be
 * at the records' names either (RFC 8020), though nobody was asked about them. */
static bool is_below_nothing(const struct diagnosis *d, const struct record_case *r)
{
	return d->o->walk == WALK_NXDOMAIN && r->tally.asked == 0 &&
	       d->o->stopped_at.len > 1 &&
	       dns_name_within(&r->expected->name, &d->o->stopped_at);
}

void diagnosis_set_states(struct diagnosis *d)
{
	for (size_t i = 0; i < d->record_count; i++) {
		struct record_case *r = &d->records[i];
		r->report->state =
			d->searching ? searched_state(r) : expected_state(d, r);
		if (is_below_nothing(d, r))
			r->report->state = d->searching ? RECORD_ABSENT : RECORD_MISSING;
		bool is_gone = r->report->state == RECORD_ABSENT ||
			       r->report->state == RECORD_MISSING;
		if (is_gone && r->report->is_unproven)
			r->report->state = RECORD_UNKNOWN;
	}
}

static void apply_rules(struct diagnosis *d)
{
	const struct rule *rule;
	for (size_t i = 0; (rule = rule_at(i)) != NULL && !d->closed; i++) {
		if (rule->judge)
			rule->judge(d);
	}
	for (size_t i = 0; (rule = rule_at(i)) != NULL && !d->closed; i++) {
		if (rule->judge_rest)
			rule->judge_rest(d);
	}
}

/* Right at the authorities, and a cache remembers otherwise: after all rules, since each
 * of them asks what is right. */
static void mark_waiting(struct diagnosis *d)
{
	for (size_t i = 0; i < d->finding_count; i++) {
		const struct finding *f = d->findings[i];
		if (f->severity != SEVERITY_WAIT)
			continue;
		for (size_t j = 0; j < d->record_count; j++) {
			struct record_case *r = &d->records[j];
			if (r->report->state == RECORD_OK && finding_has(f, r))
				r->report->state = RECORD_WAITING;
		}
	}
}

/* The domain as a whole, then what mail cannot do without: DKIM before the bounce name,
 * SPF and DMARC. */
static size_t weight_of(const struct finding *f)
{
	static const uint8_t weights[] = {
		[PURPOSE_DKIM] = 1, [PURPOSE_OWNERSHIP] = 1, [PURPOSE_MAIL_FROM] = 2,
		[PURPOSE_SPF] = 3,  [PURPOSE_DMARC] = 4,     [PURPOSE_OTHER] = 5,
	};
	size_t least = f->record_count > 0 ? WEIGHT_MOST : 0;
	for (size_t i = 0; i < f->record_count; i++) {
		size_t weight = weights[f->records[i]->purpose];
		least = weight < least ? weight : least;
	}
	return f->code[1] == '1' || f->code[1] == '9' ? 0 : least;
}

static void take_findings(struct diagnosis *d, enum severity severity, size_t weight,
			  struct report *out)
{
	for (size_t i = 0; i < d->finding_count; i++) {
		const struct finding *f = d->findings[i];
		if (f->severity == severity && weight_of(f) == weight)
			out->findings[out->finding_count++] = *f;
	}
}

/* Exit codes 1, 4, 3 in this order (ux.md section 3.4); notes last. */
static void rank_findings(struct diagnosis *d, struct report *out)
{
	static const enum severity ranks[] = {
		SEVERITY_ERROR,
		SEVERITY_UNSURE,
		SEVERITY_WAIT,
		SEVERITY_NOTE,
	};
	out->findings = arena_array(d->a, d->finding_count + 1, sizeof(*out->findings));
	for (size_t i = 0; i < ARRAY_LEN(ranks); i++) {
		for (size_t weight = 0; weight <= WEIGHT_MOST; weight++)
			take_findings(d, ranks[i], weight, out);
	}
}

/* Nothing is ok by default: a required record that is not right needs no finding to be
 * seen. */
static bool is_unsettled(const struct diagnosis *d)
{
	for (size_t i = 0; i < d->record_count; i++) {
		const struct record_case *r = &d->records[i];
		bool is_right = r->report->state == RECORD_OK ||
				r->report->state == RECORD_WAITING ||
				r->report->state == RECORD_FOUND ||
				r->report->state == RECORD_ABSENT;
		if ((r->expected->required || d->searching) && !is_right)
			return true;
	}
	return false;
}

static enum verdict find_verdict(const struct diagnosis *d, const struct report *r)
{
	enum severity worst =
		r->finding_count > 0 ? r->findings[0].severity : SEVERITY_NOTE;
	switch (worst) {
	case SEVERITY_ERROR:
		return VERDICT_ACTION_REQUIRED;
	case SEVERITY_UNSURE:
		return VERDICT_UNDETERMINED;
	case SEVERITY_WAIT:
		return is_unsettled(d) ? VERDICT_UNDETERMINED : VERDICT_WAITING;
	case SEVERITY_NOTE:
		return is_unsettled(d) ? VERDICT_UNDETERMINED : VERDICT_OK;
	}
	return VERDICT_UNDETERMINED;
}

static void find_next(const struct diagnosis *d, struct report *r)
{
	r->next_basis = STR_EMPTY;
	switch (r->verdict) {
	case VERDICT_OK:
		r->next = NEXT_NONE;
		return;
	case VERDICT_ACTION_REQUIRED:
		r->next = NEXT_AFTER_FIX;
		if (r->findings[0].until_s > 0) {
			r->next_at_s = r->findings[0].until_s;
			r->next_basis = STR("soa_ttl_in_negative_answer");
		}
		return;
	case VERDICT_WAITING:
		r->next = NEXT_WAIT;
		for (size_t i = 0; i < r->finding_count; i++) {
			if (r->findings[i].until_s >= r->next_at_s)
				r->next_at_s = r->findings[i].until_s + 1;
		}
		r->next_basis = STR("ttl_in_resolver_answer");
		return;
	case VERDICT_UNDETERMINED:
		r->next = NEXT_RETRY;
		r->next_at_s = d->o->at_s + RETRY_S;
		r->next_basis = STR("retry_interval");
		return;
	}
}

void diagnose_judge(struct arena *a, const struct expectation *x,
		    const struct observation *o, enum lang lang, struct report *out)
{
	struct diagnosis d;
	diagnosis_init(&d, a, x, o);
	d.lang = lang;
	diagnosis_set_states(&d);
	apply_rules(&d);
	mark_waiting(&d);
	*out = (struct report){
		.lang = lang, .expectation = x, .observation = o, .one_cache = d.forward
	};
	out->record_count = d.record_count;
	out->records = arena_array(a, d.record_count + 1, sizeof(*out->records));
	for (size_t i = 0; i < d.record_count; i++)
		out->records[i] = *d.records[i].report;
	rank_findings(&d, out);
	out->provider = d.provider;
	panel_add_notes(&d, out);
	out->verdict = find_verdict(&d, out);
	find_next(&d, out);
	agree_set(&d, out);
}
