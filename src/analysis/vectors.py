"""Vectors on disk, keyed by text and recipe, so that no text is embedded twice."""

from __future__ import annotations

import os
import uuid
from pathlib import Path

import numpy as np

from analysis.provenance import text_sha256

# Half precision halves the disk and changes the cosine of unit vectors by less
# than 1e-6, far below the encoder's own differences between precisions.
STORED = np.float16
# 128 bits of SHA-256 in hexadecimal: fixed width, sortable, and no two texts share one.
KEY = "S32"
# More files than this are merged, so that opening the store stays quick.
MAX_SEGMENTS = 8


def key_of(text: str) -> str:
    """The key of a text in every store."""
    return text_sha256(text)[:32]


def write_without(path: Path, into: Path, keys: frozenset[str]) -> bool:
    """Write a file of vectors without those of ``keys`` to ``into``; False where it has none of them, and nothing is written."""
    from safetensors.numpy import load_file, save_file

    stored = load_file(path)
    if "keys" not in stored:
        return False
    found = np.ascontiguousarray(stored["keys"]).view(KEY).ravel()
    left = ~np.isin(found, np.array(sorted(keys), dtype=KEY)) if keys else np.ones(len(found), dtype=bool)
    if left.all():
        return False
    save_file({name: np.ascontiguousarray(values[left]) for name, values in stored.items()}, into)
    return True


class VectorStore:
    """The vectors of one recipe, in memory-mapped files under ``folder``.

    Keys are the first 32 hexadecimal digits of the SHA-256 of a text. A file is written under
    another name first and then renamed: a killed run leaves whole files only, and the
    next one goes on from them.
    """

    def __init__(self, folder: Path, recipe: str, dimensions: int):
        self.folder = Path(folder) / recipe[:16]
        self.dimensions = dimensions
        self._keys = np.empty(0, dtype=KEY)
        self._vectors = np.empty((0, dimensions), dtype=STORED)
        self._load()

    def __len__(self) -> int:
        return len(self._keys)

    def find(self, keys: np.ndarray) -> np.ndarray:
        """Row of each key in ``rows``, -1 where there is none; ``keys`` is (n,) of dtype ``KEY``."""
        if not len(self._keys):
            return np.full(len(keys), -1, dtype=np.int64)
        at = np.searchsorted(self._keys, keys)
        at = np.minimum(at, len(self._keys) - 1)
        return np.where(self._keys[at] == keys, at, -1)

    def rows(self, at: np.ndarray) -> np.ndarray:
        """The vectors at these rows as (n, dimensions) float32."""
        return self._vectors[at].astype(np.float32)

    def add(self, keys: np.ndarray, vectors: np.ndarray) -> None:
        """Keep vectors (n, dimensions) under their keys; they are on disk when this returns."""
        self._write(keys, vectors.astype(STORED))

    def reload(self) -> None:
        """Take in what ``add`` has written, merging the files when there are many."""
        self._load()
        if len(list(self.folder.glob("*.safetensors"))) > MAX_SEGMENTS:
            old = list(self.folder.glob("*.safetensors"))
            self._write(self._keys, self._vectors)
            for path in old:
                path.unlink()

    def _load(self) -> None:
        from safetensors.numpy import load_file

        parts = [load_file(path) for path in sorted(self.folder.glob("*.safetensors"))]
        if not parts:
            return
        keys = np.concatenate([part["keys"] for part in parts]).view(KEY).ravel()
        vectors = np.concatenate([part["vectors"] for part in parts])
        _, first = np.unique(keys, return_index=True)
        self._keys, self._vectors = keys[first], vectors[first]

    def _write(self, keys: np.ndarray, vectors: np.ndarray) -> None:
        from safetensors.numpy import save_file

        self.folder.mkdir(parents=True, exist_ok=True)
        unfinished = self.folder / f".{uuid.uuid4().hex}.unfinished"
        columns = np.ascontiguousarray(keys).view(np.uint8).reshape(len(keys), -1)
        save_file({"keys": columns, "vectors": np.ascontiguousarray(vectors)}, unfinished)
        os.replace(unfinished, self.folder / f"{unfinished.stem[1:]}.safetensors")
