"""Groups of passages to tables: each theme's id, name, keywords, counts, grade and quotes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.campaigns import CAMPAIGN_COPIES
from analysis.description import CAMPAIGN_NOTE, LANGUAGE_NOTE, MOSTLY, MUCH, PERSON_NOTE, Description, Words, describe, read_words, still_said
from analysis.identity import carried_over, theme_id
from analysis.quotes import choose_quotes
from analysis.stability import grade

THEMES = {"theme_id": "str", "parent_id": "str", "name": "str", "keywords": "str", "passages": "int64",
          "contributors": "int64", "stability": "float64", "grade": "str", "level": "str"}
QUOTES = {"theme_id": "str", "passage_id": "str", "start": "int64", "end": "int64", "text": "str", "sha256": "str", "rank": "int64"}
BROAD, FINE = "theme", "sub-theme"
# With two contributors, nearly every theme is mostly one person's; saying so would say nothing.
FEWEST_PEOPLE = 3

Tables = tuple[pd.DataFrame, pd.DataFrame]


@dataclass(frozen=True)
class Groups:
    """What was found for every passage: (n,) arrays; -1 for no group.

    ``fine`` groups lie within ``broad`` ones; ``message`` is equal for copies of one message. The two arrays of stability have
    one value per group.
    """

    broad: np.ndarray
    fine: np.ndarray
    strength: np.ndarray
    message: np.ndarray
    broad_stability: np.ndarray
    fine_stability: np.ndarray


@dataclass(frozen=True)
class _Theme:
    level: str
    rows: np.ndarray
    parent: int | None
    stability: float
    description: Description


def portray(passages: pd.DataFrame, vectors: np.ndarray, groups: Groups, *,
            previous: Tables | None = None) -> tuple[pd.DataFrame, pd.Series, pd.DataFrame]:
    """The tables of themes and quotes, and the finest theme's id for every passage (NA for none).

    ``passages`` and ``vectors`` are aligned. ``previous`` is ``(themes, membership)`` of an earlier run: a theme that goes
    on keeps its id, and its name as long as people still say it.
    """
    themes = _themes(passages, groups, previous)
    ids = _ids(themes, passages, previous)
    rows = [_row(theme, passages, groups, own=ids[place], parent=None if theme.parent is None else ids[theme.parent])
            for place, theme in enumerate(themes)]
    finest = pd.Series(pd.NA, index=range(len(passages)), dtype="str")
    for theme, identifier in zip(themes, ids, strict=True):  # broad themes come first, so finer ones overwrite them
        finest.iloc[theme.rows] = identifier
    quotes = [{"theme_id": identifier, **quote} for theme, identifier in zip(themes, ids, strict=True)
              for quote in choose_quotes(passages, vectors, theme.rows, strength=groups.strength, messages=groups.message)]
    table = pd.DataFrame(rows, columns=list(THEMES)).astype(THEMES)
    return _in_reading_order(table), finest, pd.DataFrame(quotes, columns=list(QUOTES)).astype(QUOTES)


def _themes(passages: pd.DataFrame, groups: Groups, previous: Tables | None) -> list[_Theme]:
    """Broad themes, then the finer ones of those that have more than one."""
    broad = [np.flatnonzero(groups.broad == label) for label in range(len(groups.broad_stability))]
    parts = [(label, int(groups.broad[rows[0]])) for label in range(len(groups.fine_stability))
             if len(rows := np.flatnonzero(groups.fine == label))]
    several = {parent for _, parent in parts if sum(other == parent for _, other in parts) > 1}
    parts = [(label, parent) for label, parent in parts if parent in several]
    drafts = [(BROAD, rows, None, groups.broad_stability[label]) for label, rows in enumerate(broad)]
    drafts += [(FINE, np.flatnonzero(groups.fine == label), parent, groups.fine_stability[label]) for label, parent in parts]
    described = _descriptions(passages, groups, [(level, rows) for level, rows, _, _ in drafts], previous)
    return [_Theme(*draft, description) for draft, description in zip(drafts, described, strict=True)]


def _descriptions(passages: pd.DataFrame, groups: Groups, drafts: list, previous: Tables | None) -> list[Description]:
    """Names from distinct messages only: copies make no word more typical."""
    _, first = np.unique(groups.message, return_index=True)
    one_each = passages.iloc[first]
    writers = one_each["contributor"].where(one_each["contributor"].notna(), one_each["contribution_id"])
    words = read_words(one_each["text"].tolist(), writers.tolist())
    names = _earlier_names(passages, drafts, words, first, previous)
    described, taken = [], {name.casefold() for name in names.values()}
    for level in (BROAD, FINE):
        places = [place for place, (of, _) in enumerate(drafts) if of == level]
        labels = np.full(len(passages), -1)
        for number, place in enumerate(places):
            labels[drafts[place][1]] = number
        given = {number: names[place] for number, place in enumerate(places) if place in names}
        found = describe(words, labels[first], given=given, taken=taken)
        taken |= {description.name.casefold() for description in found}
        described += found
    return described


def _earlier_names(passages: pd.DataFrame, drafts: list, words: Words, first: np.ndarray, previous: Tables | None) -> dict[int, str]:
    names = {}
    for place, (_, name) in _goes_on(passages, drafts, previous).items():
        plain = name.removesuffix(CAMPAIGN_NOTE).removesuffix(PERSON_NOTE).removesuffix(LANGUAGE_NOTE)
        if still_said(plain, words, np.flatnonzero(np.isin(first, drafts[place][1]))):
            names[place] = plain
    return names


def _goes_on(passages: pd.DataFrame, drafts: list, previous: Tables | None) -> dict[int, tuple[str, str]]:
    if previous is None or not len(previous[0]):
        return {}
    everything = passages["passage_id"]
    members = [set(everything.iloc[rows]) for _, rows in drafts]
    return carried_over(members, [level for level, _ in drafts], passages=set(everything), previous=previous)


def _ids(themes: list[_Theme], passages: pd.DataFrame, previous: Tables | None) -> list[str]:
    kept = _goes_on(passages, [(theme.level, theme.rows) for theme in themes], previous)
    taken = {identifier for identifier, _ in kept.values()}
    ids = []
    for place, theme in enumerate(themes):
        name, number = theme.description.name, 1
        identifier = kept[place][0] if place in kept else theme_id(name, theme.level)
        while place not in kept and identifier in taken:
            number += 1
            identifier = theme_id(f"{name} {number}", theme.level)
        taken.add(identifier)
        ids.append(identifier)
    return ids


def _row(theme: _Theme, passages: pd.DataFrame, groups: Groups, *, own: str, parent: str | None) -> dict:
    people = passages["contributor"].iloc[theme.rows]
    return {"theme_id": own, "parent_id": parent, "name": theme.description.name + _note(theme, passages, groups),
            "keywords": ", ".join(theme.description.keywords), "passages": len(theme.rows), "contributors": people.nunique(),
            "stability": round(float(theme.stability), 4), "grade": grade(float(theme.stability)), "level": theme.level}


def _note(theme: _Theme, passages: pd.DataFrame, groups: Groups) -> str:
    """What a name must admit: that most of the theme is one campaign's or one person's, or that much of it could not be read."""
    copies = np.unique(groups.message[theme.rows], return_counts=True)[1].max()
    if copies >= max(CAMPAIGN_COPIES, MOSTLY * len(theme.rows)):
        return CAMPAIGN_NOTE
    people = passages["contributor"].iloc[theme.rows].value_counts()
    alone = len(people) and people.iloc[0] > MOSTLY * len(theme.rows)
    if alone and passages["contributor"].nunique() >= FEWEST_PEOPLE:
        return PERSON_NOTE
    return LANGUAGE_NOTE if "less_reliable" in passages and passages["less_reliable"].iloc[theme.rows].mean() >= MUCH else ""


def _in_reading_order(themes: pd.DataFrame) -> pd.DataFrame:
    """Largest broad theme first, its parts below it."""
    top = themes["parent_id"].fillna(themes["theme_id"])
    size = top.map(themes.set_index("theme_id")["passages"])
    keys = pd.DataFrame({"size": -size, "top": top, "part": themes["parent_id"].notna(), "own": -themes["passages"], "id": themes["theme_id"]})
    return themes.loc[keys.sort_values(list(keys.columns)).index].reset_index(drop=True)
