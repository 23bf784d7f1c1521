# SPDX-License-Identifier: GPL-3.0-or-later
"""Where things arrive: a mail host and a webhook receiver that note all that they take.

What is noted is noted before it is acknowledged, as a careful receiver does.
"""
import collections
import email
import http.server
import socketserver
import threading

SMTP_LINE_MAX = 64 * 1024


class Progress:
    """Counts what happens anywhere, so that a kill can come between any two of them; and in
    which round: between which two kills."""

    def __init__(self):
        self.count, self.round = 0, 0
        self.changed = threading.Condition()

    def note(self):
        with self.changed:
            self.count += 1
            self.changed.notify_all()

    def await_count(self, count, patience_s):
        """Whether it came to that in time."""
        with self.changed:
            return self.changed.wait_for(lambda: self.count >= count, patience_s)


class Server(socketserver.ThreadingMixIn):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    request_queue_size = 64

    def handle_error(self, request, client_address):
        """A peer that was killed is what this is for."""


class Listening:
    """A server on a free port of 127.0.0.1, in a thread. Use as a context."""

    def __init__(self, kind, handler):
        self.server = type("Listener", (Server, kind), {})(("127.0.0.1", 0), handler)
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True,
                                       kwargs={"poll_interval": 0.1})

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


class MailSink(Listening):
    """Takes every message (RFC 5321) and notes each copy of it."""

    def __init__(self, progress):
        self.progress = progress
        self.lock = threading.Lock()
        self.rounds = collections.defaultdict(list)     # (subject, Message-ID): of each copy
        super().__init__(socketserver.TCPServer, self._handler())

    def take(self, raw):
        message = email.message_from_bytes(raw)
        with self.lock:
            self.rounds[message["Subject"], message["Message-ID"]].append(self.progress.round)
        self.progress.note()

    def arrived(self):
        """The subjects that came."""
        with self.lock:
            return {subject for subject, _ in self.rounds}

    def repeats(self):
        """After which rounds a copy came again: one entry a copy."""
        with self.lock:
            return [before for rounds in self.rounds.values() for before in rounds[:-1]]

    def _handler(sink):
        class Handler(socketserver.StreamRequestHandler):
            def say(self, line):
                self.wfile.write(line + b"\r\n")

            def read_message(self):
                lines = []
                while (line := self.rfile.readline(SMTP_LINE_MAX)) != b".\r\n":
                    if not line:
                        raise ConnectionError("the client went away within a message")
                    lines.append(line[1:] if line.startswith(b".") else line)
                return b"".join(lines)

            def handle(self):
                self.say(b"220 mx.inbox.example ESMTP")
                while line := self.rfile.readline(SMTP_LINE_MAX):
                    word = line.split()[0].upper() if line.split() else b""
                    if word == b"DATA":
                        self.say(b"354 go on")
                        sink.take(self.read_message())
                    self.say(b"221 bye" if word == b"QUIT" else b"250 OK")
                    if word == b"QUIT":
                        return
        return Handler


class Hook(Listening):
    """A webhook's receiver: every id it was given, with each body that came under it."""

    def __init__(self, progress):
        self.progress = progress
        self.lock = threading.Lock()
        self.bodies = collections.defaultdict(list)     # webhook-id: the body of each copy
        super().__init__(http.server.HTTPServer, self._handler())

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/hook"

    def take(self, number, body):
        with self.lock:
            self.bodies[number].append(body)
        self.progress.note()

    def set_up(self, node):
        """Has the tenant's events sent here from now on."""
        status, made = node.api("/webhooks", "POST", {"url": self.url, "kinds": []})
        assert status == 201, made

    def told(self):
        """Bodies by id."""
        with self.lock:
            return {number: list(bodies) for number, bodies in self.bodies.items()}

    def repeats(self):
        with self.lock:
            return sum(len(bodies) - 1 for bodies in self.bodies.values())

    def _handler(hook):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                hook.take(self.headers["webhook-id"], body)
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                """Nothing to say."""
        return Handler
