/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A record as the hosts of another record go through it. Their addresses are not known;
 * so the client here is one that no term matches but those that let the wanted hosts
 * pass. What it comes by until then counts: look-ups (RFC 7208 section 4.6.4), errors,
 * and an `all` that ends it.
 *
 * A wanted term is there by its meaning: a wider network, an include by a redirect, and
 * an include also by all that stands behind it, term by term.
 */
#include "policy/spf_check.h"
#include "policy/wanted.h"

enum {
	WALK_ARENA_MAX = 128 << 20,
	PROBES_MAX = 16,  /* terms that may find nothing, remembered */
	INSIDE_MAX = 100, /* terms behind a wanted include that are looked for */
	INSIDE_DEPTH = 4,
	SAMPLES_MAX = 16, /* addresses that are evaluated */
};

enum step {
	STEP_ON,      /* no match */
	STEP_REACHED, /* the wanted hosts pass */
	STEP_END,     /* they do not: `all`, or the term refuses them */
	STEP_ERROR,
};

/* A term that asks for one name. */
struct probe {
	struct question question;
	struct str domain;
	struct str term;
};

struct walker {
	struct arena *a;
	const struct policy_source *source;
	struct spf_walk *out;
	const struct spf_term *wanted; /* NULL: nothing */
	struct str wanted_domain;      /* whose record it is of */
	struct probe probes[PROBES_MAX];
	size_t probe_count;
	bool is_open;
	bool has_error; /* the first is kept */
};

/* The record that is walked. */
struct subject {
	const struct policy_source *source;
	struct str domain;
	struct str txt;
};

static enum step walk_text(struct walker *w, struct str txt, struct str domain);

static enum step fail(struct walker *w, enum spf_cause cause, struct str domain,
		      struct str term)
{
	if (w->has_error)
		return STEP_ERROR;
	w->has_error = true;
	w->out->error.result = SPF_PERMERROR;
	w->out->error.cause = cause;
	w->out->error.domain = domain;
	w->out->error.term = term;
	return STEP_ERROR;
}

static bool is_reference(const struct spf_term *t)
{
	return t->kind == SPF_INCLUDE || t->kind == SPF_REDIRECT;
}

/* The name that the term is about, in text; macros that need a client stay. */
static struct str target_of(struct arena *a, const struct spf_term *t, struct str domain)
{
	const struct macro_values v = { .domain = domain };
	struct str target = t->domain;

	if (target.len == 0)
		target = domain;
	else if (!macro_needs_client(target))
		target = macro_expand(a, target, &v);
	if (target.len > 1 && str_ends(target, STR(".")))
		target.len--;
	return target;
}

/* The term lets pass whom the wanted one lets pass. */
static bool grants(const struct walker *w, const struct spf_term *t, struct str domain)
{
	const struct spf_term *x = w->wanted;

	if (!x || (t->kind != x->kind && !(is_reference(t) && is_reference(x))))
		return false;
	if (t->kind == SPF_IP4)
		return t->prefix4 <= x->prefix4 &&
		       check_has_prefix(t->network, x->network, t->prefix4);
	if (t->kind == SPF_IP6)
		return t->prefix6 <= x->prefix6 &&
		       check_has_prefix(t->network, x->network, t->prefix6);
	return t->prefix4 <= x->prefix4 && t->prefix6 <= x->prefix6 &&
	       str_equal_nocase(target_of(w->a, t, domain),
				target_of(w->a, x, w->wanted_domain));
}

/* The one SPF record of a name. FOUND: text_out; VOID: there is none. */
static enum policy_reply find_text(struct walker *w, struct str target,
				   struct str *text_out, enum spf_cause *cause_out)
{
	struct dns_section found = { .count = 0 };
	struct dns_name name;
	size_t count = 0;

