"""How sure the analysis is: grades of themes, abstentions, who decided, what an interval covers."""

from __future__ import annotations

import pandas as pd

from analysis import words
from analysis.findings.counts import Finding, counted
from analysis.findings.landscape import GRADES, NONE

DECIDERS = {"model": "by the model alone", "rule": "by a rule of the framework (one code implies another)", "person": "by a person who read it"}


def answer(run) -> words.Words:
    """Firm themes and abstentions, in two sentences."""
    firm, kept = int((run.themes["grade"] == "firm").sum()), run.ledger["contributions"]
    first = f"{firm:,} of {counted(len(run.themes), 'theme and sub-theme', 'themes and sub-themes')} are firm." if len(run.themes) else NONE
    return words.answer(first, f"For {kept['abstained']:,} of {kept['kept']:,} contributions the analysis says that it is not sure enough to map them.")


def grades(run) -> Finding:
    """How many themes carry each grade."""
    counts = run.themes["grade"].value_counts()
    table = pd.DataFrame({"grade": list(GRADES), "themes": [int(counts.get(grade, 0)) for grade in GRADES], "means": list(GRADES.values())})
    table = table[table["themes"] > 0].reset_index(drop=True)
    if table.empty:
        return Finding(table, NONE, "Nothing to draw.")
    most = table.loc[table["themes"].idxmax()]
    return Finding(table, f"Most themes and sub-themes are graded “{most['grade']}”: {most['themes']:,}. That means: {most['means']}.",
                   "Bars: " + "; ".join(f"{g}, {n:,}" for g, n in zip(table["grade"], table["themes"])) + ".")


def themes(run) -> words.Words:
    """Every theme with its stability."""
    rows = run.themes.sort_values(["stability", "theme_id"], ascending=[False, True])
    shown = ["not measured" if words.is_missing(value) else f"{value:.2f}" for value in rows["stability"].astype(object)]
    return words.table(pd.DataFrame({"Theme": rows["name"], "Stability, 0 to 1": shown, "Grade": rows["grade"]}),
                       caption="Stability of each theme: how much of it comes back when the analysis is repeated")


def decided(run) -> words.Words:
    """Who decided on the codes that were assigned."""
    counts = run.mapping.loc[run.mapping["assigned"], "decided_by"].value_counts()
    table = pd.DataFrame({"Decided": list(DECIDERS.values()), "Codes assigned": [int(counts.get(who, 0)) for who in DECIDERS]})
    return words.table(table.astype({"Codes assigned": object}), caption="Who decided on the codes")


def abstentions(run) -> words.Words:
    """For each dimension, how many passages were assigned a code, left undecided, or lie outside."""
    surest = run.mapping.assign(order=run.mapping["decision"].map({"assign": 0, "abstain": 1, "outside": 2}))
    surest = surest.sort_values("order", kind="stable").drop_duplicates(["passage_id", "dimension"])  # any code given, else any doubt
    table = surest.groupby(["dimension", "decision"]).size().unstack(fill_value=0).reindex(columns=["assign", "abstain", "outside"], fill_value=0)
    names = {name: run.framework.labels.get(name, name) for name in table.index}
    table = table.rename(index=names, columns={"assign": "Given a code", "abstain": "Not sure enough", "outside": "Sure that none applies"})
    return words.table(table.rename_axis("Part of the framework").reset_index().astype(object), caption="Passages by what was decided")
