/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Jobs in frames: how they are asked for and answered, by whatever process. */
#include <jansson.h>

#include "probe/job.h"

static bool read_peek(const json_t *domain, struct job_request *out, struct err *e)
{
	out->is_peek = true;
	if (!json_is_string(domain))
		return err_set(e, ERR_USAGE, "it is no job");
	return dns_name_parse(
		str_of(json_string_value(domain), json_string_length(domain)),
		&out->domain, e);
}

static bool read_expect(struct arena *a, const json_t *expect, struct job_request *out,
			struct err *e)
{
	if (!expectation_from_json(a, expect, &out->expectation, e))
		return false;
	out->domain = out->expectation.name;
	return true;
}

bool job_read(struct arena *a, const json_t *frame, struct job_request *out,
	      struct err *e)
{
	const json_t *expect = json_object_get(frame, "expect");
	const json_t *cancel = json_object_get(frame, "cancel");
	const json_t *number = cancel ? cancel : json_object_get(frame, "job");

	*out = (struct job_request){ .is_cancel = cancel != NULL };
	out->number = json_integer_value(number);
	if (!json_is_integer(number) || out->number < 0)
		return err_set(e, ERR_USAGE, "it is no job");
	if (cancel)
		return true;
	return expect ? read_expect(a, expect, out, e)
		      : read_peek(json_object_get(frame, "peek"), out, e);
}

void job_write(const struct probe_job *job, int64_t number, json_t *frame)
{
	json_object_set_new(frame, "job", json_integer(number));
	if (job->expectation) {
		json_object_set_new(frame, "expect",
				    expectation_to_json(job->expectation));
		return;
	}
	auto_buf struct buf domain;
	buf_init(&domain, 4 * DNS_NAME_MAX);
	dns_name_write(&domain, &job->domain);
	json_object_set_new(frame, "peek", json_string(buf_cstr(&domain)));
}

static bool answer_observation(const struct probe_job *job, const json_t *frame,
			       struct err *e)
{
	struct observation *o = arena_alloc(job->arena, sizeof(*o));

	if (!observation_from_json(job->arena, json_object_get(frame, "observation"), o,
				   e))
		return false;
	if (!dns_name_equal(&o->domain, &job->domain))
		return err_set(e, ERR_USAGE, "it is about another domain");
	job->done(job->arg, o);
	return true;
}

static bool answer_zone(const struct probe_job *job, const json_t *frame, struct err *e)
{
	struct zone_seen *z = arena_alloc(job->arena, sizeof(*z));

	if (!zone_seen_from_json(job->arena, json_object_get(frame, "zone"), z, e))
		return false;
	if (!dns_name_equal(&z->domain, &job->domain))
		return err_set(e, ERR_USAGE, "it is about another domain");
	job->peeked(job->arg, z);
	return true;
}

bool job_answer(const struct probe_job *job, const json_t *frame, struct err *e)
{
	return job->expectation ? answer_observation(job, frame, e)
				: answer_zone(job, frame, e);
}

/* Nothing could be seen. */
static void job_fail(const struct probe_job *job)
{
	if (!job->expectation) {
		struct zone_seen *z = arena_alloc(job->arena, sizeof(*z));
		z->domain = job->domain;
		z->at_s = clock_now_s();
		job->peeked(job->arg, z);
		return;
	}
	struct observation *o = arena_alloc(job->arena, sizeof(*o));
	o->domain = job->domain;
	o->at_s = clock_now_s();
	o->walk = WALK_LIMIT;
	o->stopped_at = o->domain;
	job->done(job->arg, o);
}

void job_finish(const struct probe_job *job, const json_t *frame)
{
	struct err ignored = { 0 };

	if (!frame || !job_answer(job, frame, &ignored))
		job_fail(job);
}
