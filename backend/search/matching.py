"""What a parsed query asks of photos, as conditions of the database."""

import re
from collections.abc import Iterable, Iterator
from enum import StrEnum

from django.contrib.postgres.search import SearchQuery
from django.db.models import Q, QuerySet

from backend.photos.models import Photo
from backend.photos.selectors import within_days
from backend.search.keys import (
    FAVORITE,
    HAS_TEXT,
    NOBODY,
    PEOPLE,
    TRASHED,
    holiday_key,
    key_of,
    month_key,
)
from backend.search.models import SearchDocument
from backend.search.parsing import NEGATED, Kind, Parsed, Piece
from backend.search.vocabulary import Entry
from backend.search.words import STOP_WORDS, split_han, split_words

# So few words are all meant; a longer text is a description, which no photo answers in full.
MAX_STRICT_WORDS = 2
_MAX_RANKING_WORDS = 200

# Pieces that name something of the user's.
NAMED = (Kind.PERSON, Kind.PLACE, Kind.TAG, Kind.LABEL)
# Pieces that say what is on a photo, rather than who, where or when.
_SHOWN = (Kind.LABEL, Kind.TAG, Kind.TEXT)


# What the parser leaves out of pieces, as no photo must have it, though a description means it:
# a girl who plays on a swing, a man beside a motorcycle.
_SMALL_WORDS = re.compile("(?:上|旁边|附近|玩)+")

# Columns of a photo, and the keys of its document that say the same.
_FLAGS = {Kind.FAVORITE: FAVORITE, Kind.HAS_TEXT: HAS_TEXT}


class Words(StrEnum):
    """How many of the words and things of a query a photo must have; the rest must always fit."""

    ALL = "all"
    ANY = "any"  # of the words; of a run of Han characters any pair
    NONE = "none"


def says_something(parsed: Parsed) -> bool:
    """False for signs alone, which no photo answers; an empty query finds everything."""
    words = split_words(parsed.query)
    return bool(parsed.pieces or words.latin or words.han or not parsed.query.strip())


def match_parsed(
    photos: QuerySet[Photo], parsed: Parsed, words: Words = Words.ALL
) -> QuerySet[Photo]:
    """Those of the photos, whosever they are, that answer the query."""
    if not says_something(parsed):
        return photos.none()
    photos = match_row(photos, parsed)
    query = document_query(parsed, words)
    return photos.filter(search_document__words=query) if query else photos


def match_row(photos: QuerySet[Photo], parsed: Parsed) -> QuerySet[Photo]:
    """Those of the photos whose own rows fit the query's days and flags."""
    photos = photos.filter(within_days(parsed.first, parsed.last))
    for kind in _FLAGS:
        asked = parsed.flag(kind)
        if asked is not None:
            photos = photos.filter(**{kind.value: asked})
    for days in _refused_days(parsed):
        photos = photos.exclude(days)
    return photos


def match_documents(
    documents: QuerySet[SearchDocument],
    parsed: Parsed,
    words: Words,
    *,
    with_trash: bool,
    by_keys: bool = False,
) -> QuerySet[SearchDocument]:
    """Those of the documents that answer the query, days and flags included.

    by_keys: whose name is the query's word is not looked for by the word as well. Nearly the same
    documents, and Postgres does not expect them twice.
    """
    if not says_something(parsed):
        return documents.none()
    documents = documents.filter(within_days(parsed.first, parsed.last))
    for days in _refused_days(parsed):
        documents = documents.exclude(days)
    parts = list(_conditions(parsed, words, by_keys=by_keys))
    if not with_trash:
        parts.append(f"!'{TRASHED}'")
    query = SearchQuery(" & ".join(parts), config="simple", search_type="raw")
    return documents.filter(words=query) if parts else documents


def _refused_days(parsed: Parsed) -> Iterator[Q]:
    for piece in parsed.of(Kind.DATE, without=True):
        if piece.when and (piece.when.first or piece.when.last):
            yield within_days(piece.when.first, piece.when.last)


def can_loosen(parsed: Parsed) -> bool:
    """Whether fewer words could find more: many of them, or a run of Han characters."""
    runs = [run for piece in parsed.of(Kind.TEXT) for run in split_words(piece.text).han]
    return is_description(parsed) or any(len(run) > 2 for run in runs)


def is_description(parsed: Parsed) -> bool:
    """Whether the query tells what a photo shows, rather than names it: more than a few words."""
    split = [split_words(piece.text) for piece in parsed.of(Kind.TEXT)]
    latin = [word for each in split for word in each.latin if word not in STOP_WORDS]
    # A Chinese word is about two characters.
    han = sum(len(run) for each in split for run in each.han) / 2
    gaps = _without(parsed, parsed.pieces)
    han += sum(len(small) for gap in gaps for small in _SMALL_WORDS.findall(gap)) / 2
    return len(latin) + han + len(parsed.of(Kind.LABEL, Kind.TAG)) > MAX_STRICT_WORDS


