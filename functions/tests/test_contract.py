"""What travels between functions and backend: whole, checked, signed."""

import dataclasses
import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.contract import (
    MODELS,
    Box,
    Claim,
    ContractError,
    FaceFinding,
    FacesFindings,
    Failure,
    Kind,
    Rendition,
    Result,
    Run,
    TextFindings,
    TextLine,
    claim_from_json,
    claim_to_json,
    decode_vector,
    encode_vector,
    original_key,
    photo_id_of_original,
    rendition_key,
    result_from_json,
    result_to_json,
    sign,
    verify_signature,
)

RUN = Run(
    request_id="r",
    started_at="2026-01-01T00:00:00+00:00",
    duration_ms=1.5,
    cpu_ms=1.0,
    memory_mb=100.0,
    cold_start=True,
    runtime="python",
    weights_sha256="",
    input_sha256="00",
)
BOX = Box(left=0.1, top=0.2, width=0.3, height=0.4)


def text_result(text: str = "小票 RECEIPT", score: float = 0.5) -> Result:
    return Result(
        photo_id="p",
        kind=Kind.TEXT,
        model=MODELS[Kind.TEXT][0],
        run=RUN,
        findings=TextFindings(lines=[TextLine(text=text, box=BOX, score=score)]),
    )


def changed(path: str, value: Any) -> bytes:
    """The text result's message with one field changed; a path such as run.cpu_ms."""
    message = json.loads(result_to_json(text_result()))
    *parents, last = path.split(".")
    place = message
    for name in parents:
        place = place[int(name)] if name.isdigit() else place[name]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return json.dumps(message).encode()


def test_a_result_comes_back_as_it_went() -> None:
    face = FaceFinding(box=BOX, score=0.9, quality=0.8, embedding=encode_vector([0.5] * 128))
    failure = Failure(stage="decode", code="truncated", detail="x", permanent=True)
    faces = dataclasses.replace(
        text_result(), kind=Kind.FACES, findings=FacesFindings(faces=[face, face])
    )
    failed = dataclasses.replace(text_result(), findings=None, failure=failure)
    for result in (text_result(), faces, failed):
        assert result_from_json(result_to_json(result)) == result


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("kind", "auras"),
        ("photo_id", 5),
        ("photo_id", ...),
        ("run", None),
        ("run.cpu_ms", "fast"),
        ("run.cpu_ms", True),
        ("run.cold_start", 1),
        ("run.extra", 1),
        ("findings", None),
        ("findings", []),
        ("findings.lines", {}),
        ("findings.lines.0.text", None),
        ("findings.lines.0.box.left", None),
        ("findings.lines.0.box.left", -0.1),
        ("findings.lines.0.box.left", 0.8),
        ("findings.lines.0.box.width", 0),
        ("findings.lines.0.box.height", 0.81),
        ("findings.lines.0.score", float("nan")),
        ("failure", {"stage": "s", "code": "c", "detail": "d", "permanent": False}),
    ],
)
def test_a_message_of_another_shape_is_refused(path: str, value: Any) -> None:
    with pytest.raises(ContractError):
        result_from_json(changed(path, value))


@given(st.binary(max_size=200))
def test_noise_is_refused_and_nothing_worse(noise: bytes) -> None:
    with pytest.raises(ContractError):
        result_from_json(noise)


def test_whole_numbers_are_welcome_as_fractions() -> None:
    assert result_from_json(changed("run.cpu_ms", 3)).run.cpu_ms == 3.0


def test_text_that_cannot_be_stored_is_mended() -> None:
    result = result_from_json(changed("findings.lines.0.text", "a\x00b\ud800c"))
    assert isinstance(result.findings, TextFindings)
    assert result.findings.lines[0].text == "ab?c"


def test_nan_never_leaves() -> None:
    with pytest.raises(ContractError):
        result_to_json(text_result(score=math.nan))
    with pytest.raises(ContractError):
        encode_vector([0.0, math.inf])


@given(st.lists(st.floats(-1, 1, width=16), min_size=1, max_size=64))
def test_vectors_of_half_floats_come_back_exactly(values: list[float]) -> None:
    assert decode_vector(encode_vector(values), len(values)) == values


@pytest.mark.parametrize("text", ["", "!!!", "AAAA", "é", encode_vector([1.0, 2.0, 3.0])])
def test_other_texts_are_no_vector_of_two(text: str) -> None:
    with pytest.raises(ContractError):
        decode_vector(text, 2)


def test_a_claim_comes_back_as_it_went() -> None:
    claim = Claim(photo_id="p", request_id="r", sha256="00", size=5, models={"text": "m"})
    assert claim_from_json(claim_to_json(claim)) == claim


def test_only_the_signer_with_the_secret_and_the_hour_is_believed() -> None:
    body = b'{"a": 1}'
    signature = sign("secret", "1000.0", body)

    def is_believed(**changes: Any) -> bool:
        values: dict[str, Any] = {
            "secret": "secret",
            "timestamp": "1000.0",
            "body": body,
            "signature": signature,
            "now": 1200.0,
        }
        return verify_signature(**(values | changes))

    assert is_believed()
    assert not is_believed(secret="other")
    assert not is_believed(body=b'{"a": 2}')
    assert not is_believed(timestamp="1001.0")
    assert not is_believed(now=1301.0)
    assert not is_believed(now=699.0)
    assert not is_believed(signature="")
    assert not is_believed(signature="é")
    for odd in ("nan", "inf", "", "1e999", "x"):
        assert not is_believed(timestamp=odd, signature=sign("secret", odd, body))


def test_keys_name_their_photo() -> None:
    assert photo_id_of_original(original_key("abc")) == "abc"
    for key in (rendition_key("abc", Rendition.PREVIEW), "originals/", "originals/a/b", "", "x"):
        assert photo_id_of_original(key) is None
