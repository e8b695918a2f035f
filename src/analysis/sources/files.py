"""Which files under a folder hold contributions, and why the others do not."""

from __future__ import annotations

import os
import stat
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

# More than any discussion: a million long answers. Reading takes some ten times the size in memory.
MAX_BYTES = 300_000_000
TABLES = (".csv", ".tsv", ".tab", ".xlsx", ".xlsm", ".jsonl", ".ndjson")
DISCUSSIONS = (".json",)
POSTS = (".md", ".markdown")
PAGES = (".html", ".htm")
FEEDS = (".rss", ".atom", ".xml")
KINDS = (*TABLES, *DISCUSSIONS, *POSTS, *PAGES, *FEEDS)
READABLE = ".csv, .tsv, .xlsx, .jsonl, .json (Bluesky), .md, .html, .rss, .atom and .xml (feeds)"
NOTICES = ("notice", "notice.txt", "notice.md")
_NOT_DATA = {"withdrawn.csv": "list of withdrawals", "columns.yaml": "names columns",
             "reference.csv": "table of who was to be expected", "reference.template.csv": "table of who was to be expected"}


@dataclass(frozen=True)
class Listing:
    """Files to read, the mapping files beside them and the notices about them, as paths; others by name with the reason."""

    readable: list[Path]
    mappings: list[Path]
    not_read: list[tuple[str, str]]
    notices: list[Path] = field(default_factory=list)


class RawFile:
    """A file to read and the name that it is shown by. When it is sent to another process, its bytes and those of the file that names its columns go along."""

    def __init__(self, path: Path, name: str):
        self.path, self.name = path, name

    def __getstate__(self) -> dict:
        try:
            return {"name": self.name, "own": self.path.name, "bytes": {path.name: path.read_bytes() for path in [self.path, *_mappings([self.path])]}}
        except OSError as error:  # told where it is to be read, as any other fault of a file is
            return {"name": self.name, "error": error}

    def __setstate__(self, state: dict) -> None:
        self.name, self.error = state["name"], state.get("error")
        if self.error is None:
            self._folder = tempfile.TemporaryDirectory(prefix="reckons-")  # goes when this object does
            for name, content in state["bytes"].items():
                Path(self._folder.name, name).write_bytes(content)
            self.path = Path(self._folder.name, state["own"])

    def opened(self) -> Path:
        """The path at which it can be read here. Raises ``OSError`` where it could not be read when it was sent."""
        if getattr(self, "error", None):
            raise self.error
        return self.path


def name_of(path: Path, raw: Path) -> str:
    """A file's name as it is shown everywhere: relative to ``raw``, with slashes, printable."""
    relative = path.name if path == raw else path.relative_to(raw).as_posix()
    return "".join(c if c.isprintable() else "\ufffd" for c in os.fsencode(relative).decode("utf-8", "replace"))


def list_files(raw: Path) -> Listing:
    """All files under ``raw`` in a fixed order; links are not followed, hidden things not opened."""
    if raw.is_file():  # named by hand, so it is read whatever it is called
        return Listing([raw], _mappings([raw]), [], [path for path in sorted(raw.parent.iterdir()) if _is_notice(path, raw.parent)])
    readable, not_read, notices = [], [], []
    for folder, folders, files in os.walk(raw, followlinks=False):
        for name in sorted(folders):
            if reason := _why_not_entered(Path(folder, name), raw):
                folders.remove(name)
                not_read.append((name_of(Path(folder, name), raw) + "/", reason))
        for name in files:
            path = Path(folder, name)
            reason = _why_not_read(path, raw)
            if _is_notice(path, raw):
                notices.append(path)
            elif reason:
                not_read.append((name_of(path, raw), reason))
            else:
                readable.append(path)
    readable.sort(key=lambda path: path.relative_to(raw).as_posix())
    mappings = _mappings(readable)
    used = {name_of(path, raw) for path in mappings}
    return Listing(readable, mappings, sorted(entry for entry in not_read if entry[0] not in used), sorted(notices))


def _is_notice(path: Path, raw: Path) -> bool:
    """Whether a file says something about the data that every reader must see, such as that they are invented."""
    return path.name.lower() in NOTICES and not _link(path, raw) and stat.S_ISREG(path.stat().st_mode)


def _mappings(readable: list[Path]) -> list[Path]:
    from analysis.sources.columns import file_beside

    found = (file_beside(path) for path in readable if path.suffix.lower() in TABLES)
    return sorted({path for path in found if path})


def _why_not_entered(path: Path, raw: Path) -> str | None:
    return _link(path, raw) or ("hidden" if path.name.startswith(".") else None)


def _why_not_read(path: Path, raw: Path) -> str | None:
    low = path.name.lower()
    if reason := _link(path, raw):
        return reason
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        return "not an ordinary file"
    if low.startswith((".", "~$")):
        return "hidden"
    if low.startswith(("readme", "license", "licence")):
        return "about the data rather than data"
    if low in _NOT_DATA or low.endswith(".columns.yaml"):
        return _NOT_DATA.get(low, "names columns, but there is no table of that name beside it")
    if not low.endswith(KINDS):
        return _unknown(low)
    return "empty" if status.st_size == 0 else None


def _unknown(low: str) -> str:
    if low.endswith((".xls", ".ods", ".numbers")):
        return "a spreadsheet of another kind; save it as .xlsx or .csv"
    return f"not a kind that is read ({READABLE})"


def _link(path: Path, raw: Path) -> str | None:
    if not path.is_symlink():
        return None
    target = path.resolve()
    if not target.exists():
        return "a link that leads nowhere"
    return "a link within the folder" if target.is_relative_to(raw.resolve()) else "a link that leads out of the folder"
