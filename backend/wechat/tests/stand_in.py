"""WeChat's server as its documentation describes it, on this machine.

It answers over HTTP with the documented errors, fetches the pictures that it is asked about, and
makes the messages that WeChat then sends.
"""

import base64
import hashlib
import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import urllib3
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC

APP_ID = "wx0123456789abcdef"
SECRET = "the-secret-of-the-app"
TOKEN = "the-token-of-messages"
AES_KEY = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ"


class WechatStandIn:
    """codes: what wx.login gave out -> openid. visitors: whoever was here in two hours.

    risky, doubtful: words that texts are judged by; pictures are judged by `pictures`.
    replies: path -> what to answer next instead, an errcode, or a status and a body.
    """

    def __init__(self) -> None:
        self.codes: dict[str, str] = {}
        self.unions: dict[str, str] = {}
        self.visitors: set[str] = set()
        self.risky, self.doubtful = "违法", "可疑"
        self.pictures = "pass"
        self.replies: dict[str, list[Any]] = {}
        self.calls: list[tuple[str, dict[str, str], Any]] = []
        self.fetched: dict[str, bytes] = {}  # by trace
        self.messages: list[dict[str, Any]] = []  # to be sent
        self.issued = 0
        self._used: set[str] = set()
        self._token = self._old_token = ""
        stand_in = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, format: str, *args: Any) -> None:
                pass

            def do_GET(self) -> None:
                self._answer(None)

            def do_POST(self) -> None:
                self._answer(self.rfile.read(int(self.headers["Content-Length"])))

            def _answer(self, body: bytes | None) -> None:
                status, data = stand_in._reply(self.path, body)
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def visit(self, openid: str, *, unionid: str = "") -> str:
        """Somebody opens the mini-program. Returns the code that wx.login gives them."""
        code = secrets.token_hex(8)
        self.codes[code] = openid
        self.unions[openid] = unionid
        self.visitors.add(openid)
        return code

    def calls_of(self, path: str) -> list[Any]:
        return [body for called, _, body in self.calls if called == path]

    def end_token(self) -> None:
        """Before its time."""
        self._token = ""

    def sign(self, *parts: str) -> str:
        return hashlib.sha1("".join(sorted([TOKEN, *parts])).encode()).hexdigest()

    def send(
        self, message: dict[str, Any], *, encrypted: bool = True, app_id: str = APP_ID
    ) -> tuple[dict[str, str], bytes]:
        """The message as WeChat sends it: the query of the address, and the body."""
        timestamp, nonce = str(int(time.time())), str(secrets.randbelow(10**9))
        query = {"timestamp": timestamp, "nonce": nonce, "signature": self.sign(timestamp, nonce)}
        data = json.dumps(message, ensure_ascii=False).encode()
        if not encrypted:
            return query, data
        key = base64.b64decode(AES_KEY + "=")
        plain = secrets.token_bytes(16) + len(data).to_bytes(4, "big") + data + app_id.encode()
        missing = 32 - len(plain) % 32
        encryptor = Cipher(AES256(key), CBC(key[:16])).encryptor()
        sealed = encryptor.update(plain + bytes([missing]) * missing) + encryptor.finalize()
        secret = base64.b64encode(sealed).decode()
        query |= {
            "encrypt_type": "aes",
            "msg_signature": self.sign(timestamp, nonce, secret),
            "openid": "o-sender",
        }
        return query, json.dumps({"ToUserName": "gh_1", "Encrypt": secret}).encode()

    def _reply(self, address: str, body: bytes | None) -> tuple[int, bytes]:
        parts = urlsplit(address)
        query = dict(parse_qsl(parts.query))
        message = None if body is None else json.loads(body)
        self.calls.append((parts.path, query, message))
        planned = self.replies.get(parts.path)
        if planned:
            reply = planned.pop(0)
            if isinstance(reply, tuple):
                return reply
            answer = {"errcode": reply, "errmsg": "as planned, rid: 1"}
        else:
            answer = self._answer(parts.path, query, message)
        return 200, json.dumps(answer).encode()

    def _answer(self, path: str, query: dict[str, str], message: Any) -> dict[str, Any]:
        if path == "/sns/jscode2session" and message is None:
            return self._session(query)
        if path == "/cgi-bin/stable_token" and message is not None:
            return self._stable_token(message)
        if path in ("/wxa/msg_sec_check", "/wxa/media_check_async") and message is not None:
            return self._refusal(query, message) or (
                self._judge_text(message) if "msg" in path else self._take_picture(message)
            )
        return {"errcode": 40066, "errmsg": "invalid url"}

    def _session(self, query: dict[str, str]) -> dict[str, Any]:
        code = query.get("js_code", "")
        if query.get("appid") != APP_ID:
            return {"errcode": 40013, "errmsg": "invalid appid"}
        if query.get("secret") != SECRET:
            return {"errcode": 40125, "errmsg": f"invalid appsecret {query.get('secret')}"}
        if query.get("grant_type") != "authorization_code":
            return {"errcode": 40002, "errmsg": "invalid grant_type"}
        if code in self._used:
            return {"errcode": 40163, "errmsg": "code been used"}
        if code not in self.codes:
            return {"errcode": 40029, "errmsg": "invalid code"}
        self._used.add(code)
        openid = self.codes[code]
        session = {"openid": openid, "session_key": "c2Vzc2lvbi1rZXk="}
        return session | ({"unionid": self.unions[openid]} if self.unions.get(openid) else {})

    def _stable_token(self, message: dict[str, Any]) -> dict[str, Any]:
        if (message["appid"], message["secret"]) != (APP_ID, SECRET):
            return {"errcode": 40001, "errmsg": "invalid credential"}
        if message["force_refresh"] or not self._token:
            self.issued += 1
            self._token = f"access-token-{self.issued}"
        return {"access_token": self._token, "expires_in": 7200}

    def _refusal(self, query: dict[str, str], message: dict[str, Any]) -> dict[str, Any] | None:
        refusals = [
            (query.get("access_token") != self._token, 40001, "invalid credential"),
            (message.get("version") != 2, 47001, "data format error"),
            (message.get("scene") not in (1, 2, 3, 4), 40129, "invalid scene"),
            (message.get("openid") not in self.codes.values(), 40003, "invalid openid"),
            (message.get("openid") not in self.visitors, 61010, "code is expired"),
        ]
        found = (
            {"errcode": code, "errmsg": f"{words}, rid: 1"}
            for is_so, code, words in refusals
            if is_so
        )
        return next(found, None)

    def _judge_text(self, message: dict[str, Any]) -> dict[str, Any]:
        content = message["content"]
        if not 0 < len(content) <= 2500:
            return {"errcode": 47001, "errmsg": "data format error"}
        suggest, label = "pass", 100
        if self.doubtful in content:
            suggest, label = "review", 21000
        if self.risky in content:
            suggest, label = "risky", 20006
        result = {"suggest": suggest, "label": label}
        return {"errcode": 0, "errmsg": "ok", "result": result, "trace_id": "t", "detail": []}

    def _take_picture(self, message: dict[str, Any]) -> dict[str, Any]:
        if message.get("media_type") != 2:
            return {"errcode": 40004, "errmsg": "invalid media type"}
        trace_id = secrets.token_hex(12)
        picture = urllib3.request("GET", message["media_url"])
        told: dict[str, Any] = {
            **{"ToUserName": "gh_1", "FromUserName": "o-platform", "CreateTime": int(time.time())},
            **{"MsgType": "event", "Event": "wxa_media_check", "appid": APP_ID},
            **{"trace_id": trace_id, "version": 2, "detail": []},
        }
        if picture.status == 200:
            self.fetched[trace_id] = picture.data
            label = 100 if self.pictures == "pass" else 20002
            result = {"suggest": self.pictures, "label": label}
            told |= {"errcode": 0, "errmsg": "ok", "result": result}
        else:
            told |= {"errcode": -1008, "errmsg": "download failed"}
        self.messages.append(told)
        return {"errcode": 0, "errmsg": "ok", "trace_id": trace_id}
