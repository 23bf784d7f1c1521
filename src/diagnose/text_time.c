/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Times for people: who remembers what until when, when all agree, how long a change
 * takes, and what Amazon SES saw when. */
#include "diagnose/text.h"

enum {
	MINUTE_S = 60,
	HOUR_S = 3600,
	DAY_S = 86400,
	RESOLVERS_MAX = 32,
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

/* "3 min 04 s" */
static void duration_write(struct buf *out, enum lang lang, int64_t seconds)
{
	int minutes = (int)(seconds % HOUR_S / MINUTE_S);
	int hours = (int)(seconds % DAY_S / HOUR_S);
	int days = (int)(seconds / DAY_S);
	int left = (int)(seconds % MINUTE_S);
	if (seconds < MINUTE_S)
		buf_printf(out, lang_text(lang, "%d s"), left);
	else if (seconds < HOUR_S && left == 0)
		buf_printf(out, lang_text(lang, "%d min"), minutes);
	else if (seconds < HOUR_S)
		buf_printf(out, lang_text(lang, "%d min %02d s"), minutes, left);
	else if (seconds < DAY_S && minutes == 0)
		buf_printf(out, lang_text(lang, "%d h"), hours);
	else if (seconds < DAY_S)
		buf_printf(out, lang_text(lang, "%d h %02d min"), hours, minutes);
	else if (days == 1 && hours == 0)
		buf_text(out, lang_text(lang, "1 day"));
	else if (hours == 0)
		buf_printf(out, lang_text(lang, "%d days"), days);
	else
		buf_printf(out, lang_text(lang, "%d d %02d h"), days, hours);
}

/* What one resolver remembers of a finding's records. */
struct memory {
	struct str resolver;
	const struct dns_name *name; /* of the first record */
	size_t count;
	int64_t until_s; /* of the last to be forgotten */
};

static bool is_memory(const struct finding *f, const struct evidence *ev)
{
	return f->severity == SEVERITY_WAIT && ev->until_s > 0 &&
	       ev->server_name_count > 0;
}

static size_t find_memories(const struct finding *f, struct memory out[RESOLVERS_MAX])
{
	size_t count = 0;
	for (size_t i = 0; i < f->evidence_count; i++) {
		const struct evidence *ev = &f->evidence[i];
		size_t at = 0;
		if (!is_memory(f, ev))
			continue;
		while (at < count && !str_equal(out[at].resolver, ev->server_names[0]))
			at++;
		if (at == RESOLVERS_MAX)
			continue;
		if (at == count)
			out[count++] = (struct memory){ .resolver = ev->server_names[0],
							.name = &ev->question.name };
		out[at].count++;
		if (ev->until_s > out[at].until_s)
			out[at].until_s = ev->until_s;
	}
	return count;
}

static bool is_same_memory(const struct memory *a, const struct memory *b)
{
	return a->until_s == b->until_s && a->count == b->count &&
	       (a->count > 1 || dns_name_equal(a->name, b->name));
}

/* "6 records are still missing for 203.0.113.53 until 14:05:12 UTC (3 min 04 s left)." */
static void write_memory(struct text_page *p, const struct finding *f,
			 const struct memory *m, const char *resolvers)
{
	enum lang lang = p->r->lang;
	bool is_old = strcmp(f->code, "U902") == 0;
	auto_buf struct buf until;
	auto_buf struct buf left;
	auto_buf struct buf name;
	auto_buf struct buf b;
	buf_init(&until, 128);
	buf_init(&left, 128);
	buf_init(&name, TEXT_MAX);
	buf_init(&b, TEXT_MAX);
	dns_name_write(&name, m->name);
	time_words(p, m->until_s, &until);
	duration_write(&left, lang, m->until_s - p->r->observation->at_s);
	if (m->count > 1)
		buf_printf(&b,
			   is_old ? lang_text(lang, "%zu records still have their old "
						    "values for %s until %s (%s left).")
				  : lang_text(lang,
					      "%zu records are still missing for %s "
					      "until %s (%s left)."),
			   m->count, resolvers, buf_cstr(&until), buf_cstr(&left));
	else
		buf_printf(&b,
			   is_old ? lang_text(lang, "%s still has its old value for %s "
						    "until %s (%s left).")
				  : lang_text(lang, "%s is still missing for %s until %s "
						    "(%s left)."),
			   buf_cstr(&name), resolvers, buf_cstr(&until), buf_cstr(&left));
	paragraph(p, &b);
}

/* Resolvers that remember the same for as long share a line. */
static void write_finding_memories(struct text_page *p, const struct finding *f)
{
	struct memory memories[RESOLVERS_MAX];
	size_t count = find_memories(f, memories);
	for (size_t i = 0; i < count; i++) {
		auto_buf struct buf resolvers;
		bool is_told = false;
		buf_init(&resolvers, TEXT_MAX);
		for (size_t j = 0; j < i; j++)
			is_told |= is_same_memory(&memories[i], &memories[j]);
		for (size_t j = i; j < count && !is_told; j++) {
			if (!is_same_memory(&memories[i], &memories[j]))
				continue;
			buf_text(&resolvers, resolvers.len > 0 ? ", " : "");
			buf_str(&resolvers, memories[j].resolver);
		}
		if (!is_told)
			write_memory(p, f, &memories[i], buf_cstr(&resolvers));
	}
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
		write_finding_memories(p, f);
		for (size_t j = 0; j < f->evidence_count; j++) {
			if (is_memory(f, &f->evidence[j]))
				note_purge(&pages, &f->evidence[j]);
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

/* Something is to be saved in a panel that holds the zone; elsewhere (the registrar, the
 * operator's servers) other times hold. */
static bool is_for_panel(const struct report *r)
{
	static const char *const saved[] = { "add",      "rename", "set_value",
					     "set_type", "remove", "set" };
	for (size_t i = 0; i < r->finding_count; i++) {
		const struct finding *f = &r->findings[i];
		if (f->severity != SEVERITY_ERROR || strcmp(f->code, "U953") == 0)
			continue;
		for (size_t j = 0; j < f->fix_count * ARRAY_LEN(saved); j++) {
			if (strcmp(f->fixes[j / ARRAY_LEN(saved)].action,
				   saved[j % ARRAY_LEN(saved)]) == 0)
				return true;
		}
	}
	return false;
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
	duration_write(&publish, r->lang, r->publish_s);
	duration_write(&memory, r->lang, r->memory_s);
	if (r->publish_s == 0)
		buf_printf(&b,
			   lang_text(r->lang,
				     "After saving: the next check sees it at once; "
				     "others may remember what is there now for up to "
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
				     "remember what is there now for up to %s."),
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
		if ((r->publish_s == 0 && r->memory_s == 0) || !is_for_panel(r))
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
		buf_text(b, lang_text(r->lang, "Your DNS is as it should be."));
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
