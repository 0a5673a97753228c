"""Measures agree with what can be counted by hand."""

import numpy as np
import pytest

from benchmarks.measures import (
    acceptance_at,
    bcubed,
    calibration_error,
    count_edits,
    fold_text,
    pairwise,
    rank_of,
    split_pairs,
)


def test_a_grouping_like_the_true_one_is_perfect_whatever_its_names() -> None:
    for measure in (bcubed, pairwise):
        found = measure(["a", "a", "b"], [7, 7, 3])
        assert (found.precision, found.recall, found.f1) == (1, 1, 1)


def test_two_people_taken_for_one_cost_precision_alone() -> None:
    items = bcubed(["a", "a", "b"], [1, 1, 1])
    assert items.precision == pytest.approx((2 / 3 + 2 / 3 + 1 / 3) / 3)
    assert items.recall == 1
    pairs = pairwise(["a", "a", "b"], [1, 1, 1])
    assert (pairs.precision, pairs.recall) == (1 / 3, 1)


def test_one_person_taken_for_two_costs_recall_alone() -> None:
    items = bcubed(["a", "a", "a"], [1, 1, 2])
    assert items.precision == 1
    assert items.recall == pytest.approx((2 / 3 + 2 / 3 + 1 / 3) / 3)


def test_acceptance_counts_what_lies_below_the_allowed_false_ones() -> None:
    different = np.arange(1, 101) / 100
    same = np.array([0.005, 0.015, 0.5])
    assert acceptance_at(same, different, false_rate=0.01) == pytest.approx(2 / 3)
    assert acceptance_at(same, different, false_rate=0.5) == 1


def test_a_photo_without_a_face_is_nobody_twice() -> None:
    distances = np.array([[0, 0.1, np.nan], [0.1, 0, np.nan], [np.nan, np.nan, 0]])
    same, different = split_pairs(distances, ["a", "a", "a"])
    assert sorted(same) == [0.1, np.inf, np.inf]
    assert len(different) == 0


def test_scores_that_say_how_often_they_are_right_have_no_error() -> None:
    scores = np.full(100, 0.9)
    assert calibration_error(scores, np.arange(100) < 90) == pytest.approx(0)
    assert calibration_error(scores, np.arange(100) < 40) == pytest.approx(0.5)


def test_among_equals_the_wanted_one_comes_last() -> None:
    assert rank_of(1, np.array([0.5, 0.5, 0.1, 0.9])) == 2


@pytest.mark.parametrize(
    ("wanted", "read", "edits"),
    [("", "", 0), ("abc", "abc", 0), ("abc", "", 3), ("", "ab", 2), ("abc", "xbcd", 2)],
)
def test_edits_are_counted(wanted: str, read: str, edits: int) -> None:
    assert count_edits(wanted, read) == edits


def test_a_line_inside_a_longer_one_is_found() -> None:
    assert count_edits("total", "the total is", inside=True) == 0


def test_look_alike_signs_are_one() -> None:
    assert fold_text("“你好”，ＡＢＣ ") == fold_text('"你好",abc')
