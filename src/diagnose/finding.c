/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Building findings. */
#include "diagnose/case.h"

enum {
	NAMES_SHOWN_MAX = 16, /* servers named in one evidence */
};

struct finding *finding_add(struct diagnosis *d, const char *code, enum severity severity,
			    const char *title)
{
	d->findings =
		case_grow(d->a, d->findings, d->finding_count, sizeof(*d->findings));
	struct finding *f = arena_alloc(d->a, sizeof(*f));
	d->findings[d->finding_count++] = f;
	*f = (struct finding){
		.code = code,
		.severity = severity,
		.confidence = d->forward ? CONFIDENCE_LIKELY : CONFIDENCE_CERTAIN,
		.title = str_from(title),
		.why = STR_EMPTY,
	};
	return f;
}

struct finding *finding_for(struct diagnosis *d, struct finding *slots[2],
			    struct record_case *r, const char *code, const char *title)
{
	bool is_note = !r->expected->required && !d->searching;
	if (!slots[is_note])
		slots[is_note] = finding_add(
			d, code, is_note ? SEVERITY_NOTE : SEVERITY_ERROR, title);
	finding_covers(d, slots[is_note], r);
	return slots[is_note];
}

void finding_covers(struct diagnosis *d, struct finding *f, struct record_case *r)
{
	f->records = case_grow(d->a, f->records, f->record_count, sizeof(*f->records));
	f->records[f->record_count++] = r->expected;
	r->explained = true;
}

bool finding_has(const struct finding *f, const struct record_case *r)
{
	for (size_t i = 0; i < f->record_count; i++) {
		if (f->records[i] == r->expected)
			return true;
	}
	return false;
}

void finding_covers_rest(struct diagnosis *d, struct finding *f)
{
	for (size_t i = 0; i < d->record_count; i++) {
		struct record_case *r = &d->records[i];
		if (!r->explained && r->report->state != RECORD_OK && !d->searching)
			finding_covers(d, f, r);
		r->explained = true;
	}
}

struct fix *finding_fix(struct diagnosis *d, struct finding *f, const char *action,
			const char *sentence)
{
	f->fixes = case_grow(d->a, f->fixes, f->fix_count, sizeof(*f->fixes));
	struct fix *fix = &f->fixes[f->fix_count++];
	*fix = (struct fix){
		.action = action,
		.field = STR_EMPTY,
		.name = STR_EMPTY,
		.value = STR_EMPTY,
		.from = STR_EMPTY,
		.to = STR_EMPTY,
		.sentence = str_from(sentence),
	};
	return fix;
}

void evidence_server(struct diagnosis *d, struct evidence *ev, struct str server,
		     const char *behind)
{
	ev->servers++;
	if (ev->server_name_count >= NAMES_SHOWN_MAX)
		return;
	ev->server_names = case_grow(d->a, ev->server_names, ev->server_name_count,
				     sizeof(*ev->server_names));
	ev->server_names[ev->server_name_count++] =
		str_from(arena_printf(d->a, "%.*s%s", STR_ARG(server), behind));
}

struct evidence *finding_question(struct diagnosis *d, struct finding *f,
				  const struct question *q)
{
	f->evidence =
		case_grow(d->a, f->evidence, f->evidence_count, sizeof(*f->evidence));
	struct evidence *ev = &f->evidence[f->evidence_count++];
	*ev = (struct evidence){ .question = *q };
	return ev;
}

struct evidence *finding_answer(struct diagnosis *d, struct finding *f,
				const struct answer *answer)
{
	struct evidence *ev = finding_question(d, f, &answer->question);
	ev->outcome = answer->outcome;
	ev->rcode = answer->rcode;
	shown_values(d, answer, &answer->question, &ev->values, &ev->value_count);
	return ev;
}

/* The first answer to the tally's question from a server that said one of the bits. */
static const struct answer *first_answer(const struct diagnosis *d, const struct tally *t,
					 unsigned bits)
{
	for (size_t i = 0; i < d->o->answer_count; i++) {
		const struct answer *answer = &d->o->answers[i];
		size_t server = d->server_of[answer->view];
		if (server != SIZE_MAX && (t->said[server] & bits) &&
		    answer->question.type == t->question.type &&
		    dns_name_equal(&answer->question.name, &t->question.name))
			return answer;
	}
	return NULL;
}

struct evidence *finding_evidence(struct diagnosis *d, struct finding *f,
				  const struct tally *t, unsigned bits)
{
	const struct answer *answer = first_answer(d, t, bits);
	if (!answer)
		return NULL;
	struct evidence *ev = finding_answer(d, f, answer);
	for (size_t i = 0; i < d->server_count; i++) {
		const struct server *s = &d->servers[i];
		const char *serial = "";
		if (!(t->said[i] & bits))
			continue;
		if (s->has_serial)
			serial = arena_printf(d->a, lang_text(d->lang, " (serial %u)"),
					      s->serial);
		evidence_server(d, ev, s->text, serial);
	}
	return ev;
}
