/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "world.h"

enum {
	TTL_USUAL_S = 300,
	CHAIN_MAX = 8,
};

/* Zones */

struct zone *world_zone_find(struct world *w, const struct dns_name *origin)
{
	for (size_t i = 0; i < w->zone_count; i++)
		if (dns_name_equal(&w->zones[i]->origin, origin))
			return w->zones[i];
	return NULL;
}

struct zone *world_zone_add(struct world *w, const struct dns_name *origin)
{
	if (w->zone_count == WORLD_ZONES_MAX)
		return NULL;
	struct zone *z = arena_alloc(w->arena, sizeof(*z));
	z->origin = *origin;
	w->zones[w->zone_count++] = z;
	return z;
}

void rows_add(struct arena *a, struct rows *rows, const struct dns_record *r)
{
	if (rows->count == rows->size) {
		struct dns_record *before = rows->records;
		rows->size = rows->size ? 2 * rows->size : 8;
		rows->records = arena_array(a, rows->size, sizeof(*before));
		if (rows->count > 0)
			memcpy(rows->records, before, rows->count * sizeof(*before));
	}
	rows->records[rows->count++] = *r;
}

static struct str word_of(struct cursor *c)
{
	struct str word = cursor_until(c, " \t");

	cursor_while(c, " \t");
	return word;
}

/* "@" and names without final dot stand below the origin. */
static bool name_read(struct str text, const struct dns_name *origin,
		      struct dns_name *out, struct err *e)
{
	struct dns_name front;

	if (str_is(text, "@")) {
		*out = *origin;
		return true;
	}
	if (!dns_name_parse(text, &front, e))
		return false;
	if (str_ends(text, STR(".")) || !origin->len) {
		*out = front;
		return true;
	}
	if (!dns_name_join(&front, origin, out))
		return err_set(e, ERR_USAGE, "'%.*s' becomes too long", STR_ARG(text));
	return true;
}

static bool ends_in_name(uint16_t type)
{
	return type == DNS_TYPE_NS || type == DNS_TYPE_CNAME || type == DNS_TYPE_DNAME ||
	       type == DNS_TYPE_PTR || type == DNS_TYPE_MX;
}

/* Rdata whose last word is a name. */
static bool target_read(struct arena *a, uint16_t type, struct str text,
			const struct dns_name *origin, struct str *out, struct err *e)
{
	size_t at = text.len;
	struct dns_name target;
	auto_buf struct buf whole;
	buf_init(&whole, 2048);

	while (at > 0 && !ascii_is_blank((unsigned char)text.data[at - 1]))
		at--;
	if (!name_read(str_sub(text, at, SIZE_MAX), origin, &target, e))
		return false;
	buf_str(&whole, str_sub(text, 0, at));
	dns_name_write_absolute(&whole, &target);
	return dns_rdata_parse(a, type, buf_view(&whole), out, e);
}

bool record_read(struct arena *a, struct str text, const struct dns_name *origin,
		 struct dns_record *out, struct err *e)
{
	struct cursor c = cursor_over(str_trim(text));
	uint64_t ttl = TTL_USUAL_S;

	if (!name_read(word_of(&c), origin, &out->owner, e))
		return false;
	struct str word = word_of(&c);
	if (str_number(word, UINT32_MAX, &ttl))
		word = word_of(&c);
	if (!dns_type_parse(word, &out->type))
		return err_set(e, ERR_USAGE, "'%.*s' is no type", STR_ARG(word));
	out->ttl_s = (uint32_t)ttl;
	struct str rest = cursor_bytes(&c, cursor_left(&c));
	if (ends_in_name(out->type) && !str_starts(rest, STR("\\#")))
		return target_read(a, out->type, rest, origin, &out->rdata, e);
	return dns_rdata_parse(a, out->type, rest, &out->rdata, e);
}

