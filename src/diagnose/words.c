/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words of a report as they stand in JSON. */
#include "diagnose/diagnose.h"

static const char *const verdict_names[] = {
	[VERDICT_OK] = "ok",
	[VERDICT_ACTION_REQUIRED] = "action_required",
	[VERDICT_WAITING] = "waiting",
	[VERDICT_UNDETERMINED] = "undetermined",
};

static const int exit_codes[] = {
	[VERDICT_OK] = 0,
	[VERDICT_ACTION_REQUIRED] = 1,
	[VERDICT_WAITING] = 3,
	[VERDICT_UNDETERMINED] = 4,
};

static const char *const severity_names[] = {
	[SEVERITY_ERROR] = "error",
	[SEVERITY_WAIT] = "wait",
	[SEVERITY_UNSURE] = "unsure",
	[SEVERITY_NOTE] = "note",
};

static const char *const confidence_names[] = {
	[CONFIDENCE_CERTAIN] = "certain",
	[CONFIDENCE_LIKELY] = "likely",
	[CONFIDENCE_POSSIBLE] = "possible",
};

static const char *const state_names[] = {
	[RECORD_OK] = "ok",           [RECORD_MISSING] = "missing",
	[RECORD_WRONG] = "wrong",     [RECORD_WAITING] = "waiting",
	[RECORD_UNKNOWN] = "unknown", [RECORD_FOUND] = "found",
	[RECORD_ABSENT] = "absent",
};

const char *verdict_name(enum verdict v)
{
	return verdict_names[v];
}

int verdict_exit_code(enum verdict v)
{
	return exit_codes[v];
}

const char *severity_name(enum severity s)
{
	return severity_names[s];
}

const char *confidence_name(enum confidence c)
{
	return confidence_names[c];
}

const char *record_state_name(enum record_state s)
{
	return state_names[s];
}
