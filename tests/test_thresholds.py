import numpy as np
import pytest

from analysis.coefficients import consistent
from analysis.thresholds import best_threshold, cross_fitted, platt

NAMES = [("questions", "centre"), ("barriers", "comms")]


def test_the_threshold_lies_where_the_classes_part():
    p = np.r_[np.full(50, 0.1), np.full(50, 0.8)]
    assert 0.1 < best_threshold(p, (p > 0.5).astype(float)) < 0.8


def test_a_class_that_never_occurs_keeps_an_even_threshold():
    assert best_threshold(np.array([0.2, 0.4]), np.zeros(2)) == 0.5


def test_calibration_shrinks_scores_that_boast():
    score = np.r_[np.full(60, 6.0), np.full(60, -6.0)]
    y = np.r_[np.tile([1, 1, 0], 20), np.tile([0, 0, 1], 20)]
    slope, intercept = platt(score, y)
    assert 1 / (1 + np.exp(-(6 * slope + intercept))) == pytest.approx(2 / 3, abs=0.02)


def test_too_few_of_a_class_are_left_uncalibrated():
    assert platt(np.arange(10.0), np.r_[np.ones(3), np.zeros(7)]) == (1.0, 0.0)


def test_what_implies_lifts_what_is_implied():
    p = consistent(np.array([[0.2, 0.7], [0.9, 0.1]]), NAMES, [("comms", "centre")])
    assert p.tolist() == [[0.7, 0.7], [0.9, 0.1]]


def test_a_folds_own_labels_decide_nothing_about_it():
    random = np.random.default_rng(0)
    scores, fold = random.normal(size=(80, 2)), np.repeat([0, 1], 40)
    y = (scores > 0).astype(float)
    other = y.copy()
    other[fold == 1] = 1 - other[fold == 1]
    first, _, _ = cross_fitted(scores, y, fold, NAMES, [])
    second, _, _ = cross_fitted(scores, other, fold, NAMES, [])
    assert np.allclose(first[fold == 1], second[fold == 1])
    assert not np.allclose(first[fold == 0], second[fold == 0])
