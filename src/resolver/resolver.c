/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Setting up from the configuration, and taking down. */
#include "resolver/resolver.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include "resolver/address.h"
#include "resolver/hints.h"
#include "resolver/route.h"
#include "resolver/state.h"
#include "resolver/validate.h"
#include "resolver/volley.h"

enum {
	FILE_MAX = 1 << 20, /* octets of hints or anchors */
	ARENA_MAX = 4 << 20,
	SCRATCH_MAX = 4 << 20,
	PUBLIC_MAX = 16,
	ALLOWED_BITS = 8,
	QUESTIONS_READY_MAX = 48,
};

static bool read_hints(struct resolver *r, struct err *e)
{
	const char *path = config_cstr(r->config, CONFIG_DNS_ROOT_HINTS);
	auto_buf struct buf text;
	buf_init(&text, FILE_MAX);

	if (!file_read(path, &text, e))
		return err_in(e, "dns.root_hints");
	if (!hints_parse(&r->arena, buf_view(&text), &r->root, e))
		return err_in(e, "dns.root_hints: '%s'", path);
	return true;
}

static bool read_anchors(struct resolver *r, struct err *e)
{
	const char *path = config_cstr(r->config, CONFIG_DNS_TRUST_ANCHOR);
	auto_buf struct buf text;
	buf_init(&text, FILE_MAX);

	if (path[0] == '\0')
		return true;
	if (!file_read(path, &text, e))
		return err_in(e, "dns.trust_anchor");
	if (!validator_new(r, buf_view(&text), &r->validator, e))
		return err_in(e, "dns.trust_anchor: '%s'", path);
	return true;
}

static bool read_addresses(struct resolver *r, struct err *e)
{
	size_t count;
	const struct str *items = config_list(r->config, CONFIG_DNS_RESOLVERS, &count);
	struct str forward = config_text(r->config, CONFIG_DNS_FORWARD);

	if (count > PUBLIC_MAX)
		return err_set(e, ERR_USAGE, "dns.resolvers: more than %d", PUBLIC_MAX);
	r->public = arena_array(&r->arena, count, sizeof(*r->public));
	for (size_t i = 0; i < count; i++)
		if (!address_parse(items[i], 53, &r->public[r->public_count++]))
			return err_set(e, ERR_USAGE,
				       "dns.resolvers: '%.*s' is not an address",
				       STR_ARG(items[i]));
	if (forward.len > 0 && !address_parse(forward, 53, &r->forward))
		return err_set(e, ERR_USAGE, "dns.forward: '%.*s' is not an address",
			       STR_ARG(forward));
	return true;
}

static bool has_route(const struct address *a)
{
	struct sockaddr_storage sa;
	socklen_t len = address_to_kernel(a, &sa);
	auto_fd int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	/* On a datagram socket this only looks up the route. */
	return fd >= 0 && connect(fd, (struct sockaddr *)&sa, len) == 0;
}

/* IPv6 is used if a root server can be routed to, or none is known to try. */
static bool find_ipv6(const struct resolver *r)
{
	bool any = false;

	if (!config_flag(r->config, CONFIG_DNS_IPV6))
		return false;
	for (size_t i = 0; i < r->root->server_count; i++) {
		const struct address *a = &r->root->servers[i].v6;
		if (a->family && has_route(a))
			return true;
		any = any || a->family;
	}
	return !any;
}

static void make_parts(struct resolver *r)
{
	r->query_timeout_us =
		config_number(r->config, CONFIG_DNS_QUERY_TIMEOUT_MS) * 1000;
	r->check_timeout_us =
		config_number(r->config, CONFIG_DNS_CHECK_TIMEOUT_MS) * 1000;
	r->has_ipv6 = find_ipv6(r);
	r->deadlines = deadlines_new(r->loop);
	r->udp = udp_new(r->loop, &r->entropy, &r->counters);
	struct peers_options peers = { .max = PEERS_MAX,
				       .window_max = (uint32_t)config_number(
					       r->config, CONFIG_DNS_SERVER_IN_FLIGHT),
				       .entropy = &r->entropy,
				       .deadlines = r->deadlines };
	r->peers = peers_new(&peers);
	r->cache = cache_new(CACHE_OCTETS_MAX);
	r->allowed = xalloc(1 << ALLOWED_BITS, sizeof(*r->allowed));
	r->volleys = volleys_new(r);
	r->routes = routes_new(r);
	guard_add_interfaces(&r->guard);
}

