/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The table holds what the IANA IPv4 and IPv6 special-purpose address registries list
 * as not globally reachable, multicast and reserved space besides. Where an IPv6
 * address carries an IPv4 address, both must be allowed: the outer by the operator, the
 * inner by the same rules.
 */
#include "dns/guard.h"

struct refused {
	struct network network;
	int inner_at; /* where an IPv4 address stands inside, in octets; -1: none */
};

#define NET4(a, b, c, d, bits)                  \
	{                                       \
		{ 4, bits, { a, b, c, d } }, -1 \
	}
#define NET6(bits, ...)                          \
	{                                        \
		{ 6, bits, { __VA_ARGS__ } }, -1 \
	}
#define NET6_OVER_4(bits, at, ...)               \
	{                                        \
		{ 6, bits, { __VA_ARGS__ } }, at \
	}

static const struct refused table[] = {
	NET4(0, 0, 0, 0, 8),       /* RFC 791: this network */
	NET4(10, 0, 0, 0, 8),      /* RFC 1918 */
	NET4(100, 64, 0, 0, 10),   /* RFC 6598: shared, CGNAT */
	NET4(127, 0, 0, 0, 8),     /* RFC 1122: loopback */
	NET4(169, 254, 0, 0, 16),  /* RFC 3927: link local, cloud metadata */
	NET4(172, 16, 0, 0, 12),   /* RFC 1918 */
	NET4(192, 0, 0, 0, 24),    /* RFC 6890: protocol assignments */
	NET4(192, 0, 2, 0, 24),    /* RFC 5737: documentation */
	NET4(192, 88, 99, 0, 24),  /* RFC 7526: former 6to4 relays */
	NET4(192, 168, 0, 0, 16),  /* RFC 1918 */
	NET4(198, 18, 0, 0, 15),   /* RFC 2544: benchmarks */
	NET4(198, 51, 100, 0, 24), /* RFC 5737 */
	NET4(203, 0, 113, 0, 24),  /* RFC 5737 */
	NET4(224, 0, 0, 0, 4),     /* RFC 5771: multicast */
	NET4(240, 0, 0, 0, 4),     /* RFC 1112: reserved, and broadcast */
	NET6(96, 0),               /* RFC 4291: ::, ::1, IPv4-compatible */
	/* RFC 4291 section 2.5.5.2: IPv4-mapped */
	NET6_OVER_4(96, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff),
	NET6_OVER_4(96, 12, 0, 0x64, 0xff, 0x9b),       /* RFC 6052: NAT64 */
	NET6_OVER_4(48, 12, 0, 0x64, 0xff, 0x9b, 0, 1), /* RFC 8215: local NAT64 */
	NET6(64, 0x01, 0),                              /* RFC 6666: discard */
	NET6(23, 0x20, 0x01),             /* RFC 2928: protocol assignments, Teredo */
	NET6(32, 0x20, 0x01, 0x0d, 0xb8), /* RFC 3849: documentation */
	NET6_OVER_4(16, 2, 0x20, 0x02),   /* RFC 3056: 6to4 */
	NET6(20, 0x3f, 0xff),             /* RFC 9637: documentation */
	NET6(16, 0x5f, 0x00),             /* RFC 9602: segment routing */
	NET6(7, 0xfc),                    /* RFC 4193: unique local */
	NET6(10, 0xfe, 0xc0),             /* RFC 3879: former site local */
	NET6(10, 0xfe, 0x80),             /* RFC 4291: link local */
	NET6(8, 0xff),                    /* RFC 4291: multicast */
};

static unsigned family_bits(uint8_t family)
{
	return family == 4 ? 32 : 128;
}

static bool same_bits(const uint8_t *a, const uint8_t *b, unsigned bits)
{
	unsigned whole = bits / 8;

	if (memcmp(a, b, whole) != 0)
		return false;
	unsigned rest = bits % 8;
	return rest == 0 || ((a[whole] ^ b[whole]) >> (8 - rest)) == 0;
}

bool network_holds(const struct network *n, const struct address *a)
{
	return n->family == a->family && same_bits(n->bytes, a->bytes, n->prefix);
}

