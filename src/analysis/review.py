"""People's decisions on passages: appended one by one, never overwritten, and stronger than the model's."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

import pandas as pd

from analysis.errors import InputError, ReckonsError
from analysis.framework import Framework
from analysis.labels import SEPARATOR
from analysis.provenance import file_sha256, text_sha256

DEFAULT_DECISIONS = Path("data/review/decisions.csv")
REQUIRED = ["decided_at", "who", "passage_sha256", "passage_id"]
LOCK_SECONDS = 10


@dataclass(frozen=True)
class Decisions:
    """What people decided: ``table`` has every row in order of time (``row, decided_at, who, passage_sha256,
    passage_id``, a column of codes per dimension, ``note``); ``dimensions`` are those that the file decides on."""

    table: pd.DataFrame
    dimensions: tuple[str, ...]
    sha256: str | None = None

    @cached_property
    def standing(self) -> pd.DataFrame:
        """The decision that counts for each passage: the latest."""
        return self.table.drop_duplicates("passage_sha256", keep="last").reset_index(drop=True)

    @cached_property
    def disagreements(self) -> pd.DataFrame:
        """Every decision on a passage that was decided on in more than one way, with ``counts`` for the one that does."""
        codes = self.table[list(self.dimensions)].apply(lambda row: tuple(frozenset(_codes(cell)) for cell in row), axis=1) if len(self.table) else pd.Series(dtype=object)
        ways = codes.groupby(self.table["passage_sha256"]).transform(lambda given: len(set(given)))
        counts = ~self.table["passage_sha256"].duplicated(keep="last")
        return self.table.assign(counts=counts)[(ways > 1).to_numpy(dtype=bool)].sort_values(["passage_sha256", "row"], kind="stable", ignore_index=True)

    def unknown_to(self, passages: pd.DataFrame) -> pd.DataFrame:
        """The standing decisions on passages that are not among ``passages``, by their text."""
        return self.standing[~self.standing["passage_sha256"].isin(set(hashes(passages)))].reset_index(drop=True)

    def codes_of(self, row: pd.Series) -> set[str]:
        """All codes that one decision gives."""
        return set().union(*(_codes(row[dimension]) for dimension in self.dimensions))

    def in_words(self, passages: pd.DataFrame) -> list[str]:
        """What was decided, what contradicts itself and what belongs to no passage, a sentence each."""
        if not len(self.table):
            return []
        differ = self.disagreements
        said = [f"Decisions by people: {len(self.standing):,} passages, {len(self.table):,} decisions."]
        for _, rows in differ.groupby("passage_sha256", sort=False):
            ways = "; ".join(f"row {row.row}, {row.who}: {self._said(row)}" for row in rows.itertuples())
            said.append(f"Decided in more than one way: {rows['passage_id'].iloc[-1]} ({ways}). The later counts.")
        lost = self.unknown_to(passages)
        if len(lost):
            said.append(f"{len(lost):,} decisions are on passages that are not here (their text is not, or no longer, among the contributions): "
                        f"{', '.join(lost['passage_id'].head(5))}. They are kept and change nothing.")
        return said

    def _said(self, row) -> str:
        return ", ".join(c for d in self.dimensions for c in sorted(_codes(getattr(row, d)))) or "no code"


def _codes(cell: str) -> set[str]:
    return {code.strip() for code in cell.split(SEPARATOR)} - {""}


def hashes(passages: pd.DataFrame) -> pd.Series:
    """SHA-256 of each passage's text, by which decisions are kept from run to run."""
    return passages["text"].map(text_sha256)


def no_decisions(framework: Framework) -> Decisions:
    """What there is before anybody has decided."""
    dimensions = tuple(framework.dimensions)
    return Decisions(pd.DataFrame(columns=["row", *REQUIRED, *dimensions, "note"], dtype="str"), dimensions)


def read_decisions(path: Path, framework: Framework, *, must_exist: bool = False) -> Decisions:
    """Read a file of decisions; one that does not exist yet holds none, unless it ``must_exist``.

    Raises ``InputError`` naming every fault: a missing column, a code that the framework does not have, a
    time or a hash that is none, a row that was cut off.
    """
    path = Path(path)
    if not path.exists() and not must_exist:
        return no_decisions(framework)
    try:
        table = pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise InputError(str(path), [f"The decisions cannot be read: {error}."]) from None
    dimensions = tuple(d for d in framework.dimensions if d in table)
    problems = _faults(table, dimensions, framework)
    if problems:
        raise InputError(str(path), problems, not_done="Mend the rows, or name another file with --decisions. Nothing was written; the file is as it was.")
    table = table.assign(row=range(2, len(table) + 2), note=table["note"] if "note" in table else "")
    when = pd.to_datetime(table["decided_at"], utc=True, format="ISO8601")
    table = table.iloc[when.argsort(kind="stable")].reset_index(drop=True)
    return Decisions(table[["row", *REQUIRED, *dimensions, "note"]], dimensions, file_sha256(path))


def _faults(table: pd.DataFrame, dimensions: tuple[str, ...], framework: Framework) -> list[str]:
    missing = [name for name in REQUIRED if name not in table]
    if missing or not dimensions:
        expected = ", ".join([*REQUIRED, *framework.dimensions, "note"])
        return [f"Columns are missing ({', '.join(missing) or 'no column of codes'}); expected {expected}; found {', '.join(table.columns)}."]
    problems = []
    when = pd.to_datetime(table["decided_at"], utc=True, format="ISO8601", errors="coerce")
    for row in table.index[when.isna()][:5]:
        problems.append(f'Row {row + 2}: decided_at "{table["decided_at"][row]}" is not a time such as 2024-11-01T09:00:00+00:00.')
    for row in table.index[~table["passage_sha256"].str.fullmatch("[0-9a-f]{64}")][:5]:
        problems.append(f"Row {row + 2}: passage_sha256 is not a SHA-256; the row may have been cut off or edited by hand.")
    for dimension in dimensions:
        known = framework.codes_of(dimension)
        for row, cell in table[dimension].items():
            unknown = sorted(_codes(cell) - set(known))
            if unknown:
                problems.append(f'Row {row + 2}: "{", ".join(unknown)}" is no code of {dimension}; codes are {", ".join(known)}.')
    return problems


