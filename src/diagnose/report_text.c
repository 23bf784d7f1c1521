/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A report for people (ux.md section 3.6): the verdict in one sentence, a block for each
 * finding, then what is right. All foreign bytes in a report have been made safe to show
 * before. Colour only repeats what the words say.
 */
#include "diagnose/page.h"
#include "diagnose/zone.h"

enum {
	COLUMNS_DEFAULT = 80,
	COLUMNS_LEAST = 40,
	LABEL_WIDTH = 15, /* "  looked for   " */
	HELP_INDENT = 8,  /* "  help: " */
	CARD_INDENT = 10,
	VALUES_SHOWN = 3,
	NAME_COLUMN = 28, /* "  ok   MAIL FROM  CNAME  " and some */
};

struct page {
	struct buf *out;
	const struct report *r;
	size_t columns;
	bool colour;
};

enum tint {
	TINT_GOOD,
	TINT_BAD,
	TINT_WAIT,
	TINT_NOTE,
	TINT_BOLD,
};

static void tinted(struct page *p, enum tint tint, const char *text)
{
	static const char *const codes[] = {
		[TINT_GOOD] = "32", [TINT_BAD] = "31", [TINT_WAIT] = "33",
		[TINT_NOTE] = "36", [TINT_BOLD] = "1",
	};
	if (p->colour)
		buf_printf(p->out, "\x1b[%sm%s\x1b[0m", codes[tint], text);
	else
		buf_text(p->out, text);
}

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

static enum tint severity_tint(enum severity s)
{
	static const enum tint tints[] = {
		[SEVERITY_ERROR] = TINT_BAD,
		[SEVERITY_WAIT] = TINT_WAIT,
		[SEVERITY_UNSURE] = TINT_WAIT,
		[SEVERITY_NOTE] = TINT_NOTE,
	};
	return tints[s];
}

/* One paragraph at the left edge. */
static void paragraph(struct page *p, const struct buf *text)
{
	page_wrap(p->out, buf_view(text), 0, 0, p->columns);
	buf_byte(p->out, '\n');
}

/* The verdict */

static size_t count_right(const struct report *r, size_t *required_out)
{
	size_t right = 0;
	*required_out = 0;
	for (size_t i = 0; i < r->record_count; i++) {
		if (!r->records[i].expected->required)
			continue;
		*required_out += 1;
		right += r->records[i].state == RECORD_OK;
	}
	return right;
}

static size_t count_severity(const struct report *r, enum severity severity,
			     size_t *affected_out)
{
	size_t n = 0;
	*affected_out = 0;
	for (size_t i = 0; i < r->finding_count; i++) {
		if (r->findings[i].severity != severity)
			continue;
		n++;
		*affected_out += r->findings[i].record_count;
	}
	return n;
}

static void write_ok(const struct report *r, struct buf *b)
{
	size_t required;
	size_t right = count_right(r, &required);
	if (r->expectation->count == 0)
		buf_text(b,
			 " is in the DNS; nothing was expected, so nothing was verified");
	else if (required == 0)
		buf_text(b, ": no record was required");
	else
		buf_printf(b, " is verified: %zu of %zu record%s match%s", right,
			   required, required == 1 ? "" : "s", required == 1 ? "es" : "");
}

static void write_action(const struct report *r, struct buf *b)
{
	size_t affected;
	size_t problems = count_severity(r, SEVERITY_ERROR, &affected);
	buf_printf(b, "%s %zu problem%s",
		   r->expectation->count == 0 ? " has" : " is not verified:", problems,
		   problems == 1 ? "" : "s");
	if (affected > 0)
		buf_printf(b, ", %zu record%s affected", affected,
			   affected == 1 ? "" : "s");
}

