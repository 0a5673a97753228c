"""Text as the words that search compares.

Latin words are stemmed (Snowball's English, which leaves other languages' words as good as they
are); Chinese has no spaces, so a run of Han characters becomes its overlapping pairs:
海边日落 -> 海边 边日 日落. Both sides of a search, document and query, go through the same
functions, so Postgres only compares tokens (its `simple` configuration).
"""

import functools
import re
import unicodedata
from dataclasses import dataclass

import snowballstemmer

from backend.core.chinese import simplify

# Han, with the extensions and compatibility forms; also kana and hangul, which have no stems
# here.
_HAN = (
    r"\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    r"\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003134f"
)
_RUNS = re.compile(rf"(?P<han>[{_HAN}]+)|(?P<word>[^\W_{_HAN}]+)")

# Words that say nothing about a photo; a query may be full of them.
_STOP_WORDS = (
    "a an and are as at be by for from i in is it me my of on or our show that the their this to "
    "was we were with photo photos picture pictures 的 了 和 在 照片 图片 相片"
)
STOP_WORDS = frozenset(_STOP_WORDS.split())
# Postgres takes no longer lexeme; nobody types one.
_MAX_WORD = 100


@dataclass(frozen=True, kw_only=True)
class Words:
    """latin: stems in order, lower case, without accents. han: runs of characters in order."""

    latin: list[str]
    han: list[str]


@dataclass(frozen=True, kw_only=True)
class Folded:
    """text: lower case, simplified, half-width. places: of each character, its place in the source;
    one more at the end.
    """

    text: str
    places: list[int]


def fold(text: str) -> Folded:
    """The text as queries are read, knowing where everything stood."""
    characters: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        folded = _fold(character)
        characters.append(folded)
        places += [place] * len(folded)
    return Folded(text="".join(characters), places=[*places, len(text)])


def _fold(text: str) -> str:
    return simplify(unicodedata.normalize("NFKC", text).casefold()).replace("’", "'")


def split_words(text: str) -> Words:
    """The words of a text, full-width forms folded, traditional characters simplified, accents
    off, case folded, stop words kept.
    """
    folded = _fold(text)
    latin: list[str] = []
    han: list[str] = []
    for match in _RUNS.finditer(folded):
        if match["han"]:
            han.append(match["han"])
        else:
            latin.append(stem(_strip_accents(match["word"])[:_MAX_WORD]))
    return Words(latin=latin, han=han)


@functools.lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """What an English word has in common with its other forms: dogs -> dog, running -> run."""
    # A stemmer holds state while it works, and threads share this module.
    return str(snowballstemmer.stemmer("english").stemWord(word))


def split_han(run: str) -> list[str]:
    """The overlapping pairs of a run; a single character stands for itself."""
    return [run[start : start + 2] for start in range(len(run) - 1)] or [run]


def han_tokens(runs: list[str]) -> list[str]:
    """What a document keeps of its runs: every pair, and every character, for short queries."""
    return [token for run in runs for token in [*split_han(run), *run]]


def _strip_accents(word: str) -> str:
    decomposed = unicodedata.normalize("NFD", word)
    return "".join(character for character in decomposed if not unicodedata.combining(character))
