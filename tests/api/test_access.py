# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may call what: every operation of the document by everybody who may not, and by who may."""
import json
import urllib.request

import pytest

from operations import BODIES, OPERATOR, Api, problem_of
from product import call
from world.asking import await_truth


@pytest.fixture(scope="module")
def api(service):
    return Api(service)


@pytest.fixture(scope="module")
def stranger(api):
    """Another tenant, with all that a tenant may."""
    return api.service.add_tenant("stranger")


def make_revoked(api, scopes):
    maker = api.operator if any(s.startswith(OPERATOR) for s in scopes) else api.owner
    made = api.make("/tokens", {"name": "revoked", "scopes": scopes}, maker)
    assert api.service.api(f"/tokens/{made['id']}", "DELETE", token=maker)[0] == 204
    return made["token"]


def make_expired(api, scopes):
    token = api.make_token(scopes, expires_in_s=1)
    await_truth(lambda: api.service.api("/me", token=token)[0] == 401, "the token to end")
    return token


@pytest.fixture(scope="module")
def actors(api, stranger):
    """What they show, and what they get instead of what they want: status and code."""
    tenants = [one for one in api.scopes() if not one.startswith(OPERATOR)]
    operators = [one for one in api.scopes() if one.startswith((OPERATOR, "tokens:"))]
    suspended = api.service.add_tenant("suspended")
    done = api.service.run("tenant", "suspend", "suspended", "--config", api.service.config)
    assert done.exit_code == 0, done.err
    share = api.make_share(api.make_identity())
    unknown = (401, "unauthorized")
    return {
        "nobody": lambda o: (None, unknown),
        "a word": lambda o: ("x", unknown),
        "an unknown token": lambda o: ("unp_live_" + "a" * 56, unknown),
        "a revoked tenant's token": lambda o, t=make_revoked(api, tenants): (t, unknown),
        "a revoked operator's token": lambda o, t=make_revoked(api, operators): (t, unknown),
        "a tenant's token that ended": lambda o, t=make_expired(api, tenants): (t, unknown),
        "an operator's that ended": lambda o, t=make_expired(api, operators): (t, unknown),
        "a share link": lambda o: (share, unknown),
        "an access key": lambda o: (api.service.tenant["secret_access_key"], unknown),
        "a suspended tenant": lambda o: (suspended["token"], (403, "suspended")),
    }


def test_nobody_gets_what_is_not_his(api, actors):
    """The matrix: each operation that wants a token, by each of those who have no good one."""
    calls = 0
    for operation in api.operations:
        if not operation.by_token:
            continue
        path = api.keep(operation)
        for name, shows in actors.items():
            token, (status, code) = shows(operation)
            got, headers, body = api.call(operation, path, token)
            assert got == status, (operation, name, got, body)
            assert problem_of(api, got, headers, body) == code, (operation, name)
            api.check(operation, got, headers, body)
            calls += 1
    assert calls == len(actors) * sum(operation.by_token for operation in api.operations)


def test_each_scope_is_needed(api):
    """A token with all the scopes that there are, but the one that the operation wants."""
    tenants = {one for one in api.scopes() if not one.startswith(OPERATOR)}
    operators = {one for one in api.scopes() if one.startswith((OPERATOR, "tokens:"))}
    lacking = {}
    for operation in api.operations:
        if operation.scope is None:
            continue
        everything = operators if operation.is_operators else tenants
        token = lacking.setdefault(operation.scope, api.make_token(
            everything - {operation.scope}))
        got, headers, body = api.call(operation, api.keep(operation), token)
        assert got == 403, (operation, got, body)
        assert problem_of(api, got, headers, body) == "insufficient_scope"
        assert headers["WWW-Authenticate"] == \
            f'Bearer error="insufficient_scope", scope="{operation.scope}"'
    assert set(lacking) <= set(api.scopes())


def test_tenants_and_the_operator_keep_to_their_own(api):
    for operation in api.operations:
        if operation.scope is None or operation.scope.startswith("tokens:"):
            continue
        other = api.owner if operation.is_operators else api.operator
        got, headers, body = api.call(operation, api.keep(operation), other)
        assert got == 403, (operation, got, body)
        assert problem_of(api, got, headers, body) == "insufficient_scope"


def raw(api, operation, path, token, body):
    """Status, names of headers, and the body's bytes but for the request's own id."""
    status, headers, data = call(api.service.url + path, operation.method, body,
                                 {"Authorization": f"Bearer {token}"})
    request = headers["X-Request-Id"].encode()
    assert data.count(request) == (1 if status >= 400 else 0)
    return status, sorted(set(headers) - {"Date"}), data.replace(request, b"")


