"""Themes beside questions and barriers: three counts worked out by hand, and no cell of fewer than five people."""

from __future__ import annotations

import made_run
import pandas as pd
import pytest

from analysis import framework, runs
from analysis.findings import crossing


class Run:
    """Theme T with its part T1: six people say one thing on procurement, two of them in one letter; four say something else."""

    framework = framework.load()
    contributions = pd.DataFrame({"contribution_id": [f"c{n}" for n in range(11)], "contributor": [f"p{n}" for n in range(10)] + ["p0"],
                                  "duplicate_of": [None, "c0"] + [None] * 9})
    passages = pd.DataFrame({"passage_id": [f"c{n}#1" for n in range(11)], "contribution_id": contributions["contribution_id"]})
    membership = passages[["passage_id"]].assign(theme_id="T1")
    themes = pd.DataFrame({"theme_id": ["T", "T1"], "parent_id": [None, "T"], "name": ["Buying and more", "Buying"], "contributors": [10, 10],
                           "passages": [11, 11], "grade": ["firm", "firm"], "level": ["theme", "sub-theme"], "stability": [0.9, 0.9]})
    mapping = pd.DataFrame([(f"c{n}", f"c{n}#1", dimension, code, True) for n in [0, 1, 2, 3, 4, 5, 10]
                            for dimension, code in (("questions", "centre"), ("barriers", "procurement"))]
                           + [(f"c{n}", f"c{n}#1", "questions", "technology", True) for n in (6, 7)],
                           columns=["contribution_id", "passage_id", "dimension", "code", "assigned"])


@pytest.fixture(scope="module")
def cells():
    table = crossing.crossed(Run)
    return {(row.theme_id, row.question, row.barrier): (row.contributions, row.people, row.messages) for row in table.itertuples()}


def test_contributions_people_and_messages_are_counted_for_a_theme_and_its_part(cells):
    for theme in ("T", "T1"):
        assert cells[theme, "", ""] == (11, 10, 10)
        assert cells[theme, "centre", "procurement"] == (7, 6, 6)
        assert cells[theme, "centre", ""] == cells[theme, "", "procurement"] == (7, 6, 6)


def test_cells_of_fewer_than_five_people_are_left_out(cells):
    assert not any("technology" in key for key in cells)       # two people
    assert ("T", "none", "") not in cells                      # two people speak to no question
    assert ("T", "", "none") not in cells                      # four people name no barrier


def test_the_page_shows_the_three_counts_and_hides_what_is_few():
    shown = str(crossing.by_code(Run))
    assert "7 · 6 · 6" in shown and "11 · 10 · 10" in shown and "few" in shown
    assert "Themes by question and barrier together" in shown


def test_groups_that_do_not_hold_are_not_in_the_table(tmp_path):
    run = runs.open_run(made_run.write(tmp_path / "run"))
    assert "Publishing" not in str(crossing.by_code(run)) and "Buying and suppliers" in str(crossing.by_code(run))


def test_a_run_without_themes_says_so(tmp_path):
    run = runs.open_run(made_run.write(tmp_path / "run", contributions=12, themes=False))
    assert "too few contributions" in str(crossing.by_code(run)) and crossing.crossed(run).empty
