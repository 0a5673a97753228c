"""Where faces are cut and where boxes are drawn."""

import pytest

from admin.pictures import crop_square, mark
from backend.people.models import Face


@pytest.mark.parametrize("left", [0.0, 0.45, 0.9])
@pytest.mark.parametrize("top", [0.0, 0.45, 0.9])
@pytest.mark.parametrize(("width", "height"), [(4000, 3000), (3000, 4000), (50, 5000)])
def test_a_crop_holds_the_face_and_stays_inside_the_photo(
    left: float, top: float, width: int, height: int
) -> None:
    face = Face(left=left, top=top, width=0.1, height=0.1)
    square = crop_square(face, width=width, height=height)
    assert square.left <= left * width + 0.01
    assert square.top <= top * height + 0.01
    assert square.left + square.side >= (left + 0.1) * width - 0.01
    assert square.top + square.side >= (top + 0.1) * height - 0.01
    if square.side <= min(width, height):
        assert square.left >= 0
        assert square.top >= 0
        assert square.left + square.side <= width + 0.01
        assert square.top + square.side <= height + 0.01


def test_a_crop_of_a_face_that_fills_the_photo_is_no_larger_than_the_photo() -> None:
    square = crop_square(Face(left=0, top=0, width=1, height=1), width=400, height=300)
    assert square.side == 400


def test_a_crop_of_a_face_that_nearly_fills_the_photo_stays_inside_it() -> None:
    face = Face(left=0.2, top=0.05, width=0.5, height=0.9)
    square = crop_square(face, width=400, height=300)
    assert (square.side, square.top) == (300, 0)


def test_a_name_stands_under_its_box_and_above_it_at_the_lower_edge() -> None:
    high = mark(left=0.1, top=0.1, width=0.2, height=0.2, name="Ada")
    low = mark(left=0.1, top=0.8, width=0.2, height=0.2, name="Ada")
    assert (high.middle, high.foot) == ("20.00%", "33.50%")
    assert low.foot == "78.80%"
