"""Who people said they are, where a source asks it, and who was to be expected, by a table that an analyst supplies."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from analysis import privacy
from analysis.errors import InputError

# What a source may ask about a person, and the headers by which it is known.
ATTRIBUTES = {
    "sector": ("sector", "which sector do you work in"), "nation": ("nation", "country", "nation or region"),
    "organisation_size": ("organisation_size", "organization_size", "org_size", "size_of_organisation", "size_of_organization"),
    "role": ("role", "job_role", "your_role"),
}
REFERENCE = ("attribute", "group", "expected_share", "source")
# A column with more different answers than this was answered in free words, which could point at one person.
MOST_GROUPS = 20
LONGEST_GROUP = 60
# A smaller number of people could point at one of them.
SMALLEST_CELL = 5


def answered(tables: Mapping[str, pd.DataFrame], kept: pd.DataFrame, *, named: Mapping[str, Mapping[str, str]] | None = None) -> pd.DataFrame:
    """Who said what about themselves: ``attribute, person, group``, one row for each person and attribute, and never written.

    ``tables`` are the rows of files as they were read, by name and with row numbers as index; ``kept`` are the contributions;
    ``named`` says for a file which column holds an attribute, where its header does not. A
    person counts once, with the first answer, in the spelling that is met first. Answers in free words are not taken over.
    """
    speaker = _speakers(kept)
    found = []
    for attribute, headers in ATTRIBUTES.items():
        answers = pd.Series(None, index=kept.index, dtype="object")
        for name, rows in tables.items():
            told = (named or {}).get(name, {}).get(attribute)
            column = told or next((one for one in rows.columns if _plain(one) in {_plain(header) for header in headers}), None)
            if column is not None:
                here = kept["source_file"] == name
                answers[here] = kept.loc[here, "row"].map(rows[column].astype(str).str.strip()).to_numpy()
        answers = answers.where(answers.notna() & (answers != ""))
        if answers.notna().any() and answers.nunique() <= MOST_GROUPS:
            one_each = answers.groupby(speaker.to_numpy(), sort=True).first().dropna()
            safe = privacy.redact(value[:LONGEST_GROUP] for value in one_each)[0]
            names: dict[str, str] = {}
            found.append(pd.DataFrame({"attribute": attribute, "person": one_each.index, "group": [names.setdefault(_plain(value), value) for value in safe]}))
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=["attribute", "person", "group"])


def stated(answers: pd.DataFrame, kept: pd.DataFrame) -> dict[str, dict]:
    """How many people said what about themselves: ``{attribute: {"groups": {group: people}, "not_stated": people, "asked_in": sources}}``; nothing for what no source asks."""
    speaker = _speakers(kept)
    found = {}
    for attribute, rows in answers[answers["person"].isin(speaker)].groupby("attribute", sort=False):
        counted = sorted(rows["group"].value_counts().items(), key=lambda pair: (-pair[1], pair[0]))
        found[attribute] = {"groups": {str(name): int(count) for name, count in counted}, "not_stated": int(speaker.nunique() - len(rows)),
                            "asked_in": sorted(kept.loc[speaker.isin(rows["person"]), "source"].unique())}
    return found


def by_code(answers: pd.DataFrame, kept: pd.DataFrame, mapping: pd.DataFrame) -> dict[str, dict[str, dict[str, int]]]:
    """How many people of each group spoke to each code: ``{attribute: {"dimension:code": {group: people}}}``, only of ``SMALLEST_CELL`` people or more.

    Where all groups but one could be named, the smallest of them is left out too: the last would follow from the sum.
    """
    assigned = mapping[mapping["assigned"] & mapping["dimension"].isin(["questions", "barriers"])]
    speaker = pd.Series(_speakers(kept).to_numpy(), index=kept["contribution_id"])
    said = assigned.assign(person=assigned["contribution_id"].map(speaker)).drop_duplicates(["dimension", "code", "person"])
    found: dict[str, dict[str, dict[str, int]]] = {}
    for attribute, rows in answers.groupby("attribute", sort=False):
        for (dimension, code), spoken in said.groupby(["dimension", "code"]):
            counted = rows.loc[rows["person"].isin(spoken["person"]), "group"].value_counts()
            large = sorted(((str(group), int(n)) for group, n in counted.items() if n >= SMALLEST_CELL), key=lambda pair: (-pair[1], pair[0]))
            hidden = rows["group"].nunique() - len(large)
            found.setdefault(attribute, {})[f"{dimension}:{code}"] = dict(large[:-1] if hidden == 1 and counted.sum() > sum(n for _, n in large) else large)
    return found


def _speakers(kept: pd.DataFrame) -> pd.Series:
    """Who wrote each contribution; one without a name counts as a person of its own."""
    return kept["contributor"].astype("object").where(kept["contributor"].notna(), "unnamed " + kept["contribution_id"].astype("object"))


def same(one: str, other: str) -> bool:
    """Whether two names stand for one group: equal but for case, spaces and punctuation."""
    return _plain(one) == _plain(other)


def _plain(value: object) -> str:
    return re.sub(r"[\W_]+", "_", str(value).strip().casefold()).strip("_")


def load_reference(path: Path) -> list[dict]:
    """Rows of a reference table: ``attribute, group, expected_share`` (0 to 1) and ``source``.

    Raises ``InputError`` with all faults of the file.
    """
    try:
        table = pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8-sig", comment="#")
    except (OSError, ValueError) as error:
        raise InputError(str(path), [f"The reference table cannot be read: {error}."]) from None
    missing = [name for name in REFERENCE if name not in table.columns]
    if missing:
        raise InputError(str(path), [f"Columns {', '.join(REFERENCE)} are expected; missing: {', '.join(missing)}. See data/raw/reference.template.csv."])
    problems = []
    for place, row in enumerate(table.to_dict("records"), start=2):
        if row["attribute"].strip() not in ATTRIBUTES:
            problems.append(f"Row {place}: attribute {row['attribute']!r} is none of {', '.join(ATTRIBUTES)}.")
        if not row["group"].strip() or not row["source"].strip():
            problems.append(f"Row {place}: a group and the source of its share are expected.")
        if not re.fullmatch(r"0?\.\d+|0|1|1\.0+|0\.\d+", row["expected_share"].strip()):
            problems.append(f"Row {place}: expected_share {row['expected_share']!r} is no share from 0 to 1.")
    if problems:
        raise InputError(str(path), problems[:10])
    return [{"attribute": row["attribute"].strip(), "group": row["group"].strip(), "expected_share": float(row["expected_share"]),
             "source": row["source"].strip()} for row in table.to_dict("records")]
