"""Queries are understood as queries.toml says, wherever their parts stand."""

import itertools
import tomllib
from pathlib import Path
from typing import Any

import pytest

from backend.core.gazetteer import describe_place, find_well_known
from backend.core.places import Place
from backend.search.parsing import Kind, Parsed, parse
from backend.search.services import place_entry
from backend.search.terms import label_entry, tag_entry
from backend.search.vocabulary import Entry, Sort, Vocabulary, spell_entry

TABLE = tomllib.loads(Path(__file__).with_name("queries.toml").read_text(encoding="utf-8"))
_NAMED = {
    "people": Kind.PERSON,
    "places": Kind.PLACE,
    "labels": Kind.LABEL,
    "tags": Kind.TAG,
}


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    """What the user of queries.toml has."""
    named: list[tuple[Entry, tuple[str, ...]]] = [
        (Entry(sort=Sort.PERSON, key=name, name=name), ()) for name in TABLE["people"]
    ]
    named += [(label_entry(*names), ()) for names in TABLE["labels"]]
    named += [(tag_entry(name), ()) for name in TABLE["tags"]]
    for country, region, county, city in TABLE["places"]:
        place = Place(country=country, region=region, county=county, city=city)
        named += [(place_entry(each), each.spellings) for each in describe_place(place)]
    return Vocabulary((entry, spell_entry(entry, *more)) for entry, more in named)


def understood(parsed: Parsed) -> dict[str, Any]:
    """In the words of queries.toml."""
    said: dict[str, Any] = {
        "from": parsed.first,
        "to": parsed.last,
        "months": [m for p in parsed.of(Kind.DATE) if p.when for m in p.when.months],
        "holiday": "".join(p.when.holiday for p in parsed.of(Kind.DATE) if p.when),
        "favorite": parsed.flag(Kind.FAVORITE),
        "has_text": parsed.flag(Kind.HAS_TEXT),
        "has_people": parsed.flag(Kind.HAS_PEOPLE),
        "text": parsed.text,
        "without_text": " ".join(p.text for p in parsed.of(Kind.TEXT, without=True)),
    }
    for name, kind in _NAMED.items():
        said[name] = parsed.names(kind)
        said[f"without_{name}"] = parsed.names(kind, without=True)
    return {name: value for name, value in said.items() if value not in (None, "", [])}


def ask(query: str, vocabulary: Vocabulary) -> Parsed:
    return parse(query, vocabulary, today=TABLE["today"], find_places=find_well_known)


@pytest.mark.parametrize("line", TABLE["chinese"] + TABLE["english"], ids=lambda line: line["q"])
def test_a_query_is_understood(line: dict[str, Any], vocabulary: Vocabulary) -> None:
    expected = {name: value for name, value in line.items() if name != "q"}
    assert understood(ask(line["q"], vocabulary)) == expected


def test_the_table_has_queries_in_both_languages() -> None:
    assert len(TABLE["chinese"]) >= 60
    assert len(TABLE["english"]) >= 60


@pytest.mark.parametrize(
    "query",
    [
        "小明 海边 去年夏天",
        "photos of Alice without Bob in Hangzhou",
        "ＡＬＩＣＥ　２０２３年５月",
        "㎏ 小明 ﬁ 狗",
    ],
)
def test_each_piece_knows_where_it_stands(query: str, vocabulary: Vocabulary) -> None:
    pieces = ask(query, vocabulary).pieces
    assert pieces
    for piece in pieces:
        assert query[piece.start : piece.end] == piece.text
    spans = [(piece.start, piece.end) for piece in pieces]
    assert spans == sorted(spans)
    assert all(end <= start for (_, end), (start, _) in itertools.pairwise(spans))


def test_a_piece_that_is_taken_out_leaves_the_others(vocabulary: Vocabulary) -> None:
    query = "小明 海边 去年夏天"
    date = ask(query, vocabulary).of(Kind.DATE)[0]
    without = ask(query[: date.start] + query[date.end :], vocabulary)
    assert understood(without) == {"people": ["小明"], "labels": ["beach"]}


def test_one_of_two_is_one_piece(vocabulary: Vocabulary) -> None:
    (piece,) = ask("Alice or Bob", vocabulary).pieces
    assert [entry.name for entry in piece.entries] == ["Alice Smith", "Bob"]


def test_a_guess_is_called_one(vocabulary: Vocabulary) -> None:
    assert [piece.guessed for piece in ask("hangzou beach", vocabulary).pieces] == [True, False]
    assert [piece.guessed for piece in ask("xiaoming 小名", vocabulary).pieces] == [False, True]


@pytest.mark.parametrize(
    "query",
    [
        *("", " ", "x" * 10_000, "狗" * 10_000, "2023年" * 1000, "没有" * 2000, "\ud800"),
        *("a:* & b | !c", "'; drop table photos_photo; --", "(((", "\\", "<->", "%_", "\x00"),
        *("-" * 500, "2月31日", "99999年", "0年前", "0 years ago", "2023-13-45", "without", "没有"),
        *("or or or", "“”", "一" * 500, "last " * 300, "1" * 500, "9999年前", "999 years ago"),
    ],
)  # fmt: skip
def test_odd_queries_are_parsed(query: str, vocabulary: Vocabulary) -> None:
    parsed = ask(query, vocabulary)
    for piece in parsed.pieces:
        assert 0 <= piece.start < piece.end <= len(query)
