/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers whose body goes on after the handler returned. Between server.c and stream.c.
 */
#ifndef HTTP_STREAM_H
#define HTTP_STREAM_H

#include "http/http.h"
#include "http/libmicrohttpd_functions.h"
#include "http/reaper.h"

struct streams;

struct streams *streams_new(void);
/* Their connections have all ended; a writer may still hold one. */
void streams_free(struct streams **all);
/* No more are begun; those there are end as soon as their connections are looked
 * after. */
void streams_stop(struct streams *all);

/* Bound to the connection that it goes out on; NULL: too many, or stopping. */
struct http_stream *stream_new(struct streams *all, struct reaper *reaper,
			       struct watched *watched);
/* The response has a reference, and lets go of it when it ends. NULL: no memory. */
struct MHD_Response *stream_response(struct http_stream *s,
				     struct MHD_Connection *connection);
/* The exchange is over: nothing is resumed or shut down from now on, and its reference is
 * gone. */
void stream_cut(struct http_stream *s);

#endif
