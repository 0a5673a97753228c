"""Words that people write, as they are kept."""

import unicodedata

# Joiners, which make one picture of several emoji and shape some scripts.
_JOINERS = "\u200c\u200d"


def clean_words(text: str) -> str:
    """The words with one space between them, without signs that cannot be seen.

    Those could turn the direction of what stands around them, or make two words look like one.
    Empty if nothing can be seen.
    """
    visible = "".join(sign for sign in text if sign in _JOINERS or sign.isspace() or _is_seen(sign))
    words = " ".join(visible.split())
    return words if any(_is_seen(sign) for sign in words) else ""


def _is_seen(sign: str) -> bool:
    return unicodedata.category(sign)[0] not in "CZ"
