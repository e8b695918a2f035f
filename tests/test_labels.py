"""Numbers on the map: near the middle of their theme, upon no point and upon no other number."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.figures import labels

ENDS = {"across": [0.0, 340.0], "up": [0.0, 400.0], "height": 400}   # one unit is one pixel on a phone


def test_a_number_stands_beside_a_single_point_and_not_upon_it():
    one, = labels.placed(pd.DataFrame({"x": [100.0], "y": [200.0], "number": ["1"]}), **ENDS)
    away = max(abs(one["x"] - 100), abs(one["y"] - 200))
    assert labels.CLEAR < away <= labels.CLEAR + 2 * labels.STEP and not one["far"] and one["middle"] == [100.0, 200.0]


def test_a_number_stays_in_the_hole_of_a_ring_and_leaves_a_full_disc_for_its_edge():
    turns = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    ring = pd.DataFrame({"x": 170 + 60 * np.cos(turns), "y": 200 + 60 * np.sin(turns), "number": "1"})
    one, = labels.placed(ring, **ENDS)
    assert np.hypot(one["x"] - 170, one["y"] - 200) < 10 and not one["far"]
    disc = pd.concat([ring.assign(x=170 + r * np.cos(turns), y=200 + r * np.sin(turns)) for r in range(0, 61, 8)])
    one, = labels.placed(disc, **ENDS)
    assert one["far"] and np.hypot(one["x"] - 170, one["y"] - 200) > 60


def test_two_numbers_do_not_stand_upon_each_other_and_points_in_no_theme_have_none():
    points = pd.DataFrame({"x": [100.0, 100.0, 300.0], "y": [200.0, 200.0, 20.0], "number": ["1", "2", None]})
    one, other = labels.placed(points, **ENDS)
    assert {one["number"], other["number"]} == {"1", "2"}
    assert max(abs(one["x"] - other["x"]), abs(one["y"] - other["y"])) > labels.CLEAR
    assert labels.placed(points[points["number"].isna()], **ENDS) == []
