"""Queues of what a person decides about: who sees and decides what, and what follows from it."""

import logging
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.utils import timezone

from backend.accounts.api_keys import make_api_key
from backend.accounts.models import User
from backend.analysis.models import Analysis, ModerationVerdict
from backend.analysis.services import record_result
from backend.api.review_queues import LOOKING_BACK
from backend.api.tests.test_albums import album, make_shown, open_object, put_in, theirs
from backend.api.tests.test_links import anybody, link_to, photos_of_link
from backend.api.tests.test_photos import put
from backend.conftest import PASSWORD, ApiClient, make_photo, make_result, make_run
from backend.photos.models import Photo
from backend.wechat.models import PhotoCheck, TextCheck
from backend.wechat.text_checks import digest_text, hidden_texts
from functions.contract import ModerationFindings, Rendition, rendition_key

__all__ = ["album", "anybody", "theirs"]  # fixtures
State = PhotoCheck.State


@pytest.fixture
def root(db: None) -> ApiClient:
    cache.clear()
    return ApiClient(User.objects.create_superuser("root", password=PASSWORD))


@pytest.fixture
def clerk(db: None) -> User:
    return User.objects.create_user("clerk", password=PASSWORD, is_staff=True)


def make_doubtful(owner: User, score: float = 0.6) -> Photo:
    """A network has looked at it and has doubts; its pictures are in storage."""
    verdict = "blocked" if score >= 0.85 else "review"
    photo = make_shown(
        owner, moderation_verdict=verdict, moderation_score=score, width=40, height=30
    )
    Analysis.objects.create(
        photo=photo, kind="moderation", model="opennsfw-1", state="done", moderation_score=score
    )
    for rendition in Rendition:
        put(rendition_key(str(photo.id), rendition))
    return photo


def items(client: ApiClient, queue: str = "moderation", query: str = "") -> list[dict[str, Any]]:
    answer = client("GET", f"/review/{queue}{query}")
    assert answer.status_code == 200, answer.content
    found: list[dict[str, Any]] = answer.json()["results"]
    return found


def waiting(client: ApiClient, queue: str = "moderation") -> list[str]:
    return [item["id"] for item in items(client, queue)]


def decide(client: ApiClient, queue: str, item: Any, decision: str, **more: Any) -> Any:
    return client("POST", f"/review/{queue}/{item.pk}", {"decision": decision, **more})


def verdict(photo: Photo) -> str:
    photo.refresh_from_db()
    return photo.moderation_verdict


def test_the_queues_say_how_much_waits_and_since_when(user: User, root: ApiClient) -> None:
    oldest = make_doubtful(user)
    make_doubtful(user, 0.9)
    make_shown(user)
    TextCheck.objects.create(author=user, text="words", scene=4, state=State.REVIEW)
    page = root("GET", "/review").json()
    found = {each["queue"]: (each["waiting"], each["oldest"]) for each in page["results"]}
    assert list(found) == ["moderation", "wechat_photos", "wechat_texts"]
    assert (page["next"], page["previous"]) == (None, None)
    since = items(root)[0]["since"]
    assert found["moderation"] == (2, since)
    assert since.startswith(f"{oldest.created_at:%Y-%m-%dT%H:%M:%S}")
    assert found["wechat_photos"] == (0, None)
    assert found["wechat_texts"][0] == 1


def test_a_queue_comes_in_pages_the_oldest_first(user: User, root: ApiClient) -> None:
    photos = [str(make_doubtful(user).id) for _ in range(3)]
    first = root("GET", "/review/moderation?page_size=2").json()
    assert [each["id"] for each in first["results"]] == photos[:2]
    address = urlsplit(first["next"])
    rest = root("GET", f"{address.path.removeprefix('/api/v1')}?{address.query}").json()
    assert [each["id"] for each in rest["results"]] == photos[2:]


def test_an_item_shows_the_picture_and_what_the_network_says_and_no_more(
    user: User, root: ApiClient
) -> None:
    photo = make_doubtful(user, 0.9)
    (item,) = items(root)
    urls = item["photo"].pop("urls")
    assert item == {
        "id": str(photo.id),
        "queue": "moderation",
        "since": item["since"],
        "owner": {"id": str(user.id), "username": "alice"},
        "photo": {"id": str(photo.id), "width": 40, "height": 30, "placeholder": ""},
        "text": None,
        "opinion": {
            **{"verdict": "blocked", "model": "opennsfw-1", "score": 0.9},
            **{"label": None, "code": ""},
        },
        "decided": None,
    }
    assert set(urls) == {"thumbnail", "preview"}
    assert all(open_object(url).content == b"\xff\xd8\xff" for url in urls.values())


