"""auth/wechat and me/wechat: WeChat's code2session, its errors, and who gets in."""

import logging
import time
from typing import Any

import pytest

from backend.accounts.models import Token, User
from backend.conftest import PASSWORD, ApiClient
from backend.wechat import client
from backend.wechat.models import Identity
from backend.wechat.tests.stand_in import APP_ID, SECRET, WechatStandIn

SESSION = "/sns/jscode2session"


def log_in(code: str, **headers: str) -> Any:
    return ApiClient(None)("POST", "/auth/wechat", {"code": code, "device": "phone"}, **headers)


def told(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_the_first_time_makes_an_account_and_the_next_finds_it(
    db: None, wechat: WechatStandIn
) -> None:
    first = log_in(wechat.visit("o-new", unionid="u-new"), **{"Accept-Language": "zh-CN"})
    assert first.status_code == 200, first.content
    body = first.json()
    assert set(body) == {"token", "expires_at", "user"}
    again = log_in(wechat.visit("o-new")).json()
    assert again["user"]["id"] == body["user"]["id"]
    user = User.objects.get(id=body["user"]["id"])
    assert (user.language, user.has_usable_password()) == ("zh", False)
    assert (user.wechat.openid, user.wechat.unionid) == ("o-new", "u-new")
    header = {"Authorization": f"Bearer {body['token']}"}
    assert ApiClient(None)("GET", "/me", **header).json()["username"] == user.username
    assert [token.device for token in user.tokens.all()] == ["phone", "phone"]
    other = log_in(wechat.visit("o-other")).json()
    assert other["user"]["id"] != body["user"]["id"]


def test_what_wechat_asks_for_is_sent(db: None, wechat: WechatStandIn) -> None:
    code = wechat.visit("o-new")
    log_in(code)
    ((path, query, _),) = wechat.calls
    assert path == SESSION
    expected = {"appid": APP_ID, "secret": SECRET, "js_code": code}
    assert query == expected | {"grant_type": "authorization_code"}


def test_neither_session_key_nor_openid_leaves_or_the_key_is_kept(
    db: None, wechat: WechatStandIn
) -> None:
    answer = log_in(wechat.visit("o-new", unionid="u-new"))
    assert not any(each in answer.content for each in (b"c2Vzc2lvbi1rZXk=", b"o-new", b"u-new"))
    kept = str([*Identity.objects.values(), *User.objects.values(), *Token.objects.values()])
    assert "c2Vzc2lvbi1rZXk=" not in kept


@pytest.mark.parametrize(
    ("reply", "status", "code"),
    [
        (40029, 401, "wechat_code_invalid"),
        (40163, 401, "wechat_code_invalid"),
        (40226, 403, "wechat_user_blocked"),
        (45011, 503, "wechat_busy"),
        (-1, 503, "wechat_busy"),
        (40125, 503, "wechat_misconfigured"),
        (40013, 503, "wechat_misconfigured"),
        ((502, b"<html>bad gateway</html>"), 503, "wechat_busy"),
        ((200, b"[1]"), 503, "wechat_busy"),
        ((200, b"{}"), 503, "wechat_busy"),
        ((200, b'{"openid": 5}'), 503, "wechat_busy"),
        ((302, b"{}"), 503, "wechat_busy"),
    ],
)
def test_what_wechat_refuses_has_a_code_of_ours(
    db: None, wechat: WechatStandIn, reply: Any, status: int, code: str
) -> None:
    wechat.replies[SESSION] = [reply]
    answer = log_in(wechat.visit("o-new"))
    assert told(answer) == (status, code)
    assert ("Retry-After" in answer.headers) == (status == 503)
    assert not User.objects.exists()


def test_a_code_is_good_once_and_a_made_up_one_never(db: None, wechat: WechatStandIn) -> None:
    code = wechat.visit("o-new")
    assert log_in(code).status_code == 200
    assert told(log_in(code)) == (401, "wechat_code_invalid")
    assert told(log_in("made-up")) == (401, "wechat_code_invalid")


def test_a_server_that_is_away_is_busy(db: None, wechat: WechatStandIn) -> None:
    wechat.close()
    assert told(log_in("any")) == (503, "wechat_busy")


def test_no_error_and_no_log_tells_the_secret(
    db: None, wechat: WechatStandIn, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    logging.getLogger("urllib3").setLevel(logging.INFO)  # as settings.LOGGING has it
    log_in(wechat.visit("o-new"))
    wechat.close()
    client._http().clear()
    answer = log_in("any")
    with pytest.raises(client.WechatError) as caught:
        client.exchange_code("any")
    seen = f"{caplog.text} {answer.content!r} {caught.value!r} {caught.value.__cause__!r}"
    assert caught.value.__suppress_context__
    assert SECRET not in seen


def test_the_settings_keep_addresses_out_of_the_log(settings: Any) -> None:
    assert settings.LOGGING["loggers"]["urllib3"]["level"] == "INFO"


@pytest.mark.parametrize("code", ["", " ", "a b", "x" * 129, None, ["a"], "\x00", "码"])
def test_what_cannot_be_a_code_is_not_sent(db: None, wechat: WechatStandIn, code: Any) -> None:
    answer = ApiClient(None)("POST", "/auth/wechat", {"code": code})
    assert told(answer) == (400, "invalid")
    assert wechat.calls == []


def test_where_it_is_not_configured_nobody_is_asked(user: User) -> None:
    assert told(log_in("any")) == (409, "wechat_not_configured")
    assert told(ApiClient(user)("PUT", "/me/wechat", {"code": "any"})) == (
        409,
        "wechat_not_configured",
    )


def test_a_disabled_account_is_refused(db: None, wechat: WechatStandIn) -> None:
    log_in(wechat.visit("o-new"))
    User.objects.update(is_active=False)
    Token.objects.all().delete()
    assert told(log_in(wechat.visit("o-new"))) == (403, "account_disabled")
    assert not Token.objects.exists()


def test_without_sign_up_only_linked_accounts_get_in(
    user: User, wechat: WechatStandIn, settings: Any
) -> None:
    settings.WECHAT_SIGN_UP = False
    assert told(log_in(wechat.visit("o-alice"))) == (403, "wechat_not_linked")
    assert list(User.objects.all()) == [user]
    linked = ApiClient(user)("PUT", "/me/wechat", {"code": wechat.visit("o-alice")})
    assert linked.status_code == 200
    answer = log_in(wechat.visit("o-alice"))
    assert answer.json()["user"]["id"] == str(user.id)


def test_an_address_has_so_many_attempts(
    db: None, wechat: WechatStandIn, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.LOGIN_ATTEMPTS_ADDRESS = 2
    # No minute ends in between.
    monkeypatch.setattr(time, "time", lambda: 1_800_000_000.0)
    found = [told(log_in("made-up")) for _ in range(3)]
    assert found == [(401, "wechat_code_invalid")] * 2 + [(429, "too_many_requests")]
    assert len(wechat.calls) == 2


def test_one_links_and_unlinks(user: User, wechat: WechatStandIn) -> None:
    api = ApiClient(user)
    assert api("GET", "/me/wechat").json() == {"linked_at": None}
    linked = api("PUT", "/me/wechat", {"code": wechat.visit("o-alice")}).json()
    assert linked["linked_at"] is not None
    assert api("PUT", "/me/wechat", {"code": wechat.visit("o-alice")}).json() == linked
    assert api("GET", "/me/wechat").json() == linked
    other = api("PUT", "/me/wechat", {"code": wechat.visit("o-second-phone")})
    assert told(other) == (409, "wechat_already_linked")
    for _ in range(2):
        assert api("DELETE", "/me/wechat").status_code == 204
    assert api("GET", "/me/wechat").json() == {"linked_at": None}
    # A password was the way in before, and is again.
    body = {"username": "alice", "password": PASSWORD}
    assert ApiClient(None)("POST", "/auth/login", body).status_code == 200


def test_somebody_elses_wechat_is_not_taken(
    user: User, stranger: User, wechat: WechatStandIn
) -> None:
    ApiClient(user)("PUT", "/me/wechat", {"code": wechat.visit("o-alice")})
    answer = ApiClient(stranger)("PUT", "/me/wechat", {"code": wechat.visit("o-alice")})
    assert told(answer) == (409, "wechat_linked_elsewhere")
    assert Identity.objects.get().user == user


def test_the_only_way_in_is_not_closed(db: None, wechat: WechatStandIn) -> None:
    token = log_in(wechat.visit("o-new")).json()["token"]
    header = {"Authorization": f"Bearer {token}"}
    answer = ApiClient(None)("DELETE", "/me/wechat", **header)
    assert told(answer) == (409, "wechat_only_way_in")
    assert Identity.objects.exists()
