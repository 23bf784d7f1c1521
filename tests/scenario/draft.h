/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An answer while the lines of a rule change it, and its bytes. */
#ifndef SCENARIO_DRAFT_H
#define SCENARIO_DRAFT_H

#include "rule.h"

enum {
	DRAFT_PATCHES_MAX = 16,
	DRAFT_OPTIONS_MAX = 128,
};

enum {
	FLAG_QR = 0x8000,
	FLAG_AA = 0x0400,
	FLAG_TC = 0x0200,
	FLAG_RD = 0x0100,
	FLAG_RA = 0x0080,
	FLAG_Z = 0x0040,
	FLAG_AD = 0x0020,
	FLAG_CD = 0x0010,
};

struct patch {
	size_t at;
	struct str bytes;
};

struct draft {
	const struct asking_of *q;
	struct str star; /* what the '*' of the pattern stood for */
	uint32_t turn;   /* the so-manieth question that this rule answers */
	uint64_t round;  /* of a line that is done many times */
	struct reply reply;
	uint16_t id;
	uint16_t flags;
	uint8_t opcode;
	uint16_t class; /* of everything */
	/* The question section */
	unsigned questions;
	struct dns_name question_name;
	uint16_t question_type;
	/* EDNS */
	unsigned opts; /* how many OPT records */
	uint16_t payload;
	uint8_t version;
	struct str options[DRAFT_OPTIONS_MAX]; /* code, length, data */
	size_t option_count;
	bool has_cookie;   /* gives back ours, with one of its own */
	int count_more[4]; /* added to the counts of the header */
	bool is_plain;     /* names are not compressed */
	struct patch patches[DRAFT_PATCHES_MAX];
	size_t patch_count;
	struct str tail;
	size_t cut;     /* octets kept */
	struct str raw; /* instead of all that; its first two octets become the id */
	bool has_raw;
	size_t mtu; /* a datagram larger than that gets lost */
	uint32_t copies;
	bool is_dropped;
	struct packet packet;
};

void draft_begin(struct draft *d, const struct asking_of *q);
/* The message; into q's arena. */
struct str draft_write(const struct draft *d);
/* One line of a rule. ERR_USAGE. */
bool draft_change(struct draft *d, struct str line, struct err *e) must_check;

#endif
