/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The JSON form: nothing is lost, what is wrong is named, the document's example
 * holds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

#include "observation/observation.h"

enum {
	ARENA = 16 * 1024 * 1024
};

static const char minimal[] =
	"{\"schema\":1,\"domain\":\"a.example\",\"at\":5,\"elapsed_ms\":1,\"queries\":2,"
	"\"round_trips\":3,\"walk\":\"skipped\",\"delegations\":[],"
	"\"views\":[{\"kind\":\"forward\",\"address\":\"192.0.2.1\"}],"
	"\"answers\":[{\"name\":\"a.example\",\"type\":\"TXT\",\"view\":0,"
	"\"outcome\":\"answered\",\"rcode\":\"NOERROR\",\"records\":[{\"name\":"
	"\"a.example\",\"type\":\"TXT\",\"ttl_s\":60,\"rdata\":\"\\\"hi\\\"\"}]}],"
	"\"validations\":[]}";

static json_t *json_of(struct str text)
{
	json_error_t problem;
	json_t *json = json_loadb(text.data, text.len, 0, &problem);

	if (!json)
		fail_msg("%s in line %d", problem.text, problem.line);
	return json;
}

static struct str text_of(struct arena *a, const struct observation *o)
{
	json_t *json = observation_to_json(o);
	auto_free char *text = json_dumps(json, JSON_COMPACT);

	json_decref(json);
	assert_non_null(text);
	return arena_str(a, str_from(text));
}

static struct observation read_text(struct arena *a, struct str text)
{
	struct observation o;
	struct err e = { 0 };
	json_t *json = json_of(text);
	bool ok = observation_from_json(a, json, &o, &e);

	json_decref(json);
	if (!ok)
		fail_msg("%s", e.text);
	return o;
}

static struct dns_name name_of(const char *text)
{
	struct dns_name name;
	struct err e = { 0 };

	if (!dns_name_parse(str_from(text), &name, &e))
		fail_msg("%s", e.text);
	return name;
}

static struct address address_of(const char *text)
{
	struct address address;

	assert_true(address_parse(str_from(text), 53, &address));
	return address;
}

static void an_observation_without_anything_is_short(void **state)
{
	struct observation o = { .domain = name_of("Acme.example"),
				 .walk = WALK_SKIPPED };
	auto_arena struct arena a;

	(void)state;
	arena_init(&a, ARENA);
	assert_string_equal(text_of(&a, &o).data,
			    "{\"schema\":1,\"domain\":\"Acme.example\",\"at\":0,"
			    "\"elapsed_ms\":0,\"queries\":0,\"round_trips\":0,"
			    "\"walk\":\"skipped\",\"delegations\":[],\"views\":[],"
			    "\"answers\":[],\"validations\":[]}");
}

/* Every field that can be set is set. */
static struct observation full_observation(void)
{
	static struct dns_name servers[2];
	static struct delegation delegations[1];
	static struct view views[2];
	static struct dns_record records[4];
	static struct answer answers[2];
	static struct validation validations[1];
	static struct str statuses[2];

