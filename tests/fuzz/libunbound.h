/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Stands in for libunbound: what it asks the relay, what strangers on this machine ask,
 * when it goes on, and what it makes of the answers, the fuzzer's bytes say.
 */
#ifndef FUZZ_LIBUNBOUND_H
#define FUZZ_LIBUNBOUND_H

#include "base/base.h"

struct unbound {
	struct cursor program;
	bool is_honest;  /* asks for the question and the keys above it; says: secure */
	bool has_failed; /* honest: an answer was not the honest servers' */
};

/* Nothing is asked yet. Behind network_start; u must live as long as the resolver. */
void unbound_start(struct unbound *u);

#endif
