"""One exact nearest-neighbour graph, computed once, that everything about themes is read from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# Similarities held in memory at a time, whatever the number of passages: 64 million
# of them are 256 MB.
BLOCK_CELLS = 64_000_000
BLOCK_ROWS = 1_024
# Columns of which the highest similarity is looked at first, and similarities that are sorted at a time.
STRETCH, SORTED_TOGETHER = 64, 4_000_000


@dataclass(frozen=True)
class Neighbours:
    """The nearest rows of every row, nearest first; the first one is the row itself.

    ``indices`` is (n, k) int32, ``distances`` (n, k) float32 of cosine distances.
    """

    indices: np.ndarray
    distances: np.ndarray

    def __len__(self) -> int:
        return len(self.indices)

    def first(self, k: int) -> Neighbours:
        """The same graph with the ``k`` nearest only."""
        return Neighbours(self.indices[:, :k], self.distances[:, :k])


def find_neighbours(vectors: np.ndarray, *, k: int) -> Neighbours:
    """The ``k`` nearest rows (itself included) of every row, exactly.

    ``vectors`` is (n, dimensions) float32 of length 1. Similarities are plain matrix
    products, in blocks of rows, so 100,000 passages need under 1 GB. Of equally near
    rows the earlier one counts as nearer, which keeps the graph the same on every run.
    """
    return _search(vectors, np.arange(len(vectors)), min(k, len(vectors)))


def restrict(neighbours: Neighbours, rows: np.ndarray, vectors: np.ndarray, *, k: int) -> Neighbours:
    """The graph among ``rows`` alone, taken from the graph of all.

    ``rows`` are ascending positions. A row that has lost too many of its neighbours (one
    inside a large group of which a single member stays) is searched for again, the
    others are not; both give exactly the neighbours that a new search would give.
    """
    place = np.full(len(neighbours), -1, dtype=np.int32)
    place[rows] = np.arange(len(rows), dtype=np.int32)
    k = min(k, len(rows))
    known = place[neighbours.indices[rows]]
    order = np.argsort(known < 0, axis=1, kind="stable")[:, :k]
    indices = np.take_along_axis(known, order, axis=1)
    distances = np.take_along_axis(neighbours.distances[rows], order, axis=1)
    short = np.flatnonzero((indices < 0).any(axis=1) | (indices.shape[1] < k))
    if len(short):
        found = _search(vectors[rows], short, k)
        if indices.shape[1] < k:
            return found
        indices[short], distances[short] = found.indices, found.distances
    return Neighbours(indices, distances)


def nearest_among(vectors: np.ndarray, others: np.ndarray, *, k: int) -> Neighbours:
    """The ``k`` nearest of ``others`` (m, dimensions) for every one of ``vectors`` (n, dimensions), exactly, nearest first."""
    indices = np.zeros((len(vectors), k), dtype=np.int32)
    distances = np.zeros((len(vectors), k), dtype=np.float32)
    step = max(1, min(BLOCK_ROWS, BLOCK_CELLS // max(1, len(others))))
    for begin in range(0, len(vectors), step):
        similarity = vectors[begin:begin + step] @ others.T
        indices[begin:begin + step] = nearest = _largest(similarity, k)
        distances[begin:begin + step] = np.clip(1.0 - np.take_along_axis(similarity, nearest, axis=1), 0.0, None)
    return Neighbours(indices, distances)


def _search(vectors: np.ndarray, rows: np.ndarray, k: int) -> Neighbours:
    indices = np.zeros((len(rows), k), dtype=np.int32)
    distances = np.zeros((len(rows), k), dtype=np.float32)
    step = max(1, min(BLOCK_ROWS, BLOCK_CELLS // max(1, len(vectors))))
    for begin in range(0, len(rows), step):
        chunk = rows[begin:begin + step]
        similarity = vectors[chunk] @ vectors.T
        similarity[np.arange(len(chunk)), chunk] = 2.0  # a row is its own nearest, also among copies of it
        nearest = _largest(similarity, k)
        near = np.take_along_axis(similarity, nearest, axis=1)
        indices[begin:begin + len(chunk)] = nearest
        distances[begin:begin + len(chunk)] = np.clip(1.0 - near, 0.0, None)
    return Neighbours(indices, distances)


def _largest(similarity: np.ndarray, k: int) -> np.ndarray:
    """Columns of the ``k`` largest values of every row, largest first, ties by column.

    The k-th largest of the maxima of stretches of columns is a bound below which no sought value lies; few others lie above it. Of
    100,000 columns that takes a fifteenth of the time of a partition, and a fifth of its memory.
    """
    rows, columns = similarity.shape
    stretch = min(STRETCH, columns // (2 * k))
    if stretch < 2:
        return np.argsort(-similarity, axis=1, kind="stable")[:, :k].astype(np.int32)
    highest = similarity[:, : columns // stretch * stretch].reshape(rows, -1, stretch).max(axis=2)
    bound = np.partition(highest, -k, axis=1)[:, -k]
    row, column = np.nonzero(similarity >= bound[:, None])
    if len(row) > SORTED_TOGETHER and rows > 1:  # many values are equal
        return np.concatenate([_largest(half, k) for half in np.array_split(similarity, 2)])
    order = np.lexsort((column, -similarity[row, column], row))
    begin = np.searchsorted(row, np.arange(rows))
    return column[order[begin[:, None] + np.arange(k)]].astype(np.int32)
