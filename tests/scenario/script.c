/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "script.h"

#include <sys/mman.h>
#include <unistd.h>

#include "memory.h"
#include "scene.h"
#include "step.h"
#include "words.h"

enum {
	ARENA_MAX = 1 << 30,
	TEXT_MAX = 4 << 20,
	LINE_MAX = 1 << 18,
	ANCHORS_MAX = 1 << 16,
	LOOKS_MAX = 2000,
	ROW_WORDS_MAX = 9,
	WALL_S = 1795262400, /* 2026-11-21T12:00:00Z */
};

typedef bool statement_fn(struct script *s, const struct statement *st, struct err *e);

static bool run_all(struct script *s, struct str text, struct err *e);

struct script *script_new(const char *folder)
{
	struct script *s = xalloc(1, sizeof(*s));

	arena_init(&s->arena, ARENA_MAX);
	buf_init(&s->anchors, ANCHORS_MAX);
	s->folder = folder;
	s->config = config_new();
	s->world.arena = &s->arena;
	s->serve = serve_new(&s->world, &s->arena);
	s->wall_s = WALL_S;
	s->seed = 1;
	return s;
}

void script_free(struct script **s)
{
	looker_free(&(*s)->looker);
	serve_close((*s)->serve);
	config_free(&(*s)->config);
	buf_done(&(*s)->anchors);
	arena_done(&(*s)->arena);
	xfree(*s);
	*s = NULL;
}

/* Looking */

static bool do_expect(struct script *s, const struct statement *st, struct err *e)
{
	struct str rest = st->body;
	struct str line;

	s->expected_count = 0;
	while (words_line(&rest, &line)) {
		if (s->expected_count == SCENE_EXPECTED_MAX)
			return err_set(e, ERR_USAGE, "too much is expected");
		s->expected[s->expected_count++] = arena_str(&s->arena, str_trim(line));
	}
	return true;
}

static bool purpose_find(struct str word, enum purpose *out, struct err *e)
{
	for (int i = PURPOSE_DKIM; i <= PURPOSE_OTHER; i++) {
		*out = (enum purpose)i;
		if (str_is(word, purpose_name(*out)))
			return true;
	}
	return err_set(e, ERR_USAGE, "no purpose '%.*s'", STR_ARG(word));
}

/* "[optional] PURPOSE TYPE NAME VALUE" */
static bool add_expected(struct script *s, struct str text, struct expectation *x,
			 struct err *e)
{
	struct record_draft d = { 0 };
	struct str rest = text;

	if (words_starts(rest, "optional")) {
		words_next(&rest);
		d.optional = true;
	}
	if (!purpose_find(words_next(&rest), &d.purpose, e))
		return false;
	struct str type = words_next(&rest);
	if (!dns_type_parse(type, &d.type))
		return err_set(e, ERR_USAGE, "'%.*s' is no type", STR_ARG(type));
	struct str name = words_next(&rest);
	d.name = str_is(name, "@")
			 ? x->domain
			 : str_from(arena_printf(&s->arena, "%.*s.%.*s", STR_ARG(name),
						 STR_ARG(x->domain)));
	d.value = rest;
	return expectation_add(&s->arena, x, &d, e);
}

static bool make_expectation(struct script *s, struct str domain, struct expectation *out,
			     struct err *e)
{
	if (!expectation_empty(&s->arena, arena_str(&s->arena, domain), out, e))
		return false;
	for (size_t i = 0; i < s->expected_count; i++)
		if (!add_expected(s, s->expected[i], out, e))
			return false;
	return true;
}

/* A file that only this process sees. */
static bool put_file(struct script *s, const char *key, struct str text, struct err *e)
{
	int fd = memfd_create("scenario", 0);

	if (!file_write_all(fd, text, e))
		return false;
	return config_set(s->config, str_from(key),
			  str_from(arena_printf(&s->arena, "/proc/self/fd/%d", fd)),
			  "scenario", e);
}

