/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a record's name turns into the names where it is found instead. */
#include "diagnose/places.h"

#include "diagnose/instead.h"

enum {
	ASKED_MOST = 7,   /* places of one record that are asked; room for a wildcard */
	ASKED_ALWAYS = 6, /* the others take turns, record by record */
	ASKED_FEW = 4,    /* where the name is there, other types are asked at it too */
	LABELS_MAX = 128,
	SWAPS_MAX = 4,
	WILDCARD_DIGITS = 16,
};

/* A name in parts: the record's own labels in front of the domain, the domain's in front
 * of the zone. */
struct parts {
	const struct diagnosis *d;
	const struct record_case *r;
	struct dns_name front; /* "k1._domainkey" */
	struct dns_name sub;   /* "shop"; the root where the domain is the zone's apex */
	struct dns_name base;  /* "shop.example.com" */
	struct dns_name zone;  /* "example.com" */
	struct place *out;
	size_t count;
};

static bool is_root(const struct dns_name *n)
{
	return n->len <= 1;
}

static void add_place(struct parts *p, enum place_kind kind, const struct dns_name *name)
{
	if (p->count == PLACES_MAX || dns_name_equal(name, &p->r->expected->name))
		return;
	for (size_t i = 0; i < p->count; i++) {
		if (dns_name_equal(&p->out[i].name, name))
			return;
	}
	for (size_t i = 0; i < p->d->record_count; i++) {
		const struct expected_record *x = p->d->records[i].expected;
		if (x->type == p->r->expected->type && dns_name_equal(&x->name, name))
			return;
	}
	p->out[p->count++] = (struct place){ kind, *name };
}

/* front.middle.back; the root adds nothing. */
static void add_joined(struct parts *p, enum place_kind kind,
		       const struct dns_name *front, const struct dns_name *middle,
		       const struct dns_name *back)
{
	struct dns_name rest;
	struct dns_name name;
	if (dns_name_join(middle, back, &rest) && dns_name_join(front, &rest, &name))
		add_place(p, kind, &name);
}

/* Writing a name label by label. */

struct label_writer {
	struct dns_name name;
	bool failed;
};

static void put_label(struct label_writer *w, struct str label)
{
	size_t used = w->name.len > 0 ? (size_t)w->name.len - 1 : 0;
	if (label.len == 0 || label.len > DNS_LABEL_MAX ||
	    used + label.len + 2 > DNS_NAME_MAX) {
		w->failed = true;
		return;
	}
	w->name.wire[used] = (uint8_t)label.len;
	memcpy(w->name.wire + used + 1, label.data, label.len);
	w->name.wire[used + label.len + 1] = 0;
	w->name.len = (uint8_t)(used + label.len + 2);
}

/* The labels of the record's own part, each as `change` makes it (empty: left out). */
typedef struct str change_fn(struct arena *a, struct str label);

static bool change_front(const struct parts *p, change_fn *change, struct dns_name *out)
{
	auto_arena struct arena scratch;
	struct label_writer w = { .name = { .len = 1 } };
	size_t labels = dns_name_labels(&p->front);
	arena_init(&scratch, 64 * 1024);
	for (size_t i = 0; i < labels; i++) {
		struct dns_name rest = dns_name_parent(&p->front, i);
		struct str label = change(&scratch, dns_name_first_label(&rest));
		if (label.len > 0)
			put_label(&w, label);
	}
	*out = w.name;
	return !w.failed;
}

static bool has_underscore(struct str label)
{
	return str_starts(label, STR("_"));
}

static struct str without_underscore(struct arena *a unused_arg, struct str label)
{
	return has_underscore(label) ? str_sub(label, 1, label.len) : label;
}

static struct str without_label(struct arena *a unused_arg, struct str label)
{
	return has_underscore(label) ? STR_EMPTY : label;
}

/* U+FF3F, the full-width low line, as octets of UTF-8. */
static struct str with_wide_line(struct arena *a, struct str label)
{
	if (!has_underscore(label))
		return label;
	return str_from(
		arena_printf(a, "\xef\xbc\xbf%.*s", (int)label.len - 1, label.data + 1));
}

