"""Texts: refused, shown, or hidden until WeChat or a person has let them pass."""

from datetime import timedelta

import pytest
from django.utils import timezone

from backend.accounts.models import User
from backend.core.errors import RefusedError
from backend.wechat.checks import MAX_ATTEMPTS, judge, try_again, welcome
from backend.wechat.models import TextCheck
from backend.wechat.tests.conftest import link
from backend.wechat.tests.stand_in import WechatStandIn
from backend.wechat.text_checks import (
    TEXTS_KEPT,
    ask_about_texts,
    check_text,
    forget_texts,
    hidden_texts,
    request_text_checks,
)

ASK = "/wxa/msg_sec_check"
SCENE = TextCheck.Scene.COMMENT
State = TextCheck.State


def write(author: User, text: str) -> None:
    check_text(author, text, scene=SCENE)


def make_due() -> None:
    TextCheck.objects.filter(state__in=TextCheck.OPEN).update(due_at=timezone.now())


def test_where_wechat_is_not_configured_nothing_is_checked(user: User) -> None:
    write(user, "违法")
    assert hidden_texts(["违法"]) == set()
    assert not TextCheck.objects.exists()


def test_what_passes_is_shown_at_once_and_asked_once(user: User, wechat: WechatStandIn) -> None:
    link(user, wechat)
    assert hidden_texts(["海边的夏天", "  ", ""]) == {"海边的夏天"}
    for _ in range(2):
        write(user, "海边的夏天")
    write(user, "   ")
    assert hidden_texts(["海边的夏天"]) == set()
    assert len(wechat.calls_of(ASK)) == 1


def test_what_is_risky_is_refused_each_time(user: User, wechat: WechatStandIn) -> None:
    link(user, wechat)
    for _ in range(2):
        with pytest.raises(RefusedError, match="text_refused"):
            write(user, "违法的话")
    assert hidden_texts(["违法的话"]) == {"违法的话"}
    check = TextCheck.objects.get()
    assert (check.state, check.label, len(wechat.calls_of(ASK))) == (State.REFUSED, 20006, 1)


def test_what_is_doubtful_waits_for_a_person(user: User, wechat: WechatStandIn) -> None:
    link(user, wechat)
    write(user, "可疑的话")
    check = TextCheck.objects.get()
    assert check.state == State.REVIEW
    assert hidden_texts(["可疑的话"]) == {"可疑的话"}
    judge(check, passes=True, by=user)
    assert hidden_texts(["可疑的话"]) == set()
    judge(check, passes=False, by=user)
    assert hidden_texts(["可疑的话"]) == {"可疑的话"}
    check.refresh_from_db()
    assert (check.decided_by, check.state) == (user, State.REFUSED)


def test_a_person_who_blocks_words_blocks_them_for_everybody(
    user: User, stranger: User, wechat: WechatStandIn
) -> None:
    link(user, wechat)
    link(stranger, wechat, openid="o-mallory")
    write(user, "同样的话")
    write(stranger, "同样的话")
    judge(TextCheck.objects.get(author=stranger), passes=False, by=user)
    assert hidden_texts(["同样的话"]) == {"同样的话"}


def test_who_has_no_wechat_keeps_nobody_elses_words_from_being_shown(
    user: User, stranger: User, wechat: WechatStandIn
) -> None:
    write(stranger, "Summer")
    assert TextCheck.objects.get().code == "not_linked"
    assert hidden_texts(["Summer"]) == {"Summer"}
    link(user, wechat)
    write(user, "Summer")
    assert hidden_texts(["Summer"]) == set()


def test_a_long_text_is_read_to_its_end(user: User, wechat: WechatStandIn) -> None:
    link(user, wechat)
    with pytest.raises(RefusedError, match="text_refused"):
        write(user, "好" * 9990 + "违法")
    assert [len(each["content"]) for each in wechat.calls_of(ASK)] == [2500, 2500, 2500, 2500, 392]
    # A phrase across the seam of two pieces is in one of them.
    with pytest.raises(RefusedError, match="text_refused"):
        write(user, "好" * 2499 + "违法" + "好" * 20)


