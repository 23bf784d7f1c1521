# SPDX-License-Identifier: GPL-3.0-or-later
"""Every operation of the native API, out of the document that the server gives of itself: how
to call it so that it does something, and a validator of what it answers."""
import itertools
import json
import re
import urllib.error
import urllib.request

import jsonschema

from product import RUN_TIMEOUT_S, call
from world.asking import await_truth

# What is sent along; the others take no body.
BODIES = {
    "identity_create": lambda n: {"sender": f"post@made{n}.com"},
    "identity_patch": lambda n: {"ownership": True},
    "share_create": lambda n: {"expires_in_s": 3600},
    "token_create": lambda n: {"name": f"token {n}"},
    "tenant_create": lambda n: {"name": f"tenant {n}"},
    "tenant_patch": lambda n: {"suspended": True},
    "webhook_create": lambda n: {"url": f"https://hooks.made.com/{n}", "kinds": []},
    "webhook_patch": lambda n: {"enabled": True},
    "webhook_rotate": lambda n: {"overlap_s": 60},
    "webhook_replay": lambda n: {"since": "2026-01-01T00:00:00Z"},
    "tenant_token_create": lambda n: {"name": f"token {n}", "scopes": ["identities:read"]},
}
QUERIES = {
    "identities_list": "?limit=2&status=PENDING&query=made",
    "tenants_list": "?limit=1",
    "records_list": "?as=json",
}
OPERATOR = "tenants:"


class Operation:
    """One operation of the document."""

    def __init__(self, method, path, row):
        self.method, self.path, self.row = method.upper(), path, row
        self.name = row["operationId"]
        self.security = row["security"]

    @property
    def by_token(self):
        return bool(self.security)

    @property
    def scope(self):
        """The scope that is needed, or None: any token will do."""
        scopes = self.security[0]["bearer"] if self.security else []
        return scopes[0] if scopes else None

    @property
    def is_operators(self):
        return (self.scope or "").startswith(OPERATOR)

    @property
    def is_of_one_thing(self):
        """Whether the path names something that belongs to a tenant."""
        return "{" in self.path and "/codes/" not in self.path

    @property
    def successes(self):
        return {int(status) for status in self.row["responses"] if status[0] == "2"}

    def __repr__(self):
        return f"{self.method} {self.path}"


