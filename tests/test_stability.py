"""A group that comes back is firm; one that dissolves is marked."""

from __future__ import annotations

import math

import numpy as np
import pytest

from analysis import stability
from analysis.clustering import Partition
from analysis.consensus import Sizes
from analysis.neighbours import find_neighbours
from analysis.stability import Refit, best_match, draw_samples, grade, refit, stabilities, steadiest


def test_best_match_is_the_highest_jaccard():
    # Group 0 = {0, 1, 2, 3}; again {0, 1, 2} and {3, 4}: 3/4 and 1/5. Group 1 = {4, 5}: {3, 4} gives 1/3, {5} gives 1/2.
    labels = np.array([0, 0, 0, 0, 1, 1])
    again = np.array([0, 0, 0, 1, 1, 2])
    assert best_match(labels, again, groups=2).tolist() == [0.75, 0.5]


def test_rows_in_no_group_belong_to_no_match():
    # Row 2 is in no theme, yet it makes the refit's group {0, 1, 2} larger than the theme {0, 1}: 2/3.
    assert best_match(np.array([0, 0, -1]), np.array([0, 0, 0]), groups=1).tolist() == [pytest.approx(2 / 3)]


def test_a_group_without_a_row_in_the_sample_is_not_measured_there():
    assert np.isnan(best_match(np.array([0, 0]), np.array([0, 0]), groups=2)[1])


def test_stability_is_the_mean_over_refits_on_the_rows_each_was_made_from():
    labels = np.array([0, 0, 0, 0])
    whole = Refit(np.array([0, 1, 2]), [Partition(np.zeros(3, dtype=int), np.zeros(3, dtype=int))])
    halved = Refit(np.array([0, 1, 2, 3]), [Partition(np.zeros(4, dtype=int), np.array([0, 0, 1, 1]))])
    # 1 in the first refit (row 3 was not drawn), 2/4 in the second.
    assert stabilities(labels, [whole, halved], level="fine").tolist() == [0.75]
    assert stabilities(labels, [whole, halved], level="broad").tolist() == [1.0]


def test_without_refits_nothing_is_measured():
    assert math.isnan(stabilities(np.array([0, 0]), [], level="broad")[0])


@pytest.mark.parametrize(("value", "word"), [(0.75, "firm"), (0.7499, "tentative"), (0.5, "tentative"), (0.49, "do not quote"), (math.nan, "not measured")])
def test_grades_have_stated_limits(value, word):
    assert grade(value) == word


def test_samples_hold_four_fifths_and_depend_on_the_seed_only():
    (first, one), (second, two) = draw_samples(100, refits=2, seed=5)
    assert first != second
    assert len(one) == len(two) == 80 and not np.array_equal(one, two)
    assert np.array_equal(one, draw_samples(100, refits=2, seed=5)[0][1])
    assert not np.array_equal(one, draw_samples(100, refits=2, seed=6)[0][1])
    assert (np.diff(one) > 0).all()


def clumps(n: int, each: int) -> np.ndarray:
    random = np.random.default_rng(6)
    centres = random.normal(size=(n, 20))
    vectors = np.repeat(centres, each, axis=0) + 0.2 * random.normal(size=(n * each, 20))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def test_clear_groups_come_back():
    vectors, true = clumps(4, 40), np.repeat(np.arange(4), 40)
    again = refit(vectors, find_neighbours(vectors, k=45), sizes=Sizes((4,), (4,)), samples=draw_samples(160, refits=3, seed=1))
    assert stabilities(true, again, level="fine").tolist() == [1.0, 1.0, 1.0, 1.0]


def test_groups_of_mere_noise_do_not_come_back():
    random = np.random.default_rng(8)
    vectors = random.normal(size=(400, 50)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    graph, sizes = find_neighbours(vectors, k=45), Sizes((6,), (12,))
    (first, *others) = refit(vectors, graph, sizes=sizes, samples=draw_samples(400, refits=4, seed=1))
    labels = np.full(400, -1)
    labels[first.rows] = first.partitions[0].fine
    assert np.mean(stabilities(labels, others, level="fine")) < 0.5


def test_the_number_of_broad_groups_that_comes_back_is_shown():
    # Asked for two groups, the refits always find the same two; asked for three, they cut elsewhere each time.
    two, three = np.array([0, 0, 0, 1, 1, 1]), np.array([0, 0, 1, 1, 2, 2])
    cuts = [np.array([0, 1, 1, 2, 2, 0]), np.array([0, 1, 2, 0, 1, 2])]
    refits = [Refit(np.arange(6), [Partition(cut, cut), Partition(two, two)]) for cut in cuts]
    assert steadiest([three, two], refits, level="broad", choices=[0, 1]) == 1
    assert steadiest([three, two], [], level="broad", choices=[4, 5]) == 4


def test_refits_in_several_processes_are_those_of_one(monkeypatch):
    random = np.random.default_rng(4)
    vectors = np.repeat(random.normal(size=(4, 30)), 15, axis=0) + 0.3 * random.normal(size=(60, 30))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    graph, sizes = find_neighbours(vectors, k=45), Sizes((4,), (4,))
    found = []
    for alone in (10, 1):
        monkeypatch.setattr(stability, "REFITS_ALONE", alone)
        monkeypatch.setattr(stability, "MESSAGES_ALONE", 0)
        found.append(stability.refit(vectors, graph, sizes=sizes, samples=stability.draw_samples(60, refits=3, seed=2)))
    assert [made.rows.tolist() for made in found[0]] == [made.rows.tolist() for made in found[1]]
    assert [[p.fine.tolist() for p in made.partitions] for made in found[0]] == [[p.fine.tolist() for p in made.partitions] for made in found[1]]


def test_a_few_rows_in_a_group_that_dissolves_do_not_outweigh_that_the_others_come_back_better():
    # 0.96 of the rows come back at 1 and 0.04 at 0.04 or less, against all of them at 0.6: two groups of 50, cut into 30 and 20 each time.
    first = np.r_[np.zeros(48, dtype=int), np.ones(48, dtype=int), np.full(4, 2)]
    loose = np.r_[np.zeros(48, dtype=int), np.ones(48, dtype=int), np.full(4, -1)]
    second, cut = np.repeat([0, 1], 50), np.repeat([0, 1, 2, 3], [30, 20, 30, 20])
    refits = [Refit(np.arange(100), [Partition(loose, loose), Partition(cut, cut)])]
    assert steadiest([first, second], refits, level="fine", choices=[0, 1]) == 0
