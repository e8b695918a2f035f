"""Averaging along the graph draws groups together; the map is only a picture and always the same one."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.neighbours import Neighbours, find_neighbours
from analysis.reduction import averaged, layout, near_edges, principal_components, smooth


def clumps(n: int, each: int, spread: float = 0.5) -> np.ndarray:
    random = np.random.default_rng(11)
    vectors = np.repeat(random.normal(size=(n, 30)), each, axis=0) + spread * random.normal(size=(n * each, 30))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def test_edges_count_twice_where_both_chose_each_other():
    graph = Neighbours(np.array([[0, 1], [1, 0], [2, 1]], dtype=np.int32), np.zeros((3, 2), dtype=np.float32))
    # 0 and 1 chose each other, 2 chose 1; everybody chose themselves, which counts twice as well.
    assert near_edges(graph).toarray().tolist() == [[2, 2, 0], [2, 2, 1], [0, 1, 2]]


def test_members_of_a_group_come_closer_together_than_they_were():
    vectors = clumps(4, 40)
    points = smooth(vectors, near_edges(find_neighbours(vectors, k=15)))
    first = slice(0, 40)
    assert (points[first] @ points[first].T).mean() > 0.99 > (vectors[first] @ vectors[first].T).mean()
    assert np.linalg.norm(points, axis=1) == pytest.approx(1.0, abs=1e-4)


def test_principal_components_of_a_line():
    line = np.array([[-1.0, -1.0], [0.0, 0.0], [1.0, 1.0]], dtype=np.float32)
    # All variance lies along (1, 1): coordinates are -sqrt(2), 0, sqrt(2), and nothing is left for the second.
    assert principal_components(line, 2) == pytest.approx(np.array([[-2**0.5, 0], [0, 0], [2**0.5, 0]]), abs=1e-6)


@pytest.mark.parametrize("n", [0, 1, 2, 12])
def test_a_few_passages_still_have_a_place_on_the_map(n):
    vectors = clumps(n, 1)
    places = layout(vectors, find_neighbours(vectors, k=15), seed=1)
    assert places.shape == (n, 2) and np.isfinite(places).all()


def test_copies_only_have_a_place_too():
    vectors = np.repeat(clumps(1, 1), 50, axis=0)
    assert np.isfinite(layout(vectors, find_neighbours(vectors, k=15), seed=1)).all()


def test_the_map_is_the_same_for_the_same_seed():
    vectors = clumps(3, 20)
    graph = find_neighbours(vectors, k=15)
    one, two, other = (layout(vectors, graph, seed=seed) for seed in (1, 1, 2))
    assert (one == two).all() and not (one == other).all()


def test_machine_code_is_kept_for_the_next_process():
    vectors = clumps(3, 20)
    layout(vectors, find_neighbours(vectors, k=15), seed=1)
    from umap import layouts, umap_

    for compiled in (umap_.smooth_knn_dist, umap_.compute_membership_strengths, layouts._nb_optimize_layout_euclidean_single_epoch):
        assert compiled.stats.cache_path, "compiled anew in every process"


def test_the_more_points_the_more_neighbours_are_averaged():
    # 1.75 times ln 60 = 4.09, ln 495 = 6.20, ln 4,464 = 8.40, ln 20,000 = 9.90.
    assert [averaged(n) for n in (0, 1, 60, 495, 4_464, 20_000)] == [5, 5, 7, 11, 15, 17]
    assert near_edges(find_neighbours(clumps(4, 15), k=45)).sum() == 2 * 60 * 7
