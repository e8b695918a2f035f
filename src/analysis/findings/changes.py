"""This run beside an earlier one: what came, what went, what moved."""

from __future__ import annotations

import pandas as pd

from analysis import words
from analysis.findings import codes
from analysis.findings.counts import SMALLEST_CELL, Finding, counted, messages, people

ALONE = "There is no earlier run to compare with, so nothing is said here about change."


def earlier_run(folder: str):
    """The earlier run in ``folder``, or None for an empty name."""
    from analysis.runs import open_run

    return open_run(folder) if folder else None


def answer(run, earlier) -> words.Words:
    """What came and what went, in two sentences."""
    if earlier is None:
        return words.answer(ALONE, "Name the folder of one in this notebook's parameters, or use `reckons compare`.".replace("`", ""))
    now, before = set(run.contributions["contribution_id"]), set(earlier.contributions["contribution_id"])
    return words.answer(f"{counted(len(now - before), 'contribution').capitalize()} came and {counted(len(before - now), 'contribution')} went since the earlier run.",
                        f"There are {len(now):,} now; there were {len(before):,}.")


def codes_moved(run, earlier) -> Finding:
    """Distinct messages for each question and barrier, now and before."""
    if earlier is None:
        return Finding(pd.DataFrame(), ALONE, "Nothing to draw.")
    rows = []
    for dimension in ("questions", "barriers"):
        for one in codes.codes_of(run, dimension).to_dict("records"):
            now, before = (codes.spoken_by(r, codes.assigned(r, dimension, one["code"])) for r in (run, earlier))
            if min(people(now), people(before)) >= SMALLEST_CELL:
                rows.append((one["label"], messages(now), messages(before)))
    table = pd.DataFrame(rows, columns=["name", "now", "before"])
    if table.empty:
        return Finding(table, "No code was spoken to by five people in both runs.", "Nothing to draw.")
    most = table.loc[(table["now"] - table["before"]).abs().idxmax()]
    return Finding(table, f"“{most['name']}” moved most: {most['now']:,} distinct messages now, {most['before']:,} before.",
                   "Bars: " + "; ".join(f"{a}, {b:,} now, {c:,} before" for a, b, c in table.itertuples(index=False)) + ".")


def themes_moved(run, earlier) -> words.Words:
    """Themes by name: which are in both runs, which are new, which are gone."""
    if earlier is None:
        return words.say(ALONE)
    now, before = dict(zip(run.themes["name"], run.themes["grade"])), dict(zip(earlier.themes["name"], earlier.themes["grade"]))
    rows = [(name, "in both" if name in now and name in before else "new" if name in now else "gone", before.get(name, ""), now.get(name, ""))
            for name in [*now, *[name for name in before if name not in now]]]
    return words.table(pd.DataFrame(rows, columns=["Theme", "What became of it", "Grade before", "Grade now"]), caption="Themes now and before, by name")
