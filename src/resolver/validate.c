/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One libunbound context, made at the first question, working in a thread of its own; its
 * results come over a pipe that the loop polls. It gets the same root servers, the same
 * refused addresses and the same forwarder as we have, and opens no file.
 */
#include "resolver/validate.h"

#include <unbound.h>

struct validator {
	struct resolver *r;
	struct str *anchors;
	size_t anchor_count;
	struct ub_ctx *context; /* NULL until needed */
	uv_poll_t *poll;
	struct list open;
	bool is_broken; /* the context cannot be made */
};

struct resolver_validate {
	struct list hook;
	struct validator *v;
	struct deadline deadline;
	int id;
	resolver_validate_fn *done;
	void *arg;
};

enum {
	ANCHORS_MAX = 16
};

/* OWNER [TTL] [IN] DS|DNSKEY ...; the rest is libunbound's. */
static bool is_anchor(struct str line)
{
	struct cursor c = cursor_over(line);
	bool found = false;

	while (cursor_left(&c) > 0 && !found) {
		struct str word = cursor_until(&c, " \t");
		found = str_equal_nocase(word, STR("DS")) ||
			str_equal_nocase(word, STR("DNSKEY"));
		cursor_while(&c, " \t");
	}
	return found && cursor_left(&c) > 0;
}

bool validator_new(struct resolver *r, struct str anchors, struct validator **out,
		   struct err *e)
{
	struct str rest = anchors;
	struct str line;
	struct str *kept = arena_array(&r->arena, ANCHORS_MAX, sizeof(*kept));
	size_t count = 0;

	while (str_split(&rest, '\n', &line) && count < ANCHORS_MAX) {
		line = str_trim(str_sub(line, 0, str_find_byte(line, ';')));
		if (line.len == 0)
			continue;
		if (!is_anchor(line))
			return err_set(e, ERR_USAGE, "'%.*s' is no DS or DNSKEY record",
				       (int)(line.len < 60 ? line.len : 60), line.data);
		kept[count++] = arena_str(&r->arena, line);
	}
	if (count == 0)
		return err_set(e, ERR_USAGE, "no trust anchor in it");
	struct validator *v = xalloc(1, sizeof(*v));
	v->r = r;
	v->anchors = kept;
	v->anchor_count = count;
	list_init(&v->open);
	*out = v;
	return true;
}

/* The context */

static void refuse_network(void *arg, const struct network *n)
{
	struct validator *v = arg;
	auto_buf struct buf text;
	buf_init(&text, 128);

	network_write(&text, n);
	if (ub_ctx_set_option(v->context, "do-not-query-address:", buf_cstr(&text)) != 0)
		v->is_broken = true;
}

/* The records are judged from our own asking, which caches none; the validator only says
 * whether the chain holds. It may remember the chain for a minute, so that many checks do
 * not put the same questions to the root and the registries again and again. */
static const char *const options[][2] = {
	{ "do-not-query-localhost:", "no" },
	{ "qname-minimisation:", "no" },
	{ "cache-max-ttl:", "60" },
	{ "cache-max-negative-ttl:", "60" },
	{ "val-bogus-ttl:", "0" },
	/* Its packets are not counted in our budget: no zone may make it many. */
	{ "outbound-msg-retry:", "2" },
	{ "max-sent-count:", "16" },
	{ "target-fetch-policy:", "0 0 0 0 0" },
	{ "msg-cache-size:", "1m" },
	{ "rrset-cache-size:", "1m" },
	{ "key-cache-size:", "256k" },
	{ "neg-cache-size:", "64k" },
	{ "infra-cache-numhosts:", "1000" },
	{ "edns-buffer-size:", "1232" },
	{ "outgoing-range:", "256" },
	{ "root-hints:", "" },
};

static bool point_at_root(struct validator *v)
{
	const struct cut *root = v->r->root;

	for (size_t i = 0; i < root->server_count; i++) {
		const struct address *both[] = { &root->servers[i].v4,
						 &root->servers[i].v6 };
		for (size_t k = 0; k < ARRAY_LEN(both); k++) {
			auto_buf struct buf text;
			buf_init(&text, 64);
			if (resolver_may_ask(v->r, both[k]) != ASK_ANSWERED)
				continue;
			address_write(&text, both[k]);
			if (ub_ctx_set_stub(v->context, ".", buf_cstr(&text), 1) != 0)
				return false;
		}
	}
	return true;
}

static bool point_at_forward(struct validator *v)
{
	auto_buf struct buf text;
	buf_init(&text, 64);

	address_write(&text, &v->r->forward);
	return ub_ctx_set_fwd(v->context, buf_cstr(&text)) == 0;
}

