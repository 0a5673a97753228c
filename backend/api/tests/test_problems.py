"""Every error has a code that never changes and a sentence in both languages."""

import ast
import asyncio
import json
import re
from collections.abc import Callable, Iterator
from string import Formatter
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator
from django.core.cache import cache
from django.test import Client

from backend.accounts.models import User
from backend.albums.links import make_link
from backend.albums.services import create_album
from backend.api.body_limit import MAX_BODY_BYTES, limit_body
from backend.api.field_sentences import FAILURES, FIELDS
from backend.api.problems import _CODES, SENTENCES
from backend.conftest import ApiClient
from backend.embedded.process import ROOT

# Calls whose first argument is a code.
NAMED_BY = {"RefusedError", "problem", "plain_problem", "problem_response"}
HAN = re.compile(r"[\u4e00-\u9fff]")


def programs() -> Iterator[ast.AST]:
    """All that is written in the backend and the back-office, but not in problems.py."""
    for folder in ("backend", "admin"):
        for file in (ROOT / folder).rglob("*.py"):
            if "tests" not in file.parts and file.name != "problems.py":
                yield from ast.walk(ast.parse(file.read_text(encoding="utf-8")))


def codes_in_use() -> Iterator[str]:
    """Every code that a program names where it refuses something."""
    for node in programs():
        if isinstance(node, ast.Call) and node.args:
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            first = node.args[0]
            if name in NAMED_BY and isinstance(first, ast.Constant):
                yield str(first.value)
    for _, code, _, _ in _CODES:
        yield code


def test_every_code_that_is_used_has_sentences() -> None:
    used = set(codes_in_use())
    assert len(used) > 40
    assert used <= SENTENCES.keys()


def test_every_sentence_is_of_a_code_that_some_program_knows() -> None:
    written = {node.value for node in programs() if isinstance(node, ast.Constant)}
    # These are for what Django itself refuses.
    by_django = {"bad_request", "internal"}
    assert SENTENCES.keys() <= written | set(codes_in_use()) | by_django


@pytest.mark.parametrize("code", SENTENCES)
def test_both_languages_say_the_same_in_their_own_words(code: str) -> None:
    english, chinese = SENTENCES[code]
    assert re.fullmatch(r"[a-z_]+", code)
    assert english.isascii()
    assert english[-1] in ".!" or english.endswith("}")
    assert HAN.search(chinese)
    assert fields(english) == fields(chinese)


def fields(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


@pytest.mark.parametrize(
    ("asked", "said"), [("zh-CN,en;q=0.5", "文件超过"), ("en", "The file is"), ("", "The file is")]
)
def test_a_body_without_end_is_refused_in_the_readers_language(asked: str, said: str) -> None:
    async def nobody(*_arguments: Any) -> None:
        raise AssertionError("the application was asked")

    async def send_too_much() -> tuple[int, bytes]:
        headers = [(b"content-length", str(MAX_BODY_BYTES + 1).encode())]
        headers += [(b"accept-language", asked.encode())] if asked else []
        scope = {"type": "http", "method": "POST", "path": "/", "headers": headers}
        caller = ApplicationCommunicator(limit_body(nobody), scope)  # type: ignore[no-untyped-call]
        await caller.send_input({"type": "http.request"})  # type: ignore[no-untyped-call]
        start, body = [
            await caller.receive_output(5)  # type: ignore[no-untyped-call]
            for _ in range(2)
        ]
        return start["status"], body["body"]

    status, body = asyncio.run(send_too_much())
    document = json.loads(body)
    assert (status, document["code"]) == (413, "too_large")
    assert said in document["detail"]
    assert str(MAX_BODY_BYTES) in document["detail"]


def sentences_of_fields() -> Iterator[ast.expr]:
    """Whatever a program says of a field: to bad_field, or as a serializer's ValidationError."""
    for node in programs():
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name == "bad_field":
            yield node.args[1]
        if name == "ValidationError" and "forms" not in ast.dump(node.func):
            given = node.args[0]
            yield from given.values if isinstance(given, ast.Dict) else [given]


def test_what_is_said_of_a_field_is_said_in_both_languages() -> None:
    said = {
        node.value if isinstance(node, ast.Constant) else ast.dump(node)
        for node in sentences_of_fields()
        # The back-office hands on what a problem says, in the reader's language already.
        if "told" not in ast.dump(node)
    }
    assert len(said) > 25
    assert said == set(FIELDS)


def test_nothing_is_said_of_a_field_in_any_other_way() -> None:
    """Or it would be in English whoever reads: a sentence in a field's error, or put together."""
    by_themselves = [
        ast.unparse(node)
        for node in programs()
        if isinstance(node, ast.Dict)
        and {"field", "code", "detail"} <= {getattr(key, "value", None) for key in node.keys}
    ]
    assert sorted(by_themselves) == sorted(
        [
            # bad_field, what Django says, what an example shows, say_field's own and say_failure's.
            "{'field': field, 'code': code, 'detail': detail, 'values': values}",
            "{'field': name, 'code': entry.code or 'invalid', 'detail': ' '.join(entry.messages)}",
            "{'field': 'name', 'code': 'required', 'detail': 'This field is required.'}",
            "{'field': error['field'], 'code': error['code'], 'detail': detail}",
            "{'field': 'image', 'code': failure.code, "
            "'detail': say_failure(failure.code, failure.detail)}",
        ]
    )


@pytest.mark.parametrize(("english", "chinese"), FIELDS.items())
def test_a_sentence_of_a_field_fills_in_the_same_in_chinese(english: str, chinese: str) -> None:
    assert english.isascii()
    assert HAN.search(chinese)
    blanks = [
        {name for _, name, _, _ in Formatter().parse(text) if name} for text in (english, chinese)
    ]
    assert blanks[0] == blanks[1]


def test_every_failure_of_an_analysis_has_its_chinese() -> None:
    codes = {"worker_lost"}  # which the backend says, of who cannot any more
    for file in (ROOT / "functions").rglob("*.py"):
        if "tests" in file.parts:
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "_failure":
                codes |= {ast.literal_eval(node.args[0])}
            if isinstance(node, ast.keyword) and node.arg == "code":
                codes |= {
                    each.value
                    for each in ast.walk(node.value)
                    if isinstance(each, ast.Constant) and isinstance(each.value, str)
                }
            # functions.courier: code, detail = "timed_out", "..."
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "(code, detail)":
                codes |= {ast.literal_eval(node.value.elts[0])}  # type: ignore[attr-defined]
    assert codes == set(FAILURES)
    assert all(HAN.search(chinese) for chinese in FAILURES.values())


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/map?zoom=x&bbox=1,2,3,4", "zoom"),
        ("/memories?date=x", "date"),
        ("/photos?bbox=1", "bbox"),
    ],
)
def test_a_field_is_explained_in_the_language_of_whoever_asks(
    path: str, field: str, api: ApiClient
) -> None:
    told = {}
    for language in ("zh-CN", "en"):
        answer = api("GET", path, **{"Accept-Language": language})
        assert answer.status_code == 400
        (error,) = answer.json()["errors"]
        assert error["field"] == field
        assert error.keys() == {"field", "code", "detail"}
        told[language] = error["detail"]
    assert HAN.search(told["zh-CN"])
    assert told["en"].isascii()
    assert "{" not in "".join(told.values())


