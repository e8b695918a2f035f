"""Withdrawing contributions: into the register, out of every file, and the run made again without them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis import erasure, pipeline, runs
from analysis.contributions import read
from analysis.errors import InputError
from analysis.progress import Report
from analysis.provenance import text_sha256
from analysis.runs import Run
from analysis.sources import quoted

# The last part of a Bluesky address, alike in the id of a post and in the address of its page.
_POST = re.compile(r"(?:/app\.bsky\.feed\.post/|//bsky\.app/profile/[^/]+/post/)([a-z0-9]+)/?$")


@dataclass(frozen=True)
class Withdrawal:
    """What was withdrawn: numbers of contributions, the places of them in raw files, and the run without them.

    ``raw_places`` has ``source_file, row``: the raw data are the analyst's own and are not changed. ``unknown`` lists what was
    registered although no contribution goes by that name; ``run`` is None where nothing had been run yet.
    """

    contributions: int
    already: int
    raw_places: pd.DataFrame
    unknown: tuple[str, ...]
    run: Run | None

    def in_words(self) -> list[str]:
        """What to tell the person who asked."""
        lines = [f"Withdrawn: {self.contributions:,}." + (f" Withdrawn before: {self.already:,}." if self.already else "")]
        if self.unknown:
            lines.append(f"Registered, though no contribution has these names now: {', '.join(quoted(name) for name in self.unknown)}.")
        if len(self.raw_places):
            places = [f"{file} (row {', '.join(str(row) for row in rows)})" for file, rows in self.raw_places.groupby("source_file")["row"]]
            lines.append(f"Still in raw files, which are yours and were not changed: {'; '.join(places)}. Every run sets them aside as withdrawn; "
                         "delete them there to be rid of the text itself, and copies that you sent or exported elsewhere.")
        return lines


def withdraw(ids_or_urls: Iterable[str], *, raw: str | Path, out: str | Path, allow_unknown: bool = False,
             report: Report | None = None) -> Withdrawal:
    """Withdraw contributions of ``raw``: from all files under ``out``, and from every later run.

    A contribution is named by its id, by the id of its record (all answers of a respondent), or by an address that
    belongs to one person. First its hash is put into the register beside the raw data and it is taken out of every file that holds it,
    which the next command completes if this one is killed; then the run is made again with the settings
    it had. Raises ``InputError``, with nothing changed, for names that no contribution has, unless ``allow_unknown``.
    """
    raw, out = Path(raw), Path(out)
    earlier = runs.open_run(out) if (out / runs.MANIFEST).exists() or (out / runs.WITHDRAWING).exists() else None
    options = _options(earlier)
    read_now = read(raw, columns=list(options.columns) or None)
    records = _records(read_now.records, earlier)
    found, unknown = _resolved(list(dict.fromkeys(ids_or_urls)), records, raw=raw, allow_unknown=allow_unknown)
    theirs = records.loc[found]
    entered = {one for names in theirs["names"] for one in names} | {text_sha256(name) for name in unknown}
    erasure.erase(out, entered | {text_sha256(name) for name in theirs["contribution_id"].dropna()}, texts=theirs["text"], enter=(raw, entered))
    run = pipeline.run(raw, out=out, options=options, report=report) if earlier else None
    already = int(theirs["withdrawn"].sum())
    return Withdrawal(len(theirs) - already, already, theirs.loc[theirs["row"] > 0, ["source_file", "row"]], tuple(unknown), run)


def _options(earlier: Run | None) -> pipeline.Options:
    """The settings of the earlier run, as its manifest tells them."""
    told = earlier.manifest["settings"]["options"] if earlier else {}
    told = {name: value for name, value in told.items() if name in pipeline.Options.__dataclass_fields__ and value is not None}
    paths = {name: Path(told[name]) for name in ("framework", "coefficients", "decisions", "reference", "previous") if name in told}
    return pipeline.Options(**{**told, **paths, "columns": tuple(told.get("columns", ()))})


def _records(now: pd.DataFrame, earlier: Run | None) -> pd.DataFrame:
    """All records that can be named: those of the raw data, and those of the run that the raw data no longer have."""
    if earlier is None:
        return now
    kept = earlier.contributions
    old = kept.loc[~kept["contribution_id"].isin(now["contribution_id"]), ["contribution_id", "url", "contributor", "text"]]
    old = old.assign(source_file="", row=0, withdrawn=False, names=[[text_sha256(name)] for name in old["contribution_id"]])
    return pd.concat([now, old], ignore_index=True)


def _resolved(wanted: list[str], records: pd.DataFrame, *, raw: Path, allow_unknown: bool) -> tuple[list[int], list[str]]:
    """Rows of ``records`` that are meant, and the names that none has. Raises ``InputError`` for all that cannot be done."""
    found, unknown, problems = set(), [], []
    for name in wanted:
        rows = _rows(name.strip(), records)
        people = records.loc[rows, "contributor"].fillna(records.loc[rows, "contribution_id"]).nunique()
        if not rows:
            unknown.append(name.strip())
            problems += [] if allow_unknown else [f"No contribution goes by the name {quoted(name)}: an id from contributions.parquet "
                                                  "or an address is expected."]
        elif people > 1:
            problems.append(f"{quoted(name)} is the address of {len(rows)} contributions by {people} people. Name the ids of those who withdrew.")
        found |= set(rows)
    if problems:
        raise InputError(str(raw), problems, not_done="Nothing was withdrawn.")
    return sorted(found), unknown


def _rows(name: str, records: pd.DataFrame) -> list[int]:
    """The records that a name stands for: by id, by the id without the question, by address, by the key of a post."""
    ids, urls = records["contribution_id"].fillna(""), records["url"].fillna("")
    post = _POST.search(name)
    for meant in (ids == name, ids.str.startswith(name + ":"), urls.str.rstrip("/") == name.rstrip("/"),
                  ids.str.endswith(f"/app.bsky.feed.post/{post[1]}") if post else None):
        if name and meant is not None and meant.any():
            return records.index[meant].tolist()
    return []
