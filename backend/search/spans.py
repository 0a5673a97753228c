"""Days from the first to the last, as a calendar counts them."""

import calendar
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from backend.search.holidays import BY_KEY, Days


@dataclass(frozen=True, kw_only=True)
class When:
    """A piece of the text and the days that it means, both included; None is open.

    without a year, months (May, summer) or a holiday (Christmas) are meant as they come every year.
    """

    start: int = 0
    end: int = 0
    first: date | None = None
    last: date | None = None
    months: tuple[int, ...] = ()
    holiday: str = ""


def span(days: Days) -> When:
    return When(first=days[0], last=days[1])


def year_days(year: int) -> Days:
    return date(year, 1, 1), date(year, 12, 31)


def month_days(year: int, month: int) -> Days:
    return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])


def months_of(year: int, months: tuple[int, ...]) -> Days:
    """Winter begins in December and ends in the next year."""
    first, last = months[0], months[-1]
    return month_days(year, first)[0], month_days(year + (last < first), last)[1]


def months_back(today: date, months: int) -> tuple[int, int]:
    """The year and month so many months ago."""
    count = today.year * 12 + today.month - 1 - months
    return count // 12, count % 12 + 1


def week_days(today: date, back: int) -> Days:
    monday = today - timedelta(days=today.weekday() + 7 * back)
    return monday, monday + timedelta(days=6)


def latest_over(days: Callable[[int], Days], today: date) -> Days:
    return next(
        span
        for span in (days(year) for year in range(today.year, today.year - 3, -1))
        if span[1] < today
    )


def in_year(when: When, year: int) -> When:
    if when.months:
        first, last = months_of(year, when.months)
    elif when.holiday:
        first, last = BY_KEY[when.holiday].days(year)
    else:
        return when
    return replace(when, first=first, last=last, months=(), holiday="")
