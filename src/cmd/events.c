/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * unpend events: lists what happened, or follows it. A tenant's events are numbered
 * without gaps and number n is seen before n + 1, so what was shown is remembered as one
 * number a tenant; nothing is missed and nothing comes twice, whoever writes.
 */
#include <jansson.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "cmd/access.h"
#include "mail/mail.h"
#include "store/store.h"
#include "webhook/webhook.h"

enum {
	BATCH = 200,
	BATCH_BYTES = 64 * 1024 * 1024,
	KNOWN_BYTES = 256 * 1024 * 1024,
	LINE_BYTES = 1024 * 1024,
	TICK_MS = 1000,
};

/* How far a tenant's events were shown. */
struct shown {
	int64_t tenant_id;
	int64_t seq;
};

struct events_job {
	const struct cmd_line *line;
	struct store *store;
	struct arena words;  /* of the whole run */
	struct arena arena;  /* of `known` */
	struct str tenant;   /* empty: all */
	struct str domain;   /* empty: all */
	struct shown *known; /* in order of tenant_id */
	size_t known_count;
	int64_t since_s; /* of tenants that are not known yet; 0: all of their events */
	bool as_json;
	bool is_over;  /* nothing more can be written */
	int exit_code; /* of what was written */
};

/* "30m", "2h", "1d": so long ago. */
static bool ago_parse(struct str text, int64_t now_s, int64_t *out)
{
	static const struct {
		char unit;
		int64_t seconds;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };
	uint64_t n;

	for (size_t i = 0; text.len > 1 && i < ARRAY_LEN(units); i++) {
		if (text.data[text.len - 1] != units[i].unit ||
		    !str_number(str_sub(text, 0, text.len - 1), 1000000, &n))
			continue;
		*out = now_s - (int64_t)n * units[i].seconds;
		return true;
	}
	return clock_parse(text, out);
}

/* --- showing --- */

static void seen_write(struct buf *out, const json_t *perspective)
{
	const json_t *code;
	size_t i;

	escape_visible(out,
		       str_from(json_string_value(json_object_get(perspective, "name"))),
		       64);
	buf_text(out, ": ");
	escape_visible(
		out, str_from(json_string_value(json_object_get(perspective, "verdict"))),
		64);
	json_array_foreach(json_object_get(perspective, "findings"), i, code)
	{
		buf_byte(out, ' ');
		escape_visible(out, str_from(json_string_value(code)), 16);
	}
}

/* " (here: action_required U201; tokyo: silent)" */
static void detail_write(struct buf *out, struct str detail)
{
	json_t *json = json_loadb(detail.data, detail.len, 0, NULL);
	const json_t *list = json_object_get(json, "perspectives");
	const json_t *one;
	size_t i;

	json_array_foreach(list, i, one)
	{
		buf_text(out, i ? "; " : " (");
		seen_write(out, one);
	}
	buf_text(out, json_array_size(list) ? ")" : "");
	json_decref(json);
}

static void event_write_text(struct buf *out, struct str tenant,
			     const struct event_row *event)
{
	clock_write_rfc3339(out, event->at_s);
	buf_printf(out, " %.*s #%lld", STR_ARG(tenant), (long long)event->seq);
	if (event->domain.len)
		buf_printf(out, " %.*s", STR_ARG(event->domain));
	buf_printf(out, " %.*s", STR_ARG(event->kind));
	if (event->to.len)
		buf_printf(out, " %.*s -> %.*s", STR_ARG(event->from),
			   STR_ARG(event->to));
	detail_write(out, event->detail);
	buf_byte(out, '\n');
}

static void event_write_json(struct buf *out, struct str tenant,
			     const struct event_row *event)
{
	json_t *json = webhook_event_json(event);

	json_object_set_new(json, "tenant", json_stringn(tenant.data, tenant.len));
	char *text = json_dumps(json, JSON_COMPACT | JSON_ENSURE_ASCII);
	buf_text(out, text ? text : "{}");
	buf_byte(out, '\n');
	xfree(text);
	json_decref(json);
}

