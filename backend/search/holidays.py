"""Days that people remember by name, in the year they ask for."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from borax.calendars.lunardate import LunarDate, TermUtils
from dateutil.easter import easter

Days = tuple[date, date]  # the first and the last, both included
# What the lunar calendar's tables hold.
FIRST_YEAR, LAST_YEAR = 1901, 2099


@dataclass(frozen=True, kw_only=True)
class Holiday:
    """names: as a query has them, folded."""

    key: str
    names: tuple[str, ...]
    days: Callable[[int], Days]


def _span(first: date, *, before: int = 0, after: int = 0) -> Days:
    return first - timedelta(days=before), first + timedelta(days=after)


def _fixed(month: int, day: int, *, before: int = 0, after: int = 0) -> Callable[[int], Days]:
    return lambda year: _span(date(year, month, day), before=before, after=after)


def _lunar(month: int, day: int, *, before: int = 0, after: int = 0) -> Callable[[int], Days]:
    # The last lunar month ends in the next year of the sun.
    return lambda year: _span(
        LunarDate(year - (month == 12), month, day).to_solar_date(), before=before, after=after
    )


def lunar_day(year: int, month: int, day: int) -> date:
    """When a day of the moon is, in that year of the sun. Raises ValueError if there is none."""
    for lunar_year in (year, year - 1):
        found: date = LunarDate(lunar_year, month, day).to_solar_date()
        if found.year == year:
            return found
    raise ValueError(f"{year} has no such day")


def _weekday(month: int, weekday: int, nth: int, *, after: int = 0) -> Callable[[int], Days]:
    """The nth such weekday of the month; Monday is 0."""

    def days(year: int) -> Days:
        first = date(year, month, 1)
        to_weekday = (weekday - first.weekday()) % 7
        return _span(first + timedelta(days=to_weekday + 7 * (nth - 1)), after=after)

    return days


def _easter(year: int) -> Days:
    return _span(easter(year), before=2, after=1)


def _term(name: str) -> Callable[[int], Days]:
    return lambda year: _span(TermUtils.nth_term_day(year, term_name=name))


# Festivals of several days are as long as they are celebrated.
HOLIDAYS = (
    Holiday(
        key="springfestival",
        names=(
            "spring festival", "春节", "chinese new year", "lunar new year", "过年", "大年初一",
            "农历新年",
        ),
        days=_lunar(1, 1, before=1, after=6),
    ),
    Holiday(
        key="newyearseve.lunar",
        names=(
            "lunar new year's eve", "除夕", "chinese new year's eve", "除夕夜", "大年三十",
            "年三十", "年夜饭",
        ),
        days=_lunar(1, 1, before=1, after=-1),
    ),
    Holiday(key="lantern", names=("lantern festival", "元宵节", "元宵"), days=_lunar(1, 15)),
    Holiday(
        key="qingming",
        names=("qingming", "清明节", "清明", "qingming festival", "tomb sweeping day"),
        days=_term("清明"),
    ),
    Holiday(
        key="dragonboat",
        names=("dragon boat festival", "端午节", "端午", "dragon boat"),
        days=_lunar(5, 5),
    ),
    Holiday(key="qixi", names=("qixi", "七夕节", "七夕", "qixi festival"), days=_lunar(7, 7)),
    Holiday(
        key="midautumn",
        names=(
            "mid-autumn festival", "中秋节", "中秋", "mid-autumn", "mid autumn festival",
            "mid autumn", "moon festival",
        ),
        days=_lunar(8, 15),
    ),
    Holiday(
        key="doubleninth", names=("double ninth", "重阳节", "重阳", "chongyang"), days=_lunar(9, 9)
    ),
    Holiday(key="laba", names=("laba festival", "腊八节", "腊八"), days=_lunar(12, 8)),
    Holiday(
        key="wintersolstice", names=("winter solstice", "冬至", "dongzhi"), days=_term("冬至")
    ),
    Holiday(key="newyear", names=("new year's day", "元旦", "new years day", "new year"),
            days=_fixed(1, 1)),
    Holiday(
        key="valentine",
        names=("valentine's day", "情人节", "valentines day", "valentine's", "valentines"),
        days=_fixed(2, 14),
    ),
    Holiday(key="womensday", names=("women's day", "妇女节", "三八节", "womens day"),
            days=_fixed(3, 8)),
    Holiday(key="easter", names=("easter", "复活节"), days=_easter),
    Holiday(
        key="labourday",
        names=(
            "may day", "五一", "劳动节", "五一劳动节", "五一假期", "五一长假", "labour day",
            "labor day",
        ),
        days=_fixed(5, 1, after=4),
    ),
    Holiday(key="mothersday", names=("mother's day", "母亲节", "mothers day"),
            days=_weekday(5, 6, 2)),
    Holiday(key="childrensday", names=("children's day", "儿童节", "六一", "childrens day"),
            days=_fixed(6, 1)),
    Holiday(key="fathersday", names=("father's day", "父亲节", "fathers day"),
            days=_weekday(6, 6, 3)),
    Holiday(
        key="nationalday",
        names=(
            "national day", "国庆节", "国庆", "十一黄金周", "十一假期", "十一长假", "国庆假期",
            "国庆长假", "golden week",
        ),
        days=_fixed(10, 1, after=6),
    ),
    Holiday(key="halloween", names=("halloween", "万圣节"), days=_fixed(10, 31)),
    Holiday(key="singlesday", names=("singles' day", "双十一", "光棍节", "singles day"),
            days=_fixed(11, 11)),
    Holiday(key="thanksgiving", names=("thanksgiving", "感恩节"), days=_weekday(11, 3, 4, after=3)),
    Holiday(key="christmaseve", names=("christmas eve", "平安夜"), days=_fixed(12, 24)),
    Holiday(key="christmas", names=("christmas", "圣诞节", "圣诞", "xmas"),
            days=_fixed(12, 24, after=2)),
    Holiday(key="newyearseve", names=("new year's eve", "跨年", "new years eve"),
            days=_fixed(12, 31)),
)  # fmt: skip

BY_KEY = {holiday.key: holiday for holiday in HOLIDAYS}
BY_NAME = {name: holiday for holiday in HOLIDAYS for name in holiday.names}


@functools.lru_cache(maxsize=400)
def _days_of_year(year: int) -> tuple[tuple[str, Days], ...]:
    return tuple((holiday.key, holiday.days(year)) for holiday in HOLIDAYS)


def holidays_on(day: date) -> list[str]:
    """The keys of the holidays that a day is part of."""
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        return []
    return [key for key, (first, last) in _days_of_year(day.year) if first <= day <= last]
