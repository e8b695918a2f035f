"""The themes nobody chose beforehand: their sizes, their grades, people's words for each."""

from __future__ import annotations

import pandas as pd

from analysis import words
from analysis.description import UNNAMED
from analysis.findings import letters
from analysis.findings.counts import SMALLEST_CELL, Finding, counted, joined, messages, people_in_words, percent, share_in_words, told
from analysis.identity import members_of

GRADES = {
    "firm": "comes back in nearly every repeated analysis; may be quoted",
    "tentative": "comes back in many repeated analyses, with other edges; quote with care",
    "do not quote": "depends on chance; here to be read, not to be cited",
    "not measured": "the analysis was not repeated, so nobody knows how firm it is",
}
NONE = "There are too few contributions for themes (about 50 are needed), so none were looked for; the mapping to the questions stands on its own."
NONE_HELD = "Groups were found, and none of them came back when the analysis was repeated; they are listed at the end of this section. The mapping to the questions stands on its own."
NOT_HELD = "do not quote"
WHY = {"says nothing that can be placed": "say nothing that can be placed (“n/a”, “see above”, an emoji)", "resembles no theme closely enough": "resemble no theme closely enough",
       "in a language that the encoder does not read": "are in a language that the machine does not read"}
LISTED = 8     # themes whose people are quoted in the notebook
CODE = r"<[a-zA-Z/!]|javascript:|\{[{%]"  # a text that holds some is shown like any other, but it is not the one to show first
QUOTED = 3     # quotations for each, from as many people


def broad(run) -> pd.DataFrame:
    """The broad themes that hold, as far as that was measured, with the numbers they carry on the map; most distinct messages first."""
    themes = every(run)
    themes = themes[themes["grade"] != NOT_HELD].reset_index(drop=True)
    themes["number"] = [str(place + 1) for place in range(len(themes))]
    return themes


def every(run) -> pd.DataFrame:
    """All broad themes, also those that depend on chance; most distinct messages first."""
    return by_messages(run, run.themes[run.themes["parent_id"].isna()])


def by_messages(run, themes: pd.DataFrame) -> pd.DataFrame:
    """These themes with their distinct ``messages`` and their ``people`` in words, most messages first.

    A campaign neither makes a theme large nor makes it small: its message counts once where themes are put into an order, everybody
    who sent it is among the people, and how many these are stands beside.
    """
    if themes.empty:
        return themes.assign(messages=0, people="")
    members, owner, known = members_of(run.themes, run.membership), run.passages.set_index("passage_id")["contribution_id"], run.contributions
    said = [known[known["contribution_id"].isin(owner.reindex(list(members[one])))] for one in themes["theme_id"]]
    people = [", ".join(filter(None, (people_in_words(int(n)), letters.of_whom(rows)))) for n, rows in zip(themes["contributors"], said)]
    columns = {"messages": pd.Series(map(messages, said), dtype="int64"), "people": pd.Series(people, dtype="object")}
    return themes.reset_index(drop=True).assign(**columns).sort_values(["messages", "contributors", "theme_id"], ascending=[False, False, True]).reset_index(drop=True)


def is_mixed(themes: pd.DataFrame) -> pd.Series:
    """Which themes have no name, because nothing in them repeats: what is left over rather than a subject."""
    return themes["name"].astype(str).str.startswith(UNNAMED)


def nothing(run) -> str:
    """Why there is no theme to show."""
    return NONE if run.themes.empty else NONE_HELD


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
        return words.answer(nothing(run))
    firm = themes.loc[(themes["grade"] == "firm") & ~is_mixed(themes), "name"].tolist()
    outside = int(run.membership["theme_id"].isna().sum())
    named = joined([f"“{name}”" for name in firm[:3]])
    sure = f"{'one of them is' if len(firm) == 1 else f'{len(firm):,} of them are'} firm{', the largest being ' if len(firm) > 3 else ': '}{named}" if firm else "none of them is firm"
    mixed = int(is_mixed(themes).sum())
    loose = f" {'One of the themes holds' if mixed == 1 else f'{mixed:,} of the themes hold'} remarks in which no wording repeats, so it says only what is left over." if mixed else ""
    return words.answer(f"What people said falls into {_range(run)}; {sure}.{loose}", f"{share_in_words(outside, total)} of the passages are not in any theme.")


def _range(run) -> str:
    """The number of themes from those that hold to all that were found; one number where these are the same or nothing was measured."""
    holding, found = len(broad(run)), len(every(run))
    if holding == found:
        return counted(found, "broad theme")
    return f"{holding:,} to {found:,} broad themes ({found:,} were found, {holding:,} come back when the analysis is repeated)"


def theme_map(run) -> Finding:
    """The points of the map."""
    themes, points = broad(run), placed(run)
    if themes.empty:
        return Finding(points.iloc[:0], nothing(run), "Nothing to draw.")
    inside = int(points["number"].notna().sum())
    drawn = points["x"].notna().sum()
    return Finding(points, f"{inside:,} of {len(points):,} passages lie in one of {counted(len(themes), 'broad theme')}; the rest, in grey, are not in any theme, or in a group that did not hold.",
                   f"A map of {drawn:,} passages as points; those that say similar things lie near each other. Each broad theme is marked by its number; "
                   "the key says what the numbers stand for. Distances and directions have no meaning of their own.")


