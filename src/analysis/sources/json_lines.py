"""JSON Lines: one object per line; a broken line is set aside and the file goes on."""

from __future__ import annotations

import json
from pathlib import Path

from analysis.sources.json_files import in_words
from analysis.sources.source_file import UnreadableFile
from analysis.sources.text_files import read_text


def read_lines(path: Path) -> tuple[list[str], list, dict[str, str]]:
    """Header (every name in order of first appearance), records ``(line, cells, reason)`` and notes."""
    text, encoding = read_text(path)
    parsed = [(n, *_object(line)) for n, line in enumerate(text.split("\n"), start=1) if line.strip()]
    if not any(found is not None for _, found, _ in parsed):
        first = f" Line {parsed[0][0]:,}: {parsed[0][2]}." if parsed else ""
        raise UnreadableFile(f"Not one of its lines is a JSON object.{first}")
    header = list(dict.fromkeys(name for _, found, _ in parsed for name in found or {}))
    records = [(n, [(found or {}).get(name, "") for name in header], reason) for n, found, reason in parsed]
    return header, records, {"encoding": encoding}


def _object(line: str) -> tuple[dict | None, str | None]:
    try:
        found = json.loads(line, parse_int=str, parse_float=str)  # numbers as they are written
        if isinstance(found, dict):
            return {name: _cell(value) for name, value in found.items()}, None
    except json.JSONDecodeError as error:
        return None, f"not valid JSON: {in_words(error)}".replace("line 1, ", "")
    except RecursionError:
        return None, "nested too deeply to be one record"
    return None, "not a JSON object"


def _cell(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
