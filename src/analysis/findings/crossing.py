"""Themes beside the framework: how many speak, in each theme, to each question and barrier, counted three ways."""

from __future__ import annotations

import pandas as pd

from analysis import words
from analysis.findings import codes, landscape
from analysis.findings.counts import SMALLEST_CELL, message_of, speakers

COLUMNS = ["theme_id", "question", "barrier", "contributions", "people", "messages"]
ANY, NONE = "", "none"   # whatever it speaks to; nothing that was asked
NOTE = "Each cell: contributions · people · distinct messages, of passages that are in the theme. Cells of fewer than five people are left out; one passage may speak to several."


def crossed(run) -> pd.DataFrame:
    """``theme_id, question, barrier, contributions, people, messages`` for every theme and sub-theme, question and barrier of five people or more.

    An empty question or barrier stands for whatever was said, ``none`` for passages that speak to no question or no barrier. A passage counts
    where it is in the theme and has both codes.
    """
    known = run.contributions.set_index("contribution_id")
    who = pd.Series(speakers(run.contributions).to_numpy(), index=known.index)
    message = pd.Series(message_of(run.contributions).to_numpy(), index=known.index)
    table = _placed(run).merge(run.passages[["passage_id", "contribution_id"]], on="passage_id")
    for dimension, name in (("questions", "question"), ("barriers", "barrier")):
        table = table.merge(_held(run, dimension, name), on="passage_id")
    table = table.assign(person=table["contribution_id"].map(who), message=table["contribution_id"].map(message))
    counted = table.groupby(["theme_id", "question", "barrier"], sort=True).agg(
        contributions=("contribution_id", "nunique"), people=("person", "nunique"), messages=("message", "nunique")).reset_index()
    return counted.loc[counted["people"] >= SMALLEST_CELL, COLUMNS].reset_index(drop=True)


def _placed(run) -> pd.DataFrame:
    """Every passage with its theme and, once more, with the broad theme above it."""
    finest = run.membership.dropna(subset=["theme_id"])[["passage_id", "theme_id"]]
    above = finest.assign(theme_id=finest["theme_id"].map(run.themes.set_index("theme_id")["parent_id"])).dropna(subset=["theme_id"])
    return pd.concat([finest, above], ignore_index=True)


def _held(run, dimension: str, name: str) -> pd.DataFrame:
    """Every passage with each of its codes of a dimension, or with ``none``; and once more with none in particular."""
    held = codes.assigned(run, dimension)[["passage_id", "code"]].rename(columns={"code": name})
    others = run.passages.loc[~run.passages["passage_id"].isin(held["passage_id"]), ["passage_id"]].assign(**{name: NONE})
    return pd.concat([held, others, run.passages[["passage_id"]].assign(**{name: ANY})], ignore_index=True)


def by_code(run) -> words.Words:
    """Two tables: the themes by questions and by barriers; and, folded, every pair of a question and a barrier within a theme."""
    themes = landscape.broad(run)
    if themes.empty:
        return words.say(landscape.nothing(run))
    table = crossed(run)
    table = table[table["theme_id"].isin(themes["theme_id"])]
    return (words.say(NOTE) + _table(run, table, "questions", "question") + _table(run, table, "barriers", "barrier") + _pairs(run, table))


def _cell(row: dict) -> str:
    return f"{row['contributions']:,} · {row['people']:,} · {row['messages']:,}"


def _table(run, table: pd.DataFrame, dimension: str, name: str) -> words.Words:
    other = "barrier" if name == "question" else "question"
    shown = {(row["theme_id"], row[name]): _cell(row) for row in table[table[other] == ANY].to_dict("records")}
    themes = landscape.broad(run)
    rows = {"Theme": themes["name"], "In all": [shown.get((one, ANY), "few") for one in themes["theme_id"]]}
    labels = codes.codes_of(run, dimension).set_index("code")["label"].to_dict() | {NONE: f"No {name}"}
    for code, label in labels.items():
        rows[label] = [shown.get((one, code), "few") for one in themes["theme_id"]]
    return words.table(pd.DataFrame(rows), caption=f"Themes by {dimension}: contributions, people, distinct messages")


def _pairs(run, table: pd.DataFrame) -> words.Words:
    pairs = table[~table["question"].isin([ANY, NONE]) & ~table["barrier"].isin([ANY, NONE])]
    if pairs.empty:
        return words.Words("")
    labels = {one["code"]: one["label"] for dimension in ("questions", "barriers") for one in codes.codes_of(run, dimension).to_dict("records")}
    names = run.themes.set_index("theme_id")["name"]
    pairs = pairs.sort_values(["people", "theme_id", "question", "barrier"], ascending=[False, True, True, True])
    rows = pd.DataFrame({"Theme": pairs["theme_id"].map(names), "Question": pairs["question"].map(labels), "Barrier": pairs["barrier"].map(labels),
                         "Contributions": pairs["contributions"], "People": pairs["people"], "Distinct messages": pairs["messages"]})
    caption = "Themes by question and barrier together"
    return words.folded(f"{caption}: {len(rows):,} lines", words.table(rows.reset_index(drop=True), caption=caption))
