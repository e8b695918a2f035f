"""How firm a theme is: whether it comes back when a fifth of the messages is left out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from analysis.clustering import Partition, partition
from analysis.neighbours import Neighbours, restrict
from analysis.reduction import AVERAGED, averaging, smooth

# Cut-offs for the mean best-match Jaccard (Hennig 2007: below 0.5 a group has dissolved, from 0.75 on it is stable).
FIRM, TENTATIVE = 0.75, 0.5
RESAMPLED_SHARE = 0.8

Track = Callable[[Iterable, str, int], Iterable]


@dataclass(frozen=True)
class Refit:
    """The groups that were found among ``rows`` alone; ``partition`` covers all rows, the others by their neighbours."""

    rows: np.ndarray
    partition: Partition


def refit(vectors: np.ndarray, neighbours: Neighbours, *, sizes: tuple[int, int], samples: Iterable[np.ndarray]) -> list[Refit]:
    """Fit again on every sample of rows, on the part of the one neighbour graph that it leaves.

    ``sizes`` are the numbers of broad and of fine groups to look for.
    """
    step = averaging(neighbours.first(AVERAGED))
    found = []
    for rows in samples:
        points = smooth(vectors[rows], restrict(neighbours, rows, vectors, k=AVERAGED))
        again = partition(points, broad=sizes[0], fine=sizes[1])
        found.append(Refit(rows, Partition(_filled(again.broad, rows, step), _filled(again.fine, rows, step))))
    return found


def draw_samples(n: int, *, refits: int, seed: int) -> list[np.ndarray]:
    """Rows of every refit: 80 % of ``n``, drawn without putting back, ascending."""
    random = np.random.default_rng(seed)
    return [np.sort(random.choice(n, int(round(RESAMPLED_SHARE * n)), replace=False)) for _ in range(refits)]


def stabilities(labels: np.ndarray, refits: list[Refit], *, level: str) -> np.ndarray:
    """Mean best-match Jaccard of every group over the refits, on the rows each was made from; NaN without refits.

    ``level`` is ``"broad"`` or ``"fine"``.
    """
    groups = int(labels.max(initial=-1)) + 1
    if not refits:
        return np.full(groups, np.nan)
    matches = [best_match(labels[r.rows], getattr(r.partition, level)[r.rows], groups=groups) for r in refits]
    table = np.stack(matches)
    measured = ~np.isnan(table)
    return np.where(measured.any(axis=0), np.where(measured, table, 0.0).sum(axis=0) / np.maximum(measured.sum(axis=0), 1), np.nan)


def best_match(labels: np.ndarray, again: np.ndarray, *, groups: int) -> np.ndarray:
    """For every group of ``labels`` (n,) its highest Jaccard with a group of ``again`` (n,); NaN where it has no row."""
    table = np.zeros((groups + 1, int(again.max(initial=-1)) + 2))
    np.add.at(table, (labels, again), 1.0)
    shared, size = table[:groups, :-1], table[:groups].sum(axis=1)
    union = size[:, None] + table[:, :-1].sum(axis=0) - shared
    return np.where(size > 0, (shared / np.maximum(union, 1.0)).max(axis=1, initial=0.0), np.nan)


def belonging(labels: np.ndarray, neighbours: Neighbours, refits: list[Refit]) -> np.ndarray:
    """How far a row belongs to its group, 0 to 1: the share of its neighbours that are in it and stay in it.

    A neighbour counts by the share of refits in which the two are in one fine group.
    """
    edges = averaging(neighbours.first(AVERAGED)).tocoo()
    together = np.ones(edges.nnz)
    if refits:
        together = np.mean([r.partition.fine[edges.row] == r.partition.fine[edges.col] for r in refits], axis=0)
    weight = edges.data * together * (labels[edges.row] == labels[edges.col])
    return np.clip(np.bincount(edges.row, weights=weight, minlength=len(labels)), 0.0, 1.0)


def grade(stability: float) -> str:
    """A stability in plain words: firm, tentative, do not quote, not measured."""
    if np.isnan(stability):
        return "not measured"
    return "firm" if stability >= FIRM else "tentative" if stability >= TENTATIVE else "do not quote"


def _filled(labels: np.ndarray, rows: np.ndarray, step) -> np.ndarray:
    """Labels of all rows: the left-out ones by a vote of their neighbours."""
    from scipy import sparse

    n = step.shape[0]
    known = sparse.csr_matrix((np.ones(len(rows), dtype=np.float32), (rows, labels)), shape=(n, int(labels.max(initial=0)) + 1))
    out = np.asarray((step @ known).todense()).argmax(axis=1)
    out[rows] = labels
    return out
