/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the checker sends, counted where it leaves: sendmmsg, sendmsg, sendto, send and
 * connect are ours in this program. The scripted servers' own packets are not counted
 * here.
 */
#ifndef SCENARIO_TRAFFIC_H
#define SCENARIO_TRAFFIC_H

#include "dns/dns.h"

enum {
	TRAFFIC_DESTINATIONS_MAX = 4096
};

struct destination {
	struct address address; /* without port */
	uint32_t packets;       /* datagrams, and connections over TCP */
	uint32_t connections;
	uint64_t bytes; /* octets of DNS in datagrams */
};

struct traffic {
	uint32_t packets;
	uint32_t connections;
	uint64_t bytes_out;
	uint64_t bytes_in; /* of what the servers sent: serve counts it */
	uint32_t other_ports;
	size_t destination_count;
	struct destination destinations[TRAFFIC_DESTINATIONS_MAX];
};

/* Counts from now on. */
void traffic_clear(void);
struct traffic *traffic_seen(void);
/* The servers' own sending is not counted while this is set. */
void traffic_pause(bool is_paused);

#endif
