/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a tick of the scheduler costs: the store's own claim of what is due, and the end
 * of it, at each of some seconds.
 *
 *   tick URL START ROUNDS LIMIT [glances]
 *
 * Prints a line a round: how many were claimed, microseconds of the claim with the
 * question when the next one is due, microseconds of ending them all in one transaction.
 * The same of what is due for a glance: it is read, not claimed.
 */
#include <stdio.h>
#include <stdlib.h>

#include "store/store.h"

enum {
	CLAIM_BYTES = 64 * 1024 * 1024,
	LEASE_S = 60,
	LATER_S = 12 * 3600,
};

static bool number_read(const char *text, uint64_t *out)
{
	return str_number(str_from(text), INT64_MAX, out);
}

static int by_number(const void *a, const void *b)
{
	const int64_t *one = a, *two = b;

	return (*one > *two) - (*one < *two);
}

/* As outcomes that change nothing but the next look are written (service/outcome.c). */
static bool claims_write(struct store *s, struct arena *a, const struct lease_list *list,
			 int64_t now_s, struct err *e)
{
	int64_t *ids = arena_array(a, list->count, sizeof(*ids));
	struct identity_held_list held;

	for (size_t i = 0; i < list->count; i++)
		ids[i] = list->rows[i].thing_id;
	qsort(ids, list->count, sizeof(*ids), by_number);
	if (!store_identity_hold(s, a, ids, list->count, &held, e))
		return false;
	for (size_t i = 0; i < held.count; i++) {
		held.rows[i].row.state.next_look_at = now_s + LATER_S;
		if (!store_identity_save(s, &held.rows[i].row, NULL, 0, e))
			return false;
	}
	return store_identity_leases_end(s, ids, list->count, e);
}

static bool claims_end(struct store *s, struct arena *a, const struct lease_list *list,
		       int64_t now_s, struct err *e)
{
	return store_begin(s, e) && claims_write(s, a, list, now_s, e) &&
	       store_commit(s, e);
}

static void round_print(size_t count, int64_t begun, int64_t read)
{
	printf("%zu %lld %lld\n", count, (long long)(read - begun),
	       (long long)(clock_mono_us() - read));
}

static int by_id(const void *a, const void *b)
{
	const struct glance_outcome *one = a, *two = b;

	return (one->identity_id > two->identity_id) -
	       (one->identity_id < two->identity_id);
}

/* As service/glances.c, were all of them right. */
static bool glances_run(struct store *s, int64_t now_s, size_t limit, struct err *e)
{
	const struct glance_page page = { .now_s = now_s, .limit = limit };
	auto_arena struct arena a;
	struct glance_list list;
	int64_t next;
	size_t written;

	arena_init(&a, CLAIM_BYTES);
	int64_t begun = clock_mono_us();
	if (!store_glance_due(s, &a, &page, &list, e) ||
	    !store_glance_next_due(s, now_s, 0, &next, e))
		return false;
	int64_t read = clock_mono_us();
	struct glance_outcome *outcomes = arena_array(&a, limit, sizeof(*outcomes));
	for (size_t i = 0; i < list.count; i++)
		outcomes[i] = (struct glance_outcome){
			.result = GLANCE_WAS_RIGHT,
			.identity_id = list.rows[i].id,
			.due_at = list.rows[i].state.next_look_at,
			.seen_at = now_s,
			.is_next_glance = true,
			.next_at = now_s + LATER_S - 7919 * list.rows[i].id % 3600,
			.why = LOOK_REASON_STEADY,
		};
	qsort(outcomes, list.count, sizeof(*outcomes), by_id);
	if (!store_glances_write(s, outcomes, list.count, &written, e))
		return false;
	round_print(written, begun, read);
	return true;
}

static bool round_run(struct store *s, int64_t now_s, size_t limit, struct err *e)
{
	const struct due_claim claim = {
		.term = { .node = 1, .now_s = now_s, .until_s = now_s + LEASE_S },
		.limit = limit,
	};
	auto_arena struct arena a;
	struct lease_list list;
	int64_t next;

	arena_init(&a, CLAIM_BYTES);
	int64_t begun = clock_mono_us();
	if (!store_identity_claim(s, &a, &claim, &list, e) ||
	    !store_identity_next_due(s, now_s, &next, e))
		return false;
	int64_t claimed = clock_mono_us();
	if (!claims_end(s, &a, &list, now_s, e))
		return false;
	round_print(list.count, begun, claimed);
	return true;
}

int main(int argc, char **argv)
{
	struct err e = { 0 };
	struct store *s = NULL;
	uint64_t start, rounds, limit;
	bool good = argc >= 5 && argc <= 6 && number_read(argv[2], &start) &&
		    number_read(argv[3], &rounds) && number_read(argv[4], &limit);

	if (!good) {
		fprintf(stderr, "usage: tick URL START ROUNDS LIMIT [glances]\n");
		return EXIT_FAILURE;
	}
	good = store_open(str_from(argv[1]), &s, &e);
	for (uint64_t i = 0; good && i < rounds; i++)
		good = (argc == 6 ? glances_run : round_run)(s, (int64_t)(start + i),
							     limit, &e);
	store_close(&s);
	if (!good)
		fprintf(stderr, "tick: %s\n", e.text);
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
