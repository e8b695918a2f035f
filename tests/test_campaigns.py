"""Near-identical messages are found; opinions that merely resemble each other are left alone."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest

from analysis.campaigns import copied_contributions, equal_messages, near_messages, plain
from analysis.neighbours import Neighbours


def everybody(n: int) -> Neighbours:
    """A graph in which every text is compared with every other one."""
    order = np.array([[i] + [j for j in range(n) if j != i] for i in range(n)], dtype=np.int32)
    return Neighbours(order, np.zeros(order.shape, dtype=np.float32))


def test_case_punctuation_and_spacing_make_no_other_message():
    assert plain("Keep  the LINES open!") == plain("keep the lines, open")
    assert equal_messages(["Yes please.", "No.", "yes, please", "NO"]).tolist() == [0, 1, 0, 1]


def test_texts_without_words_are_not_all_one_message():
    assert equal_messages(["👍", "👎", "👍 "]).tolist() == [0, 1, 0]


LETTER = ("{greeting}the county must not close the night bus to {place}. People on shifts have no other way home, "
          "and a taxi costs what they earn in two hours.{closing}")


def letters() -> list[str]:
    greetings = ["", "Hello. ", "Dear councillors, ", "To whom it may concern: "]
    places = ["Leek", "Buxton", "Glossop", "Matlock", "Bakewell"]
    closings = ["", " Thank you.", " Please think again. I have lived here for thirty years."]
    return [LETTER.format(greeting=g, place=p, closing=c) for g, p, c in itertools.product(greetings, places, closings)]


OTHERS = [
    "The night bus is hardly used on weekdays, so I would rather see the money spent on repairing the road to Leek.",
    "My daughter works shifts at the hospital and there is no other way home than the night bus when the trains stop.",
    "A taxi from Buxton costs thirty pounds, which is why my neighbours all drive although the bus would be cheaper.",
    "The county must publish what the night bus costs, and how many people use it, before anybody decides to close it.",
    "Parking at the hospital is impossible after nine, and the county has known about it for at least ten years now.",
    "Please keep the library open on Saturdays. Children in our street have nowhere else to do their homework in quiet.",
]


def test_a_planted_campaign_is_found_whole_and_nothing_else():
    texts = letters() + OTHERS
    message = near_messages(texts, everybody(len(texts)))
    assert len(letters()) == 60
    assert (message[:60] == 0).all()                         # recall
    assert message[60:].tolist() == [60, 61, 62, 63, 64, 65]  # precision


def test_groups_that_the_graph_leaves_apart_are_joined():
    texts = letters()[:24]
    order = np.array([[i] + [j for j in range(24) if j != i and j // 12 == i // 12] for i in range(24)], dtype=np.int32)
    graph = Neighbours(order, np.zeros(order.shape, dtype=np.float32))
    assert set(near_messages(texts, graph)) == {0}


@pytest.mark.parametrize(("one", "other"), [
    ("A new bypass should be built to the north of the town", "A new bypass should not be built to the north of the town"),
    ("Leash laws should be enforced in the whole county", "Noise laws should be enforced in the whole county"),
    ("I agree with this", "I agree with that"),
])
def test_short_texts_that_differ_in_the_word_that_matters_stay_apart(one, other):
    assert near_messages([one, other], everybody(2)).tolist() == [0, 1]


def test_a_copy_with_a_paragraph_of_its_own_is_still_a_copy():
    own = " My own mother waits for that bus at the mill gate, and last winter she waited for an hour in the sleet."
    texts = [letters()[0], letters()[0] + own]
    assert near_messages(texts, everybody(2)).tolist() == [0, 0]


def test_a_contribution_is_a_copy_only_when_every_passage_of_it_is():
    passages = pd.DataFrame({"passage_id": ["a#1", "b#1", "c#1", "c#2"], "contribution_id": ["a", "b", "c", "c"]})
    message_of = pd.Series({"a#1": "a#1", "b#1": "a#1", "c#1": "a#1", "c#2": "c#2"})
    assert copied_contributions(passages, message_of).to_dict() == {"b": "a"}
