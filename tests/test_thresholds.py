import numpy as np
import pytest

from analysis.coefficients import consistent
from analysis.thresholds import best_threshold, cross_fitted, decide_on, platt, say

NAMES = [("questions", "centre"), ("barriers", "comms")]


def test_the_threshold_lies_where_the_classes_part():
    p = np.r_[np.full(50, 0.1), np.full(50, 0.8)]
    assert 0.1 < best_threshold(p, (p > 0.5).astype(float), np.ones(100)) < 0.8


def test_a_class_that_never_occurs_keeps_an_even_threshold():
    assert best_threshold(np.array([0.2, 0.4]), np.zeros(2), np.ones(2)) == 0.5


def test_no_code_is_assigned_at_a_probability_that_says_it_is_probably_wrong():
    p = np.r_[np.full(98, 0.01), 0.03, 0.03]
    assert best_threshold(p, np.r_[np.zeros(98), 1, 1], np.ones(100)) == 0.15


def test_calibration_shrinks_scores_that_boast():
    score = np.r_[np.full(60, 6.0), np.full(60, -6.0)]
    y = np.r_[np.tile([1, 1, 0], 20), np.tile([0, 0, 1], 20)]
    slope, intercept = platt(score, y, np.ones(120))
    assert 1 / (1 + np.exp(-(6 * slope + intercept))) == pytest.approx(2 / 3, abs=0.02)


def test_too_few_of_a_class_are_left_uncalibrated():
    assert platt(np.arange(10.0), np.r_[np.ones(3), np.zeros(7)], np.ones(10)) == (1.0, 0.0)


def test_what_implies_lifts_what_is_implied():
    p = consistent(np.array([[0.2, 0.7], [0.9, 0.1]]), NAMES, [("comms", "centre")])
    assert p.tolist() == [[0.7, 0.7], [0.9, 0.1]]


def test_a_folds_own_labels_decide_nothing_about_it():
    random = np.random.default_rng(0)
    scores, fold = random.normal(size=(80, 2)), np.repeat([0, 1], 40)
    y = (scores > 0).astype(float)
    other = y.copy()
    other[fold == 1] = 1 - other[fold == 1]
    first, _, _ = cross_fitted(scores, y, np.ones(80), fold, names=NAMES, implied=[])
    second, _, _ = cross_fitted(scores, other, np.ones(80), fold, names=NAMES, implied=[])
    assert np.allclose(first[fold == 1], second[fold == 1])
    assert not np.allclose(first[fold == 0], second[fold == 0])


def test_the_standard_counts_as_much_as_all_other_passages_together():
    assert say(np.array([True, True, False, False, False, False, False, False])).tolist() == [3, 3, 1, 1, 1, 1, 1, 1]
    assert say(np.ones(4, dtype=bool)).tolist() == [1, 1, 1, 1]


def test_calibration_follows_the_passages_that_count():
    # At the same score two of four of the standard are positive, and none of the ten others.
    y, standard = np.r_[1, 1, 0, 0, np.zeros(10)], np.r_[np.ones(4, dtype=bool), np.zeros(10, dtype=bool)]
    score, truth, weight = np.zeros(28), np.r_[y, np.ones(5), np.zeros(9)], np.r_[say(standard), say(standard)]
    low, high = platt(score, truth, np.ones(28))[1], platt(score, truth, weight)[1]
    assert low == pytest.approx(np.log(7 / 21), abs=0.05)
    assert high == pytest.approx(np.log(truth @ weight / ((1 - truth) @ weight)), abs=0.05) and high > low
    scale, _ = decide_on(score[:, None], truth[:, None], weight, NAMES[:1], [])
    assert scale[0, 1] == pytest.approx(high)


def test_a_threshold_follows_the_passages_that_count():
    # Ten each: of those that count, positives at 0.9 and negatives at 0.7; of those that do not, positives at 0.4 and negatives at 0.2.
    p, y = np.repeat([0.9, 0.7, 0.4, 0.2], 10), np.repeat([1.0, 0.0, 1.0, 0.0], 10)
    # The labels part at 0.8; by the probabilities alone (9 and 7 of ten expected to hold) all that count are taken, down to (0.7 + 0.4) / 2.
    assert best_threshold(p, y, np.repeat([1.0, 0.0], 20)) == pytest.approx((0.8 + 0.55) / 2)
    # All alike: the labels part at 0.3 (2 * 20 / 50), and so do the probabilities (2 * 20 / 52).
    assert best_threshold(p, y, np.ones(40)) == pytest.approx(0.3, abs=0.03)