bool rows_remove(struct arena *a, struct rows *rows, struct str text,
		 const struct dns_name *origin, size_t *count_out, struct err *e)
{
	struct cursor c = cursor_over(str_trim(text));
	struct dns_record like = { 0 };
	size_t kept = 0;

	if (!name_read(word_of(&c), origin, &like.owner, e))
		return false;
	struct str type = word_of(&c);
	if (type.len > 0 && !dns_type_parse(type, &like.type))
		return err_set(e, ERR_USAGE, "'%.*s' is no type", STR_ARG(type));
	if (cursor_left(&c) > 0 && !record_read(a, text, origin, &like, e))
		return false;
	for (size_t i = 0; i < rows->count; i++) {
		const struct dns_record *r = &rows->records[i];
		bool is_like = dns_name_equal(&r->owner, &like.owner) &&
			       (!like.type || like.type == r->type) &&
			       (!like.rdata.len ||
				dns_rdata_equal(r->type, r->rdata, like.rdata));
		if (!is_like)
			rows->records[kept++] = *r;
	}
	*count_out = rows->count - kept;
	rows->count = kept;
	return true;
}

static bool rows_have(const struct rows *rows, const struct dns_name *owner,
		      uint16_t type)
{
	for (size_t i = 0; i < rows->count; i++)
		if (rows->records[i].type == type &&
		    dns_name_equal(&rows->records[i].owner, owner))
			return true;
	return false;
}

static void add_text(struct world *w, struct zone *z, const char *text)
{
	struct dns_record r;
	struct err e = { 0 };
	bool ok = record_read(w->arena, str_from(text), &z->origin, &r, &e);

	if (ok)
		rows_add(w->arena, &z->rows, &r);
}

void zone_complete(struct world *w, struct zone *z)
{
	if (!rows_have(&z->rows, &z->origin, DNS_TYPE_SOA))
		add_text(w, z,
			 "@ 3600 SOA ns1.invalid. host.invalid. 1 7200 900 1209600 60");
	if (rows_have(&z->rows, &z->origin, DNS_TYPE_NS))
		return;
	for (size_t i = 0; i < z->server_count; i++) {
		auto_buf struct buf text;
		buf_init(&text, 128);
		add_text(w, z, arena_printf(w->arena, "@ 3600 NS ns%zu", i + 1));
		address_write(&text, &z->servers[i]);
		add_text(w, z,
			 arena_printf(w->arena, "ns%zu 3600 %s %s", i + 1,
				      z->servers[i].family == 4 ? "A" : "AAAA",
				      buf_cstr(&text)));
	}
}

/* Answers */

struct asked {
	struct world *world;
	struct arena *arena;
	const struct address *server;
	uint16_t type;
	bool dnssec;
	struct reply *out;
};

static bool zone_is_at(const struct zone *z, const struct address *server)
{
	for (size_t i = 0; i < z->server_count; i++)
		if (address_equal(&z->servers[i], server))
			return true;
	return false;
}

bool world_serves(const struct world *w, const struct address *server)
{
	for (size_t i = 0; i < w->zone_count; i++)
		if (zone_is_at(w->zones[i], server))
			return true;
	return false;
}

/* The deepest zone that the server holds; DS of an apex is the parent's. */
static struct zone *find_zone(const struct asked *q, const struct dns_name *name)
{
	struct zone *best = NULL;

	for (size_t i = 0; i < q->world->zone_count; i++) {
		struct zone *z = q->world->zones[i];
		if (!zone_is_at(z, q->server) || !dns_name_within(name, &z->origin))
			continue;
		if (q->type == DNS_TYPE_DS && dns_name_equal(name, &z->origin) &&
		    dns_name_labels(name) > 0 && best)
			continue;
		if (!best || dns_name_labels(&z->origin) > dns_name_labels(&best->origin))
			best = z;
	}
	return best;
}

static bool is_signature_of(const struct dns_record *r, uint16_t type)
{
	struct cursor c = cursor_over(r->rdata);

	return r->type == DNS_TYPE_RRSIG && cursor_u16(&c) == type;
}

