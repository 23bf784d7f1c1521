/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Asking the system for the time, and writing and reading it in UTC. */
#include "base/clock.h"

#include <time.h>

#include "base/cursor.h"

/* 0000-01-01T00:00:00Z and 9999-12-31T23:59:59Z: RFC 3339 years have four digits. */
#define CLOCK_LEAST_S (-62167219200)
#define CLOCK_MOST_S  253402300799

int64_t clock_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t clock_now_s(void)
{
	return clock_now_ms() / 1000;
}

int64_t clock_mono_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* Times outside the four-digit years become the nearest that has them. */
static time_t clock_bounded(int64_t at_s)
{
	if (at_s < CLOCK_LEAST_S)
		return CLOCK_LEAST_S;
	return at_s > CLOCK_MOST_S ? CLOCK_MOST_S : at_s;
}

static struct tm clock_fields(int64_t at_s)
{
	struct tm fields;
	time_t t = clock_bounded(at_s);

	gmtime_r(&t, &fields);
	fields.tm_year += 1900;
	fields.tm_mon += 1;
	return fields;
}

static struct tm clock_local(int64_t at_s, bool utc)
{
	struct tm fields;
	time_t t = clock_bounded(at_s);

	if (utc)
		gmtime_r(&t, &fields);
	else
		localtime_r(&t, &fields);
	return fields;
}

void clock_write_local(struct buf *b, int64_t at_s, int64_t now_s, bool utc)
{
	struct tm f = clock_local(at_s, utc);
	struct tm now = clock_local(now_s, utc);

	if (f.tm_year != now.tm_year || f.tm_yday != now.tm_yday)
		buf_printf(b, "%04d-%02d-%02d ", f.tm_year + 1900, f.tm_mon + 1,
			   f.tm_mday);
	buf_printf(b, "%02d:%02d:%02d %s", f.tm_hour, f.tm_min, f.tm_sec,
		   utc ? "UTC" : f.tm_zone);
}

void clock_make_ready(void)
{
	tzset();
}

void clock_write_rfc3339(struct buf *b, int64_t at_s)
{
	struct tm f = clock_fields(at_s);

	buf_printf(b, "%04d-%02d-%02dT%02d:%02d:%02dZ", f.tm_year, f.tm_mon, f.tm_mday,
		   f.tm_hour, f.tm_min, f.tm_sec);
}

void clock_write_basic(struct buf *b, int64_t at_s)
{
	struct tm f = clock_fields(at_s);

	buf_printf(b, "%04d%02d%02dT%02d%02d%02dZ", f.tm_year, f.tm_mon, f.tm_mday,
		   f.tm_hour, f.tm_min, f.tm_sec);
}

/* Exactly n digits. */
static int clock_digits(struct cursor *c, size_t n)
{
	uint64_t number = 0;

	if (!str_number(cursor_bytes(c, n), 9999, &number))
		cursor_fail(c);
	return (int)number;
}

static void clock_expect(struct cursor *c, char b)
{
	if (!cursor_accept(c, b))
		cursor_fail(c);
}

static int clock_days_in_month(int year, int month)
{
	static const uint8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

/* RFC 3339 section 5.7; a leap second counts as the second after it. */
static bool clock_fields_hold(const struct tm *f)
{
	if (f->tm_mon < 1 || f->tm_mon > 12 || f->tm_mday < 1)
		return false;
	if (f->tm_mday > clock_days_in_month(f->tm_year, f->tm_mon))
		return false;
	if (f->tm_hour > 23 || f->tm_min > 59)
		return false;
	return f->tm_sec < 60 || (f->tm_sec == 60 && f->tm_hour == 23 && f->tm_min == 59);
}

bool clock_parse(struct str text, int64_t *at_s_out)
{
	struct cursor c = cursor_over(text);
	struct tm f = { 0 };

	f.tm_year = clock_digits(&c, 4);
	bool extended = cursor_accept(&c, '-');
	f.tm_mon = clock_digits(&c, 2);
	if (extended)
		clock_expect(&c, '-');
	f.tm_mday = clock_digits(&c, 2);
	clock_expect(&c, 'T');
	f.tm_hour = clock_digits(&c, 2);
	if (extended)
		clock_expect(&c, ':');
	f.tm_min = clock_digits(&c, 2);
	if (extended)
		clock_expect(&c, ':');
	f.tm_sec = clock_digits(&c, 2);
	/* RFC 3339 section 5.6, time-secfrac: read, and dropped. */
	if (extended && cursor_accept(&c, '.') && cursor_while(&c, "0123456789").len == 0)
		cursor_fail(&c);
	clock_expect(&c, 'Z');
	if (!cursor_at_end(&c) || !clock_fields_hold(&f))
		return false;
	f.tm_year -= 1900;
	f.tm_mon -= 1;
	int64_t at_s = timegm(&f);
	/* The leap second that would begin the year 10000 could not be written. */
	if (at_s > CLOCK_MOST_S)
		return false;
	*at_s_out = at_s;
	return true;
}
