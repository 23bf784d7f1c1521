# SPDX-License-Identifier: GPL-3.0-or-later
"""The console in Japanese: chosen by the browser or by hand, and whole."""
import contextlib
import re

import pytest

from browser import Browser
from product import Service, find_tokens
from world.asking import await_truth

JAPANESE = re.compile("[぀-ヿ一-鿿]")
# What stays as it is: names, types, commands, what DNS operators and records say.
KEPT = re.compile(r"unpend tenant add NAME|unpend\S*|English|demo|us-east-1|DKIM|SPF|DMARC|"
                  r"MAIL FROM|CNAME|TXT|DNS\w*|U\d{3}|NXDOMAIN|TTL|SOA|NS|RFC|kdig|section|"
                  r"answer|noall|Ctrl|serial|\S*[._/=]\S*", re.I)


@pytest.fixture(scope="module")
def serve(world, tmp_path_factory):
    with Service(world, str(tmp_path_factory.mktemp("language"))) as one:
        yield one


@contextlib.contextmanager
def page(service, language):
    with Browser(language) as browser:
        browser.open(service.url + "/")
        yield browser
        assert browser.complaints() == []


def sign_in(browser, service, button):
    browser.type(service.tenant["token"], "#token")
    browser.press(button)


def find_lang(browser):
    return browser.driver.execute_script("return document.documentElement.lang")


def doubled(world, service):
    """An identity whose records were published with the zone's name twice."""
    identity = service.add_sender("news@nihon.jp")
    keys = identity["records"][0]["value"].partition(".")[2]
    world.zone("nihon.jp", "nsdhost", [f"{token}._domainkey.nihon.jp CNAME {token}.{keys}."
                                       for token in find_tokens(identity)])
    return service.await_identity(
        identity["id"], lambda one: any(f["code"] == "U201" for f in one["findings"]), "U201")


def find_english(text):
    """Lines with words that are left when all that may be there is taken out."""
    return [line for line in text.splitlines() if re.search("[A-Za-z]{3}", KEPT.sub("", line))]


def test_a_browser_of_japan_reads_japanese_from_the_first_page_on(serve, world):
    identity = doubled(world, serve)
    with page(serve, "ja") as browser:
        browser.await_text("サインイン")
        assert find_lang(browser) == "ja"
        assert find_english(browser.text) == []
        browser.screenshot("ja-signin")
        sign_in(browser, serve, "^サインイン")
        browser.await_text("マスク差出人")
        browser.await_text("nihon.jp")
        browser.screenshot("ja-list")
        assert find_english(browser.text) == []
        browser.open(f"{serve.url}/#/identities/{identity['id']}")
        browser.await_text("U201")
        browser.await_text("ゾーン名が二重に付いています")
        browser.press("U201 の詳しい説明")
        browser.await_text("判断の根拠")
        browser.driver.set_window_size(1280, 3600)
        browser.screenshot("ja-doubled")
        assert find_english(browser.text) == []


def test_the_language_is_switched_on_the_page_and_remembered(serve, world):
    with page(serve, "en-US") as browser:
        browser.await_text("Sign in")
        assert find_lang(browser) == "en"
        browser.press("日本語")
        browser.await_text("サインイン")
        assert find_lang(browser) == "ja"
        sign_in(browser, serve, "^サインイン")
        browser.await_text("マスク差出人を追加")
        browser.driver.refresh()
        browser.await_text("マスク差出人を追加")
        browser.press("English")
        browser.await_text("Add masked sender")
        assert find_lang(browser) == "en" and not JAPANESE.search(
            browser.text.replace("日本語", ""))


def test_an_open_identity_changes_with_the_language(serve, world):
    identity = serve.add_sender("news@both.com")
    world.zone("both.com", "nsdhost", ["www A 192.0.2.99"])
    with page(serve, "ja") as browser:
        sign_in(browser, serve, "^サインイン")
        browser.await_text("マスク差出人を追加")
        browser.open(f"{serve.url}/#/identities/{identity['id']}")
        browser.await_text("レコードが")
        browser.press("English")
        browser.await_text("records? (is|are) missing|3 records affected")
        await_truth(lambda: not JAPANESE.search(browser.text.replace("日本語", "")),
                    "no Japanese on the English page")


def test_what_is_refused_is_said_in_japanese(serve):
    with page(serve, "ja") as browser:
        sign_in(browser, serve, "^サインイン")
        browser.await_text("マスク差出人を追加")
        browser.open(f"{serve.url}/#/identities/idn_999999")
        browser.await_text("存在しないか、削除されました")
