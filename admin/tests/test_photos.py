"""Finding, looking at, correcting and letting go of photos."""

from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from admin.tests.albums import analysed_photo, failed_photo
from backend.accounts.models import User
from backend.analysis.models import Analysis, LabelVerdict
from backend.core import storage
from backend.people.models import FaceRejection, Person
from backend.photos.models import Photo
from backend.photos.services import object_keys
from backend.search.services import index_stale_photos

Browser = Callable[[User | None], Client]
LIST = "/admin/photos/photo/"


def found_by(client: Client, query: str, **params: str) -> set[str]:
    photos = client.get(LIST, {"q": query, **params}).context["cl"].result_list
    return {photo.filename for photo in photos}


def page(photo: Photo, name: str = "change") -> str:
    return reverse(f"admin:photos_photo_{name}", args=[photo.id])


@pytest.mark.parametrize(
    "query", ["beach", "海滩", "beaches", "咖啡", "拾光咖啡", "daily", "Arezzo", "fujifilm"]
)
def test_a_photo_is_found_by_what_it_shows_and_what_is_written_on_it(
    query: str, photo: Photo, alice: User, browser: Browser
) -> None:
    assert found_by(browser(alice), query) == {"beach.jpg"}


@pytest.mark.parametrize("query", ["mountain", "雪山", "...", "beach mountain"])
def test_a_photo_is_not_found_by_other_words(
    query: str, photo: Photo, alice: User, browser: Browser
) -> None:
    assert found_by(browser(alice), query) == set()


def test_a_photo_is_found_by_who_is_in_it_once_the_face_has_a_name(
    photo: Photo, alice: User, browser: Browser
) -> None:
    client = browser(alice)
    client.post(page(photo, "name"), {"face": str(photo.faces.get().id), "name": "小明 Ming"})
    index_stale_photos(limit=10)
    assert found_by(client, "小明") == {"beach.jpg"}
    assert found_by(client, "ming beach") == {"beach.jpg"}
    assert photo.faces.get().confirmed


def test_a_run_of_characters_that_no_photo_has_as_a_whole_counts_by_its_pairs(
    photo: Photo, alice: User, browser: Browser
) -> None:
    assert found_by(browser(alice), "海滩咖啡") == {"beach.jpg"}


def test_search_finds_only_ones_own_unless_superuser(
    photo: Photo, foreign_photo: Photo, alice: User, root: User, browser: Browser
) -> None:
    assert found_by(browser(alice), "beach") == {"beach.jpg"}
    assert found_by(browser(root), "beach") == {"beach.jpg", "secret.jpg"}


def test_search_says_why_and_keeps_to_the_filters(
    photo: Photo, alice: User, browser: Browser
) -> None:
    client = browser(alice)
    body = client.get(LIST, {"q": "咖啡"}).content.decode()
    assert "拾光咖啡" in body
    assert found_by(client, "beach", has_text__exact="0") == set()
    client.post(page(photo, "trash"))
    assert found_by(client, "beach") == set()
    assert found_by(client, "beach", where="trash") == {"beach.jpg"}


def test_a_column_chosen_to_sort_by_sorts_what_was_found(alice: User, browser: Browser) -> None:
    for name in ("b.jpg", "a.jpg", "c.jpg"):
        analysed_photo(alice, name)
    result = browser(alice).get(LIST, {"q": "beach", "o": "2"}).context["cl"].result_list
    assert [photo.filename for photo in result] == ["a.jpg", "b.jpg", "c.jpg"]


@pytest.mark.parametrize("query", ["\x00", "a\x00b", "' OR 1=1", "((((", "海" * 5000, "%"])
def test_odd_searches_find_nothing_and_break_nothing(
    query: str, photo: Photo, alice: User, browser: Browser
) -> None:
    assert browser(alice).get(LIST, {"q": query}).status_code == 200


@pytest.mark.parametrize("params", [{"person": "nonsense"}, {"where": "nowhere"}, {"failed": "x"}])
def test_odd_filters_break_nothing(
    params: dict[str, str], photo: Photo, alice: User, browser: Browser
) -> None:
    assert browser(alice).get(LIST, params).status_code == 200


