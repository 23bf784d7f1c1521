/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A finding for people: evidence in columns, the reason, and what to type. */
#include "diagnose/text.h"
#include "diagnose/zone.h"

enum {
	LABEL_WIDTH = 15, /* "  looked for   " */
	HELP_INDENT = 8,  /* "  help: " */
	EVIDENCE_SHOWN = 3,
};

static const char *severity_label(enum severity s)
{
	static const char *const labels[] = {
		[SEVERITY_ERROR] = "fix",
		[SEVERITY_WAIT] = "wait",
		[SEVERITY_UNSURE] = "unsure",
		[SEVERITY_NOTE] = "note",
	};
	return labels[s];
}

static enum text_tint severity_tint(enum severity s)
{
	static const enum text_tint tints[] = {
		[SEVERITY_ERROR] = TINT_BAD,
		[SEVERITY_WAIT] = TINT_WAIT,
		[SEVERITY_UNSURE] = TINT_WAIT,
		[SEVERITY_NOTE] = TINT_NOTE,
	};
	return tints[s];
}

static void label(struct text_page *p, const char *text)
{
	buf_printf(p->out, "  %-13s", text);
}

static const char *outcome_words(const struct evidence *ev)
{
	static const char *const words[] = {
		[ASK_ANSWERED] = "",
		[ASK_TIMEOUT] = "no answer in time",
		[ASK_UNREACHABLE] = "cannot be reached",
		[ASK_MALFORMED] = "the answer is not DNS",
		[ASK_FORBIDDEN] = "not a public address",
		[ASK_NO_ADDRESS] = "the server has no address",
		[ASK_NO_TCP] = "no answer over TCP",
		[ASK_LIMIT] = "not asked: the check's limits were reached",
	};
	return words[ev->outcome];
}

static void write_answer_words(const struct evidence *ev, struct buf *b)
{
	if (ev->outcome != ASK_ANSWERED) {
		buf_text(b, outcome_words(ev));
		return;
	}
	if (ev->rcode == DNS_RCODE_NXDOMAIN) {
		buf_text(b, "no such name");
		return;
	}
	if (ev->rcode == DNS_RCODE_NOERROR) {
		buf_text(b, "no ");
		dns_type_write(b, ev->question.type);
		buf_text(b, " record there");
		return;
	}
	dns_rcode_write(b, ev->rcode);
}

static void write_values(struct text_page *p, const struct evidence *ev)
{
	for (size_t i = 0; i < ev->value_count; i++) {
		auto_buf struct buf b;
		buf_init(&b, 64 * 1024);
		dns_type_write(&b, ev->question.type);
		buf_byte(&b, ' ');
		buf_str(&b, ev->values[i]);
		buf_fill(p->out, ' ', LABEL_WIDTH);
		page_clip(p->out, buf_view(&b), p->columns - LABEL_WIDTH);
		buf_byte(p->out, '\n');
	}
}

static void write_servers(struct text_page *p, const struct evidence *ev)
{
	auto_buf struct buf b;
	buf_init(&b, 16 * 1024);
	for (size_t i = 0; i < ev->server_name_count; i++) {
		if (i > 0)
			buf_text(&b, ", ");
		buf_str(&b, ev->server_names[i]);
	}
	if (ev->servers > ev->server_name_count)
		buf_printf(&b, " and %zu more", ev->servers - ev->server_name_count);
	if (b.len == 0)
		return;
	label(p, ev->outcome == ASK_ANSWERED ? "said by" : "asked of");
	page_wrap(p->out, buf_view(&b), LABEL_WIDTH, LABEL_WIDTH, p->columns);
	buf_byte(p->out, '\n');
}

/* Who said it matters where servers are at fault; else how many is enough. */
static bool names_servers(const struct finding *f)
{
	return f->code[1] == '1' || f->code[1] == '9';
}

