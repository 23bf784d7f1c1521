#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The native API, row by row of doc/api.md: what it gives, and to whom it gives nothing."""
import json
import re
import socket
import urllib.error
import urllib.request

import pytest

from product import call

UUID = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"
SUMMARY = {"id", "domain", "domain_display", "organisational_domain", "caution", "senders",
           "status", "may_send", "held_messages", "aspects", "created_at", "last_checked_at",
           "last_success_at", "next_check_at", "next_check_reason", "next_check_why", "mail_from",
           "search_ends_at", "grace_ends_at", "looks_end_at", "ses_status", "verdict",
           "headline"}
WHOLE = SUMMARY | {"mail_from_offered", "one_cache", "zone", "records", "findings", "next"}
TENANT_SCOPES = ["identities:read", "identities:write", "events:read", "webhooks:read",
                 "webhooks:write", "tokens:read", "tokens:write", "shares:write"]
PROBLEM = {"type", "title", "status", "detail", "code", "request_id"}
# Every call that needs a token; {id} is an identity's.
CALLS = [("GET", "/me"), ("GET", "/identities"), ("POST", "/identities"),
         ("GET", "/identities/{id}"), ("DELETE", "/identities/{id}"),
         ("POST", "/identities/{id}/checks"), ("POST", "/identities/{id}/resubmit"),
         ("GET", "/identities/{id}/events"), ("GET", "/codes/U301")]


def expect_problem(answer, status, code):
    """The answer is a problem document of this status and code; gives its detail."""
    got, problem = answer
    assert (got, problem.get("code")) == (status, code), problem
    assert set(problem) == PROBLEM and problem["status"] == status
    assert re.fullmatch(UUID, problem["request_id"])
    return problem["detail"]


@pytest.fixture(scope="module")
def identity(service):
    return service.add_sender("news@first.com")


@pytest.fixture(scope="module")
def stranger(service):
    return service.add_tenant("stranger")["token"]


def test_me_tells_what_the_console_needs(service):
    assert service.api("/me") == (200, {
        "tenant": "demo", "scopes": TENANT_SCOPES, "token_expires_at": None,
        "region": "us-east-1", "authority": "dns", "key_zone": "dkim.mailer.example",
        "until_verified": "reject"})


def test_adding_gives_the_records_to_publish(service):
    status, one = service.api("/identities", "POST", {"sender": "News@Added.COM"})
    assert status == 201 and set(one) == WHOLE
    assert re.fullmatch("idn_[0-9]+", one["id"])
    assert (one["domain"], one["senders"]) == ("added.com", ["News@added.com"])
    assert (one["status"], one["may_send"], one["aspects"]) == \
        ("PENDING", False, {"dkim": "PENDING"})
    assert re.fullmatch(TIME, one["created_at"]) and re.fullmatch(TIME, one["search_ends_at"])
    assert (one["last_checked_at"], one["last_success_at"], one["ses_status"]) == (None,) * 3
    assert (one["verdict"], one["findings"], one["next"], one["zone"]) == (None, [], None, None)
    dkim = [record for record in one["records"] if record["purpose"] == "dkim"]
    assert [record["id"] for record in dkim] == ["dkim-1", "dkim-2", "dkim-3"]
    for record in dkim:
        token = record["value"].partition(".")[0]
        assert re.fullmatch("[a-z2-7]{32}", token)
        assert record == {
            "id": record["id"], "purpose": "dkim", "type": "CNAME", "required": True,
            "name": {"fqdn": f"{token}._domainkey.added.com", "relative": f"{token}._domainkey",
                     "relative_to": "added.com"},
            "value": f"{token}.dkim.mailer.example", "priority": None, "state": "unchecked",
            "servers_right": 0, "servers_asked": 0, "observed": []}
    assert [record["purpose"] for record in one["records"] if not record["required"]] == ["dmarc"]
    assert one["headline"].startswith("added.com ") and one["mail_from_offered"] is True


def test_names_below_the_organisation_are_relative_to_it(service):
    one = service.add_sender("mail.sub.co.uk")
    name = one["records"][0]["name"]
    assert name["relative_to"] == "sub.co.uk"
    assert name["relative"].endswith("._domainkey.mail")


def test_adding_again_gives_what_is_there(service, identity):
    status, again = service.api("/identities", "POST", {"sender": "other@FIRST.com"})
    assert status == 200 and again["id"] == identity["id"]
    assert again["senders"] == ["news@first.com", "other@first.com"]
    assert [r["value"] for r in again["records"]] == [r["value"] for r in identity["records"]]


