"""Finding photos by what somebody remembers of them."""

import functools
import operator
from dataclasses import dataclass
from uuid import UUID

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value

from backend.accounts.models import User
from backend.analysis.models import Label, LabelVerdict
from backend.analysis.services import active_model
from backend.people.models import Face
from backend.photos.models import Photo
from backend.photos.selectors import PhotoFilter, filter_photos, photos_of
from backend.search.services import date_words
from backend.search.words import STOP_WORDS, han_tokens, split_han, split_words
from functions.contract import Kind

MAX_QUERY = 1000  # characters; longer ones are cut: nobody remembers a photo in a thousand words
MAX_TERMS = 32


@dataclass(frozen=True, kw_only=True)
class Reason:
    """Why a photo was found, and where on it if that is a place on it."""

    kind: str  # label | person | tag | description | filename | place | camera | date | text
    match: str
    box: dict[str, float] | None = None


@dataclass(frozen=True, kw_only=True)
class Term:
    """A piece of a query that a photo must answer: one Latin word, or one run of Han characters."""

    text: str
    is_han: bool

    def query(self, *, loose: bool) -> SearchQuery:
        """loose: any pair of a run of Han characters will do, instead of all of them."""
        tokens = split_han(self.text) if self.is_han else [self.text]
        # Letters, digits and Han characters mean nothing to tsquery, so quotes are enough.
        quoted = [f"'{token}'" for token in tokens]
        joined = (" | " if loose else " & ").join(quoted)
        return SearchQuery(joined, config="simple", search_type="raw")


def split_query(query: str) -> list[Term]:
    """The terms of a query, each once, in order."""
    words = split_words(query[:MAX_QUERY])
    terms = [Term(text=word, is_han=False) for word in words.latin]
    terms += [Term(text=run, is_han=True) for run in words.han]
    unique = list(dict.fromkeys(terms))[:MAX_TERMS]
    # Unless they are all there is: The Who is a band.
    return [term for term in unique if term.text not in STOP_WORDS] or unique


def search_photos(user: User, query: str, wanted: PhotoFilter | None = None) -> QuerySet[Photo]:
    """The user's photos that answer every term of the query, best first, each with a `rank`.

    An empty query finds what the filter leaves, newest first. If no photo answers a run
    of Han characters as a whole, its pairs count apart: 小明海边 finds 小明 at the 海边.
    """
    photos = filter_visible(user, wanted or PhotoFilter())
    if not query.strip():
        return photos.annotate(rank=Value(0.0)).order_by("-shown_at", "-id")
    return match_photos(photos, query)


def match_photos(photos: QuerySet[Photo], query: str) -> QuerySet[Photo]:
    """Those of the photos, whosever they are, that answer the query; see search_photos."""
    terms = split_query(query)
    if not terms:
        return photos.none()  # signs alone say nothing about a photo
    found = _matching(photos, terms, loose=False)
    if any(term.is_han and len(term.text) > 2 for term in terms) and not found.exists():
        return _matching(photos, terms, loose=True)
    return found


def _matching(photos: QuerySet[Photo], terms: list[Term], *, loose: bool) -> QuerySet[Photo]:
    queries = [term.query(loose=loose) for term in terms]
    for query in queries:
        photos = photos.filter(search_document__words=query)
    rank = SearchRank(
        F("search_document__words"), functools.reduce(operator.or_, queries), normalization=1
    )
    return photos.annotate(rank=rank).order_by("-rank", "-shown_at", "-id")


def filter_visible(user: User, wanted: PhotoFilter) -> QuerySet[Photo]:
    """The user's photos that fit everything the filter asks."""
    photos = filter_photos(photos_of(user), wanted)
    for person_id in wanted.people:
        # A person of somebody else is nobody here.
        photos = photos.filter(
            Exists(
                Face.objects.filter(photo=OuterRef("pk"), person_id=person_id, person__owner=user)
            )
        )
    for label in wanted.labels:
        photos = photos.filter(_has_label(label))
    return photos


def _has_label(name: str) -> Q:
    labels = Label.objects.filter(
        Q(name__iexact=name) | Q(name_zh=name),
        photo=OuterRef("pk"),
        analysis__model=active_model(Kind.LABELS),
    )
    refused = LabelVerdict.objects.filter(
        photo=OuterRef("photo"), name=OuterRef("name"), correct=False
    )
    return Q(Exists(labels.filter(~Exists(refused))))


def explain(photos: list[Photo], query: str) -> dict[UUID, list[Reason]]:
    """For each photo of a page of results, what answers the query. One pass, no query a photo.

    The photos need labels, verdicts, tags, text lines and faces with persons prefetched.
    """
    terms = split_query(query)
    return {photo.id: _reasons(photo, terms) for photo in photos}


def _reasons(photo: Photo, terms: list[Term]) -> list[Reason]:
    refused = {verdict.name for verdict in photo.label_verdicts.all() if not verdict.correct}
    candidates: list[Reason] = []
    for face in photo.faces.all():
        if face.person and face.person.name and not face.person.hidden:
            candidates.append(Reason(kind="person", match=face.person.name, box=_box(face)))
    for label in photo.labels.all():
        if label.name not in refused:
            candidates.append(Reason(kind="label", match=f"{label.name} {label.name_zh}"))
    candidates += [Reason(kind="tag", match=tag.name) for tag in photo.tags.all()]
    candidates.append(Reason(kind="description", match=photo.description))
    place = ", ".join(part for part in (photo.city, photo.region, photo.country) if part)
    candidates.append(Reason(kind="place", match=place))
    if photo.taken_at is not None:
        candidates.append(Reason(kind="date", match=" ".join(date_words(photo))))
    camera = f"{photo.camera_make} {photo.camera_model} {photo.lens}".strip()
    candidates.append(Reason(kind="camera", match=camera))
    candidates.append(Reason(kind="filename", match=photo.filename))
    for line in photo.text_lines.all():
        candidates.append(Reason(kind="text", match=line.text, box=_box(line)))
    return [reason for reason in candidates if _answers(reason.match, terms)][:10]


def _answers(text: str, terms: list[Term]) -> bool:
    if not text:
        return False
    words = split_words(text)
    tokens = set(han_tokens(words.han))
    for term in terms:
        if term.is_han:
            if tokens.intersection(split_han(term.text)):
                return True
        elif term.text in words.latin:
            return True
    return False


def _box(found: object) -> dict[str, float]:
    return {name: getattr(found, name) for name in ("left", "top", "width", "height")}


def understood(photos: list[Photo], query: str) -> dict[str, list[str]]:
    """Which people, places and labels of the photos found the query names, each in full."""
    asked = split_words(query[:MAX_QUERY])
    latin = f" {' '.join(asked.latin)} "

    def is_named(name: str) -> bool:
        words = split_words(name)
        if words.han:
            return all(any(run in wider for wider in asked.han) for run in words.han)
        return bool(words.latin) and f" {' '.join(words.latin)} " in latin

    people = {face.person.name for photo in photos for face in photo.faces.all() if face.person}
    places = {
        place for photo in photos for place in (photo.city, photo.region, photo.country) if place
    }
    labels = {(label.name, label.name_zh) for photo in photos for label in photo.labels.all()}
    return {
        "people": sorted(name for name in people if is_named(name)),
        "places": sorted(place for place in places if is_named(place)),
        "labels": sorted({pair[0] for pair in labels if is_named(pair[0]) or is_named(pair[1])}),
    }
