/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For people: a card a record, or a line a record; each value whole on its line, to be
 * copied. */
#include "publish/formats.h"

/* The panel's label where it is known, behind the plain word. */
static size_t put_label(struct buf *out, const char *word, struct str panel)
{
	auto_buf struct buf b;
	buf_init(&b, 512);
	buf_text(&b, word);
	if (panel.len > 0 && !str_is(panel, word))
		buf_printf(&b, " (%.*s)", STR_ARG(panel));
	buf_str(out, buf_view(&b));
	return page_width(buf_view(&b));
}

struct card {
	struct buf *out;
	const struct publication *p;
	size_t width; /* of the labels */
};

static void put_line(const struct card *c, const char *word, struct str panel,
		     struct str text)
{
	buf_text(c->out, "  ");
	size_t taken = put_label(c->out, word, panel);
	buf_fill(c->out, ' ', taken < c->width ? c->width - taken : 1);
	buf_str(c->out, text);
	buf_byte(c->out, '\n');
}

/* As it is to be typed: with a final dot where the panel wants one. */
static void put_typed_value(struct buf *out, const struct publication *p,
			    const struct expected_record *r)
{
	const struct provider *panel = p->provider.provider;
	bool is_target = r->type == DNS_TYPE_CNAME || r->type == DNS_TYPE_MX;
	if (r->value.len == 0) {
		buf_text(out, lang_text(p->lang, "(the public key: v=DKIM1; p=...)"));
		return;
	}
	put_value(out, r);
	if (is_target && panel && panel->target_needs_dot)
		buf_byte(out, '.');
}

static struct str value_label(const struct provider *panel,
			      const struct expected_record *r)
{
	if (r->type == DNS_TYPE_CNAME && panel->label_target.len > 0)
		return panel->label_target;
	if (r->type == DNS_TYPE_MX && panel->label_host.len > 0)
		return panel->label_host;
	return panel->label_value;
}

static void put_card(const struct card *c, const struct provider *panel,
		     const struct expected_record *r)
{
	const struct publication *p = c->p;
	auto_buf struct buf b;
	buf_init(&b, 256 * 1024);
	put_title(c->out, p, r);
	buf_byte(c->out, '\n');
	put_type(&b, r);
	put_line(c, lang_text(p->lang, "Type"), panel->label_type, buf_view(&b));
	buf_clear(&b);
	put_shown_name(&b, p, &r->name);
	put_line(c, lang_text(p->lang, "Name"), panel->label_name, buf_view(&b));
	buf_clear(&b);
	if (r->type == DNS_TYPE_MX) {
		buf_printf(&b, "%u", r->priority);
		put_line(c, lang_text(p->lang, "Priority"), panel->label_priority,
			 buf_view(&b));
		buf_clear(&b);
	}
	put_typed_value(&b, p, r);
	put_line(c, lang_text(p->lang, "Value"), value_label(panel, r), buf_view(&b));
}

/* As wide as the widest label, with its plain word. */
static size_t label_width(const struct publication *p, const struct provider *panel)
{
	const struct {
		const char *word;
		struct str label;
	} labels[] = {
		{ LANG_MARK("Type"), panel->label_type },
		{ LANG_MARK("Name"), panel->label_name },
		{ LANG_MARK("Priority"), panel->label_priority },
		{ LANG_MARK("Value"), panel->label_value },
		{ LANG_MARK("Value"), panel->label_target },
		{ LANG_MARK("Value"), panel->label_host },
	};
	size_t widest = 0;
	for (size_t i = 0; i < ARRAY_LEN(labels); i++) {
		auto_buf struct buf b;
		buf_init(&b, 1024);
		size_t width = put_label(&b, lang_text(p->lang, labels[i].word),
					 labels[i].label);
		widest = width > widest ? width : widest;
	}
	return widest + 2;
}

static void write_cards(struct buf *out, const struct publication *p)
{
	static const struct provider unknown = { .id = { "", 0 } };
	const struct provider *panel =
		p->provider.provider ? p->provider.provider : &unknown;
	const struct card card = { out, p, label_width(p, panel) };
	for (size_t i = 0; i < p->x->count; i++) {
		if (i > 0)
			buf_byte(out, '\n');
		put_card(&card, panel, &p->x->records[i]);
	}
}

static void put_column(struct buf *out, const struct buf *text, size_t width)
{
	size_t taken = page_width(buf_view(text));
	buf_str(out, buf_view(text));
	buf_fill(out, ' ', (taken < width ? width - taken : 0) + 2);
}

static void write_table(struct buf *out, const struct publication *p)
{
	size_t widest = 0;
	for (size_t i = 0; i < p->x->count; i++) {
		auto_buf struct buf b;
		buf_init(&b, 4096);
		put_shown_name(&b, p, &p->x->records[i].name);
		widest = b.len > widest ? b.len : widest;
	}
	for (size_t i = 0; i < p->x->count; i++) {
		const struct expected_record *r = &p->x->records[i];
		auto_buf struct buf b;
		buf_init(&b, 256 * 1024);
		put_shown_name(&b, p, &r->name);
		put_column(out, &b, widest);
		buf_clear(&b);
		put_type(&b, r);
		put_column(out, &b, 5);
		if (r->type == DNS_TYPE_MX)
			buf_printf(out, "%u ", r->priority);
		put_typed_value(out, p, r);
		buf_byte(out, '\n');
	}
}

const struct publish_format format_cards = {
	.name = "cards",
	.summary = LANG_MARK("a card a record, as the boxes of a DNS panel"),
	.for_people = true,
	.write = write_cards,
};

const struct publish_format format_table = {
	.name = "table",
	.summary = LANG_MARK("a line a record"),
	.for_people = true,
	.write = write_table,
};
