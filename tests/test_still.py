"""A chart without JavaScript: where things stand, and that words stay words."""

from __future__ import annotations

import re
import xml.etree.ElementTree as xml

import pandas as pd

from analysis import figures
from analysis.publishing.still import still

SAID = {"finding": "Most said one.", "alt": "Bars."}


def drawn(chart):
    return xml.fromstring(still(chart.to_plotly_json()))


def test_a_bar_twice_as_long_stands_for_twice_as_many_and_carries_its_label():
    table = pd.DataFrame({"name": ["Bluesky", "Survey"], "contributions": [40, 20], "messages": [40, 20], "people": ["30 people", "20 people"]})
    svg = drawn(figures.channels(table, **SAID))
    widths = [float(bar.get("width").rstrip("%")) for bar in svg.iter("rect")]
    assert len(widths) == 2 and abs(widths[0] - 2 * widths[1]) < 0.02 and widths[0] < 100
    words = ["".join(text.itertext()) for text in svg.iter("text")]
    assert "Bluesky" in words and "40 from 30 people" in words
    tops = {text: float(place.get("y")) for place in svg.iter("text") for text in place.itertext()}
    assert tops["Bluesky"] < tops["40 from 30 people"] < tops["Survey"]


def test_a_share_stands_within_its_interval_and_one_of_too_few_is_a_name_alone():
    table = pd.DataFrame({"label": ["A", "B"], "messages": [20, 0], "drawn": [20, 0], "people": ["20 people", "fewer than 5 people"], "of": [100, 100],
                          "share": [0.2, float("nan")], "low": [0.1, float("nan")], "high": [0.3, float("nan")], "text": ["20%", "few"], "short": ["20%", "few"],
                          "shown": ["20", "few"]})
    svg = drawn(figures.shares(table, **SAID))
    dots = list(svg.iter("circle"))
    bands = [line for line in svg.iter("line") if line.get("stroke-width") == "8"]
    assert len(dots) == len(bands) == 1
    assert float(bands[0].get("x1").rstrip("%")) < float(dots[0].get("cx").rstrip("%")) < float(bands[0].get("x2").rstrip("%"))
    assert {"A: 20%", "B: few", "0%", "30%"} <= {"".join(text.itertext()) for text in svg.iter("text")}


def test_the_points_of_a_map_are_one_path_for_each_look_where_plotly_has_them():
    points = pd.DataFrame({"x": [0.0, 10.0] * 7, "y": [0.0, 10.0] * 7, "number": [str(n + 1) for n in range(7) for _ in range(2)], "text": "words",
                           "passage_id": [f"p{n}" for n in range(14)]})
    themes = pd.DataFrame({"number": [str(n + 1) for n in range(7)], "name": "one", "passages": 2, "people": "9 people", "grade": "firm"})
    paths = list(drawn(figures.theme_map(points, themes, **SAID)).iter("path"))
    assert len(paths) == 1 + 6 + 2, "in no theme; of six themes; a ring and what is inside it"
    ends = [tuple(map(float, place.split(" "))) for place in re.findall(r"M([^h]+)h0", paths[1].get("d"))]
    (left, low), (right, high) = ends
    assert 0 < left < 10 < 90 < right < 100 and high < 60 < 380 < low
    ring, inside = paths[-2:]
    assert ring.get("stroke") == paths[1].get("stroke") and float(ring.get("stroke-width")) > float(inside.get("stroke-width"))
    assert inside.get("stroke") == "#FFFFFF"


def test_hostile_names_stay_words():
    hostile = "<script>alert(1)</script> & <b>bold</b> \"quoted\""
    table = pd.DataFrame({"name": [hostile], "contributions": [3], "messages": [3], "people": ["<i>5</i> people"]})
    made = still(figures.channels(table, **SAID).to_plotly_json())
    assert not re.search(r"<(script|b|i)\b", made)
    assert hostile in ["".join(text.itertext()) for text in xml.fromstring(made).iter("text")]


def test_a_column_says_when_pointed_at_what_it_counts():
    table = pd.DataFrame({"period": ["1 Oct 2024", "2 Oct 2024"], "contributions": [1200, 3]})
    svg = drawn(figures.over_time(table, **SAID))
    assert [title.text for title in svg.iter("title")] == ["1 Oct 2024: 1,200", "2 Oct 2024: 3"]


def test_what_cannot_be_drawn_still_is_left_to_plotly():
    figure = {"data": [{"type": "heatmap", "z": [[1]]}], "layout": {"xaxis": {"range": [0, 1]}, "yaxis": {"range": [0, 1]}}}
    assert still(figure) is None
