"""Where there is too much to fit, a sample finds the themes and neighbours place the rest."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis import sampling, themes
from analysis.neighbours import Neighbours, find_neighbours, nearest_among
from analysis.portraits import Groups
from analysis.sampling import adopted, fitted_rows, spread, standing_for_others, votes


def clumps(n: int, each: int, spread: float = 0.25) -> np.ndarray:
    random = np.random.default_rng(12)
    vectors = np.repeat(random.normal(size=(n, 30)), each, axis=0) + spread * random.normal(size=(n * each, 30))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def test_what_fits_is_fitted_whole(monkeypatch):
    monkeypatch.setattr(sampling, "FITTED_AT_MOST", 10)
    assert fitted_rows(10, seed=1).tolist() == list(range(10))
    rows = fitted_rows(40, seed=1)
    assert len(rows) == 10 and (np.diff(rows) > 0).all() and (rows == fitted_rows(40, seed=1)).all()


def test_the_heavier_vote_wins_and_may_be_for_none():
    near = Neighbours(np.array([[0, 1, 2], [3, 4, 0]]), np.array([[0.1, 0.6, 0.5], [0.2, 0.2, 0.2]], dtype=np.float32))
    won, share = votes(np.array([5, 1, 1, -1, -1]), near)
    # Row 0: 0.9 for group 5, 0.4 + 0.5 for group 1 (not more: the first of equals); row 1: two of three for none.
    assert won.tolist()[1] == -1 and share[1] == pytest.approx(2 / 3)
    assert won[0] in (1, 5) and share[0] == pytest.approx(0.5)


def test_the_nearest_among_others_are_those_of_the_graph():
    vectors = clumps(3, 20)
    found, graph = nearest_among(vectors, vectors, k=4), find_neighbours(vectors, k=4)
    assert (found.indices == graph.indices).all()


def test_who_is_drawn_is_averaged_with_the_nearest_of_all_whether_or_not_there_is_a_graph(monkeypatch):
    monkeypatch.setattr(sampling, "VOTERS", 3)
    degrees = np.radians([0, 10, 20, 90, 96, 99])
    vectors = np.stack([np.cos(degrees), np.sin(degrees)], axis=1).astype(np.float32)
    for graph in (None, find_neighbours(vectors, k=4)):
        found = standing_for_others(vectors, np.array([0, 3]), graph)
        # 0, 10 and 20 degrees have their mean at 10; 90, 96 and 99 a little past 95.
        assert np.degrees(np.arctan2(found[:, 1], found[:, 0])) == pytest.approx([10, 95], abs=0.1)
        assert np.linalg.norm(found, axis=1) == pytest.approx([1, 1], abs=1e-6)


def test_the_rest_goes_where_its_neighbours_are_and_the_fitted_stay():
    vectors, rows = clumps(3, 20), np.arange(0, 60, 2)
    fine = np.array([0] * 10 + [1] * 10 + [-1] * 10)
    groups = Groups(np.where(fine < 0, -1, 0), fine, np.full(30, 0.7), np.arange(30), np.array([0.9]), np.array([0.9, 0.8]))
    found, places = spread(groups, np.repeat(np.eye(3), 10, axis=0)[:, :2], vectors, vectors[rows], rows=rows)
    assert found.fine.tolist() == [0] * 20 + [1] * 20 + [-1] * 20
    assert found.broad.tolist() == [0] * 40 + [-1] * 20
    assert (found.strength[rows] == 0.7).all() and found.strength[1] > 0.9
    assert places[1].tolist() == [1, 0] and places[-1].tolist() == [0, 0]


def test_themes_of_a_sample_are_those_of_everything_and_say_so(monkeypatch):
    vectors = clumps(4, 60)
    ids = [f"{n:03}" for n in range(240)]
    passages = pd.DataFrame({"passage_id": ids, "contribution_id": ids, "start": 0, "end": 5, "text": [f"subject{n // 60} remark {n}" for n in range(240)],
                             "contributor": ids, "lang": "en"}).astype("str").astype({"start": int, "end": int})
    whole = themes.find_themes(vectors, passages, seed=1, refits=0)
    monkeypatch.setattr(sampling, "FITTED_AT_MOST", 120)
    monkeypatch.setattr(themes, "COMPARED_AT_MOST", 200)
    part = themes.find_themes(vectors, passages, seed=1, refits=0)
    for found in (whole, part):
        placed = found.membership.dropna(subset="theme_id")
        assert len(placed) >= 200
        assert placed.groupby("theme_id")["passage_id"].agg(lambda p: p.astype(int).floordiv(60).nunique()).eq(1).all()
    assert "sample" not in whole.settings
    assert part.settings["sample"].startswith("Themes were found in 120 of 240 messages") and "near-identical" in part.settings["sample"]


def test_a_row_in_no_group_is_adopted_by_the_group_of_most_of_its_neighbours():
    near = np.array([[0, 1, 2, 3, 4], [1, 0, 2, 3, 4], [2, 3, 0, 1, 4], [3, 2, 0, 1, 4], [4, 5, 0, 2, 3], [5, 4, 0, 1, 2]], dtype=np.int32)
    graph = Neighbours(near, np.tile(np.array([0.0, 0.1, 0.2, 0.2, 0.3], dtype=np.float32), (6, 1)))
    groups = Groups(np.array([0, 0, 1, 1, -1, -1]), np.array([0, 0, 1, 1, -1, -1]), np.full(6, 0.5), np.arange(6), np.ones(2), np.ones(2))
    found = adopted(groups, graph, rows=np.array([0, 4]))
    assert found.fine.tolist() == found.broad.tolist() == [0, 0, 1, 1, 1, -1]  # its neighbours 2 and 3 outvote 0; row 5 was not asked for
    assert groups.fine.tolist() == [0, 0, 1, 1, -1, -1]
