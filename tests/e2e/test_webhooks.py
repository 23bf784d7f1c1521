# SPDX-License-Identifier: GPL-3.0-or-later
"""Events reach whoever wants them: webhooks, the stream, the list, the command."""
import contextlib
import http.client
import json
import socket
import subprocess
import threading

import pytest

from product import BINARY, Service
from receiver import Receiver, answer, drip, flood, hang, make_certificate, reset
from world import namespace
from world.asking import await_truth

ALLOWED = {"allow_addresses": "127.0.0.0/8", "allow_http": "true", "ports": ""}


@pytest.fixture(scope="module")
def serve(world, tmp_path_factory):
    folder = str(tmp_path_factory.mktemp("webhooks"))
    certificate, key = make_certificate(folder, "ca")
    with Service(world, folder, webhook={**ALLOWED, "timeout_s": "1",
                                         "ca_file": certificate}) as one:
        one.tls = certificate, key
        # The first, for it is not looked at before keys have been made for those before it.
        one.first = one.add_sender("timeline.com")
        yield one


def add_webhook(serve, url, *kinds):
    status, hook = serve.api("/webhooks", "POST", {"url": url, "kinds": list(kinds)})
    assert status == 201, hook
    return hook


def ping(serve, hook):
    assert serve.api(f"/webhooks/{hook['id']}/test", "POST")[0] == 202


def deliveries(serve, hook):
    status, body = serve.api(f"/webhooks/{hook['id']}/deliveries")
    assert status == 200, body
    return body["deliveries"]


def await_delivery(serve, hook, condition):
    def looks_right():
        return next((one for one in deliveries(serve, hook) if condition(one)), None)
    return await_truth(looks_right, f"{deliveries(serve, hook)}\n{serve.read_log()}", 30)


def remove(serve, hook):
    assert serve.api(f"/webhooks/{hook['id']}", "DELETE")[0] == 204


def test_an_event_is_delivered_signed_with_both_secrets_while_they_overlap(serve):
    with Receiver() as receiver:
        hook = add_webhook(serve, receiver.url, "identity.created")
        assert "secret" not in serve.api(f"/webhooks/{hook['id']}")[1]
        identity = serve.add_sender("signed.com")
        first = receiver.await_received(1)[0]
        assert first.json["type"] == "identity.created"
        assert first.data["identity"] == identity["id"]
        assert first.data["domain"] == "signed.com"
        assert first.is_signed_by(hook["secret"])
        status, rotated = serve.api(f"/webhooks/{hook['id']}/rotate", "POST")
        assert status == 200 and rotated["secret"] != hook["secret"]
        serve.add_sender("rotated.com")
        second = receiver.await_received(2)[1]
        assert second.is_signed_by(hook["secret"]) and second.is_signed_by(rotated["secret"])
        assert second.data["seq"] > first.data["seq"]
        remove(serve, hook)


def test_over_tls_and_only_with_a_certificate_that_is_trusted(serve, tmp_path):
    with Receiver(tls=serve.tls) as receiver:
        hook = add_webhook(serve, receiver.url)
        ping(serve, hook)
        assert receiver.await_received(1)[0].json["type"] == "webhook.test"
        remove(serve, hook)
    with Receiver(tls=make_certificate(str(tmp_path), "other")) as receiver:
        hook = add_webhook(serve, receiver.url)
        ping(serve, hook)
        one = await_delivery(serve, hook, lambda one: one["tries"] > 0)
        assert one["state"] == "waiting" and "certificate" in one["last_reply"]
        assert receiver.received == []
        remove(serve, hook)


BAD = [
    (hang, 0, ""), (reset, 0, ""), (drip, 0, ""), (500, 500, ""), (404, 404, ""),
    (lambda h: answer(h, 301, Location="http://127.0.0.1:1/"), 301, ""),
    (lambda h: answer(h, 418, b"\x1b[31m<script>\x00" + b"y" * 1000), 418,
     "\\x1b[31m<script>\\x00"),
]


