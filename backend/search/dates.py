"""When: the days that a query speaks of, in Chinese and English.

Everything works on folded text (search.words.fold): lower case, simplified, half-width.
"""

import calendar
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta

from backend.search.date_parts import CHINESE_PARTS, part_of, parts_of
from backend.search.holidays import BY_NAME, FIRST_YEAR, LAST_YEAR, Days, lunar_day
from backend.search.spans import (
    When,
    latest_over,
    month_days,
    months_back,
    months_of,
    span,
    week_days,
    year_days,
)

RECENT_DAYS = 30  # 最近, recently


def find_dates(text: str, today: date) -> list[When]:
    """Every date that the text may speak of, overlapping ones too; the caller takes the longest.

    "last summer" is the latest that is over; 去年夏天 is last year's.
    """
    found: list[When] = []
    for pattern, read in _READERS:
        for match in pattern.finditer(text):
            try:
                when = read(match, today)
            except (ValueError, OverflowError):
                continue  # the 31st of February
            if when is not None:
                found.append(replace(when, start=match.start(), end=match.end()))
    parts = [part for when in found for part in parts_of(text, when, today)]
    return found + parts


# --- Numbers and years

_DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")}
_DIGITS |= {"〇": 0, "两": 2, "○": 0}
_COUNTED = (
    *("zero", "one", "two", "three", "four", "five", "six"),
    *("seven", "eight", "nine", "ten", "eleven", "twelve"),
)
_WORDS = {word: value for value, word in enumerate(_COUNTED)} | {
    "a": 1,
    "an": 1,
    "couple of": 2,
    "a couple of": 2,
    "few": 3,
    "a few": 3,
    "几": 3,
}
_HAN_NUMBER = "[零〇一二两三四五六七八九十]{1,3}"
_NUMBER = rf"(?:\d{{1,3}}|{_HAN_NUMBER})"
_ENGLISH_NUMBER = (
    r"(?:\d{1,3}|a couple of|couple of|a few|few|an?|one|two|three|four|five|six|seven|eight|nine|"
    r"ten|eleven|twelve)"
)
_YEAR = (
    r"(?:(?<!\d)(?:19|20)\d\d(?!\d)(?:\s*年)?|[一二][零〇九一]?[零〇一二三四五六七八九]{2,3}年|"
    r"(?<![零〇一二三四五六七八九十])[零〇一二][零〇一二三四五六七八九]年(?![前后级来])|(?<!\d)\d\d年|今年|去年|大前年|前年|上一年|明年|"
    rf"(?<!\d){_NUMBER}年前|this year|last year)"
)
_ENGLISH_YEAR = r"(?:(?:19|20)\d\d|this year|last year)"


def _number(text: str) -> int:
    """3, 十二, 二十一, three. Raises ValueError."""
    text = text.strip()
    if text.isdecimal():
        return int(text)
    if text in _WORDS:
        return _WORDS[text]
    tens, ten, ones = text.rpartition("十")
    value = (_DIGITS[tens] if tens else 1) * 10 if ten else 0
    if any(character not in _DIGITS for character in ones):
        raise ValueError(text)
    return value + (_DIGITS[ones] if ones else 0)


def _year(text: str, today: date) -> int:
    """Raises ValueError for years that no photo is of."""
    text = text.strip()
    relative = {
        "今年": 0, "this year": 0, "去年": 1, "上一年": 1, "last year": 1, "前年": 2, "大前年": 3,
        "明年": -1,
    }  # fmt: skip
    if text in relative:
        return today.year - relative[text]
    if text.endswith("年前"):
        return today.year - _number(text[:-2])
    digits = text.removesuffix("年").strip()
    if not digits.isdecimal():
        digits = "".join(str(_DIGITS[character]) for character in digits)
    year = int(digits)
    if year < 100:
        year += 2000 if year <= today.year % 100 else 1900
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(text)
    return year


