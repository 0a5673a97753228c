"""Questions about one's photos, answered with the photos that say so."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count, QuerySet
from django.utils import timezone

from backend.accounts.models import User
from backend.core.gazetteer import name_place
from backend.core.places import Place
from backend.people.models import Face
from backend.photos.models import Photo
from backend.photos.selectors import PhotoFilter
from backend.registry.selectors import active_model
from backend.search.dates import find_dates
from backend.search.matching import match_parsed
from backend.search.parsing import MAX_NAMED, Kind, Parsed
from backend.search.selectors import filter_visible
from backend.search.terms import understand
from backend.search.words import fold
from functions.contract import Kind as Analysed

MAX_COUNTED = 100  # photos that come with an answer; the count is of all
_NAMED_IN_ANSWER = 5


@dataclass(frozen=True, kw_only=True)
class Answer:
    """question: count, first, last, who, where, when; empty if it was not understood.

    count: of the photos that answer. photos: the first of them.
    """

    text: str
    question: str
    parsed: Parsed
    count: int | None = None
    photos: list[Photo] = field(default_factory=list)

    @property
    def understood(self) -> bool:
        return bool(self.question)


# The first that is found is what is asked.
_QUESTIONS = (
    (
        "count",
        r"多少(?:张|次|个|幅|天)?|几(?:张|次|幅)|\bhow (?:many|often)(?: times)?\b|\bnumber of\b"
        r"|\bcount\b",
    ),
    ("who", r"和谁|跟谁|谁|哪些人|什么人|\bwho(?:m|se)?\b"),
    (
        "first",
        r"第一次|首次|最早|最初|第一张|\b(?:the )?(?:very )?first(?: time)?\b|\bearliest\b"
        r"|\boldest\b",
    ),
    (
        "last",
        r"上一?次|最近一次|最后一次|最后一张|最近一张|最新|\b(?:the )?(?:last|latest|most recent)"
        r"(?: time)?\b|\bmost recently\b",
    ),
    (
        "where",
        r"(?:去过|到过)?(?:在|去|到)?(?:哪里|哪儿|哪些地方|哪个地方|什么地方|哪个城市|哪些城市|哪)|\bwhere\b"
        r"|\b(?:which|what) (?:cit(?:y|ies)|places?|countr(?:y|ies))\b",
    ),
    (
        "when",
        r"什么时候|何时|哪一?天|哪一?年|几月|哪个月|\bwhen\b"
        r"|\b(?:which|what) (?:years?|months?|days?)\b",
    ),
)
# The words of asking, which say nothing of the photos.
_ASKING = (
    r"请问|一共|总共|我们|我|你|是不是|是在|是|什么时候|何时|去过|去了|去|到过|到了|拍过|拍了|拍的|拍|见过|见到|"
    r"见|出现|经常|最常|最多|照片|相片|图片|合影|一起|在一起|有过|有|吗|呢|啊|的时候|时候|过|了|都|得|次|"
    r"\bdo\b|\bdid\b|\bdoes\b|\bhave\b|\bhas\b|\bhad\b|\bi\b|\bwe\b|\bmy\b|\byou\b|\btakes?\b|\btook\b|"
    r"\btaken\b|\bwas\b|\bwere\b|\bis\b|\bare\b|\bam\b|\bgo\b|\bwent\b|\bgone\b|\bbeen\b|\bvisit(?:ed)?\b|"
    r"\bsee\b|\bsaw\b|\bseen\b|\bmeet\b|\bmet\b|\bphotograph(?:ed)?\b|\bappears?(?:ed)?\b|\bmost(?:ly)?\b|"
    r"\boften\b|\btimes?\b|\btotal\b|\btogether\b|\bwhen\b|\bphotos?\b|\bpictures?\b|\bpics?\b|\bimages?\b|"
    r"\bthere\b|\bphoto'?d\b|\bto\b|\bshot\b|\bplease\b|\btell me\b|\bin all\b|\bever\b"
)


def answer_question(user: User, question: str) -> Answer:
    """What the user's photos say to the question; it says so if it was not understood."""
    chinese = bool(re.search("[\u4e00-\u9fff]", question))
    asked, rest = read_question(question)
    # Signs alone ask for nothing special: how many photos do I have?
    parsed = understand(user, rest if re.search(r"\w", rest) else "")
    unknown = [piece.text for piece in parsed.of(Kind.TEXT)]
    if not asked:
        text = _say(
            chinese,
            "这个问题我没有听懂。可以问：多少张、第一次、上次、和谁、在哪里、什么时候。",
            "I did not understand the question. Ask how many, first, last, who, where or when.",
        )
        return Answer(text=text, question="", parsed=parsed)
    visible = filter_visible(user, PhotoFilter()).exclude(status=Photo.Status.AWAITING_UPLOAD)
    photos = match_parsed(visible, parsed).order_by("-shown_at", "-id")
    count = photos.count()
    if not count and unknown:
        words = "、".join(unknown) if chinese else ", ".join(unknown)
        text = _say(
            chinese,
            f"没有找到照片：我不知道“{words}”指什么。",
            f"I found no photos: I do not know what “{words}” means.",
        )
        return Answer(text=text, question="", parsed=parsed)
    if not count:
        text = _say(chinese, "没有这样的照片。", "There are no such photos.")
        return Answer(text=text, question=asked, parsed=parsed, count=0)
    text, shown = _ANSWERS[asked](photos, parsed, count, chinese)
    return Answer(
        text=text,
        question=asked,
        parsed=parsed,
        count=count if asked in ("count", "when") else shown.count(),
        photos=list(shown[:MAX_COUNTED]),
    )


