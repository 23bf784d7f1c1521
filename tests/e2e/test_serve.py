# SPDX-License-Identifier: GPL-3.0-or-later
"""The main job: a domain goes from added to verified, and mail held meanwhile arrives."""
import json
import os
import re
import signal
import socket
import time

import botocore.auth
import botocore.awsrequest
import botocore.config
import botocore.credentials
import botocore.exceptions
import boto3
import pytest

from mailhost import RECIPIENT, MailHost
from product import BINARY, Service, call, find_tokens, first_codes
from world import plan
from world.asking import await_truth

YOUNG_S = 30        # records appeared to SUCCESS, while the identity is young


@pytest.fixture(scope="module")
def serve(world, tmp_path_factory):
    """One service for the tests that leave each other alone."""
    with Service(world, str(tmp_path_factory.mktemp("serve"))) as one:
        yield one


@pytest.fixture(scope="module")
def mailhost():
    with MailHost() as host:
        yield host


@pytest.fixture
def holding(world, tmp_path, mailhost):
    """A service that holds mail until the sender is verified, and relays to Postfix."""
    with Service(world, str(tmp_path), send={"until_verified": "hold"},
                 relay={"url": f"smtp://127.0.0.1:{mailhost.port}"}) as one:
        yield one


def ses(service, key=None, secret=None, region="us-east-1"):
    """boto3's SES v2 client."""
    return boto3.client(
        "sesv2", endpoint_url=service.url, region_name=region,
        aws_access_key_id=key or service.tenant["access_key_id"],
        aws_secret_access_key=secret or service.tenant["secret_access_key"],
        config=botocore.config.Config(retries={"max_attempts": 0}))


def publish_dkim(service, domain, tokens, operator="goodhost"):
    """What the customer does: three CNAMEs."""
    lines = [f"{token}._domainkey CNAME {token}.{service.key_zone}." for token in tokens]
    if domain in service.world.zones:
        service.world.publish(domain, lines)
    else:
        service.world.zone(domain, operator, lines)


def await_ses_status(client, domain, status, patience_s=YOUNG_S + 10):
    """Poll the SES API until DKIM has this status; gives the identity."""
    def has_status():
        identity = client.get_email_identity(EmailIdentity=domain)
        return identity if identity["DkimAttributes"]["Status"] == status else None
    return await_truth(has_status, f"{domain} to be {status}", patience_s)


def simple_mail(sender, subject, body="Hello,\nthis is news.\n"):
    return {"FromEmailAddress": sender, "Destination": {"ToAddresses": [RECIPIENT]},
            "Content": {"Simple": {"Subject": {"Data": subject},
                                   "Body": {"Text": {"Data": body}}}}}


# the story


def test_the_aws_cli_creates_the_records_appear_and_nobody_clicks(service, world):
    world.zone("acme.com", "nsdhost", ["www A 192.0.2.99"])
    code, created, complaint = service.aws("create-email-identity", "--email-identity", "acme.com")
    assert code == 0, complaint
    attributes = created["DkimAttributes"]
    assert created["IdentityType"] == "DOMAIN"
    assert created["VerifiedForSendingStatus"] is False
    assert attributes["Status"] == "NOT_STARTED"
    assert attributes["SigningAttributesOrigin"] == "AWS_SES"
    tokens = attributes["Tokens"]
    assert len(set(tokens)) == 3
    assert all(re.fullmatch("[a-z2-7]{32}", token) for token in tokens)

    _, pending, _ = service.aws("get-email-identity", "--email-identity", "acme.com")
    assert pending["DkimAttributes"]["Status"] == "PENDING"
    assert pending["DkimAttributes"]["Tokens"] == tokens

    client = ses(service)
    await_ses_status(client, "acme.com", "PENDING")
    publish_dkim(service, "acme.com", tokens)
    published = time.monotonic()
    await_ses_status(client, "acme.com", "SUCCESS")
    assert time.monotonic() - published < YOUNG_S

    code, verified, complaint = service.aws("get-email-identity", "--email-identity", "acme.com")
    assert code == 0, complaint
    assert verified["VerifiedForSendingStatus"] is True
    assert verified["VerificationStatus"] == "SUCCESS"
    _, listed, _ = service.aws("list-email-identities")
    assert [(row["IdentityName"], row["SendingEnabled"]) for row in listed["EmailIdentities"]] == \
        [("acme.com", True)]
    # The keys behind the CNAMEs are in the DNS: 2048 bits and more are some 390 characters.
    for token in tokens:
        values = world.resolve(f"{token}._domainkey.acme.com", "TXT")
        assert len(values) == 1 and "p=" in values[0] and len(values[0]) > 390

    # What the AWS CLI prints is what check takes, as it comes; newer ones print the zone too.
    verified["DkimAttributes"].setdefault("SigningHostedZone", service.key_zone)
    done = service.check("acme.com", "--json", expect=verified)
    assert done.exit_code == 0, done.text
    code, _, complaint = service.aws("delete-email-identity", "--email-identity", "acme.com")
    assert code == 0, complaint
    code, _, complaint = service.aws("get-email-identity", "--email-identity", "acme.com")
    assert code != 0 and "NotFoundException" in complaint