@pytest.mark.parametrize(
    ("first", "second", "verdicts"),
    [("pass", "block", ["ok", "blocked"]), ("block", "pass", ["blocked", "ok"])],
)
def test_a_decision_is_replaced_by_another_and_undone(
    user: User, root: ApiClient, first: str, second: str, verdicts: list[str]
) -> None:
    photo = make_doubtful(user)
    for decision, expected in zip([first, first, second], [verdicts[0], *verdicts], strict=True):
        answer = decide(root, "moderation", photo, decision, note="a statue")
        assert answer.status_code == 200, answer.content
        decided = answer.json()["decided"]
        assert (decided["decision"], decided["by"], decided["note"]) == (
            decision,
            "root",
            "a statue",
        )
        assert answer.json()["opinion"]["verdict"] == "review"
        assert (verdict(photo), waiting(root)) == (expected, [])
    for _ in range(2):
        answer = decide(root, "moderation", photo, "undo")
        assert (answer.status_code, answer.json()["decided"]) == (200, None)
        assert (verdict(photo), waiting(root)) == ("review", [str(photo.id)])


def test_what_a_network_says_afterwards_is_told_and_decides_nothing(
    user: User, root: ApiClient
) -> None:
    photo = make_doubtful(user)
    decide(root, "moderation", photo, "pass")
    run = make_run(started_at=timezone.now().isoformat())
    record_result(make_result(photo, ModerationFindings(score=0.95), run=run))
    assert (verdict(photo), waiting(root)) == ("ok", [])
    answer = decide(root, "moderation", photo, "pass").json()
    assert answer["opinion"] == answer["opinion"] | {"verdict": "blocked", "score": 0.95}
    decide(root, "moderation", photo, "undo")
    assert (verdict(photo), waiting(root)) == ("blocked", [str(photo.id)])


def test_a_link_shows_what_was_blocked_once_it_is_let_pass_and_no_longer_once_it_is_not(
    user: User, api: ApiClient, album: str, root: ApiClient, anybody: ApiClient
) -> None:
    photo = make_doubtful(user, 0.9)
    put_in(api, album, photo)
    token = link_to(api, album)["token"]
    assert photos_of_link(anybody, token) == []
    decide(root, "moderation", photo, "pass")
    (entry,) = photos_of_link(anybody, token)
    assert open_object(entry["urls"]["preview"]).status_code == 200
    decide(root, "moderation", photo, "block")
    assert photos_of_link(anybody, token) == []
    assert open_object(entry["urls"]["preview"]).status_code == 404


def test_staff_see_their_own_and_superusers_decide(
    user: User, clerk: User, root: ApiClient
) -> None:
    others, own = make_doubtful(user), make_doubtful(clerk)
    client = ApiClient(clerk)
    assert waiting(client) == [str(own.id)]
    assert waiting(root) == [str(others.id), str(own.id)]
    counts = [each["waiting"] for each in client("GET", "/review").json()["results"]]
    assert counts == [1, 0, 0]
    assert decide(client, "moderation", others, "pass").status_code == 404
    assert decide(client, "moderation", own, "pass").status_code == 403
    assert decide(ApiClient(user), "moderation", others, "pass").status_code == 403
    assert not ModerationVerdict.objects.exists()


def test_a_key_needs_the_scope_admin_and_a_superuser_behind_it(user: User, root: ApiClient) -> None:
    photo, chief = make_doubtful(user), User.objects.get(username="root")
    for scope, status in (("photos:write", 403), ("admin", 200)):
        key, _ = make_api_key(user=chief, name=scope, scopes=[scope])
        client = ApiClient(None)
        client.headers["Authorization"] = f"Bearer {key}"
        assert client("GET", "/review/moderation").status_code == status
        assert decide(client, "moderation", photo, "block").status_code == status
    assert verdict(photo) == "blocked"


