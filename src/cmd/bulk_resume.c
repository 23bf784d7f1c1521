/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An earlier output read again: which input lines it answers (a bit each: ten million
 * lines are 1.2 MB), and how they were answered. Of some lines, evenly spread, the domain
 * is kept too: where the input has another one there, it is another input.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/bulk.h"

enum {
	READ_SIZE = 64 << 10,
	LINE_HEAD_MAX = 1024,          /* octets of a line that are looked at */
	LINES_MAX = 200 * 1000 * 1000, /* 25 MB of bits */
	SAMPLES_MAX = 128,
	SAMPLE_LEN_MAX = 255,
};

struct sample {
	uint64_t number;
	size_t len;
	char domain[SAMPLE_LEN_MAX];
};

struct bulk_resume {
	uint8_t *bits;
	uint64_t bit_count;
	struct sample samples[SAMPLES_MAX];
	size_t sample_count;
	uint64_t stride; /* every so many-th answer is a sample */
	uint64_t answers;
};

static bool set_bit(struct bulk_resume *r, uint64_t number)
{
	if (number >= LINES_MAX)
		return false;
	if (number >= r->bit_count) {
		uint64_t more = r->bit_count ? r->bit_count : 1 << 16;
		while (more <= number)
			more *= 2;
		r->bits = xrealloc(r->bits, more / 8, 1);
		memset(r->bits + r->bit_count / 8, 0, (more - r->bit_count) / 8);
		r->bit_count = more;
	}
	r->bits[number / 8] |= (uint8_t)(1 << number % 8);
	return true;
}

/* Every second one goes when there is no room for more. */
static void thin_samples(struct bulk_resume *r)
{
	for (size_t i = 0; i < SAMPLES_MAX / 2; i++)
		r->samples[i] = r->samples[2 * i];
	r->sample_count = SAMPLES_MAX / 2;
	r->stride *= 2;
}

/* A-labels are not what the input says; their lines are no samples. */
static void add_sample(struct bulk_resume *r, uint64_t number, struct str domain)
{
	if (r->answers++ % r->stride != 0 || domain.len == 0 ||
	    domain.len > SAMPLE_LEN_MAX || memmem(domain.data, domain.len, "xn--", 4) ||
	    str_find_byte(domain, '\\') < domain.len)
		return;
	if (r->sample_count == SAMPLES_MAX)
		thin_samples(r);
	struct sample *s = &r->samples[r->sample_count++];
	s->number = number;
	s->len = domain.len;
	memcpy(s->domain, domain.data, domain.len);
}

/* What stands behind the key, up to the quote; data NULL: it is not there. */
static struct str value_of(struct str head, const char *key)
{
	struct str k = str_from(key);
	const char *at = memmem(head.data, head.len, k.data, k.len);
	if (!at)
		return (struct str){ NULL, 0 };
	struct str rest = str_sub(head, (size_t)(at - head.data) + k.len, head.len);
	return str_sub(rest, 0, str_find_byte(rest, '"'));
}

static enum probe_line_word word_of(struct str head)
{
	static const char *const verdicts[] = {
		[PROBE_LINE_OK] = "ok",
		[PROBE_LINE_ACTION_REQUIRED] = "action_required",
		[PROBE_LINE_WAITING] = "waiting",
		[PROBE_LINE_UNDETERMINED] = "undetermined",
	};
	struct str verdict = value_of(head, ",\"verdict\":\"");

	for (size_t i = 0; verdict.data && i < ARRAY_LEN(verdicts); i++)
		if (str_is(verdict, verdicts[i]))
			return (enum probe_line_word)i;
	return PROBE_LINE_BAD;
}

/* One whole line, or as much of it as is looked at. */
static bool take_line(struct bulk_resume *r, struct bulk_tally *t, struct str line)
{
	struct str front = STR("{\"line\":");
	struct str head = str_sub(line, 0, LINE_HEAD_MAX);
	uint64_t number;

	if (!str_starts(head, front))
		return false;
	struct str rest = str_sub(head, front.len, head.len);
	if (!str_number(str_sub(rest, 0, str_find_byte(rest, ',')), LINES_MAX - 1,
			&number) ||
	    number == 0 || !set_bit(r, number))
		return false;
	struct str domain = value_of(head, ",\"domain\":\"");
	t->words[word_of(head)]++;
	add_sample(r, number, domain.data ? domain : STR_EMPTY);
	return true;
}

struct reading {
	struct bulk_resume *resume;
	struct bulk_tally *tally;
	struct buf in; /* the line that is being read, its head */
	uint64_t line_count;
	off_t whole; /* octets up to the end of the last whole line */
	off_t at;
};

