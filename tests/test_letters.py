"""Who is told that a message came from many, and how it stands among voices."""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd

from analysis import words
from analysis.findings import landscape, letters


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
