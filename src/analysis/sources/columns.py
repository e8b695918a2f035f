"""Which column of a table holds what: by its usual name, by a file beside it, or by `--column`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from analysis.sources.source_file import ColumnMap, UnreadableFile, listed, quoted
from analysis.sources.text_files import is_bracket_heap, read_text

# The names that are recognised without being told, in any case, with blanks or hyphens for the underscore.
USUAL_NAMES = {
    "text": ("text",),
    "id": ("id", "contribution_id"),
    "author": ("author", "contributor"),
    "created_at": ("created_at", "date"),
    "url": ("url", "link"),
    "lang": ("lang", "language"),
    "question": ("question",),
    "source": ("source",),
    "parent_id": ("parent_id",),
    "licence": ("licence", "license"),
}
# What a table says about who answered, once a mapping file names the column; what for, analysis.reference knows.
STATED = ("role", "sector", "nation", "organisation_size")
FIELDS = tuple(name for name in USUAL_NAMES if name != "text")
KEYS = (*USUAL_NAMES, *STATED, "header_rows", "drop", "preset")
BESIDE = "columns.yaml"
# In characters: room for hundreds of questions in full.
MAX_MAPPING = 200_000


@dataclass(frozen=True)
class Wish:
    """What somebody said about the columns before the table was seen; ``where`` they said it."""

    where: str
    fields: Mapping[str, str] = field(default_factory=dict)
    text: Mapping[str, str | None] = field(default_factory=dict)
    header_rows: int | None = None
    drop: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    preset: str | None = None
    strict: bool = True


def from_options(columns: Sequence[str] | Mapping[str, object] | None) -> tuple[Wish | None, list[str]]:
    """A wish from ``["text=comment", ...]`` or ``{"text": ["Q1", "Q2"], ...}``, and what is wrong with it."""
    pairs = _pairs(columns or [])
    problems = [f'--column {pair[0]} is not understood: write it as KEY=COLUMN, for example --column text=comment.'
                for pair in pairs if len(pair) == 1]
    problems += [f"--column {key}={column}: there is no {quoted(key)} to map; choose from {', '.join(USUAL_NAMES)}."
                 for key, column in (pair for pair in pairs if len(pair) == 2) if key not in USUAL_NAMES]
    good = [pair for pair in pairs if len(pair) == 2 and pair[0] in USUAL_NAMES]
    if not good:
        return None, problems
    return Wish("--column", fields={key: name for key, name in good if key != "text"},
                text={name: None for key, name in good if key == "text"}, strict=False), problems


def _pairs(columns: Sequence[str] | Mapping[str, object]) -> list[tuple[str, ...]]:
    if isinstance(columns, Mapping):
        return [(key, name) for key, names in columns.items() for name in ([names] if isinstance(names, str) else list(names))]
    split = [str(pair).partition("=") for pair in ([columns] if isinstance(columns, str) else columns)]
    return [(key.strip(), name.strip()) if sign and name.strip() else (key + sign,) for key, sign, name in split]


def file_beside(table: Path) -> Path | None:
    """The mapping file of a table: `<stem>.columns.yaml`, else `columns.yaml` in its folder."""
    for name in (f"{table.stem}.{BESIDE}", BESIDE):
        beside = table.with_name(name)
        if beside.is_file() and not beside.is_symlink():
            return beside
    return None


def from_file(path: Path) -> Wish:
    """A wish from a mapping file; raises ``UnreadableFile`` naming everything that is wrong with it."""
    import yaml

    text = read_text(path)[0]
    if len(text) > MAX_MAPPING or is_bracket_heap(text):
        raise UnreadableFile(f"{path.name} is too long or too nested to name columns.")
    try:
        said = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" at line {mark.line + 1}" if mark else ""
        raise UnreadableFile(f"{path.name} is not valid YAML{where}: {getattr(error, 'problem', None) or 'it cannot be read'}.") from None
    if not isinstance(said, dict):
        raise UnreadableFile(f'{path.name} holds no mapping; lines such as "text: comment" are expected.')
    wrong = [f"{path.name} has the key {quoted(key)}; known keys are {', '.join(KEYS)}." for key in said if key not in KEYS]
    header_rows = said.get("header_rows")
    if header_rows is not None and (isinstance(header_rows, bool) or not isinstance(header_rows, int) or header_rows < 0):
        wrong.append(f"{path.name}: header_rows is {quoted(header_rows)}; a whole number is expected.")
    if wrong:
        raise UnreadableFile(" ".join(wrong))
    return Wish(path.name, fields={key: str(said[key]) for key in (*FIELDS, *STATED) if said.get(key) is not None},
                text=_text(said.get("text")), header_rows=header_rows, drop=_drop(said.get("drop"), path.name),
                preset=str(said["preset"]) if said.get("preset") is not None else None, strict=path.name != BESIDE)


def _text(said: object) -> dict[str, str | None]:
    if isinstance(said, dict):
        return {str(column): str(asked) if asked else None for column, asked in said.items()}
    names = said if isinstance(said, list) else [] if said is None else [said]
    return {str(name): None for name in names}


def _drop(said: object, where: str) -> dict[str, tuple[str, ...]]:
    if said is None:
        return {}
    if not isinstance(said, dict):
        raise UnreadableFile(f'{where}: drop is not understood; write a column and its values, for example "Status: [Survey Preview]".')
    return {str(column): tuple(str(value) for value in (values if isinstance(values, list) else [values]))
            for column, values in said.items()}


def resolve(header: list[str], wishes: list[Wish], *, likeliest: str | None = None) -> tuple[ColumnMap, list[str]]:
    """Settle the columns of one table; the first wish that names one of its columns wins.

    ``likeliest`` is the column that is suggested where ``text`` is missing. Returns the
    map and the problems in full sentences.
    """
    problems = [_unknown(wish, header) for wish in wishes if wish.strict]
    fields = {}
    for key in FIELDS:
        wished = [find(header, wish.fields[key]) for wish in wishes if key in wish.fields]
        fields[key] = next((name for name in wished if name), None) or _usual(header, key)
    text = next((found for wish in wishes if (found := _found(header, wish.text))), None)
    text = text or {name: None for name in [_usual(header, "text")] if name}
    if not text:
        problems.append(_missing_text(header, wishes, likeliest))
    drop = {name: values for wish in wishes for column, values in wish.drop.items() if (name := find(header, column))}
    stated = {key: name for key in STATED for wish in wishes if (name := find(header, wish.fields.get(key, "")))}
    return ColumnMap(text=text, **fields, drop=drop, stated=stated), [problem for problem in problems if problem]


def find(header: list[str], name: str) -> str | None:
    """A column by its name as given, else without regard to case and spacing where that is unambiguous."""
    if name in header:
        return name
    alike = [column for column in header if _plain(column) == _plain(name)]
    return alike[0] if len(alike) == 1 else None


def _found(header: list[str], text: Mapping[str, str | None]) -> dict[str, str | None]:
    return {name: asked for column, asked in text.items() if (name := find(header, column))}


def _usual(header: list[str], key: str) -> str | None:
    return next((name for usual in USUAL_NAMES[key] if (name := find(header, usual))), None)


def _plain(name: str) -> str:
    return re.sub(r"[\s_-]+", "_", name.strip().casefold())


def _unknown(wish: Wish, header: list[str]) -> str:
    named = [*wish.fields.values(), *wish.text, *wish.drop]
    absent = [quoted(name) for name in dict.fromkeys(named) if not find(header, name)]
    if not absent:
        return ""
    noun = "a column that is" if len(absent) == 1 else "columns that are"
    return f"{wish.where} names {noun} not in the table: {', '.join(absent)}; found: {listed(header)}."


def _missing_text(header: list[str], wishes: list[Wish], likeliest: str | None) -> str:
    asked = [name for wish in wishes if wish.where == "--column" for name in wish.text]
    missing = " and ".join(quoted(name) for name in asked) or '"text"'
    suggestion = likeliest if likeliest and "=" not in likeliest else "COLUMN"
    mapped = f"text={suggestion}" if " " not in suggestion else f'"text={suggestion}"'
    return (f"Column {missing} is missing; found: {listed(header)}. Map it with --column {mapped}.")
