"""Photos are found by all that is known of them, in two languages."""

from typing import Any

import pytest

from backend.accounts.models import User
from backend.analysis.models import LabelVerdict
from backend.analysis.services import record_result
from backend.conftest import face, faces, inspection, labels, make_photo, make_result, text
from backend.people.services import name_face
from backend.photos.models import Photo
from backend.photos.selectors import PhotoFilter
from backend.photos.services import add_tag, trash_photo
from backend.search import services
from backend.search.reasons import explain
from backend.search.selectors import find_photos, search_photos
from backend.search.services import index_stale_photos
from backend.search.terms import Named, understand


@pytest.fixture
def dog(user: User) -> Photo:
    """A golden retriever in Arezzo on 1 May 2023, with a sign."""
    photo = make_photo(user, filename="IMG_4711.JPG")
    record_result(make_result(photo, inspection()))
    record_result(make_result(photo, labels(("golden retriever", "金毛寻回犬"), ("dog", "狗"))))
    record_result(make_result(photo, text("Beware of the DOGS", "小心恶犬 请勿靠近")))
    record_result(make_result(photo, faces(face(0))))
    name_face(photo.faces.get(), "小明 Ming")
    add_tag(photo, "Été holiday")
    index_stale_photos(limit=10)
    return photo


@pytest.fixture
def other(user: User) -> Photo:
    """A hippopotamus, whose Chinese name holds the character for horse."""
    photo = make_photo(user, filename="DSC09999.png")
    record_result(make_result(photo, labels(("hippopotamus", "河马"))))
    index_stale_photos(limit=10)
    return photo


def found(user: User, query: str, **wanted: Any) -> list[Photo]:
    """In the order of /search; /photos, which pages through everything, finds the same."""
    listed = list(search_photos(user, query, PhotoFilter(**wanted)))
    hits = find_photos(user, understand(user, query), PhotoFilter(**wanted))
    assert {hit.photo_id for hit in hits} == {photo.id for photo in listed}
    photos = {photo.id: photo for photo in listed}
    return [photos[hit.photo_id] for hit in hits]


@pytest.mark.parametrize(
    "query",
    [
        "dog", "DOGS", "golden retriever", "狗", "金毛", "金毛寻回犬", "beware", "恶犬", "请勿靠近",
        "IMG_4711", "4711", "fujifilm", "X-T4", "arezzo", "Italy", "2023", "2023-05-01", "May",
        "2023年5月", "小明", "ming", "ete", "Été", "holiday dog", "小明 狗", "ｄｏｇ", "小明金毛",
    ],
)  # fmt: skip
def test_what_is_remembered_finds_the_photo(
    user: User, dog: Photo, other: Photo, query: str
) -> None:
    assert found(user, query) == [dog]


@pytest.mark.parametrize(
    "query",
    [
        "cat",
        "猫",
        "dog cat",
        "2022",
        "寻金",
        "马",
        "!!!",
        "a:*",
        "dog & cat",
        "'; drop table",
        "😀",
    ],
)
def test_what_is_not_there_finds_nothing(user: User, dog: Photo, other: Photo, query: str) -> None:
    assert found(user, query) == []


@pytest.mark.parametrize("query", ["x" * 10_000, "狗" * 5_000, "the of and", "(", "\\", "<->", "%"])
def test_odd_queries_are_answered(user: User, dog: Photo, query: str) -> None:
    assert isinstance(found(user, query), list)


def test_an_empty_query_finds_everything(user: User, dog: Photo, other: Photo) -> None:
    assert set(found(user, " ")) == {dog, other}


def test_nobody_finds_somebody_elses_photo(stranger: User, dog: Photo) -> None:
    assert found(stranger, "dog") == []


def test_the_trash_is_not_searched_unless_asked(user: User, dog: Photo) -> None:
    trash_photo(dog)
    assert found(user, "dog") == []
    assert found(user, "dog", trashed=True) == [dog]


def test_a_refused_label_no_longer_finds_the_photo(user: User, dog: Photo) -> None:
    LabelVerdict.objects.create(photo=dog, name="golden retriever", correct=False, model="m")
    Photo.objects.update(search_stale=True)
    index_stale_photos(limit=10)
    assert found(user, "retriever") == []
    assert found(user, "", labels=["golden retriever"]) == []
    assert found(user, "", labels=["狗"]) == [dog]


def test_what_is_named_ranks_above_what_is_written(user: User, dog: Photo) -> None:
    sign = make_photo(user)
    record_result(make_result(sign, text("dog food for sale")))
    index_stale_photos(limit=10)
    assert found(user, "dog") == [dog, sign]


def test_each_photo_says_why_it_was_found_and_where(user: User, dog: Photo) -> None:
    (reasons,) = explain(
        [Photo.objects.get(id=dog.id)], understand(user, "小明 dogs 2023")
    ).values()
    kinds = {reason.kind for reason in reasons}
    assert kinds == {"person", "label", "date", "text"}
    assert {reason.box is not None for reason in reasons if reason.kind == "text"} == {True}


def test_indexing_takes_each_photo_once(user: User, dog: Photo) -> None:
    assert index_stale_photos(limit=10) == 0


def test_a_photo_that_cannot_be_indexed_stops_no_other(
    user: User, dog: Photo, other: Photo, monkeypatch: Any, caplog: Any
) -> None:
    index = services.index_photo

    def fail_for_dogs(photo: Photo) -> list[Named]:
        if photo == dog:
            # What it did until then must not stay.
            add_tag(photo, "half done")
            raise ValueError("an odd dog")
        return index(photo)

    monkeypatch.setattr(services, "index_photo", fail_for_dogs)
    Photo.objects.update(search_stale=True)
    assert index_stale_photos(limit=1) == 1
    assert index_stale_photos(limit=10) == 0
    assert list(Photo.objects.filter(search_stale=True)) == [dog]
    assert not dog.tags.filter(name="half done").exists()
    assert f"photo {dog.id} cannot be indexed" in caplog.text


def test_a_photo_of_endless_text_is_indexed(user: User) -> None:
    photo = make_photo(user)
    record_result(make_result(photo, text(*(f"line{n} " + "字" * 2000 for n in range(500)))))
    assert index_stale_photos(limit=10) == 1
    assert found(user, "line1") == [photo]
