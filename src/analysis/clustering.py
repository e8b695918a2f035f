"""Points to groups on two levels: fine ones, and the broad ones that they make up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

# The tree needs a number for every pair of points; beyond this many it is grown on every second, third, ... point
# and k-means takes the others in. On 4,464 texts that made no difference but to the time.
TREE_POINTS = 2_000
# The smallest dense place is taken to be this times the square root of the number of points: 13 of 4,464, 5 of 500. A place that is
# twice as large was found less reliably, one half as large no more.
DENSE_PER_ROOT, FEWEST_DENSE = 0.2, 5
# How many near points make a place dense; ten instead of five left slightly more texts out and found fewer groups.
DENSE_NEIGHBOURS = 5
# A quick grouping is one of many and need not be exact: with 10 rounds the groups agreed no better than with 5.
QUICK_ROUNDS = 5
# Of more points than this, a quick grouping moves its centres by every second, third, ... point and then takes the others in: a hundred
# groupings of 20,000 points take a second instead of ten.
QUICK_POINTS = 5_000
# In the tree that joins dense places, one of many points weighs as much as up to so many of the smallest.
MOST_WEIGHT = 20


@dataclass(frozen=True)
class Partition:
    """Every point's broad and fine group, numbered from 0; a fine group lies within one broad group."""

    broad: np.ndarray
    fine: np.ndarray


def smallest_dense(n: int) -> int:
    """Of how many points at least a dense place among ``n`` is made."""
    return max(FEWEST_DENSE, round(DENSE_PER_ROOT * n**0.5))


def dense_places(places: np.ndarray) -> np.ndarray:
    """Labels (n,) of the places where points lie densest, -1 for points in none: the leaves of HDBSCAN's tree.

    ``places`` is (n, d), as from ``reduction.reduce``. Leaves (Campello et al. 2013) are many and small, about three to every
    group that is looked for: which of them are joined is decided by ``partition``.
    """
    if len(places) < 2 * FEWEST_DENSE:
        return np.full(len(places), -1, dtype=np.int64)
    from hdbscan import HDBSCAN

    found = HDBSCAN(min_cluster_size=smallest_dense(len(places)), min_samples=DENSE_NEIGHBOURS,
                    cluster_selection_method="leaf", core_dist_n_jobs=1)
    return renumbered(found.fit_predict(places).astype(np.int64))


def partition(points: np.ndarray, *, broad: Sequence[int], fine: Sequence[int], dense: np.ndarray | None = None) -> list[Partition]:
    """Split points (n, d) into fine groups and join these into broad ones, once for every number in ``fine`` and, within it, in ``broad``.

    With ``dense``, (n,) as from ``dense_places``, a fine group grows from dense places that lie close together; without, from
    points that do. Every point is then placed with the group whose mean it is nearest to. A fine group belongs
    to the broad group that holds most of it. Cutting each broad group into fine ones instead, as a tree would, agreed less
    with true groups and came back less often; so did taking the dense places themselves for groups.
    """
    uppers = group(points, broad)
    lowers = group(points, fine) if dense is None or dense.max(initial=-1) < 1 else _grown(points, dense, fine)
    return [_joined(lower, upper) for lower in lowers for upper in uppers]


def _grown(points: np.ndarray, dense: np.ndarray, sizes: Sequence[int]) -> list[np.ndarray]:
    """For every size labels (n,) of that many groups, each around dense places that Ward's tree joins."""
    from scipy.cluster.hierarchy import fcluster, ward

    held = np.bincount(dense[dense >= 0])
    means = np.stack([points[dense == place].mean(axis=0) for place in range(len(held))]).astype(np.float64)
    again = np.repeat(np.arange(len(held)), np.clip(np.round(held / held.min()), 1, MOST_WEIGHT).astype(int))
    tree = ward(means[again])
    grown = []
    for size in sizes:
        group_of = np.zeros(len(held), dtype=np.int64)
        group_of[again] = fcluster(tree, size, "maxclust")
        grown.append(_around(points, np.stack([np.average(means[group_of == label], axis=0, weights=held[group_of == label])
                                               for label in np.unique(group_of)])))
    return grown


def _joined(lower: np.ndarray, upper: np.ndarray) -> Partition:
    shared = np.zeros((int(lower.max(initial=-1)) + 1, int(upper.max(initial=-1)) + 1))
    np.add.at(shared, (lower, upper), 1.0)
    return Partition(renumbered(shared.argmax(axis=1)[lower]) if len(lower) else upper, lower)


def group(points: np.ndarray, sizes: Sequence[int]) -> list[np.ndarray]:
    """For every size labels (n,) of at most that many groups, numbered by their first member.

    Ward's tree gives the first centres and k-means moves points to the nearer centre. There is no
    random start: the same points always give the same groups.
    """
    if _alike(points):
        return [np.zeros(len(points), dtype=np.int64) for _ in sizes]
    from scipy.cluster.hierarchy import fcluster, ward

    sample = points[:: -(-len(points) // TREE_POINTS)].astype(np.float64)
    tree = ward(sample)
    cuts = [fcluster(tree, max(1, min(size, len(sample))), "maxclust") for size in sizes]
    return [_around(points, np.stack([sample[cut == label].mean(axis=0) for label in np.unique(cut)])) for cut in cuts]


def quick_groups(points: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Labels (n,) of as many groups as there are ``rows``: k-means that starts from these points and is stopped early."""
    if _alike(points):
        return np.zeros(len(points), dtype=np.int64)
    return _kmeans(points, points[rows], rounds=QUICK_ROUNDS, at_most=QUICK_POINTS)


def _alike(points: np.ndarray) -> bool:
    return len(points) < 2 or bool(np.ptp(points, axis=0).max() < 1e-6)


def _around(points: np.ndarray, centres: np.ndarray) -> np.ndarray:
    return renumbered(_kmeans(points, centres.astype(points.dtype), rounds=300))


def _kmeans(points: np.ndarray, centres: np.ndarray, *, rounds: int, at_most: int | None = None) -> np.ndarray:
    import warnings

    from sklearn.cluster import KMeans
    from sklearn.exceptions import ConvergenceWarning

    nearer = KMeans(len(centres), init=centres, n_init=1, max_iter=rounds, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # that points coincide: averaging does that to clear groups
        if at_most is None or len(points) <= at_most:
            return nearer.fit_predict(points)
        return nearer.fit(points[:: -(-len(points) // at_most)]).predict(points)


def renumbered(labels: np.ndarray) -> np.ndarray:
    """The same groups, numbered 0, 1, ... in the order in which they first occur; -1 stays."""
    used, first = np.unique(labels[labels >= 0], return_index=True)
    place = np.flatnonzero(labels >= 0)[first]
    number = np.full(int(labels.max(initial=-1)) + 2, -1, dtype=np.int64)
    number[used[np.argsort(place)]] = np.arange(len(used))
    return number[labels]