def test_what_could_not_be_asked_is_asked_later_and_given_up_visibly(
    user: User, wechat: WechatStandIn
) -> None:
    link(user, wechat)
    wechat.replies[ASK] = [-1] * MAX_ATTEMPTS
    write(user, "海边")
    waits = []
    for _ in range(MAX_ATTEMPTS - 1):
        assert ask_about_texts(limit=9) == 0  # not due yet
        check = TextCheck.objects.get()
        assert (check.state, check.code) == (State.WAITING, "busy")
        assert check.detail.startswith("-1 as planned")
        assert check.due_at is not None
        waits.append(round((check.due_at - timezone.now()).total_seconds(), -1))
        make_due()
        assert ask_about_texts(limit=9) == 1
    assert waits == [30, 120, 480, 1920, 7680, 21600, 21600]
    make_due()
    assert ask_about_texts(limit=9) == 0
    check = TextCheck.objects.get()
    assert (check.state, check.code, check.due_at) == (State.FAILED, "busy", None)
    assert hidden_texts(["海边"]) == {"海边"}
    try_again(check)
    assert ask_about_texts(limit=9) == 1
    assert hidden_texts(["海边"]) == set()


def test_who_was_away_is_asked_about_when_they_come_back(user: User, wechat: WechatStandIn) -> None:
    link(user, wechat)
    wechat.visitors.clear()
    write(user, "海边")
    check = TextCheck.objects.get()
    assert (check.code, check.attempts) == ("visit_needed", 0)
    assert check.due_at is not None
    assert timedelta(minutes=59) < check.due_at - timezone.now() <= timedelta(hours=1)
    wechat.visit("o-alice")
    welcome(user)
    assert ask_about_texts(limit=9) == 1
    assert hidden_texts(["海边"]) == set()


def test_one_absence_is_asked_about_once(user: User, wechat: WechatStandIn) -> None:
    link(user, wechat)
    wechat.visitors.clear()
    for number in range(3):
        write(user, f"海边 {number}")
    make_due()
    wechat.calls.clear()
    assert ask_about_texts(limit=9) == 1
    assert len(wechat.calls_of(ASK)) == 1


def test_while_wechat_is_away_a_round_asks_once(user: User, wechat: WechatStandIn) -> None:
    link(user, wechat)
    request_text_checks(((user.id, f"海边 {n}") for n in range(3)), scene=SCENE)
    wechat.replies[ASK] = [-1]
    assert ask_about_texts(limit=9) == 1
    assert sorted(TextCheck.objects.values_list("attempts", flat=True)) == [0, 0, 1]
    assert ask_about_texts(limit=9) == 2


def test_of_what_passed_long_ago_only_the_digest_is_kept(user: User, wechat: WechatStandIn) -> None:
    link(user, wechat)
    for text in ("海边", "可疑"):
        write(user, text)
    forget_texts()
    assert TextCheck.objects.filter(text="海边").exists()
    TextCheck.objects.update(decided_at=timezone.now() - TEXTS_KEPT - timedelta(hours=1))
    forget_texts()
    assert set(TextCheck.objects.values_list("text", flat=True)) == {"", "可疑"}
    assert hidden_texts(["海边"]) == set()
    try_again(TextCheck.objects.get(text=""))
    assert hidden_texts(["海边"]) == set()
    write(user, "海边")
    assert len(wechat.calls_of(ASK)) == 2


def test_an_openid_of_another_app_has_failed(user: User, wechat: WechatStandIn) -> None:
    link(user, wechat)
    wechat.replies[ASK] = [43104]
    write(user, "海边")
    check = TextCheck.objects.get()
    assert (check.state, check.code) == (State.FAILED, "openid_invalid")
