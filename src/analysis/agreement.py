"""Agreement of coders on the same passages, beyond what chance gives: people with each other, and with the mapping."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.labels import Labels

COLUMNS = ["code", "passages", "positives_one", "positives_other", "kappa", "alpha", "f1"]


def f1_score(truth: np.ndarray, assigned: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """F1 of (n,) decisions, 0 where neither has a positive; with ``weights`` (samples, n), one F1 per sample."""
    weights = np.ones(len(truth)) if weights is None else weights
    both, wrong = weights @ (truth & assigned), weights @ (truth ^ assigned)
    return np.divide(2 * both, 2 * both + wrong, out=np.zeros_like(both, dtype=float), where=(2 * both + wrong) > 0)


def cohens_kappa(one: np.ndarray, other: np.ndarray) -> float:
    """Agreement of two coders on yes or no beyond what their own rates give by chance (Cohen 1960)."""
    if not len(one):
        return float("nan")
    observed = (one == other).mean()
    chance = one.mean() * other.mean() + (1 - one.mean()) * (1 - other.mean())
    return float((observed - chance) / (1 - chance)) if chance < 1 else float("nan")


def krippendorffs_alpha(one: np.ndarray, other: np.ndarray) -> float:
    """Krippendorff's alpha for two coders, nominal data, nothing missing (Krippendorff 2011)."""
    n = 2 * len(one)
    yes = int(one.sum() + other.sum())
    expected = 2 * yes * (n - yes) / (n * (n - 1)) if n > 1 else 0
    return float(1 - (one != other).mean() / expected) if expected else float("nan")


def agreement(one: Labels, other: Labels, *, tool: pd.DataFrame | None = None) -> pd.DataFrame:
    """Coder beside coder, per code, over the ids that both have: ``code, passages, positives_one, positives_other, kappa, alpha, f1``.

    ``tool`` holds what the mapping assigned, rows aligned with ``one`` and a column per code; its agreement with ``one``
    on the same passages is then beside it (``tool_kappa, tool_alpha, tool_f1``).
    """
    left, right = one.codes.set_axis(one.table["id"]), other.codes.set_axis(other.table["id"])
    shared = left.index.intersection(right.index)
    machine = None if tool is None else tool.set_axis(one.table["id"]).loc[shared]
    rows = []
    for code in [c for c in left if c in right]:
        a, b = left.loc[shared, code].to_numpy(), right.loc[shared, code].to_numpy()
        beside = [] if machine is None or code not in machine else _beside(a, machine[code].to_numpy(dtype=bool))
        rows.append([code, len(shared), int(a.sum()), int(b.sum()), *_beside(a, b), *beside])
    columns = COLUMNS + ([] if machine is None else ["tool_kappa", "tool_alpha", "tool_f1"])
    return pd.DataFrame(rows, columns=columns)


def _beside(a: np.ndarray, b: np.ndarray) -> list[float]:
    return [cohens_kappa(a, b), krippendorffs_alpha(a, b), float(f1_score(a, b))]
