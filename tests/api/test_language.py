#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The native API in the language that the caller prefers; codes and keys never change."""
import json
import re

from product import call

JAPANESE = re.compile("[぀-ヿ一-鿿]")
KANA = {"Accept-Language": "ja-JP,ja;q=0.9,en;q=0.8"}


def ask(service, path, accept=None, **more):
    """Status, headers and decoded body of a call, in a language."""
    headers = {"Authorization": f"Bearer {service.tenant['token']}", **more,
               **({"Accept-Language": accept} if accept else {})}
    status, headers, body = call(f"{service.url}/api/v1{path}", headers=headers)
    return status, headers, json.loads(body) if body else None


def looked_at(service, domain):
    one = service.add_sender(domain)
    return service.await_identity(one["id"], lambda i: i["last_checked_at"], "a look")


def find_texts(identity):
    """What is for people, and the rest with a mark in its place."""
    texts = [identity["headline"], identity["next_check_why"]]
    identity["headline"] = identity["next_check_why"] = "-"
    for finding in identity["findings"]:
        for holder, key in [(finding, "title"), (finding, "why"),
                            *((fix, "sentence") for fix in finding["fix"])]:
            texts.append(holder[key])
            holder[key] = "-"
        for fix in finding["fix"]:
            for key in ("from", "to", "value"):
                fix.pop(key, None)
    if identity["next"]:
        identity["next"].pop("basis", None)
    return [text for text in texts if text], identity


def test_an_identity_is_told_in_the_language_asked_for(service):
    one = looked_at(service, "told.com")
    _, headers, english = ask(service, f"/identities/{one['id']}")
    assert headers["Content-Language"] == "en" and headers["Vary"] == "Accept-Language"
    _, headers, japanese = ask(service, f"/identities/{one['id']}", "ja")
    assert headers["Content-Language"] == "ja" and headers["Vary"] == "Accept-Language"
    english_texts, english = find_texts(english)
    japanese_texts, japanese = find_texts(japanese)
    assert len(english_texts) == len(japanese_texts) > 2
    assert not [text for text in english_texts if JAPANESE.search(text)]
    assert [text for text in japanese_texts if not JAPANESE.search(text)] == []
    assert english == japanese


def test_lists_are_told_in_it_too(service):
    looked_at(service, "listed.com")
    _, _, answer = ask(service, "/identities", "ja")
    assert all(JAPANESE.search(one["headline"]) for one in answer["identities"])


def test_an_etag_is_good_for_its_language_only(service):
    path = f"/identities/{looked_at(service, 'tagged.com')['id']}"
    _, headers, _ = ask(service, path)
    english = headers["ETag"]
    status, headers, _ = ask(service, path, "ja", **{"If-None-Match": english})
    assert status == 200 and headers["ETag"] != english
    assert ask(service, path, "ja", **{"If-None-Match": headers["ETag"]})[0] == 304


def test_codes_are_explained_in_it(service):
    _, _, answer = ask(service, "/codes/U301", "ja")
    for key in ("title", "remedy", "meaning", "why", "how_we_know", "fix"):
        assert JAPANESE.search(answer[key]), key
    assert answer["code"] == "U301"


def test_problems_have_their_title_in_it(service):
    for path, code in [("/identities/idn_999999", "not_found"), ("/nowhere", "no_such_path")]:
        _, headers, problem = ask(service, path, "ja")
        assert problem["code"] == code and headers["Content-Language"] == "ja"
        assert JAPANESE.search(problem["title"]) and JAPANESE.search(problem["detail"])
        _, _, problem = ask(service, path, "fr")
        assert problem["title"] == "Not Found"


def test_what_is_not_asked_for_in_words_is_english(service):
    for accept in ("", "*", "de", "ja;q=0", "x" * 9000, ",;=,ja;q=x"):
        _, headers, answer = ask(service, "/codes/U301", accept)
        assert headers["Content-Language"] == "en"
        assert answer["title"] == "the record is missing"


def test_ses_stays_as_amazon_has_it(service):
    _, headers, _ = call(f"{service.url}/v2/email/account", headers=KANA)
    assert not headers["Content-Language"] and not headers["Vary"]
