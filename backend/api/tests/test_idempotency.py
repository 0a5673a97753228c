"""Idempotency-Key, on calls that create."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.utils import timezone

from backend.accounts.models import ApiKey, Token, User
from backend.albums.members import set_role
from backend.albums.models import Invitation, Role
from backend.albums.services import create_album
from backend.api import idempotency
from backend.api.idempotency import KEPT, WORKING, forget_answers
from backend.api.models import KeptAnswer
from backend.conftest import PASSWORD, ApiClient
from backend.photos.models import Photo

NEW = {"username": "new", "password": "a long enough pass phrase"}
TICKET = {"filename": "a.jpg", "size": 9, "content_type": "image/jpeg", "sha256": "a" * 64}


@pytest.fixture(autouse=True)
def nothing_counted() -> None:
    cache.clear()


@pytest.fixture
def clerk(db: None) -> ApiClient:
    return ApiClient(User.objects.create_user("clerk", password=PASSWORD, is_staff=True))


def create(api: ApiClient, data: Any = NEW, *, key: str = "k1") -> Any:
    return api("POST", "/users", data, **{"Idempotency-Key": key})


def test_a_call_sent_again_answers_the_same_and_creates_nothing(clerk: ApiClient) -> None:
    first, again = create(clerk), create(clerk)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert again.headers["Content-Type"] == first.headers["Content-Type"]
    assert again.headers["Idempotency-Replayed"] == "true"
    assert User.objects.filter(username="new").count() == 1


def test_another_key_is_another_call(clerk: ApiClient) -> None:
    create(clerk)
    assert create(clerk, key="k2").json()["code"] == "username_taken"


def test_a_key_is_for_one_request_only(clerk: ApiClient) -> None:
    create(clerk)
    answer = create(clerk, NEW | {"username": "newer"})
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert not User.objects.filter(username="newer").exists()


def test_keys_of_two_users_are_two(clerk: ApiClient, user: User) -> None:
    create(clerk)
    answer = create(ApiClient(user))
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


def test_keys_of_two_devices_are_two(clerk: ApiClient) -> None:
    create(clerk)
    other_device = ApiClient(User.objects.get(username="clerk"))
    assert create(other_device).json()["code"] == "username_taken"


def test_what_failed_may_be_tried_again_with_its_key(clerk: ApiClient) -> None:
    assert create(clerk, {"username": "new"}).status_code == 400
    assert create(clerk).status_code == 201


def test_what_broke_may_be_tried_again_with_its_key(
    clerk: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(**_: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr("backend.accounts.services.create_user", break_down)
        with pytest.raises(ZeroDivisionError):
            create(clerk)
    assert create(clerk).status_code == 201


def test_two_at_once_are_not_both_worked_on(
    clerk: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    during: list[Any] = []
    keep = idempotency._keep

    def ask_in_between(*arguments: Any, **more: Any) -> None:
        monkeypatch.setattr(idempotency, "_keep", keep)
        during.append(create(clerk))
        keep(*arguments, **more)

    monkeypatch.setattr(idempotency, "_keep", ask_in_between)
    assert create(clerk).status_code == 201
    assert (during[0].status_code, during[0].json()["code"]) == (409, "in_progress")
    assert during[0].headers["Retry-After"] == "1"


def later(by: timedelta) -> None:
    """So much time has passed since every call."""
    for answer in KeptAnswer.objects.all():
        answer.made_at -= by
        answer.ends_at -= by
        answer.save()


def test_a_key_whose_call_died_can_be_used_again(clerk: ApiClient) -> None:
    create(clerk)
    KeptAnswer.objects.update(status=None, ends_at=timezone.now() + WORKING)
    User.objects.filter(username="new").delete()
    assert create(clerk).json()["code"] == "in_progress"
    later(WORKING)
    assert create(clerk).status_code == 201


def test_an_answer_is_kept_for_a_day(clerk: ApiClient) -> None:
    create(clerk)
    later(KEPT - timedelta(minutes=1))
    assert forget_answers() == 0
    assert create(clerk).headers["Idempotency-Replayed"] == "true"
    later(timedelta(minutes=1))
    assert create(clerk).json()["code"] == "username_taken"


def test_what_was_kept_for_a_day_is_forgotten(clerk: ApiClient) -> None:
    create(clerk)
    later(KEPT)
    assert forget_answers() == 1
    assert not KeptAnswer.objects.exists()


def test_of_each_user_the_latest_answers_are_kept(
    clerk: ApiClient, api: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idempotency, "MOST_KEPT", 2)
    for number in range(4):
        for caller in (clerk, api):
            album = {"title": f"Album {number}"}
            caller("POST", "/albums", album, **{"Idempotency-Key": f"k{number}"})
    assert KeptAnswer.objects.count() == 4
    again = api("POST", "/albums", {"title": "Album 3"}, **{"Idempotency-Key": "k3"})
    assert again.headers["Idempotency-Replayed"] == "true"


def shut_out(user: User) -> None:
    User.objects.filter(id=user.id).update(is_active=False)


def sign_out(user: User) -> None:
    Token.objects.filter(user=user).delete()


def outlive(user: User) -> None:
    Token.objects.filter(user=user).update(expires_at=timezone.now())


def change_password(user: User) -> None:
    user.set_password("another long pass phrase")
    user.save()


@pytest.mark.parametrize("end", [shut_out, sign_out, outlive, change_password])
def test_an_answer_is_given_again_only_to_whoever_is_signed_in_still(
    clerk: ApiClient, end: Callable[[User], None]
) -> None:
    assert create(clerk).status_code == 201
    end(User.objects.get(username="clerk"))
    again = create(clerk)
    assert (again.status_code, again.json()["code"]) == (401, "bad_token")
    assert again.headers["WWW-Authenticate"] == "Bearer"


def test_a_key_that_was_revoked_gets_no_answer_again(api: ApiClient) -> None:
    new = {"name": "x", "scopes": ["albums:write"]}
    made = api("POST", "/api-keys", new).json()
    program = ApiClient(None)
    program.headers["Authorization"] = f"Bearer {made['secret']}"
    header = {"Idempotency-Key": "k1"}
    assert program("POST", "/albums", {"title": "x"}, **header).status_code == 201
    assert program("POST", "/albums", {"title": "x"}, **header).status_code == 201
    ApiKey.objects.update(scopes=["albums:read"])
    assert program("POST", "/albums", {"title": "x"}, **header).status_code == 403
    api("DELETE", f"/api-keys/{made['id']}")
    assert program("POST", "/albums", {"title": "x"}, **header).status_code == 401


def test_who_may_not_do_it_any_more_gets_no_answer_again(clerk: ApiClient) -> None:
    assert create(clerk).status_code == 201
    User.objects.filter(username="clerk").update(is_staff=False)
    again = create(clerk)
    assert (again.status_code, again.json()["code"]) == (403, "forbidden")


def test_who_has_left_the_album_gets_no_answer_again(
    api: ApiClient, user: User, stranger: User
) -> None:
    album = create_album(user, {"title": "Ours"})
    set_role(album, stranger, Role.MANAGER, giver=user)
    guest = ApiClient(stranger)

    def invite() -> Any:
        path = f"/albums/{album.id}/invitations"
        return guest("POST", path, {"role": "viewer"}, **{"Idempotency-Key": "k1"})

    assert invite().status_code == 201
    assert invite().json()["code"] == "done_before"  # its token is told once
    album.members.update(role=Role.VIEWER)
    assert (invite().status_code, invite().json()["code"]) == (403, "forbidden")
    album.members.all().delete()
    assert (invite().status_code, invite().json()["code"]) == (404, "not_found")
    assert Invitation.objects.count() == 1


def test_repeats_are_counted_like_other_calls(clerk: ApiClient, settings: Any) -> None:
    settings.RATE_LIMIT_USER = 3
    assert [create(clerk).status_code for _ in range(4)] == [201, 201, 201, 429]


def kept_text() -> str:
    """All that is kept, as whoever reads the table finds it."""
    with connection.cursor() as cursor:
        cursor.execute("select string_agg(t::text, ' ') from api_keptanswer t")
        (text,) = cursor.fetchone()
    bodies = (bytes(answer.body or b"") for answer in KeptAnswer.objects.all())
    return f"{text} {b''.join(bodies).decode()}"


def test_a_secret_is_not_kept_to_be_told_again(api: ApiClient) -> None:
    new, header = {"name": "x", "scopes": ["photos:read"]}, {"Idempotency-Key": "k1"}
    first = api("POST", "/api-keys", new, **header)
    assert first.status_code == 201
    again = api("POST", "/api-keys", new, **header)
    assert (again.status_code, again.json()["code"]) == (409, "done_before")
    assert ApiKey.objects.count() == 1
    assert first.json()["secret"] not in kept_text()


def test_a_ticket_is_made_out_anew_for_the_same_photo(api: ApiClient) -> None:
    header = {"Idempotency-Key": "k1"}
    first = api("POST", "/photos", TICKET, **header).json()
    again = api("POST", "/photos", TICKET, **header).json()
    assert again["photo"]["id"] == first["photo"]["id"]
    assert again["upload"]["url"]
    assert Photo.objects.count() == 1
    # Nobody will ask for it, and it lets bytes in.
    assert first["upload"]["url"] not in kept_text()
    assert KeptAnswer.objects.get().body is None


@pytest.mark.parametrize("key", ["", "x" * 256])
def test_an_odd_key_is_refused(clerk: ApiClient, key: str) -> None:
    answer = create(clerk, key=key)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_idempotency_key")
    assert not User.objects.filter(username="new").exists()


def test_a_body_too_large_for_json_is_refused_with_a_key_as_without(clerk: ApiClient) -> None:
    # More than Django takes in before anybody looks at it.
    much = NEW | {"language": "x" * 3 * 1024**2}
    with_key, without = create(clerk, much), clerk("POST", "/users", much)
    assert with_key.status_code == without.status_code == 413
    assert with_key.json() == without.json()


def test_a_call_by_nobody_in_particular_is_not_kept(db: None) -> None:
    login = {"username": "clerk", "password": "wrong"}
    for _ in range(2):
        answer = ApiClient(None)("POST", "/auth/login", login, **{"Idempotency-Key": "k1"})
        assert answer.json()["code"] == "bad_credentials"
    assert not KeptAnswer.objects.exists()
