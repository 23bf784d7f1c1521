/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Server addresses: what is remembered of each (its round-trip time, its DNS cookie
 * (RFC 7873), what it cannot do), and how much it may be sent. A bounded number; the
 * one not used for longest is forgotten first.
 *
 *   In good standing is who mostly answers, and at least each minute as a name server of
 *   the zone asked about should. So many questions may be under way to him as he has
 *   shown to bear: ten at first, one more with each answer, up to dns.server_in_flight.
 *
 *   Anybody else may be a bystander whom somebody's zone names: he gets a trickle,
 *   whoever asks and however many addresses are named, and so do his network and the
 *   zone that names him. What the trickle has passed is remembered apart (trickle.h),
 *   not here.
 */
#ifndef RESOLVER_PEER_H
#define RESOLVER_PEER_H

#include "dns/dns.h"
#include "observation/observation.h"
#include "resolver/deadline.h"
#include "resolver/entropy.h"

enum {
	PEERS_MAX = 4096,
	PEER_WINDOW_LEAST = 10, /* questions under way to one address at first */
	/* security.md section 5, of who is not in good standing: */
	PEER_PER_S = 5,
	PEER_AT_ONCE = 10,
	PEER_NETWORK_PER_S = 50, /* a /24 of IPv4, a /48 of IPv6 */
	PEER_NETWORK_AT_ONCE = 50,
	PEER_ZONE_PER_S = 20, /* packets because of one zone */
	PEER_ZONE_AT_ONCE = 120,
};

struct peers;

struct peer {
	struct list hook;
	struct peers *all;
	struct address address;
	uint32_t in_flight;    /* questions; while there are any, it is not forgotten */
	uint32_t window;       /* as many may be */
	int32_t standing;      /* good above 0 */
	struct list waiting;   /* turns */
	struct deadline ready; /* when the trickle lets the next one pass */
	uint32_t rtt_us;       /* smoothed; 0: never answered */
	uint32_t rtt_var_us;   /* how far from that answers mostly are */
	int64_t failed_us;     /* when it last counted as failed; clock_mono_us */
	int64_t proper_us;     /* when it was last seen to have answered properly */
	bool was_proper;       /* and it did since */
	bool was_silent;       /* the last question got no answer */
	bool no_edns;          /* RFC 6891 section 7: answers FORMERR to it */
	bool loses_case;       /* over TCP too the question came back in other letters */
	uint8_t cookie_len;    /* 8: only our own part; more: with the server's */
	uint8_t cookie[DNS_COOKIE_MAX];
};

struct peers_options {
	size_t max;
	uint32_t window_max;
	struct entropy *entropy;
	struct deadlines *deadlines;
};
struct peers *peers_new(const struct peers_options *options);
/* Nobody may be waiting or in flight any more. */
void peers_free(struct peers **all);
/* Made if unknown. Valid until the next call, or while a turn is waiting or in flight. */
struct peer *peer_get(struct peers *all, const struct address *a);
/* NULL if unknown; does not count as use. */
const struct peer *peer_find(const struct peers *all, const struct address *a);
/* RFC 6298 section 2: smoothed by an eighth, what it varies by, by a fourth. */
void peer_measured(struct peer *p, uint32_t rtt_us);
/* How long to wait for an answer before asking once more. */
int64_t peer_patience_us(const struct peer *p);

/* A question's place at a peer. Lives inside its owner; all zero at first. */
struct peer_turn {
	struct list hook;
	struct peer *peer; /* NULL: neither waiting nor in flight */
	bool is_in_flight;
	bool is_trusted;             /* the operator named this server */
	bool is_proven;              /* it has answered the asker properly before */
	bool is_invited;             /* it wants to be asked once more, in another way */
	const void *asker;           /* the check */
	const struct dns_name *zone; /* that the packets are put down to; NULL: none */
	/* From the loop, never inside peer_admit: it may be sent, and is in flight. */
	void (*admitted)(struct peer_turn *t);
};
/* true: at once; it is in flight until peer_turn_end. false: it waits, as long as its
 * owner lets it. */
bool peer_admit(struct peer *p, struct peer_turn *t, int64_t now_us);
/* Whether it may go out once more (a retry, TCP); counts it. */
bool peer_repeat(struct peer_turn *t, int64_t now_us);
/* Waits no more, or is no longer in flight: others get their turn. */
void peer_turn_end(struct peer_turn *t);
/* An answer came. Proper: a name server of the zone could have given it. */
void peer_answered(struct peer_turn *t, bool is_proper);
/* None came, or the network refused. Many at once are one event: it may be us who did not
 * listen. */
void peer_failed(struct peer_turn *t);
bool peer_is_good(const struct peer *p);
/* It is good, and whoever asked it last got an answer. */
bool peer_serves_others(const struct peer *p);

enum cookie_match {
	COOKIE_FITS,    /* ours came back, or none was to be expected */
	COOKIE_MISSING, /* this server sends cookies, and now it did not */
	COOKIE_FOREIGN, /* not the one that we sent */
};
/* RFC 7873 section 5.3. */
enum cookie_match cookie_match(const struct peer *p, struct str cookie);
/* Keeps the server's part. */
void cookie_learn(struct peer *p, struct str cookie);
/* The server no longer sends any. */
void cookie_forget(struct peer *p);

#endif
