/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A node says every few seconds that it is there. Of one that was silent for three times
 * as long everything is freed: it is dead, or it will find its leases gone.
 */
#include <unistd.h>

#include "service/inside.h"
#include "service/watch.h"

enum {
	SILENT_BEATS = 3,
	ROLE_S = 60,
	NAME_MAX_BYTES = 255,
	LIST_BYTES = 256 * 1024,
	RETRY_MS = 1000,
};

/* Two nodes of one host cannot listen at the same place. */
static void name_write(struct service *v, struct buf *out)
{
	struct str name = config_text(v->config, CONFIG_NODE_NAME);
	char host[NAME_MAX_BYTES + 1] = "";

	if (name.len || gethostname(host, NAME_MAX_BYTES) != 0)
		buf_str(out, name);
	else
		buf_printf(out, "%s %.*s", host,
			   STR_ARG(config_text(v->config, CONFIG_HTTP_LISTEN)));
}

static bool node_add(struct service *v, struct store *s, struct err *e)
{
	int64_t now_s = clock_now_s();
	auto_buf struct buf name;

	buf_init(&name, 2 * NAME_MAX_BYTES);
	name_write(v, &name);
	return store_node_add(
		s, &(struct node_row){ v->node, buf_view(&name), now_s, now_s }, e);
}

bool node_begin(struct service *v, struct err *e)
{
	const struct config *config = v->config;
	struct store *s;
	uint64_t random;

	crypto_random(&random, sizeof(random));
	v->node = (int64_t)(random >> 1);
	if (!store_open(config_text(config, CONFIG_STORE_URL), &s, e))
		return false;
	bool is_alone = v->lock >= 0;
	bool done = (!is_alone || store_lease_clear(s, e)) && node_add(v, s, e);
	store_close(&s);
	return done;
}

void node_end(struct service *v)
{
	struct err e = { 0 };
	struct store *s;

	if (!v->node)
		return;
	if (!store_open(config_text(v->config, CONFIG_STORE_URL), &s, &e)) {
		log_warn("this node could not take leave", LOG_TEXT("error", e.text));
		return;
	}
	if (!store_node_remove(s, v->node, &e))
		log_warn("this node could not take leave", LOG_TEXT("error", e.text));
	store_close(&s);
}

/* --- the others --- */

static struct neighbour *neighbour_get(struct neighbours *n, const struct node_row *row)
{
	for (size_t i = 0; i < n->count; i++)
		if (n->rows[i].id == row->id)
			return &n->rows[i];
	if (n->count == NEIGHBOURS_MAX)
		return NULL;
	n->rows[n->count] = (struct neighbour){ row->id, INT64_MIN, 0 };
	return &n->rows[n->count++];
}

static void neighbour_forget(struct neighbours *n, struct neighbour *one)
{
	*one = n->rows[--n->count];
}

/* Heard of it anew, or not for too long. */
static bool neighbour_is_silent(struct neighbour *n, const struct node_row *row,
				int64_t silent_ms)
{
	if (n->seen_at != row->seen_at) {
		n->seen_at = row->seen_at;
		n->since_ms = watch_now_ms();
	}
	return watch_now_ms() - n->since_ms >= silent_ms;
}

static bool neighbour_watch(struct service *v, struct store *s,
			    const struct node_row *row, struct err *e)
{
	int64_t beat_ms = 1000 * config_number(v->config, CONFIG_NODE_HEARTBEAT_S);
	struct neighbour *n = neighbour_get(&v->neighbours, row);

	if (!n || !neighbour_is_silent(n, row, SILENT_BEATS * beat_ms))
		return true;
	if (!store_node_remove(s, row->id, e))
		return false;
	neighbour_forget(&v->neighbours, n);
	log_warn("a node is silent: others do its work", LOG_STR("node", row->name));
	return true;
}

/* Those that took leave are remembered no longer. */
static void neighbours_trim(struct neighbours *n, const struct node_list *nodes)
{
	for (size_t i = n->count; i-- > 0;) {
		bool is_there = false;
		for (size_t j = 0; j < nodes->count; j++)
			is_there = is_there || nodes->rows[j].id == n->rows[i].id;
		if (!is_there)
			neighbour_forget(n, &n->rows[i]);
	}
}

static bool neighbours_watch(struct service *v, struct store *s, struct err *e)
{
	auto_arena struct arena a;
	struct node_list nodes;

	arena_init(&a, LIST_BYTES);
	if (!store_node_list(s, &a, NEIGHBOURS_MAX + 1, &nodes, e))
		return false;
	neighbours_trim(&v->neighbours, &nodes);
	for (size_t i = 0; i < nodes.count; i++)
		if (nodes.rows[i].id != v->node &&
		    !neighbour_watch(v, s, &nodes.rows[i], e))
			return false;
	return true;
}

static bool node_seen(struct service *v, struct store *s, struct err *e)
{
	struct err gone = { 0 };

	if (store_node_seen(s, v->node, clock_now_s(), &gone))
		return true;
	if (gone.kind != ERR_NOT_FOUND) {
		*e = gone;
		return false;
	}
	log_warn("the other nodes took this one for dead, or one has the same name");
	return node_add(v, s, e);
}

int64_t node_step(struct service *v, struct store *s)
{
	struct err e = { 0 };

	if (node_seen(v, s, &e) && neighbours_watch(v, s, &e))
		return 1000 * config_number(v->config, CONFIG_NODE_HEARTBEAT_S);
	log_warn("this node could not say that it is there", LOG_TEXT("error", e.text));
	return RETRY_MS;
}

/* --- roles --- */

bool role_hold(struct service *v, struct store *s, enum lease_role role, struct role *r,
	       bool *held_out, struct err *e)
{
	int64_t now_s = clock_now_s();
	const struct lease_term term = { v->node, now_s, now_s + ROLE_S };
	struct err lost = { 0 };

	r->is_new = false;
	/* Not written at every step. A clock that was set may err by that much. */
	if (r->lease.fence && r->until_s - now_s > ROLE_S / 2 &&
	    r->until_s <= term.until_s) {
		*held_out = true;
		return true;
	}
	r->until_s = term.until_s;
	if (r->lease.fence) {
		*held_out = store_lease_renew(s, &r->lease, term.until_s, &lost);
		if (*held_out)
			return true;
		if (lost.kind != ERR_CONFLICT) {
			*e = lost;
			return false;
		}
	}
	r->lease = (struct lease){ LEASE_ROLE, role, 0 };
	if (!store_lease_take(s, &r->lease, &term, held_out, e))
		return false;
	r->is_new = *held_out;
	return true;
}
