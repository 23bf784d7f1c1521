# SPDX-License-Identifier: GPL-3.0-or-later
"""The console in a real browser: history, links, MAIL FROM, webhooks and tokens."""
import contextlib
import os
import re
import sqlite3

import pytest

from browser import Browser
from product import Service
from receiver import Receiver
from test_console import add_sender, await_badge, publish, signed_in
from test_console_language import JAPANESE, find_english
from world.asking import await_truth

# Called before any script of the page: which calls it makes, and with which headers.
LISTEN = """
window.calls = [];
const send = window.fetch;
window.fetch = (url, options) => {
    window.calls.push([options?.method ?? "GET", String(url), options?.headers ?? {}]);
    return send(url, options);
};
"""
# What a person meets who does not see: each control's name, and those that have none.
NAMELESS = """
return [...document.querySelectorAll("a, button, input, select, summary, textarea")]
    .filter((one) => !(one.getAttribute("aria-label") || one.innerText.trim() ||
                       [...(one.labels ?? [])].some((label) => label.innerText.trim())))
    .map((one) => one.outerHTML);
"""

# They come from the service as they are, with the names of the DNS in them.
HIDE_FINDINGS = """
document.querySelectorAll("section.finding").forEach((one) => { one.hidden = true; });
"""


@pytest.fixture(scope="module")
def serve(world, tmp_path_factory):
    with Service(world, str(tmp_path_factory.mktemp("pages")),
                 webhook={"allow_addresses": "127.0.0.0/8", "allow_http": "true", "ports": "",
                          "timeout_s": "1"},
                 mail_from={"mx": "bounce.mail.example"}) as one:
        yield one


@pytest.fixture
def browser(serve):
    with signed_in(serve) as one:
        yield one


def verified(world, serve, domain):
    identity = serve.add_sender(f"news@{domain}")
    publish(world, identity)
    return serve.await_identity(identity["id"], lambda one: one["status"] == "SUCCESS", "SUCCESS")


def open_identity(browser, serve, identity):
    browser.open(f"{serve.url}/#/identities/{identity['id']}")
    browser.await_text("Records to publish")


def accept(browser):
    """Say yes to the question that stands before the page."""
    await_truth(lambda: _accepted(browser), "a question to answer")


def _accepted(browser):
    with contextlib.suppress(Exception):
        browser.driver.switch_to.alert.accept()
        return True
    return False


def find_shown(browser, pattern):
    """The text that is shown this once."""
    found = await_truth(lambda: browser.find(".once .field-text", pattern), f"/{pattern}/ once")
    return found[0].text


# the page of an identity

def test_a_mail_from_domain_is_set_published_and_given_up(browser, serve, world):
    identity = verified(world, serve, "bounced.com")
    open_identity(browser, serve, identity)
    assert not browser.find("ul.aspects")
    browser.type("elsewhere.com", "#mail-from-domain")
    browser.press("^set$")
    _, problem = serve.api(f"/identities/{identity['id']}", "PATCH",
                           {"mail_from": {"domain": "elsewhere.com"}})
    await_truth(lambda: browser.find("[role=alert]", re.escape(problem["detail"])), "the refusal")
    browser.type("bounce.bounced.com", "#mail-from-domain")
    browser.press("^set$")
    await_badge(browser, "pending", "[data-aspect=mail_from]")
    await_badge(browser, "verified", "[data-aspect=dkim]")
    browser.await_text("MAIL FROM: the search began")
    record = next(one for one in serve.get_identity(identity["id"])["records"]
                  if one["purpose"] == "mail_from")
    card = browser.find(f"#record-{record['id']}")[0].text
    assert record["value"] in card and record["name"]["relative"] in card
    assert serve.get_identity(identity["id"])["mail_from"]["domain"] == "bounce.bounced.com"
    browser.press("^do without$")
    await_truth(lambda: not browser.find("ul.aspects"), "the badge to go")
    assert serve.get_identity(identity["id"])["mail_from"] is None


