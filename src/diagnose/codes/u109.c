/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U109: the registry and the zone itself name different servers. An error where what
 * they hold differs too, else a note. */
#include "diagnose/rules.h"

#include "diagnose/elsewhere.h"
#include "diagnose/registered.h"

static bool has_name(const struct dns_name *names, size_t count, const struct dns_name *n)
{
	for (size_t i = 0; i < count; i++) {
		if (dns_name_equal(&names[i], n))
			return true;
	}
	return false;
}

/* Those of a that are not in b. */
static struct str names_beyond(struct diagnosis *d, const struct dns_name *a,
			       size_t a_count, const struct dns_name *b, size_t b_count)
{
	struct dns_name *beyond = arena_array(d->a, a_count + 1, sizeof(*beyond));
	size_t count = 0;
	for (size_t i = 0; i < a_count; i++) {
		if (!has_name(b, b_count, &a[i]))
			beyond[count++] = a[i];
	}
	return shown_names(d, beyond, count);
}

static const struct delegation *own_delegation(const struct diagnosis *d)
{
	for (size_t i = 0; i < d->o->delegation_count; i++) {
		const struct delegation *cut = &d->o->delegations[i];
		if (d->has_zone && dns_name_equal(&cut->zone, &d->zone) &&
		    cut->parent_ns_count > 0 && cut->child_ns_count > 0)
			return cut;
	}
	return NULL;
}

static const char *difference_words(struct diagnosis *d, struct str above,
				    struct str below)
{
	if (above.len == 0)
		return arena_printf(d->a,
				    lang_text(d->lang, "only the zone itself names %s"),
				    below.data);
	if (below.len == 0)
		return arena_printf(d->a,
				    lang_text(d->lang, "only the zone above names %s"),
				    above.data);
	return arena_printf(d->a,
			    lang_text(d->lang, "only the zone above names %s; only the "
					       "zone itself names %s"),
			    above.data, below.data);
}

/* Right where the zone above sends everybody, and not at servers that only the zone
 * itself names: some resolvers go there. */
static bool is_split(const struct diagnosis *d, const struct record_case *r)
{
	bool is_right_above = false;
	bool is_wrong_below = false;
	for (size_t i = 0; i < d->server_count; i++) {
		unsigned said = r->tally.said[i] & SAID_ANSWERED;
		if (said == 0)
			continue;
		if (!server_is_stranger(d, i) && said != SAID_RIGHT)
			return false;
		is_right_above |= !server_is_stranger(d, i);
		is_wrong_below |= server_is_stranger(d, i) && said != SAID_RIGHT;
	}
	return is_right_above && is_wrong_below;
}

static struct finding *judge_split(struct diagnosis *d, const char *title)
{
	struct finding *slots[2] = { NULL };
	for (size_t i = 0; i < d->record_count; i++) {
		struct record_case *r = &d->records[i];
		if (r->explained || d->searching || !is_split(d, r))
			continue;
		struct finding *f = finding_for(d, slots, r, "U109", title);
		finding_evidence(d, f, &r->tally, SAID_RIGHT);
		finding_evidence(d, f, &r->tally, SAID_OTHER | SAID_ABSENT | SAID_ALIAS);
	}
	return slots[0] ? slots[0] : slots[1];
}

/* The list of the zone above, then that of the zone itself. */
static void show_sets(struct diagnosis *d, struct finding *f,
		      const struct delegation *cut)
{
	const struct question q = { cut->zone, DNS_TYPE_NS };
	const struct dns_name *sets[] = { cut->parent_ns, cut->child_ns };
	const size_t counts[] = { cut->parent_ns_count, cut->child_ns_count };
	for (size_t i = 0; i < ARRAY_LEN(sets); i++) {
		struct evidence *ev = finding_question(d, f, &q);
		ev->values = arena_array(d->a, counts[i], sizeof(*ev->values));
		for (size_t k = 0; k < counts[i]; k++)
			ev->values[ev->value_count++] = shown_name(d, &sets[i][k]);
	}
}

static void judge_sets(struct diagnosis *d)
{
	const struct delegation *cut = own_delegation(d);
	if (!cut || d->forward)
		return;
	struct str above = names_beyond(d, cut->parent_ns, cut->parent_ns_count,
					cut->child_ns, cut->child_ns_count);
	struct str below = names_beyond(d, cut->child_ns, cut->child_ns_count,
					cut->parent_ns, cut->parent_ns_count);
	if (above.len == 0 && below.len == 0)
		return;
	const char *title = lang_text(
		d->lang, "the zone above and the zone itself name different servers");
	struct finding *f = judge_split(d, title);
	if (!f)
		f = finding_add(d, "U109", SEVERITY_NOTE, title);
	show_sets(d, f, cut);
	f->why = str_from(difference_words(d, above, below));
	struct fix *fix = finding_fix(
		d, f, "delegate",
		lang_text(d->lang, "make the list at the registrar and the NS records of "
				   "the zone the same, and have every server on it serve "
				   "the same zone"));
	fix->field = STR("ns");
}

const struct rule rule_u109 = {
	.code = "U109",
	.title = LANG_MARK("the zone above and the zone itself name different servers"),
	.remedy =
		LANG_MARK("a note; an error where the servers differ in what they hold"),
	.judge = judge_sets,
	.meaning =
		LANG_MARK("The registry sends everybody to one list of name servers; the "
			  "zone's own "
			  "NS records name another. Resolvers use the one or the other."),
	.why = LANG_MARK(
		"The name servers were changed in the zone and not at the registrar, or "
		"the other way round; often the domain is half-way through a move."),
	.how = LANG_MARK(
		"We asked the zone above for the delegation and the domain's own servers "
		"for their NS records, and compared the two. Servers that only the zone "
		"itself names were asked for the records too."),
	.fix = LANG_MARK(
		"Decide which servers are meant, set exactly these at the registrar, and "
		"have the same list in the zone's NS records. While two operators hold "
		"the "
		"zone, publish every record at both."),
	.check = LANG_MARK(
		"  kdig +norec NS customer.example @<a server of the zone above>\n"
		"  kdig +norec NS customer.example @<a server of the domain>"),
	.see_also = "U103 U104 U105",
};