class Api:
    """A running service, its operations, and things to call them with."""

    def __init__(self, service):
        self.service = service
        self.document = json.loads(call(f"{service.url}/api/v1/openapi.json")[2])
        self.resolver = jsonschema.RefResolver.from_schema(self.document)
        self.operations = [Operation(method, path, row)
                           for path, methods in self.document["paths"].items()
                           for method, row in methods.items()]
        self.numbers = itertools.count(1)
        self.owner = service.tenant["token"]
        self.kept, self.kept_identity = {}, None
        done = service.run("token", "add", "operator", "--json", "--config", service.config)
        assert done.exit_code == 0, done.err
        self.operator = done.json["token"]

    def scopes(self):
        return self.document["components"]["schemas"]["Scope"]["enum"]

    def make_token(self, scopes, **more):
        """A token with these scopes, made by one that may."""
        maker = self.operator if any(one.startswith(OPERATOR) for one in scopes) else self.owner
        return self.make("/tokens", {"name": "made", "scopes": sorted(scopes), **more},
                         maker)["token"]

    def make(self, path, body, token=None):
        status, answer = self.service.api(path, "POST", body, token or self.owner)
        assert status in (200, 201), answer
        return answer

    # things for paths

    def make_identity(self):
        return self.service.add_sender(f"made{next(self.numbers)}.com")["id"]

    def find_check(self, identity):
        return await_truth(lambda: [one["id"] for one in self.service.api(
            f"/identities/{identity}/checks")[1]["checks"]], "a look")[0]

    def keep(self, operation):
        """The path with things in it that are there: for calls that shall change nothing."""
        if operation.path not in self.kept:
            self.kept_identity = self.kept_identity or self.make_identity()
            self.kept[operation.path] = self.fill(operation, self.kept_identity)
        return self.kept[operation.path].partition("?")[0]

    def find_delivery(self, hook):
        assert self.service.api(f"/webhooks/{hook}/test", "POST")[0] == 202
        return await_truth(lambda: [one["id"] for one in self.service.api(
            f"/webhooks/{hook}/deliveries")[1]["deliveries"]], "a delivery")[0]

    def fill(self, operation, identity=None):
        """The path with new things in it, or with those of this identity."""
        path, number = operation.path, next(self.numbers)
        if "/identities/{id}" in path:
            identity = identity or self.make_identity()
            path = path.replace("{id}", identity)
            if "{check}" in path:
                path = path.replace("{check}", self.find_check(identity))
            if "{share}" in path:
                share = self.make(f"/identities/{identity}/shares", {})
                path = path.replace("{share}", share["id"])
        elif "/webhooks/{id}" in path:
            hook = self.make("/webhooks", BODIES["webhook_create"](number))["id"]
            path = path.replace("{id}", hook)
            if "{delivery}" in path:
                path = path.replace("{delivery}", self.find_delivery(hook))
        elif "/tokens/{id}" in path:
            path = path.replace("{id}", self.make("/tokens", {"name": "to go"},
                                                  self.maker_of(operation))["id"])
        elif "/tenants/{id}" in path:
            name = f"tenant {number}"
            path = path.replace("{id}", self.make("/tenants", {"name": name},
                                                  self.operator)["id"])
            if operation.method == "DELETE":
                path += "?confirm=" + name.replace(" ", "%20")
        path = path.replace("{code}", "U301")
        if "{token}" in path:
            path = path.replace("{token}", self.make_share(self.make_identity()))
        assert "{" not in path, f"no sample for {operation}"
        return path + QUERIES.get(operation.name, "")

    def make_share(self, identity, **body):
        return self.make(f"/identities/{identity}/shares", body)["token"]

    def maker_of(self, operation):
        return self.operator if operation.is_operators else self.owner

    def call(self, operation, path, token, headers=None):
        """Status, headers and decoded body; of a stream only that it begins."""
        body = BODIES.get(operation.name, lambda n: None)(next(self.numbers))
        if token is not None:
            headers = {"Authorization": f"Bearer {token}", **(headers or {})}
        if "stream" in operation.path:
            status, answer, data = begin(self.service.url + path, headers or {})
        else:
            status, answer, data = call(self.service.url + path, operation.method, body, headers)
        is_json = "json" in (answer["Content-Type"] or "")
        return status, answer, json.loads(data) if is_json else data.decode()

    def check(self, operation, status, headers, body):
        """The answer is one that the document tells of, and has its form."""
        responses = operation.row["responses"]
        assert str(status) in responses, (operation, status, body)
        response = responses[str(status)]
        if "$ref" in response:
            response = self.document["components"]["responses"]["Problem"]
        content = response.get("content")
        kind = (headers["Content-Type"] or "").partition(";")[0]
        if not content:
            assert body == "", (operation, body)
            return
        assert kind in content, (operation, kind)
        jsonschema.Draft202012Validator(content[kind]["schema"],
                                        resolver=self.resolver).validate(body)


def begin(url, headers):
    """The head of an answer that does not end; a refusal has its body too."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers),
                                    timeout=RUN_TIMEOUT_S) as answer:
            return answer.status, answer.headers, b""
    except urllib.error.HTTPError as failure:
        with failure:
            return failure.code, failure.headers, failure.read()


def problem_of(api, status, headers, body):
    """The code of a refusal, whose form is right."""
    assert headers["Content-Type"] == "application/problem+json", (status, body)
    jsonschema.Draft202012Validator({"$ref": "#/components/schemas/Problem"},
                                    resolver=api.resolver).validate(body)
    assert body["status"] == status
    assert re.fullmatch("[0-9a-f-]{36}", body["request_id"])
    return body["code"]
