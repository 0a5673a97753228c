"""Every error has a code that never changes and a sentence in both languages."""

import ast
import asyncio
import json
import re
from collections.abc import Iterator
from string import Formatter
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator

from backend.api.body_limit import MAX_BODY_BYTES, limit_body
from backend.api.problems import _CODES, SENTENCES
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
