"""How alike is alike enough: every threshold between faces, in one place, a model each."""

import dataclasses
import math
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Distances:
    """Cosine distances; each model has a space of its own.

    same:   two faces are one person more often than not (what pairs are measured at)
    start:  two waiting faces start a person
    few:    a face joins a person of one or two faces
    join:   a face joins a person, by the mean distance to the nearer half of what stands for it
    merge:  two people are one, by the mean distance between what stands for them
    ask:    worth asking somebody
    apart:  two groups of one person's faces may be two people, if it lies between them,
    gap:    and each group is nearer to itself by this much
    """

    same: float
    start: float
    few: float
    join: float
    merge: float
    ask: float
    apart: float
    gap: float
    slope: float  # how much stricter among ten times as many faces


# Chosen on LFW and East Asian faces together, in the middle of where both do well, and strict:
# two people taken for one are harder to mend than one for two.
_BY_DAY = {
    "yunet-sface-1": Distances(
        same=0.60,
        start=0.54,
        few=0.57,
        join=0.60,
        merge=0.62,
        ask=0.72,
        apart=0.55,
        gap=0.14,
        slope=0.04,
    ),
    "face-recognition-1": Distances(
        same=0.09,
        start=0.05,
        few=0.055,
        join=0.06,
        merge=0.055,
        ask=0.08,
        apart=0.06,
        gap=0.015,
        slope=0.008,
    ),
}
# At night there is time to look at everything that has come, so a little more may be dared.
_DARE = 1.03

# Among so many faces the distances above hold. A stranger's nearest face comes nearer as the
# crowd grows: distances between people are close to normal, and ten times as many faces move
# their lower end by half a deviation.
_CROWD = 1_000
_CROWD_A_PERSON = 10


def same_distance(model: str) -> float:
    return _BY_DAY[model].same


def distances_among(crowd: int, *, model: str, night: bool = False) -> Distances:
    """What is alike enough among so many exemplars."""
    base = _BY_DAY[model]
    dare = _DARE if night else 1.0
    alone = base.slope * max(0.0, math.log10(max(crowd, 1) / _CROWD))
    # There are fewer people than faces to be mistaken for.
    gathered = base.slope * max(0.0, math.log10(max(crowd, 1) / _CROWD / _CROWD_A_PERSON))
    return dataclasses.replace(
        base,
        start=base.start * dare - alone,
        few=base.few * dare - alone,
        join=base.join * dare - gathered,
        merge=base.merge - gathered,
    )
