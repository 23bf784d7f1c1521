/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The guard stands where libcurl opens a socket: what it is shown there is the address
 * that is connected to, whatever a name meant a moment before or means a moment later.
 */
#include "http/egress.h"

#include <netinet/in.h>
#include <sys/socket.h>

static bool address_of(const struct curl_sockaddr *s, struct address *out)
{
	const struct sockaddr_in *four = (const void *)&s->addr;
	const struct sockaddr_in6 *six = (const void *)&s->addr;
	struct address a = { .family = 0 };

	if (s->family == AF_INET && s->addrlen >= sizeof(*four)) {
		a.family = 4;
		a.port = ntohs(four->sin_port);
		memcpy(a.bytes, &four->sin_addr, 4);
	} else if (s->family == AF_INET6 && s->addrlen >= sizeof(*six)) {
		a.family = 6;
		a.port = ntohs(six->sin6_port);
		memcpy(a.bytes, &six->sin6_addr, 16);
	} else {
		return false;
	}
	*out = a;
	return true;
}

static bool port_is_allowed(const struct http_egress *g, uint16_t port)
{
	for (size_t i = 0; i < g->port_count; i++)
		if (g->ports[i] == port)
			return true;
	return g->port_count == 0;
}

static curl_socket_t socket_open(void *cls, curlsocktype purpose, struct curl_sockaddr *s)
{
	struct egress_check *check = cls;
	struct address a;

	if (purpose != CURLSOCKTYPE_IPCXN || s->socktype != SOCK_STREAM ||
	    !address_of(s, &a) || !guard_allows(&check->egress->guard, &a) ||
	    !port_is_allowed(check->egress, a.port)) {
		check->is_refused = true;
		return CURL_SOCKET_BAD;
	}
	return socket(s->family, s->socktype | SOCK_CLOEXEC, s->protocol);
}

void egress_set(CURL *curl, struct egress_check *check)
{
	const struct http_egress *g = check->egress;

	curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, socket_open);
	curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, check);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR,
			 g->allow_http ? "http,https" : "https");
	/* No proxy of the environment: it would connect in our place. */
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
	/* A name server that does not answer holds nobody past the deadline. */
	curl_easy_setopt(curl, CURLOPT_QUICK_EXIT, 1L);
	if (g->ca_file)
		curl_easy_setopt(curl, CURLOPT_CAINFO, g->ca_file);
}

bool http_egress_check(struct arena *a, const struct http_egress *g, struct str url,
		       struct str *text_out, struct err *e)
{
	struct http_url u;

	if (!http_url_parse(a, url, &u, e))
		return false;
	if (!u.is_https && !g->allow_http)
		return err_set(e, ERR_USAGE, "%s",
			       lang_text(e->lang, LANG_MARK("only https:// URLs are "
							    "called here")));
	if (!port_is_allowed(g, u.port))
		return err_set(e, ERR_USAGE,
			       lang_text(e->lang, LANG_MARK("port %u may not be called")),
			       u.port);
	if (u.has_address && !guard_allows(&g->guard, &u.address))
		return err_set(e, ERR_USAGE, "%s",
			       lang_text(e->lang, LANG_MARK("this address may not be "
							    "called")));
	*text_out = u.text;
	return true;
}