def test_an_idn_is_kept_as_a_label(service):
    assert service.add_sender("post@münchen.com")["domain"] == "xn--mnchen-3ya.com"


@pytest.mark.parametrize("sender", [
    "", " ", "@", "a@", "@b.com", "no domain", "com", "a@com", "co.uk", "192.0.2.1",
    "a@[192.0.2.1]", "x..com", "-x.com", "a" * 64 + ".com", "a.b" * 100, "localhost",
    "host.local", "a@b@c.com", "a\r\nb@c.com"])
def test_senders_that_are_none_are_refused_in_words(service, sender):
    status, problem = service.api("/identities", "POST", {"sender": sender})
    assert status == 400 and set(problem) == PROBLEM
    assert problem["code"] in ("bad_sender", "public_suffix", "special_use_domain"), problem
    assert len(problem["detail"]) > 10


@pytest.mark.parametrize("body", [
    b"", b" ", b"{", b"[]", b"null", b'"x"', b"{}", b'{"sender": 5}', b'{"sender": null}',
    b'{"sender": ["a@b.com"]}', b'{"sender": "a@b.com", "sender": "c@d.com"}',
    b'{"sender": "a@b.com", "more": 1}', b'{"Sender": "a@b.com"}', b'{"sender": "\xff"}',
    b'{"sender": "a\\u0000b.com"}', b'{"sender": ' + b"[" * 40 + b"]" * 40 + b"}",
    b"[" * 100000])
def test_bodies_that_are_none_are_refused(service, body):
    status, problem = send_bytes(service, "POST", "/identities", body)
    expect_problem((status, problem), 400, "bad_request")


def send_bytes(service, method, path, body):
    """A call whose body is not what json.dumps would make."""
    request = urllib.request.Request(f"{service.url}/api/v1{path}", data=body, method=method,
                                     headers={"Authorization": f"Bearer {service.tenant['token']}"})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as failure:
        with failure:
            return failure.code, json.load(failure)


def test_a_body_of_more_than_256_kb_is_refused(service):
    answer = send_bytes(service, "POST", "/identities", b'{"sender": "' + b"a" * 300_000 + b'"}')
    expect_problem(answer, 413, "too_large")


def test_too_large_a_body_is_refused_before_it_is_sent(service):
    """The head alone is enough: nothing of the body is waited for, let alone kept."""
    with socket.create_connection((service.url.split("//")[1].split(":")[0],
                                   int(service.url.rsplit(":", 1)[1])), timeout=8) as client:
        client.sendall(b"POST /api/v1/identities HTTP/1.1\r\nHost: h\r\n"
                       b"Content-Length: 1000000\r\n\r\n")
        assert client.recv(12) == b"HTTP/1.1 413"


def test_one_identity_is_given_whole(service, identity):
    status, one = service.api(f"/identities/{identity['id']}")
    assert status == 200 and set(one) == WHOLE and one["domain"] == "first.com"


def test_what_could_not_be_asked_is_said_so_and_takes_nothing_away(service):
    one = service.add_sender("unasked.com")
    seen = service.await_identity(one["id"], lambda i: i["last_checked_at"], "a look")
    assert (seen["status"], seen["verdict"]) == ("PENDING", "undetermined")
    assert {record["state"] for record in seen["records"]} == {"unknown"}
    assert seen["findings"][0]["severity"] == "unsure" and seen["next"]["kind"] == "retry"
    assert "could not" in seen["headline"]
    for finding in seen["findings"]:
        for fix in finding["fix"]:
            assert all(isinstance(fix[name], str) for name in ("field", "from", "to", "sentence"))


def test_an_etag_saves_the_body_until_something_changes(service):
    one = service.add_sender("etag.com")
    url = f"{service.url}/api/v1/identities/{one['id']}"
    service.await_identity(one["id"], lambda i: i["last_checked_at"], "a look")
    authorization = {"Authorization": f"Bearer {service.tenant['token']}"}
    status, headers, _ = call(url, headers=authorization)
    etag = headers["ETag"]
    assert status == 200 and re.fullmatch('"[^"]+"', etag)
    for known in (etag, f"W/{etag}", f'"x", {etag}', "*"):
        status, headers, body = call(url, headers={**authorization, "If-None-Match": known})
        assert (status, body, headers["ETag"]) == (304, b"", etag)
    service.add_sender("another@etag.com")
    assert call(url, headers={**authorization, "If-None-Match": etag})[0] == 200


