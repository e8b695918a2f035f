"""The contributions themselves at the end of the pack: to read, to filter, and to lead back to from every number."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field

import pandas as pd

from analysis import words
from analysis.findings.counts import SMALLEST_CELL, counted, people
from analysis.findings.landscape import NOT_HELD

ALL_UP_TO = 2_500        # contributions; a pack of more carries those that stand for each code and theme
# Characters of one contribution and contributions listed for each group: the first pair with which the page keeps within its size is taken.
# Lists are cut before words: the filter shows all of them.
FITTING = ((2_400, 60), (2_400, 30), (1_200, 30), (800, 30), (600, 30), (400, 30), (300, 30), (200, 30), (150, 20), (100, 10))
STANDING_FOR = 12        # contributions for each code and theme in a pack that cannot carry all
FILTERED = ("questions", "barriers", "aspects", "stance")
KINDS = {"questions": "Question", "barriers": "Barrier", "aspects": "Aspect", "stance": "Kind", "themes": "Theme", "these": "List",
         "chance": "Group that did not hold"}


@dataclass
class Reader:
    """Which contributions the pack carries, in which groups, under which ids."""

    shown: pd.DataFrame
    groups: dict[str, list[str]]
    labels: dict[str, str]
    complete: bool
    total: int
    places: dict[str, str] = field(default_factory=dict)
    longest: int = FITTING[0][0]
    indexed: int = FITTING[0][1]
    questions: list[str] = field(default_factory=list)
    these: dict[tuple, str] = field(default_factory=dict)
    chance: set[str] = field(default_factory=set)

    def kind(self, group: str) -> str:
        """What a group is: a theme that did not hold is not among the themes that the filter offers."""
        return "chance" if group in self.chance else group.split("/")[0]

    def place_of_contribution(self, contribution_id: str) -> str | None:
        """The id of a contribution in the file, if it is there."""
        return self.places.get(contribution_id)

    def place_of_group(self, group: str) -> str | None:
        """The id of the list of contributions behind a group such as ``barriers/procurement``."""
        return anchor(group) if group in self.groups else None

    def place_of_these(self, label: str, ids: list[str]) -> str | None:
        """The id of a list of these contributions, which is made when it is first asked for; None where the pack carries none of them."""
        within = [one for one in ids if one in self.places]
        known = self.these.setdefault((label, tuple(within)), f"these/{len(self.these) + 1}")
        if not within:
            return None
        self.groups[known], self.labels[known] = within, label
        return anchor(known)


def anchor(group: str) -> str:
    """The id of a group's list."""
    return "behind-" + re.sub(r"[^A-Za-z0-9_-]+", "-", group)


def gather(run) -> Reader:
    """Choose what to carry: everything up to 2,500 contributions, else what stands for each code and theme."""
    everything = run.contributions
    groups, labels = _groups(run)
    complete = len(everything) <= ALL_UP_TO
    if complete:
        shown = everything
    else:
        chosen = {one for ids in groups.values() for one in ids[:STANDING_FOR]}
        shown = everything[everything["contribution_id"].isin(chosen)]
    places = {one: f"k{place}" for place, one in enumerate(shown["contribution_id"], start=1)}
    within = {group: [one for one in ids if one in places] for group, ids in groups.items()}
    return Reader(shown, {g: ids for g, ids in within.items() if ids}, labels, complete, len(everything), places,
                  questions=sorted(set(shown["question"].dropna())), chance={f"themes/{one}" for one in run.themes.loc[run.themes["grade"] == NOT_HELD, "theme_id"]})


def _groups(run) -> tuple[dict[str, list[str]], dict[str, str]]:
    """Contributions by code and by theme, the surest first; groups of fewer than five people are left out."""
    codes = run.framework.codes.set_index(["dimension", "code"])["label"]
    held = run.mapping[run.mapping["assigned"] & run.mapping["dimension"].isin(FILTERED)]
    held = held.sort_values(["probability", "contribution_id"], ascending=[False, True])
    groups, labels = {}, {}
    for (dimension, code), label in codes.items():
        if dimension in FILTERED:
            ids = held.loc[(held["dimension"] == dimension) & (held["code"] == code), "contribution_id"]
            groups[f"{dimension}/{code}"], labels[f"{dimension}/{code}"] = list(dict.fromkeys(ids)), str(label)
    placed = run.membership.dropna(subset=["theme_id"]).sort_values(["strength", "passage_id"], ascending=[False, True])
    of = placed["passage_id"].map(run.passages.set_index("passage_id")["contribution_id"])
    above = placed["theme_id"].map(run.themes.set_index("theme_id")["parent_id"])
    for theme_id, name in zip(run.themes["theme_id"], run.themes["name"]):
        inside = placed["theme_id"].eq(theme_id) | above.eq(theme_id)
        groups[f"themes/{theme_id}"], labels[f"themes/{theme_id}"] = list(dict.fromkeys(of[inside])), str(name)
    known = run.contributions.set_index("contribution_id", drop=False)
    enough = {g: ids for g, ids in groups.items() if people(known.loc[known.index.intersection(ids)]) >= SMALLEST_CELL}
    return enough, labels


