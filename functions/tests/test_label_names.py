"""The table of label names: complete, in the network's order, and one language per column.

Where the names come from, and under what licence: functions/analyzers/LABELS.md.
"""

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

TABLE = Path(__file__).parents[1] / "analyzers" / "label_names.tsv"
COLUMNS = ["index", "wnid", "name", "name_zh", "album", "album_zh"]
ENGLISH = re.compile(r"[a-z0-9]+(?:'?[- ][a-z0-9]+|'s)*")
# From U+3400 on, because 鹟䴕 (jacamar) needs extension A.
HAN = "[\u3400-\u9fff]"
# A few Chinese names keep Latin letters, such as T恤; none is made of them alone.
CHINESE = re.compile(f"{HAN}*[A-Za-z]*{HAN}+")
ALBUM_CHINESE = re.compile(f"{HAN}+")

# Written down apart from the table, from ImageNet's published class list.
KNOWN = {
    0: ("n01440764", "tench", "丁鱥"),
    1: ("n01443537", "goldfish", "金鱼"),
    134: ("n02012849", "crane bird", "鹤"),
    207: ("n02099601", "golden retriever", "金毛寻回犬"),
    264: ("n02113186", "cardigan welsh corgi", "卡迪根威尔士柯基"),
    281: ("n02123045", "tabby cat", "虎斑猫"),
    474: ("n02963159", "cardigan", "开襟毛衣"),
    517: ("n03126707", "construction crane", "起重机"),
    560: ("n03379051", "football helmet", "橄榄球头盔"),
    639: ("n03710721", "one-piece swimsuit", "连体泳衣"),
    657: ("n03773504", "missile", "导弹"),
    978: ("n09428293", "seashore", "海滨"),
    999: ("n15075141", "toilet paper", "卫生纸"),
}


@dataclass(frozen=True)
class Row:
    """One line of the table, its album words split."""

    index: int
    wnid: str
    name: str
    name_zh: str
    album: list[str]
    album_zh: list[str]


def split_words(cell: str) -> list[str]:
    return cell.split("|") if cell else []


def read_rows() -> list[Row]:
    lines = TABLE.read_text(encoding="utf-8").split("\n")
    assert lines.pop() == "", "the last line ends like every other"
    assert lines[0].split("\t") == COLUMNS
    rows = []
    for line in lines[1:]:
        index, wnid, name, name_zh, album, album_zh = line.split("\t")
        rows.append(Row(int(index), wnid, name, name_zh, split_words(album), split_words(album_zh)))
    return rows


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return read_rows()


def test_every_output_of_the_network_has_a_row_in_order(rows: list[Row]) -> None:
    assert [row.index for row in rows] == list(range(1000))


def test_the_synsets_are_in_imagenet_order(rows: list[Row]) -> None:
    # ImageNet-1k numbers its classes by ascending wnid.
    wnids = [row.wnid for row in rows]
    assert all(re.fullmatch(r"n\d{8}", wnid) for wnid in wnids)
    assert wnids == sorted(set(wnids))


@pytest.mark.parametrize("index", KNOWN)
def test_a_known_class_is_where_imagenet_has_it(rows: list[Row], index: int) -> None:
    row = rows[index]
    assert (row.wnid, row.name, row.name_zh) == KNOWN[index]


def test_every_name_is_plain_english_in_lower_case(rows: list[Row]) -> None:
    assert [row.name for row in rows if not ENGLISH.fullmatch(row.name)] == []


def test_every_chinese_name_is_chinese(rows: list[Row]) -> None:
    assert [row.name_zh for row in rows if not CHINESE.fullmatch(row.name_zh)] == []


def test_no_two_classes_share_a_name(rows: list[Row]) -> None:
    names = Counter(row.name for row in rows) + Counter(row.name_zh for row in rows)
    assert [name for name, count in names.items() if count > 1] == []


def test_album_words_come_in_both_languages(rows: list[Row]) -> None:
    assert [row.name for row in rows if len(row.album) != len(row.album_zh)] == []


def test_album_words_are_clean_and_said_once(rows: list[Row]) -> None:
    for row in rows:
        assert all(ENGLISH.fullmatch(word) for word in row.album), row
        assert all(ALBUM_CHINESE.fullmatch(word) for word in row.album_zh), row
        assert len(set(row.album)) == len(row.album), row


def test_each_album_word_has_one_translation_and_each_translation_one_word(
    rows: list[Row],
) -> None:
    pairs = {pair for row in rows for pair in zip(row.album, row.album_zh, strict=True)}
    assert 60 <= len(pairs) <= 130
    assert len({english for english, _ in pairs}) == len(pairs)
    assert len({chinese for _, chinese in pairs}) == len(pairs)


def test_an_album_word_is_translated_like_the_class_of_the_same_name(rows: list[Row]) -> None:
    album = {pair for row in rows for pair in zip(row.album, row.album_zh, strict=True)}
    to_chinese = {row.name: row.name_zh for row in rows}
    to_english = {row.name_zh: row.name for row in rows}
    assert [(en, zh) for en, zh in album if to_chinese.get(en, zh) != zh] == []
    assert [(en, zh) for en, zh in album if to_english.get(zh, en) != en] == []


def test_the_more_general_album_word_comes_last(rows: list[Row]) -> None:
    for row in rows:
        for general in ("animal", "food"):
            assert general not in row.album[:-1], row
        if {"dog", "cat"} & set(row.album):
            assert row.album[0] in {"dog", "cat"} or row.album[-1] != "animal", row


@pytest.mark.parametrize(
    "name", ["bikini", "bra", "miniskirt", "gown", "suit", "mask", "football helmet", "sunglasses"]
)
def test_what_misfires_on_portraits_has_no_album_word(rows: list[Row], name: str) -> None:
    (row,) = (row for row in rows if row.name == name)
    assert row.album == []
