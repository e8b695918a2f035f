"""What says nothing is recognised; whatever has one word of its own takes part."""

from __future__ import annotations

import pandas as pd
import pytest

from analysis.unplaced import NOT_READ, SAYS_NOTHING, reasons, says_nothing


@pytest.mark.parametrize("text", ["n/a", "N/A.", "None", "nothing to add", "Nothing further to add, thank you.", "see above", "As above", "See my answer to question 3.", "See Q1.",
                                  "Don’t know enough to say.", "No other comments.", "no idea, sorry", "Same again please.", "👍", "👀👀", "...", "-", "5", "asdf", "qwerty", "xxxxxx",
                                  "test", "This is a test", "testing testing", "https://example.org/page", "@somebody.bsky.social", "[e-mail removed]", "I agree.",
                                  "This. So much this.", "sdfghjkl", "1, 2, 3, 4, 5, 6, 7, 8, 9, 10"])
def test_these_say_nothing(text):
    assert says_nothing(text)


@pytest.mark.parametrize("text", ["Buses.", "Legalize weed", "More sidewalks!", "Affordable housing", "No more forms.", "Test it with disabled people first.", "They do not listen",
                                  "No survey, please", "Please answer the phone", "Nothing works", "Same form three times", "Fund teams 👍", "See the Estonian model: https://example.org",
                                  "Dim mwy o ffurflenni", "AI", "I agree with the above about the same thing and this is all that I have to say here again", "Stop", "Help", "More time",
                                  "ffyrdd", "Nothing about us without us"])
def test_these_say_something(text):
    assert not says_nothing(text)


def test_reasons_are_given_per_passage_and_silence_comes_first():
    table = pd.DataFrame({"text": ["n/a", "Mae angen swyddfa", "Open an office", "👀"], "less_reliable": [False, True, False, True]}, index=[5, 6, 7, 8])
    found = reasons(table)
    assert found.index.tolist() == [5, 6, 7, 8]
    assert found.fillna("").tolist() == [SAYS_NOTHING, NOT_READ, "", SAYS_NOTHING]


def test_without_a_word_on_languages_every_passage_is_read():
    assert reasons(pd.DataFrame({"text": ["Mae angen swyddfa"]})).isna().all()
