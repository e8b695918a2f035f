"""One fit: many quick groupings, and the groups that they agree on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.clustering import Partition, dense_places, partition, quick_groups, renumbered
from analysis.neighbours import Neighbours
from analysis.reduction import averaged, near_edges, reduce, smooth

# With 10 groupings, another seed gave the same finer groups at 0.69 and 0.83 (mean best-match Jaccard, two collections of over 4,000 texts),
# with 30 at 0.79 and 0.84, with 100 at 0.82 and 0.86, in half a second more. Four times as many changed little.
# They make from as many groups as there are broad themes to as many as there are finer ones: what belongs together does so at every size.
GROUPINGS = 100
# A row is in no group when less than this share of its neighbours is in its group and stays there ...
OWN_SHARE = 0.4
# ... but only the weakest are, up to this share: "in no theme" must not become the largest theme.
MOST_IN_NONE = 0.19
# A group of fewer rows than this is none of its own.
SMALLEST = 5


@dataclass(frozen=True)
class Sizes:
    """How many broad and fine groups to look for, the usual numbers first: the groupings lie around these."""

    broad: tuple[int, ...]
    fine: tuple[int, ...]


@dataclass(frozen=True)
class Fit:
    """Partitions of all rows (-1: in no group), one for every number of fine and of broad groups, in the order of ``partition``.

    ``belonging``: for each of them (n,), how much every row belongs to its fine group, 0 to 1.
    """

    partitions: list[Partition]
    belonging: list[np.ndarray]


def fit(vectors: np.ndarray, neighbours: Neighbours, *, sizes: Sizes, seed: int) -> Fit:
    """Group rows by their vectors, averaged along those edges of the neighbour graph that hold.

    A hundred quick groupings start from different rows and make different numbers of groups. An edge then counts by the share of them in which
    its two ends came into one group (evidence accumulation, Fred and Jain 2005, on the graph's edges only, so that its cost
    grows with the rows and not with their square).
    """
    from threadpoolctl import threadpool_limits  # sets an environment variable when it is imported

    # One thread: the pieces are so small that others only wait (500 points take two threads ten times as long as one), and take the
    # core from whoever could use it.
    with threadpool_limits(limits=1):
        return _fit(vectors, neighbours, sizes=sizes, seed=seed)


def _fit(vectors: np.ndarray, neighbours: Neighbours, *, sizes: Sizes, seed: int) -> Fit:
    edges = near_edges(neighbours).tocoo()
    total = np.bincount(edges.row, weights=edges.data, minlength=len(vectors))
    groupings = _groupings(smooth(vectors, edges.tocsr()), sizes, seed=seed)
    edges.data = (edges.data * _agreement(groupings, edges.row, edges.col)).astype(np.float32)
    found = partition(smooth(vectors, edges.tocsr()), broad=sizes.broad, fine=sizes.fine, dense=dense_places(reduce(vectors, neighbours, seed=seed)))
    belonging = [_belonging(edges, made.fine, total) for made in found[:: len(sizes.broad)] for _ in sizes.broad]
    near = 1.0 - neighbours.first(averaged(len(vectors))).distances.mean(axis=1)
    return Fit([_without_weakest(made, held, near) for made, held in zip(found, belonging, strict=True)], belonging)


def _groupings(points: np.ndarray, sizes: Sizes, *, seed: int) -> list[np.ndarray]:
    """Labels (n,) of every quick grouping; their numbers of groups are spread evenly on a logarithmic scale."""
    random = np.random.default_rng(seed)
    numbers = np.exp(random.uniform(np.log(sizes.broad[0]), np.log(sizes.fine[0]), GROUPINGS)).round().astype(int)
    return [quick_groups(points, random.choice(len(points), min(number, len(points)), replace=False)) for number in numbers]


def _belonging(edges, fine: np.ndarray, total: np.ndarray) -> np.ndarray:
    """For every row the share of its neighbours that are in its fine group and stay there."""
    own = edges.data * (fine[edges.row] == fine[edges.col])
    return np.bincount(edges.row, weights=own, minlength=len(fine)) / total


def _without_weakest(found: Partition, belonging: np.ndarray, near: np.ndarray) -> Partition:
    """The same groups without the rows that hardly belong and without groups that are too small.

    Of two rows that belong as little, the one less like its neighbours (``near``, their mean cosine) is the weaker: it says something of its own.
    """
    weakest = np.argsort(np.round(belonging * near, 6), kind="stable")[: int(MOST_IN_NONE * len(belonging))]
    none = np.zeros(len(belonging), dtype=bool)
    none[weakest] = belonging[weakest] < OWN_SHARE
    broad = _without_small(np.where(none, -1, found.broad))
    return Partition(broad, _without_small(np.where(broad < 0, -1, found.fine)))


def _without_small(labels: np.ndarray) -> np.ndarray:
    sizes = np.bincount(labels[labels >= 0], minlength=1)
    return renumbered(np.where((labels >= 0) & (sizes[labels] >= SMALLEST), labels, -1))


def draw(n: int, *, times: int, share: float, seed: int) -> list[np.ndarray]:
    """Rows of every sample: a ``share`` of ``n``, drawn without putting back, ascending."""
    random = np.random.default_rng(seed)
    return [np.sort(random.choice(n, int(round(share * n)), replace=False)) for _ in range(times)]


def _agreement(groupings: Sequence[np.ndarray], one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """For pairs of rows the share of the groupings in which they are together."""
    together = np.zeros(len(one))
    for labels in groupings:
        together += labels[one] == labels[other]
    return together / len(groupings)
