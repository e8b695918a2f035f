"""Where the number of a theme stands on the map: as near the middle of its points as it can without covering any."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.figures.rows import PHONE

STEP = 6          # pixels between the places that are tried
CLEAR = 11        # pixels around a number, across and up, that should be free of points
FAR = 26          # pixels from the middle, from which a line leads to it
CROWD = 40        # pixels further that a number would rather go than cover one more point


def placed(points: pd.DataFrame, *, across: list[float], up: list[float], height: int) -> list[dict]:
    """``number, x, y, middle, far`` for each theme among ``points`` (``x, y, number``), largest theme first.

    ``across`` and ``up`` are the ends of the axes, ``height`` is in pixels. Distances are those on a phone: on a wider
    screen everything lies further apart.
    """
    scale = np.array([PHONE / (across[1] - across[0]), height / (up[1] - up[0])])
    origin = np.array([across[0], up[0]])
    dots = (points[["x", "y"]].to_numpy(dtype=float) - origin) * scale
    tried = np.stack(np.meshgrid(np.arange(12, PHONE - 12, STEP), np.arange(12, height - 12, STEP)), axis=-1).reshape(-1, 2).astype(float)
    over = _covered(tried, dots)
    taken, found = np.empty((0, 2)), []
    numbers = points["number"].dropna().value_counts(sort=True)
    for number in sorted(numbers.index, key=lambda one: (-numbers[one], one)):
        middle = np.median(dots[(points["number"] == number).to_numpy()], axis=0)
        cost = np.linalg.norm(tried - middle, axis=1) + CROWD * (over + 10 * _covered(tried, taken))
        best = tried[int(np.argmin(np.round(cost, 6)))]
        taken = np.vstack([taken, best])
        x, y = (float(value) for value in np.round(best / scale + origin, 2))
        found.append({"number": number, "x": x, "y": y, "middle": [float(value) for value in np.round(middle / scale + origin, 2)],
                      "far": bool(np.linalg.norm(best - middle) > FAR)})
    return found


def _covered(places: np.ndarray, dots: np.ndarray) -> np.ndarray:
    """How many dots a number at each of the places would lie upon: (n,) counts."""
    from scipy.spatial import cKDTree

    return cKDTree(dots).query_ball_point(places, r=CLEAR, p=np.inf, return_length=True) if len(dots) else np.zeros(len(places))
