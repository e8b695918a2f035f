"""Raw rows to a checked table of contributions, and a table of what was set aside and why."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pandas as pd

from analysis import privacy, reference, register
from analysis.errors import InputError, ReckonsError
from analysis.parts import Each, blocks, here
from analysis.provenance import file_sha256, text_sha256
from analysis.sources import FIELDS, Sources, quoted, read_files, records
from analysis.sources.cleaning import clean, language, message

COLUMNS = ["contribution_id", "source", "source_file", "row", "url", "contributor", "created_at", "lang", "parent_id",
           "duplicate_of", "question", "title", "licence", "context", "text"]
SET_ASIDE = ["contribution_id", "source_file", "row", "reason"]
REASONS_TOLD = 12  # on the terminal; the table has them all
REPEATED = "same id and text as another row"
# Records that are cleaned and redacted together: half a second of work.
RECORDS_TOGETHER = 5_000


@dataclass(frozen=True)
class Contributions:
    """What was read: ``kept``, ``set_aside`` with reasons, and what decided both.

    ``kept`` has one row per contribution in canonical order (by ``contribution_id``),
    ``set_aside`` one per raw record that is not analysed: ``records_read`` is their sum.
    ``inputs`` has ``file, sha256, bytes``, ``not_read`` has ``file, reason``; ``settings``
    counts what was cleaned, redacted and renamed. ``records`` has what a withdrawal needs to know of every
    record (``contribution_id, url, contributor, text, source_file, row, withdrawn, names``) and is never written; nor is ``answers``, who said
    what about themselves (``attribute, person, group``): only counts of five people or more go further.
    """

    kept: pd.DataFrame
    set_aside: pd.DataFrame
    inputs: pd.DataFrame
    not_read: pd.DataFrame
    records_read: int
    settings: dict = field(default_factory=dict)
    records: pd.DataFrame = field(default_factory=pd.DataFrame, repr=False)
    answers: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=["attribute", "person", "group"]), repr=False)

    def in_words(self) -> list[str]:
        """What was not read, as which survey tool's export a file was, and for which reasons most records were set aside: a sentence each."""
        exports = [(name, notes) for name, notes in self.settings.get("notes", {}).items() if "preset" in notes]
        return [*(f"Not read: {row.file} ({row.reason})" for row in self.not_read.itertuples()),
                *(f"{name}: read as an export of {notes['preset']}; answers in {notes['answers_in']}; not taken as answers: {notes['not_taken_as_answers']}"
                  for name, notes in exports),
                *(f"  set aside: {count:,} x {reason}" for reason, count in self.set_aside["reason"].value_counts().head(REASONS_TOLD).items())]


def read(raw: str | Path, *, columns: Sequence[str] | Mapping[str, object] | None = None, redact: bool = True, each: Each = here) -> Contributions:
    """Read and check all contributions under ``raw``, a file or a folder.

    ``columns`` maps columns of tables: ``["text=comment"]`` as on the command line, or
    ``{"text": "comment"}``. With ``redact``, personal details are taken out of texts,
    titles and context, and offsets refer to what is left. Authors become pseudonyms. ``each`` has
    files, then blocks of records worked on, elsewhere if need be. Raises
    ``InputError`` with all faults of all files that cannot be used; single faulty rows
    are set aside.
    """
    sources = read_files(Path(raw), columns=columns, each=each)
    _refuse(sources)
    table = pd.concat(sources.tables, ignore_index=True)
    settings = {**_make_ready(table, each, redact=redact),
                "dates_without_year": int((table["year_unknown"] & table["reason"].isna()).sum())}
    table["contributor"] = _contributors(table["author"])
    table["contribution_id"], settings["ids_with_file_name"] = _identify(table)
    known = _set_aside_withdrawn(table, register.load(Path(raw)))
    _set_aside_repeats(table)
    kept = _kept(table[table["reason"].isna()])
    asked = [file for file in sources.files if file.source in ("table", "survey")]
    answers = reference.answered({file.source_file: file.rows for file in asked}, kept, named={file.source_file: file.columns.stated for file in asked})
    settings["stated"] = reference.stated(answers, kept)
    aside = table[table["reason"].notna()].sort_values(["source_file", "row", "contribution_id"], kind="stable")
    aside = aside[SET_ASIDE].astype({"contribution_id": "str", "source_file": "str", "row": "int64", "reason": "str"})
    _check(kept)
    return Contributions(kept, aside.reset_index(drop=True), _inputs(sources),
                         pd.DataFrame(list(sources.not_read), columns=["file", "reason"], dtype="str"), len(table),
                         settings | {"redact": redact, "columns": _columns_used(sources), "notes": _notes(sources),
                                     "notices": [{"file": name, "text": text} for name, text in sources.notices]}, known, answers)