/* The NS and addresses of the root zone. */
static bool put_hints(struct script *s, struct err *e)
{
	struct dns_name root;
	auto_buf struct buf text;
	buf_init(&text, TEXT_MAX);

	if (!dns_name_parse(STR("."), &root, e))
		return false;
	const struct zone *z = world_zone_find(&s->world, &root);
	for (size_t i = 0; z && i < z->rows.count; i++) {
		const struct dns_record *r = &z->rows.records[i];
		if (r->type != DNS_TYPE_NS && r->type != DNS_TYPE_A &&
		    r->type != DNS_TYPE_AAAA)
			continue;
		dns_name_write_absolute(&text, &r->owner);
		buf_text(&text, r->type == DNS_TYPE_NS  ? " 3600 IN NS "
				: r->type == DNS_TYPE_A ? " 3600 IN A "
							: " 3600 IN AAAA ");
		dns_rdata_write(&text, r->type, r->rdata);
		buf_byte(&text, '\n');
	}
	return put_file(s, "dns.root_hints", buf_view(&text), e);
}

static bool listen_all(struct script *s, struct err *e)
{
	for (size_t i = 0; i < s->world.zone_count; i++) {
		const struct zone *z = s->world.zones[i];
		for (size_t k = 0; k < z->server_count; k++)
			if (!serve_listen(s->serve, &z->servers[k], e))
				return false;
	}
	for (const struct rule *r = serve_rules(s->serve); r; r = r->next)
		for (size_t k = 0; k < r->server_count; k++)
			if (!serve_listen(s->serve, &r->servers[k], e))
				return false;
	return true;
}

static bool begin(struct script *s, struct err *e)
{
	if (!listen_all(s, e))
		return false;
	if (s->looker)
		return true;
	if (!put_hints(s, e))
		return false;
	if (s->anchors.len > 0 &&
	    !put_file(s, "dns.trust_anchor", buf_view(&s->anchors), e))
		return false;
	step_begin(serve_world(s->serve), s->wall_s, s->seed);
	return looker_new(s->config, &s->looker, e);
}

/* A look without a verdict and a cost asserted shows nothing. */
static bool was_asserted(const struct script *s, struct err *e)
{
	if (s->looks.count == 0 || (s->has_verdict && s->has_budget))
		return true;
	return err_set(e, ERR_USAGE,
		       "the look before has no `must verdict`, or no `must cost`");
}

/* "look [N x] DOMAIN" */
static bool do_look(struct script *s, const struct statement *st, struct err *e)
{
	uint64_t times;
	struct str model = words_times(st->head, &times);

	if (times > LOOKS_MAX)
		return err_set(e, ERR_USAGE, "too many looks");
	if (!was_asserted(s, e))
		return false;
	struct expectation *all = arena_array(&s->arena, times, sizeof(*all));
	for (uint64_t i = 0; i < times; i++) {
		auto_buf struct buf domain;
		buf_init(&domain, LINE_MAX);
		words_number(&domain, model, i);
		if (!make_expectation(s, buf_view(&domain), &all[i], e))
			return false;
	}
	if (!begin(s, e))
		return false;
	s->looks =
		(struct looks){ .arena = &s->arena, .expectations = all, .count = times };
	looker_look(s->looker, &s->looks);
	must_describe(s->out, s);
	return !serve_has_failed(s->serve, e) && must_always(s, e);
}

static bool do_must(struct script *s, const struct statement *st, struct err *e)
{
	return must_hold(s, st->head, e);
}

static bool do_wait(unused_arg struct script *s, const struct statement *st,
		    struct err *e)
{
	int64_t us;

	if (!words_duration(st->head, &us))
		return err_set(e, ERR_USAGE, "'%.*s' is no duration", STR_ARG(st->head));
	step_advance(us);
	return true;
}

/* "world NAME": as if its file stood here. */
static bool do_world(struct script *s, const struct statement *st, struct err *e)
{
	auto_buf struct buf text;
	buf_init(&text, TEXT_MAX);

	if (!file_read(arena_printf(&s->arena, "%s/worlds/%.*s", s->folder,
				    STR_ARG(st->head)),
		       &text, e))
		return false;
	return run_all(s, arena_str(&s->arena, buf_view(&text)), e) ||
	       err_in(e, "%.*s", STR_ARG(st->head));
}

static const struct {
	const char *word;
	statement_fn *run;
} statements[] = {
	{ "world", do_world },
	{ "set", stage_set },
	{ "clock", stage_clock },
	{ "seed", stage_seed },
	{ "rtt", stage_rtt },
	{ "tcp", stage_tcp },
	{ "victim", stage_victim },
	{ "anchor", stage_anchor },
	{ "zone", stage_zone },
	{ "in", stage_in },
	{ "delegate", stage_delegate },
	{ "server", stage_server },
	{ "expect", do_expect },
	{ "look", do_look },
	{ "must", do_must },
	{ "wait", do_wait },
};

