/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Times for people: who remembers what until when, when all agree, how long a change
 * takes, and what Amazon SES saw when. */
#include "diagnose/text.h"

enum {
	MINUTE_S = 60,
	HOUR_S = 3600,
	DAY_S = 86400,
};

static void paragraph(struct text_page *p, const struct buf *text)
{
	page_wrap(p->out, buf_view(text), 0, 0, p->columns);
	buf_byte(p->out, '\n');
}

/* "14:05:12 JST" as seen at the time of the look. */
static const char *time_words(const struct text_page *p, int64_t at_s, struct buf *out)
{
	buf_clear(out);
	clock_write_local(out, at_s, p->r->observation->at_s, !p->local_time);
	return buf_cstr(out);
}

void text_duration(struct buf *out, enum lang lang, int64_t seconds)
{
	int minutes = (int)(seconds % HOUR_S / MINUTE_S);
	int hours = (int)(seconds % DAY_S / HOUR_S);
	int days = (int)(seconds / DAY_S);
	if (seconds < MINUTE_S)
		buf_printf(out, lang_text(lang, "%d s"), (int)seconds);
	else if (seconds < HOUR_S)
		buf_printf(out, lang_text(lang, "%d min %02d s"), minutes,
			   (int)(seconds % MINUTE_S));
	else if (seconds < DAY_S)
		buf_printf(out, lang_text(lang, "%d h %02d min"), hours, minutes);
	else
		buf_printf(out, lang_text(lang, "%d d %02d h"), days, hours);
}

/* "203.0.113.53 remembers ... until 14:05:12 UTC (3 min 04 s left)" */
static void write_memory(struct text_page *p, const struct finding *f,
			 const struct evidence *ev)
{
	const struct report *r = p->r;
	auto_buf struct buf until;
	auto_buf struct buf left;
	auto_buf struct buf name;
	auto_buf struct buf b;
	buf_init(&until, 128);
	buf_init(&left, 128);
	buf_init(&name, TEXT_MAX);
	buf_init(&b, TEXT_MAX);
	dns_name_write(&name, &ev->question.name);
	text_duration(&left, r->lang, ev->until_s - r->observation->at_s);
	buf_printf(&b,
		   strcmp(f->code, "U902") == 0
			   ? lang_text(r->lang, "%.*s remembers an old value of %s until "
						"%s (%s left).")
			   : lang_text(r->lang,
				       "%.*s remembers that there is no %s until "
				       "%s (%s left)."),
		   STR_ARG(ev->server_names[0]), buf_cstr(&name),
		   time_words(p, ev->until_s, &until), buf_cstr(&left));
	paragraph(p, &b);
}

/* Pages where anybody may have a name forgotten (ux.md section 9). */
static const char *purge_page(struct str resolver)
{
	static const struct {
		const char *address;
		const char *page;
	} pages[] = {
		{ "8.8.8.8", "https://dns.google/cache" },
		{ "8.8.4.4", "https://dns.google/cache" },
		{ "1.1.1.1", "https://one.one.one.one/purge-cache/" },
		{ "1.0.0.1", "https://one.one.one.one/purge-cache/" },
		{ "208.67.222.222", "https://cachecheck.opendns.com/" },
		{ "208.67.220.220", "https://cachecheck.opendns.com/" },
	};
	for (size_t i = 0; i < ARRAY_LEN(pages); i++) {
		if (str_is(resolver, pages[i].address))
			return pages[i].page;
	}
	return NULL;
}

static void note_purge(struct buf *pages, const struct evidence *ev)
{
	const char *page = purge_page(ev->server_names[0]);
	if (!page || strstr(buf_cstr(pages), page))
		return;
	buf_text(pages, pages->len > 0 ? " " : "");
	buf_text(pages, page);
}

static void write_purge(struct text_page *p, const struct buf *pages)
{
	auto_buf struct buf b;
	buf_init(&b, TEXT_MAX);
	if (pages->len == 0)
		return;
	buf_printf(&b,
		   lang_text(p->r->lang, "Who cannot wait may have it forgotten now: %s"),
		   buf_cstr(pages));
	paragraph(p, &b);
}

static void write_memories(struct text_page *p)
{
	const struct report *r = p->r;
	auto_buf struct buf pages;
	buf_init(&pages, 4096);
	for (size_t i = 0; i < r->finding_count; i++) {
		const struct finding *f = &r->findings[i];
		for (size_t j = 0; j < f->evidence_count; j++) {
			const struct evidence *ev = &f->evidence[j];
			if (f->severity != SEVERITY_WAIT || ev->until_s == 0 ||
			    ev->server_name_count == 0)
				continue;
			write_memory(p, f, ev);
			note_purge(&pages, ev);
		}
	}
	write_purge(p, &pages);
}