def decide(path: Path, passage: pd.Series, codes: Iterable[str], *, framework: Framework, who: str, note: str = "") -> dict:
    """Append one decision on a passage (``passage_id`` and ``text``) and return the row as written.

    ``codes`` are all that apply, of any dimension; what they imply is added. No code at all means that none applies.
    The file is locked while it is written, and nothing in it is ever changed. Raises ``InputError`` for an unknown
    code and ``ReckonsError`` where the file cannot be written.
    """
    given = set(codes)
    known = framework.codes.set_index("code")["dimension"]
    unknown = sorted(given - set(known.index))
    if unknown or not who.strip():
        raise InputError("decision", [f'"{", ".join(unknown)}" is no code; codes are {", ".join(known.index)}.'] if unknown else
                         ["Say who decides: a name or initials."], not_done="Nothing was saved.")
    given |= set().union(*(framework.implied_by(code) for code in given))
    row = {"decided_at": datetime.now(UTC).isoformat(timespec="milliseconds"), "who": who.strip(),
           "passage_sha256": text_sha256(passage["text"]), "passage_id": str(passage["passage_id"])}
    row |= {d: SEPARATOR.join(c for c in framework.codes_of(d) if c in given) for d in framework.dimensions} | {"note": note.strip()}
    _append(Path(path), row)
    return row


def _append(path: Path, row: dict) -> None:
    from filelock import FileLock, Timeout

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_name(path.name + ".lock"), timeout=LOCK_SECONDS):
            found = path.read_bytes() if path.exists() else b""
            header = next(csv.reader([found.split(b"\n", 1)[0].decode("utf-8-sig")]), []) if found else list(row)
            if set(header) != set(row):
                raise InputError(str(path), [f"Expected the columns {', '.join(row)}; found {', '.join(header)}. Move the file away to begin a new one."],
                                 not_done="The decision was not saved; the file is as it was.")
            out = io.StringIO()
            writer = csv.DictWriter(out, header, lineterminator="\n")
            if not found:
                writer.writeheader()
            writer.writerow(row)
            # A line that an earlier crash cut off must not swallow this one.
            before = b"" if not found or found.endswith(b"\n") else b"\n"
            with open(path, "ab") as file:
                file.write(before + out.getvalue().encode("utf-8"))
                file.flush()
                os.fsync(file.fileno())
    except Timeout:
        raise ReckonsError(f"{path} is being written by somebody else. Try again. The decision was not saved.") from None
    except OSError as error:
        raise ReckonsError(f"{path} cannot be written: {error.strerror}. The decision was not saved.") from None


def as_labels(decisions: Decisions, passages: pd.DataFrame) -> pd.DataFrame:
    """The standing decisions as a table of labels: ``id, text, source, author`` and a column of codes per dimension.

    ``passages`` are those of the run in which they were decided (``contribution_id, contributor, text``); what they do not
    hold has no text to train on and is left out. The source of a passage is its contribution, so that passages of
    one contribution are never on both sides of a test.
    """
    known = passages.assign(passage_sha256=hashes(passages)).drop_duplicates("passage_sha256")
    found = decisions.standing.drop(columns=["passage_id"]).merge(known, on="passage_sha256", how="inner")
    table = pd.DataFrame({"id": "decision " + found["passage_sha256"].str[:16], "text": found["text"],
                          "source": "decisions/" + found["contribution_id"].map(text_sha256).str[:16], "author": found["contributor"].fillna("").astype("str")})
    return table.assign(**{dimension: found[dimension] for dimension in decisions.dimensions})


def overrule(table: pd.DataFrame, passages: pd.DataFrame, decisions: Decisions, framework: Framework) -> pd.DataFrame:
    """The mapping's ``table`` with people's decisions in place of the model's, and ``decided_by`` saying so.

    A dimension that the file of decisions lacks is left to the model, except for what a decision implies. The
    model's probabilities stay. A code that only an implication gave is decided by ``rule``.
    """
    standing = decisions.standing.set_index("passage_sha256")
    place = hashes(passages)
    held = passages.loc[place.isin(standing.index).to_numpy(), "passage_id"]
    if held.empty:
        return table
    given = {p: decisions.codes_of(standing.loc[h]) for p, h in zip(passages["passage_id"], place) if h in standing.index}
    full = {p: codes.union(*(framework.implied_by(c) for c in codes)) for p, codes in given.items()}
    rows = table["passage_id"].isin(set(held))
    part = table[rows]
    own = [code in given[p] for p, code in zip(part["passage_id"], part["code"])]
    holds = [code in full[p] for p, code in zip(part["passage_id"], part["code"])]
    changed = part.assign(
        assigned=holds, decision=["assign" if h else "outside" for h in holds],
        decided_by=["rule" if h and not o else "person" for h, o in zip(holds, own)])
    touched = part["dimension"].isin(decisions.dimensions).to_numpy() | pd.Series(holds).to_numpy()
    changed = changed[touched].astype({"decision": table["decision"].dtype, "decided_by": table["decided_by"].dtype})
    return pd.concat([table.drop(changed.index), changed]).sort_index()[table.columns.tolist()]
