/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Setting up a diagnosis: views become servers, answers become tallies per record. */
#include "diagnose/case.h"

#include "diagnose/chain.h"
#include "diagnose/elsewhere.h"
#include "diagnose/match.h"
#include "diagnose/panel.h"
#include "diagnose/spf.h"
#include "diagnose/zone.h"

enum {
	CHAIN_MAX = 16,          /* CNAME links followed inside one answer */
	SCRATCH_MAX = 4 << 20,   /* octets for parsing one answer's texts */
	VALUE_ROOM = 256 * 1024, /* octets of foreign values kept for showing, in all */
	FOUND_MAX = 512,         /* records of one answer looked at */
};

void *case_grow(struct arena *a, void *things, size_t count, size_t size)
{
	bool is_full = count == 0 || (count >= 4 && (count & (count - 1)) == 0);
	if (!is_full)
		return things;
	void *more = arena_array(a, count == 0 ? 4 : count * 2, size);
	if (count > 0)
		memcpy(more, things, count * size);
	return more;
}

/* Collects the answer's records of a type at a name, or where its aliases lead. Gives the
 * number of links followed. */
static size_t collect(struct arena *a, const struct answer *answer,
		      const struct question *q, struct found_records *out)
{
	struct dns_name at = q->name;
	size_t links = 0;
	size_t most =
		answer->records.count < FOUND_MAX ? answer->records.count : FOUND_MAX;
	out->records = arena_array(a, most, sizeof(*out->records));
	out->count = 0;
	for (;;) {
		struct dns_name next = { 0 };
		for (size_t i = 0; i < answer->records.count && out->count < most; i++) {
			const struct dns_record *r = &answer->records.records[i];
			if (!dns_name_equal(&r->owner, &at))
				continue;
			if (r->type == q->type)
				out->records[out->count++] = r;
			else if (r->type == DNS_TYPE_CNAME &&
				 !dns_record_target(r, &next))
				next = (struct dns_name){ 0 };
		}
		if (out->count > 0 || next.len == 0 || q->type == DNS_TYPE_CNAME ||
		    links == CHAIN_MAX)
			return links;
		at = next;
		links++;
	}
}

static unsigned match_said(const struct diagnosis *d, struct arena *scratch,
			   const struct expected_record *r,
			   const struct found_records *found)
{
	if (found->count == 0)
		return SAID_NO_TYPE;
	if (r->purpose == PURPOSE_SPF && r->type == DNS_TYPE_TXT)
		return spf_said(d, scratch, r, found);
	if (r->purpose == PURPOSE_DMARC && match_count(scratch, r, found) == 0)
		return SAID_NO_TYPE;
	return match_records(scratch, r, found) ? SAID_RIGHT : SAID_OTHER;
}

/* Where an answer's own aliases lead, seen from the zone of who gave it. */
static bool alias_stays(const struct diagnosis *d, const struct answer *answer)
{
	const struct view *v = &d->o->views[answer->view];
	struct dns_name last = chain_last_name(answer);
	return v->kind == VIEW_AUTHORITY && dns_name_within(&last, &v->zone);
}

/* An alias that leads out of the server's zone: what those say who serve its target.
 * Receivers follow it (RFC 1034 section 3.6.2), so what they find counts. No server of
 * the zone speaks for another one. */
static unsigned alias_said(struct diagnosis *d, const struct expected_record *r,
			   const struct answer *own)
{
	struct chain chain;
	const struct answer *answer = NULL;
	bool is_inside = alias_stays(d, own);
	unsigned said = 0;
	chain_follow_answer(d, own, &chain);
	if (chain.end == CHAIN_OPEN)
		return SAID_ALIAS;
	if (chain.end == CHAIN_LOOP || chain.end == CHAIN_LONG)
		return SAID_NO_TYPE;
	while ((answer = chain_answer(d, &chain, r->type, answer)) != NULL) {
		if (is_inside && d->server_of[answer->view] != d->server_of[own->view])
			continue;
		auto_arena struct arena scratch;
		struct found_records found;
		const struct question q = { chain.names[chain.links], r->type };
		arena_init(&scratch, SCRATCH_MAX);
		collect(&scratch, answer, &q, &found);
		said |= match_said(d, &scratch, r, &found);
	}
	/* They differ among themselves: which one a receiver asks is chance. */
	if (said == 0 || ((said & SAID_RIGHT) && said != SAID_RIGHT))
		return SAID_ALIAS;
	return said & SAID_OTHER ? SAID_OTHER : said;
}