static bool run_statement(struct script *s, struct statement *st, struct err *e)
{
	struct str word = words_next(&st->head);

	for (size_t i = 0; i < ARRAY_LEN(statements); i++)
		if (str_is(word, statements[i].word))
			return statements[i].run(s, st, e) ||
			       err_in(e, "line %zu", st->line);
	return err_set(e, ERR_USAGE, "line %zu: no statement '%.*s'", st->line,
		       STR_ARG(word));
}

static bool run_all(struct script *s, struct str text, struct err *e)
{
	struct str rest = text;
	struct str line;
	struct statement st = { 0 };
	bool is_open = false;

	for (size_t number = 1; str_split(&rest, '\n', &line); number++) {
		if (words_is_nothing(line) || words_is_indented(line))
			continue;
		if (is_open) {
			size_t from = (size_t)(st.body.data - text.data);
			st.body = str_sub(text, from, (size_t)(line.data - st.body.data));
			if (!run_statement(s, &st, e))
				return false;
		}
		is_open = true;
		size_t behind = (size_t)(line.data - text.data) + line.len + 1;
		st = (struct statement){ number, str_trim(line),
					 str_sub(text, behind, SIZE_MAX) };
	}
	return !is_open || run_statement(s, &st, e);
}

/* A rule that never fitted describes what did not happen. */
static bool were_rules_used(const struct script *s, struct err *e)
{
	for (const struct rule *r = serve_rules(s->serve); r; r = r->next)
		if (!r->is_used && !r->is_optional)
			return err_set(e, ERR_CONFLICT,
				       "line %zu: rule '%.*s' was never used", r->line,
				       STR_ARG(r->head));
	return true;
}

bool script_run(struct script *s, struct str text, struct buf *out, struct err *e)
{
	s->out = out;
	if (!run_all(s, text, e) || !was_asserted(s, e) || !were_rules_used(s, e))
		return false;
	if (s->looks.count == 0)
		return err_set(e, ERR_USAGE, "nothing is looked at");
	return must_glance(s, e);
}

/* Rows */

static bool is_row(struct str line)
{
	return words_starts(line, "row");
}

size_t script_rows(struct str text)
{
	struct str rest = text;
	struct str line;
	size_t count = 0;

	while (str_split(&rest, '\n', &line))
		count += is_row(line);
	return count ? count : 1;
}

static void write_substituted(struct buf *out, struct str line, const struct str *words)
{
	for (size_t i = 0; i < line.len; i++) {
		char next = i + 1 < line.len ? line.data[i + 1] : 0;
		if (line.data[i] == '$' && next >= '1' && next <= '9') {
			buf_str(out, words[next - '1']);
			i++;
		} else {
			buf_byte(out, (uint8_t)line.data[i]);
		}
	}
	buf_byte(out, '\n');
}

/* Words of a row are separated by tabs. */
static void read_row(struct str line, struct str words[ROW_WORDS_MAX])
{
	struct str rest = str_trim(str_sub(line, 3, SIZE_MAX));
	struct str part;

	for (size_t i = 0; i < ROW_WORDS_MAX; i++)
		words[i] = STR_EMPTY;
	for (size_t i = 0; i < ROW_WORDS_MAX && str_split(&rest, '\t', &part);)
		if (part.len > 0)
			words[i++] = str_trim(part);
}

bool script_row(struct buf *out, struct str text, size_t row, struct str *name_out)
{
	struct str words[ROW_WORDS_MAX] = { { 0 } };
	struct str rest = text;
	struct str line;
	size_t count = 0;

	while (str_split(&rest, '\n', &line))
		if (is_row(line) && count++ == row)
			read_row(line, words);
	*name_out = words[0];
	if (count == 0) {
		buf_str(out, text);
		return !out->failed;
	}
	rest = text;
	while (str_split(&rest, '\n', &line)) {
		if (is_row(line))
			buf_byte(out, '\n');
		else
			write_substituted(out, line, words);
	}
	return !out->failed;
}
