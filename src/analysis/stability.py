"""How firm a theme is: whether it comes back when a fifth of the passages is left out."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

# Cut-offs for the mean best-match Jaccard (Hennig 2007: below 0.5 a group dissolves, from 0.75 on it is stable).
FIRM, TENTATIVE = 0.75, 0.5
RESAMPLED_SHARE = 0.8


def samples(n: int, *, refits: int, seed: int) -> list[np.ndarray]:
    """Rows of every refit: 80 % of ``n`` rows, drawn without putting back, ascending."""
    random = np.random.default_rng(seed)
    return [np.sort(random.choice(n, int(round(RESAMPLED_SHARE * n)), replace=False)) for _ in range(refits)]


def best_match(labels: np.ndarray, again: np.ndarray) -> np.ndarray:
    """For every group of ``labels`` its highest Jaccard with a group of ``again``; NaN where it has no row here.

    Both are (n,) with -1 for no group; rows are the same.
    """
    groups = int(labels.max(initial=-1)) + 1
    if not groups:
        return np.zeros(0)
    table = np.zeros((groups + 1, int(again.max(initial=-1)) + 2))
    np.add.at(table, (labels, again), 1.0)
    shared = table[:groups, :-1]
    union = table.sum(axis=1)[:groups, None] + table.sum(axis=0)[None, :-1] - shared
    size = table.sum(axis=1)[:groups]
    best = (shared / np.maximum(union, 1.0)).max(axis=1, initial=0.0)
    return np.where(size > 0, best, np.nan)


def grade(stability: float) -> str:
    """A stability in plain words."""
    if np.isnan(stability):
        return "not measured"
    return "firm" if stability >= FIRM else "tentative" if stability >= TENTATIVE else "do not quote"