/* Of a server's answer that may be believed. */
static unsigned content_said(struct diagnosis *d, const struct expected_record *r,
			     const struct question *q, const struct answer *answer)
{
	auto_arena struct arena scratch;
	arena_init(&scratch, SCRATCH_MAX);
	struct found_records found;
	size_t links = collect(&scratch, answer, q, &found);
	if (found.count == 0) {
		/* A resolver has followed the alias, an authority need not know its
		 * target, whatever it says of it. */
		if (links > 0 && d->o->views[answer->view].kind == VIEW_AUTHORITY)
			return alias_said(d, r, answer);
		if (links > 0 && !d->forward && answer->rcode == DNS_RCODE_NOERROR)
			return SAID_ALIAS;
		return answer->rcode == DNS_RCODE_NXDOMAIN && links == 0 ? SAID_NO_NAME
									 : SAID_NO_TYPE;
	}
	return match_said(d, &scratch, r, &found);
}

unsigned answer_said(struct diagnosis *d, const struct expected_record *r,
		     const struct dns_name *name, const struct answer *answer)
{
	const struct view *v = &d->o->views[answer->view];
	const struct question q = { *name, r->type };
	if (answer->outcome == ASK_LIMIT)
		return 0; /* we did not ask: that says nothing about the server */
	if (answer->outcome != ASK_ANSWERED)
		return SAID_SILENT;
	if (answer->rcode != DNS_RCODE_NOERROR && answer->rcode != DNS_RCODE_NXDOMAIN)
		return SAID_ERROR;
	if (v->kind == VIEW_AUTHORITY && answer->is_referral)
		return SAID_REFERRAL;
	if (v->kind == VIEW_AUTHORITY && !answer->authoritative)
		return SAID_ERROR;
	return content_said(d, r, &q, answer);
}

static void tally_server(struct tally *t, unsigned said)
{
	t->all |= said;
	t->answered += (said & SAID_ANSWERED) != 0;
	t->right += (said & SAID_ANSWERED) == SAID_RIGHT;
}

void tally_question(struct diagnosis *d, const struct expected_record *r,
		    const struct dns_name *name, struct tally *out)
{
	*out = (struct tally){ .question = { *name, r->type } };
	for (size_t i = 0; i < d->o->answer_count; i++) {
		const struct answer *answer = &d->o->answers[i];
		size_t server = d->server_of[answer->view];
		if (server == SIZE_MAX || answer->question.type != r->type ||
		    !dns_name_equal(&answer->question.name, name))
			continue;
		out->said[server] |= (uint8_t)answer_said(d, r, name, answer);
	}
	for (size_t i = 0; i < d->server_count; i++) {
		unsigned said = out->said[i];
		out->asked += said != 0 && said != SAID_REFERRAL;
		tally_server(out, said);
	}
}

bool server_was_left_out(const struct diagnosis *d, const struct tally *t, size_t server)
{
	for (size_t i = 0; t->said[server] == 0 && i < d->o->answer_count; i++) {
		const struct answer *answer = &d->o->answers[i];
		if (answer->outcome == ASK_LIMIT &&
		    d->server_of[answer->view] == server &&
		    answer->question.type == t->question.type &&
		    dns_name_equal(&answer->question.name, &t->question.name))
			return true;
	}
	return false;
}

size_t servers_needed(size_t asked)
{
	size_t half = (asked + 1) / 2;
	return half < 2 ? half : 2;
}

/* Servers */

static bool is_refusal(const struct answer *answer)
{
	if (answer->outcome != ASK_ANSWERED)
		return false;
	if (answer->rcode == DNS_RCODE_NOERROR || answer->rcode == DNS_RCODE_NXDOMAIN)
		return !answer->authoritative && !answer->is_referral;
	return answer->rcode == DNS_RCODE_REFUSED || answer->rcode == 9 /* NOTAUTH */;
}

static bool is_good(const struct server *s, const struct answer *answer)
{
	return answer->outcome == ASK_ANSWERED &&
	       (answer->rcode == DNS_RCODE_NOERROR ||
		answer->rcode == DNS_RCODE_NXDOMAIN) &&
	       (answer->authoritative || answer->is_referral || s->is_forward);
}

static void note_serial(struct server *s, const struct answer *answer)
{
	if (answer->question.type != DNS_TYPE_SOA)
		return;
	for (size_t i = 0; i < answer->records.count; i++) {
		struct dns_soa soa;
		if (dns_record_soa(&answer->records.records[i], &soa)) {
			s->has_serial = true;
			s->serial = soa.serial;
		}
	}
}