static bool set_up(struct validator *v)
{
	ub_ctx_debugout(v->context, NULL);
	for (size_t i = 0; i < ARRAY_LEN(options); i++)
		if (ub_ctx_set_option(v->context, options[i][0], options[i][1]) != 0)
			return false;
	if (!v->r->has_ipv6 && ub_ctx_set_option(v->context, "do-ip6:", "no") != 0)
		return false;
	for (size_t i = 0; i < v->anchor_count; i++)
		if (ub_ctx_add_ta(v->context, v->anchors[i].data) != 0)
			return false;
	if (v->r->forward.family)
		return point_at_forward(v) && ub_ctx_async(v->context, 1) == 0;
	guard_each_refused(&v->r->guard, refuse_network, v);
	return !v->is_broken && point_at_root(v) && ub_ctx_async(v->context, 1) == 0;
}

static void on_readable(uv_poll_t *poll, unused_arg int status, unused_arg int events)
{
	struct validator *v = poll->data;

	ub_process(v->context);
}

static bool open_context(struct validator *v)
{
	if (v->context || v->is_broken)
		return !v->is_broken;
	v->context = ub_ctx_create();
	if (!v->context || !set_up(v)) {
		ub_ctx_delete(v->context);
		v->context = NULL;
		v->is_broken = true;
		return false;
	}
	v->poll = xalloc(1, sizeof(*v->poll));
	v->poll->data = v;
	uv_poll_init(v->r->loop, v->poll, ub_fd(v->context));
	uv_poll_start(v->poll, UV_READABLE, on_readable);
	uv_unref((uv_handle_t *)v->poll);
	return true;
}

static void on_poll_closed(uv_handle_t *handle)
{
	xfree(handle);
}

void validator_free(struct validator **v)
{
	if (!*v)
		return;
	list_each_safe (at, &(*v)->open) {
		struct resolver_validate *one =
			LIST_THING(at, struct resolver_validate, hook);
		resolver_validate_cancel(&one);
	}
	if ((*v)->poll) {
		uv_poll_stop((*v)->poll);
		uv_close((uv_handle_t *)(*v)->poll, on_poll_closed);
	}
	ub_ctx_delete((*v)->context);
	xfree(*v);
	*v = NULL;
}

/* Questions */

static void finish(struct resolver_validate *one, enum security security, struct str why)
{
	resolver_validate_fn *done = one->done;
	void *arg = one->arg;

	deadline_clear(one->v->r->deadlines, &one->deadline);
	list_remove(&one->hook);
	xfree(one);
	done(arg, security, why);
}

static void on_result(void *arg, int error, struct ub_result *result)
{
	struct resolver_validate *one = arg;
	enum security security = SECURITY_INSECURE;
	struct str why = STR_EMPTY;

	if (error != 0 || !result) {
		security = SECURITY_UNCHECKED;
	} else if (result->bogus) {
		security = SECURITY_BOGUS;
		why = str_from(result->why_bogus);
	} else if (result->secure) {
		security = SECURITY_SECURE;
	} else if (result->rcode != DNS_RCODE_NOERROR &&
		   result->rcode != DNS_RCODE_NXDOMAIN) {
		security = SECURITY_UNCHECKED;
	}
	finish(one, security, why);
	ub_resolve_free(result);
}

/* Also where the context could not take the question: the id is then 0. */
static void on_deadline(struct deadline *d)
{
	struct resolver_validate *one = LIST_THING(d, struct resolver_validate, deadline);

	if (one->id)
		ub_cancel(one->v->context, one->id);
	finish(one, SECURITY_UNCHECKED, STR_EMPTY);
}

struct resolver_validate *resolver_validate_start(struct resolver *r,
						  const struct question *q,
						  int64_t deadline_us,
						  resolver_validate_fn *done, void *arg)
{
	struct validator *v = r->validator;
	auto_buf struct buf name;
	buf_init(&name, 4 * DNS_NAME_MAX + 2);

	if (!v)
		return NULL;
	struct resolver_validate *one = xalloc(1, sizeof(*one));
	one->v = v;
	one->done = done;
	one->arg = arg;
	one->deadline.due = on_deadline;
	list_init(&one->hook);
	list_add(&v->open, &one->hook);
	dns_name_write_absolute(&name, &q->name);
	if (!open_context(v) || ub_resolve_async(v->context, buf_cstr(&name), q->type, 1,
						 one, on_result, &one->id) != 0) {
		one->id = 0;
		deadline_us = 0;
	}
	deadline_set(r->deadlines, &one->deadline, deadline_us);
	return one;
}

void resolver_validate_hurry(struct resolver_validate *one, int64_t deadline_us)
{
	if (deadline_us < one->deadline.at_us)
		deadline_set(one->v->r->deadlines, &one->deadline, deadline_us);
}

void resolver_validate_cancel(struct resolver_validate **one)
{
	if (!*one)
		return;
	if ((*one)->id)
		ub_cancel((*one)->v->context, (*one)->id);
	deadline_clear((*one)->v->r->deadlines, &(*one)->deadline);
	list_remove(&(*one)->hook);
	xfree(*one);
	*one = NULL;
}
