/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The DNS tree walk of DMARC (RFC 9989 section 4.10). */
#include "policy/wanted.h"

/* "_dmarc" in front of a domain; false: too long. */
static bool record_name(const struct dns_name *domain, struct dns_name *out)
{
	static const struct dns_name front = { 8, "\6_dmarc" };

	return dns_name_join(&front, domain, out);
}

/* Section 4.10, steps 1, 4 and 7: the domain; then with one label less, of long names
 * the last seven; then with one label less each, down to the top level. */
static size_t targets(const struct dns_name *start, struct dns_name out[DMARC_WALK_MAX])
{
	size_t labels = dns_name_labels(start);
	size_t count = 0;

	if (labels == 0)
		return 0;
	out[count++] = *start;
	size_t left = labels <= DMARC_WALK_MAX ? labels - 1 : DMARC_WALK_MAX - 1;
	for (; left > 0; left--)
		out[count++] = dns_name_parent(start, labels - left);
	return count;
}

/* Steps 2 and 6: what is no DMARC record is discarded; several discard each other. */
static void take_records(struct arena *a, const struct dns_section *records,
			 struct dmarc_step *step)
{
	size_t found = 0;

	for (size_t i = 0; i < records->count; i++) {
		struct dmarc_record record;
		struct str text;

		if (records->records[i].type != DNS_TYPE_TXT ||
		    !dns_record_txt(a, &records->records[i], &text) ||
		    !dmarc_record_parse(a, text, &record))
			continue;
		if (found++ == 0) {
			step->record = record;
			step->text = text;
		}
	}
	step->has_record = found == 1;
	step->is_ambiguous = found > 1;
}

static void look(struct arena *a, const struct policy_source *source,
		 struct dmarc_step *step, struct policy_wanted *wanted)
{
	struct dns_section records = { 0 };
	struct dns_name name;

	/* A name too long to exist has no record. */
	if (!record_name(&step->domain, &name)) {
		step->reply = POLICY_VOID;
		return;
	}
	step->reply = source->find(source->arg, &name, DNS_TYPE_TXT, &records);
	if (step->reply == POLICY_UNKNOWN)
		wanted_add(wanted, &name, DNS_TYPE_TXT);
	if (step->reply == POLICY_FOUND)
		take_records(a, &records, step);
}

/* Section 4.10.2, the selection from the longest to the shortest. */
static struct dns_name select_organisation(const struct dmarc_walk *w)
{
	const struct dmarc_step *last = NULL;
	const struct dns_name *start = &w->steps[0].domain;

	for (size_t i = 0; i < w->count; i++) {
		const struct dmarc_step *step = &w->steps[i];

		if (!step->has_record)
			continue;
		if (step->record.has_psd && !step->record.psd)
			return step->domain;
		/* "other than the one for the domain where the tree walk started" */
		if (step->record.psd && i > 0)
			return dns_name_parent(
				start, dns_name_labels(start) -
					       dns_name_labels(&step->domain) - 1);
		last = step;
	}
	return last ? last->domain : *start;
}

/* Section 4.10.1: of the domain, else of its organisational domain, else of the public
 * suffix above. */
static const struct dmarc_step *select_policy(const struct dmarc_walk *w)
{
	const struct dmarc_step *suffix = NULL;

	if (w->count > 0 && w->steps[0].has_record)
		return &w->steps[0];
	for (size_t i = 1; i < w->count; i++) {
		const struct dmarc_step *step = &w->steps[i];

		if (!step->has_record)
			continue;
		if (dns_name_equal(&step->domain, &w->organisation))
			return step;
		if (step->record.psd)
			suffix = step;
	}
	return suffix;
}

void dmarc_walk(struct arena *a, const struct policy_source *source,
		const struct dns_name *start, struct dmarc_walk *out,
		struct policy_wanted *wanted)
{
	struct dns_name names[DMARC_WALK_MAX];
	size_t count = targets(start, names);
	bool is_wanted = false;

	*out = (struct dmarc_walk){ .count = 0 };
	out->steps[0].domain = *start;
	for (size_t i = 0; i < count; i++) {
		struct dmarc_step *step = &out->steps[out->count++];

		step->domain = names[i];
		step->text = STR_EMPTY;
		look(a, source, step, wanted);
		out->is_failed |= step->reply == POLICY_FAILED;
		is_wanted |= step->reply == POLICY_UNKNOWN;
		/* Steps 2 and 6: stop at psd=n and psd=y. */
		if (step->has_record && step->record.has_psd)
			break;
	}
	/* The domain's own record holds whatever is above it. */
	if (count > 0 && out->steps[0].has_record)
		out->policy = &out->steps[0];
	if (is_wanted || out->is_failed)
		return;
	out->organisation = select_organisation(out);
	out->policy = select_policy(out);
}
