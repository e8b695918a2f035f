"""The groups that several fits agree on, and who belongs to none."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.clustering import Partition
from analysis.consensus import GROUPINGS, MOST_IN_NONE, SMALLEST, Sizes, _agreement, _groupings, _without_weakest, draw, fit
from analysis.neighbours import find_neighbours


def test_agreement_is_the_share_of_groupings_in_which_two_are_together():
    # 0 and 1: together in 2 of 3; 0 and 2: in 1 of 3.
    groupings = [np.array([0, 0, 1]), np.array([4, 4, 4]), np.array([1, 0, 2])]
    assert _agreement(groupings, np.array([0, 0]), np.array([1, 2])).round(6).tolist() == [0.666667, 0.333333]


def test_groupings_are_of_every_size_from_the_broad_to_the_fine():
    points = np.random.default_rng(2).normal(size=(200, 5)).astype(np.float32)
    numbers = [len(set(labels)) for labels in _groupings(points, Sizes((4, 3), (12, 15)), seed=1)]
    assert len(numbers) == GROUPINGS and set(numbers) == set(range(4, 13))


def test_of_two_that_belong_as_little_the_one_far_from_all_is_left_out():
    # 100 rows, 19 of which may be in none; 38 belong at 0.2, every second one of them is far from its neighbours.
    belonging, near = np.full(100, 0.9), np.full(100, 0.6)
    belonging[:38] = 0.2
    near[:38:2] = 0.3
    everything = Partition(np.zeros(100, dtype=int), np.zeros(100, dtype=int))
    assert np.flatnonzero(_without_weakest(everything, belonging, near).fine < 0).tolist() == list(range(0, 38, 2))


def clumps(n: int, each: int, spread: float = 0.25) -> np.ndarray:
    random = np.random.default_rng(12)
    vectors = np.repeat(random.normal(size=(n, 30)), each, axis=0) + spread * random.normal(size=(n * each, 30))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def test_clear_groups_are_found_whatever_the_seed():
    vectors = clumps(5, 30)
    graph = find_neighbours(vectors, k=45)
    for seed in (1, 2):
        found = fit(vectors, graph, sizes=Sizes((5,), (5,)), seed=seed)
        assert found.partitions[0].fine.tolist() == np.repeat(np.arange(5), 30).tolist()
        assert found.belonging[0].min() > 0.8  # groupings of twice as many groups split the clear ones now and then


def test_in_noise_only_the_weakest_are_left_out():
    random = np.random.default_rng(3)
    vectors = random.normal(size=(500, 60)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    found = fit(vectors, find_neighbours(vectors, k=45), sizes=Sizes((6,), (12,)), seed=1)
    none = found.partitions[0].broad < 0
    assert 0 < none.mean() <= MOST_IN_NONE + 0.05
    assert found.belonging[0][none].mean() < found.belonging[0][~none].mean()


def test_no_group_is_smaller_than_the_smallest():
    vectors = np.concatenate([clumps(3, 40), clumps(9, 1)[6:]])
    found = fit(vectors, find_neighbours(vectors, k=45), sizes=Sizes((4,), (8,)), seed=1)
    for labels in (found.partitions[0].broad, found.partitions[0].fine):
        assert np.bincount(labels[labels >= 0]).min() >= SMALLEST


def test_samples_are_ascending_and_come_from_the_seed_alone():
    rows = draw(100, times=2, share=0.8, seed=4)
    assert [len(r) for r in rows] == [80, 80] and all((np.diff(r) > 0).all() for r in rows)
    assert (rows[0] == draw(100, times=2, share=0.8, seed=4)[0]).all()


@pytest.mark.parametrize("n", [60, 61])
def test_all_alike_is_one_group(n):
    vectors = np.repeat(clumps(1, 1), n, axis=0)
    found = fit(vectors, find_neighbours(vectors, k=45), sizes=Sizes((3,), (5,)), seed=1)
    assert set(found.partitions[0].fine) == {0}
