/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Taking from a check's budget. */
#ifndef RESOLVER_BUDGET_H
#define RESOLVER_BUDGET_H

#include "resolver/resolver.h"

/* One packet to this address: ASK_ANSWERED if it may be sent; ASK_LIMIT if it may not;
 * ASK_TIMEOUT if the server was silent too often in this check. */
enum ask_outcome budget_take_packet(struct budget *b, const struct address *a,
				    int64_t now_us);
/* What budget_take_packet would say, taking nothing. */
enum ask_outcome budget_peek(struct budget *b, const struct address *a, int64_t now_us);
/* One of those reserved may now be spent. */
void budget_release(struct budget *b);
/* Packets that are sent with another budget: one is paid for ahead, if it can be, and all
 * at the end, as far as there is anything left. */
bool budget_prepay(struct budget *b);
void budget_charge(struct budget *b, uint32_t queries, bool is_prepaid);
/* It wants to be asked once more, in another way: that is no burden to a bystander,
 * and is allowed beside the others, up to as many again. */
void budget_invited(struct budget *b, const struct address *a);
/* It has answered in this check as a name server of the check's zone should. */
bool budget_is_proven(struct budget *b, const struct address *a);
/* True the first time. A server that the operator named is proven at once. */
bool budget_prove(struct budget *b, const struct address *a);
/* false when this passes what may come in. */
bool budget_take_bytes(struct budget *b, size_t len) must_check;
void budget_give_bytes(struct budget *b, size_t len);
void budget_timed_out(struct budget *b, const struct address *a);
/* It answers other checks: if it never answered in this one, what we sent was lost. */
void budget_forgive(struct budget *b, const struct address *a);
void budget_answered(struct budget *b, const struct address *a, uint32_t depth);

/* The domain, in lower case, that somebody registered and in which the name is. */
struct dns_name budget_registered(const struct dns_name *name);

#endif
