/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The DKIM key of a record as it was seen. */
#include "diagnose/key.h"

#include "diagnose/chain.h"

enum {
	TEXTS_MAX = 8,
	TEXT_MAX = 8 * 1024, /* no key is as long */
	SCRATCH_MAX = 16 << 20,
};

struct texts {
	struct arena scratch;
	struct str list[TEXTS_MAX];
	size_t count;
	const struct answer *answer;
	struct dns_name at;
};

static void take_texts(struct texts *t, const struct answer *answer,
		       const struct dns_name *at)
{
	t->answer = answer;
	t->at = *at;
	for (size_t i = 0; i < answer->records.count && t->count < TEXTS_MAX; i++) {
		const struct dns_record *r = &answer->records.records[i];
		struct str text;
		if (r->type != DNS_TYPE_TXT || !dns_name_equal(&r->owner, at) ||
		    r->rdata.len > TEXT_MAX || !dns_record_txt(&t->scratch, r, &text))
			continue;
		t->list[t->count++] = text;
	}
}

/* What a server of ours said that has it otherwise; else any that has it. */
static void find_direct(const struct diagnosis *d, const struct record_case *r,
			struct texts *t)
{
	const unsigned wanted[] = { SAID_OTHER, SAID_RIGHT };
	for (size_t pass = 0; pass < ARRAY_LEN(wanted); pass++) {
		for (size_t i = 0; i < d->o->answer_count && t->count == 0; i++) {
			const struct answer *answer = &d->o->answers[i];
			size_t server = d->server_of[answer->view];
			if (server != SIZE_MAX &&
			    (r->tally.said[server] & wanted[pass]) &&
			    answer->question.type == DNS_TYPE_TXT &&
			    dns_name_equal(&answer->question.name, &r->expected->name))
				take_texts(t, answer, &r->expected->name);
		}
	}
}

static void find_behind(const struct diagnosis *d, const struct record_case *r,
			struct texts *t)
{
	struct chain chain;
	chain_follow(d, &r->expected->name, DNS_TYPE_TXT, &chain);
	if (chain.end == CHAIN_FOUND && chain.links > 0)
		take_texts(t, chain.answer, &chain.names[chain.links]);
}

static enum key_trouble trouble_of(enum dkim_damage damage,
				   const struct policy_dkim_key *key)
{
	switch (damage) {
	case DKIM_INTACT:
		return key->strength == DKIM_UNUSABLE ? KEY_WEAK : KEY_FINE;
	case DKIM_TRUNCATED:
		return KEY_CUT;
	case DKIM_SPLIT:
		return KEY_SPLIT;
	case DKIM_QUOTED:
		return KEY_QUOTED;
	case DKIM_SPACED:
		return KEY_SPACED;
	case DKIM_REVOKED:
		return KEY_REVOKED;
	case DKIM_DIFFERENT:
		return KEY_OTHER;
	case DKIM_GARBLED:
		return KEY_DAMAGED;
	case DKIM_MISUSED:
		return KEY_MISUSED;
	case DKIM_FOREIGN:
		return KEY_FINE;
	}
	return KEY_FINE;
}

/* Counts what is a key, or was meant for one; gives the text that is or once was one. */
static struct str read_texts(struct texts *t, struct str expected, struct dkim_seen *out,
			     size_t *keys_out)
{
	struct str best = t->list[0];
	enum dkim_damage least = DKIM_FOREIGN;
	for (size_t i = 0; i < t->count; i++) {
		struct str text = t->list[i];
		struct dkim_seen seen;
		policy_dkim_damage(&t->scratch, text, expected, &seen);
		*keys_out += seen.why.len == 0 || policy_dkim_is_meant(text) ||
			     policy_dkim_is_taken(&t->scratch, text);
		if (i > 0 && (seen.damage == DKIM_FOREIGN || least != DKIM_FOREIGN))
			continue;
		best = text;
		least = seen.damage;
		*out = seen;
	}
	return best;
}