LISTS = [
    LIST,
    LIST + "?q=beach",
    "/admin/people/person/",
    "/admin/people/face/",
    "/admin/analysis/analysis/",
    "/admin/analysis/label/",
]


@pytest.mark.parametrize("address", LISTS)
def test_lists_ask_the_database_as_often_for_ten_rows_as_for_two(
    address: str, alice: User, browser: Browser
) -> None:
    client = browser(alice)

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    for who in range(2):
        analysed_photo(alice, f"{who}.jpg", who=who)
    Person.objects.update(name="Somebody")
    queries()  # Django keeps what it learns once, such as content types
    few = queries()
    for who in range(2, 10):
        analysed_photo(alice, f"{who}.jpg", who=who)
    Person.objects.update(name="Somebody")
    assert queries() == few


def test_the_page_of_a_photo_asks_as_often_for_many_findings_as_for_few(
    photo: Photo, alice: User, browser: Browser
) -> None:
    client = browser(alice)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(page(photo)).status_code == 200
        return len(captured)

    queries()  # Django keeps what it learns once, such as content types
    few = queries()
    face = photo.faces.get()
    for _ in range(5):
        face.pk, face.person = None, None
        face.id = type(face)._meta.pk.get_default()
        face.save(force_insert=True)
    assert queries() == few


def test_the_page_of_a_photo_shows_what_was_found(
    photo: Photo, alice: User, browser: Browser
) -> None:
    body = browser(alice).get(page(photo)).content.decode()
    for expected in ("拾光咖啡", "Open daily", "海滩", "beach", "Arezzo", "X-T4", "yunet-sface-1"):
        assert expected in body
    # The face's box and the two lines' boxes.
    assert body.count("<rect ") == 3
    assert 'x="10.00%" y="10.00%" width="20.00%" height="20.00%"' in body


def test_the_page_of_a_failed_photo_says_why(alice: User, browser: Browser) -> None:
    photo = failed_photo(alice)
    body = browser(alice).get(page(photo)).content.decode()
    assert "The file is not a picture." in body
    assert "not_an_image" in body


def test_no_page_holds_a_script_or_a_style_of_its_own(
    photo: Photo, alice: User, browser: Browser
) -> None:
    client = browser(alice)
    face = photo.faces.get()
    addresses = [
        *("/admin/", LIST, LIST + "?q=beach", page(photo), reverse("admin:photos_photo_add")),
        reverse("admin:people_person_change", args=[face.person_id]),
        reverse("admin:people_face_change", args=[face.id]),
    ]
    for address in addresses:
        body = client.get(address).content.decode()
        assert "<style" not in body, address
        assert " style=" not in body, address
        scripts = [tag.split(">")[0] for tag in body.split("<script")[1:]]
        assert all("src=" in tag or "application/json" in tag for tag in scripts), address


def test_what_the_owner_says_is_stored_and_searched(
    photo: Photo, alice: User, browser: Browser
) -> None:
    client = browser(alice)
    data = {
        "description": "Our week in Tuscany",
        "taken_at_0": "2020-02-03",
        "taken_at_1": "04:05:06",
        "favorite": "on",
        "latitude": "31.2",
        "longitude": "121.5",
    }
    assert client.post(page(photo), data).status_code == 302
    photo.refresh_from_db()
    assert photo.description == "Our week in Tuscany"
    assert photo.favorite
    assert photo.taken_at_source == "person"
    assert (photo.latitude, photo.location_source) == (31.2, "person")
    assert photo.country == "China"
    index_stale_photos(limit=10)
    assert found_by(client, "tuscany") == {"beach.jpg"}


def test_a_form_that_changes_nothing_leaves_the_sources_alone(
    photo: Photo, alice: User, browser: Browser
) -> None:
    client = browser(alice)
    form = client.get(page(photo)).context["adminform"].form
    taken = photo.taken_at
    assert taken is not None
    data = {
        "description": "",
        "taken_at_0": taken.strftime("%Y-%m-%d"),
        "taken_at_1": taken.strftime("%H:%M:%S"),
        "latitude": str(form.initial["latitude"]),
        "longitude": str(form.initial["longitude"]),
    }
    client.post(page(photo), data)
    photo.refresh_from_db()
    assert photo.taken_at_source == "exif_offset"
    assert photo.location_source == "exif"


