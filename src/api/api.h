/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * api: what the world may call over HTTP: Amazon SES v2 (SigV4), our native API (bearer
 * token, doc/api.md), the console's files, health and metrics. One table routes;
 * OpenAPI is made from it.
 */
#ifndef API_API_H
#define API_API_H

#include "config/config.h"
#include "crypto/crypto.h"
#include "http/http.h"
#include "service/service.h"
#include "store/store.h"

struct api;

/* All borrowed, all must outlive the api. */
struct api_options {
	const struct config *config;
	struct store_pool *stores;
	struct service *service;
	const uint8_t *seal_key;
	int64_t (*now_ms)(void); /* the clock: clock_now_ms */
};
struct api *api_new(const struct api_options *options);
void api_free(struct api **a);
/* For http_server_options.handler; arg is the api. */
void api_handle(void *arg, const struct http_request *request,
		struct http_response *response);
/* The same for the listener of http.admin_listen: health and numbers only. */
void api_admin_handle(void *arg, const struct http_request *request,
		      struct http_response *response);
/* For http_server_options.body_max. */
size_t api_body_max(void *arg, const struct http_request *head);
/* The OpenAPI 3.1 document of the native API. */
void api_openapi_write(struct buf *out);

#endif
