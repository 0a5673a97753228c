"""A part of a date, or the time around it: early 2023, 年底, Q3, around Christmas, 前后."""

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

from backend.search.spans import When, in_year

_Part = tuple[Fraction, Fraction]
_FIRST, _MIDDLE, _LAST = (
    (Fraction(0), Fraction(1, 4)),
    (Fraction(1, 3), Fraction(2, 3)),
    (Fraction(3, 4), Fraction(1)),
)
_ENGLISH_PARTS = {
    **dict.fromkeys(("early", "beginning", "start"), _FIRST),
    **dict.fromkeys(("mid", "middle"), _MIDDLE),
    **dict.fromkeys(("late", "end", "year-end"), _LAST),
    **{
        f"{name} {count}": (Fraction(number, parts), Fraction(number + 1, parts))
        for parts, count in ((2, "half"), (4, "quarter"))
        for number, name in enumerate(("first", "second", "third", "fourth")[:parts])
    },
    **{f"q{n}": (Fraction(n - 1, 4), Fraction(n, 4)) for n in range(1, 5)},
}
CHINESE_PARTS = {
    **dict.fromkeys(("初", "年初", "月初", "开头"), _FIRST),
    **dict.fromkeys(("中", "年中", "月中", "中期"), _MIDDLE),
    **dict.fromkeys(("底", "末", "年底", "年末", "月底", "月末"), _LAST),
    **{
        f"{name}半年": _ENGLISH_PARTS[f"{n} half"]
        for name, n in (("上", "first"), ("下", "second"))
    },
    **{
        f"{prefix}{name}季度": _ENGLISH_PARTS[f"q{n}"]
        for n, name in enumerate("一二三四", start=1)
        for prefix in ("", "第")
    },
}


def _longest_first(words: Iterable[str]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


_XUN = {"上旬": (1, 10), "中旬": (11, 20), "下旬": (21, 31)}
_PART_BEFORE = re.compile(rf"\b(?:the )?({_longest_first(_ENGLISH_PARTS)})(?:[ -]| of (?:the )?)$")
# 中国, 初中 and 末班车 are other words.
_PART_BEHIND = re.compile(
    rf"\s*的?({_longest_first(CHINESE_PARTS)})(?![中国秋旬午间学级夏春冬班])"
    rf"|({'|'.join(_XUN)})|\s+(q[1-4])\b"
)
_AROUND_BEFORE = re.compile(r"\baround (?:the )?$")
_AROUND_BEHIND = re.compile(r"\s*的?(?:前后|左右)")
# The hour is no part of what search knows, but it belongs to the day that it stands beside.
_HOUR_BEHIND = re.compile(
    r"的?(?:早上|早晨|清晨|凌晨|上午|中午|下午|傍晚|晚上|夜里|半夜|深夜|夜晚|晚)"
    r"| (?:early |late )?(?:morning|noon|afternoon|evening|night)\b"
)
_LONGEST_WITH_HOURS = timedelta(days=7)
_WHOLE_YEARS, _WHOLE_MONTHS = timedelta(days=3 * 365), timedelta(days=180)


def parts_of(text: str, when: When, today: date) -> Iterator[When]:
    """The date with the words beside it that choose a part of it, or widen it."""
    before, behind = text[: when.start], text[when.end :]
    if match := _PART_BEFORE.search(before):
        yield replace(part_of(when, _ENGLISH_PARTS[match[1]], today), start=match.start())
    if match := _PART_BEHIND.match(behind):
        end = when.end + match.end()
        if match[2]:
            yield replace(_xun(when, match[2], today), end=end)
        else:
            part = CHINESE_PARTS.get(match[1]) or _ENGLISH_PARTS[match[3]]
            yield replace(part_of(when, part, today), end=end)
    if match := _AROUND_BEFORE.search(before):
        yield replace(_around_days(when), start=match.start())
    if match := _AROUND_BEHIND.match(behind):
        yield replace(_around_days(when), end=when.end + match.end())
    is_short = when.first and when.last and when.last - when.first < _LONGEST_WITH_HOURS
    if is_short and (match := _HOUR_BEHIND.match(behind)):
        yield replace(when, end=when.end + match.end())


def part_of(when: When, part: _Part, today: date) -> When:
    """In whole years of a decade, whole months of a year, and else in days."""
    when = _latest_begun(when, today)
    if when.first is None or when.last is None:
        return when
    length = when.last - when.first
    years = length > _WHOLE_YEARS
    if not years and length < _WHOLE_MONTHS:
        low, high = _units(length.days + 1, part)
        first, last = when.first + timedelta(days=low), when.first + timedelta(days=high - 1)
        return replace(when, first=first, last=last)
    size = 12 if years else 1
    months = (when.last.year - when.first.year) * 12 + when.last.month - when.first.month + 1
    low, high = _units(months // size, part)
    return replace(
        when,
        first=_add_months(when.first, low * size),
        last=_add_months(when.first, high * size) - timedelta(days=1),
    )


def _units(count: int, part: _Part) -> tuple[int, int]:
    return math.floor(count * part[0]), math.ceil(count * part[1])


def _add_months(first_of_month: date, months: int) -> date:
    count = first_of_month.year * 12 + first_of_month.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)


def _xun(when: When, name: str, today: date) -> When:
    """The ten days of a Chinese month."""
    when = _latest_begun(when, today)
    if when.first is None or when.last is None or when.last - when.first > timedelta(days=31):
        return when
    first, last = (min(day, when.last.day) for day in _XUN[name])
    return replace(when, first=when.first.replace(day=first), last=when.last.replace(day=last))


def _around_days(when: When) -> When:
    """A quarter of its length to both sides, and a week at least."""
    if when.first is None or when.last is None:
        return when
    more = max(timedelta(days=7), (when.last - when.first) / 4)
    return replace(when, first=when.first - more, last=when.last + more)


def _latest_begun(when: When, today: date) -> When:
    """What comes every year, as it came the last time."""
    this = in_year(when, today.year)
    return this if this.first is None or this.first <= today else in_year(when, today.year - 1)
