"""What is known of a photo besides words, as lexemes of its search document.

Every key begins with ß, and no word has one: case folding makes it ss. To Postgres it is a letter,
so that keys and words stand in one tsquery.
"""

from datetime import datetime

from backend.core.gazetteer import squeeze
from backend.search.holidays import holidays_on
from backend.search.vocabulary import Entry, Sort

_MARK = "ß"
_PREFIXES = {Sort.PERSON: "p", Sort.PLACE: "", Sort.TAG: "t", Sort.LABEL: "l"}
_MAX_KEY = 200


def key_of(entry: Entry) -> str:
    """The lexeme that the entry's photos have: letters and digits only."""
    if entry.sort == Sort.PLACE:
        return entry.key.replace("/", _MARK)[:_MAX_KEY]  # "/china/330100"
    return f"{_MARK}{_PREFIXES[entry.sort]}{squeeze(entry.key)}"[:_MAX_KEY]


def month_key(month: int) -> str:
    return f"{_MARK}m{month:02}"


def holiday_key(holiday: str) -> str:
    return f"{_MARK}h{squeeze(holiday)}"


FAVORITE, HAS_TEXT, TRASHED = f"{_MARK}favorite", f"{_MARK}text", f"{_MARK}trash"
# Nobody has a key of its own, as an index finds what is there. Until somebody has looked for faces
# a photo has neither.
PEOPLE, NOBODY = f"{_MARK}people", f"{_MARK}nobody"


def date_keys(local: datetime) -> list[str]:
    """For what comes every year: May, summer, Christmas."""
    return [month_key(local.month), *(holiday_key(name) for name in holidays_on(local.date()))]


def flag_keys(
    *, favorite: bool, has_text: bool, trashed: bool, has_people: bool | None
) -> list[str]:
    """has_people: None while nobody has looked for faces."""
    flags = {
        FAVORITE: favorite,
        HAS_TEXT: has_text,
        TRASHED: trashed,
        PEOPLE: has_people is True,
        NOBODY: has_people is False,
    }
    return [key for key, is_so in flags.items() if is_so]
