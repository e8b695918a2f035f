"""Looking around: what the map, the filters and the list do together. `test_lab_in_browser.py` draws the lasso."""

from __future__ import annotations

import made_run
import nbformat
import pandas as pd
import pytest

from analysis.exploring import Explorer
from analysis.publishing import execution
from analysis.runs import STARTED_IN, open_run

NOTEBOOK = next(execution.notebooks_folder().glob("02-*.ipynb"))


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return open_run(made_run.write(tmp_path_factory.mktemp("exploring") / "data" / "processed"))


def test_search_filter_and_map_narrow_the_list_together_and_a_selection_is_saved(run, tmp_path):
    explorer = Explorer(run, folder=tmp_path)
    assert f"{len(run.passages)} of {len(run.passages)} passages, on the whole map" in explorer.count.value
    explorer.filters["theme"].value = "Buying and suppliers"
    explorer.words.value = "eighteen months"
    shown = explorer.shown
    assert 0 < len(shown) < 20 and shown["text"].str.contains("eighteen months").all()
    explorer.map.selected = [shown["passage_id"].iloc[0]]
    assert explorer.count.value.startswith("<p>1 of") and explorer.list.value.count("<figure class='quote'>") == 1
    explorer._save()
    assert "The note is empty" in explorer.saved.value
    explorer.note.value = "months to buy"
    explorer._save()
    assert pd.read_csv(tmp_path / "selections.csv")["passage_id"].tolist() == [shown["passage_id"].iloc[0]]
    explorer._reset()
    assert len(explorer.shown) == len(run.passages) and explorer.map.selected is None


def test_a_lasso_around_nothing_shows_nothing_and_a_lasso_taken_away_shows_all(run, tmp_path):
    explorer = Explorer(run, folder=tmp_path)
    explorer.map.selected = []
    assert explorer.shown.empty and explorer.count.value.startswith("<p>0 of")
    explorer.map.selected = None
    assert len(explorer.shown) == len(run.passages)


def test_every_point_of_the_map_can_be_told_from_the_others_and_hostile_words_stay_words_on_it(run, tmp_path):
    trace, = Explorer(run, folder=tmp_path).map.figure["data"]
    assert sorted(trace["ids"]) == sorted(run.passages["passage_id"]) and len(trace["x"]) == len(trace["text"]) == len(trace["ids"])
    assert any("&lt;script&gt;" in text for text in trace["text"]) and not any("<script" in text or "<a " in text for text in trace["text"])


def test_a_theme_leads_to_its_passages_and_their_sources_and_hostile_words_stay_words(run, tmp_path):
    explorer = Explorer(run, folder=tmp_path)
    explorer.filters["theme"].value = "eighteen months to buy"
    assert "href='https://bsky.app/profile/did/post/" in explorer.list.value
    explorer._reset()
    assert "&lt;script&gt;" in explorer.list.value and "<script" not in explorer.list.value and "javascript:alert" not in explorer.list.value.split("href=")


def test_a_passage_that_the_encoder_does_not_read_says_so_in_the_list(run, tmp_path):
    explorer = Explorer(run, folder=tmp_path)
    explorer.map.selected = run.passages.loc[run.passages["less_reliable"], "passage_id"].head(2).tolist()
    assert explorer.list.value.count("in a language that is placed less reliably") == 2
    explorer.map.selected = run.passages.loc[~run.passages["less_reliable"], "passage_id"].head(2).tolist()
    assert "less reliably" not in explorer.list.value


def test_a_run_without_themes_can_be_searched_all_the_same(tmp_path):
    explorer = Explorer(open_run(made_run.write(tmp_path / "run", contributions=12, themes=False)), folder=tmp_path)
    assert explorer.map is None and len(explorer.shown) == 12


def test_nothing_of_it_goes_into_the_pages():
    tagged = [cell for cell in nbformat.read(NOTEBOOK, 4).cells if "explore" in cell.metadata.get("tags", [])]
    assert "analysis.explore(run)" in [cell.source for cell in tagged]
    left = execution.without_exploring(nbformat.read(NOTEBOOK, 4)).cells
    assert left and not any("explore" in cell.metadata.get("tags", []) for cell in left)


def test_a_notebook_finds_the_run_from_its_own_folder_and_from_where_the_lab_was_started(run, tmp_path, monkeypatch):
    project = run.folder.parents[1]
    (project / "notebooks").mkdir(exist_ok=True)
    monkeypatch.chdir(project / "notebooks")
    assert open_run("data/processed").folder.resolve() == run.folder.resolve()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(STARTED_IN, str(project))
    assert open_run("data/processed").folder.resolve() == run.folder.resolve()