/* "CNAME k1._domainkey.shop.example.com"; with a value the type stands beside that. */
static void write_question(struct buf *b, const struct evidence *ev)
{
	struct dns_name lower = dns_name_lower(&ev->question.name);
	if (ev->value_count == 0) {
		dns_type_write(b, ev->question.type);
		buf_byte(b, ' ');
	}
	dns_name_write(b, &lower);
}

static void write_evidence(struct text_page *p, const struct finding *f,
			   const struct evidence *ev)
{
	bool is_found = ev->value_count > 0;
	bool is_answer = ev->outcome == ASK_ANSWERED && (ev->rcode == DNS_RCODE_NOERROR ||
							 ev->rcode == DNS_RCODE_NXDOMAIN);
	auto_buf struct buf b;
	buf_init(&b, 4096);
	write_question(&b, ev);
	label(p, is_found ? "found" : is_answer ? "looked for" : "asked for");
	buf_str(p->out, buf_view(&b));
	size_t at = LABEL_WIDTH + page_width(buf_view(&b));
	if (!is_found) {
		buf_clear(&b);
		write_answer_words(ev, &b);
		if (ev->servers > 0 && !names_servers(f))
			buf_printf(&b, " (%zu server%s)", ev->servers,
				   ev->servers == 1 ? "" : "s");
		bool fits = at + 2 + b.len <= p->columns;
		buf_text(p->out, fits ? "  " : "\n");
		buf_fill(p->out, ' ', fits ? 0 : LABEL_WIDTH);
		buf_str(p->out, buf_view(&b));
	}
	buf_byte(p->out, '\n');
	write_values(p, ev);
	if (names_servers(f))
		write_servers(p, ev);
}

static void write_why(struct text_page *p, const struct finding *f)
{
	if (f->why.len == 0)
		return;
	label(p, "why");
	page_wrap(p->out, f->why, LABEL_WIDTH, LABEL_WIDTH, p->columns);
	buf_byte(p->out, '\n');
}

static void write_card_line(struct text_page *p, const char *field, struct str text)
{
	buf_printf(p->out, "%*s%-10s%.*s\n", HELP_INDENT, "", field, STR_ARG(text));
}

/* What to type, by the boxes of a DNS panel: each whole on a line, to be copied. */
static void write_card(struct text_page *p, const struct expected_record *x,
		       const struct fix *fix)
{
	struct str value = fix->value;
	auto_buf struct buf b;
	buf_init(&b, 256);
	dns_type_write(&b, x->type);
	write_card_line(p, "Type", buf_view(&b));
	write_card_line(p, "Name", fix->name);
	if (x->type == DNS_TYPE_MX && value.len > 0) {
		buf_clear(&b);
		buf_printf(&b, "%u", x->priority);
		write_card_line(p, "Priority", buf_view(&b));
		value = str_trim(str_sub(value, str_find_byte(value, ' '), value.len));
	}
	if (value.len > 0)
		write_card_line(p, "Value", value);
}

static void write_count(struct buf *b, const char *words, size_t n)
{
	struct str text = str_from(words);
	size_t mark = str_find_byte(text, '#');
	buf_printf(b, "%.*s%zu%s", (int)mark, words, n, words + mark + 1);
}

/* One sentence for fixes of one kind that differ in name and value only. */
struct card_words {
	const char *action;
	const char *one;
	const char *many; /* # is the number of them */
};

