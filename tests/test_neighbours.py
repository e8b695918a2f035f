"""The neighbour graph is exact, does not mind copies, and can be cut down to some rows."""

from __future__ import annotations

import numpy as np
import pytest

from analysis import neighbours
from analysis.neighbours import find_neighbours, restrict


def on_circle(*degrees: float) -> np.ndarray:
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def test_nearest_come_first_and_a_row_is_its_own_nearest():
    graph = find_neighbours(on_circle(0, 10, 30, 90), k=3)
    assert graph.indices.tolist() == [[0, 1, 2], [1, 0, 2], [2, 1, 0], [3, 2, 1]]
    # Cosine distance of 10 degrees: 1 - cos(10) = 0.0152.
    assert graph.distances[0].tolist() == pytest.approx([0.0, 0.01519, 0.13397], abs=1e-4)


def test_of_equal_rows_each_is_its_own_nearest_and_then_the_earlier():
    graph = find_neighbours(on_circle(50, 50, 50), k=3)
    assert graph.indices.tolist() == [[0, 1, 2], [1, 0, 2], [2, 0, 1]]


def test_blocks_change_nothing(monkeypatch):
    vectors = on_circle(*np.random.default_rng(1).uniform(0, 360, 50))
    whole = find_neighbours(vectors, k=5)
    monkeypatch.setattr(neighbours, "BLOCK_ROWS", 7)
    assert (find_neighbours(vectors, k=5).indices == whole.indices).all()


@pytest.mark.parametrize("n", [0, 1, 2])
def test_fewer_rows_than_neighbours(n):
    graph = find_neighbours(on_circle(*range(n)), k=15)
    assert graph.indices.shape == (n, n)


def test_a_part_of_the_graph_is_what_a_new_search_would_find():
    random = np.random.default_rng(2)
    vectors = random.normal(size=(200, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    rows = np.sort(random.choice(200, 160, replace=False))
    part = restrict(find_neighbours(vectors, k=31), rows, vectors, k=15)
    again = find_neighbours(vectors[rows], k=15)
    assert (part.indices == again.indices).all()
    assert np.allclose(part.distances, again.distances, atol=1e-6)


def test_a_row_whose_neighbours_are_all_gone_is_searched_for_again():
    # Rows 0 to 3 are one message; only row 0 stays, and its list held nothing but its copies.
    vectors = on_circle(0, 0.1, 0.2, 0.3, 60, 120)
    part = restrict(find_neighbours(vectors, k=3), np.array([0, 4, 5]), vectors, k=3)
    assert part.indices.tolist() == [[0, 1, 2], [1, 0, 2], [2, 1, 0]]


@pytest.mark.parametrize("columns, together", [(9, 10**6), (700, 10**6), (5_000, 10**6), (700, 50)])
def test_the_largest_are_those_that_sorting_gives_also_where_many_are_equal(columns, together, monkeypatch):
    monkeypatch.setattr(neighbours, "SORTED_TOGETHER", together)
    similarity = np.random.default_rng(4).normal(size=(30, columns)).round(1).astype(np.float32)
    similarity[7] = 0.5
    assert (neighbours._largest(similarity, 6) == np.argsort(-similarity, axis=1, kind="stable")[:, :6]).all()
