"""What is left of a contribution in a file of any kind, and the same file without it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis import vectors
from analysis.provenance import text_sha256

# A row belongs to whatever one of these columns names.
NAMING = ("contribution_id", "passage_id", "passage", "passage_sha256", "passage_hash", "text_sha256", "sha256", "text", "url")
# Hashes are written out in full or to one of these lengths.
DIGITS = (12, 16, 20, 24, 32, 40, 64)
# A shorter text ("Yes, please") says nothing of who wrote it where it stands within another.
TELLING = 24


@dataclass(frozen=True)
class Traces:
    """What names a contribution: ``exact`` values, ``telling`` pieces of text, and ``keys`` of vectors."""

    exact: frozenset[str] = frozenset()
    telling: tuple[str, ...] = ()
    keys: frozenset[str] = frozenset()

    @classmethod
    def of(cls, gone: pd.DataFrame, tables: dict[str, pd.DataFrame], *, keys: Iterable[str] = ()) -> Traces:
        """The traces of the contributions ``gone``; what another person said in the same words is not theirs alone."""
        ids, nothing = set(gone["contribution_id"]), pd.DataFrame(columns=["contribution_id", "passage_id", "text", "url"])
        passages, contributions = tables.get("passages", nothing), tables.get("contributions", nothing)
        theirs = passages["contribution_id"].isin(ids)
        others = contributions[~contributions["contribution_id"].isin(ids)]
        left = set(passages.loc[~theirs, "text"]) | set(others["text"])
        texts = (set(passages.loc[theirs, "text"]) | set(gone["text"])) - left
        names = ids | set(passages.loc[theirs, "passage_id"]) | (set(gone["url"].dropna()) - set(others["url"].dropna()))
        digests = {text_sha256(text)[:length] for text in texts for length in DIGITS}
        telling = sorted({name for name in names | texts if len(name) >= TELLING}, key=len, reverse=True)
        keys = (frozenset(keys) | {vectors.key_of(text) for text in texts}) - {vectors.key_of(text) for text in left}
        return cls(frozenset(names | texts | digests), tuple(telling), keys)

    def named_by(self, value: object) -> bool:
        """Whether a value that stands for a contribution stands for one of these."""
        return isinstance(value, str) and value in self.exact

    def in_value(self, value: object) -> bool:
        """Whether any other value is, or holds, a trace; a short id such as 17 may mean anything there."""
        if not isinstance(value, str) or len(value) < DIGITS[0]:
            return False
        return value in self.exact or any(piece in value for piece in self.telling)

    def in_bytes(self, content: bytes) -> bool:
        """Whether a file that is no table holds a trace as it stands."""
        return any(piece.encode("utf-8", "replace") in content for piece in self.telling)


def cleaned(path: Path, into: Path, traces: Traces) -> bool:
    """Write ``path`` without the traces to ``into``; False where it holds none.

    A file that can only go as a whole is not written, although True is returned.
    """
    write = {".parquet": _table, ".csv": _table, ".tsv": _table, ".json": _json, ".jsonl": _lines, ".ipynb": _json,
             ".safetensors": _vectors}.get(path.suffix.lower(), _other)
    try:
        return write(path, into, traces)
    except (ValueError, OSError, pd.errors.ParserError):
        return _other(path, into, traces)


def _table(path: Path, into: Path, traces: Traces) -> bool:
    if path.suffix == ".parquet":
        table = pd.read_parquet(path)
    else:
        separator = "\t" if path.suffix == ".tsv" else ","
        table = pd.read_csv(path, dtype="str", keep_default_na=False, na_filter=False, sep=separator)
    naming = [name for name in table.columns if name in NAMING]
    theirs = table[naming].map(traces.named_by).any(axis=1)
    left = table[~theirs].copy()
    holding = {name: left[name].map(traces.in_value) for name in left.columns if left[name].dtype in ("str", "object")}
    found = {name: mask for name, mask in holding.items() if mask.any()}
    for name, mask in found.items():
        left.loc[mask, name] = None if path.suffix == ".parquet" else ""
    if not theirs.any() and not found:
        return False
    if path.suffix == ".parquet":
        left.to_parquet(into, index=False, compression="zstd")
    else:
        left.to_csv(into, index=False, lineterminator="\n", sep=separator)
    return True


def _json(path: Path, into: Path, traces: Traces) -> bool:
    before = path.read_text(encoding="utf-8")
    content, changed = _pruned(json.loads(before), traces)
    if changed:
        into.write_text(json.dumps(content, indent=2 if "\n  " in before else None, ensure_ascii=False), encoding="utf-8")
    return changed


def _lines(path: Path, into: Path, traces: Traces) -> bool:
    pruned = [_pruned(json.loads(line), traces) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    if not any(changed for _, changed in pruned):
        return False
    into.write_text("".join(json.dumps(content, ensure_ascii=False) + "\n" for content, _ in pruned if content is not None), encoding="utf-8")
    return True


def _pruned(content: object, traces: Traces, *, naming: bool = False) -> tuple[object, bool]:
    """JSON without values, and without objects in lists, that name the contribution; and whether anything went."""
    if isinstance(content, dict):
        if any(traces.named_by(content.get(name)) for name in NAMING):
            return None, True
        parts = {key: _pruned(value, traces, naming=_names(key)) for key, value in content.items() if not traces.in_value(key)}
        return {key: value for key, (value, _) in parts.items()}, len(parts) < len(content) or any(changed for _, changed in parts.values())
    if isinstance(content, list):
        parts = [_pruned(value, traces, naming=naming) for value in content]
        return [value for value, changed in parts if not (changed and value is None)], any(changed for _, changed in parts)
    found = traces.in_value(content) or (naming and traces.named_by(content))
    return (None, True) if found else (content, False)


def _names(key: str) -> bool:
    return key in NAMING or key.endswith("_ids") or key.removesuffix("s") in NAMING


def _vectors(path: Path, into: Path, traces: Traces) -> bool:
    return vectors.write_without(path, into, traces.keys)


def _other(path: Path, into: Path, traces: Traces) -> bool:
    """A file of another kind goes as a whole, so nothing is written: all of them can be made again."""
    return traces.in_bytes(path.read_bytes())
