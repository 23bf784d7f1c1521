/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One line per event to standard error: human words on a terminal, else one JSON object.
 * Message first, then typed fields; foreign bytes only as fields, never in the message.
 * Only `service` and what lies above it logs. Each call writes with one write(2).
 *
 *   log_info("identity verified", LOG_STR("domain", domain), LOG_INT("looks", n));
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

enum log_level {
	LOG_LEVEL_DEBUG,
	LOG_LEVEL_INFO,
	LOG_LEVEL_WARN,
	LOG_LEVEL_ERROR,
};

enum log_field_kind {
	LOG_FIELD_STR,
	LOG_FIELD_INT,
};

struct log_field {
	const char *name;
	enum log_field_kind kind;
	struct str text;
	int64_t number;
};

#define LOG_STR(name, value)  ((struct log_field){ (name), LOG_FIELD_STR, (value), 0 })
#define LOG_TEXT(name, value) LOG_STR(name, str_from(value))
#define LOG_INT(name, value) \
	((struct log_field){ (name), LOG_FIELD_INT, STR_EMPTY, (value) })

/* The level below which nothing is written, and JSON (1), human (0) or as standard error
 * is a terminal or not (-1); once, before threads. Without it: info, -1. A line is at
 * most 4096 bytes; what does not fit is left out and "cut" says so. */
void log_open(enum log_level least, int as_json);
void log_write(enum log_level level, const char *message, const struct log_field *fields,
	       size_t count);

#define LOG_FIELDS(...) ((const struct log_field[]){ { 0 }, ##__VA_ARGS__ })
#define LOG_COUNT(...)  (sizeof(LOG_FIELDS(__VA_ARGS__)) / sizeof(struct log_field) - 1)
#define log_at(level, message, ...) \
	log_write((level), (message), LOG_FIELDS(__VA_ARGS__) + 1, LOG_COUNT(__VA_ARGS__))
#define log_debug(message, ...) log_at(LOG_LEVEL_DEBUG, (message), ##__VA_ARGS__)
#define log_info(message, ...)  log_at(LOG_LEVEL_INFO, (message), ##__VA_ARGS__)
#define log_warn(message, ...)  log_at(LOG_LEVEL_WARN, (message), ##__VA_ARGS__)
#define log_error(message, ...) log_at(LOG_LEVEL_ERROR, (message), ##__VA_ARGS__)

#endif