def test_half_a_place_is_refused(photo: Photo, alice: User, browser: Browser) -> None:
    answer = browser(alice).post(page(photo), {"latitude": "31.2", "longitude": ""})
    assert answer.status_code == 200
    assert answer.context["errors"]


def test_a_label_marked_wrong_is_no_longer_found(
    photo: Photo, alice: User, browser: Browser
) -> None:
    client = browser(alice)
    client.post(page(photo, "verdict"), {"name": "sea", "correct": "0"})
    verdict = LabelVerdict.objects.get()
    assert (verdict.name, verdict.correct, verdict.user) == ("sea", False, alice)
    index_stale_photos(limit=10)
    assert found_by(client, "sea") == set()
    client.post(page(photo, "verdict"), {"name": "sea", "correct": "1"})
    index_stale_photos(limit=10)
    assert found_by(client, "大海") == {"beach.jpg"}


def test_a_verdict_on_a_label_that_the_photo_has_not_is_refused(
    photo: Photo, alice: User, browser: Browser
) -> None:
    answer = browser(alice).post(
        page(photo, "verdict"), {"name": "yak", "correct": "1"}, follow=True
    )
    assert "no such label" in answer.content.decode()
    assert not LabelVerdict.objects.exists()


def test_tags_are_added_found_and_removed(photo: Photo, alice: User, browser: Browser) -> None:
    client = browser(alice)
    client.post(page(photo, "tag"), {"name": "  summer   house "})
    assert [tag.name for tag in photo.tags.all()] == ["summer house"]
    index_stale_photos(limit=10)
    assert found_by(client, "house") == {"beach.jpg"}
    client.post(page(photo, "untag"), {"name": "summer house"})
    assert not photo.tags.exists()


@pytest.mark.parametrize("face", ["", "nonsense", "00000000-0000-0000-0000-000000000000"])
def test_naming_a_face_that_is_not_there_is_refused(
    face: str, photo: Photo, alice: User, browser: Browser
) -> None:
    answer = browser(alice).post(page(photo, "name"), {"face": face, "name": "Eve"})
    assert answer.status_code in (302, 404)
    assert not Person.objects.exclude(name="").exists()


def test_a_form_of_the_page_does_nothing_when_only_looked_at(
    photo: Photo, alice: User, browser: Browser
) -> None:
    assert browser(alice).get(page(photo, "trash")).status_code == 405
    assert browser(alice).get(page(photo, "analyse")).status_code == 405


