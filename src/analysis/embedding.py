"""The encoder: texts to unit vectors, with the same bits whatever else is in the batch."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import Protocol

import numpy as np
import pandas as pd

from analysis.batches import BATCH_ROWS, LENGTH_STEP, PACK_TOKENS, in_fixed_batches, in_packs
from analysis.models import ModelFiles, find_model
from analysis.provenance import recipe
from analysis.stack import Stack, is_plain, mean_of_texts
from analysis.vectors import KEY, STORED, VectorStore, key_of

# Texts whose vectors are saved together; a killed run loses at most these.
SAVED_TOGETHER = 1_024
# Changes when the code above gives other vectors for the same text.
ENCODING_VERSION = 3

Track = Callable[[Iterable, str, int], Iterable]


class Encoder(Protocol):
    """Anything that turns texts into unit vectors."""

    recipe: str
    dimensions: int

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """(n, dimensions) float32 of Euclidean length 1, one row per text."""


class SentenceEncoder:
    """A sentence-transformers model on the CPU, in fixed shapes.

    ``precision`` is ``"bfloat16"``, ``"float32"`` or ``"auto"``: bfloat16 where the
    processor multiplies it natively (cosine to float32 at least 0.999), else float32. What is lost is speed alone. A BERT encoder, as the
    packaged one, is worked through by ``stack`` without padding; any other model by its own library, in padded batches.
    """

    def __init__(self, files: ModelFiles, *, precision: str = "auto"):
        self.files = files
        self.precision = _native_precision() if precision == "auto" else precision
        self.recipe = recipe(weights=files.sha256, precision=self.precision, version=ENCODING_VERSION,
                             batch=[PACK_TOKENS, BATCH_ROWS, LENGTH_STEP])

    @cached_property
    def model(self):
        """The model as its own library loads it, which takes seconds: for training, and for models of another kind."""
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging

        logging.disable_progress_bar()  # its bar for 90 MB of weights would stand among ours
        return SentenceTransformer(str(self.files.folder), device="cpu", local_files_only=True).eval()

    @cached_property
    def stack(self) -> Stack | None:
        """The model's layers, where they are of the kind that can be worked through without its library."""
        return Stack(self.files.folder, precision=self.precision) if is_plain(self.files.folder) else None

    @cached_property
    def dimensions(self) -> int:
        pooling = self.files.folder / "1_Pooling" / "config.json"
        if pooling.exists():
            declared = json.loads(pooling.read_text(encoding="utf-8"))
            size = declared.get("word_embedding_dimension") or declared.get("embedding_dimension")
            if size and not list(self.files.folder.glob("*_Dense")):
                return int(size)
        return int(self.model.get_sentence_embedding_dimension())

    @cached_property
    def tokenizer(self):
        """The model's fast tokenizer, without loading the model."""
        return _tokenizer(self.files.folder)

    def count_tokens(self, text: str) -> int:
        """Tokens of a text, without the marks of beginning and end."""
        return len(self.tokenizer.encode(text, add_special_tokens=False))

    def tokens(self, texts: Sequence[str], *, at_most: int | None = None) -> list[list[int]]:
        """The numbers of the tokens of every text, with its marks, cut at the model's longest input or at ``at_most``."""
        cutting = _tokenizer(self.files.folder)
        cutting.enable_truncation(min(at_most or self.longest, self.longest))
        return [found.ids for found in cutting.encode_batch(list(texts))]

    @cached_property
    def longest(self) -> int:
        """Tokens of the longest input, its marks included."""
        declared = self.files.folder / "sentence_bert_config.json"
        found = json.loads(declared.read_text(encoding="utf-8")).get("max_seq_length") if declared.exists() else None
        return int(found or self.model.max_seq_length)

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """(n, dimensions) float32 of Euclidean length 1; does not depend on the order or company of texts."""
        if self.stack is None:
            return self._encode_padded(texts)
        return in_packs(self.tokens(texts), self.vectors_of, longest=self.longest, width=self.dimensions)

    def vectors_of(self, pack, states=None, *, begin: int = 0):
        """Vectors (texts, dimensions) of a pack; from ``states`` after the first ``begin`` layers, where these are known."""
        from torch.nn.functional import normalize

        states = self.stack.below(pack, begin) if states is None else states
        return normalize(mean_of_texts(self.stack.through(states, pack, self.stack.layers[begin:]), pack), dim=1)

    @cached_property
    def _working(self):
        """The model in the precision it computes in; ``model`` itself stays as it was stored."""
        import torch

        return copy.deepcopy(self.model).to(torch.bfloat16) if self.precision == "bfloat16" else self.model

    def _encode_padded(self, texts: Sequence[str]) -> np.ndarray:
        import torch

        model, longest = self._working, self.model.max_seq_length
        tokens = self.model.tokenizer(list(texts), truncation=True, max_length=longest)["input_ids"]

        def forward(features):
            return torch.nn.functional.normalize(model(features)["sentence_embedding"].float(), dim=1)

        return in_fixed_batches(tokens, forward, longest=longest, width=self.dimensions)


