/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "service/tally.h"

static const int64_t bounds_us[TALLY_BOUNDS] = {
	1000,   5000,    10000,   25000,   50000,    100000,   250000,
	500000, 1000000, 2500000, 5000000, 10000000, 30000000, 60000000,
};

int64_t tally_bound_us(size_t i)
{
	return i < TALLY_BOUNDS ? bounds_us[i] : INT64_MAX;
}

const char *tally_rcode_name(enum tally_rcode r)
{
	static const char *const names[TALLY_RCODES] = {
		[TALLY_NOERROR] = "NOERROR",
		[TALLY_FORMERR] = "FORMERR",
		[TALLY_SERVFAIL] = "SERVFAIL",
		[TALLY_NXDOMAIN] = "NXDOMAIN",
		[TALLY_NOTIMP] = "NOTIMP",
		[TALLY_REFUSED] = "REFUSED",
		[TALLY_OTHER] = "other",
		[TALLY_TIMEOUT] = "timeout",
		[TALLY_UNREACHABLE] = "unreachable",
		[TALLY_MALFORMED] = "malformed",
	};

	return names[r];
}

const char *tally_role_name(enum tally_role r)
{
	static const char *const names[TALLY_ROLES] = { "authority", "resolver",
							"forward" };

	return names[r];
}

void tally_init(struct service_tally *t)
{
	pthread_mutex_init(&t->lock, NULL);
}

void tally_done(struct service_tally *t)
{
	pthread_mutex_destroy(&t->lock);
}

static void histogram_add(struct tally_histogram *h, int64_t us)
{
	size_t i = 0;

	while (i < TALLY_BOUNDS && us > bounds_us[i])
		i++;
	h->counts[i]++;
	h->sum_us += us > 0 ? (uint64_t)us : 0;
}

/* RFC 1035 section 4.1.1. */
static enum tally_rcode rcode_of(uint16_t rcode)
{
	return rcode < TALLY_OTHER ? (enum tally_rcode)rcode : TALLY_OTHER;
}

/* TALLY_RCODES: nothing was sent. */
static enum tally_rcode outcome_of(const struct answer *answer)
{
	switch (answer->outcome) {
	case ASK_ANSWERED:
		return rcode_of(answer->rcode);
	case ASK_TIMEOUT:
	case ASK_NO_TCP:
		return TALLY_TIMEOUT;
	case ASK_UNREACHABLE:
		return TALLY_UNREACHABLE;
	case ASK_MALFORMED:
		return TALLY_MALFORMED;
	case ASK_FORBIDDEN:
	case ASK_NO_ADDRESS:
	case ASK_LIMIT:
		return TALLY_RCODES;
	}
	return TALLY_RCODES;
}

static enum tally_role role_of(const struct observation *o, const struct answer *answer)
{
	switch (o->views[answer->view].kind) {
	case VIEW_AUTHORITY:
		return TALLY_AUTHORITY;
	case VIEW_RESOLVER:
		return TALLY_RESOLVER;
	case VIEW_FORWARD:
		return TALLY_FORWARD;
	}
	return TALLY_AUTHORITY;
}

static void queries_add(struct tally_numbers *n, const struct observation *o)
{
	uint64_t counted = 0;

	for (size_t i = 0; i < o->answer_count; i++) {
		const struct answer *answer = &o->answers[i];
		enum tally_rcode rcode = outcome_of(answer);

		if (rcode == TALLY_RCODES || answer->view >= o->view_count)
			continue;
		n->queries[answer->over_tcp ? TALLY_TCP : TALLY_UDP][rcode]
			  [role_of(o, answer)]++;
		counted++;
		if (answer->outcome == ASK_ANSWERED)
			histogram_add(&n->query, answer->rtt_us);
	}
	if (o->queries > counted)
		n->queries_on_the_way += o->queries - counted;
}

static void findings_add(struct tally_numbers *n, const struct report *r)
{
	for (size_t f = 0; f < r->finding_count; f++) {
		const char *code = NULL;

		for (size_t i = 0; i < TALLY_CODES_MAX && (code = diagnose_code_at(i));
		     i++) {
			if (strcmp(code, r->findings[f].code) != 0)
				continue;
			n->findings[i]++;
			break;
		}
	}
}

void tally_look(struct service_tally *t, const struct observation *o,
		const struct report *r)
{
	pthread_mutex_lock(&t->lock);
	histogram_add(&t->numbers.look, o->elapsed_ms * 1000LL);
	queries_add(&t->numbers, o);
	findings_add(&t->numbers, r);
	pthread_mutex_unlock(&t->lock);
}

void tally_lag(struct service_tally *t, int64_t late_ms)
{
	pthread_mutex_lock(&t->lock);
	histogram_add(&t->numbers.lag, late_ms > 0 ? late_ms * 1000 : 0);
	pthread_mutex_unlock(&t->lock);
}

void tally_deliver(struct service_tally *t, enum tally_delivery outcome)
{
	pthread_mutex_lock(&t->lock);
	t->numbers.deliveries[outcome]++;
	pthread_mutex_unlock(&t->lock);
}

void tally_read(struct service_tally *t, struct tally_numbers *out)
{
	pthread_mutex_lock(&t->lock);
	*out = t->numbers;
	pthread_mutex_unlock(&t->lock);
}