static void event_show(struct events_job *j, struct str tenant,
		       const struct event_row *event)
{
	auto_buf struct buf line;

	buf_init(&line, LINE_BYTES);
	if (j->domain.len && !str_equal(j->domain, event->domain))
		return;
	if (j->as_json)
		event_write_json(&line, tenant, event);
	else
		event_write_text(&line, tenant, event);
	if (!cmd_write(buf_view(&line), &j->exit_code))
		j->is_over = true;
}

/* --- following --- */

/* What is behind the number that was shown. */
static bool tenant_show(struct events_job *j, const struct event_head *head,
			struct shown *shown, struct err *e)
{
	struct event_list list = { .count = BATCH };
	auto_arena struct arena a;

	arena_init(&a, BATCH_BYTES);
	while (shown->seq < head->seq && list.count == BATCH && !j->is_over) {
		const struct event_after after = { .tenant_id = head->tenant_id,
						   .seq = shown->seq,
						   .limit = BATCH };
		arena_reset(&a);
		if (!store_event_after(j->store, &a, &after, &list, e))
			return false;
		for (size_t i = 0; i < list.count && !j->is_over; i++) {
			event_show(j, head->tenant, &list.rows[i]);
			shown->seq = list.rows[i].seq;
		}
	}
	return true;
}

static bool shown_begin(struct events_job *j, int64_t tenant_id, struct shown *out,
			struct err *e)
{
	*out = (struct shown){ .tenant_id = tenant_id };
	return j->since_s == 0 ||
	       store_event_before(j->store, tenant_id, j->since_s, &out->seq, e);
}

/* Both are in order of tenant, and tenants are never given an id twice. */
static bool all_show(struct events_job *j, struct err *e)
{
	struct event_head *heads;
	size_t count;
	size_t at = 0;
	auto_arena struct arena a;

	arena_init(&a, KNOWN_BYTES);
	if (!store_event_heads(j->store, &a, &heads, &count, e))
		return false;
	struct shown *next = arena_array(&a, count + 1, sizeof(*next));
	for (size_t i = 0; i < count && !j->is_over; i++) {
		while (at < j->known_count && j->known[at].tenant_id < heads[i].tenant_id)
			at++;
		if (at < j->known_count && j->known[at].tenant_id == heads[i].tenant_id)
			next[i] = j->known[at];
		else if (!shown_begin(j, heads[i].tenant_id, &next[i], e))
			return false;
		if ((!j->tenant.len || str_equal(j->tenant, heads[i].tenant)) &&
		    !tenant_show(j, &heads[i], &next[i], e))
			return false;
	}
	arena_reset(&j->arena);
	j->known = arena_array(&j->arena, count + 1, sizeof(*next));
	memcpy(j->known, next, count * sizeof(*next));
	j->known_count = count;
	return true;
}

static void on_woken(void *arg, unsigned wakes unused_arg)
{
	const int *event = arg;

	eventfd_write(*event, 1);
}

/* Until somebody writes, a second passed, or the reader went away. */
static void tail_wait(struct events_job *j, int event)
{
	struct pollfd both[] = { { .fd = event, .events = POLLIN },
				 { .fd = STDOUT_FILENO } };
	eventfd_t ignored;

	poll(both, ARRAY_LEN(both), TICK_MS);
	if (both[0].revents)
		eventfd_read(event, &ignored);
	j->is_over = j->is_over || (both[1].revents & (POLLERR | POLLHUP));
}

static bool tail(struct events_job *j, struct err *e)
{
	struct str url = config_text(j->line->config, CONFIG_STORE_URL);
	struct store_listener *listener;
	int event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	if (!store_listen(url, on_woken, &event, &listener, e)) {
		close(event);
		return false;
	}
	while (!j->is_over) {
		struct err trouble = { 0 };
		/* The store may be away for a while; what was not shown is still
		 * there. */
		if (!all_show(j, &trouble) && trouble.kind != ERR_UNAVAILABLE) {
			*e = trouble;
			break;
		}
		tail_wait(j, event);
	}
	store_listen_end(&listener);
	close(event);
	return j->is_over;
}

