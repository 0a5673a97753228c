"""Messages that WeChat pushes: its own documented examples, and forgeries of each kind."""

import json
import time
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from backend.core.errors import RefusedError
from backend.wechat.messages import MAX_AGE_SECONDS, check_echo, read_message
from backend.wechat.tests.stand_in import APP_ID, WechatStandIn

URL = "/internal/wechat"
# From developers.weixin.qq.com, miniprogram/dev/framework/server-ability/message-push
EXAMPLE_TOKEN = "AAAAA"
EXAMPLE_KEY = "A" * 43
EXAMPLE_APP = "wxba5fad812f8e6fb9"
EXAMPLE_SECRET = (
    "+qdx1OKCy+5JPCBFWw70tm0fJGb2Jmeia4FCB7kao+/Q5c/ohsOzQHi8khUOb05JCpj0JB4RvQMkUyus8TPxLKJGQqcv"
    "ZqzDpVzazhZv6JsXUnnR8XGT740XgXZUXQ7vJVnAG+tE8NUd4yFyjPy7GgiaviNrlCTj+l5kdfMuFUPpRSrfMZuMcp3F"
    "n2Pede2IuQrKEYwKSqFIZoNqJ4M8EajAsjLY2km32IIjdf8YL/P50F7mStwntrA2cPDrM1kb6mOcfBgRtWygb3VIYnSe"
    "OBrebufAlr7F9mFUPAJGj04="
)


@pytest.fixture
def example(settings: Any) -> None:
    settings.WECHAT_MESSAGE_TOKEN, settings.WECHAT_AES_KEY = EXAMPLE_TOKEN, ""
    settings.WECHAT_APP_ID = EXAMPLE_APP


def push(query: dict[str, str], body: bytes) -> Any:
    return Client().post(f"{URL}?{urlencode(query)}", body, content_type="application/json")


def refusal(query: dict[str, str], body: bytes) -> str:
    with pytest.raises(RefusedError) as caught:
        read_message(query, body, now=time.time())
    return caught.value.code


def test_the_documented_echo_is_answered(example: None) -> None:
    query = {
        "signature": "f464b24fc39322e44b38aa78f5edd27bd1441696",
        "echostr": "4375120948345356249",
        "timestamp": "1714036504",
        "nonce": "1514711492",
    }
    assert check_echo(query, now=1714036504) == "4375120948345356249"


def test_the_documented_plain_message_is_read(example: None) -> None:
    query = {
        "signature": "899cf89e464efb63f54ddac96b0a0a235f53aa78",
        "timestamp": "1714037059",
        "nonce": "486452656",
    }
    assert read_message(query, b'{"Event": "debug_demo"}', now=1714037060)["Event"] == "debug_demo"


def test_the_documented_encrypted_message_is_read(example: None, settings: Any) -> None:
    settings.WECHAT_AES_KEY = EXAMPLE_KEY
    query = {
        "signature": "6c5c811b55cc85e0e1b54100749188c20beb3f5d",
        "timestamp": "1714112445",
        "nonce": "415670741",
        "openid": "o9AgO5Kd5ggOC-bXrbNODIiE3bGY",
        "encrypt_type": "aes",
        "msg_signature": "046e02f8204d34f8ba5fa3b1db94908f3df2e9b3",
    }
    body = json.dumps({"ToUserName": "gh_97417a04a28d", "Encrypt": EXAMPLE_SECRET}).encode()
    assert read_message(query, body, now=1714112445) == {
        "ToUserName": "gh_97417a04a28d",
        "FromUserName": "o9AgO5Kd5ggOC-bXrbNODIiE3bGY",
        "CreateTime": 1714112445,
        "MsgType": "event",
        "Event": "debug_demo",
        "debug_str": "hello world",
    }
    settings.WECHAT_APP_ID = APP_ID
    with pytest.raises(RefusedError, match="bad_message"):
        read_message(query, body, now=1714112445)


@pytest.mark.parametrize("encrypted", [True, False])
def test_what_wechat_sends_arrives(wechat: WechatStandIn, settings: Any, encrypted: bool) -> None:
    settings.WECHAT_AES_KEY = settings.WECHAT_AES_KEY if encrypted else ""
    message = {"Event": "other", "words": "拾光" * 20}
    query, body = wechat.send(message, encrypted=encrypted)
    assert read_message(query, body, now=time.time()) == message


