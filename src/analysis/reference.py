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


def stated(tables: Mapping[str, pd.DataFrame], kept: pd.DataFrame, *, named: Mapping[str, Mapping[str, str]] | None = None) -> dict[str, dict]:
    """How many people said what about themselves: ``{attribute: {"groups": {group: people}, "not_stated": people}}``.

    ``tables`` are the rows of files as they were read, by name and with row numbers as index; ``kept`` are the contributions;
    ``named`` says for a file which column holds an attribute, where its header does not. A
    person counts once, with the first answer. Answers in free words are not taken over. Nothing for what no source asks.
    """
    speaker = kept["contributor"].astype("object").where(kept["contributor"].notna(), "unnamed " + kept["contribution_id"].astype("object"))
    found = {}
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
            found[attribute] = _people(answers, speaker)
    return found


def _people(answers: pd.Series, speaker: pd.Series) -> dict:
    """Counts of people by answer; the spelling that is met first stands for all."""
    one_each = answers.groupby(speaker.to_numpy(), sort=True).first().dropna()
    safe = pd.Series(privacy.redact(value[:LONGEST_GROUP] for value in one_each)[0], index=one_each.index, dtype="object")
    names: dict[str, str] = {}
    counted = safe.map(lambda value: names.setdefault(_plain(value), value)).value_counts()
    groups = {str(name): int(count) for name, count in sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))}
    return {"groups": groups, "not_stated": int(speaker.nunique() - len(one_each))}


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