def test_what_is_another_tenants_is_not_there(api, stranger):
    """The same answer, to the byte but for its id, as for what never was; nor is it changed."""
    compared = 0
    for operation in api.operations:
        if not (operation.by_token and operation.is_of_one_thing) or operation.is_operators:
            continue
        parts = api.keep(operation).split("/")
        body = BODIES.get(operation.name, lambda n: None)(next(api.numbers))
        ids = [index for index, part in enumerate(parts)
               if part[:4] in ("idn_", "tok_", "chk_", "shr_", "whk_", "dlv_")]
        assert ids, operation
        there = raw(api, operation, "/".join(parts), stranger["token"], body)
        assert there[0] == 404, operation
        for index in ids:
            never = [*parts]
            never[index] = parts[index][:4] + "999999"
            other = raw(api, operation, "/".join(never), stranger["token"], body)
            assert other == there, operation
            compared += 1
        owned = call(f"{api.service.url}{'/'.join(parts[:ids[0] + 1])}", headers={
            "Authorization": f"Bearer {api.owner}"})
        assert owned[0] in (200, 405), operation
    assert compared > 15


def test_filters_and_sdks_do_not_tell_whose_a_thing_is(api, stranger):
    """An identity of another's in a query, and in the calls that SDKs make, is as none."""
    identity = api.make("/identities", {"sender": "theirs.com"}, api.owner)["id"]
    for path in ("/events?identity={}", "/identities?query={}"):
        answers = [call(f"{api.service.url}/api/v1{path.format(one)}", headers={
            "Authorization": f"Bearer {stranger['token']}"}) for one in (identity, "idn_999999")]
        assert answers[0][0] == answers[1][0] == 200 and answers[0][2] == answers[1][2]
    key = {"key": stranger["access_key_id"], "secret": stranger["secret_access_key"]}
    for words in (["get-email-identity"], ["delete-email-identity"],
                  ["put-email-identity-mail-from-attributes", "--mail-from-domain",
                   "m.theirs.com"]):
        texts = [api.service.aws(*words, "--email-identity", domain, **key)
                 for domain in ("theirs.com", "nobody.com")]
        assert texts[0][0] == texts[1][0] == 254, words
        assert [str(text).replace("theirs.com", "nobody.com") for text in texts[:1]] == \
            [str(texts[1]).replace("m.theirs.com", "m.nobody.com")], words


def test_nothing_of_a_tenant_is_in_anothers_lists(api, stranger):
    identity = api.make_identity()
    for path, member in (("/identities?limit=100", "identities"), ("/tokens", "tokens")):
        status, answer = api.service.api(path, token=stranger["token"])
        own = api.service.api(path)[1]
        assert status == 200 and own[member]
        assert not {one["id"] for one in own[member]} & {one["id"] for one in answer[member]}
    assert identity not in json.dumps(api.service.api("/identities", token=stranger["token"])[1])


def test_a_token_gives_no_more_than_it_has(api):
    weak = api.make_token(["tokens:write", "identities:read"])
    for scopes in (["identities:write"], ["identities:read", "events:read"], ["tenants:write"]):
        status, problem = api.service.api("/tokens", "POST", {"name": "x", "scopes": scopes}, weak)
        assert (status, problem["code"]) == (400, "bad_request"), scopes
    made = api.make("/tokens", {"name": "all of its own"}, weak)
    assert made["scopes"] == ["identities:read", "tokens:write"]
    ending = api.make_token(["tokens:write"], expires_in_s=3600)
    assert api.service.api("/tokens", "POST", {"name": "x"}, ending)[0] == 403


def test_a_revoked_token_is_refused_at_once_and_others_are_not(api):
    first, second = (api.make("/tokens", {"name": name}) for name in ("first", "second"))
    assert api.service.api("/me", token=first["token"])[0] == 200
    assert api.service.api(f"/tokens/{first['id']}", "DELETE")[0] == 204
    assert api.service.api("/me", token=first["token"])[0] == 401
    assert api.service.api("/me", token=second["token"])[0] == 200
    listed = {one["id"]: one for one in api.service.api("/tokens")[1]["tokens"]}
    assert listed[first["id"]]["revoked_at"] and listed[first["id"]]["last_used_at"]
    assert listed[second["id"]]["revoked_at"] is None
    assert "token" not in listed[first["id"]]


