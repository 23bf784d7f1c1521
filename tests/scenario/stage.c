/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The statements that make the world: settings, zones, rules. */
#include "scene.h"
#include "words.h"

enum {
	TEXT_MAX = 4 << 20,
	LINE_MAX = 1 << 18,
};

static bool read_address(struct str word, struct address *out, struct err *e)
{
	if (address_parse(word, 53, out))
		return true;
	return err_set(e, ERR_USAGE, "'%.*s' is no address", STR_ARG(word));
}

static bool read_addresses(struct script *s, struct str rest, const struct address **out,
			   size_t *count, struct err *e)
{
	struct address *all = arena_array(&s->arena, RULE_SERVERS_MAX, sizeof(*all));

	*count = 0;
	while (rest.len > 0) {
		struct str word = words_next(&rest);
		if (*count == RULE_SERVERS_MAX || !read_address(word, &all[*count], e))
			return false;
		(*count)++;
	}
	*out = all;
	return true;
}

/* Settings */

bool stage_set(struct script *s, const struct statement *st, struct err *e)
{
	struct str rest = st->head;
	struct str name = words_next(&rest);

	return config_set(s->config, name, rest, "scenario", e);
}

bool stage_clock(struct script *s, const struct statement *st, struct err *e)
{
	return clock_parse(st->head, &s->wall_s) ||
	       err_set(e, ERR_USAGE, "'%.*s' is no time", STR_ARG(st->head));
}

bool stage_seed(struct script *s, const struct statement *st, struct err *e)
{
	return str_number(st->head, UINT32_MAX, &s->seed) ||
	       err_set(e, ERR_USAGE, "'%.*s' is no number", STR_ARG(st->head));
}

/* "rtt [ADDRESS...] DURATION" */
bool stage_rtt(struct script *s, const struct statement *st, struct err *e)
{
	struct str rest = st->head;
	struct str word = words_next(&rest);
	struct address a;
	int64_t us;

	if (rest.len == 0 && words_duration(word, &us)) {
		serve_set_rtt(s->serve, us);
		return true;
	}
	struct str addresses = st->head;
	size_t cut = st->head.len;
	while (cut > 0 && !ascii_is_blank((unsigned char)st->head.data[cut - 1]))
		cut--;
	if (!words_duration(str_sub(st->head, cut, SIZE_MAX), &us))
		return err_set(e, ERR_USAGE, "'%.*s' is no duration", STR_ARG(st->head));
	addresses = str_trim(str_sub(st->head, 0, cut));
	while (addresses.len > 0) {
		if (!read_address(words_next(&addresses), &a, e))
			return false;
		serve_set_server(s->serve, &a, us, LISTEN_USUAL);
	}
	return true;
}

/* "tcp refuse|blackhole ADDRESS..." */
bool stage_tcp(struct script *s, const struct statement *st, struct err *e)
{
	struct str rest = st->head;
	struct str how = words_next(&rest);
	struct address a;

	if (!str_is(how, "refuse") && !str_is(how, "blackhole"))
		return err_set(e, ERR_USAGE, "tcp '%.*s'", STR_ARG(how));
	while (rest.len > 0) {
		if (!read_address(words_next(&rest), &a, e))
			return false;
		serve_set_server(s->serve, &a, -1,
				 str_is(how, "refuse") ? LISTEN_REFUSE
						       : LISTEN_BLACKHOLE);
	}
	return true;
}

bool stage_victim(struct script *s, const struct statement *st, struct err *e)
{
	struct str rest = st->head;

	while (rest.len > 0) {
		struct str word = words_next(&rest);
		if (s->victim_count == SCENE_VICTIMS_MAX ||
		    !network_parse(word, &s->victims[s->victim_count++]))
			return err_set(e, ERR_USAGE, "victim '%.*s'", STR_ARG(word));
	}
	return true;
}

bool stage_anchor(struct script *s, const struct statement *st, unused_arg struct err *e)
{
	buf_str(&s->anchors, st->head);
	buf_byte(&s->anchors, '\n');
	return true;
}

