/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How a struct stands in JSON, as rows: one table writes it and reads it back, so that
 * the two cannot part. Inside observation only; json.c has the tables.
 */
#ifndef OBSERVATION_FIELD_H
#define OBSERVATION_FIELD_H

#include <jansson.h>

#include "base/base.h"

/* 9999-12-31T23:59:59Z */
#define FIELD_TIME_MAX 253402300799

enum field_kind {
	FIELD_SCHEMA,  /* the number OBSERVATION_VERSION; nothing in the struct */
	FIELD_BOOL,    /* bool */
	FIELD_U16,     /* uint16_t */
	FIELD_U32,     /* uint32_t */
	FIELD_I64,     /* int64_t: a time, until the year 9999 */
	FIELD_NAME,    /* struct dns_name: text without the final dot */
	FIELD_TYPE,    /* uint16_t: "CNAME" */
	FIELD_RCODE,   /* uint16_t: "NXDOMAIN" */
	FIELD_WORD,    /* an enum: one of `words` */
	FIELD_ADDRESS, /* struct address */
	FIELD_BYTES,   /* struct str of any bytes: printable ASCII with \DDD */
	FIELD_RDATA,   /* struct str: presentation form of the type at `beside` */
	FIELD_OBJECT,  /* a struct: `fields` */
	FIELD_LIST, /* pointer to the first of as many things as the size_t at `beside` */
};

enum field_presence {
	FIELD_ALWAYS,
	FIELD_UNLESS_EMPTY, /* absent is false, zero, unset, no bytes, no things */
	FIELD_IF_FLAG,      /* present when the bool at `beside` is true */
	FIELD_IF,           /* present when `holds` says so, of the rows above it */
};

struct field_words {
	const char *const *words; /* by enum value */
	size_t count;
};

struct field_list;

/* A table of rows ends with one without a key. */
struct field {
	const char *key;
	enum field_kind kind;
	enum field_presence presence;
	size_t offset; /* in the struct the table is about */
	size_t beside; /* offset of the flag, type or count that belongs to it */
	bool (*holds)(const void *thing);
	const struct field_words *words;
	const struct field *fields;
	const struct field_list *list;
};

struct field_list {
	size_t size; /* of one thing */
	size_t max;
	struct field item; /* offset 0 */
};

/* A new JSON object with the keys in the order of the table. */
json_t *field_object_write(const struct field *fields, const void *thing);
/* Fills the zeroed thing; what it points to is in the arena. ERR_USAGE with the
 * path, ERR_LIMIT when the arena is full. */
bool field_object_read(const struct field *fields, const json_t *json, struct arena *a,
		       void *thing, struct err *e) must_check;

#endif
