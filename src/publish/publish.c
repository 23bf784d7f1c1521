/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of formats, and what they cannot hold. */
#include "publish/formats.h"

static const struct publish_format *const formats[] = {
	&format_cards,
	&format_table,
	&format_zone,
	&format_csv,
	&format_route53,
	&format_cloudflare,
	&format_terraform_route53,
	&format_terraform_cloudflare,
	&format_dnscontrol,
	&format_octodns,
	&format_nsupdate,
	&format_mail,
	&format_json,
};

const struct publish_format *publish_format_at(size_t index)
{
	return index < ARRAY_LEN(formats) ? formats[index] : NULL;
}

bool publish_names_parse(struct str text, enum publish_names *out)
{
	static const struct {
		const char *word;
		enum publish_names names;
	} words[] = {
		{ "auto", PUBLISH_NAMES_AUTO },
		{ "relative", PUBLISH_NAMES_RELATIVE },
		{ "fqdn", PUBLISH_NAMES_WHOLE },
	};
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (str_is(text, words[i].word)) {
			*out = words[i].names;
			return true;
		}
	}
	return false;
}

static const struct publish_format *find_format(const struct publication *p,
						struct str name, struct err *e)
{
	auto_buf struct buf all;
	buf_init(&all, 1024);
	for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
		if (str_is(name, formats[i]->name))
			return formats[i];
		buf_printf(&all, "%s%s", i > 0 ? ", " : "", formats[i]->name);
	}
	err_set(e, ERR_USAGE, lang_text(p->lang, "no format '%.*s'; there are: %s"),
		STR_ARG(name), buf_cstr(&all));
	return NULL;
}

static bool is_ascii(struct str text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] < ' ' || text.data[i] > '~')
			return false;
	}
	return true;
}

/* For a tool a record has to be whole, and one of the zone. */
static bool check_record(const struct publication *p, const struct publish_format *f,
			 const struct expected_record *r, struct err *e)
{
	auto_buf struct buf name;
	auto_buf struct buf zone;
	buf_init(&name, 2048);
	buf_init(&zone, 2048);
	dns_name_write(&name, &r->name);
	dns_name_write(&zone, &p->zone);
	if (r->rdata.len == 0)
		return err_set(e, ERR_USAGE,
			       lang_text(p->lang, "the key for '%s' is not known, so it "
						  "cannot be written as %s; 'cards', "
						  "'table' and 'mail' can show it"),
			       buf_cstr(&name), f->name);
	if (!dns_name_within(&r->name, &p->zone))
		return err_set(e, ERR_USAGE,
			       lang_text(p->lang,
					 "'%s' is not in the zone '%s', so it cannot be "
					 "written as %s with the others"),
			       buf_cstr(&name), buf_cstr(&zone), f->name);
	if (f->wants_ascii && r->type == DNS_TYPE_TXT && !is_ascii(text_of(p, r)))
		return err_set(e, ERR_USAGE,
			       lang_text(p->lang, "the text for '%s' is not ASCII, so it "
						  "cannot be written as %s"),
			       buf_cstr(&name), f->name);
	return true;
}

bool publish_write(struct buf *out, const struct publication *p, struct str format,
		   struct err *e)
{
	const struct publish_format *f = find_format(p, format, e);
	if (!f)
		return false;
	for (size_t i = 0; i < p->x->count && !f->for_people; i++) {
		if (!check_record(p, f, &p->x->records[i], e))
			return false;
	}
	f->write(out, p);
	return true;
}