	*cause_out = SPF_CAUSE_TARGET_NONE;
	if (!macro_name(target, &name))
		return POLICY_VOID;
	enum policy_reply reply =
		w->source->find(w->source->arg, &name, DNS_TYPE_TXT, &found);
	if (reply == POLICY_UNKNOWN)
		wanted_add(&w->out->wanted, &name, DNS_TYPE_TXT);
	if (reply == POLICY_FAILED)
		w->out->failed = target;
	if (reply != POLICY_FOUND)
		return reply;
	for (size_t i = 0; i < found.count; i++) {
		struct str text;

		if (!dns_record_txt(w->a, &found.records[i], &text) ||
		    !spf_is_record(text))
			continue;
		*text_out = text;
		count++;
	}
	if (count > 1)
		*cause_out = SPF_CAUSE_TWO_RECORDS;
	return count == 1 ? POLICY_FOUND : POLICY_VOID;
}

static enum step count_lookup(struct walker *w, const struct spf_term *t,
			      struct str domain)
{
	if (w->out->lookups == SPF_LOOKUPS_MAX)
		return fail(w, SPF_CAUSE_LOOKUPS, domain, t->text);
	w->out->lookups++;
	return STEP_ON;
}

/* What an include or redirect leads to. */
static enum step walk_target(struct walker *w, const struct spf_term *t,
			     struct str domain)
{
	struct str target = target_of(w->a, t, domain);
	enum spf_cause cause;
	struct str text;

	if (count_lookup(w, t, domain) == STEP_ERROR)
		return STEP_ERROR;
	if (macro_needs_client(t->domain)) {
		w->is_open = true;
		w->out->needs_client = true;
		return STEP_ON;
	}
	switch (find_text(w, target, &text, &cause)) {
	case POLICY_UNKNOWN:
	case POLICY_FAILED:
		w->is_open = true;
		return STEP_ON;
	case POLICY_VOID:
		/* The walk goes on: that the wanted term is missing says more. */
		if (!w->has_error)
			w->out->error.target = target;
		(void)fail(w, cause, cause == SPF_CAUSE_TWO_RECORDS ? target : domain,
			   t->text);
		return STEP_ON;
	case POLICY_FOUND:
		break;
	}
	return walk_text(w, text, target);
}

/* The wanted term. What it costs matters only where something was spent before. */
static enum step take_wanted(struct walker *w, const struct spf_term *t,
			     struct str domain)
{
	const struct spf_term *wanted = w->wanted;
	enum step step = STEP_ON;

	if (t->kind != SPF_REDIRECT && t->qualifier != SPF_PASS) {
		w->out->term = t->text;
		w->out->reach = SPF_NOT_PASS;
		return STEP_END;
	}
	w->wanted = NULL;
	if (is_reference(t) && w->out->lookups > 0)
		step = walk_target(w, t, domain);
	else if (t->kind != SPF_IP4 && t->kind != SPF_IP6)
		step = count_lookup(w, t, domain);
	w->wanted = wanted;
	return step == STEP_ERROR ? STEP_ERROR : STEP_REACHED;
}

/* a, mx, exists, ptr: they match nobody here. */
static enum step walk_lookup(struct walker *w, const struct spf_term *t,
			     struct str domain)
{
	static const uint16_t types[] = {
		[SPF_A] = DNS_TYPE_A, [SPF_MX] = DNS_TYPE_MX, [SPF_EXISTS] = DNS_TYPE_A
	};
	struct probe *p = &w->probes[w->probe_count];

	if (count_lookup(w, t, domain) == STEP_ERROR)
		return STEP_ERROR;
	w->out->needs_client |= macro_needs_client(t->domain);
	if (t->kind == SPF_PTR || macro_needs_client(t->domain) ||
	    w->probe_count == PROBES_MAX ||
	    !macro_name(target_of(w->a, t, domain), &p->question.name))
		return STEP_ON;
	p->question.type = types[t->kind];
	p->domain = domain;
	p->term = t->text;
	w->probe_count++;
	return STEP_ON;
}

static enum step walk_include(struct walker *w, const struct spf_term *t,
			      struct str domain)
{
	enum spf_reach reach = w->out->reach;
	struct str term = w->out->term;
	enum step step = walk_target(w, t, domain);

	if (step == STEP_ERROR || (step == STEP_REACHED && t->qualifier == SPF_PASS))
		return step;
	if (step == STEP_REACHED) {
		w->out->term = t->text;
		w->out->reach = SPF_NOT_PASS;
		return STEP_END;
	}
	/* What ends the record inside is no match of the include. */
	w->out->reach = reach;
	w->out->term = term;
	return STEP_ON;
}

