"""Who is missing: who people said they are against who was to be expected, and who is spoken about against who speaks."""

from __future__ import annotations

import pandas as pd

from analysis import words
from analysis.findings import codes
from analysis.findings.counts import SMALLEST_BASE, SMALLEST_CELL, counted, interval, joined, messages, people, people_in_words, share_in_words
from analysis.findings.people import EXPECTED, WITHIN
from analysis.reference import ATTRIBUTES, same

LABELS = {"sector": "Sector", "nation": "Nation", "organisation_size": "Size of organisation", "role": "Role"}


def against_reference(run) -> words.Words:
    """For sector, nation, size of organisation and role: who was heard, who was to be expected, and what cannot be known."""
    said, reference = _stated(run), run.manifest.get("reference") or []
    asked = [name for name in ATTRIBUTES if name in said or any(row["attribute"] == name for row in reference)]
    not_asked = [LABELS[name].lower() for name in ATTRIBUTES if name not in said]
    cannot = words.say(_where_asked(said), f"No source asks for {joined(not_asked, 'or')}, so who is missing by that cannot be known." if not_asked else None,
                       None if reference else "No reference table was given (reckons run --reference FILE), so there is nothing to hold the numbers against.")
    return sum((_one(run, name, said.get(name), [row for row in reference if row["attribute"] == name]) for name in asked), cannot)


def _where_asked(said: dict) -> str | None:
    """Which sources asked people for what about themselves."""
    told = [f"{LABELS[name].lower()} ({joined([WITHIN.get(source, source) for source in one['asked_in']])})" for name, one in said.items() if one.get("asked_in")]
    return f"What people were asked about themselves: {joined(told)}." if told else None


def by_group(run, one: dict) -> words.Words:
    """Who spoke to a code by what they said of themselves: groups of five people or more, of how many that were heard, and who was not asked."""
    told = [sentence for name, said in _stated(run).items() if (sentence := _groups(run, name, said, f"{one['dimension']}:{one['code']}"))]
    return words.say(*told) if told else words.Words("")


def _groups(run, name: str, said: dict, code: str) -> str | None:
    if "by_code" not in said:   # made by an earlier version
        return None
    silent = [WITHIN.get(source, source) for source in sorted(run.contributions["source"].dropna().unique()) if source not in said["asked_in"]]
    asked = joined([WITHIN.get(source, source) for source in said["asked_in"]])
    where = f"By {LABELS[name].lower()}, asked {asked}" + (f" and not {joined(silent, 'or')}" if silent else "")
    heard = _none_by_subtraction(said["groups"])   # where a small group is counted with another, how many either has must not be told here
    groups = [f"{group} ({count:,} of the {heard[group]:,} heard)" if group in heard else f"{group} ({count:,} people)" for group, count in said["by_code"].get(code, {}).items()]
    return f"{where}: {joined(groups)}; of the other groups too few to show." if groups else f"{where}: fewer than {SMALLEST_CELL} people of each."


def _stated(run) -> dict:
    return ((run.manifest.get("settings") or {}).get("reading") or {}).get("stated") or {}


def _one(run, name: str, said: dict | None, reference: list[dict]) -> words.Words:
    groups, base = (said or {}).get("groups", {}), sum((said or {}).get("groups", {}).values())
    groups = groups if reference else _none_by_subtraction(groups)
    unheard = [row["group"] for row in reference if not any(same(row["group"], group) for group in groups)]
    rows = [_row(group, groups.get(group, 0), base, next((row for row in reference if same(row["group"], group)), None), asked=said is not None)
            for group in [*groups, *unheard]]
    table = pd.DataFrame(rows, columns=[LABELS[name], "People heard", "Share of those who said", "Expected", "Where the expectation comes from", "Against it"])
    table = table if reference else table.iloc[:, :3]
    silent = people(run.contributions) - base
    unknown = (f"{counted(silent, 'person', 'people').capitalize()} did not say their {LABELS[name].lower()}, or came through a channel that does not ask; "
               "the shares are of those who did." if said else f"No source asks for the {LABELS[name].lower()}; the expectation stands alone.")
    return words.table(table, caption=f"{LABELS[name]}: heard and expected" if reference else f"{LABELS[name]}: who was heard, by their own word") + words.say(unknown)


def _none_by_subtraction(groups: dict[str, int]) -> dict[str, int]:
    """The groups with a single one of fewer than five people joined to the next larger: alone it would be what is missing from the whole."""
    few = [group for group, heard in groups.items() if 0 < heard < SMALLEST_CELL]
    others = {group: heard for group, heard in groups.items() if heard >= SMALLEST_CELL}
    if len(few) != 1 or not others:
        return groups
    next_larger = min(others, key=lambda group: (others[group], group))
    return {group: heard for group, heard in others.items() if group != next_larger} | {f"{next_larger}, or {few[0]}": others[next_larger] + groups[few[0]]}


def _row(group: str, heard: int, base: int, expected: dict | None, *, asked: bool) -> tuple:
    few = 0 < heard < SMALLEST_CELL
    share, low, high = interval(heard, base) if base >= SMALLEST_BASE and not few else (float("nan"),) * 3
    against = ""
    if expected is not None and share == share:
        against = "fewer than expected" if expected["expected_share"] > high else "more than expected" if expected["expected_share"] < low else "as expected"
    return (group, people_in_words(heard) if asked else "not known", share_in_words(heard, base) if share == share else "too few to say",
            f"{expected['expected_share']:.0%}" if expected else "not given", expected["source"] if expected else "", against)


def about_and_speaking(run) -> words.Words:
    """The essay's user groups: how many speak about them, and, where a source asks for roles, how many said that they are of them."""
    roles = (_stated(run).get("role") or {}).get("groups", {})
    known = set(codes.codes_of(run, "aspects")["code"])
    rows = pd.DataFrame(EXPECTED, columns=["Group", "code", "What can be expected"])
    rows.insert(1, "Spoken about", [_spoken(run, code) if code in known else "not mapped" for code in rows["code"]])
    if roles:
        rows.insert(2, "Speaking, by their own word", [people_in_words(sum(count for role, count in roles.items() if same(role, group))) for group in rows["Group"]])
    note = ("“Speaking” counts people who named that very role." if roles else
            "Whether anybody in these groups spoke for themselves cannot be known: no source asks for people’s roles. A group that is much spoken about may still not have been heard.")
    caption = "The essay’s user groups: spoken about, and speaking" if roles else "The essay’s user groups: how often they are spoken about"
    return words.table(rows.drop(columns="code"), caption=caption) + words.say(note, codes.trust(run, [one for one in codes.codes_of(run, "aspects").to_dict("records") if one["code"] in set(rows["code"])]))


def _spoken(run, code: str) -> object:
    spoken = codes.spoken_by(run, codes.assigned(run, "aspects", code))
    number = people(spoken)
    if number < SMALLEST_CELL:
        return "cannot be told: too few examples to learn from" if codes.unlearned(run, "aspects", code) else people_in_words(number)
    count, total = messages(spoken), messages(run.contributions)
    return words.behind(counted(count, "distinct message"), f"aspects/{code}") + words.Words(words.escaped(f" by {people_in_words(number)}: {share_in_words(count, total)}"))
