/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The JSON form of an observation, schema 1: doc/observation.md says it in words. */
#include "observation/field.h"
#include "observation/observation.h"

enum {
	DELEGATIONS_MAX = 128, /* a name has 127 labels at most */
	SERVERS_MAX = 256,     /* names in one NS set */
	VALIDATIONS_MAX = OBSERVATION_ANSWERS_MAX,
	STATUSES_MAX = 32, /* of a registration */
};

static const char *const view_words[] = {
	[VIEW_AUTHORITY] = "authority",
	[VIEW_RESOLVER] = "resolver",
	[VIEW_FORWARD] = "forward",
};
static const struct field_words view_kinds = { view_words, ARRAY_LEN(view_words) };

static const char *const ask_words[] = {
	[ASK_ANSWERED] = "answered",       [ASK_TIMEOUT] = "timeout",
	[ASK_UNREACHABLE] = "unreachable", [ASK_MALFORMED] = "malformed",
	[ASK_FORBIDDEN] = "forbidden",     [ASK_NO_ADDRESS] = "no_address",
	[ASK_NO_TCP] = "no_tcp",           [ASK_LIMIT] = "limit",
};
static const struct field_words ask_outcomes = { ask_words, ARRAY_LEN(ask_words) };

static const char *const walk_words[] = {
	[WALK_DONE] = "done",           [WALK_NXDOMAIN] = "nxdomain",
	[WALK_NO_ANSWER] = "no_answer", [WALK_SERVFAIL] = "servfail",
	[WALK_LIMIT] = "limit",         [WALK_SKIPPED] = "skipped",
};
static const struct field_words walk_outcomes = { walk_words, ARRAY_LEN(walk_words) };

static const char *const security_words[] = {
	[SECURITY_UNCHECKED] = "unchecked",
	[SECURITY_SECURE] = "secure",
	[SECURITY_INSECURE] = "insecure",
	[SECURITY_BOGUS] = "bogus",
};
static const struct field_words securities = { security_words,
					       ARRAY_LEN(security_words) };

static const struct field_list server_names = {
	.size = sizeof(struct dns_name),
	.max = SERVERS_MAX,
	.item = { .kind = FIELD_NAME },
};

#define AT(member)     .offset = offsetof(THING, member)
#define BESIDE(member) .beside = offsetof(THING, member)

#define THING          struct delegation
static const struct field delegation_fields[] = {
	{ "zone", FIELD_NAME, FIELD_ALWAYS, AT(zone) },
	{ "parent", FIELD_NAME, FIELD_ALWAYS, AT(parent) },
	{ "parent_ns", FIELD_LIST, FIELD_ALWAYS, AT(parent_ns), BESIDE(parent_ns_count),
	  .list = &server_names },
	{ "child_ns", FIELD_LIST, FIELD_ALWAYS, AT(child_ns), BESIDE(child_ns_count),
	  .list = &server_names },
	{ "signed", FIELD_BOOL, FIELD_ALWAYS, AT(signed_here) },
	{ 0 },
};
#undef THING

#define THING struct view
static const struct field view_fields[] = {
	{ "kind", FIELD_WORD, FIELD_ALWAYS, AT(kind), .words = &view_kinds },
	{ "server", FIELD_NAME, FIELD_UNLESS_EMPTY, AT(server) },
	{ "address", FIELD_ADDRESS, FIELD_UNLESS_EMPTY, AT(address) },
	{ "zone", FIELD_NAME, FIELD_UNLESS_EMPTY, AT(zone) },
	{ "in_parent", FIELD_BOOL, FIELD_UNLESS_EMPTY, AT(in_parent) },
	{ "in_child", FIELD_BOOL, FIELD_UNLESS_EMPTY, AT(in_child) },
	{ 0 },
};
#undef THING

#define THING struct dns_record
static const struct field record_fields[] = {
	{ "name", FIELD_NAME, FIELD_ALWAYS, AT(owner) },
	{ "type", FIELD_TYPE, FIELD_ALWAYS, AT(type) },
	{ "ttl_s", FIELD_U32, FIELD_ALWAYS, AT(ttl_s) },
	{ "rdata", FIELD_RDATA, FIELD_ALWAYS, AT(rdata), BESIDE(type) },
	{ 0 },
};
#undef THING