static void judge_texts(struct diagnosis *d, const struct record_case *r, struct texts *t,
			struct key_view *out)
{
	struct str expected =
		r->expected->type == DNS_TYPE_TXT ? r->expected->value : STR_EMPTY;
	struct policy_dkim_key key;
	struct dkim_seen seen = { .damage = DKIM_FOREIGN };
	struct err e = { .lang = d->lang };
	struct str best = read_texts(t, expected, &seen, &out->keys);
	/* What is wrong with it, in the reader's language. */
	if (seen.why.len > 0 && !policy_dkim_key_parse(&t->scratch, best, &key, &e))
		out->why = arena_str(d->a, str_from(e.text));
	out->trouble = trouble_of(seen.damage, &seen.key);
	out->missing = seen.missing;
	out->count = t->count;
	out->is_case = seen.is_case;
	out->position = seen.damage == DKIM_INTACT || seen.damage == DKIM_DIFFERENT
				? 0
				: seen.at + 1;
	if (seen.damage == DKIM_INTACT) {
		out->bits = seen.key.bits;
		out->is_weak = seen.key.strength == DKIM_WEAK;
		out->is_testing = seen.key.testing;
		out->has_breaks = seen.key.has_breaks;
	}
	if (policy_dkim_is_split(&t->scratch, t->list, t->count, expected))
		out->trouble = KEY_SPLIT;
	else if (out->keys > 1)
		out->trouble = KEY_SEVERAL;
}

static void look(struct diagnosis *d, const struct record_case *r, struct key_view *out)
{
	struct texts t = { .count = 0 };
	*out = (struct key_view){ .trouble = KEY_FINE, .why = STR_EMPTY };
	if (r->expected->purpose != PURPOSE_DKIM || d->searching)
		return;
	arena_init(&t.scratch, SCRATCH_MAX);
	out->is_behind = r->expected->type == DNS_TYPE_CNAME;
	if (out->is_behind)
		find_behind(d, r, &t);
	else if (r->expected->type == DNS_TYPE_TXT)
		find_direct(d, r, &t);
	if (t.count > 0) {
		out->answer = t.answer;
		out->at = t.at;
		judge_texts(d, r, &t, out);
	}
	arena_done(&t.scratch);
}

/* Every code asks, and the answer stays. */
static void key_look(struct diagnosis *d, struct record_case *r, struct key_view *out)
{
	if (!r->key) {
		struct key_view *view = arena_alloc(d->a, sizeof(*view));
		look(d, r, view);
		r->key = view;
	}
	*out = *r->key;
}

/* --- findings --- */

/* Of the keys behind aliases that were seen, one can be used. */
static bool has_usable(struct diagnosis *d)
{
	for (size_t i = 0; i < d->record_count; i++) {
		struct key_view v;
		key_look(d, &d->records[i], &v);
		if (v.is_behind && v.answer && v.trouble == KEY_FINE)
			return true;
	}
	return false;
}

const char *key_tell_one_left(struct diagnosis *d, const struct record_case *r,
			      const struct key_view *v)
{
	bool is_split = v->trouble == KEY_SPLIT;
	struct str value = shown_expected(d->a, r->expected);
	const char *name = shown_relative(d, r).data;

	if (value.len == 0)
		return arena_printf(
			d->a,
			is_split ? lang_text(d->lang,
					     "in place of the %zu TXT records named "
					     "%s have one that holds the whole "
					     "public key, and remove the others")
				 : lang_text(d->lang,
					     "of the %zu TXT records named %s keep "
					     "the key that is in use, and remove "
					     "the others"),
			v->count, name);
	return arena_printf(
		d->a,
		is_split
			? lang_text(d->lang,
				    "remove the %zu TXT records named %s, and add "
				    "one with the whole value: %s")
			: lang_text(d->lang, "of the %zu TXT records named %s remove all "
					     "but the one with this value: %s"),
		v->count, name, value.data);
}

