"""What may be published of a run, and what may not, with the reason."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis.campaigns import plain
from analysis.description import named_by, phrases_of
from analysis.disclosure import check_by_eye
from analysis.errors import InputError
from analysis.findings.crossing import ANY, crossed
from analysis.register import WITHDRAWN
from analysis.words import safe_address

# Licences that allow anybody to publish a text again.
OPEN = re.compile(r"^\s*(?:https?://)?(?:CC0|CC[- ]?BY|creativecommons\.org|OGL|open government licen[cs]e|www\.nationalarchives\.gov\.uk/doc/open-government|"
                  r"MIT|public domain|PDDL|ODC-BY)", re.IGNORECASE)
CLOSED = re.compile(r"\bN[CD]\b|non-?commercial|no-?deriv|all rights reserved|by-n[cd]", re.IGNORECASE)
# A theme of fewer people could point at one of them.
FEWEST_PEOPLE = 5
# What a theme is called in words that are in no text that may be published.
NOT_TO_BE_SAID = "Theme whose words are not published"
NO_LICENCE = "no open licence and no permission stated"
TO_CHECK = "to be checked by eye"


@dataclass(frozen=True)
class Publishable:
    """Tables that may be published: ``contributions, passages, coding, themes, theme_codes, membership, codes``, and ``left_out``.

    ``left_out`` has ``reason, contributions``; ``to_check`` are the contributions that a person has to read first.
    """

    tables: dict[str, pd.DataFrame]
    left_out: pd.DataFrame
    to_check: pd.DataFrame


def publishable(run, *, permissions: Mapping[str, str] | None = None, checked: Path | None = None) -> Publishable:
    """What may be published of ``run``.

    A text is published when its own licence is an open one, or ``permissions`` names a licence for its source or file
    (``{"survey": "OGL-UK-3.0"}``), and when no rule suspects it of telling who somebody is; ``checked`` is a CSV with
    ``contribution_id`` and ``publish`` (yes or no) by a person who read those. Codes that the mapper abstained on are no codes, and
    themes of fewer than five people are left out.
    """
    kept = run.contributions
    licence = _licences(kept, permissions or {})
    to_check = check_by_eye(kept[licence.notna()])
    read = _read_by_a_person(checked)
    suspected = kept["contribution_id"].isin(to_check["contribution_id"]) & ~kept["contribution_id"].isin(read)
    published = kept.assign(licence=licence)[licence.notna() & ~suspected]
    reasons = {NO_LICENCE: int(licence.isna().sum()), TO_CHECK: int((licence.notna() & suspected).sum())}
    reasons |= {f"set aside: {reason}" if reason != WITHDRAWN else WITHDRAWN: count
                for reason, count in run.ledger["contributions"]["set_aside_by_reason"].items()}
    left_out = pd.DataFrame({"reason": list(reasons), "contributions": list(reasons.values())})
    return Publishable(_tables(run, published), left_out[left_out["contributions"] > 0].reset_index(drop=True),
                       to_check[~to_check["contribution_id"].isin(read)].reset_index(drop=True))


def _licences(kept: pd.DataFrame, permissions: Mapping[str, str]) -> pd.Series:
    unknown = [name for name in permissions if name not in {*kept["source"], *kept["source_file"]}]
    if unknown:
        known = ", ".join(sorted({*kept["source"].dropna(), *kept["source_file"].dropna()}))
        raise InputError("--permission", [f"There is no source or file called {name!r}; there are: {known}." for name in unknown])
    own = kept["licence"] if "licence" in kept else pd.Series(None, index=kept.index, dtype="object")
    own = own.where(own.fillna("").str.contains(OPEN) & ~own.fillna("").str.contains(CLOSED))
    given = kept["source_file"].map(dict(permissions)).fillna(kept["source"].map(dict(permissions)))
    return own.astype("object").where(own.notna(), given)


def _read_by_a_person(checked: Path | None) -> set[str]:
    if checked is None:
        return set()
    table = pd.read_csv(checked, dtype="str", keep_default_na=False)
    missing = {"contribution_id", "publish"} - set(table.columns)
    if missing:
        raise InputError(str(checked), [f"Columns contribution_id and publish (yes or no) are expected; missing: {', '.join(sorted(missing))}."])
    answers = table.groupby("contribution_id")["publish"].agg(lambda said: {one.strip().lower() for one in said})
    return {name for name, said in answers.items() if said == {"yes"}}


def _tables(run, published: pd.DataFrame) -> dict[str, pd.DataFrame]:
    ids = published["contribution_id"]
    contributions = pd.DataFrame({
        "contribution_id": ids, "source": published["source"], "contributor": published["contributor"],
        "date": published["created_at"].dt.strftime("%Y-%m-%d"), "lang": published["lang"], "question": published["question"],
        "duplicate_of": published["duplicate_of"].where(published["duplicate_of"].isin(ids)),
        "url": [safe_address(url) for url in published["url"]], "licence": published["licence"], "text": published["text"]})
    passages = run.passages.loc[run.passages["contribution_id"].isin(ids), ["passage_id", "contribution_id", "start", "end"]]
    coding = run.mapping[run.mapping["assigned"] & run.mapping["passage_id"].isin(passages["passage_id"])]
    themes = run.themes[run.themes["contributors"] >= FEWEST_PEOPLE]
    themes = themes.assign(parent_id=themes["parent_id"].where(themes["parent_id"].isin(themes["theme_id"])))
    membership = run.membership[run.membership["passage_id"].isin(passages["passage_id"]) & run.membership["theme_id"].isin(themes["theme_id"])]
    themes = _said_in(themes, run.passages.loc[run.passages["contribution_id"].isin(ids), "text"])
    crossing = crossed(run)
    codes = run.framework.codes[["dimension", "code", "label", "definition"]]
    tables = {"contributions": contributions, "passages": passages, "codes": codes,
              "coding": coding[["passage_id", "code", "decided_by", "probability"]],
              "themes": themes.assign(messages=_messages(themes, crossing))[["theme_id", "parent_id", "name", "keywords", "passages", "contributors", "messages", "stability", "grade"]],
              "theme_codes": crossing[crossing["theme_id"].isin(themes["theme_id"])],
              "membership": membership[["passage_id", "theme_id", "strength"]]}
    return {name: table.reset_index(drop=True) for name, table in tables.items()}


def _messages(themes: pd.DataFrame, crossing: pd.DataFrame) -> pd.Series:
    """The distinct messages of every theme, whatever was said."""
    whole = crossing[(crossing["question"] == ANY) & (crossing["barrier"] == ANY)]
    return themes["theme_id"].map(whole.set_index("theme_id")["messages"]).astype("Int64")


def _said_in(themes: pd.DataFrame, texts: pd.Series) -> pd.DataFrame:
    """Themes with those phrases of their names, and those keywords, that somebody wrote whose text is published."""
    said = " | ".join(f" {plain(text)} " for text in texts)

    def published(phrases: list[str]) -> list[str]:
        return [phrase for phrase in phrases if f" {plain(phrase)} " in said]

    names = [named_by(published(phrases_of(name)), like=name) or NOT_TO_BE_SAID for name in themes["name"]]
    again = pd.Series(names).groupby(names).cumcount()
    return themes.assign(name=[name if not place else f"{name} ({place + 1})" for name, place in zip(names, again, strict=True)],
                         keywords=[", ".join(published(words.split(", "))) for words in themes["keywords"]])