/* Zones */

static bool add_records(struct script *s, struct rows *rows, struct str text,
			const struct dns_name *origin, struct err *e)
{
	uint64_t times;
	struct str model = words_times(str_trim(text), &times);

	for (uint64_t i = 0; i < times; i++) {
		struct dns_record r;
		auto_buf struct buf line;
		buf_init(&line, LINE_MAX);
		if (times > 1)
			words_number(&line, model, i);
		else
			buf_str(&line, model);
		if (!record_read(&s->arena, buf_view(&line), origin, &r, e))
			return err_in(e, "'%.60s'", buf_cstr(&line));
		rows_add(&s->arena, rows, &r);
	}
	return true;
}

static bool change_rows(struct script *s, struct rows *rows, struct str body,
			const struct dns_name *origin, struct err *e);

/* "file PATH": as if its lines stood here. */
static bool include_rows(struct script *s, struct rows *rows, struct str path,
			 const struct dns_name *origin, struct err *e)
{
	auto_buf struct buf text;
	buf_init(&text, TEXT_MAX);

	return file_read(arena_printf(&s->arena, "%s/%.*s", s->folder, STR_ARG(path)),
			 &text, e) &&
	       change_rows(s, rows, arena_str(&s->arena, buf_view(&text)), origin, e);
}

/* "- OWNER [TYPE [RDATA]]" takes away, any other line adds. */
static bool change_rows(struct script *s, struct rows *rows, struct str body,
			const struct dns_name *origin, struct err *e)
{
	struct str rest = body;
	struct str line;
	size_t gone;

	while (words_line(&rest, &line)) {
		struct str text = str_trim(line);
		bool ok;
		if (words_starts(text, "-")) {
			ok = rows_remove(&s->arena, rows, str_sub(text, 1, SIZE_MAX),
					 origin, &gone, e);
			if (ok && gone == 0)
				ok = err_set(e, ERR_USAGE, "'%.*s': there is none",
					     STR_ARG(text));
		} else if (words_starts(text, "file")) {
			ok = include_rows(s, rows, str_trim(str_sub(text, 4, SIZE_MAX)),
					  origin, e);
		} else {
			ok = add_records(s, rows, text, origin, e);
		}
		if (!ok)
			return false;
	}
	return true;
}

static struct zone *zone_get(struct script *s, struct str name, struct err *e)
{
	struct dns_name origin;

	if (!dns_name_parse(name, &origin, e))
		return NULL;
	struct zone *z = world_zone_find(&s->world, &origin);
	if (!z)
		z = world_zone_add(&s->world, &origin);
	if (!z)
		err_set(e, ERR_USAGE, "too many zones");
	return z;
}

/* "zone NAME at ADDRESS...", with its records below. A zone that is there begins anew. */
static bool make_zone(struct script *s, struct str head, struct str body, struct err *e)
{
	struct str rest = head;
	struct zone *z = zone_get(s, words_next(&rest), e);

	if (!z)
		return false;
	if (!str_is(words_next(&rest), "at"))
		return err_set(e, ERR_USAGE, "zone NAME at ADDRESS...");
	z->server_count = 0;
	z->rows.count = 0;
	while (rest.len > 0) {
		struct str word = words_next(&rest);
		if (z->server_count == WORLD_SERVERS_MAX)
			return err_set(e, ERR_USAGE, "too many servers");
		if (!read_address(word, &z->servers[z->server_count++], e))
			return false;
	}
	if (!change_rows(s, &z->rows, body, &z->origin, e))
		return false;
	zone_complete(&s->world, z);
	return true;
}

/* "zone [N x] ...": with {i} in its head and in its records. */
bool stage_zone(struct script *s, const struct statement *st, struct err *e)
{
	uint64_t times;
	struct str model = words_times(st->head, &times);

	if (times == 1)
		return make_zone(s, model, st->body, e);
	for (uint64_t i = 0; i < times; i++) {
		auto_buf struct buf head;
		auto_buf struct buf body;
		buf_init(&head, LINE_MAX);
		buf_init(&body, LINE_MAX);
		words_number(&head, model, i);
		words_number(&body, st->body, i);
		if (!make_zone(s, buf_view(&head), buf_view(&body), e))
			return false;
	}
	return true;
}

