/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What one check may cost, in all and per server address. */
#include "resolver/budget.h"

#include "resolver/state.h"

enum {
	DESTINATIONS_MAX = 256,
	SILENT_PACKETS = 4,  /* that never got an answer */
	SILENT_TIMEOUTS = 2, /* then so many are enough */
};

struct destination {
	uint32_t packets;
	uint32_t timeouts; /* tries in a row without an answer */
	bool has_answered;
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

	if (!b->destinations)
		return;
	while (map_next(b->destinations, &at, &key, &value))
		xfree(value);
	map_free(&b->destinations);
}

static struct destination *destination_get(struct budget *b, const struct address *a)
{
	uint8_t key[17];

	key[0] = a->family;
	memcpy(key + 1, a->bytes, 16);
	struct destination *d = map_find(b->destinations, str_of(key, sizeof(key)));
	if (d)
		return d;
	d = xalloc(1, sizeof(*d));
	if (map_put(b->destinations, str_of(key, sizeof(key)), d))
		return d;
	xfree(d);
	return NULL;
}

/* A server that is asked much at once and never answered is dead, or all of it was lost:
 * one more packet finds out, the rest of the budget is for others. */
static bool is_given_up(const struct destination *d)
{
	bool is_silent = !d->has_answered && d->packets >= SILENT_PACKETS;

	return d->timeouts >= (is_silent ? SILENT_TIMEOUTS : RESOLVER_TIMEOUTS_MAX);
}

enum ask_outcome budget_take_packet(struct budget *b, const struct address *a,
				    int64_t now_us)
{
	struct destination *d = destination_get(b, a);

	if (!d || b->queries_left == 0 || now_us >= b->deadline_us ||
	    d->packets >= RESOLVER_DESTINATION_MAX)
		return ASK_LIMIT;
	if (is_given_up(d))
		return ASK_TIMEOUT;
	d->packets++;
	b->queries_left--;
	b->queries++;
	return ASK_ANSWERED;
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

void budget_timed_out(struct budget *b, const struct address *a)
{
	struct destination *d = destination_get(b, a);

	if (d)
		d->timeouts++;
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
