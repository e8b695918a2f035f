"""Trained coefficients on disk: what they hold, and the probabilities that they give."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from analysis.errors import InputError
from analysis.provenance import file_sha256

FORMAT = "reckons-mapping/2"
TENSORS, RECORD = "mapping.safetensors", "mapping.json"
PACKAGED = Path(__file__).with_name("trained")


@dataclass(frozen=True)
class TrainingSettings:
    """What decides the result. The defaults were chosen on the reference labels in cross-validation grouped by source and author."""

    layers: int = 3            # top encoder layers that get an adapter
    rank: int = 16             # 0.33 M numbers for three MiniLM layers: 0.7 MB in half precision
    members: int = 2           # adapters trained from different seeds, whose log-odds are averaged
    epochs: int = 5
    batch: int = 32
    rate: float = 1e-3         # low-rank matrices
    rate_small: float = 2e-4   # biases and LayerNorm
    rate_head: float = 3e-3
    decay: float = 0.05
    warm_up: float = 0.1
    averaging: float = 0.98    # exponential moving average of the weights; what is kept is the average
    dropout: float = 0.1       # whole channels of a passage, on each correction
    head_dropout: float = 0.2
    rare_boost: float = 0.5    # weight of a positive = (negatives / positives) ** rare_boost
    side_task: float = 0.4     # weight of aspects and stance beside questions and barriers
    file_head: float = 0.3     # learning rate factor of the correction a noisier file gets on its own head
    keep_empty: float = 0.5    # share of a noisier file's passages without any code seen in each epoch
    max_tokens: int = 256
    word_places: int = 5       # a word is kept if it occurs in so many places of publication
    word_strength: float = 10.0
    words_share: float = 0.4   # weight of the words' log-odds beside the adapter's 1
    main: tuple = ("questions", "barriers")
    dimensions: tuple = ("questions", "barriers", "aspects", "stance")
    folds: int = 5


def sigmoid(x):
    return 1 / (1 + np.exp(-np.clip(x, -30, 30)))


def consistent(p, names, implied):
    """Probabilities (n, codes) in which a code is at least as likely as each code that implies it.

    ``implied`` holds (code, implied code) pairs; only pairs of the main dimensions, which are calibrated with it.
    """
    p, place = p.copy(), {code: i for i, (_, code) in enumerate(names)}
    for code, other in implied:
        if code in place and other in place:
            p[:, place[other]] = np.maximum(p[:, place[other]], p[:, place[code]])
    return p


def save(folder: Path, tensors: dict[str, np.ndarray], record: dict) -> None:
    """Write ``mapping.safetensors`` (half precision) and ``mapping.json``; neither holds the text of a passage."""
    from safetensors.numpy import save_file

    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    half = {name: np.ascontiguousarray(values.astype(np.float16)) for name, values in tensors.items()}
    unfinished = folder / ".mapping.unfinished"
    save_file(half, unfinished, metadata={"format": FORMAT})
    os.replace(unfinished, folder / TENSORS)
    record = {"format": FORMAT, **record, "tensors_sha256": file_sha256(folder / TENSORS)}
    unfinished.write_text(json.dumps(record, indent=1, default=float, ensure_ascii=False) + "\n", encoding="utf-8")
    os.replace(unfinished, folder / RECORD)


@dataclass(frozen=True)
class Coefficients:
    """A trained mapping: ``record`` says how it came about and how it decides, ``tensors`` are its numbers."""

    record: dict
    tensors: dict[str, np.ndarray]

    @property
    def names(self) -> list[tuple[str, str]]:
        """(dimension, code) of every column."""
        return [tuple(name) for name in self.record["codes"]]

    @property
    def settings(self) -> TrainingSettings:
        stored = {k: tuple(v) if isinstance(v, list) else v for k, v in self.record["settings"].items()}
        return TrainingSettings(**stored)

    def main(self) -> list[bool]:
        """Which columns are of the main dimensions, on which the words speak too."""
        return [dimension in self.settings.main for dimension, _ in self.names]

    def fit_to(self, framework, encoder_sha256: str) -> bool:
        """Whether they were trained for these codes and this encoder; for others they mean nothing."""
        known = set(zip(framework.codes["dimension"], framework.codes["code"], strict=True))
        return set(self.names) <= known and self.record["encoder_sha256"] == encoder_sha256

    def rules(self) -> dict[str, dict]:
        """Per code the threshold of assigning, and from where on the mapper abstains."""
        rules = {}
        for (dimension, code), threshold in zip(self.names, self.record["thresholds"], strict=True):
            margin = self.record["abstain_margin"].get(dimension, 0.0)
            odds = np.log(threshold / (1 - threshold)) - margin
            rules[code] = {"assign": float(threshold), "abstain": float(sigmoid(odds))}
        return rules


def load(folder: Path = PACKAGED) -> Coefficients | None:
    """The coefficients in ``folder``, or None where there are none. Raises ``InputError`` for damaged ones."""
    from safetensors.numpy import load_file

    folder = Path(folder)
    if not (folder / RECORD).exists():
        return None
    record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    if record.get("format") != FORMAT or file_sha256(folder / TENSORS) != record["tensors_sha256"]:
        raise InputError(str(folder), [f"{TENSORS} is not the file that {RECORD} describes; train again with reckons train."],
                         not_done="Nothing was mapped.")
    tensors = {name: values.astype(np.float32) for name, values in load_file(folder / TENSORS).items()}
    return Coefficients(record=record, tensors=tensors)
