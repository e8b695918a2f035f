"""The three big questions, each with its aspects, people's words, and the essay's own sub-questions."""

from __future__ import annotations

import pandas as pd

from analysis import words
from analysis.findings import codes, essay, voices
from analysis.findings.counts import SMALLEST_CELL, Finding, counted, linked, messages, people, people_in_words, share_in_words

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
    return words.say(ABSENT) if one is None else voices.by_stance(run, "questions", one["code"])


def side_by_side(run) -> words.Words:
    """The essay's own sub-questions: the answers it offers beside each other, each with how many speak of it and a voice."""
    shown = words.Words("")
    for code, (asked, options) in essay.SUB_QUESTIONS.items():
        rows = codes.assigned(run, "aspects", code)
        said = codes.spoken_by(run, rows)
        spoke = (f"{counted(messages(said), 'distinct message').capitalize()} by {people_in_words(people(said))}{codes.same_sent(messages(said), people(said))} speak to it."
                 if people(said) >= SMALLEST_CELL else "Nobody was found to speak to it." if said.empty else f"{people_in_words(people(said)).capitalize()} spoke to it.")
        shown = shown + words.Words(f"<h4>{words.escaped(asked)}</h4>") + words.say(spoke)
        if people(said) >= SMALLEST_CELL:
            used: list[pd.DataFrame] = []
            shown = shown + words.cards([_option(run, rows, option, used) for option in options])
    return shown


def _option(run, rows: pd.DataFrame, option: tuple[str, str], used: list[pd.DataFrame]) -> words.Words:
    """One answer that the essay offers: those who use words for it, and one of them who was not quoted beside it."""
    name, pattern = option
    texts = rows["passage_id"].map(run.passages.set_index("passage_id")["text"])
    held = rows[texts.str.contains(pattern, case=False, regex=True).fillna(False).astype(bool)]
    said = codes.spoken_by(run, held)
    if people(said) >= SMALLEST_CELL:
        number = linked(counted(messages(said), "distinct message"), said, label=name) + words.Words(f" by {people_in_words(people(said))}")
    else:
        number = words.Words(people_in_words(people(said)).capitalize() if len(said) else "Nobody, in these words")
    voice = voices.chosen(run, held, among=rows, how_many=1, besides=pd.concat(used) if used else None)
    used.append(voice)
    return sum((words.voice(row) for row in voice.to_dict("records")), words.Words(f"<p><strong>{words.escaped(name)}</strong><br>{number.html}</p>"))
