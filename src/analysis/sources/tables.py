"""Tables: CSV and its kin, XLSX, JSONL; every cell is read as text."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from pathlib import Path

from analysis.sources import delimited, surveys, workbooks
from analysis.sources.columns import Wish, file_beside, from_file, resolve
from analysis.sources.json_lines import read_lines
from analysis.sources.source_file import ColumnMap, SourceFile, UnreadableFile, frame, listed, reasons

HEADER_ROW = "header row of the survey tool"
# The column that is made where a respondent is told by file and number; no tool has one of that name.
RESPONDENT = "(respondent)"
# Qualtrics writes the wording of the questions and then a row of such cells under the header.
_IMPORT_ID = '{"ImportId"'
# Survey exports have hundreds of columns, not thousands; more is another kind of file.
MAX_COLUMNS = 2_000

# One record as a reader found it: place in the file, cells, and why it is no contribution (or None).
Record = tuple[int, list[str], str | None]


def read(path: Path, *, name: str, options: Wish | None = None) -> SourceFile:
    """Read one table; ``row`` counts as a spreadsheet does, the header being row 1 (JSONL: the line).

    ``options`` are the columns named with ``--column``. Rows whose number of cells differs
    from the header's, and header rows of survey tools, come with a reason. Raises ``UnreadableFile``.
    """
    header, records, notes = _records(path)
    if len(header) > MAX_COLUMNS:
        raise UnreadableFile(f"It has {len(header):,} columns; at most {MAX_COLUMNS:,} are read. Remove those that hold no answers.")
    header = _unique(header)
    beside = file_beside(path)
    wishes = [wish for wish in (options, from_file(beside) if beside else None) if wish]
    preset = surveys.recognised(header, wanted=next((wish.preset for wish in wishes if wish.preset), None))
    header_rows = next((wish.header_rows for wish in wishes if wish.header_rows is not None), _header_rows(header, records, preset))
    wording = dict(zip(header, records[0][1], strict=False)) if header_rows and records else {}
    records = [(place, cells, reason or (HEADER_ROW if n < header_rows else _misfit(cells, header)))
               for n, (place, cells, reason) in enumerate(records)]
    if preset:
        wishes.append(surveys.wish(preset, header, wording, [cells for _, cells, reason in records if reason is None]))
    columns, problems = resolve(header, wishes, likeliest=_likeliest(header, records))
    if preset and not columns.text:
        problems[-1] = f"It looks like an export of {preset.name}, but none of its columns reads like answers in people's own words. {problems[-1]}"
    columns = replace(columns, text=_questions(columns, wording, told=preset is not None))
    survey = preset or header_rows or len(columns.text) > 1 or any(columns.text.values())
    rows = frame([dict(zip(header, cells, strict=False)) for _, cells, _ in records], [place for place, _, _ in records], names=header)
    if preset and columns.author is None and (people := surveys.respondents(preset, header, [cells for _, cells, _ in records], file=name)):
        rows[RESPONDENT], columns = people, replace(columns, author=RESPONDENT)
    return SourceFile("survey" if survey else "table", name, rows, reasons([reason for *_, reason in records], list(rows.index)),
                      columns, tuple(problems), notes | ({"columns_file": beside.name} if beside else {}) | _told(preset, columns, header))


def _told(preset: surveys.Preset | None, columns: ColumnMap, header: list[str]) -> dict[str, str]:
    """What is said about an export that was recognised: the tool, and which columns were taken for answers."""
    if preset is None:
        return {}
    others = [name for name in header if name not in columns.text and name not in (columns.id, columns.author, columns.created_at, columns.lang, *columns.stated.values())]
    return {"preset": preset.name, "answers_in": listed(columns.text), "not_taken_as_answers": listed(others)}


def _records(path: Path) -> tuple[list[str], list[Record], dict[str, str]]:
    if workbooks.is_workbook(path):
        return workbooks.read_workbook(path)
    if path.suffix.lower() in (".jsonl", ".ndjson"):
        return read_lines(path)
    return delimited.read_delimited(path)


def _header_rows(header: list[str], records: list[Record], preset: surveys.Preset | None) -> int:
    return _import_rows(records) or (surveys.header_rows(preset, header, [cells for _, cells, _ in records[:surveys.MOST_HEADER_ROWS + 1]]) if preset else 0)


def _import_rows(records: list[Record]) -> int:
    for n, (_, cells, _) in enumerate(islice(records, 2), start=1):
        if any(cell.startswith(_IMPORT_ID) for cell in cells):
            return n
    return 0


def _misfit(cells: list[str], header: list[str]) -> str | None:
    """Why a row does not fit under the header; empty cells at its end do no harm."""
    if len(cells) == len(header) or (len(cells) > len(header) and not any(cell.strip() for cell in cells[len(header):])):
        return None
    return f"{len(cells):,} {'cell' if len(cells) == 1 else 'cells'} where the header has {len(header):,}"


def _unique(header: list[str]) -> list[str]:
    """Names for all columns: empty ones are numbered, repeated ones counted."""
    names: dict[str, None] = {}
    for n, name in enumerate(header, start=1):
        name = " ".join("".join(c if c.isprintable() else " " for c in name).split()) or f"column {n}"
        count, free = 1, name
        while free in names:
            count += 1
            free = f"{name} ({count})"
        names[free] = None
    return list(names)


def _likeliest(header: list[str], records: list[Record]) -> str | None:
    """The column with the most to say, judged by the first rows."""
    rows = [cells for _, cells, reason in islice(records, 200) if reason is None]
    lengths = [sum(len(cells[n]) for cells in rows) for n in range(len(header))]
    return header[max(range(len(header)), key=lambda n: lengths[n])] if header else None


def _questions(columns: ColumnMap, wording: dict[str, str], *, told: bool) -> dict[str, str | None]:
    """The question of each text column: as mapped, as the survey tool wrote it, or the column's own name."""
    several = told or len(columns.text) > 1
    return {name: asked or wording.get(name, "").strip() or (name if several or name.endswith("?") else None)
            for name, asked in columns.text.items()}
