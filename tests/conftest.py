"""What several test files need: an encoder whose themes are known in advance."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

# Before numpy and torch are loaded, for this process and those it starts: the suite runs in two processes, and
# threads that wait for a core which another process has taken cost ten times the time of the work itself.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np  # noqa: E402
import pytest  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent


class StubEncoder:
    """Texts that share a first word lie together; the rest of a text moves it a little."""

    recipe = "stub-1"
    precision = "float32"
    dimensions = 16

    def __init__(self):
        self.encoded: list[str] = []

    def encode(self, texts):
        self.encoded += list(texts)
        return np.stack([self._vector(text) for text in texts]).astype(np.float32)

    def count_tokens(self, text: str) -> int:
        return len(text.split())

    def _vector(self, text: str) -> np.ndarray:
        centre = _noise(text.split()[0].lower(), self.dimensions)
        vector = centre + 0.2 * _noise(text, self.dimensions)
        return vector / np.linalg.norm(vector)


def _noise(text: str, dimensions: int) -> np.ndarray:
    seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
    return np.random.default_rng(seed).normal(size=dimensions)


@pytest.fixture(autouse=True)
def key_of_its_own(tmp_path_factory, monkeypatch):
    """No test makes or uses the pseudonym key of the person who runs it."""
    monkeypatch.setenv("RECKONS_KEY_FILE", str(tmp_path_factory.getbasetemp() / "pseudonyms.key"))


@pytest.fixture
def stub_encoder() -> StubEncoder:
    return StubEncoder()


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT
