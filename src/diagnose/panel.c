/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The DNS operator's own words in findings. */
#include "diagnose/panel.h"

enum {
	NOTES_MAX = 12, /* of one finding */
	NOTE_MAX = 4096,
	SERVERS_MAX = 32,
};

/* The SOA of the domain's zone, if an answer showed it. */
static const struct dns_soa *find_soa(const struct diagnosis *d)
{
	for (size_t i = 0; i < d->o->answer_count; i++) {
		const struct answer *answer = &d->o->answers[i];
		if (answer->has_soa && dns_name_equal(&answer->soa_owner, &d->zone))
			return &answer->soa;
	}
	return NULL;
}

/* Behind a forwarder only an answer to the question for them names the servers. */
static size_t servers_from_answers(const struct diagnosis *d, struct dns_name *out)
{
	size_t count = 0;
	for (size_t i = 0; i < d->o->answer_count && count == 0; i++) {
		const struct answer *answer = &d->o->answers[i];
		if (answer->question.type != DNS_TYPE_NS ||
		    !dns_name_equal(&answer->question.name, &d->zone))
			continue;
		for (size_t j = 0; j < answer->records.count && count < SERVERS_MAX;
		     j++) {
			const struct dns_record *r = &answer->records.records[j];
			count += r->type == DNS_TYPE_NS &&
				 dns_record_target(r, &out[count]);
		}
	}
	return count;
}

void panel_find(struct diagnosis *d)
{
	struct dns_name servers[SERVERS_MAX];
	size_t count = 0;
	d->provider = (struct provider_match){ 0 };
	if (!d->has_zone)
		return;
	for (size_t i = 0; i < d->server_count && count < SERVERS_MAX; i++) {
		const struct server *s = &d->servers[i];
		if (s->name.len > 0 && dns_name_equal(&s->zone, &d->zone))
			servers[count++] = s->name;
	}
	if (count == 0)
		count = servers_from_answers(d, servers);
	provider_match(servers, count, find_soa(d), &d->provider);
}

static void add_note(struct diagnosis *d, struct finding *f, struct str text,
		     enum fact fact)
{
	if (text.len == 0 || f->note_count == NOTES_MAX)
		return;
	f->notes = case_grow(d->a, f->notes, f->note_count, sizeof(*f->notes));
	f->notes[f->note_count++] =
		(struct note){ .text = arena_str(d->a, text),
			       .unconfirmed = fact == FACT_UNCONFIRMED };
}

/* What is to be typed for a finding. */
struct typed {
	bool any;
	bool name; /* a name box is filled in */
	bool apex;
	bool underscore; /* in the name of a CNAME */
	bool target;     /* of a CNAME or MX */
	bool txt;
	size_t txt_len; /* of the longest value; of an unknown key what one has */
};

static bool has_underscore(const struct dns_name *name)
{
	return memchr(name->wire, '_', name->len) != NULL;
}

static void add_typed(const struct diagnosis *d, const struct finding *f, size_t index,
		      struct typed *out)
{
	enum {
		KEY_2048 = 410
	};
	const struct fix *fix = &f->fixes[index];
	bool is_value = strcmp(fix->action, "set_value") == 0;
	bool is_new =
		strcmp(fix->action, "add") == 0 || strcmp(fix->action, "set_type") == 0;
	bool is_name =
		fix->name.len > 0 && (is_new || strcmp(fix->action, "rename") == 0);
	out->any |= is_value || is_name || strcmp(fix->action, "set") == 0;
	if (!is_value && !is_name)
		return;
	out->name |= is_name;
	if (index >= f->record_count)
		return;
	const struct expected_record *r = f->records[index];
	out->apex |= is_name && dns_name_equal(&r->name, &d->zone);
	out->underscore |=
		is_name && r->type == DNS_TYPE_CNAME && has_underscore(&r->name);
	if (!is_value && !is_new)
		return;
	out->target |= r->type == DNS_TYPE_CNAME || r->type == DNS_TYPE_MX;
	if (r->type != DNS_TYPE_TXT)
		return;
	size_t len = r->value.len > 0 ? r->value.len : KEY_2048;
	out->txt = true;
	out->txt_len = len > out->txt_len ? len : out->txt_len;
}

