"""Text as the words that search compares.

Latin words are stemmed by Postgres (its `english` configuration); Chinese has no spaces, so a
run of Han characters becomes its overlapping pairs: 海边日落 -> 海边 边日 日落. Both sides of a
search, document and query, go through the same functions.
"""

import re
import unicodedata
from dataclasses import dataclass

# Han, with the extensions and compatibility forms; also kana and hangul, which have no stems
# here.
_HAN = (
    r"\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    r"\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003134f"
)
_RUNS = re.compile(rf"(?P<han>[{_HAN}]+)|(?P<word>[^\W_{_HAN}]+)")


@dataclass(frozen=True, kw_only=True)
class Words:
    """latin: words in order, lower case, without accents. han: runs of characters in order."""

    latin: list[str]
    han: list[str]


def split_words(text: str) -> Words:
    """The words of a text, full-width forms folded, accents off, case folded."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    latin: list[str] = []
    han: list[str] = []
    for match in _RUNS.finditer(folded):
        if match["han"]:
            han.append(match["han"])
        else:
            latin.append(_strip_accents(match["word"]))
    return Words(latin=latin, han=han)


def split_han(run: str) -> list[str]:
    """The overlapping pairs of a run; a single character stands for itself."""
    return [run[start : start + 2] for start in range(len(run) - 1)] or [run]


def han_tokens(runs: list[str]) -> list[str]:
    """What a document keeps of its runs: every pair, and every character, for short queries."""
    return [token for run in runs for token in [*split_han(run), *run]]


def _strip_accents(word: str) -> str:
    decomposed = unicodedata.normalize("NFD", word)
    return "".join(character for character in decomposed if not unicodedata.combining(character))
