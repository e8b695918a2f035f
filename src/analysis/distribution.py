"""Reading, splitting, embedding, mapping and counting on a Dask cluster, with the results that one machine would give."""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

import numpy as np
import pandas as pd

from analysis.adapted import AdaptedEncoder
from analysis.embedding import SentenceEncoder, load_encoder
from analysis.errors import ReckonsError
from analysis.models import ModelFiles
from analysis.parts import blocks
from analysis.passages import split
from analysis.provenance import code_sha256

# Small enough that a worker which dies costs seconds, large enough that sending is cheap.
TEXTS_PER_TASK, CONTRIBUTIONS_PER_TASK = 128, 1_000
# A scheduler that is there answers at once; one that is started here has to load first.
ANSWERING, STARTING = "10s", "120s"


class Workers:
    """The workers of a Dask scheduler. Tasks of workers that die are given to others by Dask."""

    def __init__(self, client):
        self.client = client

    def each(self, work: Callable, parts: Sequence, **shared) -> list:
        """What ``work`` makes of every part, in order, as ``parts.here`` gives it; ``shared`` are further arguments of ``work``, from ``share``.

        Parts travel with their tasks instead of being put on a worker beforehand: with a worker that dies only its results are lost, and these
        are made again. Raises ``ReckonsError`` where a worker has another version of the code.
        """
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Sending large graph")
            futures = self.client.map(_at_work, list(parts), work=work, code=code_sha256(), pure=False, **shared)
        return self.client.gather(futures)

    def share(self, value):
        """A value that many tasks need: sent once, and as a task's result, so that it is made again where the worker that holds it dies."""
        return self.client.submit(_itself, value, pure=False)

    def encoder(self, local: SentenceEncoder, *, model: str | None) -> ClusterEncoder:
        """``local`` with its work done by the workers."""
        return ClusterEncoder(local, self, model=model)


class ClusterEncoder:
    """An encoder whose texts are embedded, and read by the adapters, by the workers of a Dask scheduler.

    A text's numbers do not depend on its company, on threads or on what else a process has loaded, so they are those
    of one machine of the same kind. A worker with another recipe is refused.
    """

    def __init__(self, local: SentenceEncoder | AdaptedEncoder, workers: Workers, *, model: str | None, coefficients=None):
        self.local, self.workers, self.model, self.coefficients = local, workers, model, coefficients
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
        return ClusterEncoder(AdaptedEncoder(self.local, coefficients), self.workers, model=self.model, coefficients=self.workers.share(coefficients))

    def split(self, kept: pd.DataFrame, *, reads: tuple[str, ...] | None) -> pd.DataFrame:
        """Passages of contributions, as ``passages.split`` makes them, in the same order."""
        parts = self._on_all(partial(_split_part, reads=reads), blocks(kept, CONTRIBUTIONS_PER_TASK))
        return pd.concat(parts, ignore_index=True)

    def _in_parts(self, work: Callable, texts: Sequence[str]) -> np.ndarray:
        return np.concatenate(self._on_all(work, blocks(list(texts), TEXTS_PER_TASK)))

    def _on_all(self, work: Callable, parts: list) -> list:
        return self.workers.each(work, parts, model=self.model, precision=self.precision, recipe=self.recipe, coefficients=self.coefficients)


@contextmanager
def workers_at(scheduler: str) -> Iterator[Workers]:
    """The workers of the cluster at ``scheduler``; ``"local"`` starts one on this machine.

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
        yield Workers(client)
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


def _itself(value):
    return value


def _at_work(part, *, work: Callable, code: str, **shared):
    if code_sha256() != code:
        raise ReckonsError("A worker has another version of the code than the machine that asked; what it makes could differ. Nothing was written.")
    return work(part, **shared)


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
            raise ReckonsError("A worker has another model or another kind of processor than the machine that asked; "
                               "its vectors would not be comparable. Nothing was written.")
        _loaded[recipe] = encoder
    return _loaded[recipe]
