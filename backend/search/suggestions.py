"""What a query may become, as it is typed."""

import functools
import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q
from django.db.models.functions import Length

from backend.accounts.models import User
from backend.core.gazetteer import squeeze
from backend.search.models import Term
from backend.search.parsing import MAX_NAMED
from backend.search.terms import named_people, person_entry, spell_person
from backend.search.vocabulary import Entry, How, Sort, Spelling, spell_entry

MAX_SUGGESTIONS = 10
_LATIN_END = re.compile(r"[^\W_\u3040-\u9fff]+(?:[ '’-][^\W_\u3040-\u9fff]+){0,2}$")
_HAN_END = re.compile("[\u3400-\u9fff]{1,6}$")


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """id: a person's or an album's.

    query: what was typed, with the suggestion in place of its beginning; for an album without it,
    because an album is searched in.
    """

    kind: Sort
    name: str
    name_zh: str
    id: UUID | None
    query: str


@dataclass(frozen=True)
class _Begun:
    start: int  # in the query
    spelling: str


def suggest(
    user: User, query: str, *, limit: int, albums: Iterable[tuple[UUID, str]] = ()
) -> list[Suggestion]:
    """The user's people, places, tags, labels and albums that the end of the query may begin.

    Those that take up most of what was typed first, then people before places before labels before
    albums, short names before long ones. albums: those that the user sees, by id and title.
    """
    begun = list(_find_begun(query[-MAX_NAMED:]))
    if not begun:
        return []
    offset = max(0, len(query) - MAX_NAMED)
    found: dict[tuple[Sort, str], tuple[tuple[int, int, int, str], Suggestion]] = {}
    sources = (_people(user, begun), _terms(user, begun), _albums(albums, begun))
    for entry, spelling, how in itertools.chain(*sources):
        word = next(each for each in begun if spelling.startswith(each.spelling))
        # Two letters are many people's initials: names that are written so come first.
        ranked = (
            *(word.start, list(How).index(how), list(Sort).index(entry.sort)),
            f"{len(spelling):03}{entry.name}",
        )
        before = query[: offset + word.start]
        is_album = entry.sort == Sort.ALBUM
        taken = before.rstrip() if is_album else before + _typed_name(entry, word.spelling, how)
        suggestion = Suggestion(
            kind=entry.sort,
            name=entry.name,
            name_zh=entry.name_zh,
            id=UUID(entry.key) if entry.sort in (Sort.PERSON, Sort.ALBUM) else None,
            query=taken,
        )
        identity = (entry.sort, entry.key)
        if identity not in found or ranked < found[identity][0]:
            found[identity] = (ranked, suggestion)
    return [suggestion for _, suggestion in sorted(found.values(), key=lambda each: each[0])][
        :limit
    ]


def _find_begun(query: str) -> Iterator[_Begun]:
    """What at the end may be the beginning of a name, the longest first."""
    if match := _LATIN_END.search(query):
        for word in re.finditer(r"[^\W_]+", match[0]):
            start = match.start() + word.start()
            yield _Begun(start, squeeze(query[start:]))
    elif match := _HAN_END.search(query):
        for start in range(match.start(), match.end()):
            yield _Begun(start, squeeze(query[start:]))


def _people(user: User, begun: list[_Begun]) -> Iterator[tuple[Entry, str, How]]:
    prefixes = tuple(each.spelling for each in begun)
    for person_id, name in named_people(user):
        for spelling in spell_person(name):
            if spelling.text.startswith(prefixes):
                yield person_entry(person_id, name), spelling.text, spelling.how


def _albums(
    albums: Iterable[tuple[UUID, str]], begun: list[_Begun]
) -> Iterator[tuple[Entry, str, How]]:
    prefixes = tuple(each.spelling for each in begun)
    for album_id, title in albums:
        for spelling in _spell_title(title):
            if spelling.text.startswith(prefixes):
                entry = Entry(sort=Sort.ALBUM, key=album_id.hex, name=title)
                yield entry, spelling.text, spelling.how


@functools.lru_cache(maxsize=10_000)
def _spell_title(title: str) -> frozenset[Spelling]:
    return frozenset(spell_entry(Entry(sort=Sort.ALBUM, key="", name=title)))


def _terms(user: User, begun: list[_Begun]) -> Iterator[tuple[Entry, str, How]]:
    starts = Q()
    for each in begun:
        starts |= Q(spelling__startswith=each.spelling)
    rows = Term.objects.filter(starts, owner=user).order_by(Length("spelling"), "spelling")
    for sort, key, name, name_zh, spelling, how in rows.values_list(
        "sort", "key", "name", "name_zh", "spelling", "how"
    )[:100]:
        yield Entry(sort=Sort(sort), key=key, name=name, name_zh=name_zh), spelling, How(how)


def _typed_name(entry: Entry, spelling: str, how: How) -> str:
    """The name in the language in which it was begun; pinyin begins Chinese."""
    if not entry.name_zh or (how == How.WRITTEN and squeeze(entry.name).startswith(spelling)):
        return entry.name
    return entry.name_zh
