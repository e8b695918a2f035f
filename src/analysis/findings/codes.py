"""How many said what the framework asks about: counts and shares for each code, and typical words."""

from __future__ import annotations

import pandas as pd

from analysis import words
from analysis.findings import landscape
from analysis.findings.counts import (SMALLEST_BASE, SMALLEST_CELL, Finding, counted, interval, joined, linked, messages, people, people_in_words,
                                      share_in_words, short_share, told)

STANCES = ("problem", "proposal", "example")
DOUBTFUL = 0.55      # precision; under it a share with an interval looks surer than it is, so it is said beside it
HEARD = 0.4          # probability; a passage that most likely says something else is not quoted here
SMALLEST_TEST = 10   # passages; a score on fewer says nothing
VERBS = {"problem": "as naming a problem", "proposal": "as making a proposal", "example": "as pointing at an example"}


def assigned(run, dimension: str, code: str | None = None) -> pd.DataFrame:
    """The rows of the mapping that were assigned in a dimension, or to one of its codes."""
    rows = run.mapping[run.mapping["assigned"] & (run.mapping["dimension"] == dimension)]
    return rows if code is None else rows[rows["code"] == code]


def heard_at(run, dimension: str, code: str) -> pd.DataFrame:
    """The rows of the mapping whose passage is quoted at a code: it has no surer one of the dimension, is not unlikely to have this one, and,
    at a question, its contribution names no barrier, where it would be heard instead."""
    rows = assigned(run, dimension).sort_values(["probability", "code"], ascending=[False, True], kind="stable").drop_duplicates("passage_id")
    narrower = assigned(run, "barriers")["contribution_id"] if dimension == "questions" else []
    return rows[(rows["code"] == code) & (rows["probability"] >= HEARD) & ~rows["contribution_id"].isin(narrower)].sort_index()


def spoken_by(run, rows: pd.DataFrame) -> pd.DataFrame:
    """The contributions that rows of the mapping belong to."""
    return run.contributions[run.contributions["contribution_id"].isin(rows["contribution_id"])]


def codes_of(run, dimension: str, *, under: str | None = None) -> pd.DataFrame:
    """The codes of a dimension in the order of the framework; ``under`` keeps those of one parent."""
    codes = run.framework.codes
    codes = codes[codes["dimension"] == dimension]
    return codes if under is None else codes[codes["under"] == under]


def nth(run, dimension: str, place: int) -> dict | None:
    """The code at a place (from 1) of a dimension, or None where the framework has fewer."""
    codes = codes_of(run, dimension).to_dict("records")
    return codes[place - 1] if place <= len(codes) else None


def counts(run, codes: pd.DataFrame) -> pd.DataFrame:
    """Distinct messages and people for each code, as numbers and as they may be shown; the largest first."""
    total = messages(run.contributions)
    rows = [_count(run, one, total) for one in codes.to_dict("records")]
    columns = ["code", "label", "messages", "drawn", "people", "of", "share", "low", "high", "text", "short", "shown"]
    return pd.DataFrame(rows, columns=columns).sort_values("messages", ascending=False, kind="stable", ignore_index=True)


def _count(run, one: dict, total: int) -> tuple:
    said = spoken_by(run, assigned(run, one["dimension"], one["code"]))
    count, speakers = messages(said), people(said)
    if 0 < speakers < SMALLEST_CELL:
        few = people_in_words(speakers)
        return (one["code"], one["label"], 0, 0, few, total, float("nan"), float("nan"), float("nan"), few, few, few)
    share, low, high = interval(count, total) if total >= SMALLEST_BASE else (float("nan"),) * 3
    return (one["code"], one["label"], count, count, people_in_words(speakers), total, share, low, high, share_in_words(count, total),
            short_share(count, total), words.behind(f"{count:,}", f"{one['dimension']}/{one['code']}"))


