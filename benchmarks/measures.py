"""Figures of merit as pure functions of what was wanted and what was got."""

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """How far a grouping agrees with the true one, 0-1."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


def bcubed(truth: Sequence[Hashable], groups: Sequence[Hashable]) -> Agreement:
    """For each item: how many of its group are of its kind, and how many of its kind in it.

    Source: Bagga and Baldwin 1998; the mean over items.
    """
    shared = Counter(zip(truth, groups, strict=True))
    kinds, sizes = Counter(truth), Counter(groups)
    pairs = list(zip(truth, groups, strict=True))
    return Agreement(
        precision=float(np.mean([shared[pair] / sizes[pair[1]] for pair in pairs])),
        recall=float(np.mean([shared[pair] / kinds[pair[0]] for pair in pairs])),
    )


def pairwise(truth: Sequence[Hashable], groups: Sequence[Hashable]) -> Agreement:
    """Of the pairs put together how many belong together, and the other way round."""

    def pairs(counts: Iterable[int]) -> int:
        return sum(count * (count - 1) // 2 for count in counts)

    both = pairs(Counter(zip(truth, groups, strict=True)).values())
    together, wanted = pairs(Counter(groups).values()), pairs(Counter(truth).values())
    return Agreement(
        precision=both / together if together else 1.0, recall=both / wanted if wanted else 1.0
    )


def acceptance_at(same: Floats, different: Floats, *, false_rate: float) -> float:
    """The share of distances of one person that lie below the false_rate-th of different ones.

    Distances may be infinite (no face was found); such a pair is never taken for one person.
    """
    allowed = int(false_rate * len(different))
    threshold = np.sort(different)[allowed]
    return float(np.mean(same < threshold))


def split_pairs(distances: Floats, identities: Sequence[str]) -> tuple[Floats, Floats]:
    """The distances of all pairs of one person, and of all pairs of two.

    distances: float[n, n], symmetric; not finite where one of the two has no face, which here
    becomes infinite: never taken for one person.
    """
    first, second = np.triu_indices(len(identities), k=1)
    names = np.array(identities)
    is_same = names[first] == names[second]
    values = distances[first, second]
    values = np.where(np.isfinite(values), values, np.inf)
    return values[is_same], values[~is_same]


def calibration_error(scores: Floats, is_right: NDArray[np.bool_], *, bins: int = 15) -> float:
    """Expected calibration error: bins of equal width, |right - score| weighted by size.

    Source: Guo et al. 2017.
    """
    if not len(scores):
        return 0.0
    places = np.minimum((scores * bins).astype(int), bins - 1)
    sums: dict[int, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for place, score, right in zip(places.tolist(), scores.tolist(), is_right, strict=True):
        sums[place][0] += score
        sums[place][1] += bool(right)
    return sum(abs(right - score) for score, right in sums.values()) / len(scores)


def rank_of(wanted: int, similarities: Floats) -> int:
    """The place, from 0, of the wanted item; among equals it comes last, so luck does not count."""
    return int(np.sum(similarities >= similarities[wanted])) - 1


# Signs that look the same in print; networks and typists choose between them freely.
ALIKE = str.maketrans(
    {
        **dict.fromkeys("·・‧•．。", "."),
        **dict.fromkeys("—–－―─", "-"),
        **dict.fromkeys("“”„＂「」『』", '"'),
        **dict.fromkeys("‘’＇`", "'"),
        **dict.fromkeys("、，", ","),
        **dict.fromkeys("《〈", "<"),
        **dict.fromkeys("》〉", ">"),
        "【": "[",
        "】": "]",
    }
)


def fold_text(text: str) -> str:
    """Without spaces, in capitals, full-width and look-alike signs made one."""
    folded = unicodedata.normalize("NFKC", text.translate(ALIKE)).translate(ALIKE)
    return "".join(folded.split()).upper()


def count_edits(wanted: str, read: str, *, inside: bool = False) -> int:
    """Levenshtein's distance; with `inside`, to the part of `read` that fits best."""
    letters = np.array([ord(letter) for letter in read], dtype=np.int64)
    steps = np.arange(len(letters) + 1)
    edits = np.zeros_like(steps) if inside else steps.copy()
    for number, letter in enumerate(wanted, 1):
        changed = np.minimum(edits[1:] + 1, edits[:-1] + (letters != ord(letter)))
        # What an insertion to the left would cost, for all columns at once.
        edits = np.minimum.accumulate(np.concatenate([[number], changed]) - steps) + steps
    return int(edits.min() if inside else edits[-1])
