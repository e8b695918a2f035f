"""From notebooks to one accessible HTML file that can be mailed and read offline."""

from __future__ import annotations

import importlib

_HOMES = {"publish": "pack", "republish": "pack", "notebooks_folder": "execution", "check": "checks"}

__all__ = sorted(_HOMES)


def __getattr__(name: str):
    if name in _HOMES:
        return getattr(importlib.import_module(f"analysis.publishing.{_HOMES[name]}"), name)
    raise AttributeError(f"analysis.publishing has nothing called {name!r}; there are: {', '.join(__all__)}.")


def __dir__() -> list[str]:
    return __all__