def describe(parsed: Parsed) -> str:
    """What the photo shows, in the query's words: what is neither who, where nor when.

    Of a description a whole sentence, for its small words say how the others belong together.
    """
    if not is_description(parsed):
        return " ".join(_with_small_words(parsed, piece) for piece in parsed.of(*_SHOWN))
    others = [piece for piece in parsed.pieces if piece.kind not in _SHOWN or piece.without]
    *before, last = _without(parsed, others)
    return " ".join(" ".join([*(NEGATED.sub("", text) for text in before), last]).split())


def _without(parsed: Parsed, pieces: list[Piece]) -> list[str]:
    """The query's text between these of its pieces, before and behind them."""
    ends = [0, *(piece.end for piece in pieces)]
    starts = [*(piece.start for piece in pieces), len(parsed.query)]
    return [parsed.query[end:start] for end, start in zip(ends, starts, strict=True)]


def _with_small_words(parsed: Parsed, piece: Piece) -> str:
    """雪上 where the piece is 雪."""
    small = _SMALL_WORDS.match(parsed.query, piece.end)
    return parsed.query[piece.start : small.end() if small else piece.end]


def quote_keys(entries: Iterable[Entry]) -> SearchQuery:
    """The query of the documents of any of the entries."""
    keys = " | ".join(f"'{key_of(entry)}'" for entry in entries)
    return SearchQuery(keys, config="simple", search_type="raw")


def ranking_words(parsed: Parsed) -> str:
    """The words of the query, any of them, as a tsquery: what photos are ranked by."""
    named = parsed.of(*NAMED)
    texts = [piece.text for piece in [*parsed.of(Kind.TEXT), *named]]
    texts += [name for p in named for entry in p.entries for name in (entry.name, entry.name_zh)]
    words = list(dict.fromkeys(word for text in texts for word in _lexemes(text)))
    return " | ".join(words[:_MAX_RANKING_WORDS])


def document_query(parsed: Parsed, words: Words = Words.ALL) -> SearchQuery | None:
    """What documents must match; None if they are not asked."""
    parts = list(_conditions(parsed, words))
    if not parts:
        return None
    return SearchQuery(" & ".join(parts), config="simple", search_type="raw")


def _conditions(parsed: Parsed, words: Words, *, by_keys: bool = False) -> Iterator[str]:
    for piece in parsed.pieces:
        if not piece.without and piece.kind in _SHOWN and words != Words.ALL:
            continue
        if piece.kind == Kind.HAS_PEOPLE:
            yield f"'{NOBODY if piece.without else PEOPLE}'"
            continue
        if condition := _condition(piece, by_keys=by_keys):
            yield f"!({condition})" if piece.without else f"({condition})"
    if words == Words.ANY:
        options = [option for p in parsed.of(*_SHOWN) for option in _options(p, by_keys=by_keys)]
        if options:
            yield f"({' | '.join(dict.fromkeys(options))})"


def _condition(piece: Piece, *, by_keys: bool) -> str:
    """What a document must have to answer the piece; empty if documents do not say."""
    if piece.kind in NAMED:
        # Who asks for no dog may still read the word on a sign.
        words = "" if piece.without or piece.guessed or by_keys else _all_words(piece.text)
        return " | ".join([*_keys(piece), words] if words else _keys(piece))
    if piece.kind == Kind.DATE and piece.when:
        keys = [f"'{month_key(month)}'" for month in piece.when.months]
        keys += [f"'{holiday_key(piece.when.holiday)}'"] if piece.when.holiday else []
        return " | ".join(keys)
    if piece.kind in _FLAGS:
        return f"'{_FLAGS[piece.kind]}'"
    return _all_words(piece.text) if piece.kind == Kind.TEXT else ""


def _options(piece: Piece, *, by_keys: bool) -> list[str]:
    keys = _keys(piece)
    words = [] if piece.guessed or (by_keys and keys) else _lexemes(piece.text)
    return [*keys, *(word for word in words if word.strip("'") not in STOP_WORDS)]


def _keys(piece: Piece) -> list[str]:
    return [f"'{key_of(entry)}'" for entry in piece.entries]


def _all_words(text: str) -> str:
    words = _lexemes(text)
    return f"({' & '.join(words)})" if words else ""


def _lexemes(text: str) -> list[str]:
    """Quoted for tsquery: words are letters and digits, which mean nothing to it."""
    words = split_words(text)
    tokens = [*words.latin, *(pair for run in words.han for pair in split_han(run))]
    return [f"'{token}'" for token in dict.fromkeys(tokens)]
