/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The records of a report for people, a line each. */
#include "diagnose/text.h"
#include "diagnose/zone.h"

enum {
	NAME_COLUMN = 27, /* "  ok     MAIL FROM  CNAME  " */
	NAME_WIDTH =
		24, /* the column of names is at least so wide, where there is room */
	LABEL_KEPT = 10, /* of a label that is shortened, at least so much stays */
	VALUES_SHOWN = 3,
};

static bool is_covered(const struct report *r, const struct record_report *record)
{
	for (size_t i = 0; i < r->finding_count; i++) {
		for (size_t j = 0; j < r->findings[i].record_count; j++) {
			if (r->findings[i].records[j] == record->expected)
				return true;
		}
	}
	return false;
}

/* What a finding has told of is not told again. */
static bool is_listed(const struct report *r, const struct record_report *record)
{
	return record->state == RECORD_OK || record->state == RECORD_WAITING ||
	       !is_covered(r, record);
}

static const char *state_label(enum record_state s)
{
	static const char *const labels[] = {
		[RECORD_OK] = LANG_MARK("ok"),
		[RECORD_MISSING] = LANG_MARK("fix"),
		[RECORD_WRONG] = LANG_MARK("fix"),
		[RECORD_WAITING] = LANG_MARK("wait"),
		[RECORD_UNKNOWN] = LANG_MARK("unsure"),
		[RECORD_FOUND] = LANG_MARK("found"),
		[RECORD_ABSENT] = LANG_MARK("none"),
	};
	return labels[s];
}

static enum text_tint state_tint(enum record_state s)
{
	static const enum text_tint tints[] = {
		[RECORD_OK] = TINT_GOOD,      [RECORD_MISSING] = TINT_BAD,
		[RECORD_WRONG] = TINT_BAD,    [RECORD_WAITING] = TINT_WAIT,
		[RECORD_UNKNOWN] = TINT_WAIT, [RECORD_FOUND] = TINT_GOOD,
		[RECORD_ABSENT] = TINT_NOTE,
	};
	return tints[s];
}

/* "DKIM 1", "SPF", "SPF 2": the id's number behind the purpose's title. */
static void write_record_title(struct buf *b, const struct expected_record *x,
			       enum lang lang)
{
	size_t dash = str_find_byte(x->id, '-');
	buf_text(b, x->purpose == PURPOSE_OTHER && x->type == DNS_TYPE_MX
			    ? "MX"
			    : lang_text(lang, purpose_title(x->purpose)));
	if (dash < x->id.len)
		buf_printf(b, " %.*s", STR_ARG(str_sub(x->id, dash + 1, x->id.len)));
}

static void write_record_name(const struct report *r, const struct dns_name *name,
			      struct buf *b)
{
	struct dns_name zone;
	struct dns_name shown = dns_name_lower(name);
	if (report_zone(r, &zone) && dns_name_within(name, &zone)) {
		shown = dns_name_relative(&shown, &zone);
		if (shown.len < 2) {
			buf_byte(b, '@');
			return;
		}
	}
	dns_name_write(b, &shown);
}

/* "3/4 name servers (1 lame)" */
static void write_servers(const struct report *r, const struct record_report *record,
			  struct buf *b)
{
	const struct expected_record *x = record->expected;
	if (r->expectation->count == 0 && x->purpose == PURPOSE_DKIM) {
		buf_text(b, record->state == RECORD_ABSENT
				    ? lang_text(r->lang, "no DKIM keys are published")
			    : record->state == RECORD_FOUND
				    ? lang_text(r->lang, "there are keys below it")
				    : "");
		return;
	}
	if (r->one_cache) {
		buf_text(b, record->servers_asked > 0 ? lang_text(r->lang, "one cache")
						      : "");
		return;
	}
	if (record->state != RECORD_OK && record->state != RECORD_WAITING &&
	    record->state != RECORD_FOUND)
		return;
	size_t right = record->servers_right;
	size_t asked = record->servers_asked;
	if (right == 0 && record->state == RECORD_OK && x->type == DNS_TYPE_CNAME)
		buf_text(b, lang_text(r->lang, "works, but not by a CNAME"));
	else if (record->servers_lame > 0)
		buf_printf(b, lang_text(r->lang, "%zu/%zu name servers (%zu lame)"),
			   right, asked, record->servers_lame);
	else if (record->servers_silent > 0)
		buf_printf(b, lang_text(r->lang, "%zu/%zu name servers (%zu silent)"),
			   right, asked, record->servers_silent);
	else
		buf_printf(b, lang_text(r->lang, "%zu/%zu name servers"), right, asked);
}

/* What stands behind the name: how many servers have it, and whether it may be absent. */
static void write_record_servers(const struct report *r,
				 const struct record_report *record, struct buf *b)
{
	write_servers(r, record, b);
	if (r->expectation->count == 0 || record->expected->required)
		return;
	if (b->len > 0)
		buf_text(b, lang_text(r->lang, ", "));
	buf_text(b, lang_text(r->lang, "recommended"));
}

