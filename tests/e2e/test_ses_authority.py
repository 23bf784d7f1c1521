# SPDX-License-Identifier: GPL-3.0-or-later
"""Amazon SES decides: another unpend plays it, ours creates, polls, resubmits, and explains."""
import os

import pytest

from product import Service


@pytest.fixture
def amazon(world, tmp_path):
    """The unpend that plays Amazon SES; it hosts the keys."""
    os.mkdir(tmp_path / "amazon")
    with Service(world, str(tmp_path / "amazon")) as one:
        yield one


@pytest.fixture
def platform(world, tmp_path, amazon):
    """The unpend under test, which has an account at `amazon` and hosts no keys itself."""
    folder = tmp_path / "platform"
    os.mkdir(folder)
    secret = folder / "aws-secret"
    secret.write_text(amazon.tenant["secret_access_key"] + "\n")
    secret.chmod(0o600)
    with Service(world, str(folder), keys={"zone_file": None, "reload": None},
                 authority={"kind": "ses", "endpoint": amazon.url,
                            "access_key_id": amazon.tenant["access_key_id"],
                            "secret_access_key_file": str(secret)}) as one:
        yield one


def await_records(platform, sender):
    identity = platform.add_sender(sender)
    return platform.await_identity(identity["id"], lambda one: len(one["records"]) >= 3,
                                   "the records that SES asks for")


def test_an_identity_is_created_there_and_its_success_is_ours(platform, amazon, world):
    world.zone("relayed.com", "goodhost", [])
    identity = await_records(platform, "news@relayed.com")
    theirs = amazon.find_identity("relayed.com")
    assert theirs is not None
    wanted = {(r["name"]["fqdn"], r["value"]) for r in theirs["records"] if r["type"] == "CNAME"}
    assert {(r["name"]["fqdn"], r["value"]) for r in identity["records"]
            if r["type"] == "CNAME"} == wanted
    world.publish("relayed.com", [f"{name}. CNAME {value}." for name, value in wanted])
    verified = platform.await_status(identity["id"], "SUCCESS", patience_s=60)
    assert verified["ses_status"] == "SUCCESS"
    assert amazon.find_identity("relayed.com")["status"] == "SUCCESS"


def test_while_it_is_pending_there_our_own_look_says_why(platform, world):
    world.zone("stuck.com", "goodhost", [])
    identity = await_records(platform, "stuck.com")
    values = [r["value"] for r in identity["records"] if r["type"] == "CNAME"]
    world.publish("stuck.com", [
        f"{value.split('.')[0]}._domainkey.stuck.com CNAME {value}." for value in values])
    found = platform.await_identity(
        identity["id"], lambda one: [f["code"] for f in one["findings"]][:1] == ["U201"], "U201")
    assert found["status"] == "PENDING" and found["ses_status"] == "PENDING"


def test_what_amazon_has_already_is_taken_over(platform, amazon, world):
    theirs = amazon.add_sender("already.com")
    world.zone("already.com", "goodhost", [
        f"{r['name']['fqdn']}. CNAME {r['value']}." for r in theirs["records"]
        if r["type"] == "CNAME"])
    amazon.await_status(theirs["id"], "SUCCESS")
    identity = await_records(platform, "already.com")
    platform.await_status(identity["id"], "SUCCESS", patience_s=60)


def test_an_amazon_that_is_away_loses_nothing(platform, amazon, world):
    identity = await_records(platform, "away.com")
    amazon.stop()
    status, problem = platform.api("/identities", "POST", {"sender": "later.com"})
    assert status == 503 and problem["status"] == 503
    world.zone("away.com", "goodhost", [f"{r['name']['fqdn']}. CNAME {r['value']}."
                                        for r in identity["records"] if r["type"] == "CNAME"])
    seen = platform.get_identity(identity["id"])
    assert seen["status"] == "PENDING"
    amazon.start()
    platform.await_status(identity["id"], "SUCCESS", patience_s=90)
    assert len(await_records(platform, "later.com")["records"]) >= 3


def test_deleting_here_deletes_there(platform, amazon, world):
    identity = await_records(platform, "deleted.com")
    assert platform.api(f"/identities/{identity['id']}", "DELETE")[0] == 204
    code, _, complaint = amazon.aws("get-email-identity", "--email-identity", "deleted.com")
    assert code != 0 and "NotFoundException" in complaint


def test_the_keys_are_those_of_amazon(platform, amazon, world):
    assert platform.api("/me")[1]["authority"] == "ses"
    identity = await_records(platform, "keys.com")
    assert all(r["value"].endswith("." + amazon.key_zone) for r in identity["records"]
               if r["type"] == "CNAME")
