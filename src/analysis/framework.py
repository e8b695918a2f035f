"""The framework: codes with their wording, definition, worked examples and what they imply."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import yaml

from analysis.errors import InputError

PACKAGED = Path(__file__).with_name("framework.yaml")
CODE_COLUMNS = ["dimension", "code", "under", "label", "question", "definition"]
EXAMPLE_COLUMNS = ["dimension", "code", "text", "kind"]


@dataclass(frozen=True)
class Framework:
    """The codes that contributions are mapped to, as data.

    ``codes`` has one row per code (``dimension, code, under, label, question,
    definition``), ``examples`` one row per worked example (``dimension, code,
    text, kind``, where ``kind`` is ``example`` or ``near_miss``), and
    ``implies`` maps a code to the codes that hold whenever it holds.
    """

    title: str
    codes: pd.DataFrame
    examples: pd.DataFrame
    implies: dict[str, list[str]]
    labels: dict[str, str] = field(default_factory=dict)
    source_file: str = "framework.yaml"
    sha256: str = ""

    @property
    def dimensions(self) -> list[str]:
        """The names of the dimensions, in the order of the file."""
        return list(dict.fromkeys(self.codes["dimension"]))

    def codes_of(self, dimension: str) -> list[str]:
        """The codes of one dimension, in the order of the file."""
        return self.codes.loc[self.codes["dimension"] == dimension, "code"].tolist()

    def implied_by(self, code: str) -> set[str]:
        """Every code that holds because ``code`` holds, directly or through others."""
        found: set[str] = set()
        waiting = list(self.implies.get(code, []))
        while waiting:
            implied = waiting.pop()
            if implied not in found:
                found.add(implied)
                waiting.extend(self.implies.get(implied, []))
        return found


def load(path: str | Path | None = None) -> Framework:
    """Read a framework file; without ``path``, the one that is packaged.

    Raises ``InputError`` naming every fault of the file at once.
    """
    path = PACKAGED if path is None else Path(path)
    raw = _read(path)
    problems: list[str] = []
    codes, examples = _tables(raw, problems)
    implies = {str(code): [str(i) for i in implied] for code, implied in (raw.get("implies") or {}).items()}
    problems += _references(codes, implies)
    if problems:
        raise InputError(path.name, problems)
    return Framework(
        title=str(raw.get("title", path.stem)),
        codes=codes,
        examples=examples,
        implies=implies,
        labels={name: str(d.get("label", name)) for name, d in raw["dimensions"].items()},
        source_file=path.name,
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
    )


def _read(path: Path) -> dict:
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(str(path), [f"The framework file cannot be read: {error.strerror}."]) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InputError(path.name, [f"The framework file is not valid YAML: {' '.join(str(error).split())}."]) from None
    if not isinstance(raw, dict) or not isinstance(raw.get("dimensions"), dict) or not raw["dimensions"]:
        raise InputError(path.name, ['"dimensions" is missing: expected dimension -> {label, codes}.'])
    return raw


def _tables(raw: dict, problems: list[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    codes, examples = [], []
    for dimension, content in raw["dimensions"].items():
        entries = content.get("codes") if isinstance(content, dict) else None
        if not isinstance(entries, dict) or not entries:
            problems.append(f'Dimension "{dimension}" has no codes.')
            continue
        for code, entry in entries.items():
            entry = entry if isinstance(entry, dict) else {}
            if not str(entry.get("definition", "")).strip():
                problems.append(f'Code "{code}" has no definition.')
            codes.append([dimension, code, entry.get("under"), entry.get("label", code),
                          entry.get("question"), str(entry.get("definition", "")).strip()])
            for key, kind in (("examples", "example"), ("near_misses", "near_miss")):
                examples += [[dimension, code, str(text), kind] for text in entry.get(key) or []]
    return (pd.DataFrame(codes, columns=CODE_COLUMNS, dtype="str"),
            pd.DataFrame(examples, columns=EXAMPLE_COLUMNS, dtype="str"))


def _references(codes: pd.DataFrame, implies: dict[str, list[str]]) -> list[str]:
    """Codes are named once, and whatever names a code names one that exists."""
    known = set(codes["code"])
    problems = [f'Code "{code}" occurs more than once; codes are named once across dimensions.'
                for code in codes.loc[codes["code"].duplicated(), "code"].unique()]
    problems += [f'Code "{row.code}" is under "{row.under}", which is not a code.'
                 for row in codes[codes["under"].notna()].itertuples() if row.under not in known]
    for code, implied in implies.items():
        problems += [f'"implies" names "{name}", which is not a code.' for name in [code, *implied] if name not in known]
    return problems


def to_record(framework: Framework) -> dict:
    """The framework as plain data for the manifest of a run."""
    codes = framework.codes.astype(object).where(framework.codes.notna(), None)
    return {"file": framework.source_file, "sha256": framework.sha256, "title": framework.title,
            "labels": framework.labels, "implies": framework.implies,
            "codes": codes.to_dict("records"), "examples": framework.examples.to_dict("records")}


def from_record(record: dict) -> Framework:
    """The framework that ``to_record`` wrote down."""
    return Framework(
        title=record["title"],
        codes=pd.DataFrame(record["codes"], columns=CODE_COLUMNS, dtype="str"),
        examples=pd.DataFrame(record["examples"], columns=EXAMPLE_COLUMNS, dtype="str"),
        implies=record["implies"], labels=record["labels"],
        source_file=record["file"], sha256=record["sha256"],
    )
