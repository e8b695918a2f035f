"""Texts read with the trained adapters: log-odds, one per code; and with them, in the same pass, the texts' vectors."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.adapter import AdapterModel
from analysis.batches import in_fixed_batches, in_packs
from analysis.coefficients import Coefficients
from analysis.embedding import SentenceEncoder, Track, chunks
from analysis.layers import LayeredEncoder
from analysis.provenance import recipe
from analysis.stack import mean_of_texts
from analysis.vectors import KEY, VectorStore, key_of

# Length of the mean state that the head was trained on.
LENGTH = 8
# Changes when the code gives other log-odds for the same text.
READING_VERSION = 4


class AdaptedEncoder:
    """An encoder whose "vectors" are log-odds, one per code, averaged over the adapters; cached and batched like any other."""

    def __init__(self, encoder: SentenceEncoder, coefficients: Coefficients):
        self.base, self.coefficients = encoder, coefficients
        self.dimensions = len(coefficients.names)
        self.recipe = recipe(base=encoder.recipe, tensors=coefficients.record["tensors_sha256"], version=READING_VERSION)

    @property
    def reads_both(self) -> bool:
        """Whether vectors and log-odds of a text can be had from one pass through the lower layers."""
        return self.base.stack is not None and self.coefficients.settings.max_tokens >= self.base.longest

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """(n, codes) float32 log-odds; in fixed shapes, so that company changes no bit."""
        if self.base.stack is None:
            return self._encode_padded(texts)
        at_most = self.coefficients.settings.max_tokens
        return in_packs(self.base.tokens(texts, at_most=at_most), lambda pack: self._log_odds(self._below(pack), pack),
                        longest=min(at_most, self.base.longest), width=self.dimensions)

    def encode_both(self, texts: Sequence[str]) -> np.ndarray:
        """(n, dimensions of the vectors + codes) float32: what the encoder and the adapters make of the same texts, bit by bit, side by side."""
        import torch

        def forward(pack):
            below = self._below(pack)
            return torch.cat([self.base.vectors_of(pack, below, begin=self._split), self._log_odds(below, pack)], dim=1)

        return in_packs(self.base.tokens(texts), forward, longest=self.base.longest, width=self.base.dimensions + self.dimensions)

    @property
    def _split(self) -> int:
        return max(0, self.base.stack.depth - self.coefficients.settings.layers)

    def _below(self, pack):
        return self.base.stack.below(pack, self._split)

    def _log_odds(self, below, pack):
        import torch
        from torch.nn.functional import normalize, pad

        found = []
        for layers, head, bias in self._members:
            pooled = normalize(mean_of_texts(self.base.stack.through(below, pack, layers), pack), dim=1) * LENGTH
            # Always as many rows as there could be, so that this product too is the same whatever the company.
            found.append(pad(pooled, (0, 0, 0, len(pack.tokens) - len(pooled))) @ head.T + bias)
        return torch.stack(found).mean(dim=0)[: len(pack.rows)]

    @cached_property
    def _members(self) -> list[tuple]:
        """Every adapter's layers, its corrections added to the weights that they correct, and its head."""
        import torch

        tensors = {name: torch.from_numpy(values) for name, values in self.coefficients.tensors.items()}
        stack = self.base.stack
        return [([stack.layer(number, Corrections(tensors, f"{member}.adapter.encoder.layer.{number - self._split}.")) for number in range(self._split, stack.depth)],
                 tensors[f"{member}.head.weight"], tensors[f"{member}.head.bias"]) for member in range(self.coefficients.settings.members)]

    def _encode_padded(self, texts: Sequence[str]) -> np.ndarray:
        """The same for a model of another kind, through its own library."""
        import torch

        models, lower = self._loaded
        layered = models[0].encoder
        tokens = layered.tokenizer(list(texts), truncation=True, max_length=layered.settings.max_tokens)["input_ids"]

        def forward(features):
            below = lower(**features).last_hidden_state
            return torch.stack([model.logits(model.features(below, features["attention_mask"])) for model in models]).mean(dim=0)

        return in_fixed_batches(tokens, forward, longest=layered.settings.max_tokens, width=self.dimensions)

    @cached_property
    def _loaded(self):
        settings = self.coefficients.settings
        layered = LayeredEncoder(self.base, settings)
        models = [AdapterModel(layered, self.dimensions, settings).restore(self.coefficients.tensors, f"{member}.").folded()
                  for member in range(settings.members)]
        return models, layered.lower().to(layered.dtype)


class Corrections:
    """What an adapter adds to the weights and biases of one layer."""

    def __init__(self, tensors: dict, prefix: str):
        self.tensors, self.prefix = tensors, prefix

    def __call__(self, name: str, part: str):
        """The correction of ``weight`` or ``bias`` of the part of the layer called ``name``; a product's is of low rank."""
        place = f"{self.prefix}{name}."
        if part == "weight" and f"{place}up" in self.tensors:
            return self.tensors[f"{place}up"] @ self.tensors[f"{place}down"]
        return self.tensors[f"{place}{part}"]


def read_both(passages: pd.DataFrame, adapted, *, cache: Path, track: Track | None = None) -> None:
    """Put the vectors and the log-odds of texts of which neither is known into the cache, reading each text once.

    What is there already stays; a text of which one of the two is known is left to whoever needs the other.
    """
    texts = np.unique(passages["text"].to_numpy(dtype=object).astype(str))
    keys = np.array([key_of(text) for text in texts], dtype=KEY)
    stores = [VectorStore(cache, one.recipe, one.dimensions) for one in (adapted.base, adapted)]
    missing = np.flatnonzero((stores[0].find(keys) < 0) & (stores[1].find(keys) < 0)) if len(texts) else np.array([], dtype=int)
    if not len(missing):
        return
    for chunk in chunks(missing, track):
        found = adapted.encode_both(list(texts[chunk]))
        for store, numbers in zip(stores, np.split(found, [stores[0].dimensions], axis=1), strict=True):
            store.add(keys[chunk], numbers)
    for store in stores:
        store.reload()
