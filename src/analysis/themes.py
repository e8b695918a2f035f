"""Themes nobody chose beforehand: found, named, quoted, and tested for whether they hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from analysis import unplaced
from analysis.campaigns import CAMPAIGN_COPIES, equal_messages, near_messages
from analysis.clustering import smallest_dense
from analysis.consensus import GROUPINGS, MOST_IN_NONE, Sizes, fit
from analysis.embedding import Encoder
from analysis.neighbours import Neighbours, find_neighbours, restrict
from analysis.portraits import QUOTES, THEMES, Groups, portray
from analysis.reduction import REDUCED, REDUCED_NEIGHBOURS, averaged, layout
from analysis.sampling import VOTERS, adopted, fitted_rows, spread, standing_for_others
from analysis.stability import draw_samples, refit, stabilities, steadiest

MEMBERSHIP = {"passage_id": "str", "theme_id": "str", "strength": "float64", "x": "float64", "y": "float64", "reason": "str"}
# Below this many different messages a "theme" would be three or four people; sixty passages may hold a few copies.
FEWEST_MESSAGES = 50
# A panel holds six to twelve themes in mind. Ten from about 800 messages on; 300 messages fill six, 60 three.
BROAD_PER_ROOT, MOST_BROAD, FEWEST_BROAD = 0.35, 10, 3
# Of so many fewer and more broad themes, the number that comes back most steadily is shown: eight to twelve at most. Finer ones
# are tried in these multiples of the usual number.
TRIED, FINE_TRIED = 2, (1.0, 0.85, 1.2)
# The old rule of thumb for the number of groups, the root of half the rows (Mardia, Kent and Bibby 1979): 15 for 470 messages, 47 for
# 4,464. There, more were hardly purer and came back less often; a third fewer were less pure.
FINE_SHARE = 0.5
# In a refit 80 % of these are left: enough for the 30 that dense places are looked for with.
KEPT_NEIGHBOURS = 3 * REDUCED_NEIGHBOURS // 2
# Copies are taken out after the graph is made; this many places are spare for them.
SPARE_NEIGHBOURS = 5
# Comparing each text with every other takes minutes for these, and a hundred times as long for ten times as many.
COMPARED_AT_MOST = 100_000

Track = Callable[[Iterable, str, int], Iterable]


@dataclass(frozen=True)
class Themes:
    """Themes, each passage's place in them, people's words, and the settings that made them.

    ``themes``: theme_id, parent_id (NA for a broad theme), name, keywords, passages, contributors, stability,
    grade, level. ``membership``: passage_id, theme_id (the finest; NA for none), strength (0 to 1), x, y (for drawing
    only), reason (why it is in none). ``quotes``: theme_id, passage_id, start, end (in the contribution's text), text, sha256, rank.
    ``message_of``: for every passage_id the first passage_id of the same message, near-identical copies included.
    """

    themes: pd.DataFrame
    membership: pd.DataFrame
    quotes: pd.DataFrame
    settings: dict
    message_of: pd.Series


def find_themes(vectors: np.ndarray, passages: pd.DataFrame, *, seed: int = 7, refits: int = 30, encoder: Encoder | None = None,
                previous: tuple[pd.DataFrame, pd.DataFrame] | None = None, track: Track | None = None) -> Themes:
    """Group passages into themes on two levels; name, quote and grade them.

    ``vectors`` is (n, dimensions) float32 of length 1, rows aligned with ``passages``. ``refits`` fits on 80 %
    of the messages say how firm each theme is; with 0 it is not measured. With the ``encoder`` that made the vectors, names are also
    chosen by what they mean. ``previous`` is the ``(themes, membership)`` of an earlier run, whose ids and names go on where a theme goes on. What
    says nothing, or is in a language that the encoder does not read, takes no part. The order of the rows does not matter;
    ``membership`` has them in the order given. Raises ``ValueError`` when the lengths differ.
    """
    found = messages_of(vectors, passages)
    enough = found.taking_part.sum() >= FEWEST_MESSAGES
    candidates = np.flatnonzero(found.taking_part) if enough else np.arange(len(found.first))
    rows = candidates[fitted_rows(len(candidates), seed=seed)]
    of_all = found.of_messages
    fitted, neighbours = of_all[rows], found.neighbours
    if len(rows) < len(candidates):
        fitted = standing_for_others(of_all, rows, neighbours)
        neighbours = find_neighbours(fitted, k=KEPT_NEIGHBOURS)
    elif len(rows) < len(of_all):
        neighbours = restrict(neighbours, rows, of_all, k=KEPT_NEIGHBOURS) if neighbours else find_neighbours(fitted, k=KEPT_NEIGHBOURS)
    settings = _settings(len(passages), len(rows) if enough else int(found.taking_part.sum()), seed=seed, refits=refits) | _sample_of(len(candidates), len(rows))
    places = layout(fitted, neighbours, seed=seed)
    groups = _groups(fitted, neighbours, settings | _as_before(previous), track or _untracked) if enough else None
    if enough:  # thirty people's words are not left out of every theme because their one message is among the odder ones
        groups = adopted(groups, neighbours, rows=np.flatnonzero(np.bincount(found.message)[rows] >= CAMPAIGN_COPIES))
    if enough and len(rows) < len(of_all):
        groups, places = spread(groups, places, of_all, fitted, rows=rows)
    return shown(found, groups, places, settings=settings, previous=previous, encoder=encoder)


@dataclass(frozen=True)
class Messages:
    """Passages and their vectors in the one order that everything is computed in, and what is the same message.

    ``order``: the given row of every passage; ``why``: why a passage takes no part, or NA; ``first``: the first passage of every distinct
    message; ``message``: every passage's message; ``neighbours``: the messages' graph, or None where there are too many.
    """

    order: np.ndarray
    passages: pd.DataFrame
    vectors: np.ndarray
    why: pd.Series
    first: np.ndarray
    message: np.ndarray
    neighbours: Neighbours | None

    @property
    def of_messages(self) -> np.ndarray:
        """The vector of every message; not a copy where no message repeats another."""
        return self.vectors if len(self.first) == len(self.vectors) else self.vectors[self.first]

    @cached_property
    def taking_part(self) -> np.ndarray:
        """For every message whether any of its passages can be placed."""
        return np.bincount(self.message, weights=self.why.isna(), minlength=len(self.first)) > 0


def messages_of(vectors: np.ndarray, passages: pd.DataFrame) -> Messages:
    """The distinct messages among passages. Raises ``ValueError`` when there is not one vector for each."""
    if len(vectors) != len(passages):
        raise ValueError(f"{len(vectors)} vectors for {len(passages)} passages; there must be one each. No themes were looked for.")
    order = np.argsort(passages["passage_id"].to_numpy(dtype=object).astype(str), kind="stable")
    ordered = passages.iloc[order].reset_index(drop=True)
    vectors = np.asarray(vectors, dtype=np.float32)
    if (np.diff(order) != 1).any():  # of a million vectors a copy is 1.5 GB
        vectors = vectors[order]
    vectors = np.ascontiguousarray(vectors)
    return Messages(order, ordered, vectors, unplaced.reasons(ordered), *_distinct(vectors, ordered["text"].tolist()))


def shown(found: Messages, groups: Groups | None, places: np.ndarray, *, settings: dict,
          previous: tuple[pd.DataFrame, pd.DataFrame] | None = None, encoder: Encoder | None = None) -> Themes:
    """Themes as people see them, from the groups of distinct messages (None: too few for any) and their places (messages, 2) on the map."""
    ordered, message = found.passages, found.message
    if groups is None:
        themes, finest, quotes = _nothing(len(ordered))
        strength = np.zeros(len(ordered))
    else:
        groups = _of_passages(groups, message, found.taking_part)
        themes, finest, quotes = portray(ordered, found.vectors, groups, previous=previous, encoder=encoder)
        strength = np.round(groups.strength, 4)
    why = found.why.fillna(unplaced.TOO_FEW if groups is None else unplaced.RESEMBLES_NONE).where(finest.isna().to_numpy())
    places = places[message]
    membership = pd.DataFrame({"passage_id": ordered["passage_id"], "theme_id": finest, "strength": strength,
                               "x": places[:, 0], "y": places[:, 1], "reason": why}).astype(MEMBERSHIP)
    in_given_order = membership.iloc[np.argsort(found.order, kind="stable")].reset_index(drop=True)
    ids = ordered["passage_id"].to_numpy()
    return Themes(themes, in_given_order, quotes, settings | _outcome(themes, membership), pd.Series(ids[found.first[message]], index=ids, dtype="str"))


def _distinct(vectors: np.ndarray, texts: list[str]) -> tuple[np.ndarray, np.ndarray, Neighbours | None]:
    """First passages of the distinct messages, the message of every passage, and the messages' neighbour graph.

    Beyond ``COMPARED_AT_MOST`` texts only equal ones are one message, and there is no graph of all.
    """
    equal = equal_messages(texts)
    rows = np.unique(equal)
    if len(rows) > COMPARED_AT_MOST:
        return rows, np.searchsorted(rows, equal), None
    of_equal = vectors if len(rows) == len(vectors) else vectors[rows]
    graph = find_neighbours(of_equal, k=KEPT_NEIGHBOURS + SPARE_NEIGHBOURS)
    near = near_messages([texts[row] for row in rows], graph)
    kept = np.unique(near)
    graph = restrict(graph, kept, of_equal, k=KEPT_NEIGHBOURS)
    message = np.searchsorted(kept, near[np.searchsorted(rows, equal)])
    return rows[kept], message, graph


def _settings(passages: int, messages: int, *, seed: int, refits: int) -> dict:
    """The numbers of themes to look for, and in plain words why these."""
    settings = {"seed": seed, "refits": refits, "passages": passages, "distinct_messages": messages}
    if messages < FEWEST_MESSAGES:
        return settings | {"reason": f"Too few for themes: {messages} different messages, and at least {FEWEST_MESSAGES} are needed."}
    broad = int(np.clip(round(BROAD_PER_ROOT * messages ** 0.5), FEWEST_BROAD, MOST_BROAD))
    fine = max(broad, round((FINE_SHARE * messages) ** 0.5))
    return settings | {
        "broad_groups": broad, "fine_groups": fine, "fine_tried": [round(share * fine) for share in FINE_TRIED], "averaged_neighbours": averaged(messages), "groupings": GROUPINGS, "in_none_at_most": MOST_IN_NONE,
        "smallest_dense_place": smallest_dense(messages), "reduced_dimensions": REDUCED, "umap_neighbours": REDUCED_NEIGHBOURS,
        "reason": f"{messages} different messages: finer themes, about {fine}, grow from dense places of at least {smallest_dense(messages)}; they "
                  f"make up about {broad} themes, as many as a reader holds in mind."}


def _sample_of(messages: int, fitted: int) -> dict:
    """What a reader must know where themes were not fitted on everything."""
    if fitted == messages:
        return {}
    compared = "" if messages <= COMPARED_AT_MOST else " Only equal texts were taken for copies, near-identical ones were not looked for."
    return {"distinct_messages": messages, "fitted_messages": fitted, "sample": (
        f"Themes were found in {fitted:,} of {messages:,} messages, drawn at random and each averaged with the {VOTERS} nearest to it; every other one is "
        f"placed where most of its {VOTERS} nearest among them are.{compared}")}


def _groups(vectors: np.ndarray, neighbours: Neighbours, settings: dict, track: Track) -> Groups:
    """Groups of distinct messages; ``message`` is their own number."""
    sizes = _sizes(settings)
    found = fit(vectors, neighbours, sizes=sizes, seed=settings["seed"])
    samples = draw_samples(len(vectors), refits=settings["refits"], seed=settings["seed"])
    again = refit(vectors, neighbours, sizes=sizes, samples=track(samples, "refits", len(samples)))
    finest = range(0, len(found.partitions), len(sizes.broad))
    chosen = steadiest([found.partitions[place].fine for place in finest], again, level="fine", choices=finest)
    within = range(chosen, chosen + len(sizes.broad))
    choice = steadiest([found.partitions[place].broad for place in within], again, level="broad", choices=within)
    shown = found.partitions[choice]
    return Groups(shown.broad, shown.fine, found.belonging[choice], np.arange(len(vectors)),
                  *(stabilities(getattr(shown, level), again, level=level, choice=choice) for level in ("broad", "fine")))


def _sizes(settings: dict) -> Sizes:
    """The numbers of themes to try, the usual one first: several only where refits can say which comes back most steadily."""
    broad, fine = settings["broad_groups"], settings["fine_groups"]
    tried = sorted(range(max(FEWEST_BROAD, broad - TRIED), broad + TRIED + 1), key=lambda size: (abs(size - broad), size))
    finer = [round(share * fine) for share in FINE_TRIED]
    if settings.get("broad_before") in tried:
        tried = [settings["broad_before"]]
    if "fine_before" in settings:
        finer = [int(np.clip(settings["fine_before"], min(finer), max(finer)))]
    return Sizes(tuple(tried), tuple(finer)) if settings["refits"] else Sizes((tried[0],), (finer[0],))


def _as_before(previous: tuple[pd.DataFrame, pd.DataFrame] | None) -> dict:
    """The earlier numbers of themes: as long as they are among those to be tried, they stay, so that themes do not jump."""
    if previous is None or not len(previous[0]):
        return {}
    themes = previous[0]
    return {"broad_before": int(themes["parent_id"].isna().sum()), "fine_before": int((~themes["theme_id"].isin(themes["parent_id"])).sum())}


def _of_passages(groups: Groups, message: np.ndarray, taking_part: np.ndarray) -> Groups:
    """Copies inherit what was found for their message; what takes no part is in no group."""
    broad, fine, strength = (np.where(taking_part, found, none) for found, none in ((groups.broad, -1), (groups.fine, -1), (groups.strength, 0.0)))
    return replace(groups, broad=broad[message], fine=fine[message], strength=strength[message], message=message)


def _nothing(n: int) -> tuple[pd.DataFrame, pd.Series, pd.DataFrame]:
    return (pd.DataFrame(columns=list(THEMES)).astype(THEMES), pd.Series(pd.NA, index=range(n), dtype="str"),
            pd.DataFrame(columns=list(QUOTES)).astype(QUOTES))


def _outcome(themes: pd.DataFrame, membership: pd.DataFrame) -> dict:
    """How many themes there are: by grade, and on each level as the range from those that hold to all that were found."""
    levels = {level: rows["grade"] for level, rows in themes.groupby("level", sort=True)}
    none = float(membership["theme_id"].isna().mean()) if len(membership) else 0.0
    return {"themes_by_grade": {level: grades.value_counts().to_dict() for level, grades in levels.items()},
            "themes_range": {level: [int(grades.isin(["firm", "tentative"]).sum()), len(grades)] for level, grades in levels.items()},
            "in_none_share": round(none, 4), "in_none_by_reason": {str(k): int(v) for k, v in membership["reason"].value_counts().sort_index().items()}}


def _untracked(items: Iterable, description: str, total: int) -> Iterable:
    return items