static enum step walk_term(struct walker *w, const struct spf_term *t, struct str domain)
{
	if (grants(w, t, domain))
		return take_wanted(w, t, domain);
	switch (t->kind) {
	case SPF_ALL:
		w->out->all_pass = t->qualifier == SPF_PASS;
		return t->qualifier == SPF_PASS ? STEP_REACHED : STEP_END;
	case SPF_INCLUDE:
		return walk_include(w, t, domain);
	case SPF_A:
	case SPF_MX:
	case SPF_PTR:
	case SPF_EXISTS:
		return walk_lookup(w, t, domain);
	case SPF_IP4:
	case SPF_IP6:
		w->out->has_networks = true;
		break;
	case SPF_REDIRECT:
	case SPF_EXP:
	case SPF_MODIFIER:
		break;
	}
	return STEP_ON;
}

/* `all` has ended the record: does the wanted term stand behind it? */
static void look_behind(struct walker *w, const struct spf_record *r, size_t from,
			struct str domain)
{
	for (size_t i = from; i < r->count; i++) {
		if (!grants(w, &r->terms[i], domain))
			continue;
		w->out->reach = SPF_BEHIND_ALL;
		w->out->term = r->terms[i].text;
	}
}

static enum step walk_text(struct walker *w, struct str txt, struct str domain)
{
	struct spf_record r;
	struct str term;

	if (!spf_record_parse(w->a, txt, &r, &w->out->error.fault, &term))
		return fail(w, SPF_CAUSE_SYNTAX, domain, term);
	for (size_t i = 0; i < r.count; i++) {
		if (r.terms[i].kind == SPF_REDIRECT)
			continue;
		enum step step = walk_term(w, &r.terms[i], domain);
		if (step == STEP_END && r.terms[i].kind == SPF_ALL)
			look_behind(w, &r, i + 1, domain);
		if (step != STEP_ON)
			return step;
	}
	const struct spf_term *redirect = spf_term_find(&r, SPF_REDIRECT);
	if (!redirect)
		return STEP_END;
	return grants(w, redirect, domain) ? take_wanted(w, redirect, domain)
					   : walk_target(w, redirect, domain);
}

/* Section 4.6.4: more than two that find nothing. Two never matter, and need not be
 * asked. */
static void find_voids(struct walker *w)
{
	struct dns_section found;
	unsigned voids = 0;

	if (w->probe_count <= SPF_VOIDS_MAX)
		return;
	for (size_t i = 0; i < w->probe_count; i++) {
		const struct probe *p = &w->probes[i];
		enum policy_reply reply = w->source->find(
			w->source->arg, &p->question.name, p->question.type, &found);

		if (reply == POLICY_UNKNOWN)
			wanted_add(&w->out->wanted, &p->question.name, p->question.type);
		if (reply == POLICY_VOID && ++voids > SPF_VOIDS_MAX) {
			(void)fail(w, SPF_CAUSE_VOID_LOOKUPS, p->domain, p->term);
			return;
		}
	}
}

/* Texts that stand in the walk's own arena. */
static void keep_texts(struct arena *a, struct spf_walk *out)
{
	struct str *const texts[] = { &out->error.domain, &out->error.term,
				      &out->error.target, &out->missing,
				      &out->term,         &out->failed };

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		*texts[i] = arena_str(a, *texts[i]);
}

static void walk_init(struct spf_walk *out)
{
	struct policy_wanted wanted = out->wanted;

	*out = (struct spf_walk){
		.reach = SPF_UNREACHED,
		.error = { .domain = STR_EMPTY, .term = STR_EMPTY, .target = STR_EMPTY },
		.missing = STR_EMPTY,
		.term = STR_EMPTY,
		.failed = STR_EMPTY,
		.wanted = wanted,
	};
}

static enum spf_reach reach_of(const struct walker *w, enum step step, bool is_wanted)
{
	bool is_through = step == STEP_REACHED || !is_wanted;

