"""CSV and its kin, as people's spreadsheets and survey tools write them."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from analysis.sources.source_file import UnreadableFile
from analysis.sources.text_files import read_text

DELIMITERS = (",", ";", "\t")
# Stands in where no delimiter is in the header: then each line is one cell, commas and all.
NO_DELIMITER = "\x1f"
# A quotation mark that is never closed hides the rest of the file in one cell. That many
# are mended by setting the row aside and reading on; more is a file written by other rules.
MAX_OPEN_QUOTES = 20
BAD_QUOTES = "a quotation mark is not closed, or one within the text is not doubled"
_END = "\x1eend of file\x1e"
_SEP = re.compile(r"sep=(.)[\r\n]+")
# The longest cell that the csv module can be told to accept on every platform.
_LONGEST_CELL = 2**31 - 1


def read_delimited(path: Path) -> tuple[list[str], list, dict[str, str]]:
    """Header, records ``(row, cells, reason)`` and notes; empty lines are no records."""
    text, encoding = read_text(path)
    stated = _SEP.match(text)
    text = text[stated.end():] if stated else text
    delimiter = stated[1] if stated and stated[1] in DELIMITERS else _sniff(text, path)
    rows = _rows(text, delimiter)
    if not rows:
        raise UnreadableFile("It holds no header and no rows.")
    (_, header, reason), *rest = rows
    if reason:
        raise UnreadableFile(f"In its first line {reason}.")
    records = [(place, cells, reason) for place, cells, reason in rest]
    return header, records, {"encoding": encoding, "delimiter": {"\t": "tab", NO_DELIMITER: "none"}.get(delimiter, delimiter)}


def _rows(text: str, delimiter: str) -> list[tuple[int, list[str], str | None]]:
    """Rows with their number; where the quotation marks of one are wrong, reading goes on in the next line."""
    lines = list(io.StringIO(text, newline=""))
    if lines and not lines[-1].endswith(("\n", "\r")):
        lines[-1] += "\n"
    found: list[tuple[list[str], str | None]] = []
    place, unclosed = 0, 0
    with _long_cells():
        while place < len(lines):
            rows, place, to_the_end = _parse(lines, place, delimiter)
            found += [(cells, None) for cells in rows]
            if place == len(lines):
                break
            unclosed += to_the_end
            if unclosed > MAX_OPEN_QUOTES:
                raise UnreadableFile(f"More than {MAX_OPEN_QUOTES} quotation marks are opened and never closed, the last "
                                     f"in line {place + 1:,}. Save it again as CSV from a spreadsheet.")
            cells = _alone(lines[place], delimiter)
            fits = bool(cells) and (not found or len(cells) == len(found[0][0]))
            found.append((cells, None) if fits else ([], BAD_QUOTES))
            place += 1
    return [(n, cells, reason) for n, (cells, reason) in enumerate(found, start=1)]


def _parse(lines: list[str], start: int, delimiter: str) -> tuple[list[list[str]], int, bool]:
    """Rows from a line on, the line where one begins that cannot be read (or the end), and whether that one runs to the end."""
    reader = csv.reader(_from(lines, start), delimiter=delimiter, strict=True)
    rows, begins = [], start
    try:
        for cells in reader:
            if cells == [_END]:
                return rows, len(lines), False
            begins = start + reader.line_num
            if cells:
                rows.append(cells)
    except csv.Error:
        return rows, begins, start + reader.line_num > len(lines)
    return rows, begins, True


def _from(lines: list[str], start: int):
    for n in range(start, len(lines)):
        yield lines[n]
    yield _END


def _alone(line: str, delimiter: str) -> list[str] | None:
    """One line by itself and leniently: its words with a quotation mark too many, if they stay within it."""
    rows = list(csv.reader([line, _END], delimiter=delimiter))
    return rows[0] if rows[-1] == [_END] and len(rows) == 2 else None


def _sniff(text: str, path: Path) -> str:
    """The delimiter under which most of the first rows have as many cells as the header."""
    if path.suffix.lower() in (".tsv", ".tab"):
        return "\t"
    head = text[:200_000]
    agreement = {delimiter: _agreement(head, delimiter) for delimiter in DELIMITERS}
    best = max(DELIMITERS, key=agreement.get)
    return best if agreement[best] > (0, 0) else NO_DELIMITER


def _agreement(head: str, delimiter: str) -> tuple[float, int]:
    with _long_cells():
        try:
            rows = [row for row in islice(csv.reader(io.StringIO(head, newline=""), delimiter=delimiter), 50) if row]
        except csv.Error:
            return 0, 0
    if not rows or len(rows[0]) < 2:
        return 0, 0
    widths = Counter(len(row) for row in rows)
    return round(widths[len(rows[0])] / len(rows), 1), len(rows[0])


@contextmanager
def _long_cells():
    before = csv.field_size_limit(_LONGEST_CELL)
    try:
        yield
    finally:
        csv.field_size_limit(before)
