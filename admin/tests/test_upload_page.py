"""Adding photos from the browser."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
import urllib3
from django.conf import settings
from django.test import Client
from django.urls import reverse

from admin.tests.albums import analysed_photo, failed_photo
from backend.accounts.models import User
from backend.photos.models import Photo

Browser = Callable[[User | None], Client]
TICKET = "/admin/photos/photo/add/ticket/"
STATES = "/admin/photos/photo/add/states/"
http = urllib3.PoolManager()
BYTES = b"\xff\xd8\xff the bytes of a photo"


def ask(client: Client, **changes: Any) -> Any:
    wanted = {
        "filename": "beach.jpg",
        "size": len(BYTES),
        "content_type": "image/jpeg",
        "sha256": hashlib.sha256(BYTES).hexdigest(),
    }
    return client.post(TICKET, json.dumps(wanted | changes), content_type="application/json")


def send(upload: dict[str, Any], body: bytes) -> int:
    """What the page's script does with a ticket."""
    fields = {**upload["fields"], "file": ("beach.jpg", body, "image/jpeg")}
    return http.request("POST", upload["url"], fields=fields).status


def test_the_page_says_what_the_script_needs(alice: User, browser: Browser) -> None:
    answer = browser(alice).get(reverse("admin:photos_photo_add"))
    told = answer.context["settings"]
    assert told["max_bytes"] == settings.MAX_UPLOAD_BYTES
    assert told["ticket_url"] == TICKET
    assert "backoffice/add_photos.js" in answer.content.decode()


def test_a_photo_travels_from_ticket_to_analysis(
    alice: User, browser: Browser, bucket: None, django_capture_on_commit_callbacks: Any
) -> None:
    client = browser(alice)
    ticket = ask(client).json()
    assert not ticket["duplicate"]
    assert send(ticket["upload"], BYTES) in (200, 201, 204)
    with django_capture_on_commit_callbacks():
        assert client.post(ticket["complete_url"]).status_code == 200
    photo = Photo.objects.get(id=ticket["id"])
    assert (photo.owner, photo.status) == (alice, Photo.Status.PROCESSING)
    assert photo.analyses.count() == 5
    assert ask(client).json() == {"id": ticket["id"], "duplicate": True}


def test_other_bytes_than_announced_are_refused_by_storage(
    alice: User, browser: Browser, bucket: None
) -> None:
    ticket = ask(browser(alice)).json()
    assert send(ticket["upload"], BYTES[::-1]) in (400, 403)


def test_completing_what_has_not_arrived_says_so(
    alice: User, browser: Browser, bucket: None
) -> None:
    client = browser(alice)
    answer = client.post(ask(client).json()["complete_url"])
    assert answer.status_code == 409
    assert answer.json()["code"] == "not_uploaded"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"size": 0}, "empty_file"),
        ({"size": 10**12}, "too_large"),
        ({"content_type": "text/html"}, "unsupported_type"),
        ({"sha256": "short"}, "invalid"),
        ({"size": "many"}, "invalid"),
        ({"filename": "a\x00b"}, "invalid"),
    ],
)
def test_a_refusal_says_why_in_words(
    changes: dict[str, Any], code: str, alice: User, browser: Browser
) -> None:
    answer = ask(browser(alice), **changes)
    assert answer.status_code >= 400
    assert answer.json()["code"] == code
    assert answer.json()["detail"]
    assert not Photo.objects.exists()


def test_a_full_quota_is_told_in_the_readers_language(alice: User, browser: Browser) -> None:
    User.objects.update(quota_bytes=1)
    client = browser(alice)
    client.post("/admin/language/", {"language": "zh-hans", "next": "/admin/"})
    answer = ask(client)
    assert answer.json()["code"] == "quota_exceeded"
    assert "空间不足" in answer.json()["detail"]


@pytest.mark.parametrize("body", ["", "[]", "null", "{", "[" * 100_000, '{"size": NaN}', "\x00"])
def test_nonsense_for_a_ticket_is_refused(body: str, alice: User, browser: Browser) -> None:
    answer = browser(alice).post(TICKET, body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["code"] in ("bad_json", "invalid")


def test_tickets_need_a_csrf_token_and_staff(alice: User, browser: Browser) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    assert ask(client).status_code == 403
    assert ask(browser(None)).status_code == 302
    plain = User.objects.create_user("carol")
    assert ask(browser(plain)).status_code == 302
    assert not Photo.objects.exists()


def test_states_tell_what_was_found(photo: Photo, alice: User, browser: Browser) -> None:
    answer = browser(alice).get(STATES, {"ids": str(photo.id)}).json()
    (told,) = answer["photos"]
    assert (told["status"], told["done"], told["all"]) == ("ready", 5, 5)
    assert dict(told["found"]) == {
        "Labels": "beach, sea",
        "Text": "拾光咖啡 / Open daily",
        "Faces": "1",
        "Place": "Arezzo, Italy",
    }
    assert told["thumbnail"].startswith("/objects/")
    assert told["failures"] == []


def test_states_tell_why_a_photo_failed(alice: User, browser: Browser) -> None:
    photo = failed_photo(alice)
    (told,) = browser(alice).get(STATES, {"ids": str(photo.id)}).json()["photos"]
    assert told["status"] == "failed"
    assert told["failures"] == ["Inspection: The file is not a picture. (not_an_image)"]


def test_states_of_photos_of_others_are_not_told(
    photo: Photo, foreign_photo: Photo, alice: User, browser: Browser
) -> None:
    ids = f"{photo.id},{foreign_photo.id},nonsense,"
    told = browser(alice).get(STATES, {"ids": ids}).json()["photos"]
    assert [each["id"] for each in told] == [str(photo.id)]


def test_states_ask_the_database_as_often_for_many_photos_as_for_one(
    alice: User, browser: Browser, django_assert_num_queries: Any
) -> None:
    client = browser(alice)
    ids = [str(analysed_photo(alice, f"{who}.jpg", who=who).id) for who in range(4)]
    client.get(STATES)
    for count in (1, 4):
        # session, user, photos, analyses, labels, text lines
        with django_assert_num_queries(6):
            client.get(STATES, {"ids": ",".join(ids[:count])})
