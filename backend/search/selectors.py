"""Finding photos by what somebody remembers of them."""

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from pgvector.django import CosineDistance

from backend.accounts.models import User
from backend.analysis.models import ImageFeatures, Label, LabelVerdict
from backend.core.gazetteer import find_all, squeeze
from backend.core.meanings import meaning_of
from backend.people.models import Face
from backend.people.selectors import follow_merges
from backend.photos.models import Photo
from backend.photos.selectors import PhotoFilter, filter_photos, photos_of
from backend.registry.selectors import active_model
from backend.search.matching import (
    Words,
    can_loosen,
    describe,
    document_query,
    is_description,
    match_documents,
    match_parsed,
    match_row,
    quote_keys,
    ranking_words,
)
from backend.search.models import SearchDocument
from backend.search.parsing import Parsed
from backend.search.services import place_entry
from backend.search.terms import understand
from backend.search.windows import find_window
from functions.contract import Kind

# Of more answers the newest so many are ranked, so that the cost of a query has an end.
MAX_RANKED = 500
# Reciprocal rank fusion: a photo gains 1 / (FUSION + place) from each list that it is in.
FUSION = 60
# Of the photos near in meaning so many, none further than this, and none less than half as alike as
# the nearest (docs/models.md has the figures). For a word: 5 of 1000 other photos are nearer, so of
# a thing on every hundredth photo half of what is shown is right. A description means more than any
# one photo shows, so its own photo may be far from it.
MAX_MEANT = 100
MAX_DISTANCE = 0.64
MAX_DISTANCE_OF_DESCRIPTION = 0.9
MIN_SHARE = 0.5


@dataclass(frozen=True, kw_only=True)
class Hit:
    """score: more is better, within one search. is_meant: found by what its things mean."""

    photo_id: UUID
    score: float
    is_meant: bool = False


def find_photos(
    user: User, parsed: Parsed, wanted: PhotoFilter | None = None, *, start: int = 0, size: int = 50
) -> list[Hit]:
    """The user's photos that answer the query, best first: `size` of them from `start` on.

    Every piece must be answered. If no photo has all that the query describes, photos that have
    some of it are found, and photos of what it means. A query without words finds newest first.
    One statement: filters and keys choose, lists rank, and the ranks are fused.
    """
    wanted = wanted or PhotoFilter()
    if document_query(parsed) is None:
        newest = match_parsed(filter_visible(user, wanted), parsed).order_by("-shown_local", "-id")
        ids = newest.values_list("id", flat=True)[start : start + size]
        return [Hit(photo_id=photo_id, score=0.0) for photo_id in ids]
    try:
        statement, values = _fuse(user, parsed, wanted)
    except EmptyResultSet:
        return []
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_SETTINGS)
        cursor.execute(f"{statement} limit %s offset %s", [*values, size, start])
        return [
            Hit(photo_id=photo_id, score=score, is_meant=is_meant)
            for photo_id, score, is_meant in cursor.fetchall()
        ]


# As many as are wanted come with one look into the index; filters may refuse some, so keep looking
# until enough fit, or so many did not that looking on takes longer than anybody waits. What is
# searched often is in memory, where a page costs little, and what costs is each document that is
# looked at. Searches side by side use all cores without more processes each.
_SETTINGS = f"""
    set local hnsw.ef_search = {MAX_MEANT};
    set local hnsw.iterative_scan = relaxed_order;
    set local hnsw.max_scan_tuples = {40 * MAX_MEANT};
    set local seq_page_cost = 0.1;
    set local random_page_cost = 0.1;
    set local cpu_tuple_cost = 0.05;
    set local max_parallel_workers_per_gather = 0
"""


def _fuse(user: User, parsed: Parsed, wanted: PhotoFilter) -> tuple[str, list[Any]]:
    """The statement that ranks, and its values. Raises EmptyResultSet.

    Photos that answer equally share a place. Another ranking list is another table of (id, place,
    is_meant, shown_local) in `lists`.
    """
    strict, values = _newest(user, parsed, wanted, Words.ALL)
    loose, loose_values = "select * from strict", list[Any]()
    furthest = MAX_DISTANCE_OF_DESCRIPTION if is_description(parsed) else MAX_DISTANCE
    if can_loosen(parsed):
        loose, loose_values = _newest(user, parsed, wanted, Words.ANY)
    meant, meant_values = "select id, 0 as distance from strict", list[Any]()
    if describe(parsed):
        meant, meant_values = _compile(_nearest(user, parsed, wanted))
    # What is not needed is not run: `not exists` is asked once, and first.
    statement = f"""
        with strict as materialized ({strict}),
        loose as materialized (
            select * from ({loose}) some_words where not exists (select 1 from strict)
        ),
        by_words as (
            select id, false as is_meant, shown_local, rank() over (
                order by ts_rank(words, %s::tsquery) desc
            ) as place
            from (select * from strict union all select * from loose) answers
        ),
        by_meaning as (
            select id, true as is_meant, null::timestamptz as shown_local,
                row_number() over (order by distance, id) as place
            from (select *, min(distance) over () as least from ({meant}) m (id, distance)) near
            where distance < {furthest} and 1 - distance > {MIN_SHARE} * (1 - least)
                and not exists (select 1 from strict)
        ),
        lists as (select * from by_words union all select * from by_meaning),
        fused as (
            select id, sum(1.0 / ({FUSION} + place)) as score, bool_or(is_meant) as is_meant,
                max(shown_local) as shown_local
            from lists group by id
        )
        select id, score::float8, is_meant from fused
        order by score desc, shown_local desc nulls last, id desc
    """  # noqa: S608 (the ORM's SQL; values are apart)
    return statement, [*values, *loose_values, ranking_words(parsed), *meant_values]


