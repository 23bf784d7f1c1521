/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See fixture.h. */
#include "fixture.h"

#include <libpq-fe.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <unistd.h>

bool place_is_postgres(void)
{
	return getenv("UNPEND_TEST_POSTGRES") != NULL;
}

static void notice_drop(void *arg unused_arg, const PGresult *result unused_arg)
{
}

static void sql_run(const char *sql)
{
	PGconn *conn = PQconnectdb(getenv("UNPEND_TEST_POSTGRES"));

	PQsetNoticeReceiver(conn, notice_drop, NULL);
	PGresult *result = PQexec(conn, sql);
	if (PQresultStatus(result) != PGRES_COMMAND_OK)
		fail_msg("%s: %s", sql, PQerrorMessage(conn));
	PQclear(result);
	PQfinish(conn);
}

static const char *schema_of(const char *url)
{
	const char *found = strstr(url, "search_path%3D");

	return found ? found + strlen("search_path%3D") : NULL;
}

static void sqlite_run(const char *path, const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	sqlite3_close(db);
}

void place_sql(struct place *p, const char *sql)
{
	if (!place_is_postgres()) {
		sqlite_run(p->url + strlen("sqlite:"), sql);
		return;
	}
	sql_run(arena_printf(&p->arena, "SET search_path = %s; %s", schema_of(p->url),
			     sql));
}

void place_cut(const char *application)
{
	auto_arena struct arena a;

	arena_init(&a, 1024);
	sql_run(arena_printf(&a,
			     "DO $$ BEGIN PERFORM pg_terminate_backend(pid, 10000) "
			     "FROM pg_stat_activity WHERE application_name = '%s'; "
			     "END $$",
			     application));
}

const char *place_url(struct place *p, const char *name)
{
	const char *schema = arena_printf(&p->arena, "place_%d_%s", (int)getpid(), name);

	if (!place_is_postgres())
		return arena_printf(&p->arena, "sqlite:%s/%s.db", p->folder, name);
	sql_run(arena_printf(&p->arena, "CREATE SCHEMA %s", schema));
	return arena_printf(&p->arena, "%s&options=-csearch_path%%3D%s",
			    getenv("UNPEND_TEST_POSTGRES"), schema);
}

int place_make(void **state)
{
	struct place *p = xalloc(1, sizeof(*p));
	struct err e = { 0 };

	memcpy(p->folder, "/tmp/unpend-store-XXXXXX", 25);
	assert_non_null(mkdtemp(p->folder));
	arena_init(&p->arena, 64 * 1024 * 1024);
	const char *url = place_url(p, "unpend");
	assert_true(strlen(url) < sizeof(p->url));
	memcpy(p->url, url, strlen(url) + 1);
	must_be_done(store_open(str_from(p->url), &p->store, &e));
	p->tenant = tenant_make(p->store, "acme");
	p->other = tenant_make(p->store, "rival");
	*state = p;
	return 0;
}

void store_remove(struct place *p, const char *url)
{
	static const char *const ends[] = { "", "-wal", "-shm" };
	const char *schema = schema_of(url);

	if (schema)
		sql_run(arena_printf(&p->arena, "DROP SCHEMA %s CASCADE", schema));
	for (size_t i = 0; !schema && i < ARRAY_LEN(ends); i++)
		(void)unlink(arena_printf(&p->arena, "%s%s", url + strlen("sqlite:"),
					  ends[i]));
}

int place_remove(void **state)
{
	struct place *p = *state;

	store_close(&p->store);
	store_remove(p, p->url);
	assert_int_equal(rmdir(p->folder), 0);
	arena_done(&p->arena);
	xfree(p);
	return 0;
}

struct store *place_connect(const struct place *p)
{
	struct store *s;
	struct err e = { 0 };

	must_be_done(store_open(str_from(p->url), &s, &e));
	return s;
}

int64_t tenant_make(struct store *s, const char *name)
{
	struct tenant_row row = { .name = str_from(name),
				  .access_key_id = str_from(name),
				  .secret_sealed = STR("sealed"),
				  .created_at = 900 };
	struct err e = { 0 };
	int64_t id = 0;

	must_be_done(store_tenant_add(s, &row, &id, &e));
	return id;
}

struct identity_row identity_make(struct place *p, int64_t tenant, const char *domain,
				  const char *seed)
{
	struct identity_row row = { .tenant_id = tenant,
				    .domain = str_from(domain),
				    .key_zone = STR("dkim.mailer.example") };

	for (int i = 0; i < EXPECT_DKIM_TOKENS; i++)
		row.tokens[i] = str_from(arena_printf(&p->arena, "%s%d", seed, i));
	row.state.aspects[ASPECT_DKIM] =
		(struct aspect_state){ .status = STATUS_PENDING, .started_at = 1000 };
	row.state.created_at = 1000;
	row.state.next_look_at = 1000;
	return row;
}

int64_t identity_put(struct place *p, int64_t tenant, const char *domain,
		     const char *seed)
{
	struct identity_row row = identity_make(p, tenant, domain, seed);
	struct err e = { 0 };

	must_be_done(store_identity_add(p->store, &row, &e));
	return row.id;
}

struct identity_row identity_see(struct place *p, int64_t id)
{
	struct identity_row row = { 0 };
	struct err e = { 0 };

	must_be_done(store_identity_get(p->store, &p->arena, 0, id, &row, &e));
	return row;
}

struct message_row message_make(struct place *p, int64_t identity,
				enum message_state state, const char *id)
{
	struct str *recipients = arena_array(&p->arena, 2, sizeof(*recipients));

	recipients[0] = STR("one@there.example");
	recipients[1] = STR("\"a,b]\\\"\"@there.example");
	return (struct message_row){
		.message_id = str_from(id),
		.tenant_id = p->tenant,
		.identity_id = identity,
		.state = state,
		.sender = STR("news@acme.example"),
		.recipients = recipients,
		.recipient_count = 2,
		.content = STR("From: news@acme.example\r\n\r\nhello\r\n"),
		.created_at = 1000,
		.next_try_at = 1000,
	};
}

int64_t message_put(struct place *p, int64_t identity, enum message_state state,
		    const char *id)
{
	struct message_row row = message_make(p, identity, state, id);
	struct err e = { 0 };

	must_be_done(store_message_add(p->store, &row, 0, &e));
	return row.id;
}

void keys_put(struct store *s, const char *seed, size_t count)
{
	struct err e = { 0 };

	for (size_t i = 0; i < count; i++) {
		struct buf public;
		buf_init(&public, 100);
		buf_printf(&public, "public %s %zu", seed, i);
		struct key_row row = { .private_sealed = STR("sealed private half"),
				       .public_der = buf_view(&public) };
		must_be_done(store_key_add(s, &row, &e));
		buf_done(&public);
	}
}
