"""The register of withdrawals: hashes and dates, never a text; what is in it is not analysed again."""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd

from analysis.errors import InputError
from analysis.provenance import text_sha256

FILE = "withdrawn.csv"
COLUMNS = ("sha256", "withdrawn_on")
WITHDRAWN = "withdrawn"
# Ids that mean the same thing in whatever file they occur.
UNIVERSAL_IDS = ("at://", "http://", "https://")
# An id that was made from a record, without the name of its file.
_MADE = re.compile(r"-([0-9a-f]{12}(?:-\d+)?)$")


def places(raw: Path) -> list[Path]:
    """Where the register of ``raw`` may be, the one to write first: in a folder called "raw" above it, and beside the data."""
    folder = raw if raw.is_dir() else raw.absolute().parent
    above = [parent for parent in folder.absolute().parents if parent.name == "raw"][:1]
    return [place / FILE for place in [*above, folder]]


def load(raw: Path) -> frozenset[str]:
    """The hashes of all that was withdrawn from ``raw``, a file or a folder; none where there is no register.

    A row holds the SHA-256 of an id or an address, as 64 hexadecimal digits, and a date. Raises ``InputError``.
    """
    found: set[str] = set()
    for path in places(raw):
        if path.is_file():
            found |= set(_read(path))
    return frozenset(found)


def add(raw: Path, hashes: Iterable[str], *, on: date | None = None) -> int:
    """Put hashes into the register of ``raw``, whole or not at all; returns how many were new."""
    known, path = load(raw), places(raw)[0]
    new = sorted(set(hashes) - known)
    if not new:
        return 0
    rows = _read(path) if path.is_file() else {}
    day = (on or datetime.now(UTC).date()).isoformat()
    unfinished = path.with_name(f".{FILE}.unfinished")
    with unfinished.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerows([COLUMNS, *rows.items(), *((one, day) for one in new)])
    os.replace(unfinished, path)
    return len(new)


def _read(path: Path) -> dict[str, str]:
    if path.is_symlink():  # nothing outside the data is read, and to pass over it would bring back what was withdrawn
        raise InputError(str(path), ["It is a link, which is not followed. Put the file itself in its place."])
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.reader(file))
    except (UnicodeDecodeError, csv.Error):
        raise InputError(str(path), ["It is no register of withdrawals: a CSV in UTF-8 is expected, each row a SHA-256 and a date."]) from None
    if rows and [cell.strip().lower() for cell in rows[0]][:1] == [COLUMNS[0]]:
        rows = rows[1:]
    filled = [(number, row) for number, row in enumerate(rows, start=2) if any(cell.strip() for cell in row)]
    wrong = [number for number, row in filled if not _is_hash(row[0].strip().lower())]
    if wrong:
        raise InputError(str(path), [f"Row {number}: the SHA-256 of an id or address is expected, 64 hexadecimal digits, then a date. "
                                     "Make one with: reckons forget ID, or printf %s ID | sha256sum." for number in wrong[:5]])
    return {row[0].strip().lower(): row[1].strip() if len(row) > 1 else "" for _, row in filled}


def _is_hash(cell: str) -> bool:
    return len(cell) == 64 and all(c in "0123456789abcdef" for c in cell)


def names(records: pd.DataFrame) -> pd.DataFrame:
    """The hashes by which each record is known: those to ``keep`` in the register, and those to ``match`` against it.

    ``records`` has ``id, suffix, source_file, contribution_id, contributor, url, question, text``. An id of a table means nothing
    outside its file, so what is kept is the id with the file's name, and the record itself (id, pseudonym, question,
    text) for the day when the file has another name. An address is kept only where no other record has it.
    Of records that cannot be told apart (no id, no author, equal text), any one may be taken for another.
    """
    address = records["url"].fillna("")
    alone = ~address.duplicated(keep=False)
    files = records.groupby(records["id"])["source_file"].transform("nunique")
    rows = [_names(row, url=url if single else "", only_file=count == 1)
            for row, url, single, count in zip(records.itertuples(index=False), address, alone, files, strict=True)]
    return pd.DataFrame([(keep, match if single else [*match, text_sha256(url)]) for (keep, match), url, single
                         in zip(rows, address, alone, strict=True)], columns=["keep", "match"], index=records.index)


def _names(row, *, url: str, only_file: bool) -> tuple[list[str], list[str]]:
    own, question = row.id.strip(), row.question or row.suffix
    shown, who = (value if isinstance(value, str) else "" for value in (row.contribution_id, row.contributor))
    if own.startswith(UNIVERSAL_IDS):
        keep = [own]
    elif own:
        keep = [f"{row.source_file}:{own}{row.suffix}", "\n".join([own, who, question, row.text])]
    else:
        made = _MADE.search(shown)
        keep = [shown, made[1] if made else "", "\n".join([who, question, row.text]) if who else ""]
    keep = [name for name in (*keep, url) if name]
    match = [name for name in dict.fromkeys([*keep, shown, own if only_file else ""]) if name]
    return [text_sha256(name) for name in keep], [text_sha256(name) for name in match]
