"""How well decisions agree with people's labels: scores per code, with intervals, by sureness and by group."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from analysis.agreement import cohens_kappa, f1_score, krippendorffs_alpha
from analysis.labels import Labels

# Fewer positives than this and a score says more about chance than about the mapping.
MIN_POSITIVES = 10
BOOTSTRAP = 1_000
BINS = 10
# A group this far behind the whole is worth a warning.
GAP = 0.10
SHARES = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5)
# The share of decisions that are kept when the least certain fifth is set aside.
KEPT = 0.8
ABSTENTION_COLUMNS = ["dimension", "decisions", "abstained_share", "error_share", "error_share_decided"]
DIMENSION_COLUMNS = ["dimension", "codes", "macro_f1", "low", "high", "calibration_error", "error", "error_at_80", "passage_error",
                     "passage_error_at_80", "abstain_margin"]


@dataclass(frozen=True)
class Decisions:
    """What was decided on n passages, beside what people say of them.

    ``names`` holds (dimension, code) of every column; ``truth`` and ``assigned`` are (n, codes) of True and False,
    ``probability`` (n, codes), and ``threshold`` (codes) or (n, codes): the probability at which a code is assigned.
    """

    names: list[tuple[str, str]]
    truth: np.ndarray
    assigned: np.ndarray
    probability: np.ndarray
    threshold: np.ndarray

    @property
    def sureness(self) -> np.ndarray:
        """(n, codes) distance of a decision from its threshold, in log-odds."""
        return np.abs(_odds(self.probability) - _odds(np.broadcast_to(self.threshold, self.probability.shape)))

    def columns(self, dimension: str, *, measured: bool = True) -> list[int]:
        """The columns of a dimension; only those with enough positives if ``measured``."""
        return [c for c, (of, _) in enumerate(self.names) if of == dimension and (not measured or self.truth[:, c].sum() >= MIN_POSITIVES)]

    @property
    def dimensions(self) -> list[str]:
        return list(dict.fromkeys(dimension for dimension, _ in self.names))


@dataclass(frozen=True)
class Evaluation:
    """Scores of decisions against labels.

    ``codes``: a row per code (``dimension, code, positives, precision, recall, f1, f1_low,
    f1_high, calibration_error, kappa, alpha, measured``). ``dimensions``: macro-F1 with interval, calibration
    error, and the error before and after the least certain fifth is set aside. ``coverage``: the error where only
    the surest share is decided, per decision and per passage. ``groups``: F1 by group with its gap to the whole.
    ``abstentions``: per dimension the share of decisions that were left open, and the error of all and of the others.
    ``settings``: how it was measured.
    """

    codes: pd.DataFrame
    dimensions: pd.DataFrame
    coverage: pd.DataFrame
    groups: pd.DataFrame
    abstentions: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=ABSTENTION_COLUMNS))
    settings: dict = field(default_factory=dict)

    @property
    def warnings(self) -> list[str]:
        """Groups that fall behind, in a sentence each."""
        behind = self.groups[self.groups["gap"] > GAP]
        return [f"{row.by} {row.group} ({row.passages} passages): F1 {row.f1:.2f}, {row.gap:.2f} behind the whole ({row.dimension})."
                for row in behind.itertuples()]

    def as_record(self) -> dict:
        """The scores as they stand in a record of coefficients; codes with too few positives have no figure."""
        named = {"f1": "f1", "f1_low": "low", "f1_high": "high", "precision": "precision", "recall": "recall"}
        codes = {f"{row.dimension}:{row.code}": {"positives": row.positives} | (
            {key: float(getattr(row, column)) for column, key in named.items()} if row.measured else {}) for row in self.codes.itertuples()}
        dimensions = self.dimensions.rename(columns={"calibration_error": "ece"}).set_index("dimension")
        return {"codes": codes, "dimensions": dimensions.to_dict("index")}


def evaluate(table: pd.DataFrame, labels: Labels, *, rules: dict[str, dict] | None = None, seed: int = 0) -> Evaluation:
    """Compare a mapping's ``table`` (as from ``map_to_framework``) with labels of the same contributions.

    Rows are matched by ``contribution_id`` and the labels' ``id``; a contribution has a code if one of
    its passages does, and its highest probability. ``rules`` holds the threshold of each code (``{"assign": …}``;
    0.5 for others). Intervals are 95 % percentiles of a bootstrap over sources (over passages where no source is given).
    """
    dimension_of = table.drop_duplicates("code").set_index("code")["dimension"]
    codes = [code for code in labels.codes if code in dimension_of.index]
    ids = labels.table["id"]
    decisions = Decisions(
        names=[(dimension_of[code], code) for code in codes], truth=labels.codes[codes].to_numpy(dtype=bool),
        assigned=_wide(table, "assigned", ids, codes).to_numpy().astype(bool), probability=_wide(table, "probability", ids, codes).to_numpy(dtype=float),
        threshold=np.array([(rules or {}).get(code, {}).get("assign", 0.5) for code in codes]))
    by = labels.table["source"] if "source" in labels.table and (labels.table["source"] != "").any() else None
    scored = score(decisions, sources=by, seed=seed)
    unsure = _wide(table.assign(unsure=table["decision"] == "abstain"), "unsure", ids, codes).to_numpy().astype(bool) if "decision" in table else None
    return Evaluation(scored.codes, scored.dimensions, scored.coverage, _groups(labels.table, decisions), _abstentions(decisions, unsure), settings={
        "labels": len(ids), "matched": int(ids.isin(table["contribution_id"]).sum()), **scored.settings})


def _wide(table: pd.DataFrame, values: str, ids: pd.Series, codes: list[str]) -> pd.DataFrame:
    wide = table[table["code"].isin(codes)].pivot_table(index="contribution_id", columns="code", values=values, aggfunc="max")
    return wide.reindex(index=ids, columns=codes).fillna(0).reset_index(drop=True)


def score(decisions: Decisions, *, sources: pd.Series | None = None, seed: int = 0) -> Evaluation:
    """Score decisions per code and per dimension; passages of one source are drawn together in the bootstrap."""
    samples = resamples(len(decisions.truth), sources, seed)
    codes = pd.DataFrame([_code_scores(decisions, c, samples) for c in range(len(decisions.names))])
    rows = [_dimension_scores(decisions, dimension, samples) for dimension in decisions.dimensions if decisions.columns(dimension)]
    return Evaluation(codes, pd.DataFrame(rows, columns=DIMENSION_COLUMNS), _coverage(decisions), _no_groups(), settings={
        "seed": seed, "bootstrap": BOOTSTRAP, "bootstrap_over": "passages" if sources is None else "sources", "minimum_positives": MIN_POSITIVES})


def resamples(count: int, sources: pd.Series | None, seed: int) -> np.ndarray:
    """(BOOTSTRAP, count) weights: how often each passage is drawn; whole sources are drawn together."""
    group = np.arange(count) if sources is None else pd.factorize(sources)[0]
    parts = int(group.max(initial=-1)) + 1
    draws = np.random.default_rng(seed).multinomial(parts, np.full(parts, 1 / max(parts, 1)), size=BOOTSTRAP)
    return draws[:, group]


def _code_scores(decisions: Decisions, c: int, samples: np.ndarray) -> dict:
    t, a = decisions.truth[:, c], decisions.assigned[:, c]
    low, high = np.percentile(f1_score(t, a, samples), [2.5, 97.5])
    both, (dimension, code) = int((t & a).sum()), decisions.names[c]
    return {"dimension": dimension, "code": code, "positives": int(t.sum()),
            "precision": both / a.sum() if a.any() else 0.0, "recall": both / t.sum() if t.any() else 0.0,
            "f1": float(f1_score(t, a)), "f1_low": low, "f1_high": high,
            "calibration_error": calibration_error(t, decisions.probability[:, c]),
            "kappa": cohens_kappa(t, a), "alpha": krippendorffs_alpha(t, a), "measured": bool(t.sum() >= MIN_POSITIVES)}


def _dimension_scores(decisions: Decisions, dimension: str, samples: np.ndarray) -> dict:
    columns = decisions.columns(dimension)
    t, a, sure = decisions.truth[:, columns], decisions.assigned[:, columns], decisions.sureness[:, columns]
    each = [f1_score(t[:, c], a[:, c], samples) for c in range(len(columns))]
    low, high = np.percentile(np.mean(each, axis=0), [2.5, 97.5])
    wrong = t != a
    return {"dimension": dimension, "codes": len(columns), "macro_f1": float(np.mean([f1_score(t[:, c], a[:, c]) for c in range(len(columns))])),
            "low": float(low), "high": float(high), "calibration_error": calibration_error(t, decisions.probability[:, columns]),
            "error": float(wrong.mean()), "error_at_80": _surest_error(wrong.ravel(), sure.ravel(), KEPT),
            "passage_error": float(wrong.any(axis=1).mean()), "passage_error_at_80": _surest_error(wrong.any(axis=1), sure.min(axis=1), KEPT),
            "abstain_margin": float(np.quantile(sure, 1 - KEPT))}


def calibration_error(truth: np.ndarray, probability: np.ndarray) -> float:
    """Expected calibration error: mean gap between probability and share of positives, ten bins of equal width (Guo et al. 2017)."""
    truth, probability = truth.ravel(), probability.ravel()
    if not len(truth):
        return float("nan")
    where = np.minimum((probability * BINS).astype(int), BINS - 1)
    return float(sum(abs(probability[where == b].mean() - truth[where == b].mean()) * (where == b).mean() for b in np.unique(where)))


def _odds(probability: np.ndarray) -> np.ndarray:
    clipped = np.clip(probability, 1e-4, 1 - 1e-4)
    return np.log(clipped / (1 - clipped))


def _surest_error(wrong: np.ndarray, sure: np.ndarray, share: float) -> float:
    """The share of wrong ones among the surest ``share``; ties at its edge are all kept."""
    kept = sure >= np.quantile(sure, 1 - share)
    return float(wrong[kept].mean())


def _coverage(decisions: Decisions) -> pd.DataFrame:
    """The share of wrong decisions, and of passages with any wrong one, among the surest."""
    rows = []
    for dimension in decisions.dimensions:
        columns = decisions.columns(dimension)
        wrong, sure = (decisions.truth != decisions.assigned)[:, columns], decisions.sureness[:, columns]
        rows += [(dimension, share, _surest_error(wrong.ravel(), sure.ravel(), share), _surest_error(wrong.any(axis=1), sure.min(axis=1), share))
                 for share in SHARES if wrong.size]
    return pd.DataFrame(rows, columns=["dimension", "covered_share", "error_share", "passage_error_share"])


def _abstentions(decisions: Decisions, unsure: np.ndarray | None) -> pd.DataFrame:
    """What is gained by leaving open what the mapping abstains from; a code that any passage was assigned is decided."""
    rows = []
    for dimension in decisions.dimensions if unsure is not None else ():
        columns = decisions.columns(dimension, measured=False)
        wrong = (decisions.truth != decisions.assigned)[:, columns]
        left = (unsure & ~decisions.assigned)[:, columns]
        rows.append((dimension, wrong.size, float(left.mean()), float(wrong.mean()), float(wrong[~left].mean()) if (~left).any() else float("nan")))
    return pd.DataFrame(rows, columns=ABSTENTION_COLUMNS)


def _no_groups() -> pd.DataFrame:
    return pd.DataFrame(columns=["dimension", "by", "group", "passages", "positives", "f1", "gap"])


def _groups(table: pd.DataFrame, decisions: Decisions) -> pd.DataFrame:
    """Pooled F1 per dimension for short and long passages, sources, and registers where they are given."""
    words = table["text"].str.split().str.len()
    by = {"length": pd.cut(words, [-1, 25, 60, np.inf], labels=["up to 25 words", "26 to 60 words", "over 60 words"]).astype("str")}
    by |= {name: table[name] for name in ("source", "register") if name in table and (table[name] != "").any()}
    rows = []
    for dimension in decisions.dimensions:
        columns = decisions.columns(dimension, measured=False)
        truth, assigned = decisions.truth[:, columns], decisions.assigned[:, columns]
        whole = float(f1_score(truth.ravel(), assigned.ravel()))
        for name, values in by.items():
            for group in sorted(values.unique()):
                inside = (values == group).to_numpy()
                t, a = truth[inside].ravel(), assigned[inside].ravel()
                if t.sum() >= MIN_POSITIVES:
                    f1 = float(f1_score(t, a))
                    rows.append((dimension, name, group, int(inside.sum()), int(t.sum()), f1, whole - f1))
    return pd.DataFrame(rows, columns=_no_groups().columns)
