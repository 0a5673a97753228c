"""What a picture looks like in a few bytes: a placeholder, a colour, a hash."""

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image

# A thumbhash keeps at most 7 waves a side, so that 32 pixels hold all it can say.
_THUMBHASH_SIDE = 32
_HASH_SIDE = 32
_HASH_WAVES = 8


def thumbhash(image: Image.Image) -> bytes:
    """A blurred copy of an RGB picture in about 25 bytes.

    Source: Evan Wallace, github.com/evanw/thumbhash (MIT), without its alpha, in numpy: the
    package of that name takes 300 ms for this in Python loops.
    """
    scale = _THUMBHASH_SIDE / max(image.size)
    width, height = (max(1, round(side * min(1.0, scale))) for side in image.size)
    small = image.resize((width, height), Image.Resampling.BOX)
    red, green, blue = np.moveaxis(np.asarray(small, dtype=np.float64) / 255, 2, 0)
    waves = [max(1, round(7 * side / max(width, height))) for side in (width, height)]
    base, light, light_scale = _encode_channel(
        (red + green + blue) / 3, *(max(3, n) for n in waves)
    )
    yellow_base, yellow, yellow_scale = _encode_channel((red + green) / 2 - blue, 3, 3)
    tint_base, tint, tint_scale = _encode_channel(red - green, 3, 3)
    is_wide = width > height
    head = (
        round(63 * base)
        | round(31.5 + 31.5 * yellow_base) << 6
        | round(31.5 + 31.5 * tint_base) << 12
        | round(31 * light_scale) << 18
    )
    shape = waves[1] if is_wide else waves[0]
    tail = shape | round(63 * yellow_scale) << 3 | round(63 * tint_scale) << 9 | is_wide << 15
    nibbles = [round(15 * value) for value in (*light, *yellow, *tint)]
    nibbles += [0] * (len(nibbles) % 2)
    packed = bytes(low | high << 4 for low, high in zip(nibbles[::2], nibbles[1::2], strict=True))
    return head.to_bytes(3, "little") + tail.to_bytes(2, "little") + packed


def _encode_channel(
    channel: NDArray[np.float64], across: int, down: int
) -> tuple[float, list[float], float]:
    """Mean, the lowest waves scaled to 0-1, and the scale that was taken off."""
    height, width = channel.shape
    waves = _cosines(down, height) @ channel @ _cosines(across, width).T / (width * height)
    values = [
        float(waves[y, x])
        for y in range(down)
        for x in range(across)
        if (x or y) and x * down < across * (down - y)
    ]
    scale = max(abs(value) for value in values)
    # A flat picture leaves rounding noise, which would be scaled up to a pattern.
    if scale < 1e-6:
        return float(waves[0, 0]), [0.0] * len(values), 0.0
    return float(waves[0, 0]), [0.5 + 0.5 / scale * value for value in values], scale


def _cosines(waves: int, length: int) -> NDArray[np.float64]:
    return np.cos(math.pi / length * np.outer(np.arange(waves), np.arange(length) + 0.5))


def average_color(image: Image.Image) -> str:
    """The mean of an RGB picture as "#rrggbb"."""
    red, green, blue = np.asarray(image.resize((16, 16), Image.Resampling.BOX)).mean(axis=(0, 1))
    return f"#{round(red):02x}{round(green):02x}{round(blue):02x}"


def perceptual_hash(image: Image.Image) -> str:
    """64 bits, hex, of which few change when a picture is resized or compressed again.

    The signs of the lowest 8 x 8 cosine waves against their median, the mean brightness left
    out. Source: pHash's DCT hash (Zauner 2010).
    """
    gray = image.convert("L").resize((_HASH_SIDE, _HASH_SIDE), Image.Resampling.BOX)
    basis = _cosines(_HASH_WAVES + 1, _HASH_SIDE)[1:]
    # Rounding makes a flat picture's waves equal, rather than noise.
    waves = np.round(basis @ np.asarray(gray, dtype=np.float64) @ basis.T, 3)
    bits = (waves > np.median(waves)).flatten()
    return np.packbits(bits).tobytes().hex()
