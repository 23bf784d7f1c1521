/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is known of a panel, in sentences: one small function a topic. */
#include "provider/provider.h"

enum {
	NAME_MAX_BYTES = 512
};

struct words {
	struct buf *out;
	const struct provider *p;
	enum lang lang;
	const char *zone;
};

static enum fact write_name(const struct words *w)
{
	switch (w->p->name_box) {
	case NAME_BOX_UNKNOWN:
		return FACT_UNKNOWN;
	case NAME_BOX_RELATIVE:
		buf_printf(w->out,
			   lang_text(w->lang,
				     "the panel adds .%s to whatever is typed in "
				     "the name box: type the name without it"),
			   w->zone);
		break;
	case NAME_BOX_RELATIVE_DOT:
		buf_printf(w->out,
			   lang_text(w->lang,
				     "the panel adds .%s to what is typed in the "
				     "name box, unless that ends with a dot"),
			   w->zone);
		break;
	case NAME_BOX_STRIP:
		buf_printf(w->out,
			   lang_text(w->lang, "the name box takes a name with or without "
					      ".%s at its end"),
			   w->zone);
		break;
	case NAME_BOX_WHOLE:
		buf_printf(w->out,
			   lang_text(w->lang, "the panel wants the whole name, with .%s "
					      "at its end"),
			   w->zone);
		break;
	case NAME_BOX_NONE:
		buf_text(w->out,
			 lang_text(w->lang, "no records of your own can be added there: "
					    "the domain's DNS has to move to another "
					    "operator first"));
		break;
	}
	return w->p->name_box_fact;
}

static enum fact write_apex(const struct words *w)
{
	switch (w->p->apex) {
	case APEX_UNKNOWN:
		return FACT_UNKNOWN;
	case APEX_AT:
		buf_text(w->out, lang_text(w->lang, "for the domain itself type @ in "
						    "the name box"));
		break;
	case APEX_BLANK:
		buf_text(w->out, lang_text(w->lang, "for the domain itself leave the "
						    "name box empty"));
		break;
	}
	return w->p->apex_fact;
}

static enum fact write_underscore(const struct words *w)
{
	if (w->p->underscore_fact == FACT_UNKNOWN)
		return FACT_UNKNOWN;
	buf_text(w->out,
		 w->p->underscore_refused
			 ? lang_text(w->lang,
				     "the panel refuses _ in the name of a CNAME record: "
				     "publish the key itself as a TXT record instead, "
				     "or move the domain's DNS to another operator")
			 : lang_text(w->lang,
				     "_ may stand in the name of a CNAME record"));
	return w->p->underscore_fact;
}

static enum fact write_dot(const struct words *w)
{
	if (w->p->target_needs_dot)
		buf_text(w->out,
			 lang_text(w->lang, "the target of a CNAME or MX record has to "
					    "end with a dot, or the panel adds the "
					    "zone's name to it"));
	else if (w->p->target_refuses_dot)
		buf_text(w->out, lang_text(w->lang, "the target of a CNAME or MX record "
						    "is typed without a dot at its "
						    "end"));
	else
		return FACT_UNKNOWN;
	return w->p->target_dot_fact;
}

static enum fact write_quotes(const struct words *w)
{
	switch (w->p->txt_quotes) {
	case TXT_QUOTES_UNKNOWN:
		return FACT_UNKNOWN;
	case TXT_QUOTES_WANTED:
		buf_text(w->out,
			 lang_text(w->lang, "a TXT value is typed in quotation marks; a "
					    "longer one in parts of at most 255 "
					    "characters: \"...\" \"...\""));
		break;
	case TXT_QUOTES_ADDED:
		buf_text(w->out,
			 lang_text(w->lang, "type no quotation marks around a TXT "
					    "value: the panel adds them"));
		break;
	case TXT_QUOTES_REMOVED:
		buf_text(w->out,
			 lang_text(w->lang, "type no quotation marks around a TXT "
					    "value: the panel removes them"));
		break;
	case TXT_QUOTES_REFUSED:
		buf_text(w->out, lang_text(w->lang, "type no quotation marks in a TXT "
						    "value: the panel refuses them"));
		break;
	}
	return w->p->txt_quotes_fact;
}

