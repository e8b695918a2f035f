"""Vectors on disk, keyed by text and recipe, so that no text is embedded twice."""

from __future__ import annotations

import json
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

    Keys are the first 32 hexadecimal digits of the SHA-256 of a text, in order within each file, so that opening
    a store reads nothing but headers, however much is in it. A file is written under another name first and then
    renamed: a killed run leaves whole files only, and the next one goes on from them.
    """

    def __init__(self, folder: Path, recipe: str, dimensions: int):
        self.folder = Path(folder) / recipe[:16]
        self.dimensions = dimensions
        self._load()

    def __len__(self) -> int:
        """Vectors in all files; one that two processes made at the same time counts twice."""
        return int(self._begins[-1])

    def find(self, keys: np.ndarray) -> np.ndarray:
        """Row of each key in ``rows``, -1 where there is none; ``keys`` is (n,) of dtype ``KEY``."""
        found = np.full(len(keys), -1, dtype=np.int64)
        for begin, (stored, _) in zip(self._begins, self._files):
            at = np.minimum(np.searchsorted(stored, keys), len(stored) - 1)
            found = np.where((found < 0) & (stored[at] == keys), begin + at, found)
        return found

    def rows(self, at: np.ndarray) -> np.ndarray:
        """The vectors at these rows as (n, dimensions) float32."""
        out = np.empty((len(at), self.dimensions), dtype=np.float32)
        file = np.searchsorted(self._begins, at, side="right") - 1
        for number, (_, vectors) in enumerate(self._files):
            here = np.flatnonzero(file == number)
            out[here] = vectors[at[here] - self._begins[number]]
        return out

    def add(self, keys: np.ndarray, vectors: np.ndarray) -> None:
        """Keep vectors (n, dimensions) under their keys; they are on disk when this returns."""
        self._write(keys, vectors.astype(STORED))

    def reload(self) -> None:
        """Take in what ``add`` has written, merging the files when there are many."""
        old = self._paths()
        if len(old) > MAX_SEGMENTS:
            parts = [_mapped(path) for path in old]
            self._write(*(np.concatenate([part[column] for part in parts]) for column in (0, 1)))
            self._files, parts = [], []  # nothing may be mapped where a file is to go
            for path in old:
                path.unlink()
        self._load()

    def _paths(self) -> list[Path]:
        return sorted(self.folder.glob("*.safetensors"))

    def _load(self) -> None:
        self._files = [part for part in map(_mapped, self._paths()) if len(part[0])]
        self._begins = np.cumsum([0, *(len(keys) for keys, _ in self._files)])

    def _write(self, keys: np.ndarray, vectors: np.ndarray) -> None:
        from safetensors.numpy import save_file

        self.folder.mkdir(parents=True, exist_ok=True)
        unfinished = self.folder / f".{uuid.uuid4().hex}.unfinished"
        keys, first = np.unique(keys, return_index=True)
        save_file({"keys": keys.view(np.uint8).reshape(len(keys), -1), "vectors": np.ascontiguousarray(vectors[first])}, unfinished)
        os.replace(unfinished, self.folder / f"{unfinished.stem[1:]}.safetensors")


def _mapped(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Keys (n,) and vectors (n, dimensions) of a file, read from disk only where they are looked at."""
    with open(path, "rb") as file:
        size = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(size))
    if not header["keys"]["shape"][0]:
        return np.empty(0, dtype=KEY), np.empty((0, header["vectors"]["shape"][1]), dtype=STORED)
    keys, vectors = (np.memmap(path, mode="r", dtype=kind, offset=8 + size + header[name]["data_offsets"][0], shape=tuple(header[name]["shape"]))
                     for name, kind in (("keys", np.uint8), ("vectors", STORED)))
    return keys.view(KEY)[:, 0], vectors