bool stage_in(struct script *s, const struct statement *st, struct err *e)
{
	struct zone *z = zone_get(s, st->head, e);

	return z && change_rows(s, &z->rows, st->body, &z->origin, e);
}

/* What the parent says of a zone; without records: nothing. "delegate [N x] NAME" */
bool stage_delegate(struct script *s, const struct statement *st, struct err *e)
{
	uint64_t times;
	struct str model = words_times(st->head, &times);

	for (uint64_t i = 0; i < times; i++) {
		auto_buf struct buf head;
		auto_buf struct buf body;
		buf_init(&head, LINE_MAX);
		buf_init(&body, LINE_MAX);
		words_number(&head, model, i);
		if (times > 1)
			words_number(&body, st->body, i);
		else
			buf_str(&body, st->body);
		struct zone *z = zone_get(s, buf_view(&head), e);
		if (!z)
			return false;
		z->has_delegation = true;
		z->delegation.count = 0;
		if (!change_rows(s, &z->delegation, buf_view(&body), &z->origin, e))
			return false;
	}
	return true;
}

/* Rules */

static bool add_rule_line(struct script *s, struct rule *rule, struct str text,
			  struct err *e)
{
	if (!rule)
		return err_set(e, ERR_USAGE, "a rule begins with a question and ':'");
	if (rule->line_count == RULE_LINES_MAX)
		return err_set(e, ERR_USAGE, "too many lines in a rule");
	rule->lines[rule->line_count++] = arena_str(&s->arena, text);
	return true;
}

/* "QUESTION: LINE | LINE" with one tab, further lines with two. */
static bool begin_rule(struct script *s, struct rule *rule, struct str text,
		       struct err *e)
{
	/* A name may hold an escaped colon only, an address none. */
	size_t colon = str_find_byte(text, ':');
	struct str rest = str_trim(str_sub(text, colon + 1, SIZE_MAX));

	if (colon == text.len)
		return err_set(e, ERR_USAGE, "no ':' in '%.*s'", STR_ARG(text));
	rule->head = arena_str(&s->arena, str_sub(text, 0, colon));
	if (!rule_head_read(rule, rule->head, e))
		return false;
	while (rest.len > 0) {
		size_t bar = 0;
		while (bar < rest.len &&
		       !str_starts(str_sub(rest, bar, SIZE_MAX), STR(" | ")))
			bar++;
		if (!add_rule_line(s, rule, str_trim(str_sub(rest, 0, bar)), e))
			return false;
		rest = str_trim(str_sub(rest, bar + 3, SIZE_MAX));
	}
	return true;
}

/* "server ADDRESS..." or "server all", rules below. */
bool stage_server(struct script *s, const struct statement *st, struct err *e)
{
	const struct address *servers = NULL;
	size_t count = 0;
	struct rule *first = NULL;
	struct rule *last = NULL;
	struct str rest = st->body;
	struct str line;

	if (!str_is(st->head, "all") && !read_addresses(s, st->head, &servers, &count, e))
		return false;
	for (size_t i = 0; i < count; i++)
		serve_set_server(s->serve, &servers[i], -1, LISTEN_USUAL);
	while (words_line(&rest, &line)) {
		bool is_further = str_starts(line, STR("\t\t"));
		if (!is_further) {
			struct rule *rule = arena_alloc(&s->arena, sizeof(*rule));
			rule->line = st->line;
			rule->servers = servers;
			rule->server_count = count;
			*(last ? &last->next : &first) = rule;
			last = rule;
		}
		if (is_further ? !add_rule_line(s, last, str_trim(line), e)
			       : !begin_rule(s, last, str_trim(line), e))
			return false;
	}
	if (first)
		serve_add_rules(s->serve, first);
	return true;
}
