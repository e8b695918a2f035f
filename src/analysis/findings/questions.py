"""The three big questions, each with its aspects, people's words, and the essay's own sub-questions."""

from __future__ import annotations

import pandas as pd

from analysis import words
from analysis.findings import codes, essay
from analysis.findings.counts import SMALLEST_CELL, Finding, messages, people, people_in_words, share_in_words

ABSENT = "The framework of this run has no such question."


def answer(run) -> words.Words:
    """How many spoke to any of the questions, and to which most, in two sentences."""
    said, total = codes.spoken_by(run, codes.assigned(run, "questions")), messages(run.contributions)
    table = codes.counts(run, codes.codes_of(run, "questions"))
    if total == 0 or table.empty or table["messages"].max() == 0:
        return words.answer("Too few spoke to any of the questions to say which was spoken to most.")
    first = table.iloc[0]
    return words.answer(f"{share_in_words(messages(said), total)} of the distinct messages speak to at least one of the questions.",
                        f"Most speak to “{first['label']}”: {first['text']}.")


def unmapped(run) -> words.Words:
    """What was not mapped: unsure, or outside."""
    kept = run.ledger["contributions"]
    rows = pd.DataFrame({"Outcome": ["Mapped to at least one code", "Not sure enough to say", "Sure that no code applies"],
                         "Contributions": [kept["mapped"], kept["abstained"], kept["outside"]]})
    return words.table(rows.astype({"Contributions": object}), caption="What became of each contribution")


def shares(run) -> Finding:
    """The share of each question."""
    return codes.shares(run, codes.codes_of(run, "questions"), about="the big questions")


def stances(run) -> Finding:
    """Problems, proposals and examples for each question."""
    return codes.stances(run, codes.codes_of(run, "questions"), about="the big questions")


def heading(run, place: int) -> words.Words:
    """The question at a place (from 1), as a heading with its full wording and its numbers."""
    one = codes.nth(run, "questions", place)
    return words.say(ABSENT) if one is None else codes.heading(run, one) + codes.summary(run, one) + codes.themes_of(run, "questions", one["code"])


def aspects(run, place: int) -> Finding:
    """The share of each aspect of the question at a place."""
    one = codes.nth(run, "questions", place)
    if one is None:
        return Finding(pd.DataFrame(), ABSENT, "Nothing to draw.")
    return codes.shares(run, codes.codes_of(run, "aspects", under=one["code"]), about=f"the parts of “{one['label']}”")


def quotes(run, place: int) -> words.Words:
    """People's words on the question at a place."""
    one = codes.nth(run, "questions", place)
    return words.say(ABSENT) if one is None else codes.in_their_words(run, "questions", one["code"])


def side_by_side(run) -> words.Words:
    """The essay's own sub-questions: for each answer it offers, how many speak of it."""
    shown = words.Words("")
    for code, (asked, options) in essay.SUB_QUESTIONS.items():
        said = codes.spoken_by(run, codes.assigned(run, "aspects", code))
        if people(said) < SMALLEST_CELL:
            shown = shown + words.Words(f"<p><strong>{words.escaped(asked)}</strong> {people_in_words(people(said)).capitalize()} spoke to it.</p>")
            continue
        rows = [(name, *_cell(said, pattern)) for name, pattern in options]
        table = pd.DataFrame(rows, columns=["What the essay offers", "Distinct messages", "People"])
        shown = shown + words.table(table, caption=f"{asked} (of {messages(said):,} distinct messages on it)")
    return shown


def _cell(said: pd.DataFrame, pattern: str) -> tuple[str, str]:
    found = said[said["text"].str.contains(pattern, case=False, regex=True, na=False)]
    speakers = people(found)
    if 0 < speakers < SMALLEST_CELL:
        return "not shown", people_in_words(speakers)
    return f"{messages(found):,}", people_in_words(speakers)
