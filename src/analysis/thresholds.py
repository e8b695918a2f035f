"""Calibrated probabilities and thresholds per code, from predictions that were made blind."""

from __future__ import annotations

import numpy as np

from analysis.coefficients import consistent, sigmoid


# Of assignments at a lower probability more than four in five would be expected to be wrong, whatever had the best F1 on a few passages.
LEAST = 0.15


def platt(scores, y, weight):
    """Slope and intercept of the calibration log-odds; (1, 0) where a class has fewer than five passages."""
    from sklearn.linear_model import LogisticRegression

    if min(y.sum(), len(y) - y.sum()) < 5:
        return 1.0, 0.0
    fitted = LogisticRegression(C=1.0).fit(scores[:, None], y, sample_weight=weight)
    return max(float(fitted.coef_[0, 0]), 0.05), float(fitted.intercept_[0])


def best_threshold(p, y, weight, *, draws=20, seed=0):
    """The threshold with the best F1: mean of what was found in the labels (median over bootstrap draws)
    and of what the calibrated probabilities alone lead one to expect; either alone jumps more. Never below ``LEAST``."""
    rng, found = np.random.default_rng(seed), []
    if y.sum() == 0:
        return 0.5
    for _ in range(draws):
        i = rng.choice(len(y), len(y), p=weight / weight.sum())
        if y[i].sum():
            found.append(_peak(p[i], y[i], np.ones(len(i))))
    return max(LEAST, float((np.median(found) + _peak(p, p, weight)) / 2))


def _peak(p, marks, weight):
    order = np.argsort(-p, kind="stable")
    ranked, marks, weight = p[order], (marks * weight)[order], weight[order]
    f = 2 * np.cumsum(marks) / (np.cumsum(weight) + marks.sum())
    k = int(np.argmax(f))
    return (ranked[k] + ranked[min(k + 1, len(ranked) - 1)]) / 2


def say(standard):
    """(n,) weights with which passages decide: those of the standard count together as much as all others together."""
    others = (~standard).sum()
    return np.where(standard, max(1.0, others / max(1, standard.sum())), 1.0)


def decide_on(scores, y, weight, names, implied):
    """Calibration and thresholds of one set of out-of-fold scores; ``weight`` (n,) as from ``say``."""
    scale = np.array([platt(scores[:, c], y[:, c], weight) for c in range(len(names))])
    p = consistent(sigmoid(scores * scale[:, 0] + scale[:, 1]), names, implied)
    return scale, np.array([best_threshold(p[:, c], y[:, c], weight) for c in range(len(names))])


def cross_fitted(scores, y, weight, fold, *, names, implied):
    """Probabilities, decisions and thresholds in which a fold's own labels decided nothing."""
    p, cut = np.zeros_like(scores), np.zeros_like(scores)
    for j in np.unique(fold):
        scale, thresholds = decide_on(scores[fold != j], y[fold != j], weight[fold != j], names, implied)
        p[fold == j] = consistent(sigmoid(scores[fold == j] * scale[:, 0] + scale[:, 1]), names, implied)
        cut[fold == j] = thresholds
    return p, p > cut, cut
