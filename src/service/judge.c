/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From what was seen to what it means: a report in each language, one look out of all
 * perspectives, and who saw what from where. No database.
 */
#include <jansson.h>

#include "service/inside.h"

enum {
	REPORT_MAX = 2 * 1024 * 1024, /* of JSON text kept, in all languages together */
	DETAIL_MAX = 256 * 1024,
	NAMES_MAX = 16 * 1024,
	OTHERS_BYTES = 1024 * 1024 * 1024, /* what strangers may make us hold meanwhile */
};

/* The first is the one that decides. */
static const enum lang langs[] = { LANG_EN, LANG_JA };

static struct str json_text(struct arena *a, const json_t *json, size_t limit)
{
	char *text = json_dumps(json, JSON_COMPACT);
	struct str copy = STR_EMPTY;

	if (text && strlen(text) <= limit)
		copy = arena_str(a, str_from(text));
	xfree(text);
	return copy;
}

/* When it was looked at stands in the row: without it the same says the same. */
static json_t *report_lasting(const struct report *r)
{
	json_t *json = report_to_json(r);

	json_object_del(json, "checked_at");
	json_object_del(json, "elapsed_ms");
	return json;
}

/* The report in each language, {"en": {...}, "ja": {...}}: who reads it later chooses,
 * and has no observation to judge again. */
static void judge_own(struct arena *a, const struct looked *looked, struct judged *out)
{
	json_t *all = json_object();

	for (size_t i = 0; i < ARRAY_LEN(langs); i++) {
		struct report report;
		diagnose_judge(a, looked->x, looked->result->observation, langs[i],
			       &report);
		json_object_set_new(all, lang_name(langs[i]), report_lasting(&report));
		if (i == 0)
			out->report = report;
	}
	out->text = json_text(a, all, REPORT_MAX);
	json_decref(all);
}

/* --- what the zone is --- */

void look_see_zone(struct arena *a, const struct zone_seen *z, struct look *look)
{
	auto_buf struct buf names;

	buf_init(&names, NAMES_MAX);
	if (!z->is_seen)
		return;
	for (size_t i = 0; i < z->name_server_count; i++) {
		if (i > 0)
			buf_text(&names, " ");
		dns_name_write(&names, &z->name_servers[i]);
	}
	look->name_servers = arena_str(a, buf_view(&names));
	look->has_soa = true;
	look->soa_mname = z->mname;
	look->soa_rname = z->rname;
	look->soa_serial = z->serial;
}

static void look_of(struct arena *a, const struct report *r, struct look *out)
{
	struct zone_seen zone;

	diagnose_look(r, out);
	zone_seen_of(a, r->observation, &zone);
	look_see_zone(a, &zone, out);
}

/* --- who saw what --- */

static bool decides(const struct record_report *record)
{
	enum purpose p = record->expected->purpose;

	return record->expected->required &&
	       (p == PURPOSE_DKIM || p == PURPOSE_MAIL_FROM || p == PURPOSE_OWNERSHIP);
}

/* What one server showed of the records that decide: all right, one positively not, or
 * it could not be asked about one. NULL: it was not asked. */
static const char *saw(const struct report *r, size_t view)
{
	const char *word = NULL;

	for (size_t i = 0; i < r->record_count; i++) {
		const struct record_report *record = &r->records[i];
		for (size_t j = 0; j < record->view_count && decides(record); j++) {
			const struct record_view *v = &record->views[j];
			if (v->view != view)
				continue;
			if (v->outcome == ASK_ANSWERED && !v->matches)
				return "wrong";
			if (v->outcome != ASK_ANSWERED)
				word = "silent";
			else if (!word)
				word = "right";
		}
	}
	return word;
}

static json_t *server_json(struct arena *a, const struct view *view, const char *word)
{
	struct str name = dns_name_text(a, &view->server);
	auto_buf struct buf address;

	buf_init(&address, 64);
	address_write(&address, &view->address);
	return json_pack("{s:s%, s:s, s:s}", "name", name.data, name.len, "address",
			 buf_cstr(&address), "saw", word);
}

static json_t *servers_json(struct arena *a, const struct report *r)
{
	const struct observation *o = r->observation;
	json_t *servers = json_array();

	for (size_t i = 0; i < o->view_count; i++) {
		const char *word = saw(r, i);
		if (word && o->views[i].kind != VIEW_RESOLVER)
			json_array_append_new(servers,
					      server_json(a, &o->views[i], word));
	}
	return servers;
}

static json_t *perspective_json(struct arena *a, struct str name, const struct report *r)
{
	json_t *codes = json_array();

	for (size_t i = 0; i < r->finding_count; i++)
		json_array_append_new(codes, json_string(r->findings[i].code));
	return json_pack("{s:s%, s:s, s:o, s:o}", "name", name.data, name.len, "verdict",
			 verdict_name(r->verdict), "findings", codes, "servers",
			 servers_json(a, r));
}

static json_t *silent_json(const struct authority_observation *o)
{
	return json_pack("{s:s%, s:s, s:s%}", "name", o->name.data, o->name.len,
			 "verdict", "silent", "why", o->why.len ? o->why.data : "",
			 o->why.len);
}

