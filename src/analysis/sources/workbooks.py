"""XLSX workbooks, refused before unpacking when they would fill the machine."""

from __future__ import annotations

import re
import warnings
import zipfile
from datetime import date, datetime, time
from pathlib import Path

from analysis.sources.source_file import UnreadableFile, listed

# Spreadsheets shrink to about a tenth; a thousandth is a bomb. Both bounds are on what the
# archive says of itself, and no more than that is ever unpacked.
MAX_UNPACKED = 500_000_000
MAX_RATIO = 200
# Below this, a high ratio does no harm: an almost empty sheet packs very small.
SMALL = 10_000_000
_ZIP = b"PK\x03\x04"
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
_ZEROS = re.compile(r"0{2,}")


def is_workbook(path: Path) -> bool:
    """Whether a file is a workbook by its first bytes or its name, since exports are often misnamed."""
    with open(path, "rb") as file:
        return file.read(4) == _ZIP or path.suffix.lower() in (".xlsx", ".xlsm")


def read_workbook(path: Path) -> tuple[list[str], list, dict[str, str]]:
    """Header, records and notes of the first sheet that has rows; rows without any value are no records."""
    _refuse_bombs(path)
    import openpyxl

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles and menus, which are not read
            with open(path, "rb") as file:  # an open file, since openpyxl refuses names it does not know
                title, rows, rest = _first_with_rows(openpyxl.load_workbook(file, read_only=True, data_only=True))
    except UnreadableFile:
        raise
    except Exception as error:  # openpyxl lets through whatever a broken file provokes
        raise UnreadableFile(f"It cannot be read as an Excel workbook ({type(error).__name__}). Save it again as XLSX or CSV.") from None
    (_, header), *records = rows
    width = len(header)
    notes = {"sheet": title} | ({"sheets_not_read": listed(rest)} if rest else {})
    return header, [(place, (cells + [""] * width)[:max(width, len(cells))], None) for place, cells in records], notes


def _refuse_bombs(path: Path) -> None:
    with open(path, "rb") as file:
        if file.read(4) == _OLD_OFFICE:
            raise UnreadableFile("It is an old or password-protected Excel file. Save it as XLSX without a password, or as CSV.")
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        raise UnreadableFile("It is not an Excel workbook, whatever its name says, or it is damaged.") from None
    unpacked = sum(member.file_size for member in members)
    if unpacked > MAX_UNPACKED:
        raise UnreadableFile(f"It would unpack to {unpacked / 1e6:,.0f} MB; at most {MAX_UNPACKED / 1e6:,.0f} MB are read.")
    if unpacked > SMALL and unpacked > MAX_RATIO * max(1, path.stat().st_size):
        raise UnreadableFile(f"It would unpack to more than {MAX_RATIO} times its size, which no ordinary workbook does; it was not opened.")


def _first_with_rows(book) -> tuple[str, list[tuple[int, list[str]]], list[str]]:
    title, rows, rest = "", [], []
    for sheet in book.worksheets:
        sheet.reset_dimensions()  # some tools write a wrong size, which would hide rows
        if rows:
            rest += [sheet.title] if next(_filled(sheet), None) else []
        else:
            title, rows = sheet.title, list(_filled(sheet))
    if not rows:
        raise UnreadableFile("None of its sheets has a header and rows.")
    return title, rows, rest


def _filled(sheet):
    for place, cells in enumerate(sheet.iter_rows(), start=1):
        texts = [_text(cell) for cell in cells]
        while texts and not texts[-1]:
            texts.pop()
        if texts:
            yield place, texts


def _text(cell) -> str:
    """A cell as its reader sees it: 7 rather than 7.0, and 007 where the format asks for it."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, (datetime, date, time)):
        return value.isoformat(sep=" ") if isinstance(value, datetime) else value.isoformat()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and _ZEROS.fullmatch(str(cell.number_format)):
        return str(value).zfill(len(cell.number_format))
    return str(value)
