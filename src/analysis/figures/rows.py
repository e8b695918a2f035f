"""Charts with one row for each name: bars, and shares with their intervals.

The name stands above its bar, not beside it, so that a long name is readable on a
screen 320 pixels wide.
"""

from __future__ import annotations

import pandas as pd

from analysis.figures import chart as drawing

ROW = 50          # pixels for a name and its bar
NAME, NEXT = 32, 22   # pixels for the name above several bars, and for each of them
TOP = 10
PHONE = 340        # pixels a chart is wide on a phone of 390


def bars(rows: pd.DataFrame, *, finding: str, alt: str, caption: str, behind: pd.DataFrame | None = None):
    """Horizontal bars: ``rows`` has ``name``, ``value``, ``text`` (the direct label) and may have ``colour``."""
    count = len(rows)
    colours = rows["colour"].tolist() if "colour" in rows else [drawing.BLUE] * count
    places = list(range(count - 1, -1, -1))
    bar = {"type": "bar", "orientation": "h", "x": rows["value"].astype(float).tolist(), "y": places, "width": 0.36, "offset": -0.36,
           "marker": {"color": colours}, "hoverinfo": "skip",
           "text": [drawing.label(text) for text in rows["text"]], "textposition": "outside", "cliponaxis": False}
    shown = rows[["name", "text"]].rename(columns={"name": "Name", "text": "Count"}) if behind is None else behind
    top = float(rows["value"].max() or 0) if count else 0.0
    return drawing.chart([bar], finding=finding, alt=alt, behind=shown, caption=caption, height=_height(count),
                         annotations=_names(rows["name"], places), yaxis=_rows_axis(count), xaxis=_hidden((top or 1.0) * _room(rows["text"])), bargap=0)


def grouped(rows: pd.DataFrame, *, finding: str, alt: str, caption: str, behind: pd.DataFrame):
    """Several bars under one name: ``rows`` has ``group`` (rows of one stand together), ``value``, ``text`` and may have ``colour``."""
    first = rows["group"].ne(rows["group"].shift())
    steps = [NEXT + (NAME if new else 0) for new in first]
    total = sum(steps)
    places = [total - sum(steps[: place + 1]) for place in range(len(rows))]   # pixels from below to the foot of each bar
    bar = {"type": "bar", "orientation": "h", "x": rows["value"].astype(float).tolist(), "y": places, "width": NEXT - 6, "offset": 3,
           "marker": {"color": rows["colour"].tolist() if "colour" in rows else [drawing.BLUE] * len(rows)}, "hoverinfo": "skip",
           "text": [drawing.label(text) for text in rows["text"]], "textposition": "outside", "cliponaxis": False}
    top = float(rows["value"].max() or 0) if len(rows) else 0.0
    names = _names(rows.loc[first, "group"], [place + NEXT for place, new in zip(places, first) if new])
    return drawing.chart([bar], finding=finding, alt=alt, behind=behind, caption=caption, height=total + 2 * TOP, annotations=names, bargap=0,
                         yaxis={"range": [0, total], "visible": False, "fixedrange": True}, xaxis=_hidden((top or 1.0) * _room(rows["text"])))


def intervals(rows: pd.DataFrame, *, finding: str, alt: str, caption: str, behind: pd.DataFrame):
    """Shares with their 95 % intervals: ``name, share, low, high`` (0 to 1), ``text`` and perhaps ``colour``."""
    count = len(rows)
    places = list(range(count - 1, -1, -1))
    colours = rows["colour"].tolist() if "colour" in rows else [drawing.BLUE] * count
    lines = [{"type": "scatter", "mode": "lines", "x": [low, high], "y": [place - 0.18] * 2, "hoverinfo": "skip",
              "line": {"color": colour, "width": 8}, "opacity": 0.35}
             for low, high, place, colour in zip(rows["low"].astype(float), rows["high"].astype(float), places, colours) if low == low]
    shares = [None if share != share else share for share in rows["share"].astype(float)]  # too few people: a name without a dot
    dots = {"type": "scatter", "mode": "markers", "x": shares, "y": [place - 0.18 for place in places],
            "marker": {"color": colours, "size": 13, "line": {"color": "#FFFFFF", "width": 1.5}}, "hoverinfo": "skip"}
    top = float(rows["high"].max()) if count else 0.0
    ticks = _ticks(top)
    axis = {**_hidden(ticks[-1] * 1.06), "range": [-0.02 * ticks[-1], ticks[-1] * 1.06], "showticklabels": True, "tickvals": ticks, "ticktext": [f"{tick:.0%}" for tick in ticks],
            "showgrid": True, "gridcolor": "#D9D9D9", "side": "bottom"}
    names = rows["name"].astype(str) + ": " + rows["text"].astype(str)
    return drawing.chart([*lines, dots], finding=finding, alt=alt, behind=behind, caption=caption, height=_height(count) + 26,
                         annotations=_names(names, places), yaxis=_rows_axis(count), xaxis=axis,
                         margin={"l": 14, "r": 14, "t": TOP, "b": 34})


def _room(labels: pd.Series) -> float:
    """How much longer than the longest bar the axis must be, for its label to fit a phone."""
    widest = 7.6 * float(labels.astype(str).str.len().clip(upper=30).max() or 1) + 10  # pixels
    return PHONE / (PHONE - widest)


def _ticks(top: float) -> list[float]:
    """Even ticks from 0 that reach past ``top``; four or five of them fit a phone."""
    step = next(step for step in (0.02, 0.05, 0.1, 0.2, 0.25) if step * 5 >= top or step == 0.25)
    ticks = [step * n for n in range(6)]
    return [tick for tick in ticks if tick < min(top + step, 1.0001)]


def _height(count: int) -> int:
    return ROW * max(count, 1) + 2 * TOP


def _hidden(top: float) -> dict:
    return {"range": [0, top], "visible": True, "showticklabels": False, "showgrid": False, "zeroline": False, "fixedrange": True}


def _rows_axis(count: int) -> dict:
    return {"range": [-0.5, count - 0.5], "visible": False, "fixedrange": True}


def _names(names: pd.Series, places: list[int]) -> list[dict]:
    return [{"x": 0, "y": place + 0.02, "xref": "x", "yref": "y", "text": drawing.label(name, width=52), "showarrow": False,
             "xanchor": "left", "yanchor": "bottom", "align": "left", "font": {"size": 14}} for name, place in zip(names, places)]