def test_an_open_page_says_why_it_is_looked_at_and_makes_looks_come_close(browser, serve):
    identity = serve.add_sender("watched.com")

    def is_watched():
        with contextlib.closing(sqlite3.connect(os.path.join(serve.folder, "unpend.db"))) as store:
            return store.execute("SELECT watched_until > unixepoch() FROM identity"
                                 " WHERE domain = 'watched.com'").fetchone()[0]
    assert not is_watched()
    open_identity(browser, serve, identity)
    await_truth(is_watched, "the service to know that the page is open")
    await_truth(lambda: serve.get_identity(identity["id"])["next_check_why"] in browser.text,
                "the page to say why")


def test_a_failure_says_what_happens_by_itself_and_what_to_press(world, tmp_path):
    with Service(world, str(tmp_path), lifecycle={"search_s": 3}) as service, \
            signed_in(service) as browser:
        add_sender(browser, service, "given-up.com")
        await_badge(browser, "failed")
        browser.await_text("still checked, ever more rarely, until")
        browser.await_text("The records stay the same")


def test_a_loss_counts_down_to_the_end_of_sending(world, tmp_path):
    with Service(world, str(tmp_path)) as service:
        identity = verified(world, service, "lost.com")
        world.publish("lost.com", ["www A 192.0.2.99"])
        service.stop()
        with contextlib.closing(sqlite3.connect(os.path.join(tmp_path, "unpend.db"))) as store:
            store.execute("UPDATE identity SET dkim_status = 4, dkim_misses = 3,"
                          " dkim_missed_at = unixepoch() - 7200, dkim_lost_at = unixepoch() - 3600")
            store.commit()
        service.start()
        ends_at = service.get_identity(identity["id"])["grace_ends_at"]
        with signed_in(service) as browser:
            open_identity(browser, service, identity)
            await_badge(browser, "still sending")
            browser.await_text("If the records are not back, that stops in 3 days")
            assert browser.driver.find_elements("css selector", f"time[datetime='{ends_at}']")
            publish(world, identity)
            await_badge(browser, "verified")
            browser.await_text("DKIM: the records are back")


# history

def test_the_history_tells_who_saw_what_and_goes_on_by_a_button(browser, serve, world):
    identity = verified(world, serve, "told.com")
    for wanted in [True, False] * 10:
        assert serve.api(f"/identities/{identity['id']}", "PATCH", {"ownership": wanted})[0] == 200
    open_identity(browser, serve, identity)
    browser.await_text("Ownership: not wanted any more")
    assert not browser.find("ol.history li", "\nAdded")
    browser.press("show more")
    await_truth(lambda: browser.find("ol.history li", "\nAdded"), "how it began")
    won = browser.find("ol.history li", "DKIM: verified")[0]
    assert "ns1.nsdhost.com" not in won.text
    won.find_element("css selector", "summary").click()
    await_truth(lambda: "ns1.nsdhost.com 198.51.100.11: right" in won.text, "each server")
    shown = [one.text for one in browser.find("ol.history > li time")]
    assert len(shown) == len(browser.find("ol.history > li")) >= 23


@pytest.mark.parametrize("blocked", [False, True], ids=["by the stream", "without the stream"])
def test_what_others_do_appears_by_itself(serve, world, blocked):
    identity = verified(world, serve, f"followed-{int(blocked)}.com")
    with signed_in(serve) as browser:
        browser.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": LISTEN})
        if blocked:
            browser.driver.execute_cdp_cmd("Network.enable", {})
            browser.driver.execute_cdp_cmd("Network.setBlockedURLs",
                                           {"urls": ["*/api/v1/events/stream*"]})
        browser.driver.refresh()
        open_identity(browser, serve, identity)

        def find_calls(part):
            calls = browser.driver.execute_script("return window.calls")
            return [one for one in calls if part in one[1]]
        stream = await_truth(lambda: find_calls(f"stream?identity={identity['id']}"), "a stream")
        assert stream[0][2]["Authorization"] == f"Bearer {serve.tenant['token']}"
        assert serve.tenant["token"] not in stream[0][1]
        serve.api(f"/identities/{identity['id']}", "PATCH", {"ownership": True})
        browser.await_text("Ownership: the search began")
        await_badge(browser, "pending", "[data-aspect=ownership]")