/* --- the others --- */

/* What each of the others saw, as a voice and as JSON. `a` is for the moment: what they
 * say they saw may be large. */
static void judge_others(struct arena *a, const struct looked *looked, json_t *list,
			 struct quorum *quorum)
{
	const struct authority_result *result = looked->result;
	size_t count = result->observation_count > 1 ? result->observation_count - 1 : 0;
	struct quorum_voice *voices = arena_array(a, count + 1, sizeof(*voices));

	for (size_t i = 0; i < count; i++) {
		const struct authority_observation *o = &result->observations[i + 1];
		struct report report;
		voices[i].name = o->name;
		voices[i].is_silent = !o->observation;
		if (!o->observation) {
			json_array_append_new(list, silent_json(o));
			continue;
		}
		diagnose_judge(a, looked->x, o->observation, langs[0], &report);
		look_of(a, &report, &voices[i].look);
		json_array_append_new(list, perspective_json(a, o->name, &report));
	}
	quorum->voices = voices;
	quorum->count = count;
}

static struct str findings_of(struct arena *a, const struct report *r)
{
	auto_buf struct buf codes;

	buf_init(&codes, NAMES_MAX);
	for (size_t i = 0; i < r->finding_count; i++)
		buf_printf(&codes, "%s%s", i > 0 ? " " : "", r->findings[i].code);
	return arena_str(a, buf_view(&codes));
}

/* Too few answered: where those who did see it right, it is not right for that. */
static void doubt(struct arena *a, const struct authority_result *result,
		  struct report *report)
{
	struct str *unheard = arena_array(a, result->observation_count, sizeof(*unheard));
	size_t count = 0;

	for (size_t i = 0; i < result->observation_count; i++) {
		const struct authority_observation *o = &result->observations[i];
		if (!o->observation)
			unheard[count++] = o->name;
	}
	bool is_right =
		report->verdict == VERDICT_OK || report->verdict == VERDICT_WAITING;
	if (count > 0 && is_right)
		diagnose_unheard(a, unheard, count, report);
}

/* All who answered, in one language, made into one report (U909). */
static void judge_all(struct arena *a, const struct looked *looked, enum lang lang,
		      struct report *out)
{
	const struct authority_result *result = looked->result;
	struct report *reports =
		arena_array(a, result->observation_count, sizeof(*reports));
	struct str *names = arena_array(a, result->observation_count, sizeof(*names));
	size_t count = 0;

	for (size_t i = 0; i < result->observation_count; i++) {
		const struct authority_observation *o = &result->observations[i];
		if (!o->observation)
			continue;
		names[count] = o->name;
		diagnose_judge(a, looked->x, o->observation, lang, &reports[count++]);
	}
	diagnose_compare(a, reports, names, count, out);
	doubt(a, result, out);
}

/* They do not agree: that is what the report says then. `a` is for the moment. */
static void judge_dispute(struct arena *a, struct arena *keep,
			  const struct looked *looked, struct judged *out)
{
	json_t *all = json_object();

	for (size_t i = 0; i < ARRAY_LEN(langs); i++) {
		struct report report;
		judge_all(a, looked, langs[i], &report);
		json_object_set_new(all, lang_name(langs[i]), report_lasting(&report));
		if (i > 0)
			continue;
		out->verdict = report.verdict;
		out->findings = findings_of(keep, &report);
	}
	out->text = json_text(keep, all, REPORT_MAX);
	json_decref(all);
}

static enum quorum_rule rule_of(const struct service *v)
{
	return str_is(config_text(v->config, CONFIG_PERSPECTIVES_QUORUM), "all")
		       ? QUORUM_ALL
		       : QUORUM_MPIC;
}

void outcome_judge(const struct service *v, struct arena *a, const struct looked *looked,
		   struct judged *out)
{
	struct quorum quorum = { .rule = rule_of(v) };
	json_t *detail = json_object();
	json_t *list = json_array();
	auto_arena struct arena scratch;
	struct look own;

	arena_init(&scratch, OTHERS_BYTES);
	*out = (struct judged){ .looked = looked };
	json_object_set_new(detail, "perspectives", list);
	judge_own(a, looked, out);
	out->verdict = out->report.verdict;
	out->findings = findings_of(a, &out->report);
	json_array_append_new(list, perspective_json(a, STR("here"), &out->report));
	look_of(a, &out->report, &own);
	judge_others(&scratch, looked, list, &quorum);
	out->look = quorum_look(&own, &quorum);
	out->is_disputed = memcmp(out->look.results, own.results, sizeof(own.results));
	if (out->is_disputed)
		judge_dispute(&scratch, a, looked, out);
	out->detail = json_text(a, detail, DETAIL_MAX);
	json_decref(detail);
}

/* --- whether to ask the others --- */

bool outcome_matters(struct arena *a, const struct identity_row *row,
		     const struct expectation *x, const struct authority_result *own)
{
	struct report report;
	struct look look;

	/* SES decides there. */
	if (row->keys_elsewhere)
		return false;
	diagnose_judge(a, x, own->observation, langs[0], &report);
	diagnose_look(&report, &look);
	return quorum_is_wanted(&row->state, &look);
}