# --- Readers: a pattern, and what its match means

_Reader = Callable[[re.Match[str], date], When | None]
_READERS: list[tuple[re.Pattern[str], _Reader]] = []


def _reads(pattern: str) -> Callable[[_Reader], _Reader]:
    def keep(reader: _Reader) -> _Reader:
        _READERS.append((re.compile(pattern), reader))
        return reader

    return keep


# No part of a longer number or word: IMG_2023, 12023.
_START, _END = r"(?<![\da-z_])", r"(?![\da-z_])"
_MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_name) if name}
_MONTHS |= {name.lower(): number for number, name in enumerate(calendar.month_abbr) if name}
_MONTHS |= {"sept": 9}
_MONTH = "(?:" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\.?"
_SEASONS = {
    "春天": (3, 5), "春季": (3, 5), "夏天": (6, 8), "夏季": (6, 8), "秋天": (9, 11),
    "秋季": (9, 11),
    "冬天": (12, 2), "冬季": (12, 2), "暑假": (7, 8), "寒假": (1, 2), "spring": (3, 5),
    "summer": (6, 8), "autumn": (9, 11), "fall": (9, 11), "winter": (12, 2), "上半年": (1, 6),
    "下半年": (7, 12), "春": (3, 5), "夏": (6, 8), "秋": (9, 11), "冬": (12, 2), "暑期": (7, 8),
    "summer holiday": (7, 8), "summer holidays": (7, 8), "summer vacation": (7, 8),
}  # fmt: skip


