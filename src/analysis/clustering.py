"""Points to groups on two levels: broad themes, and finer ones within them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# The tree of all pairs needs n^2 numbers; beyond this many points it is grown on a sample, and k-means takes it from there.
TREE_POINTS = 4_000


@dataclass(frozen=True)
class Partition:
    """Every point's broad and fine group, numbered from 0; a fine group lies within one broad group."""

    broad: np.ndarray
    fine: np.ndarray


def partition(points: np.ndarray, *, broad: int, fine: int) -> Partition:
    """Split points (n, d) into ``broad`` groups, and these again, into about ``fine`` groups altogether.

    Ward's tree gives the first centres, k-means moves points to the nearer centre. There is no
    random start, so the same points always give the same groups.
    """
    upper = group(points, broad)
    lower = np.zeros_like(upper)
    size = len(points) / max(fine, 1)
    for label in range(int(upper.max(initial=-1)) + 1):
        members = np.flatnonzero(upper == label)
        parts = group(points[members], int(round(len(members) / size)))
        lower[members] = parts + lower.max(initial=-1) + 1 if label else parts
    return Partition(upper, lower)


def group(points: np.ndarray, groups: int) -> np.ndarray:
    """Labels (n,) of at most ``groups`` groups, numbered by their first member."""
    if groups < 2 or len(np.unique(points, axis=0)) < 2:
        return np.zeros(len(points), dtype=np.int64)
    from sklearn.cluster import KMeans

    centres = _tree_centres(points, min(groups, len(points)))
    found = KMeans(len(centres), init=centres, n_init=1, random_state=0).fit_predict(points)
    return renumbered(found)


def renumbered(labels: np.ndarray) -> np.ndarray:
    """The same groups, numbered 0, 1, ... in the order in which they first occur; -1 stays."""
    used, first = np.unique(labels[labels >= 0], return_index=True)
    order = np.full(int(labels.max(initial=-1)) + 2, -1, dtype=np.int64)
    order[used[np.argsort(first)]] = np.arange(len(used))
    return order[labels]


def _tree_centres(points: np.ndarray, groups: int) -> np.ndarray:
    from scipy.cluster.hierarchy import fcluster, ward

    step = -(-len(points) // TREE_POINTS)
    sample = points[::step].astype(np.float64)
    labels = fcluster(ward(sample), min(groups, len(sample)), "maxclust")
    return np.stack([sample[labels == label].mean(axis=0) for label in np.unique(labels)]).astype(points.dtype)