/* The set and, where wanted, its signatures, under the owner that was asked about. */
static bool add_set(const struct asked *q, const struct rows *from, struct rows *to,
		    const struct dns_name *owner, uint16_t type,
		    const struct dns_name *shown)
{
	size_t before = to->count;

	for (size_t i = 0; i < from->count; i++) {
		struct dns_record r = from->records[i];
		if (!dns_name_equal(&r.owner, owner))
			continue;
		r.owner = *shown;
		if (r.type == type || (q->dnssec && is_signature_of(&r, type)))
			rows_add(q->arena, to, &r);
	}
	return to->count > before;
}

/* The addresses of those that the NS records name, as far as anybody knows them. */
static void add_glue(const struct asked *q, const struct dns_name *parent)
{
	struct rows *to = &q->out->additional;

	for (size_t i = 0; i < q->out->authority.count; i++) {
		struct dns_name host;
		if (q->out->authority.records[i].type != DNS_TYPE_NS ||
		    !dns_record_target(&q->out->authority.records[i], &host) ||
		    !dns_name_within(&host, parent))
			continue;
		for (size_t k = 0; k < q->world->zone_count; k++) {
			const struct zone *z = q->world->zones[k];
			add_set(q, &z->rows, to, &host, DNS_TYPE_A, &host);
			add_set(q, &z->rows, to, &host, DNS_TYPE_AAAA, &host);
		}
	}
}

static void add_from_all(const struct asked *q, const struct rows *from, struct rows *to,
			 uint16_t type)
{
	for (size_t i = 0; i < from->count; i++)
		if (from->records[i].type == type ||
		    (q->dnssec && is_signature_of(&from->records[i], type)))
			rows_add(q->arena, to, &from->records[i]);
}

static void refer(const struct asked *q, const struct zone *parent, struct zone *child)
{
	struct rows *to = &q->out->authority;
	const struct rows *from =
		child->has_delegation ? &child->delegation : &child->rows;

	struct asked unsigned_set = *q;

	/* RFC 4035 section 2.2: nobody signs the NS set above the cut. */
	unsigned_set.dnssec = false;
	q->out->authoritative = false;
	add_set(&unsigned_set, from, to, &child->origin, DNS_TYPE_NS, &child->origin);
	if (q->dnssec) {
		add_set(q, &parent->rows, to, &child->origin, DNS_TYPE_DS,
			&child->origin);
		if (!rows_have(&parent->rows, &child->origin, DNS_TYPE_DS))
			add_from_all(q, &parent->rows, to, DNS_TYPE_NSEC);
	}
	add_from_all(q, &child->delegation, &q->out->additional, DNS_TYPE_A);
	add_from_all(q, &child->delegation, &q->out->additional, DNS_TYPE_AAAA);
	if (q->out->additional.count == 0)
		add_glue(q, &parent->origin);
}

/* A zone that somebody else holds, cut out of this one on the way to the name. */
static struct zone *find_cut(const struct asked *q, const struct zone *z,
			     const struct dns_name *name)
{
	struct zone *top = NULL;

	for (size_t i = 0; i < q->world->zone_count; i++) {
		struct zone *c = q->world->zones[i];
		bool is_below = dns_name_within(name, &c->origin) &&
				dns_name_within(&c->origin, &z->origin) && c != z;
		if (!is_below || (c->has_delegation && c->delegation.count == 0) ||
		    (q->type == DNS_TYPE_DS && dns_name_equal(name, &c->origin)))
			continue;
		if (!top || dns_name_labels(&c->origin) < dns_name_labels(&top->origin))
			top = c;
	}
	return top;
}

static void deny(const struct asked *q, const struct zone *z)
{
	add_set(q, &z->rows, &q->out->authority, &z->origin, DNS_TYPE_SOA, &z->origin);
	if (q->dnssec) {
		add_from_all(q, &z->rows, &q->out->authority, DNS_TYPE_NSEC);
		add_from_all(q, &z->rows, &q->out->authority, DNS_TYPE_NSEC3);
	}
}