def test_forms_without_a_csrf_token_are_refused(photo: Photo, alice: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    assert client.post(page(photo, "trash")).status_code == 403
    photo.refresh_from_db()
    assert photo.trashed_at is None


def test_photos_go_to_the_trash_and_come_back(photo: Photo, alice: User, browser: Browser) -> None:
    client = browser(alice)
    chosen = {"_selected_action": [str(photo.id)]}
    client.post(LIST, {"action": "move_to_trash", **chosen})
    photo.refresh_from_db()
    assert photo.trashed_at is not None
    assert client.get(LIST).context["cl"].result_count == 0
    client.post(LIST + "?where=trash", {"action": "restore", **chosen})
    photo.refresh_from_db()
    assert photo.trashed_at is None


def test_photos_are_queued_for_another_analysis(
    photo: Photo, alice: User, browser: Browser
) -> None:
    browser(alice).post(LIST, {"action": "analyse_again", "_selected_action": [str(photo.id)]})
    photo.refresh_from_db()
    assert photo.status == Photo.Status.PROCESSING
    assert set(photo.analyses.values_list("state", flat=True)) == {Analysis.State.QUEUED}


def test_one_kind_alone_is_queued_from_the_page(
    photo: Photo, alice: User, browser: Browser
) -> None:
    browser(alice).post(page(photo, "analyse"), {"kind": "text"})
    queued = photo.analyses.filter(state=Analysis.State.QUEUED)
    assert [analysis.kind for analysis in queued] == ["text"]


# Deleting


@pytest.fixture
def stored(photo: Photo, bucket: None) -> Iterator[Photo]:
    """The photo, with every object that belongs to it in storage."""
    for key in object_keys(photo.id):
        storage._client().put_object(Bucket=settings.S3_BUCKET, Key=key, Body=b"bytes")
    yield photo
    storage.delete_objects(object_keys(photo.id))


def test_deleting_asks_first(stored: Photo, alice: User, browser: Browser) -> None:
    client = browser(alice)
    assert client.get(page(stored, "delete")).status_code == 200
    chosen = {"action": "delete_selected", "_selected_action": [str(stored.id)]}
    assert "beach.jpg" in client.post(LIST, chosen).content.decode()
    assert Photo.objects.filter(id=stored.id).exists()


@pytest.mark.parametrize("way", ["page", "list"])
def test_deleting_takes_objects_rows_and_quota(
    way: str, stored: Photo, alice: User, browser: Browser
) -> None:
    client = browser(alice)
    if way == "page":
        client.post(page(stored, "delete"), {"post": "yes"})
    else:
        chosen = {"action": "delete_selected", "_selected_action": [str(stored.id)]}
        client.post(LIST, {**chosen, "post": "yes"})
    assert not Photo.objects.filter(id=stored.id).exists()
    assert [storage.head(key) for key in object_keys(stored.id)] == [None] * 3
    alice.refresh_from_db()
    assert alice.used_bytes == 0


@pytest.mark.parametrize("way", ["page", "list"])
def test_while_storage_is_away_nothing_is_deleted_and_the_reader_is_told(
    way: str, stored: Photo, alice: User, browser: Browser, settings: object
) -> None:
    client = browser(alice)
    settings.S3_ENDPOINT_URL = "http://127.0.0.1:9"  # type: ignore[attr-defined]
    storage._client.cache_clear()
    try:
        if way == "page":
            answer = client.post(page(stored, "delete"), {"post": "yes"}, follow=True)
        else:
            chosen = {"action": "delete_selected", "_selected_action": [str(stored.id)]}
            answer = client.post(LIST, {**chosen, "post": "yes"}, follow=True)
    finally:
        storage._client.cache_clear()
        settings.S3_ENDPOINT_URL = settings.S3_PUBLIC_ENDPOINT_URL  # type: ignore[attr-defined]
    assert Photo.objects.filter(id=stored.id).exists()
    assert "Object storage does not answer" in answer.content.decode()


# People and faces


def test_a_face_moved_to_somebody_else_never_goes_back(alice: User, browser: Browser) -> None:
    first = analysed_photo(alice, "one.jpg", who=0)
    second = analysed_photo(alice, "two.jpg", who=5)
    face, other = first.faces.get(), second.faces.get()
    address = reverse("admin:people_face_change", args=[face.id])
    before = face.person
    browser(alice).post(address, {"person": str(other.person_id)})
    face.refresh_from_db()
    assert (face.person_id, face.confirmed) == (other.person_id, True)
    assert FaceRejection.objects.filter(face=face, person=before).exists()


def test_two_faces_of_one_photo_are_never_one_person(
    photo: Photo, alice: User, browser: Browser
) -> None:
    face = photo.faces.get()
    twin = photo.faces.get()
    twin.pk = type(face)._meta.pk.get_default()
    twin.person = None
    twin.save(force_insert=True)
    address = reverse("admin:people_face_change", args=[twin.id])
    answer = browser(alice).post(address, {"person": str(face.person_id)})
    assert answer.context["errors"]
    twin.refresh_from_db()
    assert twin.person is None


def test_names_typed_into_the_list_of_people_are_searched(
    photo: Photo, alice: User, browser: Browser
) -> None:
    client = browser(alice)
    person = Person.objects.get()
    data = {
        "form-TOTAL_FORMS": "1",
        "form-INITIAL_FORMS": "1",
        "form-0-id": str(person.id),
        "form-0-name": "Ada",
        "_save": "Save",
    }
    client.post("/admin/people/person/", data)
    index_stale_photos(limit=10)
    assert found_by(client, "ada") == {"beach.jpg"}
    client.post("/admin/people/person/", data | {"form-0-hidden": "on"})
    index_stale_photos(limit=10)
    assert found_by(client, "ada") == set()


# The work


def test_failed_analyses_are_listed_with_their_reason_and_tried_again(
    alice: User, browser: Browser
) -> None:
    photo = failed_photo(alice)
    client = browser(alice)
    address = "/admin/analysis/analysis/?state__exact=failed"
    assert "The file is not a picture." in client.get(address).content.decode()
    analysis = photo.analyses.get(state=Analysis.State.FAILED)
    client.post(address, {"action": "retry", "_selected_action": [str(analysis.id)]})
    analysis.refresh_from_db()
    assert analysis.state == Analysis.State.QUEUED


def test_what_a_model_found_or_missed_in_the_shadow_is_not_among_ones_own(
    alice: User, photo: Photo, browser: Browser
) -> None:
    client = browser(alice)
    labels = photo.analyses.get(kind="labels")
    word = photo.labels.values_list("name", flat=True)[0]
    for shadow in (False, True):
        photo.analyses.filter(id=labels.id).update(state="failed", code="internal_error")
        photo.analyses.filter(id=labels.id).update(shadow=shadow)
        assert client.get("/admin/").context["failed_count"] == int(not shadow)
        assert found_by(client, "", failed="1") == (set() if shadow else {photo.filename})
        assert (word in client.get("/admin/analysis/label/").content.decode()) != shadow


@pytest.mark.parametrize("address", ["/admin/analysis/analysis/", "/admin/analysis/label/"])
def test_findings_cannot_be_made_up_or_deleted(
    address: str, photo: Photo, root: User, browser: Browser
) -> None:
    client = browser(root)
    assert client.get(address + "add/").status_code == 403
    assert "delete_selected" not in client.get(address).content.decode()


def doubtful(owner: User, filename: str) -> Photo:
    photo = analysed_photo(owner, filename)
    Photo.objects.filter(id=photo.id).update(moderation_verdict="review", moderation_score=0.6)
    return photo


def act(client: Client, action: str, *photos: Photo) -> str:
    data = {"action": action, "_selected_action": [str(photo.id) for photo in photos]}
    return client.post(LIST, data, follow=True).content.decode()


@pytest.mark.parametrize(("action", "verdict"), [("let_pass", "ok"), ("block", "blocked")])
def test_a_superuser_decides_what_others_may_see(
    action: str, verdict: str, alice: User, root: User, browser: Browser
) -> None:
    one, other = doubtful(alice, "one.jpg"), doubtful(alice, "other.jpg")
    client = browser(root)
    to_review = client.get("/admin/").content.decode()
    assert f'href="{LIST}?review=1">To be reviewed <b>2</b>' in to_review
    assert "Decided: 1." in act(client, action, one)
    one.refresh_from_db()
    assert one.moderation_verdict == verdict
    listed = client.get(LIST, {"review": "1"}).context["cl"].result_list
    assert list(listed) == [other]
    assert client.get("/admin/").context["counts"]["review"] == 1
    assert "<dt>Decided by</dt><dd>root</dd>" in client.get(page(one)).content.decode()
    assert "Decided by" not in client.get(page(other)).content.decode()
    act(client, "undo_decision", one)
    listed = client.get(LIST, {"review": "1"}).context["cl"].result_list
    assert set(listed) == {one, other}


def test_in_chinese_too(alice: User, root: User, browser: Browser) -> None:
    doubtful(alice, "one.jpg")
    body = browser(root).get(LIST, headers={"Accept-Language": "zh-hans"}).content.decode()
    for value, words in (("let_pass", "通过"), ("block", "屏蔽"), ("undo_decision", "撤销决定")):
        assert f'<option value="{value}">{words}</option>' in body


@pytest.mark.parametrize("action", ["let_pass", "block", "undo_decision"])
def test_nobody_else_decides_not_even_about_their_own(
    action: str, alice: User, browser: Browser
) -> None:
    photo, client = doubtful(alice, "one.jpg"), browser(alice)
    assert f'value="{action}"' not in client.get(LIST).content.decode()
    act(client, action, photo)
    photo.refresh_from_db()
    assert photo.moderation_verdict == "review"


def test_what_has_no_picture_is_not_decided(alice: User, root: User, browser: Browser) -> None:
    photo = failed_photo(alice)
    body = act(browser(root), "let_pass", photo)
    assert "Decided: 0." in body
    assert "Broken.jpg: This has not been made yet. Try again soon." in body
    photo.refresh_from_db()
    assert photo.moderation_verdict == "pending"