static const struct field_list records = {
	.size = sizeof(struct dns_record),
	.max = DNS_MESSAGE_RECORDS_MAX,
	.item = { .kind = FIELD_OBJECT, .fields = record_fields },
};

/* Inside struct answer: the SOA with its owner and TTL is one object. */
#define THING struct answer
static const struct field soa_fields[] = {
	{ "name", FIELD_NAME, FIELD_ALWAYS, AT(soa_owner) },
	{ "ttl_s", FIELD_U32, FIELD_ALWAYS, AT(soa_ttl_s) },
	{ "mname", FIELD_NAME, FIELD_ALWAYS, AT(soa.mname) },
	{ "rname", FIELD_NAME, FIELD_ALWAYS, AT(soa.rname) },
	{ "serial", FIELD_U32, FIELD_ALWAYS, AT(soa.serial) },
	{ "refresh_s", FIELD_U32, FIELD_ALWAYS, AT(soa.refresh_s) },
	{ "retry_s", FIELD_U32, FIELD_ALWAYS, AT(soa.retry_s) },
	{ "expire_s", FIELD_U32, FIELD_ALWAYS, AT(soa.expire_s) },
	{ "minimum_s", FIELD_U32, FIELD_ALWAYS, AT(soa.minimum_s) },
	{ 0 },
};

static bool answer_has_rcode(const void *thing)
{
	const struct answer *a = thing;

	return a->outcome == ASK_ANSWERED;
}

static const struct field answer_fields[] = {
	{ "name", FIELD_NAME, FIELD_ALWAYS, AT(question.name) },
	{ "type", FIELD_TYPE, FIELD_ALWAYS, AT(question.type) },
	{ "view", FIELD_U16, FIELD_ALWAYS, AT(view) },
	{ "outcome", FIELD_WORD, FIELD_ALWAYS, AT(outcome), .words = &ask_outcomes },
	{ "rcode", FIELD_RCODE, FIELD_IF, AT(rcode), .holds = answer_has_rcode },
	{ "authoritative", FIELD_BOOL, FIELD_UNLESS_EMPTY, AT(authoritative) },
	{ "authenticated", FIELD_BOOL, FIELD_UNLESS_EMPTY, AT(authenticated) },
	{ "proven", FIELD_BOOL, FIELD_UNLESS_EMPTY, AT(proven) },
	{ "over_tcp", FIELD_BOOL, FIELD_UNLESS_EMPTY, AT(over_tcp) },
	{ "referral", FIELD_BOOL, FIELD_UNLESS_EMPTY, AT(is_referral) },
	{ "ede_code", FIELD_U16, FIELD_IF_FLAG, AT(ede_code), BESIDE(has_ede) },
	{ "rtt_us", FIELD_U32, FIELD_UNLESS_EMPTY, AT(rtt_us) },
	{ "records", FIELD_LIST, FIELD_UNLESS_EMPTY, AT(records.records),
	  BESIDE(records.count), .list = &records },
	{ "soa", FIELD_OBJECT, FIELD_IF_FLAG, 0, BESIDE(has_soa), .fields = soa_fields },
	{ 0 },
};
#undef THING

#define THING struct validation
static const struct field validation_fields[] = {
	{ "name", FIELD_NAME, FIELD_ALWAYS, AT(question.name) },
	{ "type", FIELD_TYPE, FIELD_ALWAYS, AT(question.type) },
	{ "security", FIELD_WORD, FIELD_ALWAYS, AT(security), .words = &securities },
	{ "why", FIELD_BYTES, FIELD_UNLESS_EMPTY, AT(why) },
	{ 0 },
};
#undef THING

static const char *const registration_words[] = {
	[REGISTRATION_UNKNOWN] = "unknown",
	[REGISTRATION_NONE] = "none",
	[REGISTRATION_FOUND] = "found",
};
static const struct field_words registration_outcomes = { registration_words,
							  ARRAY_LEN(registration_words) };

static const struct field_list statuses = {
	.size = sizeof(struct str),
	.max = STATUSES_MAX,
	.item = { .kind = FIELD_BYTES },
};

