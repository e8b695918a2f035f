"""What every reader hands on: the rows of one file, which columns mean what, and its faults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from analysis.errors import ReckonsError


class UnreadableFile(ReckonsError):
    """A file that cannot be read at all; the message is one full sentence without the file's name."""


@dataclass(frozen=True)
class ColumnMap:
    """Which column holds what; ``text`` maps each free-text column to the question as asked, or None.

    ``drop`` maps a column to the values that mark a preview or test response, ``stated`` what a mapping file says of
    the person (role, sector, nation, organisation_size) to the column that holds it.
    """

    text: Mapping[str, str | None] = field(default_factory=dict)
    id: str | None = None
    author: str | None = None
    created_at: str | None = None
    url: str | None = None
    lang: str | None = None
    question: str | None = None
    source: str | None = None
    parent_id: str | None = None
    title: str | None = None
    licence: str | None = None
    context: str | None = None
    drop: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    stated: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class SourceFile:
    """One file, read but not yet checked.

    ``rows`` has the source's own columns as text and the row's place in the file as its
    index; ``reasons`` says for each row why it cannot be a contribution, or is missing.
    ``problems`` are faults of the file as a whole, in full sentences.
    """

    source: str
    source_file: str
    rows: pd.DataFrame
    reasons: pd.Series
    columns: ColumnMap
    problems: tuple[str, ...] = ()
    notes: Mapping[str, str] = field(default_factory=dict)


def frame(records: list[dict], places: list[int], *, names: list[str]) -> pd.DataFrame:
    """Records as a table of plain objects: nothing is guessed, the words NA and None stay words."""
    columns = {name: [record.get(name, "") for record in records] for name in names}
    return pd.DataFrame(columns, index=pd.Index(places, name="row", dtype="int64"), columns=names, dtype=object)


def reasons(values: list[str | None], places: list[int]) -> pd.Series:
    """Why each row is set aside, aligned with ``frame``."""
    return pd.Series(values, index=pd.Index(places, name="row", dtype="int64"), dtype=object)


def quoted(value: object, *, longest: int = 60) -> str:
    """A value from the data for use in a message: one line, in quotation marks, not too long."""
    text = " ".join("".join(c if c.isprintable() else " " for c in str(value)).split()).replace('"', "'")
    return f'"{text[:longest - 1]}…"' if len(text) > longest else f'"{text}"'


def listed(names, *, most: int = 20) -> str:
    """Names for a message, the first twenty of them."""
    names = [quoted(name)[1:-1] for name in names]
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "") if names else "nothing"
