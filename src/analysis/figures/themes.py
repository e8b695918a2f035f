"""The map of what people said, the themes on it, and how firm they are."""

from __future__ import annotations

import math

import pandas as pd

from analysis import words
from analysis.figures import chart as drawing
from analysis.figures import labels
from analysis.figures import rows as rows_of
from analysis.figures.lasso import lasso

DRAWN = 2_500  # points; above this a phone takes seconds to draw them and the eye gains nothing
GRADES = {"firm": drawing.BLUE, "tentative": drawing.TEAL, "do not quote": drawing.GREY, "not measured": drawing.CHARCOAL}
# Six colours that people who see colours differently can tell apart, each at least 3:1 on white and, exchanged, on the dark ground;
# a seventh theme begins them again as an open ring, which is told from a dot more easily than a square is. The number beside its points
# says the same.
COLOURS = (drawing.BLUE, drawing.ORANGE, drawing.TEAL, drawing.PLUM, drawing.VIOLET, drawing.OLIVE)
SHAPES = ("circle", "circle-open", "square", "square-open")
IN_A_THEME, IN_NONE, RIM = 7, 4, 2   # pixels across, and of the rim of an open shape
HEIGHT = 440
HOVER = 110    # characters of a passage shown when it is pointed at


def theme_map(points: pd.DataFrame, themes: pd.DataFrame, *, finding: str, alt: str, highlight: str | None = None):
    """Every passage as a point, every broad theme by its number, colour and shape.

    ``points`` has ``x, y, number`` (of its broad theme, missing when in none) and ``text``; ``themes`` has
    ``number, name, passages, people, grade``. The places on the map are for looking only.
    """
    drawn = _thinned(points.dropna(subset=["x", "y"]))
    looks = {number: look(place) for place, number in enumerate(themes["number"])}
    traces = [_points(drawn[drawn["number"].isna()], drawing.GREY, "circle", IN_NONE)]
    traces += [_points(drawn[drawn["number"] == number], colour if highlight in (None, number) else drawing.GREY, shape, IN_A_THEME)
               for number, (colour, shape) in looks.items()]
    behind = themes[["number", "name", "passages", "people", "grade"]].rename(columns={
        "number": "Number", "name": "Theme", "passages": "Passages", "people": "People", "grade": "How firm"})
    across, up = ({"visible": False, "fixedrange": False, "range": _reach(drawn[axis])} for axis in ("x", "y"))
    placed = labels.placed(drawn, across=across["range"], up=up["range"], height=HEIGHT)
    traces += [_leader(one) for one in placed if one["far"]]
    notes = [_number(one) for one in placed]
    key = [{"text": f"{number}  {name}", "colour": looks[number][0], "shape": looks[number][1]} for number, name in zip(themes["number"], themes["name"])]
    return drawing.chart(traces, finding=finding, alt=alt, behind=behind, caption="Themes by their number on the map", height=HEIGHT, key=key,
                         annotations=notes, xaxis=across, yaxis=up, hovermode="closest")


def selectable_map(points: pd.DataFrame, themes: pd.DataFrame, *, finding: str, alt: str):
    """The map as a widget for JupyterLab: all points in one trace, so that a lasso around any of them is one selection."""
    drawn = theme_map(points, themes, finding=finding, alt=alt)
    dots = [trace for trace in drawn.data if trace.mode == "markers"]
    together = {**dots[0].to_plotly_json(), **{name: [one for trace in dots for one in trace[name]] for name in ("x", "y", "text", "ids")}}
    looks = {name: [trace.marker[name] for trace in dots for _ in trace.ids] for name in ("color", "symbol")}
    together["marker"] = {**looks, "size": 7, "opacity": 0.8}
    return lasso(together, drawn.layout.to_plotly_json(), alt=alt)


def _reach(places: pd.Series) -> list[float]:
    """From the lowest to the highest with a little room, so that no point is cut at the edge."""
    if places.empty:
        return [0.0, 1.0]
    room = 0.03 * float(places.max() - places.min()) or 1.0
    return [round(float(places.min()) - room, 2), round(float(places.max()) + room, 2)]


