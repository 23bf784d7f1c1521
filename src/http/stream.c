/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A stream has three owners: whoever writes it, on any thread, and of the connection that
 * it goes out on the response and the exchange, which end in no fixed order. Between them
 * stand a bounded buffer and a lock. A connection with nothing to send is suspended;
 * writing resumes it. Who reads too slowly is cut off.
 */
#include "http/stream.h"

#include <pthread.h>

enum {
	STREAMS_MAX = 256,
	WAITING_MAX = 256 * 1024, /* bytes of one stream that were not taken yet */
};

struct streams {
	pthread_mutex_t lock; /* of the list, and of `stopping` */
	struct list all;
	size_t count;
	bool stopping;
	bool orphaned; /* the last stream frees it */
};

struct http_stream {
	struct list hook;
	struct streams *streams;
	pthread_mutex_t lock; /* of all below */
	struct buf waiting;
	struct MHD_Connection *suspended; /* NULL: it runs */
	struct reaper *reaper;
	struct watched *watched; /* NULL: the connection is gone */
	bool is_over;            /* when all that waits was sent */
	bool is_broken;          /* at once */
	unsigned owners;
};

struct streams *streams_new(void)
{
	struct streams *all = xalloc(1, sizeof(*all));

	pthread_mutex_init(&all->lock, NULL);
	list_init(&all->all);
	return all;
}

static void streams_free_now(struct streams *all)
{
	pthread_mutex_destroy(&all->lock);
	xfree(all);
}

void streams_free(struct streams **all)
{
	pthread_mutex_lock(&(*all)->lock);
	bool is_empty = (*all)->count == 0;
	(*all)->orphaned = true;
	pthread_mutex_unlock(&(*all)->lock);
	if (is_empty)
		streams_free_now(*all);
	*all = NULL;
}

static void stream_free(struct http_stream *s)
{
	struct streams *all = s->streams;

	pthread_mutex_lock(&all->lock);
	list_remove(&s->hook);
	bool was_last = --all->count == 0 && all->orphaned;
	pthread_mutex_unlock(&all->lock);
	if (was_last)
		streams_free_now(all);
	buf_done(&s->waiting);
	pthread_mutex_destroy(&s->lock);
	xfree(s);
}

static void stream_drop(struct http_stream *s)
{
	pthread_mutex_lock(&s->lock);
	bool was_last = --s->owners == 0;
	pthread_mutex_unlock(&s->lock);
	if (was_last)
		stream_free(s);
}

/* With the lock held. */
static void stream_resume(struct http_stream *s)
{
	struct MHD_Connection *connection = s->suspended;

	s->suspended = NULL;
	if (connection)
		MHD_resume_connection(connection);
}

struct http_stream *stream_new(struct streams *all, struct reaper *reaper,
			       struct watched *watched)
{
	struct http_stream *s = NULL;

	pthread_mutex_lock(&all->lock);
	if (!all->stopping && all->count < STREAMS_MAX) {
		s = xalloc(1, sizeof(*s));
		list_add(&all->all, &s->hook);
		all->count++;
	}
	pthread_mutex_unlock(&all->lock);
	if (!s)
		return NULL;
	pthread_mutex_init(&s->lock, NULL);
	buf_init(&s->waiting, WAITING_MAX);
	s->streams = all;
	s->reaper = reaper;
	s->watched = watched;
	s->owners = 3;
	return s;
}

/* --- the connection's side --- */

static ssize_t stream_give(struct http_stream *s, char *to, size_t max)
{
	if (s->is_broken)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	if (s->waiting.len == 0)
		return s->is_over ? MHD_CONTENT_READER_END_OF_STREAM : 0;
	size_t len = s->waiting.len < max ? s->waiting.len : max;
	memcpy(to, s->waiting.data, len);
	buf_consume(&s->waiting, len);
	return (ssize_t)len;
}

struct reader {
	struct http_stream *stream;
	struct MHD_Connection *connection;
};

static ssize_t on_read(void *cls, uint64_t position unused_arg, char *to, size_t max)
{
	struct reader *r = cls;
	struct http_stream *s = r->stream;

	pthread_mutex_lock(&s->lock);
	ssize_t given = stream_give(s, to, max);
	if (given == 0) {
		s->suspended = r->connection;
		MHD_suspend_connection(r->connection);
	}
	pthread_mutex_unlock(&s->lock);
	return given;
}

static void on_response_done(void *cls)
{
	struct reader *r = cls;

	stream_drop(r->stream);
	xfree(r);
}

struct MHD_Response *stream_response(struct http_stream *s,
				     struct MHD_Connection *connection)
{
	struct reader *r = xalloc(1, sizeof(*r));

	*r = (struct reader){ s, connection };
	struct MHD_Response *response = MHD_create_response_from_callback(
		MHD_SIZE_UNKNOWN, 4096, on_read, r, on_response_done);
	if (!response)
		on_response_done(r);
	return response;
}

void stream_cut(struct http_stream *s)
{
	pthread_mutex_lock(&s->lock);
	s->is_broken = true;
	s->watched = NULL;
	s->suspended = NULL;
	pthread_mutex_unlock(&s->lock);
	stream_drop(s);
}

void streams_stop(struct streams *all)
{
	pthread_mutex_lock(&all->lock);
	all->stopping = true;
	list_each (at, &all->all) {
		struct http_stream *s = LIST_THING(at, struct http_stream, hook);
		pthread_mutex_lock(&s->lock);
		s->is_over = true;
		stream_resume(s);
		pthread_mutex_unlock(&s->lock);
	}
	pthread_mutex_unlock(&all->lock);
}

/* --- the writer's side --- */

bool http_stream_write(struct http_stream *s, struct str bytes)
{
	pthread_mutex_lock(&s->lock);
	if (!s->is_over && !s->is_broken) {
		buf_str(&s->waiting, bytes);
		s->is_broken = s->waiting.failed;
		/* He does not read: his socket is never ready to end by itself. */
		if (s->is_broken && s->watched)
			reaper_set(s->reaper, s->watched, 1);
		stream_resume(s);
	}
	bool goes_on = !s->is_over && !s->is_broken;
	pthread_mutex_unlock(&s->lock);
	return goes_on;
}

bool http_stream_is_read(struct http_stream *s)
{
	pthread_mutex_lock(&s->lock);
	if (s->watched && watched_is_left(s->watched))
		s->is_broken = true;
	bool is_read = s->watched && !s->is_over && !s->is_broken;
	pthread_mutex_unlock(&s->lock);
	return is_read;
}

void http_stream_abandon(struct http_response *response, struct http_stream **stream)
{
	struct http_stream *s = *stream;

	response->stream = NULL;
	*stream = NULL;
	if (s)
		stream_free(s);
}

void http_stream_close(struct http_stream **stream)
{
	struct http_stream *s = *stream;

	if (!s)
		return;
	*stream = NULL;
	pthread_mutex_lock(&s->lock);
	s->is_over = true;
	stream_resume(s);
	pthread_mutex_unlock(&s->lock);
	stream_drop(s);
}