static bool read_config(struct resolver *r, struct err *e)
{
	size_t count;
	const struct str *allowed =
		config_list(r->config, CONFIG_DNS_ALLOW_ADDRESSES, &count);

	return guard_init(&r->guard, "dns.allow_addresses", allowed, count, e) &&
	       read_addresses(r, e) && read_hints(r, e) && read_anchors(r, e);
}

/* libuv's first loop opens epoll and then a pipe; where that pipe cannot be made, it ends
 * the process without a word. False with errno: there is no room for the three. */
static bool has_room_for_loop(void)
{
	auto_fd int one = -1;
	auto_fd int two = -1;
	auto_fd int three = -1;
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return false;
	one = ends[0];
	two = ends[1];
	three = fcntl(one, F_DUPFD_CLOEXEC, 0);
	return three >= 0;
}

bool resolver_loop_open(struct uv_loop_s *loop, struct err *e)
{
	int failure = has_room_for_loop() ? uv_loop_init(loop) : -errno;

	if (failure == 0)
		return true;
	return err_set(e, ERR_UNAVAILABLE, LANG_MARK("no event loop to be had: %s"),
		       failure == UV_EMFILE
			       ? lang_text(e->lang,
					   LANG_MARK("the process may open too few files "
						     "(ulimit -n)"))
			       : uv_strerror(failure));
}

bool resolver_new(struct uv_loop_s *loop, const struct config *config,
		  struct resolver **out, struct err *e)
{
	struct resolver *r = xalloc(1, sizeof(*r));

	r->loop = loop;
	r->config = config;
	arena_init(&r->arena, ARENA_MAX);
	arena_init(&r->scratch, SCRATCH_MAX);
	buf_init(&r->query, UDP_QUERY_MAX);
	list_init(&r->asks);
	list_init(&r->walks);
	list_init(&r->walks_asking);
	list_init(&r->lookups);
	if (!read_config(r, e)) {
		resolver_free(&r);
		return false;
	}
	make_parts(r);
	*out = r;
	return true;
}

/* Who started others first: he cancels them. */
static void cancel_all(struct resolver *r)
{
	routes_free(&r->routes);
	volleys_free(&r->volleys);
	walks_cancel(&r->walks);
	lookups_cancel(&r->lookups);
	asks_cancel(&r->asks);
}

void resolver_expect(struct resolver *r, size_t questions)
{
	if (questions > QUESTIONS_READY_MAX)
		questions = QUESTIONS_READY_MAX;
	if (!r->forward.family)
		udp_open_ahead(r->udp, 4, questions);
}

void resolver_free(struct resolver **resolver)
{
	struct resolver *r = *resolver;

	if (!r)
		return;
	cancel_all(r);
	validator_free(&r->validator);
	udp_free(&r->udp);
	peers_free(&r->peers);
	deadlines_free(&r->deadlines);
	cache_free(&r->cache);
	xfree(r->allowed);
	buf_done(&r->query);
	arena_done(&r->scratch);
	arena_done(&r->arena);
	xfree(r);
	*resolver = NULL;
}

enum ask_outcome resolver_may_ask(const struct resolver *r, const struct address *a)
{
	struct address *memo = &r->allowed[address_mix(a, ALLOWED_BITS)];

	if (a->family == 0)
		return ASK_NO_ADDRESS;
	if (!address_equal(memo, a) && !guard_allows(&r->guard, a))
		return ASK_FORBIDDEN;
	*memo = *a;
	return a->family == 6 && !r->has_ipv6 ? ASK_UNREACHABLE : ASK_ANSWERED;
}

struct address resolver_forward(const struct resolver *r)
{
	return r->forward;
}

const struct address *resolver_public(const struct resolver *r, size_t *count_out)
{
	*count_out = r->public_count;
	return r->public;
}
