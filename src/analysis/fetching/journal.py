"""Answers already had, so that a fetch that was stopped goes on where it was."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import time
from pathlib import Path

# A discussion goes on; what is older would mix two states of it.
KEPT_SECONDS = 24 * 60 * 60


class Journal:
    """A hidden folder with one file per answer, each written whole; ``finished`` removes it."""

    def __init__(self, folder: Path):
        self.folder = folder

    def find(self, request: str) -> bytes | None:
        """The answer to an earlier request that is still fresh."""
        path = self._path(request)
        try:
            return path.read_bytes() if time.time() - path.stat().st_mtime < KEPT_SECONDS else None
        except OSError:
            return None

    def keep(self, request: str, answer: bytes) -> None:
        """Write an answer down."""
        write_whole(self._path(request), answer)

    def finished(self) -> None:
        """Remove everything: what was fetched is saved elsewhere now."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _path(self, request: str) -> Path:
        return self.folder / f"{hashlib.sha256(request.encode()).hexdigest()[:32]}.json"


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that it is there whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, aside = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(aside, 0o644)
        os.replace(aside, path)
    finally:
        Path(aside).unlink(missing_ok=True)
