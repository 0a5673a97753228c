"""The names that a user's photos are found by: learnt from photos, read for a query."""

import functools
import itertools
import re
from collections.abc import Iterable
from uuid import UUID

from django.contrib.postgres.search import SearchQuery
from django.db import connection
from django.utils import timezone

from backend.accounts.models import User
from backend.core.gazetteer import find_well_known, squeeze
from backend.people.models import Person
from backend.search.keys import key_of
from backend.search.models import SearchDocument, Term
from backend.search.parsing import MAX_NAMED, Parsed, parse
from backend.search.vocabulary import (
    Entry,
    How,
    Sort,
    Spelling,
    Vocabulary,
    find_candidates,
    spell_entry,
)
from backend.search.words import STOP_WORDS, fold

# An entry and the further forms of its name; see search.vocabulary.spell_entry.
Named = tuple[Entry, tuple[str, ...]]

# So many of a query's words may be looked up as mistyped: each is a look into an index.
_MAX_MISTYPED = 8
_NEAR = """
select term.sort, term.key, term.name, term.name_zh, term.spelling, term.how
from unnest(%(words)s::text[]) as typed(word)
cross join lateral (
    select sort, key, name, name_zh, spelling, how from search_term
    where owner_id = %(owner)s and spelling %% typed.word and how <> 'initials'
    order by similarity(spelling, typed.word) desc limit 3
) as term
"""


def understand(user: User | None, query: str) -> Parsed:
    """What the query means to the user today; without a user only dates and words are known."""
    vocabulary = read_vocabulary(user, query) if user else Vocabulary()
    today = timezone.localdate()
    return parse(query, vocabulary, today=today, find_places=find_well_known if user else None)


def read_vocabulary(user: User, query: str) -> Vocabulary:
    """The user's names that the query may mean: never anybody else's, never a hidden person's."""
    folded = fold(query[:MAX_NAMED]).text
    candidates = {candidate.spelling for candidate in find_candidates(folded)}
    rows = Term.objects.filter(owner=user, spelling__in=candidates).exclude(how=How.INITIALS)
    terms = list(rows.values_list("sort", "key", "name", "name_zh", "spelling", "how"))
    known = {term[4] for term in terms}
    if words := _maybe_mistyped(folded, known):
        with connection.cursor() as cursor:
            cursor.execute(_NEAR, {"words": words, "owner": user.id})
            terms += cursor.fetchall()
    return Vocabulary([*map(_read_term, terms), *_read_people(user)])


def _maybe_mistyped(folded: str, known: set[str]) -> list[str]:
    words = [word for word in re.findall(r"[a-z]{4,}", folded) if word not in STOP_WORDS]
    pairs = [f"{one}{other}" for one, other in itertools.pairwise(words)]
    return [word for word in [*words, *pairs] if word not in known][:_MAX_MISTYPED]


def _read_term(row: tuple[str, str, str, str, str, str]) -> tuple[Entry, list[Spelling]]:
    sort, key, name, name_zh, spelling, how = row
    entry = Entry(sort=Sort(sort), key=key, name=name, name_zh=name_zh)
    return entry, [Spelling(spelling, How(how))]


def _read_people(user: User) -> Iterable[tuple[Entry, frozenset[Spelling]]]:
    for person_id, name in named_people(user):
        yield person_entry(person_id, name), spell_person(name)


def named_people(user: User) -> list[tuple[UUID, str]]:
    people = Person.objects.filter(owner=user, hidden=False).exclude(name="")
    return list(people.values_list("id", "name"))


def person_entry(person_id: UUID, name: str) -> Entry:
    return Entry(sort=Sort.PERSON, key=person_id.hex, name=name)


@functools.lru_cache(maxsize=10_000)
def spell_person(name: str) -> frozenset[Spelling]:
    return frozenset(spell_entry(Entry(sort=Sort.PERSON, key="", name=name)))


def learn_terms(owner_id: UUID, named: Iterable[Named]) -> None:
    """The owner's queries know the names. Safe to run again, and side by side."""
    wanted = {(entry.sort.value, entry.key): (entry, more) for entry, more in named}
    known = set(
        Term.objects.filter(owner_id=owner_id, key__in={key for _, key in wanted})
        .values_list("sort", "key")
        .distinct()
    )
    rows = [
        Term(
            owner_id=owner_id,
            sort=entry.sort,
            key=entry.key,
            name=entry.name,
            name_zh=entry.name_zh,
            spelling=spelling.text,
            how=spelling.how,
        )
        # In one order everywhere, so that two workers never wait for each other.
        for identity in sorted(wanted.keys() - known)
        for entry, more in [wanted[identity]]
        for spelling in sorted(spell_entry(entry, *more), key=lambda found: (found.text, found.how))
    ]
    Term.objects.bulk_create(rows, ignore_conflicts=True)


def forget_terms() -> int:
    """Names that no photo has any more are gone. Returns how many spellings. Safe to run again."""
    count = 0
    terms = Term.objects.order_by("owner_id", "sort", "key").values_list("owner_id", "sort", "key")
    for owner_id, sort, key in terms.distinct().iterator():
        lexeme = key_of(Entry(sort=Sort(sort), key=key, name=""))
        query = SearchQuery(f"'{lexeme}'", config="simple", search_type="raw")
        if not SearchDocument.objects.filter(photo__owner_id=owner_id, words=query).exists():
            count += Term.objects.filter(owner_id=owner_id, sort=sort, key=key).delete()[0]
    return count


def tag_entry(name: str) -> Entry:
    return Entry(sort=Sort.TAG, key=squeeze(name) or name, name=name)


def label_entry(name: str, name_zh: str) -> Entry:
    return Entry(sort=Sort.LABEL, key=name, name=name, name_zh=name_zh)