/* The same as a panel that knows IDNs writes it (RFC 3492). */
static struct str with_wide_line_encoded(struct arena *a unused_arg, struct str label)
{
	if (str_equal_nocase(label, STR("_domainkey")))
		return STR("xn--domainkey-4m64c");
	if (str_equal_nocase(label, STR("_dmarc")))
		return STR("xn--dmarc-zo33a");
	return label;
}

static void add_changed(struct parts *p, enum place_kind kind, change_fn *change)
{
	struct dns_name front;
	if (change_front(p, change, &front) && !is_root(&front) &&
	    !dns_name_equal(&front, &p->front))
		add_joined(p, kind, &front, &(struct dns_name){ .len = 1 }, &p->base);
}

/* "k1_domainkey": the dot before an underscore lost. */
static void add_dot_lost(struct parts *p)
{
	struct dns_name second = dns_name_parent(&p->front, 1);
	struct dns_name behind = dns_name_parent(&p->front, 2);
	struct str selector = dns_name_first_label(&p->front);
	struct str label = dns_name_first_label(&second);
	struct label_writer w = { .name = { .len = 1 } };
	char both[2 * DNS_LABEL_MAX];
	if (!has_underscore(label))
		return;
	memcpy(both, selector.data, selector.len);
	memcpy(both + selector.len, label.data, label.len);
	put_label(&w, str_of(both, selector.len + label.len));
	if (!w.failed)
		add_joined(p, PLACE_UNDERSCORE, &w.name, &behind, &p->base);
}

/* Characters that are taken for each other in a selector. */
static char look_alike(char c)
{
	static const char pairs[] = "0oo01ll1i1";
	for (size_t i = 0; pairs[i] != '\0'; i += 2) {
		if (ascii_lower(c) == pairs[i])
			return pairs[i + 1];
	}
	return c;
}

static void add_swaps(struct parts *p)
{
	struct dns_name rest = dns_name_parent(&p->front, 1);
	struct str selector = dns_name_first_label(&p->front);
	char label[DNS_LABEL_MAX];
	size_t swaps = 0;
	for (size_t i = 0; i < selector.len && swaps < SWAPS_MAX; i++) {
		struct label_writer w = { .name = { .len = 1 } };
		if (look_alike(selector.data[i]) == selector.data[i])
			continue;
		memcpy(label, selector.data, selector.len);
		label[i] = look_alike(label[i]);
		put_label(&w, str_of(label, selector.len));
		add_joined(p, PLACE_LOOKALIKE, &w.name, &rest, &p->base);
		swaps++;
	}
}

/* The zone's first label once more: "k1._domainkey.example" was typed. */
static void add_half_doubled(struct parts *p)
{
	struct label_writer w = { .name = { .len = 1 } };
	struct dns_name name;
	put_label(&w, dns_name_first_label(&p->zone));
	if (!w.failed && is_root(&p->sub) && dns_name_join(&w.name, &p->zone, &name))
		add_joined(p, PLACE_DOUBLED, &p->front, &w.name, &p->zone);
}

static void add_selectors(struct parts *p)
{
	static const char *const selectors[] = { "default", "selector1", "mail",
						 "s1",      "k1",        "dkim" };
	struct dns_name rest = dns_name_parent(&p->front, 1);
	if (p->r->expected->purpose != PURPOSE_DKIM || is_root(&rest))
		return;
	for (size_t i = 0; i < ARRAY_LEN(selectors); i++) {
		struct label_writer w = { .name = { .len = 1 } };
		put_label(&w, str_from(selectors[i]));
		add_joined(p, PLACE_SELECTOR, &w.name, &rest, &p->base);
	}
}