def test_lists_go_in_pages_in_order_of_domain(service):
    token = service.add_tenant("pager")["token"]
    names = [f"page{number}.com" for number in (3, 1, 4, 5, 9, 2, 6)]
    for name in names:
        assert service.api("/identities", "POST", {"sender": name}, token)[0] == 201
    found, cursor, pages = [], "", 0
    while cursor is not None:
        status, page = service.api(f"/identities?limit=3&cursor={cursor}", token=token)
        assert status == 200 and set(page) == {"identities", "next"}
        assert all(set(one) == SUMMARY for one in page["identities"])
        found += [one["domain"] for one in page["identities"]]
        cursor, pages = page["next"], pages + 1
    assert (found, pages) == (sorted(names), 3)


def test_a_cursor_is_good_for_its_tenant_only_and_cannot_be_made(service, stranger, identity):
    service.add_sender("cursor.com")
    cursor = service.api("/identities?limit=1")[1]["next"]
    assert service.api(f"/identities?limit=1&cursor={cursor}")[0] == 200
    expect_problem(service.api(f"/identities?cursor={cursor}", token=stranger), 400, "bad_request")
    for forged in ("x", "00", "f" * 64, cursor[:-2] + "00", cursor + "00", "%ff"):
        expect_problem(service.api(f"/identities?cursor={forged}"), 400, "bad_request")


@pytest.mark.parametrize("limit", ["0", "-1", "101", "x", "", "1e1", "%31%30%31", "99999999999999"])
def test_limits_that_are_none_are_refused(service, limit):
    expect_problem(service.api(f"/identities?limit={limit}"), 400, "bad_request")


def test_deleting_is_for_good_and_tokens_do_not_come_again(service):
    one = service.add_sender("deleted.com")
    assert service.api(f"/identities/{one['id']}", "DELETE") == (204, None)
    for method, path in CALLS[3:8]:
        expect_problem(service.api(path.format(id=one["id"]), method), 404, "not_found")
    again = service.add_sender("deleted.com")
    assert again["id"] != one["id"]
    assert not {r["value"] for r in again["records"] if r["required"]} & \
        {r["value"] for r in one["records"]}


def test_check_now_is_taken_and_not_too_often(service):
    one = service.add_sender("check.com")
    seen = service.await_identity(one["id"], lambda i: i["last_checked_at"], "a look")
    url = f"{service.url}/api/v1/identities/{one['id']}/checks"
    status, headers, body = call(url, "POST", headers={
        "Authorization": f"Bearer {service.tenant['token']}"})
    assert status == 429 and headers["Retry-After"] == "5"
    expect_problem((status, json.loads(body)), 429, "too_many")

    def is_taken(_):
        return service.api(f"/identities/{one['id']}/checks", "POST") == (202, None)
    service.await_identity(one["id"], is_taken, "a check to be taken", 15)
    service.await_identity(one["id"], lambda i: i["last_checked_at"] != seen["last_checked_at"],
                           "another look")


def test_resubmitting_searches_again_for_the_same_records(service):
    one = service.add_sender("resubmit.com")
    status, again = service.api(f"/identities/{one['id']}/resubmit", "POST")
    assert status == 200 and set(again) == WHOLE and again["status"] == "PENDING"
    assert [r["value"] for r in again["records"]] == [r["value"] for r in one["records"]]


def test_events_are_told_newest_first(service):
    one = service.add_sender("events.com")
    service.api(f"/identities/{one['id']}/resubmit", "POST")
    status, answer = service.api(f"/identities/{one['id']}/events")
    events = answer["events"]
    assert status == 200 and events[-1]["kind"] == "identity.created"
    assert [event["id"] for event in events] == sorted((e["id"] for e in events), reverse=True)
    for event in events:
        assert set(event) == {"id", "at", "kind", "aspect", "from", "to"}
        assert re.fullmatch(TIME, event["at"])
    assert len(service.api(f"/identities/{one['id']}/events?limit=1")[1]["events"]) == 1


def test_codes_are_explained(service):
    status, code = service.api("/codes/U301")
    assert status == 200 and code["code"] == "U301"
    assert {"title", "meaning", "why", "how_we_know", "fix", "check_yourself",
            "see_also"} <= set(code)
    for none in ("U999", "", "U301%00", "%2e%2e"):
        assert service.api(f"/codes/{none}")[0] == 404


# who is asking