def sizes(run) -> Finding:
    """The broad themes by their distinct messages."""
    themes = broad(run)
    if themes.empty:
        return Finding(themes, nothing(run), "Nothing to draw.")
    first = themes.iloc[0]
    table = themes.assign(messages=themes["messages"].where(themes["contributors"] >= SMALLEST_CELL, 0))
    most = counted(int(first["messages"]), "different message")
    return Finding(table, f"“{first['name']}” is the largest: {most if first['contributors'] >= SMALLEST_CELL else 'messages'} by {first['people']}.",
                   "Bars, one for each theme, by distinct messages: " + told([f"{row['number']} {row['name']}, {row['people']}, {row['grade']}" for row in themes.to_dict("records")]))


def sub_themes(run) -> words.Words:
    """The finer themes under each broad one."""
    themes = broad(run)
    if themes.empty:
        return words.say(nothing(run))
    finer = run.themes[run.themes["parent_id"].notna() & (run.themes["grade"] != NOT_HELD)]
    number = dict(zip(themes["theme_id"], themes["number"]))
    name = dict(zip(themes["theme_id"], themes["name"]))
    finer = by_messages(run, finer)
    finer = finer.assign(order=finer["parent_id"].map(lambda t: int(number.get(t, len(number) + 1)))).sort_values("order", kind="stable")
    rows = pd.DataFrame({
        "Sub-theme": finer["name"], "How firm": finer["grade"], "People": finer["people"],
        "Passages": [words.behind(f"{int(n):,}", f"themes/{t}") for n, t in zip(finer["passages"], finer["theme_id"])],
        "Part of": [f"{number[t]} {name[t]}" if t in number else "a group that did not hold" for t in finer["parent_id"]], "Words that mark it": [words.Words(f"<span class='long'>{words.escaped(marks)}</span>") for marks in finer["keywords"]]})
    return words.table(rows, caption="Sub-themes, under the theme they belong to")


def in_their_words(run) -> words.Words:
    """For each of the largest themes, its keywords and what people in it said."""
    themes = broad(run)
    if themes.empty:
        return words.say(nothing(run))
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
    rows = rows.assign(senders=rows["contribution_id"].map(letters.senders(run.contributions)))
    fit = rows[rows["text"].str.len().between(50, 450) & ~rows["text"].str.contains(CODE)]
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
    """How many passages are in no theme and why, with a few of them."""
    if run.themes.empty:
        return words.say(NONE)
    loose = run.membership[run.membership["theme_id"].isna()]
    reasons = sorted(run.ledger["passages"].get("in_none_by_reason", {}).items(), key=lambda pair: (-pair[1], pair[0]))
    why = f"Of these, {joined([f'{count:,} {WHY.get(reason, reason)}' for reason, count in reasons])}." if reasons else None
    said = words.say(f"What is counted are passages, the parts into which long contributions are cut: {counted(len(run.contributions), 'contribution')} "
                     f"{'makes' if len(run.contributions) == 1 else 'make'} {counted(len(run.passages), 'passage')}, of which {len(loose):,} are in no theme.", why)
    most = ((run.manifest.get("settings") or {}).get("themes") or {}).get("in_none_at_most")
    if most and reasons:
        said = said + words.say(f"Of the distinct messages that can be placed, the analysis leaves {percent(most)} at most in no theme, those that resemble one least; whatever cannot be placed comes on top of that.")
    spread = loose.iloc[:: max(1, len(loose) // 30)]
    return said + words.quotes(typical(run, spread, by="strength"), heading="Some that are not in any theme")


def not_held(run) -> words.Words:
    """The groups that depend on chance, broad and finer, marked as what they are: here to be read, in no list or headline."""
    rows = run.themes[run.themes["grade"] == NOT_HELD]
    if rows.empty:
        return words.say("Every theme that was found came back in at least half of the repeated analyses." if (run.themes["grade"] != "not measured").any()
                         else nothing(run) if run.themes.empty else "The analysis was not repeated, so nobody knows which themes hold.")
    rows = by_messages(run, rows)
    names = run.themes.set_index("theme_id")["name"]
    table = pd.DataFrame({
        "Group": rows["name"], "Found within": ["–" if words.is_missing(one) else names[one] for one in rows["parent_id"]],
        "People": rows["people"],
        "Passages": [words.behind(f"{int(n):,}", f"themes/{t}") for n, t in zip(rows["passages"], rows["theme_id"])],
        "Comes back": [words.Words(f"<span class='whole'>{round(10 * value)} in 10</span>") for value in rows["stability"]]})
    meaning = "“4 in 10” says that when the analysis was repeated, 4 in 10 of the group came back together on average. From 5 in 10 on a theme is listed."
    return words.say(meaning) + words.table(table, caption="Groups that did not hold: do not quote them")
