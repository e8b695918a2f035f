"""The export folder: made whole beside the old one, then put in its place."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis.errors import InputError
from analysis.opendata import coding_tools, records, tables
from analysis.opendata.selection import publishable
from analysis.runs import open_run

TITLE = "What people said about a digital centre of government"


@dataclass(frozen=True)
class Exported:
    """Where the open data are, how many contributions they hold, what was left out, and what to read first."""

    folder: Path
    published: int
    left_out: pd.DataFrame
    to_check: pd.DataFrame

    def in_words(self) -> list[str]:
        """What to tell the person who asked."""
        lines = [f"Published: {self.published:,} contributions, in {self.folder}."]
        lines += [f"  left out: {row.contributions:,} x {row.reason}" for row in self.left_out.itertuples()]
        for row in self.to_check.head(10).itertuples():
            lines.append(f"  read first: {row.contribution_id}: {row.reason} ({row.found[:80]})")
        if len(self.to_check):
            lines.append("Read these in check_by_eye.csv, add a column publish (yes or no), and export again with --checked FILE.")
        return lines


def export(run_folder: str | Path, out: str | Path | None = None, *, permissions: Mapping[str, str] | None = None,
           checked: str | Path | None = None) -> Exported:
    """Write the open data of a run into ``out`` (``export`` in the run's folder unless given).

    ``permissions`` and ``checked`` decide which texts may be published: see ``publishable``. An earlier export there is replaced as a
    whole. Raises ``InputError`` when there is no run, or when ``out`` holds something else.
    """
    run = open_run(run_folder)
    out = Path(out) if out is not None else run.folder / "export"
    if out.exists() and any(out.iterdir()) and not (out / tables.METADATA).exists():
        raise InputError(str(out), ["It holds files that are no earlier export. Name another folder with --out."])
    chosen = publishable(run, permissions=permissions, checked=Path(checked) if checked else None)
    aside = out.with_name(f".{out.name}.unfinished")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    try:
        _write(run, chosen, aside)
        shutil.rmtree(out, ignore_errors=True)
        aside.rename(out)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return Exported(out, len(chosen.tables["contributions"]), chosen.left_out, chosen.to_check)


def _write(run, chosen, folder: Path) -> None:
    made = str(run.manifest["created_at"]).replace("+00:00", "Z")
    published = len(chosen.tables["contributions"])
    tables.write_tables(chosen.tables, folder, about={"dc:title": TITLE, "dc:created": made, "dc:source": "reckons",
                                                      "dc:description": "A self-selected sample: not public opinion. See README.md for licence and method."})
    tables.write_workbook(chosen.tables, folder / tables.WORKBOOK, left_out=chosen.left_out)
    coding_tools.write_project(chosen.tables, folder / "project.qdpx", made=made, title=TITLE)
    chosen.left_out.to_csv(folder / "left_out.csv", index=False, lineterminator="\n")
    for name, text in {"README.md": records.about(run, chosen.left_out, published=published), "atrs-record.md": records.transparency_record(run),
                       "data-protection-note.md": records.data_protection_note(run)}.items():
        (folder / name).write_text(text, encoding="utf-8")
