# SPDX-License-Identifier: GPL-3.0-or-later
"""Changing a running world from another process, over a local socket.

One JSON line asks, one answers: {"do": "add", "with": ["acme.com", ["www A 192.0.2.9"]]}
gives {"ok": null} or {"error": "..."}. The verbs are World's own methods.
"""
import json
import os
import socket
import socketserver
import threading

VERBS = ("add", "publish", "withdraw", "delegate", "undelegate", "zone", "resolve",
         "flush_resolvers", "pause", "resume")
LINE_MAX = 1 << 20


class Control:
    """Serves a world's verbs, and `more` functions by name, on a socket at `path`."""

    def __init__(self, world, path, more=None):
        self.path = path
        verbs = {verb: getattr(world, verb) for verb in VERBS}
        verbs.update(more or {})

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                for line in iter(lambda: self.rfile.readline(LINE_MAX), b""):
                    self.wfile.write(json.dumps(obey(verbs, line)).encode() + b"\n")

        if os.path.exists(path):
            os.unlink(path)
        self.server = socketserver.ThreadingUnixStreamServer(path, Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True,
                                       kwargs={"poll_interval": 0.1})
        self.thread.start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        if os.path.exists(self.path):
            os.unlink(self.path)


def obey(verbs, line):
    """The answer to one line; what goes wrong is said, not raised."""
    try:
        request = json.loads(line)
        return {"ok": verbs[request["do"]](*request.get("with", []))}
    except Exception as failure:        # whatever it is, the asker should read it
        return {"error": f"{type(failure).__name__}: {failure}"}


def tell(path, verb, *arguments):
    """Ask the world behind the socket; gives its answer or raises RuntimeError."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.connect(path)
        connection.sendall(json.dumps({"do": verb, "with": arguments}).encode() + b"\n")
        answer = json.loads(connection.makefile().readline())
    if "error" in answer:
        raise RuntimeError(answer["error"])
    return answer["ok"]
