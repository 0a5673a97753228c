"""Memories over the API."""

from collections.abc import Callable
from datetime import date

import pytest

from backend.accounts.models import User
from backend.conftest import ApiClient
from backend.memories.tests.test_memories import HOME, PARIS, at, stay


def test_memories_have_titles_in_both_languages(api: ApiClient, user: User) -> None:
    photo = at(user, date(2024, 5, 10), **HOME)
    at(user, date(2025, 5, 10), **HOME)
    stay(user, date(2023, 5, 9), 3, PARIS)
    stay(user, date(2020, 1, 1), 6, HOME)
    answer = api("GET", "/memories?date=2026-05-10").json()
    assert answer["date"] == "2026-05-10"
    titles = ["1 year ago today", "2 years ago today", "3 years ago today", "Paris, May 2023"]
    assert [memory["title"] for memory in answer["results"]] == titles
    assert answer["results"][1]["photos"][0]["id"] == str(photo.id)
    assert answer["results"][1]["person"] is None
    chinese = api("GET", "/memories?date=2026-05-10", **{"Accept-Language": "zh"}).json()
    assert [memory["title"] for memory in chinese["results"]][2:] == [
        "3 年前的今天",
        "2023年5月 · 巴黎",
    ]


def test_without_a_date_it_is_today(api: ApiClient) -> None:
    answer = api("GET", "/memories")
    assert (answer.status_code, answer.json()["results"]) == (200, [])


@pytest.mark.parametrize(
    "text", ["yesterday", "2026-02-30", "2026-13-01", "0001-01-01", "9999-12-31", "%00", "9" * 5000]
)
def test_a_date_that_is_none_is_refused(api: ApiClient, text: str) -> None:
    answer = api("GET", f"/memories?date={text}")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert answer.json()["errors"][0]["field"] == "date"


def test_nobody_remembers_for_another(
    user: User, stranger: User, as_user: Callable[[User | None], ApiClient]
) -> None:
    at(user, date(2024, 5, 10))
    assert as_user(stranger)("GET", "/memories?date=2026-05-10").json()["results"] == []
