"""Searching passages, and saving a selection: added, never rewritten, nothing in it that a spreadsheet would run."""

from __future__ import annotations

import pandas as pd
import pytest

from analysis import selections
from analysis.errors import InputError

TABLE = pd.DataFrame({"passage_id": ["a#1", "b#1", "c#1"], "contribution_id": ["a", "b", "c"], "source": ["survey", "post", "survey"],
                      "text": ["Small firms lose", "FIRMS (small) win", "Large firms"], "theme": [frozenset({"Buying"}), frozenset(), frozenset({"Buying", "Firms"})]})


def found(**asked) -> list[str]:
    return selections.fitting(TABLE, **asked)["contribution_id"].tolist()


def test_every_word_must_be_there_whatever_its_case_and_signs_are_only_signs():
    assert found(words="firms SMALL") == ["a", "b"]
    assert found(words="(small)") == ["b"] and found(words=".*") == []
    assert found() == ["a", "b", "c"]


def test_filters_hold_together_and_an_empty_one_asks_for_nothing():
    assert found(groups={"theme": "Buying", "source": ""}) == ["a", "c"]
    assert found(words="large", groups={"theme": "Firms", "source": "survey"}) == ["c"]


def test_a_selection_is_added_to_those_before(tmp_path):
    path = selections.save(TABLE[:2], "why not", folder=tmp_path / "new", run_made_at="2026-11-25")
    before = path.read_text()
    selections.save(TABLE[2:], '=HYPERLINK("http://hostile.example")', folder=tmp_path / "new")
    assert path.read_text().startswith(before)
    rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    assert rows["passage_id"].tolist() == ["a#1", "b#1", "c#1"] and rows["selection"].nunique() == 2
    assert rows["note"].tolist() == ["why not", "why not", '\'=HYPERLINK("http://hostile.example")']
    assert "Small firms" not in path.read_text(), "the words stay where they can be withdrawn"


@pytest.mark.parametrize("rows, note, fault", [(TABLE[:0], "note", "No passage is selected"), (TABLE, "  ", "The note is empty")])
def test_nothing_is_saved_of_nothing(tmp_path, rows, note, fault):
    with pytest.raises(InputError, match=fault):
        selections.save(rows, note, folder=tmp_path)
    assert not list(tmp_path.iterdir())
