/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a server does instead of what is right: rules, the first that fits a question is
 * taken; its lines change the right answer or say the bytes. README.md has the words. */
#ifndef SCENARIO_RULE_H
#define SCENARIO_RULE_H

#include "world.h"

enum {
	RULE_SERVERS_MAX = 64,
	RULE_LINES_MAX = 64,
	RULE_WORDS_MAX = 16,
};

struct rule {
	struct rule *next;
	size_t line; /* of the file, for messages */
	struct str head;
	const struct address *servers;
	size_t server_count; /* 0: every server */
	bool udp;
	bool tcp;
	struct str patterns[RULE_WORDS_MAX]; /* empty: any name */
	size_t pattern_count;
	uint16_t types[RULE_WORDS_MAX]; /* empty: any */
	size_t type_count;
	uint32_t first; /* of the questions that fit, from 1 */
	uint32_t last;
	uint32_t every; /* each so-manieth of them */
	uint32_t seen;
	bool is_optional; /* no fault if nothing ever fits */
	bool is_used;
	struct str lines[RULE_LINES_MAX];
	size_t line_count;
};

/* "[maybe] [udp|tcp] NAMES [TYPES] [nth N[-[M]]|every N]:", without the colon. */
bool rule_head_read(struct rule *rule, struct str head, struct err *e) must_check;

enum tcp_way {
	TCP_USUAL,
	TCP_CLOSE, /* without an answer */
	TCP_RESET,
	TCP_HANG,
};

/* One packet as it will leave. */
struct packet {
	struct str bytes;
	int64_t delay_us;    /* behind the round trip */
	struct address from; /* unset: as asked */
	enum tcp_way tcp;
	int64_t drip_us;   /* over TCP: an octet each time */
	size_t tcp_length; /* the two octets in front; SIZE_MAX: the truth */
	size_t tcp_stop;   /* so many octets, then it closes; SIZE_MAX: all */
};
struct packets {
	struct packet *list;
	size_t count;
	size_t size;
};

/* Who is asked what, and how. */
struct asking_of {
	struct world *world;
	struct arena *arena; /* for this answer */
	struct address server;
	bool over_tcp;
	struct str wire; /* of the question */
	struct dns_message query;
};

/* The rule that fits, counted; NULL: none does. */
struct rule *rule_choose(struct rule *first, const struct asking_of *q);
/* rule may be NULL: the right answer. ERR_USAGE for a line that cannot be read. */
bool rule_reply(const struct rule *rule, const struct asking_of *q, struct packets *out,
		struct err *e) must_check;

#endif
