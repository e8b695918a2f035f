"""Splitting, embedding and mapping on a Dask cluster, with the results that one machine would give."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import pandas as pd

from analysis.adapted import AdaptedEncoder
from analysis.embedding import SentenceEncoder, load_encoder
from analysis.errors import ReckonsError
from analysis.models import ModelFiles
from analysis.passages import split

# Small enough that a worker which dies costs seconds, large enough that sending is cheap.
TEXTS_PER_TASK, CONTRIBUTIONS_PER_TASK = 128, 1_000
# A scheduler that is there answers at once; one that is started here has to load first.
ANSWERING, STARTING = "10s", "120s"


class ClusterEncoder:
    """An encoder whose texts are embedded, and read by the adapters, by the workers of a Dask scheduler.

    A text's numbers do not depend on its company, on threads or on what else a process has loaded, so they are those
    of one machine of the same kind. A worker with another recipe is refused. Tasks of workers that die are given to others by Dask.
    """

    def __init__(self, local: SentenceEncoder | AdaptedEncoder, client, *, model: str | None, coefficients=None):
        self.local, self.client, self.model, self.coefficients = local, client, model, coefficients
        self.recipe = local.recipe
        self.precision = getattr(local, "base", local).precision

    @property
    def dimensions(self) -> int:
        return self.local.dimensions

    @property
    def files(self) -> ModelFiles:
        return self.local.files

    def count_tokens(self, text: str) -> int:
        return self.local.count_tokens(text)

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """(n, dimensions) float32, in the order of ``texts``."""
        return self._in_parts(_encode_part, texts)

    def encode_both(self, texts: Sequence[str]) -> np.ndarray:
        """Vectors and log-odds side by side, (n, both dimensions) float32, as ``AdaptedEncoder.encode_both`` gives them."""
        return self._in_parts(_read_part, texts)

    @property
    def base(self) -> SentenceEncoder:
        """The encoder of the vectors; only of one that reads with coefficients."""
        return self.local.base

    @property
    def reads_both(self) -> bool:
        """Whether vectors and log-odds of a text can be had in one pass; only of one that reads with coefficients."""
        return self.local.reads_both

    def adapted(self, coefficients) -> ClusterEncoder:
        """The same workers reading with trained coefficients: log-odds instead of vectors."""
        return ClusterEncoder(AdaptedEncoder(self.local, coefficients), self.client, model=self.model,
                              coefficients=self.client.scatter(coefficients, broadcast=True, hash=False))

    def split(self, kept: pd.DataFrame, *, reads: tuple[str, ...] | None) -> pd.DataFrame:
        """Passages of contributions, as ``passages.split`` makes them, in the same order."""
        parts = [kept.iloc[begin:begin + CONTRIBUTIONS_PER_TASK] for begin in range(0, max(1, len(kept)), CONTRIBUTIONS_PER_TASK)]
        return pd.concat(self._on_all(_split_part, parts, reads=reads), ignore_index=True)

    def _in_parts(self, work, texts: Sequence[str]) -> np.ndarray:
        parts = [list(texts[begin:begin + TEXTS_PER_TASK]) for begin in range(0, len(texts), TEXTS_PER_TASK)]
        return np.concatenate(self._on_all(work, parts))

    def _on_all(self, work, parts: list, **options) -> list:
        futures = self.client.map(work, parts, model=self.model, precision=self.precision, recipe=self.recipe,
                                  coefficients=self.coefficients, pure=False, **options)
        return self.client.gather(futures)


@contextmanager
def encoder_on(scheduler: str, local: SentenceEncoder, *, model: str | None) -> Iterator[ClusterEncoder]:
    """``local``'s work done by the cluster at ``scheduler``; ``"local"`` starts one on this machine.

    Raises ``ReckonsError`` when Dask is not installed or the scheduler does not answer.
    """
    try:
        from distributed import Client, LocalCluster
    except ImportError:
        raise ReckonsError('--scheduler needs Dask: pip install "reckons[cluster]". Nothing was computed.') from None
    try:
        if scheduler != "local":
            asyncio.run(_reach(scheduler))
        cluster = LocalCluster(threads_per_worker=1, dashboard_address=None) if scheduler == "local" else None
        client = Client(cluster or scheduler, timeout=STARTING if cluster else ANSWERING)
    except (OSError, ValueError, TimeoutError) as error:
        raise ReckonsError(f"The scheduler at {scheduler} does not answer ({error}). Expected an address such as "
                           "tcp://host:8786, or local. Nothing was computed.") from None
    try:
        yield ClusterEncoder(local, client, model=model)
    finally:
        client.close()
        if cluster:
            cluster.close()


async def _reach(address: str) -> None:
    """Raises what a client would for a scheduler that is not there.

    A client that fails to connect stays half made, and closing it when it is collected can block one that is just starting for good.
    """
    from distributed.comm import connect

    (await connect(address, timeout=ANSWERING)).abort()


def _encode_part(texts: list[str], **of) -> np.ndarray:
    return _worker_encoder(**of).encode(texts)


def _read_part(texts: list[str], **of) -> np.ndarray:
    return _worker_encoder(**of).encode_both(texts)


def _split_part(kept: pd.DataFrame, *, reads: tuple[str, ...] | None, **of) -> pd.DataFrame:
    return split(kept, count_tokens=_worker_encoder(**of).count_tokens, reads=reads)


# What this worker has loaded, by recipe: a model takes seconds to load and a task a second to do.
_loaded: dict[str, SentenceEncoder | AdaptedEncoder] = {}


def _worker_encoder(*, model: str | None, precision: str, recipe: str, coefficients) -> SentenceEncoder | AdaptedEncoder:
    if recipe not in _loaded:
        encoder = load_encoder(model, precision=precision)
        encoder = encoder if coefficients is None else AdaptedEncoder(encoder, coefficients)
        if encoder.recipe != recipe:
            raise ReckonsError("A worker has another model or version of the code than the machine that asked; "
                               "its vectors would not be comparable. Nothing was written.")
        _loaded[recipe] = encoder
    return _loaded[recipe]
