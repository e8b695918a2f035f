"""The map as a widget that tells the kernel which points are inside a lasso; for JupyterLab alone, it leaves nothing in an export.

plotly's own widget sends hovering and selecting through one property, and of messages that wait only the latest is
sent: a lasso that ends on a point is lost now and then. It also has two seconds to unpack five megabytes.
"""

from __future__ import annotations

import functools
from pathlib import Path

from analysis.figures import chart as drawing

SIDE = 560  # pixels; a widget cannot know how much room its neighbours leave


@functools.cache
def _class():
    import anywidget
    import traitlets

    class Lasso(anywidget.AnyWidget):
        """``selected`` holds the ids of the points in the lasso, or None when all are meant; setting None takes the lasso away."""

        _esm = Path(__file__).with_suffix(".js")
        plotly = traitlets.Unicode(drawing.plotly_script()).tag(sync=True)
        figure = traitlets.Dict().tag(sync=True)
        alt = traitlets.Unicode().tag(sync=True)
        selected = traitlets.List(traitlets.Unicode(), default_value=None, allow_none=True).tag(sync=True)

    return Lasso


def lasso(trace: dict, layout: dict, *, alt: str):
    """A widget of one trace whose points have ``ids``; ``selected`` can be observed."""
    sized = {**layout, "width": SIDE, "height": SIDE, "autosize": False, "dragmode": "lasso"}
    return _class()(figure=drawing.plain({"data": [trace], "layout": sized, "config": {**drawing.CONFIG, "editSelection": False}}), alt=alt)