/* The name in at most `width` columns: the middle of its longest label is left out. Names
 * in presentation form are ASCII. Too long all the same: whole. */
static void write_shortened(struct buf *out, struct str name, size_t width)
{
	struct str rest = name;
	struct str label;
	struct str longest = STR_EMPTY;
	while (str_split(&rest, '.', &label)) {
		if (label.len > longest.len)
			longest = label;
	}
	size_t over = name.len > width ? name.len - width : 0;
	if (over == 0 || longest.len < over + 1 + LABEL_KEPT) {
		buf_str(out, name);
		return;
	}
	size_t kept = longest.len - over - 1;
	size_t front = (size_t)(longest.data - name.data) + kept / 2;
	size_t back =
		(size_t)(longest.data - name.data) + longest.len - (kept - kept / 2);
	buf_str(out, str_sub(name, 0, front));
	buf_text(out, "\xe2\x80\xa6"); /* U+2026 */
	buf_str(out, str_sub(name, back, name.len));
}

/* How wide the column of names is, so that what stands behind it lines up: as the longest
 * name, but the longest remark still fits behind it. */
static size_t name_column_width(const struct text_page *p)
{
	auto_buf struct buf b;
	size_t longest = NAME_WIDTH;
	size_t remark = 0;
	buf_init(&b, 4096);
	for (size_t i = 0; i < p->r->record_count; i++) {
		const struct record_report *record = &p->r->records[i];
		if (!is_listed(p->r, record))
			continue;
		buf_clear(&b);
		write_record_name(p->r, &record->expected->name, &b);
		longest = b.len > longest ? b.len : longest;
		buf_clear(&b);
		write_record_servers(p->r, record, &b);
		size_t width = page_width(buf_view(&b));
		remark = width > remark ? width : remark;
	}
	size_t taken = NAME_COLUMN + (remark > 0 ? remark + 2 : 0);
	size_t room = p->columns > taken ? p->columns - taken : 0;
	return longest < room ? longest : room;
}

static void write_name_and_servers(struct text_page *p,
				   const struct record_report *record, size_t name_width)
{
	auto_buf struct buf name;
	auto_buf struct buf tail;
	auto_buf struct buf shown;
	buf_init(&name, 4096);
	buf_init(&tail, 256);
	buf_init(&shown, 4096);
	write_record_name(p->r, &record->expected->name, &name);
	write_record_servers(p->r, record, &tail);
	write_shortened(&shown, buf_view(&name), name_width);
	buf_str(p->out, buf_view(&shown));
	size_t width = page_width(buf_view(&shown));
	if (tail.len == 0)
		return;
	if (width > name_width) {
		buf_byte(p->out, '\n');
		buf_fill(p->out, ' ', NAME_COLUMN);
	} else {
		buf_fill(p->out, ' ', name_width - width + 2);
	}
	buf_str(p->out, buf_view(&tail));
}

static void write_record(struct text_page *p, const struct record_report *record,
			 size_t name_width)
{
	const struct expected_record *x = record->expected;
	const char *state = lang_text(p->r->lang, state_label(record->state));
	size_t state_width = page_width(str_from(state));
	auto_buf struct buf b;
	buf_init(&b, 4096);
	buf_text(p->out, "  ");
	text_tinted(p, state_tint(record->state), state);
	buf_fill(p->out, ' ', state_width < 7 ? 7 - state_width : 1);
	write_record_title(&b, x, p->r->lang);
	size_t title_width = page_width(buf_view(&b));
	buf_str(p->out, buf_view(&b));
	buf_fill(p->out, ' ', title_width < 10 ? 11 - title_width : 1);
	buf_clear(&b);
	dns_type_write(&b, x->type);
	buf_printf(p->out, "%-6s ", buf_cstr(&b));
	write_name_and_servers(p, record, name_width);
	buf_byte(p->out, '\n');
}

/* With nothing expected, what was found is what is wanted to be seen. */
static void write_found(struct text_page *p, const struct record_report *record)
{
	size_t shown = 0;
	if (p->r->expectation->count > 0 || record->state == RECORD_ABSENT)
		return;
	for (size_t i = 0; i < record->view_count && shown == 0; i++) {
		const struct record_view *v = &record->views[i];
		for (size_t j = 0; j < v->value_count && shown < VALUES_SHOWN; j++) {
			if (record->expected->purpose == PURPOSE_SPF &&
			    !str_equal_nocase(str_sub(v->values[j], 0, 6), STR("v=spf1")))
				continue;
			buf_fill(p->out, ' ', NAME_COLUMN);
			page_clip(p->out, v->values[j], p->columns - NAME_COLUMN);
			buf_byte(p->out, '\n');
			shown++;
		}
	}
}

void text_records(struct text_page *p)
{
	const struct report *r = p->r;
	bool is_first = true;
	size_t name_width = name_column_width(p);
	for (size_t i = 0; i < r->record_count; i++) {
		const struct record_report *record = &r->records[i];
		if (!is_listed(r, record))
			continue;
		if (is_first)
			buf_byte(p->out, '\n');
		is_first = false;
		write_record(p, record, name_width);
		write_found(p, record);
	}
}
