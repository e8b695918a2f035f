"""Tables as CSV with CSV on the Web metadata (W3C, 2015), and as a workbook in which no text is a formula."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd

METADATA = "csv-metadata.json"
WORKBOOK = "open-data.xlsx"
LONGEST_CELL = 32_767  # what a cell of a workbook holds
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")

TITLES = {"contributions": "What people said, as far as it may be published", "passages": "Where in a contribution its passages stand",
          "codes": "The codes of the framework", "coding": "Which passages were assigned which code", "themes": "Themes that were found",
          "theme_codes": "How many speak, in each theme, to each question and barrier; cells of fewer than five people are left out",
          "membership": "Which passages belong to which theme"}
KEYS = {"contributions": "contribution_id", "passages": "passage_id", "codes": "code", "themes": "theme_id"}
REFERENCES = {"theme_codes": {"theme_id": "themes"}, "passages": {"contribution_id": "contributions"}, "coding": {"passage_id": "passages", "code": "codes"},
              "membership": {"passage_id": "passages", "theme_id": "themes"}}
COLUMNS = {  # what a column holds, and its datatype where that is not a string
    "contribution_id": "Id of the contribution", "source": "Channel through which it came", "contributor": "Pseudonym of its author",
    "date": ("Day on which it was written", "date"), "lang": "Language, as a code",
    "duplicate_of": "Id of the contribution of which it is a copy", "url": ("Where it was published", "anyURI"), "licence": "Licence of the text",
    "text": "The text, without personal details", "passage_id": "Id of the passage", "start": ("First character of the passage, from 0", "integer"),
    "end": ("Character after its last one", "integer"), "dimension": "Dimension of the framework", "code": "Code of the framework",
    "label": "The code in words", "definition": "What the code covers", "decided_by": "model, rule or person",
    "probability": ("Calibrated probability, 0 to 1", "number"), "theme_id": "Id of the theme", "parent_id": "Id of the broader theme",
    "name": "Name of the theme", "keywords": "Words that mark it", "passages": ("Passages in it", "integer"), "contributors": ("People in it", "integer"),
    "stability": ("Mean best-match Jaccard over refits, 0 to 1", "number"), "grade": "firm, tentative or do not quote",
    "question": "Question that it answers, or code of one; empty: whatever was said, none: no question", "barrier": "Code of a barrier; empty: whatever was said, none: no barrier",
    "contributions": ("Contributions", "integer"), "people": ("People", "integer"), "messages": ("Distinct messages", "integer"),
    "strength": ("How clearly the passage belongs to it, 0 to 1", "number"),
}


def write_tables(tables: dict[str, pd.DataFrame], folder: Path, *, about: dict) -> None:
    """Each table as UTF-8 CSV, verbatim, and one metadata file for all; ``about`` are properties such as ``dc:title``."""
    for name, table in tables.items():
        table.to_csv(folder / f"{name}.csv", index=False, lineterminator="\r\n")
    described = {"@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}], **about,
                 "tables": [_described(name, table) for name, table in tables.items()]}
    (folder / METADATA).write_text(json.dumps(described, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _described(name: str, table: pd.DataFrame) -> dict:
    schema: dict = {"columns": [_column(column) for column in table.columns]}
    if name in KEYS:
        schema["primaryKey"] = KEYS[name]
    if name in REFERENCES:
        schema["foreignKeys"] = [{"columnReference": column, "reference": {"resource": f"{other}.csv", "columnReference": KEYS[other]}}
                                 for column, other in REFERENCES[name].items()]
    return {"url": f"{name}.csv", "dc:title": TITLES[name], "tableSchema": schema}


def _column(name: str) -> dict:
    told = COLUMNS[name]
    description, datatype = told if isinstance(told, tuple) else (told, "string")
    return {"name": name, "titles": name, "dc:description": description, "datatype": datatype}


def write_workbook(tables: dict[str, pd.DataFrame], path: Path, *, left_out: pd.DataFrame) -> None:
    """A sheet for each table. A text stays a text: marked as one, also where it begins like a formula."""
    from openpyxl import Workbook

    workbook = Workbook(write_only=False)
    workbook.remove(workbook.active)
    for name, table in {**tables, "left_out": left_out}.items():
        sheet = workbook.create_sheet(name)
        sheet.freeze_panes = "A2"
        for row, values in enumerate([tuple(table.columns), *table.itertuples(index=False, name=None)], start=1):
            for column, value in enumerate(values, start=1):
                _put(sheet.cell(row, column), value)
    workbook.save(path)


def _put(cell, value: object) -> None:
    if pd.isna(value):
        return
    if not isinstance(value, str):
        cell.value = value.item() if hasattr(value, "item") else value
        return
    cell.value = _UNPRINTABLE.sub(" ", value)[:LONGEST_CELL]
    cell.data_type = "s"
    cell.quotePrefix = True  # stays a text when somebody edits the cell
