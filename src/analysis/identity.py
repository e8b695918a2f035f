"""Theme ids and names that go on from one run to the next."""

from __future__ import annotations

import pandas as pd

from analysis.provenance import text_sha256

# Of all passages that either theme holds, more than this share is in both: no other theme can claim as much.
SAME_THEME = 0.5


def theme_id(name: str, level: str) -> str:
    """An id that comes from what the theme is called, so that the same theme gets it in any run on any machine."""
    return "t-" + text_sha256(f"{level}: {name.casefold()}")[:10]


def carried_over(members: list[set[str]], levels: list[str], *, passages: set[str],
                 previous: tuple[pd.DataFrame, pd.DataFrame]) -> dict[int, tuple[str, str]]:
    """Which themes go on from an earlier run: position -> (theme_id, name).

    ``members`` holds the passage ids of every theme and ``passages`` those of the whole run; ``previous`` is the
    ``(themes, membership)`` of the earlier run. Two themes are the same when their Jaccard is above 0.5 over
    the passages that both runs know: what came or went does not count against a theme. A sub-theme that now
    stands on its own, or the reverse, keeps its id too, unless a theme of its old level claims it.
    """
    themes, membership = previous
    known = passages & set(membership["passage_id"])
    earlier = {identifier: found & known for identifier, found in members_of(themes, membership).items()}
    level_of = themes.set_index("theme_id")["level"].to_dict()
    pairs = [(level_of[identifier] != levels[place], -shared / union, place, identifier)
             for place, mine in enumerate(members) for identifier, there in earlier.items()
             if (shared := len(mine & there)) > SAME_THEME * (union := len((mine & known) | there))]
    names = themes.set_index("theme_id")["name"].astype(str).to_dict()
    goes_on: dict[int, tuple[str, str]] = {}
    for _, _, place, identifier in sorted(pairs):
        if place not in goes_on and identifier not in {taken for taken, _ in goes_on.values()}:
            goes_on[place] = (identifier, names[identifier])
    return goes_on


def members_of(themes: pd.DataFrame, membership: pd.DataFrame) -> dict[str, set[str]]:
    """Passage ids of every theme; a broad theme holds those of its sub-themes."""
    placed = membership[membership["theme_id"].notna()]
    finest = placed.groupby("theme_id")["passage_id"].agg(set).to_dict()
    members = {identifier: set(finest.get(identifier, ())) for identifier in themes["theme_id"]}
    for identifier, parent in zip(themes["theme_id"], themes["parent_id"], strict=True):
        if pd.notna(parent) and parent in members:
            members[parent] |= members[identifier]
    return members
