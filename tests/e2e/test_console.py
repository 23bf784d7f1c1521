# SPDX-License-Identifier: GPL-3.0-or-later
"""The console in a real browser: what a platform's customer sees and presses."""
import contextlib

import boto3
import pytest

from browser import Browser
from product import Service, find_tokens
from world.asking import PATIENCE_S, await_truth


@pytest.fixture(scope="module")
def serve(world, tmp_path_factory):
    with Service(world, str(tmp_path_factory.mktemp("console"))) as one:
        yield one


@contextlib.contextmanager
def signed_in(service):
    with Browser() as browser:
        browser.open(service.url + "/")
        browser.type(service.tenant["token"], "#token")
        browser.press("^sign in")
        browser.await_text("Masked senders")
        yield browser
        assert browser.complaints() == []


@pytest.fixture
def browser(serve):
    with signed_in(serve) as one:
        yield one


def publish(world, identity, line="{token}._domainkey CNAME {token}.{keys}."):
    """Publish the three DKIM records, well or badly, in the identity's zone."""
    keys = identity["records"][0]["value"].partition(".")[2]
    lines = [line.format(token=token, keys=keys) for token in find_tokens(identity)]
    if identity["domain"] in world.zones:
        world.publish(identity["domain"], lines)
    else:
        world.zone(identity["domain"], "nsdhost", lines)


def add_sender(browser, service, sender):
    """Through the page; gives the identity as the API has it."""
    browser.type(sender, "#sender")
    browser.press("add masked sender")
    browser.await_text("Records to publish")
    return service.find_identity(sender.rpartition("@")[2])


def await_badge(browser, word, selector=".identity-head .badge", patience_s=PATIENCE_S):
    """Wait until the state reads so; nobody reloads the page."""
    def reads_so():
        return any(word.lower() in one.text.lower() for one in browser.find(selector))
    try:
        await_truth(reads_so, f"{selector} to read '{word}'", patience_s)
    except Exception as failure:
        browser.screenshot("failed")
        raise AssertionError(f"{failure}; the page reads:\n{browser.text}") from None


def find_states(browser):
    return [one.get_attribute("data-state") for one in browser.find("li.record[id^=record-dkim]")]


def test_a_wrong_token_does_not_let_in(serve):
    with Browser() as browser:
        browser.open(serve.url + "/")
        browser.type("unp_live_wrong", "#token")
        browser.press("^sign in")
        browser.await_text("not known")
        browser.screenshot("wrong-token")
        assert not browser.find("#sender")


def test_a_masked_sender_goes_from_added_to_verified_before_ones_eyes(browser, serve, world):
    world.zone("shown.com", "nsdhost", ["www A 192.0.2.99"])
    identity = add_sender(browser, serve, "news@shown.com")
    await_badge(browser, "pending")
    assert "news@shown.com" in browser.text
    for record in identity["records"]:
        card = browser.driver.find_element("id", f"record-{record['id']}").text
        assert record["name"]["relative"] in card
        assert record["value"] in card
        assert record["type"] in card
    browser.await_text("U301")
    assert find_states(browser) == ["missing"] * 3
    browser.screenshot("missing")

    publish(world, identity, '{token}._domainkey TXT "{token}.{keys}"')
    browser.await_text("U304")
    finding = browser.find("section.finding", "U304")[0].text
    assert "CNAME" in finding and "TXT" in finding
    browser.screenshot("wrong")

    publish(world, identity)
    await_badge(browser, "verified")
    assert find_states(browser) == ["ok"] * 3
    assert not browser.find("section.finding:not(.note)")
    browser.screenshot("verified")
    browser.open(serve.url + "/")
    await_badge(browser, "verified", "table.identities .badge")
    browser.screenshot("list")


def test_check_validity_looks_now(browser, serve, world):
    identity = add_sender(browser, serve, "checked.com")
    seen = serve.await_identity(identity["id"], lambda one: one["last_checked_at"], "a first look")
    publish(world, identity)

    def pressed_and_looked():
        if button := browser.find("button:enabled", "check validity"):
            button[0].click()
        return serve.get_identity(identity["id"])["last_checked_at"] != seen["last_checked_at"]
    await_truth(pressed_and_looked, "a look after the button was pressed", 30)
    await_badge(browser, "verified")


