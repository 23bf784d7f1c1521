/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is remembered of each server address: its round-trip time, its DNS cookie (RFC
 * 7873), and what it cannot do. A bounded number; the one not used for longest is
 * forgotten first.
 */
#ifndef RESOLVER_PEER_H
#define RESOLVER_PEER_H

#include "dns/dns.h"
#include "observation/observation.h"
#include "resolver/entropy.h"

enum {
	PEERS_MAX = 4096,
	PEER_IN_FLIGHT_MAX = 128, /* questions under way to one address */
};

struct peer {
	struct list hook;
	struct address address;
	uint32_t in_flight;  /* questions; while there are any, it is not forgotten */
	struct list waiting; /* questions that wait for one of those to end */
	uint32_t rtt_us;     /* smoothed; 0: never answered */
	bool no_edns;        /* RFC 6891 section 7: answers FORMERR to it */
	bool loses_case;     /* over TCP too the question came back in other letters */
	uint8_t cookie_len;  /* 8: only our own part; more: with the server's */
	uint8_t cookie[DNS_COOKIE_MAX];
};

struct peers;
struct peers *peers_new(size_t max, struct entropy *entropy);
void peers_free(struct peers **all);
/* Made if unknown. Valid until the next call. */
struct peer *peer_get(struct peers *all, const struct address *a);
/* NULL if unknown; does not count as use. */
const struct peer *peer_find(const struct peers *all, const struct address *a);
/* RFC 6298 section 2, smoothed by an eighth. */
void peer_measured(struct peer *p, uint32_t rtt_us);
/* How long to wait for an answer before asking once more. */
int64_t peer_patience_us(const struct peer *p);

enum cookie_match {
	COOKIE_FITS,    /* ours came back, or none was to be expected */
	COOKIE_MISSING, /* this server sends cookies, and now it did not */
	COOKIE_FOREIGN, /* not the one that we sent */
};
/* RFC 7873 section 5.3. */
enum cookie_match cookie_match(const struct peer *p, const struct dns_message *m);
/* Keeps the server's part. */
void cookie_learn(struct peer *p, const struct dns_message *m);
/* The server no longer sends any. */
void cookie_forget(struct peer *p);

#endif