# links

def test_a_link_shows_what_to_publish_to_anybody_until_it_is_ended(browser, serve, world):
    identity = add_sender(browser, serve, "news@passed-on.com")
    browser.press("make a link")
    link = find_shown(browser, "/#/shared/")
    browser.await_text("not opened yet")
    with Browser() as other:
        other.open(link)
        other.await_text("Records to publish")
        other.await_text("U301|U10")
        for record in identity["records"]:
            assert record["value"] in other.text and record["name"]["relative"] in other.text
        assert "passed-on.com" in other.text and "Checked again by itself" in other.text
        assert "news@" not in other.text and "demo" not in other.text
        assert not other.find("button", "resubmit|delete|validity|sign out")
        assert not other.find("input") and not other.find("nav")
        robots = other.driver.find_element("css selector", "meta[name=robots]")
        assert "noindex" in robots.get_attribute("content")
        other.screenshot("shared")
        publish(world, identity)
        await_badge(other, "verified")
        browser.press("end the link")
        other.await_text("This link has ended")
        assert other.complaints() == []
    open_identity(browser, serve, identity)
    assert link not in browser.text and not browser.find("ul.rows")


# webhooks

def test_a_webhook_is_added_tried_rotated_disabled_and_deleted(browser, serve):
    with Receiver() as receiver:
        browser.press("^webhooks$")
        browser.type(receiver.url, "#webhook-url")
        browser.press("add webhook")
        secret = find_shown(browser, "^whsec_")
        browser.press("^done$")
        await_truth(lambda: secret not in browser.text, "the secret to go")
        browser.press("send a test")
        first = receiver.await_received(1)[0]
        assert first.json["type"] == "webhook.test" and first.is_signed_by(secret)
        browser.await_text("The last delivery was taken. HTTP 200")
        browser.press("^deliveries")
        browser.await_text("Delivered.*webhook.test")
        browser.press("send webhook.test again")
        assert receiver.await_received(2)[1].json == first.json
        browser.press("new secret")
        accept(browser)
        newer = find_shown(browser, "^whsec_")
        assert newer != secret
        browser.await_text("The secret before this one signs until")
        browser.press("^disable$")
        browser.await_text("Disabled by hand")
        browser.press("enable again")
        browser.press("send a test")
        assert receiver.await_received(3)[2].is_signed_by(newer)
        browser.press("^delete$")
        accept(browser)
        await_truth(lambda: serve.api("/webhooks")[1]["webhooks"] == [], "it to be gone")
        await_truth(lambda: not browser.find("li.webhook"), "the page to say so")


def test_a_webhook_may_be_for_some_kinds_and_what_is_refused_is_said(browser, serve):
    browser.press("^webhooks$")
    browser.type("https://192.168.1.1/in", "#webhook-url")
    browser.press("add webhook")
    await_truth(lambda: browser.find("[role=alert]"), "the refusal")
    browser.type("http://127.0.0.1:9/in", "#webhook-url")
    browser.press("all kinds of events")
    browser.find("label.check", "identity.verified$")[0].click()
    browser.await_text("1 kind of event")
    browser.press("add webhook")
    find_shown(browser, "^whsec_")
    made = serve.api("/webhooks")[1]["webhooks"]
    assert [one["kinds"] for one in made] == [["identity.verified"]]
    browser.press("send a test")
    browser.await_text("It could not be reached")
    serve.api(f"/webhooks/{made[0]['id']}", "DELETE")


# tokens

def test_a_token_has_the_rights_that_were_ticked_until_it_is_revoked(browser, serve):
    browser.press("^tokens$")
    browser.type("reports", "#token-name")
    browser.press("make a token")
    token = find_shown(browser, "^unp_live_")
    assert serve.api("/me", token=token)[1]["scopes"] == ["identities:read"]
    assert serve.api("/me", token=token)[1]["token_expires_at"]
    browser.driver.refresh()
    # When it was used is known to the hour: it was not at the hour's stroke.
    browser.await_text("reports.*last used less than an hour ago.*identities:read")
    assert token not in browser.text
    browser.press("revoke the token reports")
    accept(browser)
    browser.await_text("reports revoked")
    assert serve.api("/me", token=token)[0] == 401


