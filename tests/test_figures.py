"""Figures: each says what it shows, reads without colour or sight, and treats people's text as text."""

from __future__ import annotations

import itertools
import json
import re
from importlib import resources

import numpy as np
import pandas as pd
import pytest

from analysis import figures
from analysis.figures import chart as drawing
from analysis.figures.themes import COLOURS
from analysis.publishing import exporter

CHANNELS = pd.DataFrame({"name": ["Bluesky", "Survey"], "contributions": [30, 12], "messages": [28, 12], "people": ["20 people", "12 people"]})
SAYS = {"finding": "Most came through Bluesky.", "alt": "Two bars, Bluesky 30, Survey 12."}


def as_plotly(figure) -> dict:
    return figure._repr_mimebundle_()[drawing.MIMETYPE]


def test_every_figure_needs_a_finding_and_a_text_alternative():
    for name in figures.__all__:
        with pytest.raises(TypeError):
            getattr(figures, name)(CHANNELS)
    with pytest.raises(ValueError, match="finding and a text alternative"):
        figures.channels(CHANNELS, finding="  ", alt="Two bars.")


def test_a_figure_carries_its_words_and_the_table_behind_it():
    meta = figures.channels(CHANNELS, **SAYS).layout.meta
    assert meta["finding"] == "Most came through Bluesky."
    assert meta["columns"] == ["Channel", "Contributions", "Distinct messages", "People"]
    assert list(meta["rows"][1]) == ["Survey", 12, 12, "12 people"]


def test_a_figure_is_shown_without_upload_button_and_without_a_call_to_anywhere():
    figure = figures.channels(CHANNELS, **SAYS)
    bundle = figure._repr_mimebundle_()
    assert bundle[drawing.MIMETYPE]["config"]["showSendToCloud"] is False
    assert set(bundle) == {drawing.MIMETYPE, "text/plain"}
    assert "http" not in json.dumps(bundle)


def test_text_of_contributors_stays_text_in_a_chart():
    rows = CHANNELS.assign(name=["<a href='https://hostile.example'>press</a>", "%{y} $x$ <b>"])
    drawn = json.dumps(as_plotly(figures.channels(rows, **SAYS))["layout"]["annotations"])
    assert "<a" not in drawn and "<b>" not in drawn and "%{" not in drawn and "$" not in drawn
    assert "&lt;a href=" in drawn


def test_shares_draw_no_dot_where_fewer_than_five_people_stand_behind_it():
    table = pd.DataFrame({"label": ["A", "B"], "messages": [20, 0], "drawn": [20, 0], "people": ["15 people", "fewer than 5 people"], "of": [40, 40],
                          "share": [0.5, float("nan")], "low": [0.35, float("nan")], "high": [0.65, float("nan")],
                          "text": ["50%", "fewer than 5 people"], "short": ["50% (20)", "fewer than 5 people"], "shown": ["20", "fewer than 5 people"]})
    traces = as_plotly(figures.shares(table, **SAYS))["data"]
    assert [trace["mode"] for trace in traces] == ["lines", "markers"]
    assert traces[1]["x"] == [0.5, None]


def test_the_map_is_drawn_as_svg_and_thinned_for_many_points():
    count = 6_000
    points = pd.DataFrame({"x": range(count), "y": range(count), "number": "1", "text": "words", "passage_id": [f"p{i}" for i in range(count)]})
    themes = pd.DataFrame({"number": ["1"], "name": ["Buying"], "passages": [count], "people": ["9 people"], "grade": ["firm"]})
    drawn = as_plotly(figures.theme_map(points, themes, **SAYS))["data"]
    assert {trace["type"] for trace in drawn} == {"scatter"}  # not scattergl, which small browsers show as nothing
    assert sum(len(trace["x"]) for trace in drawn) == 2_000


def test_the_palette_stands_out_from_white():
    def luminance(colour: str) -> float:
        parts = [int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5)]
        red, green, blue = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    for colour in (drawing.BLUE, drawing.TEAL, drawing.PLUM, drawing.ORANGE, drawing.CHARCOAL, drawing.GREY, drawing.VIOLET, drawing.OLIVE):
        assert 1.05 / (luminance(colour) + 0.05) >= 3, colour


# What people see who lack one kind of cone, of linear sRGB: Machado, Oliveira and Fernandes (2009), severity 1.
SEEN = {"all cones": np.eye(3),
        "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
        "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
        "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]}


def lab(colour: str, seen: list) -> np.ndarray:
    """CIELAB (D65) of a colour as it is seen."""
    signal = np.array([int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5)])
    light = np.clip(np.array(seen) @ np.where(signal <= 0.04045, signal / 12.92, ((signal + 0.055) / 1.055) ** 2.4), 0, 1)
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    t = (to_xyz @ light) / to_xyz.sum(axis=1)
    x, y, z = np.where(t > 0.008856, np.cbrt(t), 7.787 * t + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("seen", SEEN)
def test_themes_are_told_apart_by_people_who_see_colours_differently_in_light_and_dark(seen):
    template = resources.files("analysis.publishing") / "template"
    exchanged = dict(re.findall(r'"(#[0-9A-F]{6})": "(#[0-9A-F]{6})"', (template / "charts.js").read_text(encoding="utf-8")))
    in_style = dict(re.findall(r'\[fill="(#[0-9A-F]{6})"\] \{ fill: (#[0-9a-f]{6})', (template / "page.css").read_text(encoding="utf-8")))
    assert {light: dark.lower() for light, dark in exchanged.items() if light in in_style} == in_style, "the chart and its still differ in the dark"
    for colours in (COLOURS, [exchanged[colour] for colour in COLOURS]):
        for one, other in itertools.combinations(colours, 2):
            assert np.linalg.norm(lab(one, SEEN[seen]) - lab(other, SEEN[seen])) > 10, (one, other)   # 2 is just seen, side by side


def test_a_figure_that_does_not_exist_is_named_with_those_that_do():
    with pytest.raises(AttributeError, match="no figure called 'pie'; there are: .*theme_map"):
        figures.pie


def test_themes_on_the_map_differ_in_colour_or_shape_and_the_key_says_which():
    count = 14
    points = pd.DataFrame({"x": range(count), "y": range(count), "number": [str(i + 1) if i < 8 else None for i in range(count)], "text": "words",
                           "passage_id": [f"p{i}" for i in range(count)]})
    themes = pd.DataFrame({"number": [str(i + 1) for i in range(8)], "name": [f"<b>{i}</b>" for i in range(8)], "passages": 1, "people": "9 people", "grade": "firm"})
    figure = figures.theme_map(points, themes, **SAYS)
    looks = [(trace["marker"]["color"], trace["marker"]["symbol"]) for trace in as_plotly(figure)["data"] if trace["mode"] == "markers"]
    assert looks[0] == (drawing.GREY, "circle") and len(set(looks)) == 9 and drawing.GREY not in [colour for colour, _ in looks[1:]]
    key = exporter.chart(as_plotly(figure), name="c")
    assert key.count("<li><svg") == 8 and "8  &lt;b&gt;7&lt;/b&gt;" in key
    rings = [one for one in re.findall(r"<circle[^>]*>", key) if "fill='none'" in one]
    assert key.count("<circle") == 8 and len(rings) == 2, "the seventh theme begins the colours again as an open ring"
