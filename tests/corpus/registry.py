# SPDX-License-Identifier: GPL-3.0-or-later
"""A registry's RDAP server (RFC 9082, RFC 9083): domains and what is known of them."""
import http.server
import json
import threading


class Rdap:
    """Serves until close(). `domains` maps names to documents; others are not found."""

    def __init__(self, domains):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                name = self.path.rpartition("/domain/")[2].lower().rstrip(".")
                document = find(domains, name)
                body = json.dumps({**document, "ldhName": name} if document else
                                  {"errorCode": 404}).encode()
                self.send_response(200 if document else 404)
                self.send_header("Content-Type", "application/rdap+json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                """Nobody reads it."""

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True,
                         kwargs={"poll_interval": 0.1}).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def find(domains, name):
    """The document of a registered domain; an entry may be a subdomain of it."""
    return next((document for domain, document in domains.items()
                 if domain == name or domain.endswith("." + name) and name.count(".") > 0), None)
