"""The groups that several fits agree on, and who belongs to none."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.consensus import MOST_IN_NONE, SMALLEST, Sizes, _agreement, draw, fit
from analysis.neighbours import find_neighbours


def test_agreement_counts_only_parts_that_hold_both():
    # Two parts, broad and fine labels of rows 0, 1, 2; row 2 is outside the first part.
    first = np.array([[0, 0, -1], [0, 1, -1]])
    second = np.array([[0, 0, 1], [0, 0, 1]])
    # 0 and 1: together in 3 of 4; 0 and 2: asked twice, never together.
    assert _agreement([first, second], np.array([0, 0]), np.array([1, 2])).tolist() == [0.75, 0.0]
    assert _agreement([], np.array([0]), np.array([1])).tolist() == [1.0]


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
        assert found.belonging[0].min() > 0.9


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
