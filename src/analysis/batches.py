"""Texts put together in fixed shapes, so that a text has the same numbers in any company: end to end, or padded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

# Every product has this many rows, whatever the texts: it then takes the same path for a token in whichever pack it comes.
# Twice as many were no faster, and one short text costs a whole pack.
PACK_TOKENS = 512
# Models whose layers are not known to the project take texts padded to one length, in batches of few shapes.
BATCH_ROWS = 16
LENGTH_STEP = 8


@dataclass(frozen=True)
class Pack:
    """Some texts' tokens, filled up to a fixed number.

    ``rows`` are the places of the texts; ``groups`` are (begin, texts, length) of texts of equal length that follow each other.
    """

    rows: np.ndarray
    tokens: object
    positions: object
    groups: list[tuple[int, int, int]]


def packed(lengths: Sequence[int], room: int) -> list[list[int]]:
    """Places of texts for every pack: the longest first, each into the first pack that has room for it."""
    order = np.argsort(-np.asarray(lengths, dtype=int), kind="stable")
    packs, left, first = [], [], 0
    for place in order.tolist():
        length = lengths[place]
        number = next((n for n in range(first, len(packs)) if left[n] >= length), len(packs))
        if number == len(packs):
            packs.append([])
            left.append(room)
        packs[number].append(place)
        left[number] -= length
        while first < len(packs) and left[first] < 3:  # no text is shorter than its two marks and a token
            first += 1
    return packs


def make_pack(rows: Sequence[int], tokens: list[list[int]], *, room: int) -> Pack:
    """The pack of the texts at ``rows``, whose ``tokens`` are in order of length."""
    import torch

    ids, positions = np.zeros(room, dtype=np.int64), np.zeros(room, dtype=np.int64)
    groups, at = [], 0
    for row in rows:
        length = len(tokens[row])
        ids[at:at + length], positions[at:at + length] = tokens[row], np.arange(length)
        if groups and groups[-1][2] == length:
            groups[-1] = (groups[-1][0], groups[-1][1] + 1, length)
        else:
            groups.append((at, 1, length))
        at += length
    return Pack(np.asarray(rows), torch.from_numpy(ids), torch.from_numpy(positions), groups)


def in_packs(tokens: list[list[int]], forward: Callable, *, longest: int, width: int) -> np.ndarray:
    """(n, width) float32 of what ``forward`` makes of packs, one row per text."""
    room = max(PACK_TOKENS, longest)
    packs = packed([len(ids) for ids in tokens], room)
    return _threaded(packs, lambda rows: (rows, forward(make_pack(rows, tokens, room=room))), shape=(len(tokens), width))


def in_fixed_batches(tokens: list[list[int]], forward: Callable, *, longest: int, width: int) -> np.ndarray:
    """(n, width) float32 of what ``forward`` makes of padded batches of fixed shape, one row per text."""
    batches = list(fixed_batches([len(ids) for ids in tokens], longest))
    return _threaded(batches, lambda batch: (batch[0], forward(fixed_features([tokens[i] for i in batch[0]], batch[1]))), shape=(len(tokens), width))


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


def _threaded(parts: Sequence, work: Callable, *, shape: tuple[int, int]) -> np.ndarray:
    """Rows of ``shape`` filled by ``work``, which gives the places and the numbers of a part.

    As many parts are worked on at a time as torch would use threads, each by one thread alone: on parts of this
    size that is faster than several threads to a part, does not stall when another process takes a core, and
    gives the same bits whatever the number of threads.
    """
    from concurrent.futures import ThreadPoolExecutor

    import torch

    out = np.zeros(shape, dtype=np.float32)

    def fill(part) -> None:
        with torch.inference_mode():
            rows, found = work(part)
            out[rows] = found[: len(rows)].float().numpy()

    with ThreadPoolExecutor(torch.get_num_threads(), initializer=_alike) as threads:
        for _ in threads.map(fill, parts):
            pass
    return out


def _alike() -> None:
    """Make this thread compute as every other does: alone, and with numbers next to zero as zero, whatever else is loaded."""
    import torch

    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
