"""Embedding on a Dask cluster, with the vectors that one machine would give."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache

import numpy as np

from analysis.embedding import SentenceEncoder, load_encoder
from analysis.errors import ReckonsError

# Small enough that a worker which dies costs seconds, large enough that sending is cheap.
TEXTS_PER_TASK = 128
# A scheduler that is there answers at once; one that is started here has to load first.
ANSWERING, STARTING = "10s", "120s"


class ClusterEncoder:
    """An encoder whose texts are embedded by the workers of a Dask scheduler.

    Fixed batch shapes make a text's vector independent of its company; between processes
    the last bits may still differ, so compare runs that were embedded in the same way. A worker
    with another recipe is refused. Tasks of workers that die are given to others by Dask.
    """

    def __init__(self, local: SentenceEncoder, client, *, model: str | None):
        self.local, self.client, self.model = local, client, model
        self.recipe, self.precision = local.recipe, local.precision

    @property
    def dimensions(self) -> int:
        return self.local.dimensions

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """(n, dimensions) float32 of length 1, in the order of ``texts``."""
        parts = [list(texts[begin:begin + TEXTS_PER_TASK]) for begin in range(0, len(texts), TEXTS_PER_TASK)]
        futures = self.client.map(_encode_part, parts, model=self.model, precision=self.precision,
                                  recipe=self.recipe, pure=False)
        return np.concatenate(self.client.gather(futures))


@contextmanager
def encoder_on(scheduler: str, local: SentenceEncoder, *, model: str | None) -> Iterator[ClusterEncoder]:
    """``local``'s work done by the cluster at ``scheduler``; ``"local"`` starts one on this machine.

    Raises ``ReckonsError`` when Dask is not installed or the scheduler does not answer.
    """
    try:
        from distributed import Client, LocalCluster
    except ImportError:
        raise ReckonsError('--scheduler needs Dask: pip install "reckons[cluster]". Nothing was computed.') from None
    cluster = LocalCluster(threads_per_worker=1, dashboard_address=None) if scheduler == "local" else None
    try:
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


def _encode_part(texts: list[str], *, model: str | None, precision: str, recipe: str) -> np.ndarray:
    encoder = _worker_encoder(model, precision)
    if encoder.recipe != recipe:
        raise ReckonsError("A worker has another model or version of the code than the machine that asked; "
                           "its vectors would not be comparable. Nothing was written.")
    return encoder.encode(texts)


@lru_cache(maxsize=1)
def _worker_encoder(model: str | None, precision: str) -> SentenceEncoder:
    return load_encoder(model, precision=precision)
