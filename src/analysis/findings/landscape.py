"""The themes nobody chose beforehand: their sizes, their grades, people's words for each."""

from __future__ import annotations

import pandas as pd

from analysis import words
from analysis.findings.counts import SMALLEST_CELL, Finding, counted, joined, people_in_words, share_in_words, told

GRADES = {
    "firm": "comes back in nearly every repeated analysis; may be quoted",
    "tentative": "comes back in many repeated analyses, with other edges; quote with care",
    "do not quote": "depends on chance; here to be read, not to be cited",
    "not measured": "the analysis was not repeated, so nobody knows how firm it is",
}
NONE = "There are too few contributions for themes (about 60 are needed), so none were looked for; the mapping to the questions stands on its own."
LISTED = 8     # themes whose people are quoted in the notebook
QUOTED = 3     # quotations for each, from as many people


def broad(run) -> pd.DataFrame:
    """The broad themes with the numbers they carry on the map, largest first by people."""
    themes = run.themes[run.themes["parent_id"].isna()].copy()
    themes = themes.sort_values(["contributors", "passages", "theme_id"], ascending=[False, False, True]).reset_index(drop=True)
    themes["number"] = [str(place + 1) for place in range(len(themes))]
    themes["people"] = [people_in_words(int(n)) for n in themes["contributors"]]
    return themes


def placed(run) -> pd.DataFrame:
    """Every passage with ``x, y``, the ``number`` of its broad theme (missing when in none) and its text."""
    parents = run.themes.set_index("theme_id")["parent_id"]
    themes = broad(run)
    number = dict(zip(themes["theme_id"], themes["number"]))
    of = run.membership["theme_id"].map(lambda t: None if words.is_missing(t) else number.get(_top(t, parents)))
    texts = run.passages.set_index("passage_id")["text"]
    return run.membership.assign(number=of, text=run.membership["passage_id"].map(texts))


def _top(theme_id: str, parents: pd.Series) -> str:
    """The broad theme above a theme, or the theme itself."""
    for _ in range(10):
        above = parents.get(theme_id)
        if words.is_missing(above):
            break
        theme_id = above
    return theme_id


def answer(run) -> words.Words:
    """How many themes there are and how much lies outside them, in two sentences."""
    themes, total = broad(run), len(run.passages)
    if themes.empty:
        return words.answer(NONE)
    firm = themes.loc[themes["grade"] == "firm", "name"].tolist()
    outside = int(run.membership["theme_id"].isna().sum())
    named = joined([f"“{name}”" for name in firm[:3]])
    sure = f"{'one of them is' if len(firm) == 1 else f'{len(firm):,} of them are'} firm{', the largest being ' if len(firm) > 3 else ': '}{named}" if firm else "none of them is firm"
    return words.answer(f"What people said falls into {_range(themes)}; {sure}.", f"{share_in_words(outside, total)} of the passages are not in any theme.")


def _range(themes: pd.DataFrame) -> str:
    """The number of themes from those that hold to all that were found; one number where these are the same or nothing was measured."""
    holding, found = int(themes["grade"].isin(["firm", "tentative"]).sum()), len(themes)
    if holding == found or (themes["grade"] == "not measured").all():
        return counted(found, "broad theme")
    return f"{holding:,} to {found:,} broad themes ({found:,} were found, {holding:,} come back when the analysis is repeated)"


def theme_map(run) -> Finding:
    """The points of the map."""
    themes, points = broad(run), placed(run)
    if themes.empty:
        return Finding(points.iloc[:0], NONE, "Nothing to draw.")
    inside = int(points["number"].notna().sum())
    drawn = points["x"].notna().sum()
    return Finding(points, f"{inside:,} of {len(points):,} passages lie in one of {counted(len(themes), 'broad theme')}; the rest, in grey, are not in any theme.",
                   f"A map of {drawn:,} passages as points; those that say similar things lie near each other. Each broad theme is marked by its number; "
                   "the table below says what the numbers stand for. Distances and directions have no meaning of their own.")


def sizes(run) -> Finding:
    """The broad themes by the number of people in them."""
    themes = broad(run)
    if themes.empty:
        return Finding(themes, NONE, "Nothing to draw.")
    first = themes.iloc[0]
    table = themes.assign(contributors=themes["contributors"].where(themes["contributors"] >= SMALLEST_CELL, 0))
    return Finding(table, f"“{first['name']}” brings together the most people: {first['people']}.",
                   "Bars, one for each theme, by people: " + told([f"{row['number']} {row['name']}, {row['people']}, {row['grade']}" for row in themes.to_dict("records")]))