def test_what_is_not_taken_is_tried_again_with_the_same_id(serve):
    with contextlib.ExitStack() as stack:
        receivers = [stack.enter_context(Receiver(behave)) for behave, _, _ in BAD]
        hooks = [add_webhook(serve, receiver.url, "webhook.test") for receiver in receivers]
        for hook in hooks:
            ping(serve, hook)
        for (_, status, reply), receiver, hook in zip(BAD, receivers, hooks):
            failed = await_delivery(serve, hook, lambda one: one["tries"] > 0)
            assert failed["state"] == "waiting" and failed["last_status"] == status
            assert failed["last_reply"].startswith(reply) and len(failed["last_reply"]) < 400
            receiver.behave = 200
        for receiver, hook in zip(receivers, hooks):
            done = await_delivery(serve, hook, lambda one: one["state"] == "done")
            first, second = receiver.await_received(2)[:2]
            assert first.id == second.id == done["event"]["id"]
            assert done["tries"] == 2
            assert serve.api(f"/webhooks/{hook['id']}")[1]["failing_since"] is None
            remove(serve, hook)


def test_of_a_gigabyte_only_the_beginning_is_read(serve):
    with Receiver(flood) as receiver:
        hook = add_webhook(serve, receiver.url)
        ping(serve, hook)
        assert await_delivery(serve, hook, lambda one: one["state"] == "done")["tries"] == 1
        await_truth(lambda: receiver.server.flooded < 64 << 20, "it was cut off")
        remove(serve, hook)


def test_garbage_instead_of_tls_is_a_failure(serve):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        def answer_garbage():
            connection, _ = listening.accept()
            with connection:
                connection.recv(10)
                connection.sendall(b"\x16\x03\x03\xff\xff" + b"\x00" * 5000)
        threading.Thread(target=answer_garbage, daemon=True).start()
        hook = add_webhook(serve, f"https://127.0.0.1:{listening.getsockname()[1]}/")
        ping(serve, hook)
        assert await_delivery(serve, hook, lambda one: one["tries"] == 1)["last_status"] == 0
        remove(serve, hook)


def test_gone_disables_and_another_webhook_is_told(serve):
    with Receiver(410) as gone, Receiver() as watching:
        hook = add_webhook(serve, gone.url)
        other = add_webhook(serve, watching.url, "webhook.disabled")
        ping(serve, hook)
        told = watching.await_received(1)[0]
        assert told.data["detail"] == {"webhook": hook["id"], "why": "gone"}
        seen = serve.api(f"/webhooks/{hook['id']}")[1]
        assert seen["enabled"] is False and seen["disabled_why"] == "gone"
        assert serve.api(f"/webhooks/{hook['id']}/test", "POST")[0] == 409
        gone.behave = 200
        serve.add_sender("missed.com")
        assert serve.api(f"/webhooks/{hook['id']}", "PATCH", {"enabled": True})[0] == 200
        status, replayed = serve.api(f"/webhooks/{hook['id']}/replay", "POST",
                                     {"since": seen["created_at"]})
        assert status == 202 and replayed["count"] >= 2
        kinds = [one.json["type"] for one in gone.await_received(1 + replayed["count"])]
        assert "identity.created" in kinds
        remove(serve, hook)
        remove(serve, other)


def test_who_is_asked_for_time_gets_it(serve):
    with Receiver(lambda h: answer(h, 429, Retry_After="3600")) as receiver:
        hook = add_webhook(serve, receiver.url, "identity.created")
        serve.add_sender("slow1.com")
        await_delivery(serve, hook, lambda one: one["tries"] == 1)
        serve.add_sender("slow2.com")
        waiting = await_delivery(serve, hook, lambda one: one["tries"] == 1)
        assert waiting["next_try_at"] > waiting["created_at"][:11] and waiting["state"] == "waiting"
        assert serve.api(f"/webhooks/{hook['id']}/deliveries/{waiting['id']}/replay",
                         "POST")[0] == 202
        receiver.behave = 200
        remove(serve, hook)


