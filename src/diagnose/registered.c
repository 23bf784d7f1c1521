/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether the domain is registered, and whether its registry sends anybody to it. */
#include "diagnose/registered.h"

#include "mail/mail.h"

enum {
	NAMES_SHOWN = 4,
	STATUSES_SHOWN = 4,
};

bool organisation_name(const struct diagnosis *d, struct dns_name *out)
{
	struct err ignored = { 0 };
	return dns_name_parse(mail_domain_organisational(d->x->domain), out, &ignored);
}

/* Anybody may register below the zone. */
static bool is_registry(const struct diagnosis *d, const struct dns_name *zone)
{
	struct dns_name lower = dns_name_lower(zone);
	return dns_name_labels(zone) <= 1 ||
	       mail_domain_is_suffix(dns_name_text(d->a, &lower));
}

/* All that answered say NXDOMAIN to every question. */
static bool is_nothing_there(const struct diagnosis *d)
{
	size_t answered = 0;
	for (size_t i = 0; i < d->record_count; i++) {
		const struct tally *t = &d->records[i].tally;
		if ((t->all & SAID_ANSWERED & ~SAID_NO_NAME) != 0)
			return false;
		answered += t->answered;
	}
	return answered > 0;
}

/* The domain itself, when it is all that is asked about. */
static bool is_name_absent(const struct diagnosis *d)
{
	bool is_absent = false;
	for (size_t i = 0; i < d->record_count; i++) {
		const struct record_case *r = &d->records[i];
		if (!dns_name_equal(&r->expected->name, &d->x->name))
			continue;
		if ((r->tally.all & SAID_ANSWERED) != SAID_NO_NAME)
			return false;
		is_absent = true;
	}
	return is_absent;
}

/* Its zone is one above what is registered. */
static bool is_zone_above(const struct diagnosis *d, const struct dns_name *organisation)
{
	return d->has_zone && dns_name_within(organisation, &d->zone) &&
	       !dns_name_equal(organisation, &d->zone);
}

/* The registry is signed, and what denies the domain does not hold. */
static bool is_denial_bogus(const struct diagnosis *d)
{
	for (size_t i = 0; i < d->record_count; i++) {
		if (!d->records[i].bogus)
			return false;
	}
	return d->record_count > 0;
}

bool domain_is_absent(const struct diagnosis *d, struct dns_name *out)
{
	const struct observation *o = d->o;
	struct dns_name organisation;
	if (!organisation_name(d, &organisation) || is_denial_bogus(d))
		return false;
	if (o->walk == WALK_NXDOMAIN &&
	    (d->searching || dns_name_within(&organisation, &o->stopped_at))) {
		*out = o->stopped_at;
		return o->stopped_at.len > 1;
	}
	if (is_zone_above(d, &organisation) && is_nothing_there(d)) {
		*out = organisation;
		return true;
	}
	*out = d->x->name;
	return d->searching && is_name_absent(d);
}

bool domain_is_undelegated(const struct diagnosis *d, struct dns_name *organisation)
{
	const struct observation *o = d->o;
	if (!organisation_name(d, organisation) || is_registry(d, organisation) ||
	    is_denial_bogus(d))
		return false;
	if (o->walk == WALK_NXDOMAIN)
		return dns_name_equal(organisation, &o->stopped_at);
	if (!is_zone_above(d, organisation) || !is_registry(d, &d->zone))
		return false;
	for (size_t i = 0; i < d->record_count; i++) {
		if (d->records[i].tally.all & SAID_ANSWERED & ~SAID_ABSENT)
			return false;
	}
	return true;
}

const struct answer *delegation_denied(const struct diagnosis *d,
				       const struct dns_name *organisation)
{
	for (size_t i = 0; i < d->o->answer_count; i++) {
		const struct answer *answer = &d->o->answers[i];
		if (answer->question.type == DNS_TYPE_NS &&
		    dns_name_equal(&answer->question.name, organisation) &&
		    d->server_of[answer->view] != SIZE_MAX &&
		    answer->outcome == ASK_ANSWERED &&
		    (answer->authoritative || d->forward) && !answer->is_referral &&
		    answer->rcode == DNS_RCODE_NOERROR && answer->records.count == 0)
			return answer;
	}
	return NULL;
}

bool domain_is_dead(const struct diagnosis *d)
{
	const struct observation *o = d->o;
	struct dns_name organisation;
	if (d->forward || !organisation_name(d, &organisation))
		return false;
	if (o->walk == WALK_NO_ANSWER || o->walk == WALK_SERVFAIL)
		return dns_name_within(&o->stopped_at, &organisation);
	for (size_t i = 0; i < d->server_count; i++) {
		if (d->servers[i].standing == STANDING_GOOD)
			return false;
	}
	return o->walk == WALK_DONE && d->server_count > 0;
}

