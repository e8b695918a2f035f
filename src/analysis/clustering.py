"""Points to groups on two levels: fine ones, and the broad ones that they make up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

# The tree needs a number for every pair of points; beyond this many it is grown on every second, third, ... point
# and k-means takes the others in. On 4,464 texts that made no difference but to the time.
TREE_POINTS = 2_000
# The smallest dense group is taken to be this times the square root of the number of points: 30 of 4,464, 10 of 500.
DENSE_PER_ROOT, FEWEST_DENSE = 0.45, 5
# How many near points make a place dense; ten instead of five left slightly more texts out and found fewer groups.
DENSE_NEIGHBOURS = 5
# A group of more than this share of all is split further: one theme of everything is stable and says nothing.
LARGEST_SHARE = 0.3


@dataclass(frozen=True)
class Partition:
    """Every point's broad and fine group, numbered from 0; a fine group lies within one broad group."""

    broad: np.ndarray
    fine: np.ndarray


def smallest_dense(n: int) -> int:
    """Of how many points at least a dense group among ``n`` is made."""
    return max(FEWEST_DENSE, round(DENSE_PER_ROOT * n**0.5))


def dense_groups(places: np.ndarray) -> np.ndarray:
    """Labels (n,) of the groups that stand out by their density, -1 for points that are in none: HDBSCAN.

    ``places`` is (n, d), as from ``reduction.reduce``. Groups are chosen by excess of mass (Campello et al. 2013),
    none larger than ``LARGEST_SHARE`` of all.
    """
    n = len(places)
    if n < 2 * FEWEST_DENSE:
        return np.full(n, -1, dtype=np.int64)
    from hdbscan import HDBSCAN

    smallest = smallest_dense(n)
    found = HDBSCAN(min_cluster_size=smallest, min_samples=DENSE_NEIGHBOURS, cluster_selection_method="eom",
                    max_cluster_size=max(2 * smallest, round(LARGEST_SHARE * n)), core_dist_n_jobs=1)
    return renumbered(found.fit_predict(places).astype(np.int64))


def partition(points: np.ndarray, *, broad: Sequence[int], fine: int, cores: np.ndarray | None = None) -> list[Partition]:
    """Split points (n, d) into fine groups and join these, once for every number in ``broad``.

    With ``cores``, (n,) as from ``dense_groups``, the fine groups are these, and every point is placed with the
    core whose mean it is nearest to, including those in none; without, or with fewer than two cores, there are
    about ``fine`` groups. A fine group belongs to the broad group that holds most of it. Cutting each broad group into
    fine ones instead, as a tree would, agreed less with true groups and came back less often.
    """
    if cores is not None and cores.max(initial=-1) >= 1:
        lower = _around(points, np.stack([points[cores == core].mean(axis=0) for core in range(cores.max() + 1)]))
        uppers = group(points, broad)
    else:
        lower, *uppers = group(points, [fine, *broad])
    return [_joined(lower, upper) for upper in uppers]


def _joined(lower: np.ndarray, upper: np.ndarray) -> Partition:
    shared = np.zeros((int(lower.max(initial=-1)) + 1, int(upper.max(initial=-1)) + 1))
    np.add.at(shared, (lower, upper), 1.0)
    return Partition(renumbered(shared.argmax(axis=1)[lower]) if len(lower) else upper, lower)


def group(points: np.ndarray, sizes: Sequence[int]) -> list[np.ndarray]:
    """For every size labels (n,) of at most that many groups, numbered by their first member.

    Ward's tree gives the first centres and k-means moves points to the nearer centre. There is no
    random start: the same points always give the same groups.
    """
    if len(points) < 2 or np.ptp(points, axis=0).max() < 1e-6:
        return [np.zeros(len(points), dtype=np.int64) for _ in sizes]
    from scipy.cluster.hierarchy import fcluster, ward

    sample = points[:: -(-len(points) // TREE_POINTS)].astype(np.float64)
    tree = ward(sample)
    cuts = [fcluster(tree, max(1, min(size, len(sample))), "maxclust") for size in sizes]
    return [_around(points, np.stack([sample[cut == label].mean(axis=0) for label in np.unique(cut)])) for cut in cuts]


def _around(points: np.ndarray, centres: np.ndarray) -> np.ndarray:
    import warnings

    from sklearn.cluster import KMeans
    from sklearn.exceptions import ConvergenceWarning

    nearer = KMeans(len(centres), init=centres.astype(points.dtype), n_init=1, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # that points coincide: averaging does that to clear groups
        return renumbered(nearer.fit_predict(points))


def renumbered(labels: np.ndarray) -> np.ndarray:
    """The same groups, numbered 0, 1, ... in the order in which they first occur; -1 stays."""
    used, first = np.unique(labels[labels >= 0], return_index=True)
    place = np.flatnonzero(labels >= 0)[first]
    number = np.full(int(labels.max(initial=-1)) + 2, -1, dtype=np.int64)
    number[used[np.argsort(place)]] = np.arange(len(used))
    return number[labels]