def test_each_look_at_somebody_elses_picture_is_logged(
    user: User, root: ApiClient, caplog: pytest.LogCaptureFixture
) -> None:
    photo, chief = make_doubtful(user), User.objects.get(username="root")
    own = make_doubtful(chief)
    theirs, mine = items(root)
    caplog.clear()
    with caplog.at_level(logging.INFO):
        assert open_object(mine["photo"]["urls"]["preview"]).status_code == 200
        assert str(own.id) not in caplog.text
        assert open_object(theirs["photo"]["urls"]["preview"]).status_code == 200
    looks = f"root ({chief.id}) looks at photo {photo.id} of {user.id}, for moderation"
    assert looks in caplog.text


def test_each_decision_is_logged(
    user: User, root: ApiClient, caplog: pytest.LogCaptureFixture
) -> None:
    photo = make_doubtful(user)
    with caplog.at_level(logging.INFO):
        decide(root, "moderation", photo, "block")
    assert f"has decided: blocked photo {photo.id}" in caplog.text


def end_by_demotion(photo: Photo) -> None:
    User.objects.filter(username="root").update(is_superuser=False)


def end_by_leaving(photo: Photo) -> None:
    User.objects.filter(username="root").update(is_active=False)


def end_by_time(photo: Photo) -> None:
    past = timezone.now() - LOOKING_BACK
    ModerationVerdict.objects.create(photo=photo, blocked=False)
    ModerationVerdict.objects.update(created_at=past)
    Photo.objects.update(moderation_verdict="ok")


def end_by_a_better_network(photo: Photo) -> None:
    Photo.objects.update(moderation_verdict="ok")


def end_by_the_trash(photo: Photo) -> None:
    Photo.objects.update(trashed_at=timezone.now())


def end_by_its_owners_leaving(photo: Photo) -> None:
    User.objects.filter(id=photo.owner_id).update(is_active=False)


@pytest.mark.parametrize(
    "end",
    [
        *(end_by_demotion, end_by_leaving, end_by_time, end_by_a_better_network),
        *(end_by_the_trash, end_by_its_owners_leaving),
    ],
)
def test_a_reviewers_addresses_end_with_the_review(user: User, root: ApiClient, end: Any) -> None:
    photo = make_doubtful(user)
    urls = items(root)[0]["photo"]["urls"]
    decide(root, "moderation", photo, "pass")
    decide(root, "moderation", photo, "undo")
    assert {open_object(url).status_code for url in urls.values()} == {200}
    assert open_object(urls["preview"]).headers["Cache-Control"] == "private, no-cache"
    end(photo)
    assert {open_object(url).status_code for url in urls.values()} == {404}


def test_right_after_a_decision_the_picture_can_still_be_seen(user: User, root: ApiClient) -> None:
    photo = make_doubtful(user)
    urls = decide(root, "moderation", photo, "block").json()["photo"]["urls"]
    assert open_object(urls["preview"]).status_code == 200


def test_a_photo_of_wechats_waits_and_is_decided(user: User, root: ApiClient) -> None:
    photo = make_shown(user, wechat_verdict="review")
    for rendition in Rendition:
        put(rendition_key(str(photo.id), rendition))
    check = PhotoCheck.objects.create(photo=photo, state=State.REVIEW, label=20002)
    gone = make_shown(user, trashed_at=timezone.now())
    PhotoCheck.objects.create(photo=gone, state=State.REVIEW)
    (item,) = items(root, "wechat_photos")
    assert (item["id"], item["photo"]["id"]) == (str(check.id), str(photo.id))
    assert item["opinion"] == {
        **{"verdict": "review", "model": "", "score": None, "label": 20002, "code": ""}
    }
    assert open_object(item["photo"]["urls"]["preview"]).status_code == 200
    for decision, shown in (("pass", "ok"), ("block", "blocked"), ("undo", "review")):
        answer = decide(root, "wechat_photos", check, decision, note="a statue")
        assert answer.status_code == 200, answer.content
        decided = answer.json()["decided"]
        assert (decided and (decided["decision"], decided["note"])) == (
            None if decision == "undo" else (decision, "a statue")
        )
        assert answer.json()["opinion"]["verdict"] == "review"
        photo.refresh_from_db()
        assert (photo.wechat_verdict, photo.moderation_verdict) == (shown, "ok")
        assert open_object(item["photo"]["urls"]["preview"]).status_code == 200


