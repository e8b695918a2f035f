"""Groups of passages to tables: each theme's id, name, keywords, counts, grade and quotes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis import languages
from analysis.campaigns import CAMPAIGN_COPIES
from analysis.description import CAMPAIGN_NOTE, MOSTLY, PERSON_NOTE, Description, Meaning, describe, joint_name, still_said, without_note
from analysis.embedding import Encoder, encoded
from analysis.identity import carried_over, theme_id
from analysis.phrases import Words, read_words
from analysis.quotes import choose_quotes
from analysis.stability import grade

THEMES = {"theme_id": "str", "parent_id": "str", "name": "str", "keywords": "str", "passages": "int64",
          "contributors": "int64", "stability": "float64", "grade": "str", "level": "str"}
QUOTES = {"theme_id": "str", "passage_id": "str", "start": "int64", "end": "int64", "text": "str", "sha256": "str", "rank": "int64"}
BROAD, FINE = "theme", "sub-theme"
# With two contributors, nearly every theme is mostly one person's; saying so would say nothing.
FEWEST_PEOPLE = 3
# A smaller part than this does not lend its name to the broad theme: seven passages on bins do not make 84 on bins.
LENDS = 0.25
# Names need no more messages of one theme than these, and finding what they speak of takes a millisecond each.
READ_AT_MOST = 300

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
            previous: Tables | None = None, encoder: Encoder | None = None) -> tuple[pd.DataFrame, pd.Series, pd.DataFrame]:
    """The tables of themes and quotes, and the finest theme's id for every passage (NA for none).

    ``passages`` and ``vectors`` are aligned. ``previous`` is ``(themes, membership)`` of an earlier run: a theme that goes
    on keeps its id, and its name as long as people still say it. With the ``encoder`` names are also chosen by meaning.
    """
    themes = _themes(passages, groups, previous, _meaning(vectors, encoder))
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


def _meaning(vectors: np.ndarray, encoder: Encoder | None) -> Meaning | None:
    return encoder and Meaning(lambda phrases: encoded(pd.Series(list(phrases), dtype="str"), encoder=encoder), vectors)


def _themes(passages: pd.DataFrame, groups: Groups, previous: Tables | None, meaning: Meaning | None) -> list[_Theme]:
    """Broad themes, then the finer ones of those that have more than one."""
    broad = [np.flatnonzero(groups.broad == label) for label in range(len(groups.broad_stability))]
    parts = [(label, int(groups.broad[rows[0]])) for label in range(len(groups.fine_stability))
             if len(rows := np.flatnonzero(groups.fine == label))]
    several = {parent for _, parent in parts if sum(other == parent for _, other in parts) > 1}
    parts = [(label, parent) for label, parent in parts if parent in several]
    drafts = [(BROAD, rows, None, groups.broad_stability[label]) for label, rows in enumerate(broad)]
    drafts += [(FINE, np.flatnonzero(groups.fine == label), parent, groups.fine_stability[label]) for label, parent in parts]
    described = _Descriptions(passages, groups, drafts, meaning).all(previous)
    return [_Theme(*draft, description) for draft, description in zip(drafts, described, strict=True)]


class _Descriptions:
    """Names and keywords from distinct messages only: copies make no word more typical."""

    def __init__(self, passages: pd.DataFrame, groups: Groups, drafts: list, meaning: Meaning | None):
        self.passages, self.drafts = passages, drafts
        self.first = _read_rows(groups)
        self.sizes = [len(np.unique(groups.message[rows])) for _, rows, *_ in drafts]  # copies lend a part no weight
        one_each = passages.iloc[self.first]
        writers = one_each["contributor"].where(one_each["contributor"].notna(), one_each["contribution_id"])
        english = one_each["lang"].fillna("en").isin(languages.ENGLISH) if "lang" in one_each else [True] * len(one_each)
        self.words = read_words(one_each["text"].tolist(), writers.tolist(), english=list(english))
        self.meaning = meaning and Meaning(meaning.embed, meaning.vectors[self.first])

    def all(self, previous: Tables | None) -> list[Description]:
        """Finer themes first: a broad one is called after the largest of its parts, where that says enough."""
        kept = _earlier_names(self.passages, self.drafts, self.words, self.first, previous)
        taken = {name.casefold() for name in kept.values()}
        found: dict[int, Description] = {}
        for level in (FINE, BROAD):
            places = [place for place, draft in enumerate(self.drafts) if draft[0] == level]
            given = {number: kept.get(place) or self._joint(place, found, taken) for number, place in enumerate(places)}
            labels = np.full(len(self.passages), -1)
            for number, place in enumerate(places):
                labels[self.drafts[place][1]] = number
            described = describe(self.words, labels[self.first], meaning=self.meaning, given={n: name for n, name in given.items() if name}, taken=taken)
            taken |= {one.name.casefold() for one in described}
            found |= dict(zip(places, described, strict=True))
        return [found[place] for place in range(len(self.drafts))]

    def _joint(self, place: int, found: dict[int, Description], taken: set[str]) -> str | None:
        least = LENDS * self.sizes[place]
        parts = [other for other, draft in enumerate(self.drafts) if draft[2] == place and self.sizes[other] >= least]
        if len(parts) == 1 and self.sizes[parts[0]] < 2 * least:
            return None
        name = joint_name([found[part] for part in sorted(parts, key=lambda part: (-self.sizes[part], part))], taken) if parts else None
        taken |= {name.casefold()} if name else set()
        return name


def _read_rows(groups: Groups) -> np.ndarray:
    """The first placed passage of every distinct message in a theme; of very large themes every second, third, ... message."""
    placed = np.flatnonzero(groups.broad >= 0)
    first = placed[np.unique(groups.message[placed], return_index=True)[1]]
    chosen = []
    for theme in np.unique(np.stack([groups.broad[first], groups.fine[first]]), axis=1).T:  # some of a broad theme's are in none of its parts
        rows = first[(groups.broad[first] == theme[0]) & (groups.fine[first] == theme[1])]
        chosen.append(rows[:: -(-len(rows) // READ_AT_MOST) or 1])
    return np.sort(np.concatenate(chosen)) if chosen else first[:0]


def _earlier_names(passages: pd.DataFrame, drafts: list, words: Words, first: np.ndarray, previous: Tables | None) -> dict[int, str]:
    names = {}
    for place, (_, name) in _goes_on(passages, [draft[:2] for draft in drafts], previous).items():
        plain = without_note(name)
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
    """What a name must admit: that most of the theme is one campaign's or one person's."""
    copies = np.unique(groups.message[theme.rows], return_counts=True)[1].max()
    if copies >= max(CAMPAIGN_COPIES, MOSTLY * len(theme.rows)):
        return CAMPAIGN_NOTE
    people = passages["contributor"].iloc[theme.rows].value_counts()
    alone = len(people) and people.iloc[0] > MOSTLY * len(theme.rows)
    return PERSON_NOTE if alone and passages["contributor"].nunique() >= FEWEST_PEOPLE else ""


def _in_reading_order(themes: pd.DataFrame) -> pd.DataFrame:
    """Largest broad theme first, its parts below it."""
    top = themes["parent_id"].fillna(themes["theme_id"])
    size = top.map(themes.set_index("theme_id")["passages"])
    keys = pd.DataFrame({"size": -size, "top": top, "part": themes["parent_id"].notna(), "own": -themes["passages"], "id": themes["theme_id"]})
    return themes.loc[keys.sort_values(list(keys.columns)).index].reset_index(drop=True)
