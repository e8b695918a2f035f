"""What the framework misses, what was said on engagement, and the essay's closing questions."""

from __future__ import annotations

import pandas as pd

from analysis import words
from analysis.findings import codes, essay, landscape, voices
from analysis.findings.counts import SMALLEST_CELL, Finding, counted, linked, messages, people, people_in_words, share_in_words

SURE = 0.6   # probability; of engagement, read poorly, all 6 of the example's passages above it are right, and 13 of all 26
CLOSING_VOICES = 4  # for each of the essay's closing questions


def coverage(run) -> Finding:
    """How many contributions were mapped, left undecided, or lie outside."""
    kept = run.ledger["contributions"]
    table = pd.DataFrame({"name": ["Speak to the framework", "Not sure enough to say", "Outside the framework"],
                          "contributions": [kept["mapped"], kept["abstained"], kept["outside"]]})
    total = int(table["contributions"].sum())
    if total == 0:
        return Finding(table.iloc[:0], "There are no contributions.", "Nothing to draw.")
    return Finding(table, f"{share_in_words(kept['outside'], total)} of the contributions lie outside the framework; for {kept['abstained']:,} the analysis is not sure enough to say.",
                   "Three bars: " + "; ".join(f"{name}, {n:,}" for name, n in zip(table["name"], table["contributions"])) + ".")


def missed(run) -> pd.DataFrame:
    """The themes of which fewer than half of the passages were mapped to any question, most distinct messages first; copies of a message count once."""
    mapped = set(codes.assigned(run, "questions")["passage_id"])
    own = run.contributions.loc[run.contributions["duplicate_of"].isna(), "contribution_id"]
    points = landscape.placed(run).dropna(subset=["theme_id"])
    points = points[points["passage_id"].isin(run.passages.loc[run.passages["contribution_id"].isin(own), "passage_id"])]
    inside = points["passage_id"].isin(mapped).groupby(points["theme_id"]).mean()
    themes = run.themes.assign(mapped_share=run.themes["theme_id"].map(inside))
    themes = themes[(themes["mapped_share"] < 0.5) & (themes["contributors"] >= SMALLEST_CELL)]
    return landscape.by_messages(run, themes)


def answer(run) -> words.Words:
    """What lies outside, in two sentences."""
    kept, themes = run.ledger["contributions"], missed(run)
    themes = _held(themes)
    second = (f"The largest theme that it mostly misses, and that held well enough to be quoted, is “{themes['name'].iloc[0]}”, with {themes['people'].iloc[0]}."
              if len(themes) else "No theme that held well enough to be quoted was found to be mostly missed.")
    return words.answer(f"{counted(kept['outside'], 'contribution').capitalize()} of {kept['kept']:,} lie outside the framework.", second)


def missed_themes(run) -> words.Words:
    """The themes that the framework mostly misses, with people's words."""
    found = missed(run)
    themes = _held(found)
    others = len(found) - len(themes)
    note = words.say(f"{counted(others, 'more group').capitalize()} of which the same is true did not hold when the analysis was repeated:",
                     words.behind("they are listed at the end of the section on themes.", "section/02-landscape")) if others else words.Words("")
    if themes.empty:
        return words.say("There is none of five people or more that holds.") + note
    rows = pd.DataFrame({"Theme": themes["name"], "People": themes["people"],
                         "Passages": [words.behind(f"{int(n):,}", f"themes/{t}") for n, t in zip(themes["passages"], themes["theme_id"])],
                         "How firm": themes["grade"]})
    points = landscape.placed(run)
    shown = words.table(rows, caption="Themes of which less than half speaks to the framework")
    for theme in themes.head(3).to_dict("records"):
        chosen = landscape.typical(run, points[points["theme_id"] == theme["theme_id"]], by="strength")
        shown = shown + words.quotes(chosen, heading=f"In “{theme['name']}”")
    return shown + note


def _held(themes: pd.DataFrame) -> pd.DataFrame:
    """Without the groups that depend on chance."""
    return themes[themes["grade"] != landscape.NOT_HELD].reset_index(drop=True)


def engagement(run) -> words.Words:
    """What was said on how to involve people in the answers."""
    found = [one for one in codes.codes_of(run, "aspects").to_dict("records") if one["code"] == "engagement"]
    if not found:
        return words.say("The framework of this run does not ask about engagement.")
    rows = codes.assigned(run, "aspects", "engagement")
    sure = rows[rows["probability"] >= SURE]
    said = codes.spoken_by(run, sure)
    right = codes.score_of(run, "aspects", "engagement")
    doubt = (f"In tests about {round(10 * right['precision'])} in 10 of all the passages that it puts here belonged here, so the {len(rows) - len(sure):,} of which it is less sure are neither "
             "counted nor quoted.") if right and right["precision"] < codes.DOUBTFUL and len(rows) > len(sure) else None
    if people(said) < SMALLEST_CELL:
        return words.say(f"The machine is sure enough of fewer than {SMALLEST_CELL} people that they speak to it; too few for a count.", doubt)
    number = linked(f"{counted(messages(said), 'distinct message')} by {people_in_words(people(said))}", said, label=found[0]["label"])
    return words.say(number, f"speak to it, as far as the machine is at least {10 * SURE:.0f} in 10 sure of that.", doubt) + words.quotes(voices.chosen(run, sure, how_many=CLOSING_VOICES))


def closing_questions(run) -> words.Words:
    """The essay's four closing questions, each with contributions that speak to it."""
    shown = words.Words("")
    for asked, wanted, pattern in essay.CLOSING:
        held = pd.concat([codes.assigned(run, dimension, code) for dimension, code in wanted])
        texts = held["passage_id"].map(run.passages.set_index("passage_id")["text"])
        held = held[texts.str.contains(pattern, case=False, regex=True).fillna(False).astype(bool)] if len(held) else held
        said = codes.spoken_by(run, held)
        number = (linked(counted(messages(said), "distinct message"), said, label=asked) + words.Words(f" by {people_in_words(people(said))} were found.")
                  if people(said) >= SMALLEST_CELL else f"{people_in_words(people(said)).capitalize()} were found to speak to it.")
        shown = shown + words.Words(f"<h3>{words.escaped(asked)}</h3>") + words.say(number) + words.quotes(voices.chosen(run, held, how_many=CLOSING_VOICES))
    return shown