def test_mail_held_meanwhile_arrives_in_order_and_signed(holding, world, mailhost):
    client = ses(holding)
    before = len(mailhost.read_all())
    world.zone("held.com", "goodhost", [])
    tokens = client.create_email_identity(EmailIdentity="held.com")["DkimAttributes"]["Tokens"]
    ids = [client.send_email(**simple_mail("News <news@held.com>", f"held {number}"))["MessageId"]
           for number in range(5)]
    assert len(set(ids)) == 5
    assert holding.find_identity("held.com")["held_messages"] == 5
    publish_dkim(holding, "held.com", tokens)
    await_ses_status(client, "held.com", "SUCCESS")
    assert holding.find_identity("held.com")["held_messages"] == 0
    mails = mailhost.await_mails(before + 5)[before:]
    assert mailhost.in_order(mail.message["Subject"] for mail in mails) == \
        [f"held {n}" for n in range(5)]
    for mail in mails:
        assert mail.is_signed(world), mail.raw.decode()
        assert mail.signature["d"] == "held.com"
        assert mail.signature["s"] in tokens
        assert mail.signature["a"] == "rsa-sha256"
        assert mail.signature["c"] == "relaxed/relaxed"
        assert "l" not in mail.signature
        assert mail.message["From"] == "News <news@held.com>"
        assert mail.message["To"] == RECIPIENT

    # From now on nothing is held.
    raw = (f"From: news@held.com\r\nTo: {RECIPIENT}\r\nSubject: raw\r\n"
           "\r\nA line.\r\n.\r\nA dot before this one.\r\n")
    client.send_email(Content={"Raw": {"Data": raw.encode()}},
                      Destination={"ToAddresses": [RECIPIENT]})
    mail = mailhost.await_mails(before + 6)[-1]
    assert mail.message["Subject"] == "raw" and b"\n.\n" in mail.raw.replace(b"\r", b"")
    assert mail.is_signed(world)


def test_nothing_leaves_before_its_key_is_in_the_dns(world, tmp_path, mailhost):
    """The reload of the key zone fails for a while; a signature without a key is worth nothing."""
    allowed, script = tmp_path / "allowed", tmp_path / "reload"
    with Service(world, str(tmp_path), send={"until_verified": "hold"},
                 keys={"reload": str(script)},
                 relay={"url": f"smtp://127.0.0.1:{mailhost.port}"}) as one:
        pass            # it has a tenant and a key zone now
    reload = world.key_settings(one.key_zone)["reload"]
    script.write_text(f"#!/bin/sh\ntest -e {allowed} && exec {reload}\n")
    script.chmod(0o755)
    before = len(mailhost.read_all())
    one.start()
    try:
        client = ses(one)
        tokens = client.create_email_identity(
            EmailIdentity="keyless.com")["DkimAttributes"]["Tokens"]
        publish_dkim(one, "keyless.com", tokens)
        client.send_email(**simple_mail("news@keyless.com", "keyless"))
        await_truth(lambda: "the key zone was not published" in one.read_log(), "the complaint")
        assert len(mailhost.read_all()) == before
        allowed.touch()
        mail = mailhost.await_mails(before + 1, patience_s=90)[before]
        assert mail.message["Subject"] == "keyless" and mail.is_signed(world)
    finally:
        one.stop()