static bool has_name(const struct zone *z, const struct dns_name *name)
{
	for (size_t i = 0; i < z->rows.count; i++)
		if (z->rows.records[i].type != DNS_TYPE_NSEC3 &&
		    dns_name_within(&z->rows.records[i].owner, name))
			return true;
	return false;
}

/* RFC 4592: the wildcard below the closest encloser. */
static bool find_source(const struct zone *z, const struct dns_name *name,
			struct dns_name *out)
{
	struct dns_name star;
	struct err e = { 0 };
	bool ok = dns_name_parse(STR("*"), &star, &e);

	if (has_name(z, name)) {
		*out = *name;
		return true;
	}
	for (size_t up = 1; ok && up <= dns_name_labels(name); up++) {
		struct dns_name above = dns_name_parent(name, up);
		if (!has_name(z, &above))
			continue;
		return dns_name_join(&star, &above, out) && has_name(z, out);
	}
	return false;
}

/* RFC 6672: DNAME above the name, and the CNAME that it makes. */
static bool take_dname(const struct asked *q, const struct zone *z,
		       const struct dns_name *name, struct dns_name *next)
{
	for (size_t up = 1; up <= dns_name_labels(name); up++) {
		struct dns_name above = dns_name_parent(name, up);
		struct rows *to = &q->out->answer;
		size_t before = to->count;
		struct dns_name target;
		if (!dns_name_within(&above, &z->origin) ||
		    !add_set(q, &z->rows, to, &above, DNS_TYPE_DNAME, &above))
			continue;
		struct dns_name front = dns_name_relative(name, &above);
		if (!dns_record_target(&to->records[before], &target) ||
		    !dns_name_join(&front, &target, next))
			return false;
		struct dns_record made = { .owner = *name,
					   .type = DNS_TYPE_CNAME,
					   .ttl_s = to->records[before].ttl_s };
		made.rdata = arena_str(q->arena, str_of(next->wire, next->len));
		rows_add(q->arena, to, &made);
		return true;
	}
	return false;
}

/* Whether the chain goes on, at *next. */
static bool take_name(const struct asked *q, const struct zone *z,
		      const struct dns_name *name, struct dns_name *next)
{
	struct rows *to = &q->out->answer;
	struct dns_name source;

	if (take_dname(q, z, name, next))
		return true;
	if (!find_source(z, name, &source)) {
		q->out->rcode = DNS_RCODE_NXDOMAIN;
		deny(q, z);
		return false;
	}
	if (add_set(q, &z->rows, to, &source, q->type, name))
		return false;
	size_t first = to->count;
	if (!add_set(q, &z->rows, to, &source, DNS_TYPE_CNAME, name)) {
		deny(q, z);
		return false;
	}
	if (!dns_name_equal(&source, name))
		deny(q, z);
	/* Its signature stands behind it, or all alone where the alias was taken away. */
	for (size_t i = to->count; i-- > first;)
		if (dns_record_target(&to->records[i], next))
			return true;
	return false;
}

void world_answer(struct world *w, struct arena *a, const struct address *server,
		  const struct question *question, bool dnssec, struct reply *out)
{
	struct asked q = { .world = w,
			   .arena = a,
			   .server = server,
			   .type = question->type,
			   .dnssec = dnssec,
			   .out = out };
	struct dns_name name = question->name;
	struct zone *z = find_zone(&q, &name);

	*out = (struct reply){ .rcode = z ? DNS_RCODE_NOERROR : DNS_RCODE_REFUSED,
			       .authoritative = z };
	for (int i = 0; i < CHAIN_MAX && z; i++) {
		struct zone *cut = find_cut(&q, z, &name);
		struct dns_name next;
		if (cut && !zone_is_at(cut, server)) {
			if (i == 0)
				refer(&q, z, cut);
			return;
		}
		if (!take_name(&q, z, &name, &next))
			return;
		name = next;
		z = find_zone(&q, &name);
	}
}