static const struct card_words *find_card_words(const struct fix *fix)
{
	static const struct card_words rows[] = {
		{ "add", "add this record", "add these # records" },
		{ "rename", "leave the value, and change the name box of this record to",
		  "leave the values, and change the name boxes of these # records to" },
		{ "set_value", "set the value of this record",
		  "set the values of these # records" },
		{ "set_type", "remove the TXT record, and add this one in its place",
		  "remove the TXT records, and add these # in their place" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (strcmp(rows[i].action, fix->action) == 0)
			return &rows[i];
	}
	return NULL;
}

/* Each record has a fix of its own, which names what to type. */
static bool has_cards(const struct finding *f)
{
	if (f->fix_count == 0 || f->fix_count != f->record_count)
		return false;
	for (size_t i = 0; i < f->fix_count; i++) {
		const struct fix *fix = &f->fixes[i];
		bool is_typed = fix->exact || strcmp(fix->action, "set_type") == 0;
		if (!is_typed || fix->name.len == 0 || !find_card_words(fix) ||
		    strcmp(fix->action, f->fixes[0].action) != 0)
			return false;
	}
	return true;
}

static void write_cards(struct text_page *p, const struct finding *f,
			const struct card_words *words)
{
	struct dns_name zone;
	auto_buf struct buf b;
	buf_init(&b, 4096);
	if (strcmp(words->action, "add") == 0 && report_zone(p->r, &zone)) {
		struct dns_name lower = dns_name_lower(&zone);
		buf_text(&b, "in the zone ");
		dns_name_write(&b, &lower);
		buf_byte(&b, ' ');
	}
	if (f->fix_count == 1)
		buf_text(&b, words->one);
	else
		write_count(&b, words->many, f->fix_count);
	buf_byte(&b, ':');
	buf_text(p->out, "  help: ");
	page_wrap(p->out, buf_view(&b), HELP_INDENT, HELP_INDENT, p->columns);
	buf_byte(p->out, '\n');
	for (size_t i = 0; i < f->fix_count; i++) {
		if (i > 0)
			buf_byte(p->out, '\n');
		write_card(p, f->records[i], &f->fixes[i]);
	}
}

static void write_help(struct text_page *p, const struct finding *f)
{
	const struct card_words *words =
		f->fix_count > 0 ? find_card_words(&f->fixes[0]) : NULL;
	if (words && has_cards(f)) {
		write_cards(p, f, words);
		return;
	}
	for (size_t i = 0; i < f->fix_count; i++) {
		buf_text(p->out, i == 0 ? "  help: " : "        ");
		page_wrap(p->out, f->fixes[i].sentence, HELP_INDENT, HELP_INDENT,
			  p->columns);
		buf_byte(p->out, '\n');
	}
	if (f->severity != SEVERITY_WAIT || f->until_s == 0)
		return;
	label(p, "until");
	clock_write_rfc3339(p->out, f->until_s);
	buf_byte(p->out, '\n');
}

/* Records that share a cause look alike: some are shown, the others counted. */
static void write_all_evidence(struct text_page *p, const struct finding *f)
{
	size_t each = f->record_count > 1 ? f->evidence_count / f->record_count : 0;
	bool is_regular = each > 0 && each * f->record_count == f->evidence_count;
	bool is_one_enough = is_regular && (each > 1 || strcmp(f->code, "U106") == 0);
	size_t shown = is_one_enough ? each : EVIDENCE_SHOWN;
	if (shown > f->evidence_count)
		shown = f->evidence_count;
	for (size_t i = 0; i < shown; i++)
		write_evidence(p, f, &f->evidence[i]);
	size_t left = f->evidence_count - shown;
	if (is_regular)
		left /= each;
	if (left > 0)
		buf_printf(p->out, "%*sand %zu more alike\n", LABEL_WIDTH, "", left);
}

void text_finding(struct text_page *p, const struct finding *f)
{
	auto_buf struct buf b;
	buf_init(&b, 256);
	buf_printf(&b, "%s[%s]:", severity_label(f->severity), f->code);
	buf_byte(p->out, '\n');
	text_tinted(p, severity_tint(f->severity), buf_cstr(&b));
	buf_byte(p->out, ' ');
	page_wrap(p->out, f->title, b.len + 1, 4, p->columns);
	buf_byte(p->out, '\n');
	write_all_evidence(p, f);
	write_why(p, f);
	write_help(p, f);
}