@pytest.mark.parametrize("method,path", CALLS)
def test_without_the_right_token_nothing_is_given(service, identity, method, path):
    url = f"{service.url}/api/v1{path.format(id=identity['id'])}"
    token = service.tenant["token"]
    for value in (None, "", "Bearer", "Bearer ", "Bearer x", f"Bearer {token}x",
                  f"Bearer {token[:-1]}", f"Basic {token}", token, "Bearer ' OR 1=1 --"):
        headers = {} if value is None else {"Authorization": value}
        status, answer, body = call(url, method, headers=headers)
        is_token = (value or "").startswith("Bearer") and value.strip() != "Bearer"
        challenge = 'Bearer error="invalid_token"' if is_token else "Bearer"
        assert status == 401 and answer["WWW-Authenticate"] == challenge
        expect_problem((status, json.loads(body)), 401, "unauthorized")
    assert service.api(f"/identities/{identity['id']}")[0] == 200


@pytest.mark.parametrize("method,path", CALLS[3:8])
def test_what_is_another_tenants_is_not_there(service, identity, stranger, method, path):
    others = service.api(path.format(id=identity["id"]), method, token=stranger)
    none = service.api(path.format(id="idn_999999"), method, token=stranger)
    assert expect_problem(others, 404, "not_found") == expect_problem(none, 404, "not_found")
    assert service.api("/identities", token=stranger) == (200, {"identities": [], "next": None})
    assert service.api(f"/identities/{identity['id']}")[0] == 200


@pytest.mark.parametrize("number", ["idn_0", "idn_-1", "idn_", "1", "idn_1x", "IDN_1", "idn_%31%20",
                                    "idn_99999999999999999999", "%00", "%zz", "..", "idn_1;"])
def test_ids_that_are_none_are_not_found(service, number):
    for method, path in CALLS[3:8]:
        assert service.api(path.format(id=number), method)[0] == 404


# paths, methods, headers


def test_unknown_paths_and_methods_are_told_apart(service):
    assert service.api("/nowhere")[1]["code"] == "no_such_path"
    status, headers, body = call(f"{service.url}/api/v1/identities", "PUT")
    assert (status, headers["Allow"]) == (405, "GET, HEAD, POST")
    expect_problem((status, json.loads(body)), 405, "method_not_allowed")


def test_every_answer_has_the_headers_that_guard_it(service):
    for path in ("/", "/api/v1/me", "/api/v1/nowhere", "/livez", "/v2/email/account", "/x.js"):
        _, headers, _ = call(service.url + path)
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert headers["Date"] and not any(h.startswith("Access-Control") for h in headers)
        id_name = "x-amzn-RequestId" if path.startswith("/v2/") else "X-Request-Id"
        assert re.fullmatch(UUID, headers[id_name])


def test_the_console_is_served_and_paths_without_a_dot_are_its_own(service):
    status, headers, page = call(service.url + "/")
    assert status == 200 and headers["Content-Type"] == "text/html; charset=utf-8"
    assert headers["Cache-Control"] == "no-cache"
    assert "require-trusted-types-for 'script'" in headers["Content-Security-Policy"]
    assert b"<script>" not in page and b"style=" not in page
    for path in ("/identities/idn_1", "/console/"):
        assert call(service.url + path)[2] == page
    for path in ("/nowhere.js", "/assets/none.css", "/../etc/passwd.txt", "/api/v2/x"):
        assert call(service.url + path)[0] == 404
    assert call(service.url + "/", headers={"If-None-Match": headers["ETag"]})[0] == 304
    for asset in re.findall(rb'(?:src|href)="(/[^"]+)"', page):
        status, headers, body = call(service.url + asset.decode())
        assert status == 200 and body
        if asset.startswith(b"/assets/"):
            assert "immutable" in headers["Cache-Control"]


def test_health_and_numbers_need_no_token(service):
    assert call(service.url + "/livez")[2] == b"ok\n"
    assert call(service.url + "/readyz")[2] == b"ok\n"
    status, headers, body = call(service.url + "/metrics")
    assert status == 200
    assert headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    text = body.decode()
    for line in text.splitlines():
        assert re.fullmatch(r'# (HELP|TYPE) \w+ .+|\w+(\{(\w+="[^"]*",?)+\})? [0-9.]+',
                            line), line
    assert re.search(r'^unpend_identities\{state="PENDING"\} [1-9]', text, re.M)
    assert "first.com" not in text and "demo" not in text


def test_head_gives_the_headers_alone(service):
    status, headers, body = call(service.url + "/livez", "HEAD")
    assert (status, body, headers["Content-Length"]) == (200, b"", "3")
