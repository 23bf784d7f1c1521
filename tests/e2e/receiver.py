# SPDX-License-Identifier: GPL-3.0-or-later
"""An endpoint of webhooks that behaves as badly as it is told."""
import base64
import hashlib
import hmac
import http.server
import json
import socket
import ssl
import struct
import subprocess
import threading

from world.asking import PATIENCE_S


class Received:
    def __init__(self, headers, body):
        self.id = headers["webhook-id"]
        self.at = headers["webhook-timestamp"]
        self.signatures = headers["webhook-signature"].split(" ")
        self.body = body
        self.json = json.loads(body)
        self.data = self.json["data"]

    def is_signed_by(self, secret):
        """By Standard Webhooks 1.0.0, with Python's own hmac."""
        key = base64.b64decode(secret.removeprefix("whsec_"))
        signed = f"{self.id}.{self.at}.".encode() + self.body
        mac = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        return f"v1,{mac}" in self.signatures


class Receiver:
    """Use as a context. `behave` is a status, or a function of the handler."""

    def __init__(self, behave=200, host="127.0.0.1", port=0, tls=None):
        self.behave, self.received = behave, []
        self.changed = threading.Condition()
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                with receiver.changed:
                    receiver.received.append(Received(self.headers, body))
                    receiver.changed.notify_all()
                behave = receiver.behave
                if callable(behave):
                    behave(self)
                    return
                self.send_response(behave)
                self.send_header("content-length", "0")
                self.end_headers()

            do_GET = do_POST

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer((host, port), Handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: None
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        scheme = "https" if tls else "http"
        self.port = self.server.server_address[1]
        self.url = f"{scheme}://{host}:{self.port}/in"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def await_received(self, count, patience_s=PATIENCE_S):
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.received) >= count, patience_s), \
                f"{len(self.received)} of {count} received"
            return list(self.received)


def answer(handler, status, body=b"", **headers):
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("content-length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def hang(handler):
    """Takes the request and never says a word."""
    handler.connection.recv(1)


def reset(handler):
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()
    handler.close_connection = True


def drip(handler):
    """200, then an octet a second."""
    handler.send_response(200)
    handler.send_header("content-length", "1000")
    handler.end_headers()
    waiting = threading.Event()
    try:
        while True:
            handler.wfile.write(b"x")
            waiting.wait(1)
    except OSError:
        handler.close_connection = True


def flood(handler):
    """200 and a gigabyte."""
    handler.send_response(200)
    handler.send_header("content-length", str(1 << 30))
    handler.end_headers()
    piece = b"x" * 65536
    handler.server.flooded = 0
    try:
        for _ in range(1 << 14):
            handler.wfile.write(piece)
            handler.server.flooded += len(piece)
    except OSError:
        handler.close_connection = True


def make_certificate(folder, name):
    """A certificate for itself, and its key: (certificate, key)."""
    paths = f"{folder}/{name}.pem", f"{folder}/{name}.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", paths[1], "-out",
                    paths[0], "-days", "2", "-subj", "/CN=hooks", "-addext",
                    "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
    return paths
