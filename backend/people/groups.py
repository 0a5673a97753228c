"""Telling whether one person's faces are two people's: twins, children, look-alikes."""

from dataclasses import dataclass
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from backend.people.distances import distances_among
from backend.people.models import Face, Person

# So many faces are looked at, spread over all years; each group must have three of them at least,
# for one bad look is not a person.
_LOOKED_AT = 300
_SMALLEST = 3
_PART = 5_000

Vectors = NDArray[np.float32]  # [n, d], unit length


@dataclass(frozen=True, kw_only=True)
class TwoGroups:
    """A person's faces in two groups, the larger first; unlike by the distance between them."""

    first: list[UUID]
    second: list[UUID]
    distance: float


def find_two_groups(person: Person, *, model: str, every: bool = False) -> TwoGroups | None:
    """The person's faces in two groups, if they are so far apart that they may be two people.

    every: all faces are divided, instead of those that are looked at. What somebody has
    confirmed is divided like the rest: it is they who decide.
    """
    faces = Face.objects.filter(person=person, model=model).order_by("id")
    ids = list(faces.values_list("id", flat=True))
    if len(ids) < 2 * _SMALLEST:
        return None
    spread = np.unique(np.linspace(0, len(ids) - 1, _LOOKED_AT).round().astype(int))
    chosen = [ids[place] for place in spread]
    looked_at = _vectors_of(chosen)
    side = _divide(looked_at)
    first, second = looked_at[side], looked_at[~side]
    if min(len(first), len(second)) < _SMALLEST:
        return None
    limits = distances_among(0, model=model)
    between = float(1 - first.mean(axis=0) @ second.mean(axis=0))
    within = max(_spread(first), _spread(second))
    if between < limits.apart or between - within < limits.gap:
        return None
    if every:
        # Few at a time: a person may have a hundred thousand faces.
        parts = [_vectors_of(ids[start : start + _PART]) for start in range(0, len(ids), _PART)]
        nearer = first.mean(axis=0) - second.mean(axis=0)
        chosen, side = ids, np.concatenate([part @ nearer > 0 for part in parts])
    groups = (
        [face_id for face_id, here in zip(chosen, side, strict=True) if here == which]
        for which in (True, False)
    )
    larger, smaller = sorted(groups, key=len, reverse=True)
    return TwoGroups(first=larger, second=smaller, distance=between)


def _vectors_of(ids: list[UUID]) -> Vectors:
    """float32[n, d] in the order of the ids."""
    embeddings = dict(Face.objects.filter(id__in=ids).values_list("id", "embedding"))
    vectors = np.array([embeddings[face_id] for face_id in ids], dtype=np.float32)
    unit: Vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True).clip(1e-6)
    return unit


def _divide(vectors: Vectors) -> NDArray[np.bool_]:
    """True for one half: two-means, begun along the direction in which they differ most."""
    centred = vectors - vectors.mean(axis=0)
    main = np.linalg.svd(centred, full_matrices=False)[2][0]
    side: NDArray[np.bool_] = centred @ main > 0
    for _ in range(20):
        if side.all() or not side.any():
            break
        first, second = vectors[side].mean(axis=0), vectors[~side].mean(axis=0)
        first, second = first / np.linalg.norm(first), second / np.linalg.norm(second)
        moved = vectors @ first > vectors @ second
        if (moved == side).all():
            break
        side = moved
    return side


def _spread(vectors: Vectors) -> float:
    """The mean distance of all pairs."""
    count = len(vectors)
    total = vectors.sum(axis=0)
    return float(1 - (total @ total - count) / (count * (count - 1)))