def test_a_failed_search_is_resubmitted_with_a_button(world, tmp_path):
    with Service(world, str(tmp_path), lifecycle={"search_s": 3}) as service, \
            signed_in(service) as browser:
        identity = add_sender(browser, service, "late.com")
        await_badge(browser, "failed")
        browser.screenshot("failed-search")
        publish(world, identity)
        browser.press("resubmit for verification")
        await_badge(browser, "verified")
        assert find_tokens(service.get_identity(identity["id"])) == find_tokens(identity)


def test_mail_that_waits_is_told_and_so_is_that_it_left(world, tmp_path):
    with Service(world, str(tmp_path), send={"until_verified": "hold"}) as service, \
            signed_in(service) as browser:
        identity = add_sender(browser, service, "news@waits.com")
        ses = boto3.client("sesv2", endpoint_url=service.url, region_name="us-east-1",
                           aws_access_key_id=service.tenant["access_key_id"],
                           aws_secret_access_key=service.tenant["secret_access_key"])
        for _ in range(2):
            ses.send_email(FromEmailAddress="news@waits.com",
                           Destination={"ToAddresses": ["you@healthy.com"]},
                           Content={"Simple": {"Subject": {"Data": "Hello"},
                                               "Body": {"Text": {"Data": "Hello"}}}})
        browser.await_text("2 messages wait")
        publish(world, identity)
        await_badge(browser, "verified")
        await_truth(lambda: "messages wait" not in browser.text, "the page to say they left")


def test_a_copy_button_copies_exactly(browser, serve):
    identity = add_sender(browser, serve, "copied.com")
    browser.driver.execute_cdp_cmd("Browser.grantPermissions", {
        "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"], "origin": serve.url})
    copied = set()
    for button in browser.find("button", "^copy"):
        browser.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", button)
        button.click()
        await_truth(lambda: "Copied" in button.text, "the button to say that it copied")
        copied.add(browser.driver.execute_async_script(
            "const done = arguments[0]; navigator.clipboard.readText().then(done, done)"))
    for record in identity["records"]:
        assert {record["value"], record["name"]["relative"], record["name"]["fqdn"]} <= copied


def test_what_the_dns_says_is_shown_as_text_only(browser, serve, world):
    identity = add_sender(browser, serve, "scripted.com")
    # < and > are 060 and 062 in a zone file.
    publish(world, identity, r"{token}._domainkey CNAME \060b\062bold\060/b\062.{keys}.")
    browser.await_text("U307")
    browser.await_text("<b>bold</b>")
    assert browser.driver.find_elements("css selector", "main b") == []


def test_a_reload_keeps_one_signed_in_until_one_signs_out(browser):
    browser.driver.refresh()
    browser.await_text("Masked senders")
    browser.press("sign out")
    browser.await_text("Sign in")
    browser.driver.refresh()
    browser.await_text("Sign in")
    assert not browser.find("#sender")


def test_everything_has_a_name_for_those_who_cannot_see_it(browser, serve):
    add_sender(browser, serve, "named.com")
    assert browser.driver.find_element("css selector", "html").get_attribute("lang")
    for button in browser.find("button"):
        assert button.get_attribute("aria-label") or button.text
    browser.open(serve.url + "/")
    await_truth(lambda: browser.find("#sender"), "the field")
    for field in browser.find("input"):
        assert browser.driver.find_elements(
            "css selector", f"label[for='{field.get_attribute('id')}']")


def test_a_bad_sender_is_refused_with_a_reason(browser):
    browser.type("nobody@com", "#sender")
    browser.press("add masked sender")
    await_truth(lambda: browser.find("[role=alert]"), "an alert")
    assert browser.find("#sender")


def test_where_no_mail_from_domain_can_be_set_none_is_asked_for(serve, browser):
    identity = add_sender(browser, serve, "news@unbounced.com")
    assert serve.get_identity(identity["id"])["mail_from_offered"] is False
    assert not browser.find("#mail-from-domain")