#define THING struct registration
static const struct field registration_fields[] = {
	{ "outcome", FIELD_WORD, FIELD_ALWAYS, AT(outcome),
	  .words = &registration_outcomes },
	{ "domain", FIELD_NAME, FIELD_ALWAYS, AT(domain) },
	{ "statuses", FIELD_LIST, FIELD_UNLESS_EMPTY, AT(statuses), BESIDE(status_count),
	  .list = &statuses },
	{ "registered_at", FIELD_I64, FIELD_UNLESS_EMPTY, AT(registered_at) },
	{ "expires_at", FIELD_I64, FIELD_UNLESS_EMPTY, AT(expires_at) },
	{ "registrar", FIELD_BYTES, FIELD_UNLESS_EMPTY, AT(registrar) },
	{ "source", FIELD_BYTES, FIELD_UNLESS_EMPTY, AT(source) },
	{ 0 },
};
#undef THING

static const struct field_list delegations = {
	.size = sizeof(struct delegation),
	.max = DELEGATIONS_MAX,
	.item = { .kind = FIELD_OBJECT, .fields = delegation_fields },
};
static const struct field_list views = {
	.size = sizeof(struct view),
	.max = OBSERVATION_VIEWS_MAX,
	.item = { .kind = FIELD_OBJECT, .fields = view_fields },
};
static const struct field_list answers = {
	.size = sizeof(struct answer),
	.max = OBSERVATION_ANSWERS_MAX,
	.item = { .kind = FIELD_OBJECT, .fields = answer_fields },
};
static const struct field_list validations = {
	.size = sizeof(struct validation),
	.max = VALIDATIONS_MAX,
	.item = { .kind = FIELD_OBJECT, .fields = validation_fields },
};

#define THING struct observation
static const struct field observation_fields[] = {
	{ "schema", FIELD_SCHEMA, FIELD_ALWAYS, .offset = 0 },
	{ "domain", FIELD_NAME, FIELD_ALWAYS, AT(domain) },
	{ "at", FIELD_I64, FIELD_ALWAYS, AT(at_s) },
	{ "elapsed_ms", FIELD_U32, FIELD_ALWAYS, AT(elapsed_ms) },
	{ "queries", FIELD_U32, FIELD_ALWAYS, AT(queries) },
	{ "round_trips", FIELD_U32, FIELD_ALWAYS, AT(round_trips) },
	{ "walk", FIELD_WORD, FIELD_ALWAYS, AT(walk), .words = &walk_outcomes },
	{ "stopped_at", FIELD_NAME, FIELD_UNLESS_EMPTY, AT(stopped_at) },
	{ "zone", FIELD_NAME, FIELD_UNLESS_EMPTY, AT(zone) },
	{ "delegations", FIELD_LIST, FIELD_ALWAYS, AT(delegations),
	  BESIDE(delegation_count), .list = &delegations },
	{ "views", FIELD_LIST, FIELD_ALWAYS, AT(views), BESIDE(view_count),
	  .list = &views },
	{ "answers", FIELD_LIST, FIELD_ALWAYS, AT(answers), BESIDE(answer_count),
	  .list = &answers },
	{ "validations", FIELD_LIST, FIELD_ALWAYS, AT(validations),
	  BESIDE(validation_count), .list = &validations },
	{ "registration", FIELD_OBJECT, FIELD_IF_FLAG, AT(registration),
	  BESIDE(has_registration), .fields = registration_fields },
	{ 0 },
};
#undef THING

json_t *observation_to_json(const struct observation *o)
{
	return field_object_write(observation_fields, o);
}

/* What the rows cannot say: one part fits the other. */
static bool check_whole(const struct observation *o, struct err *e)
{
	if (o->walk == WALK_DONE && o->zone.len == 0)
		return err_set(e, ERR_USAGE, "zone: is missing, though the walk is done");
	for (size_t i = 0; i < o->answer_count; i++)
		if (o->answers[i].view >= o->view_count)
			return err_set(e, ERR_USAGE,
				       "answers[%zu].view: there is no view %u", i,
				       o->answers[i].view);
	return true;
}

bool observation_from_json(struct arena *a, const json_t *json, struct observation *out,
			   struct err *e)
{
	struct observation o = { 0 };

	if (!field_object_read(observation_fields, json, a, &o, e) || !check_whole(&o, e))
		return false;
	*out = o;
	return true;
}
