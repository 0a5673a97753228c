"""Questions are answered with the photos that say so."""

import pytest

from backend.accounts.models import User
from backend.people.services import hide_person
from backend.photos.services import trash_photo
from backend.search.questions import answer_question
from backend.search.tests.conftest import Album


@pytest.mark.parametrize(
    ("question", "asked", "says", "photos"),
    [
        ("how many photos of Alice in 2023", "count", "2 photos.", ["party", "beach"]),
        ("How many photos do I have?", "count", "3 photos.", ["party", "beach", "sign"]),
        ("how many dogs", "count", "1 photo.", ["sign"]),
        ("小明有多少张照片？", "count", "1 张照片。", ["beach"]),
        ("2023年拍了几张照片", "count", "2 张照片。", ["party", "beach"]),
        ("how many photos of Alice in 2019", "count", "There are no such photos.", []),
        ("我上次去杭州是什么时候", "last", "最近一次是2023年5月1日，在杭州。", ["beach"]),
        ("when did I last see Alice", "last", "The last was on 25 December 2023", ["party"]),
        ("第一次见到Alice是什么时候", "first", "最早是2023年5月1日，在杭州。", ["beach"]),
        ("first photo of Alice", "first", "The first was on 1 May 2023, in Hangzhou.", ["beach"]),
        ("谁和小明在一起", "who", "Alice Smith（1 张）。", ["beach"]),
        ("who was with Alice in Hangzhou?", "who", "王小明 (1).", ["beach"]),
        ("who do I photograph most", "who", "Alice Smith (2), 王小明 (1).", ["party", "beach"]),
        ("where was Alice", "where", "Hangzhou (1), Arezzo (1).", ["beach"]),
        ("where did I take the most photos in May 2023", "where", "Hangzhou (1).", ["beach"]),
        ("小明去过哪里", "where", "杭州（1 张）。", ["beach"]),
        ("where were we last summer", "where", "There are no such photos.", []),
        ("when was I in Arezzo", "when", "On 25 December 2023.", ["party"]),
        ("when did Alice", "when", "From 1 May 2023 to 25 December 2023", ["party", "beach"]),
    ],
)
def test_a_question_is_answered(
    user: User, album: Album, question: str, asked: str, says: str, photos: list[str]
) -> None:
    answer = answer_question(user, question)
    assert answer.understood
    assert answer.question == asked
    assert answer.text.startswith(says)
    assert [photo.filename.removesuffix(".jpg") for photo in answer.photos] == photos
    assert answer.count == len(photos)


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ("Alice", "I did not understand"),
        ("小明", "这个问题我没有听懂"),
        ("", "I did not understand"),
        ("😀", "I did not understand"),
        ("what is the meaning of life", "I did not understand"),
        ("how many photos of Zaphod", "I found no photos: I do not know what “Zaphod” means."),
        ("大明有多少张照片", "没有找到照片：我不知道“大明”指什么。"),
        ("x" * 10_000, "I did not understand"),
        ("'; drop table photos_photo; --", "I did not understand"),
    ],
)
def test_it_says_plainly_what_it_did_not_understand(
    user: User, album: Album, question: str, says: str
) -> None:
    answer = answer_question(user, question)
    assert not answer.understood
    assert answer.text.startswith(says)
    assert answer.photos == []


def test_nobody_is_told_of_others_or_of_hidden_people_or_of_the_trash(
    user: User, stranger: User, album: Album
) -> None:
    assert answer_question(stranger, "how many photos").count == 0
    assert not answer_question(stranger, "how many photos of Alice").understood
    hide_person(album.ming, hidden=True)
    assert "王小明" not in answer_question(user, "who was with Alice in Hangzhou?").text
    trash_photo(album.party)
    assert answer_question(user, "how many photos").count == 2