# ---------------------------------------------------------------------------- faults of whole files


def _refuse(sources: Sources) -> None:
    """Raise all faults of all files at once, with the faulty rows of the files concerned."""
    found = [(name, [problem]) for name, problem in sources.unreadable]
    found += [(file.source_file, [*file.problems, *records.faulty_rows(table)])
              for file, table in zip(sources.files, sources.tables, strict=True) if file.problems]
    single = sources.raw.is_file()
    problems = [problem if single else f"{name}: {problem}" for name, several in sorted(found) for problem in several]
    problems += sources.problems
    if problems:
        raise InputError(sources.raw.name if single else str(sources.raw), problems)


# ---------------------------------------------------------------------------- texts and people


def _make_ready(table: pd.DataFrame, each: Each, *, redact: bool) -> dict:
    """Control characters and personal details out of texts, in place; how many of each."""
    found = each(partial(_ready, redact=redact), blocks(table[["text", "title", "context", "reason"]], RECORDS_TOGETHER))
    for name in ("text", "title", "context"):
        table[name] = [text for texts, _ in found for text in texts[name]]
    counts = {kind: Counter() for kind in ("cleaned", "redacted")}
    for _, counted in found:
        for kind, numbers in counted.items():
            counts[kind].update(numbers)
    return {"cleaned": dict(counts["cleaned"]), "redacted": dict(counts["redacted"]) if redact else None}


def _ready(records: pd.DataFrame, *, redact: bool) -> tuple[dict[str, list[str]], dict[str, dict[str, int]]]:
    """Texts, titles and contexts without control characters and, of records that are not set aside, personal details; how many were taken out."""
    cleaned = [clean(text) for text in records["text"]]
    removed = [count for _, count in cleaned if count]
    texts = {"text": [text for text, _ in cleaned], "title": records["title"].tolist(), "context": records["context"].tolist()}
    redacted: Counter = Counter()
    if redact:
        kept = records["reason"].isna().tolist()
        for name, values in texts.items():
            without, found = privacy.redact(value for value, keep in zip(values, kept, strict=True) if keep)
            ready = iter(without)
            texts[name] = [next(ready) if keep else value for value, keep in zip(values, kept, strict=True)]
            redacted.update(found)
    return texts, {"cleaned": {"texts": len(removed), "control_characters": sum(removed)}, "redacted": dict(redacted)}


def _contributors(authors: pd.Series) -> pd.Series:
    named = authors.where(authors.str.strip() != "").astype("str")
    if named.notna().any():
        return privacy.pseudonyms(named, privacy.pseudonym_key())
    return named


# ---------------------------------------------------------------------------- ids and repeats


def _identify(table: pd.DataFrame) -> tuple[list[str | None], int]:
    """An id for every record: as given; with the file's name where two files share it; else made from the text."""
    files: dict[str, set[str]] = {}
    for own, file in zip(table["id"], table["source_file"], strict=True):
        files.setdefault(own, set()).add(file)
    shared = [len(files[own]) > 1 and bool(own.strip()) and not own.startswith(register.UNIVERSAL_IDS) for own in table["id"]]
    given = [f"{file}:{own}{suffix}" if both else f"{own}{suffix}" if own.strip() else None for own, file, suffix, both
             in zip(table["id"], table["source_file"], table["suffix"], shared, strict=True)]
    ids = pd.Series(given, index=table.index, dtype=object)
    missing = ids.isna() & table["reason"].isna()
    ids[missing] = _made_ids(table[missing])
    return ids.tolist(), sum(shared)


def _made_ids(rows: pd.DataFrame) -> pd.Series:
    """Ids from file name, text, date and question; equal ones numbered in an order that is not that of the rows.

    The author is left out: a hash of the name would let anybody test a guess at it.
    """
    made = [f"{Path(file).stem}-{_digest(text, str(date), asked or column)}" for file, text, date, asked, column
            in zip(rows["source_file"], rows["text"], rows["created_at"], rows["question"], rows["suffix"], strict=True)]
    ordered = rows.assign(made=made).sort_values(["made", "author", "url", "title", "row"], kind="stable")
    counts = ordered.groupby("made", sort=False).cumcount()
    numbered = [f"{name}-{n + 1}" if n else name for name, n in zip(ordered["made"], counts, strict=True)]
    return pd.Series(numbered, index=ordered.index, dtype=object).reindex(rows.index)


def _digest(*parts: str) -> str:
    return hashlib.sha256("|".join(parts).encode("utf-8")).hexdigest()[:12]


