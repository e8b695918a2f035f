"""Points fall into the groups they were made in, on two levels that fit into each other."""

from __future__ import annotations

import numpy as np
import pytest

from analysis import clustering
from analysis.clustering import group, partition, renumbered


def clumps(centres: list[tuple[float, float]], each: int) -> np.ndarray:
    random = np.random.default_rng(3)
    return np.concatenate([np.array(c) + 0.05 * random.normal(size=(each, 2)) for c in centres]).astype(np.float32)


# Two clumps close together on the left, two on the right: two broad groups of two fine ones.
FOUR = clumps([(0, 0), (0, 2), (20, 0), (20, 2)], each=25)
TRUE = np.repeat([0, 1, 2, 3], 25)


def test_fine_groups_are_the_clumps_and_broad_ones_join_the_near():
    found = partition(FOUR, broad=[2], fine=[4])[0]
    assert found.fine.tolist() == TRUE.tolist()
    assert found.broad.tolist() == (TRUE // 2).tolist()


def test_a_fine_group_lies_in_one_broad_group():
    points = np.random.default_rng(4).normal(size=(300, 5)).astype(np.float32)
    found = partition(points, broad=[4], fine=[15])[0]
    for label in range(found.fine.max() + 1):
        assert len(set(found.broad[found.fine == label])) == 1


def test_a_tree_grown_on_a_part_gives_the_same_groups(monkeypatch):
    whole = group(FOUR, [4])[0]
    monkeypatch.setattr(clustering, "TREE_POINTS", 40)
    assert (group(FOUR, [4])[0] == whole).all()


@pytest.mark.parametrize("points", [np.zeros((0, 3), dtype=np.float32), np.ones((1, 3), dtype=np.float32), np.ones((80, 3), dtype=np.float32)])
def test_nothing_to_tell_apart_is_one_group(points):
    found = partition(points, broad=[3], fine=[5])[0]
    assert set(found.fine) <= {0} and len(found.broad) == len(points)


def test_groups_are_numbered_as_they_occur():
    assert renumbered(np.array([7, 7, -1, 2, 9, 2])).tolist() == [0, 0, -1, 1, 2, 1]
    assert renumbered(np.array([-1, -1])).tolist() == [-1, -1]


def test_a_group_grows_around_dense_places_that_lie_together():
    # Of each clump the first 8 points are a dense place and the next 8 another; the rest is in none.
    dense = np.concatenate([np.r_[np.full(8, 2 * clump), np.full(8, 2 * clump + 1), np.full(9, -1)] for clump in range(4)])
    found = partition(FOUR, broad=[2], fine=[4, 2], dense=dense)
    assert found[0].fine.tolist() == TRUE.tolist() and found[0].broad.tolist() == (TRUE // 2).tolist()
    assert found[1].fine.tolist() == (TRUE // 2).tolist()


def test_dense_places_are_found_and_the_scattered_are_in_none():
    scattered = np.random.default_rng(1).uniform(-40, 60, size=(12, 2))
    found = clustering.dense_places(np.concatenate([FOUR, scattered]).astype(float))
    held = [set(found[:100][TRUE == clump]) - {-1} for clump in range(4)]
    assert all(held) and not set.intersection(held[0], held[1]) and not set.intersection(held[2], held[3])
    assert (found[100:] == -1).mean() > 0.7


@pytest.mark.parametrize("at_most", [200, 30])
def test_a_quick_grouping_takes_in_the_points_that_moved_no_centre(monkeypatch, at_most):
    monkeypatch.setattr(clustering, "QUICK_POINTS", at_most)  # of 100 points, every fourth
    found = renumbered(clustering.quick_groups(FOUR, np.array([0, 30, 60, 99])).astype(np.int64))
    assert found.tolist() == TRUE.tolist()
