"""One screen: what was heard, how sure that is, what to read next."""

from __future__ import annotations

import pandas as pd

from analysis import words
from analysis.findings import about, asks, codes, landscape, voices
from analysis.findings.counts import counted, joined, messages, people, people_in_words, percent

SAID = 100        # characters of a voice: two lines beside its numbers
THEMES = 3        # that are named
SECTIONS = {"questions": "03-three-questions", "barriers": "04-four-barriers"}


def answer(run) -> words.Words:
    """What was heard, in two sentences; before them what every reader must know about the data."""
    kept = run.contributions
    table = codes.counts(run, codes.codes_of(run, "barriers"))
    heard = f"{people_in_words(people(kept)).capitalize()} sent {counted(len(kept), 'contribution')}, which hold {counted(messages(kept), 'distinct message')}."
    parts = [codes.foremost(table, "The barrier they name most")] if len(table) and table["messages"].max() > 0 else []
    return words.answer(*about.notice_in_brief(run), heard, *(parts or ["There are too few of them to say what was said most."]))


def quotable(run) -> pd.DataFrame:
    """The broad themes that do not depend on chance, as far as that was measured."""
    return landscape.broad(run)


def heard(run) -> words.Words:
    """A line for each question and barrier: how many, how sure, and one request, or one voice where there is none; nobody is quoted twice."""
    shown, used = {}, []
    for dimension in ("barriers", "questions"):  # the narrower first: what speaks to a barrier speaks to a question too
        listed = codes.counts(run, codes.codes_of(run, dimension)).to_dict("records")
        shown[dimension] = words.lines([_line(run, dimension, one, used) for one in listed])
    return (words.Words("<h2>On the three big questions: messages, 95% interval of their share, one request of many</h2>") + shown["questions"]
            + words.Words("<h2>On what stands in the way</h2>") + shown["barriers"])


def _line(run, dimension: str, one: dict, used: list) -> tuple[words.Words, words.Words]:
    name = words.behind(one["label"], f"section/{SECTIONS[dimension]}/{one['label']}")
    number = one["shown"] if one["messages"] == 0 else one["shown"] + words.Words(f" of {one['of']:,}{_share(one)}")
    said = words.Words(f"<p><strong>{name.html}</strong></p><p>{words.escaped(number)}</p>")
    if one["messages"] == 0:
        return said, words.Words("")
    rows = codes.assigned(run, dimension, one["code"])
    heard = pd.concat(used) if used else None
    asked = asks.picked(run, {**one, "dimension": dimension}, besides=heard)
    voice = _brief(asked).head(1) if len(asked) else asked
    if voice.empty:
        voice = voices.chosen(run, voices.no_longer_than(run, rows, SAID), among=rows, how_many=1, besides=heard)
    used.append(voice)
    return said, sum((words.voice(row, length=SAID, by=False) for row in voice.to_dict("records")), words.Words(""))


def _brief(asked: pd.DataFrame) -> pd.DataFrame:
    """The requests that need not be cut; else those that begin with what they ask for, not with the sentence before it."""
    whole, alone = asked[asked["text"].str.len() <= SAID], asked[asked["alone"].astype(bool)]
    return whole if len(whole) else alone if len(alone) else asked


def _share(one: dict) -> str:
    """Per cent and interval; nothing on a small base."""
    return f": {percent(one['share'])} <span class='whole'>({percent(one['low'])} to {percent(one['high'])})</span>" if one["share"] == one["share"] else ""


def largest_themes(run) -> words.Words:
    """The largest themes that may be quoted, in a sentence."""
    themes = quotable(run)
    themes = themes[~landscape.is_mixed(themes)]
    if themes.empty:
        return words.say(landscape.nothing(run))
    named = joined([f"“{one['name']}” ({one['people']}, {one['grade']})" for one in themes.head(THEMES).to_dict("records")])
    return words.say(f"Whatever was asked, people also talked about {named}." if named else None,
                     words.behind("All themes, in people’s words", "section/02-landscape"))


def how_sure(run) -> words.Words:
    """What stands firm and what does not, and what was set aside, in a short paragraph."""
    kept = run.ledger["contributions"]
    read = (f"A machine read every contribution and can be wrong about any of them. It mapped {kept['mapped']:,}, was not sure enough about "
            f"{kept['abstained']:,} and found {kept['outside']:,} outside the questions that were asked.")
    return words.say(read, _precision(run), _set_aside(kept), words.behind("Why, and which", "section/01-contributions"))


def _precision(run) -> str | None:
    """How often the codes shown here are right, at worst and at best, where that was measured."""
    scores = [score for one in (codes.codes_of(run, "questions"), codes.codes_of(run, "barriers")) for code in one.to_dict("records")
              if (score := codes.score_of(run, code["dimension"], code["code"]))]
    if not scores:
        return None
    low, high = (round(10 * pick(one["precision"] for one in scores)) for pick in (min, max))
    return f"Tested against people, what it puts under one of these headings belongs there {low if low == high else f'{low} to {high}'} times in 10."


def _set_aside(counts: dict) -> str:
    if not counts["set_aside"]:
        return f"All {counts['read']:,} records were analysed; nothing was set aside."
    reason, most = max(counts["set_aside_by_reason"].items(), key=lambda pair: (pair[1], pair[0]))
    return f"Of {counts['read']:,} records, {counts['set_aside']:,} were set aside, {'all of them' if most == counts['set_aside'] else f'most often ({most:,} times)'} as “{reason}”."


def read_next() -> words.Words:
    """Where to go on, as links inside the pack."""
    places = [("03-three-questions", "What people said on each of the three questions"), ("04-four-barriers", "Which barriers they name, and what they propose"),
              ("05-beyond-the-framework", "What the questions missed"), ("07-how-sure", "How sure this is, and how to have a contribution removed")]
    return words.Words("<ul class='beside'>" + "".join(f"<li>{words.behind(text, 'section/' + slug)}</li>" for slug, text in places) + "</ul>")
