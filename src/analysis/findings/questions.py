"""The three big questions, each with its aspects, people's words, and the essay's own sub-questions."""

from __future__ import annotations

import pandas as pd

from analysis import words
from analysis.findings import asks, codes, essay, missing, voices
from analysis.findings.counts import SMALLEST_CELL, Finding, counted, joined, linked, messages, people, people_in_words, share_in_words

ABSENT = "The framework of this run has no such question."
UNLEARNED = "The machine cannot tell who speaks to this: it had too few examples to learn from."
IN_FULL = 600  # characters of a voice beside an answer: a beginning may say the opposite of the whole


def answer(run) -> words.Words:
    """How many spoke to any of the questions, and to which most, in two sentences."""
    said, total = codes.spoken_by(run, codes.assigned(run, "questions")), messages(run.contributions)
    table = codes.counts(run, codes.codes_of(run, "questions"))
    if total == 0 or table.empty or table["messages"].max() == 0:
        return words.answer("Too few spoke to any of the questions to say which was spoken to most.")
    return words.answer(f"{share_in_words(messages(said), total)} of the distinct messages speak to at least one of the questions.",
                        codes.foremost(table, "Spoken to most"))


def unmapped(run) -> words.Words:
    """What was not mapped: unsure, or outside."""
    kept = run.ledger["contributions"]
    return words.say(f"Of {counted(kept['kept'], 'contribution')}, {kept['mapped']:,} were mapped to some part of the framework; of {kept['abstained']:,} the machine was not sure enough to say, "
                     f"and {kept['outside']:,} it found to lie outside:", words.behind("what the questions miss.", "section/05-beyond-the-framework"))


def shares(run) -> Finding:
    """The share of each question."""
    return codes.shares(run, codes.codes_of(run, "questions"), about="the big questions")


def stances(run) -> Finding:
    """Problems, proposals and examples for each question."""
    return codes.stances(run, codes.codes_of(run, "questions"), about="the big questions")


def heading(run, place: int) -> words.Words:
    """The question at a place (from 1), as a heading with its full wording and its numbers."""
    one = codes.nth(run, "questions", place)
    return words.say(ABSENT) if one is None else (codes.heading(run, one) + asks.of(run, one) + codes.summary(run, one) + missing.by_group(run, one)
                                                  + codes.themes_of(run, "questions", one["code"]))


def aspects(run, place: int) -> Finding:
    """The share of each aspect of the question at a place."""
    one = codes.nth(run, "questions", place)
    if one is None:
        return Finding(pd.DataFrame(), ABSENT, "Nothing to draw.")
    return codes.shares(run, codes.codes_of(run, "aspects", under=one["code"]), about=f"the parts of “{one['label']}”")


def about_aspects(run, place: int) -> words.Words:
    """How far the counts of the parts of a question can be trusted, what was not found, and how its barriers are counted."""
    one = codes.nth(run, "questions", place)
    parts = [] if one is None else codes.codes_of(run, "aspects", under=one["code"]).to_dict("records")
    unlearned = [f"“{part['label']}”" for part in parts if codes.assigned(run, "aspects", part["code"]).empty and codes.score_of(run, "aspects", part["code"]) is None]
    nothing = (f"That nothing was found on {joined(unlearned)} says little: the machine had too few examples of {'it' if len(unlearned) == 1 else 'them'} to learn from."
               if unlearned else None)
    return words.say(codes.trust(run, parts), nothing, _barriers_counted(run, parts)) if parts else words.Words("")


def _barriers_counted(run, parts: list[dict]) -> str | None:
    """Why more messages may speak to breaking down barriers than name one of the barriers."""
    part = next((part for part in parts if part["code"] == "barriers"), None)
    if part is None:
        return None
    told, any_of = (messages(codes.spoken_by(run, rows)) for rows in (codes.assigned(run, "aspects", "barriers"), codes.assigned(run, "barriers")))
    return (f"“{part['label']}” holds {told:,} messages and {any_of:,} name one of the four barriers: {told - any_of:,} speak of what hinders without it being plain which barrier that is."
            if told > any_of > 0 else None)


def quotes(run, place: int) -> words.Words:
    """People's words on the question at a place."""
    one = codes.nth(run, "questions", place)
    return words.say(ABSENT) if one is None else voices.by_stance(run, "questions", one["code"], besides=asks.heard(run, one))


def side_by_side(run) -> words.Words:
    """The essay's own sub-questions: the answers it offers beside each other, each with how many speak of it and a voice."""
    shown = words.Words("")
    for code, (asked, options) in essay.SUB_QUESTIONS.items():
        rows = codes.assigned(run, "aspects", code)
        said = codes.spoken_by(run, rows)
        spoke = (f"{counted(messages(said), 'distinct message').capitalize()} by {people_in_words(people(said))}{codes.same_sent(messages(said), people(said))} speak to it.{codes.doubted(run, 'aspects', code)}"
                 if people(said) >= SMALLEST_CELL else UNLEARNED if codes.unlearned(run, "aspects", code) else "Nobody was found to speak to it." if said.empty
                 else f"{people_in_words(people(said)).capitalize()} spoke to it.")
        if people(said) < SMALLEST_CELL and (answers := _answers(run, code)) is not None:
            rows, spoke = answers
        shown = shown + words.Words(f"<h4>{words.escaped(asked)}</h4>") + words.say(spoke)
        if people(codes.spoken_by(run, rows)) >= SMALLEST_CELL:
            used: list[pd.DataFrame] = []
            shown = shown + words.cards([_option(run, rows, option, used) for option in options])
    return shown


def _answers(run, code: str) -> tuple[pd.DataFrame, words.Words] | None:
    """Where a survey asked for an aspect that the machine cannot find: all answers to that question, as rows of the mapping, and what they are.

    Whether an answer does speak to it is not known, so none is counted as doing so.
    """
    asked = run.contributions["question"].dropna()
    asked = asked[asked.str.contains(essay.ASKED[code], case=False, regex=True)] if code in essay.ASKED and len(asked) else asked.head(0)
    said = run.contributions.loc[asked.index]
    if people(said) < SMALLEST_CELL:
        return None
    parent = run.framework.codes.set_index("code")["under"].get(code)
    rows = run.mapping[(run.mapping["dimension"] == "questions") & (run.mapping["code"] == parent) & run.mapping["contribution_id"].isin(said["contribution_id"])]
    questions = joined([f"“{words.shortened(text, 200)}”" for text in asked.value_counts().index])
    number = linked(f"{counted(messages(said), 'distinct message')} by {people_in_words(people(said))}", said, label="Answers to the question which asks for this").html
    return rows, words.Words(f"{UNLEARNED} But a survey question asks for it, {words.escaped(questions)}, and {number} "
                             "answer that question, whether or not they say what comes first. Among these answers, by the words they use:")


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
    voice = voices.chosen(run, held if people(said) >= SMALLEST_CELL else held.head(0), among=rows, how_many=1, besides=pd.concat(used) if used else None)
    used.append(voice)
    return sum((words.voice(row, length=IN_FULL) for row in voice.to_dict("records")), words.Words(f"<p><strong>{words.escaped(name)}</strong><br>{number.html}</p>"))
