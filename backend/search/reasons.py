"""Why a photo was found, and where on it."""

import functools
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from backend.analysis.models import Label, TextLine
from backend.core.gazetteer import describe_place
from backend.core.places import Place
from backend.people.models import Face
from backend.photos.models import Photo
from backend.registry.selectors import active_model
from backend.search.keys import key_of
from backend.search.matching import NAMED
from backend.search.parsing import Kind, Parsed
from backend.search.services import date_words
from backend.search.terms import label_entry, person_entry, tag_entry
from backend.search.vocabulary import Entry
from backend.search.words import han_tokens, split_han, split_words
from functions.contract import Kind as Analysed

MAX_REASONS = 10


@dataclass(frozen=True, kw_only=True)
class Reason:
    """What on the photo answers the query, and its box if that is a place on it.

    kind: label | person | tag | place | date | favorite | has_text | has_people | description |
    filename | camera | text | meaning.
    """

    kind: str
    match: str
    box: dict[str, float] | None = None


def with_findings(photos: QuerySet[Photo]) -> QuerySet[Photo]:
    """The photos with what the active models found in them, which `explain` reads."""
    labels = Label.objects.filter(analysis__model=active_model(Analysed.LABELS))
    lines = TextLine.objects.filter(analysis__model=active_model(Analysed.TEXT))
    faces = Face.objects.filter(model=active_model(Analysed.FACES)).select_related("person")
    return photos.prefetch_related(
        Prefetch("labels", labels),
        Prefetch("text_lines", lines),
        Prefetch("faces", faces.defer("embedding")),
        "label_verdicts",
        "tags",
    )


def explain(
    photos: list[Photo], parsed: Parsed, *, meant: Container[UUID] = ()
) -> dict[UUID, list[Reason]]:
    """For each photo of a page of results, what answers the query. One pass, no query a photo.

    meant: photos that were found by what their things mean; their surest label tells which. The
    photos are with_findings.
    """
    asked, reasons = _Asked(parsed), {}
    for photo in photos:
        reasons[photo.id] = list(_give_reasons(photo, asked))[:MAX_REASONS]
        if photo.id in meant:
            best = [f"{label.name} {label.name_zh}" for label in photo.labels.all()][:1]
            reasons[photo.id].append(Reason(kind="meaning", match="".join(best)))
    return reasons


@functools.lru_cache(maxsize=20_000)  # labels, places and cameras come again and again
def _tokens(text: str) -> frozenset[str]:
    words = split_words(text)
    return frozenset([*words.latin, *han_tokens(words.han)])


class _Asked:
    """What the query wants, ready to be compared with what a photo has."""

    def __init__(self, parsed: Parsed) -> None:
        named = parsed.of(*NAMED)
        self.keys = {key_of(entry) for piece in named for entry in piece.entries}
        self.kinds = {piece.kind for piece in parsed.pieces if not piece.without}
        words = [split_words(p.text) for p in [*parsed.of(Kind.TEXT), *named] if not p.guessed]
        self.words = {word for each in words for word in each.latin}
        self.words |= {pair for each in words for run in each.han for pair in split_han(run)}

    def has_any(self, entries: Iterable[Entry]) -> bool:
        return any(key_of(entry) in self.keys for entry in entries)

    def is_in(self, text: str) -> bool:
        """Whether the text has one of the query's words."""
        return bool(text) and not self.words.isdisjoint(_tokens(text))


def _give_reasons(photo: Photo, asked: _Asked) -> Iterator[Reason]:
    """The surest first."""
    yield from _named(photo, asked)
    place = _place_names(photo)
    # Who asks for a place gets photos of it only.
    if place and (Kind.PLACE in asked.kinds or asked.is_in(place)):
        yield Reason(kind="place", match=place)
    dates = date_words(photo)
    if dates and (Kind.DATE in asked.kinds or asked.is_in(" ".join(dates))):
        yield Reason(kind="date", match=dates[0])
    for kind in (Kind.FAVORITE, Kind.HAS_TEXT):
        if kind in asked.kinds and getattr(photo, kind):
            yield Reason(kind=kind, match="")
    if Kind.HAS_PEOPLE in asked.kinds:
        for face in photo.faces.all()[:MAX_REASONS]:
            yield Reason(kind=Kind.HAS_PEOPLE, match="", box=_box(face))
    camera = f"{photo.camera_make} {photo.camera_model} {photo.lens}".strip()
    texts = {"description": photo.description, "camera": camera, "filename": photo.filename}
    for name, text in texts.items():
        if asked.is_in(text):
            yield Reason(kind=name, match=text)
    for line in photo.text_lines.all():
        if asked.is_in(line.text):
            yield Reason(kind="text", match=line.text, box=_box(line))


def _named(photo: Photo, asked: _Asked) -> Iterator[Reason]:
    for face in photo.faces.all():
        person = face.person
        if person is None or not person.name or person.hidden:
            continue
        if asked.has_any([person_entry(person.id, person.name)]) or asked.is_in(person.name):
            yield Reason(kind="person", match=person.name, box=_box(face))
    refused = {verdict.name for verdict in photo.label_verdicts.all() if not verdict.correct}
    for label in photo.labels.all():
        name, entry = f"{label.name} {label.name_zh}", label_entry(label.name, label.name_zh)
        if label.name not in refused and (asked.has_any([entry]) or asked.is_in(name)):
            yield Reason(kind="label", match=name)
    for tag in photo.tags.all():
        if asked.has_any([tag_entry(tag.name)]) or asked.is_in(tag.name):
            yield Reason(kind="tag", match=tag.name)


def _place_names(photo: Photo) -> str:
    """In both languages, narrowest first."""
    place = Place(country=photo.country, region=photo.region, city=photo.city)
    names = [photo.city, photo.region, photo.country]
    names += [described.name_zh for described in reversed(describe_place(place))]
    return ", ".join(dict.fromkeys(name for name in names if name))


def _box(found: object) -> dict[str, float]:
    return {name: getattr(found, name) for name in ("left", "top", "width", "height")}
