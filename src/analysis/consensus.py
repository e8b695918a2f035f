"""One fit: several fits on parts of the messages, and the groups that they agree on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.clustering import Partition, dense_places, partition, renumbered
from analysis.neighbours import Neighbours, restrict
from analysis.reduction import AVERAGED, near_edges, reduce, smooth

# With 6 parts the groups came back more often than with none (0.79 for 0.74 on 4,464 texts); from 12 on no more.
PARTS = 10
PART_SHARE = 0.8
# A row is in no group when less than this share of its neighbours is in its group and stays there ...
OWN_SHARE = 0.4
# ... but only the weakest are, up to this share: "in no theme" must not become the largest theme.
MOST_IN_NONE = 0.18
# A group of fewer rows than this is none of its own.
SMALLEST = 5


@dataclass(frozen=True)
class Sizes:
    """How many broad and fine groups to look for, the usual numbers first: the parts vote on these."""

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

    Ten times 80 % of the rows are grouped on their own. An edge then counts by the share of these fits in which its two ends
    came into one group, broad and fine (evidence accumulation, Fred and Jain 2005, on the graph's edges
    only, so that its cost grows with the rows and not with their square).
    """
    from threadpoolctl import threadpool_limits  # sets an environment variable when it is imported

    # One thread: the pieces are so small that others only wait, and take the core from whoever could use it.
    with threadpool_limits(limits=1):
        return _fit(vectors, neighbours, sizes=sizes, seed=seed)


def _fit(vectors: np.ndarray, neighbours: Neighbours, *, sizes: Sizes, seed: int) -> Fit:
    edges = near_edges(neighbours).tocoo()
    parts = [_part(vectors, neighbours, sizes, rows) for rows in draw(len(vectors), times=PARTS, share=PART_SHARE, seed=seed)]
    total = np.bincount(edges.row, weights=edges.data, minlength=len(vectors))
    edges.data = (edges.data * _agreement(parts, edges.row, edges.col)).astype(np.float32)
    found = partition(smooth(vectors, edges.tocsr()), broad=sizes.broad, fine=sizes.fine, dense=dense_places(reduce(vectors, neighbours, seed=seed)))
    belonging = [_belonging(edges, made.fine, total) for made in found[:: len(sizes.broad)] for _ in sizes.broad]
    return Fit([_without_weakest(made, held) for made, held in zip(found, belonging, strict=True)], belonging)


def _belonging(edges, fine: np.ndarray, total: np.ndarray) -> np.ndarray:
    """For every row the share of its neighbours that are in its fine group and stay there."""
    own = edges.data * (fine[edges.row] == fine[edges.col])
    return np.bincount(edges.row, weights=own, minlength=len(fine)) / total


def _without_weakest(found: Partition, belonging: np.ndarray) -> Partition:
    """The same groups without the rows that hardly belong and without groups that are too small."""
    weakest = np.argsort(np.round(belonging, 6), kind="stable")[: int(MOST_IN_NONE * len(belonging))]
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


def _part(vectors: np.ndarray, neighbours: Neighbours, sizes: Sizes, rows: np.ndarray) -> np.ndarray:
    """Broad and fine groups of a part, (2, n); -1 for rows outside it."""
    edges = near_edges(restrict(neighbours, rows, vectors, k=AVERAGED))
    found = partition(smooth(vectors[rows], edges), broad=sizes.broad[:1], fine=sizes.fine[:1])[0]
    labels = np.full((2, len(vectors)), -1)
    labels[:, rows] = found.broad, found.fine
    return labels


def _agreement(parts: Sequence[np.ndarray], one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """For pairs of rows the share of the parts holding both in which they are together; 1 where no part holds both."""
    together, asked = np.zeros(len(one)), np.zeros(len(one))
    for labels in parts:
        for level in labels:
            both = (level[one] >= 0) & (level[other] >= 0)
            asked += both
            together += both & (level[one] == level[other])
    return np.where(asked > 0, together / np.maximum(asked, 1), 1.0)