const struct registration *domain_registration(const struct diagnosis *d)
{
	struct dns_name organisation;
	const struct registration *r = &d->o->registration;
	if (!d->o->has_registration || r->outcome != REGISTRATION_FOUND ||
	    !organisation_name(d, &organisation) ||
	    !dns_name_equal(&organisation, &r->domain))
		return NULL;
	return r;
}

/* RFC 8056 section 2; the two forms of writing are both seen. */
bool registration_is_held(const struct registration *r)
{
	static const char *const held[] = {
		"client hold",   "server hold",      "clienthold",
		"serverhold",    "pending delete",   "redemption period",
		"pendingdelete", "redemptionperiod",
	};
	for (size_t i = 0; i < r->status_count; i++) {
		for (size_t j = 0; j < ARRAY_LEN(held); j++) {
			if (str_is(r->statuses[i], held[j]))
				return true;
		}
	}
	return false;
}

bool registration_is_over(const struct registration *r, int64_t now_s)
{
	return r->expires_at > 0 && r->expires_at < now_s;
}

/* "2019-04-02" */
static const char *day_of(struct diagnosis *d, int64_t at_s)
{
	auto_buf struct buf b;
	buf_init(&b, 64);
	if (at_s == 0)
		return "?";
	clock_write_rfc3339(&b, at_s);
	return arena_text(d->a, str_sub(buf_view(&b), 0, sizeof("2019-04-02") - 1));
}

static const char *statuses_of(struct diagnosis *d, const struct registration *r)
{
	auto_buf struct buf b;
	buf_init(&b, 4096);
	for (size_t i = 0; i < r->status_count && i < STATUSES_SHOWN; i++) {
		buf_text(&b, i > 0 ? ", " : "");
		escape_visible(&b, r->statuses[i], 64);
	}
	return b.len > 0 ? arena_text(d->a, buf_view(&b)) : "-";
}

struct str registration_words(struct diagnosis *d, const struct registration *r)
{
	auto_buf struct buf registrar;
	buf_init(&registrar, 2048);
	escape_visible(&registrar, r->registrar, 80);
	if (registrar.len == 0)
		return str_from(arena_printf(
			d->a,
			lang_text(d->lang,
				  "the registry (RDAP) says: registered on %s, status "
				  "%s, expires on %s"),
			day_of(d, r->registered_at), statuses_of(d, r),
			day_of(d, r->expires_at)));
	return str_from(arena_printf(
		d->a,
		lang_text(d->lang, "the registry (RDAP) says: registered on %s, status "
				   "%s, expires on %s, registrar %s"),
		day_of(d, r->registered_at), statuses_of(d, r), day_of(d, r->expires_at),
		buf_cstr(&registrar)));
}

void finding_absence(struct diagnosis *d, struct finding *f)
{
	const struct question q = { d->o->stopped_at, DNS_TYPE_NS };
	if (d->record_count > 0 &&
	    finding_evidence(d, f, &d->records[0].tally, SAID_NO_NAME))
		return;
	if (d->o->walk == WALK_NXDOMAIN)
		finding_question(d, f, &q)->rcode = DNS_RCODE_NXDOMAIN;
}

void finding_closes(struct diagnosis *d, struct finding *f)
{
	for (size_t i = 0; i < d->record_count && !d->searching; i++)
		d->records[i].report->state = RECORD_MISSING;
	finding_covers_rest(d, f);
	d->closed = true;
}

struct str shown_names(struct diagnosis *d, const struct dns_name *names, size_t count)
{
	auto_buf struct buf b;
	buf_init(&b, 64 * 1024);
	for (size_t i = 0; i < count && i < NAMES_SHOWN; i++) {
		buf_text(&b, i > 0 ? ", " : "");
		buf_str(&b, shown_name(d, &names[i]));
	}
	if (count <= NAMES_SHOWN)
		return arena_str(d->a, buf_view(&b));
	return str_from(arena_printf(d->a, lang_text(d->lang, "%s and %zu more"),
				     buf_cstr(&b), count - NAMES_SHOWN));
}

bool diagnose_registry(struct arena *a, const struct expectation *x,
		       const struct observation *o, struct dns_name *domain_out)
{
	struct diagnosis d;
	struct dns_name organisation;
	diagnosis_init(&d, a, x, o);
	if (!organisation_name(&d, &organisation) || is_registry(&d, &organisation))
		return false;
	*domain_out = organisation;
	return x->registered_at > 0 || domain_is_undelegated(&d, &organisation) ||
	       domain_is_dead(&d);
}
