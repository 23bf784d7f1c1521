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
	struct str domain = r->expectation->domain;
	size_t required;
	size_t right = count_right(r, &required);
	if (r->expectation->count == 0)
		buf_printf(b,
			   lang_text(r->lang, "%.*s is in the DNS; nothing was expected, "
					      "so nothing was verified"),
			   STR_ARG(domain));
	else if (required == 0)
		buf_printf(b, lang_text(r->lang, "%.*s: no record was required"),
			   STR_ARG(domain));
	else if (required == 1)
		buf_printf(
			b,
			lang_text(r->lang, "%.*s is verified: %zu of %zu record matches"),
			STR_ARG(domain), right, required);
	else if (required < r->record_count)
		buf_printf(b,
			   lang_text(r->lang, "%.*s is verified: %zu of %zu required "
					      "records match"),
			   STR_ARG(domain), right, required);
	else
		buf_printf(
			b,
			lang_text(r->lang, "%.*s is verified: %zu of %zu records match"),
			STR_ARG(domain), right, required);
}

/* "1 problem, 2 records affected" */
static void write_problems(const struct report *r, struct buf *b)
{
	size_t affected;
	size_t problems = count_severity(r, SEVERITY_ERROR, &affected);
	buf_printf(b,
		   problems == 1 ? lang_text(r->lang, "%zu problem")
				 : lang_text(r->lang, "%zu problems"),
		   problems);
	if (affected == 0)
		return;
	buf_text(b, lang_text(r->lang, ", "));
	buf_printf(b,
		   affected == 1 ? lang_text(r->lang, "%zu record affected")
				 : lang_text(r->lang, "%zu records affected"),
		   affected);
}

static void write_action(const struct report *r, struct buf *b)
{
	auto_buf struct buf problems;
	buf_init(&problems, 1024);
	write_problems(r, &problems);
	buf_printf(b,
		   r->expectation->count == 0
			   ? lang_text(r->lang, "%.*s has %s")
			   : lang_text(r->lang, "%.*s is not verified: %s"),
		   STR_ARG(r->expectation->domain), buf_cstr(&problems));
}

static void write_undetermined(const struct report *r, struct buf *b)
{
	struct str domain = r->expectation->domain;
	if (r->finding_count > 0)
		buf_printf(b, lang_text(r->lang, "%.*s: could not tell (%.*s)"),
			   STR_ARG(domain), STR_ARG(r->findings[0].title));
	else
		buf_printf(b, lang_text(r->lang, "%.*s: could not tell"),
			   STR_ARG(domain));
}

static void write_verdict(struct text_page *p)
{
	const struct report *r = p->r;
	auto_buf struct buf b;
	buf_init(&b, TEXT_MAX);
	switch (r->verdict) {
	case VERDICT_OK:
		write_ok(r, &b);
		break;
	case VERDICT_ACTION_REQUIRED:
		write_action(r, &b);
		break;
	case VERDICT_WAITING:
		buf_printf(&b,
			   lang_text(r->lang, "%.*s: published correctly, not visible "
					      "everywhere yet; nothing to fix"),
			   STR_ARG(r->expectation->domain));
		break;
	case VERDICT_UNDETERMINED:
		write_undetermined(r, &b);
		break;
	}
	if (p->colour)
		buf_text(p->out, "\x1b[1m");
	page_wrap(p->out, buf_view(&b), 0, 0, p->columns);
	if (p->colour)
		buf_text(p->out, "\x1b[0m");
	buf_byte(p->out, '\n');
}

/* The one address that was asked, if it is known. */
static void write_forward(const struct observation *o, struct buf *b)
{
	for (size_t i = 0; i < o->view_count; i++) {
		if (o->views[i].kind != VIEW_FORWARD || o->views[i].address.family == 0)
			continue;
		address_write(b, &o->views[i].address);
		return;
	}
}