def test_a_forged_or_foreign_signature_is_refused(wechat: WechatStandIn) -> None:
    query, body = wechat.send({"Event": "other"})
    other, _ = wechat.send({"Event": "other"})
    for name, value in [
        ("msg_signature", "0" * 40),
        ("msg_signature", ""),
        ("msg_signature", "签名"),
        # The signature of the plain form does not cover the body.
        ("msg_signature", query["signature"]),
        ("nonce", other["nonce"] + "1"),
        ("timestamp", str(int(query["timestamp"]) + 1)),
        ("timestamp", ""),
        ("timestamp", "-1"),
        ("timestamp", "²"),
        ("timestamp", "9" * 5000),
        ("encrypt_type", "raw"),
    ]:
        assert refusal(query | {name: value}, body) == "bad_signature", name
    assert refusal(other, body) == "bad_signature"
    assert refusal({}, body) == "bad_signature"


def test_a_changed_body_is_refused(wechat: WechatStandIn) -> None:
    query, _ = wechat.send({"Event": "other"})
    _, other = wechat.send({"Event": "another"})
    assert refusal(query, other) == "bad_signature"


def test_with_a_key_a_plain_message_does_not_count(wechat: WechatStandIn) -> None:
    assert refusal(*wechat.send({"Event": "other"}, encrypted=False)) == "bad_signature"


def test_an_old_message_is_refused(wechat: WechatStandIn) -> None:
    query, body = wechat.send({"Event": "other"})
    sent = int(query["timestamp"])
    for now in (sent + MAX_AGE_SECONDS + 1, sent - MAX_AGE_SECONDS - 1):
        with pytest.raises(RefusedError, match="bad_signature"):
            read_message(query, body, now=now)


def test_a_message_to_another_app_is_refused(wechat: WechatStandIn) -> None:
    query, body = wechat.send({"Event": "other"}, app_id="wx-another")
    assert refusal(query, body) == "bad_message"


@pytest.mark.parametrize("secret", ["", "AAAA", "not Base64!", "A" * 64, "签"])
def test_what_cannot_be_decrypted_is_refused(wechat: WechatStandIn, secret: str) -> None:
    query, _ = wechat.send({})
    signature = wechat.sign(query["timestamp"], query["nonce"], secret)
    body = json.dumps({"Encrypt": secret}).encode()
    assert refusal(query | {"msg_signature": signature}, body) == "bad_message"


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"<xml/>", b"\xff", b"[" * 100_000, b'{"Encrypt": 5}']
)
def test_a_body_of_another_shape_is_refused(wechat: WechatStandIn, body: bytes) -> None:
    query, _ = wechat.send({})
    assert refusal(query, body) in ("bad_message", "bad_signature")


def test_the_address_answers_as_wechat_wants_it(db: None, wechat: WechatStandIn) -> None:
    answer = push(*wechat.send({"Event": "other"}))
    assert (answer.status_code, answer.content) == (200, b"success")
    query, _ = wechat.send({})
    echo = Client().get(f"{URL}?{urlencode(query | {'echostr': '<b>437'})}")
    assert (echo.status_code, echo.content) == (200, b"<b>437")
    assert echo.headers["Content-Type"] == "text/plain"
    forged = Client().get(f"{URL}?{urlencode(query | {'signature': 'x', 'echostr': '1'})}")
    assert (forged.status_code, forged.json()["code"]) == (401, "bad_signature")


def test_a_message_has_a_limit(db: None, wechat: WechatStandIn) -> None:
    query, body = wechat.send({"Event": "x" * 100_000})
    assert push(query, body).status_code == 413


def test_without_a_token_nothing_is_believed(
    db: None, wechat: WechatStandIn, settings: Any
) -> None:
    query, body = wechat.send({"Event": "other"}, encrypted=False)
    settings.WECHAT_MESSAGE_TOKEN = settings.WECHAT_AES_KEY = ""
    assert push(query, body).status_code == 401
    # Signed with the empty token, as anybody could.
    unsigned = {
        "timestamp": "1",
        "nonce": "2",
        "signature": "7b52009b64fd0a2a49e6d8a939753077792b0554",
    }
    with pytest.raises(RefusedError, match="bad_signature"):
        check_echo(unsigned, now=1)