	statuses[0] = STR("client hold");
	statuses[1] = STR("pending \\ \xff");
	servers[0] = name_of("ns1.example");
	servers[1] = name_of("ns2.example");
	delegations[0] = (struct delegation){
		name_of("acme.example"), name_of("example"), servers, 2, servers, 1, true
	};
	views[0] = (struct view){
		VIEW_AUTHORITY,          servers[0], address_of("192.0.2.1@54"),
		name_of("acme.example"), true,       true
	};
	views[1] = (struct view){ .kind = VIEW_RESOLVER,
				  .address = address_of("2001:db8::1") };
	records[0] = (struct dns_record){ name_of("A.acme.example"), DNS_TYPE_CNAME, 300,
					  STR("\1B\7example\0") };
	records[1] = (struct dns_record){ name_of("b.example"), DNS_TYPE_TXT, 0xffffffff,
					  STR("\3\0\xff\"\0\1\\") };
	records[2] = (struct dns_record){ name_of("b.example"), 65280, 0, STR("\1\2") };
	records[3] =
		(struct dns_record){ name_of("b.example"), DNS_TYPE_A, 0, STR("\1\2") };
	answers[0] = (struct answer){
		.question = { name_of("a.acme.example"), DNS_TYPE_TXT },
		.view = 1,
		.rcode = 4095,
		.authoritative = true,
		.authenticated = true,
		.over_tcp = true,
		.is_referral = true,
		.has_ede = true,
		.ede_code = 22,
		.rtt_us = 1234567,
		.records = { records, 4 },
		.has_soa = true,
		.soa_owner = name_of("."),
		.soa_ttl_s = 17,
		.soa = { name_of("m.example"), name_of("r\\.x.example"), 1, 2, 3, 4, 5 },
	};
	answers[1] = (struct answer){
		.question = { name_of("\\000\\255.example"), 65280 },
		.outcome = ASK_NO_TCP,
		.has_ede = true,
	};
	validations[0] = (struct validation){ { name_of("a.acme.example"), DNS_TYPE_TXT },
					      SECURITY_BOGUS,
					      STR("signature \\ \0\xff\n expired") };
	return (struct observation){
		name_of("acme.example"),
		1795309200,
		48,
		WALK_DONE,
		name_of("example"),
		name_of("acme.example"),
		delegations,
		1,
		views,
		2,
		answers,
		2,
		validations,
		1,
		5,
		3,
		true,
		{ REGISTRATION_FOUND, name_of("acme.example"), statuses, 2, 86401, 86402,
		  STR("Registrar \1"), STR("https://rdap.example/domain/acme.example") },
	};
}

static void nothing_is_lost_on_the_way_and_back(void **state)
{
	struct observation o = full_observation();
	auto_arena struct arena a;

	(void)state;
	arena_init(&a, ARENA);
	struct str text = text_of(&a, &o);
	struct observation p = read_text(&a, text);
	assert_string_equal(text_of(&a, &p).data, text.data);
	assert_int_equal(p.at_s, o.at_s);
	assert_int_equal(p.walk, WALK_DONE);
	assert_int_equal(p.queries, 5);
	assert_true(dns_name_equal(&p.stopped_at, &o.stopped_at));
	assert_int_equal(p.delegations[0].parent_ns_count, 2);
	assert_int_equal(p.delegations[0].child_ns_count, 1);
	assert_true(p.delegations[0].signed_here);
	assert_int_equal(p.views[0].address.port, 54);
	assert_true(p.views[0].in_parent && p.views[0].in_child);
	assert_int_equal(p.views[1].server.len, 0);
	const struct answer *x = &p.answers[0];
	assert_int_equal(x->rcode, 4095);
	assert_true(x->authoritative && x->authenticated && x->over_tcp &&
		    x->is_referral);
	assert_true(x->has_ede && x->has_soa);
	assert_int_equal(x->soa.minimum_s, 5);
	assert_int_equal(x->records.count, 4);
	for (size_t i = 0; i < 4; i++)
		assert_true(str_equal(x->records.records[i].rdata,
				      o.answers[0].records.records[i].rdata));
	assert_int_equal(p.answers[1].outcome, ASK_NO_TCP);
	assert_true(p.answers[1].has_ede);
	assert_int_equal(p.answers[1].ede_code, 0);
	assert_int_equal(p.answers[1].records.count, 0);
	assert_true(str_equal(p.validations[0].why, o.validations[0].why));
	assert_true(p.has_registration);
	assert_int_equal(p.registration.status_count, 2);
	assert_true(str_equal(p.registration.statuses[1], o.registration.statuses[1]));
	assert_int_equal(p.registration.registered_at, 86401);
	assert_int_equal(p.registration.expires_at, 86402);
	assert_true(str_equal(p.registration.registrar, o.registration.registrar));
}

static void every_word_is_read_back(void **state)
{
	struct observation o = full_observation();
	auto_arena struct arena a;

	(void)state;
	arena_init(&a, ARENA);
	for (unsigned i = 0; i <= ASK_LIMIT; i++) {
		o.answers[0].outcome = i;
		o.walk = i <= WALK_SKIPPED ? i : WALK_DONE;
		o.views[0].kind = i <= VIEW_FORWARD ? i : VIEW_AUTHORITY;
		o.validations[0].security = i <= SECURITY_BOGUS ? i : SECURITY_SECURE;
		o.registration.outcome = i <= REGISTRATION_FOUND ? i : REGISTRATION_NONE;
		struct observation p = read_text(&a, text_of(&a, &o));
		assert_int_equal(p.answers[0].outcome, o.answers[0].outcome);
		assert_int_equal(p.walk, o.walk);
		assert_int_equal(p.views[0].kind, o.views[0].kind);
		assert_int_equal(p.validations[0].security, o.validations[0].security);
		assert_int_equal(p.registration.outcome, o.registration.outcome);
	}
}

