"""Exports of survey tools that are known: recognised by their headers, their answers told from the rest."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from analysis.sources.columns import Wish, find
from analysis.sources.source_file import UnreadableFile, quoted

FOLDER = Path(__file__).parent / "presets"
# Header rows under the first that tools are known to write.
MOST_HEADER_ROWS = 3
# An answer in one's own words: rarely said twice the same, and longer than the name of a thing.
LEAST_DISTINCT_SHARE = 0.5
LEAST_WORDS = 4
# What a column is made for to keep who answered rather than what was said. "What role should a centre have?" is none.
_PERSON = r"(?:full |first |last |preferred )?(?:name|e-?mail|organi[sz]ation|phone|telephone|mobile|post ?code|(?:e-?mail |postal )?address|job|role|age|gender|region|sector)"
_ABOUT_THE_PERSON = re.compile(rf"(?:what|which) (?:is|are) (?:the (?:name|address) of )?your {_PERSON}\b|name of your|\byour {_PERSON}(?: address| number| title)?$", re.IGNORECASE)
# The text beside a choice called "Other": "Which do you use? - Other (please specify) - Text", "4: Which do you use? - Other".
_OTHER = re.compile(r"^(?P<asked>.+?)\s+[-–:]\s+other\b[^?]{0,60}$", re.IGNORECASE)
_FEW_WORDS = re.compile(rf"\b{_PERSON}\b", re.IGNORECASE)


@dataclass(frozen=True)
class Preset:
    """How one tool exports: its columns by our names, how its ids look, and which columns hold no answers."""

    key: str
    name: str
    recognised_by: tuple[str, ...] = ()
    also_one_of: tuple[str, ...] = ()
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    id_looks_like: str = ""
    respondent: tuple[str, ...] = ()
    drop: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    not_answers: tuple[str, ...] = ()
    begins: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()


@cache
def presets() -> dict[str, Preset]:
    """All that are known, by the name under which a mapping file can ask for them."""
    import yaml

    return {path.stem: _preset(path.stem, yaml.safe_load(path.read_text(encoding="utf-8"))) for path in sorted(FOLDER.glob("*.yaml"))}


def _preset(key: str, said: dict) -> Preset:
    def several(name: str) -> tuple[str, ...]:
        value = said.get(name) or []
        return tuple([value] if isinstance(value, str) else value)

    return Preset(key, said["name"], several("recognised_by"), several("also_one_of"),
                  {name: several(name) for name in ("id", "author", "created_at", "lang") if name in said}, said.get("id_looks_like", ""),
                  several("respondent"), {column: tuple(values) for column, values in said.get("drop", {}).items()},
                  several("about_the_response"), several("about_the_response_begins"), several("about_the_response_ends"))


def recognised(header: list[str], *, wanted: str | None = None) -> Preset | None:
    """The preset that a mapping file asks for ("none" for none), else the one whose columns are all there.

    Raises ``UnreadableFile`` for a name that is not known.
    """
    if wanted == "none":
        return None
    if wanted is not None:
        if wanted not in presets():
            raise UnreadableFile(f"There is no preset {quoted(wanted)}; known are {', '.join(presets())} and none.")
        return presets()[wanted]
    return next((preset for preset in presets().values() if all(find(header, name) for name in preset.recognised_by)
                 and (not preset.also_one_of or any(find(header, name) for name in preset.also_one_of))), None)


def header_rows(preset: Preset, header: list[str], rows: Sequence[list[str]]) -> int:
    """How many of the first rows belong to the header: those before the first id that looks like one."""
    place = _place(header, preset.fields.get("id", ()))
    if place is None or not preset.id_looks_like:
        return 0
    for n, cells in enumerate(rows[:MOST_HEADER_ROWS + 1]):
        if place < len(cells) and re.fullmatch(preset.id_looks_like, cells[place].strip()):
            return n
    return 0


def wish(preset: Preset, header: list[str], wording: Mapping[str, str], rows: Sequence[list[str]]) -> Wish:
    """What the preset says about the columns of one table; ``rows`` are the responses, ``wording`` the questions in full."""
    fields = {name: found for name, choices in preset.fields.items() if (found := next((c for n in choices if (c := find(header, n))), None))}
    answers: dict[str, str | None] = {}
    for n, name in enumerate(header):
        said = [cells[n].strip() for cells in rows if n < len(cells) and cells[n].strip()]
        other = _OTHER.match(wording.get(name, "").strip() or name)
        asked = other["asked"] if other else wording.get(name, "")
        if _may_hold_answers(preset, name, asked) and (in_own_words(said) if other is None else _typed(said)):
            answers[name] = f"{asked} (other)" if other else None
    return Wish(f"preset {preset.key}", fields=fields, text=answers, drop=preset.drop, strict=False)


def respondents(preset: Preset, header: list[str], rows: Sequence[list[str]], *, file: str) -> list[str] | None:
    """Who answered, row by row, where ids say so only together with the file; None where the preset names a column."""
    if not preset.respondent:
        return None
    number, person = _place(header, preset.fields.get("id", ())), _place(header, preset.respondent)
    return [_respondent(cells, number, person, file) for cells in rows]


def _respondent(cells: list[str], number: int | None, person: int | None, file: str) -> str:
    named = cells[person].strip() if person is not None and person < len(cells) else ""
    if named and named.casefold() != "anonymous":
        return named
    return f"{file}#{cells[number].strip()}" if number is not None and number < len(cells) and cells[number].strip() else ""


def _may_hold_answers(preset: Preset, name: str, wording: str) -> bool:
    if find(list(preset.not_answers), name) or name.startswith(preset.begins) or name.endswith(preset.ends):
        return False
    asked = (wording or name).strip().rstrip("?.:* ")
    return not _ABOUT_THE_PERSON.search(asked) and not (len(asked.split()) <= 4 and _FEW_WORDS.search(asked))


def in_own_words(values: list[str]) -> bool:
    """Whether answers are people's own words rather than choices, also several choices joined by semicolons."""
    if not values:
        return False
    parts = Counter(part.strip() for value in values for part in value.split(";") if part.strip())
    joined = sum(value.endswith(";") for value in values) >= len(values) / 2
    repeated = len(values) >= 4 and sum(count for count in parts.values() if count > 1) > sum(parts.values()) * (1 - LEAST_DISTINCT_SHARE)
    words = sum(len(value.split()) for value in values) / len(values)
    return words >= LEAST_WORDS and not joined and not repeated and len(set(values)) >= LEAST_DISTINCT_SHARE * len(values)


def _typed(values: list[str]) -> bool:
    """Whether a column beside "Other" holds what people typed, be it a word, rather than that they chose it."""
    return any(value.casefold() not in ("other", "yes", "true", "1", "selected", "x") and not re.match(r"other \(?please", value, re.IGNORECASE) for value in values)


def _place(header: list[str], names: Sequence[str]) -> int | None:
    found = next((column for name in names if (column := find(header, name))), None)
    return header.index(found) if found else None
