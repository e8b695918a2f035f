"""How firm a theme is: whether it comes back when a fifth of the messages is left out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from analysis.clustering import Partition
from analysis.consensus import Sizes, draw, fit
from analysis.neighbours import Neighbours, restrict
from analysis.reduction import REDUCED_NEIGHBOURS

# Cut-offs for the mean best-match Jaccard (Hennig 2007: below 0.5 a group has dissolved, from 0.75 on it is stable).
FIRM, TENTATIVE = 0.75, 0.5
RESAMPLED_SHARE = 0.8
# A process takes about 3 s to start, a refit of 500 messages half a second: so few refits, or refits of so few messages, are made here.
REFITS_ALONE, MESSAGES_ALONE = 4, 400


@dataclass(frozen=True)
class Refit:
    """What was found among ``rows`` alone: partitions of these rows, one for every number of fine and broad groups."""

    rows: np.ndarray
    partitions: list[Partition]


def draw_samples(n: int, *, refits: int, seed: int) -> list[tuple[int, np.ndarray]]:
    """For every refit a seed of its own and its rows: 80 % of ``n``."""
    rows = draw(n, times=refits, share=RESAMPLED_SHARE, seed=seed)
    return [(seed + 1 + number, sample) for number, sample in enumerate(rows)]


def refit(vectors: np.ndarray, neighbours: Neighbours, *, sizes: Sizes, samples: Iterable[tuple[int, np.ndarray]]) -> list[Refit]:
    """The whole fit again on every sample with another seed, on the part of the one neighbour graph that it leaves.

    Many refits are made in as many processes as there are cores, which gives the same as one after the other.
    """
    import joblib

    samples, cores = iter(samples), joblib.cpu_count()
    first = [_again(vectors, neighbours, sizes, sample) for sample in islice(samples, REFITS_ALONE)]
    if cores == 1 or len(vectors) < MESSAGES_ALONE:
        return first + [_again(vectors, neighbours, sizes, sample) for sample in samples]
    made = joblib.Parallel(n_jobs=cores, pre_dispatch="n_jobs")(
        joblib.delayed(_again)(vectors, neighbours, sizes, sample) for sample in samples)
    return first + made


def _again(vectors: np.ndarray, neighbours: Neighbours, sizes: Sizes, sample: tuple[int, np.ndarray]) -> Refit:
    seed, rows = sample
    return Refit(rows, fit(vectors[rows], restrict(neighbours, rows, vectors, k=REDUCED_NEIGHBOURS), sizes=sizes, seed=seed).partitions)


def stabilities(labels: np.ndarray, refits: list[Refit], *, level: str, choice: int = 0) -> np.ndarray:
    """Mean best-match Jaccard of every group over the refits, on the rows each was made from; NaN without refits.

    ``labels`` is (n,) with -1 for no group; ``level`` is ``"broad"`` or ``"fine"``; ``choice`` is the place of the partition among those that
    were fitted.
    """
    groups = int(labels.max(initial=-1)) + 1
    if not refits:
        return np.full(groups, np.nan)
    table = np.stack([best_match(labels[r.rows], getattr(r.partitions[choice], level), groups=groups) for r in refits])
    measured = ~np.isnan(table)
    mean = np.where(measured, table, 0.0).sum(axis=0) / np.maximum(measured.sum(axis=0), 1)
    return np.where(measured.any(axis=0), mean, np.nan)


def best_match(labels: np.ndarray, again: np.ndarray, *, groups: int) -> np.ndarray:
    """For every group of ``labels`` (n,) its highest Jaccard with a group of ``again`` (n,); NaN where it has no row."""
    table = np.zeros((groups + 1, int(again.max(initial=-1)) + 2))
    np.add.at(table, (labels, again), 1.0)
    shared, size = table[:groups, :-1], table[:groups].sum(axis=1)
    union = size[:, None] + table[:, :-1].sum(axis=0) - shared
    return np.where(size > 0, (shared / np.maximum(union, 1.0)).max(axis=1, initial=0.0), np.nan)


def steadiest(candidates: Sequence[np.ndarray], refits: list[Refit], *, level: str, choices: Sequence[int]) -> int:
    """Which of several partitions (n,) to show: the one with the highest mean stability, in which groups below 0.5 count as nothing.

    Rows in groups that dissolve weigh against a partition, but a few of them do not outweigh that all others come back better. ``choices`` holds each one's place among those that were fitted; one of them is returned.
    """
    if not refits:
        return choices[0]
    scores = []
    for labels, choice in zip(candidates, choices, strict=True):
        held = np.nan_to_num(stabilities(labels, refits, level=level, choice=choice))
        weights = np.bincount(labels[labels >= 0], minlength=len(held)) / max(1, (labels >= 0).sum())
        scores.append((round(float(np.where(held < TENTATIVE, 0.0, held) @ weights), 3), -choice))
    return choices[max(range(len(scores)), key=lambda place: scores[place])]


def grade(stability: float) -> str:
    """A stability in plain words: firm, tentative, do not quote, not measured."""
    if np.isnan(stability):
        return "not measured"
    return "firm" if stability >= FIRM else "tentative" if stability >= TENTATIVE else "do not quote"