static enum fact write_length(const struct words *w)
{
	enum {
		KEY_2048_MAX = 410
	}; /* "v=DKIM1; k=rsa; p=" and 392 of base64 */
	if (w->p->txt_max == 0)
		return FACT_UNKNOWN;
	if (w->p->txt_max < KEY_2048_MAX)
		buf_printf(w->out,
			   lang_text(w->lang,
				     "a TXT value may have %u characters at most: a DKIM "
				     "key of 2048 bits (about 410) does not fit; use "
				     "CNAME records"),
			   w->p->txt_max);
	else
		buf_printf(
			w->out,
			lang_text(w->lang, "a TXT value may have %u characters at most"),
			w->p->txt_max);
	return w->p->txt_max_fact;
}

static enum fact write_ticket(const struct words *w)
{
	if (!w->p->by_ticket)
		return FACT_UNKNOWN;
	buf_text(w->out, lang_text(w->lang, "changes are asked for, not typed, and take "
					    "days: send the request first"));
	return FACT_UNCONFIRMED;
}

static enum fact write_publish(const struct words *w)
{
	unsigned s = w->p->publish_s;
	if (s == 0)
		return FACT_UNKNOWN;
	if (s < 3600)
		buf_printf(w->out,
			   lang_text(w->lang, "after saving, allow about %u minutes: "
					      "changes are published in batches"),
			   s / 60);
	else if (s == 3600)
		buf_text(w->out, lang_text(w->lang, "after saving, allow about 1 hour: "
						    "changes are published in batches"));
	else
		buf_printf(w->out,
			   lang_text(w->lang, "after saving, it may take up to %u hours "
					      "until the change is published"),
			   s / 3600);
	return w->p->publish_fact;
}

enum fact provider_write(struct buf *out, const struct provider *p,
			 enum provider_topic topic, enum lang lang, const char *zone)
{
	static enum fact (*const writers[])(const struct words *w) = {
		[TOPIC_NAME] = write_name,
		[TOPIC_APEX] = write_apex,
		[TOPIC_UNDERSCORE] = write_underscore,
		[TOPIC_DOT] = write_dot,
		[TOPIC_QUOTES] = write_quotes,
		[TOPIC_LENGTH] = write_length,
		[TOPIC_TICKET] = write_ticket,
		[TOPIC_PUBLISH] = write_publish,
	};
	return writers[topic](&(struct words){ out, p, lang, zone });
}

void provider_match_write(struct buf *out, const struct provider_match *m, enum lang lang)
{
	if (!m->provider)
		return;
	auto_buf struct buf other;
	auto_buf struct buf name;
	buf_init(&other, NAME_MAX_BYTES);
	buf_init(&name, NAME_MAX_BYTES);
	buf_str(&name, provider_name(m->provider, lang));
	buf_str(&other, m->other ? provider_name(m->other, lang) : m->provider->shared);
	switch (m->confidence) {
	case PROVIDER_CERTAIN:
		buf_str(out, buf_view(&name));
		return;
	case PROVIDER_MIXED:
		if (m->other)
			buf_printf(out,
				   lang_text(lang, "%s and %s, a part of the name "
						   "servers each"),
				   buf_cstr(&name), buf_cstr(&other));
		else
			buf_printf(out,
				   lang_text(lang, "%s for a part of the name servers, "
						   "the others are unknown"),
				   buf_cstr(&name));
		return;
	case PROVIDER_SHARED:
		buf_printf(out,
			   lang_text(lang, "%s, or somebody who uses its name servers "
					   "(%s)"),
			   buf_cstr(&name), buf_cstr(&other));
		return;
	case PROVIDER_LIKELY:
		buf_printf(out, lang_text(lang, "%s, by the zone's SOA record"),
			   buf_cstr(&name));
		return;
	}
}
