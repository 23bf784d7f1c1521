/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A finding for people: evidence in columns, the reason, and what to type. */
#include <assert.h>

#include "diagnose/text.h"
#include "diagnose/zone.h"

enum {
	LABEL_WIDTH = 15, /* "  looked for   " */
	HELP_INDENT = 8,  /* "  help: " */
	FIELD_WIDTH = 10, /* "Priority  " */
	EVIDENCE_SHOWN = 3,
};

static const char *severity_label(enum severity s)
{
	static const char *const labels[] = {
		[SEVERITY_ERROR] = LANG_MARK("fix"),
		[SEVERITY_WAIT] = LANG_MARK("wait"),
		[SEVERITY_UNSURE] = LANG_MARK("unsure"),
		[SEVERITY_NOTE] = LANG_MARK("note"),
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

/* A text and blanks behind it, `width` columns in all, one blank at least. */
static void write_padded(struct text_page *p, const char *text, size_t width)
{
	size_t taken = page_width(str_from(text));
	buf_text(p->out, text);
	buf_fill(p->out, ' ', taken < width ? width - taken : 1);
}

static void label(struct text_page *p, const char *text)
{
	buf_text(p->out, "  ");
	write_padded(p, text, LABEL_WIDTH - 2);
}

static const char *outcome_words(const struct evidence *ev)
{
	static const char *const words[] = {
		[ASK_ANSWERED] = "",
		[ASK_TIMEOUT] = LANG_MARK("no answer in time"),
		[ASK_UNREACHABLE] = LANG_MARK("cannot be reached"),
		[ASK_MALFORMED] = LANG_MARK("the answer is not DNS"),
		[ASK_FORBIDDEN] = LANG_MARK("not a public address"),
		[ASK_NO_ADDRESS] = LANG_MARK("the server has no address"),
		[ASK_NO_TCP] = LANG_MARK("no answer over TCP"),
		[ASK_LIMIT] = LANG_MARK("not asked: the check's limits were reached"),
	};
	return words[ev->outcome];
}

/* Who said it matters where servers are at fault; else how many is enough. */
static bool names_servers(const struct finding *f)
{
	return f->code[1] == '1' || f->code[1] == '9';
}

static void write_answer_words(enum lang lang, const struct evidence *ev, struct buf *b)
{
	auto_buf struct buf type;
	buf_init(&type, 64);
	if (ev->outcome != ASK_ANSWERED) {
		buf_text(b, lang_text(lang, outcome_words(ev)));
	} else if (ev->rcode == DNS_RCODE_NXDOMAIN) {
		buf_text(b, lang_text(lang, "no such name"));
	} else if (ev->rcode == DNS_RCODE_NOERROR) {
		dns_type_write(&type, ev->question.type);
		buf_printf(b, lang_text(lang, "no %s record there"), buf_cstr(&type));
	} else {
		dns_rcode_write(b, ev->rcode);
	}
}

/* "no such name (4 servers)" */
static void write_answer(enum lang lang, const struct finding *f,
			 const struct evidence *ev, struct buf *b)
{
	auto_buf struct buf words;
	buf_init(&words, 1024);
	write_answer_words(lang, ev, &words);
	if (ev->servers == 0 || names_servers(f))
		buf_str(b, buf_view(&words));
	else if (ev->servers == 1)
		buf_printf(b, lang_text(lang, "%s (1 server)"), buf_cstr(&words));
	else
		buf_printf(b, lang_text(lang, "%s (%zu servers)"), buf_cstr(&words),
			   ev->servers);
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
		/* Of a name the end may be what is wrong: it stays whole. */
		if (ev->question.type == DNS_TYPE_TXT)
			page_clip(p->out, buf_view(&b), p->columns - LABEL_WIDTH);
		else
			buf_str(p->out, buf_view(&b));
		buf_byte(p->out, '\n');
	}
}

/* Who said it; `run` pieces of evidence in a row say the same. */
static void write_servers(struct text_page *p, const struct evidence *ev, size_t run)
{
	enum lang lang = p->r->lang;
	auto_buf struct buf names;
	auto_buf struct buf b;
	buf_init(&names, TEXT_MAX);
	buf_init(&b, TEXT_MAX);
	for (size_t at = 0; at < run; at++) {
		for (size_t i = 0; i < ev[at].server_name_count; i++) {
			buf_text(&names, names.len > 0 ? ", " : "");
			buf_str(&names, ev[at].server_names[i]);
		}
	}
	if (run == 1 && ev->servers > ev->server_name_count)
		buf_printf(&b, lang_text(lang, "%s and %zu more"), buf_cstr(&names),
			   ev->servers - ev->server_name_count);
	else
		buf_str(&b, buf_view(&names));
	if (b.len == 0)
		return;
	label(p, ev->outcome == ASK_ANSWERED ? lang_text(lang, "said by")
					     : lang_text(lang, "asked of"));
	page_wrap(p->out, buf_view(&b), LABEL_WIDTH, LABEL_WIDTH, p->columns);
	buf_byte(p->out, '\n');
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

static bool is_same_evidence(const struct evidence *a, const struct evidence *b)
{
	if (a->question.type != b->question.type || a->rcode != b->rcode ||
	    a->outcome != b->outcome || a->value_count != b->value_count ||
	    !dns_name_equal(&a->question.name, &b->question.name))
		return false;
	for (size_t i = 0; i < a->value_count; i++) {
		if (!str_equal(a->values[i], b->values[i]))
			return false;
	}
	return true;
}

static void write_evidence(struct text_page *p, const struct finding *f,
			   const struct evidence *ev, size_t run)
{
	bool is_found = ev->value_count > 0;
	bool is_answer = ev->outcome == ASK_ANSWERED && (ev->rcode == DNS_RCODE_NOERROR ||
							 ev->rcode == DNS_RCODE_NXDOMAIN);
	auto_buf struct buf b;
	buf_init(&b, 4096);
	write_question(&b, ev);
	label(p, is_found    ? lang_text(p->r->lang, "found")
		 : is_answer ? lang_text(p->r->lang, "looked for")
			     : lang_text(p->r->lang, "asked for"));
	buf_str(p->out, buf_view(&b));
	size_t at = LABEL_WIDTH + page_width(buf_view(&b));
	if (!is_found) {
		buf_clear(&b);
		write_answer(p->r->lang, f, ev, &b);
		bool fits = at + 2 + page_width(buf_view(&b)) <= p->columns;
		buf_text(p->out, fits ? "  " : "\n");
		buf_fill(p->out, ' ', fits ? 0 : LABEL_WIDTH);
		buf_str(p->out, buf_view(&b));
	}
	buf_byte(p->out, '\n');
	write_values(p, ev);
	if (names_servers(f))
		write_servers(p, ev, run);
}

/* Japanese clauses, which are titles elsewhere, get the full stop of a sentence. */
static bool wants_full_stop(enum lang lang, struct str text)
{
	return lang == LANG_JA && (unsigned char)text.data[text.len - 1] >= 0x80 &&
	       !str_ends(text, STR("。"));
}

static void write_why(struct text_page *p, const struct finding *f)
{
	if (f->why.len == 0)
		return;
	auto_buf struct buf why;
	buf_init(&why, TEXT_MAX);
	buf_str(&why, f->why);
	buf_text(&why, wants_full_stop(p->r->lang, f->why) ? "。" : "");
	label(p, lang_text(p->r->lang, "why"));
	page_wrap(p->out, buf_view(&why), LABEL_WIDTH, LABEL_WIDTH, p->columns);
	buf_byte(p->out, '\n');
}

/* A box of the panel: its own label there, if that is known. */
struct box {
	const char *field;
	struct str label;
};

static struct str box_label(const struct text_page *p, const struct box *box,
			    struct buf *b)
{
	const struct provider *panel = p->r->provider.provider;
	const char *field = lang_text(p->r->lang, box->field);
	buf_clear(b);
	if (box->label.len == 0 || str_is(box->label, field))
		buf_text(b, field);
	else if (panel && panel->labels_fact == FACT_SOURCED)
		buf_str(b, box->label);
	else
		buf_printf(b, lang_text(p->r->lang, "%s (%.*s)"), field,
			   STR_ARG(box->label));
	return buf_view(b);
}

static void write_card_line(struct text_page *p, const struct box *box, size_t width,
			    struct str text)
{
	auto_buf struct buf b;
	buf_init(&b, 512);
	box_label(p, box, &b);
	buf_fill(p->out, ' ', HELP_INDENT);
	write_padded(p, buf_cstr(&b), width);
	buf_str(p->out, text);
	buf_byte(p->out, '\n');
}

enum {
	BOX_TYPE,
	BOX_NAME,
	BOX_PRIORITY,
	BOX_VALUE,
	BOXES
};

/* The boxes in the panel's words; gives the width that their labels need. */
static size_t find_boxes(const struct text_page *p, uint16_t type, struct box out[BOXES])
{
	static const struct provider unknown = { .id = { "", 0 } };
	const struct provider *panel =
		p->r->provider.provider ? p->r->provider.provider : &unknown;
	struct str value = panel->label_value;
	size_t width = FIELD_WIDTH;
	if (type == DNS_TYPE_CNAME && panel->label_target.len > 0)
		value = panel->label_target;
	if (type == DNS_TYPE_MX && panel->label_host.len > 0)
		value = panel->label_host;
	out[BOX_TYPE] = (struct box){ LANG_MARK("Type"), panel->label_type };
	out[BOX_NAME] = (struct box){ LANG_MARK("Name"), panel->label_name };
	out[BOX_PRIORITY] = (struct box){ LANG_MARK("Priority"), panel->label_priority };
	out[BOX_VALUE] = (struct box){ LANG_MARK("Value"), value };
	for (size_t i = 0; i < BOXES; i++) {
		auto_buf struct buf b;
		buf_init(&b, 512);
		size_t taken = page_width(box_label(p, &out[i], &b)) + 2;
		width = taken > width ? taken : width;
	}
	return width;
}

/* Where the zone was appended to a target (U303), only a dot keeps it away. */
static bool wants_dot(const struct text_page *p, const struct finding *f)
{
	const struct provider *panel = p->r->provider.provider;
	if (panel && (panel->target_needs_dot || panel->target_refuses_dot))
		return panel->target_needs_dot;
	return strcmp(f->code, "U303") == 0;
}

/* What to type, by the boxes of a DNS panel: each whole on a line, to be copied. */
static void write_card(struct text_page *p, const struct finding *f, size_t index)
{
	const struct expected_record *x = f->records[index];
	const struct fix *fix = &f->fixes[index];
	struct str value = fix->value;
	struct box boxes[BOXES];
	size_t width = find_boxes(p, x->type, boxes);
	auto_buf struct buf b;
	buf_init(&b, 64 * 1024);
	dns_type_write(&b, x->type);
	write_card_line(p, &boxes[BOX_TYPE], width, buf_view(&b));
	write_card_line(p, &boxes[BOX_NAME], width, fix->name);
	if (x->type == DNS_TYPE_MX && value.len > 0) {
		buf_clear(&b);
		buf_printf(&b, "%u", x->priority);
		write_card_line(p, &boxes[BOX_PRIORITY], width, buf_view(&b));
		value = str_trim(str_sub(value, str_find_byte(value, ' '), value.len));
	}
	if (value.len == 0)
		return;
	buf_clear(&b);
	buf_str(&b, value);
	if (x->type != DNS_TYPE_TXT && wants_dot(p, f))
		buf_byte(&b, '.');
	write_card_line(p, &boxes[BOX_VALUE], width, buf_view(&b));
}

/* The text with {zone} and {n} filled in. */
static void write_filled(struct buf *b, const char *text, struct str zone, size_t n)
{
	struct str rest = str_from(text);
	while (rest.len > 0) {
		if (str_starts(rest, STR("{zone}"))) {
			buf_str(b, zone);
			rest = str_sub(rest, 6, rest.len);
		} else if (str_starts(rest, STR("{n}"))) {
			buf_printf(b, "%zu", n);
			rest = str_sub(rest, 3, rest.len);
		} else {
			buf_byte(b, (uint8_t)rest.data[0]);
			rest = str_sub(rest, 1, rest.len);
		}
	}
}

/* One sentence for fixes of one kind that differ in name and value only. */
struct card_words {
	const char *action;
	const char *from; /* what the fix is from: NULL: anything */
	bool in_zone;     /* the zone is known, and named */
	const char *one;
	const char *many;
};

static const struct card_words *find_card_words(const struct fix *fix, bool in_zone)
{
	static const struct card_words rows[] = {
		{ "add", NULL, true, LANG_MARK("in the zone {zone} add this record:"),
		  LANG_MARK("in the zone {zone} add these {n} records:") },
		{ "add", NULL, false, LANG_MARK("add this record:"),
		  LANG_MARK("add these {n} records:") },
		{ "rename", NULL, false,
		  LANG_MARK("leave the value, and change the name box of this record "
			    "to:"),
		  LANG_MARK("leave the values, and change the name boxes of these {n} "
			    "records to:") },
		{ "set_value", NULL, false, LANG_MARK("set the value of this record:"),
		  LANG_MARK("set the values of these {n} records:") },
		{ "set_type", "A", false,
		  LANG_MARK(
			  "remove the A and AAAA records of this name, and add this one "
			  "in their place:"),
		  LANG_MARK("remove the A and AAAA records of these names, and add these "
			    "{n} in their place:") },
		{ "set_type", NULL, false,
		  LANG_MARK("remove the TXT record, and add this one in its place:"),
		  LANG_MARK("remove the TXT records, and add these {n} in their "
			    "place:") },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (strcmp(rows[i].action, fix->action) == 0 &&
		    (!rows[i].from || str_is(fix->from, rows[i].from)) &&
		    (in_zone || !rows[i].in_zone))
			return &rows[i];
	}
	return NULL;
}

/* The fix names what to type for its record. */
static bool is_card(const struct finding *f, size_t index)
{
	const struct fix *fix = &f->fixes[index];
	bool is_typed = fix->exact || strcmp(fix->action, "set_type") == 0;
	return f->fix_count == f->record_count && is_typed && fix->name.len > 0 &&
	       find_card_words(fix, false);
}

/* How many fixes from `from` on one sentence tells; 0: this one is not typed. */
static size_t count_cards(const struct finding *f, size_t from)
{
	size_t count = 0;
	while (from + count < f->fix_count && is_card(f, from + count) &&
	       find_card_words(&f->fixes[from + count], false) ==
		       find_card_words(&f->fixes[from], false))
		count++;
	return count;
}

static void write_help_label(struct text_page *p)
{
	buf_text(p->out, "  ");
	write_padded(p, lang_text(p->r->lang, "help:"), HELP_INDENT - 2);
}

static void write_cards(struct text_page *p, const struct finding *f, size_t from,
			size_t count)
{
	enum lang lang = p->r->lang;
	struct dns_name zone;
	auto_buf struct buf name;
	auto_buf struct buf b;
	buf_init(&name, 4096);
	buf_init(&b, TEXT_MAX);
	bool in_zone = report_zone(p->r, &zone);
	if (in_zone) {
		struct dns_name lower = dns_name_lower(&zone);
		dns_name_write(&name, &lower);
	}
	const struct card_words *words = find_card_words(&f->fixes[from], in_zone);
	assert(words); /* is_card */
	write_filled(&b, lang_text(lang, count == 1 ? words->one : words->many),
		     buf_view(&name), count);
	page_wrap(p->out, buf_view(&b), HELP_INDENT, HELP_INDENT, p->columns);
	buf_byte(p->out, '\n');
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			buf_byte(p->out, '\n');
		write_card(p, f, from + i);
	}
}

/* The value that a sentence ends with, if it does. */
static struct str value_at_end(const struct finding *f, size_t index)
{
	const struct fix *fix = &f->fixes[index];
	struct str values[] = {
		fix->value,
		fix->to,
		index < f->record_count ? f->records[index]->value : STR_EMPTY,
	};
	for (size_t i = 0; i < ARRAY_LEN(values); i++) {
		if (str_find_byte(values[i], ' ') < values[i].len &&
		    str_ends(fix->sentence, values[i]))
			return values[i];
	}
	return STR_EMPTY;
}

/* A value at the end has a line of its own, to be copied. */
static void write_sentence(struct text_page *p, const struct finding *f, size_t index)
{
	struct str text = f->fixes[index].sentence;
	struct str value = value_at_end(f, index);
	text = str_trim(str_sub(text, 0, text.len - value.len));
	page_wrap(p->out, text, HELP_INDENT, HELP_INDENT, p->columns);
	buf_byte(p->out, '\n');
	if (value.len == 0)
		return;
	buf_fill(p->out, ' ', HELP_INDENT);
	buf_str(p->out, value);
	buf_byte(p->out, '\n');
}

static void write_help(struct text_page *p, const struct finding *f)
{
	size_t cards = 0;
	for (size_t i = 0; i<f->fix_count; i += cards> 0 ? cards : 1) {
		buf_text(p->out, cards > 0 ? "\n" : "");
		if (i == 0)
			write_help_label(p);
		else
			buf_fill(p->out, ' ', HELP_INDENT);
		cards = count_cards(f, i);
		if (cards > 0)
			write_cards(p, f, i, cards);
		else
			write_sentence(p, f, i);
	}
	if (f->severity != SEVERITY_WAIT || f->until_s == 0)
		return;
	label(p, lang_text(p->r->lang, "until"));
	clock_write_local(p->out, f->until_s, p->r->observation->at_s, !p->local_time);
	buf_byte(p->out, '\n');
}

static void write_notes(struct text_page *p, const struct finding *f)
{
	for (size_t i = 0; i < f->note_count; i++) {
		auto_buf struct buf b;
		buf_init(&b, TEXT_MAX);
		if (f->notes[i].unconfirmed)
			buf_printf(&b, lang_text(p->r->lang, "(unconfirmed) %.*s"),
				   STR_ARG(f->notes[i].text));
		else
			buf_str(&b, f->notes[i].text);
		buf_text(p->out, "  ");
		write_padded(p, lang_text(p->r->lang, "note:"), HELP_INDENT - 2);
		page_wrap(p->out, buf_view(&b), HELP_INDENT, HELP_INDENT, p->columns);
		buf_byte(p->out, '\n');
	}
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
	for (size_t i = 0, run; i < shown; i += run) {
		for (run = 1; i + run < shown; run++) {
			if (!is_same_evidence(&f->evidence[i], &f->evidence[i + run]))
				break;
		}
		write_evidence(p, f, &f->evidence[i], run);
	}
	size_t left = f->evidence_count - shown;
	if (is_regular)
		left /= each;
	if (left == 0)
		return;
	buf_fill(p->out, ' ', LABEL_WIDTH);
	buf_printf(p->out, lang_text(p->r->lang, "and %zu more alike\n"), left);
}

void text_finding(struct text_page *p, const struct finding *f)
{
	auto_buf struct buf b;
	buf_init(&b, 256);
	buf_printf(&b, "%s[%s]:", lang_text(p->r->lang, severity_label(f->severity)),
		   f->code);
	buf_byte(p->out, '\n');
	text_tinted(p, severity_tint(f->severity), buf_cstr(&b));
	buf_byte(p->out, ' ');
	page_wrap(p->out, f->title, page_width(buf_view(&b)) + 1, 4, p->columns);
	buf_byte(p->out, '\n');
	write_all_evidence(p, f);
	write_why(p, f);
	write_help(p, f);
	write_notes(p, f);
}