def _alternatives(words: Iterator[str] | list[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_SEASON = f"(?:{_alternatives(list(_SEASONS))})"
_HAN_SEASON = f"(?:{_alternatives([name for name in _SEASONS if not name.isascii()])})"
_LATIN_SEASON = f"(?:{_alternatives([name for name in _SEASONS if name.isascii()])})"
_LATIN_HOLIDAY = f"(?:{_alternatives([name for name in BY_NAME if name.isascii()])})"
_HAN_HOLIDAY = f"(?:{_alternatives([name for name in BY_NAME if not name.isascii()])})"
_HOLIDAY = f"(?:{_LATIN_HOLIDAY}|{_HAN_HOLIDAY})"
_WEEKDAYS = {name: day for day, name in enumerate("一二三四五六日")} | {"天": 6}
_WEEKDAYS |= {name.lower(): day for day, name in enumerate(calendar.day_name)}


@_reads(rf"{_START}(\d{{4}})[-/.](\d{{1,2}})[-/.](\d{{1,2}}){_END}")
@_reads(rf"({_YEAR})\s*的?\s*({_NUMBER})\s*月\s*({_NUMBER})\s*[日号]?(?!\d)")
def _day(match: re.Match[str], today: date) -> When:
    day = date(_year(match[1], today), _number(match[2]), _number(match[3]))
    return span((day, day))


@_reads(rf"(?<![\d年])({_NUMBER})月({_NUMBER})[日号]?(?!\d)")
def _day_of_any_year(match: re.Match[str], today: date) -> When:
    """The latest such day: what people mean in conversation."""
    return _latest_day(_number(match[1]), _number(match[2]), today)


_LUNAR_MONTHS = {"正": 1, "冬": 11, "腊": 12}


@_reads(
    rf"(?:({_YEAR})的?)?(?:农历|阴历)(?:({_YEAR})的?)?([正冬腊]|{_NUMBER})月(?:初)?({_NUMBER})[日号]?"
)
def _lunar_day(match: re.Match[str], today: date) -> When:
    """Without a year the latest such day."""
    month, number = _LUNAR_MONTHS.get(match[3]) or _number(match[3]), _number(match[4])
    if year := match[1] or match[2]:
        day = lunar_day(_year(year, today), month, number)
    else:
        day = lunar_day(today.year, month, number)
        if day > today:
            day = lunar_day(today.year - 1, month, number)
    return span((day, day))


@_reads(rf"({_YEAR})的?(?:(?:今天|今日|这一?天)|(这个?时候|这时|此时|同期))")
def _same_day(match: re.Match[str], today: date) -> When:
    """去年今天 is a day; 去年这个时候 is four weeks around it."""
    return _around(_year(match[1], today), today, days=14 if match[2] else 0)


@_reads(r"\b(?:on\s+)?(?:(this\s+(?:same\s+)?day)|this\s+time)(?:,?\s+of)?\s+last\s+year\b")
def _same_day_last_year(match: re.Match[str], today: date) -> When:
    return _around(today.year - 1, today, days=0 if match[1] else 14)


@_reads(rf"\b({_ENGLISH_NUMBER})\s+years?\s+ago\s+today\b")
def _years_ago_today(match: re.Match[str], today: date) -> When:
    return _around(today.year - _number(match[1]), today, days=0)


def _around(year: int, today: date, *, days: int) -> When:
    # The 29th of February has no like in most years.
    day = min(today.day, calendar.monthrange(year, today.month)[1])
    middle = date(year, today.month, day)
    return span((middle - timedelta(days=days), middle + timedelta(days=days)))


def _latest_day(month: int, day: int, today: date) -> When:
    found = date(today.year, month, day)
    if found > today:
        found = date(today.year - 1, month, day)
    return span((found, found))


@_reads(rf"\b({_MONTH})\s+(\d{{1,2}})(?:st|nd|rd|th)?(?:\s*,\s*|\s+)({_ENGLISH_YEAR}){_END}")
def _month_day_year(match: re.Match[str], today: date) -> When:
    day = date(_year(match[3], today), _MONTHS[match[1].rstrip(".")], int(match[2]))
    return span((day, day))


@_reads(
    rf"{_START}(\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?({_MONTH})(?:\s*,\s*|\s+)"
    rf"({_ENGLISH_YEAR}){_END}"
)
def _day_month_year(match: re.Match[str], today: date) -> When:
    day = date(_year(match[3], today), _MONTHS[match[2].rstrip(".")], int(match[1]))
    return span((day, day))


@_reads(rf"\b({_MONTH})\s+(\d{{1,2}})(?:st|nd|rd|th)?{_END}")
def _month_day(match: re.Match[str], today: date) -> When:
    return _latest_day(_MONTHS[match[1].rstrip(".")], int(match[2]), today)


@_reads(rf"{_START}(\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?({_MONTH}){_END}")
def _day_month(match: re.Match[str], today: date) -> When:
    return _latest_day(_MONTHS[match[2].rstrip(".")], int(match[1]), today)


@_reads(rf"({_YEAR})\s*的?\s*({_NUMBER})\s*月份?(?![\d前])")
@_reads(rf"{_START}(\d{{4}})[-/.](\d{{1,2}}){_END}(?![-/.]\d)")
def _month_of_year(match: re.Match[str], today: date) -> When:
    return span(month_days(_year(match[1], today), _number(match[2])))


@_reads(rf"{_START}(\d{{1,2}})/((?:19|20)\d\d){_END}(?!/)")
def _month_slash_year(match: re.Match[str], today: date) -> When:
    return span(month_days(int(match[2]), int(match[1])))


@_reads(rf"{_START}(\d{{1,2}})([/.])(\d{{1,2}})\2((?:19|20)\d\d){_END}")
def _day_before_year(match: re.Match[str], today: date) -> When:
    """5/1/2023 has the month first, 1.5.2023 has not, and neither has what would be no month."""
    month, day = int(match[1]), int(match[3])
    if month > 12 or match[2] == ".":
        month, day = day, month
    found = date(int(match[4]), month, day)
    return span((found, found))


@_reads(rf"\b({_MONTH})(?:\s+of|,)?\s+({_ENGLISH_YEAR}){_END}")
def _english_month_of_year(match: re.Match[str], today: date) -> When:
    return span(month_days(_year(match[2], today), _MONTHS[match[1].rstrip(".")]))


@_reads(rf"{_START}({_ENGLISH_YEAR})\s+({_MONTH}){_END}")
def _english_year_and_month(match: re.Match[str], today: date) -> When:
    return span(month_days(_year(match[1], today), _MONTHS[match[2].rstrip(".")]))


@_reads(rf"\b(last|this)\s+({_MONTH}){_END}")
def _last_month_by_name(match: re.Match[str], today: date) -> When:
    month = _MONTHS[match[2].rstrip(".")]
    if match[1] == "this":
        return span(month_days(today.year, month))
    return span(latest_over(lambda year: month_days(year, month), today))


@_reads(rf"(?<![\d年个])({_NUMBER})月份?(?![\d前])")
def _month_of_any_year(match: re.Match[str], today: date) -> When | None:
    month = _number(match[1])
    return When(months=(month,)) if 1 <= month <= 12 else None


@_reads(
    rf"(?:(?<=\bin )|(?<=\bof )|(?<=from )|(?<=between )|(?<=to )|(?<=and )|(?<=early )"
    rf"|(?<=late )|(?<=mid[ -])|^)({_MONTH}){_END}"
)
@_reads(r"\b(january|february|april|june|july|august|september|october|november|december)\b")
def _english_month(match: re.Match[str], today: date) -> When:
    return When(months=(_MONTHS[match[1].rstrip(".")],))


# may and march are verbs, too: alone they are months only before "to" another.
@_reads(r"\b(may|march)\b(?=\s*(?:to|until|through|-)\s)")
def _english_month_before(match: re.Match[str], today: date) -> When | None:
    return _english_month(match, today)


def _season_months(name: str) -> tuple[int, ...]:
    first, last = _SEASONS[name]
    return tuple(month % 12 or 12 for month in range(first, last + (12 if last < first else 0) + 1))


@_reads(rf"({_YEAR})\s*的?({_HAN_SEASON})")
@_reads(rf"{_START}({_ENGLISH_YEAR})(?:'s)?\s+({_LATIN_SEASON}){_END}")
def _season_of_year(match: re.Match[str], today: date) -> When:
    return span(months_of(_year(match[1], today), _season_months(match[2])))


@_reads(rf"\b({_LATIN_SEASON})(?:\s+of|\s+in|,)?\s+({_ENGLISH_YEAR}){_END}")
def _season_then_year(match: re.Match[str], today: date) -> When:
    return span(months_of(_year(match[2], today), _season_months(match[1])))


@_reads(r"(?<![\d年])(年初|年中(?!国)|年底|年末|月初|月中(?!国)|月底|月末|上半年|下半年)")
@_reads(r"(?<=\bof )the (year|month)\b")
def _part_of_this(match: re.Match[str], today: date) -> When:
    """Of this year or month; of the one before if it is still to come."""
    whole = year_days if match[1][0] in "年y上下" else None
    for back in (0, 1):
        days = whole(today.year - back) if whole else month_days(*months_back(today, back))
        when = span(days)
        if part := CHINESE_PARTS.get(match[1]):
            when = part_of(when, part, today)
        if when.first and when.first <= today:
            break
    return when


@_reads(rf"\b(?:the\s+)?(year|month|week|weekend|{_LATIN_SEASON})\s+before\s+last\b")
def _before_last(match: re.Match[str], today: date) -> When:
    match match[1]:
        case "year":
            return span(year_days(today.year - 2))
        case "month":
            return span(month_days(*months_back(today, 2)))
        case "week" | "weekend":
            return _part_of_week(week_days(today, 2), "末" if match[1] == "weekend" else "")
    months = _season_months(match[1])
    last = latest_over(lambda year: months_of(year, months), today)
    return span(months_of(last[0].year - 1, months))


@_reads(rf"\b(last|past|this)\s+({_LATIN_SEASON}){_END}")
@_reads(rf"(上个|上一个|这个|刚过去的)({_HAN_SEASON})")
def _season_by_now(match: re.Match[str], today: date) -> When:
    months = _season_months(match[2])
    if match[1] in ("this", "这个"):
        return span(months_of(today.year, months))
    return span(latest_over(lambda year: months_of(year, months), today))


@_reads(r"(春天|春季|夏天|夏季|秋天|秋季|冬天|冬季|暑假|寒假)")
@_reads(r"\b(summer|winter|autumn|(?<=in )spring|(?<=in the )(?:spring|fall))\b")
def _season_of_any_year(match: re.Match[str], today: date) -> When:
    return When(months=_season_months(match[1]))


@_reads(rf"({_YEAR})\s*的?({_HAN_HOLIDAY})")
@_reads(rf"{_START}({_ENGLISH_YEAR})(?:'s)?\s+({_LATIN_HOLIDAY}){_END}")
def _holiday_of_year(match: re.Match[str], today: date) -> When:
    return span(BY_NAME[match[2]].days(_year(match[1], today)))


@_reads(rf"({_HOLIDAY})(?:\s+of|\s+in|,)?\s*({_ENGLISH_YEAR}年?){_END}")
def _holiday_then_year(match: re.Match[str], today: date) -> When:
    return span(BY_NAME[match[1]].days(_year(match[2], today)))


@_reads(rf"\b(last|this)\s+({_LATIN_HOLIDAY}){_END}")
@_reads(rf"(上次|上个|这个|这次)({_HAN_HOLIDAY})")
def _holiday_by_now(match: re.Match[str], today: date) -> When:
    holiday = BY_NAME[match[2]]
    if match[1] in ("this", "这个", "这次"):
        return span(holiday.days(today.year))
    return span(latest_over(holiday.days, today))


@_reads(rf"({_HAN_HOLIDAY})")
@_reads(rf"\b({_LATIN_HOLIDAY}){_END}")
def _holiday_of_any_year(match: re.Match[str], today: date) -> When:
    return When(holiday=BY_NAME[match[1]].key)


_DAYS_AGO = {
    "今天": 0, "今日": 0, "今晚": 0, "今早": 0, "昨天": 1, "昨日": 1, "昨晚": 1, "前天": 2,
    "大前天": 3, "today": 0, "tonight": 0, "yesterday": 1, "last night": 1,
    "the day before yesterday": 2, "day before yesterday": 2, "this morning": 0,
}  # fmt: skip


@_reads(rf"(?<![a-z])({_alternatives(list(_DAYS_AGO))})(?![a-z])")
def _day_by_now(match: re.Match[str], today: date) -> When:
    day = today - timedelta(days=_DAYS_AGO[match[1]])
    return span((day, day))


_WEEK = "(?:周|星期|礼拜)"


@_reads(rf"(上上个?|上个?|这个?|本){_WEEK}(末|[一二三四五六日天](?!月))?")
def _week_by_now(match: re.Match[str], today: date) -> When:
    back = 2 if match[1].startswith("上上") else int(match[1].startswith("上"))
    return _part_of_week(week_days(today, back), match[2] or "")


@_reads(rf"\b(last|this|past)\s+(week|weekend|{_alternatives(list(calendar.day_name)).lower()})\b")
def _english_week(match: re.Match[str], today: date) -> When:
    if match[2] in _WEEKDAYS and match[1] != "this":
        day = today - timedelta(days=(today.weekday() - _WEEKDAYS[match[2]] - 1) % 7 + 1)
        return span((day, day))
    part = {"week": "", "weekend": "末"}.get(match[2], match[2])
    return _part_of_week(week_days(today, int(match[1] != "this")), part)


@_reads(rf"(?<![上这本个每一二两三四五六七八九十几]){_WEEK}([一二三四五六日天])(?![月次个])")
@_reads(rf"\bon\s+(?:a\s+)?({_alternatives(list(calendar.day_name)).lower()})s?\b")
def _latest_weekday(match: re.Match[str], today: date) -> When:
    day = today - timedelta(days=(today.weekday() - _WEEKDAYS[match[1]]) % 7)
    return span((day, day))


def _part_of_week(week: Days, part: str) -> When:
    if part == "末":
        return span((week[0] + timedelta(days=5), week[1]))
    if part:
        day = week[0] + timedelta(days=_WEEKDAYS[part])
        return span((day, day))
    return span(week)


@_reads(r"(上上个?|上个?|这个|本)月(?![\d一二三四五六七八九十])(份)?")
@_reads(r"\b(last|this)\s+month\b")
def _month_by_now(match: re.Match[str], today: date) -> When:
    if match[1].startswith("上上"):
        return span(month_days(*months_back(today, 2)))
    return span(month_days(*months_back(today, int(match[1] in ("上", "上个", "last")))))


@_reads(rf"(?<![\d零〇一二三四五六七八九十])({_NUMBER}|几)个?(天|日|周|星期|礼拜|月|年)(?:以)?前")
@_reads(rf"\b({_ENGLISH_NUMBER})\s+(day|week|month|year)s?\s+ago\b")
def _ago(match: re.Match[str], today: date) -> When:
    """Three years ago is that year, two months ago that month."""
    count = _number(match[1])
    match match[2]:
        case "天" | "日" | "day":
            day = today - timedelta(days=count)
            return span((day, day))
        case "周" | "星期" | "礼拜" | "week":
            return span(week_days(today, count))
        case "月" | "month":
            return span(month_days(*months_back(today, count)))
    return span(year_days(today.year - count))


@_reads(rf"(?:最近|过去|近|这)的?({_NUMBER}|几)个?(天|周|星期|礼拜|月|年)")
@_reads(rf"\b(?:the\s+)?(?:last|past)\s+({_ENGLISH_NUMBER})\s+(day|week|month|year)s?\b")
@_reads(r"\b(?:the\s+)?past\s+()(day|week|month|year)\b")
def _lately(match: re.Match[str], today: date) -> When:
    count = _number(match[1]) if match[1] else 1
    unit = {"天": 1, "day": 1, "周": 7, "星期": 7, "礼拜": 7, "week": 7}.get(match[2])
    if unit is not None:
        return span((today - timedelta(days=count * unit), today))
    months = count * (12 if match[2] in ("年", "year") else 1)
    year, month = months_back(today, months)
    day = min(today.day, calendar.monthrange(year, month)[1])
    return span((date(year, month, day), today))


@_reads(r"(?:前几天|前两天|前些天|前阵子|前一阵子?|前段时间|前些日子|这几天|刚才|刚刚)")
@_reads(r"(?:最近|近期|近来)(?!的?[\d一二两三四五六七八九十几]个?[天周星礼月年])")
@_reads(r"\b(?:recent|recently|lately)\b")
def _recently(match: re.Match[str], today: date) -> When:
    return span((today - timedelta(days=RECENT_DAYS), today))


@_reads(r"(?<!\d)((?:19|20)?\d)0年代")
@_reads(rf"{_START}(?:the\s+)?((?:19|20)?\d)0'?s{_END}")
def _decade(match: re.Match[str], today: date) -> When:
    decade = int(match[1]) * 10
    if decade < 100:
        decade += 2000 if decade <= today.year % 100 else 1900
    return span((date(decade, 1, 1), date(decade + 9, 12, 31)))


@_reads(rf"{_START}({_YEAR}){_END}")
@_reads(rf"({_YEAR})(?<=[年前])")
def _whole_year(match: re.Match[str], today: date) -> When:
    return span(year_days(_year(match[1], today)))
