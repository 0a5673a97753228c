"""Cleaning what people write."""

import pytest

from backend.core.text import clean_words


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("  summer\t 2023\n", "summer 2023"),
        ("全家 福", "全家 福"),
        ("\u200b\u202e", ""),
        ("\u200d", ""),
        ("a\u202eb\x00c", "abc"),
        ("👩\u200d👧", "👩\u200d👧"),
        ("می\u200cخواهم", "می\u200cخواهم"),
    ],
)
def test_what_cannot_be_seen_is_left_out(text: str, kept: str) -> None:
    assert clean_words(text) == kept