def section(run, reader: Reader, *, room: int) -> str:
    """The section with the filter, the index of groups, and the contributions, cut so that it fits into ``room`` bytes if it can."""
    for reader.longest, reader.indexed in FITTING:
        made = _made(run, reader)
        if len(made.encode("utf-8")) <= room:
            break
    return made


def _made(run, reader: Reader) -> str:
    return (f"<section id='contributions' aria-labelledby='contributions-title'><h2 id='contributions-title'>Read what people wrote</h2>"
            f"{_introduction(reader)}{_index(reader)}<div id='filter' hidden></div><p id='filter-says' tabindex='-1' role='status' aria-live='polite'></p>"
            f"<div id='all'>{_articles(run, reader)}</div></section>")


def _introduction(reader: Reader) -> str:
    if reader.complete:
        said = f"All {counted(reader.total, 'contribution')} that were analysed, in a fixed order, as they were written."
    else:
        said = (f"{len(reader.shown):,} of {reader.total:,} contributions: those that speak most plainly to each code and theme. "
                "All of them are in the tables of the run.")
    cut = "" if (reader.shown["text"].str.len() <= reader.longest).all() else (
        f" Long ones are cut after {reader.longest:,} characters, which is marked.")
    return (f"<p>{said}{cut} Personal details that were recognised have been taken out; formatting marks of blog posts (Markdown) are not shown. "
            f"A licence stands with those that have one; ask before you quote any other elsewhere. "
            f"Paper copies of this pack leave this section out.</p>{_questions(reader)}")


def _questions(reader: Reader) -> str:
    if not reader.questions:
        return ""
    asked = "".join(f"<li>{words.escaped(words.shortened(question, 300))}</li>" for question in reader.questions)
    return f"<p>The questions that were asked:</p><ol>{asked}</ol>"


def _index(reader: Reader) -> str:
    lines = []
    for group, ids in reader.groups.items():
        numbers = " ".join(f"<a href=#{reader.places[one]}>{reader.places[one][1:]}</a>" for one in ids[: reader.indexed])
        numbers += f" and {len(ids) - reader.indexed:,} more, by the filter" if len(ids) > reader.indexed else ""
        kind = KINDS[reader.kind(group)]
        label = words.escaped(reader.labels[group])
        lines.append(f"<li id='{anchor(group)}' data-group='{reader.kind(group)}' data-label='{kind}: {label}' tabindex='-1'>"
                     f"<strong>{kind}: {label}</strong> ({len(ids):,}) <span class='numbers'>{numbers}</span></li>")
    return "" if not lines else (f"<details id='index'><summary>Index: the contributions behind each number</summary><ul>{''.join(lines)}</ul></details>")


def _articles(run, reader: Reader) -> str:
    of: dict[str, list[str]] = {}
    for place, (group, ids) in enumerate(reader.groups.items()):
        for one in ids:
            of.setdefault(one, []).append(str(place))
    return "".join(_article(row, reader, of.get(row["contribution_id"], [])) for row in reader.shown.to_dict("records"))


def _article(row: dict, reader: Reader, groups: list[str]) -> str:
    """As few characters as a contribution can do with: there may be thousands in a file that is mailed."""
    place = reader.places[row["contribution_id"]]
    text = words.as_read(row)
    cut = "" if len(text) <= reader.longest else f" <em>[cut here{'; the whole is at its source' if words.safe_address(row.get('url')) else ''}]</em>"
    language = words.language(row["lang"]) if row["lang"] != "en" else ""
    return (f"<article id={place} data-g=\"{' '.join(groups)}|{words.escaped(row['source'])}\"><p dir=auto{language}>"
            f"{html.escape(text[:reader.longest], quote=False)}{cut}<p>{place[1:]} · {_said_by(row, reader)}</article>")


def _said_by(row: dict, reader: Reader) -> str:
    url, source = words.safe_address(row.get("url")), words.SOURCES.get(row.get("source"), "Source")
    parts = [words.escaped(row.get("contributor")) or "unnamed", f"<a href=\"{words.escaped(url)}\">{source}</a>" if url else source]
    if not words.is_missing(row.get("question")):
        parts.append(f"answers question {reader.questions.index(row['question']) + 1}")
    if not words.is_missing(row["created_at"]):
        parts.append(f"{row['created_at'].day} {row['created_at']:%b %Y}")
    if not words.is_missing(row["duplicate_of"]):
        parts.append("copy of an earlier message")
    if not words.is_missing(row.get("permission")) or not words.is_missing(row.get("licence")):
        parts.append(words.permission(row))
    return " · ".join(parts)
