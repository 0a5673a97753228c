"""A query as what it means: people, places, dates, things, and the words that are left.

A pure function of the query, what the user has by name, and the day: tests/queries.toml lists
what it must understand.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from backend.core.gazetteer import PlaceName, squeeze
from backend.search.date_ranges import join_dates
from backend.search.dates import find_dates
from backend.search.english import is_english
from backend.search.spans import When
from backend.search.vocabulary import Candidate, Entry, How, Sort, Vocabulary, find_candidates
from backend.search.words import STOP_WORDS, Folded, fold, split_words

MAX_QUERY = 1000  # characters; nobody remembers a photo in a thousand words
# Of so many characters names and dates are looked for; the rest is words.
MAX_NAMED = 300
MAX_WORDS = 32


class Kind(StrEnum):
    PERSON = "person"
    PLACE = "place"
    TAG = "tag"
    LABEL = "label"
    DATE = "date"
    FAVORITE = "favorite"
    HAS_TEXT = "has_text"
    HAS_PEOPLE = "has_people"
    TEXT = "text"


@dataclass(frozen=True, kw_only=True)
class Piece:
    """One thing that the query says. start, end: where, in the query as it was typed.

    entries: what of the user's it names; more than one if the name is shared.
    literal: words that were quoted, or are nothing but words.
    """

    kind: Kind
    start: int
    end: int
    text: str
    without: bool = False
    guessed: bool = False  # the spelling is another's, and this is the nearest
    entries: tuple[Entry, ...] = ()
    when: When | None = None


@dataclass(frozen=True, kw_only=True)
class Parsed:
    """pieces: in the order of the query, without overlaps."""

    query: str
    pieces: list[Piece] = field(default_factory=list)

    def of(self, *kinds: Kind, without: bool = False) -> list[Piece]:
        return [p for p in self.pieces if p.kind in kinds and p.without == without]

    def names(self, kind: Kind, *, without: bool = False) -> list[str]:
        """The names of what was meant, each once; a shared name counts once."""
        pieces = self.of(kind, without=without)
        return list(dict.fromkeys(entry.name for p in pieces for entry in p.entries))

    @property
    def first(self) -> date | None:
        """The first day of all dates together."""
        days = [p.when.first for p in self.of(Kind.DATE) if p.when and p.when.first]
        return max(days, default=None)

    @property
    def last(self) -> date | None:
        days = [p.when.last for p in self.of(Kind.DATE) if p.when and p.when.last]
        return min(days, default=None)

    @property
    def text(self) -> str:
        return " ".join(p.text for p in self.of(Kind.TEXT))

    def flag(self, kind: Kind) -> bool | None:
        """Whether favourites, photos with text, or with people are wanted (True) or not (False)."""
        flags = [not p.without for p in self.pieces if p.kind == kind]
        return flags[-1] if flags else None


FindPlaces = Callable[[str], list[PlaceName]]


def parse(
    query: str, vocabulary: Vocabulary, *, today: date, find_places: FindPlaces | None = None
) -> Parsed:
    """What the query says. find_places: places that the user may ask for without having any."""
    query = query[:MAX_QUERY]
    whole = fold(query)
    cut = next((n for n, place in enumerate(whole.places) if place >= MAX_NAMED), len(whole.text))
    text = whole.text[:cut]
    quoted = [_Match(m.start(), m.end(), Kind.TEXT) for m in _QUOTED.finditer(text)]
    named = list(_find_names(text, vocabulary, find_places))
    dates = [_Match(w.start, w.end, Kind.DATE, when=w) for w in find_dates(text, today)]
    chosen = _choose([*quoted, *_find_flags(text), *named, *dates])
    chosen = _join(text, chosen, today)
    rest = list(_read_rest(text, chosen, vocabulary))
    if cut < len(whole.text):
        rest.append(_Match(cut, len(whole.text), Kind.TEXT))
    chosen += _drop_stop_words(whole.text, rest, chosen)
    chosen = _negate(text, sorted(chosen, key=lambda match: match.start))
    chosen = _join_choices(text, chosen)
    return Parsed(query=query, pieces=[_to_piece(query, whole, match) for match in chosen])


# --- Finding

_QUOTED = re.compile(r"[\"“”「『][^\"“”「」『』]{1,100}[\"“”」』]")
_FLAGS = (
    (
        Kind.FAVORITE,
        re.compile(
            r"(?:我的?)?最?(?:收藏夹?|最爱|喜欢)(?:的|了的)?|(?:加了?|标了?)星标?的?|星标的?|"
            r"\b(?:my\s+)?favou?rit(?:es?|ed)\b|\bstarred\b"
        ),
    ),
    (
        Kind.HAS_TEXT,
        re.compile(
            r"(?:有|带|含|写着)(?:文)?字的?|含有文字的?|有文本的?|"
            r"\b(?:with|has|have|having|containing|contains)\s+(?:some\s+)?(?:text|words|writing)\b"
        ),
    ),
    # "with people" alone describes, and many whom a description sees show no face.
    (Kind.HAS_PEOPLE, re.compile(r"有人物?的|\b(?:photos|pictures)\s+(?:with|of)\s+people\b")),
)
_NO_FLAGS = (
    (
        Kind.HAS_TEXT,
        re.compile(
            r"(?:没有?|无|不带|不含|不要)(?:有|任何)?(?:文)?字的?|"
            r"\b(?:without|no)\s+(?:any\s+)?(?:text|words)\b"
        ),
    ),
    (
        Kind.HAS_PEOPLE,
        re.compile(
            r"(?:空无一|没有?(?:任何|拍到|一个)?|不带|不要|不含|无)有?人[物像影脸]?"
            r"(?:的|(?=[在和跟]|[^\u4e00-\u9fff]|$))|"
            r"\b(?:(?:without|no)\s+(?:any\s+)?(?:people|persons?|humans?|faces)|no\s+one|nobody|"
            r"without\s+any(?:body|one))\b"
        ),
    ),
)


@dataclass(frozen=True)
class _Match:
    """A stretch of the folded text, and what it may be."""

    start: int
    end: int
    kind: Kind
    entries: tuple[Entry, ...] = ()
    when: When | None = None
    without: bool = False
    guessed: bool = False

    @property
    def is_single(self) -> bool:
        """One character, which is too often part of another word."""
        return self.end - self.start == 1


_KINDS = {
    Sort.PERSON: Kind.PERSON,
    Sort.PLACE: Kind.PLACE,
    Sort.TAG: Kind.TAG,
    Sort.LABEL: Kind.LABEL,
}


def _find_names(
    text: str, vocabulary: Vocabulary, find_places: FindPlaces | None
) -> Iterator[_Match]:
    for candidate in find_candidates(text):
        entries = vocabulary.find(candidate)
        if candidate.how == How.SOUND and text[candidate.start : candidate.end] > "\u3400":
            # Labels are too many: each word would sound like one of them.
            entries = [entry for entry in entries if entry.sort in (Sort.PERSON, Sort.PLACE)]
        if entries and candidate.spelling not in STOP_WORDS:
            yield _Match(
                candidate.start,
                candidate.end,
                _KINDS[entries[0].sort],
                entries=tuple(entries),
                guessed=candidate.how == How.SOUND
                and candidate.spelling
                not in text[candidate.start : candidate.end].replace(" ", ""),
            )
        elif find_places and _may_be_place(text, candidate):
            places = find_places(candidate.spelling)
            if places:
                yield _Match(
                    candidate.start,
                    candidate.end,
                    Kind.PLACE,
                    entries=tuple(
                        Entry(sort=Sort.PLACE, key=p.key, name=p.name, name_zh=p.name_zh)
                        for p in places
                    ),
                )


# Names of countries and great cities that are words first.
_NO_PLACES = frozenset(
    [
        *("us", "turkey", "jersey", "phoenix", "aurora", "guinea", "van", "sale", "hail", "hue"),
        *("deli", "perm", "pest", "tuba", "nada", "reunion", "natal", "erode"),
    ]
)


def _may_be_place(text: str, candidate: Candidate) -> bool:
    # "A man" does not ask for 阿曼, Oman.
    has_article = text.startswith("a ", candidate.start)
    is_name = len(candidate.spelling) > 1 and candidate.spelling not in _NO_PLACES
    return candidate.how == How.WRITTEN and is_name and not has_article


def _find_flags(text: str) -> Iterator[_Match]:
    for kind, pattern in _FLAGS:
        for match in pattern.finditer(text):
            yield _Match(match.start(), match.end(), kind)
    for kind, pattern in _NO_FLAGS:
        for match in pattern.finditer(text):
            yield _Match(match.start(), match.end(), kind, without=True)


_ORDER = [
    Kind.TEXT,
    Kind.HAS_TEXT,
    Kind.HAS_PEOPLE,
    Kind.FAVORITE,
    Kind.PERSON,
    Kind.DATE,
    Kind.PLACE,
    Kind.TAG,
]


def _choose(matches: list[_Match]) -> list[_Match]:
    """The sure before the guessed, the longest first, without overlaps."""

    def preference(match: _Match) -> tuple[bool, int, int, int]:
        rank = _ORDER.index(match.kind) if match.kind in _ORDER else len(_ORDER)
        return match.guessed, match.start - match.end, rank, match.start

    chosen: list[_Match] = []
    for match in sorted(matches, key=preference):
        if match.is_single and match.kind != Kind.DATE:
            continue
        if all(match.end <= other.start or match.start >= other.end for other in chosen):
            chosen.append(match)
    return sorted(chosen, key=lambda match: match.start)


def _join(text: str, chosen: list[_Match], today: date) -> list[_Match]:
    """Dates that are one range, as one."""
    dates = [match.when for match in chosen if match.when]
    others = [match for match in chosen if match.when is None]
    joined = join_dates(text, dates, today)
    return others + [_Match(w.start, w.end, Kind.DATE, when=w) for w in joined]


# --- What is between

_NEGATORS = (
    r"(?:\b(?:without|excluding|except(?:\s+for)?|no|not|minus|but\s+not|neither|nor"
    r"|(?:do|does|did|is|are|was|were)(?:n't|\s+not)(?:\s+(?:have|show|include|contain))?)\s+"
    r"(?:(?:at|in|on|with|of|from|taken|shot|any|the|an?)\s+)*"
    r"|(?:没有|没拍到|没|不要|不含|不是|不在|不包括|不带|排除|除了|除去|除开)(?:有|任何|拍到|在)?\s*|(?<![^\s])[-!])"
)
NEGATED = re.compile(_NEGATORS + r"$", re.IGNORECASE)
_AND = re.compile(r"\s*(?:,|、|，|and|or|nor|和|或者?|跟|与|及|还有|&)\s*(?:without\s+|没有)?")
_SPLIT = re.compile(rf"({_NEGATORS})|[\s,，、。.!?;:；：！？()（）\[\]【】·|]+")
_LEADING = re.compile(
    r"^(?:[一二两三四五六七八九十几]+[只个条匹张朵位头]|给我|帮我|我想|我要|找一?下?|找找|看|搜索?|查找|显示|所有|全部|那些|一些|一张|那张|这张|有关|"
    r"关于|但是?|包含|含有|拍到|拍的?|上面|上有|写着|写有|写了|有|在|和|跟|与|及|我们|我|的|了|去|到|是|里|时候?|那年|那天|那次|一起|只有|以外|之外)+"
)
_TRAILING = re.compile(
    r"(?:的|了|照片|图片|相片|照|拍的?|玩的?|里|里面|上|旁边|附近|时候?|那年|那天|那次|一起|以外|之外|外|有|在|和|跟|与|都|也|呢|吗)+$"
)
_HAN_AND = re.compile("和|跟|与|及|或者?|还有|的")
_LATIN_OR_HAN = re.compile(r"[\u3040-\u9fff\uac00-\ud7af]+|[^\s\u3040-\u9fff\uac00-\ud7af]+")


def _read_rest(text: str, chosen: list[_Match], vocabulary: Vocabulary) -> Iterator[_Match]:
    """Single characters that stand alone, mistyped names, and words."""
    place = 0
    for start, end in [*sorted((m.start, m.end) for m in chosen), (len(text), len(text))]:
        yield from _read_gap(text, place, start, vocabulary)
        place = max(place, end)


def _read_gap(text: str, start: int, end: int, vocabulary: Vocabulary) -> Iterator[_Match]:
    if start and text.startswith("'s", start):
        start += 2  # Bob's
    if match := _near_phrase(text, start, end, vocabulary):
        yield from _read_gap(text, start, match.start, vocabulary)
        yield match
        start = match.end
    place, without = start, False
    for separator in [*_SPLIT.finditer(text, start, end), None]:
        stop = separator.start() if separator else end
        for part in _LATIN_OR_HAN.finditer(text, place, stop):
            yield from _read_words(text, part.start(), part.end(), vocabulary, without)
            without = False
        if separator:
            place, without = separator.end(), bool(separator[1]) or without


_PAIR = re.compile(r"(?=\b([a-z]{3,} [a-z]{3,}))")


def _near_phrase(text: str, start: int, end: int, vocabulary: Vocabulary) -> _Match | None:
    """Two words that are one mistyped name: golden retrever."""
    for pair in _PAIR.finditer(text, start, end):
        # A golden retrever has one word that is right; two such words are no slip.
        if all(map(is_english, pair[1].split())):
            continue
        near = tuple(vocabulary.find_near(squeeze(pair[1])))
        if near and STOP_WORDS.isdisjoint(pair[1].split()):
            kind = _KINDS[near[0].sort]
            return _Match(pair.start(1), pair.end(1), kind, entries=near, guessed=True)
    return None


def _read_words(
    text: str, start: int, end: int, vocabulary: Vocabulary, without: bool
) -> Iterator[_Match]:
    if text[start] >= "\u3040":
        stop, (start, end) = end, _strip(text, start, end)
        parts = list(_split_han(text, start, end))
        known = [_single(text, one, other, vocabulary) for one, other, _ in parts]
        if not all(known) and start < end:
            if end - start == 1:
                end = start + len(text[start:stop].rstrip("的了"))  # 合照 and 小时候 are words
            yield _Match(start, end, Kind.TEXT, without=without)
            return
        for match, (_, _, goes_on) in zip(known, parts, strict=True):
            # 没有猫和狗 refuses both, 没有猫的狗 the first.
            without = without and goes_on
            if match:
                yield replace(match, without=without)
        return
    word = text[start:end]
    near = () if len(word) < 4 or is_english(word) else tuple(vocabulary.find_near(word))
    if near:
        kind = _KINDS[near[0].sort]
        yield _Match(start, end, kind, entries=near, guessed=True, without=without)
    else:
        yield _Match(start, end, Kind.TEXT, without=without)


def _strip(text: str, start: int, end: int) -> tuple[int, int]:
    if match := _LEADING.match(text[start:end]):
        start += match.end()
    if match := _TRAILING.search(text[start:end]):
        end = start + match.start()
    return start, end


def _split_han(text: str, start: int, end: int) -> Iterator[tuple[int, int, bool]]:
    """The parts between 和 and 的; whether what was said of the one before goes on."""
    goes_on = True
    for separator in [*_HAN_AND.finditer(text, start, end), None]:
        stop = separator.start() if separator else end
        if start < stop:
            yield (*_strip(text, start, stop), goes_on)
        start = separator.end() if separator else end
        goes_on = separator is not None and separator[0] != "的"


def _single(text: str, start: int, end: int, vocabulary: Vocabulary) -> _Match | None:
    for candidate in find_candidates(text[start:end]):
        is_whole = candidate.end - candidate.start == end - start
        if is_whole and candidate.how == How.WRITTEN and (entries := vocabulary.find(candidate)):
            return _Match(start, end, _KINDS[entries[0].sort], entries=tuple(entries))
    return None


def _negate(text: str, chosen: list[_Match]) -> list[_Match]:
    """What stands behind a no, and what that goes on to with an and."""
    done: list[_Match] = []
    for match in chosen:
        before = done[-1] if done else None
        gap = text[before.end if before else 0 : match.start]
        goes_on = before is not None and before.without and _AND.fullmatch(gap)
        without = match.without or bool(NEGATED.search(gap)) or bool(goes_on)
        done.append(replace(match, without=without))
    return done


_OR = re.compile(r"\s*(?:\bor\b|或者?|还是)\s*")


def _join_choices(text: str, chosen: list[_Match]) -> list[_Match]:
    """Alice or Bob: one piece that either answers."""
    done: list[_Match] = []
    for match in chosen:
        before = done[-1] if done else None
        if (
            before is not None
            and before.entries
            and (before.kind, before.without) == (match.kind, match.without)
            and not match.without
            and _OR.fullmatch(text[before.end : match.start])
        ):
            entries = (*before.entries, *match.entries)
            done[-1] = replace(before, end=match.end, entries=entries)
        else:
            done.append(match)
    return done


# --- Out

# Words around a request that say nothing of a photo.
_REQUEST_WORDS = STOP_WORDS | frozenset(
    split_words(
        " ".join(STOP_WORDS) + " everything anything one two three four five several many "
        "find show get give see search look images image pics pic shots shot all any some taken "
        "took take please there have has having every containing contains you can could where who "
        "only just photograph photographs album about during than then when she he they her his "
        "him them its but thing stuff moment newest latest "
        "around near nearby"
    ).latin
)
# Beside a place or a date these say nothing more: a trip to Italy is what was taken in Italy.
_OCCASIONS = frozenset(
    [
        *split_words("trip trips travel travels vacation holiday visit journey tour stay").latin,
        *("旅游", "旅行", "之旅", "度假", "游玩", "出游", "出差", "玩"),
    ]
)


def _to_piece(query: str, whole: Folded, match: _Match) -> Piece:
    start, end = whole.places[match.start], whole.places[match.end]
    return Piece(
        kind=match.kind,
        start=start,
        end=end,
        text=query[start:end],
        without=match.without,
        guessed=match.guessed,
        entries=match.entries,
        when=match.when,
    )


def _drop_stop_words(text: str, rest: list[_Match], chosen: list[_Match]) -> list[_Match]:
    """Unless they are all there is: The Who is a band. "all photos" asks for nothing special."""
    empty = _REQUEST_WORDS
    if any(match.kind in (Kind.PLACE, Kind.DATE) for match in chosen):
        empty |= _OCCASIONS
    kept = [m for m in rest if m.kind != Kind.TEXT or not empty.issuperset(_words_of(text, m))]
    if kept or chosen or not _PHOTOS.isdisjoint(split_words(text).latin):
        return kept[:MAX_WORDS]
    return [m for m in rest if _words_of(text, m)]


_PHOTOS = frozenset(split_words("photo picture image").latin)


def _words_of(text: str, match: _Match) -> list[str]:
    words = split_words(text[match.start : match.end])
    return [*words.latin, *words.han]
