"""Signed messages in addresses."""

import pytest
from django.core import signing

from backend.core.grants import Grants

GRANTS = Grants(salt="tests")
MESSAGE = ["originals/1", "image/jpeg", '页面".html', 1_800_000_000, "", False]


def test_what_is_signed_is_read_again() -> None:
    assert GRANTS.unsign_object(GRANTS.sign_object(MESSAGE)) == MESSAGE


def test_signatures_are_djangos() -> None:
    django = signing.Signer(salt="tests")
    assert GRANTS.signature("message") == django.signature("message")
    assert django.unsign_object(GRANTS.sign_object(["plain"])) == ["plain"]


@pytest.mark.parametrize("place", range(0, len(GRANTS.sign_object(MESSAGE)), 7))
def test_a_changed_letter_is_no_signature(place: int) -> None:
    grant = GRANTS.sign_object(MESSAGE)
    other = "A" if grant[place] != "A" else "B"
    with pytest.raises(signing.BadSignature):
        GRANTS.unsign_object(grant[:place] + other + grant[place + 1 :])


def test_a_grant_is_for_one_purpose_and_one_key() -> None:
    grant = GRANTS.sign_object(MESSAGE)
    for others in (Grants(salt="others"), Grants(salt="tests", key="another key")):
        with pytest.raises(signing.BadSignature):
            others.unsign_object(grant)


@pytest.mark.parametrize("text", ["", "x", ":", "x:", ":x", "ä:ö"])
def test_anything_else_is_no_grant(text: str) -> None:
    with pytest.raises(signing.BadSignature):
        GRANTS.unsign_object(text)
