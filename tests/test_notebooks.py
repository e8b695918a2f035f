"""Notebooks: stored without outputs, short cells, no logic of their own; all of them run on a run's files."""

from __future__ import annotations

import ast
import hashlib
import json
import re

import made_run
import pytest

from analysis.publishing import execution

NOTEBOOKS = sorted(execution.notebooks_folder().glob("*.ipynb"))


def cells(path, kind: str) -> list[str]:
    return ["".join(cell["source"]) for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == kind]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_notebook_is_stored_as_agreed(path):
    notebook = json.loads(path.read_text(encoding="utf-8"))
    assert (11 if path.name.startswith("00") else 14) <= len(notebook["cells"]) <= 30
    assert all(not cell["outputs"] and cell["execution_count"] is None for cell in notebook["cells"] if cell["cell_type"] == "code")
    assert sum("parameters" in cell["metadata"].get("tags", []) for cell in notebook["cells"]) == 1
    for code in cells(path, "code"):
        assert len(code.splitlines()) <= 5
        found = {type(node) for node in ast.walk(ast.parse(code))}
        assert not found & {ast.FunctionDef, ast.ClassDef, ast.For, ast.While, ast.Lambda, ast.ListComp}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_notebook_asks_a_question_and_says_its_limits(path):
    prose = "\n".join(cells(path, "markdown"))
    assert re.match(r"# .+\?\n?", prose)
    if path.name.startswith(execution.NOT_EXPORTED):
        return
    assert re.search(r"^## (How sure|Limits|What an interval)", prose, re.MULTILINE)
    assert not re.search(r"\b(cluster|noise|outlier)", prose, re.IGNORECASE)
    assert not re.search(r"\d+(\.\d+)?\s?(%|per cent)", prose), "a number of a run does not belong into the prose"


def test_what_was_set_aside_is_told_once_and_no_two_sections_share_a_heading_about_it():
    headings = [line for path in execution.exported() for prose in cells(path, "markdown") for line in prose.splitlines() if re.match(r"## What\b", line)]
    assert headings.count("## What was set aside") == 1 and len(headings) == len(set(headings))
    assert "## What was set aside" in "\n".join(cells(next(path for path in NOTEBOOKS if path.name.startswith("01")), "markdown"))


def test_all_exported_notebooks_run_and_stay_as_they_were():
    before = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in NOTEBOOKS}
    page = made_run.published().read_text(encoding="utf-8")
    for path in execution.exported():
        assert f"id='s{path.stem}'" in page
    assert before == {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in NOTEBOOKS}


@pytest.mark.parametrize("options", [{"contributions": 0, "themes": False}, {"contributions": 1, "themes": False},
                                     {"contributions": 12, "themes": False, "dates": False, "contributors": False}], ids=["none", "one", "twelve"])
def test_all_exported_notebooks_run_on_very_little(options):
    page = made_run.published(**options).read_text(encoding="utf-8")
    assert "too few contributions for themes" in page
    if options["contributions"]:
        shown = re.sub(r"<(script|style|head)\b.*?</\1>|<[^>]+>", "", page, flags=re.DOTALL)
        assert not re.search(r"\d%", shown.replace("95%", "")), "no percentages under thirty contributions"
