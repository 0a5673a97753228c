"""Half a photo, made once."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from functions.halving import half_picture


@pytest.mark.parametrize(
    ("width", "height", "expected"),
    [
        (2048, 1536, (1024, 768)),
        (1365, 2048, (683, 1024)),
        (2047, 1536, (2047, 1536)),
        (2048, 500, (2048, 500)),
        (1, 1, (1, 1)),
    ],
)
def test_a_photo_is_halved_if_enough_is_left(
    width: int, height: int, expected: tuple[int, int]
) -> None:
    assert half_picture(np.zeros((height, width, 3), np.uint8)).size == expected


def test_two_pixels_become_their_mean() -> None:
    image = np.zeros((1536, 2048, 3), np.uint8)
    image[::2] = 200
    assert np.array_equal(np.unique(np.asarray(half_picture(image))), [100])


def test_the_same_photo_is_halved_once_and_another_anew() -> None:
    first, second = np.zeros((2, 1536, 2048, 3), np.uint8)
    second[:] = 7
    picture = half_picture(first)
    assert half_picture(first) is picture
    assert half_picture(second).getpixel((0, 0)) == (7, 7, 7)
    assert half_picture(first).getpixel((0, 0)) == (0, 0, 0)


def test_a_photo_that_is_gone_is_not_taken_for_the_next() -> None:
    for value in range(5):
        image = np.full((1536, 2048, 3), value, np.uint8)
        assert half_picture(image).getpixel((0, 0)) == (value, value, value)
        del image


def test_threads_keep_photos_apart() -> None:
    def colour(value: int) -> tuple[int, int, int]:
        image = np.full((1536, 2048, 3), value, np.uint8)
        half_picture(image)
        return half_picture(image).getpixel((0, 0))  # type: ignore[return-value]

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(colour, range(20))) == [(value,) * 3 for value in range(20)]
