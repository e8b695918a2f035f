"""What the contributions say about the framework: shares, stances, channels, coverage."""

from __future__ import annotations

import pandas as pd

from analysis.figures import chart as drawing
from analysis.figures import rows as rows_of


def shares(table: pd.DataFrame, *, finding: str, alt: str, caption: str = "Contributions by code"):
    """Share of distinct messages for each code, with its interval.

    ``table`` has ``label, messages, people, of, text`` and, where there are enough contributions to
    speak of shares, ``share, low, high`` (0 to 1); without them the counts are drawn as bars.
    """
    behind = table[["label", "shown", "text", "people"]].rename(columns={
        "label": "Subject", "shown": "Distinct messages", "text": "Share, with 95% interval", "people": "People"})
    if table["share"].isna().all():
        rows = pd.DataFrame({"name": table["label"], "value": table["drawn"], "text": table["text"]})
        return rows_of.bars(rows, finding=finding, alt=alt, caption=caption, behind=behind)
    rows = table.assign(name=table["label"], text=table["short"])[["name", "share", "low", "high", "text"]]
    return rows_of.intervals(rows, finding=finding, alt=alt, caption=caption, behind=behind)


def stances(table: pd.DataFrame, *, finding: str, alt: str, caption: str = "Problems, proposals and examples"):
    """Problems, proposals and examples for each code: a row for each ``label`` and ``stance`` with ``drawn`` and ``shown``."""
    colours = {"problem": drawing.PLUM, "proposal": drawing.BLUE, "example": drawing.TEAL}
    rows = pd.DataFrame({"group": table["label"], "value": table["drawn"], "text": table["shown"] + " " + table["stance"] + "s",
                         "colour": [colours.get(stance, drawing.GREY) for stance in table["stance"]]})
    rows["text"] = rows["text"].str.replace(r"people (\w+)s$", r"people: \1s", regex=True)
    behind = table.pivot(index="label", columns="stance", values=_numbers(table)).reindex(table["label"].unique()).reset_index()
    behind = behind.rename(columns={"label": "Subject", "problem": "Problems", "proposal": "Proposals", "example": "Examples"})
    return rows_of.grouped(rows, finding=finding, alt=alt, caption=caption, behind=behind)


def barriers_by_source(table: pd.DataFrame, *, finding: str, alt: str):
    """Where each barrier was named: a row for each ``label`` and ``source`` with ``drawn`` and ``shown``."""
    rows = pd.DataFrame({"group": table["label"], "value": table["drawn"], "text": table["source"] + ": " + table["shown"]})
    behind = table.pivot(index="label", columns="source", values=_numbers(table)).reindex(table["label"].unique()).reset_index().rename(columns={"label": "Barrier"})
    return rows_of.grouped(rows, finding=finding, alt=alt, caption="Where each barrier was named, in people", behind=behind)


def _numbers(table: pd.DataFrame) -> str:
    """The column of numbers for the table behind a figure: with links to what is behind them where there are such."""
    return "linked" if "linked" in table else "shown"


def coverage(table: pd.DataFrame, *, finding: str, alt: str):
    """How many contributions the framework takes in: ``name, contributions``."""
    rows = pd.DataFrame({"name": table["name"], "value": table["contributions"], "text": [f"{n:,}" for n in table["contributions"]]})
    rows["colour"] = [drawing.BLUE] + [drawing.GREY] * (len(rows) - 1)
    behind = table[["name", "contributions"]].rename(columns={"name": "Outcome", "contributions": "Contributions"})
    return rows_of.bars(rows, finding=finding, alt=alt, caption="Contributions inside and outside the framework", behind=behind)
