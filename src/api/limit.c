/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Buckets in sets of a few; which set is a caller's nobody outside can tell. */
#include "api/limit.h"

#include <pthread.h>

#include "crypto/crypto.h"
#include "dns/dns.h"

enum {
	SETS = 1024,
	WAYS = 8,
	WHOLE = 1000, /* a request, in the bucket's unit: what comes in 1 ms at 1/s */
};

struct bucket {
	uint64_t caller; /* 0: free */
	int64_t at_ms;
	int64_t level;
};

struct limits {
	pthread_mutex_t mutex;
	uint8_t key[CRYPTO_KEY_LEN];
	struct bucket buckets[SETS][WAYS];
};

struct limits *limits_new(void)
{
	struct limits *l = xalloc(1, sizeof(*l));
	pthread_mutex_init(&l->mutex, NULL);
	crypto_random(l->key, sizeof(l->key));
	return l;
}

void limits_free(struct limits **l)
{
	if (!*l)
		return;
	pthread_mutex_destroy(&(*l)->mutex);
	xfree(*l);
	*l = NULL;
}

/* The caller's bucket, or the one that was used the longest time ago, full. */
static struct bucket *bucket_find(struct limits *l, struct str caller, int64_t full)
{
	uint8_t mac[CRYPTO_SHA256_LEN];
	uint64_t words[2];
	crypto_hmac_sha256(str_of(l->key, sizeof(l->key)), caller, mac);
	memcpy(words, mac, sizeof(words));
	uint64_t name = words[0] | 1;
	struct bucket *set = l->buckets[words[1] % SETS];
	struct bucket *oldest = set;
	for (size_t i = 0; i < WAYS; i++) {
		if (set[i].caller == name)
			return &set[i];
		if (set[i].at_ms < oldest->at_ms)
			oldest = &set[i];
	}
	*oldest = (struct bucket){ .caller = name, .level = full };
	return oldest;
}

/* What came since; a clock that went back brings nothing. */
static void bucket_fill(struct bucket *b, const struct limit_rule *rule, int64_t now_ms)
{
	int64_t full = (int64_t)rule->burst * WHOLE;
	int64_t passed = now_ms - b->at_ms;
	if (passed > full / rule->rate)
		b->level = full;
	else if (passed > 0)
		b->level += passed * rule->rate;
	if (b->level > full)
		b->level = full;
	b->at_ms = now_ms;
}

static uint32_t seconds_for(int64_t amount, const struct limit_rule *rule)
{
	int64_t a_second = (int64_t)rule->rate * WHOLE;
	return amount > 0 ? (uint32_t)((amount + a_second - 1) / a_second) : 0;
}

bool limits_take(struct limits *l, struct str caller, const struct limit_rule *rule,
		 int64_t now_ms, struct limit_left *left_out)
{
	int64_t full = (int64_t)rule->burst * WHOLE;
	if (rule->rate == 0) {
		*left_out = (struct limit_left){ .remaining = UINT32_MAX };
		return true;
	}
	pthread_mutex_lock(&l->mutex);
	struct bucket *b = bucket_find(l, caller, full);
	bucket_fill(b, rule, now_ms);
	bool taken = b->level >= WHOLE;
	b->level -= taken ? WHOLE : 0;
	int64_t level = b->level;
	pthread_mutex_unlock(&l->mutex);
	left_out->remaining = (uint32_t)(level / WHOLE);
	left_out->full_in_s = seconds_for(full - level, rule);
	left_out->retry_in_s = taken ? 0 : seconds_for(WHOLE - level, rule);
	return taken;
}

/* RFC 6177: a site has a /64 at least, so an address of it costs nothing. */
void limit_place_write(struct buf *out, struct str address)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	struct address a;

	if (!address_parse(address, 53, &a) || a.family != 6 ||
	    memcmp(a.bytes, mapped, sizeof(mapped)) == 0) {
		buf_str(out, address);
		return;
	}
	memset(a.bytes + 8, 0, 8);
	address_write(out, &a);
	buf_text(out, "/64");
}
