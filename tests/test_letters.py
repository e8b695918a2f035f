"""Who is told that a message came from many, and how it stands among voices."""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd
import pytest

from analysis import words
from analysis.findings import briefing, landscape, letters


def contributions(copies: int) -> pd.DataFrame:
    """A message, ``copies`` copies of it by others, one more by the first of these, and a remark of somebody else."""
    ids = ["m", *[f"k{n}" for n in range(copies)], "again", "r"]
    return pd.DataFrame({"contribution_id": ids, "duplicate_of": [None, *["m"] * copies, "m", None],
                         "contributor": ["P", *[f"P{n}" for n in range(copies)], "P0", "R"]})


def test_a_message_of_five_people_is_counted_by_people():
    assert letters.senders(contributions(4)).to_dict() == {"m": 5}
    assert letters.of_whom(contributions(4)) == "5 of whom sent the same message"


def test_four_people_are_not_counted_out():
    assert letters.senders(contributions(3)).empty
    assert letters.of_whom(contributions(3)) == ""
    assert letters.of_whom(contributions(3).head(0)) == ""


def test_a_quotation_says_that_many_sent_it():
    assert "5 people sent this message" in words.said_by({"contributor": "P", "source": "survey", "senders": 5.0})
    assert "sent this message" not in words.said_by({"contributor": "P", "source": "survey", "senders": float("nan")})


def test_prose_stands_before_what_looks_like_code():
    said = ["My code was shown as <b>004173</b>, which did not work when I pasted it.", "The form asks for a printer, and the library has closed for good."]
    known = pd.DataFrame({"contribution_id": ["a", "b"], "contributor": ["A", "B"], "duplicate_of": None})
    run = SimpleNamespace(contributions=known, passages=pd.DataFrame({"passage_id": ["a#1", "b#1"], "contribution_id": ["a", "b"], "text": said}))
    rows = pd.DataFrame({"passage_id": ["a#1", "b#1"], "strength": [0.9, 0.5]})
    assert landscape.typical(run, rows, by="strength")["contribution_id"].tolist() == ["b", "a"]


@pytest.fixture
def beside_a_campaign():
    """Two themes: what 30 people sent word for word beside the words of three more, and what eight people said in their own."""
    ids = [f"c{n:02d}" for n in range(41)]
    known = pd.DataFrame({"contribution_id": ids, "contributor": [f"P{n}" for n in range(41)], "source": "survey", "url": None, "lang": "en",
                          "duplicate_of": [None, *["c00"] * 29, *[None] * 11], "text": "What was said about buses and their times in our village."})
    passages = pd.DataFrame({"passage_id": [f"{one}#1" for one in ids], "contribution_id": ids, "text": known["text"]})
    themes = pd.DataFrame({"theme_id": ["sent", "own"], "parent_id": None, "name": ["Phone lines", "Bus times"], "keywords": "a, b", "passages": [33, 8],
                           "contributors": [33, 8], "stability": 0.8, "grade": "firm", "level": "theme"})
    membership = pd.DataFrame({"passage_id": passages["passage_id"], "theme_id": ["sent"] * 33 + ["own"] * 8, "strength": 0.9, "x": 0.0, "y": 0.0})
    return SimpleNamespace(contributions=known, passages=passages, themes=themes, membership=membership)


def test_a_campaign_does_not_carry_its_theme_to_the_front(beside_a_campaign):
    # 33 people, but 30 of them sent one message: 4 messages stand against 8.
    themes = landscape.broad(beside_a_campaign)
    assert themes[["name", "messages", "people"]].to_dict("records") == [
        {"name": "Bus times", "messages": 8, "people": "8 people"},
        {"name": "Phone lines", "messages": 4, "people": "33 people, 30 of whom sent the same message"}]
    sizes = landscape.sizes(beside_a_campaign)
    assert sizes.finding == "“Bus times” is the largest: 8 different messages by 8 people." and sizes.table["messages"].tolist() == [8, 4]


def test_wherever_a_theme_is_told_its_campaign_is_too(beside_a_campaign):
    told = "33 people, 30 of whom sent the same message"
    assert told in str(landscape.in_their_words(beside_a_campaign)) and told in str(briefing.largest_themes(beside_a_campaign))