def shares(run, codes: pd.DataFrame, *, about: str) -> Finding:
    """The shares of some codes with the sentence that is true of them; ``about`` says of what they are parts."""
    table = counts(run, codes)
    if table.empty or not (table["messages"] > 0).any():
        return Finding(table.iloc[:0], f"Nobody was found to speak to {about}, or fewer than five people to each part of it.", "Nothing to draw.")
    first = table.iloc[0]
    said = f"Of {about}, “{first['label']}” is spoken to most: in {first['text']} of the distinct messages.{doubted(run, codes.loc[codes['code'] == first['code'], 'dimension'].iloc[0], first['code'])}"
    each = told([f"{label}, {short}" for label, short in zip(table["label"], table["short"])])
    kind = "Dots with lines for their 95% intervals" if table["share"].notna().any() else "Bars"
    return Finding(table, said, f"{kind}, in distinct messages: {each} A message can speak to several.")


def doubted(run, dimension: str, code: str) -> str:
    """A sentence on how many of those counted belong there, where that is hardly more than every second one."""
    scores = score_of(run, dimension, code)
    return f" Only about {round(10 * scores['precision'])} in 10 of these can be expected to belong there." if scores and scores["precision"] < DOUBTFUL else ""


def foremost(table: pd.DataFrame, what: str) -> str:
    """The code spoken to most, and those that cannot be told apart from it, or else the next; ``table`` is one of :func:`counts`."""
    first, others = table.iloc[0], table.iloc[1:][table["messages"].iloc[1:] > 0]
    by = lambda row: f"“{row['label']}”, in {row['messages']:,} messages by {row['people']}"
    said = f"{what} is {by(first)}"
    if others.empty:
        return said + "."
    close = others[others["high"] >= first["low"]].to_dict("records")  # no interval, no such claim
    if len(close) > 1:
        return said + f"; so near that any of them may come first are {joined([by(row) for row in close])}."
    return said + (f"; {by(close[0])}, is so near that either may come first." if close else f"; next comes {by(others.iloc[0])}.")


def stances(run, codes: pd.DataFrame, *, about: str) -> Finding:
    """Problems, proposals and examples for each code, counted in distinct messages."""
    rows = []
    for one in codes.to_dict("records"):
        held = assigned(run, one["dimension"], one["code"])
        for stance in STANCES:
            said = spoken_by(run, held[held["passage_id"].isin(assigned(run, "stance", stance)["passage_id"])])
            count, few = messages(said), 0 < people(said) < SMALLEST_CELL
            shown = "fewer than 5 people" if few else f"{count:,}"
            rows.append((one["label"], stance, 0 if few else count, shown, linked(shown, said, label=f"{one['label']}: {stance}s")))
    table = pd.DataFrame(rows, columns=["label", "stance", "drawn", "shown", "linked"])
    if table.empty or table["drawn"].max() == 0:
        return Finding(table.iloc[:0], "Problems, proposals and examples were not told apart in this run, or by too few people to count.", "Nothing to draw.")
    sums = table.groupby("stance")["drawn"].sum().reindex(list(STANCES))
    most = sums.idxmax()
    said = f"Of what is said on {about}, the machine reads most as " + {"problem": "naming problems", "proposal": "making proposals", "example": "pointing at examples"}[most] + "."
    return Finding(table, said, "Bars, in distinct messages: " + told([f"{a}, {b}s {c}" for a, b, c in zip(table["label"], table["stance"], table["shown"])]))


def kinds(run, one: dict) -> words.Words:
    """How many of those who speak to a code name a problem, make a proposal, point at an example."""
    held = assigned(run, one["dimension"], one["code"])
    parts = []
    for stance, verb in VERBS.items():
        said = spoken_by(run, held[held["passage_id"].isin(assigned(run, "stance", stance)["passage_id"])])
        if people(said) >= SMALLEST_CELL:
            parts.append(linked(f"{messages(said):,} {verb}", said, label=f"{one['label']}: {stance}s").html + stance_right(run, stance))
    return words.say(words.Words("Of these messages the machine read " + joined(parts) + "; one may do several.")) if parts else words.Words("")


