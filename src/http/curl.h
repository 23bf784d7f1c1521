/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What client.c and smtp.c share of libcurl. */
#ifndef HTTP_CURL_H
#define HTTP_CURL_H

#include "http/libcurl_functions.h"

/* A new easy handle; sets libcurl up on the first call, from any thread. */
CURL *http_curl_new(void);

#endif
