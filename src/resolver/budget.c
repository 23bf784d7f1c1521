/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What one check may cost, in all and per server address. */
#include "resolver/budget.h"

#include "mail/mail.h"
#include "resolver/relay.h"

enum {
	DESTINATIONS_MAX = 256,
	SILENT_PACKETS = 4,  /* that never got an answer */
	SILENT_TIMEOUTS = 2, /* then so many are enough */
};

struct destination {
	uint32_t packets;
	uint32_t timeouts; /* tries in a row without an answer */
	uint32_t invited;  /* packets that it asked for */
	bool has_answered;
	bool is_proven; /* ... as a name server of the zone should */
};

void resolver_budget_init(const struct resolver *r, struct budget *b)
{
	*b = (struct budget){
		.queries_left = RESOLVER_QUERIES_MAX,
		.bytes_left = RESOLVER_BYTES_MAX,
		.address_failures_left = RESOLVER_ADDRESS_FAILURES_MAX,
		.deadline_us = clock_mono_us() + r->check_timeout_us,
		.destinations = map_new(DESTINATIONS_MAX),
	};
}

void resolver_budget_done(struct budget *b)
{
	struct str key;
	void *value;
	size_t at = 0;

	proof_free(&b->proof);
	if (!b->destinations)
		return;
	while (map_next(b->destinations, &at, &key, &value))
		xfree(value);
	map_free(&b->destinations);
}

static struct destination *get(struct budget *b, struct str key)
{
	struct destination *d = map_find(b->destinations, key);

	if (d)
		return d;
	d = xalloc(1, sizeof(*d));
	if (map_put(b->destinations, key, d))
		return d;
	xfree(d);
	return NULL;
}

static struct destination *destination_get(struct budget *b, const struct address *a)
{
	uint8_t key[17];

	key[0] = a->family;
	memcpy(key + 1, a->bytes, 16);
	return get(b, str_of(key, sizeof(key)));
}

/* A /24 or /48: packets to those in it that are not proven. */
static struct destination *network_get(struct budget *b, const struct address *a)
{
	uint8_t key[7] = { a->family };
	size_t octets = a->family == 4 ? 3 : 6;

	memcpy(key + 1, a->bytes, octets);
	return get(b, str_of(key, octets + 1));
}

/* A server that is asked much at once and never answered is dead, or all of it was lost:
 * one more packet finds out, the rest of the budget is for others. */
static bool is_given_up(const struct destination *d)
{
	bool is_silent = !d->has_answered && d->packets >= SILENT_PACKETS;

	return d->timeouts >= (is_silent ? SILENT_TIMEOUTS : RESOLVER_TIMEOUTS_MAX);
}

static bool is_unproven_full(struct budget *b, const struct address *a)
{
	const struct destination *d = destination_get(b, a);
	const struct destination *n = network_get(b, a);

	return d && n && !d->is_proven &&
	       (d->packets >= RESOLVER_BYSTANDER_MAX + d->invited ||
		n->packets >= RESOLVER_NETWORK_MAX);
}

enum ask_outcome budget_peek(struct budget *b, const struct address *a, int64_t now_us)
{
	const struct destination *d = destination_get(b, a);

	if (!d || !network_get(b, a) || b->queries_left == 0 ||
	    now_us >= b->deadline_us || d->packets >= RESOLVER_DESTINATION_MAX)
		return ASK_LIMIT;
	if (is_given_up(d))
		return ASK_TIMEOUT;
	return is_unproven_full(b, a) ? ASK_LIMIT : ASK_ANSWERED;
}

enum ask_outcome budget_take_packet(struct budget *b, const struct address *a,
				    int64_t now_us)
{
	enum ask_outcome may = budget_peek(b, a, now_us);
	struct destination *d = destination_get(b, a);

	if (may != ASK_ANSWERED)
		return may;
	d->packets++;
	if (!d->is_proven)
		network_get(b, a)->packets++;
	b->queries_left--;
	b->queries++;
	return ASK_ANSWERED;
}

bool budget_is_proven(struct budget *b, const struct address *a)
{
	const struct destination *d = destination_get(b, a);

	return d && d->is_proven;
}

bool budget_prove(struct budget *b, const struct address *a)
{
	struct destination *d = destination_get(b, a);
	bool is_news = d && !d->is_proven;

	if (d)
		d->is_proven = true;
	return is_news;
}

void resolver_budget_spent(struct budget *b, uint32_t queries)
{
	b->queries_left -= queries < b->queries_left ? queries : b->queries_left;
}

void resolver_budget_reserve(struct budget *b, uint32_t queries)
{
	uint32_t taken = queries < b->queries_left ? queries : b->queries_left;

	b->queries_left -= taken;
	b->reserved += taken;
}

void budget_release(struct budget *b)
{
	if (b->reserved == 0)
		return;
	b->reserved--;
	b->queries_left++;
}

bool budget_prepay(struct budget *b)
{
	if (b->queries_left == 0)
		return false;
	b->queries_left--;
	return true;
}

void budget_charge(struct budget *b, uint32_t queries, bool is_prepaid)
{
	b->queries += queries;
	b->queries_left += is_prepaid;
	b->queries_left -= queries < b->queries_left ? queries : b->queries_left;
}

void budget_invited(struct budget *b, const struct address *a)
{
	struct destination *d = destination_get(b, a);

	if (d && d->invited < RESOLVER_BYSTANDER_MAX)
		d->invited++;
}

struct dns_name budget_registered(const struct dns_name *name)
{
	struct dns_name lower = dns_name_lower(name);
	struct dns_name registered;
	struct err ignored = { 0 };
	auto_buf struct buf text;

	buf_init(&text, 4 * DNS_NAME_MAX);
	dns_name_write(&text, &lower);
	if (!text.failed && dns_name_parse(mail_domain_organisational(buf_view(&text)),
					   &registered, &ignored))
		return registered;
	return lower;
}

void resolver_budget_blame(struct budget *b, const struct dns_name *name)
{
	b->blamed = budget_registered(name);
}

bool budget_take_bytes(struct budget *b, size_t len)
{
	if (len > b->bytes_left) {
		b->bytes_left = 0;
		return false;
	}
	b->bytes_left -= (uint32_t)len;
	return true;
}

void budget_give_bytes(struct budget *b, size_t len)
{
	b->bytes_left += (uint32_t)len;
}

void budget_timed_out(struct budget *b, const struct address *a)
{
	struct destination *d = destination_get(b, a);

	if (d)
		d->timeouts++;
}

void budget_forgive(struct budget *b, const struct address *a)
{
	struct destination *d = destination_get(b, a);

	if (d && !d->has_answered)
		d->timeouts = 0;
}

void budget_answered(struct budget *b, const struct address *a, uint32_t depth)
{
	struct destination *d = destination_get(b, a);

	if (d) {
		d->timeouts = 0;
		d->has_answered = true;
	}
	if (depth > b->round_trips)
		b->round_trips = depth;
}