static void add_lost_labels(struct parts *p)
{
	const struct dns_name root = { .len = 1 };
	/* A policy of the zone above is one of its own, not a misplaced one. */
	if (is_root(&p->sub) || is_root(&p->front) ||
	    p->r->expected->purpose == PURPOSE_DMARC)
		return;
	add_joined(p, PLACE_UNLABELLED, &p->front, &root, &p->zone);
	for (size_t i = 1; i < dns_name_labels(&p->sub); i++) {
		struct dns_name rest = dns_name_parent(&p->sub, i);
		add_joined(p, PLACE_UNLABELLED, &p->front, &rest, &p->zone);
	}
}

static void add_apexes(struct parts *p)
{
	/* RFC 1034 section 3.6.2: no alias beside the zone's own records. */
	if (p->r->expected->type == DNS_TYPE_CNAME)
		return;
	add_place(p, PLACE_APEX, &p->base);
	if (p->r->expected->purpose != PURPOSE_DMARC &&
	    p->r->expected->purpose != PURPOSE_SPF)
		add_place(p, PLACE_APEX, &p->zone);
}

/* Which slips are likely depends on what it is: a key of one's own has a selector that
 * somebody chose, an alias one that the platform gave. */
static void add_for_key(struct parts *p)
{
	const struct dns_name root = { .len = 1 };
	struct dns_name second = dns_name_parent(&p->front, 1);
	add_changed(p, PLACE_UNDERSCORE, without_underscore);
	add_apexes(p);
	if (!is_root(&second))
		add_joined(p, PLACE_SELECTOR, &second, &root, &p->base);
	add_selectors(p);
}

static void add_for_others(struct parts *p)
{
	add_changed(p, PLACE_UNDERSCORE, without_underscore);
	add_apexes(p);
	if (!is_root(&p->sub))
		add_joined(p, PLACE_REPEATED, &p->front, &p->sub, &p->base);
	add_changed(p, PLACE_UNDERSCORE, without_label);
}

static void add_all(struct parts *p)
{
	const struct dns_name root = { .len = 1 };
	struct label_writer www = { .name = { .len = 1 } };
	bool is_key = p->r->expected->purpose == PURPOSE_DKIM;
	add_joined(p, PLACE_DOUBLED, &p->r->expected->name, &root, &p->zone);
	if (is_root(&p->front)) {
		add_apexes(p);
		return;
	}
	add_lost_labels(p);
	if (is_key && p->r->expected->type == DNS_TYPE_TXT)
		add_for_key(p);
	else
		add_for_others(p);
	put_label(&www, STR("www"));
	add_joined(p, PLACE_WWW, &p->front, &www.name, &p->base);
	add_changed(p, PLACE_LOOKALIKE, with_wide_line);
	add_changed(p, PLACE_LOOKALIKE, with_wide_line_encoded);
	add_changed(p, PLACE_UNDERSCORE, without_label);
	add_half_doubled(p);
	if (!is_root(&p->sub))
		add_joined(p, PLACE_REPEATED, &p->front, &p->sub, &p->base);
	if (!is_key)
		return;
	struct dns_name second = dns_name_parent(&p->front, 1);
	if (!is_root(&second))
		add_joined(p, PLACE_SELECTOR, &second, &root, &p->base);
	add_dot_lost(p);
	add_swaps(p);
}

/* Likeliest first, none twice, none that another record of the type is expected at. */
static size_t places_of(const struct diagnosis *d, const struct record_case *r,
			struct place out[PLACES_MAX])
{
	struct parts p = { .d = d, .r = r, .zone = r->zone, .out = out };
	const struct dns_name *name = &r->expected->name;
	if (d->searching || is_root(&r->zone) || !dns_name_within(name, &r->zone))
		return 0;
	bool is_inside = dns_name_within(name, &d->x->name) &&
			 dns_name_within(&d->x->name, &r->zone);
	p.base = is_inside ? d->x->name : r->zone;
	p.front = dns_name_relative(name, &p.base);
	p.sub = dns_name_relative(&p.base, &r->zone);
	add_all(&p);
	return p.count;
}

/* Which of the record's kind it is: the first, the second ... */
static size_t turn_of(const struct diagnosis *d, const struct record_case *r)
{
	return (size_t)(r - d->records);
}

