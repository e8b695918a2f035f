"""The desk: what comes first, what a press of a button saves, and the notebook it stands in."""

from __future__ import annotations

import made_run
import pytest

from analysis import desk, runs
from analysis.publishing import execution
from analysis.review import read_decisions


@pytest.fixture
def folder(tmp_path):
    return made_run.write(tmp_path / "processed", contributions=24)


@pytest.fixture
def sitting(folder):
    return desk.Desk(runs.open_run(folder))


def find(box, description):
    """The widget with a description, wherever in the box."""
    if getattr(box, "description", None) == description:
        return box
    return next((found for child in getattr(box, "children", ()) if (found := find(child, description)) is not None), None)


def html_of(box):
    return " ".join([getattr(box, "value", "") if type(box).__name__ == "HTML" else "", *(html_of(child) for child in getattr(box, "children", ()))])


def test_each_text_is_asked_once_and_the_most_telling_comes_first(sitting):
    assert sitting.order["text"].is_unique and len(sitting.order) == sitting.run.passages["text"].nunique()
    assert sitting.order["worth"].iloc[0] == 1 and sitting.order["worth"].is_monotonic_decreasing


def test_saving_appends_a_row_beside_the_run_and_brings_the_next(sitting, folder):
    first = sitting.passage
    sitting.save(["procurement"], who="Ada")
    assert sitting.passage["passage_id"] != first["passage_id"]
    saved = read_decisions(folder.parent / "review" / "decisions.csv", sitting.framework).table.iloc[0]
    assert (saved["passage_id"], saved["who"], saved["barriers"], saved["questions"]) == (first["passage_id"], "Ada", "procurement", "centre")


def test_what_was_decided_is_not_asked_again(sitting, folder):
    first = sitting.passage["passage_id"]
    sitting.save([], who="Ada")
    assert first not in set(desk.Desk(runs.open_run(folder)).order["passage_id"])


def test_pressing_a_button_saves_what_is_set_and_says_so(sitting):
    box = sitting.show()
    assert "<script>" not in html_of(box) and len(sitting.order) == len(desk.Desk(sitting.run).order)
    find(box, "Save and next").click()
    assert "Say who decides" in html_of(box) and not sitting.file.exists()
    find(box, "Who").value, find(box, "Note").value = "Ben", "<i>why</i>"
    for code in sitting.suggested:
        find(box, sitting.framework.codes.set_index("code").loc[code, "label"]).value = False
    find(box, "Procurement").value = True
    find(box, "Save and next").click()
    row = sitting.reread().table.iloc[0]
    assert (row["who"], row["barriers"], row["note"]) == ("Ben", "procurement", "<i>why</i>")
    assert "Saved: " in html_of(box) and find(box, "Note").value == ""
    find(box, "Skip").click()
    assert len(sitting.reread().table) == 1 and sitting.place == 2
    find(box, "No code applies").click()
    assert sitting.reread().table.iloc[1][["questions", "barriers", "aspects", "stance"]].tolist() == [""] * 4


def test_the_suggestion_is_what_the_run_assigned(sitting):
    box = sitting.show()
    given = set(sitting.run.mapping.query("assigned and passage_id == @sitting.passage['passage_id']")["code"])
    labels = sitting.framework.codes.set_index("code")["label"]
    assert {code for code in labels.index if find(box, labels[code]).value} == given


def test_a_passage_that_the_encoder_does_not_read_says_so(sitting):
    box, said = sitting.show(), {}
    while sitting.passage is not None:
        said[bool(sitting.passage["less_reliable"])] = html_of(box)
        find(box, "Skip").click()
    assert "a language that the encoder does not read" in said[True] and "does not read" not in said[False]


def test_at_the_end_nothing_more_can_be_saved(sitting):
    box = sitting.show()
    for _ in range(len(sitting.order)):
        find(box, "Skip").click()
    assert "That was the last of" in html_of(box) and find(box, "Save and next").disabled


def test_hostile_words_are_shown_as_words(sitting):
    box, shown = sitting.show(), str(desk.upcoming(sitting, count=50))
    while sitting.passage is not None:
        shown += html_of(box)
        find(box, "Skip").click()
    assert "&lt;script&gt;" in shown and "<script" not in shown and "<img" not in shown


def test_two_decisions_that_differ_are_both_shown(sitting, folder):
    sitting.save(["procurement"], who="Ada")
    sitting.place = 0
    sitting.save([], who="Ben", note="<b>no</b>")
    shown = str(desk.disagreements(sitting))
    assert "Ada" in shown and "Ben" in shown and "&lt;b&gt;no&lt;/b&gt;" in shown
    assert "The later counts" in str(desk.said(sitting))


@pytest.mark.model
def test_the_notebook_runs_without_a_person_saves_nothing_and_is_not_in_the_pack(folder):
    path = next(execution.notebooks_folder().glob("06-*.ipynb"))
    assert path not in execution.exported()
    done = execution.execute(path, run_folder=folder)
    shown = str([cell.outputs for cell in done.cells if cell.cell_type == "code"])
    assert "application/vnd.jupyter.widget-view+json" in shown and "What to read next" in shown and "near misses" in shown
    assert not (folder.parent / "review" / "decisions.csv").exists()


def test_a_run_is_found_from_the_folder_of_the_notebooks(tmp_path, monkeypatch):
    made_run.write(tmp_path / "data" / "processed", contributions=1)
    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path / "notebooks")
    assert len(runs.open_run("data/processed").contributions) == 1
