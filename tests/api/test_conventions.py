# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds for all calls of the native API: the same thing asked twice, conditions, lists,
and how often one may ask."""
import json

import pytest

from product import call
from world.asking import await_truth


def send(service, method, path, body=None, token=None, **headers):
    """Status, headers and decoded body."""
    status, answer, data = call(f"{service.url}/api/v1{path}", method, body, {
        "Authorization": f"Bearer {token or service.tenant['token']}",
        **{name.replace("_", "-"): value for name, value in headers.items()}})
    return status, answer, json.loads(data) if data else None


# Idempotency-Key


@pytest.mark.parametrize("path,body", [
    ("/tokens", {"name": "twice"}), ("/identities", {"sender": "a@twice.com"})])
def test_the_same_asked_twice_is_done_once_and_answered_twice(service, path, body):
    key = f"key of {path}"
    first = send(service, "POST", path, body, Idempotency_Key=key)
    again = send(service, "POST", path, body, Idempotency_Key=f'"{key}"')
    assert first[0] == again[0] == 201 and first[2] == again[2]
    assert again[1]["Location"] == first[1]["Location"]
    assert (first[1]["Idempotency-Replayed"], again[1]["Idempotency-Replayed"]) == (None, "true")


def test_a_key_is_good_for_one_request(service):
    assert send(service, "POST", "/tokens", {"name": "one"}, Idempotency_Key="k1")[0] == 201
    status, _, problem = send(service, "POST", "/tokens", {"name": "two"}, Idempotency_Key="k1")
    assert (status, problem["code"]) == (422, "idempotency_key_reused")
    status, _, problem = send(service, "POST", "/identities", {"name": "one"},
                              Idempotency_Key="k1")
    assert status == 422


def test_a_key_is_its_tokens_own(service):
    other = send(service, "POST", "/tokens", {"name": "other"})[2]["token"]
    first = send(service, "POST", "/tokens", {"name": "own"}, Idempotency_Key="k2")
    second = send(service, "POST", "/tokens", {"name": "own"}, other, Idempotency_Key="k2")
    assert first[0] == second[0] == 201 and first[2]["id"] != second[2]["id"]


def test_what_was_refused_may_be_asked_again_under_its_key(service):
    for _ in range(2):
        assert send(service, "POST", "/tokens", {"name": ""}, Idempotency_Key="k3")[0] == 400
    assert send(service, "POST", "/tokens", {"name": "good"}, Idempotency_Key="k3")[0] == 201


@pytest.mark.parametrize("key", ["", '""', "x" * 256, "a\tb"])
def test_keys_that_are_none_are_refused(service, key):
    status, _, problem = send(service, "POST", "/tokens", {"name": "x"}, Idempotency_Key=key)
    assert (status, problem["code"]) == (400, "bad_request")


# conditions


def test_a_change_fits_what_was_read_or_is_not_made(service):
    one = service.add_sender("fits.com")
    path = f"/identities/{one['id']}"
    service.await_identity(one["id"], lambda i: i["last_checked_at"], "a look")
    status, headers, _ = send(service, "GET", path)
    for wrong in ('"x"', f"W/{headers['ETag']}", '"1-2-3-en"'):
        for method, body in (("PATCH", {"ownership": True}), ("DELETE", None)):
            status, _, problem = send(service, method, path, body, If_Match=wrong)
            assert (status, problem["code"]) == (412, "changed")
    assert "ownership" not in service.get_identity(one["id"])["aspects"]
    etag = send(service, "GET", path)[1]["ETag"]
    status, after, body = send(service, "PATCH", path, {"ownership": True}, If_Match=f'"x", {etag}')
    assert status == 200 and body["aspects"]["ownership"] == "PENDING" and after["ETag"] != etag
    assert send(service, "DELETE", path, If_Match=etag)[0] == 412
    assert send(service, "DELETE", path, If_Match="*")[0] == 204


def test_mail_from_is_changed_and_taken_back(service):
    one = service.add_sender("bounces.com")
    path = f"/identities/{one['id']}"
    wanted = {"domain": "mail.bounces.com", "reject": True}
    status, _, body = send(service, "PATCH", path, {"mail_from": wanted})
    assert status == 200 and body["mail_from"] == wanted
    assert body["aspects"]["mail_from"] == "PENDING"
    assert {"MX", "TXT"} <= {r["type"] for r in body["records"] if "mail" in r["name"]["fqdn"]}
    for bad in ({"domain": "other.com"}, {"domain": "bounces.com"}, {"domain": 5}, {}, "x",
                {"domain": "mail.bounces.com", "reject": "yes"}):
        assert send(service, "PATCH", path, {"mail_from": bad})[0] == 400, bad
    assert service.get_identity(one["id"])["mail_from"] == wanted
    status, _, body = send(service, "PATCH", path, {"mail_from": None})
    assert status == 200 and body["mail_from"] is None and "mail_from" not in body["aspects"]


# lists


def test_a_list_is_filtered(service):
    token = service.add_tenant("filters")["token"]
    names = ["alpha.com", "beta.com", "alphabet.net"]
    for name in names:
        assert send(service, "POST", "/identities", {"sender": name}, token)[0] == 201

    def find(query):
        found, cursor = [], ""
        while cursor is not None:
            status, _, page = send(service, "GET", f"/identities?limit=1&cursor={cursor}&{query}",
                                   token=token)
            assert status == 200, page
            found += [one["domain"] for one in page["identities"]]
            cursor = page["next"]
        return found

    assert find("query=ALPHA") == ["alpha.com", "alphabet.net"]
    assert find("query=.com&status=PENDING") == ["alpha.com", "beta.com"]
    assert find("status=SUCCESS") == [] and find("query=%2F") == []
    for query in ("status=pending", "status=", "verdict=bad", "query=" + "x" * 300):
        assert send(service, "GET", f"/identities?{query}", token=token)[0] == 400, query


def test_a_cursor_goes_on_with_its_own_list_only(service):
    for name in ("one.cursors.com", "two.cursors.com"):
        service.add_sender(name)
    path = "/identities?limit=1&query=cursors"
    cursor = send(service, "GET", path)[2]["next"]
    assert cursor and send(service, "GET", f"{path}&cursor={cursor}")[0] == 200
    for other in ("/identities?limit=1", "/identities?limit=1&query=cursor",
                  path + "&status=PENDING"):
        assert send(service, "GET", f"{other}&cursor={cursor}")[0] == 400


def test_a_cursor_of_one_identity_is_none_of_another(service):
    one, other = (service.add_sender(f"{name}.bound.com")["id"] for name in ("one", "other"))
    lists = ["/events?limit=1", f"/events?limit=1&identity={one}",
             f"/events?limit=1&identity={other}"]
    timelines = [f"/identities/{identity}/timeline?limit=1" for identity in (one, other)]
    service.api(f"/identities/{one}/resubmit", "POST")
    for paths in (lists, timelines):
        await_truth(lambda: send(service, "GET", paths[0])[2]["next"], "more than one")
        cursor = send(service, "GET", paths[0])[2]["next"]
        assert send(service, "GET", f"{paths[0]}&cursor={cursor}")[0] == 200
        for path in paths[1:]:
            assert send(service, "GET", f"{path}&cursor={cursor}")[0] == 400


def test_records_come_in_the_forms_of_the_shell(service):
    one = service.add_sender("forms.com")
    path = f"/identities/{one['id']}/records"
    assert send(service, "GET", path)[2]["records"] == one["records"]
    for form, word in (("zone", "IN"), ("terraform-route53", "aws_route53_record"),
                       ("csv", ",")):
        status, headers, body = call(f"{service.url}/api/v1{path}?as={form}", headers={
            "Authorization": f"Bearer {service.tenant['token']}"})
        assert (status, headers["Content-Type"]) == (200, "text/plain; charset=utf-8"), form
        assert word in body.decode()
        for record in one["records"]:
            assert record["value"].partition(".")[0] in body.decode()
    assert send(service, "GET", f"{path}?as=nothing")[0] == 400
    assert send(service, "GET", f"{path}?as=cards&names=none")[0] == 400


def test_checks_are_listed_and_one_is_shown(service):
    one = service.add_sender("looks.com")
    service.await_identity(one["id"], lambda i: i["last_checked_at"], "a look")
    checks = send(service, "GET", f"/identities/{one['id']}/checks")[2]["checks"]
    assert checks and checks[-1]["verdict"] == "undetermined"
    status, _, check = send(service, "GET", f"/identities/{one['id']}/checks/{checks[0]['id']}")
    assert status == 200 and check == checks[0]
    other = service.add_sender("lookless.com")
    assert send(service, "GET",
                f"/identities/{other['id']}/checks/{checks[0]['id']}")[0] == 404


def test_a_page_that_is_open_has_its_identity_watched(service):
    one = service.add_sender("open.com")
    assert send(service, "POST", f"/identities/{one['id']}/watch")[0] == 204


# how often


def test_who_asks_too_often_is_told_when_to_come_again(narrow):
    token = narrow.add_tenant("eager")["token"]
    answers = [send(narrow, "GET", "/me", token=token) for _ in range(30)]
    statuses = [status for status, _, _ in answers]
    assert statuses[:10] == [200] * 10 and 429 in statuses
    _, headers, _ = answers[0]
    assert headers["RateLimit-Policy"] == '"token";q=10;w=10'
    assert headers["RateLimit"] == '"token";r=9;t=1'
    _, headers, problem = answers[statuses.index(429)]
    assert problem["code"] == "too_many" and int(headers["Retry-After"]) == 1
    assert send(narrow, "GET", "/me", token=narrow.add_tenant("calm")["token"])[0] == 200


def test_guessing_is_slow_and_does_not_lock_out_who_knows(narrow):
    guesses = [send(narrow, "GET", "/me", token="unp_live_guess")[0] for _ in range(30)]
    assert guesses[0] == 401 and 429 in guesses
    assert call(f"{narrow.url}/api/v1/shared/{'a' * 26}")[0] in (404, 429)
    assert send(narrow, "GET", "/me", token=narrow.add_tenant("knowing")["token"])[0] == 200
    assert call(narrow.url + "/livez")[0] == 200
