"""The four barrier types: how often named, where, by whom, with which proposals and bright spots."""

from __future__ import annotations

import pandas as pd

from analysis import words
from analysis.findings import asks, codes, missing, voices
from analysis.findings.counts import SMALLEST_CELL, Finding, busiest, counted, joined, linked, messages, people, people_in_words, share_in_words, told
from analysis.findings.people import LOUDEST, NAMES, SPOKEN, WITHIN

ABSENT = "The framework of this run has no such barrier."


def answer(run) -> words.Words:
    """How many named a barrier, and which most, in two sentences."""
    total = messages(run.contributions)
    table = codes.counts(run, codes.codes_of(run, "barriers"))
    if total == 0 or table.empty or table["messages"].max() == 0:
        return words.answer("Too few named a barrier to say which was named most.")
    any_of = codes.spoken_by(run, codes.assigned(run, "barriers"))
    return words.answer(f"{share_in_words(messages(any_of), total)} of the distinct messages name at least one of the barriers.",
                        codes.foremost(table, "Named most"))


def shares(run) -> Finding:
    """The share of each barrier."""
    return codes.shares(run, codes.codes_of(run, "barriers"), about="the barriers")


def stances(run) -> Finding:
    """Problems, proposals and examples for each barrier."""
    return codes.stances(run, codes.codes_of(run, "barriers"), about="the barriers")


def by_source(run) -> Finding:
    """Where each barrier was named: people for each barrier and channel."""
    rows = []
    for one in codes.codes_of(run, "barriers").to_dict("records"):
        said = codes.spoken_by(run, codes.assigned(run, "barriers", one["code"]))
        for source in sorted(run.contributions["source"].dropna().unique()):
            speakers = people(said[said["source"] == source])
            name, shown = NAMES.get(source, source), people_in_words(speakers)
            rows.append((one["label"], name, SPOKEN.get(source, source), speakers if speakers >= SMALLEST_CELL else 0, shown,
                         linked(shown, said[said["source"] == source], label=f"{one['label']}, through {name}")))
    table = pd.DataFrame(rows, columns=["label", "source", "spoken", "drawn", "shown", "linked"])
    if table.empty or table["drawn"].max() == 0:
        return Finding(table.iloc[:0], "No barrier was named by five people or more on one channel.", "Nothing to draw.")
    first = table.loc[table["drawn"].idxmax()]
    return Finding(table, f"The largest group is those who named “{first['label']}” through {first['spoken']}: {first['shown']}.",
                   "Bars of people for each barrier and channel: " + told([f"{a}, {b}, {c}" for a, b, c in zip(table["label"], table["source"], table["shown"])]))


def one(run, place: int) -> words.Words:
    """The barrier at a place (from 1): its numbers, its company, its themes, and people's words."""
    barrier = codes.nth(run, "barriers", place)
    if barrier is None:
        return words.say(ABSENT)
    asked = asks.heard(run, barrier)
    return (codes.heading(run, barrier) + asks.of(run, barrier, asked) + codes.summary(run, barrier) + _by_whom(run, barrier) + _company(run, barrier)
            + codes.themes_of(run, "barriers", barrier["code"])
            + voices.by_stance(run, "barriers", barrier["code"], besides=asked))


def _by_whom(run, barrier: dict) -> words.Words:
    """Through which channels it was named, how much of it by those who spoke most, and of which users they speak."""
    said = codes.spoken_by(run, codes.assigned(run, "barriers", barrier["code"]))
    if people(said) < SMALLEST_CELL:
        return words.Words("")
    each = [(people(rows), WITHIN.get(source, f"in {source}"), rows) for source, rows in said.groupby("source")]
    channels = [linked(f"{people_in_words(n)} {name}", rows, label=f"{barrier['label']}, {name}").html
                for n, name, rows in sorted(each, key=lambda one: (-one[0], one[1]))]
    counts = said["contributor"].value_counts()
    loudest = f"; {_loudest(counts, len(said))}" if len(counts) else ""
    users = _together(run, barrier, codes.codes_of(run, "aspects", under="technology"))
    of = f" Of the users that the essay names, they speak most of {users}." if users else ""
    return words.say(words.Words(f"<strong>Who named it.</strong> {joined(channels)}{loudest}.{words.escaped(of)}")) + missing.by_group(run, barrier)


def _loudest(counts: pd.Series, total: int) -> str:
    """How much of what was said to a barrier is by those who named it most often."""
    first, most = busiest(counts, LOUDEST), int(counts.iloc[0])
    if most <= 2 or first < 2:
        return "nobody named it more than " + {1: "once", 2: "twice"}.get(most, f"{most} times")
    return f"the {first} who named it most often wrote {int(counts.head(first).sum()):,} of its {counted(total, 'contribution')}"


def _company(run, barrier: dict) -> words.Words:
    """Which other barriers are named by the same messages."""
    named = _together(run, barrier, codes.codes_of(run, "barriers"))
    return words.say(f"Often named together with {named}.") if named else words.Words("")


def _together(run, barrier: dict, others: pd.DataFrame) -> str:
    """Which of some other codes the same contributions speak to, by five people or more."""
    here = set(codes.assigned(run, "barriers", barrier["code"])["contribution_id"])
    found = []
    for other in others.to_dict("records"):
        both = codes.assigned(run, other["dimension"], other["code"])
        speakers = people(codes.spoken_by(run, both[both["contribution_id"].isin(here)]))
        found += [(speakers, other["label"])] if other["code"] != barrier["code"] and speakers >= SMALLEST_CELL else []
    return joined([f"“{label}” ({people_in_words(n)})" for n, label in sorted(found, key=lambda pair: (-pair[0], pair[1]))[:3]])
