"""Readers: one per kind of source, from files to rows under the source's own column names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pandas as pd

from analysis.errors import InputError
from analysis.parts import Each, here
from analysis.sources import bluesky, feeds, files, notice, posts, records, tables
from analysis.sources.columns import Wish, find, from_options
from analysis.sources.records import FIELDS
from analysis.sources.source_file import ColumnMap, SourceFile, UnreadableFile, listed, quoted

__all__ = ["FIELDS", "ColumnMap", "SourceFile", "Sources", "UnreadableFile", "quoted", "read_files", "records"]


@dataclass(frozen=True)
class Sources:
    """Everything found under ``raw``: files read, files not read with the reason, files that cannot be read.

    ``tables`` are the records of each of the files, as ``records.standard`` gives them. ``paths`` maps the name of every file that decides the result (mapping files included) to
    its path. ``unreadable`` holds ``(file, problem)``; faults of readable files are in each
    ``SourceFile.problems``, faults of the options in ``problems``. ``notices`` are ``(file, text)`` for every
    reader of the pages to see.
    """

    raw: Path
    files: tuple[SourceFile, ...]
    tables: tuple[pd.DataFrame, ...]
    not_read: tuple[tuple[str, str], ...]
    unreadable: tuple[tuple[str, str], ...]
    problems: tuple[str, ...]
    paths: Mapping[str, Path]
    notices: tuple[tuple[str, str], ...] = ()


def read_files(raw: Path, *, columns: Sequence[str] | Mapping[str, object] | None = None, each: Each = here) -> Sources:
    """Read every file under ``raw`` (a file or a folder) in a fixed order; ``each`` has them read, elsewhere if need be.

    ``columns`` are the pairs of ``--column``. A file that cannot be read stops nothing
    here: it is listed with the reason, so that all faults can be told at once. Raises
    ``InputError`` when there is nothing to read.
    """
    if not raw.exists():
        raise InputError(str(raw), ["There is no such file or folder."])
    listing = files.list_files(raw)
    if not listing.readable:
        raise InputError(str(raw), _nothing_found(listing.not_read))
    options, problems = from_options(columns)
    to_read = [files.RawFile(path, files.name_of(path, raw)) for path in listing.readable]
    unreadable = [(file.name, problem) for file in to_read if (problem := _unfit(file.path))]
    unfit = {name for name, _ in unreadable}
    read, tables = [], []
    for name, found in each(partial(_attempt, options=options), [file for file in to_read if file.name not in unfit]):
        if isinstance(found, str):
            unreadable.append((name, found))
        else:
            read.append(found[0])
            tables.append(found[1])
    # A table that cannot be read may have the column that the others lack.
    tables_unread = any(name.lower().endswith(files.TABLES) for name, _ in unreadable)
    problems += _unknown_columns(options, read) if options and not tables_unread else []
    notices = []
    for path in listing.notices:
        try:
            notices.append((_name(path, raw), notice.read(path)))
        except UnreadableFile as error:
            unreadable.append((_name(path, raw), str(error)))
    paths = {_name(path, raw): path for path in [*listing.readable, *listing.mappings, *listing.notices]}
    return Sources(raw, tuple(read), tuple(tables), tuple(listing.not_read), tuple(unreadable), tuple(problems), paths, tuple(notices))


def _name(path: Path, raw: Path) -> str:
    return files.name_of(path, raw) if path.is_relative_to(raw) else path.name


def _unfit(path: Path) -> str | None:
    """Why a file need not be opened."""
    size = path.stat().st_size
    if size > files.MAX_BYTES:
        return f"It is {size / 1e6:,.0f} MB long; at most {files.MAX_BYTES / 1e6:,.0f} MB are read. Split it into several files."
    return None if size else "It is empty."


def _attempt(file: files.RawFile, *, options: Wish | None) -> tuple[str, tuple[SourceFile, pd.DataFrame] | str]:
    """A file's name, and what was read and its records, or why it cannot be read."""
    try:
        read = _read(file.opened(), name=file.name, options=options)
    except UnreadableFile as error:
        return file.name, str(error)
    except OSError as error:
        return file.name, f"It cannot be opened: {error.strerror or error}."
    return file.name, (read, records.standard(read))


def _read(path: Path, *, name: str, options: Wish | None) -> SourceFile:
    suffix = path.suffix.lower()
    if suffix in files.POSTS:
        return posts.read_markdown(path, name=name)
    if suffix in files.PAGES:
        return posts.read_page(path, name=name)
    if suffix in files.FEEDS:
        return feeds.read(path, name=name)
    if suffix in files.DISCUSSIONS:
        return bluesky.read(path, name=name)
    if suffix in files.TABLES:
        return tables.read(path, name=name, options=options)
    raise UnreadableFile(f"It is not of a kind that is read ({files.READABLE}).")


def _nothing_found(not_read: list[tuple[str, str]]) -> list[str]:
    problems = [f"No contributions were found in it; readable files are {files.READABLE}."]
    if not_read:
        problems.append(f"Not read: {listed([f'{name} ({reason})' for name, reason in not_read], most=5)}.")
    return problems


def _unknown_columns(options: Wish, read: list[SourceFile]) -> list[str]:
    """Columns named with --column that no table has; a table without text says so itself."""
    found = [(file.source_file, list(file.rows.columns)) for file in read if file.source in ("table", "survey")]
    if not found:
        return ["--column was given, but there is no table among the files."]
    pairs = [*options.fields.items(), *(("text", name) for name in options.text if all(file.columns.text for file in read))]
    shown = "; ".join(f"{name} has {listed(header)}" for name, header in found[:3])
    return [f"No table has the column {quoted(name)} of --column {key}={name}; {shown}."
            for key, name in pairs if not any(find(header, name) for _, header in found)]