static void write_agreement(struct text_page *p)
{
	const struct report *r = p->r;
	auto_buf struct buf earliest;
	auto_buf struct buf latest;
	auto_buf struct buf b;
	buf_init(&earliest, 128);
	buf_init(&latest, 128);
	buf_init(&b, TEXT_MAX);
	if (r->agree_earliest_s == 0)
		return;
	time_words(p, r->agree_earliest_s, &earliest);
	time_words(p, r->agree_latest_s, &latest);
	if (r->agree_latest_s <= r->agree_earliest_s)
		buf_printf(&b, lang_text(r->lang, "Everything should agree by %s."),
			   buf_cstr(&earliest));
	else if (r->memory_s == r->negative_ttl_s)
		buf_printf(&b,
			   lang_text(r->lang,
				     "Everything should agree by %s. Worst case %s (the "
				     "zone's negative TTL is %u s)."),
			   buf_cstr(&earliest), buf_cstr(&latest), r->memory_s);
	else
		buf_printf(&b,
			   lang_text(r->lang,
				     "Everything should agree by %s. Worst case %s (the "
				     "record's TTL is %u s)."),
			   buf_cstr(&earliest), buf_cstr(&latest), r->memory_s);
	paragraph(p, &b);
}

static void write_since(struct text_page *p)
{
	const struct report *r = p->r;
	auto_buf struct buf since;
	auto_buf struct buf b;
	buf_init(&since, 128);
	buf_init(&b, TEXT_MAX);
	if (r->right_since_s == 0 || r->verdict == VERDICT_ACTION_REQUIRED ||
	    r->verdict == VERDICT_UNDETERMINED)
		return;
	buf_printf(&b,
		   lang_text(r->lang, "The name servers have everything right since %s "
				      "(first seen by us)."),
		   time_words(p, r->right_since_s, &since));
	paragraph(p, &b);
}

/* How long it takes after a change. */
static void write_after_fix(struct text_page *p)
{
	const struct report *r = p->r;
	auto_buf struct buf publish;
	auto_buf struct buf memory;
	auto_buf struct buf b;
	buf_init(&publish, 128);
	buf_init(&memory, 128);
	buf_init(&b, TEXT_MAX);
	if (r->publish_s == 0 && r->memory_s == 0)
		return;
	text_duration(&publish, r->lang, r->publish_s);
	text_duration(&memory, r->lang, r->memory_s);
	if (r->publish_s == 0)
		buf_printf(&b,
			   lang_text(r->lang,
				     "After saving: our next check sees it at once; "
				     "others may remember what is there today for up to "
				     "%s."),
			   buf_cstr(&memory));
	else if (r->memory_s == 0)
		buf_printf(&b,
			   lang_text(r->lang,
				     "After saving: allow about %s; this DNS operator "
				     "publishes changes in batches."),
			   buf_cstr(&publish));
	else
		buf_printf(&b,
			   lang_text(r->lang,
				     "After saving: allow about %s; this DNS operator "
				     "publishes changes in batches. Then others may "
				     "remember what is there today for up to %s."),
			   buf_cstr(&publish), buf_cstr(&memory));
	paragraph(p, &b);
}

void text_times(struct text_page *p)
{
	const struct report *r = p->r;
	switch (r->verdict) {
	case VERDICT_WAITING:
		buf_byte(p->out, '\n');
		write_memories(p);
		write_since(p);
		write_agreement(p);
		return;
	case VERDICT_ACTION_REQUIRED:
		if (r->publish_s == 0 && r->memory_s == 0)
			return;
		buf_byte(p->out, '\n');
		write_after_fix(p);
		return;
	case VERDICT_OK:
		write_since(p);
		return;
	case VERDICT_UNDETERMINED:
		return;
	}
}

/* Amazon SES */

/* What SES said, and when it looked. */
static void write_ses_word(struct text_page *p, struct buf *b)
{
	const struct expectation *x = p->r->expectation;
	auto_buf struct buf status;
	auto_buf struct buf when;
	buf_init(&status, 1024);
	buf_init(&when, 128);
	escape_visible(&status, x->ses_status, 64);
	if (x->ses_last_checked_at > 0)
		buf_printf(b,
			   lang_text(p->r->lang,
				     "Amazon SES said %s when it last looked, at %s."),
			   buf_cstr(&status),
			   time_words(p, x->ses_last_checked_at, &when));
	else
		buf_printf(b, lang_text(p->r->lang, "Amazon SES said %s."),
			   buf_cstr(&status));
}

/* The records are right and SES does not say so yet. */
static void write_ses_late(struct text_page *p, struct buf *b)
{
	const struct report *r = p->r;
	struct str status = r->expectation->ses_status;
	auto_buf struct buf since;
	buf_init(&since, 128);
	buf_byte(b, ' ');
	if (r->right_since_s > 0)
		buf_printf(b, lang_text(r->lang, "Your DNS is right since %s."),
			   time_words(p, r->right_since_s, &since));
	else
		buf_text(b, lang_text(r->lang, "Your DNS is right now."));
	buf_byte(b, ' ');
	if (str_is(status, "FAILED"))
		buf_text(b, lang_text(r->lang,
				      "SES has stopped looking: have it start again (aws "
				      "sesv2 put-email-identity-dkim-signing-attributes "
				      "--signing-attributes-origin AWS_SES)."));
	else
		buf_text(b, lang_text(r->lang,
				      "There is nothing to fix: SES looks again by "
				      "itself, mostly within the hour, for 72 hours."));
}

void text_ses(struct text_page *p)
{
	const struct report *r = p->r;
	auto_buf struct buf b;
	buf_init(&b, TEXT_MAX);
	if (r->expectation->ses_status.len == 0)
		return;
	write_ses_word(p, &b);
	if ((r->verdict == VERDICT_OK || r->verdict == VERDICT_WAITING) &&
	    !str_is(r->expectation->ses_status, "SUCCESS"))
		write_ses_late(p, &b);
	paragraph(p, &b);
}
