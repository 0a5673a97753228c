"""Text as words: folded, split, and the same for documents and queries."""

import pytest

from backend.search.words import split_han, split_words


@pytest.mark.parametrize(
    ("text", "latin", "han"),
    [
        ("Hello, World!", ["hello", "world"], []),
        ("IMG_1234.jpg", ["img", "1234", "jpg"], []),
        ("海边的日落 sunset", ["sunset"], ["海边的日落"]),
        ("ＡＢＣ１２３", ["abc123"], []),
        ("Café Müller", ["cafe", "muller"], []),
        ("dogs Running", ["dog", "run"], []),
        ("2023年5月", ["2023", "5"], ["年", "月"]),
        ("", [], []),
        ("\x00\ud7ff😀", [], []),
    ],
)
def test_texts_are_split(text: str, latin: list[str], han: list[str]) -> None:
    words = split_words(text)
    assert (words.latin, words.han) == (latin, han)


def test_runs_become_pairs() -> None:
    assert split_han("海边日落") == ["海边", "边日", "日落"]
    assert split_han("海") == ["海"]