def test_a_stream_ends_with_what_let_it_in(api):
    """Revoked, ended, suspended: each stream is over, and one that is still good is not."""
    other = api.make("/tenants", {"name": "listening"}, api.operator)
    tokens = {"revoked": api.make("/tokens", {"name": "revoked"}),
              "ended": api.make("/tokens", {"name": "ended", "expires_in_s": 2}),
              "suspended": other, "good": api.make("/tokens", {"name": "good"})}
    streams = {name: urllib.request.urlopen(urllib.request.Request(
        f"{api.service.url}/api/v1/events/stream",
        headers={"Authorization": f"Bearer {made['token']}"}), timeout=20)
        for name, made in tokens.items()}
    revoked = tokens["revoked"]["id"]
    assert api.service.api(f"/tokens/{revoked}", "DELETE")[0] == 204
    assert api.service.api(f"/tenants/{other['id']}", "PATCH", {"suspended": True},
                           api.operator)[0] == 200
    for name in ("revoked", "ended", "suspended"):
        with streams[name] as stream:
            assert b"event:" not in stream.read(), name
    with streams["good"] as stream:
        api.make("/identities", {"sender": "heard.com"})
        assert b"heard.com" in next(line for line in stream if line.startswith(b"data:"))


def test_a_suspended_tenant_comes_back_when_it_is_let_in_again(api):
    made = api.make("/tenants", {"name": "in and out"}, api.operator)
    identity = api.make("/identities", {"sender": "a@inout.com"}, made["token"])
    share = api.make(f"/identities/{identity['id']}/shares", {}, made["token"])["token"]

    def see():
        answers = (api.service.api("/me", token=made["token"])[0],
                   call(f"{api.service.url}/api/v1/shared/{share}")[0])
        done = api.service.aws("get-account", key=made["access_key_id"],
                               secret=made["secret_access_key"])
        return (*answers, "AccountSuspendedException" in done[2], done[0])

    assert see() == (200, 200, False, 0)
    path = f"/tenants/{made['id']}"
    status, tenant = api.service.api(path, "PATCH", {"suspended": True}, api.operator)
    assert status == 200 and tenant["suspended_at"]
    assert see() == (403, 404, True, 254)
    assert api.service.api(path, "PATCH", {"suspended": False}, api.operator)[0] == 200
    assert see() == (200, 200, False, 0)


def test_a_tenant_is_deleted_whole_and_only_when_it_is_meant(api):
    made = api.make("/tenants", {"name": "to go"}, api.operator)
    identity = api.make("/identities", {"sender": "a@togo.com"}, made["token"])
    share = api.make(f"/identities/{identity['id']}/shares", {}, made["token"])["token"]
    path = f"/tenants/{made['id']}"
    for query in ("", "?confirm=", "?confirm=demo", "?confirm=To%20go"):
        assert api.service.api(path + query, "DELETE", token=api.operator)[0] == 400
    assert api.service.api("/me", token=made["token"])[0] == 200
    assert api.service.api(path + "?confirm=to%20go", "DELETE", token=api.operator)[0] == 204
    assert api.service.api("/me", token=made["token"])[0] == 401
    assert call(f"{api.service.url}/api/v1/shared/{share}")[0] == 404
    assert api.service.api(path, token=api.operator)[0] == 404
    again = api.make("/tenants", {"name": "to go"}, api.operator)
    assert again["id"] != made["id"]
    assert api.service.api("/identities", token=again["token"])[1]["identities"] == []


# links


def test_a_link_shows_what_to_publish_and_nothing_of_whose_it_is(api):
    identity = api.service.add_sender("secret.person@shared.com")
    share = api.make_share(identity["id"])
    status, headers, body = call(f"{api.service.url}/api/v1/shared/{share}")
    shown = json.loads(body)
    assert status == 200
    assert headers["X-Robots-Tag"] == "noindex, nofollow"
    assert headers["Referrer-Policy"] == "no-referrer" and headers["Cache-Control"] == "no-store"
    assert [r["value"] for r in shown["records"]] == [r["value"] for r in identity["records"]]
    for word in ("secret.person", identity["id"], "demo", api.service.tenant["access_key_id"]):
        assert word not in body.decode()
    assert not {"id", "senders", "may_send", "held_messages", "created_at"} & set(shown)


