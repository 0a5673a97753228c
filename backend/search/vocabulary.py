"""What a user has by name, and how a query may spell it."""

import difflib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from backend.core.chinese import initials, spell
from backend.core.gazetteer import squeeze
from backend.search.words import stem


class Sort(StrEnum):
    """In the order in which a name that is several things is understood."""

    PERSON = "person"
    PLACE = "place"
    TAG = "tag"
    LABEL = "label"
    ALBUM = "album"  # only as one types: albums are searched in


@dataclass(frozen=True, kw_only=True)
class Entry:
    """key: a person's or album's id, a place's key, a tag's or label's name."""

    sort: Sort
    key: str
    name: str
    name_zh: str = ""


class How(StrEnum):
    """How a spelling gives the name."""

    WRITTEN = "written"
    SOUND = "sound"  # pinyin
    INITIALS = "initials"  # only as one types


@dataclass(frozen=True)
class Spelling:
    text: str  # by core.gazetteer.squeeze
    how: How


_WORD = re.compile(r"[^\W_]+")
_HAN = re.compile("[\u3400-\u9fff]+")
# Shorter pinyin is too often a word: he, she, long, men.
_MIN_SOUND = 4
MAX_SPELLING = 100
_MAX_LATIN_WORDS = 5


def spell_entry(entry: Entry, *more: str) -> set[Spelling]:
    """Every way in which a query may name the entry; more: further forms of its name."""
    forms = {form for form in (entry.name, entry.name_zh, *more) if form}
    if entry.sort == Sort.LABEL and len(entry.name_zh) == 1:
        # As one speaks of them: 狗狗, 小狗.
        forms |= {entry.name_zh * 2, f"小{entry.name_zh}"}
    if entry.sort == Sort.PERSON:
        forms |= {part for form in forms for part in _parts_of_name(form)}
    if entry.sort == Sort.ALBUM:
        # Summer in Italy begins with any of its words.
        starts = list(_WORD.finditer(entry.name))[:_MAX_LATIN_WORDS]
        forms |= {entry.name[word.start() :] for word in starts}
    found = {Spelling(squeeze(form), How.WRITTEN) for form in forms}
    found |= {Spelling(squeeze_stems(form), How.WRITTEN) for form in forms}
    for run in {run for form in forms for run in _HAN.findall(squeeze(form))}:
        if len(run) > 1:
            sound = spell(run)
            if len(sound) >= _MIN_SOUND:
                found.add(Spelling(sound, How.SOUND))
            found.add(Spelling(initials(run), How.INITIALS))
    return {Spelling(found.text[:MAX_SPELLING], found.how) for found in found if found.text}


def squeeze_stems(text: str) -> str:
    """As squeeze, each Latin word by its stem: golden retrievers -> goldenretriev."""
    return "".join(stem(squeeze(word)) for word in _WORD.findall(text))


def _parts_of_name(name: str) -> Iterator[str]:
    """Alice of Alice Smith, 小明 of 王小明."""
    for number, part in enumerate(_WORD.findall(name)):
        if number == 0 or _HAN.search(part):
            yield part
        for run in _HAN.findall(part):
            yield run
            if len(run) == 3:
                yield run[1:]


@dataclass(frozen=True)
class Candidate:
    """A stretch of a folded text that may be a name. start, end: in that text."""

    start: int
    end: int
    spelling: str
    how: How


_MAX_HAN = 8
_MAX_SAME_SOUND = 4
_LATIN_RUN = re.compile(r"[^\W_\u3040-\u9fff]+")


def find_candidates(folded: str) -> list[Candidate]:
    """Everything in a folded text that could be a name, overlapping."""
    found: list[Candidate] = []
    words = list(_LATIN_RUN.finditer(folded))
    for number, first in enumerate(words):
        for last in words[number : number + _MAX_LATIN_WORDS]:
            start, end = first.start(), last.end()
            stretch = folded[start:end]
            if _HAN.search(stretch):
                break
            for spelling in {squeeze(stretch), squeeze_stems(stretch)}:
                found.append(Candidate(start, end, spelling, How.WRITTEN))
                if len(spelling) >= _MIN_SOUND:
                    found.append(Candidate(start, end, spelling, How.SOUND))
    for run in _HAN.finditer(folded):
        for start in range(run.start(), run.end()):
            for end in range(start + 1, min(start + _MAX_HAN, run.end()) + 1):
                part = folded[start:end]
                found.append(Candidate(start, end, part, How.WRITTEN))
                # Another character of the same sound is the commonest slip of an input method.
                if 2 <= end - start <= _MAX_SAME_SOUND:
                    found.append(Candidate(start, end, spell(part), How.SOUND))
    return found


class Vocabulary:
    """Entries by their spellings; as many of a user's as a query can mean."""

    def __init__(self, spelled: Iterable[tuple[Entry, Iterable[Spelling]]] = ()) -> None:
        self._entries: dict[Spelling, list[Entry]] = defaultdict(list)
        for entry, spellings in spelled:
            for spelling in spellings:
                if entry not in self._entries[spelling]:
                    self._entries[spelling].append(entry)

    def find(self, candidate: Candidate) -> list[Entry]:
        """The entries of one sort that the candidate names."""
        entries = self._entries.get(Spelling(candidate.spelling, candidate.how), [])
        if candidate.how == How.SOUND and not candidate.spelling.isascii():
            return []
        sorts = [entry.sort for entry in entries]
        best = next((sort for sort in Sort if sort in sorts), None)
        return [entry for entry in entries if entry.sort == best]

    def find_near(self, word: str) -> list[Entry]:
        """The entries that a mistyped word most likely means: hangzou -> Hangzhou."""
        known = [spelling.text for spelling in self._entries if spelling.how != How.INITIALS]
        close = difflib.get_close_matches(word, known, n=1, cutoff=_SURE if len(word) > 5 else 0.79)
        if not close or close[0][0] != word[0]:
            return []
        how = How.WRITTEN if Spelling(close[0], How.WRITTEN) in self._entries else How.SOUND
        return self.find(Candidate(0, len(word), close[0], how))


_SURE = 0.82