/* One address of a server: a server is lame if one of its addresses never gives a good
 * answer and refuses. One that only fails may have been asked a single question. */
static void judge_view(struct diagnosis *d, size_t view, struct server *s)
{
	bool good = false;
	bool refused = false;
	bool failed = false;
	size_t shown = 0;
	for (size_t i = 0; i < d->o->answer_count; i++) {
		const struct answer *answer = &d->o->answers[i];
		if (answer->view != view || answer->outcome == ASK_LIMIT)
			continue;
		s->was_asked = true;
		if (answer->outcome != ASK_ANSWERED)
			continue;
		if (is_good(s, answer)) {
			good = true;
			note_serial(s, answer);
			continue;
		}
		bool refusal = !s->is_forward && is_refusal(answer);
		if ((!refused && refusal) || (!refused && !failed))
			shown = i;
		refused |= refusal;
		failed |= !refusal;
	}
	if (good)
		s->standing = STANDING_GOOD;
	if (good || !(refused || failed))
		return;
	if (refused || !s->has_lame_answer)
		s->lame_answer = shown;
	s->has_lame_answer |= refused;
	s->has_failed_answer |= failed;
}

static bool zone_has_good(const struct diagnosis *d, const struct dns_name *zone)
{
	for (size_t i = 0; i < d->server_count; i++) {
		if (d->servers[i].standing == STANDING_GOOD &&
		    dns_name_equal(&d->servers[i].zone, zone))
			return true;
	}
	return false;
}

/* Nothing but SERVFAIL from one server while others serve the zone: that one does not
 * have it. SERVFAIL from all of them is trouble of the zone itself, and one beside good
 * answers trouble with that question (U905). */
static void settle_standings(struct diagnosis *d)
{
	bool lame[OBSERVATION_VIEWS_MAX] = { false };
	for (size_t i = 0; i < d->server_count; i++) {
		const struct server *s = &d->servers[i];
		lame[i] = !s->is_forward &&
			  (s->has_lame_answer ||
			   (s->has_failed_answer && s->standing != STANDING_GOOD &&
			    zone_has_good(d, &s->zone)));
	}
	for (size_t i = 0; i < d->server_count; i++) {
		struct server *s = &d->servers[i];
		if (lame[i])
			s->standing = STANDING_LAME;
		else if (s->standing == STANDING_SILENT && s->has_failed_answer)
			s->standing = STANDING_FAILING;
	}
}

static size_t server_of_view(struct diagnosis *d, size_t view)
{
	const struct view *v = &d->o->views[view];
	for (size_t i = 0; v->kind == VIEW_AUTHORITY && i < d->server_count; i++) {
		const struct server *s = &d->servers[i];
		if (!s->is_forward && v->server.len > 0 &&
		    dns_name_equal(&s->name, &v->server) &&
		    dns_name_equal(&s->zone, &v->zone))
			return i;
	}
	struct server *s = &d->servers[d->server_count];
	s->name = v->server;
	s->zone = v->zone;
	s->is_forward = v->kind == VIEW_FORWARD;
	s->text = shown_server(d->a, d->o, view);
	return d->server_count++;
}

/* The server answers for the domain: it serves a zone that holds one of the names.
 * Whoever else was asked (an alias or an SPF include led there) is nobody's fault
 * here. */
static bool is_ours(const struct diagnosis *d, const struct view *v)
{
	if (view_is_elsewhere(v))
		return false;
	if (v->kind == VIEW_FORWARD || v->zone.len == 0 || !d->has_zone)
		return true;
	if (!dns_name_within(&v->zone, &d->zone))
		return false;
	if (dns_name_within(&d->x->name, &v->zone))
		return true;
	for (size_t i = 0; i < d->x->count; i++) {
		if (dns_name_within(&d->x->records[i].name, &v->zone))
			return true;
	}
	return false;
}

static void find_servers(struct diagnosis *d)
{
	const struct observation *o = d->o;
	d->servers = arena_array(d->a, o->view_count + 1, sizeof(*d->servers));
	for (size_t i = 0; i < o->view_count; i++) {
		d->server_of[i] = SIZE_MAX;
		if (o->views[i].kind == VIEW_RESOLVER || !is_ours(d, &o->views[i]))
			continue;
		d->forward |= o->views[i].kind == VIEW_FORWARD;
		d->server_of[i] = server_of_view(d, i);
		judge_view(d, i, &d->servers[d->server_of[i]]);
	}
	d->forward |= o->walk == WALK_SKIPPED;
	settle_standings(d);
}

