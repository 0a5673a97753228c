"""Which words English has: one of them is no slip of the keyboard.

The list is WordNet 3.0's, by stems (english_words.txt.gz; its licence is beside it).
"""

import functools
import gzip
from pathlib import Path

from backend.search.words import stem

# What a list of things, deeds and qualities leaves out.
_FUNCTION_WORDS = """
about above across after against along alongside although among amongst around because before behind
below beneath beside besides between beyond could despite down during each either else every except
from have having her herself himself his hers into itself just like might mine more most much must
near neither nobody none nothing onto other others ours ourselves outside over past shall should
since some somebody someone something than that their theirs them themselves then there these they
this those though through throughout toward towards under underneath unless until unto upon very
were what whatever when where whether which whichever while whoever whom whose will with within
without would your yours yourself
"""
_WORDS = Path(__file__).with_name("english_words.txt.gz")


def is_english(word: str) -> bool:
    """Whether a folded Latin word of 4 to 14 letters is an English word in any of its forms."""
    return stem(word) in _stems()


@functools.cache
def _stems() -> frozenset[str]:
    # 4 MB, read when the first unknown word comes.
    listed = gzip.decompress(_WORDS.read_bytes()).decode().split()
    return frozenset([*listed, *map(stem, _FUNCTION_WORDS.split())])