def test_a_link_says_where_people_open_it(api, holding):
    made = api.make(f"/identities/{api.make_identity()}/shares", {})
    assert made["page"] == f"/#/shared/{made['token']}"
    identity = holding.add_sender("opened.com")["id"]
    status, made = holding.api(f"/identities/{identity}/shares", "POST", {})
    assert status == 201
    assert made["page"] == f"https://unpend.example/mail/#/shared/{made['token']}"


def test_a_link_ends_when_it_is_told_to(api):
    identity = api.make_identity()
    url = f"{api.service.url}/api/v1/shared/"
    made = api.make(f"/identities/{identity}/shares", {})
    assert call(url + made["token"])[0] == 200
    short = api.make_share(identity, expires_in_s=1)
    await_truth(lambda: call(url + short)[0] == 404, "the link to end")
    assert api.service.api(f"/identities/{identity}/shares/{made['id']}", "DELETE")[0] == 204
    listed = api.service.api(f"/identities/{identity}/shares")[1]["shares"]
    assert made["id"] not in [one["id"] for one in listed]
    gone = call(url + made["token"])
    never = call(url + "a" * 26)
    assert gone[0] == never[0] == 404
    texts = [json.loads(answer[2])["detail"] for answer in (gone, never, call(url + "x"))]
    assert len(set(texts)) == 1


def test_a_link_ends_with_its_identity(api):
    identity = api.make_identity()
    share = api.make_share(identity)
    assert api.service.api(f"/identities/{identity}", "DELETE")[0] == 204
    assert call(f"{api.service.url}/api/v1/shared/{share}")[0] == 404


def test_links_and_tokens_are_nowhere_in_clear(api):
    share = api.make_share(api.make_identity())
    token = api.make("/tokens", {"name": "kept"}, api.owner)["token"]
    headers = {"Authorization": f"Bearer {api.owner}", "Idempotency-Key": "in clear?"}
    kept = json.loads(call(f"{api.service.url}/api/v1/tokens", "POST", {"name": "kept"},
                           headers)[2])["token"]
    for suffix in ("", "-wal"):
        with open(f"{api.service.folder}/unpend.db{suffix}", "rb") as file:
            data = file.read()
        for secret in (share, token, kept):
            assert secret.encode() not in data
    assert share not in api.service.read_log() and token not in api.service.read_log()


# the shell


def test_the_shell_manages_tokens_as_the_api_does(api):
    def run(*words):
        done = api.service.run(*words, "--config", api.service.config)
        return done.exit_code, done.text, done.err.decode()

    done = run("token", "add", "shell", "--tenant", "demo", "--scopes",
               "identities:read,events:read", "--days", "1", "--json")
    made = json.loads(done[1])
    assert made["scopes"] == "identities:read events:read" and made["expires_at"]
    me = api.service.api("/me", token=made["token"])[1]
    assert me["scopes"] == ["identities:read", "events:read"] and me["tenant"] == "demo"
    assert made["id"] in run("token", "list", "--tenant", "demo")[1]
    assert made["id"] not in run("token", "list")[1]
    assert run("token", "revoke", made["id"])[0] != 0
    assert run("token", "revoke", made["id"], "--tenant", "demo")[0] == 0
    assert api.service.api("/me", token=made["token"])[0] == 401
    assert run("token", "add", "x", "--tenant", "nobody")[2].count("nobody") == 1
    for words in (["add"], ["add", "x", "--scopes", "tenants:write", "--tenant", "demo"],
                  ["add", "x", "--scopes", "identities:write"], ["add", "x", "--days", "0"],
                  ["frobnicate"], ["revoke", "12"]):
        assert run("token", *words)[0] == 2, words


def test_the_shell_suspends_and_deletes_tenants(api):
    def run(*words):
        return api.service.run("tenant", *words, "--config", api.service.config)

    made = api.service.add_tenant("of the shell")
    assert run("suspend", "of the shell").exit_code == 0
    assert api.service.api("/me", token=made["token"])[0] == 403
    rows = [json.loads(line) for line in run("list", "--json").text.splitlines()]
    assert [row["tenant"] for row in rows if row["suspended_at"]].count("of the shell") == 1
    assert run("resume", "of the shell").exit_code == 0
    assert api.service.api("/me", token=made["token"])[0] == 200
    assert run("delete", "of the shell").exit_code == 2
    assert run("delete", "of the shell", "--confirm", "of the shell").exit_code == 0
    assert api.service.api("/me", token=made["token"])[0] == 401
    assert "of the shell" not in run("list").text
