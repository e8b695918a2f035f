"""Points to groups on two levels: fine ones, and the broad ones that they make up."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# The tree needs a number for every pair of points; beyond this many it is grown on every second, third, ... point
# and k-means takes the others in.
TREE_POINTS = 4_000


@dataclass(frozen=True)
class Partition:
    """Every point's broad and fine group, numbered from 0; a fine group lies within one broad group."""

    broad: np.ndarray
    fine: np.ndarray


def partition(points: np.ndarray, *, broad: int, fine: int) -> Partition:
    """Split points (n, d) into about ``fine`` groups and join these into at most ``broad``.

    A fine group belongs to the broad group that holds most of it. Cutting each broad group into
    fine ones instead, as a tree would, agreed less with true groups and came back less often.
    """
    lower, upper = group(points, fine), group(points, broad)
    shared = np.zeros((int(lower.max(initial=-1)) + 1, int(upper.max(initial=-1)) + 1))
    np.add.at(shared, (lower, upper), 1.0)
    return Partition(renumbered(shared.argmax(axis=1)[lower]) if len(points) else upper, lower)


def group(points: np.ndarray, groups: int) -> np.ndarray:
    """Labels (n,) of at most ``groups`` groups, numbered by their first member.

    Ward's tree gives the first centres and k-means moves points to the nearer centre. There is no
    random start: the same points always give the same groups.
    """
    if groups < 2 or len(points) < 2 or np.ptp(points, axis=0).max() < 1e-6:
        return np.zeros(len(points), dtype=np.int64)
    from sklearn.cluster import KMeans

    centres = _tree_centres(points, min(groups, len(points)))
    return renumbered(KMeans(len(centres), init=centres, n_init=1, random_state=0).fit_predict(points))


def renumbered(labels: np.ndarray) -> np.ndarray:
    """The same groups, numbered 0, 1, ... in the order in which they first occur; -1 stays."""
    used, first = np.unique(labels[labels >= 0], return_index=True)
    place = np.flatnonzero(labels >= 0)[first]
    number = np.full(int(labels.max(initial=-1)) + 2, -1, dtype=np.int64)
    number[used[np.argsort(place)]] = np.arange(len(used))
    return number[labels]


def _tree_centres(points: np.ndarray, groups: int) -> np.ndarray:
    from scipy.cluster.hierarchy import fcluster, ward

    sample = points[:: -(-len(points) // TREE_POINTS)].astype(np.float64)
    labels = fcluster(ward(sample), min(groups, len(sample)), "maxclust")
    return np.stack([sample[labels == label].mean(axis=0) for label in np.unique(labels)]).astype(points.dtype)
