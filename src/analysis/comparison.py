"""This run beside an earlier one: what became of every theme, and the passages that made the difference."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis import runs
from analysis.identity import carried_over, members_of

CHANGES = ("new", "grown", "shrunk", "split", "merged", "gone", "about the same")
NEW, GONE = "newly contributed", "no longer in the data"
# A part of a theme that is split or merged must hold this share of it, and most of it must be from there (as in MONIC,
# Spiliopoulou et al. 2006): a few passages that change sides on every run are neither.
PART, MOSTLY = 0.25, 0.5
# A theme has grown or shrunk when it has so many more or fewer passages, and by this share.
FEWEST_MORE, SHARE_MORE = 3, 0.1
THEMES = {"change": "str", "level": "str", "theme_id": "str", "name": "str", "earlier": "str", "passages_before": "int64", "passages_now": "int64",
          "people_before": "int64", "people_now": "int64", "grade_before": "str", "grade_now": "str", "came": "int64", "went": "int64"}
PASSAGES = {"change": "str", "theme_id": "str", "name": "str", "passage_id": "str", "contribution_id": "str", "moved": "str", "text": "str"}


@dataclass(frozen=True)
class Comparison:
    """What became of the themes between two runs.

    ``themes``: one row per event; ``theme_id`` and ``name`` are today's, or the earlier ones where a theme is gone or split;
    ``earlier`` names the theme or themes that it was, or for a split the themes that it is now. ``passages``: those
    that came into or left a theme, in words from where or whither. ``contributions``: how many came, went and stayed.
    """

    themes: pd.DataFrame
    passages: pd.DataFrame
    contributions: dict[str, int]


@dataclass(frozen=True)
class _Side:
    """One run: its themes by id, the passages of each (a broad theme holds those of its finer ones), and all its passages."""

    themes: pd.DataFrame
    members: dict[str, set[str]]
    passages: pd.DataFrame

    @classmethod
    def of(cls, run) -> _Side:
        return cls(run.themes.set_index("theme_id"), members_of(run.themes, run.membership), run.passages.set_index("passage_id"))

    def at(self, level: str) -> list[str]:
        return self.themes.index[self.themes["level"] == level].tolist()

    def where(self, passage: str, level: str) -> str:
        """In words, the theme of this level that a passage is in."""
        theme = next((theme for theme in self.at(level) if passage in self.members[theme]), None)
        return f"“{self.themes.at[theme, 'name']}”" if theme else "no theme"


def compare(earlier, run) -> Comparison:
    """What changed from one run to another: themes new, grown, shrunk, split, merged and gone, on both levels.

    Both are runs as from ``open_run``. Two themes are the same one when they share an id and a passage, or have a Jaccard above
    0.5 over the passages that both runs know.
    """
    old, new = _Side.of(earlier), _Side.of(run)
    rows, moves = [], []
    for level in ("theme", "sub-theme"):
        for event in _events(old, new, level):
            found = _moves(event, old, new, level)
            rows.append(_row(event, old, new, level) | {"came": sum(m["came"] for m in found), "went": sum(not m["came"] for m in found)})
            moves += found
    before, now = set(earlier.contributions["contribution_id"]), set(run.contributions["contribution_id"])
    return Comparison(_table(rows, THEMES), _table(moves, PASSAGES),
                      {"came": len(now - before), "went": len(before - now), "stayed": len(now & before)})


@dataclass(frozen=True)
class _Event:
    change: str
    before: tuple[str, ...]
    now: tuple[str, ...]


def _events(old: _Side, new: _Side, level: str) -> list[_Event]:
    """What happened to the themes of a level; every theme of either run is in at least one event."""
    before, now = old.at(level), new.at(level)
    known = set(old.passages.index) & set(new.passages.index)
    shared = {(b, n): len(old.members[b] & new.members[n]) for b in before for n in now}
    size_before = {b: max(1, len(old.members[b] & known)) for b in before}
    size_now = {n: max(1, len(new.members[n] & known)) for n in now}
    parts = {b: tuple(n for n in now if shared[b, n] >= PART * size_before[b] and shared[b, n] >= MOSTLY * size_now[n]) for b in before}
    wholes = {n: tuple(b for b in before if shared[b, n] >= PART * size_now[n] and shared[b, n] >= MOSTLY * size_before[b]) for n in now}
    events = [_Event("split", (b,), found) for b, found in parts.items() if len(found) > 1]
    events += [_Event("merged", found, (n,)) for n, found in wholes.items() if len(found) > 1]
    told_before, told_now = {b for e in events for b in e.before}, {n for e in events for n in e.now}
    same = _same([b for b in before if b not in told_before], [n for n in now if n not in told_now], old, new)
    events += [_Event(_size_change(len(old.members[b]), len(new.members[n])), (b,), (n,)) for b, n in same]
    going = {b for b, _ in same} | told_before, {n for _, n in same} | told_now
    events += [_Event("new", (), (n,)) for n in now if n not in going[1]]
    events += [_Event("gone", (b,), ()) for b in before if b not in going[0]]
    return sorted(events, key=lambda event: CHANGES.index(event.change))


def _same(before: list[str], now: list[str], old: _Side, new: _Side) -> list[tuple[str, str]]:
    """Themes that go on, by their ids, else by their passages."""
    same = [(theme, theme) for theme in now if theme in before and old.members[theme] & new.members[theme]]
    rest = [theme for theme in now if (theme, theme) not in same]
    left = old.themes.loc[[theme for theme in before if (theme, theme) not in same]].reset_index()
    places = [(passage, theme) for theme in left["theme_id"] for passage in sorted(old.members[theme])]
    membership = pd.DataFrame(places, columns=["passage_id", "theme_id"])
    both = set(old.passages.index) & set(new.passages.index)
    found = carried_over([new.members[theme] & both for theme in rest], new.themes.loc[rest, "level"].tolist(), passages=both,
                         previous=(left.assign(parent_id=None), membership))
    return same + [(identifier, rest[place]) for place, (identifier, _) in sorted(found.items())]


def _size_change(before: int, now: int) -> str:
    if abs(now - before) < max(FEWEST_MORE, SHARE_MORE * before):
        return "about the same"
    return "grown" if now > before else "shrunk"


def _row(event: _Event, old: _Side, new: _Side, level: str) -> dict:
    whole = event.change in ("split", "gone")
    own, side = (event.before[0], old) if whole else (event.now[0], new)
    others = event.now if event.change == "split" else event.before
    names = [(new if event.change == "split" else old).themes.at[theme, "name"] for theme in others]
    return {"change": event.change, "level": level, "theme_id": own, "name": side.themes.at[own, "name"], "earlier": "; ".join(names),
            "passages_before": _total(old, event.before, "passages"), "passages_now": _total(new, event.now, "passages"),
            "people_before": _total(old, event.before, "contributors"), "people_now": _total(new, event.now, "contributors"),
            "grade_before": _grades(old, event.before), "grade_now": _grades(new, event.now)}


def _total(side: _Side, themes: Iterable[str], column: str) -> int:
    return int(side.themes.loc[list(themes), column].sum())


def _grades(side: _Side, themes: Iterable[str]) -> str:
    return "; ".join(side.themes.loc[list(themes), "grade"])


def _moves(event: _Event, old: _Side, new: _Side, level: str) -> list[dict]:
    """The passages that came into the themes of an event and those that left them; for a split, who went where."""
    before = set().union(*(old.members[theme] for theme in event.before))
    now = set().union(*(new.members[theme] for theme in event.now))
    several = event.change in ("split", "merged")
    own, side = (event.before[0], old) if event.change in ("split", "gone") else (event.now[0], new)
    name = {"change": event.change, "theme_id": own, "name": side.themes.at[own, "name"]}
    came = [(p, new, True, _from(p, old, level)) for p in sorted(now - before)]
    went = [(p, old, False, _to(p, new, level)) for p in sorted(before - now)]
    stayed = [(p, new, True, _to(p, new, level) if event.change == "split" else _from(p, old, level)) for p in sorted(before & now)] if several else []
    return [{**name, "passage_id": passage, "contribution_id": where.passages.at[passage, "contribution_id"], "moved": moved,
             "text": where.passages.at[passage, "text"], "came": arrived} for passage, where, arrived, moved in [*stayed, *came, *went]]


def _from(passage: str, old: _Side, level: str) -> str:
    return f"from {old.where(passage, level)}" if passage in old.passages.index else NEW


def _to(passage: str, new: _Side, level: str) -> str:
    return f"to {new.where(passage, level)}" if passage in new.passages.index else GONE


def _table(rows: list[dict], columns: dict[str, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(columns)).astype(columns)


def save(compared: Comparison, folder: str | Path) -> Path:
    """Leave ``themes.csv``, ``passages.csv`` and ``comparison.json`` in ``folder`` and return it.

    Texts are as published, but for passages that are no longer in the data: these stay in the earlier run's folder alone.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    runs.write_table(compared.themes, folder / "themes.csv")
    texts = compared.passages["text"].where(compared.passages["moved"] != GONE, None)
    runs.write_table(compared.passages.assign(text=texts), folder / "passages.csv")
    runs.write_json({"contributions": compared.contributions, "themes": compared.themes.to_dict("records")}, folder / "comparison.json")
    return folder


