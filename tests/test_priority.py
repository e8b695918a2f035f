import numpy as np
import pytest

from analysis.priority import openness, rarity, reading_order

APART = np.eye(4)


def order(probability, *, threshold=0.5, vectors=APART, positives=(0,), decided=(False,) * 4, count=4):
    rows, _ = reading_order(np.array(probability, dtype=float), np.full(len(positives), threshold), vectors, positives=np.array(positives),
                            decided=np.array(decided), count=count)
    return rows.tolist()


def test_what_lies_at_the_threshold_comes_first_wherever_the_threshold_is():
    assert order([[0.9], [0.5], [0.2], [0.01]])[0] == 1
    assert order([[0.9], [0.5], [0.2], [0.01]], threshold=0.2)[0] == 2


def test_a_code_with_few_labels_outweighs_one_with_many():
    assert order([[0.5, 0.01], [0.01, 0.5], [0.01, 0.01], [0.01, 0.01]], positives=(99, 0))[0] == 1


def test_what_says_the_same_as_a_passage_already_chosen_or_decided_waits():
    same = np.array([[1.0, 0], [1, 0], [0, 1], [0.8, 0.6]])
    assert order([[0.5], [0.5], [0.4], [0.02]], vectors=same)[:2] == [0, 2]
    assert order([[0.5], [0.5], [0.4], [0.02]], vectors=same, decided=(True, False, False, False))[0] == 2


def test_decided_passages_are_not_asked_again_and_no_more_are_given_than_there_are():
    assert sorted(order([[0.5]] * 4, decided=(False, True, False, True), count=9)) == [0, 2]
    assert order([[0.5]] * 4, decided=(True,) * 4) == []


def test_worth_is_relative_to_the_best():
    _, worth = reading_order(np.array([[0.5], [0.1]]), np.array([0.5]), np.eye(2), positives=np.zeros(1), decided=np.zeros(2, bool), count=2)
    assert worth.tolist() == pytest.approx([1, float(openness(np.array([[0.1]]), np.array([0.5]))[0, 0])])


def test_rarity_of_a_code_nobody_labelled_is_one():
    assert rarity(np.array([0, 3])).tolist() == [1.0, 0.5]


def test_without_vectors_each_passage_still_comes_once():
    assert sorted(order([[0.5], [0.5], [0.4], [0.1]], vectors=np.zeros((4, 1)))) == [0, 1, 2, 3]