def test_a_sender_of_somebody_else_is_refused(holding):
    other = holding.add_tenant("other")
    client, stranger = ses(holding), ses(holding, other["access_key_id"],
                                         other["secret_access_key"])
    client.create_email_identity(EmailIdentity="mine.com")
    for sender in ("news@mine.com", "news@nobodys.com"):
        refusal = expect_error("MessageRejected", stranger.send_email,
                               **simple_mail(sender, "stolen"))
        assert refusal["Message"] == (
            "Email address is not verified. The following identities failed the check in region "
            f"US-EAST-1: {sender}")
    raw = f"From: news@mine.com\r\nTo: {RECIPIENT}\r\nSubject: x\r\n\r\nx\r\n"
    expect_error("MessageRejected", stranger.send_email, FromEmailAddress="me@nobodys.com",
                 Content={"Raw": {"Data": raw.encode()}},
                 Destination={"ToAddresses": [RECIPIENT]})
    expect_error("NotFoundException", stranger.get_email_identity, EmailIdentity="mine.com")


def test_without_hold_an_unverified_sender_is_refused_as_ses_refuses_it(serve):
    client = ses(serve)
    client.create_email_identity(EmailIdentity="unverified.com")
    refusal = expect_error("MessageRejected", client.send_email,
                           **simple_mail("news@unverified.com", "too early"))
    assert refusal["Message"] == ("Email address is not verified. The following identities failed "
                                  "the check in region US-EAST-1: news@unverified.com")


# nothing is lost


def test_kill_9_of_serve_and_of_a_probe_loses_nothing(holding, world, mailhost):
    client = ses(holding)
    before = len(mailhost.read_all())
    world.zone("crash.com", "goodhost", [])
    tokens = client.create_email_identity(EmailIdentity="crash.com")["DkimAttributes"]["Tokens"]
    for number in range(10):
        client.send_email(**simple_mail("news@crash.com", f"crash {number}"))
        if number == 4:
            holding.kill()
            holding.start()
    holding.kill()
    publish_dkim(holding, "crash.com", tokens)
    holding.start()
    probes = holding.find_probes()
    assert probes
    for pid in probes:
        os.kill(pid, signal.SIGKILL)
    identity = await_ses_status(client, "crash.com", "SUCCESS")
    assert identity["DkimAttributes"]["Tokens"] == tokens
    mails = mailhost.await_mails(before + 10)[before:]
    subjects = [mail.message["Subject"] for mail in mails]
    # Once each: a copy more is allowed for what was on its way when the power went.
    assert mailhost.in_order(dict.fromkeys(subjects)) == [f"crash {n}" for n in range(10)]
    assert len(subjects) <= 11
    assert all(mail.is_signed(world) for mail in mails)
    assert set(holding.find_probes()).isdisjoint(probes) and holding.find_probes()


def test_kill_9_while_mail_is_being_released_loses_nothing(holding, world, mailhost):
    client = ses(holding)
    before = len(mailhost.read_all())
    world.zone("release.com", "goodhost", [])
    tokens = client.create_email_identity(EmailIdentity="release.com")["DkimAttributes"]["Tokens"]
    count = 40
    for number in range(count):
        client.send_email(**simple_mail("news@release.com", f"release {number}"))
    publish_dkim(holding, "release.com", tokens)
    mailhost.await_mails(before + 1, patience_s=YOUNG_S + 10)
    holding.kill()
    holding.start()

    def all_there():
        subjects = [mail.message["Subject"] for mail in mailhost.read_all()[before:]]
        return subjects if len(set(subjects)) == count else None
    subjects = await_truth(all_there, "every message to arrive", 30)
    assert len(subjects) <= count + 1


def test_a_probe_that_is_killed_again_and_again_is_started_again(service, world):
    identity = service.add_sender("probed.com")
    world.zone("probed.com", "goodhost", [])
    for _ in range(3):
        probes = await_truth(service.find_probes, "a probe process")
        for pid in probes:
            os.kill(pid, signal.SIGKILL)
        service.api(f"/identities/{identity['id']}/checks", "POST")
    publish_dkim(service, "probed.com", find_tokens(identity))
    service.await_status(identity["id"], "SUCCESS")


