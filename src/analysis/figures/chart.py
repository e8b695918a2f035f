"""The plotly figure that all others are made of; the only module that imports plotly."""

from __future__ import annotations

import functools
from pathlib import Path

import pandas as pd

from analysis import words

BLUE, TEAL, PLUM, ORANGE, CHARCOAL, VIOLET = "#12436D", "#28A197", "#801650", "#F46A25", "#3D3D3D", "#A285D1"   # the Analysis Function's
OLIVE = "#5E4B00"  # where a sixth category is needed: people with deuteranopia do not tell charcoal from plum
GREY = "#8C8C8C"  # 3.4:1 on white: the colour of what is not the point
INK = "#262626"
CONFIG = {"showSendToCloud": False, "displaylogo": False, "responsive": True}
MIMETYPE = "application/vnd.plotly.v1+json"
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"


@functools.lru_cache(maxsize=1)
def _chart_class():
    import plotly.graph_objects as go

    class Chart(go.Figure):
        """A plotly figure that shows itself without a network and without a button that uploads it."""

        _ipython_display_ = None  # so that Jupyter asks for the bundle below

        def _repr_mimebundle_(self, include=None, exclude=None, validate=True, **kwargs):
            shown = self.to_plotly_json()
            return {MIMETYPE: {**plain(shown), "config": CONFIG}, "text/plain": self.layout.meta["finding"]}

        def _repr_html_(self):
            return None

    return Chart


def plain(shown: dict) -> dict:
    import json

    from plotly.utils import PlotlyJSONEncoder

    return json.loads(json.dumps(shown, cls=PlotlyJSONEncoder))


def chart(traces: list[dict], *, finding: str, alt: str, behind: pd.DataFrame, caption: str, height: int, key: list[dict] | None = None, **layout):
    """A figure from traces, with what it shows in words and the table behind it.

    ``finding`` is the sentence the figure is there for, ``alt`` what somebody who
    cannot see it needs to know, ``behind`` the table of its numbers (as they are to
    be read), ``caption`` that table's caption, ``height`` in pixels, ``key`` what colours and shapes stand for
    (``text, colour, shape``). All of them travel in ``layout.meta``; more keywords go to plotly's layout.
    """
    if not finding.strip() or not alt.strip():
        raise ValueError("A figure needs a finding and a text alternative; one of them is empty.")
    meta = {"finding": finding, "alt": alt, "caption": caption, "height": height, "key": key or [],
            "columns": [str(name) for name in behind.columns],
            "rows": [[_cell(value) for value in row] for row in behind.itertuples(index=False, name=None)]}
    figure = _chart_class()()
    figure.add_traces(traces)
    figure.update_layout(**{**_base(height), "meta": meta, **layout})
    return figure


def _base(height: int) -> dict:
    axis = {"showgrid": False, "zeroline": False, "showline": False, "fixedrange": False, "automargin": False, "title": None}
    return {"template": "none", "height": height, "autosize": True, "showlegend": False, "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)", "font": {"family": FONT, "size": 14, "color": INK},
            "margin": {"l": 8, "r": 8, "t": 8, "b": 8, "pad": 0}, "hoverlabel": {"align": "left", "bgcolor": "#FFFFFF", "bordercolor": GREY, "font": {"size": 13, "color": INK, "family": FONT}},
            "xaxis": dict(axis), "yaxis": dict(axis), "dragmode": "lasso"}


def _cell(value: object) -> object:
    if isinstance(value, words.Words):
        return {"html": value.html}
    if words.is_missing(value):
        return ""
    return value if isinstance(value, (int, float, str, bool)) else getattr(value, "item", lambda: str(value))()


def label(text: object, *, width: int = 46, lines: int = 1) -> str:
    """Text for a chart: shortened, in lines, with plotly's own markup made harmless."""
    text = words.shortened(str(text), width * lines)
    made, line = [], ""
    for word in text.split(" "):
        if line and len(line) + 1 + len(word) > width:
            made.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    return "<br>".join(_harmless(part) for part in [*made, line] if part)


def _harmless(text: str) -> str:
    """Plotly reads tags in text; entities it turns back into signs after it has looked for tags.

    Dollar signs would start mathematics where MathJax is loaded, per cent signs with a brace a template.
    """
    return words.escaped(text).replace("$", "&#36;").replace("%{", "&#37;{")


def plotly_script() -> str:
    """The source of plotly.js as the installed plotly package carries it."""
    import plotly

    return (Path(plotly.__file__).parent / "package_data" / "plotly.min.js").read_text(encoding="utf-8")
