"""WeChat's server API: the three calls that we need, over HTTP.

What goes out holds the app's secret or an access token, in addresses too: so neither requests nor
the errors of the HTTP client are logged or shown.
"""

import functools
import json
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlencode

import urllib3
from django.conf import settings
from django.core.cache import cache
from redis.exceptions import RedisError

TIMEOUT = urllib3.Timeout(connect=3, read=5)
MAX_ANSWER_BYTES = 64 * 1024
PICTURE = 2  # WeChat's media type
VERSION = 2
SOCIAL = 4  # WeChat's scene of what people post for each other
# WeChat renews a token five minutes before its end; the old one lives as long beside it.
_TOKEN_MARGIN_SECONDS = 300
# A forced renewal ends the token of everybody else; WeChat allows twenty a day.
_FORCED_EVERY_SECONDS = 2 * 3600

Suggest = Literal["pass", "review", "risky"]
SUGGESTS: tuple[Suggest, ...] = ("pass", "review", "risky")

# errcode -> what it is to us; every other one means that the app's settings are not right
_CODES = {
    -1: "busy",
    44991: "busy",  # so many calls a minute
    45009: "busy",  # so many a day
    45011: "busy",
    87020: "busy",  # the same picture again
    40029: "code_invalid",
    40163: "code_invalid",  # used before
    41008: "code_invalid",
    40226: "user_blocked",
    40003: "openid_invalid",
    43104: "openid_invalid",  # of another app
    61010: "visit_needed",
    40001: "token_invalid",
    40014: "token_invalid",
    42001: "token_invalid",
}


class WechatError(Exception):
    """WeChat has not done what it was asked.

    code: busy, unreachable, code_invalid, user_blocked, openid_invalid, visit_needed,
    token_invalid or refused. detail: WeChat's own words, without secrets.
    """

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code} {detail}".strip())
        self.code = code
        self.detail = detail


@dataclass(frozen=True)
class Session:
    openid: str
    unionid: str


@dataclass(frozen=True)
class Opinion:
    suggest: Suggest
    label: int | None


def exchange_code(code: str) -> Session:
    """Whom a code of wx.login stands for. It is good once. Raises WechatError."""
    query = {
        "appid": settings.WECHAT_APP_ID,
        "secret": settings.WECHAT_APP_SECRET,
        "js_code": code,
        "grant_type": "authorization_code",
    }
    answer = _call("GET", "/sns/jscode2session", query=query)
    openid, unionid = answer.get("openid"), answer.get("unionid") or ""
    if not (isinstance(openid, str) and isinstance(unionid, str) and 0 < len(openid) <= 128):
        raise WechatError("unreachable", "The answer names nobody.")
    return Session(openid=openid, unionid=unionid[:128])


def check_text(text: str, *, openid: str, scene: int) -> Opinion:
    """What WeChat thinks of at most 2,500 characters. Raises WechatError."""
    message = {"content": text, "version": VERSION, "scene": scene, "openid": openid}
    opinion = read_opinion(_call_with_token("/wxa/msg_sec_check", message).get("result"))
    if opinion is None:
        raise WechatError("unreachable", "The answer has no result.")
    return opinion


def ask_about_picture(url: str, *, openid: str) -> str:
    """WeChat fetches the picture and sends a message about it. Returns the trace that it names.

    Raises WechatError.
    """
    message = {
        "media_url": url,
        "media_type": PICTURE,
        "version": VERSION,
        "scene": SOCIAL,
        "openid": openid,
    }
    trace_id = _call_with_token("/wxa/media_check_async", message).get("trace_id")
    if not (isinstance(trace_id, str) and 0 < len(trace_id) <= 128):
        raise WechatError("unreachable", "The answer has no trace.")
    return trace_id


def read_opinion(result: Any) -> Opinion | None:
    """None for what has not the agreed shape."""
    if not isinstance(result, dict) or result.get("suggest") not in SUGGESTS:
        return None
    label = result.get("label")
    return Opinion(result["suggest"], label if isinstance(label, int) and label >= 0 else None)


def _call_with_token(path: str, message: dict[str, Any]) -> dict[str, Any]:
    token = _access_token()
    try:
        return _call("POST", path, query={"access_token": token}, message=message)
    except WechatError as error:
        if error.code != "token_invalid":
            raise
    # Somebody has renewed it, or WeChat ended it before its time.
    token = _access_token(instead_of=token)
    return _call("POST", path, query={"access_token": token}, message=message)


def _access_token(*, instead_of: str = "") -> str:
    """The token that all processes share, a new one if there is none or that one is no good."""
    name = f"wechat:token:{settings.WECHAT_APP_ID}"
    try:
        token = cache.get(name)
        if not isinstance(token, str) or token == instead_of:
            token, seconds = _fetch_token()
            if token == instead_of and cache.add(f"{name}:forced", 1, _FORCED_EVERY_SECONDS):
                token, seconds = _fetch_token(force=True)
            cache.set(name, token, timeout=max(seconds - _TOKEN_MARGIN_SECONDS, 30))
    except RedisError:
        raise WechatError("unreachable", "The cache is away.") from None
    return token


def _fetch_token(*, force: bool = False) -> tuple[str, int]:
    message = {
        "grant_type": "client_credential",
        "appid": settings.WECHAT_APP_ID,
        "secret": settings.WECHAT_APP_SECRET,
        "force_refresh": force,
    }
    answer = _call("POST", "/cgi-bin/stable_token", message=message)
    token, seconds = answer.get("access_token"), answer.get("expires_in")
    if not (isinstance(token, str) and token and isinstance(seconds, int)):
        raise WechatError("unreachable", "The answer has no token.")
    return token, seconds


def _call(
    method: str,
    path: str,
    *,
    query: dict[str, str] | None = None,
    message: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """The answer of one call. Raises WechatError."""
    address = settings.WECHAT_API_URL + path
    if query:
        address += "?" + urlencode(query)
    body = None
    if message is not None:
        # WeChat checks the characters as they stand there, so none is written as \u....
        body = json.dumps(message, ensure_ascii=False).encode("utf-8", "replace")
    try:
        response = _http().request(
            method,
            address,
            body=body,
            headers={"Content-Type": "application/json", "User-Agent": "Shiguang"},
            timeout=TIMEOUT,
            redirect=False,
            retries=False,
            preload_content=False,
        )
        try:
            data = response.read(MAX_ANSWER_BYTES)
        finally:
            response.close()
    except urllib3.exceptions.HTTPError as error:
        # Its words may hold the address, and that the secret.
        raise WechatError("unreachable", type(error).__name__) from None
    try:
        answer = json.loads(data)
    except (ValueError, RecursionError):
        answer = None
    if response.status != 200 or not isinstance(answer, dict):
        raise WechatError("unreachable", f"It answered {response.status}.")
    errcode = answer.get("errcode", 0)
    if errcode != 0:
        code = _CODES.get(errcode, "refused") if isinstance(errcode, int) else "refused"
        raise WechatError(code, f"{errcode} {answer.get('errmsg', '')}"[:300])
    return answer


@functools.cache
def _http() -> urllib3.PoolManager:
    return urllib3.PoolManager(num_pools=2, maxsize=8)