static void add_own_fix(struct diagnosis *d, struct finding *f, struct record_case *r,
			const struct key_rule *rule, const struct key_view *v)
{
	struct str value = shown_expected(d->a, r->expected);
	struct str name = shown_relative(d, r);
	const char *sentence;
	if (rule->remedy) {
		struct fix *own = finding_fix(d, f, rule->action, rule->remedy(d, r, v));
		own->name = name;
		return;
	}
	if (value.len > 0)
		sentence = arena_printf(d->a,
					lang_text(d->lang, "set the value of the TXT "
							   "record named %s to %s"),
					name.data, value.data);
	else
		sentence = arena_printf(
			d->a,
			lang_text(
				d->lang,
				"put the public key (v=DKIM1; p=...), copied whole from "
				"where it was made, into the TXT record named %s"),
			name.data);
	struct fix *fix = finding_fix(d, f, "set_value", sentence);
	fix->field = STR("value");
	fix->name = name;
	fix->value = value;
	fix->to = value;
	fix->exact = value.len > 0;
}

static void add_foreign_fix(struct diagnosis *d, struct finding *f,
			    const struct key_view *v)
{
	struct fix *fix = finding_fix(
		d, f, "retry",
		arena_printf(
			d->a,
			lang_text(d->lang,
				  "tell the platform that the key at %s cannot be "
				  "used; your alias (CNAME) is right, leave it as it "
				  "is"),
			shown_name(d, &v->at).data));
	fix->name = shown_name(d, &v->at);
}

static bool is_candidate(const struct record_case *r, const struct key_view *v)
{
	if (r->explained || !v->answer)
		return false;
	return v->is_behind ? r->report->state == RECORD_OK : record_is_other(r);
}

static void explain(struct diagnosis *d, struct finding *f, const struct key_rule *rule,
		    struct record_case *r, const struct key_view *v)
{
	const char *why = rule->why ? rule->why(d, v) : NULL;
	if (v->is_behind)
		finding_answer(d, f, v->answer);
	else
		finding_evidence(d, f, &r->tally, SAID_OTHER);
	if (why && f->why.len == 0)
		f->why = str_from(why);
	if (v->is_behind)
		add_foreign_fix(d, f, v);
	else
		add_own_fix(d, f, r, rule, v);
}

const char *key_tell_position(struct diagnosis *d, const struct key_view *v)
{
	if (v->position == 0)
		return NULL;
	return arena_printf(d->a,
			    lang_text(d->lang,
				      "it begins to be wrong at character %zu of "
				      "the value"),
			    v->position);
}

void key_judge(struct diagnosis *d, const struct key_rule *rule)
{
	struct finding *slots[2] = { NULL };
	struct finding *behind = NULL;
	for (size_t i = 0; i < d->record_count; i++) {
		struct record_case *r = &d->records[i];
		struct key_view v;
		struct finding *f;
		key_look(d, r, &v);
		if (v.trouble != rule->trouble || !is_candidate(r, &v))
			continue;
		const char *title = lang_text(d->lang, rule->row->title);
		/* Platforms keep a second and a third key in hand: one is enough. */
		if (v.is_behind && has_usable(d)) {
			if (!behind)
				behind = finding_add(d, rule->row->code, SEVERITY_NOTE,
						     title);
			f = behind;
			finding_covers(d, f, r);
		} else {
			f = finding_for(d, slots, r, rule->row->code, title);
		}
		explain(d, f, rule, r, &v);
	}
}

void key_add_note(struct diagnosis *d, const struct key_note *note)
{
	struct finding *f = NULL;
	for (size_t i = 0; i < d->record_count; i++) {
		struct record_case *r = &d->records[i];
		struct key_view v;
		key_look(d, r, &v);
		if (r->explained || !v.answer || v.trouble != KEY_FINE ||
		    r->report->state != RECORD_OK || !note->fits(&v))
			continue;
		if (!f)
			f = finding_add(d, note->code, SEVERITY_NOTE,
					lang_text(d->lang, note->title));
		f->records =
			case_grow(d->a, f->records, f->record_count, sizeof(*f->records));
		f->records[f->record_count++] = r->expected;
		finding_answer(d, f, v.answer);
		if (v.is_behind)
			continue;
		struct str name = shown_relative(d, r);
		struct fix *fix =
			finding_fix(d, f, "set_value", note->remedy(d, name.data));
		fix->field = STR("value");
		fix->name = name;
	}
}
