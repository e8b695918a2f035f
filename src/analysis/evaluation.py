"""How well the mapping agrees with people: scores per code, with intervals, and by group."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from analysis.labels import Labels

# Fewer positives than this and a score says more about chance than about the mapping.
MIN_POSITIVES = 10
BOOTSTRAP = 1_000
BINS = 10
# A group this far behind the whole is worth a warning.
GAP = 0.10
SHARES = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5)


@dataclass(frozen=True)
class Evaluation:
    """Scores of a mapping against labels.

    ``codes``: a row per code (``dimension, code, positives, precision, recall, f1, f1_low,
    f1_high, calibration_error, kappa, alpha, measured``). ``dimensions``: macro-F1 with interval.
    ``coverage``: the error where only the surest share is decided. ``groups``: F1 by group with
    its gap to the whole. ``settings``: how it was measured.
    """

    codes: pd.DataFrame
    dimensions: pd.DataFrame
    coverage: pd.DataFrame
    groups: pd.DataFrame
    settings: dict = field(default_factory=dict)

    @property
    def warnings(self) -> list[str]:
        """Groups that fall behind, in a sentence each."""
        behind = self.groups[self.groups["gap"] > GAP]
        return [f"{row.by} {row.group} ({row.passages} passages): F1 {row.f1:.2f}, {row.gap:.2f} behind the whole ({row.dimension})."
                for row in behind.itertuples()]


def evaluate(table: pd.DataFrame, labels: Labels, *, seed: int = 0) -> Evaluation:
    """Compare a mapping's ``table`` (as from ``map_to_framework``) with labels of the same contributions.

    Rows are matched by ``contribution_id`` and the labels' ``id``; a contribution has a code if one of
    its passages does, and its highest probability. Intervals are 95 % percentiles of a
    bootstrap over sources (over passages where no source is given).
    """
    dimension_of = table.drop_duplicates("code").set_index("code")["dimension"]
    codes = [code for code in labels.codes if code in dimension_of.index]
    ids = labels.table["id"]
    assigned = _wide(table, "assigned", ids, codes).astype(bool)
    probability = _wide(table, "probability", ids, codes)
    truth = labels.codes[codes]
    samples = _resamples(labels.table, seed)
    rows = [_code_scores(code, dimension_of[code], truth, assigned, probability=probability, samples=samples) for code in codes]
    scores = pd.DataFrame(rows)
    return Evaluation(
        codes=scores, dimensions=_macro(scores, truth, assigned, samples=samples),
        coverage=_coverage(truth, assigned, probability, dimension_of=dimension_of),
        groups=_groups(labels.table, truth, assigned, scores=scores),
        settings={"labels": len(ids), "matched": int(ids.isin(table["contribution_id"]).sum()), "seed": seed,
                  "bootstrap": BOOTSTRAP, "minimum_positives": MIN_POSITIVES})


def _wide(table: pd.DataFrame, values: str, ids: pd.Series, codes: list[str]) -> pd.DataFrame:
    wide = table[table["code"].isin(codes)].pivot_table(index="contribution_id", columns="code", values=values, aggfunc="max")
    return wide.reindex(index=ids, columns=codes).fillna(0).reset_index(drop=True)


def _resamples(table: pd.DataFrame, seed: int) -> np.ndarray:
    """(BOOTSTRAP, n) weights: how often each passage is drawn; whole sources are drawn together."""
    by = table["source"] if "source" in table and (table["source"] != "").any() else pd.Series(table.index.astype(str))
    group, names = pd.factorize(by)
    draws = np.random.default_rng(seed).multinomial(len(names), np.full(len(names), 1 / len(names)), size=BOOTSTRAP)
    return draws[:, group]


def f1_score(truth: np.ndarray, assigned: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """F1 of (n,) decisions; with ``weights`` (samples, n), one F1 per sample."""
    weights = np.ones(len(truth)) if weights is None else weights
    both, wrong = weights @ (truth & assigned), weights @ (truth ^ assigned)
    return np.divide(2 * both, 2 * both + wrong, out=np.zeros_like(both, dtype=float), where=(2 * both + wrong) > 0)


def _code_scores(code: str, dimension: str, truth: pd.DataFrame, assigned: pd.DataFrame, *, probability: pd.DataFrame, samples: np.ndarray) -> dict:
    t, a = truth[code].to_numpy(), assigned[code].to_numpy()
    low, high = np.percentile(f1_score(t, a, samples), [2.5, 97.5])
    both = int((t & a).sum())
    return {"dimension": dimension, "code": code, "positives": int(t.sum()),
            "precision": both / a.sum() if a.any() else 0.0, "recall": both / t.sum() if t.any() else 0.0,
            "f1": float(f1_score(t, a)), "f1_low": low, "f1_high": high,
            "calibration_error": calibration_error(t, probability[code].to_numpy()),
            "kappa": cohens_kappa(t, a), "alpha": krippendorffs_alpha(t, a), "measured": bool(t.sum() >= MIN_POSITIVES)}


def _macro(scores: pd.DataFrame, truth: pd.DataFrame, assigned: pd.DataFrame, *, samples: np.ndarray) -> pd.DataFrame:
    rows = []
    for dimension, part in scores[scores["measured"]].groupby("dimension", sort=False):
        drawn = np.mean([f1_score(truth[c].to_numpy(), assigned[c].to_numpy(), samples) for c in part["code"]], axis=0)
        low, high = np.percentile(drawn, [2.5, 97.5])
        rows.append({"dimension": dimension, "codes": len(part), "macro_f1": part["f1"].mean(), "low": low, "high": high})
    return pd.DataFrame(rows, columns=["dimension", "codes", "macro_f1", "low", "high"])


def calibration_error(truth: np.ndarray, probability: np.ndarray) -> float:
    """Expected calibration error: mean gap between probability and share of positives, in bins of equal count."""
    if not len(truth):
        return float("nan")
    parts = np.array_split(np.argsort(probability, kind="stable"), min(BINS, len(truth)))
    return float(sum(len(p) * abs(truth[p].mean() - probability[p].mean()) for p in parts) / len(truth))


def cohens_kappa(one: np.ndarray, other: np.ndarray) -> float:
    """Agreement of two coders on yes or no beyond what their own rates give by chance (Cohen 1960)."""
    observed = (one == other).mean()
    chance = one.mean() * other.mean() + (1 - one.mean()) * (1 - other.mean())
    return float((observed - chance) / (1 - chance)) if chance < 1 else float("nan")


def krippendorffs_alpha(one: np.ndarray, other: np.ndarray) -> float:
    """Krippendorff's alpha for two coders, nominal data, nothing missing (Krippendorff 2011)."""
    n = 2 * len(one)
    yes = int(one.sum() + other.sum())
    expected = 2 * yes * (n - yes) / (n * (n - 1)) if n > 1 else 0
    return float(1 - (one != other).mean() / expected) if expected else float("nan")