static void write_one_cache(struct text_page *p)
{
	const struct report *r = p->r;
	auto_buf struct buf address;
	auto_buf struct buf b;
	buf_init(&address, 256);
	buf_init(&b, 1024);
	if (!r->one_cache)
		return;
	write_forward(r->observation, &address);
	if (address.len > 0)
		buf_printf(
			&b,
			lang_text(r->lang,
				  "This is the view of one cache (dns.forward %s); the "
				  "domain's own name servers were not asked."),
			buf_cstr(&address));
	else
		buf_text(&b, lang_text(r->lang,
				       "This is the view of one cache (dns.forward); the "
				       "domain's own name servers were not asked."));
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

static void write_elapsed(const struct report *r, struct buf *b)
{
	unsigned ms = r->observation->elapsed_ms;
	if (ms < 1000)
		buf_printf(b, lang_text(r->lang, "%u ms"), ms);
	else
		buf_printf(b, lang_text(r->lang, "%u.%u s"), ms / 1000, ms % 1000 / 100);
}

/* Who runs the name servers, in few words. */
static void write_operator(const struct report *r, struct buf *b)
{
	const struct provider_match *m = &r->provider;
	if (m->confidence == PROVIDER_CERTAIN || m->confidence == PROVIDER_SHARED)
		buf_str(b, provider_name(m->provider, r->lang));
	else
		provider_match_write(b, m, r->lang);
}

static void write_zone(struct text_page *p)
{
	const struct report *r = p->r;
	struct dns_name zone;
	auto_buf struct buf name;
	auto_buf struct buf elapsed;
	auto_buf struct buf b;
	buf_init(&name, 4096);
	buf_init(&elapsed, 64);
	buf_init(&b, TEXT_MAX);
	write_elapsed(r, &elapsed);
	if (report_zone(r, &zone)) {
		struct dns_name lower = dns_name_lower(&zone);
		dns_name_write(&name, &lower);
	}
	if (name.len > 0 && r->provider.provider) {
		auto_buf struct buf operator;
		buf_init(&operator, 1024);
		write_operator(r, &operator);
		buf_printf(
			&b,
			lang_text(r->lang, "DNS: %s, zone %s, DNSSEC %s. Checked in %s."),
			buf_cstr(&operator), buf_cstr(&name),
			lang_text(r->lang, report_dnssec(r)), buf_cstr(&elapsed));
	} else if (name.len > 0) {
		buf_printf(&b,
			   lang_text(r->lang, "DNS: zone %s, DNSSEC %s. Checked in %s."),
			   buf_cstr(&name), lang_text(r->lang, report_dnssec(r)),
			   buf_cstr(&elapsed));
	} else {
		buf_printf(&b, lang_text(r->lang, "Checked in %s."), buf_cstr(&elapsed));
	}
	paragraph(p, &b);
}

static void write_foot(struct text_page *p)
{
	const struct report *r = p->r;
	auto_buf struct buf b;
	buf_init(&b, 4096);
	buf_byte(p->out, '\n');
	write_zone(p);
	if (has_key_unknown(r)) {
		buf_text(&b, lang_text(r->lang,
				       "The DKIM key is your own (BYODKIM), and SES does "
				       "not tell which: that a well-formed key is there "
				       "was checked, not that it is yours."));
		paragraph(p, &b);
	}
	if (r->expectation->count > 0)
		return;
	buf_clear(&b);
	buf_text(&b,
		 lang_text(r->lang,
			   "To learn why a platform has not verified the domain, say "
			   "which records it asked for: --expect FILE (what 'aws sesv2 "
			   "get-email-identity' prints will do), or --dkim TOKEN "
			   "('unpend help check' has an example)."));
	paragraph(p, &b);
}

/* How to look again is not said: a report does not know how it was asked for. */
static void write_commands(struct text_page *p)
{
	if (p->r->finding_count > 0)
		buf_printf(p->out, lang_text(p->r->lang, "Explain: unpend explain %s\n"),
			   p->r->findings[0].code);
}

void report_write_text(struct buf *out, const struct report *r,
		       const struct report_style *s)
{
	struct text_page p = {
		.out = out,
		.r = r,
		.columns = s->columns,
		.colour = s->colour,
		.local_time = s->local_time,
	};
	if (p.columns == 0)
		p.columns = COLUMNS_DEFAULT;
	if (p.columns < COLUMNS_LEAST)
		p.columns = COLUMNS_LEAST;
	write_verdict(&p);
	write_one_cache(&p);
	text_ses(&p);
	for (size_t i = 0; i < r->finding_count; i++) {
		if (r->findings[i].severity != SEVERITY_NOTE)
			text_finding(&p, &r->findings[i]);
	}
	text_records(&p);
	for (size_t i = 0; i < r->finding_count; i++) {
		if (r->findings[i].severity == SEVERITY_NOTE)
			text_finding(&p, &r->findings[i]);
	}
	text_times(&p);
	write_foot(&p);
	write_commands(&p);
}
