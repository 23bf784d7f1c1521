/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An earlier output read again: which input lines it answers (a bit each: ten million
 * lines are 1.2 MB), and how they were answered. Of some lines, evenly spread, the domain
 * is kept too: where the input has another one there, it is another input.
 *
 * A file that is not ours must stay as it is. So it is changed only when all of it was
 * read, and an input that can be read twice was compared with it; another is compared as
 * it comes, and what was written meanwhile is taken back.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/bulk.h"

enum {
	READ_SIZE = 64 << 10,
	LINE_HEAD_MAX = 1024,          /* octets of a line that are looked at */
	LINES_MAX = 200 * 1000 * 1000, /* 25 MB of bits */
	SAMPLES_MAX = 128,
	SAMPLE_LEN_MAX = 253, /* longer ones may be cut */
};

struct sample {
	uint64_t number;
	size_t len;
	char domain[SAMPLE_LEN_MAX];
};

struct bulk_resume {
	const char *path;
	int fd;
	off_t whole; /* octets up to the end of the last whole line */
	off_t size;  /* octets before anything was written */
	uint8_t *bits;
	uint64_t bit_count;
	uint64_t last; /* the highest number of an answered line */
	struct sample samples[SAMPLES_MAX];
	size_t sample_count;
	size_t at;       /* the sample that is to be compared next */
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
	if (number > r->last)
		r->last = number;
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

/* {"line":NUMBER,"domain": is how all of ours begin. */
static bool read_number(struct str head, uint64_t *number_out)
{
	struct str front = STR("{\"line\":");
	struct str next = STR(",\"domain\":");

	if (!str_starts(head, front))
		return false;
	struct str rest = str_sub(head, front.len, head.len);
	size_t len = str_find_byte(rest, next.data[0]);
	return str_number(str_sub(rest, 0, len), LINES_MAX - 1, number_out) &&
	       *number_out > 0 && str_starts(str_sub(rest, len, rest.len), next);
}

/* A line that is being read. */
struct reading {
	struct bulk_resume *resume;
	struct bulk_tally *tally;
	struct buf head; /* as much of it as is looked at */
	char last;       /* its last octet */
	bool has_nul;
	uint64_t line_count;
};

/* One whole line; false: it is none of ours. */
static bool take_line(struct reading *r)
{
	struct str head = buf_view(&r->head);
	uint64_t number;

	if (r->has_nul || r->last != '}' || !read_number(head, &number) ||
	    !set_bit(r->resume, number))
		return false;
	struct str domain = value_of(head, ",\"domain\":\"");
	r->tally->words[word_of(head)]++;
	add_sample(r->resume, number, domain.data ? domain : STR_EMPTY);
	buf_clear(&r->head);
	return true;
}

static bool take_octets(struct reading *r, struct str octets, struct err *e)
{
	struct str rest = octets;
	while (rest.len > 0) {
		size_t len = str_find_byte(rest, '\n');
		struct str part = str_sub(rest, 0, len);
		buf_str(&r->head, str_sub(part, 0, LINE_HEAD_MAX - r->head.len));
		r->has_nul |= str_find_byte(part, '\0') < len;
		if (len > 0)
			r->last = part.data[len - 1];
		r->resume->size += (off_t)len;
		if (len == rest.len)
			break;
		r->resume->size++;
		r->line_count++;
		if (!take_line(r))
			return err_set(e, ERR_USAGE,
				       LANG_MARK("line %llu is not of 'unpend bulk'"),
				       (unsigned long long)r->line_count);
		r->resume->whole = r->resume->size;
		rest = str_sub(rest, len + 1, rest.len);
	}
	return true;
}

/* What a run left that was killed while it wrote is ours if whole lines of ours stand
 * before it, or as much of the line is there as only ours have. */
static bool check_torn(const struct reading *r, struct err *e)
{
	struct str front = STR("{\"line\":");
	struct str torn = buf_view(&r->head);
	uint64_t number;
	bool is_ours = r->line_count > 0 ? str_starts(torn, str_sub(front, 0, torn.len))
					 : read_number(torn, &number);

	if (r->resume->size == r->resume->whole || is_ours)
		return true;
	return err_set(e, ERR_USAGE, LANG_MARK("its end is not of 'unpend bulk'"));
}

static bool read_all(struct reading *r, struct err *e)
{
	auto_free char *octets = xalloc(READ_SIZE, 1);
	ssize_t n;

	while ((n = read(r->resume->fd, octets, READ_SIZE)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set(e, ERR_UNAVAILABLE, "it cannot be read: %s",
				       strerror(errno));
		if (!take_octets(r, str_of(octets, (size_t)n), e))
			return false;
	}
	return check_torn(r, e);
}

static bool open_locked(struct bulk_resume *r, struct err *e)
{
	struct stat about;

	/* Non-blocking: whatever else has that name. */
	r->fd = open(r->path,
		     O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
		     0644);
	if (r->fd < 0)
		return err_set(e, ERR_USAGE, "it cannot be opened: %s", strerror(errno));
	if (fstat(r->fd, &about) != 0 || !S_ISREG(about.st_mode))
		return err_set(e, ERR_USAGE, LANG_MARK("it is no file"));
	if (flock(r->fd, LOCK_EX | LOCK_NB) != 0)
		return err_set(e, ERR_EXISTS,
			       LANG_MARK("another 'unpend bulk' is writing it"));
	return true;
}

static int compare_samples(const void *a, const void *b)
{
	const struct sample *one = a;
	const struct sample *two = b;

	return (one->number > two->number) - (one->number < two->number);
}

bool bulk_resume_open(const char *path, struct bulk_tally *t, struct bulk_resume **out,
		      struct err *e)
{
	struct bulk_resume *resume = xalloc(1, sizeof(*resume));
	struct reading r = { .resume = resume, .tally = t };

	resume->path = path;
	resume->stride = 1;
	buf_init(&r.head, LINE_HEAD_MAX);
	bool ok = open_locked(resume, e) && read_all(&r, e);
	buf_done(&r.head);
	if (!ok) {
		bulk_resume_free(&resume);
		return err_in(e, "--resume '%s'", path);
	}
	qsort(resume->samples, resume->sample_count, sizeof(struct sample),
	      compare_samples);
	*out = resume;
	return true;
}

int bulk_resume_fd(const struct bulk_resume *r)
{
	return r->fd;
}

/* Whether the input is as before */

static bool is_of_name(char c)
{
	return ascii_is_alnum((unsigned char)c) || c == '-' || c == '_' || c == '.';
}

/* The domain as a whole name; a dot at its end is the root's. */
static bool is_name_at(struct str line, size_t at, struct str domain)
{
	struct str rest = str_sub(line, at + domain.len, line.len);

	if (!str_equal_nocase(str_sub(line, at, domain.len), domain) ||
	    (at > 0 && is_of_name(line.data[at - 1])))
		return false;
	if (str_starts(rest, STR(".")))
		rest = str_sub(rest, 1, rest.len);
	return rest.len == 0 || !is_of_name(rest.data[0]);
}

/* In a line that writes its domain with other letters it is not looked for. */
static bool has_name(struct str line, struct str domain)
{
	for (size_t i = 0; i < line.len; i++)
		if ((unsigned char)line.data[i] > 127 || line.data[i] == '\\')
			return true;
	for (size_t i = 0; i + domain.len <= line.len; i++)
		if (is_name_at(line, i, domain))
			return true;
	return false;
}

bool bulk_resume_has(struct bulk_resume *r, const struct bulk_line *line, bool *has_out,
		     struct err *e)
{
	uint64_t n = line->number;

	*has_out = n < r->bit_count && (r->bits[n / 8] & 1 << n % 8);
	for (; r->at < r->sample_count && r->samples[r->at].number <= n; r->at++) {
		const struct sample *s = &r->samples[r->at];
		if (s->number == n && !has_name(line->text, str_of(s->domain, s->len)))
			return err_set(e, ERR_USAGE,
				       LANG_MARK("--resume: it answers another input: "
						 "there line %llu is about '%.*s'"),
				       (unsigned long long)n, (int)s->len, s->domain);
	}
	return true;
}

bool bulk_resume_compare(struct bulk_resume *r, struct bulk_input *in, struct err *e)
{
	struct bulk_line line = { 0 };
	bool has_answer;

	while (line.number < r->last) {
		enum bulk_input_state state = bulk_input_next(in, &line, e);
		if (state == BULK_INPUT_BROKEN)
			return false;
		if (state == BULK_INPUT_END)
			return err_set(e, ERR_USAGE,
				       LANG_MARK("--resume: it answers another input: "
						 "this one has no line %llu"),
				       (unsigned long long)r->last);
		if (state == BULK_INPUT_LINE &&
		    !bulk_resume_has(r, &line, &has_answer, e))
			return false;
	}
	r->at = 0;
	bulk_input_rewind(in);
	return true;
}

/* Changing the file */

bool bulk_resume_begin(struct bulk_resume *r, struct err *e)
{
	if (r->size == r->whole)
		return true;
	if (ftruncate(r->fd, r->whole) != 0)
		return err_set(e, ERR_UNAVAILABLE, "--resume: it cannot be cut: %s",
			       strerror(errno));
	r->size = r->whole;
	return true;
}

void bulk_resume_undo(struct bulk_resume *r)
{
	(void)!ftruncate(r->fd, r->size);
}

bool bulk_resume_check(const struct bulk_resume *r, uint64_t written, struct err *e)
{
	struct stat there;
	struct stat ours;

	if (stat(r->path, &there) == 0 && fstat(r->fd, &ours) == 0 &&
	    there.st_dev == ours.st_dev && there.st_ino == ours.st_ino &&
	    ours.st_size >= r->size + (off_t)written)
		return true;
	return err_set(
		e, ERR_CONFLICT,
		LANG_MARK("--resume '%s': it was removed, replaced or cut while it "
			  "was written: run the same again"),
		r->path);
}

void bulk_resume_free(struct bulk_resume **r)
{
	if (!*r)
		return;
	if ((*r)->fd >= 0)
		close((*r)->fd);
	xfree((*r)->bits);
	xfree(*r);
	*r = NULL;
}
