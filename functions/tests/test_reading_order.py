"""Reading order, on rectangles alone."""

import itertools

import numpy as np
import pytest

from functions.analyzers.reading_order import read_order

LINE = 20.0


class Page:
    """Rectangles in the order in which they are meant to be read."""

    def __init__(self) -> None:
        self.rectangles: list[tuple[float, float, float, float]] = []
        self.texts: list[str] = []

    def add(self, left: float, top: float, width: float, text: str = "words") -> None:
        self.rectangles.append((left, top, left + width, top + LINE))
        self.texts.append(text)

    def add_column(self, left: float, top: float, lines: int, *, pitch: float = 30) -> None:
        for number in range(lines):
            # The lines of real columns end raggedly.
            self.add(left, top + number * pitch, 200 - 7 * (number % 3))

    def order(self, seed: int = 0) -> list[int]:
        """Which of the added rectangles are read first, second, ...; they arrive shuffled."""
        shuffled = np.random.default_rng(seed).permutation(len(self.texts))
        rectangles = np.array(self.rectangles)[shuffled]
        texts = [self.texts[index] for index in shuffled]
        return [int(shuffled[index]) for index in read_order(rectangles, texts)]


@pytest.fixture
def page() -> Page:
    return Page()


def assert_read_as_added(page: Page) -> None:
    for seed in range(5):
        assert page.order(seed) == list(range(len(page.texts)))


def test_lines_are_read_downwards(page: Page) -> None:
    page.add_column(0, 0, 8)
    assert_read_as_added(page)


def test_two_level_columns_are_read_one_after_the_other(page: Page) -> None:
    page.add_column(0, 0, 6)
    page.add_column(260, 0, 6)
    assert_read_as_added(page)


def test_columns_that_are_not_level_are_read_one_after_the_other(page: Page) -> None:
    page.add_column(0, 8, 6, pitch=31)
    page.add_column(260, 0, 6, pitch=28)
    assert_read_as_added(page)


def test_a_title_and_a_footer_across_both_columns_stay_outside(page: Page) -> None:
    page.add(100, 0, 260)
    page.add_column(0, 60, 5)
    page.add_column(260, 60, 5)
    page.add(0, 240, 460)
    assert_read_as_added(page)


def test_a_longer_left_column_is_read_to_its_end_first(page: Page) -> None:
    page.add_column(0, 0, 9)
    page.add_column(260, 0, 5)
    assert_read_as_added(page)


def test_three_columns_are_read_from_left_to_right(page: Page) -> None:
    for left in (0, 260, 520):
        page.add_column(left, 0, 5)
    assert_read_as_added(page)


def test_prices_are_read_with_what_they_are_for(page: Page) -> None:
    for number in range(8):
        page.add(0, number * 30, 150, "Green tea")
        page.add(300, number * 30, 70, "RM 3.20")
    assert_read_as_added(page)


def test_a_wide_column_of_numbers_is_still_read_row_by_row(page: Page) -> None:
    for number in range(8):
        page.add(0, number * 30, 150, "Reference")
        page.add(300, number * 30, 150, f"2026-11-{number:02} 10:3{number}")
    assert_read_as_added(page)


def test_list_numbers_are_read_with_their_lines(page: Page) -> None:
    for number in range(6):
        page.add(0, number * 30, 15, f"{number}.")
        page.add(60, number * 30, 200)
    assert_read_as_added(page)


def test_two_rows_with_a_hole_at_the_same_place_are_not_columns(page: Page) -> None:
    for top in (0, 30):
        page.add(0, top, 200)
        page.add(260, top, 200)
    assert_read_as_added(page)


def test_one_rectangle_is_read_and_none_is_nothing() -> None:
    assert read_order(np.array([[0.0, 0.0, 5.0, 5.0]]), ["a"]) == [0]
    assert read_order(np.empty((0, 4)), []) == []


def test_any_rectangles_are_each_read_once() -> None:
    random = np.random.default_rng(1)
    for count in (2, 17, 500):
        corners = random.uniform(0, 1000, (count, 2))
        rectangles = np.concatenate([corners, corners + random.uniform(0, 300, (count, 2))], axis=1)
        assert sorted(read_order(rectangles, ["word"] * count)) == list(range(count))


def test_rectangles_without_width_or_height_are_each_read_once() -> None:
    rectangles = np.array([(5.0, 5.0, 5.0, 5.0)] * 7)
    assert sorted(read_order(rectangles, [""] * 7)) == list(range(7))


def test_a_text_for_each_rectangle_is_asked_for() -> None:
    with pytest.raises(ValueError, match="1 rectangles but 2 texts"):
        read_order(np.array([[0.0, 0.0, 5.0, 5.0]]), ["a", "b"])


def test_the_order_does_not_depend_on_the_scale(page: Page) -> None:
    page.add_column(0, 0, 6)
    page.add_column(260, 0, 6)
    rectangles = np.array(page.rectangles)
    orders = [read_order(rectangles * scale, page.texts) for scale in (0.001, 1.0, 50.0)]
    assert all(first == second for first, second in itertools.pairwise(orders))
