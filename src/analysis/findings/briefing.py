"""One screen: what was heard, how sure that is, what to read next."""

from __future__ import annotations

import pandas as pd

from analysis import words
from analysis.findings import codes, landscape
from analysis.findings.counts import SMALLEST_CELL, counted, joined, messages, people, people_in_words


def answer(run) -> words.Words:
    """What was heard, in two sentences."""
    kept = run.contributions
    table = codes.counts(run, codes.codes_of(run, "barriers"))
    themes = landscape.broad(run)
    heard = f"{people_in_words(people(kept)).capitalize()} sent {counted(len(kept), 'contribution')}, which hold {counted(messages(kept), 'distinct message')}."
    parts = []
    if len(table) and table["messages"].max() > 0:
        parts.append(f"the barrier they name most is “{table['label'].iloc[0]}”, by {table['people'].iloc[0]}")
    themes = themes[themes["grade"] != "do not quote"].reset_index(drop=True)
    if len(themes):
        parts.append(f"the largest theme that is firm enough to be quoted is “{themes['name'].iloc[0]}” ({themes['people'].iloc[0]})")
    if not parts:
        return words.answer(heard, "There are too few of them to say what was said most.")
    said = "; ".join(parts)
    return words.answer(heard, said[0].upper() + said[1:] + ".")


def set_aside(run) -> words.Words:
    """What was not analysed, in one sentence."""
    counts = run.ledger["contributions"]
    if not counts["set_aside"]:
        return words.say(f"All {counts['read']:,} records were analysed; nothing was set aside.")
    reasons = sorted(counts["set_aside_by_reason"].items(), key=lambda pair: (-pair[1], pair[0]))
    named = joined([f"{reason} ({count:,})" for reason, count in reasons[:6]])
    return words.say(f"Of {counts['read']:,} records, {counts['set_aside']:,} were set aside: {named}.")


def heard(run) -> words.Words:
    """The questions and barriers in one table: how many, how sure, and a voice for each."""
    rows = []
    for dimension, kind in (("questions", "Question"), ("barriers", "Barrier")):
        for one in codes.counts(run, codes.codes_of(run, dimension)).to_dict("records"):
            voice = landscape.typical(run, codes.assigned(run, dimension, one["code"]), by="probability", how_many=1)
            said = f"“{words.shortened(voice['text'].iloc[0], 160)}”" if len(voice) else ""
            rows.append((f"{kind}: {one['label']}", one["shown"], one["people"], said))
    return words.table(pd.DataFrame(rows, columns=["On", "Distinct messages", "People", "One voice"]), caption="What was heard, by question and barrier")


def largest_themes(run) -> words.Words:
    """The five largest themes with their grades."""
    themes = landscape.broad(run).head(5)
    if themes.empty:
        return words.say(landscape.NONE)
    rows = pd.DataFrame({"Theme": themes["name"], "People": themes["people"],
                         "Passages": [words.behind(f"{int(n):,}", f"themes/{t}") for n, t in zip(themes["passages"], themes["theme_id"])],
                         "How firm": themes["grade"]})
    return words.table(rows, caption="The largest themes that nobody chose beforehand")


def how_sure(run) -> words.Words:
    """What stands firm and what does not, in a short paragraph."""
    kept, firm = run.ledger["contributions"], int((landscape.broad(run)["grade"] == "firm").sum())
    total = len(landscape.broad(run))
    themes = f"{firm:,} of {counted(total, 'broad theme')} {'comes' if firm == 1 else 'come'} back in nearly every repeated analysis." if total else "No themes were looked for."
    return words.say(f"A machine read every contribution; it mapped {kept['mapped']:,}, was not sure enough about {kept['abstained']:,} and found {kept['outside']:,} "
                     f"outside the questions that were asked. {themes} Groups of fewer than {SMALLEST_CELL} people are not counted out.")


def read_next() -> words.Words:
    """Where to go on, as links inside the pack."""
    places = [("03-three-questions", "What people said on each of the three questions"), ("04-four-barriers", "Which barriers they name, and what they propose"),
              ("05-beyond-the-framework", "What the questions missed"), ("07-how-sure", "How sure this is, and how to have a contribution removed")]
    return words.Words("<ul>" + "".join(f"<li>{words.behind(text, 'section/' + slug)}</li>" for slug, text in places) + "</ul>")
