"""One file's rows under our names, each with the reason why it is no contribution, if any."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from analysis import privacy
from analysis.sources.cleaning import clean, clean_line, says_something
from analysis.sources.dates import read_dates
from analysis.sources.source_file import SourceFile, quoted

FIELDS = ("id", "author", "created_at", "url", "lang", "parent_id", "question", "title", "licence", "context")
# A long report has some 100,000 characters; twice that is a mistaken export rather than an answer.
MAX_CHARACTERS = 200_000
# A column "source" with more different values than this names single pages rather than channels.
MAX_SOURCES = 20
# Rows named in an error; the rest is counted.
ROWS_NAMED = 5

BLANK = "blank"
TOO_SHORT = "too short to say anything"
TOO_LONG = f"longer than {MAX_CHARACTERS:,} characters"
TEST_RESPONSE = "preview or test response"


def standard(file: SourceFile) -> pd.DataFrame:
    """The records of a file: a row with three text columns becomes three, a row set aside stays one.

    Columns are ``FIELDS`` as text (``created_at`` as a date), ``text, reason, row,
    source_file, source``, ``suffix``, which tells the text columns of one row apart, and
    ``year_unknown`` for dates that were cut off.
    """
    unusable = file.reasons.notna() | (not file.columns.text)
    parts = [_part(file, file.rows[unusable], column=None)]
    parts += [_part(file, file.rows[~unusable], column=column) for column in file.columns.text]
    table = pd.concat(parts, ignore_index=True)
    return _judged(table)


def faulty_rows(table: pd.DataFrame) -> list[str]:
    """Sentences about the rows at fault, for the message that a whole file cannot be used."""
    faulty = table[table["reason"].notna() & ~table["reason"].isin([BLANK, TOO_SHORT])].drop_duplicates("row")
    lines = [f"Row {row.row}: {row.reason}." for row in faulty.head(ROWS_NAMED).itertuples()]
    return lines + ([f"{len(faulty) - ROWS_NAMED:,} more rows have faults."] if len(faulty) > ROWS_NAMED else [])


def _part(file: SourceFile, rows: pd.DataFrame, *, column: str | None) -> pd.DataFrame:
    own = file.columns
    part = pd.DataFrame({name: _cells(rows, getattr(own, name)) for name in FIELDS}, dtype=object)
    part["text"] = rows[column].to_numpy() if column else "" if own.text else "no text column, so only dates are judged"
    part["reason"] = file.reasons[file.reasons.index.isin(rows.index)].to_numpy()
    part["row"], part["source_file"], part["source"] = rows.index.to_numpy(), file.source_file, _source(file, rows)
    part["suffix"] = f":{column}" if column and len(own.text) > 1 else ""
    if column is None:  # no contribution, so nothing of it is taken over but its place, its date and a post's address
        part[[name for name in FIELDS if name not in ("id", "created_at")]] = ""
        part["id"] = part["id"] if file.source == "bluesky" else ""
        return part
    if own.text[column]:
        part["question"] = own.text[column]
    part.loc[_is_test(rows, own.drop), "reason"] = TEST_RESPONSE
    return part


def _cells(rows: pd.DataFrame, name: str | None) -> list[str]:
    return [clean_line(value) for value in rows[name]] if name else [""] * len(rows)


def _source(file: SourceFile, rows: pd.DataFrame) -> list[str]:
    """The kind of source, or the channels that a table names itself if they are few."""
    named = [value.strip() or file.source for value in _cells(rows, file.columns.source)]
    return named if len(set(named)) <= MAX_SOURCES else [file.source] * len(rows)


def _is_test(rows: pd.DataFrame, drop: Mapping[str, tuple[str, ...]]) -> list[bool]:
    marked = [[value.strip() in values for value in rows[column]] for column, values in drop.items()]
    return [any(marks) for marks in zip(*marked, strict=True)] if marked else [False] * len(rows)


def _judged(table: pd.DataFrame) -> pd.DataFrame:
    """The first reason that holds for each row; ``created_at`` becomes a date."""
    dates, faults = read_dates(table["created_at"])
    given = zip(table["reason"], table["text"], table["created_at"], faults, strict=True)
    reasons = [reason or _fault(text) or (f"created_at {_shown(value)} {fault}" if fault else None)
               for reason, text, value, fault in given]
    cut_off = dates.isna() & faults.isna() & (table["created_at"].str.strip() != "")
    return table.assign(reason=pd.Series(reasons, index=table.index, dtype=object), created_at=dates, year_unknown=cut_off.astype(bool))


def _fault(text: str) -> str | None:
    text = clean(text)[0]
    if not text.strip():
        return BLANK
    if len(text) > MAX_CHARACTERS:
        return TOO_LONG
    return None if says_something(text) else TOO_SHORT


def _shown(value: str) -> str:
    """A value for a message, without what it may hold by a mix-up of columns."""
    return quoted(privacy.redact([value])[0][0])