static bool network_contains(const struct network *outer, const struct network *inner)
{
	return outer->family == inner->family && outer->prefix <= inner->prefix &&
	       same_bits(outer->bytes, inner->bytes, outer->prefix);
}

bool network_parse(struct str text, struct network *out)
{
	struct str rest = text;
	struct str host;
	struct address address;
	uint64_t prefix;

	if (!str_split(&rest, '/', &host) || !address_parse(host, 53, &address) ||
	    str_find_byte(host, '@') != host.len)
		return false;
	prefix = family_bits(address.family);
	if (rest.data && !str_number(rest, family_bits(address.family), &prefix))
		return false;
	struct network n = { .family = address.family, .prefix = (uint8_t)prefix };
	for (size_t bit = 0; bit < prefix; bit++)
		n.bytes[bit / 8] |= address.bytes[bit / 8] & (uint8_t)(0x80 >> bit % 8);
	if (memcmp(n.bytes, address.bytes, family_bits(n.family) / 8) != 0)
		return false;
	*out = n;
	return true;
}

void network_write(struct buf *out, const struct network *n)
{
	struct address a = { .family = n->family, .port = 53 };

	memcpy(a.bytes, n->bytes, sizeof(a.bytes));
	address_write(out, &a);
	buf_printf(out, "/%u", n->prefix);
}

bool guard_init(struct guard *g, const char *option, const struct str *items,
		size_t count, struct err *e)
{
	*g = (struct guard){ 0 };
	if (count > GUARD_ALLOWED_MAX)
		return err_set(e, ERR_USAGE, "%s: more than %d networks", option,
			       GUARD_ALLOWED_MAX);
	for (size_t i = 0; i < count; i++)
		if (!network_parse(items[i], &g->allowed[g->allowed_count++]))
			return err_set(e, ERR_USAGE, "%s: '%.*s' is not a network",
				       option, STR_ARG(items[i]));
	return true;
}

static bool is_excepted(const struct guard *g, const struct address *a)
{
	for (size_t i = 0; i < g->allowed_count; i++)
		if (network_holds(&g->allowed[i], a))
			return true;
	return false;
}

static bool is_own(const struct guard *g, const struct address *a)
{
	for (size_t i = 0; i < g->own_count; i++)
		if (g->own[i].family == a->family &&
		    memcmp(g->own[i].bytes, a->bytes, sizeof(a->bytes)) == 0)
			return true;
	return false;
}

static const struct refused *refused_find(const struct address *a)
{
	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		if (network_holds(&table[i].network, a))
			return &table[i];
	return NULL;
}

bool guard_allows(const struct guard *g, const struct address *a)
{
	if (a->family != 4 && a->family != 6)
		return false;
	const struct refused *row = refused_find(a);
	if (!row)
		return !is_own(g, a) || is_excepted(g, a);
	if (!is_excepted(g, a))
		return false;
	if (row->inner_at < 0)
		return true;
	struct address inner = { .family = 4, .port = a->port };
	memcpy(inner.bytes, a->bytes + row->inner_at, 4);
	return is_excepted(g, &inner) || (!refused_find(&inner) && !is_own(g, &inner));
}

/* A network is given whole if no exception lies inside it, else its two halves are
 * looked at. */
static void give_without_allowed(const struct guard *g, const struct network *n,
				 guard_network_fn *f, void *arg)
{
	bool is_touched = false;

	for (size_t i = 0; i < g->allowed_count; i++) {
		if (network_contains(&g->allowed[i], n))
			return;
		is_touched = is_touched || network_contains(n, &g->allowed[i]);
	}
	if (!is_touched) {
		f(arg, n);
		return;
	}
	struct network half = *n;
	half.prefix++;
	give_without_allowed(g, &half, f, arg);
	half.bytes[n->prefix / 8] |= (uint8_t)(0x80 >> n->prefix % 8);
	give_without_allowed(g, &half, f, arg);
}

void guard_each_refused(const struct guard *g, guard_network_fn *f, void *arg)
{
	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		give_without_allowed(g, &table[i].network, f, arg);
}
