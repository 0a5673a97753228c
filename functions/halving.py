"""A photo at half its size, made once for all who look at it in one process."""

import threading
import weakref
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

# Halved no further than to so many pixels on the longer and the shorter side: faces are looked
# for at 1,024 px, and labels want the middle 260 of 292.
LEAST_SIDES = (1024, 292)


class _Last(threading.local):
    """What this thread was asked for last: its analyzers get the same photo one by one."""

    image: "weakref.ref[NDArray[Any]] | None" = None
    picture: Image.Image


_last = _Last()


def half_picture(image: NDArray[np.uint8]) -> Image.Image:
    """The picture at half its size, or as large as it is where that would be too small.

    image: uint8[h, w, 3], RGB. The same array gives the same picture, so change neither.
    """
    if _last.image is None or _last.image() is not image:
        picture = Image.fromarray(image)
        longer, shorter = LEAST_SIDES
        if max(picture.size) >= 2 * longer and min(picture.size) >= 2 * shorter:
            picture = picture.reduce(2)
        _last.image, _last.picture = weakref.ref(image), picture
    return _last.picture