def test_a_slow_webhook_holds_nobody_else(serve):
    with Receiver(hang) as slow, Receiver() as quick:
        bad = add_webhook(serve, slow.url, "identity.created")
        good = add_webhook(serve, quick.url, "identity.created")
        for number in range(12):
            serve.add_sender(f"many{number}.com")
        domains = {one.data["domain"] for one in quick.await_received(12)}
        assert domains == {f"many{number}.com" for number in range(12)}
        assert len(slow.received) < 12
        remove(serve, bad)
        remove(serve, good)


def test_what_was_sent_but_not_noted_is_sent_again_with_the_same_id(world, tmp_path):
    with Service(world, str(tmp_path), webhook={**ALLOWED, "timeout_s": "3"}) as serve:
        with Receiver(hang) as receiver:
            add_webhook(serve, receiver.url, "identity.created")
            serve.add_sender("crash.com")
            receiver.await_received(1)
            serve.kill()
            receiver.behave = 200
            serve.start()
            first, second = receiver.await_received(2, patience_s=50)[:2]
            assert first.id == second.id and first.body == second.body


@pytest.fixture(scope="module")
def strict(world, tmp_path_factory):
    """As it comes: nothing special is allowed."""
    with Service(world, str(tmp_path_factory.mktemp("strict"))) as one:
        yield one


@pytest.mark.parametrize("url", [
    "http://127.0.0.1/", "https://[::1]/", "https://169.254.169.254/latest/meta-data/",
    "https://localhost/", "https://0x7f.1/", "https://2130706433/", "file:///etc/passwd",
    "https://user@hooks.shop.com/", "https://hooks.shop.com:22/", "http://hooks.shop.com/",
    "https://[::ffff:10.0.0.1]/", "https://hooks.shop.com/#x"])
def test_urls_that_lead_inside_are_refused(strict, url):
    status, problem = strict.api("/webhooks", "POST", {"url": url})
    assert status == 400, problem


def test_a_tenants_webhooks_are_his_alone(serve):
    other = serve.add_tenant("other")["token"]
    hook = add_webhook(serve, "http://127.0.0.1:9/")
    assert serve.api("/webhooks", token=other)[1]["webhooks"] == []
    for method, path in [("GET", ""), ("DELETE", ""), ("POST", "/test"), ("POST", "/rotate"),
                         ("GET", "/deliveries")]:
        assert serve.api(f"/webhooks/{hook['id']}{path}", method, token=other)[0] == 404
    remove(serve, hook)


# the list, the stream, the command

def open_stream(serve, after=None, token=None):
    connection = http.client.HTTPConnection("127.0.0.1", serve.port, timeout=20)
    connection.request("GET", "/api/v1/events/stream", headers={
        "Authorization": f"Bearer {token or serve.tenant['token']}",
        **({"Last-Event-ID": str(after)} if after is not None else {})})
    return connection, connection.getresponse()


def read_events(stream, count):
    events, fields = [], {}
    while len(events) < count:
        line = stream.readline().decode().rstrip("\n")
        if line:
            name, _, value = line.partition(": ")
            fields[name] = value
        elif "data" in fields:
            events.append(fields)
            fields = {}
    return events


def test_the_stream_tells_and_goes_on_where_it_was(serve):
    connection, stream = open_stream(serve)
    assert stream.status == 200 and stream.getheader("content-type") == "text/event-stream"
    serve.add_sender("stream1.com")
    first = read_events(stream, 1)[0]
    assert first["event"] == "identity.created"
    assert json.loads(first["data"])["domain"] == "stream1.com"
    connection.close()
    serve.add_sender("stream2.com")
    serve.add_sender("stream3.com")
    connection, stream = open_stream(serve, first["id"])
    created = [json.loads(event["data"])["domain"] for event in read_events(stream, 2)]
    assert created == ["stream2.com", "stream3.com"]
    connection.close()