static void write_verdict(struct page *p)
{
	const struct report *r = p->r;
	auto_buf struct buf b;
	buf_init(&b, 4096);
	buf_str(&b, r->expectation->domain);
	switch (r->verdict) {
	case VERDICT_OK:
		write_ok(r, &b);
		break;
	case VERDICT_ACTION_REQUIRED:
		write_action(r, &b);
		break;
	case VERDICT_WAITING:
		buf_text(&b, ": published correctly, not visible everywhere yet; nothing "
			     "to fix");
		break;
	case VERDICT_UNDETERMINED:
		buf_text(&b, ": could not tell");
		if (r->finding_count > 0)
			buf_printf(&b, " (%.*s)", STR_ARG(r->findings[0].title));
		break;
	}
	if (p->colour)
		buf_text(p->out, "\x1b[1m");
	page_wrap(p->out, buf_view(&b), 0, 0, p->columns);
	if (p->colour)
		buf_text(p->out, "\x1b[0m");
	buf_byte(p->out, '\n');
}

static void write_one_cache(struct page *p)
{
	const struct observation *o = p->r->observation;
	auto_buf struct buf b;
	buf_init(&b, 1024);
	if (!p->r->one_cache)
		return;
	buf_text(&b, "This is the view of one cache (dns.forward");
	for (size_t i = 0; i < o->view_count; i++) {
		if (o->views[i].kind != VIEW_FORWARD || o->views[i].address.family == 0)
			continue;
		buf_byte(&b, ' ');
		address_write(&b, &o->views[i].address);
		break;
	}
	buf_text(&b, "); the domain's own name servers were not asked.");
	paragraph(p, &b);
}

static void write_ses(struct page *p)
{
	const struct expectation *x = p->r->expectation;
	auto_buf struct buf b;
	buf_init(&b, 1024);
	if (x->ses_status.len == 0)
		return;
	buf_text(&b, "Amazon SES said ");
	escape_visible(&b, x->ses_status, 64);
	if (x->ses_last_checked_at > 0) {
		buf_text(&b, " when it last looked, at ");
		clock_write_rfc3339(&b, x->ses_last_checked_at);
	}
	buf_text(&b, ".");
	paragraph(p, &b);
}

/* Findings */

static void label(struct page *p, const char *text)
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

static void write_values(struct page *p, const struct evidence *ev)
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

static void write_servers(struct page *p, const struct evidence *ev)
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

static void write_evidence(struct page *p, const struct finding *f,
			   const struct evidence *ev)
{
	bool is_found = ev->value_count > 0;
	bool is_answer = ev->outcome == ASK_ANSWERED && (ev->rcode == DNS_RCODE_NOERROR ||
							 ev->rcode == DNS_RCODE_NXDOMAIN);
	auto_buf struct buf b;
	buf_init(&b, 4096);
	struct dns_name lower = dns_name_lower(&ev->question.name);
	dns_name_write(&b, &lower);
	label(p, is_found ? "found" : is_answer ? "looked for" : "asked for");
	buf_str(p->out, buf_view(&b));
	size_t at = LABEL_WIDTH + page_width(buf_view(&b));
	if (!is_found) {
		buf_clear(&b);
		write_answer_words(ev, &b);
		if (ev->servers > 0 && !names_servers(f))
			buf_printf(&b, " (%zu server%s)", ev->servers,
				   ev->servers == 1 ? "" : "s");
		if (at + 2 + b.len > p->columns) {
			buf_byte(p->out, '\n');
			buf_fill(p->out, ' ', LABEL_WIDTH);
		} else {
			buf_text(p->out, "  ");
		}
		buf_str(p->out, buf_view(&b));
	}
	buf_byte(p->out, '\n');
	write_values(p, ev);
	if (names_servers(f))
		write_servers(p, ev);
}

static void write_why(struct page *p, const struct finding *f)
{
	if (f->why.len == 0)
		return;
	label(p, "why");
	page_wrap(p->out, f->why, LABEL_WIDTH, LABEL_WIDTH, p->columns);
	buf_byte(p->out, '\n');
}

/* What to type, copied as it is: "TYPE   NAME   VALUE", the value below where it does not
 * fit. */
