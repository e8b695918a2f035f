"""Figures: one function for each; tables in, plotly figure out.

Every function takes ``finding`` (what the figure shows, as a sentence) and ``alt``
(the same for somebody who cannot see it) and refuses to draw without them. No
function reads a file or runs a model.
"""

from __future__ import annotations

import importlib

_HOMES = {
    "channels": "people", "loudest": "people", "over_time": "people",
    "theme_map": "themes", "selectable_map": "themes", "theme_sizes": "themes", "grades": "themes",
    "shares": "framework", "stances": "framework", "barriers_by_source": "framework", "coverage": "framework",
    "changes": "themes",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str):
    if name in _HOMES:
        return getattr(importlib.import_module(f"analysis.figures.{_HOMES[name]}"), name)
    raise AttributeError(f"analysis.figures has no figure called {name!r}; there are: {', '.join(__all__)}.")


def __dir__() -> list[str]:
    return __all__