size_t places_more(const struct diagnosis *d, const struct record_case *r,
		   struct question out[MORE_MAX])
{
	struct place places[PLACES_MAX];
	size_t asked = 0;
	if (!record_is_absent(d, r) || instead_has_key(d, r))
		return 0;
	size_t count = places_of(d, r, places);
	/* What does not decide is not worth many questions at each look. */
	bool is_worth_few = (r->tally.all & SAID_NO_TYPE) || !r->expected->required;
	size_t most = is_worth_few ? ASKED_FEW : ASKED_MOST;
	size_t always = most < ASKED_ALWAYS ? most : ASKED_ALWAYS;
	for (size_t i = 0; i < count && asked < always; i++)
		out[asked++] = (struct question){ places[i].name, r->expected->type };
	size_t rest = count - asked;
	for (size_t i = 0; i < rest && asked < most; i++) {
		size_t turn = (turn_of(d, r) * (most - always) + i) % rest;
		out[asked++] = (struct question){ places[always + turn].name,
						  r->expected->type };
	}
	return asked;
}

size_t places_searched(struct diagnosis *d, const struct record_case *r)
{
	struct place places[PLACES_MAX];
	size_t searched = 0;
	size_t count = places_of(d, r, places);
	for (size_t i = 0; i < count; i++) {
		struct tally t;
		tally_question(d, r->expected, &places[i].name, &t);
		searched += t.answered > 0 && t.right == 0;
	}
	return searched;
}

/* What was found in a wrong place */

/* That the values agree proves that it is this record: a target, a host, a key. SPF and
 * DMARC records may say the same for a reason of their own. */
static bool is_proof(const struct expected_record *x)
{
	return x->value.len > 0 && x->purpose != PURPOSE_SPF &&
	       x->purpose != PURPOSE_DMARC;
}

/* Nobody asks for such a record there; in the other places it may serve other mail. */
static bool is_useless_at(enum place_kind kind)
{
	return kind == PLACE_DOUBLED || kind == PLACE_REPEATED ||
	       kind == PLACE_UNDERSCORE || kind == PLACE_LOOKALIKE;
}

/* Of the same depth: "k1.example.com" is the name of many a web host. */
static bool is_telling(const struct record_case *r, const struct place *place)
{
	return is_useless_at(place->kind) &&
	       (place->kind != PLACE_UNDERSCORE ||
		dns_name_labels(&place->name) == dns_name_labels(&r->expected->name));
}

static bool shares_name(const struct diagnosis *d, const struct record_case *r)
{
	for (size_t i = 0; i < d->record_count; i++) {
		const struct record_case *other = &d->records[i];
		if (other != r &&
		    dns_name_equal(&other->expected->name, &r->expected->name))
			return true;
	}
	return false;
}

/* What a tally says of a place that has not the record: no bit for nothing. */
static unsigned other_bit(const struct diagnosis *d, const struct record_case *r,
			  const struct place *place, const struct tally *t)
{
	bool is_repeated = place->kind == PLACE_DOUBLED || place->kind == PLACE_REPEATED;
	if (t->all & SAID_OTHER)
		return SAID_OTHER;
	if ((t->all & SAID_NO_TYPE) && is_repeated && !shares_name(d, r))
		return SAID_NO_TYPE;
	return 0;
}

bool places_find_other(struct diagnosis *d, const struct record_case *r,
		       struct tally *found_out, unsigned *bit_out)
{
	struct place places[PLACES_MAX];
	size_t count = places_of(d, r, places);
	size_t there = 0;
	size_t absent = 0;
	*bit_out = 0;
	for (size_t i = 0; i < count; i++) {
		struct tally t;
		if (!is_useless_at(places[i].kind))
			continue;
		tally_question(d, r->expected, &places[i].name, &t);
		bool is_there = t.all & (SAID_OTHER | SAID_NO_TYPE | SAID_ALIAS);
		unsigned bit = is_telling(r, &places[i]) && t.right == 0
				       ? other_bit(d, r, &places[i], &t)
				       : 0;
		there += is_there;
		absent += !is_there && (t.all & SAID_NO_NAME);
		if (bit != 0 && *bit_out == 0) {
			*found_out = t;
			*bit_out = bit;
		}
	}
	/* A wildcard answers at all of them (RFC 4592). */
	return *bit_out != 0 && there == 1 && absent > 0;
}