	if (step == STEP_ERROR || (is_through && w->has_error))
		return SPF_BROKEN;
	if (step == STEP_REACHED)
		return SPF_REACHED;
	if (w->is_open)
		return SPF_OPEN;
	return is_wanted ? w->out->reach : SPF_REACHED;
}

/* For one wanted term, or (NULL) to the record's end. */
static void walk_for(struct arena *a, const struct subject *x,
		     const struct spf_term *wanted, struct str wanted_domain,
		     struct spf_walk *out)
{
	auto_arena struct arena scratch;
	arena_init(&scratch, WALK_ARENA_MAX);
	struct walker w = { .a = &scratch,
			    .source = x->source,
			    .out = out,
			    .wanted = wanted,
			    .wanted_domain = wanted_domain };

	walk_init(out);
	enum step step = walk_text(&w, x->txt, x->domain);
	if ((step == STEP_REACHED || !wanted) && !w.has_error)
		find_voids(&w);
	out->reach = reach_of(&w, step, wanted != NULL);
	if (wanted)
		out->missing = wanted->text;
	keep_texts(a, out);
}

/* Looking for a wanted include term by term. */
struct inside {
	struct arena *a; /* of the work */
	const struct subject *subject;
	struct spf_walk walk;
	unsigned left;
	bool needs_client;
	unsigned samples_left;
};

static enum spf_reach reach_record(struct inside *in, struct str target, unsigned depth);

/* Where the record asks about the client: the network's first host for all of them. */
static enum spf_reach evaluate_sample(struct inside *in, const struct spf_term *t)
{
	const struct subject *x = in->subject;
	bool is_ip6 = t->kind == SPF_IP6;
	struct spf_query q = { .mail_from = x->domain,
			       .helo = x->domain,
			       .receiver = STR_EMPTY };
	struct spf_outcome o;

	if (in->samples_left == 0)
		return SPF_OPEN;
	in->samples_left--;
	q.ip.family = is_ip6 ? 6 : 4;
	memcpy(q.ip.bytes, t->network, sizeof(q.ip.bytes));
	if (is_ip6 ? t->prefix6 < 128 : t->prefix4 < 32)
		q.ip.bytes[is_ip6 ? 15 : 3] |= 1;
	spf_evaluate(in->a, x->source, &q, &o);
	for (size_t i = 0; i < o.wanted.count; i++)
		wanted_add(&in->walk.wanted, &o.wanted.questions[i].name,
			   o.wanted.questions[i].type);
	if (o.wanted.count > 0 || o.result == SPF_TEMPERROR)
		return SPF_OPEN;
	return o.result == SPF_PASS ? SPF_REACHED : SPF_UNREACHED;
}

static enum spf_reach reach_term(struct inside *in, const struct spf_term *t,
				 struct str domain, unsigned depth)
{
	if (in->left == 0)
		return SPF_UNREACHED;
	in->left--;
	walk_for(in->a, in->subject, t, domain, &in->walk);
	if (in->walk.reach != SPF_REACHED && in->needs_client &&
	    (t->kind == SPF_IP4 || t->kind == SPF_IP6))
		return evaluate_sample(in, t);
	bool is_settled = in->walk.reach == SPF_REACHED ||
			  (in->walk.reach == SPF_OPEN && !in->needs_client);
	if (is_settled || !is_reference(t) || depth == INSIDE_DEPTH)
		return in->walk.reach;
	return reach_record(in, target_of(in->a, t, domain), depth + 1);
}

/* Each term that lets somebody pass. */
static enum spf_reach reach_terms(struct inside *in, struct str txt, struct str domain,
				  unsigned depth)
{
	struct spf_record r;
	enum spf_fault ignored_fault;
	struct str ignored;
	bool has_any = false;

	if (!spf_record_parse(in->a, txt, &r, &ignored_fault, &ignored))
		return SPF_UNREACHED;
	for (size_t i = 0; i < r.count; i++) {
		const struct spf_term *t = &r.terms[i];

		if (t->kind == SPF_ALL)
			return t->qualifier == SPF_PASS || !has_any ? SPF_UNREACHED
								    : SPF_REACHED;
		if (t->kind == SPF_EXP || t->kind == SPF_MODIFIER ||
		    t->qualifier != SPF_PASS)
			continue;
		enum spf_reach reach = reach_term(in, t, domain, depth);
		if (reach != SPF_REACHED)
			return reach;
		has_any = true;
	}
	return has_any ? SPF_REACHED : SPF_UNREACHED;
}