def _set_aside_withdrawn(table: pd.DataFrame, withdrawn: frozenset[str]) -> pd.DataFrame:
    """What is in the register loses its id and its part in the study, and replies no longer name it; returns all records as they were."""
    names = register.names(table)
    gone = pd.Series([not withdrawn.isdisjoint(match) for match in names["match"]], index=table.index, dtype=bool)
    records = table[["contribution_id", "url", "contributor", "text", "source_file", "row"]].assign(withdrawn=gone, names=names["keep"])
    records = records[table["reason"].isna() | gone].reset_index(drop=True)
    table.loc[gone, "reason"] = register.WITHDRAWN
    table.loc[gone, "contribution_id"] = None
    if withdrawn:
        table.loc[[text_sha256(parent) in withdrawn for parent in table["parent_id"]], "parent_id"] = ""
    return records


def _set_aside_repeats(table: pd.DataFrame) -> None:
    """Of rows with one id the first by date and text stays, whatever their order; the reason says which case it is."""
    open_ = table[table["reason"].isna()]
    repeated = open_[open_["contribution_id"].duplicated(keep=False)]
    ordered = repeated.sort_values(["contribution_id", "created_at", "text", "author", "url", "source_file", "title", "lang", "row"])
    first = ordered.groupby("contribution_id")["text"].transform("first")
    others = ordered["contribution_id"].duplicated()
    same = ordered["text"] == first
    table.loc[ordered.index[others & same], "reason"] = REPEATED
    for place, shown in ordered.loc[others & ~same, "contribution_id"].items():
        table.loc[place, "reason"] = f"id {quoted(shown)} is used by another row"


def _kept(rows: pd.DataFrame) -> pd.DataFrame:
    kept = rows.sort_values("contribution_id", kind="stable").reset_index(drop=True)
    kept["lang"] = [language(value) for value in kept["lang"]]
    messages = pd.Series([message(text) for text in kept["text"]], index=kept.index, dtype=object)
    first = kept.groupby(messages, sort=False)["contribution_id"].transform("first") if len(kept) else kept["contribution_id"]
    kept["duplicate_of"] = first.where(first != kept["contribution_id"])
    text_columns = [name for name in COLUMNS if name not in ("row", "created_at")]
    kept = kept[COLUMNS].astype({name: "str" for name in text_columns} | {"row": "int64"})
    kept["created_at"] = pd.to_datetime(kept["created_at"], utc=True).astype("datetime64[us, UTC]")
    for name in ("url", "parent_id", "question", "title", "licence", "context"):
        kept[name] = kept[name].where(kept[name].str.strip() != "")
    return kept


def _check(kept: pd.DataFrame) -> None:
    """Hold the table to what the rest of the project relies on."""
    import pandera.pandas as pa

    texts = pa.Column(str, nullable=False)
    optional = {name: pa.Column(str, nullable=True) for name in
                ("url", "contributor", "lang", "parent_id", "duplicate_of", "question", "title", "licence", "context")}
    schema = pa.DataFrameSchema({
        "contribution_id": pa.Column(str, [pa.Check(lambda ids: ids.is_monotonic_increasing, error="canonical order")], unique=True),
        "source": texts, "source_file": texts, "row": pa.Column("int64", pa.Check.ge(1)),
        "created_at": pa.Column("datetime64[us, UTC]", nullable=True),
        "text": pa.Column(str, pa.Check(lambda values: values.str.strip() != "", error="not blank")), **optional,
    }, strict=True)
    try:
        schema.validate(kept, lazy=True)
    except pa.errors.SchemaErrors as error:
        faults = "; ".join(sorted({f"{case['column']}: {case['check']}" for case in error.failure_cases.to_dict("records")}))
        raise ReckonsError(f"The table of contributions is not as it should be ({faults}). Nothing was written; please report this.") from None


# ---------------------------------------------------------------------------- what decided the result


def _inputs(sources: Sources) -> pd.DataFrame:
    rows = [(name, file_sha256(path), path.stat().st_size) for name, path in sorted(sources.paths.items())]
    return pd.DataFrame(rows, columns=["file", "sha256", "bytes"]).astype({"file": "str", "sha256": "str", "bytes": "int64"})


def _columns_used(sources: Sources) -> dict[str, dict]:
    return {file.source_file: {"text": dict(file.columns.text)} | {name: getattr(file.columns, name) for name in FIELDS
                                                                   if getattr(file.columns, name, None)}
            for file in sources.files if file.source in ("table", "survey")}


def _notes(sources: Sources) -> dict[str, dict[str, str]]:
    return {file.source_file: dict(file.notes) for file in sources.files if file.source in ("table", "survey")}
