"""Who spoke, through which channel, when, and what was set aside."""

from __future__ import annotations

import pandas as pd

from analysis import words
from analysis.findings.counts import Finding, busiest, counted, joined, messages, people, people_in_words, share_in_words, speakers
from analysis.languages import name_of
from analysis.register import WITHDRAWN

LOUDEST = 5
NAMES = {"bluesky": "Bluesky", "survey": "Survey", "post": "Blog posts", "page": "Web pages", "feed": "Feeds", "table": "Tables"}
SPOKEN = NAMES | {"survey": "the survey", "post": "blog posts", "page": "web pages", "feed": "feeds", "table": "tables"}   # within a sentence
WITHIN = {"bluesky": "on Bluesky", "survey": "in the survey", "post": "in blog posts", "page": "on web pages", "feed": "in feeds", "table": "in tables"}
DETAILS = {"email": ("e-mail address", "e-mail addresses"), "phone": ("phone number",), "postcode": ("postcode",), "handle": ("handle",),
           "national_insurance": ("National Insurance number",), "nhs_number": ("NHS number",)}
EXPECTED = [  # the user groups that the essay names, the code of what is said about them, and why an open call may not reach them
    ("Members of the public", "public", "An open call in a professional network may reach few of them."),
    ("Businesses and charities", "businesses_charities", "Small ones may not answer without being asked."),
    ("Public sector workers", "public_sector_workers", "Likely to hear of a call that goes round among them."),
    ("Intermediaries", "intermediaries", "Carers, librarians, advisers, receptionists: few of them take part in calls like this one as what they are."),
    ("Developers", "developers", "Likely to hear of a call that goes round online."),
    ("Those who hold to account", "accountability", "Auditors, parliamentarians, researchers, campaigners: few people, used to being heard."),
    ("People who do not use digital services", "", "Cannot be heard through a digital channel at all."),
]


def answer(run) -> words.Words:
    """Who was heard, in two sentences."""
    kept, aside = run.contributions, run.set_aside
    by = joined([SPOKEN.get(source, source) for source in kept["source"].dropna().unique()]) or "no channel"
    return words.answer(
        f"{counted(len(kept), 'contribution').capitalize()} from {people_in_words(people(kept))} were analysed, through {by}.",
        f"They hold {counted(messages(kept), 'distinct message')}; {counted(len(aside), 'record')} were set aside, with reasons below.")


def set_aside(run) -> words.Words:
    """What was not analysed, by reason, and how many contributions were withdrawn since the last run."""
    reasons = run.ledger["contributions"]["set_aside_by_reason"]
    table = pd.DataFrame({"Reason": list(reasons), "Records": list(reasons.values())})
    return (withdrawn(run) + words.table(table.sort_values("Records", ascending=False, kind="stable").astype({"Records": object}), caption="Set aside, by reason")
            + redacted(run))


def redacted(run) -> words.Words:
    """How many personal details were taken out, by kind."""
    found = run.ledger.get("redacted", {})
    if found is None:
        return words.say("Personal details were not looked for in this run; do not pass these pages on.")
    parts = [counted(found[kind], *name) for kind, name in DETAILS.items() if found.get(kind)]
    return words.say(f"Before anything was read further, {joined(parts)} {'was' if sum(found.values()) == 1 else 'were'} taken out and a placeholder put "
                     "in each place. What describes a person without naming one stays.") if parts else words.Words("")


def withdrawn(run) -> words.Words:
    """How many contributions were withdrawn, since the last run and in all."""
    since, in_all = run.ledger.get("withdrawn_since_last_run", 0), run.ledger["contributions"]["set_aside_by_reason"].get(WITHDRAWN, 0)
    if not in_all and not since:
        return words.say("No contribution was withdrawn.")
    verb = "was" if since == 1 else "were"
    return words.say(f"Since the last run {counted(since, 'contribution')} {verb} withdrawn" + (f", {in_all:,} in all. " if in_all > since else ". ")
                     + "What was withdrawn is in none of these pages and tables.")


def three_counts(run) -> words.Words:
    """Contributions, people and distinct messages beside each other."""
    kept = run.contributions
    unnamed = int(kept["contributor"].isna().sum())
    rows = pd.DataFrame({
        "Count": ["Contributions", "People", "Distinct messages"],
        "How many": [len(kept), people(kept), messages(kept)],
        "What is counted": ["Everything that was submitted and analysed",
                            "Contributors, by pseudonym" + (f"; {counted(unnamed, 'contribution')} without a name counted as a person each" if unnamed else ""),
                            "Contributions, with copies and near copies of a message counted once"]})
    return words.table(rows.astype({"How many": object}), caption="Three ways to count")