def _coverage(truth: pd.DataFrame, assigned: pd.DataFrame, probability: pd.DataFrame, *, dimension_of: pd.Series) -> pd.DataFrame:
    """The share of wrong decisions among the surest; sureness is the distance from the decision."""
    rows = []
    for dimension in dict.fromkeys(dimension_of[list(truth)]):
        codes = [c for c in truth if dimension_of[c] == dimension]
        wrong = (truth[codes].to_numpy() != assigned[codes].to_numpy()).ravel()
        sure = np.abs(probability[codes].to_numpy() - 0.5).ravel()
        order = np.argsort(-sure, kind="stable")
        rows += [{"dimension": dimension, "covered_share": share, "error_share": float(wrong[order[: max(1, round(share * len(order)))]].mean())}
                 for share in SHARES if len(order)]
    return pd.DataFrame(rows, columns=["dimension", "covered_share", "error_share"])


def _groups(table: pd.DataFrame, truth: pd.DataFrame, assigned: pd.DataFrame, *, scores: pd.DataFrame) -> pd.DataFrame:
    """Pooled F1 per dimension for short and long passages, sources, and registers where they are given."""
    words = table["text"].str.split().str.len()
    by = {"length": pd.cut(words, [0, 25, 60, np.inf], labels=["up to 25 words", "26 to 60 words", "over 60 words"]).astype("str")}
    by |= {name: table[name] for name in ("source", "register") if name in table and (table[name] != "").any()}
    rows = []
    for dimension, part in scores.groupby("dimension", sort=False):
        codes = part["code"].tolist()
        whole = float(f1_score(truth[codes].to_numpy().ravel(), assigned[codes].to_numpy().ravel()))
        for name, values in by.items():
            for group, index in values.groupby(values).groups.items():
                t, a = truth.loc[index, codes].to_numpy().ravel(), assigned.loc[index, codes].to_numpy().ravel()
                if t.sum() >= MIN_POSITIVES:
                    f1 = float(f1_score(t, a))
                    rows.append({"dimension": dimension, "by": name, "group": group, "passages": len(index),
                                 "positives": int(t.sum()), "f1": f1, "gap": whole - f1})
    return pd.DataFrame(rows, columns=["dimension", "by", "group", "passages", "positives", "f1", "gap"])


def agreement(one: Labels, other: Labels) -> pd.DataFrame:
    """Coder beside coder, per code: ``code, positives_one, positives_other, kappa, alpha, f1`` over shared ids."""
    left, right = one.codes.set_axis(one.table["id"]), other.codes.set_axis(other.table["id"])
    shared = left.index.intersection(right.index)
    rows = []
    for code in [c for c in left if c in right]:
        a, b = left.loc[shared, code].to_numpy(), right.loc[shared, code].to_numpy()
        rows.append({"code": code, "passages": len(shared), "positives_one": int(a.sum()), "positives_other": int(b.sum()),
                     "kappa": cohens_kappa(a, b), "alpha": krippendorffs_alpha(a, b), "f1": float(f1_score(a, b))})
    return pd.DataFrame(rows, columns=["code", "passages", "positives_one", "positives_other", "kappa", "alpha", "f1"])
