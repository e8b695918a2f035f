"""Selections of passages: which fit a search, and a table to which a researcher's own are added, never rewritten."""

from __future__ import annotations

import csv
import os
from datetime import datetime, timezone
from pathlib import Path

import pandas as pd

from analysis.errors import InputError

FILE = "selections.csv"
COLUMNS = ["saved_at", "selection", "note", "run_made_at", "contribution_id", "passage_id"]
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would run rather than show


def fitting(table: pd.DataFrame, *, words: str = "", groups: dict[str, str] | None = None) -> pd.DataFrame:
    """The rows of ``table`` whose text holds every word of ``words`` and whose columns hold the values of ``groups``.

    A column may hold one value or a set of them; an empty value asks for nothing.
    """
    fits = pd.Series(True, index=table.index)
    for word in words.casefold().split():
        fits &= table["text"].str.casefold().str.contains(word, regex=False)
    for column, wanted in (groups or {}).items():
        if wanted:
            fits &= table[column].map(lambda held, wanted=wanted: wanted in held if isinstance(held, (set, frozenset)) else held == wanted)
    return table[fits]


def save(passages: pd.DataFrame, note: str, *, folder: Path, run_made_at: str = "") -> Path:
    """Add a selection with its note to ``folder/selections.csv`` and return the file's path.

    One row for each passage: its ids, never its words, so that a withdrawn contribution leaves nothing here.
    Raises ``InputError`` for a selection of nothing or a note of nothing, and when the file cannot be written.
    """
    problems = ([] if len(passages) else ["No passage is selected."]) + ([] if note.strip() else ["The note is empty: say why these belong together."])
    if problems:
        raise InputError("selection", problems, not_done="Nothing was saved.")
    path = Path(folder) / FILE
    now = datetime.now(timezone.utc)
    name = f"{now:%Y%m%dT%H%M%S.%fZ}"
    rows = [[now.isoformat(timespec="seconds"), name, _harmless(note.strip()), run_made_at, one.contribution_id, one.passage_id] for one in passages.itertuples()]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", newline="", encoding="utf-8") as file:   # one write, so that two notebooks do not mix their rows
            writer = csv.writer(file, lineterminator="\n")
            writer.writerows(([COLUMNS] if file.tell() == 0 else []) + rows)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise InputError(str(path), [f"The file cannot be written: {error.strerror}."], not_done="Nothing was saved.") from error
    return path


def _harmless(note: str) -> str:
    """A note that a spreadsheet shows and does not run."""
    return "'" + note if note.startswith(FORMULA) else note
