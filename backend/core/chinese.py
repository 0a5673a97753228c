"""Chinese characters: the simplified form, and how they sound."""

import functools
import re

from opencc import OpenCC


@functools.cache
def _converter() -> OpenCC:
    return OpenCC("t2s")


_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


@functools.lru_cache(maxsize=20_000)
def _simplify(character: str) -> str:
    if not _HAN.match(character):
        return character
    simple = _converter().convert(character)
    return simple if len(simple) == 1 else character


def simplify(text: str) -> str:
    """The text with traditional characters in their simplified form, character by character.

    The length stays, so that a place in the result is the same place in the text.
    """
    return "".join(map(_simplify, text)) if _HAN.search(text) else text


@functools.lru_cache(maxsize=20_000)
def spell(text: str) -> str:
    """Pinyin without tones or spaces, lower case: 重庆 -> chongqing. Other letters are dropped."""
    return "".join(_pronounce(text, first_letters=False))


@functools.lru_cache(maxsize=20_000)
def initials(text: str) -> str:
    """The first letter of each character's pinyin: 小明 -> xm."""
    return "".join(_pronounce(text, first_letters=True))


def _pronounce(text: str, *, first_letters: bool) -> list[str]:
    # Its tables take a third of a second to open: not every process needs them, none at its start.
    from pypinyin import Style, lazy_pinyin

    style = Style.FIRST_LETTER if first_letters else Style.NORMAL
    return lazy_pinyin(text, style=style, errors="ignore")
