/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U107: the name servers belong to a parking service. */
#include "diagnose/rules.h"
#include "diagnose/servers.h"

static bool is_all_right(const struct diagnosis *d)
{
	for (size_t i = 0; i < d->record_count; i++) {
		const struct record_case *r = &d->records[i];
		if (r->expected->required && r->report->state != RECORD_OK &&
		    r->report->state != RECORD_FOUND)
			return false;
	}
	return true;
}

/* Whoever of its servers serves the zone is a parking service; NULL: not so. */
static const struct provider *parking_of(const struct diagnosis *d)
{
	const struct provider *parking = NULL;
	for (size_t i = 0; i < d->server_count; i++) {
		const struct server *s = &d->servers[i];
		struct provider_match match;
		if (s->standing != STANDING_GOOD || s->name.len == 0)
			continue;
		provider_match(&s->name, 1, NULL, &match);
		if (!match.provider || !match.provider->is_parking)
			return NULL;
		parking = match.provider;
	}
	return parking;
}

static void judge_parked(struct diagnosis *d)
{
	const struct provider *p = parking_of(d);
	if (!p || d->forward || is_all_right(d))
		return;
	struct finding *f = finding_add(
		d, "U107", SEVERITY_ERROR,
		arena_printf(d->a,
			     lang_text(d->lang, "the name servers of %s only park "
						"domains: %s"),
			     zone_text(d).data,
			     arena_text(d->a, provider_name(p, d->lang))));
	finding_sample(d, f, STANDING_GOOD);
	f->why = str_from(lang_text(
		d->lang,
		"a parking service shows its own page for every name and takes "
		"no records; registrars also use one when a domain has expired"));
	struct fix *fix = finding_fix(
		d, f, "delegate",
		lang_text(d->lang,
			  "at the registrar, see that the domain is paid for, then set "
			  "its name servers to those of a DNS operator where you can "
			  "add records"));
	fix->field = STR("ns");
	finding_covers_rest(d, f);
	d->closed = true;
}

const struct rule rule_u107 = {
	.code = "U107",
	.title = LANG_MARK("the name servers belong to a parking service"),
	.remedy = LANG_MARK("error, fix at the registrar"),
	.judge = judge_parked,
	.meaning = LANG_MARK(
		"The domain is delegated to servers that only show an advertising or "
		"holding page. Records cannot be added there."),
	.why = LANG_MARK("The domain is new and was never set up; it has expired and the "
			 "registrar "
			 "parked it; or it is for sale."),
	.how = LANG_MARK(
		"The names of its name servers are those of a known parking service "
		"(unpend provider customer.example)."),
	.fix = LANG_MARK(
		"Renew the domain if it has run out. Then choose where its DNS shall be "
		"(often the registrar has a DNS service of its own) and set these name "
		"servers."),
	.check = "  kdig NS customer.example\n"
		 "  whois customer.example",
	.see_also = "U102 U108",
};