def test_what_the_framework_says_of_a_field_is_in_chinese_too(api: ApiClient) -> None:
    for data in ({}, {"title": "x" * 201}, {"title": None}, {"title": "x", "position": "y"}):
        answer = api("POST", "/albums", data, **{"Accept-Language": "zh-CN"})
        assert answer.status_code == 400
        assert HAN.search(answer.json()["errors"][0]["detail"]), answer.json()


def break_down(*_: object, **__: object) -> None:
    raise ZeroDivisionError


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize(
    ("status", "code", "ask"),
    [
        (404, "not_found", lambda api: api("GET", "/no/such/route")),
        (405, "method_not_allowed", lambda api: api("PUT", "/photos")),
        (406, "not_acceptable", lambda api: api("GET", "/photos", Accept="image/png")),
        (413, "too_large", lambda api: api("POST", "/albums", {"title": "x" * 2_000_000})),
        (415, "unsupported_media_type", lambda api: api("POST", "/albums", media="text/csv")),
        (401, "bad_token", lambda api: api("GET", "/photos", Authorization="Bearer x")),
        (401, "wrong_password", lambda api: api("POST", "unlock", {"password": "wrong"})),
        (429, "too_many_requests", lambda api: api("GET", "/photos", limit=True)),
        (500, "internal", lambda api: api("GET", "/albums", breaks=True)),
    ],
)
def test_refusals_of_every_kind_are_problems_in_the_readers_language(
    status: int,
    code: str,
    ask: Callable[[Any], Any],
    language: str,
    user: User,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cache.clear()
    signed_in = ApiClient(user).headers
    token, _ = make_link(create_album(user, {"title": "x"}), user, password="right")
    client = Client(raise_request_exception=False)

    def call(
        method: str,
        path: str,
        data: Any = None,
        *,
        media: str = "application/json",
        limit: bool = False,
        breaks: bool = False,
        **headers: str,
    ) -> Any:
        if limit:
            settings.RATE_LIMIT_USER = 0
        if breaks:
            monkeypatch.setattr("backend.api.albums.albums_of", break_down)
        path = f"/links/{token}/unlock" if path == "unlock" else path
        return client.generic(
            method,
            f"/api/v1{path}",
            data=json.dumps(data).encode(),
            content_type=media,
            headers=signed_in | {"Accept-Language": language} | headers,
        )

    answer = ask(call)
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    document = answer.json()
    assert (document["status"], document["code"]) == (status, code)
    assert bool(HAN.search(document["detail"])) == (language == "zh-CN")