static void add_move(struct diagnosis *d, struct finding *f, const struct record_case *r,
		     const struct place *place)
{
	struct str from = shown_name(d, &place->name);
	struct str to = shown_relative(d, r);
	const char *type = shown_type(d->a, r->expected->type).data;
	bool is_exact = is_proof(r->expected) || is_useless_at(place->kind);
	const char *sentence =
		is_exact ? arena_printf(d->a,
					lang_text(d->lang,
						  "change the name of the %s record at "
						  "%s: in the name box type %s (leave "
						  "the value as it is)"),
					type, from.data, to.data)
			 : arena_printf(d->a,
					lang_text(d->lang,
						  "add a %s record named %s with the "
						  "same value; the one at %s may stay "
						  "if other mail needs it"),
					type, to.data, from.data);
	struct fix *fix = finding_fix(d, f, is_exact ? "rename" : "add", sentence);
	fix->field = is_exact ? STR("name") : STR_EMPTY;
	fix->name = to;
	fix->value = is_exact ? STR_EMPTY : shown_expected(d->a, r->expected);
	fix->from = from;
	fix->to = to;
	fix->exact = is_exact;
}

static bool find_place(struct diagnosis *d, const struct record_case *r, unsigned kinds,
		       struct place *place_out, struct tally *found_out)
{
	struct place places[PLACES_MAX];
	size_t count = places_of(d, r, places);
	for (size_t i = 0; i < count; i++) {
		if (!(kinds & (1U << places[i].kind)))
			continue;
		tally_question(d, r->expected, &places[i].name, found_out);
		if (found_out->right > 0) {
			*place_out = places[i];
			return true;
		}
	}
	return false;
}

void places_judge(struct diagnosis *d, const struct place_rule *rule)
{
	struct finding *slots[2] = { NULL };
	for (size_t i = 0; i < d->record_count; i++) {
		struct record_case *r = &d->records[i];
		struct place place;
		struct tally found;
		if (r->explained || r->report->state != RECORD_MISSING || d->searching ||
		    !find_place(d, r, rule->kinds, &place, &found))
			continue;
		struct finding *f = finding_for(d, slots, r, rule->code,
						lang_text(d->lang, rule->title));
		finding_evidence(d, f, &r->tally, SAID_ABSENT);
		finding_evidence(d, f, &found, SAID_RIGHT);
		if (!is_proof(r->expected))
			f->confidence = CONFIDENCE_LIKELY;
		if (rule->why && f->why.len == 0)
			f->why = str_from(rule->why(d, r, &place));
		add_move(d, f, r, &place);
	}
}

bool wildcard_name(const struct dns_name *name, struct dns_name *out)
{
	static const char digits[] = "0123456789abcdef";
	struct dns_name above = dns_name_parent(name, 1);
	struct dns_name lower = dns_name_lower(&above);
	struct label_writer w = { .name = { .len = 1 } };
	uint64_t hash = 0xcbf29ce484222325; /* FNV-1a: the same each time, no secret */
	char label[WILDCARD_DIGITS];
	for (size_t i = 0; i < lower.len; i++)
		hash = (hash ^ lower.wire[i]) * 0x100000001b3;
	for (size_t i = 0; i < sizeof(label); i++)
		label[i] = digits[hash >> 4 * i & 15];
	put_label(&w, str_of(label, sizeof(label)));
	return !w.failed && dns_name_join(&w.name, &above, out);
}

bool wildcard_counts(const struct expected_record *r, const struct dns_name *domain)
{
	return r->required && !dns_name_equal(&r->name, domain) &&
	       (r->purpose == PURPOSE_DKIM || r->purpose == PURPOSE_OWNERSHIP);
}