def sub_themes(run) -> words.Words:
    """The finer themes under each broad one."""
    themes = broad(run)
    if themes.empty:
        return words.say(NONE)
    finer = run.themes[run.themes["parent_id"].notna()]
    number = dict(zip(themes["theme_id"], themes["number"]))
    name = dict(zip(themes["theme_id"], themes["name"]))
    finer = finer.assign(order=finer["parent_id"].map(lambda t: int(number.get(t, 0)))).sort_values(["order", "contributors"], ascending=[True, False], kind="stable")
    rows = pd.DataFrame({
        "Sub-theme": finer["name"], "Part of": [f"{number.get(t, '')} {name.get(t, '')}" for t in finer["parent_id"]],
        "Words that mark it": finer["keywords"], "People": [people_in_words(int(n)) for n in finer["contributors"]],
        "Passages": [words.behind(f"{int(n):,}", f"themes/{t}") for n, t in zip(finer["passages"], finer["theme_id"])], "How firm": finer["grade"]})
    return words.table(rows, caption="Sub-themes, under the theme they belong to")


def in_their_words(run) -> words.Words:
    """For each of the largest themes, its keywords and what people in it said."""
    themes = broad(run)
    if themes.empty:
        return words.say(NONE)
    shown = [_one_theme(run, row) for row in themes.head(LISTED).to_dict("records")]
    return sum(shown[1:], shown[0])


def _one_theme(run, theme: dict) -> words.Words:
    points = placed(run)
    chosen = typical(run, points.loc[points["number"] == theme["number"]], by="strength")
    count = words.behind(counted(int(theme["passages"]), "passage"), f"themes/{theme['theme_id']}")
    return (words.Words(f"<h3>{words.escaped(theme['number'])}. {words.escaped(theme['name'])}</h3>")
            + words.say(f"{theme['people'].capitalize()},", count, f"· {theme['grade']} · words that mark it: {theme['keywords']}.")
            + words.quotes(chosen, heading="Typical of it, one for each person"))


def typical(run, rows: pd.DataFrame, *, by: str, how_many: int = QUOTED) -> pd.DataFrame:
    """The rows with the highest ``by``, one for each person and message, of a length that can be read."""
    known = run.contributions.set_index("contribution_id")
    passages = run.passages.set_index("passage_id")
    if rows.empty:
        return pd.DataFrame(columns=["passage_id", "contribution_id", "text", "contributor", "source", "url", "lang", "one"])
    rows = rows[rows["passage_id"].isin(passages.index)].sort_values([by, "passage_id"], ascending=[False, True])
    rows = rows.assign(text=rows["passage_id"].map(passages["text"]), contribution_id=rows["passage_id"].map(passages["contribution_id"]))
    for column in ("contributor", "source", "source_file", "url", "lang", "licence", "duplicate_of"):
        rows[column] = rows["contribution_id"].map(known[column]).astype("object") if column in known else None
    rows["less_reliable"] = rows["passage_id"].map(passages["less_reliable"]).astype("object") if "less_reliable" in passages else False
    rows = rows[rows["duplicate_of"].isna()]
    fit = rows[rows["text"].str.len().between(50, 450)]
    rows = pd.concat([fit, rows[~rows.index.isin(fit.index)]])
    rows = rows.assign(one=rows["contributor"].where(rows["contributor"].notna(), rows["contribution_id"]))
    return rows.drop_duplicates("one").drop_duplicates("text").head(how_many)


def voices_of(run, contributions: list[str]) -> dict[str, dict]:
    """Whole contributions by id, as rows that can be quoted."""
    less = set(run.passages.loc[run.passages["less_reliable"], "contribution_id"]) if "less_reliable" in run.passages else set()
    rows = run.contributions[run.contributions["contribution_id"].isin(contributions)]
    return {row["contribution_id"]: row | {"less_reliable": row["contribution_id"] in less} for row in rows.to_dict("records")}


def grades(run) -> words.Words:
    """What the grades mean, and how many themes carry each."""
    counts = run.themes["grade"].value_counts()
    rows = pd.DataFrame({"Grade": list(GRADES), "Themes": [int(counts.get(grade, 0)) for grade in GRADES], "What it means": list(GRADES.values())})
    return words.table(rows.astype({"Themes": object}), caption="Grades, and how many themes and sub-themes carry each")


def outside(run) -> words.Words:
    """How many passages are in no theme, with a few of them."""
    if broad(run).empty:
        return words.say(NONE)
    loose = run.membership[run.membership["theme_id"].isna()]
    said = words.say(f"What is counted are passages, the parts into which long contributions are cut: {counted(len(run.contributions), 'contribution')} "
                     f"{'makes' if len(run.contributions) == 1 else 'make'} {counted(len(run.passages), 'passage')}, of which {len(loose):,} are in no theme.")
    spread = loose.iloc[:: max(1, len(loose) // 30)]
    return said + words.quotes(typical(run, spread, by="strength"), heading="Some that are not in any theme")
