"""Texts that mean alike are near, in Chinese, in English, and across."""

import math
import threading

import pytest

from backend.core.meanings import MAX_TEXT, meaning_of
from functions.contract import MEANING_DIMENSIONS


def similarity(one: str, other: str) -> float:
    return sum(a * b for a, b in zip(meaning_of(one), meaning_of(other), strict=True))


@pytest.mark.parametrize(
    ("english", "chinese", "another"),
    [("dog", "狗", "飞机"), ("birthday cake", "生日蛋糕", "山"), ("beach", "海滩", "键盘")],
)
def test_a_word_is_nearer_to_its_translation_than_to_another_thing(
    english: str, chinese: str, another: str
) -> None:
    assert similarity(english, chinese) > similarity(english, another) + 0.2


def test_vectors_have_the_agreed_size_and_unit_length() -> None:
    vector = meaning_of("海边的小狗")
    assert len(vector) == MEANING_DIMENSIONS
    assert math.hypot(*vector) == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("text", ["", " ", "\x00", "🙂" * 50, "' OR 1=1 --", "\ud83d"])
def test_any_text_has_a_vector(text: str) -> None:
    assert all(map(math.isfinite, meaning_of(text)))


def test_what_is_beyond_the_limit_is_not_read() -> None:
    long = "dog " * MAX_TEXT
    assert meaning_of(long) == meaning_of(long[:MAX_TEXT])


def test_two_threads_get_what_one_gets() -> None:
    texts = [f"photo {number} of a dog" for number in range(40)]
    alone = [meaning_of(text) for text in texts]
    meaning_of.cache_clear()
    together: dict[str, tuple[float, ...]] = {}

    def ask(some: list[str]) -> None:
        for text in some:
            together[text] = meaning_of(text)

    threads = [threading.Thread(target=ask, args=(texts[start::2],)) for start in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for text, vector in zip(texts, alone, strict=True):
        assert together[text] == pytest.approx(vector, abs=1e-5)
