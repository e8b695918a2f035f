"""Themes of an earlier run gone on with: a few new messages are placed among them, and nothing is fitted again."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.embedding import Encoder
from analysis.neighbours import nearest_among
from analysis.portraits import BROAD, Groups
from analysis.runs import Run
from analysis.sampling import PLACED_BY, VOTERS, votes
from analysis.themes import Messages, Themes, messages_of, shown

# Of all messages, and of all passages, when everything was last fitted, however many runs ago that was. A refit leaves out 20 % and a theme
# is called firm if three quarters of it come back: what a fiftieth can change is far below that.
NEW_AT_MOST, GONE_AT_MOST = 0.02, 0.01


def go_on(vectors: np.ndarray, passages: pd.DataFrame, earlier: Run, *, encoder: Encoder | None = None) -> Themes | None:
    """The themes of ``earlier`` with the new messages among them; None where too much has changed, or where it had no themes.

    ``vectors`` is (n, dimensions), rows aligned with ``passages``. Every new message goes to the theme that most of its 15 nearest
    earlier ones are in, each counting by its cosine, or to none; on the map it stands between its three nearest. Themes, their
    stability and the map are those of the run in which everything was fitted; names, counts and quotes are made again. Whoever calls this
    sees to it that the code, the encoder (with which names are chosen by meaning too) and the settings are the same.
    """
    if not len(earlier.themes):
        return None
    found = messages_of(vectors, passages)
    place, gone = _places_before(found, earlier)
    changed = _changed(earlier, new=int((place < 0).sum()), gone=gone)
    if changed["new"] > NEW_AT_MOST * changed["of_messages"] or changed["gone"] > GONE_AT_MOST * changed["of_passages"]:
        return None
    groups, places = _placed(found, place, earlier)
    counts = {"passages": len(passages), "distinct_messages": len(found.first)}
    settings = {**earlier.manifest["settings"]["themes"], **counts, "gone_on": changed}
    return shown(found, groups, places, settings=settings, previous=(earlier.themes, earlier.membership), encoder=encoder)


def _places_before(found: Messages, earlier: Run) -> tuple[np.ndarray, int]:
    """For every message the row of the earlier membership that holds it, -1 for a new one; and how many passages are gone.

    A passage is the same when its id and its words are.
    """
    said = earlier.membership[["passage_id"]].merge(earlier.passages[["passage_id", "text"]], how="left", on="passage_id")
    row_of = {pair: row for row, pair in enumerate(said.itertuples(index=False, name=None))}
    rows = [row_of.get(pair, -1) for pair in found.passages[["passage_id", "text"]].itertuples(index=False, name=None)]
    place = np.full(len(found.first), -1, dtype=np.int64)
    for passage in range(len(rows) - 1, -1, -1):  # of several passages the first decides
        if rows[passage] >= 0:
            place[found.message[passage]] = rows[passage]
    return place, len(said) - len({row for row in rows if row >= 0})


def _changed(earlier: Run, *, new: int, gone: int) -> dict:
    """What is new and what is gone since everything was fitted, in numbers and in words."""
    settings = earlier.manifest["settings"]["themes"]
    before = settings.get("gone_on") or {"fitted_at": earlier.manifest["created_at"], "of_messages": settings["distinct_messages"],
                                         "of_passages": len(earlier.membership), "new": 0, "gone": 0}
    changed = {**before, "new": before["new"] + new, "gone": before["gone"] + gone}
    refits = settings["refits"]
    measured = f", their stability ({refits} of {refits} refits)" if refits else ""
    return {**changed, "in_words": (
        f"Themes{measured} and the map are those of the run of {str(changed['fitted_at'])[:10]}. Since then {changed['new']:,} messages are new "
        f"({changed['new'] / changed['of_messages']:.1%}); each is placed where most of its {VOTERS} nearest messages are. Passages that are "
        f"gone: {changed['gone']:,}.")}


def _placed(found: Messages, place: np.ndarray, earlier: Run) -> tuple[Groups, np.ndarray]:
    """Groups (messages,) and places on the map (messages, 2): the earlier ones, and those of the new messages by their nearest."""
    themes, membership = earlier.themes, earlier.membership
    number = {identifier: at for at, identifier in enumerate(themes["theme_id"])}
    theme = np.array([number.get(identifier, -1) for identifier in membership["theme_id"]], dtype=np.int64)[place]
    strength = membership["strength"].to_numpy()[place]
    points = membership[["x", "y"]].to_numpy()[place]
    new, old = np.flatnonzero(place < 0), np.flatnonzero((place >= 0) & found.taking_part)
    if len(new):
        vectors = found.vectors[found.first]
        near = nearest_among(vectors[new], vectors[old], k=min(VOTERS, len(old)))
        theme[new], strength[new] = votes(theme[old], near)
        points[new] = points[old][near.indices[:, :PLACED_BY]].mean(axis=1)
    broad_of, fine_of, stability = _levels(themes, number)
    return Groups(broad_of[theme], fine_of[theme], strength, np.arange(len(place)), *stability), points


def _levels(themes: pd.DataFrame, number: dict[str, int]) -> tuple[np.ndarray, np.ndarray, list[np.ndarray]]:
    """For every theme the broad and the finer group that it stands for (-1 for none; the last place stands for no theme), and their stability.

    A theme without parts is a broad group of one finer group, which is not shown.
    """
    above = [number.get(parent, at) for at, parent in enumerate(themes["parent_id"])]
    broad = np.flatnonzero((themes["level"] == BROAD).to_numpy())
    fine = np.array([at for at in range(len(themes)) if above[at] != at or above.count(at) == 1], dtype=np.int64)
    broad_of, fine_of = np.full((2, len(themes) + 1), -1, dtype=np.int64)
    broad_of[broad], fine_of[fine] = np.arange(len(broad)), np.arange(len(fine))
    broad_of[:-1] = broad_of[above]
    return broad_of, fine_of, [themes["stability"].to_numpy(dtype=float)[rows] for rows in (broad, fine)]