def score_of(run, dimension: str, code: str) -> dict | None:
    """``precision, recall, positives`` of a code as they were measured, or None where too few coded passages have it."""
    found = (run.manifest.get("settings") or {}).get("mapping", {}).get("tested", {}).get(f"{dimension}:{code}")
    return found if found and found.get("positives", 0) >= SMALLEST_TEST and "precision" in found else None


def unlearned(run, dimension: str, code: str) -> bool:
    """Whether a trained mapping had too few passages with a code to be measured on it, so that nothing found says little."""
    trained = (run.manifest.get("settings") or {}).get("mapping", {}).get("tested")
    return bool(trained) and score_of(run, dimension, code) is None


def tested(run, one: dict) -> words.Words:
    """How well the machine reads a code, where the run knows it from passages that people had coded."""
    scores = score_of(run, one["dimension"], one["code"])
    if scores is None:
        return words.Words("")
    right, found = round(10 * scores["precision"]), round(10 * scores["recall"])
    return words.say(f"How far to trust the count: tested on other passages, which people had sorted by hand, the machine found about {found} in 10 of the {scores['positives']:,} that belong here, "
                     f"and about {right} in 10 of those it put here did belong.")


def trust(run, some: list[dict]) -> str | None:
    """How far the counts of several codes can be trusted, in a sentence on each that was tested; None where none was."""
    tried = [(one["label"], scores) for one in some if (scores := score_of(run, one["dimension"], one["code"]))]
    if not tried:
        return None
    right = joined([f"“{label}” {round(10 * scores['precision'])} in 10" for label, scores in tried])
    others = ", the others too seldom to be tested" if len(tried) < len(some) else ""
    return f"How far to trust these counts: of the passages that the machine put under them when it was tested on ones that people had sorted, this many belonged there: {right}{others}."


def stance_right(run, stance: str) -> str:
    """How often a passage that was read as a problem, proposal or example is one, as it was measured, in brackets; nothing where it was not."""
    score = score_of(run, "stance", stance)
    return f" (about {round(10 * score['precision'])} in 10 rightly)" if score else ""


def themes_of(run, dimension: str, code: str) -> words.Words:
    """Which broad themes a code's passages fall into."""
    held = set(assigned(run, dimension, code)["passage_id"])
    points = landscape.placed(run)
    points = points[points["passage_id"].isin(held)].merge(run.passages[["passage_id", "contribution_id"]], on="passage_id")
    themes = landscape.broad(run)
    names = themes.set_index("number")["name"]
    found = []
    for number, rows in points.dropna(subset=["number"]).groupby("number"):
        speakers = people(spoken_by(run, rows))
        found += [(speakers, number)] if speakers >= SMALLEST_CELL and number in names.index else []
    found = [f"“{names[number]}” ({people_in_words(n)})" for n, number in sorted(found, key=lambda pair: (-pair[0], int(pair[1])))[:3]]
    return words.say(f"Themes in which it comes up most: {joined(found)}.") if found else words.Words("")


def summary(run, one: dict) -> words.Words:
    """One paragraph: how many messages and people spoke to a code."""
    said = spoken_by(run, assigned(run, one["dimension"], one["code"]))
    count, speakers, total = messages(said), people(said), messages(run.contributions)
    if 0 < speakers < SMALLEST_CELL:
        return words.say(f"Fewer than {SMALLEST_CELL} people spoke to it; too few for a count.")
    number = words.behind(counted(count, "distinct message"), f"{one['dimension']}/{one['code']}")
    return words.say(number, f"by {people_in_words(speakers)}{same_sent(count, speakers)} speak to it: {share_in_words(count, total)}.") + kinds(run, one) + tested(run, one)


def same_sent(count: int, speakers: int) -> str:
    """Why there are more people than messages, where there are."""
    return " (several sent the same message)" if speakers > count else ""


def heading(run, one: dict) -> words.Words:
    """The code's label with its full question beneath."""
    asked = "" if words.is_missing(one.get("question")) else f"<p><em>{words.escaped(one['question'])}</em></p>"
    return words.Words(f"<h2>{words.escaped(one['label'])}</h2>{asked}")