static bool take_octets(struct reading *r, struct str octets, struct err *e)
{
	struct str rest = octets;
	while (rest.len > 0) {
		size_t len = str_find_byte(rest, '\n');
		struct str part = str_sub(rest, 0, len);
		size_t room = LINE_HEAD_MAX - r->in.len;
		buf_str(&r->in, str_sub(part, 0, room));
		r->at += (off_t)part.len;
		if (len == rest.len)
			break;
		r->at++;
		r->line_count++;
		if (!take_line(r->resume, r->tally, buf_view(&r->in)))
			return err_set(e, ERR_USAGE,
				       LANG_MARK("line %llu is not of 'unpend bulk'"),
				       (unsigned long long)r->line_count);
		r->whole = r->at;
		buf_clear(&r->in);
		rest = str_sub(rest, len + 1, rest.len);
	}
	return true;
}

/* What a run left that was killed while it wrote. */
static bool cut_torn(int fd, struct reading *r, struct err *e)
{
	struct str front = STR("{\"line\":");
	struct str torn = buf_view(&r->in);

	if (r->whole == r->at)
		return true;
	if (!str_starts(torn, str_sub(front, 0, torn.len)) && !str_starts(torn, front))
		return err_set(e, ERR_USAGE,
			       LANG_MARK("its end is not of 'unpend bulk'"));
	if (ftruncate(fd, r->whole) != 0)
		return err_set(e, ERR_UNAVAILABLE, "it cannot be cut: %s",
			       strerror(errno));
	return true;
}

static bool read_all(int fd, struct reading *r, struct err *e)
{
	auto_free char *octets = xalloc(READ_SIZE, 1);
	ssize_t n;

	while ((n = read(fd, octets, READ_SIZE)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set(e, ERR_UNAVAILABLE, "it cannot be read: %s",
				       strerror(errno));
		if (!take_octets(r, str_of(octets, (size_t)n), e))
			return false;
	}
	return cut_torn(fd, r, e);
}

static bool open_locked(const char *path, int *fd_out, struct err *e)
{
	struct stat about;
	int fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0644);

	if (fd < 0)
		return err_set(e, ERR_USAGE, "it cannot be opened: %s", strerror(errno));
	*fd_out = fd;
	if (fstat(fd, &about) != 0 || !S_ISREG(about.st_mode))
		return err_set(e, ERR_USAGE, LANG_MARK("it is no file"));
	if (flock(fd, LOCK_EX | LOCK_NB) != 0)
		return err_set(e, ERR_EXISTS,
			       LANG_MARK("another 'unpend bulk' is writing it"));
	return true;
}

bool bulk_resume_open(const char *path, struct bulk_tally *t, struct bulk_resume **out,
		      int *fd_out, struct err *e)
{
	struct bulk_resume *resume = xalloc(1, sizeof(*resume));
	struct reading r = { .resume = resume, .tally = t };
	int fd = -1;

	resume->stride = 1;
	buf_init(&r.in, LINE_HEAD_MAX);
	bool ok = open_locked(path, &fd, e) && read_all(fd, &r, e);
	buf_done(&r.in);
	if (!ok) {
		if (fd >= 0)
			close(fd);
		bulk_resume_free(&resume);
		return err_in(e, "--resume '%s'", path);
	}
	*out = resume;
	*fd_out = fd;
	return true;
}

/* In a line that writes its domain with other letters it is not looked for. */
static bool has_text(struct str line, const struct sample *s)
{
	for (size_t i = 0; i < line.len; i++)
		if ((unsigned char)line.data[i] > 127 || line.data[i] == '\\')
			return true;
	for (size_t i = 0; i + s->len <= line.len; i++)
		if (str_equal_nocase(str_sub(line, i, s->len), str_of(s->domain, s->len)))
			return true;
	return false;
}

bool bulk_resume_has(const struct bulk_resume *r, const struct bulk_line *line,
		     bool *has_out, struct err *e)
{
	uint64_t n = line->number;

	*has_out = n < r->bit_count && (r->bits[n / 8] & 1 << n % 8);
	if (!*has_out || line->is_too_long)
		return true;
	for (size_t i = 0; i < r->sample_count; i++) {
		const struct sample *s = &r->samples[i];
		if (s->number == n && !has_text(line->text, s))
			return err_set(e, ERR_USAGE,
				       LANG_MARK("--resume: it answers another input: "
						 "there line %llu is about '%.*s'"),
				       (unsigned long long)n, (int)s->len, s->domain);
	}
	return true;
}

void bulk_resume_free(struct bulk_resume **r)
{
	if (!*r)
		return;
	xfree((*r)->bits);
	xfree(*r);
	*r = NULL;
}
