"""Calls of WeChat's API: the token that all share, and what may not get out."""

import logging
from typing import Any

import pytest
from django.core.cache import cache
from redis.exceptions import ConnectionError as RedisConnectionError

from backend.wechat import client
from backend.wechat.client import WechatError, ask_about_picture, check_text
from backend.wechat.tests.stand_in import APP_ID, SECRET, WechatStandIn

TEXT = "/wxa/msg_sec_check"
TOKENS = "/cgi-bin/stable_token"


def ask(wechat: WechatStandIn, text: str = "拾光") -> str:
    wechat.visit("o-alice")
    return check_text(text, openid="o-alice", scene=2).suggest


def test_the_token_is_fetched_once_for_all_processes(wechat: WechatStandIn) -> None:
    assert [ask(wechat), ask(wechat)] == ["pass", "pass"]
    assert len(wechat.calls_of(TOKENS)) == 1
    assert wechat.calls_of(TOKENS)[0]["force_refresh"] is False
    assert "access-token-1" in str(cache.get(f"wechat:token:{APP_ID}"))


def test_a_token_that_ended_is_replaced_at_once(wechat: WechatStandIn) -> None:
    ask(wechat)
    wechat.end_token()
    assert ask(wechat) == "pass"
    assert [each["force_refresh"] for each in wechat.calls_of(TOKENS)] == [False, False]


def test_a_token_that_wechat_holds_for_good_is_renewed_by_force_but_seldom(
    wechat: WechatStandIn,
) -> None:
    ask(wechat)
    wechat.replies[TEXT] = [40001]
    assert ask(wechat) == "pass"
    assert [each["force_refresh"] for each in wechat.calls_of(TOKENS)] == [False, False, True]
    wechat.replies[TEXT] = [42001, 42001]
    with pytest.raises(WechatError, match="token_invalid"):
        ask(wechat)
    assert [each["force_refresh"] for each in wechat.calls_of(TOKENS)][3:] == [False]


def test_words_are_sent_as_they_are(wechat: WechatStandIn) -> None:
    assert ask(wechat, "这是违法的") == "risky"
    assert ask(wechat, "有点可疑") == "review"
    sent = wechat.calls_of(TEXT)[0]
    expected = {"content": "这是违法的", "version": 2, "scene": 2, "openid": "o-alice"}
    assert sent == expected


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (-1, "busy"),
        (44991, "busy"),
        (45009, "busy"),
        (40003, "openid_invalid"),
        (43104, "openid_invalid"),
        (61010, "visit_needed"),
        (48001, "refused"),
        ((200, b'{"errcode": "x"}'), "refused"),
        ((200, b'{"errcode": 0, "result": {"suggest": "maybe"}}'), "unreachable"),
        ((200, b'{"errcode": 0}'), "unreachable"),
        ((500, b""), "unreachable"),
        ((200, b"{" + b" " * 100_000 + b"}"), "unreachable"),
    ],
)
def test_what_goes_wrong_has_a_name(wechat: WechatStandIn, reply: Any, code: str) -> None:
    wechat.replies[TEXT] = [reply]
    with pytest.raises(WechatError) as caught:
        ask(wechat)
    assert caught.value.code == code


def test_who_is_not_known_or_was_not_here_is_told_apart(wechat: WechatStandIn) -> None:
    with pytest.raises(WechatError, match="openid_invalid"):
        ask_about_picture("http://127.0.0.1:9/", openid="o-nobody")
    wechat.visit("o-alice")
    wechat.visitors.clear()
    with pytest.raises(WechatError, match="visit_needed"):
        ask_about_picture("http://127.0.0.1:9/", openid="o-alice")


def test_neither_token_nor_secret_is_told(
    wechat: WechatStandIn, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    ask(wechat)
    wechat.close()
    client._http().clear()
    with pytest.raises(WechatError) as caught:
        check_text("拾光", openid="o-alice", scene=2)
    seen = f"{caplog.text} {caught.value!r} {caught.value.detail}"
    assert caught.value.__suppress_context__
    assert not any(each in seen for each in ("access-token", SECRET, "access_token"))


def test_without_the_cache_it_is_told_so(
    wechat: WechatStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_arguments: object, **_more: object) -> None:
        raise RedisConnectionError("away")

    monkeypatch.setattr(cache, "get", away)
    with pytest.raises(WechatError, match="unreachable"):
        ask(wechat)