/* Zones */

/* The deepest zone whose servers were asked about the record. */
static struct dns_name record_zone(const struct diagnosis *d, const struct record_case *r)
{
	struct dns_name zone = { 0 };
	if (d->has_zone && dns_name_within(&r->expected->name, &d->zone))
		zone = d->zone;
	for (size_t i = 0; i < d->server_count; i++) {
		const struct server *s = &d->servers[i];
		if (!(r->tally.said[i] & SAID_ANSWERED) || s->zone.len == 0 ||
		    !dns_name_within(&r->expected->name, &s->zone))
			continue;
		if (zone.len == 0 || dns_name_within(&s->zone, &zone))
			zone = s->zone;
	}
	return zone;
}

/* Records */

static bool has_security(const struct observation *o, const struct question *q,
			 enum security security)
{
	for (size_t i = 0; i < o->validation_count; i++) {
		const struct validation *v = &o->validations[i];
		if (v->security == security && v->question.type == q->type &&
		    dns_name_equal(&v->question.name, &q->name))
			return true;
	}
	return false;
}

static void record_view_init(struct diagnosis *d, const struct record_case *r,
			     const struct answer *answer, struct record_view *out)
{
	const struct question q = r->tally.question;
	*out = (struct record_view){
		.view = answer->view,
		.outcome = answer->outcome,
		.rcode = answer->rcode,
		.matches = answer_said(d, r->expected, &q.name, answer) == SAID_RIGHT,
	};
	for (size_t i = 0; i < answer->records.count; i++) {
		uint32_t ttl = answer->records.records[i].ttl_s;
		if (i == 0 || ttl < out->ttl_s)
			out->ttl_s = ttl;
	}
	shown_values(d, answer, &q, &out->values, &out->value_count);
}

static void count_unheard(const struct diagnosis *d, const struct tally *t,
			  struct record_report *report)
{
	for (size_t i = 0; i < d->server_count; i++) {
		if (t->said[i] == 0 || (t->said[i] & SAID_ANSWERED))
			continue;
		report->servers_lame += d->servers[i].standing == STANDING_LAME;
		report->servers_silent += t->said[i] == SAID_SILENT;
	}
}

/* What a server said under its name, whichever of the zones it was asked about; 0 where
 * that was counted before. */
static unsigned said_by_name(const struct diagnosis *d, const struct tally *t,
			     size_t server)
{
	unsigned said = 0;
	for (size_t i = 0; i < d->server_count; i++) {
		if (!dns_name_equal(&d->servers[i].name, &d->servers[server].name))
			continue;
		unsigned one = t->said[i];
		if (one == 0 && server_was_left_out(d, t, i))
			one = SAID_SILENT;
		if (one != 0 && i < server)
			return 0;
		said |= one;
	}
	return said;
}

/* Where one answer is proven, others that say something else may be forged, or old. */
static bool is_borne_out(const struct diagnosis *d, const struct question *q,
			 size_t server)
{
	if (!has_security(d->o, q, SECURITY_SECURE))
		return true;
	for (size_t i = 0; i < d->o->answer_count; i++) {
		const struct answer *answer = &d->o->answers[i];
		size_t at = d->server_of[answer->view];
		if (answer->proven && at != SIZE_MAX &&
		    dns_name_equal(&d->servers[at].name, &d->servers[server].name) &&
		    answer->question.type == q->type &&
		    dns_name_equal(&answer->question.name, &q->name))
			return true;
	}
	return false;
}

/* One that only refers to the servers of a deeper zone is neither. */
static void count_wrong(const struct diagnosis *d, const struct tally *t,
			struct record_report *report)
{
	for (size_t i = 0; i < d->server_count; i++) {
		unsigned said = said_by_name(d, t, i);
		bool is_wrong = said & (SAID_OTHER | SAID_ABSENT);
		bool is_proven = is_wrong && is_borne_out(d, &t->question, i);
		report->servers_wrong += is_proven;
		report->is_contradicted |= is_wrong && !is_proven;
		if (!is_proven && !(said & SAID_RIGHT) && said != 0 &&
		    said != SAID_REFERRAL)
			report->servers_unheard++;
	}
	report->is_contradicted = report->is_contradicted && report->servers_wrong == 0;
}