def test_a_text_of_wechats_waits_and_is_decided(user: User, root: ApiClient, settings: Any) -> None:
    settings.WECHAT_CHECKS = True
    written = {"author": user, "text": "words", "digest": digest_text("words"), "scene": 4}
    check = TextCheck.objects.create(**written, state=State.FAILED, code="busy")
    (item,) = items(root, "wechat_texts")
    assert (item["text"], item["photo"], item["owner"]["username"]) == ("words", None, "alice")
    assert (item["opinion"]["verdict"], item["opinion"]["code"]) == ("pending", "busy")
    decide(root, "wechat_texts", check, "pass")
    assert (hidden_texts(["words"]), waiting(root, "wechat_texts")) == (set(), [])
    # WeChat had said nothing, and is asked again.
    assert decide(root, "wechat_texts", check, "undo").json()["decided"] is None
    check.refresh_from_db()
    assert (check.state, hidden_texts(["words"])) == (State.WAITING, {"words"})


@pytest.mark.parametrize("state", [*PhotoCheck.OPEN, State.PASSED, State.REFUSED])
def test_what_wechat_has_decided_or_will_waits_for_no_person(
    state: str, user: User, root: ApiClient
) -> None:
    TextCheck.objects.create(author=user, text="words", scene=4, state=state)
    assert items(root, "wechat_texts") == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"decision": "approve"},
        {"decision": None},
        {"decision": ["pass"]},
        {"decision": "pass", "note": "x" * 501},
        {"decision": "pass", "note": "\x00"},
    ],
)
def test_an_unknown_decision_changes_nothing(
    body: dict[str, Any], user: User, root: ApiClient
) -> None:
    photo = make_doubtful(user)
    answer = root("POST", f"/review/moderation/{photo.id}", body)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert (verdict(photo), waiting(root)) == ("review", [str(photo.id)])


@pytest.mark.parametrize("queue", ["moderation", "wechat_photos", "wechat_texts"])
def test_a_note_may_be_as_long_as_the_document_says(
    queue: str, user: User, root: ApiClient
) -> None:
    photo = make_doubtful(user)
    rows = {
        "moderation": photo,
        "wechat_photos": PhotoCheck.objects.create(photo=photo),
        "wechat_texts": TextCheck.objects.create(author=user, text="words", scene=4),
    }
    answer = decide(root, queue, rows[queue], "block", note="x" * 500)
    assert answer.json()["decided"]["note"] == "x" * 500


def test_what_is_not_there_is_not_found(user: User, root: ApiClient) -> None:
    photo = make_doubtful(user)
    unseen = make_photo(user)  # nothing to look at yet
    for path in (f"faces/{photo.id}", f"moderation/{uuid4()}", f"moderation/{unseen.id}"):
        answer = root("POST", f"/review/{path}", {"decision": "pass"})
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert root("GET", "/review/faces").status_code == 404
    assert not ModerationVerdict.objects.exists()


@pytest.mark.parametrize("end", [end_by_the_trash, end_by_its_owners_leaving])
def test_what_its_owner_has_thrown_away_is_no_reviewers_to_see(
    user: User, root: ApiClient, end: Any
) -> None:
    photo = make_doubtful(user)
    url = decide(root, "moderation", photo, "block").json()["photo"]["urls"]["preview"]
    assert open_object(url).status_code == 200
    end(photo)
    assert open_object(url).status_code == 404
    assert decide(root, "moderation", photo, "pass").status_code == 404


def test_a_repeated_call_does_not_undo_a_later_decision(user: User, root: ApiClient) -> None:
    photo = make_doubtful(user)
    other = ApiClient(User.objects.create_superuser("second", password=PASSWORD))
    root.headers["Idempotency-Key"] = "once"
    assert decide(root, "moderation", photo, "pass").status_code == 200
    assert decide(other, "moderation", photo, "block").status_code == 200
    assert decide(root, "moderation", photo, "pass").status_code == 200
    assert verdict(photo) == "blocked"


def test_a_decision_names_the_model_whose_score_it_was(user: User, root: ApiClient) -> None:
    photo = make_doubtful(user)
    photo.analyses.update(model="an-older-one")
    assert items(root)[0]["opinion"]["model"] == "an-older-one"
    decide(root, "moderation", photo, "pass")
    assert ModerationVerdict.objects.get().model == "an-older-one"


def test_what_wechat_had_said_is_told_after_a_decision_too(user: User, root: ApiClient) -> None:
    check = TextCheck.objects.create(
        author=user, text="w", digest="d", scene=4, state=State.FAILED, code="busy"
    )
    opinion = items(root, "wechat_texts")[0]["opinion"]
    assert opinion["code"] == "busy"
    assert decide(root, "wechat_texts", check, "pass").json()["opinion"] == opinion
