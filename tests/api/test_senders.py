# SPDX-License-Identifier: GPL-3.0-or-later
"""Masked senders that are not taken: what programs and people are told."""
import pytest


def add(service, sender, **headers):
    return service.api("/identities", "POST", {"sender": sender}, headers=headers)


@pytest.mark.parametrize("sender,code,says,says_ja", [
    ("me＠ｇｍａｉｌ．ｃｏｍ", "free_mail_domain", "Gmail", "ご自分のドメイン"),
    ("me@docomo.ne.jp", "free_mail_domain", "NTT docomo", "NTT docomo"),
    ("news@co.jp", "public_suffix", "below it that is yours", "パブリックサフィックス"),
    ("github.io", "private_suffix", "PRIVATE", "PRIVATE"),
    ("news@printer.local", "special_use_domain", "RFC 6762", "RFC 6762"),
    ("news@example.com", "special_use_domain", "documents", "文書用"),
    ("https://shop.jp/", "bad_sender", "'shop.jp'", "'shop.jp'"),
    ("news(at)shop.jp", "bad_sender", "write '@'", "そのまま"),
    ("", "bad_sender", "", ""),
])
def test_a_refusal_has_a_code_and_a_next_step(service, sender, code, says, says_ja):
    status, problem = add(service, sender)
    assert (status, problem["code"]) == (400, code), problem
    assert says in problem["detail"]
    status, problem = add(service, sender, **{"Accept-Language": "ja"})
    assert (status, problem["code"]) == (400, code)
    assert says_ja in problem["detail"]


def test_what_input_methods_leave_is_forgiven(service):
    status, identity = add(service, "店長 ＜ｎｅｗｓ＠ｆｏｌｄｅｄ．ｅｘａｍｐｌｅ＞　")
    assert (status, identity["domain"]) == (201, "folded.example")
    assert identity["senders"] == ["news@folded.example"]


def test_an_international_name_is_kept_as_the_dns_has_it(service):
    status, identity = add(service, "news@bücher.example")
    assert (status, identity["domain"]) == (201, "xn--bcher-kva.example")
    assert identity["domain_display"] == "bücher.example" and identity["caution"] is None
    assert identity["headline"].startswith("bücher.example ")


def test_the_organisational_domain_is_told(service):
    _, identity = add(service, "news@mail.organised.example")
    assert identity["organisational_domain"] == "organised.example"


def test_a_name_that_looks_like_another_is_taken_and_told(service):
    status, identity = add(service, "аррӏе.example")
    assert status == 201 and "looks like 'apple'" in identity["caution"]
    _, identity = service.api(f"/identities/{identity['id']}", headers={"Accept-Language": "ja"})
    assert "間違われる" in identity["caution"]


def test_two_tenants_may_hold_one_domain_with_tokens_of_their_own(service):
    other = service.add_tenant("other-holder")
    mine = service.add_sender("news@both.example")
    status, theirs = service.api("/identities", "POST", {"sender": "info@both.example"},
                                 token=other["token"])
    assert status == 201 and theirs["id"] != mine["id"]
    assert theirs["senders"] == ["info@both.example"]
    assert service.get_identity(mine["id"])["senders"] == ["news@both.example"]
    tokens = [{r["value"] for r in one["records"] if r["purpose"] == "dkim"}
              for one in (mine, theirs)]
    assert tokens[0] and not tokens[0] & tokens[1]
