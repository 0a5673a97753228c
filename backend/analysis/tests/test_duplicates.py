"""Duplicates and bursts: found, gathered, reviewed. Similar photos."""

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from backend.accounts.models import User
from backend.analysis.duplicate_review import (
    best_first,
    duplicate_groups_of,
    forget_groups,
    resolve_group,
    show_duplicates_once,
)
from backend.analysis.duplicates import BURST, DUPLICATE, compare, find_duplicates
from backend.analysis.models import DuplicateGroup, GroupedPhoto
from backend.analysis.services import record_result
from backend.analysis.similar import SMALL_LIBRARY, nearest_first, search_nearest, similar_photos
from backend.conftest import face, faces, inspection, labels, make_photo, make_result, make_run
from backend.core.errors import RefusedError
from backend.photos.models import Month, Photo
from backend.photos.services import delete_photo, restore_photo, trash_photo
from functions.contract import (
    FEATURE_DIMENSIONS,
    MODELS,
    Camera,
    Kind,
    LabelsFindings,
    encode_vector,
)

NOON = datetime(2023, 5, 1, 12, tzinfo=UTC)


def looks(vector: list[float]) -> LabelsFindings:
    """No labels, and features of these numbers."""
    return dataclasses.replace(labels(), features=encode_vector(vector))


def describe(photo: Photo, *, axis: int = 0, lean: float = 0.0, **found: Any) -> Photo:
    """The photo is inspected and described; its features point along an axis, or lean away."""
    vector = [0.0] * FEATURE_DIMENSIONS
    vector[axis], vector[axis + 1] = (1 - lean**2) ** 0.5, lean
    described = looks(vector)
    for findings in (inspection(**found), described):
        # Later than any earlier run.
        run = make_run(started_at=datetime.now(UTC).isoformat())
        record_result(make_result(photo, findings, run=run))
    return Photo.objects.get(id=photo.id)


def add(owner: User, *, axis: int = 0, lean: float = 0.0, second: int = 0, **found: Any) -> Photo:
    """One camera's photo of so many seconds past noon."""
    moment = (NOON + timedelta(seconds=second)).isoformat()
    return describe(make_photo(owner), axis=axis, lean=lean, taken_at=moment, **found)


def groups(owner: User) -> list[tuple[str, set[Photo]]]:
    return [
        (group.kind, {member.photo for member in group.members.all()})
        for group in duplicate_groups_of(owner)
    ]


@pytest.mark.parametrize(
    ("bits", "distance", "seconds", "kind"),
    [
        (0, 0.0, None, DUPLICATE), (8, 0.3, None, DUPLICATE), (9, 0.04, None, None),
        (8, 0.41, None, None), (30, 0.02, None, DUPLICATE), (0, 0.0, 0, DUPLICATE),
        (20, 0.1, 0, BURST), (0, 0.02, 2, BURST), (20, 0.1, -3, BURST), (20, 0.1, 4, None),
        (20, 0.16, 1, None), (0, 0.0, 3600, DUPLICATE),
    ],
)  # fmt: skip
def test_what_two_photos_are_to_each_other(
    bits: int, distance: float, seconds: int | None, kind: DuplicateGroup.Kind | None
) -> None:
    apart = None if seconds is None else timedelta(seconds=seconds)
    assert compare(bits=bits, distance=distance, apart=apart) == kind


def test_copies_are_found_whatever_order_they_come_in(user: User) -> None:
    first = add(user, perceptual_hash="f0f0f0f0f0f0f0f0")
    other = add(user, axis=5, second=3600, perceptual_hash="0f0f0f0f0f0f0f0f")
    copy = add(user, lean=0.2, perceptual_hash="f0f0f0f0f0f0f0f1")
    assert find_duplicates(limit=10) == 3
    assert groups(user) == [(DUPLICATE, {first, copy})]
    assert not GroupedPhoto.objects.filter(photo=other).exists()
    assert find_duplicates(limit=10) == 0


def test_a_burst_is_one_moment_of_one_camera(user: User) -> None:
    hashes = ["f0f0f0f0f0f0f0f0", "0f0f0f0ff0f0f0f0", "f0f0f0f00f0f0f0f", "00ff00ff00ff00ff"]
    shots = [
        add(user, lean=0.3 * second, second=second, perceptual_hash=hashes[second])
        for second in range(3)
    ]
    add(
        user,
        lean=-0.3,
        second=1,
        perceptual_hash=hashes[3],
        camera=Camera(make="Apple", model="iPhone"),
    )
    find_duplicates(limit=10)
    assert groups(user) == [(BURST, set(shots))]


def test_a_photo_between_two_groups_joins_them(user: User) -> None:
    left = {add(user, perceptual_hash="0" * 16) for _ in range(2)}
    right = {add(user, lean=0.5, second=60, perceptual_hash="0" * 12 + "ffff") for _ in range(2)}
    find_duplicates(limit=10)
    assert {frozenset(members) for _, members in groups(user)} == {
        frozenset(left),
        frozenset(right),
    }
    between = add(user, lean=0.25, second=30, perceptual_hash="0" * 14 + "ff")
    find_duplicates(limit=10)
    assert groups(user) == [(DUPLICATE, left | right | {between})]
    assert DuplicateGroup.objects.count() == 1


def test_another_owners_copy_is_no_duplicate(user: User, stranger: User) -> None:
    add(user)
    add(stranger)
    find_duplicates(limit=10)
    assert groups(user) == []
    assert groups(stranger) == []


