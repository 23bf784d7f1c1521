/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A small DNS for the network in memory: a root, `test`, and `victim.test`, which are
 * honest; and `liar.test`, whose servers, and whatever else is asked, answer as the
 * fuzzer's bytes say.
 *
 * The bytes are read as a program, so that its answers are near to sense: which flags,
 * which records in which section, of which of the names and addresses that matter.
 * Where a liar is not authoritative, and was not asked to be a resolver, his answer has
 * the bit set that means nothing (LIAR_FLAG_Z).
 */
#ifndef FUZZ_LIAR_H
#define FUZZ_LIAR_H

#include "network.h"

enum {
	LIAR_FLAG_Z = 0x0040
};

struct liar {
	struct cursor program;
	uint32_t packets_to_victim;
	uint32_t keys_asked;     /* DNSKEY and DS, but for those of registries */
	uint32_t registry_asked; /* these */
	bool has_strayed;        /* something was sent to an address that is refused */
};

/* A resolver's configuration with this root. Made once. */
const struct config *liar_config(void);
/* The same with a trust anchor; if it forwards, the liar is whom it asks everything. */
const struct config *liar_config_validating(bool forwards);
/* A network_serve_fn; arg: the liar. */
enum network_fate liar_serve(void *arg, const struct address *to, struct str query,
			     bool over_tcp, struct buf *answer);
struct dns_name liar_name(const char *text);
/* Whether this is the address of victim.test's only server. */
bool liar_is_victim(const struct address *a);

#endif