def test_a_token_sees_only_what_it_may_and_one_that_is_revoked_is_signed_out(serve):
    _, made = serve.api("/tokens", "POST", {"name": "narrow", "scopes": ["identities:read"]})
    identity = serve.add_sender("narrow.com")
    with Browser() as browser:
        browser.open(serve.url + "/")
        browser.type(made["token"], "#token")
        browser.press("^sign in")
        browser.await_text("Masked senders")
        assert not browser.find("#sender") and not browser.find("nav a", "webhooks|tokens")
        open_identity(browser, serve, identity)
        assert not browser.find("button", "validity|delete|link|^set$")
        assert serve.api(f"/tokens/{made['id']}", "DELETE")[0] == 204
        browser.await_text("Sign in")
        assert browser.complaints() == []


# adding

@pytest.mark.parametrize("sender,word", [
    ("someone@gmail.com", "gmail.com"), ("news@co.jp", "co.jp"), ("news@shop.onion", "onion")])
def test_a_sender_that_cannot_be_is_refused_in_the_words_of_the_service(browser, serve, sender,
                                                                       word):
    status, problem = serve.api("/identities", "POST", {"sender": sender})
    assert status == 400 and word in problem["detail"]
    browser.type(sender, "#sender")
    browser.press("add masked sender")
    await_truth(lambda: browser.find("[role=alert]"), "an alert")
    assert browser.find("[role=alert]")[0].text == problem["detail"]


def test_a_name_that_looks_like_another_is_added_with_a_caution(browser, serve):
    add_sender(browser, serve, "xn--80ak6aa92e.com")
    browser.await_text("looks like 'apple'")


# for all eyes

@pytest.mark.parametrize("language", ["en", "ja"])
def test_every_page_fits_a_telephone_has_names_and_is_in_one_language(serve, world, language):
    identity = serve.add_sender(f"news@{language}-narrow.com")
    _, share = serve.api(f"/identities/{identity['id']}/shares", "POST", {})
    _, hook = serve.api("/webhooks", "POST", {"url": "http://127.0.0.1:9/" + "long/" * 20,
                                              "kinds": ["identity.verified"]})
    serve.await_identity(identity["id"], lambda one: one["findings"], "findings")
    with Browser(language) as browser:
        browser.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": 360, "height": 800, "deviceScaleFactor": 1, "mobile": False})
        browser.open(serve.url + "/")
        browser.type(serve.tenant["token"], "#token")
        browser.press("^sign in|^サインイン")
        for page, settled in (("", "table.identities"),
                              (f"identities/{identity['id']}", "ol.history li"),
                              ("webhooks", "li.webhook"), ("tokens", "ul.rows li"),
                              (f"shared/{share['token']}", "li.record")):
            await_truth(lambda: browser.find("h1"), "a page")
            browser.open(f"{serve.url}/#/{page}")
            await_truth(lambda: browser.find(settled), settled)
            browser.driver.execute_script(
                "document.querySelectorAll('details').forEach((one) => { one.open = true; })")
            width = browser.driver.execute_script("return document.documentElement.scrollWidth")
            assert width <= 360, f"{page} is {width} wide"
            assert browser.driver.execute_script(NAMELESS) == []
            browser.driver.execute_script(HIDE_FINDINGS)
            text = browser.text.replace("日本語", "")
            if language == "en":
                assert not JAPANESE.search(text), page
            else:
                assert find_english(drop_names(text)) == [], page
        assert browser.complaints() == []
    serve.api(f"/webhooks/{hook['id']}", "DELETE")


def drop_names(text):
    """Without what people called their tokens, the words of scopes, and abbreviations."""
    return re.sub(r"\b(first|narrow|reports|\w+:(read|write)|URL|API)\b", "", text)
