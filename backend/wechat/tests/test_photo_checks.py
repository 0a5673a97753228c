"""Photos: asked about, answered by a message, tried again, decided."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import urllib3
from django.test import Client
from django.utils import timezone

from backend.accounts.models import User
from backend.api.tests.test_photos import put
from backend.conftest import make_photo
from backend.photos.models import Photo
from backend.wechat import client, photo_checks
from backend.wechat.checks import MAX_ATTEMPTS, judge, take_back, try_again, welcome
from backend.wechat.models import Answer, PhotoCheck
from backend.wechat.photo_checks import (
    ANSWERS_KEPT,
    ask_about_photos,
    forget_answers,
    request_checks,
)
from backend.wechat.tests.conftest import link
from backend.wechat.tests.stand_in import APP_ID, WechatStandIn
from backend.wechat.tests.test_messages import push
from functions.contract import Rendition, rendition_key

ASK = "/wxa/media_check_async"
State = PhotoCheck.State


@pytest.fixture
def photo(user: User, wechat: WechatStandIn) -> Photo:
    """One whose owner is in the mini-program, with a picture, about which WeChat is to be asked."""
    link(user, wechat)
    photo = make_photo(user, has_renditions=True, moderation_verdict="ok")
    put(rendition_key(str(photo.id), Rendition.PREVIEW), b"a picture")
    request_checks([photo.id])
    return photo


def deliver(wechat: WechatStandIn, **changes: Any) -> list[int]:
    """WeChat sends all that it has to say."""
    sent = [push(*wechat.send(message | changes)).status_code for message in wechat.messages]
    wechat.messages.clear()
    return sent


def check() -> PhotoCheck:
    return PhotoCheck.objects.get()


def verdict(photo: Photo) -> str:
    photo.refresh_from_db()
    return photo.wechat_verdict


def make_due() -> None:
    PhotoCheck.objects.filter(state__in=PhotoCheck.OPEN).update(due_at=timezone.now())


def test_wechat_fetches_the_picture_and_its_word_counts(
    photo: Photo, wechat: WechatStandIn
) -> None:
    assert (ask_about_photos(limit=9), ask_about_photos(limit=9)) == (1, 0)
    (sent,) = wechat.calls_of(ASK)
    assert {name: sent[name] for name in sent if name != "media_url"} == {
        "media_type": 2,
        "version": 2,
        "scene": 4,
        "openid": "o-alice",
    }
    asked = check()
    assert (asked.state, asked.attempts) == (State.ASKED, 1)
    assert wechat.fetched == {asked.trace_id: b"a picture"}
    assert verdict(photo) == "pending"
    assert deliver(wechat) == [200]
    assert (check().state, check().label, check().due_at) == (State.PASSED, 100, None)
    assert verdict(photo) == "ok"


@pytest.mark.parametrize(
    ("suggest", "state", "word"),
    [("review", State.REVIEW, "review"), ("risky", State.REFUSED, "blocked")],
)
def test_doubts_go_to_a_person_and_risks_are_blocked(
    photo: Photo, wechat: WechatStandIn, suggest: str, state: str, word: str
) -> None:
    wechat.pictures = suggest
    ask_about_photos(limit=9)
    deliver(wechat)
    assert (check().state, check().label, verdict(photo)) == (state, 20002, word)


def test_the_address_of_the_picture_ends_and_opens_nothing_else(
    photo: Photo, wechat: WechatStandIn
) -> None:
    ask_about_photos(limit=9)
    url = wechat.calls_of(ASK)[0]["media_url"]
    assert f"X-Amz-Expires={photo_checks.URL_SECONDS}" in url
    assert 30 * 60 < photo_checks.URL_SECONDS < 3600
    put("originals/other", b"other")
    key = rendition_key(str(photo.id), Rendition.PREVIEW)
    for changed in (
        url.replace(key, "originals/other"),
        url.replace(f"Expires={photo_checks.URL_SECONDS}", "Expires=86400"),
        url.partition("?")[0],
    ):
        assert urllib3.request("GET", changed).status == 403


def test_a_message_that_is_sent_again_changes_nothing(photo: Photo, wechat: WechatStandIn) -> None:
    wechat.pictures = "risky"
    ask_about_photos(limit=9)
    (message,) = wechat.messages
    sent = wechat.send(message)
    assert [push(*sent).status_code for _ in range(2)] == [200, 200]
    # Nor does one of the same trace that says something else.
    other = message | {"result": {"suggest": "pass", "label": 100}}
    assert push(*wechat.send(other)).status_code == 200
    assert verdict(photo) == "blocked"
    assert Answer.objects.count() == 1


def test_a_message_that_comes_before_its_trace_is_noted_counts(
    photo: Photo, wechat: WechatStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = client.ask_about_picture

    def ask_slowly(url: str, *, openid: str) -> str:
        trace_id = ask(url, openid=openid)
        assert deliver(wechat) == [200]
        return trace_id

    monkeypatch.setattr(photo_checks, "ask_about_picture", ask_slowly)
    ask_about_photos(limit=9)
    assert (check().state, verdict(photo)) == (State.PASSED, "ok")


def test_a_forged_message_changes_nothing(photo: Photo, wechat: WechatStandIn) -> None:
    ask_about_photos(limit=9)
    (message,) = wechat.messages
    query, body = wechat.send(message)
    forged = push(query | {"msg_signature": "0" * 40}, body)
    assert (forged.status_code, forged.json()["code"]) == (401, "bad_signature")
    plain = push(*wechat.send(message, encrypted=False))
    assert plain.status_code == 401
    assert push(*wechat.send(message, app_id="wx-another")).status_code == 400
    assert push(*wechat.send(message | {"appid": "wx-another"})).status_code == 400
    assert (verdict(photo), Answer.objects.count()) == ("pending", 0)


@pytest.mark.parametrize(
    "changes",
    [
        {"trace_id": None},
        {"trace_id": ""},
        {"trace_id": "x" * 129},
        {"trace_id": "\x00"},
        {"errcode": None},
        {"errcode": 2**40},
        {"result": None},
        {"result": {"suggest": "maybe"}},
        # The first version of the protocol.
        {"errcode": None, "isrisky": 0, "status_code": 0},
    ],
)
def test_a_message_of_another_shape_is_refused(
    photo: Photo, wechat: WechatStandIn, changes: dict[str, Any]
) -> None:
    ask_about_photos(limit=9)
    assert deliver(wechat, **changes) == [400]
    assert verdict(photo) == "pending"


def test_other_events_and_unknown_traces_are_taken_note_of(
    photo: Photo, wechat: WechatStandIn
) -> None:
    assert push(*wechat.send({"Event": "debug_demo"})).content == b"success"
    told = {
        **{"Event": "wxa_media_check", "appid": APP_ID, "trace_id": "unknown"},
        **{"errcode": 0, "result": {"suggest": "risky", "label": 20002}},
    }
    assert push(*wechat.send(told)).content == b"success"
    assert verdict(photo) == "pending"


def test_a_picture_that_could_not_be_fetched_is_asked_about_again(
    photo: Photo, wechat: WechatStandIn
) -> None:
    ask_about_photos(limit=9)
    deliver(wechat, errcode=-1008)
    assert (check().state, check().code, check().detail) == (
        State.WAITING,
        "not_looked_at",
        "-1008",
    )
    make_due()
    ask_about_photos(limit=9)
    deliver(wechat)
    assert (check().attempts, verdict(photo)) == (2, "ok")


def test_a_message_that_never_comes_is_asked_for_again_and_given_up_visibly(
    photo: Photo, wechat: WechatStandIn
) -> None:
    for attempt in range(MAX_ATTEMPTS):
        assert ask_about_photos(limit=9) == 1
        assert check().attempts == attempt + 1
        assert check().due_at is not None
        assert ask_about_photos(limit=9) == 0
        make_due()
    assert ask_about_photos(limit=9) == 0
    assert (check().state, check().code, check().due_at) == (State.FAILED, "not_answered", None)
    assert len(wechat.calls_of(ASK)) == MAX_ATTEMPTS
    # The last question's answer comes late; it was given up.
    deliver(wechat)
    assert verdict(photo) == "pending"
    try_again(check())
    assert ask_about_photos(limit=9) == 1
    deliver(wechat)
    assert verdict(photo) == "ok"


def test_a_worker_that_dies_has_made_an_attempt(
    photo: Photo, wechat: WechatStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_arguments: object, **_more: object) -> str:
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(photo_checks, "ask_about_picture", die)
        with pytest.raises(SystemExit):
            ask_about_photos(limit=9)
    assert (check().attempts, ask_about_photos(limit=9)) == (1, 0)
    make_due()
    assert ask_about_photos(limit=9) == 1
    assert check().state == State.ASKED


def test_whose_owner_has_no_wechat_waits_until_they_link_it(
    user: User, stranger: User, wechat: WechatStandIn
) -> None:
    photo = make_photo(stranger, has_renditions=True, moderation_verdict="ok")
    put(rendition_key(str(photo.id), Rendition.PREVIEW), b"a picture")
    request_checks([photo.id])
    ask_about_photos(limit=9)
    assert (check().state, check().code, check().due_at) == (State.WAITING, "not_linked", None)
    assert wechat.calls == []
    link(stranger, wechat, openid="o-mallory")
    welcome(stranger)
    ask_about_photos(limit=9)
    deliver(wechat)
    assert verdict(photo) == "ok"


def test_who_was_away_for_two_hours_is_asked_about_once_an_hour_at_most(
    user: User, photo: Photo, wechat: WechatStandIn
) -> None:
    others = [make_photo(user, has_renditions=True, moderation_verdict="ok") for _ in range(3)]
    request_checks([other.id for other in others])
    wechat.visitors.clear()
    assert ask_about_photos(limit=9) == 1
    assert len(wechat.calls_of(ASK)) == 1
    found = set(PhotoCheck.objects.values_list("state", "code", "attempts"))
    assert found == {("waiting", "visit_needed", 0)}
    soonest = PhotoCheck.objects.order_by("due_at")[0].due_at
    assert soonest is not None
    assert soonest > timezone.now() + timedelta(minutes=59)


def test_a_persons_word_stands_whatever_wechat_says_later(
    user: User, photo: Photo, wechat: WechatStandIn
) -> None:
    ask_about_photos(limit=9)
    judge(check(), passes=False, by=user)
    deliver(wechat)
    assert (check().state, check().decided_by, verdict(photo)) == (State.REFUSED, user, "blocked")
    judge(check(), passes=True, by=user)
    assert verdict(photo) == "ok"
    try_again(check())
    assert (verdict(photo), check().decided_by) == ("pending", None)


@pytest.mark.parametrize(
    ("suggest", "state", "shown"),
    [
        ("pass", State.PASSED, "ok"),
        ("review", State.REVIEW, "review"),
        ("risky", State.REFUSED, "blocked"),
    ],
)
def test_a_persons_word_taken_back_leaves_wechats(
    photo: Photo, user: User, wechat: WechatStandIn, suggest: str, state: str, shown: str
) -> None:
    ask_about_photos(limit=9)
    deliver(wechat, result={"suggest": suggest, "label": 20002})
    for passes in (True, False):
        judge(check(), passes=passes, by=user, note="a statue")
    assert (check().before, check().note, verdict(photo)) == (state, "a statue", "blocked")
    for _ in range(2):
        take_back(check())
        found = check()
        assert (found.state, found.label, verdict(photo)) == (state, 20002, shown)
        assert (found.before, found.note, found.decided_by) == ("", "", None)


def test_a_persons_word_taken_back_has_wechat_asked_that_had_not_answered(
    photo: Photo, user: User, wechat: WechatStandIn
) -> None:
    ask_about_photos(limit=9)
    PhotoCheck.objects.update(state=State.FAILED, due_at=None, code="not_answered")
    judge(check(), passes=True, by=user)
    assert verdict(photo) == "ok"
    take_back(check())
    assert (check().state, check().before, verdict(photo)) == (State.WAITING, "", "pending")
    wechat.messages.clear()
    assert ask_about_photos(limit=9) == 1
    deliver(wechat)
    assert verdict(photo) == "ok"


def test_asking_twice_for_a_check_asks_once(photo: Photo, wechat: WechatStandIn) -> None:
    ask_about_photos(limit=9)
    request_checks([photo.id])
    assert (check().state, ask_about_photos(limit=9)) == (State.ASKED, 0)


def test_old_answers_are_forgotten(photo: Photo, wechat: WechatStandIn) -> None:
    ask_about_photos(limit=9)
    deliver(wechat)
    forget_answers()
    assert Answer.objects.count() == 1
    Answer.objects.update(created_at=timezone.now() - ANSWERS_KEPT - timedelta(hours=1))
    forget_answers()
    assert Answer.objects.count() == 0
    assert verdict(photo) == "ok"


def test_the_message_needs_no_session_and_no_csrf_token(
    photo: Photo, wechat: WechatStandIn
) -> None:
    ask_about_photos(limit=9)
    query, body = wechat.send(wechat.messages[0])
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post("/internal/wechat", body, content_type="text/xml", query_params=query)
    assert (answer.status_code, verdict(photo)) == (200, "ok")


@pytest.mark.parametrize(
    "change", [{"moderation_verdict": "blocked"}, {"trashed_at": datetime.now(UTC)}]
)
def test_a_photo_that_others_may_not_see_any_more_is_not_shown_to_wechat(
    wechat: Any, photo: Photo, change: dict[str, Any]
) -> None:
    before = {"moderation_verdict": photo.moderation_verdict, "trashed_at": None}
    Photo.objects.update(**change)
    assert ask_about_photos(limit=9) == 0
    Photo.objects.update(**before)
    assert ask_about_photos(limit=9) == 1


@pytest.mark.parametrize("message_first", [True, False])
def test_wechats_word_is_there_when_a_persons_is_taken_back(
    wechat: Any, user: User, photo: Photo, message_first: bool
) -> None:
    ask_about_photos(limit=9)
    judge(check(), passes=True, by=user)
    for step in (True, False):
        if step == message_first:
            deliver(wechat, result={"suggest": "risky", "label": 20002})
        else:
            take_back(check())
    assert (check().state, check().label) == (PhotoCheck.State.REFUSED, 20002)
    photo.refresh_from_db()
    assert photo.wechat_verdict == Photo.Moderation.BLOCKED