def _tokenizer(folder: Path):
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


@cache
def _native_precision() -> str:
    """What the processor multiplies fastest; on Linux without loading torch, which takes longer than all else when nothing is new."""
    try:
        flags = re.search(r"^flags\s*:(.*)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.MULTILINE)
    except OSError:
        flags = None
    if flags:
        return "bfloat16" if "avx512_bf16" in flags[1].split() else "float32"
    import torch

    capable = getattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)
    return "bfloat16" if capable() else "float32"


def load_encoder(model: str | Path | None = None, *, precision: str = "auto") -> SentenceEncoder:
    """The encoder for a model folder, the packaged model (default), or a hub name.

    A hub name is downloaded once at a pinned revision (``NAME@REVISION`` for names that
    are not listed here). Raises ``ReckonsError`` at once when it cannot be had.
    """
    return SentenceEncoder(find_model(model), precision=precision)


def embed(passages: pd.DataFrame, *, encoder: Encoder | None = None, cache: Path | None = None,
          track: Track | None = None) -> np.ndarray:
    """Vectors of passages: (n, dimensions) float32 of length 1, rows aligned with ``passages``.

    Each distinct text is embedded once. With ``cache``, a folder, vectors of earlier runs
    are taken from there and new ones are kept as soon as they are made.
    """
    return _unit(encoded(passages["text"], encoder=encoder or load_encoder(), cache=cache, track=track))


def encoded(texts: pd.Series, *, encoder: Encoder, cache: Path | None = None, track: Track | None = None) -> np.ndarray:
    """What ``encoder`` makes of texts, (n, dimensions) float32 in the precision of the store; each distinct text once."""
    if not len(texts):
        return np.zeros((0, encoder.dimensions), dtype=np.float32)
    texts, place = np.unique(texts.to_numpy(dtype=object).astype(str), return_inverse=True)
    keys = np.array([key_of(text) for text in texts], dtype=KEY)
    if cache is None:
        return _encode_all(texts, encoder, track)[place]
    store = VectorStore(cache, encoder.recipe, encoder.dimensions)
    missing = np.flatnonzero(store.find(keys) < 0)
    if len(missing):
        for chunk in chunks(missing, track):
            store.add(keys[chunk], encoder.encode(list(texts[chunk])))
        store.reload()
    return store.rows(store.find(keys))[place]


def missing_from(cache: Path, passages: pd.DataFrame, *, encoder: Encoder) -> int:
    """How many distinct texts of ``passages`` have no vector in the cache yet."""
    texts = passages["text"].unique()
    keys = np.array([key_of(text) for text in texts], dtype=KEY)
    return int((VectorStore(cache, encoder.recipe, encoder.dimensions).find(keys) < 0).sum()) if len(keys) else 0


def _encode_all(texts: np.ndarray, encoder: Encoder, track: Track | None) -> np.ndarray:
    out = np.zeros((len(texts), encoder.dimensions), dtype=np.float32)
    for chunk in chunks(np.arange(len(texts)), track):
        out[chunk] = encoder.encode(list(texts[chunk]))
    # Through the type of the store, so that vectors are the same with and without a cache.
    return out.astype(STORED).astype(np.float32)


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)


def chunks(rows: np.ndarray, track: Track | None) -> Iterable[np.ndarray]:
    """Rows in groups whose vectors are saved together; of mixed length, which packs fill best with."""
    found = [rows[begin:begin + SAVED_TOGETHER] for begin in range(0, len(rows), SAVED_TOGETHER)]
    return track(found, "embedding", len(found)) if track else found