static void record_init(struct diagnosis *d, struct record_case *r,
			const struct expected_record *expected,
			struct record_report *report)
{
	const struct observation *o = d->o;
	r->expected = expected;
	r->report = report;
	tally_question(d, expected, &expected->name, &r->tally);
	r->zone = record_zone(d, r);
	r->bogus = has_security(o, &r->tally.question, SECURITY_BOGUS);
	report->expected = expected;
	report->servers_right = r->tally.right;
	report->servers_asked = r->tally.asked;
	count_unheard(d, &r->tally, report);
	count_wrong(d, &r->tally, report);
	for (size_t i = 0; i < o->answer_count; i++) {
		const struct answer *answer = &o->answers[i];
		if (answer->question.type != expected->type ||
		    !dns_name_equal(&answer->question.name, &expected->name))
			continue;
		report->views = case_grow(d->a, report->views, report->view_count,
					  sizeof(*report->views));
		record_view_init(d, r, answer, &report->views[report->view_count++]);
	}
}

/* With nothing expected: what mail records there may be. "_domainkey" tells by NXDOMAIN
 * that there are no DKIM selectors (RFC 8020); they cannot be listed. */
static size_t searched_records(struct arena *a, const struct expectation *x,
			       struct expected_record **out)
{
	static const struct {
		const char *id;
		const char *front;
		uint16_t type;
		enum purpose purpose;
	} searched[] = {
		{ "mx", NULL, DNS_TYPE_MX, PURPOSE_OTHER },
		{ "spf", NULL, DNS_TYPE_TXT, PURPOSE_SPF },
		{ "dmarc", "_dmarc", DNS_TYPE_TXT, PURPOSE_DMARC },
		{ "dkim", "_domainkey", DNS_TYPE_TXT, PURPOSE_DKIM },
	};
	struct expected_record *records =
		arena_array(a, ARRAY_LEN(searched), sizeof(*records));
	size_t count = 0;
	for (size_t i = 0; i < ARRAY_LEN(searched); i++) {
		struct expected_record r = {
			.id = str_from(searched[i].id),
			.purpose = searched[i].purpose,
			.type = searched[i].type,
			.name = x->name,
			.value = STR_EMPTY,
			.rdata = STR_EMPTY,
		};
		struct dns_name front;
		struct err ignored = { 0 };
		if (searched[i].front &&
		    (!dns_name_parse(str_from(searched[i].front), &front, &ignored) ||
		     !dns_name_join(&front, &x->name, &r.name)))
			continue;
		records[count++] = r;
	}
	*out = records;
	return count;
}

/* By the verdict on another record of the zone, or of one above it (RFC 4035 section
 * 5.2). That a referral has no DS proves nothing. */
static bool is_unsigned(const struct diagnosis *d, const struct record_case *r)
{
	for (size_t i = 0; i < d->record_count && r->zone.len > 0; i++) {
		const struct record_case *other = &d->records[i];
		if (other->zone.len > 0 && dns_name_within(&r->zone, &other->zone) &&
		    has_security(d->o, &other->tally.question, SECURITY_INSECURE))
			return true;
	}
	return false;
}

/* The validator could not tell, and the zone may be signed. A forwarder may have no
 * signatures to show. */
static void find_unvalidated(struct diagnosis *d)
{
	for (size_t i = 0; i < d->record_count && !d->forward; i++) {
		struct record_case *r = &d->records[i];
		r->unvalidated =
			has_security(d->o, &r->tally.question, SECURITY_UNCHECKED) &&
			!is_unsigned(d, r);
	}
	for (size_t i = 0; i < d->record_count; i++)
		d->records[i].report->is_unproven =
			d->records[i].bogus || d->records[i].unvalidated;
}

void diagnosis_init(struct diagnosis *d, struct arena *a, const struct expectation *x,
		    const struct observation *o)
{
	struct expected_record *expected = x->records;
	size_t count = x->count;
	*d = (struct diagnosis){ .a = a, .x = x, .o = o, .value_room = VALUE_ROOM };
	d->searching = x->count == 0;
	if (d->searching)
		count = searched_records(a, x, &expected);
	d->has_zone = observed_zone(o, &d->zone);
	find_servers(d);
	d->record_count = count;
	d->records = arena_array(a, count + 1, sizeof(*d->records));
	struct record_report *reports = arena_array(a, count + 1, sizeof(*reports));
	for (size_t i = 0; i < count; i++)
		record_init(d, &d->records[i], &expected[i], &reports[i]);
	find_unvalidated(d);
	panel_find(d);
}
