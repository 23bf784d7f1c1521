/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Does a text have the form that an option wants? Each is an option_check. */
#ifndef CONFIG_CHECKS_H
#define CONFIG_CHECKS_H

#include <stdbool.h>

/* IPv4 or IPv6 address. */
bool check_address(const char *text);
/* IP, or IP@PORT. */
bool check_server(const char *text);
/* IP, or IP/BITS. */
bool check_network(const char *text);
/* IPV4:PORT or [IPV6]:PORT. */
bool check_listen(const char *text);
/* Labels of letters, digits, hyphens and underscores. */
bool check_domain(const char *text);
/* http:// or https:// and something behind it. */
bool check_http_url(const char *text);
/* The same, or nothing. */
bool check_http_url_or_none(const char *text);
/* smtp:// or smtps://, HOST, perhaps :PORT. */
bool check_relay_url(const char *text);
/* sqlite:PATH. */
bool check_store_url(const char *text);
/* NAME=HOST:PORT. */
bool check_perspective(const char *text);
/* A number from 1 to 65535. */
bool check_port(const char *text);
/* Lower-case letters, digits, hyphens. */
bool check_region(const char *text);

#endif
