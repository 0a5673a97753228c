"""What looking at photos costs at the least: decoding them, and the networks alone.

The analyzers run over the photos in this process, and every call of a network is noted; then
the same calls are made again with nothing around them. So the bare cost is that of exactly the
networks, input sizes and numbers of calls that the album's own way over the photos makes.
All of it on one thread, in CPU seconds.
"""

import contextlib
import io
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from numpy.typing import NDArray
from PIL import Image

from functions.contract import MODELS, RENDITION_SIDES, Kind, Rendition
from functions.geometry import fitting_side
from functions.handlers import analyse
from functions.images import least_size
from functions.inspection import inspect
from functions.networks.network import Network
from functions.workflow import THEN

Call = tuple[Network, dict[str, NDArray[Any]]]


@dataclass
class BareCost:
    """CPU seconds over all photos, by kind.

    alone: the album's own code for it, called directly: no worker, no sandbox, no delivery.
    bare:  decoding (for inspection) or the networks' calls.
    """

    photos: int = 0
    alone: dict[Kind, float] = field(default_factory=lambda: dict.fromkeys(Kind, 0.0))
    bare: dict[Kind, float] = field(default_factory=lambda: dict.fromkeys(Kind, 0.0))
    calls: Counter[str] = field(default_factory=Counter)  # by network

    @property
    def total(self) -> float:
        return sum(self.bare.values())


def measure_bare_cost(photos: list[Path], *, seen: Callable[[int], None]) -> BareCost:
    """Look at each photo three times: as the album does, then decode and networks alone.

    seen: told how many photos are done.
    """
    _look(photos[0].read_bytes(), BareCost())  # opens the networks
    cost = BareCost()
    for path in photos:
        _look(path.read_bytes(), cost)
        cost.photos += 1
        seen(cost.photos)
    return cost


def _look(data: bytes, cost: BareCost) -> None:
    with _counting(cost.alone, Kind.INSPECTION):
        pixels = inspect(data).pixels
    with _counting(cost.bare, Kind.INSPECTION):
        _decode(data)
    for kind in THEN:
        with _recording() as calls, _counting(cost.alone, kind):
            analyse(kind, MODELS[kind][0], pixels)
        with _counting(cost.bare, kind):
            for network, feeds in calls:
                network.run(feeds)
        cost.calls.update(network.name for network, _ in calls)


def _decode(data: bytes) -> None:
    """The file's pixels as functions.images asks the decoder for them, and nothing more."""
    with Image.open(io.BytesIO(data)) as image:
        if image.format in ("JPEG", "MPO"):
            side = fitting_side(image.size, RENDITION_SIDES[Rendition.PREVIEW])
            image.draft(None, least_size(image.size, side))
        image.load()


@contextlib.contextmanager
def _counting(seconds: dict[Kind, float], kind: Kind) -> Iterator[None]:
    # Of the process rather than the thread, so that no hidden thread works for nothing.
    began = time.process_time()
    yield
    seconds[kind] += time.process_time() - began


@contextlib.contextmanager
def _recording() -> Iterator[list[Call]]:
    """Every call of a network meanwhile, in order."""
    calls: list[Call] = []
    run = Network.run

    def record(network: Network, feeds: Mapping[str, NDArray[Any]]) -> list[NDArray[Any]]:
        calls.append((network, dict(feeds)))
        return run(network, feeds)

    Network.run = record  # type: ignore[assignment, method-assign]
    try:
        yield calls
    finally:
        Network.run = run  # type: ignore[method-assign]