static enum spf_reach reach_record(struct inside *in, struct str target, unsigned depth)
{
	struct walker w = { .a = in->a, .source = in->subject->source, .out = &in->walk };
	enum spf_cause ignored;
	struct str text;

	switch (find_text(&w, target, &text, &ignored)) {
	case POLICY_UNKNOWN:
	case POLICY_FAILED:
		return SPF_OPEN;
	case POLICY_VOID:
		return SPF_UNREACHED;
	case POLICY_FOUND:
		break;
	}
	return reach_terms(in, text, target, depth);
}

/* An include that is not there by its name: all that it stands for may be. What depends
 * on the client is evaluated for some of its hosts. */
static void look_inside(struct arena *a, const struct subject *x,
			const struct spf_term *wanted, struct spf_walk *out)
{
	auto_arena struct arena scratch;
	arena_init(&scratch, WALK_ARENA_MAX);
	struct inside in = { .a = &scratch,
			     .subject = x,
			     .left = INSIDE_MAX,
			     .needs_client = out->needs_client,
			     .samples_left = SAMPLES_MAX };
	/* Open for no other reason than that. */
	bool is_for_client = out->reach == SPF_OPEN && out->needs_client &&
			     out->failed.len == 0 && out->wanted.count == 0;
	bool is_unreached = out->reach == SPF_UNREACHED &&
			    out->error.result != SPF_PERMERROR &&
			    (out->has_networks || out->needs_client);

	if ((!is_for_client && !is_unreached) || !is_reference(wanted) ||
	    macro_needs_client(wanted->domain))
		return;
	walk_init(&in.walk);
	enum spf_reach reach =
		reach_record(&in, target_of(&scratch, wanted, x->domain), 0);
	out->reach = reach == SPF_REACHED || reach == SPF_OPEN ? reach : SPF_UNREACHED;
	if (reach == SPF_OPEN)
		out->failed = arena_str(a, in.walk.failed);
	for (size_t i = 0; i < in.walk.wanted.count; i++)
		wanted_add(&out->wanted, &in.walk.wanted.questions[i].name,
			   in.walk.wanted.questions[i].type);
}

/* A term whose hosts have to pass. */
static bool is_wanted_term(const struct spf_term *t)
{
	return t->kind != SPF_ALL && t->kind != SPF_EXP && t->kind != SPF_MODIFIER &&
	       t->qualifier == SPF_PASS;
}

/* SPF_BROKEN where the record itself is wrong. */
static enum spf_reach check_syntax(struct arena *a, struct str domain, struct str txt,
				   struct spf_outcome *error)
{
	struct spf_record ignored;

	if (spf_record_parse(a, txt, &ignored, &error->fault, &error->term))
		return SPF_REACHED;
	error->result = SPF_PERMERROR;
	error->cause = SPF_CAUSE_SYNTAX;
	error->domain = domain;
	return SPF_BROKEN;
}

void spf_walk(struct arena *a, const struct policy_source *source, struct str domain,
	      struct str txt, struct str wanted_txt, struct spf_walk *out)
{
	const struct subject subject = { .source = source, .domain = domain, .txt = txt };
	struct spf_record wanted;
	enum spf_fault ignored_fault;
	struct str ignored;

	out->wanted.count = 0;
	walk_init(out);
	if (!spf_is_record(wanted_txt)) {
		walk_for(a, &subject, NULL, domain, out);
		return;
	}
	out->reach = check_syntax(a, domain, txt, &out->error);
	if (out->reach == SPF_BROKEN ||
	    !spf_record_parse(a, wanted_txt, &wanted, &ignored_fault, &ignored))
		return;
	for (size_t i = 0; i < wanted.count && out->reach == SPF_REACHED; i++) {
		const struct spf_term *x = &wanted.terms[i];

		if (!is_wanted_term(x))
			continue;
		walk_for(a, &subject, x, domain, out);
		look_inside(a, &subject, x, out);
	}
}