def test_a_probe_holds_no_secrets_and_no_store(service):
    for pid in await_truth(service.find_probes, "a probe process"):
        opened = [os.readlink(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd")]
        assert not any("unpend.db" in path or "secret.key" in path for path in opened), opened
        with open(f"/proc/{pid}/environ", "rb") as file:
            assert service.tenant["secret_access_key"].encode() not in file.read()


def test_a_stolen_database_gives_no_secret_away(serve):
    client = ses(serve)
    client.create_email_identity(EmailIdentity="stolen.com")
    data = b""
    for name in os.listdir(serve.folder):
        if name.startswith("unpend.db"):
            with open(os.path.join(serve.folder, name), "rb") as file:
                data += file.read()
    assert b"stolen.com" in data
    assert serve.tenant["secret_access_key"].encode() not in data
    assert serve.tenant["token"].encode() not in data
    assert b"PRIVATE KEY" not in data


# errors are SES's


def expect_error(code, function, **arguments):
    """The error that boto3 raises; gives its Error member."""
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        function(**arguments)
    assert caught.value.response["Error"]["Code"] == code, caught.value
    return {**caught.value.response["Error"],
            "Status": caught.value.response["ResponseMetadata"]["HTTPStatusCode"]}


def test_wrong_signatures_get_the_errors_of_ses(serve):
    wrong = expect_error("InvalidSignatureException",
                         ses(serve, secret="x" * 40).list_email_identities)
    assert wrong["Status"] == 403
    assert wrong["Message"].startswith("The request signature we calculated does not match")
    unknown = expect_error("UnrecognizedClientException",
                           ses(serve, key="AKIAIOSFODNN7EXAMPLE").list_email_identities)
    assert (unknown["Status"], unknown["Message"]) == \
        (403, "The security token included in the request is invalid.")
    region = expect_error("InvalidSignatureException",
                          ses(serve, region="eu-west-1").list_email_identities)
    assert "eu-west-1" in region["Message"]
    status, headers, body = call(serve.url + "/v2/email/identities")
    assert status == 403
    assert headers["x-amzn-ErrorType"].startswith("MissingAuthenticationTokenException")
    assert "message" in json.loads(body)


@pytest.mark.parametrize("offset_s,text", [(-3600, "Signature expired"),
                                           (3600, "Signature not yet current")])
def test_a_clock_that_is_off_is_told_so(serve, monkeypatch, offset_s, text):
    real = botocore.auth.datetime.datetime

    class Shifted(real):
        @classmethod
        def utcnow(cls):
            return real.utcnow() + botocore.auth.datetime.timedelta(seconds=offset_s)

    client = ses(serve)
    monkeypatch.setattr(botocore.auth.datetime, "datetime", Shifted)
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        client.list_email_identities()
    assert caught.value.response["Error"]["Code"] == "InvalidSignatureException"
    assert caught.value.response["Error"]["Message"].startswith(text)


def test_the_zone_of_the_keys_is_told(serve):
    """Newer clients read SigningHostedZone; Debian's drop what they do not know."""
    ses(serve).create_email_identity(EmailIdentity="hosted.com")
    url = serve.url + "/v2/email/identities/hosted.com"
    request = botocore.awsrequest.AWSRequest("GET", url)
    botocore.auth.SigV4Auth(botocore.credentials.Credentials(
        serve.tenant["access_key_id"], serve.tenant["secret_access_key"]),
        "ses", "us-east-1").add_auth(request)
    status, _, body = call(url, headers=dict(request.headers))
    assert status == 200
    assert json.loads(body)["DkimAttributes"]["SigningHostedZone"] == serve.key_zone


def test_what_does_not_exist_and_what_exists_already(serve):
    client = ses(serve)
    assert expect_error("NotFoundException", client.get_email_identity,
                        EmailIdentity="unknown.com")["Status"] == 404
    gone = expect_error("NotFoundException", client.delete_email_identity,
                        EmailIdentity="unknown.com")
    assert gone["Message"] == "Email identity unknown.com does not exist."
    client.create_email_identity(EmailIdentity="twice.com")
    twice = expect_error("AlreadyExistsException", client.create_email_identity,
                         EmailIdentity="twice.com")
    assert (twice["Status"], twice["Message"]) == (400, "Email identity twice.com already exist.")


@pytest.mark.parametrize("name", ["not a domain", "-x.com", "x..com", "a" * 64 + ".com", "com",
                                  "co.jp", "192.0.2.1", ".", "localhost"])
def test_bad_names_are_refused(serve, name):
    refusal = expect_error("BadRequestException", ses(serve).create_email_identity,
                           EmailIdentity=name)
    assert refusal["Status"] == 400


def test_listing_goes_in_pages(serve, tmp_path_factory):
    tenant = serve.add_tenant("lister")
    client = ses(serve, tenant["access_key_id"], tenant["secret_access_key"])
    names = [f"page{number}.com" for number in range(7)]
    for name in names:
        client.create_email_identity(EmailIdentity=name)
    found, token = [], {}
    for _ in range(10):
        page = client.list_email_identities(PageSize=3, **token)
        assert len(page["EmailIdentities"]) <= 3
        found += [row["IdentityName"] for row in page["EmailIdentities"]]
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert sorted(found) == names


def test_the_same_domain_of_two_tenants_has_tokens_of_its_own_each(serve):
    other = serve.add_tenant("second")
    tokens = [ses(serve, tenant["access_key_id"], tenant["secret_access_key"])
              .create_email_identity(EmailIdentity="shared.com")["DkimAttributes"]["Tokens"]
              for tenant in (serve.tenant, other)]
    assert not set(tokens[0]) & set(tokens[1])


# the native API


def test_the_native_api_tells_what_is_wrong_and_checks_at_will(serve, world):
    identity = serve.add_sender("news@native.com")
    assert identity["status"] == "PENDING" and identity["senders"] == ["news@native.com"]
    tokens = find_tokens(identity)
    world.zone("native.com", "nsdhost", [f'{token}._domainkey TXT "{token}.{serve.key_zone}"'
                                         for token in tokens])
    found = serve.await_identity(
        identity["id"], lambda one: first_codes(one) == ["U304"], "U304")
    assert found["verdict"] == "action_required" and found["status"] == "PENDING"
    assert {r["state"] for r in found["records"] if r["purpose"] == "dkim"} == {"wrong"}
    assert found["findings"][0]["fix"]
    publish_dkim(serve, "native.com", tokens)
    await_truth(lambda: serve.api(f"/identities/{identity['id']}/checks", "POST")[0] == 202,
                "a check")
    verified = serve.await_status(identity["id"], "SUCCESS")
    assert verified["may_send"] is True and first_codes(verified) == []
    events = serve.api(f"/identities/{identity['id']}/events")[1]["events"]
    assert {"identity.created", "identity.verified"} <= {event["kind"] for event in events}
    assert [event["id"] for event in events] == sorted((e["id"] for e in events), reverse=True)


def test_a_domain_is_added_once_and_senders_gather_under_it(serve):
    first = serve.add_sender("a@gather.com")
    second = serve.add_sender("b@gather.com")
    assert first["id"] == second["id"]
    assert sorted(second["senders"]) == ["a@gather.com", "b@gather.com"]


def test_resubmit_keeps_the_tokens(serve):
    identity = serve.add_sender("again.com")
    status, again = serve.api(f"/identities/{identity['id']}/resubmit", "POST")
    assert status == 200
    assert find_tokens(again) == find_tokens(identity)
    assert again["status"] == "PENDING"


def test_a_search_that_is_over_has_failed_and_resubmit_finds(world, tmp_path):
    with Service(world, str(tmp_path), lifecycle={"search_s": 3, "mode": "ses"}) as one:
        world.zone("late.com", "goodhost", [])
        identity = one.add_sender("late.com")
        failed = one.await_status(identity["id"], "FAILED")
        assert failed["may_send"] is False and failed["next_check_at"] is None
        publish_dkim(one, "late.com", find_tokens(identity))
        status, again = one.api(f"/identities/{identity['id']}/resubmit", "POST")
        assert (status, again["status"]) == (200, "PENDING")
        verified = one.await_status(identity["id"], "SUCCESS")
        assert find_tokens(verified) == find_tokens(identity)


def test_what_failed_is_looked_at_on_and_verified_without_resubmitting(world, tmp_path):
    with Service(world, str(tmp_path), lifecycle={"search_s": 3}) as one:
        world.zone("later.com", "goodhost", [])
        identity = one.add_sender("later.com")
        failed = one.await_status(identity["id"], "FAILED")
        assert failed["may_send"] is False and failed["next_check_at"] is not None
        publish_dkim(one, "later.com", find_tokens(identity))
        await_truth(lambda: one.api(f"/identities/{identity['id']}/checks", "POST")[0] == 202,
                    "a check")
        verified = one.await_status(identity["id"], "SUCCESS")
        assert find_tokens(verified) == find_tokens(identity)


def test_a_repaired_delegation_is_noticed_though_delegations_are_cached(serve, world):
    identity = serve.add_sender("moved.com")
    world.zone("moved.com", "lamehost")
    serve.await_identity(identity["id"], lambda one: one["verdict"] not in (None, "ok"), "a look")
    world.zone("moved.com", "goodhost", [f"{token}._domainkey CNAME {token}.{serve.key_zone}."
                                         for token in find_tokens(identity)])
    serve.await_status(identity["id"], "SUCCESS")


def test_a_later_look_asks_the_zone_and_nobody_above_it(world, tmp_path):
    """Our own questions; the validator asks its own way."""
    above = {address for name in (*plan.ROOT_HOSTS, *plan.REGISTRY_HOSTS)
             for address in plan.HOSTS[name].addresses}
    with Service(world, str(tmp_path), dns={"probes": 1, "trust_anchor": ""}) as one:
        identity = one.add_sender("steady.com")
        world.zone("steady.com", "nsdhost", [])
        publish_dkim(one, "steady.com", find_tokens(identity))
        one.await_status(identity["id"], "SUCCESS")
        mark = world.mark()
        await_truth(lambda: one.api(f"/identities/{identity['id']}/checks", "POST")[0] == 202,
                    "a check that is not too early")
        await_truth(lambda: any(q.name == "steady.com." for q in world.questions(mark)), "a look")
        one.await_identity(identity["id"], lambda now: now["verdict"] == "ok", "the report")
        asked = [q for q in world.questions(mark) if q.name.endswith("steady.com.")]
    assert [q for q in asked if q.address in above] == []
    assert 0 < len(asked) <= 40


def test_what_others_own_is_not_found(serve):
    identity = serve.add_sender("private.com")
    other = serve.add_tenant("curious")
    for path, method in (("", "GET"), ("", "DELETE"), ("/checks", "POST"), ("/resubmit", "POST"),
                         ("/events", "GET")):
        status, problem = serve.api(f"/identities/{identity['id']}{path}", method,
                                    token=other["token"])
        assert status == 404, (path, problem)
    assert serve.api("/identities", token=other["token"])[1]["identities"] == []


def test_problems_are_problem_documents(serve):
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic eDp5"}):
        status, answer, body = call(serve.url + "/api/v1/identities", headers=headers)
        assert status == 401
        assert answer["Content-Type"].startswith("application/problem+json")
        assert {"type", "title", "status"} <= set(json.loads(body))
    for body in ({}, {"sender": 5}, {"sender": "no domain"}, {"sender": "a@com"}):
        status, problem = serve.api("/identities", "POST", body)
        assert status in (400, 422) and problem["status"] == status, problem
    assert serve.api("/identities/idn_999999")[0] == 404
    assert serve.api("/nowhere")[0] == 404


def test_an_etag_saves_the_body(serve):
    identity = serve.add_sender("etag.com")
    url = f"{serve.url}/api/v1/identities/{identity['id']}"
    authorization = {"Authorization": f"Bearer {serve.tenant['token']}"}

    def is_unchanged():
        status, headers, _ = call(url, headers=authorization)
        again, _, body = call(url, headers={**authorization, "If-None-Match": headers["ETag"]})
        return (status, again, body) == (200, 304, b"")
    await_truth(is_unchanged, "two calls without a look between them")


def test_health_and_metrics_need_no_token(serve):
    assert call(serve.url + "/livez")[0] == 200
    assert call(serve.url + "/readyz")[0] == 200
    status, headers, body = call(serve.url + "/metrics")
    assert status == 200 and headers["Content-Type"].startswith("text/plain")
    assert re.search(rb"^unpend_[a-z_]+(\{[^}]*\})? [0-9.e+]+$", body, re.M)
    status, _, body = call(serve.url + "/api/v1/openapi.json")
    assert status == 200 and json.loads(body)["openapi"].startswith("3.1")


def test_a_socket_handed_over_as_systemd_does_is_taken(world, tmp_path):
    one = Service(world, str(tmp_path), http={"listen": "127.0.0.1:1"})
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", one.port))
        listener.listen(64)
        one.start("/bin/bash", "-c", f'LISTEN_FDS=1 LISTEN_PID=$$ exec "$@" 3<&{listener.fileno()}',
                  "serve", BINARY, "serve", "--config", one.config, pass_fds=[listener.fileno()])
        one.stop()


def test_the_store_and_the_secret_key_are_for_the_owner_alone(serve):
    for name in ("unpend.db", "secret.key"):
        assert os.stat(os.path.join(serve.folder, name)).st_mode & 0o077 == 0, name


def test_what_is_deleted_is_gone_and_its_tokens_are_not_used_again(serve, world):
    client = ses(serve)
    first = client.create_email_identity(EmailIdentity="reborn.com")["DkimAttributes"]["Tokens"]
    client.delete_email_identity(EmailIdentity="reborn.com")
    second = client.create_email_identity(EmailIdentity="reborn.com")["DkimAttributes"]["Tokens"]
    assert not set(first) & set(second)


def test_silence_takes_no_status_away(service, world):
    identity = service.add_sender("silent.com")
    world.zone("silent.com", "bindhost", [])
    publish_dkim(service, "silent.com", find_tokens(identity))
    service.await_status(identity["id"], "SUCCESS")
    before = service.get_identity(identity["id"])["last_checked_at"]
    world.pause("bindhost")

    def was_looked_at():
        service.api(f"/identities/{identity['id']}/checks", "POST")
        return service.get_identity(identity["id"])["last_checked_at"] != before
    try:
        await_truth(was_looked_at, "another look", 40)
        after = service.get_identity(identity["id"])
    finally:
        world.resume("bindhost")
    assert (after["status"], after["verdict"]) == ("SUCCESS", "undetermined")


def test_what_only_caches_lack_is_verified_and_counts_as_right(serve, world):
    identity = serve.add_sender("denied.com")
    tokens = find_tokens(identity)
    world.zone("denied.com", "nsdhost", [])
    for token in tokens:
        assert world.resolve(f"{token}._domainkey.denied.com", "CNAME") == []
    publish_dkim(serve, "denied.com", tokens)
    verified = serve.await_status(identity["id"], "SUCCESS")
    assert verified["verdict"] == "waiting"
    assert {r["state"] for r in verified["records"] if r["required"]} == {"waiting"}
    assert verified["headline"] == "denied.com is verified: 3 of 3 records match"
    assert verified["one_cache"] is False


def test_where_outbound_dns_is_closed_one_cache_is_asked_instead(world, tmp_path):
    forward = "203.0.113.53"
    with Service(world, str(tmp_path), dns={"forward": forward}) as one:
        identity = one.add_sender("cached.com")
        world.zone("cached.com", "goodhost", [])
        publish_dkim(one, "cached.com", find_tokens(identity))
        world.flush_resolvers()
        mark = world.mark()
        one.api(f"/identities/{identity['id']}/checks", "POST")
        verified = one.await_status(identity["id"], "SUCCESS")
        seen = [view for record in verified["records"] for view in record["observed"]]
        asked = {q.address for q in world.questions(mark) if q.name.endswith("cached.com.")}
    assert verified["one_cache"] is True
    assert {(view["kind"], view["address"]) for view in seen} == {("forward", forward)}
    assert asked == {forward}
