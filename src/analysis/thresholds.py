"""Calibrated probabilities and thresholds per code, from predictions that were made blind, and how well they do."""

from __future__ import annotations

import numpy as np

from analysis.coefficients import consistent, sigmoid


def platt(scores, y):
    """Slope and intercept of the calibration log-odds; (1, 0) where a class has fewer than five passages."""
    from sklearn.linear_model import LogisticRegression

    if min(y.sum(), len(y) - y.sum()) < 5:
        return 1.0, 0.0
    fitted = LogisticRegression(C=1.0).fit(scores[:, None], y)
    return max(float(fitted.coef_[0, 0]), 0.05), float(fitted.intercept_[0])


def best_threshold(p, y, *, draws=20, seed=0):
    """The threshold with the best F1: mean of what was found in the labels (median over bootstrap draws)
    and of what the calibrated probabilities alone lead one to expect; either alone jumps more."""
    rng, found = np.random.default_rng(seed), []
    if y.sum() == 0:
        return 0.5
    for _ in range(draws):
        i = rng.integers(0, len(y), len(y))
        if y[i].sum():
            found.append(_peak(p[i], y[i]))
    return float((np.median(found) + _peak(p, p)) / 2)


def _peak(p, marks):
    order = np.argsort(-p, kind="stable")
    ranked, marks = p[order], marks[order]
    f = 2 * np.cumsum(marks) / (np.arange(1, len(marks) + 1) + marks.sum())
    k = int(np.argmax(f))
    return (ranked[k] + ranked[min(k + 1, len(ranked) - 1)]) / 2


def decide_on(scores, y, names, implied):
    """Calibration and thresholds of one set of out-of-fold scores."""
    scale = np.array([platt(scores[:, c], y[:, c]) for c in range(len(names))])
    p = consistent(sigmoid(scores * scale[:, 0] + scale[:, 1]), names, implied)
    return scale, np.array([best_threshold(p[:, c], y[:, c]) for c in range(len(names))])


def cross_fitted(scores, y, fold, names, implied):
    """Probabilities and decisions in which a fold's own labels decided nothing."""
    p, cut = np.zeros_like(scores), np.zeros_like(scores)
    for j in np.unique(fold):
        scale, thresholds = decide_on(scores[fold != j], y[fold != j], names, implied)
        p[fold == j] = consistent(sigmoid(scores[fold == j] * scale[:, 0] + scale[:, 1]), names, implied)
        cut[fold == j] = thresholds
    return p, p > cut, cut


def f1(y, z):
    return 2 * (y * z).sum() / max(1, y.sum() + z.sum())


def calibration_error(p, y, bins=10):
    """Expected calibration error over all pairs of a dimension, ten bins of equal width."""
    p, y = p.ravel(), y.ravel()
    where = np.minimum((p * bins).astype(int), bins - 1)
    return float(sum(abs(p[where == b].mean() - y[where == b].mean()) * (where == b).mean() for b in np.unique(where)))


def scores(p, assigned, cut, y, names, *, draws=1000, seed=0):
    """Per code F1 with a bootstrap interval over passages; per dimension macro-F1, ECE and risk by coverage."""
    rng, report = np.random.default_rng(seed), {"codes": {}, "dimensions": {}}
    picks = [rng.integers(0, len(y), len(y)) for _ in range(draws)]
    z = assigned.astype(float)
    for c, (d, name) in enumerate(names):
        row = {"positives": int(y[:, c].sum())}
        if row["positives"] >= 10:
            drawn = [f1(y[i, c], z[i, c]) for i in picks]
            row |= {"f1": f1(y[:, c], z[:, c]), "low": float(np.quantile(drawn, 0.025)), "high": float(np.quantile(drawn, 0.975)),
                    "precision": float((y[:, c] * z[:, c]).sum() / max(1, z[:, c].sum())),
                    "recall": float((y[:, c] * z[:, c]).sum() / y[:, c].sum())}
        report["codes"][f"{d}:{name}"] = row
    odds = lambda q: np.log(np.clip(q, 1e-4, 1 - 1e-4) / (1 - np.clip(q, 1e-4, 1 - 1e-4)))
    sure = np.abs(odds(p) - odds(cut))
    for d in dict.fromkeys(d for d, _ in names):
        cols = [c for c, n in enumerate(names) if n[0] == d and y[:, c].sum() >= 10]
        if not cols:
            continue
        drawn = [np.mean([f1(y[i, c], z[i, c]) for c in cols]) for i in picks]
        wrong, s = (z != y)[:, cols], sure[:, cols]
        kept = s.ravel() >= np.quantile(s, 0.2)
        worst, row_wrong = s.min(1), wrong.any(1)
        row_kept = worst >= np.quantile(worst, 0.2)
        report["dimensions"][d] = {
            "macro_f1": float(np.mean([f1(y[:, c], z[:, c]) for c in cols])), "low": float(np.quantile(drawn, 0.025)),
            "high": float(np.quantile(drawn, 0.975)), "ece": calibration_error(p[:, cols], y[:, cols]), "codes": len(cols),
            "error": float(wrong.mean()), "error_at_80": float(wrong.ravel()[kept].mean()),
            "passage_error": float(row_wrong.mean()), "passage_error_at_80": float(row_wrong[row_kept].mean()),
            "abstain_margin": float(np.quantile(s, 0.2))}
    return report