static void write_card(struct page *p, const struct expected_record *x,
		       const struct fix *fix)
{
	const size_t indent = CARD_INDENT + 7;
	auto_buf struct buf b;
	buf_init(&b, 256);
	dns_type_write(&b, x->type);
	buf_fill(p->out, ' ', CARD_INDENT);
	buf_printf(p->out, "%-6s ", buf_cstr(&b));
	buf_str(p->out, fix->name);
	if (fix->value.len > 0) {
		size_t at = indent + page_width(fix->name) + 3;
		bool fits = at + page_width(fix->value) <= p->columns;
		buf_text(p->out, fits ? "   " : "\n");
		buf_fill(p->out, ' ', fits ? 0 : indent);
		buf_str(p->out, fix->value);
	}
	buf_byte(p->out, '\n');
}

/* One sentence for fixes of one kind that differ in name and value only; NULL: none. */
static const char *card_words(const struct fix *fix, bool is_one)
{
	static const struct {
		const char *action;
		const char *one;
		const char *many;
	} rows[] = {
		{ "add", "add this record", "add these records" },
		{ "rename",
		  "change the name box of this record (leave the value as it is) to",
		  "change the name boxes of these records (leave the values as they are) "
		  "to" },
		{ "set_value", "set the value of this record",
		  "set the values of these records" },
		{ "set_type", "remove the TXT record, then add this one of the same name",
		  "remove the TXT records, then add these of the same names" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (strcmp(rows[i].action, fix->action) == 0)
			return is_one ? rows[i].one : rows[i].many;
	}
	return NULL;
}

/* Each record has a fix of its own, to be done as written. */
static bool has_cards(const struct finding *f)
{
	if (f->fix_count == 0 || f->fix_count != f->record_count)
		return false;
	for (size_t i = 0; i < f->fix_count; i++) {
		if (!f->fixes[i].exact || f->fixes[i].name.len == 0 ||
		    f->fixes[i].action != f->fixes[0].action ||
		    !card_words(&f->fixes[i], true))
			return false;
	}
	return true;
}

static void write_cards(struct page *p, const struct finding *f)
{
	struct dns_name zone;
	auto_buf struct buf b;
	buf_init(&b, 4096);
	buf_text(&b, card_words(&f->fixes[0], f->fix_count == 1));
	if (str_is(str_from(f->fixes[0].action), "add") && report_zone(p->r, &zone)) {
		struct dns_name lower = dns_name_lower(&zone);
		buf_text(&b, " in the zone ");
		dns_name_write(&b, &lower);
	}
	buf_byte(&b, ':');
	buf_text(p->out, "  help: ");
	page_wrap(p->out, buf_view(&b), HELP_INDENT, HELP_INDENT, p->columns);
	buf_byte(p->out, '\n');
	for (size_t i = 0; i < f->fix_count; i++)
		write_card(p, f->records[i], &f->fixes[i]);
}

static void write_help(struct page *p, const struct finding *f)
{
	if (has_cards(f)) {
		write_cards(p, f);
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

/* Records that share a cause look alike: the first is shown in full, the others by name.
 *  */
static void write_all_evidence(struct page *p, const struct finding *f)
{
	size_t each = f->record_count > 1 ? f->evidence_count / f->record_count : 0;
	bool is_regular = each > 0 && each * f->record_count == f->evidence_count;
	bool is_alike = is_regular && (each > 1 || strcmp(f->code, "U106") == 0);
	size_t shown = is_alike ? each : f->evidence_count;
	for (size_t i = 0; i < shown; i++)
		write_evidence(p, f, &f->evidence[i]);
	for (size_t i = 2 * each; is_alike && i <= f->evidence_count; i += each) {
		const struct dns_name *name = &f->evidence[i - 1].question.name;
		struct dns_name lower = dns_name_lower(name);
		if (dns_name_equal(name, &f->evidence[i - 1 - each].question.name))
			continue;
		label(p, i == 2 * each ? "also" : "");
		dns_name_write(p->out, &lower);
		buf_byte(p->out, '\n');
	}
}

static void write_finding(struct page *p, const struct finding *f)
{
	auto_buf struct buf b;
	buf_init(&b, 256);
	buf_printf(&b, "%s[%s]:", severity_label(f->severity), f->code);
	buf_byte(p->out, '\n');
	tinted(p, severity_tint(f->severity), buf_cstr(&b));
	buf_byte(p->out, ' ');
	page_wrap(p->out, f->title, b.len + 1, 4, p->columns);
	buf_byte(p->out, '\n');
	write_all_evidence(p, f);
	write_why(p, f);
	write_help(p, f);
}

/* Records */

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

static const char *state_label(enum record_state s)
{
	static const char *const labels[] = {
		[RECORD_OK] = "ok",          [RECORD_MISSING] = "fix",
		[RECORD_WRONG] = "fix",      [RECORD_WAITING] = "wait",
		[RECORD_UNKNOWN] = "unsure", [RECORD_FOUND] = "found",
		[RECORD_ABSENT] = "none",
	};
	return labels[s];
}

static enum tint state_tint(enum record_state s)
{
	static const enum tint tints[] = {
		[RECORD_OK] = TINT_GOOD,      [RECORD_MISSING] = TINT_BAD,
		[RECORD_WRONG] = TINT_BAD,    [RECORD_WAITING] = TINT_WAIT,
		[RECORD_UNKNOWN] = TINT_WAIT, [RECORD_FOUND] = TINT_GOOD,
		[RECORD_ABSENT] = TINT_NOTE,
	};
	return tints[s];
}

/* "DKIM 1", "SPF", "SPF 2": the id's number behind the purpose's title. */
static void write_record_title(struct buf *b, const struct expected_record *x)
{
	size_t dash = str_find_byte(x->id, '-');
	buf_text(b, x->purpose == PURPOSE_OTHER && x->type == DNS_TYPE_MX
			    ? "MX"
			    : purpose_title(x->purpose));
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

static void write_record_servers(const struct report *r,
				 const struct record_report *record, struct buf *b)
{
	const struct expected_record *x = record->expected;
	if (r->expectation->count == 0 && x->purpose == PURPOSE_DKIM) {
		buf_text(b, record->state == RECORD_ABSENT  ? "no DKIM keys are published"
			    : record->state == RECORD_FOUND ? "there are keys below it"
							    : "");
		return;
	}
	if (r->one_cache) {
		buf_text(b, record->servers_asked > 0 ? "one cache" : "");
		return;
	}
	if (record->state == RECORD_OK || record->state == RECORD_FOUND)
		buf_printf(b, "%zu/%zu name servers", record->servers_right,
			   record->servers_asked);
}

static void write_record(struct page *p, const struct record_report *record)
{
	const struct expected_record *x = record->expected;
	const char *state = state_label(record->state);
	auto_buf struct buf b;
	auto_buf struct buf tail;
	buf_init(&b, 4096);
	buf_init(&tail, 256);
	buf_text(p->out, "  ");
	tinted(p, state_tint(record->state), state);
	buf_fill(p->out, ' ', strlen(state) < 7 ? 7 - strlen(state) : 1);
	write_record_title(&b, x);
	buf_printf(p->out, "%-10s ", buf_cstr(&b));
	buf_clear(&b);
	dns_type_write(&b, x->type);
	buf_printf(p->out, "%-6s ", buf_cstr(&b));
	buf_clear(&b);
	write_record_name(p->r, &x->name, &b);
	write_record_servers(p->r, record, &tail);
	buf_str(p->out, buf_view(&b));
	size_t gap = b.len < 24 ? 26 - b.len : 2;
	if (tail.len > 0 && NAME_COLUMN - 1 + b.len + gap + tail.len > p->columns) {
		buf_byte(p->out, '\n');
		buf_fill(p->out, ' ', NAME_COLUMN - 1);
	} else {
		buf_fill(p->out, ' ', gap);
	}
	buf_str(p->out, buf_view(&tail));
	/* Blanks at the end of a line help nobody. */
	while (p->out->len > 0 && p->out->data[p->out->len - 1] == ' ')
		buf_cut(p->out, p->out->len - 1);
	buf_byte(p->out, '\n');
}

/* With nothing expected, what was found is what is wanted to be seen. */
static void write_found(struct page *p, const struct record_report *record)
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
			buf_fill(p->out, ' ', NAME_COLUMN - 1);
			page_clip(p->out, v->values[j], p->columns - NAME_COLUMN + 1);
			buf_byte(p->out, '\n');
			shown++;
		}
	}
}

static void write_records(struct page *p)
{
	const struct report *r = p->r;
	bool is_first = true;
	for (size_t i = 0; i < r->record_count; i++) {
		const struct record_report *record = &r->records[i];
		if (record->state != RECORD_OK && is_covered(r, record))
			continue;
		if (is_first)
			buf_byte(p->out, '\n');
		is_first = false;
		write_record(p, record);
		write_found(p, record);
	}
}

static bool has_key_unknown(const struct report *r)
{
	for (size_t i = 0; i < r->expectation->count; i++) {
		const struct expected_record *x = &r->expectation->records[i];
		if (x->purpose == PURPOSE_DKIM && x->value.len == 0)
			return true;
	}
	return false;
}

static void write_foot(struct page *p)
{
	const struct report *r = p->r;
	const struct observation *o = r->observation;
	struct dns_name zone;
	auto_buf struct buf b;
	buf_init(&b, 4096);
	buf_byte(p->out, '\n');
	if (report_zone(r, &zone)) {
		struct dns_name lower = dns_name_lower(&zone);
		buf_text(&b, "DNS: zone ");
		dns_name_write(&b, &lower);
		buf_printf(&b, ", DNSSEC %s. ", report_dnssec(r));
	}
	buf_printf(&b, "Checked in %u.%u s.", o->elapsed_ms / 1000,
		   o->elapsed_ms % 1000 / 100);
	paragraph(p, &b);
	if (has_key_unknown(r)) {
		buf_clear(&b);
		buf_text(&b,
			 "The DKIM key is your own (BYODKIM), and SES does not tell "
			 "which: that a "
			 "well-formed key is there was checked, not that it is yours.");
		paragraph(p, &b);
	}
	if (r->expectation->count > 0)
		return;
	buf_clear(&b);
	buf_text(&b, "Nothing was expected. To have records verified, say which: "
		     "--expect FILE (what "
		     "'aws sesv2 get-email-identity' prints will do), or --dkim TOKEN.");
	paragraph(p, &b);
}

static void write_commands(struct page *p, const char *command)
{
	const struct report *r = p->r;
	auto_buf struct buf b;
	buf_init(&b, 4096);
	if (r->finding_count == 0)
		return;
	buf_printf(&b, "Explain: unpend explain %s\n", r->findings[0].code);
	if (r->verdict != VERDICT_OK) {
		buf_text(&b, "Again:   ");
		if (command)
			buf_text(&b, command);
		else
			report_command_write(&b, r);
		buf_byte(&b, '\n');
	}
	buf_str(p->out, buf_view(&b));
}

void report_write_text(struct buf *out, const struct report *r,
		       const struct report_style *s)
{
	struct page p = {
		.out = out, .r = r, .columns = s->columns, .colour = s->colour
	};
	if (p.columns == 0)
		p.columns = COLUMNS_DEFAULT;
	if (p.columns < COLUMNS_LEAST)
		p.columns = COLUMNS_LEAST;
	write_verdict(&p);
	write_one_cache(&p);
	write_ses(&p);
	for (size_t i = 0; i < r->finding_count; i++) {
		if (r->findings[i].severity != SEVERITY_NOTE)
			write_finding(&p, &r->findings[i]);
	}
	write_records(&p);
	for (size_t i = 0; i < r->finding_count; i++) {
		if (r->findings[i].severity == SEVERITY_NOTE)
			write_finding(&p, &r->findings[i]);
	}
	write_foot(&p);
	write_commands(&p, s->command);
}
