/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A zone's apex: out of a whole look, out of JSON, and compared. */
#include "observation/zone.h"

#include <stdlib.h>

#include "observation/field.h"
#include "observation/observation.h"

static int compare_names(const void *left, const void *right)
{
	return str_compare(dns_name_key(left), dns_name_key(right));
}

void zone_seen_set_servers(struct arena *a, const struct dns_section *ns,
			   struct zone_seen *z)
{
	struct dns_name *names = arena_array(a, ZONE_SERVERS_MAX, sizeof(*names));
	size_t read = 0;
	size_t kept = 0;

	for (size_t i = 0; i < ns->count && read < ZONE_SERVERS_MAX; i++) {
		struct dns_name name;
		if (ns->records[i].type == DNS_TYPE_NS &&
		    dns_record_target(&ns->records[i], &name))
			names[read++] = dns_name_lower(&name);
	}
	if (read > 0)
		qsort(names, read, sizeof(*names), compare_names);
	for (size_t i = 0; i < read; i++)
		if (kept == 0 || !dns_name_equal(&names[kept - 1], &names[i]))
			names[kept++] = names[i];
	z->name_servers = names;
	z->name_server_count = kept;
}

/* The first of the zone's servers, in the order of the observation, that answers with
 * authority: a cheap look asks them in the same order. */
static const struct answer *find_apex(const struct observation *o, uint16_t type)
{
	for (size_t i = 0; i < o->answer_count; i++) {
		const struct answer *a = &o->answers[i];
		if (a->question.type == type && a->outcome == ASK_ANSWERED &&
		    a->authoritative && a->records.count > 0 &&
		    o->views[a->view].kind == VIEW_AUTHORITY &&
		    dns_name_equal(&a->question.name, &o->zone))
			return a;
	}
	return NULL;
}

void zone_seen_of(struct arena *a, const struct observation *o, struct zone_seen *out)
{
	const struct answer *soa =
		o->walk == WALK_DONE ? find_apex(o, DNS_TYPE_SOA) : NULL;
	const struct answer *ns = o->walk == WALK_DONE ? find_apex(o, DNS_TYPE_NS) : NULL;
	struct dns_soa data;

	*out = (struct zone_seen){
		.domain = o->domain,
		.zone = o->zone,
		.at_s = o->at_s,
		.queries = o->queries,
	};
	if (o->has_registration && o->registration.outcome == REGISTRATION_FOUND)
		out->registered_at = o->registration.registered_at;
	if (!soa || !ns || !dns_record_soa(&soa->records.records[0], &data))
		return;
	out->is_seen = true;
	out->mname = dns_name_lower(&data.mname);
	out->rname = dns_name_lower(&data.rname);
	out->serial = data.serial;
	zone_seen_set_servers(a, &ns->records, out);
}

/* JSON */

static const struct field_list server_names = {
	.size = sizeof(struct dns_name),
	.max = ZONE_SERVERS_MAX,
	.item = { .kind = FIELD_NAME },
};

#define AT(member)     .offset = offsetof(struct zone_seen, member)
#define BESIDE(member) .beside = offsetof(struct zone_seen, member)

static const struct field fields[] = {
	{ "seen", FIELD_BOOL, FIELD_ALWAYS, AT(is_seen) },
	{ "domain", FIELD_NAME, FIELD_ALWAYS, AT(domain) },
	{ "zone", FIELD_NAME, FIELD_UNLESS_EMPTY, AT(zone) },
	{ "at", FIELD_I64, FIELD_ALWAYS, AT(at_s) },
	{ "queries", FIELD_U32, FIELD_ALWAYS, AT(queries) },
	{ "mname", FIELD_NAME, FIELD_UNLESS_EMPTY, AT(mname) },
	{ "rname", FIELD_NAME, FIELD_UNLESS_EMPTY, AT(rname) },
	{ "serial", FIELD_U32, FIELD_ALWAYS, AT(serial) },
	{ "name_servers", FIELD_LIST, FIELD_UNLESS_EMPTY, AT(name_servers),
	  BESIDE(name_server_count), .list = &server_names },
	{ 0 },
};

json_t *zone_seen_to_json(const struct zone_seen *z)
{
	return field_object_write(fields, z);
}

bool zone_seen_from_json(struct arena *a, const json_t *json, struct zone_seen *out,
			 struct err *e)
{
	struct zone_seen z = { 0 };

	if (!field_object_read(fields, json, a, &z, e))
		return false;
	if (z.is_seen && (!z.zone.len || !z.mname.len))
		return err_set(e, ERR_USAGE, "zone: is missing, though it was seen");
	*out = z;
	return true;
}
