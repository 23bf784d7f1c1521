# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs of customers: they add, delete, resubmit, check and send, write down what was
acknowledged, and look whether it is still so.

A call that got no answer is made again, with the same Idempotency-Key, until it gets one. A
message is not sent again: whether it was taken is not known, and either is right.
"""
import dataclasses
import http.client
import json
import random
import threading
import uuid

import botocore.auth
import botocore.awsrequest
import botocore.credentials

from plan import LOAD_ZONE

TIMEOUT_S = 30
RETRY_S = 0.02              # between two tries while the service says "later"
ALIVE_MAX = 6               # domains of a client that come and go
SENDERS = 2                 # domains of a client that stay and send mail
RECIPIENT = "someone@inbox.example"
DEEDS = (("create", 6), ("delete", 4), ("check", 6), ("resubmit", 3), ("send", 8), ("look", 3))
LATER = (503, 507, 429)


class Stopped(Exception):
    """The load is to end."""


@dataclasses.dataclass
class Domain:
    """What a client knows of a domain of its."""
    name: str
    id: str = ""
    tokens: tuple = ()
    is_gone: bool = False
    is_going: bool = False      # whether it is gone is not known
    resubmits: int = 0
    checks: int = 0


class Ledger:
    """What was acknowledged to any client, and what may be so."""

    def __init__(self):
        self.lock = threading.Lock()
        self.domains = []
        self.sent = {}              # subject: domain; acknowledged
        self.perhaps_sent = set()   # subjects; no answer came
        self.refused = {}           # status: count
        self.wrong = []             # what was not as it had been acknowledged
        self.unpublished = []       # domains whose records are to appear

    def find_alive(self):
        with self.lock:
            return [one for one in self.domains if one.id and not one.is_gone]

    def take_unpublished(self):
        with self.lock:
            taken, self.unpublished = self.unpublished, []
            return taken


class Client(threading.Thread):
    """One program with a connection of its own; `load` is the Load that it is part of."""

    def __init__(self, load, number):
        super().__init__(daemon=True)
        self.load, self.number = load, number
        self.random = random.Random(f"{load.seed}-{number}")
        self.coming, self.staying, self.touched = [], [], []
        self.connection, self.seen_round, self.made, self.mails = None, 0, 0, 0
        self.failure = None

    # asking

    def connect(self):
        node = self.random.choice(self.load.cluster.nodes)
        self.connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=TIMEOUT_S)

    def try_call(self, method, path, body, headers):
        """Status and text, or None when no answer came."""
        try:
            if self.connection is None:
                self.connect()
            self.connection.request(method, path, body, headers)
            answer = self.connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            if self.connection is not None:
                self.connection.close()
            self.connection = None
            return None

    def await_service(self):
        while not self.load.cluster.up.wait(0.5):
            if self.load.stopping.is_set():
                raise Stopped
        if self.load.stopping.is_set():
            raise Stopped

    def call(self, method, path, body=None):
        """Status and decoded body of a call to the native API that was answered at last."""
        headers = {"Authorization": f"Bearer {self.load.cluster.tenant['token']}",
                   "Idempotency-Key": self.new_key()}
        data = None if body is None else json.dumps(body).encode()
        if data:
            headers["Content-Type"] = "application/json"
        while True:
            self.await_service()
            answer = self.try_call(method, f"/api/v1{path}", data, headers)
            if answer is not None:
                found = json.loads(answer[1]) if answer[1] else None
                if answer[0] == 409 and found["code"] == "under_way":
                    headers["Idempotency-Key"] = self.new_key()
                elif answer[0] not in LATER or answer[0] == 429:
                    return answer[0], found
                self.refuse(answer[0])
            self.load.stopping.wait(RETRY_S)

    def new_key(self):
        return str(uuid.UUID(int=self.random.getrandbits(128)))

    def refuse(self, status):
        ledger = self.load.ledger
        with ledger.lock:
            ledger.refused[status] = ledger.refused.get(status, 0) + 1

    def expect(self, condition, what):
        if not condition:
            with self.load.ledger.lock:
                self.load.ledger.wrong.append(what)

    # deeds

    def run(self):
        try:
            while True:
                self.load.tickets.acquire()
                self.await_service()
                if self.seen_round != self.load.progress.round:
                    self.look_after_restart()
                deed = self.random.choices([name for name, _ in DEEDS],
                                           [weight for _, weight in DEEDS])[0]
                getattr(self, deed)()
                self.load.progress.note()
        except Stopped:
            return
        except Exception as failure:        # whatever it is, the run has failed
            self.failure = failure

    def look_after_restart(self):
        """What was acknowledged before the kill is there after it."""
        self.seen_round = self.load.progress.round
        for domain in {id(one): one for one in self.touched}.values():
            self.verify(domain)
        self.touched = []

    def create(self):
        is_sender = len(self.staying) < SENDERS
        if not is_sender and len(self.coming) >= ALIVE_MAX:
            return self.delete()
        self.made += 1
        domain = Domain(f"{self.load.name}c{self.number}n{self.made}.{LOAD_ZONE}")
        with self.load.ledger.lock:
            self.load.ledger.domains.append(domain)
        status, identity = self.call("POST", "/identities", {"sender": domain.name})
        if status == 429:
            return None
        self.expect(status in (200, 201), f"create {domain.name}: {status} {identity}")
        domain.id = identity["id"]
        domain.tokens = tuple(record["value"].split(".")[0] for record in identity["records"]
                              if record["purpose"] == "dkim")
        (self.staying if is_sender else self.coming).append(domain)
        self.touched.append(domain)
        if is_sender or self.random.random() < 0.3:
            with self.load.ledger.lock:
                self.load.ledger.unpublished.append(domain)
        return domain

    def delete(self):
        if not self.coming:
            return
        domain = self.coming.pop(self.random.randrange(len(self.coming)))
        domain.is_going = True
        status, problem = self.call("DELETE", f"/identities/{domain.id}")
        self.expect(status in (204, 404), f"delete {domain.name}: {status} {problem}")
        domain.is_gone, domain.is_going = True, False
        self.touched.append(domain)

    def pick(self):
        alive = self.coming + self.staying
        return self.random.choice(alive) if alive else self.create()

    def check(self):
        domain = self.pick()
        if domain is None:
            return
        status, problem = self.call("POST", f"/identities/{domain.id}/checks")
        self.expect(status in (202, 429), f"check {domain.name}: {status} {problem}")
        domain.checks += status == 202

    def resubmit(self):
        domain = self.pick()
        if domain is None:
            return
        status, identity = self.call("POST", f"/identities/{domain.id}/resubmit")
        self.expect(status in (200, 429), f"resubmit {domain.name}: {status} {identity}")
        domain.resubmits += status == 200
        self.touched.append(domain)

    def look(self):
        domain = self.pick()
        if domain is not None:
            self.verify(domain)

    def verify(self, domain):
        """What it is now is what was acknowledged last."""
        if domain.is_going:
            return
        status, identity = self.call("GET", f"/identities/{domain.id}")
        if domain.is_gone:
            self.expect(status == 404, f"{domain.name} was deleted and is there again: {status}")
            return
        self.expect(status == 200, f"{domain.name} was added and is not there: {status}")
        if status == 200:
            tokens = tuple(record["value"].split(".")[0] for record in identity["records"]
                           if record["purpose"] == "dkim")
            self.expect((identity["id"], tokens) == (domain.id, domain.tokens),
                        f"{domain.name} was {domain.id} {domain.tokens} and is {tokens}")

    def send(self):
        if not self.staying:
            self.create()
            return
        domain = self.random.choice(self.staying)
        self.mails += 1
        subject = f"{self.load.name}c{self.number}m{self.mails}"
        with self.load.ledger.lock:
            self.load.ledger.perhaps_sent.add(subject)
        answer = self.try_call("POST", "/v2/email/outbound-emails",
                               *self.signed_mail(f"news@{domain.name}", subject))
        if answer is None:
            return
        if answer[0] in LATER:
            self.refuse(answer[0])
            return
        self.expect(answer[0] == 200, f"send {subject}: {answer[0]} {answer[1][:200]}")
        with self.load.ledger.lock:
            self.load.ledger.perhaps_sent.discard(subject)
            self.load.ledger.sent[subject] = domain

    def signed_mail(self, sender, subject):
        """Body and headers of SendEmail, signed by botocore."""
        tenant = self.load.cluster.tenant
        body = json.dumps({
            "FromEmailAddress": sender, "Destination": {"ToAddresses": [RECIPIENT]},
            "Content": {"Simple": {"Subject": {"Data": subject},
                                   "Body": {"Text": {"Data": "News.\n"}}}}})
        if self.connection is None:
            self.connect()
        request = botocore.awsrequest.AWSRequest(
            "POST", f"http://127.0.0.1:{self.connection.port}/v2/email/outbound-emails",
            {"Content-Type": "application/json"}, body)
        botocore.auth.SigV4Auth(botocore.credentials.Credentials(
            tenant["access_key_id"], tenant["secret_access_key"]),
            "ses", "us-east-1").add_auth(request)
        return body.encode(), dict(request.headers.items())


class Publisher(threading.Thread):
    """The customers' DNS: what is to appear in the zone appears, a batch at a time."""

    def __init__(self, load):
        super().__init__(daemon=True)
        self.load, self.failure = load, None

    def run(self):
        try:
            while not self.load.stopping.wait(0.2):
                self.publish()
        except Exception as failure:        # whatever it is, the run has failed
            self.failure = failure

    def publish(self):
        """Gone domains leave the zone, so that it stays small."""
        cluster, ledger = self.load.cluster, self.load.ledger
        fresh = ledger.take_unpublished()
        if not fresh:
            return
        key_zone = cluster.nodes[0].settings["keys"]["zone"]
        self.load.published += fresh
        self.load.published = [one for one in self.load.published if not one.is_gone]
        cluster.world.publish(LOAD_ZONE, [
            f"{token}._domainkey.{one.name}. CNAME {token}.{key_zone}."
            for one in self.load.published for token in one.tokens])


class Load:
    """Clients and their ledger. Tickets are deeds that may be done: release() some."""

    def __init__(self, cluster, progress, seed, clients=4, name="w"):
        self.cluster, self.progress, self.seed, self.name = cluster, progress, seed, name
        self.ledger = Ledger()
        self.stopping = threading.Event()
        self.tickets = threading.Semaphore(0)
        self.published = []
        self.publisher = Publisher(self)
        self.clients = [Client(self, number) for number in range(clients)]

    def __enter__(self):
        for thread in (self.publisher, *self.clients):
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self.stopping.set()
        self.tickets.release(len(self.clients))
        for thread in (self.publisher, *self.clients):
            thread.join()

    def failures(self):
        """What is wrong so far, as texts."""
        broken = [f"{thread}: {thread.failure!r}" for thread in (self.publisher, *self.clients)
                  if thread.failure]
        with self.ledger.lock:
            return self.ledger.wrong + broken
