"""What a person should read before it is published, and what need not be shown to anybody."""

from __future__ import annotations

import pandas as pd
import pytest

from analysis.disclosure import check_by_eye


def reasons(text):
    return set(check_by_eye(pd.DataFrame({"contribution_id": ["a"], "text": [text]}))["reason"])


@pytest.mark.parametrize("text, reason", [
    ("As the only GP in Stromness I cannot spend mornings on forms.", "says that somebody is the only one"),
    ("I am our only remaining blind volunteer at the desk.", "says that somebody is the only one"),
    ("I'm head teacher at Saltmarsh Primary and the system is down daily.", "a role and a place or body"),
    ("I work for Quayside Council, in benefits.", "a role and a place or body"),
    ("Ask Mrs Lockhart about the counter.", "names a person"),
    ("Yours, Gwen Aderyn", "names a person"),
    ("My husband Desmond gave up on the site.", "names a person"),
    ("My mum has dementia and cannot keep a password.", "health of somebody"),
    ("Since my son was diagnosed we have filled in nine forms.", "health of somebody"),
    ("The wheelchair I use does not fit under the counter.", "health of somebody"),
    ("I was in prison when the letter came.", "a sensitive matter of somebody"),
    ("They still write to 14 Harbour Road.", "an address"),
    ("Dad is 81, and the app wants a selfie.", "age or birth"),
    ("My reference was 4471 9920 13.", "a number of six or more digits"),
])
def test_what_may_tell_who_somebody_is_is_listed_with_its_reason(text, reason):
    assert reason in reasons(text)


@pytest.mark.parametrize("text", [
    "Fund teams for years, not projects for months.", "The only way to fix procurement is to stop buying big.", "Government is not the only answer.",
    "Open the interfaces so that charities can help people.", "The centre should publish what it learns about services.",
    "The wait was 18 months, the form is 24 pages.", "A hospital needs a telephone line that works.", "Digital teams need time.", "Every director of digital says so, and every officer in the room nods.", "It took 18 months to buy a laptop.", "We need a design system for the whole of government.",
])
def test_ordinary_opinions_are_not_listed(text):
    assert reasons(text) == set()


def test_a_contribution_has_one_row_for_each_reason_with_the_words_that_were_found():
    table = check_by_eye(pd.DataFrame({"contribution_id": ["a", "b"], "text": ["Dr Wren, the only GP in Stromness, is 61.", "Nothing here."]}))
    assert table[["contribution_id", "reason"]].to_numpy().tolist() == [
        ["a", "says that somebody is the only one"], ["a", "a role and a place or body"], ["a", "names a person"], ["a", "age or birth"]]
    assert table["found"].tolist()[1:3] == ["GP in Stromness", "Dr Wren"]
    assert list(check_by_eye(pd.DataFrame({"contribution_id": [], "text": []})).columns) == ["contribution_id", "reason", "found", "text"]
