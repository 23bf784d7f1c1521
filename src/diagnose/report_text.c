/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A report for people (ux.md section 3.6): the verdict in one sentence, a block for each
 * finding, then what is right. All foreign bytes in a report have been made safe to show
 * before. Colour only repeats what the words say.
 */
#include "diagnose/text.h"
#include "diagnose/zone.h"

enum {
	COLUMNS_DEFAULT = 80,
	COLUMNS_LEAST = 40,
};

void text_tinted(struct text_page *p, enum text_tint tint, const char *text)
{
	static const char *const codes[] = {
		[TINT_GOOD] = "32",
		[TINT_BAD] = "31",
		[TINT_WAIT] = "33",
		[TINT_NOTE] = "36",
	};
	if (p->colour)
		buf_printf(p->out, "\x1b[%sm%s\x1b[0m", codes[tint], text);
	else
		buf_text(p->out, text);
}

/* One paragraph at the left edge. */
static void paragraph(struct text_page *p, const struct buf *text)
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
		buf_printf(b, " is verified: %zu of %zu %srecord%s match%s", right,
			   required, required < r->record_count ? "required " : "",
			   required == 1 ? "" : "s", required == 1 ? "es" : "");
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

static void write_verdict(struct text_page *p)
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

static void write_one_cache(struct text_page *p)
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

static void write_ses(struct text_page *p)
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

static bool has_key_unknown(const struct report *r)
{
	for (size_t i = 0; i < r->expectation->count; i++) {
		const struct expected_record *x = &r->expectation->records[i];
		if (x->purpose == PURPOSE_DKIM && x->value.len == 0)
			return true;
	}
	return false;
}

static void write_foot(struct text_page *p)
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
	if (o->elapsed_ms < 1000)
		buf_printf(&b, "Checked in %u ms.", o->elapsed_ms);
	else
		buf_printf(&b, "Checked in %u.%u s.", o->elapsed_ms / 1000,
			   o->elapsed_ms % 1000 / 100);
	paragraph(p, &b);
	if (has_key_unknown(r)) {
		buf_clear(&b);
		buf_text(&b, "The DKIM key is your own (BYODKIM), and SES does not tell "
			     "which: that a well-formed key is there was checked, not "
			     "that it is yours.");
		paragraph(p, &b);
	}
	if (r->expectation->count > 0)
		return;
	buf_clear(&b);
	buf_text(&b, "Nothing was expected. To have records verified, say which: "
		     "--expect FILE (what 'aws sesv2 get-email-identity' prints will "
		     "do), or --dkim TOKEN.");
	paragraph(p, &b);
}

/* How to look again is not said: a report does not know how it was asked for. */
static void write_commands(struct text_page *p)
{
	if (p->r->finding_count > 0)
		buf_printf(p->out, "Explain: unpend explain %s\n",
			   p->r->findings[0].code);
}

void report_write_text(struct buf *out, const struct report *r,
		       const struct report_style *s)
{
	struct text_page p = {
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
			text_finding(&p, &r->findings[i]);
	}
	text_records(&p);
	for (size_t i = 0; i < r->finding_count; i++) {
		if (r->findings[i].severity == SEVERITY_NOTE)
			text_finding(&p, &r->findings[i]);
	}
	write_foot(&p);
	write_commands(&p);
}