static void the_example_of_the_document_is_what_is_written(void **state)
{
	auto_arena struct arena a;
	auto_buf struct buf file;
	struct err e = { 0 };

	(void)state;
	arena_init(&a, ARENA);
	buf_init(&file, 1 << 20);
	if (!file_read(OBSERVATION_DOCUMENT, &file, &e))
		fail_msg("%s", e.text);
	const char *start = strstr(buf_cstr(&file), "```json\n");
	assert_non_null(start);
	start += strlen("```json\n");
	struct str example = str_of(start, (size_t)(strstr(start, "```") - start));
	json_t *json = json_of(example);
	auto_free char *compact = json_dumps(json, JSON_COMPACT);
	json_decref(json);
	struct observation o = read_text(&a, example);
	assert_string_equal(text_of(&a, &o).data, compact);
}

/* `from` in the minimal observation is replaced by `to`; the error begins with `path`. */
struct change {
	const char *from;
	const char *to;
	const char *path; /* NULL: accepted */
};

static const struct change changes[] = {
	{ "TXT", "TXT", NULL },
	{ "\"schema\":1", "\"schema\":2", "schema: " },
	{ "\"schema\":1", "\"schema\":\"1\"", "schema: " },
	{ "\"schema\":1,", "", "schema: is missing" },
	{ "\"a.example\",\"at\"", "\"a..example\",\"at\"", "domain: " },
	{ "\"a.example\",\"at\"", "7,\"at\"", "domain: is not a string" },
	{ "\"at\":5", "\"at\":-5", "at: " },
	{ "\"at\":5", "\"at\":5.0", "at: " },
	{ "\"elapsed_ms\":1", "\"elapsed_ms\":4294967296", "elapsed_ms: " },
	{ "\"elapsed_ms\":1", "\"elapsed_ms\":4294967295", NULL },
	{ "skipped", "skippped", "walk: " },
	{ "skipped", "done", "zone: is missing" },
	{ "\"delegations\":[]", "\"delegations\":{}", "delegations: is not a list" },
	{ "\"delegations\":[]", "\"delegations\":[4]",
	  "delegations[0]: is not an object" },
	{ "\"delegations\":[]",
	  "\"delegations\":[{\"zone\":\".\",\"parent\":\".\",\"parent_ns\":[\"a\",\"b "
	  "\"],"
	  "\"child_ns\":[],\"signed\":true}]",
	  "delegations[0].parent_ns[1]: " },
	{ "\"delegations\":[]",
	  "\"delegations\":[{\"zone\":\".\",\"parent\":\".\",\"parent_ns\":[],"
	  "\"child_ns\":[],\"signed\":1}]",
	  "delegations[0].signed: " },
	{ "192.0.2.1", "192.0.2.x", "views[0].address: " },
	{ "\"address\"", "\"adress\"", "views[0]: has a key that is not known" },
	{ "\"view\":0", "\"view\":1", "answers[0].view: there is no view 1" },
	{ "\"view\":0", "\"view\":65536", "answers[0].view: " },
	{ "\"view\":0,", "", "answers[0].view: is missing" },
	{ "NOERROR", "NOPE", "answers[0].rcode: 'NOPE' is not" },
	{ ",\"rcode\":\"NOERROR\"", "", "answers[0].rcode: is missing" },
	{ "\"answered\"", "\"timeout\"", "answers[0].rcode: contradicts" },
	{ "\"type\":\"TXT\",\"view\"", "\"type\":\"TYPE99999\",\"view\"",
	  "answers[0].type: " },
	{ "\"type\":\"TXT\",\"ttl_s\"", "\"type\":\"A\",\"ttl_s\"",
	  "answers[0].records[0].rdata: " },
	{ "\\\"hi\\\"", "\\\"hi", "answers[0].records[0].rdata: " },
	{ "\"ttl_s\":60", "\"ttl_s\":60,\"class\":\"IN\"", "answers[0].records[0]: " },
	{ "\"rcode\":\"NOERROR\"", "\"rcode\":\"NOERROR\",\"soa\":{}",
	  "answers[0].soa.name: is missing" },
	{ "\"rcode\":\"NOERROR\"", "\"rcode\":\"NOERROR\",\"ede_code\":65536",
	  "answers[0].ede_code: " },
	{ "\"rcode\":\"NOERROR\"", "\"rcode\":\"NOERROR\",\"over_tcp\":null",
	  "answers[0].over_tcp: " },
	{ "\"validations\":[]",
	  "\"validations\":[{\"name\":\"a\",\"type\":\"A\",\"security\":\"bogus\","
	  "\"why\":\"\\\\9\"}]",
	  "validations[0].why: " },
	{ "\"validations\":[]}", "\"validations\":[],\"version\":2}",
	  "observation: has a key that is not known" },
};

