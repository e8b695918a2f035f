"""Three ways to count beside each other, and where they would put themes or codes into another order."""

from __future__ import annotations

from itertools import combinations

import pandas as pd

from analysis import words
from analysis.findings import codes, landscape
from analysis.findings.counts import SMALLEST_CELL, counted, joined, messages, people, people_in_words

WAYS = {"contributions": "contributions", "people": "people", "messages": "distinct messages"}
TOLD = 3  # differences that are told in words; all of them are in the table


def counted_three_ways(contributions: pd.DataFrame, held: dict[str, set[str]]) -> pd.DataFrame:
    """``name, contributions, people, messages`` for each set of contribution ids in ``held``.

    A contribution counts once however many of its passages say it: one long post cannot outvote fifty short ones.
    """
    rows = []
    for name, ids in held.items():
        said = contributions[contributions["contribution_id"].isin(ids)]
        rows.append((name, len(said), people(said), messages(said)))
    table = pd.DataFrame(rows, columns=["name", *WAYS])
    return table.sort_values(["people", "contributions", "name"], ascending=[False, False, True], ignore_index=True)


def other_orders(table: pd.DataFrame) -> list[str]:
    """Sentences about every pair that one way of counting puts one way round and another the other way round."""
    shown = table[table["people"] >= SMALLEST_CELL]
    said = []
    for one, other in combinations(shown.to_dict("records"), 2):
        ahead = [WAYS[way] for way in WAYS if one[way] > other[way]]
        behind = [WAYS[way] for way in WAYS if one[way] < other[way]]
        if ahead and behind:
            said.append(f"“{one['name']}” comes before “{other['name']}” by {joined(ahead)}, but after it by {joined(behind)}.")
    return said


def orders(run) -> words.Words:
    """For the broad themes, the questions and the barriers: the three counts, and whether they agree on the order."""
    parts = [part for of in ("themes", "questions", "barriers") if (held := _held(run, of)) for part in _told(run, f"the {of}", held)]
    return sum(parts[1:], parts[0]) if parts else words.say("There is nothing to put into an order.")


def order(run, of: str) -> words.Words:
    """For one of them, ``themes``, ``questions`` or ``barriers``, whether the counts agree, and where the table is; nothing where a run has none."""
    held = _held(run, of)
    where = words.say(words.behind("The three counts beside each other", "section/01-contributions/Three ways to count"))
    return _told(run, f"the {of}", held)[0] + where if held else words.Words("")


def _held(run, of: str) -> dict[str, set[str]]:
    """The contributions behind each theme or code, by its name."""
    if of == "themes":
        return _themes(run) if not landscape.broad(run).empty else {}
    return {one["label"]: set(codes.assigned(run, of, one["code"])["contribution_id"]) for one in codes.codes_of(run, of).to_dict("records")}


def _themes(run) -> dict[str, set[str]]:
    points = landscape.placed(run).dropna(subset=["number"])
    owner = run.passages.set_index("passage_id")["contribution_id"]
    names = landscape.broad(run).set_index("number")["name"]
    return {str(names[number]): set(rows["passage_id"].map(owner)) for number, rows in points.groupby("number")}


def _told(run, name: str, held: dict[str, set[str]]) -> tuple[words.Words, words.Words]:
    """Whether the counts agree, and the table of them."""
    table = counted_three_ways(run.contributions, held)
    differing = other_orders(table)
    if not differing:
        said = words.say(f"Whether counted by contributions, by people or by distinct messages, no two of {name} change places.")
    else:
        more = f"So it is with {counted(len(differing) - TOLD, 'more pair')}." if len(differing) > TOLD else None
        said = words.say(f"The order of {name} depends on what is counted.", *differing[:TOLD], more)
    few = table["people"].between(1, SMALLEST_CELL - 1)
    rows = pd.DataFrame({"Name": table["name"], "People": table["people"].map(people_in_words)})
    for way, label in (("contributions", "Contributions"), ("messages", "Distinct messages")):
        rows[label] = [("few" if hidden else f"{int(n):,}") for n, hidden in zip(table[way], few, strict=True)]
    return said, words.table(rows, caption=f"{name.capitalize()}, counted three ways")