def in_words(compared: Comparison, *, quoted: int = 2) -> list[str]:
    """The comparison as lines for a terminal: counts, then every change with a few of the passages that made it."""
    count = compared.contributions
    lines = [f"Contributions: {count['came']:,} came, {count['went']:,} went, {count['stayed']:,} stayed.", ""]
    for level in ("theme", "sub-theme"):
        rows = compared.themes[compared.themes["level"] == level]
        lines.append(f"{level.capitalize()}s: " + (", ".join(f"{n} {change}" for change in CHANGES if (n := int((rows['change'] == change).sum()))) or "none"))
        for row in rows[rows["change"] != "about the same"].itertuples():
            lines += _told(row, compared.passages[(compared.passages["theme_id"] == row.theme_id) & (compared.passages["change"] == row.change)].head(quoted))
        lines.append("")
    return lines


def _told(row, passages: pd.DataFrame) -> list[str]:
    whither = {"split": f", now: {row.earlier}", "merged": f", from: {row.earlier}"}.get(row.change, "")
    grade = f"{row.grade_before or 'not there'} -> {row.grade_now or 'not there'}"
    head = f"  {row.change:<8} {row.name} ({row.passages_before:,} -> {row.passages_now:,} passages, {row.people_before:,} -> {row.people_now:,} people; {grade}){whither}"
    return [head, *(f"           {passage.moved}: {_line(passage.text)}" for passage in passages.itertuples())]


def _line(text: str, longest: int = 90) -> str:
    """A text on one line of a terminal, without what would steer it."""
    line = "".join(character if character.isprintable() else " " for character in " ".join(text.split()))
    return line if len(line) <= longest else line[:longest].rsplit(" ", 1)[0] + " …"