def test_what_is_in_the_trash_is_no_duplicate_until_it_comes_back(user: User) -> None:
    first, second = add(user), add(user)
    trash_photo(first)
    find_duplicates(limit=10)
    assert groups(user) == []
    restore_photo(first)
    find_duplicates(limit=10)
    assert groups(user) == [(DUPLICATE, {first, second})]
    trash_photo(second)
    assert groups(user) == []


def test_a_photo_that_turns_out_to_be_another_leaves_its_group(user: User) -> None:
    first, second = add(user), add(user)
    find_duplicates(limit=10)
    describe(second, axis=9, perceptual_hash="0123456789abcdef", taken_at=None)
    find_duplicates(limit=10)
    assert groups(user) == []
    assert forget_groups() == 2  # the group and its last member
    assert not GroupedPhoto.objects.filter(photo=first).exists()


def test_the_best_photo_is_what_a_person_likes_then_pixels_faces_and_bytes(user: User) -> None:
    liked = make_photo(user, favorite=True, width=10, height=10)
    large = make_photo(user, width=4000, height=3000, size=1)
    sharp = make_photo(user, width=400, height=300, size=5000)
    smiling = make_photo(user, width=400, height=300, size=900)
    unknown = make_photo(user, size=10**6)
    record_result(make_result(smiling, faces(face(quality=0.8))))
    record_result(make_result(sharp, faces(face(quality=0.2))))
    soft = make_photo(user, width=400, height=300, size=800)
    order = [liked, large, smiling, sharp, soft, unknown]
    assert best_first(reversed(order)) == order


def test_of_each_group_the_best_is_shown(user: User) -> None:
    small = add(user, width=400, height=300)
    alone = add(user, axis=7, second=900, perceptual_hash="0123456789abcdef")
    large = add(user)
    find_duplicates(limit=10)
    assert show_duplicates_once([small, alone, large]) == [alone, large]
    assert show_duplicates_once([small, alone]) == [small, alone]


def test_keeping_one_trashes_the_others_and_ends_the_review(user: User) -> None:
    first, second, third = add(user), add(user), add(user)
    find_duplicates(limit=10)
    (group,) = duplicate_groups_of(user)
    for _ in range(2):
        trashed = resolve_group(group, keep=[second.id])
    assert trashed == 0
    kept = Photo.objects.filter(trashed_at__isnull=True)
    assert list(kept) == [second]
    group.refresh_from_db()
    assert group.reviewed_at is not None
    assert {first, third} == set(Photo.objects.filter(trashed_at__isnull=False))


def test_a_reviewed_group_comes_back_only_for_a_new_photo(user: User) -> None:
    first, second = add(user), add(user)
    find_duplicates(limit=10)
    (group,) = duplicate_groups_of(user)
    resolve_group(group, keep=[first.id, second.id])
    Photo.objects.update(duplicates_stale=True)
    find_duplicates(limit=10)
    group.refresh_from_db()
    assert group.reviewed_at is not None
    add(user)
    find_duplicates(limit=10)
    group.refresh_from_db()
    assert group.reviewed_at is None
    assert group.members.count() == 3


def test_nothing_is_kept_but_photos_of_the_group(user: User) -> None:
    first, second = add(user), add(user)
    other = make_photo(user)
    find_duplicates(limit=10)
    (group,) = duplicate_groups_of(user)
    for keep, code in [([], "keep_one"), ([first.id, other.id], "not_in_group")]:
        with pytest.raises(RefusedError) as refused:
            resolve_group(group, keep=keep)
        assert refused.value.code == code
    assert not Photo.objects.filter(trashed_at__isnull=False).exists()
    delete_photo(second)
    assert duplicate_groups_of(user).count() == 0


def test_similar_photos_come_nearest_first_and_from_the_library_only(
    user: User, stranger: User
) -> None:
    photo, near, far = add(user), add(user, lean=0.1), add(user, lean=0.9)
    add(stranger)
    trash_photo(add(user, lean=0.05))
    shadow = make_photo(user)
    vector = [1.0] + [0.0] * (FEATURE_DIMENSIONS - 1)
    result = make_result(shadow, looks(vector), model="another-1")
    assert result.model not in MODELS[Kind.LABELS]
    record_result(result)
    found = similar_photos(photo, limit=5)
    assert [other for other, _ in found] == [near, far]
    assert found[0][1] == pytest.approx(1 - 0.99**0.5, abs=1e-3)
    assert [other for other, _ in similar_photos(photo, limit=1)] == [near]


def test_a_large_library_is_searched_by_the_index_past_other_owners(
    user: User, stranger: User
) -> None:
    photo, near = add(user), add(user, lean=0.3)
    for _ in range(60):  # nearer, and more than one round of the index finds
        add(stranger)
    Month.objects.create(owner=user, month=NOON.date(), count=SMALL_LIBRARY + 1, aspect_ratios="")
    assert [other for other, _ in similar_photos(photo, limit=5)] == [near]
    with transaction.atomic():
        search_nearest(user.id)
        assert "image_features_hnsw" in nearest_first(photo).explain()


def test_a_photo_that_nobody_described_has_no_similar_ones_yet(photo: Photo) -> None:
    with pytest.raises(RefusedError) as refused:
        similar_photos(photo, limit=5)
    assert refused.value.code == "not_ready"


@pytest.mark.django_db(transaction=True)
def test_workers_side_by_side_found_one_group(user: User) -> None:
    photos = {add(user) for _ in range(12)}

    def work(_: int) -> None:
        try:
            find_duplicates(limit=12)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(work, range(4)))
    assert groups(user) == [(DUPLICATE, photos)]
    assert DuplicateGroup.objects.count() == 1
