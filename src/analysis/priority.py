"""What to read next: the passages whose label would teach the mapping most."""

from __future__ import annotations

import numpy as np

# How far (in log-odds) from its threshold a decision is taken to be open: at one unit a third as open as at none.
OPEN = 1.0


def openness(probability: np.ndarray, threshold: np.ndarray) -> np.ndarray:
    """(n, codes), 1 at a code's threshold and falling with the distance from it in log-odds (uncertainty sampling, Lewis and Gale 1994)."""
    odds = lambda p: np.log(np.clip(p, 1e-4, 1 - 1e-4) / (1 - np.clip(p, 1e-4, 1 - 1e-4)))
    return np.exp(-np.abs(odds(probability) - odds(np.broadcast_to(threshold, probability.shape))) / OPEN)


def rarity(positives: np.ndarray) -> np.ndarray:
    """(codes,) weight of each code: 1 over the root of its labelled passages, so that codes nobody has labelled come first."""
    return 1 / np.sqrt(1 + positives)


def reading_order(probability: np.ndarray, threshold: np.ndarray, vectors: np.ndarray, *, positives: np.ndarray,
                  decided: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows to read next, best first, and what each is worth (0 to 1, relative to the best there is).

    A passage is worth the sum over codes of openness times rarity, times the root of its distance from everything that is
    decided on or already chosen (cosine; ``vectors`` are (n, d) of unit length). ``positives`` counts labelled passages per code,
    ``decided`` is (n,) of True and False. At most ``count`` rows.
    """
    worth = openness(probability, threshold) @ rarity(positives)
    near = np.zeros(len(worth))
    if decided.any():
        near = (vectors @ vectors[decided].T).max(axis=1)
    free, chosen, values = ~decided, [], []
    while len(chosen) < min(count, int((~decided).sum())):
        value = np.where(free, worth * np.sqrt(np.clip(1 - near, 0, 1)), -1.0)
        best = int(np.argmax(np.round(value, 9)))
        chosen.append(best)
        values.append(value[best])
        free[best] = False
        near = np.maximum(near, vectors @ vectors[best])
    values = np.array(values)
    return np.array(chosen, dtype=int), values / max(values.max(initial=0), 1e-12)