def languages(run) -> words.Words:
    """In which languages passages are, and which of them the encoder places less reliably."""
    told = run.ledger.get("languages") or {}
    by, less = told.get("passages") or {}, told.get("less_reliably_placed", 0)
    parts = [f"{count:,} in {name_of(lang)}" for lang, count in by.items()]
    said = f"Of {counted(sum(by.values()), 'passage')}, {joined(parts)}." if parts else "The languages of the passages were not recorded."
    if not less:
        return words.say(said)
    which = "1 of them is" if less == 1 else f"{less:,} of them are"
    return words.say(f"{said} {which} in a language that the encoder was not trained to read: kept and counted like the others, but placed in themes "
                     "and mapped to the questions less reliably. Read them before you rely on where they stand.")


def channels(run) -> Finding:
    """Contributions and people by channel, the largest first."""
    kept = run.contributions.assign(speaker=speakers(run.contributions))
    by = kept.groupby("source")
    table = pd.DataFrame({"contributions": by.size(), "speakers": by["speaker"].nunique(), "messages": by["duplicate_of"].agg(lambda d: int(d.isna().sum()))})
    table["name"] = [NAMES.get(source, source) for source in table.index]
    table["people"] = table["speakers"].map(people_in_words)
    table = table.sort_values("contributions", ascending=False, kind="stable").reset_index()
    if len(kept) == 0:
        return Finding(table.iloc[:0], "No contribution was left to analyse.", "Nothing to draw.")
    first = table.iloc[0]
    return Finding(table, f"Most contributions came through {SPOKEN.get(first['source'], first['source'])}: {share_in_words(int(first['contributions']), len(kept))}.",
                   "Bars, one for each channel: " + "; ".join(f"{n} {c:,}" for n, c in zip(table["name"], table["contributions"])) + ".")


def over_time(run) -> Finding:
    """Contributions by day, week or month, whichever gives at most about forty columns."""
    dated = run.contributions["created_at"].dropna()
    undated = len(run.contributions) - len(dated)
    note = f" {counted(undated, 'contribution').capitalize()} carried no date." if undated else ""
    if dated.empty:
        return Finding(pd.DataFrame(columns=["period", "contributions"]), "No contribution carried a date.", "Nothing to draw.")
    days = (dated.max() - dated.min()).days
    unit, shown = ("D", "%-d %b %Y") if days <= 40 else ("W", "week of %-d %b %Y") if days <= 280 else ("M", "%b %Y")
    periods = dated.dt.tz_localize(None).dt.to_period(unit)
    counts = periods.value_counts().reindex(pd.period_range(periods.min(), periods.max(), freq=unit), fill_value=0).iloc[-60:]
    starts = [period.start_time for period in counts.index]
    table = pd.DataFrame({"period": [start.strftime(shown).lstrip("0") for start in starts], "contributions": counts.to_numpy()})
    busiest = table.loc[table["contributions"].idxmax()]
    said = (f"They arrived between {dated.min():%-d %B %Y} and {dated.max():%-d %B %Y}; the busiest {dict(D='day', W='week', M='month')[unit]} "
            f"was {_in_full(starts[int(counts.to_numpy().argmax())], unit)} with {counted(int(busiest['contributions']), 'contribution')}.{note}")
    return Finding(table, said, f"Columns over time, {len(table)} of them; the highest is {busiest['period']} with {int(busiest['contributions']):,}.")


def _in_full(start, unit: str) -> str:
    return start.strftime("%B %Y" if unit == "M" else "%-d %B %Y") if unit != "W" else f"the one of {start.strftime('%-d %B %Y')}"


def loudest(run) -> Finding:
    """The ten who spoke most, and how far about five of them account for everything."""
    kept = run.contributions
    counts = kept["contributor"].dropna().value_counts().sort_index().sort_values(ascending=False, kind="stable")
    table = counts.head(10).rename_axis("name").reset_index(name="contributions")
    if len(counts) <= LOUDEST:
        return Finding(table.iloc[:0], "Too few contributors are named to say how far the loudest account for the whole.", "Nothing to draw.")
    first = busiest(counts, LOUDEST)
    table["loudest"] = [place < first for place in range(len(table))]
    tied = f" ({first} rather than {LOUDEST}, because some wrote equally often)" if first != LOUDEST else ""
    said = (f"The {first} who spoke most{tied} account for {share_in_words(int(counts.head(first).sum()), len(kept))} of the contributions." if first
            else f"Nobody stands out: so many spoke equally often, at most {counted(int(counts.iloc[0]), 'time')}, that there are no {LOUDEST} who spoke most.")
    return Finding(table, said, "Bars for the ten who spoke most, by pseudonym, falling from "
                   f"{int(counts.iloc[0]):,} to {int(table['contributions'].iloc[-1]):,}" + ("; those who spoke most are highlighted." if first else "."))


def quieter(run) -> words.Words:
    """One contribution each by people who spoke only once."""
    kept = run.contributions
    once = kept["contributor"].map(kept["contributor"].value_counts()).eq(1) & kept["duplicate_of"].isna()
    fit = kept[once & kept["text"].str.len().between(60, 400)]
    return words.quotes(fit.iloc[:: max(1, len(fit) // 4)].head(4), heading="From people who spoke once")