def _newest(user: User, parsed: Parsed, wanted: PhotoFilter, words: Words) -> tuple[str, list[Any]]:
    """SQL of the newest answers: (id, shown_local, words)."""
    is_plain = wanted == PhotoFilter()
    all_documents = SearchDocument.objects.filter(owner=user)
    documents = match_documents(all_documents, parsed, words, with_trash=wanted.trashed)
    visible = match_row(filter_visible(user, wanted), parsed).order_by().values("id")
    if not is_plain:
        # Documents do not know what the filter asks.
        documents = documents.filter(photo__in=visible)
    newest = documents.order_by("-shown_local", "-photo_id").values_list(
        "photo_id", "shown_local", "words"
    )
    since = None
    if is_plain:
        expected = match_documents(all_documents, parsed, words, with_trash=True, by_keys=True)
        since = find_window(user, expected, wanted=MAX_RANKED)
    sql, values = _compile(newest[:MAX_RANKED])
    if since is not None:
        recent, values = _compile(newest.filter(shown_local__gte=since)[:MAX_RANKED])
        earlier, earlier_values = _compile(newest.order_by().filter(shown_local__lt=since))
        # If they are few in their window they are few, and the index of words is the way to them.
        sql = f"""
            with recent as materialized ({recent})
            select * from recent union all
            select * from ({earlier} offset 0) earlier
            where (select count(*) < {MAX_RANKED} from recent)
            order by shown_local desc, photo_id desc limit {MAX_RANKED}
        """  # noqa: S608
        values += earlier_values
    if is_plain:
        # A document may be a moment behind its photo, so the photo's row has the last word.
        row, row_values = _compile(visible)
        # As a value and not a join, so that it is looked up for the proposed ones alone.
        sql = (
            f"select * from ({sql}) proposed (id, shown_local, words) where "  # noqa: S608
            f"(select true from ({row}) visible where visible.id = proposed.id)"
        )
        values += row_values
    else:
        sql = f"select * from ({sql}) proposed (id, shown_local, words)"  # noqa: S608
    return sql, values


def _nearest(user: User, parsed: Parsed, wanted: PhotoFilter) -> QuerySet[ImageFeatures, Any]:
    """The photos whose things mean most nearly what the query describes, with their `distance`."""
    chosen = match_parsed(filter_visible(user, wanted), parsed, Words.NONE)
    nearest = (
        ImageFeatures.objects.filter(
            analysis__model=active_model(Kind.LABELS),
            meaning__isnull=False,
            photo__in=chosen.order_by().values("id"),
        )
        .annotate(distance=CosineDistance("meaning", list(meaning_of(describe(parsed)))))
        .order_by("distance")[:MAX_MEANT]
    )
    return nearest.values_list("photo_id", "distance")


def _compile(query: QuerySet[Any, Any]) -> tuple[str, list[Any]]:
    sql, values = query.query.sql_with_params()
    return sql, list(values)


def search_photos(user: User, query: str, wanted: PhotoFilter | None = None) -> QuerySet[Photo]:
    """As find_photos, but all of them, however many, by words alone, each with a `rank`."""
    return match_query(user, understand(user, query), wanted)


def match_query(user: User, parsed: Parsed, wanted: PhotoFilter | None = None) -> QuerySet[Photo]:
    """As search_photos, for a query that has been understood."""
    return _match_and_rank(filter_visible(user, wanted or PhotoFilter()), parsed)


def match_photos(photos: QuerySet[Photo], query: str) -> QuerySet[Photo]:
    """Those of the photos, whosever they are, that answer the query's words and dates."""
    return _match_and_rank(photos, understand(None, query))


def _match_and_rank(photos: QuerySet[Photo], parsed: Parsed) -> QuerySet[Photo]:
    found = match_parsed(photos, parsed)
    if can_loosen(parsed) and not found.exists():
        found = match_parsed(photos, parsed, Words.ANY)
    words = SearchQuery(ranking_words(parsed), config="simple", search_type="raw")
    rank = SearchRank(F("search_document__words"), words)
    return found.annotate(rank=rank).order_by("-rank", "-shown_at", "-id")


def filter_visible(user: User, wanted: PhotoFilter) -> QuerySet[Photo]:
    """The user's photos, or those among which to choose, that fit everything the filter asks."""
    among = photos_of(user) if wanted.among is None else wanted.among
    photos = filter_photos(among, replace(wanted, place=""))
    for person_id in follow_merges(user, wanted.people):
        # A person of somebody else is nobody here.
        photos = photos.filter(
            Exists(
                Face.objects.filter(
                    photo=OuterRef("pk"),
                    person_id=person_id,
                    person__owner=user,
                    model=active_model(Kind.FACES),
                )
            )
        )
    for label in wanted.labels:
        photos = photos.filter(_has_label(label))
    if wanted.place:
        photos = photos.filter(_is_in(wanted.place))
    return photos


def _is_in(name: str) -> Q:
    """杭州 and Hangzhou are one place, whichever of them the photo's row says."""
    as_written = Q()
    for column in ("country", "region", "city"):
        as_written |= Q(**{f"{column}__iexact": name})
    places = find_all(squeeze(name))
    if not places:
        return as_written
    query = quote_keys(place_entry(place) for place in places)
    return as_written | Q(search_document__words=query)


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