/* --- the command line --- */

/* A number: what is behind it, of the one tenant. */
static bool since_seq(struct events_job *j, uint64_t seq, struct err *e)
{
	auto_arena struct arena a;
	struct tenant_row tenant;

	arena_init(&a, 1024 * 1024);
	if (!j->tenant.len)
		return err_set(e, ERR_USAGE, "%s",
			       lang_text(e->lang,
					 LANG_MARK("--since NUMBER wants --tenant: each "
						   "tenant's events have their own "
						   "numbers")));
	if (!store_tenant_by_name(j->store, &a, j->tenant, &tenant, e))
		return false;
	j->known = arena_array(&j->arena, 1, sizeof(*j->known));
	*j->known = (struct shown){ tenant.id, (int64_t)seq };
	j->known_count = 1;
	return true;
}

static bool since_read(struct events_job *j, struct str since, struct err *e)
{
	uint64_t seq;

	if (str_number(since, INT64_MAX, &seq))
		return since_seq(j, seq, e);
	return ago_parse(since, clock_now_s(), &j->since_s) ||
	       err_set(e, ERR_USAGE, "%s",
		       lang_text(e->lang,
				 LANG_MARK("--since wants a time, a duration such as 2h, "
					   "or the number of an event")));
}

/* Everything up to now was shown already. */
static bool since_now(struct events_job *j, struct err *e)
{
	struct event_head *heads;
	auto_arena struct arena a;

	arena_init(&a, KNOWN_BYTES);
	if (!store_event_heads(j->store, &a, &heads, &j->known_count, e))
		return false;
	j->known = arena_array(&j->arena, j->known_count + 1, sizeof(*j->known));
	for (size_t i = 0; i < j->known_count; i++)
		j->known[i] = (struct shown){ heads[i].tenant_id, heads[i].seq };
	return true;
}

static bool events_run(struct events_job *j, struct str since, struct err *e)
{
	const struct cmd_line *line = j->line;
	bool follows = line->word_count == 1 && str_is(line->words[0], "tail");
	struct dns_name ignored;
	struct tenant_row tenant;

	if (!follows && !(line->word_count == 1 && str_is(line->words[0], "list")))
		return err_set(
			e, ERR_USAGE, "%s",
			lang_text(e->lang, LANG_MARK("'events' wants: list or tail")));
	if (j->domain.len &&
	    !mail_domain_parse(&j->words, j->domain, false, &j->domain, &ignored, e))
		return false;
	if (!access_store_open(line->config, &j->store, e) ||
	    (j->tenant.len &&
	     !access_tenant_find(j->store, &j->words, j->tenant, &tenant, e)))
		return false;
	if (since.len ? !since_read(j, since, e) : follows && !since_now(j, e))
		return false;
	return follows ? tail(j, e) : all_show(j, e);
}

int cmd_events(int argc, char **argv)
{
	size_t json_count = 0;
	size_t ignored[3] = { 0 };
	struct str since = STR_EMPTY;
	struct events_job j = { .tenant = STR_EMPTY, .domain = STR_EMPTY };
	const struct cmd_option options[] = {
		{ .name = "--json", .max = 1, .count_out = &json_count },
		{ "--tenant", "NAME", &j.tenant, 1, &ignored[0] },
		{ "--identity", "DOMAIN", &j.domain, 1, &ignored[1] },
		{ "--since", "TIME|NUMBER", &since, 1, &ignored[2] },
	};
	struct cmd_line line = { .options = options, .option_count = ARRAY_LEN(options) };
	int code;

	if (!cmd_line_read(&line, argc, argv, &code))
		return code;
	struct err e = { .lang = line.lang };
	j.line = &line;
	j.as_json = json_count > 0 || !isatty(STDOUT_FILENO);
	arena_init(&j.words, 1024 * 1024);
	arena_init(&j.arena, KNOWN_BYTES);
	code = events_run(&j, since, &e) ? j.exit_code : cmd_fail(&e);
	store_close(&j.store);
	arena_done(&j.arena);
	arena_done(&j.words);
	cmd_line_done(&line);
	return code;
}
