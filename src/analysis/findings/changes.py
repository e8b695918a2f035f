"""This run beside an earlier one: what came, what went, what moved."""

from __future__ import annotations

import pandas as pd

from analysis import words
from analysis.comparison import CHANGES, GONE, compare
from analysis.findings import codes, landscape
from analysis.findings.counts import SMALLEST_CELL, Finding, counted, joined, messages, people, people_in_words

ALONE = "There is no earlier run to compare with, so nothing is said here about change."
NEITHER = "Nothing to compare."
STILL = "about the same"
# Broad themes whose passages are shown, ways in which these moved, and quotations for each.
SHOWN, SHOWN_MOVES, QUOTED = 4, 3, 2


def earlier_run(folder: str, run):
    """The earlier run in ``folder``; for an empty name the one that was kept beside ``run``, or None."""
    from analysis.runs import open_run, previous_of

    return open_run(folder) if folder else previous_of(run)


def answer(run, earlier) -> words.Words:
    """What came and what went, in two sentences."""
    if earlier is None:
        return words.answer(ALONE, "When more has come in and everything is read again, this section shows what became of every theme.")
    now, before = set(run.contributions["contribution_id"]), set(earlier.contributions["contribution_id"])
    events = compare(earlier, run).themes
    events = _held(events)
    broad = events.loc[(events["level"] == "theme") & (events["change"] != STILL), "change"].value_counts()
    told = joined([f"{broad[change]:,} {_verb(change, broad[change])} {change}" for change in CHANGES if change in broad]) or "none is new, grown, shrunk, split, merged or gone"
    return words.answer(f"{counted(len(now - before), 'contribution').capitalize()} came and {counted(len(before - now), 'contribution')} went since the earlier run: "
                        f"there are {len(now):,} now; there were {len(before):,}.", f"Of the broad themes, {told}.")


def _verb(change: str, count: int) -> str:
    """"1 is new", "2 have grown"."""
    if change in ("new", "gone"):
        return "is" if count == 1 else "are"
    return "has" if count == 1 else "have"


def codes_moved(run, earlier) -> Finding:
    """Distinct messages for each question and barrier, now and before."""
    if earlier is None:
        return Finding(pd.DataFrame(), NEITHER, "Nothing to draw.")
    rows = []
    for dimension in ("questions", "barriers"):
        for one in codes.codes_of(run, dimension).to_dict("records"):
            now, before = (codes.spoken_by(r, codes.assigned(r, dimension, one["code"])) for r in (run, earlier))
            if min(people(now), people(before)) >= SMALLEST_CELL:
                rows.append((one["label"], messages(now), messages(before)))
    table = pd.DataFrame(rows, columns=["name", "now", "before"])
    if table.empty:
        return Finding(table, "No code was spoken to by five people in both runs.", "Nothing to draw.")
    most = table.loc[(table["now"] - table["before"]).abs().idxmax()]
    return Finding(table, f"“{most['name']}” moved most: {most['now']:,} distinct messages now, {most['before']:,} before.",
                   "Bars: " + "; ".join(f"{a}, {b:,} now, {c:,} before" for a, b, c in table.itertuples(index=False)) + ".")


def themes_moved(run, earlier) -> words.Words:
    """What became of every theme and sub-theme; those that held in neither run are folded away."""
    if earlier is None:
        return words.say(NEITHER)
    events = compare(earlier, run).themes
    if events.empty:
        return words.say("Neither run has themes to compare.")
    holding = _held(events)
    shown = sum((_table(holding[holding["level"] == level], caption=caption) for level, caption in
                 (("theme", "Broad themes, before and now"), ("sub-theme", "Sub-themes, before and now"))), words.Words(""))
    chance = events[~events.index.isin(holding.index)]
    caption = "Groups that held in neither run"
    return shown + (words.folded(f"{caption}: {len(chance):,}", _table(chance, caption=caption)) if len(chance) else words.Words(""))


def _held(events: pd.DataFrame) -> pd.DataFrame:
    """Events of which a theme came back in at least half of the repeated analyses, before or now."""
    return events[(events["grade_before"] + "; " + events["grade_now"]).str.replace(landscape.NOT_HELD, "").str.strip("; ") != ""]


def _table(events: pd.DataFrame, *, caption: str) -> words.Words:
    return words.table(pd.DataFrame({
        "Theme": events["name"], "What became of it": [_became(event) for event in events.itertuples()],
        "People before": [_people(n) for n in events["people_before"]], "People now": [_people(n) for n in events["people_now"]],
        "How firm before": events["grade_before"].replace("", "–"), "How firm now": events["grade_now"].replace("", "–")}), caption=caption)


def _became(event) -> str:
    names = " and ".join(f"“{name}”" for name in event.earlier.split("; ") if name)
    return {"split": f"split into {names}", "merged": f"merged from {names}"}.get(event.change, event.change)


def _people(count: int) -> str:
    return people_in_words(int(count)) if count else "–"


def what_made_it(run, earlier) -> words.Words:
    """For the broad themes that changed most and were or are firm enough to be quoted, a few of the passages that came into them or left them."""
    if earlier is None:
        return words.say(NEITHER)
    compared = compare(earlier, run)
    events = compared.themes[(compared.themes["level"] == "theme") & (compared.themes["change"] != STILL)]
    events = _held(events)
    events = events.assign(moved=events["came"] + events["went"]).sort_values(["moved", "theme_id"], ascending=[False, True]).head(SHOWN)
    if events.empty:
        return words.say("No broad theme changed by more than a few passages.")
    return sum((_passages(run, compared.passages, event) for event in events.itertuples()), words.Words(""))


def _passages(run, moves: pd.DataFrame, event) -> words.Words:
    """Passages that are still in the data are quoted; for those that are not, only their number is given."""
    moves = moves[(moves["theme_id"] == event.theme_id) & (moves["change"] == event.change)]
    left = int((moves["moved"] == GONE).sum())
    shown = words.Words(f"<h3>{words.escaped(event.name)}: {words.escaped(_became(event))}</h3>")
    shown = shown + words.say(f"{counted(event.came, 'passage').capitalize()} came in and {counted(event.went, 'passage')} left"
                              f"{f', {left:,} of them because they are no longer in the data' if left else ''}.")
    moves = moves.merge(run.membership[["passage_id", "strength"]], on="passage_id")
    for moved, rows in sorted(moves.groupby("moved"), key=lambda part: (-len(part[1]), part[0]))[:SHOWN_MOVES]:
        shown = shown + words.quotes(landscape.typical(run, rows, by="strength", how_many=QUOTED), heading=moved[:1].upper() + moved[1:])
    return shown