def _thinned(points: pd.DataFrame) -> pd.DataFrame:
    """Every n-th point in canonical order where there are too many to draw."""
    return points.iloc[:: max(1, math.ceil(len(points) / DRAWN))]


def look(place: int) -> tuple[str, str]:
    """Colour and shape of the theme at a place (from 0) in the order of the themes."""
    return COLOURS[place % len(COLOURS)], SHAPES[place // len(COLOURS) % len(SHAPES)]


def _points(points: pd.DataFrame, colour: str, shape: str, size: int) -> dict:
    return {"type": "scatter", "mode": "markers", "x": points["x"].astype(float).round(2).tolist(), "y": points["y"].astype(float).round(2).tolist(),
            "marker": {"color": colour, "symbol": shape, **({"size": size - RIM, "line": {"width": RIM}} if shape.endswith("-open") else {"size": size})}, "hovertemplate": "%{text}<extra></extra>",
            "text": [drawing.label(words.shortened(text, HOVER), width=44, lines=3) for text in points["text"]],
            "ids": points["passage_id"].tolist()}


def _number(one: dict) -> dict:
    return {"x": one["x"], "y": one["y"], "text": f"<b>{drawing.label(one['number'])}</b>", "showarrow": False, "yanchor": "middle", "bgcolor": "rgba(255,255,255,0)",
            "font": {"size": 16, "color": drawing.INK}}


def _leader(one: dict) -> dict:
    """From a number that had to stand aside to the middle of its theme."""
    return {"type": "scatter", "mode": "lines", "x": [one["x"], one["middle"][0]], "y": [one["y"], one["middle"][1]], "hoverinfo": "skip",
            "line": {"color": drawing.INK, "width": 1}}


def theme_sizes(themes: pd.DataFrame, *, finding: str, alt: str):
    """A bar for each broad theme: ``number, name, messages, people, passages, grade``; the colour says how firm."""
    rows = pd.DataFrame({"name": themes["number"].astype(str) + "  " + themes["name"].astype(str), "value": themes["messages"],
                         "text": themes["messages"].map("{:,}".format).where(themes["messages"] > 0, "few") + ", " + themes["grade"].astype(str),
                         "colour": [GRADES.get(grade, drawing.CHARCOAL) for grade in themes["grade"]]})
    behind = themes[["number", "name", "messages", "people", "passages", "grade"]].rename(columns={
        "number": "Number", "name": "Theme", "messages": "Distinct messages", "people": "People", "passages": "Passages", "grade": "How firm"})
    return rows_of.bars(rows, finding=finding, alt=alt, caption="Distinct messages, people and passages in each theme", behind=behind)


def grades(table: pd.DataFrame, *, finding: str, alt: str):
    """A bar for each grade: ``grade, themes`` and ``means`` (what the grade says)."""
    rows = pd.DataFrame({"name": table["grade"], "value": table["themes"], "text": table["themes"].astype(str),
                         "colour": [GRADES.get(grade, drawing.CHARCOAL) for grade in table["grade"]]})
    behind = table[["grade", "themes", "means"]].rename(columns={"grade": "Grade", "themes": "Themes", "means": "What it means"})
    return rows_of.bars(rows, finding=finding, alt=alt, caption="Themes by grade", behind=behind)


def changes(table: pd.DataFrame, *, finding: str, alt: str):
    """A bar for each ``name`` that was compared with an earlier run: ``now`` and ``before`` (counts)."""
    rows = pd.DataFrame({"name": table["name"], "value": table["now"],
                         "text": [f"{now:,} now, {before:,} before" for now, before in zip(table["now"], table["before"])]})
    behind = table[["name", "before", "now"]].rename(columns={"name": "Question or barrier", "before": "Before", "now": "Now"})
    return rows_of.bars(rows, finding=finding, alt=alt, caption="Before and now", behind=behind)
