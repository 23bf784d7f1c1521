/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whose name servers a zone has, and whose proxy an address belongs to. */
#include "provider/pattern.h"
#include "provider/rows.h"

const struct provider *provider_at(size_t index)
{
	return index < provider_row_count ? &provider_rows[index] : NULL;
}

const struct provider *provider_find(struct str id)
{
	for (size_t i = 0; i < provider_row_count; i++)
		if (str_equal(provider_rows[i].id, id))
			return &provider_rows[i];
	return NULL;
}

struct str provider_name(const struct provider *p, enum lang lang)
{
	return lang == LANG_JA && p->name_ja.len > 0 ? p->name_ja : p->name_en;
}

const char *provider_confidence_name(enum provider_confidence c)
{
	switch (c) {
	case PROVIDER_CERTAIN:
		return "certain";
	case PROVIDER_MIXED:
		return "mixed";
	case PROVIDER_SHARED:
		return "shared";
	case PROVIDER_LIKELY:
		return "likely";
	}
	return "likely";
}

static const struct server_pattern *find_pattern(const struct dns_name *server)
{
	const struct server_pattern *best = NULL;
	for (size_t i = 0; i < server_pattern_count; i++) {
		const struct server_pattern *p = &server_patterns[i];
		if (pattern_matches(p->text, server) &&
		    (!best || pattern_weight(p->text) > pattern_weight(best->text)))
			best = p;
	}
	return best;
}

const struct provider *provider_of_server(const struct dns_name *server,
					  enum fact *fact_out)
{
	const struct server_pattern *best = find_pattern(server);
	if (fact_out)
		*fact_out = best ? best->fact : FACT_UNKNOWN;
	return best ? &provider_rows[best->row] : NULL;
}

/* Who has a row of his own and uses p's name servers as well. */
static const struct provider *find_sharer(const struct provider *p)
{
	for (size_t i = 0; i < provider_row_count; i++) {
		const struct provider *row = &provider_rows[i];
		if (row != p &&
		    (str_equal(row->rents, p->id) ||
		     (p->shared.len > 0 && str_equal(row->name_en, p->shared))))
			return row;
	}
	return NULL;
}

/* The name servers' names are the customer's own: the SOA may still be as the operator
 * made it. */
static void match_soa(const struct dns_soa *soa, struct provider_match *out)
{
	*out = (struct provider_match){ .confidence = PROVIDER_LIKELY };
	if (!soa)
		return;
	out->provider = provider_of_server(&soa->mname, NULL);
	for (size_t i = 0; i < provider_row_count && !out->provider; i++) {
		struct dns_name contact;
		struct err ignored = { 0 };
		if (provider_rows[i].soa_contact.len > 0 &&
		    dns_name_parse(provider_rows[i].soa_contact, &contact, &ignored) &&
		    dns_name_equal(&contact, &soa->rname))
			out->provider = &provider_rows[i];
	}
}

/* Who has most of the servers, apart from `besides`; *count_out of them. */
static const struct provider *find_most(const struct dns_name *servers, size_t count,
					const struct provider *besides, size_t *count_out)
{
	const struct provider *most = NULL;
	*count_out = 0;
	for (size_t i = 0; i < count; i++) {
		const struct provider *p = provider_of_server(&servers[i], NULL);
		size_t same = 0;
		if (!p || p == besides)
			continue;
		for (size_t j = 0; j < count; j++)
			same += provider_of_server(&servers[j], NULL) == p;
		if (same > *count_out) {
			most = p;
			*count_out = same;
		}
	}
	return most;
}

void provider_match(const struct dns_name *servers, size_t count,
		    const struct dns_soa *soa, struct provider_match *out)
{
	size_t theirs;
	size_t others;
	/* No zone has more that matter, and the work grows with the square. */
	enum {
		SERVERS_MAX = 32
	};
	if (count > SERVERS_MAX)
		count = SERVERS_MAX;
	const struct provider *p = find_most(servers, count, NULL, &theirs);
	if (!p) {
		match_soa(soa, out);
		return;
	}
	*out = (struct provider_match){ .provider = p };
	if (theirs < count) {
		out->confidence = PROVIDER_MIXED;
		out->other = find_most(servers, count, p, &others);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		if (!find_pattern(&servers[i])->is_shared)
			return;
	}
	out->confidence = PROVIDER_SHARED;
	out->other = find_sharer(p);
}

static bool range_has(const struct proxy_range *range, const struct address *a)
{
	size_t whole = range->prefix / 8;
	unsigned rest = range->prefix % 8;
	if (a->family != range->family || memcmp(a->bytes, range->bytes, whole) != 0)
		return false;
	return rest == 0 || (a->bytes[whole] ^ range->bytes[whole]) >> (8 - rest) == 0;
}

struct str proxy_of(const struct address *a)
{
	for (size_t i = 0; i < proxy_range_count; i++)
		if (range_has(&proxy_ranges[i], a))
			return proxy_ranges[i].name;
	return STR_EMPTY;
}