def test_the_stream_of_a_token_that_was_revoked_tells_nothing_more(serve):
    made = serve.api("/tokens", "POST", {"name": "reader", "scopes": ["events:read"]})[1]
    connection, stream = open_stream(serve, token=made["token"])
    serve.add_sender("revoked1.com")
    assert json.loads(read_events(stream, 1)[0]["data"])["domain"] == "revoked1.com"
    assert serve.api(f"/tokens/{made['id']}", "DELETE")[0] == 204
    serve.add_sender("revoked2.com")
    for line in stream:             # to its end
        assert not line.startswith(b"event"), line
    connection.close()


def test_the_list_goes_on_where_it_was(serve):
    seen, path = [], "/events?limit=3"
    serve.add_sender("list1.com")
    while path:
        status, page = serve.api(path)
        assert status == 200
        seen += page["events"]
        path = page["next"] and f"/events?limit=3&cursor={page['next']}"
    assert [event["seq"] for event in seen] == list(range(1, len(seen) + 1))
    assert len({event["id"] for event in seen}) == len(seen)
    after = seen[-2]["seq"]
    assert [e["id"] for e in serve.api(f"/events?after={after}")[1]["events"]] == \
        [seen[-1]["id"]]


def test_the_timeline_has_events_newest_first(serve):
    path = f"/identities/{serve.first['id']}/timeline"

    def looked_at():
        status, body = serve.api(path)
        assert status == 200, body
        return body if any(item["kind"] == "look" for item in body["items"]) else None
    body = await_truth(looked_at, "it was looked at", 30)
    kinds = [item["kind"] for item in body["items"]]
    assert "event" in kinds
    look = next(item for item in body["items"] if item["kind"] == "look")
    assert look["detail"]["perspectives"][0]["name"] == "here"
    moments = [item["at"] for item in body["items"]]
    assert moments == sorted(moments, reverse=True)
    pieces, cursor = [], ""
    while cursor is not None:
        _, page = serve.api(f"{path}?limit=1&cursor={cursor}")
        pieces += page["items"]
        cursor = page["next"]
    assert [item["id"] for item in pieces][-len(body["items"]):] == \
        [item["id"] for item in body["items"]]


def follow(serve, *words):
    return subprocess.Popen([BINARY, "events", "tail", *words, "--config", serve.config],
                            stdout=subprocess.PIPE, text=True, cwd=serve.folder,
                            preexec_fn=namespace.die_with_parent)


def test_the_command_follows_and_goes_on_where_it_was(serve):
    serve.add_sender("tail1.com")
    listed = serve.run("events", "list", "--tenant", "demo", "--config", serve.config)
    before = [json.loads(line) for line in listed.text.splitlines()]
    assert [event["seq"] for event in before] == list(range(1, len(before) + 1))
    assert before[-1]["tenant"] == "demo"
    last = next(e["seq"] for e in reversed(before) if e["domain"] == "tail1.com")
    with follow(serve, "--tenant", "demo", "--since", str(last - 1)) as tail:
        seen = [json.loads(tail.stdout.readline())]
        assert seen[0]["seq"] == last and seen[0]["domain"] == "tail1.com"
        for number in range(2, 6):
            serve.add_sender(f"tail{number}.com")
        while seen[-1]["domain"] != "tail5.com":
            seen.append(json.loads(tail.stdout.readline()))
        tail.terminate()
    assert [event["seq"] for event in seen] == list(range(last, seen[-1]["seq"] + 1))
    one = serve.run("events", "list", "--identity", "TAIL3.com", "--config", serve.config)
    assert {json.loads(line)["domain"] for line in one.text.splitlines()} == {"tail3.com"}


def test_the_command_ends_when_nobody_reads(serve):
    tail = follow(serve)
    tail.stdout.close()
    assert tail.wait(20) == 0


def test_the_command_wants_to_know_whose_number_it_is(serve):
    done = serve.run("events", "tail", "--since", "5", "--config", serve.config)
    assert done.exit_code == 2 and b"--tenant" in done.err
    done = serve.run("events", "list", "--tenant", "nobody", "--config", serve.config)
    assert done.exit_code != 0