def read_question(question: str) -> tuple[str, str]:
    """What is asked, and the question with blanks in place of the words of asking."""
    folded = fold(question)
    text = folded.text[:MAX_NAMED]
    # "last summer" is no question for the last photo.
    masked = list(text)
    for when in find_dates(text, timezone.localdate()):
        masked[when.start : when.end] = " " * (when.end - when.start)
    hidden = "".join(masked)
    asked = next((name for name, pattern in _QUESTIONS if re.search(pattern, hidden)), "")
    rest = list(question)
    if asked:
        for pattern in (*(pattern for _, pattern in _QUESTIONS), _ASKING):
            for match in re.finditer(pattern, hidden):
                for place in range(folded.places[match.start()], folded.places[match.end()]):
                    rest[place] = " "
    return asked, "".join(rest)


def _say(chinese: bool, zh: str, en: str) -> str:
    return zh if chinese else en


Found = tuple[str, QuerySet[Photo]]


def _count(photos: QuerySet[Photo], parsed: Parsed, count: int, chinese: bool) -> Found:
    en = "1 photo." if count == 1 else f"{count} photos."
    return _say(chinese, f"{count} 张照片。", en), photos


def _first(photos: QuerySet[Photo], parsed: Parsed, count: int, chinese: bool) -> Found:
    return _tell_one(photos.order_by("shown_at", "id"), chinese, "最早", "The first")


def _last(photos: QuerySet[Photo], parsed: Parsed, count: int, chinese: bool) -> Found:
    return _tell_one(photos, chinese, "最近一次", "The last")


def _tell_one(photos: QuerySet[Photo], chinese: bool, zh: str, en: str) -> Found:
    photo = photos[0]
    where = Place(country=photo.country, region=photo.region, city=photo.city)
    place = name_place(where, chinese=chinese)
    day = _day(photo.shown_local, chinese)
    text = _say(
        chinese,
        f"{zh}是{day}" + (f"，在{place}。" if place else "。"),
        f"{en} was on {day}" + (f", in {place}." if place else "."),
    )
    return text, photos.filter(id=photo.id)


def _who(photos: QuerySet[Photo], parsed: Parsed, count: int, chinese: bool) -> Found:
    asked = [entry.key for piece in parsed.of(Kind.PERSON) for entry in piece.entries]
    faces = (
        Face.objects.filter(
            photo__in=photos.order_by().values("id"),
            model=active_model(Analysed.FACES),
            person__hidden=False,
        )
        .exclude(person__name="")
        .exclude(person_id__in=asked)
    )
    people = list(
        faces.values_list("person_id", "person__name")
        .annotate(photos=Count("photo", distinct=True))
        .order_by("-photos", "person__name")[:_NAMED_IN_ANSWER]
    )
    if not people:
        text = _say(chinese, "照片里没有认识的人。", "There is nobody known on those photos.")
        return text, photos.none()
    names = [
        _say(chinese, f"{name}（{number} 张）", f"{name} ({number})") for _, name, number in people
    ]
    text = _say(chinese, "、".join(names) + "。", ", ".join(names) + ".")
    return text, photos.filter(
        faces__person_id=people[0][0], faces__model=active_model(Analysed.FACES)
    ).distinct()


def _where(photos: QuerySet[Photo], parsed: Parsed, count: int, chinese: bool) -> Found:
    columns = ("country", "region", "city")
    places = list(
        photos.exclude(country="")
        .order_by()
        .values_list(*columns)
        .annotate(photos=Count("id"))
        .order_by("-photos", *columns)
    )
    if not places:
        text = _say(chinese, "这些照片没有地点。", "Those photos do not say where.")
        return text, photos.none()
    totals: Counter[str] = Counter()
    for country, region, city, number in places:
        where = Place(country=country, region=region, city=city)
        totals[name_place(where, chinese=chinese)] += number
    names = [
        _say(chinese, f"{name}（{number} 张）", f"{name} ({number})")
        for name, number in totals.most_common(_NAMED_IN_ANSWER)
    ]
    text = _say(chinese, "、".join(names) + "。", ", ".join(names) + ".")
    country, region, city, _ = places[0]
    return text, photos.filter(country=country, region=region, city=city)


def _when(photos: QuerySet[Photo], parsed: Parsed, count: int, chinese: bool) -> Found:
    first, last = photos.reverse()[0], photos[0]
    one, other = _day(first.shown_local, chinese), _day(last.shown_local, chinese)
    if one == other:
        return _say(chinese, f"{one}。", f"On {one}."), photos
    return (
        _say(
            chinese, f"从{one}到{other}，共 {count} 张。", f"From {one} to {other}, {count} photos."
        ),
        photos,
    )


_Answerer = Callable[[QuerySet[Photo], Parsed, int, bool], Found]
_ANSWERS: dict[str, _Answerer] = {
    "count": _count,
    "first": _first,
    "last": _last,
    "who": _who,
    "where": _where,
    "when": _when,
}


def _day(moment: datetime, chinese: bool) -> str:
    if chinese:
        return f"{moment.year}年{moment.month}月{moment.day}日"
    return f"{moment.day} {moment:%B %Y}"