static bool topic_matters(const struct provider *p, enum provider_topic topic,
			  const struct typed *typed)
{
	switch (topic) {
	case TOPIC_NAME:
		return typed->name || p->name_box == NAME_BOX_NONE;
	case TOPIC_APEX:
		return typed->apex;
	case TOPIC_UNDERSCORE:
		return typed->underscore && p->underscore_refused;
	case TOPIC_DOT:
		return typed->target;
	case TOPIC_QUOTES:
		return typed->txt;
	case TOPIC_LENGTH:
		return typed->txt && typed->txt_len > p->txt_max;
	case TOPIC_TICKET:
	case TOPIC_PUBLISH:
		return true;
	}
	return false;
}

static void add_place(struct diagnosis *d, struct finding *f)
{
	const struct provider *p = d->provider.provider;
	auto_buf struct buf who;
	buf_init(&who, NOTE_MAX);
	provider_match_write(&who, &d->provider, d->lang);
	add_note(d, f,
		 str_from(arena_printf(
			 d->a,
			 lang_text(d->lang, "the DNS of %s is at %s: change it there, "
					    "wherever the domain was bought"),
			 shown_name(d, &d->zone).data, buf_cstr(&who))),
		 FACT_SOURCED);
	struct str where =
		d->lang == LANG_JA && p->where_ja.len > 0 ? p->where_ja : p->where_en;
	if (where.len > 0)
		add_note(d, f,
			 str_from(arena_printf(d->a,
					       lang_text(d->lang, "the way there: %.*s"),
					       STR_ARG(where))),
			 FACT_SOURCED);
}

static void add_topics(struct diagnosis *d, struct finding *f, const struct typed *typed,
		       unsigned *told)
{
	for (unsigned topic = 0; topic < PROVIDER_TOPICS; topic++) {
		auto_buf struct buf b = { 0 };
		if ((*told & 1u << topic) != 0 ||
		    !topic_matters(d->provider.provider, (enum provider_topic)topic,
				   typed))
			continue;
		buf_init(&b, NOTE_MAX);
		enum fact fact = provider_write(&b, d->provider.provider,
						(enum provider_topic)topic, d->lang,
						shown_name(d, &d->zone).data);
		add_note(d, f, buf_view(&b), fact);
		*told |= 1u << topic;
	}
}

static void add_traps(struct diagnosis *d, struct finding *f)
{
	const struct provider *p = d->provider.provider;
	for (size_t i = 0; i < p->trap_count; i++)
		add_note(d, f, d->lang == LANG_JA ? p->traps[i].ja : p->traps[i].en,
			 p->traps[i].fact);
}

/* Whose panel it is is not known: the names are given without the zone, and a value may
 * be longer than one string of a TXT record. */
static void add_unknown(struct diagnosis *d, struct finding *f, const struct typed *typed,
			unsigned *told)
{
	enum {
		TOLD_NAME = 1 << 0,
		TOLD_LENGTH = 1 << 1,
		STRING_MAX = 255, /* RFC 1035 section 3.3 */
	};
	if (typed->name && !(*told & TOLD_NAME)) {
		add_note(d, f,
			 str_from(arena_printf(
				 d->a,
				 lang_text(d->lang, "if the panel wants whole names, add "
						    ".%s at the end"),
				 shown_name(d, &d->zone).data)),
			 FACT_SOURCED);
		*told |= TOLD_NAME;
	}
	if (typed->txt && typed->txt_len > STRING_MAX && !(*told & TOLD_LENGTH)) {
		add_note(d, f,
			 str_from(lang_text(
				 d->lang,
				 "if the value box takes 255 characters only, write the "
				 "value in two parts, each in quotes: \"first part\" "
				 "\"second part\"")),
			 FACT_SOURCED);
		*told |= TOLD_LENGTH;
	}
}

void panel_add_notes(struct diagnosis *d, struct report *r)
{
	unsigned told = 0;
	bool is_placed = false;
	for (size_t i = 0; i < r->finding_count && d->has_zone; i++) {
		struct finding *f = &r->findings[i];
		struct typed typed = { 0 };
		for (size_t j = 0; j < f->fix_count; j++)
			add_typed(d, f, j, &typed);
		if (!typed.any)
			continue;
		if (!d->provider.provider) {
			add_unknown(d, f, &typed, &told);
			continue;
		}
		if (!is_placed)
			add_place(d, f);
		add_topics(d, f, &typed, &told);
		if (strcmp(f->code, "U301") == 0)
			add_traps(d, f);
		is_placed = true;
	}
}
