"""What dates mean together, and with an end left open: May to July, since 2020, 2020年以前."""

import re
from dataclasses import replace
from datetime import date, timedelta

from backend.search.spans import When, in_year


def join_dates(text: str, dates: list[When], today: date) -> list[When]:
    """Ranges out of neighbours (May to July 2023, 2019年到2021年), open ends out of since, 以前.

    dates: without overlaps, in order.
    """
    joined: list[When] = []
    for when in dates:
        before = joined[-1] if joined else None
        both = None
        if before is not None and _RANGE.fullmatch(text[before.end : when.start]):
            both = _span_over(before, when, today)
        if both is not None:
            joined[-1] = both
        else:
            joined.append(when)
    return [_open(text, when) for when in joined]


_RANGE = re.compile(r"\s*(?:到|至|和(?=.*之间)|-|–|—|~|to|until|till|through|and)\s*")
_SINCE = re.compile(r"(?:从|自从|自|\bsince|\bafter|\b(?:newer|later) than|\bfrom)\s*$")
_BEFORE = re.compile(r"\b(?:before|until|up to|prior to|(?:older|earlier) than)\s*$")
_FROM = re.compile(r"(?:(?:从|自|\bfrom|\bbetween|\bfrom the)\s*)$")
_AFTERWARDS = re.compile(
    r"\s*(?:以来|之后|以后|[到至](?:今|现在|目前)|起|开始|(?:-|–|to|until|till) (?:now|present)\b)"
)
_EXCLUDES_ITSELF = ("之后", "以后")
_BEFOREHAND = re.compile(r"\s*(?:以前|之前|前(?!后))")
_AMONG = re.compile(r"\s*(?:之间|期间)")


def _span_over(one: When, other: When, today: date) -> When | None:
    """From the first day of one to the last of the other; a missing year is the other's."""
    year = (other.last or one.last or today).year
    one, other = in_year(one, year), in_year(other, year)
    if one.first is None or other.last is None or one.first > other.last:
        return None
    return When(start=one.start, end=other.end, first=one.first, last=other.last)


def _open(text: str, when: When) -> When:
    """With the words around it: since and before leave one end open."""
    before, behind = text[: when.start], text[when.end :]
    if when.first and (match := _AFTERWARDS.match(behind)):
        start = _SINCE.search(before).start() if _SINCE.search(before) else when.start  # type: ignore[union-attr]
        first = _after(when) if match[0].strip() in _EXCLUDES_ITSELF else when.first
        return replace(when, start=start, end=when.end + match.end(), first=first, last=None)
    if when.first and (match := _BEFOREHAND.match(behind)):
        last = when.first - timedelta(days=1)
        return replace(when, end=when.end + match.end(), first=None, last=last)
    if when.first and (match := _BEFORE.search(before)):
        last = when.first - timedelta(days=1)
        return replace(when, start=match.start(), first=None, last=last)
    if when.first and (match := _SINCE.search(before)) and not _is_whole(when, match[0]):
        excludes = match[0].strip() == "after" or "than" in match[0]
        first = _after(when) if excludes else when.first
        return replace(when, start=match.start(), first=first, last=None)
    if match := _FROM.search(before):
        when = replace(when, start=match.start())
    if match := _AMONG.match(behind):
        when = replace(when, end=when.end + match.end())
    return when


def _is_whole(when: When, word: str) -> bool:
    """from 2023: that year; 从2019年到2021年 has its end already."""
    return word.strip() in ("from", "从", "自")


def _after(when: When) -> date | None:
    return when.last + timedelta(days=1) if when.last else when.first