static void change_minimal(struct buf *out, const struct change *change)
{
	const char *at = strstr(minimal, change->from);

	assert_non_null(at);
	buf_add(out, minimal, (size_t)(at - minimal));
	buf_text(out, change->to);
	buf_text(out, at + strlen(change->from));
}

static void what_is_wrong_is_named_by_its_path(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
		const struct change *t = &changes[i];
		auto_arena struct arena a;
		auto_buf struct buf text;
		struct observation o = { .queries = 77 };
		struct err e = { 0 };
		arena_init(&a, ARENA);
		buf_init(&text, 1 << 16);
		change_minimal(&text, t);
		json_t *json = json_of(buf_view(&text));
		bool ok = observation_from_json(&a, json, &o, &e);
		json_decref(json);
		if (ok != (t->path == NULL))
			fail_msg("'%s' to '%s': %s", t->from, t->to,
				 ok ? "accepted" : e.text);
		if (ok)
			continue;
		assert_int_equal(e.kind, ERR_USAGE);
		assert_int_equal(o.queries, 77);
		if (strncmp(e.text, t->path, strlen(t->path)) != 0)
			fail_msg("'%s' does not begin with '%s'", e.text, t->path);
	}
}

static void only_an_object_is_an_observation(void **state)
{
	auto_arena struct arena a;
	struct observation o;
	struct err e = { 0 };
	json_t *json = json_of(STR("[1]"));

	(void)state;
	arena_init(&a, ARENA);
	assert_false(observation_from_json(&a, json, &o, &e));
	assert_string_equal(e.text, "observation: is not an object");
	json_decref(json);
}

static void lists_have_a_ceiling(void **state)
{
	auto_arena struct arena a;
	struct observation o;
	struct err e = { 0 };
	json_t *json = json_of(str_from(minimal));
	json_t *views = json_object_get(json, "views");
	json_t *view = json_array_get(views, 0);

	(void)state;
	arena_init(&a, ARENA);
	while (json_array_size(views) < OBSERVATION_VIEWS_MAX)
		json_array_append(views, view);
	assert_true(observation_from_json(&a, json, &o, &e));
	json_array_append(views, view);
	assert_false(observation_from_json(&a, json, &o, &e));
	assert_string_equal(e.text, "views: has 65 items, 64 are the most");
	json_decref(json);
}

static void a_full_arena_is_a_failure(void **state)
{
	struct observation o;
	json_t *json = json_of(str_from(minimal));

	(void)state;
	for (size_t limit = 0; limit < sizeof(struct answer); limit += 64) {
		auto_arena struct arena a;
		struct err e = { 0 };
		arena_init(&a, limit);
		assert_false(observation_from_json(&a, json, &o, &e));
		assert_int_equal(e.kind, ERR_LIMIT);
	}
	json_decref(json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_observation_without_anything_is_short),
		cmocka_unit_test(nothing_is_lost_on_the_way_and_back),
		cmocka_unit_test(every_word_is_read_back),
		cmocka_unit_test(the_example_of_the_document_is_what_is_written),
		cmocka_unit_test(what_is_wrong_is_named_by_its_path),
		cmocka_unit_test(only_an_object_is_an_observation),
		cmocka_unit_test(lists_have_a_ceiling),
		cmocka_unit_test(a_full_arena_is_a_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
