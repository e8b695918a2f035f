"""An earlier run's themes with a few new messages among them."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from analysis.continuation import go_on
from analysis.themes import find_themes
from test_themes import SUBJECTS, passages_about

VECTORS, PASSAGES = passages_about(SUBJECTS, 20)
MADE_AT = "2026-03-01T10:00:00+00:00"


def run_of(themes, passages=PASSAGES, made_at=MADE_AT):
    return SimpleNamespace(themes=themes.themes, membership=themes.membership, passages=passages,
                           manifest={"created_at": made_at, "settings": {"themes": themes.settings}})


@pytest.fixture(scope="module")
def earlier():
    return run_of(find_themes(VECTORS, PASSAGES, refits=2))


def with_new(subject: str, count: int):
    """The passages and ``count`` new ones about a subject, in front, so that rows and places differ."""
    vectors, new = passages_about([subject], count, seed=9)
    new = new.assign(passage_id=[f"new{n}#1" for n in range(count)], contribution_id=[f"new{n}" for n in range(count)])
    return np.concatenate([vectors, VECTORS]), pd.concat([new, PASSAGES], ignore_index=True)


def test_with_nothing_new_themes_and_places_are_those_of_before(earlier):
    found = go_on(VECTORS, PASSAGES, earlier)
    pd.testing.assert_frame_equal(found.themes, earlier.themes)
    pd.testing.assert_frame_equal(found.membership, earlier.membership)


def test_a_new_message_goes_where_its_nearest_are_and_nothing_else_moves(earlier):
    vectors, passages = with_new("bus stop", 3)
    found = go_on(vectors, passages, earlier)
    of_buses = earlier.membership["theme_id"][20:40].mode()[0]
    assert found.membership["theme_id"][:3].tolist() == [of_buses] * 3
    pd.testing.assert_frame_equal(found.membership[3:].reset_index(drop=True), earlier.membership)
    grown = found.themes.set_index("theme_id")["passages"] - earlier.themes.set_index("theme_id")["passages"]
    assert grown[of_buses] == 3 and set(grown) <= {0, 3}
    near = np.argsort(-(VECTORS @ vectors[0]))[:3]
    assert found.membership[["x", "y"]].iloc[0].tolist() == pytest.approx(earlier.membership[["x", "y"]].iloc[near].mean().tolist())


def test_what_is_reused_is_said(earlier):
    said = go_on(*with_new("bus stop", 3), earlier).settings["gone_on"]
    assert (said["fitted_at"], said["new"], said["of_messages"], said["gone"]) == (MADE_AT, 3, 160, 0)
    assert "2 of 2 refits" in said["in_words"] and "run of 2026-03-01" in said["in_words"] and "3 messages are new (1.9%)" in said["in_words"]


def test_too_much_that_is_new_is_fitted_again(earlier):
    assert go_on(*with_new("bus stop", 4), earlier) is None  # 2.5 %


def test_runs_add_up_until_too_much_is_new(earlier):
    vectors, passages = with_new("bus stop", 2)
    second = run_of(go_on(vectors, passages, earlier), passages, "2026-04-01T10:00:00+00:00")
    vectors, passages = with_new("bus stop", 3)
    third = go_on(vectors, passages, second)
    assert third.settings["gone_on"]["new"] == 3 and third.settings["gone_on"]["fitted_at"] == MADE_AT
    assert go_on(*with_new("bus stop", 4), second) is None


def test_passages_that_are_gone_count_too(earlier):
    assert go_on(VECTORS[1:], PASSAGES[1:], earlier).settings["gone_on"]["gone"] == 1
    assert go_on(VECTORS[2:], PASSAGES[2:], earlier) is None  # 1.25 %


def test_an_id_with_other_words_is_one_gone_and_one_new(earlier):
    changed = PASSAGES.assign(text=["Something else altogether.", *PASSAGES["text"][1:]])
    said = go_on(VECTORS, changed, earlier).settings["gone_on"]
    assert (said["new"], said["gone"]) == (1, 1)


def test_the_order_of_rows_changes_nothing(earlier):
    vectors, passages = with_new("phone line", 3)
    there, back = go_on(vectors, passages, earlier), go_on(vectors[::-1], passages[::-1], earlier)
    pd.testing.assert_frame_equal(there.themes, back.themes)
    pd.testing.assert_frame_equal(there.membership, back.membership[::-1].reset_index(drop=True))


def test_where_there_were_no_themes_all_is_looked_for_anew():
    few = find_themes(VECTORS[:30], PASSAGES[:30], refits=0)
    assert go_on(VECTORS[:30], PASSAGES[:30], run_of(few, PASSAGES[:30])) is None
