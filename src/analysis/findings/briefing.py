"""One screen: what was heard, how sure that is, what to read next."""

from __future__ import annotations

import pandas as pd

from analysis import words
from analysis.findings import codes, landscape, voices
from analysis.findings.counts import SMALLEST_CELL, counted, joined, messages, people, people_in_words, percent

SAID = 200  # characters of a voice on a card: whole sentences rather than beginnings, where people were brief
LEADS = {"questions": [("proposal", "A proposal:")],  # two for each barrier: people differ most in what to do
         "barriers": [("problem", "A problem:"), ("proposal", "A proposal:"), ("proposal", "Another:")]}
SECTIONS = {"questions": "03-three-questions", "barriers": "04-four-barriers"}


def answer(run) -> words.Words:
    """What was heard, in three sentences at most."""
    kept = run.contributions
    table = codes.counts(run, codes.codes_of(run, "barriers"))
    themes = quotable(run)
    heard = f"{people_in_words(people(kept)).capitalize()} sent {counted(len(kept), 'contribution')}, which hold {counted(messages(kept), 'distinct message')}."
    parts = [codes.foremost(table, "The barrier they name most")] if len(table) and table["messages"].max() > 0 else []
    if len(themes):
        parts.append(f"The largest theme that comes back when the analysis is repeated is “{themes['name'].iloc[0]}” ({themes['people'].iloc[0]}).")
    return words.answer(heard, *(parts or ["There are too few of them to say what was said most."]))


def quotable(run) -> pd.DataFrame:
    """The broad themes that do not depend on chance, as far as that was measured."""
    themes = landscape.broad(run)
    return themes[themes["grade"] != "do not quote"].reset_index(drop=True)


def set_aside(run) -> words.Words:
    """What was not analysed, in one sentence."""
    counts = run.ledger["contributions"]
    if not counts["set_aside"]:
        return words.say(f"All {counts['read']:,} records were analysed; nothing was set aside.")
    reasons = sorted(counts["set_aside_by_reason"].items(), key=lambda pair: (-pair[1], pair[0]))
    rest = sum(count for _, count in reasons[6:])
    named = joined([f"{reason} ({count:,})" for reason, count in reasons[:6]] + ([f"other reasons ({rest:,})"] if rest else []))
    return words.say(f"Of {counts['read']:,} records, {counts['set_aside']:,} were set aside: {named}.")


def heard(run) -> words.Words:
    """A card for each question and barrier: how many, how sure, what is wrong and what is proposed."""
    made, used = {}, []
    for dimension in ("barriers", "questions"):  # the narrower first: what speaks to a barrier speaks to a question too, and is quoted where it says most
        listed = codes.counts(run, codes.codes_of(run, dimension)).to_dict("records")
        made[dimension] = words.cards([_card(run, dimension, one, used) for one in listed])
    return (words.Words("<h3>On the three big questions</h3>") + made["questions"]
            + words.Words("<h3>On what stands in the way</h3>") + made["barriers"])


def _card(run, dimension: str, one: dict, used: list) -> words.Words:
    """One question or barrier; nobody is quoted who was quoted on a card before."""
    name = words.behind(one["label"], f"section/{SECTIONS[dimension]}/{one['label']}")
    number = one["shown"] if one["messages"] == 0 else one["shown"] + words.Words(f" of {one['of']:,} messages{_share(one)}, by {one['people']}")
    asked = codes.codes_of(run, dimension).set_index("code")["question"].get(one["code"])
    card = words.Words(f"<p><strong>{name.html}</strong><br>{'' if words.is_missing(asked) else f'<em>{words.escaped(asked)}</em><br>'}{words.escaped(number)}</p>")
    rows = codes.assigned(run, dimension, one["code"])
    for stance, lead in LEADS[dimension]:
        before = pd.concat(used) if used else None
        short = voices.no_longer_than(run, voices.with_stance(run, rows, stance), SAID)
        voice = voices.chosen(run, short, among=rows, how_many=1, besides=before)
        used.append(voice)
        card = sum((words.voice(row, lead=lead, length=SAID) for row in voice.to_dict("records")), card)
    return card


def _share(one: dict) -> str:
    """Per cent and interval in brackets; nothing on a small base."""
    return f" ({percent(one['share'])}; 95% interval {percent(one['low'])} to {percent(one['high'])})" if one["share"] == one["share"] else ""


def largest_themes(run) -> words.Words:
    """The largest themes that may be quoted, with their grades, and how many are left out."""
    every, themes = landscape.broad(run), quotable(run)
    if every.empty:
        return words.say(landscape.NONE)
    left = len(every) - len(themes)
    note = words.say(f"{counted(left, 'broad theme').capitalize()} {'depends' if left == 1 else 'depend'} on chance and {'is' if left == 1 else 'are'} listed only",
                     words.behind("in the section on themes.", "section/02-landscape")) if left else words.Words("")
    if themes.empty:
        return note
    rows = pd.DataFrame({"Theme": themes["name"], "People": themes["people"],
                         "Passages": [words.behind(f"{int(n):,}", f"themes/{t}") for n, t in zip(themes["passages"], themes["theme_id"])],
                         "How firm": themes["grade"]}).head(5)
    return words.table(rows, caption="The largest themes that nobody chose beforehand") + note


def how_sure(run) -> words.Words:
    """What stands firm and what does not, in a short paragraph."""
    kept, firm = run.ledger["contributions"], int((landscape.broad(run)["grade"] == "firm").sum())
    total = len(landscape.broad(run))
    themes = f"{firm:,} of {counted(total, 'broad theme')} {'comes' if firm == 1 else 'come'} back in nearly every repeated analysis." if total else "No themes were looked for."
    return words.say(f"A machine read every contribution and can be wrong about any one of them. It mapped {kept['mapped']:,}, was not sure enough about {kept['abstained']:,} and found {kept['outside']:,} "
                     f"outside the questions that were asked. {themes} Groups of fewer than {SMALLEST_CELL} people are not counted out.")


def read_next() -> words.Words:
    """Where to go on, as links inside the pack."""
    places = [("03-three-questions", "What people said on each of the three questions"), ("04-four-barriers", "Which barriers they name, and what they propose"),
              ("05-beyond-the-framework", "What the questions missed"), ("07-how-sure", "How sure this is, and how to have a contribution removed")]
    return words.Words("<ul>" + "".join(f"<li>{words.behind(text, 'section/' + slug)}</li>" for slug, text in places) + "</ul>")
