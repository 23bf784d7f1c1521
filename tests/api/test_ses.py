#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""SES v2 as Debian's unmodified AWS CLI and boto3 see it: shapes, order of checks, texts."""
import base64
import concurrent.futures
import contextlib
import json
import re
import time
import urllib.error
import urllib.request

import boto3
import botocore.auth
import botocore.awsrequest
import botocore.config
import botocore.credentials
import botocore.exceptions
import pytest

from product import call

REJECTED = ("Email address is not verified. The following identities failed the check in region "
            "US-EAST-1: ")
VALUE_AT = "Value at '%s' failed to satisfy constraint: %s"


def make_client(service, tenant=None, **more):
    tenant = tenant or service.tenant
    settings = {"retries": {"max_attempts": 0}, "parameter_validation": False}
    return boto3.client(
        "sesv2", endpoint_url=service.url, region_name=more.get("region", "us-east-1"),
        aws_access_key_id=more.get("key", tenant["access_key_id"]),
        aws_secret_access_key=more.get("secret", tenant["secret_access_key"]),
        aws_session_token=more.get("session"), config=botocore.config.Config(**settings))


@pytest.fixture(scope="module")
def client(service):
    return make_client(service)


def expect_error(code, status, message, function, **arguments):
    """boto3 raises this; message None: not looked at."""
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        function(**arguments)
    response = caught.value.response
    got = (response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"])
    assert got == (code, status), response
    assert message is None or response["Error"]["Message"] == message
    assert response["ResponseMetadata"]["RequestId"]


def send_signed(service, method, path, body):
    """Signed well, but whatever the body: status, error type, and body as JSON."""
    tenant = service.tenant
    headers = {"Content-Type": "application/json"}
    request = botocore.awsrequest.AWSRequest(method=method, url=service.url + path, data=body,
                                             headers=headers)
    credentials = botocore.credentials.Credentials(tenant["access_key_id"],
                                                   tenant["secret_access_key"])
    botocore.auth.SigV4Auth(credentials, "ses", "us-east-1").add_auth(request)
    wire = urllib.request.Request(service.url + path, data=body, method=method,
                                  headers=dict(request.headers))
    try:
        with urllib.request.urlopen(wire, timeout=20) as answer:
            return answer.status, answer.headers["x-amzn-ErrorType"], json.load(answer)
    except urllib.error.HTTPError as failure:
        with failure:
            return failure.code, failure.headers["x-amzn-ErrorType"], json.load(failure)


# identities


def test_create_answers_as_ses_does(service):
    before = time.time()
    code, made, complaint = service.aws("create-email-identity", "--email-identity", "Cli.COM")
    assert code == 0, complaint
    dkim = made["DkimAttributes"]
    assert (made["IdentityType"], made["VerifiedForSendingStatus"]) == ("DOMAIN", False)
    assert set(made) == {"IdentityType", "VerifiedForSendingStatus", "DkimAttributes"}
    assert (dkim["SigningEnabled"], dkim["Status"], dkim["SigningAttributesOrigin"]) == \
        (True, "NOT_STARTED", "AWS_SES")
    assert dkim["NextSigningKeyLength"] == dkim["CurrentSigningKeyLength"] == "RSA_2048_BIT"
    assert len(dkim["Tokens"]) == 3
    assert all(re.fullmatch("[a-z2-7]{32}", token) for token in dkim["Tokens"])
    client = make_client(service)
    one = client.get_email_identity(EmailIdentity="cli.com")
    assert one["DkimAttributes"]["Tokens"] == dkim["Tokens"]
    stamp = one["DkimAttributes"]["LastKeyGenerationTimestamp"].timestamp()
    assert before - 2 <= stamp <= time.time() + 1


def test_the_first_read_says_pending_with_every_member_in_its_place(service, client):
    client.create_email_identity(EmailIdentity="read.com")
    status, _, one = send_signed(service, "GET", "/v2/email/identities/read.com", b"")
    assert status == 200
    dkim, info = one.pop("DkimAttributes"), one.pop("VerificationInfo")
    assert one == {
        "IdentityType": "DOMAIN", "FeedbackForwardingStatus": True,
        "VerifiedForSendingStatus": False,
        "MailFromAttributes": {"BehaviorOnMxFailure": "USE_DEFAULT_VALUE"}, "Policies": {},
        "Tags": [], "VerificationStatus": "PENDING"}
    assert dkim["Status"] == "PENDING" and dkim["SigningHostedZone"] == "dkim.mailer.example"
    assert set(info) <= {"LastCheckedTimestamp", "ErrorType"}
    assert isinstance(dkim["LastKeyGenerationTimestamp"], float)


def test_names_are_found_however_they_are_written(client):
    client.create_email_identity(EmailIdentity="Written.com.")
    for name in ("written.com", "WRITTEN.com", "written.com."):
        assert client.get_email_identity(EmailIdentity=name)["IdentityType"] == "DOMAIN"


def test_what_does_not_exist_is_not_found(client):
    text = "Email identity none.com does not exist."
    expect_error("NotFoundException", 404, text, client.get_email_identity,
                 EmailIdentity="none.com")
    expect_error("NotFoundException", 404, text, client.delete_email_identity,
                 EmailIdentity="none.com")
    expect_error("NotFoundException", 404, text,
                 client.put_email_identity_dkim_signing_attributes, EmailIdentity="none.com",
                 SigningAttributesOrigin="AWS_SES")
    expect_error("NotFoundException", 404, "Email identity a+b@none.com does not exist.",
                 client.get_email_identity, EmailIdentity="a+b@none.com")


def test_what_exists_already_is_said_so(client):
    client.create_email_identity(EmailIdentity="twice.com")
    expect_error("AlreadyExistsException", 400, "Email identity twice.com already exist.",
                 client.create_email_identity, EmailIdentity="twice.com")


def test_of_many_at_once_one_creates(service):
    def create(_):
        try:
            make_client(service).create_email_identity(EmailIdentity="race.com")
            return "made"
        except botocore.exceptions.ClientError as error:
            return error.response["Error"]["Code"]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        got = sorted(pool.map(create, range(8)))
    assert got == ["AlreadyExistsException"] * 7 + ["made"]


def test_delete_answers_with_an_empty_object(service, client):
    client.create_email_identity(EmailIdentity="gone.com")
    assert send_signed(service, "DELETE", "/v2/email/identities/gone.com", b"") == (200, None, {})
    expect_error("NotFoundException", 404, None, client.get_email_identity,
                 EmailIdentity="gone.com")


def test_putting_the_same_signing_attributes_searches_again(client):
    made = client.create_email_identity(EmailIdentity="again.com")["DkimAttributes"]
    again = client.put_email_identity_dkim_signing_attributes(
        EmailIdentity="again.com", SigningAttributesOrigin="AWS_SES",
        SigningAttributes={"NextSigningKeyLength": "RSA_2048_BIT"})
    assert (again["DkimStatus"], again["DkimTokens"]) == ("PENDING", made["Tokens"])
    expect_error("BadRequestException", 400, "The EmailIdentity value must be a valid domain.",
                 client.put_email_identity_dkim_signing_attributes, EmailIdentity="a@again.com",
                 SigningAttributesOrigin="AWS_SES")


def test_tenants_do_not_see_each_other(service, client):
    other = make_client(service, service.add_tenant("other"))
    mine = client.create_email_identity(EmailIdentity="mine.com")["DkimAttributes"]["Tokens"]
    assert other.list_email_identities()["EmailIdentities"] == []
    for function in (other.get_email_identity, other.delete_email_identity):
        expect_error("NotFoundException", 404, None, function, EmailIdentity="mine.com")
    theirs = other.create_email_identity(EmailIdentity="mine.com")["DkimAttributes"]["Tokens"]
    assert not set(mine) & set(theirs)


def test_listing_goes_in_pages_and_tokens_cannot_be_forged(service):
    tenant = service.add_tenant("lister")
    client = make_client(service, tenant)
    names = [f"list{number}.com" for number in range(7)]
    for name in names:
        client.create_email_identity(EmailIdentity=name)
    whole = client.list_email_identities()
    assert "NextToken" not in whole
    # Debian's boto3 drops members that its model does not know.
    wanted = {"IdentityType": "DOMAIN", "IdentityName": "list0.com", "SendingEnabled": False,
              "VerificationStatus": "PENDING"}
    assert whole["EmailIdentities"][0].items() <= wanted.items()
    assert len(whole["EmailIdentities"][0]) >= 3
    page = client.list_email_identities(PageSize=3)
    found = page["EmailIdentities"]
    token = page["NextToken"]
    while "NextToken" in page:
        page = client.list_email_identities(PageSize=3, NextToken=page["NextToken"])
        found += page["EmailIdentities"]
    assert [one["IdentityName"] for one in found] == names
    expect_error("BadRequestException", 400, None, make_client(service).list_email_identities,
                 NextToken=token)
    for forged in ("x", token[:-1] + "0", token + "61", "0" * 80):
        expect_error("BadRequestException", 400, None, client.list_email_identities,
                     NextToken=forged)
    for size in (-1, 1001, "x"):
        expect_error("BadRequestException", 400, None, client.list_email_identities,
                     PageSize=size)


def test_the_account_has_no_quota(client):
    account = client.get_account()
    assert account["SendingEnabled"] and account["ProductionAccessEnabled"]
    assert account["SendQuota"]["Max24HourSend"] == -1


# the order of checks: types, constraints, service


@pytest.mark.parametrize("body,message", [
    (b"", None), (b"  ", None), (b'{"EmailIdentity": 5}',
                                 "NUMBER_VALUE can not be converted to a String"),
    (b'{"EmailIdentity": ["a.com"]}', "Start of list found where not expected"),
    (b'{"EmailIdentity": true}', "TRUE_VALUE can not be converted to a String"),
    (b'{"Tags": "x"}', "Expected list or null"),
    (b'{"EmailIdentity": null, "Tags": [5]}', "Expected structure or null"),
    (b'{"DkimSigningAttributes": {"NextSigningKeyLength": 1}}',
     "NUMBER_VALUE can not be converted to a String")])
def test_types_come_first(service, body, message):
    assert send_signed(service, "POST", "/v2/email/identities", body) == \
        (400, "SerializationException", {"message": message})


@pytest.mark.parametrize("body", [b"{", b"[]", b"{} x", b'{"EmailIdentity": "a.com", '
                                  b'"EmailIdentity": "b.com"}', b'{"EmailIdentity": "\xff"}'])
def test_what_is_no_json_object_is_refused(service, body):
    status, kind, answer = send_signed(service, "POST", "/v2/email/identities", body)
    assert (status, kind) == (400, "SerializationException") and answer["message"]


@pytest.mark.parametrize("arguments,violations", [
    ({}, [("emailIdentity", "Member must not be null")]),
    ({"EmailIdentity": None}, [("emailIdentity", "Member must not be null")]),
    ({"EmailIdentity": ""},
     [("emailIdentity", "Member must have length greater than or equal to 1")]),
    ({"DkimSigningAttributes": {"NextSigningKeyLength": "RSA_512_BIT"}},
     [("emailIdentity", "Member must not be null"),
      ("dkimSigningAttributes.nextSigningKeyLength",
       "Member must satisfy enum value set: [RSA_1024_BIT, RSA_2048_BIT]")])])
def test_constraints_come_second_all_at_once(service, arguments, violations):
    status, kind, answer = send_signed(service, "POST", "/v2/email/identities",
                                       json.dumps(arguments).encode())
    errors = "error" if len(violations) == 1 else "errors"
    assert (status, kind) == (400, "BadRequestException")
    assert answer["message"] == f"{len(violations)} validation {errors} detected: " + \
        "; ".join(VALUE_AT % one for one in violations)


@pytest.mark.parametrize("arguments", [
    {"EmailIdentity": "news@customer.com"}, {"EmailIdentity": "com"}, {"EmailIdentity": "co.uk"},
    {"EmailIdentity": "not a domain"}, {"EmailIdentity": "192.0.2.1"}, {"EmailIdentity": "."},
    {"EmailIdentity": "x.com", "Tags": [{"Key": "a", "Value": "b"}]},
    {"EmailIdentity": "x.com", "DkimSigningAttributes": {"NextSigningKeyLength": "RSA_1024_BIT"}},
    {"EmailIdentity": "x.com", "DkimSigningAttributes": {
        "DomainSigningSelector": "s", "DomainSigningPrivateKey": "aaaa"}}])
def test_what_is_not_offered_is_refused_in_words_and_nothing_is_made(client, arguments):
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        client.create_email_identity(**arguments)
    assert caught.value.response["Error"]["Code"] == "BadRequestException"
    assert len(caught.value.response["Error"]["Message"]) > 15
    names = [one["IdentityName"] for one in client.list_email_identities()["EmailIdentities"]]
    assert arguments["EmailIdentity"] not in names


def test_an_unknown_configuration_set_leaves_nothing_behind(client):
    expect_error("NotFoundException", 404, "Configuration set <none> does not exist.",
                 client.create_email_identity, EmailIdentity="set.com",
                 ConfigurationSetName="none")
    expect_error("NotFoundException", 404, None, client.get_email_identity,
                 EmailIdentity="set.com")


# who is asking


def test_wrong_keys_get_the_errors_of_ses(service):
    mismatch = ("The request signature we calculated does not match the signature you provided. "
                "Check your AWS Secret Access Key and signing method. Consult the service "
                "documentation for details.")
    invalid = "The security token included in the request is invalid."
    for more, code, message in (
            ({"secret": "x" * 40}, "InvalidSignatureException", mismatch),
            ({"key": "AKIAIOSFODNN7EXAMPLE"}, "UnrecognizedClientException", invalid),
            ({"session": "FwoGZXIvYXdzE"}, "UnrecognizedClientException", invalid),
            ({"region": "eu-west-1"}, "InvalidSignatureException",
             "Credential should be scoped to a valid region, not 'eu-west-1'.")):
        expect_error(code, 403, message, make_client(service, **more).list_email_identities)


@pytest.mark.parametrize("method,path", [
    ("GET", "identities"), ("POST", "identities"), ("GET", "identities/mine.com"),
    ("DELETE", "identities/mine.com"), ("PUT", "identities/mine.com/dkim/signing"),
    ("GET", "account"), ("POST", "outbound-emails")])
def test_without_a_signature_nothing_is_given(service, method, path):
    url = f"{service.url}/v2/email/{path}"
    for value, kind in ((None, "MissingAuthenticationTokenException"),
                        (f"Bearer {service.tenant['token']}", "IncompleteSignatureException"),
                        ("AWS4-HMAC-SHA256 Credential=x", "IncompleteSignatureException")):
        headers = {} if value is None else {"Authorization": value}
        status, answer, body = call(url, method, headers=headers)
        assert (status, answer["x-amzn-ErrorType"]) == (403, kind)
        assert json.loads(body)["message"] and answer["x-amzn-RequestId"]


def test_unknown_operations_are_said_to_be_so(service):
    status, headers, _ = call(f"{service.url}/v2/email/templates")
    assert (status, headers["x-amzn-ErrorType"]) == (404, "UnknownOperationException")
    status, headers, _ = call(f"{service.url}/v2/email/identities", "PATCH")
    assert (status, headers["x-amzn-ErrorType"]) == (405, "UnknownOperationException")
    assert headers["Allow"] == "POST, GET, HEAD"


# sending


def make_simple(sender="news@held.com", **more):
    return {"FromEmailAddress": sender, "Destination": {"ToAddresses": ["one@there.com"]},
            "Content": {"Simple": {"Subject": {"Data": "Grüße"},
                                   "Body": {"Text": {"Data": "Hello."}}}}, **more}


@pytest.fixture(scope="module")
def holder(holding):
    one = make_client(holding)
    one.create_email_identity(EmailIdentity="held.com")
    return one


def test_accepted_mail_gets_an_id_of_the_form_of_ses(holder):
    answer = holder.send_email(**make_simple())
    assert re.fullmatch("0100[0-9a-f]{12}-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}-000000",
                        answer["MessageId"])
    raw = b"From: news@held.com\r\nTo: one@there.com\r\nSubject: x\r\n\r\nx\r\n"
    assert holder.send_email(Content={"Raw": {"Data": raw}})["MessageId"]


def test_a_message_of_nearly_ten_mib_is_taken(holder):
    raw = b"From: news@held.com\r\nTo: one@there.com\r\n\r\n" + (b"x" * 76 + b"\r\n") * 130_000
    assert holder.send_email(Content={"Raw": {"Data": raw}})["MessageId"]
    expect_error("BadRequestException", 400, None, holder.send_email,
                 Content={"Raw": {"Data": raw + b"y" * 400_000}})


def test_mail_from_what_is_not_verified_is_refused_as_ses_does(service, client):
    client.create_email_identity(EmailIdentity="refused.com")
    for sender in ("news@refused.com", "news@unknown.com"):
        expect_error("MessageRejected", 400, REJECTED + sender, client.send_email,
                     **make_simple(sender))


@pytest.mark.parametrize("change,message", [
    ({"Content": {}}, None),
    ({"Content": {"Template": {"TemplateName": "x"}}}, None),
    ({"FromEmailAddress": "no address"}, None),
    ({"FromEmailAddress": "a@held.com\r\nBcc: x@y.com"}, None),
    ({"Destination": {}}, "There are no recipients specified"),
    ({"Destination": {"ToAddresses": ["one@there.com"] * 51}}, "Recipient count exceeds 50."),
    ({"Destination": {"ToAddresses": ["nobody"]}}, None),
    ({"ListManagementOptions": {"ContactListName": "x"}}, None),
    ({"FromEmailAddressIdentityArn": "arn:aws:ses:us-east-1:1:identity/x.com"}, None)])
def test_mail_that_is_not_whole_is_refused_in_words(holder, change, message):
    expect_error("BadRequestException", 400, message, holder.send_email,
                 **{**make_simple(), **change})


def test_simple_mail_without_a_sender_gets_the_null_of_ses(holding, holder):
    body = make_simple()
    del body["FromEmailAddress"]
    assert send_signed(holding, "POST", "/v2/email/outbound-emails", json.dumps(body).encode()) == \
        (400, "BadRequestException", {"message": None})


def test_raw_mail_without_a_from_is_told_what_lacks(holder):
    expect_error("BadRequestException", 400, "Missing required header 'From'.", holder.send_email,
                 Content={"Raw": {"Data": b"Subject: x\r\n\r\nx\r\n"}},
                 Destination={"ToAddresses": ["one@there.com"]})


@pytest.mark.parametrize("content,path,constraint", [
    (None, "content", "Member must not be null"),
    ({"Simple": {"Body": {}}}, "content.simple.subject", "Member must not be null"),
    ({"Simple": {"Subject": {"Data": "x"}}}, "content.simple.body", "Member must not be null"),
    ({"Simple": {"Subject": {}, "Body": {}}}, "content.simple.subject.data",
     "Member must not be null"),
    ({"Raw": {}}, "content.raw.data", "Member must not be null"),
    ({"Simple": {"Subject": {"Data": "x"}, "Body": {}, "Headers": [{"Name": "a b", "Value": "x"}]}},
     "content.simple.headers.1.member.name",
     "Member must satisfy regular expression pattern: ^[!-9;-@A-~]+$"),
    ({"Simple": {"Subject": {"Data": "x"}, "Body": {},
                 "Headers": [{"Name": "X-A", "Value": "x"}] * 16}},
     "content.simple.headers", "Member must have length less than or equal to 15")])
def test_constraints_of_content_are_told(holding, holder, content, path, constraint):
    body = json.dumps({"FromEmailAddress": "a@held.com", "Content": content}).encode()
    status, kind, answer = send_signed(holding, "POST", "/v2/email/outbound-emails", body)
    assert (status, kind) == (400, "BadRequestException")
    assert answer["message"] == "1 validation error detected: " + VALUE_AT % (path, constraint)


def test_bytes_that_are_no_base64_are_refused(holding, holder):
    body = json.dumps({"Content": {"Raw": {"Data": "***"}}}).encode()
    status, kind, _ = send_signed(holding, "POST", "/v2/email/outbound-emails", body)
    assert (status, kind) == (400, "SerializationException")


def test_only_so_much_mail_waits(holding):
    tenant = holding.add_tenant("waiter")
    client = make_client(holding, tenant)
    client.create_email_identity(EmailIdentity="waits.com")
    for _ in range(20):
        client.send_email(**make_simple("a@waits.com"))
    expect_error("LimitExceededException", 400, None, client.send_email,
                 **make_simple("a@waits.com"))


def test_the_cli_sends_too(holding, holder):
    message = base64.b64encode(b"From: n@held.com\r\nTo: one@there.com\r\n\r\nx\r\n").decode()
    code, answer, complaint = holding.aws(
        "send-email", "--content", json.dumps({"Raw": {"Data": message}}))
    assert code == 0 and answer["MessageId"], complaint


# MAIL FROM


def test_mail_from_attributes_are_put_shown_and_taken_back(service, client):
    client.create_email_identity(EmailIdentity="bounced.com")

    def put(**attributes):
        client.put_email_identity_mail_from_attributes(EmailIdentity="bounced.com", **attributes)
        return client.get_email_identity(EmailIdentity="bounced.com")["MailFromAttributes"]

    assert put() == {"BehaviorOnMxFailure": "USE_DEFAULT_VALUE"}
    assert put(MailFromDomain="Mail.bounced.com", BehaviorOnMxFailure="REJECT_MESSAGE") == {
        "MailFromDomain": "mail.bounced.com", "MailFromDomainStatus": "PENDING",
        "BehaviorOnMxFailure": "REJECT_MESSAGE"}
    assert put(MailFromDomain="mail.bounced.com")["BehaviorOnMxFailure"] == "USE_DEFAULT_VALUE"
    assert service.aws("put-email-identity-mail-from-attributes", "--email-identity",
                       "bounced.com")[0] == 0
    shown = client.get_email_identity(EmailIdentity="bounced.com")["MailFromAttributes"]
    assert shown == {"BehaviorOnMxFailure": "USE_DEFAULT_VALUE"}


@pytest.mark.parametrize("identity,domain,words", [
    ("placed.com", "placed.com", "Provided MAIL-FROM domain <placed.com> is not subdomain of the "
     "domain of the identity <placed.com>."),
    ("placed.com", "mail.other.com", "is not subdomain of the domain of the identity"),
    ("placed.com", "bounce", "is not subdomain of the domain of the identity"),
    ("nowhere.com", "mail.nowhere.com", "Identity <nowhere.com> does not exist.")])
def test_mail_from_domains_elsewhere_are_refused_in_the_words_of_ses(client, identity, domain,
                                                                     words):
    with contextlib.suppress(client.exceptions.AlreadyExistsException):
        client.create_email_identity(EmailIdentity="placed.com")
    with pytest.raises(client.exceptions.BadRequestException) as refused:
        client.put_email_identity_mail_from_attributes(EmailIdentity=identity,
                                                       MailFromDomain=domain)
    assert words in refused.value.response["Error"]["Message"]
